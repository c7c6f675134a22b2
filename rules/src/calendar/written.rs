//! The calendar as a school writes it, and its reading with all faults at once.

use jiff::SignedDuration;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::Deserialize;
use toml::Spanned;

use super::local::{in_words, weekday_name};
use super::year::{Calendar, HolidayClub, Hours, OutOfHours};
use crate::diagnostic::Fault;

/// The longest wait from home time to the end-of-day letter, in minutes.
const LONGEST_WAIT: i64 = 240;

/// A date, a time or a word, written with or without quotation marks.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Text {
    /// With quotation marks: `"15:15"`.
    Quoted(String),
    /// Without: `2026-09-02`.
    Bare(toml::value::Datetime),
}

impl Text {
    pub(crate) fn as_written(&self) -> String {
        match self {
            Self::Quoted(text) => text.trim().to_owned(),
            Self::Bare(moment) => moment.to_string(),
        }
    }
}

/// The `[calendar]` table of the configuration.
///
/// Where no terms are written every weekday counts as a school day: too many letters
/// are safer than none.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CalendarWritten {
    /// IANA time zone; `Europe/London` where it is left out.
    pub time_zone: Option<Spanned<String>>,
    /// First and last days of the parts of the school year, half terms left out.
    pub terms: Vec<PeriodWritten>,
    /// Days with staff and without children.
    pub inset: Vec<Spanned<Text>>,
    /// Days on which the school is shut.
    pub closed: Vec<Spanned<Text>>,
    /// Bank holidays.
    pub bank_holidays: Vec<Spanned<Text>>,
    /// Hours of each weekday from Monday to Friday that has none of its own.
    pub hours: HoursWritten,
    /// Monday's own hours.
    pub monday: Option<HoursWritten>,
    /// Tuesday's own hours.
    pub tuesday: Option<HoursWritten>,
    /// Wednesday's own hours.
    pub wednesday: Option<HoursWritten>,
    /// Thursday's own hours.
    pub thursday: Option<HoursWritten>,
    /// Friday's own hours.
    pub friday: Option<HoursWritten>,
    /// Saturday's hours, where there is school on Saturdays.
    pub saturday: Option<HoursWritten>,
    /// Sunday's hours, where there is school on Sundays.
    pub sunday: Option<HoursWritten>,
    /// Days on which children go home earlier; clubs do not run.
    pub half_days: Vec<HalfDayWritten>,
    /// Times of every school day that are no lessons, such as lunch.
    pub breaks: Vec<BreakWritten>,
    /// Days outside school on which children are on site.
    pub holiday_clubs: Vec<HolidayClubWritten>,
    /// Minutes from home time to the end-of-day letter; 20 where it is left out.
    pub end_of_day_letter: Option<Spanned<i64>>,
    /// `every_day`, `weekdays_8_18` or `school_days` (the default).
    pub out_of_hours: Option<Spanned<String>>,
}

/// First and last day.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodWritten {
    /// The first day.
    pub from: Spanned<Text>,
    /// The last day.
    pub to: Spanned<Text>,
}

/// The hours of a weekday; what is left out is as in `hours`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HoursWritten {
    /// When the first children may be there; 08:00 where it is left out.
    pub opens: Option<Spanned<Text>>,
    /// When most go home; 15:15 where it is left out.
    pub home_time: Option<Spanned<Text>>,
    /// When the last leave after clubs; home time where it is left out.
    pub children_until: Option<Spanned<Text>>,
}

/// A day on which children go home earlier.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HalfDayWritten {
    /// The day.
    pub on: Spanned<Text>,
    /// When they go home.
    pub home_time: Spanned<Text>,
}

/// A time of every school day that is no lesson.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakWritten {
    /// When it begins.
    pub from: Spanned<Text>,
    /// When lessons go on.
    pub to: Spanned<Text>,
}

