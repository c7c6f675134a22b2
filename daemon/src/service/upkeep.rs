//! Care of the record and of memory: the `-wal` is emptied and old claims are forgotten
//! hourly, and what has had its time is deleted once a night.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use facts::{Mac, Span, Timestamp};
use rules::Calendar;
use store::{Change, DiskRoom, Health, RecordReader, RecordWriter, Retention, StoreError};

use super::halves::Halves;
use super::start::CLAIMS_KEPT;
use crate::clock::Stopwatch;
use crate::office::Office;

/// How often the `-wal` is emptied, and old claims are forgotten.
const CHECKPOINT: Duration = Duration::from_secs(60 * 60);
/// How often it is looked whether to delete.
const LOOK: Duration = Duration::from_secs(60);
/// Kept in reserve on the disk of the record: four times the most that a `-wal` is cut to
/// (RESILIENCE ST-02).
const RESERVE: u64 = 64 * MEGABYTE;
const MEGABYTE: u64 = 1024 * 1024;
/// The hours of the school's clock in which nobody waits for the desk, which stands still
/// while the file is written anew.
const NIGHT: std::ops::Range<i8> = 2..5;
/// Two deletions are never closer than this.
const SHORTEST: Span = Span::hours(12);
/// On a machine that is off at night, after so long any time without children will do.
const LATE: Span = Span::hours(30);
/// After so long any time will do.
const LATEST: Span = Span::hours(54);
/// The kind of the row that tells of a deletion; the next start counts from it.
const KIND: &str = "retention";

/// When the record was last cared for.
pub struct Upkeep {
    calendar: Calendar,
    since_checkpoint: Stopwatch,
    since_look: Stopwatch,
    deleted: Timestamp,
    room: Option<DiskRoom>,
    supposed_routers: BTreeSet<Mac>,
    halves: Halves,
}

impl Upkeep {
    /// Takes up the round where the record says it was left; a new record begins with now.
    ///
    /// # Errors
    /// The record can not be read.
    pub fn of(record: &Path, calendar: Calendar, now: Timestamp) -> Result<Self, StoreError> {
        let events = RecordReader::open(record)?.health(now - LATEST, now)?;
        let told = events.iter().rev().find(|event| event.kind == KIND).map(|event| event.at);
        let first = if events.is_empty() { now } else { now - LATE };
        Ok(Self {
            calendar,
            since_checkpoint: Stopwatch::start(),
            since_look: Stopwatch::start(),
            deleted: told.unwrap_or(first),
            room: None,
            supposed_routers: BTreeSet::new(),
            halves: Halves::default(),
        })
    }

    /// Does what is due.
    ///
    /// # Errors
    /// The disk refused.
    pub(super) fn care(
        &mut self,
        office: &mut Office<RecordWriter>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let is_hour = self.since_checkpoint.elapsed() >= CHECKPOINT;
        if is_hour {
            office.forget_before(now - CLAIMS_KEPT);
        }
        let record = office.ledger();
        if is_hour {
            self.since_checkpoint = Stopwatch::start();
            if !record.checkpoint()? {
                tracing::debug!(
                    "a reader is in the way of emptying the -wal; the next hour will do"
                );
            }
        }
        if self.room.is_some() && self.since_look.elapsed() < LOOK {
            return Ok(());
        }
        self.since_look = Stopwatch::start();
        self.look_at_disk(record, now)?;
        if is_due(self.deleted, now, &self.calendar) {
            self.deleted = now;
            delete(record, now)?;
        }
        let supposed = office.roster().supposed_routers(now);
        let mut news = router_news(&mut self.supposed_routers, supposed, now);
        news.extend(self.halves.news(office.logins_heard(), now));
        if news.is_empty() { Ok(()) } else { office.ledger().apply(&news) }
    }

