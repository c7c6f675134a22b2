//! Study exceptions at the desk: who is covered is known only once it is known who it was.

use std::sync::Arc;

use facts::{Answer, Candidate, Category, Duty, Phase, Role, Rung, Several, Span, Why};
use rules::{Reading, RuleSet, Source};
use store::Change;

use super::super::Event;
use super::day::{Day, LIST, TODAY, URGENT, one_of, pupil};
use super::school::{EVERYBODY, at, calendar, candidate, people};

/// The example that ships: gambling is open for 8B.
const EXAMPLE: &str = include_str!("../../../../packaging/config/exceptions.toml");

fn rules() -> Arc<RuleSet> {
    rules_with(EXAMPLE)
}

fn rules_with(text: &str) -> Arc<RuleSet> {
    let set = RuleSet::builtin().unwrap().set;
    let people = people(EVERYBODY).signatories();
    let reading = Reading { rules: &set, calendar: &calendar(), people: &people };
    let text = text
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

/// Whether the case of one load by whoever it was says that only the proof was missing.
fn lacks_only_proof(answer: Answer, name: &str) -> bool {
    let mut day = day();
    day.is("10.1.0.7", answer);
    day.load("10.1.0.7", name);
    day.until("2026-11-19 10:05");
    day.incidents.values().any(|case| case.exception_unproven)
}

#[test]
fn the_record_says_where_an_approved_topic_lacks_only_the_proof() {
    let inside = |account: &str| of_class(account, Role::Pupil, "8B");
    let class = || of_class("class8b", Role::Class, "8B");
    let outside = || of_class("c.pupil", Role::Pupil, "8A");
    let proof_age = Span::minutes(3);
    let likely = |candidate| Answer::Likely { candidate, proof_age };
    let or_unknown = |candidates| Answer::OneOf(Several::or_unknown(candidates).unwrap());
    let with_duty =
        Candidate { duties: vec![Duty::Technician], ..of_class("s.pupil", Role::Pupil, "8B") };
    let unlisted = Candidate { role: None, ..inside("n.obody") };
    for (what, answer, says) in [
        ("likely", likely(inside("a.pupil")), true),
        ("a class, likely", likely(class()), true),
        ("last known", Answer::LastKnown { candidate: inside("a.pupil"), proof_age }, true),
        ("one of two of it", one_of(vec![inside("a.pupil"), inside("b.pupil")]), true),
        ("a pupil or the class", one_of(vec![inside("a.pupil"), class()]), true),
        ("one of another class", one_of(vec![inside("a.pupil"), outside()]), false),
        ("perhaps somebody else", or_unknown(vec![inside("a.pupil")]), false),
        ("perhaps a teacher", one_of(vec![inside("a.pupil"), of_staff()]), false),
        ("a teacher of that group", likely(of_class("t", Role::Staff, "8B")), false),
        ("a pupil with a duty", likely(with_duty), false),
        ("an account nobody listed", likely(unlisted), false),
        ("likely, of another class", likely(outside()), false),
        ("proven, of another class", Answer::Proven(outside()), false),
        ("device only", Answer::DeviceOnly, false),
        ("nobody", Answer::Unknown(Why::NoDevice), false),
    ] {
        assert_eq!(lacks_only_proof(answer, LIST), says, "{what}");
    }
    assert!(!lacks_only_proof(likely(inside("a.pupil")), URGENT), "never where it is urgent");
    assert!(!lacks_only_proof(likely(inside("a.pupil")), TODAY), "never another kind");
}

fn of_staff() -> Candidate {
    of_class("t.staff", Role::Staff, "8B")
}

#[test]
fn two_topics_for_one_pupil_each_are_not_one_for_both() {
    let first = EXAMPLE.find("[[exception]]").unwrap();
    let second = EXAMPLE[first..].replace("\"8B\"", "\"8A\"");
    let text = format!("{EXAMPLE}\n{second}");
    let mut day = Day::begins("2026-11-19 10:00");
    day.handle(Event::RulesSwapped(&rules_with(&text)));
    let pupils = ["8A", "8B"].map(|group| of_class(group, Role::Pupil, group));
    day.is("10.1.0.7", one_of(pupils.to_vec()));
    day.load("10.1.0.7", LIST);
    day.until("2026-11-19 10:05");
    assert!(!day.case().exception_unproven);
}

#[test]
fn what_a_proof_would_have_changed_changes_no_level_no_way_and_no_letter() {
    let told = |group: &str| {
        let mut day = day();
        let candidate = of_class("a.pupil", Role::Pupil, group);
        day.is("10.1.0.7", Answer::Likely { candidate, proof_age: Span::minutes(3) });
        day.load("10.1.0.7", LIST);
        day.until("2026-11-19 16:00");
        let case = day.case().clone();
        (case.exception_unproven, case.severity, day.seats(), day.told())
    };
    let (inside, outside) = (told("8B"), told("8A"));
    assert_eq!((inside.0, outside.0), (true, false));
    assert_eq!((inside.1, inside.2, inside.3), (outside.1, outside.2, outside.3));
}

#[test]
fn one_match_after_the_lesson_or_a_restart_is_told_as_it_is() {
    let mut day = day();
    let candidate = of_class("a.pupil", Role::Pupil, "8B");
    day.is("10.1.0.7", Answer::Likely { candidate, proof_age: Span::minutes(3) });
    day.load("10.1.0.7", LIST);
    day.until("2026-11-19 10:05");
    day.restart();
    day.until("2026-11-19 10:10");
    assert!(day.case().exception_unproven, "the record has it");
    day.handle(Event::RulesSwapped(&rules()));
    day.until("2026-11-19 10:31");
    day.load("10.1.0.7", LIST);
    day.until("2026-11-19 11:00");
    assert_eq!((day.case().matches.len(), day.case().exception_unproven), (2, false));
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
