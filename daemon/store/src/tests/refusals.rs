//! What can not be opened is named in one sentence and stays as it is.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::samples::*;
use crate::{Change, RecordReader, RecordWriter, ReviewReader, ReviewWriter, StoreError};

fn refused_by_all(path: &Path, fits: impl Fn(&StoreError) -> bool) {
    let before = fs::read(path).unwrap();
    let refusals = [
        RecordWriter::open(path).err(),
        RecordReader::open(path).err(),
        ReviewWriter::open(path).err(),
        ReviewReader::open(path).err(),
    ];
    for refusal in refusals {
        let refusal = refusal.expect("refused");
        assert!(fits(&refusal), "{refusal:?}");
        let sentence = refusal.to_string();
        assert!(sentence.starts_with(&path.display().to_string()), "{sentence}");
        assert!(!sentence.contains('\n'), "{sentence}");
    }
    assert_eq!(fs::read(path).unwrap(), before);
}

#[test]
fn a_text_file_is_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.db");
    fs::write(&path, "login,name\n".repeat(500)).unwrap();
    refused_by_all(&path, |error| matches!(error, StoreError::NotADatabase { .. }));
    refused_by_all(Path::new(&path), |error| error.to_string().contains("is not a database"));
}

#[test]
fn another_programs_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1)").unwrap();
    drop(other);
    refused_by_all(&path, |error| matches!(error, StoreError::Foreign { .. }));
}

#[test]
fn review_db_is_not_taken_for_record_db() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("review.db");
    drop(ReviewWriter::open(&path).unwrap());
    let before = fs::read(&path).unwrap();
    for refusal in [RecordWriter::open(&path).err(), RecordReader::open(&path).err()] {
        let refusal = refusal.expect("refused");
        assert!(matches!(refusal, StoreError::Foreign { kind: "record.db", .. }), "{refusal}");
    }
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_newer_schema_is_refused_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.db");
    let writer = RecordWriter::open(&path).unwrap();
    writer
        .connection()
        .execute("INSERT INTO refinery_schema_history SELECT 99, 'later', applied_on, checksum FROM refinery_schema_history WHERE version = 1", [])
        .unwrap();
    drop(writer);
    let before = fs::read(&path).unwrap();
    for refusal in [RecordWriter::open(&path).err(), RecordReader::open(&path).err()] {
        let refusal = refusal.expect("refused");
        assert!(matches!(refusal, StoreError::Newer { found: 99, .. }), "{refusal}");
    }
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn an_older_schema_waits_for_its_writer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.db");
    let writer = RecordWriter::open(&path).unwrap();
    writer
        .connection()
        .execute("DELETE FROM refinery_schema_history WHERE version > 1", [])
        .unwrap();
    drop(writer);
    let refusal = RecordReader::open(&path).err().unwrap();
    assert!(matches!(refusal, StoreError::Older { found: 1, .. }), "{refusal}");
}

#[test]
fn a_file_whose_making_was_cut_off_is_made_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.db");
    // All that the first statement of the making leaves.
    let begun = Connection::open(&path).unwrap();
    begun.pragma_update(None, "application_id", 0x574c_7263).unwrap();
    drop(begun);
    assert!(matches!(RecordReader::open(&path).err(), Some(StoreError::Absent { .. })));
    let mut writer = RecordWriter::open(&path).unwrap();
    writer.apply(&[Change::Incident(incident(5))]).unwrap();
    assert!(RecordReader::open(&path).unwrap().incident(incident(5).id).unwrap().is_some());
}

#[test]
fn a_full_disk_refuses_the_step_and_keeps_the_ones_before() {
    let mut writer = RecordWriter::in_memory().unwrap();
    writer.apply(&[Change::Incident(incident(1))]).unwrap();
    let pages: i64 = writer.connection().query_row("PRAGMA page_count", [], |r| r.get(0)).unwrap();
    writer.connection().execute_batch(&format!("PRAGMA max_page_count = {pages}")).unwrap();
    let many: Vec<Change> = (2..200).map(|number| Change::Incident(incident(number))).collect();
    let before = writer.snapshot(at(0), at(0)).unwrap();
    let refused = writer.apply(&many).unwrap_err();
    assert!(matches!(refused, StoreError::Refused(_)), "{refused:?}");
    assert_eq!(writer.snapshot(at(0), at(0)).unwrap(), before);
    writer.connection().execute_batch("PRAGMA max_page_count = 1000000").unwrap();
    writer.apply(&many).unwrap();
    assert_eq!(writer.snapshot(at(0), at(0)).unwrap().incidents.len(), 199);
}

#[test]
fn a_reader_before_the_first_start_says_that_there_is_nothing_yet() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.db");
    for refusal in [RecordReader::open(&path).err(), ReviewReader::open(&path).err()] {
        let refusal = refusal.expect("refused");
        assert!(matches!(refusal, StoreError::Absent { .. }), "{refusal}");
    }
    assert!(!path.exists());
    fs::write(&path, "").unwrap();
    assert!(matches!(RecordReader::open(&path).err(), Some(StoreError::Absent { .. })));
    RecordWriter::open(&path).unwrap();
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none").join("record.db");
    let refusal = RecordWriter::open(&path).err().unwrap();
    assert!(matches!(refusal, StoreError::File { .. }), "{refusal}");
    let refusal = RecordWriter::open(folder.path()).err().unwrap();
    assert!(matches!(refusal, StoreError::NotADatabase { .. }), "{refusal}");
}

#[test]
fn a_damaged_page_is_found_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.db");
    let mut writer = RecordWriter::open(&path).unwrap();
    let changes: Vec<Change> = (1..250).map(|number| Change::Match(matched(number))).collect();
    writer.apply(&changes).unwrap();
    drop(writer);
    let whole = fs::read(&path).unwrap();
    let mut found = 0;
    for page in 1..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096..page * 4096 + 64].fill(0xa5);
        fs::write(&path, &bytes).unwrap();
        match RecordWriter::open(&path) {
            Err(StoreError::Damaged { what, .. }) => {
                assert!(!what.is_empty());
                assert_eq!(fs::read(&path).unwrap(), bytes);
                found += 1;
            }
            Err(other) => panic!("page {page}: {other}"),
            Ok(_) => panic!("page {page}: opened"),
        }
    }
    assert_eq!(found, whole.len() / 4096 - 1);
}

#[test]
fn a_row_that_was_tampered_with_is_said_to_be_unreadable_without_its_value() {
    let mut writer = RecordWriter::in_memory().unwrap();
    writer.apply(&[Change::Incident(incident(5))]).unwrap();
    for content in ["{}", "a.pupil", "{\"code\":\"a.pupil\"}"] {
        writer.connection().execute("UPDATE revision SET content = ?1", [content]).unwrap();
        let refusal = writer.snapshot(at(0), at(0)).unwrap_err();
        assert!(matches!(refusal, StoreError::Unreadable { .. }), "{refusal:?}");
        assert!(!format!("{refusal} {refusal:?}").contains("a.pupil"));
    }
}
