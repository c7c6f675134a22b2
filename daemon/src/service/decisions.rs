//! What people decided on the dashboard, read as it comes and read on after trouble.

use std::path::PathBuf;

use facts::{Decision, Timestamp};
use store::{Health, Mark, ReviewReader, StoreError};

use crate::office::Note;

/// Said once when decisions can not be read.
const UNREADABLE: &str = "What people decide can not be read: the climb goes on.";
/// Said once when they can again.
const READABLE: &str = "What people decide is read again.";

/// The dashboard's database, as far as it was read.
pub(super) struct Decisions {
    file: PathBuf,
    reader: Option<ReviewReader>,
    read_to: Mark,
    is_in_trouble: bool,
}

impl Decisions {
    /// Begins with the first decision that was ever made: the desk knows those that are in
    /// effect.
    pub(super) const fn of(file: PathBuf) -> Self {
        Self { file, reader: None, read_to: Mark::START, is_in_trouble: false }
    }

    /// Decisions since the last time. The dashboard makes its database when it first
    /// starts. Whatever is in the way, the next call tries again from the same place.
    pub(super) fn more(&mut self, now: Timestamp) -> Vec<Note> {
        let mut notes = Vec::new();
        match self.read() {
            Ok(decisions) => {
                if std::mem::take(&mut self.is_in_trouble) {
                    notes.push(health(READABLE, now));
                }
                notes.extend(decisions.into_iter().map(Note::Decision));
            }
            Err(error) => {
                self.reader = None;
                if !std::mem::replace(&mut self.is_in_trouble, true) {
                    tracing::warn!("decisions can not be read: {error}");
                    notes.push(health(UNREADABLE, now));
                }
            }
        }
        notes
    }

    fn read(&mut self) -> Result<Vec<Decision>, StoreError> {
        let reader = match &self.reader {
            Some(reader) => reader,
            None if !self.file.exists() => return Ok(Vec::new()),
            None => self.reader.insert(ReviewReader::open(&self.file)?),
        };
        let (decisions, read_to) = reader.decisions_since(self.read_to)?;
        self.read_to = read_to;
        Ok(decisions)
    }
}

fn health(sentence: &str, at: Timestamp) -> Note {
    let (kind, sentence) = ("review".to_owned(), sentence.to_owned());
    Note::Health(Health { at, kind, sentence, figure: None })
}

#[cfg(test)]
mod tests {
    use facts::{Act, DecisionId, IncidentId, PersonId};
    use store::ReviewWriter;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_190_400);

    fn seen(number: u128) -> Decision {
        Decision {
            id: DecisionId::from_u128(number),
            incident: IncidentId::from_u128(1),
            by: PersonId::new("lead"),
            at: NOW,
            act: Act::Seen,
        }
    }

    fn kinds(notes: &[Note]) -> Vec<&'static str> {
        let kind = |note: &Note| match note {
            Note::Decision(_) => "decision",
            Note::Health(health) if health.sentence == UNREADABLE => "unreadable",
            Note::Health(health) if health.sentence == READABLE => "readable",
            _ => "other",
        };
        notes.iter().map(kind).collect()
    }

    #[test]
    fn trouble_is_told_once_and_no_decision_is_missed_or_read_twice() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("review.db");
        let mut decisions = Decisions::of(file.clone());
        assert!(decisions.more(NOW).is_empty(), "the dashboard has not started yet");

        std::fs::write(&file, "no database").unwrap();
        assert_eq!(kinds(&decisions.more(NOW)), ["unreadable"]);
        assert!(decisions.more(NOW).is_empty(), "it was told");

        std::fs::remove_file(&file).unwrap();
        let mut writer = ReviewWriter::open(&file).unwrap();
        writer.decide(&seen(1)).unwrap();
        assert_eq!(kinds(&decisions.more(NOW)), ["readable", "decision"]);
        writer.decide(&seen(2)).unwrap();
        assert_eq!(kinds(&decisions.more(NOW)), ["decision"]);
        assert!(decisions.more(NOW).is_empty());
    }
}
