//! Later evidence: whoever was told is told again, and whoever it is about now is not.

use facts::{Act, Answer, Phase, Role, Severity};
use store::Change;

use super::day::{ADULT_SITE, Day, LIST, TODAY, URGENT, one_of, pupil, staff};
use super::school::candidate;

fn two_pupils() -> Answer {
    one_of(vec![candidate("a.pupil", Some(Role::Pupil)), candidate("b.pupil", Some(Role::Pupil))])
}

fn pupil_or_staff() -> Answer {
    one_of(vec![candidate("a.pupil", Some(Role::Pupil)), candidate("t.staff", Some(Role::Staff))])
}

fn told_of_a_pupil(name: &str) -> Day {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.load("10.1.0.7", name);
    day.until("2026-11-19 10:05");
    day.newly_told();
    day
}

#[test]
fn a_weaker_answer_is_told_as_urgently_as_a_stronger_one() {
    let mut day = told_of_a_pupil(URGENT);
    let before = day.case().clone();
    day.learns("10.1.0.7", two_pupils());
    let after = day.case();
    assert_eq!((after.id, after.revision), (before.id, before.revision + 1));
    assert_eq!(after.attribution.answer, two_pupils());
    assert_eq!(day.newly_told(), ["10:05 head changed: Changed", "10:05 lead changed: Changed"]);
}

#[test]
fn a_change_of_person_withdraws_from_one_and_informs_the_other() {
    let mut day = told_of_a_pupil(URGENT);
    let old = day.case().id;
    day.learns("10.1.0.7", pupil("b.pupil"));
    assert_eq!(day.incidents.len(), 2);
    assert!(matches!(day.incidents[&old].phase, Phase::Withdrawn { .. }));
    assert!(day.incidents[&old].matches.is_empty());
    let new = day.incidents.values().find(|incident| incident.id != old).unwrap();
    assert_eq!(new.attribution.answer, pupil("b.pupil"));
    assert_ne!(new.code, day.incidents[&old].code);
    assert_eq!(
        day.newly_told(),
        [
            "10:05 head changed: Changed",
            "10:05 lead changed: Changed",
            "10:05 lead first: Please act now",
            "10:05 head first: Please act now",
        ]
    );
}

#[test]
fn whoever_it_is_about_now_is_not_told_that_it_changed() {
    let mut day = told_of_a_pupil(ADULT_SITE);
    let old = day.case().id;
    day.learns("10.1.0.7", staff("a.lead"));
    assert_eq!(day.newly_told(), ["10:05 head first: Please look today"]);
    let withdrawn = &day.incidents[&old];
    assert!(withdrawn.seats.iter().all(|seat| seat.person.as_str() != "lead"));
    let new = day.incidents.values().find(|incident| incident.id != old).unwrap();
    assert_eq!(new.seats.len(), 1);
}

#[test]
fn who_becomes_one_of_those_it_may_be_about_loses_the_case_without_a_word() {
    for name in [URGENT, TODAY, ADULT_SITE] {
        let mut day = told_of_a_pupil(name);
        let either =
            vec![candidate("a.pupil", Some(Role::Pupil)), candidate("c.head", Some(Role::Staff))];
        day.learns("10.1.0.7", one_of(either));
        day.until("2026-11-20 18:00");
        let told = day.newly_told();
        assert!(!told.is_empty() && !told.iter().any(|said| said.contains(" head ")), "{told:?}");
        let mut seats = day.incidents.values().flat_map(|incident| &incident.seats);
        assert!(seats.all(|seat| seat.person.as_str() != "head"), "{name}");
    }
}

#[test]
fn a_login_that_explains_a_device_is_more_of_the_same_case() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", Answer::DeviceOnly);
    day.load("10.1.0.7", URGENT);
    day.until("2026-11-19 10:05");
    let id = day.case().id;
    day.newly_told();
    day.learns("10.1.0.7", pupil("a.pupil"));
    assert_eq!(day.case().id, id);
    assert_eq!(
        day.newly_told(),
        ["10:05 head worse: Please act now", "10:05 lead worse: Please act now"]
    );
}

#[test]
fn an_adult_who_may_have_been_the_user_leaves_the_lead_the_childs_part() {
    let mut day = told_of_a_pupil(URGENT);
    day.learns("10.1.0.7", pupil_or_staff());
    assert_eq!(day.seats(), ["head whole", "lead child_part", "deputy child_part"]);
    let told = day.newly_told();
    assert!(told.contains(&"10:05 lead changed: Changed".into()), "{told:?}");
    assert!(told.contains(&"10:05 head changed: Changed".into()), "{told:?}");
}

#[test]
fn a_lead_who_was_told_keeps_no_more_than_the_childs_part_of_another_theme() {
    let mut day = told_of_a_pupil(TODAY);
    assert_eq!(day.seats(), ["lead whole", "head whole", "deputy whole"]);
    day.learns("10.1.0.7", pupil_or_staff());
    assert_eq!(day.seats(), ["head whole", "lead child_part"]);
    assert_eq!(
        day.newly_told(),
        ["10:05 lead changed: Changed", "10:05 head first: Please look today"]
    );
}

