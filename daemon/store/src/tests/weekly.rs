//! The governor's figures hold nothing the governor may not know, also not by subtraction.

use facts::{
    Answer, Delivery, Duty, Incident, Letter, LetterId, Outcome, Person, PersonId, Phase, Role,
    Several, Severity, View,
};

use super::samples::*;
use crate::{Change, Health, Letters, RecordReader, RecordWriter, Weekly};

fn weekly_of(people: Vec<Person>, changes: &[Change]) -> Weekly {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.db");
    let mut writer = RecordWriter::open(&path).unwrap();
    writer.apply(&[Change::People(people)]).unwrap();
    writer.apply(changes).unwrap();
    RecordReader::open(&path).unwrap().weekly(at(0), at(86_400)).unwrap()
}

fn about(number: u128, answer: Answer, seats: &[(&str, View)]) -> Change {
    let seats = seats.iter().map(|(who, view)| seat(who, *view)).collect();
    Change::Incident(Incident { attribution: attributed(answer), seats, ..incident(number) })
}

fn proven(role: Role) -> Answer {
    Answer::Proven(candidate("x", Some(role)))
}

#[test]
fn a_case_counts_only_where_a_lead_sees_all_of_it_and_no_adult_may_be_meant() {
    let whole = [("lead", View::Whole), ("head", View::Whole)];
    let pair = |a, b| {
        Answer::OneOf(Several::new(vec![candidate("a", Some(a)), candidate("b", Some(b))]).unwrap())
    };
    let counts = |answer: Answer, seats: &[(&str, View)]| {
        weekly_of(people(), &[about(1, answer, seats)]).cases.len()
    };
    assert_eq!(counts(proven(Role::Pupil), &whole), 1);
    assert_eq!(counts(proven(Role::Class), &whole), 1);
    assert_eq!(counts(Answer::DeviceOnly, &whole), 1);
    assert_eq!(counts(pair(Role::Pupil, Role::Class), &whole), 1);
    assert_eq!(counts(pair(Role::Pupil, Role::Staff), &whole), 0);
    for role in Role::ALL.into_iter().filter(|role| !matches!(role, Role::Pupil | Role::Class)) {
        assert_eq!(counts(proven(role), &whole), 0, "{role:?}");
    }
    assert_eq!(counts(Answer::Proven(candidate("unlisted", None)), &whole), 0);
    assert_eq!(counts(proven(Role::Pupil), &[("head", View::Whole)]), 0);
    assert_eq!(counts(proven(Role::Pupil), &[("lead", View::ChildPart)]), 0);
}

#[test]
fn a_staff_matter_is_not_in_the_total_where_the_headteacher_is_also_the_lead() {
    let mut people = people();
    people[2].duties = vec![Duty::Headteacher, Duty::Lead];
    let changes = [about(1, proven(Role::Staff), &[("head", View::Whole)])];
    assert!(weekly_of(people, &changes).cases.is_empty());
}

#[test]
fn the_page_is_the_same_with_and_without_a_matter_it_may_not_tell() {
    let common = vec![
        about(1, proven(Role::Pupil), &[("lead", View::Whole)]),
        Change::Letter(letter(1, Some(1))),
        Change::Health(health("gap")),
    ];
    let mut with = common.clone();
    with.push(about(2, proven(Role::Staff), &[("head", View::Whole)]));
    with.push(Change::Letter(letter(2, Some(2))));
    let accepted = Delivery::Accepted { at: at(61) };
    with.push(Change::Delivery { id: LetterId::from_u128(2), delivery: accepted });
    with.push(Change::Letter(Letter { to_role: Duty::Headteacher, ..letter(3, None) }));
    with.push(Change::Health(health("mail")));
    let (without, with) = (weekly_of(people(), &common), weekly_of(people(), &with));
    assert_eq!(with.cases, without.cases);
    assert_eq!(with.letters, without.letters);
    assert_eq!(with.health, without.health);
    assert_eq!(with.letters, Letters { accepted: 0, waiting: 1, refused: 0 });
}

fn health(kind: &str) -> Health {
    Health { at: at(9), kind: kind.into(), sentence: "A sentence.".into(), figure: None }
}

#[test]
fn the_figures_say_when_it_was_told_taken_and_closed() {
    let base = incident(1);
    let taken = Phase::Taken { by: PersonId::new("deputy"), at: at(300) };
    let changes = [
        Change::Incident(base.clone()),
        Change::Letter(letter(1, Some(1))),
        Change::Letter(letter(2, Some(1))),
        Change::Letter(letter(3, Some(1))),
        Change::Letter(letter(4, None)),
        Change::Delivery {
            id: LetterId::from_u128(2),
            delivery: Delivery::Accepted { at: at(63) },
        },
        Change::Delivery {
            id: LetterId::from_u128(1),
            delivery: Delivery::Accepted { at: at(62) },
        },
        Change::Delivery { id: LetterId::from_u128(3), delivery: Delivery::Refused { at: at(61) } },
        Change::Incident(Incident { revision: 2, phase: taken, ..base.clone() }),
        Change::Incident(closed(Incident { revision: 2, ..base }, at(900), Outcome::PopUp)),
        Change::Incident(Incident { severity: Severity::P2, revised_at: at(70), ..incident(2) }),
        Change::Incident(Incident { revised_at: at(86_400), ..incident(3) }),
        Change::Incident(Incident { phase: Phase::Withdrawn { at: at(5) }, ..incident(4) }),
    ];
    let weekly = weekly_of(people(), &changes);
    assert_eq!(weekly.cases.len(), 2);
    let first = weekly.cases[0];
    assert_eq!(
        (first.severity, first.opened_at, first.told_at),
        (Severity::P1, at(60), Some(at(62)))
    );
    assert_eq!((first.taken_at, first.taken_by), (Some(at(300)), Some(Duty::Deputy)));
    assert_eq!((first.closed_at, first.outcome), (Some(at(900)), Some(Outcome::PopUp)));
    let second = weekly.cases[1];
    assert_eq!((second.severity, second.taken_at, second.told_at), (Severity::P2, None, None));
    assert_eq!(weekly.letters, Letters { accepted: 2, waiting: 1, refused: 1 });
}

#[test]
fn a_case_still_counts_when_its_names_are_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.db");
    let mut writer = RecordWriter::open(&path).unwrap();
    writer.apply(&[Change::People(people()), Change::Incident(incident(1))]).unwrap();
    writer.apply(&[Change::Incident(closed(incident(1), at(70), Outcome::FalseAlarm))]).unwrap();
    let before = RecordReader::open(&path).unwrap().weekly(at(0), at(86_400)).unwrap().cases;
    let later = at(70) + crate::Retention::default().false_alarm;
    assert_eq!(writer.retain(later, &crate::Retention::default()).unwrap().cases, 1);
    let after = RecordReader::open(&path).unwrap().weekly(at(0), at(86_400)).unwrap().cases;
    assert_eq!(after, before);
    assert_eq!(after.len(), 1);
}
