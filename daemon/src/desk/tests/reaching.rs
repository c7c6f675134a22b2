//! Nobody stays without a letter: everybody refused, another child's device, two devices.

use facts::{Act, Severity};

use super::day::{Day, LIST, TODAY, URGENT, class, pupil, staff};

const TAKEN: Act = Act::Taken { for_person: None };

fn urgent_matter_of_which_every_letter_is_refused() -> Day {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.load("10.1.0.7", URGENT);
    day.until("2026-11-19 10:01");
    assert_eq!(day.refuse_all(), 5);
    day
}

#[test]
fn a_server_that_refuses_everybody_does_not_end_the_matter() {
    let mut day = urgent_matter_of_which_every_letter_is_refused();
    let told: Vec<_> = day.letters.iter().map(|letter| letter.to.as_str().to_owned()).collect();
    assert_eq!(told, ["lead", "head", "deputy", "acting", "outside"], "it climbed at once");
    assert_eq!(day.mail_rows(), 1, "the health book says it");
    day.until("2026-11-19 10:05");
    assert_eq!(day.refuse_all(), 0, "not before five minutes are over");
    for minute in (6..=26).step_by(5) {
        day.until(&format!("2026-11-19 10:{minute:02}"));
        assert_eq!(day.refuse_all(), 5, "tried again at 10:{minute:02}");
    }
    assert_eq!(day.mail_rows(), 1, "said once");
    day.newly_told();
    day.until("2026-11-19 10:31");
    assert_eq!(day.take_all(), 5, "the server is mended");
    assert_eq!(day.mail_rows(), 2);
    let told = day.newly_told();
    assert_eq!(told.len(), 5, "each hears now that nobody has it: {told:?}");
    assert!(told.iter().all(|line| line.contains("not_taken: Please act now")), "{told:?}");
    assert_eq!(day.take_all(), 5);
}

#[test]
fn a_matter_that_nobody_could_be_told_of_is_tried_on_after_a_restart() {
    let mut day = urgent_matter_of_which_every_letter_is_refused();
    day.restart();
    for minute in [6, 11] {
        day.until(&format!("2026-11-19 10:{minute:02}"));
        assert_eq!(day.refuse_all(), 5);
    }
    day.until("2026-11-19 10:16");
    assert_eq!(day.take_all(), 5);
}

#[test]
fn a_matter_that_becomes_worse_while_everybody_is_refused_is_told_as_worse() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    let id = day.hello("10.1.0.7", URGENT);
    day.until("2026-11-19 10:01");
    assert_eq!(day.refuse_all(), 5);
    day.newly_told();
    day.reaches(id, facts::Rung::Loaded);
    assert_eq!(
        day.newly_told(),
        ["10:01 lead worse: Please act now", "10:01 head worse: Please act now"]
    );
}

#[test]
fn i_have_this_ends_the_tries_of_a_refused_letter_but_never_of_one_on_its_way() {
    let mut day = urgent_matter_of_which_every_letter_is_refused();
    let id = day.case().id;
    day.decides(id, "lead", TAKEN);
    day.until("2026-11-19 10:06");
    assert_eq!(day.refuse_all(), 5);
    day.until("2026-11-19 12:00");
    assert_eq!(day.refuse_all(), 0);
}

#[test]
fn an_end_of_day_letter_that_everybody_refuses_is_tried_again() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.look_up("10.1.0.7", LIST);
    day.until("2026-11-19 15:36");
    assert_eq!(day.refuse_all(), 5);
    assert_eq!(day.mail_rows(), 1);
    day.until("2026-11-19 15:41");
    assert_eq!(day.refuse_all(), 1, "the last of the line, again");
    day.restart();
    day.until("2026-11-19 15:47");
    assert_eq!(day.refuse_all(), 1);
    day.until("2026-11-19 15:53");
    assert_eq!(day.take_all(), 1);
}

fn event_of_five(seconds_between: i64) -> Day {
    let mut day = Day::begins("2026-11-19 10:00");
    for device in 10..15 {
        day.is(&format!("10.1.0.{device}"), class());
        day.load(&format!("10.1.0.{device}"), URGENT);
        let next = day.now + facts::Span::seconds(seconds_between);
        day.until_moment(next);
    }
    day.until("2026-11-19 10:05");
    day
}

