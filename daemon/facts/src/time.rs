//! Packet time: microseconds since the Unix epoch in UTC, and the spans between.

use std::fmt;
use std::ops::{Add, Sub};

/// A moment in microseconds since 1970-01-01T00:00:00Z.
///
/// It is always an argument: in live use it comes from the capture or from the
/// daemon's one clock, in a replay from the capture file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The Unix epoch.
    pub const EPOCH: Self = Self(0);
    /// The last moment that can be told, for "no end known".
    pub const MAX: Self = Self(i64::MAX);

    /// Takes microseconds since the Unix epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Takes whole seconds since the Unix epoch.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since the Unix epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// How long after `earlier` this is; negative when it is before.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Span> for Timestamp {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Timestamp {
    type Output = Self;

    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

/// Writes RFC 3339 in UTC with six fractional digits: `2026-11-22T09:00:00.123456Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.rem_euclid(1_000_000);
        let seconds = self.0.div_euclid(1_000_000);
        let second_of_day = seconds.rem_euclid(86_400);
        let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
        let hour = second_of_day / 3_600;
        let (minute, second) = (second_of_day / 60 % 60, second_of_day % 60);
        // Lines of output are made of little else: digits, without the machinery for widths.
        if (0..=9_999).contains(&year) {
            let mut text = *b"0000-00-00T00:00:00.000000Z";
            for (end, mut value) in [
                (4, year),
                (7, month),
                (10, day),
                (13, hour),
                (16, minute),
                (19, second),
                (26, micros),
            ] {
                for digit in text.iter_mut().take(end).rev() {
                    if !digit.is_ascii_digit() {
                        break;
                    }
                    *digit = b'0' + u8::try_from(value % 10).unwrap_or_default();
                    value /= 10;
                }
            }
            return f.write_str(std::str::from_utf8(&text).unwrap_or_default());
        }
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
    }
}

/// The proleptic Gregorian date of a day counted from 1970-01-01.
///
/// Years are counted from 1 March, so that the leap day is the last of its year.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    const DAYS_PER_ERA: i64 = 146_097;
    let from_march_0000 = days + 719_468;
    let era = from_march_0000.div_euclid(DAYS_PER_ERA);
    let day_of_era = from_march_0000.rem_euclid(DAYS_PER_ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// A length of time in microseconds; negative lengths are allowed and mean "before".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(i64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// Takes microseconds.
    #[must_use]
    pub const fn micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Takes milliseconds.
    #[must_use]
    pub const fn millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// Takes seconds.
    #[must_use]
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Takes minutes.
    #[must_use]
    pub const fn minutes(minutes: i64) -> Self {
        Self::seconds(minutes.saturating_mul(60))
    }

    /// Takes hours.
    #[must_use]
    pub const fn hours(hours: i64) -> Self {
        Self::minutes(hours.saturating_mul(60))
    }

    /// The length in microseconds.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The length in whole seconds, rounded towards zero.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0 / 1_000_000
    }
}

impl Add for Span {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_written_as_rfc_3339() {
        let check = |seconds, micros: i64, text: &str| {
            let at = Timestamp::from_seconds(seconds) + Span::micros(micros);
            assert_eq!(at.to_string(), text);
        };
        check(0, 0, "1970-01-01T00:00:00.000000Z");
        check(1_795_338_000, 123_456, "2026-11-22T09:00:00.123456Z");
        check(951_782_400, 0, "2000-02-29T00:00:00.000000Z");
        check(-1, 0, "1969-12-31T23:59:59.000000Z");
    }

    #[test]
    fn arithmetic_stays_inside_what_can_be_told() {
        assert_eq!(Timestamp::MAX + Span::hours(1), Timestamp::MAX);
        assert_eq!(Timestamp::from_seconds(5).since(Timestamp::from_seconds(3)), Span::seconds(2));
    }
}
