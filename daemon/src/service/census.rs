//! Which VLANs the mirror port gives, and which it gives no more.
//!
//! At night and in holidays a VLAN may well be silent, so only time counts in which children
//! are on site and packets of others come.

use std::collections::BTreeMap;

use facts::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::capture::Vlans;

/// A VLAN of the configuration is missed after so long, where it never came or came without
/// a break for as long.
const EXPECTED: Span = Span::hours(1);
/// Another is missed after so long.
const OTHER: Span = Span::hours(2);
/// A longer silence is a break.
const BREAK: Span = Span::minutes(30);
/// Most of a school day. Another VLAN than the configuration's must have come without a
/// break for so long; one of the configuration that came now and then is missed after it.
const STEADY: Span = Span::hours(5);
/// No span that is kept is longer, whatever the file says: a year.
const LONGEST_KEPT: i64 = 366 * 24 * 3_600;
/// Looks come each second; a machine that slept was not there to hear.
const LONGEST_STEP: Span = Span::minutes(1);
/// What is still missed is told again after so long, so that each day of it shows it.
const AGAIN: Span = Span::hours(23);
/// Five school days. A VLAN that the configuration does not name and that did not come for so
/// long was taken away, and is missed no more.
const FORGOTTEN: Span = Span::hours(50);

/// All VLANs that are known.
pub(super) struct Census {
    known: BTreeMap<u16, Known>,
    /// Goes on only in time that counts.
    clock: Timestamp,
    looked: Option<Timestamp>,
    newest: Option<Timestamp>,
}

/// A VLAN; its times are those of the census's own clock.
#[derive(Clone, Copy)]
struct Known {
    is_expected: bool,
    /// Whether a packet came of it at all.
    has_come: bool,
    /// Since when it comes without a break, and when it came last.
    since: Timestamp,
    last: Timestamp,
    told: Option<Timestamp>,
}

/// What is known of a VLAN, as it is kept for the next start: spans in seconds of the
/// census's own clock, so that the time in which nobody listened does not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptVlan {
    vlan: u16,
    has_come: bool,
    came_for: i64,
    silent_for: i64,
    /// When it was told as missed, in microseconds.
    told: Option<i64>,
}

/// What a look finds: VLANs by their numbers, nought for frames without a tag.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Those of the configuration that never came.
    pub(super) never: Vec<u16>,
    /// Those that come no more.
    pub(super) gone: Vec<u16>,
    /// Those that were told as missed and come.
    pub(super) back: Vec<u16>,
}

impl Census {
    /// Misses these VLANs also where they never come.
    pub(super) fn of(expected: Vec<u16>) -> Self {
        let clock = Timestamp::EPOCH;
        let known = Known { is_expected: true, ..Known::at(clock) };
        let known = expected.into_iter().map(|vlan| (vlan, known)).collect();
        Self { known, clock, looked: None, newest: None }
    }

    /// Goes on where another census stopped.
    pub(super) fn resume(&mut self, kept: &[KeptVlan]) {
        let seconds = |seconds: i64| Span::seconds(seconds.clamp(0, LONGEST_KEPT));
        let reach = kept.iter().map(|kept| seconds(kept.came_for) + seconds(kept.silent_for));
        self.clock = self.clock + reach.max().unwrap_or(Span::ZERO);
        for known in self.known.values_mut() {
            (known.since, known.last) = (self.clock, self.clock);
        }
        for kept in kept {
            let last = self.clock - seconds(kept.silent_for);
            let known = self.known.entry(kept.vlan).or_insert(Known::at(self.clock));
            if known.is_expected || kept.has_come {
                (known.since, known.last) = (last - seconds(kept.came_for), last);
                known.has_come = kept.has_come;
                known.told = kept.told.map(Timestamp::from_micros);
            }
        }
        self.known.retain(|_, known| known.is_expected || known.has_come);
    }

    /// What is known, to be kept.
    pub(super) fn kept(&self) -> Vec<KeptVlan> {
        let kept = self.known.iter().map(|(vlan, known)| KeptVlan {
            vlan: *vlan,
            has_come: known.has_come,
            came_for: known.last.since(known.since).as_seconds(),
            silent_for: self.clock.since(known.last).as_seconds(),
            told: known.told.map(Timestamp::as_micros),
        });
        kept.collect()
    }

