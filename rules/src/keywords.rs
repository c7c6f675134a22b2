//! Words in names: whole tokens or curated compounds of them, never parts of words.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use facts::{HostName, Name};
use unicode_security::skeleton;

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

/// Different words of one name that are looked at: more than any honest name has.
const MOST_WORDS: usize = 24;

/// A keyword rule, ready to be compiled.
#[derive(Debug)]
pub(crate) struct Words {
    /// Where the rule stands among all rules.
    pub(crate) rule: u32,
    /// All must be there; one for a single word.
    pub(crate) all: Vec<String>,
    /// Whether a single word must fill its label.
    pub(crate) whole_label: bool,
    /// None of these may be there.
    pub(crate) not_with: Vec<String>,
    /// Not at or below any of these.
    pub(crate) not_on: Vec<HostName>,
}

/// All keyword rules, compiled into one automaton.
#[derive(Debug)]
pub(crate) struct Keywords {
    automaton: Option<AhoCorasick>,
    /// For each pattern the compiled rules that it can set off.
    sets_off: Vec<Vec<u32>>,
    compiled: Vec<Compiled>,
    never_on: Vec<HostName>,
}

#[derive(Debug)]
struct Compiled {
    rule: u32,
    all: Vec<u32>,
    whole_label: bool,
    not_with: Vec<u32>,
    not_on: Vec<HostName>,
}

/// One word found in a name.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    pattern: u32,
    whole_label: bool,
}

impl Keywords {
    /// Compiles the rules.
    ///
    /// # Errors
    /// The automaton's own words, where it would grow beyond its limits.
    pub(crate) fn compile(rules: Vec<Words>) -> Result<Self, String> {
        let mut patterns = Patterns::default();
        let mut compiled = Vec::with_capacity(rules.len());
        for words in rules {
            let whole_label = words.whole_label;
            let not_with: Vec<u32> = words.not_with.iter().map(|w| patterns.number(w)).collect();
            let parted = words.all.iter().map(|word| patterns.number(word)).collect();
            // A compound also stands run together: `unblocked+games` as `unblockedgames`.
            let together = orders(&words.all).into_iter().map(|run| vec![patterns.number(&run)]);
            let mut ways: Vec<Vec<u32>> = vec![parted];
            if words.all.len() > 1 {
                ways.extend(together);
            }
            compiled.extend(ways.into_iter().map(|all| Compiled {
                rule: words.rule,
                all,
                whole_label,
                not_with: not_with.clone(),
                not_on: words.not_on.clone(),
            }));
        }
        let mut sets_off = vec![Vec::new(); patterns.words.len()];
        for (number, rule) in (0_u32..).zip(&compiled) {
            let slot = rule.all.first().and_then(|first| sets_off.get_mut(at(*first)));
            if let Some(slot) = slot {
                slot.push(number);
            }
        }
        let automaton = match patterns.words.is_empty() {
            true => None,
            false => Some(
                AhoCorasick::builder()
                    .kind(Some(AhoCorasickKind::DFA))
                    .match_kind(MatchKind::Standard)
                    .build(&patterns.words)
                    .map_err(|error| error.to_string())?,
            ),
        };
        let never_on = NEVER_ON.iter().filter_map(|name| HostName::from_text(name)).collect();
        Ok(Self { automaton, sets_off, compiled, never_on })
    }

    /// Calls `spoken` with each rule whose words stand in the name. Allocates only for
    /// names with punycode labels, which are read as what they show.
    pub(crate) fn speak(&self, name: Name<'_>, spoken: &mut impl FnMut(u32)) {
        if self.automaton.is_none() {
            return;
        }
        self.speak_of(name, name.as_str(), spoken);
        if name.as_str().contains("xn--") {
            let shown = shown(name.as_str());
            self.speak_of(name, &shown, spoken);
        }
    }

