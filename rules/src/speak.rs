//! What rules say of a name under any profile: asked for every name on the capture thread.

use facts::{Category, Confidence, Name, ProtectedGroup, Ruling};

use crate::meant::meant;
use crate::set::{Rule, RuleSet};

/// How many rulings a match carries.
const MOST_RULINGS: usize = 4;

/// What rules say of a name.
#[derive(Clone, Copy, Debug)]
pub enum Spoken<'a> {
    /// It is protected: forget it at once.
    Protected(ProtectedGroup),
    /// No rule speaks: forget it at once.
    Nothing,
    /// No profile can ever make a case of it: count it, without any person.
    Trend(Category),
    /// At least one rule speaks that can make a case.
    Match(Rulings<'a>),
}

/// One to four rulings, best first.
#[derive(Clone, Copy, Debug)]
pub struct Rulings<'a> {
    slots: [Option<&'a Ruling>; MOST_RULINGS],
}

impl Spoken<'_> {
    /// Whether a rule speaks that can make a case.
    #[must_use]
    pub const fn is_match(&self) -> bool {
        matches!(self, Self::Match(_))
    }
}

impl<'a> Rulings<'a> {
    /// The rulings, best first; at least one.
    pub fn iter(&self) -> impl Iterator<Item = &'a Ruling> {
        self.slots.into_iter().flatten()
    }

    /// An owned copy, for a match.
    #[must_use]
    pub fn to_vec(&self) -> Vec<Ruling> {
        self.iter().cloned().collect()
    }
}