/// Days outside school on which children are on site.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolidayClubWritten {
    /// The first day.
    pub from: Spanned<Text>,
    /// The last day.
    pub to: Spanned<Text>,
    /// When the first children may be there.
    pub opens: Spanned<Text>,
    /// When the last leave.
    pub children_until: Spanned<Text>,
}

impl Calendar {
    /// Reads the calendar that stands alone in a text, without a `[calendar]` heading.
    ///
    /// # Errors
    /// All faults at once; the TOML reader's own fault comes alone.
    pub fn parse(text: &str) -> Result<Self, Vec<Fault>> {
        let written: CalendarWritten =
            toml::from_str(text).map_err(|error| vec![Fault::from_toml(&error)])?;
        Self::read(&written)
    }

    /// Validates what was written. Spans are those of the whole text it was read from.
    ///
    /// # Errors
    /// All faults at once.
    pub fn read(written: &CalendarWritten) -> Result<Self, Vec<Fault>> {
        let mut reading = Reading { faults: Vec::new() };
        let calendar = reading.calendar(written);
        if reading.faults.is_empty() { Ok(calendar) } else { Err(reading.faults) }
    }
}

/// Collects faults while it reads; a fault leaves a harmless value behind.
struct Reading {
    faults: Vec<Fault>,
}

impl Reading {
    fn calendar(&mut self, written: &CalendarWritten) -> Calendar {
        let general = self.hours(&written.hours, Hours::DEFAULT, "calendar.hours");
        let terms = self.terms(&written.terms);
        let mut calendar = Calendar {
            zone: self.zone(written.time_zone.as_ref()),
            terms,
            inset: self.dates(&written.inset, "calendar.inset"),
            closed: self.dates(&written.closed, "calendar.closed"),
            bank_holidays: self.dates(&written.bank_holidays, "calendar.bank_holidays"),
            week: self.week(written, general),
            half_days: Vec::new(),
            breaks: self.breaks(&written.breaks),
            clubs: self.clubs(&written.holiday_clubs),
            letter_after: self.letter_after(written.end_of_day_letter.as_ref()),
            out_of_hours: self.out_of_hours(written.out_of_hours.as_ref()),
        };
        calendar.half_days = self.half_days(&written.half_days, &calendar);
        calendar
    }

    fn zone(&mut self, written: Option<&Spanned<String>>) -> TimeZone {
        let name = written.map_or("Europe/London", |name| name.as_ref().as_str());
        TimeZone::get(name).unwrap_or_else(|_| {
            self.faults.push(Fault {
                span: written.map(Spanned::span),
                key: "calendar.time_zone".into(),
                sentence: format!("There is no time zone “{name}” on this machine."),
                mend: "Write one such as \"Europe/London\" and install the package tzdata.".into(),
            });
            TimeZone::UTC
        })
    }

    fn terms(&mut self, written: &[PeriodWritten]) -> Vec<(Date, Date)> {
        let mut terms = Vec::with_capacity(written.len());
        for period in written {
            if let Some(term) = self.period(&period.from, &period.to, "calendar.terms") {
                terms.push((term, period.from.span()));
            }
        }
        terms.sort_by_key(|(term, _)| *term);
        for pair in terms.windows(2) {
            if let [((_, end), _), ((begin, _), span)] = pair
                && begin <= end
            {
                self.fault(
                    span.clone(),
                    "calendar.terms",
                    format!("A term begins on {} before the last has ended.", in_words(*begin)),
                    "Write each part of the year once, without half terms.",
                );
            }
        }
        terms.into_iter().map(|(term, _)| term).collect()
    }

    fn period(
        &mut self,
        from: &Spanned<Text>,
        to: &Spanned<Text>,
        key: &str,
    ) -> Option<(Date, Date)> {
        let first = self.date(from, key);
        let last = self.date(to, key);
        let (first, last) = (first?, last?);
        if first <= last {
            return Some((first, last));
        }
        self.fault(
            to.span(),
            key,
            format!("It ends on {} before it begins on {}.", in_words(last), in_words(first)),
            "Exchange the two dates or correct the year.",
        );
        None
    }

