//! The calendar against an invented school's year, clock changes included.

use facts::{Span, Timestamp};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::{Calendar, DayKind, OutOfHours};

const ELM_ROW: &str = r#"
terms = [
    { from = 2026-09-02, to = 2026-10-23 },
    { from = "2026-11-02", to = "2026-12-18" },
    { from = 2027-01-04, to = 2027-04-01 },
]
inset = [2026-11-27]
closed = [2026-11-30]
bank_holidays = [2026-12-25, 2026-12-28, 2027-01-01, 2027-03-26, 2027-03-29]
half_days = [{ on = 2026-12-18, home_time = "13:15" }]
holiday_clubs = [{ from = 2026-10-26, to = 2026-10-30, opens = "08:30", children_until = "17:30" }]

[hours]
opens = "07:45"
home_time = 15:15
children_until = "18:00"

[friday]
children_until = "15:15"
"#;

fn elm_row() -> Calendar {
    Calendar::parse(ELM_ROW).unwrap()
}

fn elm_row_with(rule: OutOfHours) -> Calendar {
    Calendar::parse(&format!("out_of_hours = \"{}\"\n{ELM_ROW}", rule.as_str())).unwrap()
}

/// A moment by the school's clock: `2026-11-20 15:08`.
fn at(text: &str) -> Timestamp {
    let civil: DateTime = text.parse().unwrap();
    let moment = TimeZone::get("Europe/London").unwrap().to_timestamp(civil).unwrap();
    Timestamp::from_micros(moment.as_microsecond())
}

#[test]
fn a_school_day_has_its_hours() {
    let day = elm_row().day(at("2026-11-19 10:00"));
    assert_eq!(
        day.kind,
        DayKind::School {
            opens: at("2026-11-19 07:45"),
            home_time: at("2026-11-19 15:15"),
            children_until: at("2026-11-19 18:00"),
        }
    );
    assert_eq!((day.begins, day.ends), (at("2026-11-19 00:00"), at("2026-11-20 00:00")));
}

#[test]
fn each_kind_of_day_is_told_from_the_others() {
    let calendar = elm_row();
    let kind = |text| calendar.day(at(text)).kind;
    assert!(matches!(kind("2026-11-20 12:00"), DayKind::School { .. }));
    assert_eq!(kind("2026-11-21 12:00"), DayKind::NoChildren, "Saturday");
    assert_eq!(kind("2026-11-27 12:00"), DayKind::Inset);
    assert_eq!(kind("2026-11-30 12:00"), DayKind::NoChildren, "closed");
    assert_eq!(kind("2027-03-26 12:00"), DayKind::NoChildren, "Good Friday");
    assert!(matches!(kind("2026-10-27 12:00"), DayKind::Clubs { .. }));
    assert_eq!(kind("2026-12-21 12:00"), DayKind::NoChildren, "Christmas holiday");
    assert_eq!(calendar.home_time_today(at("2026-12-18 09:00")), Some(at("2026-12-18 13:15")));
    assert_eq!(calendar.home_time_today(at("2026-11-21 09:00")), None);
}

#[test]
fn the_last_minutes_before_home_time_begin_and_end_sharply() {
    let calendar = elm_row();
    let last = |text| calendar.in_last_minutes(at(text), 45);
    assert!(!last("2026-11-20 14:29:59"));
    assert!(last("2026-11-20 14:30"));
    assert!(last("2026-11-20 15:14:59"));
    assert!(!last("2026-11-20 15:15"));
    assert!(last("2026-12-18 13:00"), "a half day");
    assert!(!last("2026-11-21 15:00"), "a Saturday");
}

#[test]
fn children_are_on_site_in_school_and_clubs_only() {
    let calendar = elm_row();
    let there = |text| calendar.children_on_site(at(text));
    assert!(there("2026-11-19 17:59") && !there("2026-11-19 18:00"));
    assert!(!there("2026-11-20 15:15"), "no club on Fridays");
    assert!(!there("2026-11-20 07:44:59") && there("2026-11-20 07:45"));
    assert!(there("2026-10-27 17:29") && !there("2026-10-27 17:30"), "holiday club");
    assert!(!there("2026-11-27 10:00"), "INSET");
    assert!(!there("2026-12-18 13:15"), "clubs do not run on a half day");
}

#[test]
fn the_next_school_morning_passes_over_weekends_inset_and_holidays() {
    let calendar = elm_row();
    let next = |text| calendar.next_school_morning(at(text));
    assert_eq!(next("2026-11-19 06:00"), at("2026-11-19 07:45"));
    assert_eq!(next("2026-11-19 07:45"), at("2026-11-19 07:45"));
    assert_eq!(next("2026-11-19 07:45:01"), at("2026-11-20 07:45"));
    assert_eq!(next("2026-11-26 16:00"), at("2026-12-01 07:45"), "INSET, weekend, closure");
    assert_eq!(next("2026-12-18 14:00"), at("2027-01-04 07:45"));
}

