//! Login files that grow: rows that were added since are read as they come.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read as _, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use facts::{Assertion, Claim, Exchange, Source, Span, Timestamp};
use jiff::tz::TimeZone;
use store::Health;

use super::beat::LoginSource;
use crate::identity::sources::{Arrival, LoginTable};
use crate::office::Note;

/// The most that is read of one file in one go; the rest follows in the next.
const MOST_AT_ONCE: u64 = 4 << 20;

/// By so many octets before the place that was read to, another file in its place is known.
const TAIL: usize = 4_096;

/// A row that tells a time so far ahead of this machine's clock was written by another that
/// is wrong. Such a row counts from when it came.
const AHEAD: Span = Span::seconds(-10);
/// Rows that all come so late may be written late; more often a clock or a time zone is wrong.
const LATE: Span = Span::minutes(30);
/// So many rows in a row say it.
const ENOUGH_ROWS: usize = 20;

/// One login file that is followed.
pub struct FollowedLogins {
    place: PathBuf,
    zone: TimeZone,
    table: Option<LoginTable>,
    read_to: u64,
    /// The last octets before that place.
    tail: Vec<u8>,
    /// What was told of it last: the same again is not worth saying each second.
    told: Vec<String>,
    /// Whether nothing of it can be read now.
    is_deaf: bool,
    clock: Clock,
    /// How late the last rows came.
    lags: VecDeque<Span>,
}

