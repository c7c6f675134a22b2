//! The words of rules that stand in one name, and how they stand there.

use std::ops::Range;

use super::Keywords;
use super::english::english;
use super::segment::{self, LONGEST_RUN};

/// Different words of one name that are looked at: more than any honest name has.
const MOST_WORDS: usize = 24;
/// The shortest word that is believed where digits stand for letters.
const SHORTEST_FOLDED: usize = 5;

/// How a text came from its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// As it stands, or as it is shown.
    Plain,
    /// With digits read as letters: only long words among other words are believed.
    Folded,
}

/// One word found in a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) pattern: u32,
    /// It is a whole label.
    pub(super) whole_label: bool,
    /// Every other letter of its run belongs to a word too.
    pub(super) among_words: bool,
    /// It stands in the label left of the public suffix.
    pub(super) in_own_name: bool,
}

/// The words of one name.
#[derive(Debug, Default)]
pub(super) struct FoundWords {
    words: [Found; MOST_WORDS],
    count: usize,
    /// Letters that were looked at.
    steps: usize,
}

impl FoundWords {
    /// Reads the words of rules in a name, left of its public suffix; where its punycode labels
    /// are read as what they show (`raw`), without those.
    pub(super) fn read(&mut self, text: &str, look: Look, raw: bool, rules: &Keywords) {
        let end = before_suffix(text);
        let own = text.get(..end).unwrap_or_default();
        let own_from = own.trim_end_matches('.').rfind('.').map_or(0, |dot| dot.saturating_add(1));
        let mut from = 0;
        while let Some(run) = next_run(own, from) {
            from = run.end;
            if raw && is_in_punycode(own, run.start) {
                continue;
            }
            self.read_run(own, run, own_from, look, rules);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Found> {
        self.words.iter().take(self.count)
    }

    /// Letters that were looked at, in all readings.
    pub(super) const fn steps(&self) -> usize {
        self.steps
    }

    fn read_run(
        &mut self,
        text: &str,
        run: Range<usize>,
        own_from: usize,
        look: Look,
        rules: &Keywords,
    ) {
        let letters = text.as_bytes().get(run.clone()).unwrap_or_default();
        if letters.len() > LONGEST_RUN || !letters.is_ascii() {
            return;
        }
        self.steps = self.steps.saturating_add(letters.len());
        let in_own_name = run.start >= own_from;
        // A token that is a word of a rule is that word, whatever else it could be cut into.
        if let Some(pattern) = rules.patterns.find(letters) {
            let whole_label = fills_label(text, &run);
            if look == Look::Plain || letters.len() >= SHORTEST_FOLDED {
                self.add(Found { pattern, whole_label, among_words: true, in_own_name });
            }
            return;
        }
        let hopeful = rules.automaton.as_ref().is_some_and(|automaton| automaton.is_match(letters));
        if !hopeful {
            return;
        }
        let Some(reading) = segment::read(letters, english(), &rules.patterns) else { return };
        self.steps = self.steps.saturating_add(reading.steps);
        let among_words = reading.is_all_words();
        if look == Look::Folded && !among_words {
            return;
        }
        for piece in reading.pieces() {
            let Some(pattern) = piece.pattern else { continue };
            if look == Look::Plain || piece.to.saturating_sub(piece.from) >= SHORTEST_FOLDED {
                self.add(Found { pattern, whole_label: false, among_words, in_own_name });
            }
        }
    }

    fn add(&mut self, word: Found) {
        if self.iter().any(|known| *known == word) {
            return;
        }
        if let Some(slot) = self.words.get_mut(self.count) {
            *slot = word;
            self.count = self.count.saturating_add(1);
        }
    }
}

/// Whether a place of a name stands in a label of punycode.
fn is_in_punycode(name: &str, at: usize) -> bool {
    let before = name.get(..at).unwrap_or_default();
    let label = before.rfind('.').map_or(0, |dot| dot.saturating_add(1));
    name.get(label..).is_some_and(|label| label.starts_with("xn--"))
}

/// The next run of letters; those that are not ASCII belong to it, so that a word beside
/// one does not stand alone.
fn next_run(text: &str, from: usize) -> Option<Range<usize>> {
    let is_letter = |byte: &u8| byte.is_ascii_lowercase() || !byte.is_ascii();
    let rest = text.as_bytes().get(from..)?;
    let start = from.saturating_add(rest.iter().position(is_letter)?);
    let run = text.as_bytes().get(start..)?;
    let length = run.iter().position(|byte| !is_letter(byte)).unwrap_or(run.len());
    Some(start..start.saturating_add(length))
}

/// Whether the run is a whole label.
fn fills_label(text: &str, run: &Range<usize>) -> bool {
    let before = text.as_bytes().get(..run.start).and_then(<[u8]>::last);
    let after = text.as_bytes().get(run.end);
    before.is_none_or(|byte| *byte == b'.') && after.is_none_or(|byte| *byte == b'.')
}

/// How many bytes of a name stand left of its public suffix.
fn before_suffix(text: &str) -> usize {
    let suffix = psl::suffix_str(text).map_or(0, str::len);
    text.len().saturating_sub(suffix)
}