    /// What is missed now and was told: those that never came, and those that come no more.
    pub(super) fn missed(&self) -> Found {
        let missed = |has_come| {
            let told = self.known.iter().filter(|(_, known)| known.told.is_some());
            told.filter(move |(_, known)| known.has_come == has_come).map(|(vlan, _)| *vlan)
        };
        Found { never: missed(false).collect(), gone: missed(true).collect(), back: Vec::new() }
    }

    /// Takes the VLANs that came of late, the newest packet being of that time; `counts` is
    /// whether children are on site.
    pub(super) fn look(
        &mut self,
        heard: &Vlans,
        newest: Option<Timestamp>,
        counts: bool,
        now: Timestamp,
    ) -> Found {
        let step = self.looked.replace(now).map_or(Span::ZERO, |looked| now.since(looked));
        let mut found = Found::default();
        if std::mem::replace(&mut self.newest, newest) == newest {
            // Nothing came at all, which is told elsewhere.
            return found;
        }
        if counts {
            self.clock = self.clock + step.max(Span::ZERO).min(LONGEST_STEP);
        }
        for vlan in heard.iter() {
            let known = self.known.entry(vlan).or_insert(Known::at(self.clock));
            if known.comes(self.clock) {
                found.back.push(vlan);
            }
        }
        self.known.retain(|_, known| known.is_expected || self.clock.since(known.last) < FORGOTTEN);
        for (vlan, known) in &mut self.known {
            if counts && known.is_missed(self.clock) && known.is_news(now) {
                known.told = Some(now);
                let found = if known.has_come { &mut found.gone } else { &mut found.never };
                found.push(*vlan);
            }
        }
        found
    }
}

impl Default for Census {
    /// Expects none.
    fn default() -> Self {
        Self::of(Vec::new())
    }
}

impl Known {
    const fn at(clock: Timestamp) -> Self {
        Self { is_expected: false, has_come: false, since: clock, last: clock, told: None }
    }

    /// Takes note that it came; whether it was told as missed.
    fn comes(&mut self, clock: Timestamp) -> bool {
        if clock.since(self.last) > BREAK {
            self.since = clock;
        }
        (self.last, self.has_come) = (clock, true);
        self.told.take().is_some()
    }

    fn is_missed(&self, clock: Timestamp) -> bool {
        let silent = clock.since(self.last);
        let came_for = self.last.since(self.since);
        match self.is_expected {
            true if !self.has_come || came_for >= EXPECTED => silent >= EXPECTED,
            true => silent >= STEADY,
            false => came_for >= STEADY && silent >= OTHER,
        }
    }

