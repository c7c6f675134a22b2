//! Each kind is deleted when its time is over and not before, and the chain survives.

use facts::{
    Answer, Category, Delivery, Incident, LetterId, MatchId, Outcome, Phase, Role, Span, Timestamp,
};

use super::erasure::{files_with, planted};
use super::samples::*;
use crate::{Change, RecordReader, RecordWriter, Retention};

fn days(days: i64) -> Span {
    Span::hours(24 * days)
}

/// A case of its own account with one match of its own name.
fn case(number: u128, word: &str) -> Incident {
    let person = candidate(&format!("{word}.account{number}"), Some(Role::Pupil));
    Incident {
        attribution: attributed(Answer::Proven(person)),
        matches: vec![MatchId::from_u128(number)],
        ..incident(number)
    }
}

fn put(writer: &mut RecordWriter, number: u128, word: &str, end: Option<Phase>) {
    writer.apply(&planted(number, word)).unwrap();
    writer.apply(&[Change::Incident(case(number, word))]).unwrap();
    let Some(phase) = end else { return };
    let last = Incident { revision: 2, phase, ..case(number, word) };
    writer.apply(&[Change::Incident(last)]).unwrap();
}

fn closed_as(outcome: Outcome) -> Option<Phase> {
    Some(Phase::Closed { by: facts::PersonId::new("lead"), at: at(0), outcome })
}

#[test]
fn each_kind_goes_in_its_time_and_no_byte_of_it_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.db");
    let mut writer = RecordWriter::open(&path).unwrap();
    put(&mut writer, 1, "falsealarm", closed_as(Outcome::FalseAlarm));
    put(&mut writer, 2, "withdrawn", Some(Phase::Withdrawn { at: at(0) }));
    put(&mut writer, 3, "worry", closed_as(Outcome::Worry));
    put(&mut writer, 4, "stillopen", None);
    writer.apply(&planted(5, "unconfirmed")).unwrap();
    let gone_by = |writer: &mut RecordWriter, now: Timestamp| {
        let certificate = writer.retain(now, &Retention::default()).unwrap();
        assert!(certificate.bytes_gone);
        ["falsealarm", "withdrawn", "worry", "stillopen", "unconfirmed"]
            .map(|word| files_with(folder.path(), &format!("{word}.account")) == 0)
    };
    assert_eq!(gone_by(&mut writer, at(-1) + days(30)), [false; 5]);
    // The unconfirmed match was seen five seconds later.
    assert_eq!(gone_by(&mut writer, at(0) + days(30)), [true, true, false, false, false]);
    assert_eq!(gone_by(&mut writer, at(5) + days(30)), [true, true, false, false, true]);
    assert_eq!(gone_by(&mut writer, at(-1) + days(366)), [true, true, false, false, true]);
    assert_eq!(gone_by(&mut writer, at(0) + days(366)), [true, true, true, false, true]);
    assert_eq!(gone_by(&mut writer, at(0) + days(9_999)), [true, true, true, false, true]);

    assert_eq!(writer.audit_verify().unwrap().rows, 7 + 6);
    let reader = RecordReader::open(&path).unwrap();
    let seen: Vec<_> = (1..=4)
        .map(|number| reader.incident(facts::IncidentId::from_u128(number)).unwrap().is_some())
        .collect();
    assert_eq!(seen, [false, false, false, true]);
    assert_eq!(reader.matches(facts::IncidentId::from_u128(4)).unwrap().len(), 1);
    let lead = facts::PersonId::new("lead");
    assert_eq!(reader.incidents_for(&lead).unwrap().len(), 1);
}

#[test]
fn a_match_that_another_open_case_still_holds_stays() {
    let mut writer = RecordWriter::in_memory().unwrap();
    put(&mut writer, 1, "falsealarm", closed_as(Outcome::FalseAlarm));
    writer
        .apply(&[Change::Incident(Incident {
            matches: vec![MatchId::from_u128(1)],
            ..case(2, "open")
        })])
        .unwrap();
    let certificate = writer.retain(at(0) + days(40), &Retention::default()).unwrap();
    assert_eq!((certificate.cases, certificate.matches), (1, 0));
    let open = writer.snapshot(at(0), at(0)).unwrap().incidents;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].matches.len(), 1);
}

#[test]
fn a_letter_that_waits_is_never_deleted() {
    let mut writer = RecordWriter::in_memory().unwrap();
    put(&mut writer, 1, "worry", closed_as(Outcome::Worry));
    for number in 1..=4 {
        writer.apply(&[Change::Letter(letter(number, (number < 3).then_some(1)))]).unwrap();
    }
    for number in [1, 3] {
        let accepted = Delivery::Accepted { at: at(61) };
        let id = LetterId::from_u128(number);
        writer.apply(&[Change::Delivery { id, delivery: accepted }]).unwrap();
    }
    let young = writer.retain(at(59) + days(366), &Retention::default()).unwrap();
    assert_eq!((young.cases, young.letters), (1, 0));
    let old = writer.retain(at(60) + days(366), &Retention::default()).unwrap();
    assert_eq!(old.letters, 2);
    let unsent = writer.snapshot(at(0), at(0)).unwrap().unsent;
    let left: Vec<_> = unsent.iter().map(|(letter, _)| letter.id.as_u128()).collect();
    assert_eq!(left, [2, 4]);
}

#[test]
fn counts_go_after_thirteen_months() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.db");
    let mut writer = RecordWriter::open(&path).unwrap();
    writer.apply(&[Change::Trend { at: at(0), category: Category::C17, count: 1 }]).unwrap();
    let count = |writer: &mut RecordWriter, now| {
        writer.retain(now, &Retention::default()).unwrap();
        RecordReader::open(&path).unwrap().trends(at(-86_400), at(86_400)).unwrap().len()
    };
    assert_eq!(count(&mut writer, at(-1) + days(397)), 1);
    assert_eq!(count(&mut writer, at(0) + days(397)), 0);
}
