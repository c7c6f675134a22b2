//! When a device is used by many people at once, as its own records show.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Span, Timestamp, UserName};

/// Records of one device in one UTC day above this make it a host of many: an attacker
/// who sprays names gets "not known", not memory.
pub(super) const RECORDS_PER_DAY: usize = 4_096;

/// What one side alone tells of one device in one UTC day above this is left: whoever makes it up
/// must not have what honest logins tell counted as a crowd's.
pub(super) const ONE_SIDED_PER_DAY: usize = 64;

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

/// The days on which at least three accounts come back within an hour, with another's
/// login between. Expects the traces ordered by `at`.
pub(super) fn crowded_days(traces: &[Trace]) -> BTreeSet<i64> {
    let days = traces.chunk_by(|a, b| day_of(a.at) == day_of(b.at));
    days.filter(|day| is_crowded(day)).filter_map(|day| Some(day_of(day.first()?.at))).collect()
}

fn is_crowded(day: &[Trace]) -> bool {
    let opens: Vec<&Trace> = day.iter().filter(|trace| trace.opens).collect();
    let mut times: BTreeMap<&UserName, Vec<Timestamp>> = BTreeMap::new();
    for trace in day {
        let own = times.entry(&trace.account).or_default();
        if own.last() != Some(&trace.at) {
            own.push(trace.at);
        }
    }
    let returns = |(account, own): &(&&UserName, &Vec<Timestamp>)| {
        let others = |from: usize, before: &dyn Fn(Timestamp) -> bool| {
            let within = opens[from..].iter().take_while(|open| before(open.at));
            within.into_iter().any(|open| open.account != ***account)
        };
        let soon = |x: Timestamp, z: Timestamp| z.since(x) <= INTERLEAVED_WITHIN;
        let between = own.windows(2).any(|pair| {
            let &[x, z] = pair else { return false };
            soon(x, z) && others(opens.partition_point(|open| open.at <= x), &|at| at < z)
        });
        // Another's login at the very moment of a trace lies between those around it.
        let at_once = own.windows(3).any(|three| {
            let &[x, y, z] = three else { return false };
            soon(x, z) && others(opens.partition_point(|open| open.at < y), &|at| at == y)
        });
        between || at_once
    };
    times.iter().filter(returns).take(INTERLEAVED_ACCOUNTS).count() == INTERLEAVED_ACCOUNTS
}