    fn is_news(&self, now: Timestamp) -> bool {
        self.told.is_none_or(|told| now.since(told) >= AGAIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets a course of minutes go by: each the VLANs that come in it, and whether children
    /// are on site. What was found, with its minute.
    fn course(census: &mut Census, minutes: &[(&[u16], bool)]) -> Vec<(i64, Found)> {
        let begin = census.looked.unwrap_or(Timestamp::from_seconds(1_795_190_400));
        let looks = (1..).zip(minutes).map(|(minute, (vlans, counts))| {
            let now = begin + Span::minutes(minute);
            let newest = (!vlans.is_empty()).then_some(now).or(census.newest);
            (minute, census.look(&vlans.iter().copied().collect(), newest, *counts, now))
        });
        looks.filter(|(_, found)| *found != Found::default()).collect()
    }

    fn never(vlans: &[u16]) -> Found {
        Found { never: vlans.to_vec(), ..Found::default() }
    }

    fn gone(vlans: &[u16]) -> Found {
        Found { gone: vlans.to_vec(), ..Found::default() }
    }

    fn back(vlans: &[u16]) -> Found {
        Found { back: vlans.to_vec(), ..Found::default() }
    }

    const BOTH: (&[u16], bool) = (&[10, 20], true);
    const ONE: (&[u16], bool) = (&[10], true);

    #[test]
    fn a_vlan_of_the_configuration_that_does_not_come_is_missed_after_an_hour_and_each_day() {
        let mut census = Census::of(vec![10, 80]);
        assert_eq!(course(&mut census, &[ONE; 70]), [(61, never(&[80]))]);
        assert_eq!(course(&mut census, &[ONE; 23 * 60]), [(1_371, never(&[80]))]);
        let with: (&[u16], bool) = (&[10, 80], true);
        assert_eq!(course(&mut census, &[with]), [(1, back(&[80]))]);
        assert_eq!(course(&mut census, &[ONE; 310]), [(300, gone(&[80]))]);
        assert_eq!(course(&mut census, &[with; 61]), [(1, back(&[80]))]);
        assert_eq!(course(&mut census, &[ONE; 70]), [(60, gone(&[80]))]);
    }

    #[test]
    fn a_vlan_that_came_all_yesterday_is_missed_today_and_one_that_came_now_and_then_is_not() {
        let mut census = Census::default();
        assert_eq!(course(&mut census, &[BOTH; 301]), []);
        let night: (&[u16], bool) = (&[10], false);
        assert_eq!(course(&mut census, &[night; 900]), [], "at night nobody misses it");
        assert_eq!(course(&mut census, &[ONE; 125]), [(120, gone(&[20]))]);
        assert_eq!(course(&mut census, &[BOTH]), [(1, back(&[20]))]);
        let mut rare = Census::default();
        for _ in 0..10 {
            assert_eq!(course(&mut rare, &[[BOTH; 60], [ONE; 60]].concat()), []);
        }
    }

    #[test]
    fn where_nothing_comes_or_the_machine_slept_no_vlan_is_missed() {
        let mut census = Census::default();
        assert_eq!(course(&mut census, &[BOTH; 301]), []);
        let nothing: (&[u16], bool) = (&[], true);
        assert_eq!(course(&mut census, &[nothing; 600]), []);
        let later = census.looked.unwrap() + Span::hours(9);
        let found = census.look(&[10].into_iter().collect(), Some(later), true, later);
        assert_eq!(found, Found::default());
    }

    /// The census of a daemon that is started again.
    fn started_again(census: &Census, expected: &[u16]) -> Census {
        let mut again = Census::of(expected.to_vec());
        again.resume(&census.kept());
        again.newest = census.newest;
        again.looked = census.looked;
        again
    }

    #[test]
    fn a_vlan_that_came_all_yesterday_is_missed_today_though_the_daemon_was_started_again() {
        let mut census = Census::of(vec![80]);
        assert_eq!(course(&mut census, &[BOTH; 40]), []);
        let mut census = started_again(&census, &[80]);
        assert_eq!(course(&mut census, &[BOTH; 261]), [(21, never(&[80]))]);
        let mut census = started_again(&census, &[80]);
        assert_eq!(course(&mut census, &[ONE; 60]), [], "what was told is not told again at once");
        let mut census = started_again(&census, &[80]);
        assert_eq!(census.missed(), never(&[80]));
        assert_eq!(course(&mut census, &[ONE; 70]), [(60, gone(&[20]))]);
        let census = started_again(&census, &[]);
        assert_eq!(census.missed(), gone(&[20]), "80 is not in the configuration any more");
    }

    #[test]
    fn a_vlan_that_was_taken_away_is_missed_for_five_school_days_and_forgotten() {
        let mut census = Census::default();
        assert_eq!(course(&mut census, &[BOTH; 301]), []);
        let told = course(&mut census, &[ONE; 50 * 60]);
        assert_eq!(told.len(), 3, "{told:?}");
        assert_eq!(census.missed(), Found::default());
        assert_eq!(course(&mut census, &[BOTH]), [], "when it comes it is new");
    }

    #[test]
    fn what_is_kept_of_vlans_may_say_anything_and_does_no_harm() {
        let mut census = Census::of(vec![80]);
        let kept = |vlan, came_for, silent_for| KeptVlan {
            vlan,
            has_come: vlan != 30,
            came_for,
            silent_for,
            told: Some(i64::MIN),
        };
        let wild = [kept(10, i64::MAX, i64::MIN), kept(20, i64::MIN, i64::MAX), kept(30, 0, 0)];
        census.resume(&wild);
        let known: Vec<_> = census.kept().iter().map(|kept| kept.vlan).collect();
        assert_eq!(known, [10, 20, 80]);
        assert_eq!(course(&mut census, &[BOTH; 2]), [(1, back(&[10, 20]))]);
    }
}
