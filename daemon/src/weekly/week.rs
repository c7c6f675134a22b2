//! The week of a page: it ends with Friday, and so a weekend opens the next one.

use facts::{Span, Timestamp};
use rules::Calendar;

/// The week in which a moment lies: Saturday's first moment and the next Saturday's. The page
/// says "week to Friday", and every matter is on exactly one page.
#[must_use]
pub fn week_to_friday(calendar: &Calendar, at: Timestamp) -> (Timestamp, Timestamp) {
    let (monday, next_monday) = calendar.week(at);
    let saturday = saturday_after(calendar, monday);
    if at < saturday {
        let (monday_before, _) = calendar.week(monday - Span::hours(1));
        return (saturday_after(calendar, monday_before), saturday);
    }
    (saturday, saturday_after(calendar, next_monday))
}

/// The last week that is over.
#[must_use]
pub fn last_week(calendar: &Calendar, now: Timestamp) -> (Timestamp, Timestamp) {
    let (began, _) = week_to_friday(calendar, now);
    week_to_friday(calendar, began - Span::hours(1))
}

/// Saturday's first moment by the school's clock.
fn saturday_after(calendar: &Calendar, monday: Timestamp) -> Timestamp {
    (0..5).fold(monday, |day, _| calendar.day(day).ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Saturday 14 November 2026, midnight in London.
    const SATURDAY: Timestamp = Timestamp::from_seconds(1_794_614_400);

    fn hours(count: i64) -> Timestamp {
        SATURDAY + Span::hours(count)
    }

    #[test]
    fn on_a_sunday_the_last_week_ends_with_friday_and_leaves_the_weekend_out() {
        let calendar = Calendar::parse("").unwrap();
        let friday_ends = hours(7 * 24);
        for now in
            [friday_ends, hours(8 * 24 + 19), hours(9 * 24), hours(14 * 24) - Span::micros(1)]
        {
            assert_eq!(last_week(&calendar, now), (SATURDAY, friday_ends), "{now}");
        }
        assert_eq!(last_week(&calendar, hours(14 * 24)).0, friday_ends);
    }

    #[test]
    fn every_hour_of_a_year_is_in_one_week_and_weeks_touch() {
        let calendar = Calendar::parse("").unwrap();
        let (mut from, mut to) = week_to_friday(&calendar, SATURDAY);
        assert_eq!(from, SATURDAY);
        for hour in 0..24 * 366 {
            let at = hours(hour);
            let week = week_to_friday(&calendar, at);
            assert!(week.0 <= at && at < week.1, "{at}");
            if week != (from, to) {
                assert_eq!(week.0, to, "{at}");
            }
            (from, to) = week;
        }
    }
}
