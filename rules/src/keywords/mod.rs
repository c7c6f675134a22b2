//! Words in names: whole tokens, and words of run-together labels where they part.

mod english;
mod found;
mod segment;
mod shown;
mod trie;

use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use facts::{HostName, Name};

use found::{Found, FoundWords, Look};
use trie::Trie;

/// Where no word says anything: public bodies, schools, reference works, museums. Help
/// sites need not stand here, because protected names are dropped before words are read.
pub(crate) const NEVER_ON: [&str; 22] = [
    "gov.uk",
    "gov.scot",
    "gov.wales",
    "nhs.uk",
    "ac.uk",
    "sch.uk",
    "police.uk",
    "mod.uk",
    "parliament.uk",
    "bl.uk",
    "gov",
    "edu",
    "europa.eu",
    "museum",
    "bbc.co.uk",
    "bbc.com",
    "wikipedia.org",
    "wikimedia.org",
    "wiktionary.org",
    "britannica.com",
    "merriam-webster.com",
    "archive.org",
];

/// What stands before the ending of a country where its public bodies and schools are.
const PUBLIC_LABELS: [&str; 9] =
    ["ac", "edu", "gob", "gouv", "gov", "govt", "mil", "sch", "school"];

/// Different words of rules, as mere letters, that are looked for before a name is read
/// word by word: more than any honest name has.
const MOST_SIGHTED: usize = 48;

/// A keyword rule, ready to be compiled.
#[derive(Debug)]
pub(crate) struct Words {
    /// Where the rule stands among all rules.
    pub(crate) rule: u32,
    /// All must be there; one for a single word.
    pub(crate) all: Vec<String>,
    /// How they must stand in the name.
    pub(crate) standing: Standing,
    /// None of these may be there.
    pub(crate) not_with: Vec<String>,
    /// Not at or below any of these.
    pub(crate) not_on: Vec<HostName>,
}

/// How words must stand in a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// A single word must fill its label.
    pub(crate) whole_label: bool,
    /// The letters around a single word may be no words themselves.
    pub(crate) among_unknown: bool,
    /// Every word must stand in the label that the site registered, not below it.
    pub(crate) own_name: bool,
}

/// All keyword rules, compiled: an automaton that sees whether letters of a rule stand in
/// a name at all, which most names fail, and the trees by which the others are read.
#[derive(Debug)]
pub(crate) struct Keywords {
    automaton: Option<AhoCorasick>,
    patterns: Trie,
    /// The words of the patterns, by their numbers.
    words: Vec<String>,
    /// For each pattern the compiled rules that it can set off.
    sets_off: Vec<Vec<u32>>,
    compiled: Vec<Compiled>,
    never_on: Vec<HostName>,
}

/// A rule as two sets can be compared by it.
#[derive(Debug)]
pub(crate) struct Saying<'k> {
    /// Where the rule stands among all rules.
    pub(crate) rule: u32,
    standing: Standing,
    not_with: BTreeSet<&'k str>,
    not_on: &'k [HostName],
}

impl Saying<'_> {
    /// Whether there are names on which the other speaks and this one does not.
    pub(crate) fn says_less_than(&self, other: &Saying<'_>) -> bool {
        let is_silent = |zone: &HostName| other.not_on.contains(zone);
        self.standing.is_narrower_than(other.standing)
            || !self.not_with.is_subset(&other.not_with)
            || !self.not_on.iter().all(is_silent)
    }
}

impl Standing {
    const fn is_narrower_than(self, other: Self) -> bool {
        (self.whole_label && !other.whole_label)
            || (self.own_name && !other.own_name)
            || (!self.among_unknown && other.among_unknown)
    }
}

#[derive(Debug)]
struct Compiled {
    rule: u32,
    /// The longest first, which sets the rule off.
    all: Vec<u32>,
    standing: Standing,
    not_with: Vec<u32>,
    not_on: Vec<HostName>,
}

/// Reads the words of English, which the first name with letters of a rule would wait for.
pub(crate) fn prepare() {
    english::english();
}

impl Keywords {
    /// Compiles the rules.
    ///
    /// # Errors
    /// The automaton's own words, where it would grow beyond its limits.
    pub(crate) fn compile(rules: Vec<Words>) -> Result<Self, String> {
        let mut numbers = Numbers::default();
        let mut compiled = Vec::with_capacity(rules.len());
        for mut words in rules {
            words.all.sort_by_key(|word| std::cmp::Reverse(word.len()));
            compiled.push(Compiled {
                rule: words.rule,
                all: words.all.iter().map(|word| numbers.number(word)).collect(),
                standing: words.standing,
                not_with: words.not_with.iter().map(|word| numbers.number(word)).collect(),
                not_on: words.not_on,
            });
        }
        let mut sets_off = vec![Vec::new(); numbers.words.len()];
        for (number, rule) in (0_u32..).zip(&compiled) {
            let slot = rule.all.first().and_then(|first| sets_off.get_mut(at(*first)));
            if let Some(slot) = slot {
                slot.push(number);
            }
        }
        let automaton = match numbers.words.is_empty() {
            true => None,
            false => Some(
                AhoCorasick::builder()
                    .kind(Some(AhoCorasickKind::DFA))
                    .match_kind(MatchKind::Standard)
                    .build(&numbers.words)
                    .map_err(|error| error.to_string())?,
            ),
        };
        let patterns = Trie::build(numbers.words.iter().zip(0_u32..));
        let words = numbers.words;
        let never_on = NEVER_ON.iter().filter_map(|name| HostName::from_text(name)).collect();
        Ok(Self { automaton, patterns, words, sets_off, compiled, never_on })
    }