    fn week(&mut self, written: &CalendarWritten, general: Hours) -> [Option<Hours>; 7] {
        let own = |day: &Option<HoursWritten>, name: &str, usual: bool, me: &mut Self| match day {
            Some(hours) => Some(me.hours(hours, general, &format!("calendar.{name}"))),
            None => usual.then_some(general),
        };
        [
            own(&written.monday, "monday", true, self),
            own(&written.tuesday, "tuesday", true, self),
            own(&written.wednesday, "wednesday", true, self),
            own(&written.thursday, "thursday", true, self),
            own(&written.friday, "friday", true, self),
            own(&written.saturday, "saturday", false, self),
            own(&written.sunday, "sunday", false, self),
        ]
    }

    fn hours(&mut self, written: &HoursWritten, general: Hours, key: &str) -> Hours {
        let opens = self.time_or(written.opens.as_ref(), general.opens, key, "opens");
        let home_time =
            self.time_or(written.home_time.as_ref(), general.home_time, key, "home_time");
        // A weekday with an earlier home time keeps the general end of clubs, and where
        // there are no clubs children leave at home time.
        let until = match general.children_until > general.home_time {
            true => general.children_until.max(home_time),
            false => home_time,
        };
        let children_until =
            self.time_or(written.children_until.as_ref(), until, key, "children_until");
        if opens >= home_time {
            let span = written.home_time.as_ref().or(written.opens.as_ref()).map(Spanned::span);
            self.faults.push(Fault {
                span,
                key: format!("{key}.home_time"),
                sentence: format!(
                    "Home time {} is not after opening {}.",
                    hm(home_time),
                    hm(opens)
                ),
                mend: "Write the times of day in 24 hours, as in \"15:15\".".into(),
            });
        }
        if children_until < home_time {
            self.faults.push(Fault {
                span: written.children_until.as_ref().map(Spanned::span),
                key: format!("{key}.children_until"),
                sentence: format!(
                    "Children leave at {} before home time {}.",
                    hm(children_until),
                    hm(home_time)
                ),
                mend: "Write when the last club ends, or leave the line out.".into(),
            });
        }
        Hours { opens, home_time, children_until }
    }

    fn time_or(
        &mut self,
        written: Option<&Spanned<Text>>,
        otherwise: Time,
        key: &str,
        part: &str,
    ) -> Time {
        let Some(written) = written else { return otherwise };
        self.time(written, &format!("{key}.{part}")).unwrap_or(otherwise)
    }

    fn half_days(&mut self, written: &[HalfDayWritten], calendar: &Calendar) -> Vec<(Date, Time)> {
        let key = "calendar.half_days";
        let mut days = Vec::with_capacity(written.len());
        for half in written {
            let on = self.date(&half.on, key);
            let home = self.time(&half.home_time, key);
            let (Some(on), Some(home)) = (on, home) else { continue };
            match calendar.school_hours(on) {
                None => self.fault(
                    half.on.span(),
                    key,
                    format!(
                        "{} {} is no school day by the rest of the calendar.",
                        weekday_name(on.weekday()),
                        in_words(on)
                    ),
                    "Correct the date, or the terms and closures around it.",
                ),
                Some(hours) if home <= hours.opens => self.fault(
                    half.home_time.span(),
                    key,
                    format!("Home time {} is not after opening {}.", hm(home), hm(hours.opens)),
                    "Write the time of day in 24 hours, as in \"13:15\".",
                ),
                Some(_) => days.push((on, home)),
            }
        }
        days
    }

    fn breaks(&mut self, written: &[BreakWritten]) -> Vec<(Time, Time)> {
        let key = "calendar.breaks";
        let mut breaks = Vec::with_capacity(written.len());
        for pause in written {
            let (from, to) = (self.time(&pause.from, key), self.time(&pause.to, key));
            let (Some(from), Some(to)) = (from, to) else { continue };
            if from >= to {
                self.fault(
                    pause.to.span(),
                    key,
                    format!("It ends at {} and begins at {}.", hm(to), hm(from)),
                    "Write the times of day in 24 hours, as in \"13:00\".",
                );
                continue;
            }
            breaks.push((from, to));
        }
        breaks
    }