#[test]
fn a_letter_climbs_as_the_written_rule_says_and_always_while_children_are_there() {
    let school = elm_row_with(OutOfHours::SchoolDays);
    assert!(school.may_climb(at("2026-11-20 15:20")));
    assert!(!school.may_climb(at("2026-11-20 18:00")));
    assert!(school.may_climb(at("2026-10-27 09:00")), "a holiday club has children");
    assert!(!school.may_climb(at("2026-11-21 12:00")));
    assert_eq!(school.next_climb(at("2026-11-20 18:00")), at("2026-11-23 07:45"));
    assert_eq!(school.next_climb(at("2026-10-24 12:00")), at("2026-10-26 08:30"), "the club");
    assert_eq!(school.next_working_morning(at("2026-11-26 19:00")), at("2026-11-27 07:45"));

    let weekdays = elm_row_with(OutOfHours::Weekdays8To18);
    assert!(
        weekdays.may_climb(at("2026-12-21 08:00")) && !weekdays.may_climb(at("2026-12-21 18:00"))
    );
    assert_eq!(weekdays.next_climb(at("2026-12-24 18:30")), at("2026-12-29 08:00"));
    assert_eq!(weekdays.next_working_morning(at("2026-12-24 18:30")), at("2026-12-29 08:00"));
    assert_eq!(weekdays.next_climb(at("2026-11-19 07:50")), at("2026-11-19 07:50"), "children");

    let daily = elm_row_with(OutOfHours::EveryDay);
    assert!(daily.may_climb(at("2026-12-26 03:00")));
    assert_eq!(daily.next_climb(at("2026-12-26 03:00")), at("2026-12-26 03:00"));
    assert_eq!(daily.next_working_morning(at("2026-12-26 03:00")), at("2026-12-26 07:45"));
}

#[test]
fn the_end_of_day_letter_follows_home_time() {
    let calendar = elm_row();
    let due = |text| calendar.end_of_day_letter(at(text));
    assert_eq!(due("2026-11-19 09:00"), at("2026-11-19 15:35"));
    assert_eq!(due("2026-11-19 15:35"), at("2026-11-19 15:35"));
    assert_eq!(due("2026-11-19 15:36"), at("2026-11-20 15:35"));
    assert_eq!(due("2026-12-18 09:00"), at("2026-12-18 13:35"));
}

#[test]
fn days_are_25_and_23_hours_long_when_clocks_change() {
    let calendar = elm_row();
    let length = |text| {
        let day = calendar.day(at(text));
        day.ends.since(day.begins)
    };
    assert_eq!(length("2026-10-25 12:00"), Span::hours(25));
    assert_eq!(length("2027-03-28 12:00"), Span::hours(23));
    assert_eq!(length("2027-03-29 12:00"), Span::hours(24));
}

#[test]
fn home_time_is_by_the_clock_on_the_wall_on_both_sides_of_a_clock_change() {
    let calendar = elm_row();
    let home = |text| calendar.home_time_today(at(text)).unwrap().to_string();
    assert_eq!(home("2026-10-23 09:00"), "2026-10-23T14:15:00.000000Z");
    assert_eq!(home("2026-11-02 09:00"), "2026-11-02T15:15:00.000000Z");
    assert_eq!(home("2027-03-25 09:00"), "2027-03-25T15:15:00.000000Z");
    assert_eq!(home("2027-03-30 09:00"), "2027-03-30T14:15:00.000000Z");
    assert_eq!(
        calendar.next_school_morning(at("2027-03-25 19:00")).to_string(),
        "2027-03-30T06:45:00.000000Z"
    );
}

#[test]
fn a_lesson_is_an_hour_on_the_wall_and_the_doubled_hour_is_two() {
    let calendar = elm_row();
    let lesson = |text| calendar.lesson(at(text)).starts;
    assert_eq!(lesson("2026-11-20 10:59:59.999"), at("2026-11-20 10:00"));
    assert_eq!(lesson("2026-11-20 11:00"), at("2026-11-20 11:00"));
    let first = at("2026-10-25 00:30") + Span::hours(1);
    assert_ne!(calendar.lesson(first), calendar.lesson(first + Span::hours(1)));
    assert_eq!(calendar.local(first).clock(), calendar.local(first + Span::hours(1)).clock());
}

#[test]
fn a_moment_is_said_in_the_words_of_letters() {
    let calendar = elm_row();
    let local = calendar.local(at("2026-11-20 15:08:59"));
    assert_eq!(local.in_words(), "Friday 20 November, 15:08");
    assert_eq!(local.full_date(), "20 November 2026");
    assert_eq!((local.weekday(), local.iso_date().as_str()), ("Friday", "2026-11-20"));
    let (from, until) = calendar.week(at("2026-11-22 23:59"));
    assert_eq!((from, until), (at("2026-11-16 00:00"), at("2026-11-23 00:00")));
}