    /// How each rule must stand in a name, and what silences it.
    pub(crate) fn sayings(&self) -> impl Iterator<Item = Saying<'_>> {
        self.compiled.iter().map(|rule| Saying {
            rule: rule.rule,
            standing: rule.standing,
            not_with: rule
                .not_with
                .iter()
                .filter_map(|word| self.words.get(at(*word)).map(String::as_str))
                .collect(),
            not_on: &rule.not_on,
        })
    }

    /// Calls `spoken` with each rule whose words stand in the name. Allocates only for
    /// names with punycode labels, which are read as what they show. Returns how many
    /// letters were looked at and rules asked.
    pub(crate) fn speak(&self, name: Name<'_>, spoken: &mut impl FnMut(u32)) -> usize {
        if self.automaton.is_none() {
            return 0;
        }
        let mut steps = 0_usize;
        let text = name.as_str();
        let shown = text.contains("xn--").then(|| shown::as_shown(text));
        let folded = b"il".map(|one| shown::digits_as_letters(text, one));
        let read_as = || {
            let folded = folded.iter().flatten().map(|folded| (folded.as_str(), Look::Folded));
            let plain = std::iter::once(text).chain(shown.as_deref());
            plain.map(|text| (text, Look::Plain)).chain(folded)
        };
        if !read_as().any(|(text, _)| self.may_speak(text, &mut steps))
            || self.never_on.iter().any(|zone| name.is_within(zone.as_name()))
            || is_of_public_bodies(text)
        {
            return steps;
        }
        let mut words = FoundWords::default();
        // What stands for another script in a label is no letter of a word: where it can be shown,
        // only what it shows is read.
        let is_shown = shown.as_deref().is_some_and(|shown| shown != text);
        read_as().for_each(|(read, look)| {
            let raw = is_shown && Some(read) != shown.as_deref();
            words.read(read, look, raw, self);
        });
        for word in words.iter() {
            let set_off = self.sets_off.get(at(word.pattern)).into_iter().flatten();
            for rule in set_off.filter_map(|number| self.compiled.get(at(*number))) {
                steps = steps.saturating_add(rule.all.len()).saturating_add(rule.not_with.len());
                if rule.applies(*word, &words, name) {
                    spoken(rule.rule);
                }
            }
        }
        steps.saturating_add(words.steps())
    }

    /// Whether the letters of all words of any rule stand somewhere in the text.
    fn may_speak(&self, text: &str, steps: &mut usize) -> bool {
        let Some(automaton) = &self.automaton else { return false };
        *steps = steps.saturating_add(text.len());
        let mut sighted = [u32::MAX; MOST_SIGHTED];
        let mut count = 0_usize;
        for found in automaton.find_overlapping_iter(text) {
            *steps = steps.saturating_add(1);
            let pattern = found.pattern().as_u32();
            let seen = sighted.get(..count).unwrap_or_default();
            if seen.contains(&pattern) {
                continue;
            }
            let Some(slot) = sighted.get_mut(count) else { return true };
            *slot = pattern;
            count = count.saturating_add(1);
        }
        let sighted = sighted.get(..count).unwrap_or_default();
        let complete = |rule: &Compiled| {
            *steps = steps.saturating_add(rule.all.len());
            rule.all.iter().all(|word| sighted.contains(word))
        };
        sighted
            .iter()
            .filter_map(|pattern| self.sets_off.get(at(*pattern)))
            .flatten()
            .filter_map(|number| self.compiled.get(at(*number)))
            .any(complete)
    }
}

impl Compiled {
    fn applies(&self, word: Found, words: &FoundWords, name: Name<'_>) -> bool {
        let stands = |found: &Found| !self.standing.own_name || found.in_own_name;
        let has = |pattern: &u32| words.iter().any(|found| found.pattern == *pattern);
        let has_standing =
            |pattern: &u32| words.iter().any(|found| found.pattern == *pattern && stands(found));
        let single = match self.all.as_slice() {
            [_] => {
                (!self.standing.whole_label || word.whole_label)
                    && (self.standing.among_unknown || word.among_words)
            }
            _ => true,
        };
        single
            && stands(&word)
            && self.all.iter().all(has_standing)
            && !self.not_with.iter().any(has)
            && !self.not_on.iter().any(|zone| name.is_within(zone.as_name()))
    }
}

/// Whether a name stands below the ending that a country keeps for its public bodies and
/// schools, such as `nsw.edu.au`.
fn is_of_public_bodies(name: &str) -> bool {
    let mut labels = psl::suffix_str(name).unwrap_or_default().rsplit('.');
    let country = labels.next().unwrap_or_default();
    country.len() == 2 && labels.next().is_some_and(|label| PUBLIC_LABELS.contains(&label))
}

/// Numbers for distinct words.
#[derive(Default)]
struct Numbers {
    words: Vec<String>,
    numbers: std::collections::HashMap<String, u32>,
}

impl Numbers {
    fn number(&mut self, word: &str) -> u32 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let number = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.words.push(word.to_owned());
        self.numbers.insert(word.to_owned(), number);
        number
    }
}

fn at(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