    fn clubs(&mut self, written: &[HolidayClubWritten]) -> Vec<HolidayClub> {
        let key = "calendar.holiday_clubs";
        let mut clubs = Vec::with_capacity(written.len());
        for club in written {
            let period = self.period(&club.from, &club.to, key);
            let opens = self.time(&club.opens, key);
            let until = self.time(&club.children_until, key);
            let (Some((from, to)), Some(opens), Some(children_until)) = (period, opens, until)
            else {
                continue;
            };
            if opens >= children_until {
                self.fault(
                    club.children_until.span(),
                    key,
                    format!("It ends at {} and opens at {}.", hm(children_until), hm(opens)),
                    "Write the times of day in 24 hours, as in \"17:30\".",
                );
                continue;
            }
            clubs.push(HolidayClub { from, to, opens, children_until });
        }
        clubs
    }

    fn letter_after(&mut self, written: Option<&Spanned<i64>>) -> SignedDuration {
        let Some(minutes) = written else { return SignedDuration::from_mins(20) };
        let wait = *minutes.as_ref();
        if !(0..=LONGEST_WAIT).contains(&wait) {
            self.fault(
                minutes.span(),
                "calendar.end_of_day_letter",
                format!("{wait} minutes after home time is no time of the same day."),
                "Write minutes from 0 to 240.",
            );
        }
        SignedDuration::from_mins(wait.clamp(0, LONGEST_WAIT))
    }

    fn out_of_hours(&mut self, written: Option<&Spanned<String>>) -> OutOfHours {
        let Some(word) = written else { return OutOfHours::default() };
        let found = OutOfHours::ALL.into_iter().find(|rule| rule.as_str() == word.as_ref());
        found.unwrap_or_else(|| {
            self.fault(
                word.span(),
                "calendar.out_of_hours",
                format!("“{}” is no rule.", word.as_ref()),
                "Write every_day, weekdays_8_18 or school_days.",
            );
            OutOfHours::default()
        })
    }

    fn dates(&mut self, written: &[Spanned<Text>], key: &str) -> Vec<Date> {
        written.iter().filter_map(|date| self.date(date, key)).collect()
    }

    fn date(&mut self, written: &Spanned<Text>, key: &str) -> Option<Date> {
        let text = written.as_ref().as_written();
        let date = if text.len() == 10 { text.parse().ok() } else { None };
        if date.is_none() {
            self.fault(
                written.span(),
                key,
                format!("“{text}” is no date."),
                "Write year, month and day, as in 2026-09-02.",
            );
        }
        date
    }

    fn time(&mut self, written: &Spanned<Text>, key: &str) -> Option<Time> {
        let text = written.as_ref().as_written();
        let time = read_time(&text);
        if time.is_none() {
            self.fault(
                written.span(),
                key,
                format!("“{text}” is no time of day."),
                "Write hours and minutes in 24 hours, as in \"15:15\".",
            );
        }
        time
    }

    fn fault(&mut self, span: std::ops::Range<usize>, key: &str, sentence: String, mend: &str) {
        let mend = mend.to_owned();
        self.faults.push(Fault { span: Some(span), key: key.into(), sentence, mend });
    }
}

impl Hours {
    const DEFAULT: Self = Self {
        opens: Time::constant(8, 0, 0, 0),
        home_time: Time::constant(15, 15, 0, 0),
        children_until: Time::constant(15, 15, 0, 0),
    };
}

/// Reads `8:05`, `15:15` or `15:15:00`.
fn read_time(text: &str) -> Option<Time> {
    let mut parts = text.split(':').map(|part| {
        let digits = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse::<i8>().ok()).flatten()
    });
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    if parts.next().is_some() {
        return None;
    }
    Time::new(hour, minute, second, 0).ok()
}

fn hm(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}
