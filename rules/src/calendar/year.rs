//! The validated calendar and the questions it answers, each a pure function of a moment.

use facts::{Span, Timestamp};
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

use super::local::{Lesson, LocalTime};

/// When a new school morning begins for people who read letters.
const MORNING: Time = Time::constant(7, 45, 0, 0);
/// When the working day of the weekday rule begins and ends.
const WORK_BEGINS: Time = Time::constant(8, 0, 0, 0);
const WORK_ENDS: Time = Time::constant(18, 0, 0, 0);
/// How long after the last written term the calendar still believes in a holiday. A
/// summer break is about six weeks; after that a forgotten update must not make every
/// school day a holiday on which nobody is asked to act.
const LONGEST_BREAK_DAYS: i32 = 46;
/// The same between two written terms: some schools have nine weeks of summer, but a term
/// that was left out must not be a holiday.
const LONGEST_WRITTEN_BREAK_DAYS: i32 = 70;
/// How far ahead a next morning is looked for.
const DAYS_AHEAD: usize = 400;

/// A school's calendar, valid by construction. See [`CalendarWritten`] for its text.
///
/// [`CalendarWritten`]: super::CalendarWritten
#[derive(Clone, Debug)]
pub struct Calendar {
    pub(super) zone: TimeZone,
    /// In order, not overlapping.
    pub(super) terms: Vec<(Date, Date)>,
    pub(super) inset: Vec<Date>,
    pub(super) closed: Vec<Date>,
    pub(super) bank_holidays: Vec<Date>,
    /// Monday first; none where the school never opens on that weekday.
    pub(super) week: [Option<Hours>; 7],
    pub(super) half_days: Vec<(Date, Time)>,
    /// Each `begins < ends`; on every school day, as long as it lies before home time.
    pub(super) breaks: Vec<(Time, Time)>,
    pub(super) clubs: Vec<HolidayClub>,
    pub(super) letter_after: SignedDuration,
    pub(super) out_of_hours: OutOfHours,
}

/// The hours of one weekday: `opens < home_time <= children_until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hours {
    pub(super) opens: Time,
    pub(super) home_time: Time,
    pub(super) children_until: Time,
}

/// Days outside school on which children are on site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HolidayClub {
    pub(super) from: Date,
    pub(super) to: Date,
    pub(super) opens: Time,
    pub(super) children_until: Time,
}

/// When a letter that nobody answers may climb to the next person (VOICES.md 4.9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OutOfHours {
    /// A duty person every day: at any hour.
    EveryDay,
    /// Monday to Friday 08:00–18:00, school holidays included, bank holidays not.
    Weekdays8To18,
    /// School and INSET days only, 07:45–18:00 or while children are on site.
    #[default]
    SchoolDays,
}

impl OutOfHours {
    /// Every rule.
    pub const ALL: [Self; 3] = [Self::EveryDay, Self::Weekdays8To18, Self::SchoolDays];

    /// The word of the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EveryDay => "every_day",
            Self::Weekdays8To18 => "weekdays_8_18",
            Self::SchoolDays => "school_days",
        }
    }

    /// The rule as notices and pages print it.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::EveryDay => "A duty person reads letters every day.",
            Self::Weekdays8To18 => {
                "Letters are read on weekdays from 08:00 to 18:00, school holidays included."
            }
            Self::SchoolDays => "Letters are read on school days only.",
        }
    }
}

/// One day of the school's calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// Its first moment.
    pub begins: Timestamp,
    /// The first moment of the next day; 23 or 25 hours later when clocks change.
    pub ends: Timestamp,
    /// What kind of day it is.
    pub kind: DayKind,
}

/// What kind of day it is, with the moments that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayKind {
    /// A school day.
    School {
        /// When the first children may be there.
        opens: Timestamp,
        /// When most go home.
        home_time: Timestamp,
        /// When the last leave, after clubs; never before home time.
        children_until: Timestamp,
    },
    /// No school, but a club with children on site.
    Clubs {
        /// When the first children may be there.
        opens: Timestamp,
        /// When the last leave.
        children_until: Timestamp,
    },
    /// Staff only, without children.
    Inset,
    /// Nobody is expected on site.
    NoChildren,
}

impl Calendar {
    /// The school's time zone.
    #[must_use]
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The moment as the clock on the wall shows it.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> LocalTime {
        LocalTime::new(self.civil(at))
    }