#[test]
fn what_is_nobodys_business_any_more_is_forgotten_and_the_case_withdrawn() {
    let mut day = told_of_a_pupil(LIST);
    day.until("2026-11-19 15:36");
    assert_eq!(day.newly_told(), ["15:35 lead end_of_day: At the end of today"]);
    let id = day.case().id;
    day.learns("10.1.0.7", staff("t.staff"));
    assert!(matches!(day.incidents[&id].phase, Phase::Withdrawn { .. }));
    assert!(day.changes.iter().any(|c| matches!(c, Change::Forget { counted: None, .. })));
    assert_eq!(day.newly_told(), ["15:36 lead changed: Changed"]);
}

#[test]
fn one_match_of_two_can_leave() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.is("10.1.0.8", pupil("a.pupil"));
    day.hello("10.1.0.7", TODAY);
    day.hello("10.1.0.8", TODAY);
    day.until("2026-11-19 10:05");
    let id = day.case().id;
    day.newly_told();
    day.learns("10.1.0.8", pupil("b.pupil"));
    assert_eq!(day.incidents[&id].matches.len(), 1);
    assert_eq!(day.incidents[&id].phase, Phase::Open);
    assert_eq!(day.incidents.len(), 2);
    assert_eq!(
        day.newly_told(),
        ["10:05 lead changed: Changed", "10:05 lead first: Please look today"]
    );
}

#[test]
fn an_answer_that_stays_the_same_writes_nothing() {
    let mut day = told_of_a_pupil(URGENT);
    let written = day.changes.len();
    day.learns("10.1.0.7", pupil("a.pupil"));
    assert_eq!(day.changes.len(), written);
}

#[test]
fn a_closed_case_is_not_asked_again() {
    let mut day = told_of_a_pupil(URGENT);
    let id = day.case().id;
    let outcome = facts::Outcome::Accident;
    let (done, told, record) = (String::new(), String::new(), "12".into());
    day.decides(id, "lead", Act::Closed { outcome, done, told, record });
    let written = day.changes.len();
    day.learns("10.1.0.7", pupil("b.pupil"));
    assert_eq!(day.changes.len(), written);
}

#[test]
fn the_order_in_which_progress_and_evidence_come_does_not_matter() {
    let run = |order: [usize; 3]| {
        let mut day = Day::begins("2026-11-19 10:00");
        day.is("10.1.0.7", Answer::DeviceOnly);
        let id = day.hello("10.1.0.7", URGENT);
        for step in order {
            match step {
                0 => day.reaches(id, facts::Rung::Loaded),
                1 => day.reaches(id, facts::Rung::Answered),
                _ => day.learns("10.1.0.7", pupil("a.pupil")),
            }
        }
        day.until("2026-11-19 10:05");
        let case = day.case().clone();
        assert_eq!(case.severity, Severity::P1);
        (case.id, case.code.clone(), case.rung, case.attribution.clone(), day.told())
    };
    let expected = run([0, 1, 2]);
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(run(order), expected, "{order:?}");
    }
}

#[test]
fn progress_that_overtakes_its_match_is_not_lost() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    let matched = day.matched("10.1.0.7", URGENT, facts::Heard::TlsClientHello);
    day.reaches(matched.id, facts::Rung::Loaded);
    day.handle(super::super::Event::Match(&matched));
    day.until("2026-11-19 10:05");
    assert_eq!(day.case().severity, Severity::P1);
}

#[test]
fn a_change_that_changes_no_answer_does_not_empty_the_case() {
    let mut day = told_of_a_pupil(URGENT);
    let before = day.case().clone();
    for _ in 0..3 {
        day.learns("10.1.0.7", pupil("a.pupil"));
        day.learns("10.1.0.8", pupil("b.pupil"));
    }
    day.load("10.1.0.7", URGENT);
    day.until("2026-11-19 10:06");
    assert_eq!(day.case().phase, Phase::Open);
    assert_eq!(day.case().matches[0], before.matches[0]);
    assert_eq!(day.case().matches.len(), 2);
}

#[test]
fn what_sank_to_the_list_and_rose_again_is_told_as_what_it_is() {
    let mut day = told_of_a_pupil(TODAY);
    day.learns(
        "10.1.0.7",
        one_of(vec![
            candidate("a.pupil", Some(Role::Pupil)),
            candidate("e.chair", Some(Role::Staff)),
        ]),
    );
    day.learns("10.1.0.7", staff("e.chair"));
    day.newly_told();
    day.learns("10.1.0.7", Answer::DeviceOnly);
    let open = day.incidents.values().find(|case| case.phase == Phase::Open).unwrap();
    assert_eq!((open.severity, open.tellings[0].severity), (Severity::P2, Severity::P2));
    assert!(open.tellings[0].next_step.is_some() && open.tellings[0].list_due.is_none());
}
