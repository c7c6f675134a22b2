//! A moment as the clock on the school's wall shows it, in the words of letters and pages.

use facts::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};

/// A moment in the school's own time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime(DateTime);

impl LocalTime {
    pub(super) const fn new(moment: DateTime) -> Self {
        Self(moment)
    }

    /// The time of day: `15:08`.
    #[must_use]
    pub fn clock(self) -> String {
        format!("{:02}:{:02}", self.0.hour(), self.0.minute())
    }

    /// The day of the week: `Friday`.
    #[must_use]
    pub fn weekday(self) -> &'static str {
        weekday_name(self.0.weekday())
    }

    /// Weekday, day and month: `Friday 20 November`.
    #[must_use]
    pub fn day_and_month(self) -> String {
        format!("{} {} {}", self.weekday(), self.0.day(), month_name(self.0.month()))
    }

    /// Weekday, day, month and time: `Friday 20 November, 15:08`.
    #[must_use]
    pub fn in_words(self) -> String {
        format!("{}, {}", self.day_and_month(), self.clock())
    }

    /// Day, month and year: `20 November 2026`.
    #[must_use]
    pub fn full_date(self) -> String {
        format!("{} {} {}", self.0.day(), month_name(self.0.month()), self.0.year())
    }

    /// The date as files and tables have it: `2026-11-20`.
    #[must_use]
    pub fn iso_date(self) -> String {
        self.0.date().to_string()
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// Whether both are on the same day of the school's calendar.
    #[must_use]
    pub fn is_same_day(self, other: Self) -> bool {
        self.0.date() == other.0.date()
    }
}

/// The hour slot in which attempts of one device are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lesson {
    /// When the slot began.
    pub starts: Timestamp,
}

pub(super) fn in_words(date: Date) -> String {
    format!("{} {} {}", date.day(), month_name(date.month()), date.year())
}

pub(super) const fn weekday_name(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

const fn month_name(month: i8) -> &'static str {
    match month {
        1 => "January",
        2 => "February",
        3 => "March",
        4 => "April",
        5 => "May",
        6 => "June",
        7 => "July",
        8 => "August",
        9 => "September",
        10 => "October",
        11 => "November",
        _ => "December",
    }
}