    /// The day in which the moment lies.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> Day {
        let date = self.civil(at).date();
        let next = date.tomorrow().unwrap_or(date);
        Day {
            begins: self.moment(date, Time::midnight()),
            ends: self.moment(next, Time::midnight()),
            kind: self.kind(date),
        }
    }

    /// Home time of the day in which the moment lies, on a school day.
    #[must_use]
    pub fn home_time_today(&self, at: Timestamp) -> Option<Timestamp> {
        match self.day(at).kind {
            DayKind::School { home_time, .. } => Some(home_time),
            _ => None,
        }
    }

    /// Whether home time is at most so many minutes away and not yet past.
    #[must_use]
    pub fn in_last_minutes(&self, at: Timestamp, minutes: u16) -> bool {
        self.home_time_today(at).is_some_and(|home| {
            let left = home.since(at);
            left > Span::ZERO && left <= Span::minutes(i64::from(minutes))
        })
    }

    /// Whether children are expected on site: in school, before it, or in a club.
    #[must_use]
    pub fn children_on_site(&self, at: Timestamp) -> bool {
        match self.day(at).kind {
            DayKind::School { opens, children_until, .. }
            | DayKind::Clubs { opens, children_until } => opens <= at && at < children_until,
            DayKind::Inset | DayKind::NoChildren => false,
        }
    }

    /// The first 07:45 of a school day at or after the moment.
    #[must_use]
    pub fn next_school_morning(&self, at: Timestamp) -> Timestamp {
        self.first_from(at, |date| {
            matches!(self.kind(date), DayKind::School { .. }).then(|| self.moment(date, MORNING))
        })
    }

    /// The first morning at or after the moment on which the out-of-hours rule expects
    /// somebody at work: 07:45, or 08:00 under the weekday rule.
    #[must_use]
    pub fn next_working_morning(&self, at: Timestamp) -> Timestamp {
        let begins = match self.out_of_hours {
            OutOfHours::Weekdays8To18 => WORK_BEGINS,
            OutOfHours::EveryDay | OutOfHours::SchoolDays => MORNING,
        };
        self.first_from(at, |date| self.is_worked(date).then(|| self.moment(date, begins)))
    }

    /// Whether a letter that nobody answered may go on to the next person now. It may
    /// whenever children are on site, and else as the school's written rule says.
    #[must_use]
    pub fn may_climb(&self, at: Timestamp) -> bool {
        self.out_of_hours == OutOfHours::EveryDay
            || self.children_on_site(at)
            || self
                .working_hours(self.civil(at).date())
                .is_some_and(|(from, to)| from <= at && at < to)
    }

    /// The first moment at or after this one at which a letter may climb.
    #[must_use]
    pub fn next_climb(&self, at: Timestamp) -> Timestamp {
        if self.may_climb(at) {
            return at;
        }
        self.first_from(at, |date| {
            let begins = self.working_hours(date).map(|(from, _)| from);
            let children = match self.kind(date) {
                DayKind::School { opens, .. } | DayKind::Clubs { opens, .. } => Some(opens),
                DayKind::Inset | DayKind::NoChildren => None,
            };
            begins.into_iter().chain(children).filter(|from| *from >= at).min()
        })
    }

    /// The next moment at or after this one at which the end-of-day letter is due.
    #[must_use]
    pub fn end_of_day_letter(&self, at: Timestamp) -> Timestamp {
        let after = Span::seconds(self.letter_after.as_secs());
        self.first_from(at, |date| match self.kind(date) {
            DayKind::School { home_time, .. } => Some(later(home_time, after)),
            _ => None,
        })
    }

    /// The hour slot in which the moment lies, on the clock of the wall.
    #[must_use]
    pub fn lesson(&self, at: Timestamp) -> Lesson {
        let local = self.civil(at);
        let past = i64::from(local.minute())
            .saturating_mul(60)
            .saturating_add(i64::from(local.second()))
            .saturating_mul(1_000_000)
            .saturating_add(i64::from(local.subsec_nanosecond()) / 1_000);
        Lesson { starts: later(at, Span::micros(past.saturating_neg())) }
    }

    /// The week in which the moment lies: Monday's first moment and the next Monday's.
    #[must_use]
    pub fn week(&self, at: Timestamp) -> (Timestamp, Timestamp) {
        let date = self.civil(at).date();
        let from_monday = i32::from(date.weekday().to_monday_zero_offset());
        let monday = date.checked_sub(from_monday.days()).unwrap_or(date);
        let next = monday.checked_add(7.days()).unwrap_or(date);
        (self.moment(monday, Time::midnight()), self.moment(next, Time::midnight()))
    }

    /// The school's out-of-hours rule.
    #[must_use]
    pub const fn out_of_hours(&self) -> OutOfHours {
        self.out_of_hours
    }

    /// The last day of the last written term; none where no terms are written, so that
    /// every weekday counts as a school day.
    #[must_use]
    pub fn terms_end(&self) -> Option<LocalTime> {
        let (_, last) = self.terms.last()?;
        Some(LocalTime::new(last.to_datetime(Time::midnight())))
    }

    pub(super) fn kind(&self, date: Date) -> DayKind {
        if self.is_shut(date) {
            return DayKind::NoChildren;
        }
        if self.inset.contains(&date) {
            return DayKind::Inset;
        }
        if let Some(hours) = self.school_hours(date) {
            let half = self.half_days.iter().find(|(on, _)| *on == date).map(|(_, time)| *time);
            return DayKind::School {
                opens: self.moment(date, hours.opens),
                home_time: self.moment(date, half.unwrap_or(hours.home_time)),
                children_until: self.moment(date, half.unwrap_or(hours.children_until)),
            };
        }
        let club = self.clubs.iter().find(|club| club.from <= date && date <= club.to);
        club.map_or(DayKind::NoChildren, |club| DayKind::Clubs {
            opens: self.moment(date, club.opens),
            children_until: self.moment(date, club.children_until),
        })
    }

    /// The ordinary hours of a date, where it is a school day.
    pub(super) fn school_hours(&self, date: Date) -> Option<Hours> {
        let open = !self.is_shut(date) && !self.inset.contains(&date) && self.in_term(date);
        self.hours(date.weekday()).filter(|_| open)
    }

    fn is_shut(&self, date: Date) -> bool {
        self.closed.contains(&date) || self.bank_holidays.contains(&date)
    }

    fn hours(&self, weekday: Weekday) -> Option<Hours> {
        let day = usize::try_from(weekday.to_monday_zero_offset()).ok()?;
        *self.week.get(day)?
    }

    /// Whether the date lies in a term, or so far from all written terms that the
    /// calendar was not kept: then an ordinary weekday is taken for a school day.
    pub(super) fn in_term(&self, date: Date) -> bool {
        let before = self.terms.iter().rev().find(|(from, _)| *from <= date);
        let after = self.terms.iter().find(|(from, _)| *from > date);
        let is_far_after =
            |end: Date, days: i32| end.checked_add(days.days()).is_ok_and(|longest| date > longest);
        match (before, after) {
            (None, None) => true,
            (Some((_, end)), _) if date <= *end => true,
            (Some((_, end)), None) => is_far_after(*end, LONGEST_BREAK_DAYS),
            (Some((_, end)), Some(_)) => is_far_after(*end, LONGEST_WRITTEN_BREAK_DAYS),
            (None, Some((begin, _))) => {
                begin.checked_sub(LONGEST_BREAK_DAYS.days()).is_ok_and(|earliest| date < earliest)
            }
        }
    }

    /// Whether the out-of-hours rule expects somebody at work on the date.
    fn is_worked(&self, date: Date) -> bool {
        match self.out_of_hours {
            OutOfHours::EveryDay => true,
            OutOfHours::Weekdays8To18 => {
                !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
                    && !self.bank_holidays.contains(&date)
            }
            OutOfHours::SchoolDays => {
                matches!(self.kind(date), DayKind::School { .. } | DayKind::Inset)
            }
        }
    }

    fn working_hours(&self, date: Date) -> Option<(Timestamp, Timestamp)> {
        let begins = match self.out_of_hours {
            OutOfHours::EveryDay => Time::midnight(),
            OutOfHours::Weekdays8To18 => WORK_BEGINS,
            OutOfHours::SchoolDays => MORNING,
        };
        let worked = self.is_worked(date);
        worked.then(|| (self.moment(date, begins), self.moment(date, WORK_ENDS)))
    }

    /// Asks each date from the moment's own on; the first answer not before the moment.
    fn first_from(&self, at: Timestamp, on: impl Fn(Date) -> Option<Timestamp>) -> Timestamp {
        self.civil(at)
            .date()
            .series(1.day())
            .take(DAYS_AHEAD)
            .filter_map(on)
            .find(|moment| *moment >= at)
            // A year without such a day: at once is safer than never.
            .unwrap_or(at)
    }

    pub(super) fn civil(&self, at: Timestamp) -> DateTime {
        let clamped =
            jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or(if at < Timestamp::EPOCH {
                jiff::Timestamp::MIN
            } else {
                jiff::Timestamp::MAX
            });
        self.zone.to_datetime(clamped)
    }

    /// A time of day on a date. A time that the clock skips is the same span after
    /// midnight; one that it shows twice is the first.
    pub(super) fn moment(&self, date: Date, time: Time) -> Timestamp {
        let civil = date.to_datetime(time);
        let zoned = self.zone.to_ambiguous_timestamp(civil).compatible();
        zoned.map_or(Timestamp::MAX, |found| Timestamp::from_micros(found.as_microsecond()))
    }
}

/// Adds without leaving what can be told.
pub(super) const fn later(at: Timestamp, span: Span) -> Timestamp {
    Timestamp::from_micros(at.as_micros().saturating_add(span.as_micros()))
}