#[test]
fn a_sixth_device_does_not_join_a_told_event_without_a_letter() {
    let mut day = event_of_five(0);
    assert_eq!(
        day.newly_told(),
        ["10:00 lead first: Please act now", "10:00 head first: Please act now"]
    );
    day.load("10.1.0.15", URGENT);
    day.until("2026-11-19 10:06");
    assert_eq!(
        day.newly_told(),
        ["10:05 lead worse: Please act now", "10:05 head worse: Please act now"]
    );
    for device in 16..26 {
        day.load(&format!("10.1.0.{device}"), URGENT);
        let next = day.now + facts::Span::seconds(20);
        day.until_moment(next);
    }
    day.until("2026-11-19 10:09:59");
    let told = day.newly_told();
    assert_eq!(told.iter().filter(|line| line.contains("lead worse")).count(), 1, "{told:?}");
    day.until("2026-11-19 10:15");
    let told = day.newly_told();
    assert_eq!(told.iter().filter(|line| line.contains("lead worse")).count(), 1, "{told:?}");
    assert_eq!(day.case().matches.len(), 16);
}

#[test]
fn devices_that_fold_into_an_older_case_are_told_of() {
    let mut day = event_of_five(30);
    let told = day.newly_told();
    let asked = told.iter().filter(|line| line.contains("lead first")).count();
    assert_eq!((day.incidents.len(), asked), (4, 4), "{told:?}");
    let event = day.incidents.values().find(|case| case.matches.len() == 2).unwrap().id;
    let of_event = |day: &Day| {
        let letters = day.changes.iter().filter_map(|change| match change {
            store::Change::Letter(letter) if letter.incident == Some(event) => Some(letter),
            _ => None,
        });
        letters.filter(|letter| letter.reason == facts::Reason::Worse).count()
    };
    assert_eq!(of_event(&day), 2, "the fifth device: the lead and the Headteacher");
    day.load("10.1.0.15", URGENT);
    day.until("2026-11-19 10:09");
    assert_eq!(of_event(&day), 4, "the sixth");
}

#[test]
fn another_device_in_a_taken_event_is_told_to_whoever_has_it() {
    let mut day = event_of_five(0);
    let id = day.case().id;
    day.decides(id, "lead", TAKEN);
    day.newly_told();
    day.load("10.1.0.15", URGENT);
    day.until("2026-11-19 10:10");
    assert!(day.letters[0].body.contains("Somebody has it already"), "{}", day.letters[0].body);
    assert_eq!(day.newly_told(), ["10:05 lead worse: Please act now"]);
    day.load("10.1.0.15", URGENT);
    day.until("2026-11-19 10:20");
    assert!(day.told().is_empty(), "the same device again is nothing new");
}

#[test]
fn another_device_in_an_event_that_was_told_to_the_end_begins_a_new_round() {
    let mut day = event_of_five(0);
    day.until("2026-11-19 10:40");
    day.newly_told();
    for device in 20..25 {
        day.load(&format!("10.1.0.{device}"), URGENT);
    }
    day.until("2026-11-19 11:11");
    assert_eq!(
        day.newly_told()[..6],
        [
            "10:40 lead worse: Please act now",
            "10:40 head worse: Please act now",
            "10:40 deputy worse: Please act now",
            "10:40 acting worse: Please act now",
            "10:40 outside worse: Please act now",
            "11:10 lead not_taken: Please act now",
        ]
    );
    assert_eq!(day.case().matches.len(), 10);
}

#[test]
fn a_device_that_joins_just_before_a_crash_is_told_after_it() {
    let mut day = event_of_five(0);
    day.newly_told();
    day.load("10.1.0.15", URGENT);
    let joined = day.now + facts::Span::seconds(20);
    day.until_moment(joined);
    day.newly_told();
    day.load("10.1.0.16", URGENT);
    let joined = day.now + facts::Span::seconds(21);
    day.until_moment(joined);
    assert!(day.newly_told().is_empty(), "too early for another letter");
    day.restart();
    day.until("2026-11-19 10:12");
    let told = day.newly_told();
    assert_eq!(told.iter().filter(|line| line.contains("worse")).count(), 2, "{told:?}");
}

#[test]
fn the_address_of_a_case_is_of_a_match_that_is_in_it() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.is("10.1.0.8", pupil("a.pupil"));
    day.hello("10.1.0.7", TODAY);
    day.until("2026-11-19 10:05");
    day.hello("10.1.0.8", TODAY);
    day.until("2026-11-19 10:10");
    let case = day.case().clone();
    let device = case.attribution.device.as_ref().unwrap();
    assert_eq!(case.sighting.address.to_string(), "10.1.0.8");
    assert_eq!(case.sighting.mac, Some(device.mac), "one sighting, not half of two");
    let id = case.id;
    day.learns("10.1.0.8", staff("t.staff"));
    let case = &day.incidents[&id];
    assert_eq!(case.severity, Severity::P2);
    assert_eq!(case.sighting.address.to_string(), "10.1.0.7", "the other went elsewhere");
}
