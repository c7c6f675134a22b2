//! The school's clock in a case: mornings, home time, clubs, nights and weekends; storms.

use std::collections::BTreeSet;

use facts::{Answer, Category, Role, Rung, Severity};

use super::day::{ADULT_SITE, Day, LIST, TODAY, URGENT, class, one_of, pupil, staff};
use super::school::candidate;

fn loaded_at(when: &str, answer: Answer, name: &str) -> Day {
    let mut day = Day::begins(when);
    day.is("10.1.0.7", answer);
    day.load("10.1.0.7", name);
    day
}

#[test]
fn on_a_saturday_night_the_letter_leaves_and_the_climb_waits_for_monday() {
    let mut day = loaded_at("2026-11-21 03:00", pupil("a.pupil"), URGENT);
    day.until("2026-11-22 23:00");
    assert_eq!(
        day.newly_told(),
        ["03:00 lead first: Please act now", "03:00 head first: Please act now"]
    );
    day.until("2026-11-23 07:46");
    assert_eq!(day.newly_told(), ["07:45 deputy not_taken: Please act now"]);
}

#[test]
fn a_matter_for_today_of_a_saturday_leads_the_list_of_monday_and_says_so() {
    let mut day = loaded_at("2026-11-21 16:40", pupil("a.pupil"), TODAY);
    day.until("2026-11-23 07:00");
    assert!(day.told().is_empty() && day.incidents.len() == 1);
    day.until("2026-11-23 08:00");
    assert_eq!(day.told(), ["07:45 lead first: Please look today"]);
    let body = &day.letters[0].body;
    assert!(body.contains("It arrived on Saturday 21 November, 16:40."), "{body}");
    assert!(body.contains("before 14:30 today"), "{body}");
}

#[test]
fn taken_before_its_letter_is_due_needs_no_letter() {
    let mut day = loaded_at("2026-11-21 16:40", pupil("a.pupil"), TODAY);
    day.until("2026-11-22 12:00");
    let id = day.case().id;
    day.decides(id, "lead", facts::Act::Taken { for_person: None });
    day.ends();
    assert!(day.told().is_empty());
}

#[test]
fn seven_minutes_before_home_time_on_friday() {
    let mut day = loaded_at("2026-11-20 15:07:40", class(), URGENT);
    day.until("2026-11-20 15:30");
    assert_eq!(
        day.told()[..4],
        [
            "15:08 lead first: Please act now",
            "15:08 head first: Please act now",
            "15:13 deputy not_taken: Please act now",
            "15:18 lead not_taken: Please act now",
        ]
    );
    let body = &day.letters[0].body;
    assert!(body.contains("Friday 20 November, 15:08. Home time today: 15:15."), "{body}");
    assert!(body.contains("If nobody has it by 15:13, the next person"), "{body}");
}

#[test]
fn a_list_matter_after_the_letter_of_friday_waits_for_monday_afternoon() {
    let mut day = Day::begins("2026-11-20 15:36");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.look_up("10.1.0.7", LIST);
    day.until("2026-11-23 15:34");
    assert!(day.told().is_empty());
    day.until("2026-11-23 15:36");
    assert_eq!(day.told(), ["15:35 lead end_of_day: At the end of today"]);
}

#[test]
fn what_was_for_the_list_and_becomes_urgent_leaves_the_list() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.look_up("10.1.0.7", URGENT);
    day.until("2026-11-19 10:05");
    assert!(day.told().is_empty());
    day.load("10.1.0.7", URGENT);
    day.until("2026-11-19 10:06");
    assert_eq!(day.told().len(), 2);
    let id = day.case().id;
    day.decides(id, "lead", facts::Act::Taken { for_person: None });
    day.ends();
    assert!(day.told().iter().all(|told| !told.contains("end_of_day")));
}

/// The words of the first letter about a case, without what may differ: code and times.
fn words(answer: Answer) -> Vec<(String, String)> {
    let mut day = loaded_at("2026-11-19 10:00", answer, "c04.test.wardline.example");
    day.until("2026-11-19 10:01");
    assert_eq!(day.case().severity, Severity::P1);
    let code = day.case().code.clone();
    let plain = |text: &str| {
        text.replace(code.as_str(), "CODE")
            .replace(&code.in_link(), "LINK")
            .replace("11:00", "10:10")
    };
    day.letters.iter().map(|l| (plain(&l.subject), plain(&l.body))).collect()
}

#[test]
fn the_words_are_the_same_for_every_subject_and_every_recipient() {
    let pupil_or = |account| {
        one_of(vec![candidate("a.pupil", Some(Role::Pupil)), candidate(account, Some(Role::Staff))])
    };
    let subjects = [
        pupil("a.pupil"),
        class(),
        Answer::DeviceOnly,
        staff("t.staff"),
        staff("a.lead"),
        staff("c.head"),
        staff("e.chair"),
        staff("h.tech"),
        Answer::ProvenShared(candidate("master", Some(Role::Admin))),
        Answer::Proven(candidate("x", None)),
        pupil_or("t.staff"),
        pupil_or("c.head"),
    ];
    let all: BTreeSet<_> = subjects.into_iter().flat_map(words).collect();
    assert_eq!(all.len(), 1, "{all:#?}");
}

