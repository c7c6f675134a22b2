//! Letters between the record and the postbox: which are out, how they fared, and when mail
//! stopped or began to leave.

use std::collections::BTreeSet;

use crossbeam_channel::Receiver;
use facts::{Delivery, Letter, LetterId, Timestamp};
use store::{Health, RecordWriter, StoreError};
use tokio::sync::mpsc;

use crate::mail::{Fared, Trouble};
use crate::office::Note;

/// Letters with the postbox at once; the others wait in the record.
const MOST_OUT: u32 = 16;
/// Said once when letters leave after trouble.
const LEAVES_AGAIN: &str = "The mail server takes letters again.";

/// Said in the journal, with their number: whose they are is nobody's to read there.
const REFUSED: &str = "the mail server refused letters for good; the next person is told, and \
    where it refuses a whole list the letters are tried again every five minutes";

/// Letters that are with the postbox.
pub(super) struct Letters {
    to_postbox: mpsc::Sender<(Letter, Delivery)>,
    fared: Receiver<Fared>,
    out: BTreeSet<LetterId>,
    trouble: Option<Trouble>,
}

impl Letters {
    /// Nothing is out yet.
    pub(super) const fn new(
        to_postbox: mpsc::Sender<(Letter, Delivery)>,
        fared: Receiver<Fared>,
    ) -> Self {
        Self { to_postbox, fared, out: BTreeSet::new(), trouble: None }
    }

    /// Whether the postbox has letters of which it has not said how they fared.
    pub(super) fn are_out(&self) -> bool {
        !self.out.is_empty()
    }

    /// Where the postbox will say how letters fared, while it has any.
    pub(super) fn under_way(&self) -> Option<&Receiver<Fared>> {
        self.are_out().then_some(&self.fared)
    }

    /// How letters fared since the last time. The same trouble is told once, not at each
    /// try of each letter.
    pub(super) fn came_back(&mut self, now: Timestamp) -> Vec<Note> {
        let mut notes = Vec::new();
        let mut refused = 0_usize;
        for fared in self.fared.try_iter() {
            self.out.remove(&fared.id);
            // One recipient refused says nothing of the line: neither trouble nor its end.
            if matches!(fared.delivery, Delivery::Refused { .. }) {
                refused += 1;
                notes.push(Note::Fared(fared));
                continue;
            }
            let told = std::mem::replace(&mut self.trouble, fared.trouble);
            let is_told = fared.trouble.is_some() && fared.trouble == told;
            if let Some(trouble) = fared.trouble.filter(|_| !is_told) {
                tracing::warn!(step = trouble.step(), "{}", trouble.sentence());
            }
            if told.is_some() && fared.trouble.is_none() {
                tracing::info!("{LEAVES_AGAIN}");
                let (kind, sentence) = ("mail".to_owned(), LEAVES_AGAIN.to_owned());
                notes.push(Note::Health(Health { at: now, kind, sentence, figure: None }));
            }
            let trouble = fared.trouble.filter(|_| !is_told);
            notes.push(Note::Fared(Fared { trouble, ..fared }));
        }
        if refused > 0 {
            tracing::warn!(letters = refused, step = "recipient", "{REFUSED}");
        }
        notes
    }

    /// Hands due letters to the postbox, as many as it has room for.
    ///
    /// # Errors
    /// The record can not be read.
    pub(super) fn send(&mut self, record: &RecordWriter, now: Timestamp) -> Result<(), StoreError> {
        let out = u32::try_from(self.out.len()).unwrap_or(u32::MAX);
        if out >= MOST_OUT {
            return Ok(());
        }
        // Those that are out are still due as the record has it.
        for (letter, delivery) in record.due_letters(now, MOST_OUT + out)? {
            if self.out.contains(&letter.id) {
                continue;
            }
            let id = letter.id;
            if self.to_postbox.try_send((letter, delivery)).is_err() {
                break;
            }
            self.out.insert(id);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn trouble_is_told_when_it_begins_when_it_changes_and_when_it_ends() {
        let (mut letters, report) = letters();
        let now = Timestamp::EPOCH;
        let course = [
            Some(Trouble::Line),
            Some(Trouble::Line),
            Some(Trouble::Trust),
            None,
            None,
            Some(Trouble::Trust),
        ];
        let mut told = Vec::new();
        for trouble in course {
            let delivery = Delivery::Accepted { at: now };
            report.send(Fared { id: LetterId::from_u128(1), delivery, trouble }).unwrap();
            told.push(letters.came_back(now).into_iter().map(as_told).collect::<Vec<_>>());
        }
        let (line, trust) = (Trouble::Line.sentence(), Trouble::Trust.sentence());
        let expected: [&[&str]; 6] =
            [&[line], &[""], &[trust], &[LEAVES_AGAIN, ""], &[""], &[trust]];
        assert_eq!(told, expected.map(<[_]>::to_vec));
    }

    #[test]
    fn a_refused_recipient_is_no_sign_that_letters_leave_again() {
        let (mut letters, report) = letters();
        let now = Timestamp::EPOCH;
        let (id, until) = (LetterId::from_u128(1), now);
        for (delivery, trouble) in [
            (Delivery::Deferred { tries: 1, until }, Some(Trouble::Unwelcome)),
            (Delivery::Refused { at: now }, None),
            (Delivery::Deferred { tries: 2, until }, Some(Trouble::Unwelcome)),
        ] {
            report.send(Fared { id, delivery, trouble }).unwrap();
        }
        let told: Vec<_> = letters.came_back(now).into_iter().map(as_told).collect();
        assert_eq!(told, [Trouble::Unwelcome.sentence(), "", ""], "said once, and not as over");
    }

    #[test]
    fn the_first_failure_of_every_kind_stands_in_the_journal_without_the_letter() {
        let (mut letters, report) = letters();
        let now = Timestamp::EPOCH;
        let kinds = [
            Trouble::Busy,
            Trouble::Line,
            Trouble::Trust,
            Trouble::SignIn,
            Trouble::Unwelcome,
            Trouble::Folder,
        ];
        let journal = tempfile::NamedTempFile::new().unwrap();
        let writer = Mutex::new(journal.reopen().unwrap());
        let subscriber = tracing_subscriber::fmt().with_writer(writer).finish();
        tracing::subscriber::with_default(subscriber, || {
            for trouble in kinds {
                for tries in 1..4 {
                    let delivery = Delivery::Deferred { tries, until: now };
                    let id = LetterId::from_u128(77);
                    report.send(Fared { id, delivery, trouble: Some(trouble) }).unwrap();
                    letters.came_back(now);
                }
            }
        });
        let journal = std::fs::read_to_string(journal.path()).unwrap();
        for trouble in kinds {
            assert_eq!(journal.matches(trouble.sentence()).count(), 1, "{journal}");
        }
        assert_eq!(journal.lines().count(), kinds.len(), "{journal}");
        assert!(!journal.contains(&LetterId::from_u128(77).to_string()), "{journal}");
    }

    /// A postbox that takes nothing, and the end at which it says how letters fared.
    fn letters() -> (Letters, crossbeam_channel::Sender<Fared>) {
        let (to_postbox, _) = mpsc::channel(1);
        let (report, fared) = crossbeam_channel::unbounded();
        (Letters::new(to_postbox, fared), report)
    }

    /// What a note will stand as in the health book; nothing for a letter without news.
    fn as_told(note: Note) -> String {
        match note {
            Note::Health(health) => health.sentence,
            Note::Fared(fared) => fared.trouble.map_or("", Trouble::sentence).to_owned(),
            other => panic!("{other:?}"),
        }
    }
}
