//! Names of rule files on which a new set says less than the one before.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Category, HostName, Name};

use crate::set::{Rule, RuleSet, TEST_PACK, pack_of};

/// How names are watched less than they were, each counted once for each category.
#[derive(Debug, Default)]
struct Less {
    /// No rule of the category speaks on them any more.
    gone: BTreeMap<Category, usize>,
    /// They count as a list where they counted as checked.
    weaker: BTreeMap<Category, usize>,
    /// They are watched on fewer networks or at fewer times.
    tied: BTreeMap<Category, usize>,
    /// They are protected now, and rules spoke on them.
    silenced: usize,
    /// They are protected now, and no rule spoke on them: it may have below them.
    protected: usize,
    /// They were protected, and rules may speak on them now.
    exposed: usize,
    /// They are settled as ordinary now.
    ordinary: usize,
}

/// What is said less on the names of either set, in sentences.
pub(super) fn less_than(now: &RuleSet, before: &RuleSet) -> Vec<String> {
    let mut less = Less::default();
    for name in names_of(before).union(&names_of(now)) {
        compare(now, before, name.as_name(), &mut less);
    }
    let mut said = Vec::new();
    for (counts, what) in [
        (less.gone, "that are watched no more"),
        (less.weaker, "that count as a list where they counted as checked"),
        (less.tied, "that are watched on fewer networks or at fewer times"),
    ] {
        let sentence = |(category, count): (Category, usize)| {
            format!("Names of {} {what}: {count}.", category.title())
        };
        said.extend(counts.into_iter().map(sentence));
    }
    for (count, what) in [
        (less.silenced, "Names that were watched and are protected now"),
        (less.protected, "Names newly protected on which no rule spoke"),
        (less.exposed, "Names that were protected and are no more"),
        (less.ordinary, "Names newly settled as ordinary"),
    ] {
        if count > 0 {
            said.push(format!("{what}: {count}."));
        }
    }
    said
}

/// Every name that a rule file of a set says something of, exceptions included.
fn names_of(set: &RuleSet) -> BTreeSet<HostName> {
    let spared = set.rules.iter().flat_map(|rule| &rule.except).cloned();
    let zones = set.zones.iter().filter_map(|(name, _)| HostName::from_text(name));
    zones.chain(spared).collect()
}

fn compare(now: &RuleSet, before: &RuleSet, name: Name<'_>, less: &mut Less) {
    let is_ordinary = |set: &RuleSet| set.zones.above(name).any(|zone| zone.is_ordinary);
    if is_ordinary(now) && !is_ordinary(before) {
        less.ordinary = less.ordinary.saturating_add(1);
    }
    if before.protection(name).is_some() {
        let is_exposed = now.protection(name).is_none();
        less.exposed = less.exposed.saturating_add(usize::from(is_exposed));
        return;
    }
    let was = spoken_on(before, name);
    if now.protection(name).is_some() {
        let count = if was.is_empty() { &mut less.protected } else { &mut less.silenced };
        *count = count.saturating_add(1);
        return;
    }
    let is = spoken_on(now, name);
    let categories: BTreeSet<Category> = was.iter().map(|rule| rule.ruling.category).collect();
    for category in categories {
        let of = |rule: &&&Rule| rule.ruling.category == category;
        let is: Vec<&Rule> = is.iter().filter(of).copied().collect();
        let counts = match was.iter().filter(of).filter_map(|was| loss(now, &is, before, was)).min()
        {
            None => continue,
            Some(Loss::Gone) => &mut less.gone,
            Some(Loss::Weaker) => &mut less.weaker,
            Some(Loss::Tied) => &mut less.tied,
        };
        let count = counts.entry(category).or_insert(0_usize);
        *count = count.saturating_add(1);
    }
}

/// What a name can lose, the worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Loss {
    Gone,
    Weaker,
    Tied,
}

/// What is lost of a rule where these of its category speak instead.
fn loss(now: &RuleSet, is: &[&Rule], before: &RuleSet, was: &Rule) -> Option<Loss> {
    if is.is_empty() {
        return Some(Loss::Gone);
    }
    let mut as_sure = is.iter().filter(|rule| rule.ruling.confidence >= was.ruling.confidence);
    if as_sure.clone().next().is_none() {
        return Some(Loss::Weaker);
    }
    let speaks = |rule: &&Rule| now.speaks_wherever(&rule.ruling.rule, before, &was.ruling.rule);
    (!as_sure.any(speaks)).then_some(Loss::Tied)
}

/// The rules that speak on a name, test names aside.
fn spoken_on<'s>(set: &'s RuleSet, name: Name<'_>) -> Vec<&'s Rule> {
    let mut rules = set.heard_on(name);
    rules.retain(|rule| pack_of(&rule.ruling.rule) != TEST_PACK);
    rules
}
