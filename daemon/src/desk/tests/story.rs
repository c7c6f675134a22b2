//! Stories of a school day, from what a device did to who was told when.

use facts::{Act, Answer, Outcome, PersonId, Phase, Role, Rung, Severity};
use store::Change;

use super::day::{ADULT_SITE, Day, LIST, TODAY, URGENT, class, one_of, pupil, staff};
use super::school::candidate;

const TAKEN: Act = Act::Taken { for_person: None };

fn closed(outcome: Outcome) -> Act {
    Act::Closed { outcome, done: "Talked.".into(), told: "Parents.".into(), record: "17".into() }
}

#[test]
fn a_page_loaded_by_a_pupil_tells_the_lead_and_the_headteacher_after_the_grace() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.load("10.1.0.7", URGENT);
    day.until("2026-11-19 10:00:19");
    assert!(day.told().is_empty());
    day.until("2026-11-19 10:01");
    assert_eq!(
        day.newly_told(),
        ["10:00 lead first: Please act now", "10:00 head first: Please act now"]
    );
    let case = day.case();
    assert_eq!((case.severity, case.rung, case.revision), (Severity::P1, Rung::Loaded, 1));
    assert_eq!(day.seats(), ["lead whole", "head whole", "deputy whole"]);
    day.until("2026-11-19 11:00");
    assert_eq!(
        day.told(),
        [
            "10:10 deputy not_taken: Please act now",
            "10:20 acting not_taken: Please act now",
            "10:30 lead not_taken: Please act now",
            "10:30 head not_taken: Please act now",
            "10:30 deputy not_taken: Please act now",
            "10:30 acting not_taken: Please act now",
            "10:30 outside not_taken: Please act now",
        ]
    );
}

#[test]
fn i_have_this_stops_the_climb_and_the_others_learn_it() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.load("10.1.0.7", URGENT);
    day.until("2026-11-19 10:03");
    let id = day.case().id;
    day.newly_told();
    day.decides(id, "lead", Act::Seen);
    assert!(day.newly_told().is_empty() && day.case().phase == Phase::Open, "seen stops nothing");
    day.decides(id, "lead", TAKEN);
    assert_eq!(day.newly_told(), ["10:03 head taken: Taken"]);
    assert!(matches!(&day.case().phase, Phase::Taken { by, .. } if by.as_str() == "lead"));
    day.ends();
    assert!(day.told().is_empty());
}

#[test]
fn taken_for_another_is_that_persons_and_both_need_no_letter() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.load("10.1.0.7", URGENT);
    day.until("2026-11-19 10:03");
    let id = day.case().id;
    day.newly_told();
    let for_person = Some(PersonId::new("lead"));
    day.decides(id, "head", Act::Taken { for_person });
    assert!(day.told().is_empty());
    assert!(matches!(&day.case().phase, Phase::Taken { by, .. } if by.as_str() == "lead"));
}

#[test]
fn whoever_may_not_see_a_case_can_not_take_it() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", staff("t.staff"));
    day.load("10.1.0.7", ADULT_SITE);
    day.until("2026-11-19 10:01");
    let id = day.case().id;
    assert_eq!(day.newly_told(), ["10:00 head first: Please look today"]);
    day.decides(id, "lead", TAKEN);
    day.decides(id, "tech", closed(Outcome::FalseAlarm));
    let faults =
        day.changes.iter().filter(|c| matches!(c, Change::Health(h) if h.kind == "decision"));
    assert_eq!(faults.count(), 2);
    assert_eq!(day.case().phase, Phase::Open);
    assert_eq!(day.seats(), ["head whole"]);
}

#[test]
fn a_hand_over_is_an_offer_until_the_other_takes_it() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.load("10.1.0.7", URGENT);
    day.until("2026-11-19 10:03");
    let id = day.case().id;
    day.decides(id, "lead", TAKEN);
    day.newly_told();
    day.until("2026-11-19 11:00");
    let to = PersonId::new("deputy");
    day.decides(id, "lead", Act::HandedOver { to, note: "I am in court.".into() });
    day.until("2026-11-19 11:05");
    let told = day.newly_told();
    assert_eq!(
        told,
        ["11:00 deputy handed_over: Please act now", "11:00 lead handed_over: Please act now"],
        "the deputy at once; the lead too, who must hear it if nobody takes it"
    );
    day.decides(id, "deputy", TAKEN);
    assert_eq!(day.newly_told()[0], "11:05 lead taken: Taken");
}

