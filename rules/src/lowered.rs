//! What a new set watches less than the one before: told when sets are swapped, so that two
//! people can know of it.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Category, Confidence, Name, Ruling};

use crate::exceptions::Exception;
use crate::set::{RuleSet, TEST_PACK, list_rule, pack_of};
use crate::zones::Zone;

/// How names are watched less than they were, each counted once.
#[derive(Debug, Default)]
struct Less {
    /// No rule of the category speaks on them any more.
    gone: BTreeMap<Category, usize>,
    /// They count as a list where they counted as checked.
    weaker: BTreeMap<Category, usize>,
    /// They are watched on some networks or at some times only.
    tied: BTreeMap<Category, usize>,
    /// They are protected now.
    protected: usize,
}

impl RuleSet {
    /// What this set watches less than `before`, in sentences without any name of a site;
    /// empty where nothing is lowered.
    ///
    /// Names of packs are compared one by one, lists by how many names their groups hold,
    /// words rule by rule.
    #[must_use]
    pub fn lowered_since(&self, before: &Self) -> Vec<String> {
        let less = self.less_than(before);
        let mut said = Vec::new();
        for (counts, what) in [
            (less.gone, "that are watched no more"),
            (less.weaker, "that count as a list where they counted as checked"),
            (less.tied, "that are watched on some networks or at some times only"),
        ] {
            let sentence = |(category, count): (Category, usize)| {
                format!("Names of {} {what}: {count}.", category.title())
            };
            said.extend(counts.into_iter().map(sentence));
        }
        if less.protected > 0 {
            said.push(format!(
                "Names that were watched and are protected now: {}.",
                less.protected
            ));
        }
        let ordinary = self.newly_ordinary(before);
        if ordinary > 0 {
            said.push(format!("Names newly settled as ordinary: {ordinary}."));
        }
        said.extend(self.shrunken_lists(before));
        said.extend(self.newly_tied_lists(before));
        let words = self.words_that_say_less(before);
        if words > 0 {
            said.push(format!("Rules about words that say less or nothing: {words}."));
        }
        said
    }

    /// The exceptions that `before` did not have.
    pub fn new_exceptions<'s>(&'s self, before: &Self) -> impl Iterator<Item = &'s Exception> {
        let known: Vec<Exception> = before.exceptions().iter().cloned().collect();
        self.exceptions().iter().filter(move |exception| !known.contains(exception))
    }

    fn less_than(&self, before: &Self) -> Less {
        let mut less = Less::default();
        for (name, zone) in before.zones.iter() {
            let Some(name) = Name::from_canonical(name) else { continue };
            if zone.rules.is_empty() || before.protection(name).is_some() {
                continue;
            }
            if self.protection(name).is_some() {
                less.protected = less.protected.saturating_add(1);
                continue;
            }
            self.compare(name, before.own_rulings(zone), &mut less);
        }
        less
    }

    /// What the rules of a zone itself say, test names aside: the category, how sure, and
    /// whether it is said everywhere.
    fn own_rulings(&self, zone: &Zone) -> BTreeMap<Category, (Confidence, bool)> {
        let rules = zone.rules.iter().filter_map(|number| self.rule(*number));
        let mut said = BTreeMap::new();
        for rule in rules.filter(|rule| pack_of(&rule.ruling.rule) != TEST_PACK) {
            better(&mut said, &rule.ruling, !rule.is_tied);
        }
        said
    }

    fn compare(
        &self,
        name: Name<'_>,
        before: BTreeMap<Category, (Confidence, bool)>,
        less: &mut Less,
    ) {
        let mut now = BTreeMap::new();
        for rule in self.rules_on(name) {
            better(&mut now, &rule.ruling, !rule.is_tied);
        }
        for (category, (confidence, everywhere)) in before {
            let counts = match now.get(&category) {
                None => &mut less.gone,
                Some((sure, _)) if *sure < confidence => &mut less.weaker,
                Some((_, still)) if everywhere && !still => &mut less.tied,
                Some(_) => continue,
            };
            let count = counts.entry(category).or_insert(0_usize);
            *count = count.saturating_add(1);
        }
    }

    fn newly_ordinary(&self, before: &Self) -> usize {
        let was = |name: &str| {
            let name = Name::from_canonical(name);
            name.is_some_and(|name| before.zones.above(name).any(|zone| zone.is_ordinary))
        };
        self.zones.iter().filter(|(name, zone)| zone.is_ordinary && !was(name)).count()
    }

    fn shrunken_lists(&self, before: &Self) -> Vec<String> {
        let groups = |set: &Self| -> BTreeMap<(String, String), (Category, usize)> {
            let all = set.lists().flat_map(|list| {
                let key = |group: &str| (list.name.clone(), group.to_owned());
                list.groups.iter().map(move |g| (key(&g.name), (g.category, g.names)))
            });
            all.collect()
        };
        let now = groups(self);
        let mut said = Vec::new();
        for ((list, group), (category, names)) in groups(before) {
            let found = now.get(&(list.clone(), group.clone()));
            let left = found.map_or(0, |(as_category, left)| match *as_category == category {
                true => *left,
                false => 0,
            });
            if left < names {
                said.push(format!(
                    "The list {list} has {left} names of {} in its group {group}, {names} before.",
                    category.title()
                ));
            }
        }
        said
    }

    fn newly_tied_lists(&self, before: &Self) -> Vec<String> {
        let mut said = Vec::new();
        for list in before.lists() {
            for group in list.groups.iter().filter(|group| group.names > 0) {
                let rule = list_rule(group.category, &list.name, &group.name);
                if self.conditions.contains_key(&rule) && !before.conditions.contains_key(&rule) {
                    said.push(format!(
                        "The list {} is watched on some networks or at some times only, in its \
                         group {}.",
                        list.name, group.name
                    ));
                }
            }
        }
        said
    }

    fn words_that_say_less(&self, before: &Self) -> usize {
        let now: BTreeMap<_, _> = self.silencers_of_words().collect();
        let less =
            |(rule, silencers): &(_, usize)| now.get(rule).is_none_or(|more| more > silencers);
        let tied: BTreeSet<_> = self.conditions.keys().collect();
        let newly_tied = |rule| tied.contains(&rule) && !before.conditions.contains_key(rule);
        before.silencers_of_words().filter(|found| less(found) || newly_tied(found.0)).count()
    }

    /// Each rule about words, with how many words and names silence it.
    fn silencers_of_words(&self) -> impl Iterator<Item = (&facts::RuleId, usize)> {
        let rule = |(number, silencers)| Some((&self.rule(number)?.ruling.rule, silencers));
        self.keywords.silencers().filter_map(rule)
    }
}