#[test]
fn a_calendar_that_nobody_kept_does_not_make_every_day_a_holiday() {
    let calendar = elm_row();
    assert_eq!(calendar.terms_end().unwrap().iso_date(), "2027-04-01");
    assert_eq!(calendar.day(at("2027-04-15 10:00")).kind, DayKind::NoChildren);
    assert!(matches!(calendar.day(at("2027-09-15 10:00")).kind, DayKind::School { .. }));
    assert_eq!(calendar.day(at("2027-09-18 10:00")).kind, DayKind::NoChildren, "a Saturday");
}

#[test]
fn a_term_that_was_left_out_is_not_a_holiday_of_months() {
    let text =
        "terms = [{ from = 2026-09-02, to = 2026-12-18 }, { from = 2027-04-19, to = 2027-07-21 }]";
    let calendar = Calendar::parse(text).unwrap();
    assert_eq!(calendar.day(at("2027-01-13 10:00")).kind, DayKind::NoChildren);
    assert!(matches!(calendar.day(at("2027-03-10 10:00")).kind, DayKind::School { .. }));
}

#[test]
fn through_a_year_every_answer_keeps_its_promise_hour_by_hour() {
    for rule in OutOfHours::ALL {
        let calendar = elm_row_with(rule);
        let mut moment = at("2026-08-25 00:10");
        while moment < at("2027-08-25 00:00") {
            let day = calendar.day(moment);
            assert!(day.begins <= moment && moment < day.ends);
            let climb = calendar.next_climb(moment);
            assert!(climb >= moment && calendar.may_climb(climb));
            assert!(climb == moment || !calendar.may_climb(moment));
            assert!(calendar.may_climb(moment) || !calendar.children_on_site(moment));
            let morning = calendar.next_school_morning(moment);
            assert!(morning >= moment);
            assert!(matches!(calendar.day(morning).kind, DayKind::School { .. }));
            assert_eq!(calendar.local(morning).clock(), "07:45");
            let letter = calendar.end_of_day_letter(moment);
            let home = calendar.home_time_today(letter).unwrap();
            assert!(letter >= moment && letter == home + Span::minutes(20));
            assert!(calendar.next_working_morning(moment) >= moment);
            let lesson = calendar.lesson(moment);
            assert!(lesson.starts <= moment && moment < lesson.starts + Span::hours(1));
            moment = moment + Span::minutes(60);
        }
    }
}

#[test]
fn without_terms_every_weekday_is_a_school_day() {
    let calendar = Calendar::parse("").unwrap();
    assert_eq!(calendar.home_time_today(at("2026-08-12 10:00")), Some(at("2026-08-12 15:15")));
    assert_eq!(calendar.home_time_today(at("2026-08-15 10:00")), None);
    assert!(calendar.terms_end().is_none());
}

#[test]
fn moments_outside_all_calendars_do_no_harm() {
    let calendar = elm_row();
    for moment in [Timestamp::MAX, Timestamp::from_micros(i64::MIN), Timestamp::EPOCH] {
        let _ = calendar.day(moment);
        let _ = calendar.local(moment).in_words();
        let _ = (calendar.next_climb(moment), calendar.lesson(moment), calendar.week(moment));
        assert!(calendar.end_of_day_letter(moment) >= moment);
    }
}

#[test]
fn all_faults_of_a_calendar_are_named_at_once_with_their_lines() {
    let text = r#"time_zone = "Europe/Elm_Row"
out_of_hours = "sometimes"
end_of_day_letter = 999
terms = [
    { from = "2026-09-02", to = "2026-08-01" },
    { from = "2026-11-02", to = "2026-12-18" },
    { from = "2026-12-01", to = "2027-02-12" },
]
inset = ["31 December"]
half_days = [{ on = 2026-12-19, home_time = "13:15" }]
[hours]
opens = "25:00"
[monday]
home_time = "07:00"
"#;
    let faults = Calendar::parse(text).unwrap_err();
    let mut places: Vec<_> = faults
        .into_iter()
        .map(|fault| fault.locate("wardline.toml", text))
        .map(|diagnostic| (diagnostic.line, diagnostic.key))
        .collect();
    places.sort();
    let expected = [
        (1, "calendar.time_zone"),
        (2, "calendar.out_of_hours"),
        (3, "calendar.end_of_day_letter"),
        (5, "calendar.terms"),
        (7, "calendar.terms"),
        (9, "calendar.inset"),
        (10, "calendar.half_days"),
        (12, "calendar.hours.opens"),
        (14, "calendar.monday.home_time"),
    ];
    assert_eq!(places, expected.map(|(line, key)| (line, key.to_owned())));
}

#[test]
fn a_misspelt_key_of_the_calendar_is_named() {
    let faults = Calendar::parse("home_tme = \"15:15\"\n").unwrap_err();
    assert!(faults[0].sentence.contains("home_tme"), "{}", faults[0].sentence);
}