#[test]
fn each_letter_of_a_case_is_in_one_thread_and_no_message_has_the_same_id() {
    let mut day = loaded_at("2026-11-19 10:00", pupil("a.pupil"), URGENT);
    day.ends();
    let header = |message: &[u8], name: &str| {
        let text = String::from_utf8(message.to_vec()).unwrap();
        text.lines().find(|line| line.starts_with(name)).unwrap().to_owned()
    };
    let threads: BTreeSet<_> =
        day.letters.iter().map(|l| header(&l.message, "References:")).collect();
    let ids: BTreeSet<_> = day.letters.iter().map(|l| header(&l.message, "Message-ID:")).collect();
    assert_eq!((threads.len(), ids.len()), (1, day.letters.len()));
    let thread = threads.first().unwrap();
    assert!(!thread.contains(&day.case().id.to_string()), "a header names no case");
}

#[test]
fn a_storm_of_five_thousand_hits_is_four_letters_at_most_and_one_worse_hit_breaks_through() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    for _ in 0..5_000 {
        day.hello("10.1.0.7", TODAY);
        let next = day.now + facts::Span::millis(12);
        day.until_moment(next);
    }
    day.until("2026-11-19 10:03");
    assert_eq!(day.newly_told(), ["10:00 lead first: Please look today"]);
    assert_eq!(day.case().matches.len(), 5_000);
    day.load("10.1.0.7", URGENT);
    day.until("2026-11-19 10:04");
    assert_eq!(day.newly_told().len(), 2);
    let grave = day.incidents.values().filter(|case| case.category == Category::C01);
    assert_eq!(grave.map(|case| case.severity).collect::<Vec<_>>(), [Severity::P1]);
}

#[test]
fn code_words_are_never_shared_and_never_say_what_it_is_about() {
    let mut day = Day::begins("2026-11-19 10:00");
    for device in 1..=250 {
        let account = format!("p{device}");
        day.is(&format!("10.1.0.{device}"), pupil(&account));
        day.hello(&format!("10.1.0.{device}"), TODAY);
    }
    day.until("2026-11-19 10:05");
    let codes: BTreeSet<_> = day.incidents.values().map(|case| case.code.clone()).collect();
    assert_eq!(codes.len(), 250);
    let nouns = |codes: &BTreeSet<facts::CodeWords>| -> BTreeSet<_> {
        codes.iter().map(|code| code.noun().to_owned()).collect()
    };
    assert!(nouns(&codes).len() >= crate::mail::CALM_NOUNS.len() / 2);
    let mut day = Day::begins("2026-11-19 10:00");
    for device in 1..=60 {
        let account = format!("p{device}");
        day.is(&format!("10.1.0.{device}"), pupil(&account));
        day.hello(&format!("10.1.0.{device}"), TODAY);
    }
    day.until("2026-11-19 10:05");
    let codes: BTreeSet<_> = day.incidents.values().map(|case| case.code.clone()).collect();
    assert_eq!(nouns(&codes).len(), 60, "two of one noun are mixed up on the telephone");
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    day.hello("10.1.0.7", TODAY);
    day.until("2026-11-19 10:05");
    let noun = day.case().code.as_str().split(' ').next().unwrap().to_lowercase();
    let mut again = Day::begins("2026-11-19 10:00");
    let mut named = candidate("a.pupil", Some(Role::Pupil));
    named.display = Some(format!("Jo {noun}"));
    again.is("10.1.0.7", Answer::Proven(named));
    again.hello("10.1.0.7", TODAY);
    again.until("2026-11-19 10:05");
    assert!(!again.case().code.as_str().to_lowercase().contains(&noun));
}

#[test]
fn three_hellos_without_an_answer_within_an_hour_need_somebody_now() {
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    for minute in [10, 20, 30] {
        day.hello("10.1.0.7", URGENT);
        day.until(&format!("2026-11-19 10:{minute}"));
    }
    assert_eq!(day.case().severity, Severity::P1);
    assert_eq!(day.case().rung, Rung::Tried);
    let mut day = Day::begins("2026-11-19 10:00");
    day.is("10.1.0.7", pupil("a.pupil"));
    for _ in 0..30 {
        day.hello("10.1.0.7", URGENT);
    }
    day.until("2026-11-19 10:10");
    assert_eq!(day.case().severity, Severity::P2, "one page asks often; that is one attempt");
}

#[test]
fn an_adult_site_on_a_staff_login_is_the_headteachers_alone() {
    let mut day = loaded_at("2026-11-19 10:00", staff("t.staff"), ADULT_SITE);
    day.ends();
    let told: BTreeSet<_> = day.letters.iter().map(|letter| letter.to.as_str()).collect();
    assert_eq!(told, BTreeSet::from(["acting", "head"]));
}
