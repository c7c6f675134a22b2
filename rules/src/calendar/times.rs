//! The times of a school's calendar that rules and exceptions can be tied to.

use std::str::FromStr;

use facts::{NotAWord, Timestamp};
use jiff::civil::{Date, DateTime};

use super::year::{Calendar, DayKind};

/// A time that the calendar knows by a word. Several hold at one moment: a half day is a
/// school day in term, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SchoolTime {
    /// On a school day, from opening to home time, breaks left out.
    Lessons,
    /// On a school day, in a break.
    Breaks,
    /// Children are on site, and it is neither lesson nor break.
    Clubs,
    /// No children are expected on site.
    OutOfHours,
    /// The whole of a school day.
    SchoolDays,
    /// The whole of a school day with an earlier home time.
    HalfDays,
    /// The whole of a day with staff and without children.
    Inset,
    /// The whole of a bank holiday.
    BankHolidays,
    /// Any day of a term, week-ends included.
    Term,
    /// Any day outside the terms.
    Holidays,
}

impl SchoolTime {
    /// Every time.
    pub const ALL: [Self; 10] = [
        Self::Lessons,
        Self::Breaks,
        Self::Clubs,
        Self::OutOfHours,
        Self::SchoolDays,
        Self::HalfDays,
        Self::Inset,
        Self::BankHolidays,
        Self::Term,
        Self::Holidays,
    ];

    /// The word of files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lessons => "lessons",
            Self::Breaks => "breaks",
            Self::Clubs => "clubs",
            Self::OutOfHours => "out_of_hours",
            Self::SchoolDays => "school_days",
            Self::HalfDays => "half_days",
            Self::Inset => "inset",
            Self::BankHolidays => "bank_holidays",
            Self::Term => "term",
            Self::Holidays => "holidays",
        }
    }

    /// As a sentence says it.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Lessons => "in lessons",
            Self::Breaks => "in breaks",
            Self::Clubs => "in clubs",
            Self::OutOfHours => "out of hours",
            Self::SchoolDays => "on school days",
            Self::HalfDays => "on half days",
            Self::Inset => "on INSET days",
            Self::BankHolidays => "on bank holidays",
            Self::Term => "in term",
            Self::Holidays => "in the holidays",
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl FromStr for SchoolTime {
    type Err = NotAWord;

    fn from_str(text: &str) -> Result<Self, NotAWord> {
        Self::ALL.into_iter().find(|time| time.as_str() == text).ok_or(NotAWord)
    }
}

/// A set of times: those that hold at a moment, or those that a rule asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Times(u16);

impl Times {
    /// Adds a time.
    #[must_use]
    pub const fn with(self, time: SchoolTime) -> Self {
        Self(self.0 | time.bit())
    }

    /// Whether the time is in the set.
    #[must_use]
    pub const fn has(self, time: SchoolTime) -> bool {
        self.0 & time.bit() != 0
    }

    /// Whether no time is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether one of these is among the others.
    #[must_use]
    pub const fn meets(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// The times, in the order of [`SchoolTime::ALL`].
    pub fn iter(self) -> impl Iterator<Item = SchoolTime> {
        SchoolTime::ALL.into_iter().filter(move |time| self.has(*time))
    }

    /// As a sentence says it: `in lessons or in breaks`.
    #[must_use]
    pub fn in_words(self) -> String {
        self.iter().map(SchoolTime::in_words).collect::<Vec<_>>().join(" or ")
    }
}

impl FromIterator<SchoolTime> for Times {
    fn from_iter<I: IntoIterator<Item = SchoolTime>>(times: I) -> Self {
        times.into_iter().fold(Self::default(), Self::with)
    }
}

impl Calendar {
    /// The times that hold at a moment.
    #[must_use]
    pub fn times(&self, at: Timestamp) -> Times {
        let date = self.civil(at).date();
        let kind = self.kind(date);
        let mut times = Times::default().with(self.part_of_day(kind, date, at));
        let whole_day = match kind {
            DayKind::School { .. } => Some(SchoolTime::SchoolDays),
            DayKind::Inset => Some(SchoolTime::Inset),
            DayKind::Clubs { .. } | DayKind::NoChildren => None,
        };
        let half = matches!(kind, DayKind::School { .. })
            && self.half_days.iter().any(|(on, _)| *on == date);
        times = whole_day.map_or(times, |day| times.with(day));
        times = if half { times.with(SchoolTime::HalfDays) } else { times };
        if self.bank_holidays.contains(&date) {
            times = times.with(SchoolTime::BankHolidays);
        }
        times.with(if self.in_term(date) { SchoolTime::Term } else { SchoolTime::Holidays })
    }

