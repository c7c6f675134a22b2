//! A touched audit chain is found, and a chain made anew shows against an earlier seal.

use rusqlite::Connection;

use super::samples::*;
use crate::{Change, Health, RecordWriter, Seal, StoreError};

fn written() -> RecordWriter {
    let mut writer = RecordWriter::in_memory().unwrap();
    for number in 1..=6 {
        let changes = [
            Change::Incident(incident(number)),
            Change::Letter(letter(number, Some(number))),
            Change::Health(Health {
                at: at(5),
                kind: "gap".into(),
                sentence: "The switch was silent.".into(),
                figure: Some(40),
            }),
        ];
        writer.apply(&changes).unwrap();
    }
    assert_eq!(writer.audit_verify().unwrap().rows, 18);
    writer
}

/// The row at which the chain is found broken after `tamper`.
fn broken_at(tamper: &str) -> u64 {
    let writer = written();
    writer.connection().execute_batch(tamper).unwrap();
    match writer.audit_verify() {
        Err(StoreError::AuditBroken { row, .. }) => row,
        other => panic!("not found: {tamper}: {other:?}"),
    }
}

#[test]
fn a_changed_row_is_found_whatever_was_changed() {
    for column in
        ["at = at + 1", "act = 'letters'", "subject = zeroblob(32)", "head = zeroblob(32)"]
    {
        assert_eq!(broken_at(&format!("UPDATE audit SET {column} WHERE row = 7")), 7, "{column}");
    }
    assert_eq!(broken_at("UPDATE audit SET subject = x'00' WHERE row = 1"), 1);
    assert_eq!(broken_at("UPDATE audit SET at = at + 1 WHERE row = 18"), 18);
}

#[test]
fn a_removed_row_is_found_also_where_the_others_close_ranks() {
    assert_eq!(broken_at("DELETE FROM audit WHERE row = 7"), 7);
    assert_eq!(broken_at("DELETE FROM audit WHERE row = 1"), 1);
    let closed_ranks = "DELETE FROM audit WHERE row = 7;
        UPDATE audit SET row = -row WHERE row > 7; UPDATE audit SET row = -row - 1 WHERE row < 0;
        UPDATE audit_head SET rows = 17;";
    assert_eq!(broken_at(closed_ranks), 7);
}

#[test]
fn rows_in_another_order_are_found() {
    let swapped =
        "UPDATE audit SET row = 100 WHERE row = 7; UPDATE audit SET row = 7 WHERE row = 8;
        UPDATE audit SET row = 8 WHERE row = 100;";
    assert_eq!(broken_at(swapped), 7);
}

#[test]
fn a_cut_off_end_is_found() {
    assert_eq!(broken_at("DELETE FROM audit WHERE row > 12"), 13);
    assert_eq!(broken_at("DELETE FROM audit"), 1);
    assert_eq!(broken_at("DELETE FROM audit_head"), 1);
    assert_eq!(broken_at("UPDATE audit_head SET head = zeroblob(32)"), 19);
}

#[test]
fn a_chain_made_anew_does_not_hold_the_seal_that_was_mailed() {
    let writer = written();
    let mailed: Seal = writer.audit_verify().unwrap().seal().to_string().parse().unwrap();
    assert!(writer.audit_passed(&mailed).unwrap());
    let mut forged = RecordWriter::in_memory().unwrap();
    forged.apply(&[Change::Incident(incident(1)), Change::Incident(incident(2))]).unwrap();
    assert!(forged.audit_verify().is_ok());
    assert!(!forged.audit_passed(&mailed).unwrap());
    // A cut that also mends the head is sound in itself; the mailed seal shows it.
    let head: [u8; 32] = head_at(writer.connection(), 12);
    let cut = "DELETE FROM audit WHERE row > 12; UPDATE audit_head SET rows = 12";
    writer.connection().execute_batch(cut).unwrap();
    writer.connection().execute("UPDATE audit_head SET head = ?1", [head]).unwrap();
    assert_eq!(writer.audit_verify().unwrap().rows, 12);
    assert!(!writer.audit_passed(&mailed).unwrap());
}

fn head_at(connection: &Connection, row: i64) -> [u8; 32] {
    connection.query_row("SELECT head FROM audit WHERE row = ?1", [row], |r| r.get(0)).unwrap()
}

#[test]
fn an_empty_chain_is_sound_and_a_seal_reads_back() {
    let writer = RecordWriter::in_memory().unwrap();
    let head = writer.audit_verify().unwrap();
    assert_eq!(head.rows, 0);
    assert!(writer.audit_passed(&head.seal()).unwrap());
    let seal = head.seal().to_string();
    assert_eq!(seal.len(), 19);
    assert_eq!(seal.parse(), Ok(head.seal()));
    assert_eq!(seal.replace(' ', "").parse(), Ok(head.seal()));
    for text in ["", "7f3a 91c0 44de b2a", "7f3a 91c0 44de b2aaa", "+f3a 91c0 44de b2aa"] {
        assert!(text.parse::<Seal>().is_err(), "{text}");
    }
}

#[test]
fn a_stored_match_or_letter_can_not_be_altered_by_mistake() {
    let mut writer = written();
    writer.apply(&[Change::Match(matched(1))]).unwrap();
    for sql in ["UPDATE letter SET body = 'x'", "UPDATE matched SET name = 'x.example'"] {
        assert!(writer.connection().execute(sql, []).is_err(), "{sql}");
    }
}

#[test]
fn the_chain_holds_no_text_of_what_it_tells() {
    let writer = written();
    let mut found = writer.connection().prepare("SELECT act FROM audit").unwrap();
    let acts = found.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let mut acts: Vec<String> = acts.map(Result::unwrap).collect();
    acts.sort();
    acts.dedup();
    assert_eq!(acts, ["health", "incident", "letter"]);
}