fn better(said: &mut BTreeMap<Category, (Confidence, bool)>, ruling: &Ruling, everywhere: bool) {
    let held = said.entry(ruling.category).or_insert((ruling.confidence, everywhere));
    *held = (held.0.max(ruling.confidence), held.1 || everywhere);
}

#[cfg(test)]
mod tests {
    use crate::RuleSet;
    use crate::tests::{own_pack, with_own};

    fn set(rest: &str) -> RuleSet {
        with_own(&own_pack(true, rest)).unwrap().set
    }

    const SHOPS: &str = "[[service]]\nname = \"Shops\"\ncategory = \"C14\"\n\
        names = [\"one.elmrow.example\", \"two.elmrow.example\"]\n\
        [[words]]\ncategory = \"C14\"\nany = [\"vapes+cheap\", \"vapes+best\"]\n";

    #[test]
    fn the_same_and_more_lower_nothing() {
        let before = set(SHOPS);
        assert!(set(SHOPS).lowered_since(&before).is_empty());
        assert!(before.lowered_since(&set("")).is_empty());
    }

    #[test]
    fn each_way_to_watch_less_is_told_in_a_sentence() {
        let before = set(SHOPS);
        let protected = "[[protected]]\ngroup = \"Z07\"\nnames = [\"one.elmrow.example\"]\n";
        let ordinary = "[[ordinary]]\nnames = [\"shops.example\"]\nbecause = \"ours\"\n";
        for (rest, expected) in [
            (
                SHOPS.replace("\"two.elmrow.example\"", ""),
                "Names of Gambling that are watched no more: 1.",
            ),
            (
                SHOPS.replace("[[words]]", "confidence = \"listed\"\n[[words]]"),
                "Names of Gambling that count as a list where they counted as checked: 2.",
            ),
            (
                SHOPS.replace("[[words]]", "during = [\"lessons\"]\n[[words]]"),
                "Names of Gambling that are watched on some networks or at some times only: 2.",
            ),
            (format!("{SHOPS}{protected}"), "Names that were watched and are protected now: 1."),
            (format!("{SHOPS}{ordinary}"), "Names newly settled as ordinary: 1."),
            (
                SHOPS.replace(", \"vapes+best\"", ""),
                "Rules about words that say less or nothing: 1.",
            ),
            (
                format!("{SHOPS}not_with = [\"stop\"]\n"),
                "Rules about words that say less or nothing: 2.",
            ),
            (
                format!("{SHOPS}during = [\"term\"]\n"),
                "Rules about words that say less or nothing: 2.",
            ),
        ] {
            assert_eq!(set(&rest).lowered_since(&before), [expected], "{rest}");
        }
    }

    #[test]
    fn tying_a_whole_category_is_told_for_names_and_words() {
        let before = set(SHOPS);
        let only = "[[only]]\ncategory = \"C14\"\nduring = [\"lessons\"]\nbecause = \"x\"\n";
        let said = set(&format!("{SHOPS}{only}")).lowered_since(&before);
        assert_eq!(said.len(), 2, "{said:?}");
        let names = "Names of Gambling that are watched on some networks or at some times only: ";
        assert!(said[0].starts_with(names), "{said:?}");
        assert!(said[1].starts_with("Rules about words that say less or nothing: "), "{said:?}");
    }

    #[test]
    fn another_category_for_the_same_names_is_a_loss_of_the_first() {
        let before = set(SHOPS);
        let other = SHOPS.replacen("C14", "C19", 1);
        assert_eq!(
            set(&other).lowered_since(&before),
            ["Names of Gambling that are watched no more: 2."]
        );
    }
}
