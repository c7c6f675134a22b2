//! A daemon that is killed at any moment goes on as if it had not been.

use facts::{Act, Answer, PersonId, Role};
use store::Change;

use super::day::{ADULT_SITE, Day, LIST, TODAY, URGENT, class, one_of, pupil, staff};
use super::school::{EVERYBODY, at, candidate};

/// One thing that happens, after so many seconds.
type Step = (i64, fn(&mut Day));

fn id_of(day: &Day, name: &str) -> Option<facts::IncidentId> {
    let found = day.incidents.values().find(|case| case.names.iter().any(|n| n.as_str() == name));
    found.map(|case| case.id)
}

fn take(day: &mut Day, name: &str, by: &str) {
    let id = id_of(day, name).unwrap();
    day.decides(id, by, Act::Taken { for_person: None });
}

/// A day with every kind of event in it.
const SCRIPT: &[Step] = &[
    (0, |day| day.is("10.1.0.7", pupil("a.pupil"))),
    (0, |day| day.is("10.1.0.8", staff("t.staff"))),
    (0, |day| day.is("10.1.0.9", class())),
    (5, |day| {
        day.load("10.1.0.7", URGENT);
    }),
    (10, |day| {
        day.hello("10.1.0.8", ADULT_SITE);
    }),
    (40, |day| {
        day.look_up("10.1.0.9", LIST);
    }),
    (300, |day| take(day, URGENT, "head")),
    (400, |day| {
        day.hello("10.1.0.7", TODAY);
    }),
    (900, |day| {
        let both =
            [candidate("a.pupil", Some(Role::Pupil)), candidate("b.pupil", Some(Role::Pupil))];
        day.learns("10.1.0.7", one_of(both.to_vec()));
    }),
    (1_000, |day| {
        let id = id_of(day, URGENT).unwrap();
        let to = PersonId::new("deputy");
        day.decides(id, "head", Act::HandedOver { to, note: "You know the class.".into() });
    }),
    (2_000, |day| {
        day.load("10.1.0.9", URGENT);
    }),
    (2_400, |day| {
        let id = day.letters.iter().rev().find(|l| l.subject.contains("look")).unwrap().id;
        day.refuse(id);
    }),
    (3_000, |day| day.learns("10.1.0.8", Answer::DeviceOnly)),
    (9_000, |day| {
        day.look_up("10.1.0.7", LIST);
    }),
];

/// Plays the script; kills the daemon before each of the given steps.
fn play(killed_before: &[usize]) -> Day {
    let mut day = Day::begins("2026-11-19 10:00");
    let start = day.now;
    for (place, (seconds, act)) in SCRIPT.iter().enumerate() {
        day.until_moment(start + facts::Span::seconds(*seconds));
        if killed_before.contains(&place) {
            day.restart();
        }
        act(&mut day);
    }
    if killed_before.contains(&SCRIPT.len()) {
        day.restart();
    }
    day.until("2026-11-20 23:00");
    day
}

/// Everything people notice: letters byte for byte, and the cases as they stand.
fn noticed(day: &Day) -> (Vec<Vec<u8>>, Vec<String>) {
    let mut letters: Vec<_> = day.letters.iter().map(|letter| letter.message.clone()).collect();
    letters.sort();
    let cases = day.incidents.values().map(|case| {
        format!(
            "{} {:?} {:?} {:?} {:?} {:?}",
            case.code, case.severity, case.rung, case.attribution, case.phase, case.matches
        )
    });
    (letters, cases.collect())
}

#[test]
fn a_kill_before_any_step_of_the_day_changes_no_letter_and_no_case() {
    let expected = noticed(&play(&[]));
    assert!(expected.0.len() > 15, "{} letters", expected.0.len());
    for step in 0..=SCRIPT.len() {
        let day = play(&[step]);
        assert_eq!(noticed(&day).1, expected.1, "killed before step {step}");
        let (unkilled, killed) = (play(&[]).told(), day.told());
        assert_eq!(killed, unkilled, "killed before step {step}");
        assert_eq!(noticed(&day).0, expected.0, "killed before step {step}");
    }
}

#[test]
fn a_match_in_its_grace_survives_the_kill_and_is_told() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.load("10.1.0.7", URGENT);
    day.until("2026-11-19 10:00:10");
    day.restart();
    day.until("2026-11-19 10:00:21");
    assert_eq!(day.told().len(), 2);
}

#[test]
fn a_step_missed_while_the_daemon_was_down_is_told_at_the_start() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.load("10.1.0.7", URGENT);
    day.until("2026-11-19 10:05");
    day.newly_told();
    day.now = super::school::at("2026-11-19 10:15");
    day.restart();
    assert_eq!(day.newly_told(), ["10:15 deputy not_taken: Please act now"]);
    assert_eq!(
        day.desk.deadline().map(super::school::clock).unwrap(),
        "Thursday 19 November, 10:20"
    );
}

#[test]
fn starting_again_and_again_writes_nothing_new() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.load("10.1.0.7", URGENT);
    day.is("10.1.0.9", class());
    day.look_up("10.1.0.9", LIST);
    day.until("2026-11-19 16:00");
    let written = day.changes.len();
    for _ in 0..5 {
        day.restart();
    }
    let new: Vec<&Change> = day.changes.iter().skip(written).collect();
    assert!(new.is_empty(), "{new:?}");
}

#[test]
fn a_decision_that_is_read_twice_takes_effect_once() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.load("10.1.0.7", URGENT);
    day.until("2026-11-19 10:05");
    take(&mut day, URGENT, "lead");
    day.restart();
    let known = day.changes.len();
    let decision = facts::Decision {
        id: facts::DecisionId::from_u128(2),
        incident: day.case().id,
        by: PersonId::new("lead"),
        at: day.now,
        act: Act::Taken { for_person: None },
    };
    day.handle(super::super::Event::Decision(&decision));
    assert_eq!(day.changes.len(), known);
}

#[test]
fn a_case_whose_evidence_is_gone_climbs_all_the_same() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.load("10.1.0.7", URGENT);
    day.until("2026-11-19 10:05");
    let mut snapshot = day.record.snapshot(day.now, day.now).unwrap();
    for unattributed in [true, false] {
        for open in &mut snapshot.incidents {
            open.matches.iter_mut().for_each(|seen| seen.attribution = None);
            if !unattributed {
                open.matches.clear();
            }
        }
        let mut desk =
            super::super::Desk::new(super::day::settings(EVERYBODY), super::day::rules());
        let later = at("2026-11-19 10:15");
        let changes = desk.restore(snapshot.clone(), later);
        let told = changes.iter().filter_map(|change| match change {
            Change::Letter(letter) => Some(letter.to.as_str()),
            _ => None,
        });
        assert_eq!(told.collect::<Vec<_>>(), ["deputy"]);
    }
}
