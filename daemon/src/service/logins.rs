//! Login files that grow: rows that were added since are read as they come.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use facts::{Claim, Timestamp};
use jiff::tz::TimeZone;
use store::Health;

use crate::identity::sources::{Arrival, LoginTable};
use crate::office::Note;

/// The most that is read of one file in one go; the rest follows in the next.
const MOST_AT_ONCE: u64 = 4 << 20;

/// One login file that is followed.
pub struct FollowedLogins {
    place: PathBuf,
    zone: TimeZone,
    table: Option<LoginTable>,
    read_to: u64,
    /// What was told of it last: the same again is not worth saying each second.
    told: Vec<String>,
}

impl FollowedLogins {
    /// Begins at the head of the file.
    #[must_use]
    pub fn new(place: &Path, zone: &TimeZone) -> Self {
        Self {
            place: place.to_owned(),
            zone: zone.clone(),
            table: None,
            read_to: 0,
            told: Vec::new(),
        }
    }

    /// Claims of rows that were added since, and faults once. A file that became shorter
    /// was begun anew and is read from its head.
    pub fn more(&mut self, now: Timestamp) -> Vec<Note> {
        let (claims, faults) = self.claims(now);
        let mut notes: Vec<Note> = claims.into_iter().map(Note::Claim).collect();
        if faults != self.told {
            for fault in &faults {
                tracing::warn!("{fault}");
            }
            notes.extend(self.health(&faults, now));
            self.told = faults;
        }
        notes
    }

    fn health(&self, faults: &[String], at: Timestamp) -> Option<Note> {
        let file = self.place.display();
        let sentence = match faults {
            [] if self.table.is_none() => return None,
            [] => format!("The login file {file} is read again."),
            [fault] => format!("A fault in the login file: {fault}"),
            more => format!("{} faults in the login file {file}.", more.len()),
        };
        Some(Note::Health(Health { at, kind: "logins".to_owned(), sentence, figure: None }))
    }

    /// Claims of rows that were added since, and one sentence for each fault.
    fn claims(&mut self, now: Timestamp) -> (Vec<Claim>, Vec<String>) {
        match self.added() {
            Ok(text) if text.is_empty() => (Vec::new(), Vec::new()),
            Ok(text) => self.read(&text, now),
            Err(error) => {
                let file = self.place.display();
                (Vec::new(), vec![format!("the login file {file} can not be read: {error}")])
            }
        }
    }

    /// The whole lines that were added since.
    fn added(&mut self) -> std::io::Result<Vec<u8>> {
        let mut file = File::open(&self.place)?;
        let length = file.metadata()?.len();
        if length < self.read_to {
            self.read_to = 0;
            self.table = None;
        }
        file.seek(SeekFrom::Start(self.read_to))?;
        let mut text = Vec::new();
        file.take(MOST_AT_ONCE).read_to_end(&mut text)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        text.truncate(whole);
        self.read_to += whole as u64;
        Ok(text)
    }

    fn read(&mut self, text: &[u8], now: Timestamp) -> (Vec<Claim>, Vec<String>) {
        let arrival = Arrival::At(now);
        let read = match &mut self.table {
            Some(table) => Ok(table.more(text, arrival)),
            None => {
                let file = self.place.display().to_string();
                LoginTable::open(&file, text, Some(&self.zone), arrival).map(|opened| {
                    let (table, claims, faults) = opened;
                    self.table = Some(table);
                    (claims, faults)
                })
            }
        };
        match read {
            Ok((claims, faults)) => (claims, faults.iter().map(ToString::to_string).collect()),
            Err(faults) => {
                // Without a heading nothing of it can be read; it is tried again from the head.
                self.read_to = 0;
                (Vec::new(), faults.iter().map(ToString::to_string).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn rows_that_are_added_are_read_once_and_half_a_row_waits() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("logins.csv");
        let mut file = File::create(&place).unwrap();
        let mut followed = FollowedLogins::new(&place, &TimeZone::UTC);
        let now = Timestamp::from_seconds(1_795_190_400);
        let mut count = |text: &str| {
            file.write_all(text.as_bytes()).unwrap();
            let notes = followed.more(now);
            assert!(notes.iter().all(|note| matches!(note, Note::Claim(_))), "{notes:?}");
            notes.len()
        };
        assert_eq!(count("time,login,address,event\n"), 0);
        assert_eq!(count("2026-11-20T09:00:00Z,a.pupil,10.1.0.5,login\n2026-11-20T09:0"), 1);
        assert_eq!(count("5:00Z,a.pupil,10.1.0.5,logout\n"), 1);
        assert_eq!(count(""), 0);
    }

    #[test]
    fn a_file_that_is_not_there_is_told_once_and_so_is_its_coming() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("logins.csv");
        let mut followed = FollowedLogins::new(&place, &TimeZone::UTC);
        let now = Timestamp::from_seconds(1_795_190_400);
        let mut told = || {
            let notes = followed.more(now);
            let sentences = notes.into_iter().map(|note| match note {
                Note::Health(health) => health.sentence,
                other => panic!("{other:?}"),
            });
            sentences.collect::<Vec<_>>()
        };
        assert!(told().concat().contains("can not be read"));
        assert_eq!(told(), [""; 0]);
        std::fs::write(&place, "time,login,address,event\n").unwrap();
        assert!(told().concat().ends_with("is read again."));
        assert_eq!(told(), [""; 0]);
    }
}
