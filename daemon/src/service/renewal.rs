//! Rules renewed while they are in use or between two runs: what is watched less than before,
//! which topics were opened and what became of lists goes into the record and its chain, for
//! a second person.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;
use std::sync::Arc;

use facts::Timestamp;
use ring::hmac;
use rules::{Exception, Live, RuleSet};
use store::Health;

use super::list_changes::ListChanges;
use super::remembered::Remembered;
use crate::office::Note;

/// Swaps of rules are told by this.
const RENEWED: &str = "rules";
/// A swap after which less is watched.
const LOWERED: &str = "lowered";
/// A topic that was opened.
const EXCEPTION: &str = "exception";
/// That what is watched was kept for the next start; the figure tells it apart.
const KEPT: &str = "kept";
/// So many sentences stand in one row; the others follow in further rows.
const MOST_IN_A_ROW: usize = 20;
/// Bits of what tells an exception apart that are kept.
const MARK_BITS: u32 = 48;

/// Reads the rules anew, all or nothing.
type Reread = Box<dyn Fn() -> Result<RuleSet, Vec<String>>>;

/// The rules in use, how they are read anew, and how much of their changes was told.
pub struct Renewal {
    rules: Arc<Live>,
    reread: Reread,
    lists: ListChanges,
    /// Rows of lowered watching, to tell nothing twice that still holds.
    lowered_told: Vec<String>,
    /// What was told of topics, with the mark of each.
    exceptions_told: BTreeSet<(String, Option<u64>)>,
    key: hmac::Key,
    remembered: Option<Remembered>,
    /// What tells apart what was kept last.
    kept: Option<u64>,
}

impl Renewal {
    /// Takes up where the record says it was left: `told` is what was told before, `changes`
    /// where imports of lists write what they changed. `reread` gives a whole set, or every
    /// fault. `key` is the installation's own.
    #[must_use]
    pub fn new(
        rules: Arc<Live>,
        reread: impl Fn() -> Result<RuleSet, Vec<String>> + 'static,
        changes: Option<PathBuf>,
        told: &[Health],
        key: &[u8],
    ) -> Self {
        let of = |kind: &'static str| told.iter().filter(move |event| event.kind == kind);
        Self {
            rules,
            reread: Box::new(reread),
            lists: ListChanges::new(changes, told),
            lowered_told: of(LOWERED).map(|event| event.sentence.clone()).collect(),
            exceptions_told: of(EXCEPTION)
                .map(|event| (event.sentence.clone(), event.figure))
                .collect(),
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
            remembered: None,
            kept: of(KEPT).filter_map(|event| event.figure).next_back(),
        }
    }

    /// The rules in use.
    pub(super) fn rules(&self) -> Arc<RuleSet> {
        self.rules.snapshot()
    }

    /// Keeps what is watched for the next start, and compares with what was kept.
    #[must_use]
    pub fn remembering(self, remembered: Remembered) -> Self {
        Self { remembered: Some(remembered), ..self }
    }

    /// What changed while nobody listened: what is watched less, topics that were opened,
    /// and lists.
    pub(super) fn begin(&mut self, at: Timestamp) -> Vec<Note> {
        let mut lowered = match &self.remembered {
            Some(remembered) => remembered.lowered(&self.rules.current(), self.kept),
            None => Vec::new(),
        };
        let mut notes = self.exceptions(at);
        notes.extend(self.list_changes(&mut lowered, at));
        notes.extend(lowered_rows(&lowered, at));
        notes.extend(self.keep(at));
        notes
    }

    /// Reads the rules anew and puts them in use. Whatever can fail, fails before the swap.
    pub(super) fn renew(&mut self, at: Timestamp) -> Vec<Note> {
        let set = match (self.reread)() {
            Ok(set) => set,
            Err(faults) => return vec![refused(&faults, at)],
        };
        let mut lowered = set.lowered_since(&self.rules.current());
        let generation = self.rules.replace(set);
        tracing::info!("rules renewed, generation {generation}");
        let sentence = "The rules were read anew and are in use.".to_owned();
        let mut notes = vec![Note::Rules(self.rules.snapshot()), told(RENEWED, sentence, None, at)];
        let lists = self.list_changes(&mut lowered, at);
        notes.extend(lowered_rows(&lowered, at));
        notes.extend(self.exceptions(at));
        notes.extend(lists);
        notes.extend(self.keep(at));
        notes
    }

    /// Topics that were not told in all that they say.
    fn exceptions(&mut self, at: Timestamp) -> Vec<Note> {
        let rules = self.rules.current();
        let said = |exception: &Exception| (exception.in_words(), Some(self.mark(exception)));
        let all: Vec<_> = rules.exceptions().iter().map(said).collect();
        let fresh = all.into_iter().filter(|said| self.exceptions_told.insert(said.clone()));
        fresh.map(|(sentence, mark)| told(EXCEPTION, sentence, mark, at)).collect()
    }

    /// What tells an exception from one with other accounts or names, of which its sentence
    /// says only how many they are.
    fn mark(&self, exception: &Exception) -> u64 {
        let mut keyed = Keyed(hmac::Context::with_key(&self.key));
        exception.hash(&mut keyed);
        keyed.finish() >> (u64::BITS - MARK_BITS)
    }

    fn list_changes(&mut self, lowered: &mut Vec<String>, at: Timestamp) -> Vec<Note> {
        let changes = self.lists.read(&self.rules.current());
        for sentence in changes.lowered {
            if !self.lowered_told.iter().any(|row| row.contains(&sentence)) {
                self.lowered_told.push(sentence.clone());
                lowered.push(sentence);
            }
        }
        let row = |(line, sentence)| told(super::list_changes::LIST, sentence, Some(line), at);
        changes.lines.into_iter().map(row).collect()
    }

    /// Keeps what is watched now. What can not be kept is told, because the next start
    /// could not be compared.
    fn keep(&mut self, at: Timestamp) -> Option<Note> {
        let remembered = self.remembered.as_ref()?;
        match remembered.keep(&self.rules.current()) {
            Ok(mark) if self.kept == Some(mark) => None,
            Ok(mark) => {
                self.kept = Some(mark);
                let sentence = "What is watched was kept for the next start.".to_owned();
                Some(told(KEPT, sentence, Some(mark), at))
            }
            Err(error) => {
                tracing::error!("what is watched can not be kept for the next start: {error}");
                let sentence = "What is watched can not be kept for the next start.".to_owned();
                Some(told(KEPT, sentence, None, at))
            }
        }
    }
}

/// A hasher that nobody without the key can follow.
struct Keyed(hmac::Context);

impl Hasher for Keyed {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let tag = self.0.clone().sign();
        tag.as_ref().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }
}

/// Every sentence in a row of the record, many in one.
fn lowered_rows(sentences: &[String], at: Timestamp) -> impl Iterator<Item = Note> {
    sentences
        .chunks(MOST_IN_A_ROW)
        .map(move |some| told(LOWERED, some.join(" "), u64::try_from(some.len()).ok(), at))
}

fn refused(faults: &[String], at: Timestamp) -> Note {
    for fault in faults {
        tracing::error!("{fault}");
    }
    let number = match faults.len() {
        1 => "a fault".to_owned(),
        number => format!("{number} faults"),
    };
    let sentence = format!("The new rules have {number}; the rules before stay in use.");
    told(RENEWED, sentence, u64::try_from(faults.len()).ok(), at)
}

fn told(kind: &str, sentence: String, figure: Option<u64>, at: Timestamp) -> Note {
    Note::Health(Health { at, kind: kind.to_owned(), sentence, figure })
}

#[cfg(test)]
mod tests;
