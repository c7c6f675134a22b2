//! Times as a school says them: in its own zone, with the weekday.

use facts::{Span, Timestamp};
use jiff::Zoned;
use jiff::tz::TimeZone;

/// Writes times in the school's zone.
#[derive(Clone, Debug)]
pub struct Times {
    zone: TimeZone,
}

impl Times {
    /// Writes in this zone.
    #[must_use]
    pub const fn new(zone: TimeZone) -> Self {
        Self { zone }
    }

    /// `Friday 20 November, 15:08`.
    #[must_use]
    pub fn full(&self, at: Timestamp) -> String {
        self.written(at, "%A %-d %B, %H:%M")
    }

    /// `On Friday 20 November at 15:08`.
    #[must_use]
    pub fn spoken(&self, at: Timestamp) -> String {
        self.written(at, "On %A %-d %B at %H:%M")
    }

    /// `Friday 20 November 2026`.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> String {
        self.written(at, "%A %-d %B %Y")
    }

    /// `15:08` on the day of `now`, else with weekday and date, with the year where it is
    /// another.
    #[must_use]
    pub fn near(&self, at: Timestamp, now: Timestamp) -> String {
        let (Some(then), Some(today)) = (self.zoned(at), self.zoned(now)) else {
            return self.full(at);
        };
        if then.date() == today.date() {
            return then.strftime("%H:%M").to_string();
        }
        if then.year() == today.year() {
            return self.full(at);
        }
        then.strftime("%A %-d %B %Y, %H:%M").to_string()
    }

    /// Whether it is a Saturday or a Sunday.
    pub(crate) fn is_weekend(&self, at: Timestamp) -> bool {
        use jiff::civil::Weekday::{Saturday, Sunday};
        self.zoned(at).is_some_and(|at| matches!(at.weekday(), Saturday | Sunday))
    }

    fn written(&self, at: Timestamp, format: &str) -> String {
        self.zoned(at).map_or_else(|| "unknown".into(), |at| at.strftime(format).to_string())
    }

    fn zoned(&self, at: Timestamp) -> Option<Zoned> {
        let at = jiff::Timestamp::from_microsecond(at.as_micros()).ok()?;
        Some(at.to_zoned(self.zone.clone()))
    }
}

/// `4 min`, `2 h 5 min`, `3 days`; less than a minute is `less than a minute`.
pub(crate) fn length(span: Span) -> String {
    let minutes = span.as_seconds() / 60;
    match minutes {
        ..1 => "less than a minute".into(),
        1..60 => format!("{minutes} min"),
        60..2_880 if minutes % 60 == 0 => format!("{} h", minutes / 60),
        60..2_880 => format!("{} h {} min", minutes / 60, minutes % 60),
        _ => format!("{} days", minutes / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_carry_their_weekday_and_the_schools_zone() {
        let london = Times::new(TimeZone::get("Europe/London").unwrap());
        let at = Timestamp::from_seconds(1_795_187_280); // 2026-11-20 15:08 UTC
        assert_eq!(london.full(at), "Friday 20 November, 15:08");
        assert_eq!(london.day(at), "Friday 20 November 2026");
        assert_eq!(london.near(at, at + Span::hours(1)), "15:08");
        assert_eq!(london.near(at, at + Span::hours(24)), "Friday 20 November, 15:08");
        assert_eq!(london.near(at, at + Span::hours(24 * 90)), "Friday 20 November 2026, 15:08");
        let summer = Timestamp::from_seconds(1_782_000_000); // 2026-06-21 00:00 UTC
        assert_eq!(london.full(summer), "Sunday 21 June, 01:00");
        assert_eq!(london.full(Timestamp::MAX), "unknown");
    }

    #[test]
    fn a_length_is_said_in_the_words_one_would_use() {
        let said = |minutes| length(Span::minutes(minutes));
        assert_eq!(said(0), "less than a minute");
        assert_eq!(said(4), "4 min");
        assert_eq!(said(120), "2 h");
        assert_eq!(said(125), "2 h 5 min");
        assert_eq!(said(5 * 1_440), "5 days");
    }
}
