//! When a device is used by many people at once, as its own records show.

use std::collections::BTreeSet;

use facts::{Span, Timestamp, UserName};

/// Records of one device in one UTC day above this make it a host of many: an attacker
/// who sprays names gets "not known", not memory.
pub(super) const RECORDS_PER_DAY: usize = 4_096;

/// Two records of one account within this, with another's login between, interleave.
const INTERLEAVED_WITHIN: Span = Span::hours(1);

/// So many accounts that interleave make a host of many.
const INTERLEAVED_ACCOUNTS: usize = 3;

/// The UTC day of a moment, counted from 1970-01-01.
pub(super) const fn day_of(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(86_400_000_000)
}

/// The first moment of a UTC day.
pub(super) const fn start_of(day: i64) -> Timestamp {
    Timestamp::from_seconds(day.saturating_mul(86_400))
}

/// One record as far as crowds go.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    /// The moment as told.
    pub at: Timestamp,
    /// The account.
    pub account: UserName,
    /// Whether it opened a session.
    pub opens: bool,
}

/// The days on which at least three accounts come back within an hour after another's
/// login. Expects the traces ordered by `at`.
pub(super) fn crowded_days(traces: &[Trace]) -> BTreeSet<i64> {
    let mut returning: BTreeSet<(i64, &UserName)> = BTreeSet::new();
    let days = traces.chunk_by(|a, b| day_of(a.at) == day_of(b.at));
    for day in days {
        let mut seen: std::collections::BTreeMap<&UserName, Timestamp> =
            std::collections::BTreeMap::new();
        let opens: Vec<&Trace> = day.iter().filter(|trace| trace.opens).collect();
        for trace in day {
            let Some(before) = seen.insert(&trace.account, trace.at) else { continue };
            if trace.at.since(before) > INTERLEAVED_WITHIN {
                continue;
            }
            let first = opens.partition_point(|open| open.at <= before);
            let between = opens[first..].iter().take_while(|open| open.at < trace.at);
            if between.into_iter().any(|open| open.account != trace.account) {
                returning.insert((day_of(trace.at), &trace.account));
            }
        }
    }
    let days: BTreeSet<i64> = returning.iter().map(|(day, _)| *day).collect();
    let accounts = |day: i64| returning.iter().filter(|(of, _)| *of == day).count();
    days.into_iter().filter(|&day| accounts(day) >= INTERLEAVED_ACCOUNTS).collect()
}