    fn look_at_disk(
        &mut self,
        record: &mut RecordWriter,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let room = match record.keep_reserve(RESERVE) {
            Ok(room) => room,
            Err(why) => {
                tracing::warn!("no reserve can be kept on the disk of the record: {why}");
                return Ok(());
            }
        };
        let news = disk_news(self.room.replace(room), room, now);
        news.map_or(Ok(()), |news| record.apply(&[Change::Health(news)]))
    }
}

/// What is told of the disk, with the megabytes that are left while there is too little;
/// nothing where it has been told, or where all was well and is.
fn disk_news(before: Option<DiskRoom>, room: DiskRoom, now: Timestamp) -> Option<Health> {
    let is_as_before = before
        .is_some_and(|before| std::mem::discriminant(&before) == std::mem::discriminant(&room));
    let (sentence, left) = match room {
        _ if is_as_before => return None,
        DiskRoom::Enough if before.is_none() => return None,
        DiskRoom::Enough => ("The disk of the record has room again.".to_owned(), None),
        DiskRoom::Little(left) => {
            let left = left / MEGABYTE;
            let sentence = format!(
                "The disk of the record is nearly full: {left} MB are left. Make room on it: when \
                 it is full, monitoring ends."
            );
            (sentence, Some(left))
        }
        DiskRoom::ReserveInUse(left) => {
            let left = left / MEGABYTE;
            let sentence = format!(
                "The disk of the record was full, and the reserve is in use: {left} MB are left. \
                 Make room on it now: when they are gone, monitoring ends."
            );
            (sentence, Some(left))
        }
    };
    Some(Health { at: now, kind: "disk".to_owned(), sentence, figure: left })
}

/// What is told once of each device that is taken for a router: the technician knows which
/// of them are.
fn router_news(told: &mut BTreeSet<Mac>, supposed: BTreeSet<Mac>, now: Timestamp) -> Vec<Change> {
    let new = supposed.into_iter().filter(|mac| told.insert(*mac));
    new.map(|mac| {
        let sentence = format!(
            "The device {mac} sends with many addresses that are not its own and is taken for a \
             router: who is behind it is less sure. For the technician: if it is one, name it \
             under `routers` in wardline.toml; if not, find out what it does."
        );
        Change::Health(Health { at: now, kind: "network".to_owned(), sentence, figure: None })
    })
    .collect()
}

fn is_due(last: Timestamp, now: Timestamp, calendar: &Calendar) -> bool {
    let since = now.since(last);
    if since < SHORTEST {
        // A clock that was set back must not put the next deletion off for ever.
        return since < Span::hours(-12);
    }
    since >= LATEST || (since >= LATE && !calendar.children_on_site(now)) || is_night(now, calendar)
}

fn is_night(now: Timestamp, calendar: &Calendar) -> bool {
    jiff::Timestamp::from_microsecond(now.as_micros())
        .is_ok_and(|now| NIGHT.contains(&now.to_zoned(calendar.zone().clone()).hour()))
}