    /// A moment by the school's clock, to the minute, as people write it: `2026-11-27 15:15`.
    #[must_use]
    pub fn at_written(&self, text: &str) -> Option<Timestamp> {
        let civil: DateTime = text.trim().parse().ok()?;
        // A date alone would be read as its midnight, which is seldom what was meant.
        let is_whole = text.contains(':') && civil.second() == 0 && civil.subsec_nanosecond() == 0;
        is_whole.then(|| self.moment(civil.date(), civil.time()))
    }

    fn part_of_day(&self, kind: DayKind, date: Date, at: Timestamp) -> SchoolTime {
        match kind {
            DayKind::School { opens, home_time, .. } if opens <= at && at < home_time => {
                let in_break = |(from, to): &(_, _)| {
                    self.moment(date, *from) <= at && at < self.moment(date, *to)
                };
                match self.breaks.iter().any(in_break) {
                    true => SchoolTime::Breaks,
                    false => SchoolTime::Lessons,
                }
            }
            _ if self.children_on_site(at) => SchoolTime::Clubs,
            _ => SchoolTime::OutOfHours,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALENDAR: &str = r#"
terms = [{ from = 2026-09-02, to = 2026-10-23 }, { from = 2026-11-02, to = 2026-12-18 }]
inset = [2026-09-02]
bank_holidays = [2026-12-25]
hours = { opens = "08:00", home_time = "15:15", children_until = "18:00" }
half_days = [{ on = 2026-12-18, home_time = "12:30" }]
breaks = [{ from = "10:30", to = "10:45" }, { from = "12:00", to = "13:00" }]
"#;

    fn words(text: &str) -> Vec<&'static str> {
        let calendar = Calendar::parse(CALENDAR).unwrap();
        let at = calendar.at_written(text).unwrap();
        calendar.times(at).iter().map(SchoolTime::as_str).collect()
    }

    #[test]
    fn a_school_day_has_lessons_breaks_clubs_and_the_rest_to_the_minute() {
        for (time, expected) in [
            ("07:59", "out_of_hours"),
            ("08:00", "lessons"),
            ("10:29", "lessons"),
            ("10:30", "breaks"),
            ("10:45", "lessons"),
            ("12:59", "breaks"),
            ("15:14", "lessons"),
            ("15:15", "clubs"),
            ("18:00", "out_of_hours"),
        ] {
            let held = words(&format!("2026-11-19 {time}"));
            assert_eq!(held, [expected, "school_days", "term"], "{time}");
        }
    }

    #[test]
    fn a_half_day_ends_its_lessons_and_its_breaks_early_and_has_no_clubs() {
        for (time, expected) in [
            ("11:59", "lessons"),
            ("12:00", "breaks"),
            ("12:29", "breaks"),
            ("12:30", "out_of_hours"),
        ] {
            let held = words(&format!("2026-12-18 {time}"));
            assert_eq!(held, [expected, "school_days", "half_days", "term"], "{time}");
        }
    }

    #[test]
    fn days_without_school_are_told_apart() {
        assert_eq!(words("2026-09-02 10:00"), ["out_of_hours", "inset", "term"]);
        assert_eq!(words("2026-12-25 10:00"), ["out_of_hours", "bank_holidays", "holidays"]);
        assert_eq!(words("2026-10-28 10:00"), ["out_of_hours", "holidays"], "half term");
        assert_eq!(words("2026-11-21 10:00"), ["out_of_hours", "term"], "a Saturday");
    }

    /// Clocks go back on 25 October 2026 and on 28 March 2027 forward: the hours of the
    /// school stay those of the clock on its wall.
    #[test]
    fn lessons_begin_by_the_clock_on_the_wall_before_and_after_the_clocks_change() {
        let calendar = Calendar::parse("").unwrap();
        let begins = |day: &str| calendar.at_written(&format!("{day} 08:00")).unwrap();
        let (friday, monday) = (begins("2026-10-23"), begins("2026-10-26"));
        assert_eq!(monday.since(friday), facts::Span::hours(3 * 24 + 1));
        let second = facts::Span::micros(1);
        for day in [friday, monday, begins("2027-03-29")] {
            assert!(calendar.times(day).has(SchoolTime::Lessons));
            assert!(calendar.times(day - second).has(SchoolTime::OutOfHours));
        }
    }

    #[test]
    fn a_moment_is_written_to_the_minute() {
        let calendar = Calendar::parse("").unwrap();
        assert!(calendar.at_written("2026-11-27T15:15").is_some());
        assert!(calendar.at_written("2026-11-27T15:15:00").is_some());
        for wrong in ["2026-11-27", "15:15", "2026-11-27 15:15:30", "2026-11-27 25:00", "soon"] {
            assert_eq!(calendar.at_written(wrong), None, "{wrong}");
        }
    }
}