/// How the times in a file stand to this machine's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Clock {
    #[default]
    Right,
    Ahead,
    Late,
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
            tail: Vec::new(),
            told: Vec::new(),
            is_deaf: false,
            clock: Clock::Right,
            lags: VecDeque::new(),
        }
    }

    /// How it stands, without a row of it: its newest row's time is when it was last heard.
    pub(super) fn as_source(&self) -> LoginSource {
        let faults = [
            (self.is_deaf, "it can not be read: `wardline check` says why"),
            (self.clock == Clock::Ahead, "the times in it are ahead of this machine's clock"),
            (self.clock == Clock::Late, "its rows come long after the times they tell"),
        ];
        let stands = faults.into_iter().filter(|(stands, _)| *stands);
        LoginSource {
            place: format!("the login file {}", self.place.display()),
            heard: self.table.as_ref().and_then(LoginTable::told_to).map(Timestamp::as_micros),
            faults: stands.map(|(_, fault)| fault.to_owned()).collect(),
        }
    }

    /// Claims of rows that were added since, and faults once. A file that stands in the
    /// place of the one that was read is read from its head; what may have been lost with
    /// the old one is claimed as lost, and so is what a file that can not be read may hold.
    pub fn more(&mut self, now: Timestamp) -> Vec<Note> {
        let is_history = self.table.is_none();
        let Read { mut claims, faults, is_deaf } = self.claims(now);
        self.is_deaf = is_deaf;
        let clock = self.clock(&claims, is_history, now);
        if is_deaf && faults != self.told {
            claims.push(Claim::lost(Source::LoginFile, now));
        }
        let mut notes: Vec<Note> = claims.into_iter().map(Note::Claim).collect();
        if faults != self.told {
            for fault in &faults {
                tracing::warn!("{fault}");
            }
            notes.extend(self.health(&faults, now));
            self.told = faults;
        }
        notes.extend(clock);
        notes
    }

    /// Tells that the times in the file can not be right, and when they are again. What a
    /// file held before it was followed is late by nature.
    fn clock(&mut self, claims: &[Claim], is_history: bool, now: Timestamp) -> Option<Note> {
        let lags = claims.iter().filter_map(|claim| match claim.assertion {
            Assertion::Logon { told_at, .. } => Some(now.since(told_at)),
            _ => None,
        });
        let lags: Vec<Span> = lags.collect();
        let ahead = lags.iter().copied().min()?;
        self.lags.extend(lags.into_iter().filter(|_| !is_history));
        self.lags.drain(..self.lags.len().saturating_sub(ENOUGH_ROWS));
        let late = self.lags.iter().copied().min().filter(|_| self.lags.len() == ENOUGH_ROWS);
        let late = late.unwrap_or(Span::ZERO);
        let file = self.place.display();
        let (clock, figure, sentence) = if ahead < AHEAD {
            let seconds = -ahead.as_seconds();
            let sentence = format!(
                "The times in the login file {file} are {seconds} seconds ahead of this machine's \
                 clock: its rows count from when they came. Set the clock or the time zone of \
                 whichever is wrong, else the wrong person may be named."
            );
            (Clock::Ahead, Some(seconds), sentence)
        } else if late >= LATE {
            let minutes = late.as_seconds() / 60;
            let sentence = format!(
                "The last {ENOUGH_ROWS} rows of the login file {file} came {minutes} minutes or \
                 more after the times they tell. If they are not written so late, the clock or \
                 the time zone of who writes them is wrong, and the wrong person may be named."
            );
            (Clock::Late, Some(late.as_seconds()), sentence)
        } else {
            let sentence = format!("The times in the login file {file} agree with this machine's.");
            (Clock::Right, None, sentence)
        };
        if clock == std::mem::replace(&mut self.clock, clock) {
            return None;
        }
        tracing::warn!("{sentence}");
        let figure = figure.and_then(|seconds| u64::try_from(seconds).ok());
        Some(Note::Health(Health { at: now, kind: "clock".to_owned(), sentence, figure }))
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
    fn claims(&mut self, now: Timestamp) -> Read {
        let before = self.table.as_ref().map(LoginTable::told_to);
        let (text, is_another) = match self.added() {
            Ok(added) => added,
            Err(error) => {
                let file = self.place.display();
                let fault = format!("the login file {file} can not be read: {error}");
                return Read { faults: vec![fault], is_deaf: true, ..Read::default() };
            }
        };
        let mut read = if text.is_empty() { Read::default() } else { self.read(&text, now) };
        if is_another {
            let since = before.flatten().unwrap_or(now);
            let lost = [since, now].map(|told_at| {
                let assertion = Assertion::Lost { told_at };
                Claim { at: now, assertion, source: Source::LoginFile, exchange: Exchange::Whole }
            });
            read.claims.splice(0..0, lost);
        }
        read
    }

    /// The whole lines that were added since, and whether they are of another file.
    fn added(&mut self) -> std::io::Result<(Vec<u8>, bool)> {
        let mut file = File::open(&self.place)?;
        let mut text = Vec::new();
        file.seek(SeekFrom::Start(self.read_to - self.tail.len() as u64))?;
        file.by_ref().take(MOST_AT_ONCE).read_to_end(&mut text)?;
        let is_another = !text.starts_with(&self.tail);
        if is_another {
            self.begin_anew();
            text.clear();
            file.seek(SeekFrom::Start(0))?;
            file.take(MOST_AT_ONCE).read_to_end(&mut text)?;
        }
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let tail = text[whole.saturating_sub(TAIL)..whole].to_vec();
        let added = text[self.tail.len().min(whole)..whole].to_vec();
        self.tail = tail;
        self.read_to += added.len() as u64;
        Ok((added, is_another))
    }

    fn begin_anew(&mut self) {
        self.read_to = 0;
        self.tail.clear();
        self.table = None;
    }

    fn read(&mut self, text: &[u8], now: Timestamp) -> Read {
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
        let is_deaf = read.is_err();
        let (claims, faults) = read.unwrap_or_else(|faults| (Vec::new(), faults));
        if is_deaf {
            // Without a heading nothing of it can be read; it is tried again from the head.
            self.begin_anew();
        }
        Read { claims, faults: faults.iter().map(ToString::to_string).collect(), is_deaf }
    }
}

