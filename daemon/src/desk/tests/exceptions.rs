//! Study exceptions at the desk: who is covered is known only once it is known who it was.

use std::sync::Arc;

use facts::{Answer, Candidate, Category, Phase, Role, Rung, Span, Why};
use rules::{Reading, RuleSet, Source};
use store::Change;

use super::super::Event;
use super::day::{Day, LIST, URGENT, one_of, pupil};
use super::school::{EVERYBODY, at, calendar, candidate, people};

/// The example that ships: gambling is open for 8B.
const EXAMPLE: &str = include_str!("../../../../packaging/config/exceptions.toml");

fn rules() -> Arc<RuleSet> {
    let set = RuleSet::builtin().unwrap().set;
    let people = people(EVERYBODY).signatories();
    let reading = Reading { rules: &set, calendar: &calendar(), people: &people };
    let text = EXAMPLE
        .replace("2026-11-23 09:00", "2026-11-16 09:00")
        .replace("2026-11-27 15:15", "2026-11-19 10:30")
        .replace("during = [", "# during = [");
    let source = Source { file: "exceptions.toml".into(), text };
    let exceptions = reading.read(&source).unwrap_or_else(|faults| panic!("{faults:#?}"));
    Arc::new(set.with_exceptions(exceptions))
}

fn of_class(account: &str, role: Role, group: &str) -> Candidate {
    Candidate { group: Some(group.into()), ..candidate(account, Some(role)) }
}

fn day() -> Day {
    let mut day = Day::begins("2026-11-19 10:00");
    day.handle(Event::RulesSwapped(&rules()));
    day
}

/// How many matches were counted and forgotten.
fn counted(day: &Day) -> usize {
    let of =
        |change: &&Change| matches!(change, Change::Forget { counted: Some(Category::C14), .. });
    day.changes.iter().filter(of).count()
}

#[test]
fn the_class_is_counted_without_a_name_and_a_neighbour_is_a_case() {
    let mut day = day();
    day.is("10.1.0.7", Answer::Proven(of_class("a.pupil", Role::Pupil, "8B")));
    day.is("10.1.0.8", Answer::Proven(of_class("b.pupil", Role::Pupil, "8A")));
    day.load("10.1.0.7", LIST);
    day.load("10.1.0.8", LIST);
    day.until("2026-11-19 10:05");
    assert_eq!(counted(&day), 1);
    assert_eq!(day.case().attribution.answer.candidates()[0].group.as_deref(), Some("8A"));
    let named = |change: &&Change| match change {
        Change::Attributed { attribution, .. } => {
            attribution.answer.candidates().iter().any(|c| c.group.as_deref() == Some("8B"))
        }
        _ => false,
    };
    assert_eq!(day.changes.iter().filter(named).count(), 0, "nobody of the class is written");
}

#[test]
fn a_class_account_is_covered_as_a_class() {
    let mut day = day();
    day.is("10.1.0.7", Answer::ProvenShared(of_class("class8b", Role::Class, "8B")));
    day.load("10.1.0.7", LIST);
    day.until("2026-11-19 10:05");
    assert!(day.incidents.is_empty() && counted(&day) == 1);
}

#[test]
fn whoever_is_not_certain_is_not_covered() {
    let inside = || of_class("a.pupil", Role::Pupil, "8B");
    let proof_age = Span::minutes(3);
    for (what, answer) in [
        ("likely", Answer::Likely { candidate: inside(), proof_age }),
        ("last known", Answer::LastKnown { candidate: inside(), proof_age }),
        ("one of two", one_of(vec![inside(), of_class("b.pupil", Role::Pupil, "8B")])),
        ("device only", Answer::DeviceOnly),
        ("nobody", Answer::Unknown(Why::NoDevice)),
        ("another class's account", Answer::ProvenShared(of_class("c", Role::Class, "8A"))),
        ("a shared guest", Answer::ProvenShared(of_class("g", Role::Admin, "8B"))),
    ] {
        let mut day = day();
        day.is("10.1.0.7", answer);
        day.load("10.1.0.7", LIST);
        day.until("2026-11-19 10:05");
        assert_eq!(counted(&day), 0, "{what}");
    }
}

#[test]
fn what_the_class_may_try_does_not_add_up_for_the_next_user_of_the_device() {
    let cases = |group: &str| {
        let mut day = day();
        day.is("10.1.0.7", Answer::ProvenShared(of_class("class", Role::Class, group)));
        for time in ["10:02", "10:04", "10:06"] {
            let id = day.hello("10.1.0.7", LIST);
            day.reaches(id, Rung::Refused);
            day.until(&format!("2026-11-19 {time}"));
        }
        day.incidents.clear();
        day.is("10.1.0.7", Answer::Proven(of_class("b.pupil", Role::Pupil, "8A")));
        let id = day.hello("10.1.0.7", LIST);
        day.reaches(id, Rung::Refused);
        day.until("2026-11-19 10:10");
        day.incidents.len()
    };
    assert_eq!(cases("8C"), 1, "a device's attempts count together");
    assert_eq!(cases("8B"), 0, "those of the exception do not");
}

#[test]
fn it_ends_by_itself_to_the_minute() {
    let mut day = day();
    day.is("10.1.0.7", Answer::Proven(of_class("a.pupil", Role::Pupil, "8B")));
    day.until("2026-11-19 10:29:59");
    day.load("10.1.0.7", LIST);
    day.until("2026-11-19 10:30");
    day.load("10.1.0.7", LIST);
    day.until("2026-11-19 10:35");
    assert_eq!((counted(&day), day.case().matches.len()), (1, 1));
    assert!(day.case().first_seen >= at("2026-11-19 10:30"));
}

#[test]
fn who_turns_out_to_be_of_another_class_is_a_case_and_what_was_one_stays_told() {
    let mut day = day();
    day.is("10.1.0.7", pupil("x.pupil"));
    day.load("10.1.0.7", LIST);
    day.until("2026-11-19 10:05");
    assert_eq!(day.incidents.len(), 1);
    day.learns("10.1.0.7", Answer::Proven(of_class("a.pupil", Role::Pupil, "8B")));
    day.until("2026-11-19 10:06");
    assert_eq!(counted(&day), 1, "the new answer is covered");
    assert!(matches!(day.case().phase, Phase::Withdrawn { .. }));
}

#[test]
fn grave_matters_of_the_class_are_told_as_ever() {
    let mut day = day();
    day.is("10.1.0.7", Answer::Proven(of_class("a.pupil", Role::Pupil, "8B")));
    day.load("10.1.0.7", URGENT);
    day.until("2026-11-19 10:01");
    assert_eq!(day.told().len(), 2);
}
