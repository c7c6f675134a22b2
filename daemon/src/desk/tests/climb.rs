//! Steps of a climb at every kind of hour, with refusals and late starts.

use facts::{Answer, Category, PersonId, Reason, Role, Severity, Timestamp};

use super::super::climb::{Outlook, Round, Told, first_due, outlook, plan};
use super::super::routing::{Part, Route};
use super::super::subject::Subject;
use super::school::{EVERYBODY, at, calendar, candidate, clock, people};

fn part(answer: &Answer) -> Part {
    let people = people(EVERYBODY);
    Route::of(&Subject::of(answer, &people), Category::C01, &people).parts()[0].clone()
}

fn pupil() -> Part {
    part(&Answer::Proven(candidate("a.pupil", Some(Role::Pupil))))
}

fn round(severity: Severity, seen: Timestamp) -> Round {
    let start = first_due(severity, seen, &calendar());
    Round { severity, start, opening: Reason::First, first: None }
}

/// Every letter until nobody is left: when, to whom.
fn letters(part: &Part, round: &Round, refusing: &[&str]) -> Vec<String> {
    let steps = plan(round, part, &calendar());
    let (mut now, mut told, mut said) = (round.start, Vec::new(), Vec::new());
    loop {
        match outlook(round, &steps, part, &told, now) {
            Outlook::Exhausted => return said,
            Outlook::Later(at) => now = at,
            Outlook::Now(people) => {
                let names: Vec<_> = people.iter().map(|(c, _)| c.person.as_str()).collect();
                said.push(format!("{} {}", clock(now), names.join("+")));
                told.extend(people.iter().map(|(called, _)| Told {
                    person: called.person.clone(),
                    due: now,
                    severity: round.severity,
                    refused: refusing.contains(&called.person.as_str()),
                }));
            }
        }
    }
}

fn urgent(seen: &str) -> Vec<String> {
    letters(&pupil(), &round(Severity::P1, at(seen)), &[])
}

fn today(seen: &str) -> Vec<String> {
    letters(&pupil(), &round(Severity::P2, at(seen)), &[])
}

#[test]
fn an_urgent_matter_tells_two_at_once_and_everybody_after_half_an_hour() {
    assert_eq!(
        urgent("2026-11-19 10:00"),
        [
            "Thursday 19 November, 10:00 lead+head",
            "Thursday 19 November, 10:10 deputy",
            "Thursday 19 November, 10:20 acting",
            "Thursday 19 November, 10:30 lead+head+deputy+acting+outside",
        ]
    );
}

#[test]
fn on_friday_at_eight_minutes_past_three_the_steps_halve() {
    assert_eq!(
        urgent("2026-11-20 15:08"),
        [
            "Friday 20 November, 15:08 lead+head",
            "Friday 20 November, 15:13 deputy",
            "Friday 20 November, 15:18 lead+head+deputy+acting+outside",
        ]
    );
}

#[test]
fn a_step_never_waits_past_the_beginning_of_the_last_minutes() {
    assert_eq!(
        urgent("2026-11-19 14:22")[..3],
        [
            "Thursday 19 November, 14:22 lead+head",
            "Thursday 19 November, 14:30 deputy",
            "Thursday 19 November, 14:35 lead+head+deputy+acting+outside",
        ]
    );
}

#[test]
fn at_night_the_letter_leaves_and_only_the_climb_waits() {
    assert_eq!(
        urgent("2026-11-21 03:00"),
        [
            "Saturday 21 November, 03:00 lead+head",
            "Monday 23 November, 07:45 deputy",
            "Monday 23 November, 07:55 acting",
            "Monday 23 November, 08:05 lead+head+deputy+acting+outside",
        ]
    );
}

#[test]
fn a_matter_for_today_is_called_once_more_before_the_last_minutes() {
    assert_eq!(
        today("2026-11-19 10:52"),
        [
            "Thursday 19 November, 10:52 lead",
            "Thursday 19 November, 14:30 lead",
            "Thursday 19 November, 15:00 head",
            "Friday 20 November, 07:45 deputy",
            "Monday 23 November, 07:45 acting",
            "Tuesday 24 November, 07:45 outside",
        ]
    );
}

#[test]
fn a_matter_for_today_waits_for_the_morning_where_nobody_reads() {
    assert_eq!(
        today("2026-11-19 15:05")[..2],
        ["Thursday 19 November, 15:05 lead", "Thursday 19 November, 15:35 lead",]
    );
    assert_eq!(today("2026-11-19 16:40")[0], "Friday 20 November, 07:45 lead", "a club");
    assert_eq!(today("2026-11-21 16:40")[0], "Monday 23 November, 07:45 lead", "a Saturday");
    assert_eq!(today("2026-11-19 06:00")[0], "Thursday 19 November, 07:45 lead");
}

#[test]
fn a_list_matter_has_no_climb() {
    assert!(letters(&pupil(), &round(Severity::P3, at("2026-11-19 10:00")), &[]).is_empty());
}

#[test]
fn the_chair_has_an_hour_and_staff_go_to_the_headteacher_alone() {
    let head = part(&Answer::Proven(candidate("c.head", Some(Role::Staff))));
    assert_eq!(
        letters(&head, &round(Severity::P1, at("2026-11-19 10:00")), &[]),
        ["Thursday 19 November, 10:00 chair", "Thursday 19 November, 11:00 vice"]
    );
    let staff = part(&Answer::Proven(candidate("t.staff", Some(Role::Staff))));
    assert_eq!(
        letters(&staff, &round(Severity::P1, at("2026-11-19 10:00")), &[]),
        [
            "Thursday 19 November, 10:00 head",
            "Thursday 19 November, 10:10 acting",
            "Thursday 19 November, 10:30 head+acting",
        ]
    );
}

#[test]
fn a_refused_letter_goes_to_the_next_person_at_once() {
    let said = letters(&pupil(), &round(Severity::P1, at("2026-11-19 10:00")), &["lead"]);
    assert_eq!(
        said[..3],
        [
            "Thursday 19 November, 10:00 lead+head",
            "Thursday 19 November, 10:00 deputy",
            "Thursday 19 November, 10:10 acting",
        ]
    );
}

#[test]
fn after_a_hand_over_the_person_named_is_first() {
    let mut round = round(Severity::P2, at("2026-11-19 10:00"));
    round.first = Some(PersonId::new("acting"));
    assert_eq!(
        letters(&pupil(), &round, &[])[..3],
        [
            "Thursday 19 November, 10:00 acting",
            "Thursday 19 November, 14:30 acting",
            "Thursday 19 November, 15:00 lead",
        ]
    );
}

#[test]
fn a_desk_that_wakes_late_tells_at_once_what_was_missed() {
    let round = round(Severity::P1, at("2026-11-19 10:00"));
    let part = pupil();
    let steps = plan(&round, &part, &calendar());
    let told = ["lead", "head"].map(|id| Told {
        person: PersonId::new(id),
        due: round.start,
        severity: Severity::P1,
        refused: false,
    });
    let Outlook::Now(people) = outlook(&round, &steps, &part, &told, at("2026-11-19 10:25")) else {
        panic!("something is due");
    };
    let people: Vec<_> = people.iter().map(|(c, r)| (c.person.as_str(), *r)).collect();
    assert_eq!(people, [("deputy", Reason::NotTaken)]);
}