#[test]
fn five_hundred_hits_are_one_case_and_one_letter() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    for _ in 0..500 {
        day.hello("10.1.0.7", TODAY);
        let next = day.now + facts::Span::millis(200);
        day.until_moment(next);
    }
    day.until("2026-11-19 10:05");
    assert_eq!(day.told(), ["10:00 lead first: Please look today"]);
    assert_eq!(day.case().matches.len(), 500);
    let revisions = day.case().revision;
    assert!(revisions < 40, "{revisions} revisions");
}

#[test]
fn what_becomes_worse_is_told_again_and_what_stays_the_same_is_not() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    let first = day.hello("10.1.0.7", URGENT);
    day.until("2026-11-19 10:01");
    assert_eq!(day.newly_told(), ["10:00 lead first: Please look today"]);
    day.hello("10.1.0.7", URGENT);
    day.until("2026-11-19 10:02");
    assert!(day.newly_told().is_empty());
    let id = day.case().id;
    day.decides(id, "lead", TAKEN);
    day.reaches(first, Rung::Loaded);
    let more = "Second letter: there is more since 10:00. Nothing you noted is lost.";
    assert!(day.letters[0].body.contains(more), "{}", day.letters[0].body);
    assert_eq!(
        day.newly_told(),
        ["10:02 lead worse: Please act now", "10:02 head first: Please act now"]
    );
    assert_eq!(day.case().phase, Phase::Open, "nobody has taken the worse matter");
    day.until("2026-11-19 10:13");
    assert_eq!(day.newly_told(), ["10:12 deputy not_taken: Please act now"]);
}

#[test]
fn look_ups_alone_wait_for_the_end_of_the_day() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.is("10.1.0.8", pupil("b.pupil"));
    day.look_up("10.1.0.7", URGENT);
    day.look_up("10.1.0.8", LIST);
    day.until("2026-11-19 15:34");
    assert!(day.told().is_empty() && day.incidents.len() == 2);
    day.until("2026-11-19 23:00");
    assert_eq!(day.told(), ["15:35 lead end_of_day: At the end of today"]);
    assert_eq!(day.letters[0].subject, "At the end of today: 2 new things");
    day.newly_told();
    day.until("2026-11-23 23:00");
    assert!(day.told().is_empty(), "nothing new, no letter");
}

#[test]
fn a_helpful_filter_makes_a_count_and_forgets_the_person() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    let id = day.hello("10.1.0.7", ADULT_SITE);
    day.reaches(id, Rung::Refused);
    day.until("2026-11-19 10:05");
    assert!(day.incidents.is_empty());
    let forgotten = |c: &&Change| matches!(c, Change::Forget { counted: Some(_), .. });
    assert_eq!(day.changes.iter().filter(forgotten).count(), 1);
    assert!(!day.changes.iter().any(|c| matches!(c, Change::Attributed { .. })));
}

#[test]
fn three_refused_attempts_of_one_device_in_a_day_are_a_case_and_of_three_are_none() {
    let attempts = |devices: [&str; 3]| {
        let mut day = Day::begins("2026-11-19 10:00");
        for (device, time) in devices.into_iter().zip(["10:10", "11:20", "12:30"]) {
            day.is(device, class());
            let id = day.hello(device, ADULT_SITE);
            day.reaches(id, Rung::Refused);
            day.until(&format!("2026-11-19 {time}"));
        }
        day.incidents.len()
    };
    assert_eq!(attempts(["10.1.0.7"; 3]), 1);
    assert_eq!(attempts(["10.1.0.7", "10.1.0.8", "10.1.0.9"]), 0, "28 children are not one");
}

#[test]
fn an_account_of_one_person_is_one_case_on_any_device_until_the_day_ends() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.is("10.1.0.8", pupil("a.pupil"));
    day.hello("10.1.0.7", TODAY);
    day.until("2026-11-19 13:00");
    day.hello("10.1.0.8", TODAY);
    day.until("2026-11-20 09:00");
    assert_eq!(day.incidents.len(), 1);
    day.hello("10.1.0.8", TODAY);
    day.until("2026-11-20 09:01");
    assert_eq!(day.incidents.len(), 2, "a new day is a new case");
}