fn delete(record: &mut RecordWriter, now: Timestamp) -> Result<(), StoreError> {
    let gone = record.retain(now, &Retention::default())?;
    let rows = gone.matches + gone.cases + gone.letters + gone.claims + gone.tallies;
    let sentence = if gone.bytes_gone {
        format!("{rows} rows that have had their time were deleted.")
    } else {
        format!(
            "{rows} rows that have had their time were deleted; their bytes go in the next night."
        )
    };
    record.apply(&[Change::Health(Health {
        at: now,
        kind: KIND.to_owned(),
        sentence,
        figure: Some(rows),
    })])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Monday in term, at midnight in London, which keeps UTC then.
    const MONDAY: Timestamp = Timestamp::from_seconds(1_795_392_000);

    fn calendar() -> Calendar {
        Calendar::parse(
            "terms = [{ from = \"2026-11-02\", to = \"2026-12-18\" }]\n\
             hours = { opens = \"08:00\", home_time = \"15:15\", children_until = \"18:00\" }",
        )
        .unwrap()
    }

    /// The hours after the last deletion at which a machine, asked each hour while it is
    /// on, deletes; over five days from Monday's midnight.
    fn deletions(is_on: impl Fn(i64) -> bool) -> Vec<i64> {
        let calendar = calendar();
        let mut last = MONDAY;
        let mut hours = Vec::new();
        for hour in (0..120).filter(|hour| is_on(hour % 24)) {
            let now = MONDAY + Span::hours(hour);
            if is_due(last, now, &calendar) {
                last = now;
                hours.push(hour);
            }
        }
        hours
    }

    #[test]
    fn a_device_taken_for_a_router_is_told_once() {
        let of = |number: u8| Mac::from_octets([2, 0, 0, 0, 0, number]);
        let mut told = BTreeSet::new();
        assert!(router_news(&mut told, BTreeSet::new(), MONDAY).is_empty());
        let first = router_news(&mut told, BTreeSet::from([of(1)]), MONDAY);
        let [Change::Health(row)] = &first[..] else { panic!("{first:?}") };
        assert_eq!(row.kind, "network");
        assert!(row.sentence.contains("02:00:00:00:00:01"), "{}", row.sentence);
        let both = BTreeSet::from([of(1), of(2)]);
        assert_eq!(router_news(&mut told, both.clone(), MONDAY).len(), 1);
        assert!(router_news(&mut told, both, MONDAY).is_empty());
    }

    #[test]
    fn a_disk_that_fills_is_told_once_a_step_and_when_it_has_room_again() {
        let course = [
            DiskRoom::Enough,
            DiskRoom::Little(30 * MEGABYTE),
            DiskRoom::Little(20 * MEGABYTE),
            DiskRoom::ReserveInUse(60 * MEGABYTE),
            DiskRoom::Enough,
            DiskRoom::Enough,
        ];
        let mut before = None;
        let figures = course
            .map(|room| disk_news(before.replace(room), room, MONDAY).map(|news| news.figure));
        assert_eq!(figures, [None, Some(Some(30)), None, Some(Some(60)), Some(None), None]);
        let at_start = disk_news(None, DiskRoom::Little(0), MONDAY).map(|news| news.kind);
        assert_eq!(at_start.as_deref(), Some("disk"), "a start on a full disk says so");
    }

    #[test]
    fn a_machine_that_is_always_on_deletes_once_a_night() {
        assert_eq!(deletions(|_| true), [26, 50, 74, 98]);
    }

    #[test]
    fn a_machine_that_is_off_at_night_deletes_when_the_children_have_gone() {
        assert_eq!(deletions(|hour| (8..20).contains(&hour)), [42, 90]);
    }

    #[test]
    fn a_machine_that_is_on_while_children_are_there_deletes_all_the_same() {
        assert_eq!(deletions(|hour| (9..16).contains(&hour)), [57, 111]);
    }

    #[test]
    fn a_deletion_is_written_and_the_next_start_counts_from_it() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("record.db");
        let mut record = RecordWriter::open(&place).unwrap();
        let fresh = Upkeep::of(&place, calendar(), MONDAY).unwrap();
        assert_eq!(fresh.deleted, MONDAY, "in a new record there is nothing to delete");
        delete(&mut record, MONDAY).unwrap();
        let later = MONDAY + Span::hours(5);
        assert_eq!(Upkeep::of(&place, calendar(), later).unwrap().deleted, MONDAY);
        let much_later = MONDAY + Span::hours(500);
        record
            .apply(&[Change::Health(Health {
                at: much_later,
                kind: "started".to_owned(),
                sentence: "Monitoring started.".to_owned(),
                figure: None,
            })])
            .unwrap();
        let overdue = Upkeep::of(&place, calendar(), much_later + Span::hours(1)).unwrap();
        assert!(overdue.deleted < much_later, "after a long rest it does not begin anew");
    }
}