impl RuleSet {
    /// Says what the rules say of a name, and where it is spelt oddly of the name that it
    /// means. Protected names come before everything.
    ///
    /// Allocates nothing, but for names with punycode labels, in a translator's spelling or
    /// spelt oddly.
    #[must_use]
    pub fn speak(&self, name: Name<'_>) -> Spoken<'_> {
        self.of_either(name, |name| self.speak_of(name, &mut 0))
    }

    /// How much work a name is: letters looked at and rules asked, as [`RuleSet::speak`]
    /// goes. The same on every machine, so that a name made to be slow can be told.
    #[must_use]
    pub fn steps(&self, name: Name<'_>) -> usize {
        let mut steps = 0;
        self.of_either(name, |name| self.speak_of(name, &mut steps));
        steps
    }

    /// What only the words in a name say; protected names come before everything.
    #[must_use]
    pub fn speak_by_words(&self, name: Name<'_>) -> Spoken<'_> {
        self.of_either(name, |name| self.words_of(name))
    }

    /// What is said of the name that an odd spelling means, or else of the spelling.
    fn of_either<'s>(
        &'s self,
        name: Name<'_>,
        mut say: impl FnMut(Name<'_>) -> Spoken<'s>,
    ) -> Spoken<'s> {
        let Some(meant) = meant(name) else { return say(name) };
        if let Some(group) = self.protection(name) {
            return Spoken::Protected(group);
        }
        // A dot inside a label of DNS parts nothing: who asks so is led nowhere. That is
        // enough to be silent, not to speak.
        if name.as_str().contains(r"\.") {
            return say(name);
        }
        match say(meant.as_name()) {
            Spoken::Nothing => say(name),
            spoken => spoken,
        }
    }

    fn speak_of(&self, name: Name<'_>, steps: &mut usize) -> Spoken<'_> {
        let mut best = Best::default();
        let mut is_ordinary = false;
        let length = name.as_str().len();
        *steps = steps.saturating_add(length);
        let mut settled = 0;
        for (text, zone) in self.zones.named_above(name) {
            if let Some(group) = zone.protected {
                return Spoken::Protected(group);
            }
            is_ordinary |= zone.is_ordinary;
            *steps = steps.saturating_add(zone.rules.len());
            for rule in zone.rules.iter().copied().filter(|rule| self.speaks(*rule, name)) {
                settled = settled.max(self.settled_by(rule, text, name));
                best.offer(rule, |_| true);
            }
        }
        if !is_ordinary {
            if settled < length {
                *steps = steps.saturating_add(length.saturating_mul(self.lists.len()));
                self.ask_lists(name, settled, &mut |rule| best.offer(rule, |_| true));
            }
            let read = self.keywords.speak(name, &mut |rule| best.offer(rule, |_| true));
            *steps = steps.saturating_add(read);
        }
        if best.is_empty() {
            return Spoken::Nothing;
        }
        // Only what a rule speaks to is looked into: all else is forgotten anyway.
        self.zones
            .protection_inside(name, steps)
            .map_or_else(|| self.said(&best), Spoken::Protected)
    }

    fn words_of(&self, name: Name<'_>) -> Spoken<'_> {
        if let Some(group) = self.zones.protection(name) {
            return Spoken::Protected(group);
        }
        let mut best = Best::default();
        if !self.zones.above(name).any(|zone| zone.is_ordinary) {
            self.keywords.speak(name, &mut |rule| best.offer(rule, |_| true));
        }
        self.said(&best)
    }

    /// How many letters at the end of a name a person said what they are, everywhere: lists
    /// that say something else of them are not asked. A list that names a page below them
    /// knows more, and is; but `www.` is no page of its own.
    fn settled_by(&self, rule: u32, zone: &str, name: Name<'_>) -> usize {
        let checked = |rule: &Rule| rule.ruling.confidence == Confidence::Curated && !rule.is_tied;
        if !self.rule(rule).is_some_and(checked) {
            return 0;
        }
        let below = name.as_str().strip_suffix(zone).unwrap_or_default();
        let is_www = below == "www." || below.ends_with(".www.");
        zone.len().saturating_add(if is_www { "www.".len() } else { 0 })
    }

    /// Calls `spoken` with the rule of each group of each list that has the name, or one
    /// above it of more than `settled` letters.
    fn ask_lists(&self, name: Name<'_>, settled: usize, spoken: &mut impl FnMut(u32)) {
        for list in &self.lists {
            list.file.find_below(name, settled, |group| {
                list.rules.get(usize::from(group)).into_iter().for_each(|rule| spoken(*rule));
            });
        }
    }

    /// Every rule that speaks on a name, protection aside: for tests of packs.
    pub(crate) fn rules_on(&self, name: Name<'_>) -> Vec<&Rule> {
        self.every_rule_on(name, false)
    }

    /// Every rule that is heard on a name, protection aside: lists where nobody settled
    /// what the name is.
    pub(crate) fn heard_on(&self, name: Name<'_>) -> Vec<&Rule> {
        self.every_rule_on(name, true)
    }

    fn every_rule_on(&self, name: Name<'_>, is_heard: bool) -> Vec<&Rule> {
        let mut numbers = Vec::new();
        let mut is_ordinary = false;
        let mut settled = 0;
        for (text, zone) in self.zones.named_above(name) {
            is_ordinary |= zone.is_ordinary;
            for rule in zone.rules.iter().copied().filter(|rule| self.speaks(*rule, name)) {
                settled = settled.max(self.settled_by(rule, text, name));
                numbers.push(rule);
            }
        }
        if !is_ordinary {
            let settled = if is_heard { settled } else { 0 };
            self.ask_lists(name, settled, &mut |rule| numbers.push(rule));
            self.keywords.speak(name, &mut |rule| numbers.push(rule));
        }
        numbers.into_iter().filter_map(|number| self.rule(number)).collect()
    }

    pub(crate) fn rule(&self, number: u32) -> Option<&Rule> {
        self.rules.get(usize::try_from(number).ok()?)
    }

    fn speaks(&self, number: u32, name: Name<'_>) -> bool {
        self.rule(number)
            .is_some_and(|rule| !rule.except.iter().any(|zone| name.is_within(zone.as_name())))
    }

    fn said(&self, best: &Best) -> Spoken<'_> {
        let mut rules = best.slots.into_iter().flatten().filter_map(|number| self.rule(number));
        let Some(first) = rules.next() else { return Spoken::Nothing };
        if !first.makes_case {
            return Spoken::Trend(first.ruling.category);
        }
        let mut slots = [None; MOST_RULINGS];
        for (slot, rule) in slots.iter_mut().zip(std::iter::once(first).chain(rules)) {
            *slot = Some(&rule.ruling);
        }
        Spoken::Match(Rulings { slots })
    }
}

/// The four best rules offered so far, in order, each once.
#[derive(Debug, Default)]
struct Best {
    slots: [Option<u32>; MOST_RULINGS],
}

impl Best {
    fn is_empty(&self) -> bool {
        self.slots.iter().all(Option::is_none)
    }

    fn offer(&mut self, rule: u32, speaks: impl FnOnce(u32) -> bool) {
        if self.slots.contains(&Some(rule)) || !speaks(rule) {
            return;
        }
        let mut carried = Some(rule);
        for slot in &mut self.slots {
            let held_is_better = match (*slot, carried) {
                (Some(held), Some(new)) => held < new,
                (Some(_), None) => true,
                (None, _) => false,
            };
            if !held_is_better {
                std::mem::swap(slot, &mut carried);
            }
        }
    }
}
