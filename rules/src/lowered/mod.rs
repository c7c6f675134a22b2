//! What a new set watches less than the one before: told when sets are swapped and when the
//! program starts again, so that two people can know of it.

mod kept;
mod names;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use facts::{Category, RuleId};

use crate::conditions::Condition;
use crate::keywords::Saying;
use crate::set::{RuleSet, list_rule};

impl RuleSet {
    /// What this set watches less than `before`, in sentences without any name of a site;
    /// empty where nothing is lowered.
    ///
    /// Every name that a rule file of either set holds is compared as the sets speak on it,
    /// lists by how many names their groups hold, words rule by rule.
    #[must_use]
    pub fn lowered_since(&self, before: &Self) -> Vec<String> {
        let mut said = names::less_than(self, before);
        said.extend(self.shrunken_lists(before));
        said.extend(self.newly_tied_lists(before));
        let words = self.words_that_say_less(before);
        if words > 0 {
            said.push(format!("Rules about words that say less or nothing: {words}."));
        }
        said
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
                if !self.speaks_wherever(&rule, before, &rule) {
                    said.push(format!(
                        "The list {} is watched on fewer networks or at fewer times, in its \
                         group {}.",
                        list.name, group.name
                    ));
                }
            }
        }
        said
    }

    fn words_that_say_less(&self, before: &Self) -> usize {
        fn sayings<'s>(set: &'s RuleSet) -> BTreeMap<RuleId, Saying<'s>> {
            let rule =
                |saying: Saying<'s>| Some((set.rule(saying.rule)?.ruling.rule.clone(), saying));
            set.keywords.sayings().filter_map(rule).collect()
        }
        let now = sayings(self);
        let says_less = |(rule, was): &(RuleId, Saying)| {
            now.get(rule).is_none_or(|saying| saying.says_less_than(was))
                || !self.speaks_wherever(rule, before, rule)
        };
        sayings(before).into_iter().filter(says_less).count()
    }

    /// Whether a rule of this set speaks on every network and at every time where one of
    /// `before` did.
    fn speaks_wherever(&self, rule: &RuleId, before: &Self, its: &RuleId) -> bool {
        let nowhere_else: &[Condition] = &[];
        let now = self.conditions.get(rule).map_or(nowhere_else, Vec::as_slice);
        let was = before.conditions.get(its).map_or(nowhere_else, Vec::as_slice);
        now.iter().all(|condition| was.iter().any(|was| condition.holds_wherever(was)))
    }
}