/// What was read in one go.
#[derive(Default)]
struct Read {
    claims: Vec<Claim>,
    /// One sentence for each fault.
    faults: Vec<String>,
    /// Whether nothing of the file can be read.
    is_deaf: bool,
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
            let sentences = notes.into_iter().filter_map(|note| match note {
                Note::Health(health) => Some(health.sentence),
                _ => None,
            });
            sentences.collect::<Vec<_>>()
        };
        assert!(told().concat().contains("can not be read"));
        assert_eq!(told(), [""; 0]);
        std::fs::write(&place, "time,login,address,event\n").unwrap();
        assert!(told().concat().ends_with("is read again."));
        assert_eq!(told(), [""; 0]);
    }

    #[test]
    fn a_login_file_whose_clock_is_wrong_is_told_once_and_when_it_is_right_again() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("logins.csv");
        let mut file = File::create(&place).unwrap();
        file.write_all(b"time,login,address,event\n2026-11-20T07:00:00Z,a.pupil,10.1.0.5,login\n")
            .unwrap();
        let mut followed = FollowedLogins::new(&place, &TimeZone::UTC);
        let nine: Timestamp = Timestamp::from_seconds(1_795_165_200);
        let mut told = |minute: i64, row_minute: i64| {
            let hour = 9 + row_minute.div_euclid(60);
            let row = row_minute.rem_euclid(60);
            writeln!(file, "2026-11-20T{hour:02}:{row:02}:00Z,a.pupil,10.1.0.5,login").unwrap();
            let notes = followed.more(nine + Span::minutes(minute));
            let figure = |note| match note {
                Note::Health(health) => Some((health.kind, health.figure)),
                _ => None,
            };
            notes.into_iter().filter_map(figure).collect::<Vec<_>>()
        };
        assert_eq!(told(0, 0), [], "and what stood there before is history");
        assert_eq!(told(1, 2), [("clock".to_owned(), Some(60))]);
        assert_eq!(told(2, 62), [], "said once");
        assert_eq!(told(3, 3), [("clock".to_owned(), None)]);
        for minute in 4..23 {
            assert_eq!(told(minute, minute - 60), []);
        }
        assert_eq!(told(23, -37), [("clock".to_owned(), Some(3_600))], "the twentieth");
        assert_eq!(told(24, -36), []);
        assert_eq!(told(25, 25), [("clock".to_owned(), None)]);
    }

    /// The accounts and losses that notes tell of, in order.
    fn heard(notes: Vec<Note>) -> Vec<String> {
        let word = |note| match note {
            Note::Claim(Claim { assertion: Assertion::Logon { user, .. }, .. }) => {
                Some(user.reveal().to_owned())
            }
            Note::Claim(Claim { assertion: Assertion::Lost { told_at }, .. }) => {
                Some(told_at.to_string())
            }
            _ => None,
        };
        notes.into_iter().filter_map(word).collect()
    }

    #[test]
    fn a_login_file_that_is_replaced_by_a_longer_one_loses_no_row_and_says_that_one_may_be_lost() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("logins.csv");
        let write = |text: &str| std::fs::write(&place, text).unwrap();
        let mut followed = FollowedLogins::new(&place, &TimeZone::UTC);
        let now = Timestamp::from_seconds(1_795_190_400);
        write("time,login,address,event\n2026-11-20T09:00:00Z,a.pupil,10.1.0.5,login\n");
        assert_eq!(heard(followed.more(now)), ["a.pupil"]);
        // Written whole again with one more row, as some scripts do: nothing is lost.
        write(
            "time,login,address,event\n2026-11-20T09:00:00Z,a.pupil,10.1.0.5,login\n\
             2026-11-20T09:10:00Z,a.pupil,10.1.0.5,logout\n",
        );
        assert_eq!(heard(followed.more(now)), ["a.pupil"]);
        write(
            "time,login,address,event\n2026-11-20T09:20:00Z,b.pupil,10.1.0.5,login\n\
             2026-11-20T09:30:00Z,c.pupil,10.1.0.6,login\n\
             2026-11-20T09:40:00Z,d.pupil,10.1.0.7,login\n",
        );
        let lost = ["2026-11-20T09:10:00.000000Z".to_owned(), now.to_string()];
        let expected = [&lost[0], &lost[1], "b.pupil", "c.pupil", "d.pupil"];
        assert_eq!(heard(followed.more(now)), expected);
        assert_eq!(heard(followed.more(now)), [""; 0]);
        std::fs::remove_file(&place).unwrap();
        assert_eq!(heard(followed.more(now)), [now.to_string()]);
        assert_eq!(heard(followed.more(now)), [""; 0]);
    }
}
