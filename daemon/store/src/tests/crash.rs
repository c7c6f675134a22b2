//! What a kill leaves behind: every committed row, nothing of a step that was not.

use std::fs;
use std::path::Path;

use facts::{Delivery, LetterId, Match, MatchId, PersonId, Progress, Rung, Severity, Weight};

use super::samples::*;
use crate::{Change, RecordReader, RecordWriter, StoreError};

fn one_step(number: u128) -> [Change; 5] {
    let id = MatchId::from_u128(number);
    let case = facts::Incident { matches: vec![id], ..incident(number) };
    [
        Change::Match(Match { id, ..matched(number) }),
        Change::Progress(Progress {
            id,
            rung: Rung::Loaded,
            at: at(3),
            bytes: 9,
            by_filter: false,
        }),
        Change::Attributed {
            id,
            at: at(20),
            attribution: nobody(),
            weight: Weight::Case(Severity::P1),
        },
        Change::Incident(case),
        Change::Letter(letter(number, Some(number))),
    ]
}

/// Copies a database with its side files: what stays on the disk when the writer is killed.
fn as_killed(path: &Path, to: &Path) -> std::path::PathBuf {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        if Path::new(&name).exists() {
            let target = to.join(Path::new(&name).file_name().unwrap());
            fs::copy(&name, target).unwrap();
        }
    }
    to.join(path.file_name().unwrap())
}

#[test]
fn after_a_kill_every_committed_row_is_there() {
    let (live, dead) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = live.path().join("record.db");
    let mut writer = RecordWriter::open(&path).unwrap();
    for number in 1..=40 {
        writer.apply(&one_step(number)).unwrap();
    }
    writer.apply(&[Change::Match(matched(99))]).unwrap();
    let before = writer.snapshot(at(0), at(0)).unwrap();

    let copy = as_killed(&path, dead.path());
    assert!(crate::open::wal_of(&copy).exists());
    let again = RecordWriter::open(&copy).unwrap();
    let after = again.snapshot(at(0), at(0)).unwrap();
    assert_eq!(after, before);
    assert_eq!(after.incidents.len(), 40);
    assert_eq!(after.waiting.len(), 1);
    assert_eq!(after.unsent.len(), 40);
    assert_eq!(again.audit_verify().unwrap(), writer.audit_verify().unwrap());
    assert_eq!(again.installation_key(), writer.installation_key());
}

#[test]
fn a_delivery_written_alone_outlives_a_kill_and_the_next_step_waits_for_the_disk_again() {
    let (live, dead) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = live.path().join("record.db");
    let mut writer = RecordWriter::open(&path).unwrap();
    writer.apply(&one_step(1)).unwrap();
    let due = writer.due_letters(at(1_000), 9).unwrap();
    let [(letter, Delivery::Waiting)] = &due[..] else { panic!("{due:?}") };
    let delivery = Delivery::Accepted { at: at(61) };
    writer.apply(&[Change::Delivery { id: letter.id, delivery }]).unwrap();

    let again = RecordWriter::open(&as_killed(&path, dead.path())).unwrap();
    assert_eq!(again.due_letters(at(1_000), 9).unwrap(), []);
    let modes: i64 =
        writer.connection().pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
    assert_eq!(modes, 2, "FULL");
}

#[test]
fn what_was_being_written_when_the_kill_came_is_not_there_and_the_rest_is() {
    let (live, dead) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = live.path().join("record.db");
    let mut writer = RecordWriter::open(&path).unwrap();
    writer.apply(&one_step(1)).unwrap();
    let before = writer.snapshot(at(0), at(0)).unwrap();
    writer.apply(&one_step(2)).unwrap();
    let copy = as_killed(&path, dead.path());
    // The last page of the second step never reached the disk.
    let wal = crate::open::wal_of(&copy);
    let length = fs::metadata(&wal).unwrap().len();
    fs::OpenOptions::new().write(true).open(&wal).unwrap().set_len(length - 1).unwrap();
    let again = RecordWriter::open(&copy).unwrap();
    assert_eq!(again.snapshot(at(0), at(0)).unwrap(), before);
    assert_eq!(again.audit_verify().unwrap().rows, 2);
}

#[test]
fn an_error_in_the_middle_leaves_nothing() {
    let mut writer = RecordWriter::in_memory().unwrap();
    writer.apply(&one_step(1)).unwrap();
    let before = writer.snapshot(at(0), at(0)).unwrap();
    let head = writer.audit_verify().unwrap();
    let lost = LetterId::from_u128(77);
    let mut changes = one_step(2).to_vec();
    changes.push(Change::Delivery { id: lost, delivery: Delivery::Waiting });
    changes.extend(one_step(3));
    let refused = writer.apply(&changes).unwrap_err();
    assert!(matches!(refused, StoreError::UnknownLetter(id) if id == lost), "{refused}");
    assert_eq!(writer.snapshot(at(0), at(0)).unwrap(), before);
    assert_eq!(writer.audit_verify().unwrap(), head);
    writer.apply(&one_step(2)).unwrap();
    assert_eq!(writer.snapshot(at(0), at(0)).unwrap().incidents.len(), 2);
}

#[test]
fn the_reader_works_while_the_writer_is_up_after_a_clean_stop_and_after_a_kill() {
    let (live, dead) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = live.path().join("record.db");
    let lead = PersonId::new("lead");
    let count = |path: &Path| RecordReader::open(path).unwrap().incidents_for(&lead).unwrap().len();
    let mut writer = RecordWriter::open(&path).unwrap();
    writer.apply(&one_step(1)).unwrap();
    assert_eq!(count(&path), 1);
    let kept = RecordReader::open(&path).unwrap();
    writer.apply(&one_step(2)).unwrap();
    assert_eq!(count(&path), 2);
    assert_eq!(kept.incidents_for(&lead).unwrap().len(), 2);
    drop(kept);
    assert_eq!(count(&as_killed(&path, dead.path())), 2);
    drop(writer);
    assert!(!crate::open::wal_of(&path).exists());
    assert_eq!(count(&path), 2);
}

#[test]
fn a_reader_of_a_file_at_rest_sees_what_a_daemon_that_starts_then_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("re cord?#%.db");
    let lead = PersonId::new("lead");
    drop(RecordWriter::open(&path).unwrap());
    let frozen = RecordReader::frozen_for_test(&path).unwrap();
    assert_eq!(frozen.incidents_for(&lead).unwrap().len(), 0);
    let mut writer = RecordWriter::open(&path).unwrap();
    writer.apply(&one_step(1)).unwrap();
    assert_eq!(frozen.incidents_for(&lead).unwrap().len(), 1);
    drop(writer);
    assert_eq!(frozen.incidents_for(&lead).unwrap().len(), 1);
}

#[test]
fn a_reader_does_not_keep_the_writer_from_emptying_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.db");
    let mut writer = RecordWriter::open(&path).unwrap();
    let reader = RecordReader::open(&path).unwrap();
    for number in 1..=20 {
        writer.apply(&one_step(number)).unwrap();
        assert_eq!(reader.letters_waiting_count().unwrap(), number as u64);
    }
    assert!(writer.checkpoint().unwrap());
    assert_eq!(fs::metadata(crate::open::wal_of(&path)).unwrap().len(), 0);
}

#[test]
fn a_second_daemon_on_the_same_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.db");
    let first = RecordWriter::open(&path).unwrap();
    let refused = RecordWriter::open(&path).err().unwrap();
    assert!(matches!(refused, StoreError::InUse { .. }), "{refused}");
    drop(first);
    RecordWriter::open(&path).unwrap();
}