#[test]
fn a_class_account_is_one_case_for_each_device_and_lesson() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", class());
    day.is("10.1.0.8", class());
    for (address, time) in [("10.1.0.7", "10:20"), ("10.1.0.8", "10:59"), ("10.1.0.7", "11:05")] {
        day.until(&format!("2026-11-19 {time}"));
        day.hello(address, TODAY);
    }
    day.until("2026-11-19 11:10");
    assert_eq!(day.incidents.len(), 3);
}

#[test]
fn many_devices_of_one_room_are_one_lesson_event_for_today_unless_loaded() {
    let mut day = Day::begins("2026-11-19 10:00");
    let hellos: Vec<_> =
        (10..38).map(|device| day.hello(&format!("10.1.0.{device}"), URGENT)).collect();
    for id in &hellos {
        day.reaches(*id, Rung::Answered);
    }
    day.until("2026-11-19 10:05");
    assert_eq!(day.case().severity, Severity::P2);
    assert_eq!(day.case().matches.len(), 28);
    assert_eq!(day.newly_told(), ["10:00 lead first: Please look today"]);
    day.reaches(hellos[3], Rung::Loaded);
    assert_eq!(day.case().severity, Severity::P1);
    assert_eq!(day.newly_told()[0], "10:05 lead worse: Please act now");
}

#[test]
fn one_of_a_pupil_and_a_colleague_has_two_views_and_the_lead_sees_no_adult() {
    let mut day = Day::begins("2026-11-19 10:00");
    let both = || {
        one_of(vec![
            candidate("a.pupil", Some(Role::Pupil)),
            candidate("t.staff", Some(Role::Staff)),
        ])
    };
    day.is("10.1.0.7", both());
    day.load("10.1.0.7", URGENT);
    day.until("2026-11-19 10:01");
    assert_eq!(day.seats(), ["head whole", "lead child_part", "deputy child_part"]);
    assert_eq!(
        day.newly_told(),
        [
            "10:00 head first: Please act now",
            "10:00 lead first: Please act now",
            "10:00 deputy first: Please act now",
        ]
    );
    let id = day.case().id;
    day.decides(id, "lead", TAKEN);
    assert_eq!(day.newly_told(), ["10:01 deputy taken: Taken"], "the other view is not in hand");
    assert_eq!(day.case().phase, Phase::Open);
    day.until("2026-11-19 10:11");
    assert_eq!(day.newly_told(), ["10:10 acting not_taken: Please act now"]);
    day.decides(id, "head", TAKEN);
    assert!(matches!(&day.case().phase, Phase::Taken { by, .. } if by.as_str() == "head"));
}

#[test]
fn nobody_known_and_a_helpers_device_go_the_way_of_a_child() {
    for answer in [Answer::DeviceOnly, Answer::Unknown(facts::Why::NoDevice)] {
        let mut day = Day::begins("2026-11-19 10:00");
        day.is("10.1.0.7", answer);
        day.load("10.1.0.7", URGENT);
        day.until("2026-11-19 10:01");
        assert_eq!(day.told().len(), 2);
    }
}

#[test]
fn a_refused_letter_goes_to_the_next_person_in_the_same_second() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.hello("10.1.0.7", TODAY);
    day.until("2026-11-19 10:01");
    let id = day.letters[0].id;
    day.newly_told();
    day.refuse(id);
    assert_eq!(day.newly_told(), ["10:01 head first: Please look today"]);
    day.is("10.1.0.8", pupil("b.pupil"));
    day.look_up("10.1.0.8", LIST);
    day.until("2026-11-19 15:36");
    let list = day.letters.iter().find(|l| l.incident.is_none()).unwrap().id;
    day.newly_told();
    day.refuse(list);
    assert_eq!(day.newly_told(), ["15:36 head end_of_day: At the end of today"]);
}

#[test]
fn after_closing_the_same_again_is_a_new_case() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.hello("10.1.0.7", TODAY);
    day.until("2026-11-19 10:01");
    let first = day.case().clone();
    day.decides(first.id, "lead", closed(Outcome::PopUp));
    assert!(matches!(day.case().phase, Phase::Closed { outcome: Outcome::PopUp, .. }));
    day.newly_told();
    day.hello("10.1.0.7", TODAY);
    day.until("2026-11-19 10:03");
    assert_eq!(day.incidents.len(), 2);
    assert_eq!(day.newly_told(), ["10:01 lead first: Please look today"]);
}
