//! What is told where many logins were seen from one side only.

use std::collections::VecDeque;

use facts::{Span, Timestamp};
use store::{Change, Health};

use crate::office::LoginsHeard;

/// Shares are taken over so long.
const WINDOW: Span = Span::hours(1);
/// It is told again after so long.
const AGAIN: Span = Span::hours(24);
/// Fewer are packets that were lost on their way.
const FEWEST: u64 = 5;
/// As many among so many: a mirror that shows one direction, or a device that makes them up.
const ONE_IN: u64 = 10;

/// The logins that were heard, as they were counted over the last hour.
#[derive(Debug, Default)]
pub(super) struct Halves {
    counted: VecDeque<(Timestamp, LoginsHeard)>,
    told: Option<Timestamp>,
}

impl Halves {
    /// What there is to tell, now that so many were counted since the start.
    pub(super) fn news(&mut self, counted: LoginsHeard, now: Timestamp) -> Option<Change> {
        while self.counted.get(1).is_some_and(|(at, _)| now.since(*at) >= WINDOW) {
            self.counted.pop_front();
        }
        let before = self.counted.front().map_or(LoginsHeard::default(), |(_, before)| *before);
        self.counted.push_back((now, counted));
        let one_sided = counted.one_sided.saturating_sub(before.one_sided);
        let all = counted.all.saturating_sub(before.all);
        let is_told = self.told.is_some_and(|told| now.since(told) < AGAIN);
        if is_told || one_sided < FEWEST || one_sided.saturating_mul(ONE_IN) < all {
            return None;
        }
        self.told = Some(now);
        let sentence = format!(
            "Of {all} logins in the last hour {one_sided} could be any device's making: a server's \
             reply without its request, a report that no server took, or a server that has its \
             address from DHCP. They name nobody for sure. For the technician: let the mirror show \
             both directions of the login servers' ports, and name these servers under \
             `login_servers` in wardline.toml; if that was done, find out which device sends them."
        );
        let kind = "half_heard".to_owned();
        Some(Change::Health(Health { at: now, kind, sentence, figure: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(course: &[(i64, u64, u64)]) -> Vec<i64> {
        let mut halves = Halves::default();
        let mut told = Vec::new();
        for &(minute, all, one_sided) in course {
            let now = Timestamp::from_seconds(1_795_392_000) + Span::minutes(minute);
            if halves.news(LoginsHeard { all, one_sided }, now).is_some() {
                told.push(minute);
            }
        }
        told
    }

    #[test]
    fn a_mirror_that_shows_one_direction_is_told_once_a_day() {
        assert_eq!(told(&[(0, 0, 0), (1, 4, 4), (2, 6, 6), (3, 60, 60)]), [2]);
        let days: Vec<_> =
            (0..49).map(|hour| (hour * 60, 20 * hour as u64, 20 * hour as u64)).collect();
        assert_eq!(told(&days), [60, 25 * 60]);
    }

    #[test]
    fn packets_that_were_lost_now_and_then_are_not_told_of() {
        let hours: Vec<_> =
            (0..24).map(|hour| (hour * 60, 500 * hour as u64, 9 * hour as u64)).collect();
        assert_eq!(told(&hours), [] as [i64; 0]);
        assert_eq!(told(&[(0, 40, 4), (30, 90, 9)]), [30], "a tenth of an hour's");
    }

    #[test]
    fn a_burst_among_the_logins_of_a_whole_day_is_told() {
        assert_eq!(told(&[(0, 5_000, 0), (300, 5_010, 0), (301, 5_030, 20)]), [301]);
    }
}