    fn speak_of(&self, name: Name<'_>, text: &str, spoken: &mut impl FnMut(u32)) {
        let mut words = [Found::default(); MOST_WORDS];
        let count = self.read(text, &mut words);
        let words = words.get(..count).unwrap_or_default();
        if words.is_empty() || self.never_on.iter().any(|zone| name.is_within(zone.as_name())) {
            return;
        }
        for word in words {
            let set_off = self.sets_off.get(at(word.pattern)).into_iter().flatten();
            for rule in set_off.filter_map(|number| self.compiled.get(at(*number))) {
                if rule.applies(*word, words, name) {
                    spoken(rule.rule);
                }
            }
        }
    }

    /// Reads the whole words of a name that any rule knows, each once, left of its
    /// public suffix.
    fn read(&self, text: &str, words: &mut [Found; MOST_WORDS]) -> usize {
        let Some(automaton) = &self.automaton else { return 0 };
        let mut count = 0_usize;
        let mut own_part = None;
        for found in automaton.find_overlapping_iter(text) {
            let (from, to) = (found.start(), found.end());
            if !stands_alone(text, from, to) {
                continue;
            }
            let end = *own_part.get_or_insert_with(|| before_suffix(text));
            if to > end {
                continue;
            }
            let pattern = found.pattern().as_u32();
            let whole_label = fills_label(text, from, to);
            let known = words.iter_mut().take(count).find(|word| word.pattern == pattern);
            if let Some(word) = known {
                word.whole_label |= whole_label;
            } else if let Some(slot) = words.get_mut(count) {
                *slot = Found { pattern, whole_label };
                count = count.saturating_add(1);
            }
        }
        count
    }
}

impl Compiled {
    fn applies(&self, word: Found, words: &[Found], name: Name<'_>) -> bool {
        let has = |pattern: &u32| words.iter().any(|found| found.pattern == *pattern);
        (!self.whole_label || word.whole_label)
            && self.all.iter().all(has)
            && !self.not_with.iter().any(has)
            && !self.not_on.iter().any(|zone| name.is_within(zone.as_name()))
    }
}

/// Numbers for distinct words.
#[derive(Default)]
struct Patterns {
    words: Vec<String>,
    numbers: std::collections::HashMap<String, u32>,
}

impl Patterns {
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

/// The words run together in every order; compounds have at most four words.
fn orders(words: &[String]) -> Vec<String> {
    if let [only] = words {
        return vec![only.clone()];
    }
    let mut all = Vec::new();
    for (at, first) in words.iter().enumerate() {
        let rest: Vec<String> = words
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != at)
            .map(|(_, word)| word.clone())
            .collect();
        all.extend(orders(&rest).into_iter().map(|tail| format!("{first}{tail}")));
    }
    all
}

/// Whether no letter touches the word: dots, hyphens, digits and ends part words.
fn stands_alone(text: &str, from: usize, to: usize) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
    let before = text.as_bytes().get(..from).and_then(<[u8]>::last);
    let after = text.as_bytes().get(to);
    !before.is_some_and(is_letter) && !after.is_some_and(is_letter)
}

/// Whether the word is a whole label.
fn fills_label(text: &str, from: usize, to: usize) -> bool {
    let before = text.as_bytes().get(..from).and_then(<[u8]>::last);
    let after = text.as_bytes().get(to);
    before.is_none_or(|byte| *byte == b'.') && after.is_none_or(|byte| *byte == b'.')
}

/// How many bytes of a name stand left of its public suffix.
fn before_suffix(text: &str) -> usize {
    let suffix = psl::suffix_str(text).map_or(0, str::len);
    text.len().saturating_sub(suffix)
}

/// A name as a person would read it: punycode decoded, each letter that is not ASCII as
/// the plain one it looks like (UTS 39), accents left off.
fn shown(name: &str) -> String {
    let (decoded, _) = idna::domain_to_unicode(name);
    let mut plain = String::with_capacity(decoded.len());
    for letter in decoded.chars() {
        let mut buffer = [0_u8; 4];
        match letter.is_ascii() {
            true => plain.push(letter),
            false => plain.extend(
                skeleton(letter.encode_utf8(&mut buffer)).filter(|shape| !is_accent(*shape)),
            ),
        }
    }
    plain
}

const fn is_accent(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}

fn at(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
