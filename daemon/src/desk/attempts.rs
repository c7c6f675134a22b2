//! Attempts of one device counted within the hour and the day, and bursts of many devices.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;

use facts::{Category, Mac, Sighting, Span, Timestamp};
use rules::Calendar;

use super::key::{DeviceKey, NetworkKey};

/// Two matches closer than this are one attempt: a page asks for many names at once.
const SEPARATE: Span = Span::seconds(60);
/// How long a device's attempts count together as one effort.
const HOUR: Span = Span::hours(1);
/// So many devices of one network within `BURST` are a lesson event (VOICES.md 5.1).
const DEVICES: usize = 5;
const BURST: Span = Span::minutes(10);
/// At most so many devices and themes are remembered; the oldest are forgotten first.
const MOST_KEPT: usize = 20_000;

/// How often one device tried a theme, up to and with one match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Within the hour.
    pub in_hour: u32,
    /// On the same day.
    pub today: u32,
}

/// Counts attempts per device and theme: never per account, because a class account is
/// many children.
#[derive(Debug, Default)]
pub struct Attempted {
    times: BTreeMap<(DeviceKey, Category), VecDeque<Timestamp>>,
}

impl Attempted {
    /// Notes a match and tells the attempts with it.
    pub fn note(
        &mut self,
        device: DeviceKey,
        category: Category,
        at: Timestamp,
        calendar: &Calendar,
    ) -> Attempts {
        self.keep_within_bounds();
        let begins = calendar.day(at).begins;
        let times = self.times.entry((device, category)).or_default();
        times.retain(|earlier| *earlier >= begins);
        let known =
            times.iter().any(|time| time.since(at).as_micros().abs() < SEPARATE.as_micros());
        if !known {
            times.push_back(at);
        }
        let count = |since: Timestamp| {
            let upto =
                times.iter().filter(|time| **time > since && **time <= at + SEPARATE).count();
            u32::try_from(upto).unwrap_or(u32::MAX)
        };
        Attempts { in_hour: count(at - HOUR), today: count(begins - Span::micros(1)) }
    }

    /// Takes an attempt back that an approved exception covers: whoever uses the device next
    /// must not be told for it.
    pub fn take_back(&mut self, device: DeviceKey, category: Category, at: Timestamp) {
        if let Some(times) = self.times.get_mut(&(device, category)) {
            times.retain(|time| *time != at);
        }
    }

    fn keep_within_bounds(&mut self) {
        if self.times.len() < MOST_KEPT {
            return;
        }
        let mut last: Vec<_> =
            self.times.values().filter_map(|times| times.back().copied()).collect();
        last.sort_unstable();
        let Some(middle) = last.get(last.len() / 2).copied() else { return };
        self.times.retain(|_, times| times.back().is_some_and(|time| *time > middle));
    }
}

/// Watches for many devices of one network that ask for one theme within minutes.
#[derive(Debug, Default)]
pub struct Bursts {
    seen: BTreeMap<(NetworkKey, Category), LastSeen>,
}

/// When each device was last seen with a theme.
#[derive(Debug, Default)]
struct LastSeen(BTreeMap<(Option<Mac>, IpAddr), Timestamp>);

impl Bursts {
    /// Notes that a device was seen with a theme.
    pub fn note(&mut self, sighting: &Sighting, category: Category, at: Timestamp) {
        let LastSeen(seen) = self.seen.entry((NetworkKey::of(sighting), category)).or_default();
        seen.retain(|_, time| at.since(*time).as_micros() <= 2 * BURST.as_micros());
        if seen.len() < MOST_KEPT {
            seen.insert((sighting.mac, sighting.address), at);
        }
    }

    /// Whether something seen at `at` lies within ten minutes in which five devices of its
    /// network were seen with the theme.
    #[must_use]
    pub fn is_burst(&self, sighting: &Sighting, category: Category, at: Timestamp) -> bool {
        let Some(LastSeen(seen)) = self.seen.get(&(NetworkKey::of(sighting), category)) else {
            return false;
        };
        let mut starts: Vec<_> =
            seen.values().copied().filter(|time| *time <= at && *time + BURST >= at).collect();
        starts.push(at);
        starts.sort_unstable();
        starts.dedup();
        starts.into_iter().any(|start| {
            let within = |time: &Timestamp| *time >= start && *time <= start + BURST;
            devices(seen.iter().filter(|(_, time)| within(time)).map(|(device, _)| device))
                >= DEVICES
        })
    }
}

/// How many devices these are. Devices behind a router share its hardware address and one
/// device may have two kinds of address, so the highest of three counts holds.
fn devices<'a>(seen: impl Iterator<Item = &'a (Option<Mac>, IpAddr)>) -> usize {
    let (mut macs, mut v4, mut v6) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (mac, address) in seen {
        macs.extend(*mac);
        let kind = if address.is_ipv4() { &mut v4 } else { &mut v6 };
        kind.insert(*address);
    }
    macs.len().max(v4.len()).max(v6.len())
}
