//! Decisions reach the daemon once, in order, and looks are on the disk before the page.

use std::fs;

use facts::{Act, Decision, DecisionId, IncidentId, Outcome, PersonId, Span};

use super::erasure::files_with;
use super::samples::*;
use crate::{Mark, Note, Retention, ReviewReader, ReviewWriter, StoreError, Viewed};

fn acts() -> Vec<Act> {
    let mut acts = vec![
        Act::Seen,
        Act::Taken { for_person: None },
        Act::Taken { for_person: Some(PersonId::new("deputy")) },
        Act::PassedOn { note: "I am in court.".into() },
        Act::WelfarePassed,
    ];
    for (text, outcome) in HOSTILE.iter().zip(Outcome::ALL.into_iter().cycle()) {
        let text = || (*text).to_owned();
        acts.push(Act::HandedOver { to: PersonId::new(&text()), note: text() });
        acts.push(Act::Closed { outcome, done: text(), told: text(), record: text() });
    }
    acts
}

fn decision(number: u128, act: Act) -> Decision {
    Decision {
        id: DecisionId::from_u128(number),
        incident: IncidentId::from_u128(number % 2),
        by: PersonId::new("lead"),
        at: at(number as i64),
        act,
    }
}

#[test]
fn decisions_come_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("review.db");
    let mut writer = ReviewWriter::open(&path).unwrap();
    let mut reader = ReviewReader::open(&path).unwrap();
    assert!(reader.changed().unwrap());
    assert!(!reader.changed().unwrap());
    let written: Vec<_> = (1..).zip(acts()).map(|(number, act)| decision(number, act)).collect();
    let mut mark = Mark::START;
    for one in &written {
        writer.decide(one).unwrap();
        writer.decide(one).unwrap();
        assert!(reader.changed().unwrap());
        let (new, next) = reader.decisions_since(mark).unwrap();
        assert_eq!(new, std::slice::from_ref(one));
        assert!(next > mark);
        mark = next;
        assert_eq!(reader.decisions_since(mark).unwrap(), (Vec::new(), mark));
    }
    assert!(!reader.changed().unwrap());
    assert_eq!(reader.decisions_since(Mark::START).unwrap(), (written.clone(), mark));
    let odd: Vec<_> = written.iter().filter(|d| d.incident.as_u128() == 1).cloned().collect();
    assert_eq!(reader.decisions(IncidentId::from_u128(1)).unwrap(), odd);
    assert_eq!(reader.audit_verify().unwrap().rows, written.len() as u64);
}

#[test]
fn looks_and_notes_come_back_and_stand_in_the_chain() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("review.db");
    let mut writer = ReviewWriter::open(&path).unwrap();
    let (incident, person) = (IncidentId::from_u128(1), PersonId::new("lead"));
    writer.viewed(&person, incident, at(1)).unwrap();
    writer.viewed(&person, incident, at(2)).unwrap();
    writer.viewed(&person, IncidentId::from_u128(2), at(3)).unwrap();
    let note = Note { incident, by: person.clone(), at: at(4), text: HOSTILE[1].into() };
    writer.note(&note).unwrap();
    let reader = ReviewReader::open(&path).unwrap();
    let expected = [1, 2].map(|when| Viewed { incident, person: person.clone(), at: at(when) });
    assert_eq!(reader.views(incident).unwrap(), expected);
    assert_eq!(reader.notes(incident).unwrap(), [note]);
    assert_eq!(reader.audit_verify().unwrap().rows, 4);
    let seal = writer.audit_verify().unwrap().seal();
    assert!(reader.audit_passed(&seal).unwrap());
    writer.connection().execute("DELETE FROM audit WHERE row = 2", []).unwrap();
    let broken = reader.audit_verify().unwrap_err();
    assert!(matches!(broken, StoreError::AuditBroken { row: 2, .. }), "{broken}");
}

#[test]
fn a_look_that_can_not_be_stored_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = ReviewWriter::open(&folder.path().join("review.db")).unwrap();
    writer.connection().execute_batch("DROP TABLE audit").unwrap();
    let person = PersonId::new("lead");
    assert!(writer.viewed(&person, IncidentId::from_u128(1), at(1)).is_err());
    let left: i64 =
        writer.connection().query_row("SELECT count(*) FROM viewed", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}

#[test]
fn the_reader_needs_no_side_file_and_works_with_and_without_the_writer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("review.db");
    let mut writer = ReviewWriter::open(&path).unwrap();
    writer.decide(&decision(1, Act::Seen)).unwrap();
    let count = || ReviewReader::open(&path).unwrap().decisions_since(Mark::START).unwrap().0.len();
    assert_eq!(count(), 1);
    drop(writer);
    assert_eq!(count(), 1);
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(files.len(), 1);
}

#[test]
fn words_about_a_closed_case_go_in_their_time_and_looks_stay_longer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("review.db");
    let mut writer = ReviewWriter::open(&path).unwrap();
    let close = |number, outcome| {
        let words = format!("planted words {number}");
        decision(number, Act::Closed { outcome, done: words, told: "-".into(), record: "-".into() })
    };
    writer.decide(&close(1, Outcome::FalseAlarm)).unwrap();
    writer.decide(&close(2, Outcome::Worry)).unwrap();
    writer.viewed(&PersonId::new("lead"), IncidentId::from_u128(1), at(0)).unwrap();
    let keep = Retention::default();
    let left = |writer: &mut ReviewWriter, now| {
        writer.retain(now, &keep).unwrap();
        [1, 2].map(|number| files_with(folder.path(), &format!("planted words {number}")))
    };
    assert_eq!(left(&mut writer, at(0) + keep.false_alarm), [1, 1]);
    assert_eq!(left(&mut writer, at(1) + keep.false_alarm), [0, 1]);
    assert_eq!(left(&mut writer, at(1) + keep.closed), [0, 1]);
    assert_eq!(left(&mut writer, at(2) + keep.closed), [0, 0]);
    let reader = ReviewReader::open(&path).unwrap();
    assert_eq!(reader.views(IncidentId::from_u128(1)).unwrap().len(), 1);
    writer.retain(at(0) + keep.views, &keep).unwrap();
    assert_eq!(reader.views(IncidentId::from_u128(1)).unwrap().len(), 0);
    // A mark kept by the daemon never points at a later decision.
    writer.decide(&decision(9, Act::Seen)).unwrap();
    let (new, mark) = reader.decisions_since(Mark::START).unwrap();
    assert_eq!(new.len(), 1);
    assert!(mark > Mark::START);
    assert!(Span::ZERO < keep.views);
}
