//! Which device used which address, told when it is news: every frame would say it again.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::net::IpAddr;

use facts::{Assertion, Claim, Exchange, Mac, Sighting, Source, Span, Timestamp};

/// A device that goes on using its address is told of again after this: sooner than coming
/// back to an address is taken for a move, and as seldom as memory and record want.
const AGAIN: Span = Span::minutes(20);
/// A device that comes back to an address from another is told of again after this: a card
/// that takes turns between addresses carries more than one computer.
const TURN: Span = Span::minutes(2);
/// Two devices that use one address at once are each told of no more often than this.
const IN_TURN: Span = Span::seconds(10);
/// Addresses kept of one UTC day. With the pairs of those that are contested: under 10 MiB.
const MOST_ADDRESSES: usize = 65_536;
/// Addresses told of one hardware address in a UTC day: whoever needs more is a router,
/// which as many have then shown.
const MOST_OF_ONE: u16 = 64;
/// Sightings told in one minute: made-up addresses must not crowd out logins.
const MOST_A_MINUTE: u32 = 4_096;

/// Who was seen where, of one UTC day.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    day: i64,
    minute: (i64, u32),
    /// Of whom it was told last that it has the address, and when.
    holders: HashMap<IpAddr, (Mac, Timestamp), RandomState>,
    /// When a device was told of although the address was another's by the last word.
    contested: HashMap<(Mac, IpAddr), Timestamp, RandomState>,
    addresses: HashMap<Mac, Used, RandomState>,
    untold: u64,
}

/// The addresses of one hardware address.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    /// How many were told of.
    count: u16,
    /// The IPv4 address that was told of last.
    last: Option<IpAddr>,
}

impl Sightings {
    /// Sees a frame of a client; returns what is news.
    pub(super) fn see(&mut self, sighting: &Sighting, at: Timestamp) -> Option<Claim> {
        let mac = sighting.mac.filter(|mac| mac.is_device())?;
        let address = sighting.address.to_canonical();
        self.begin_day(at);
        let holder = self.holders.get(&address).copied();
        let patience = if self.comes_back(mac, address) { TURN } else { AGAIN };
        if holder.is_some_and(|(holder, told)| holder == mac && at.since(told) < patience) {
            return None;
        }
        if !is_of_a_network(address) || !self.has_room(mac, address, at) {
            return None;
        }
        if holder.is_some_and(|(holder, _)| holder != mac) {
            let told = self.contested.get(&(mac, address));
            if told.is_some_and(|told| at.since(*told) < IN_TURN) {
                return None;
            }
            self.contested.insert((mac, address), at);
        }
        self.holders.insert(address, (mac, at));
        if address.is_ipv4() {
            self.addresses.entry(mac).or_default().last = Some(address);
        }
        self.minute.1 += 1;
        let assertion = Assertion::Sighted { mac, address, vlan: sighting.vlan };
        Some(Claim { at, assertion, source: Source::Mirror, exchange: Exchange::Whole })
    }

    /// How many frames said something new that was not told: too much was new at once.
    pub(super) const fn untold(&self) -> u64 {
        self.untold
    }

    /// Hears what else says who has an address: a frame of another device is then news.
    pub(super) fn hear(&mut self, claim: &Claim) {
        match claim.assertion {
            Assertion::Leased { mac, address, .. } | Assertion::Announced { mac, address, .. } => {
                if let Some(holder) = self.holders.get_mut(&address.to_canonical()) {
                    *holder = (mac, claim.at);
                }
            }
            Assertion::Released { address, .. } => {
                self.holders.remove(&address.to_canonical());
            }
            _ => {}
        }
    }

    fn begin_day(&mut self, at: Timestamp) {
        let day = at.as_micros().div_euclid(86_400_000_000);
        if day != self.day {
            *self = Self { day, untold: self.untold, ..Self::default() };
        }
    }

    fn has_room(&mut self, mac: Mac, address: IpAddr, at: Timestamp) -> bool {
        let minute = at.as_micros().div_euclid(60_000_000);
        if minute != self.minute.0 {
            self.minute = (minute, 0);
        }
        let places = self.holders.len().max(self.contested.len()).max(self.addresses.len());
        if self.minute.1 >= MOST_A_MINUTE || places >= MOST_ADDRESSES {
            self.untold = self.untold.saturating_add(1);
            return false;
        }
        if self.holders.contains_key(&address) {
            return true;
        }
        let used = self.addresses.entry(mac).or_default();
        used.count = used.count.saturating_add(1);
        used.count <= MOST_OF_ONE
    }

    /// Whether the last IPv4 address that was told of the device is another.
    fn comes_back(&self, mac: Mac, address: IpAddr) -> bool {
        let last = || self.addresses.get(&mac)?.last;
        address.is_ipv4() && last().is_some_and(|last| last != address)
    }
}

/// Whether an address can be told from that of another device elsewhere.
fn is_of_a_network(address: IpAddr) -> bool {
    let is_link_local = match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    !is_link_local && !address.is_unspecified() && !address.is_multicast() && !address.is_loopback()
}

#[cfg(test)]
mod tests {
    use facts::{SensorId, SiteId};

    use super::*;

    const NINE: Timestamp = Timestamp::from_seconds(1_795_424_400);

    fn frame(mac: u8, address: IpAddr) -> Sighting {
        let mac = Some(Mac::from_octets([0x52, 0x54, 0, 0, 0, mac]));
        Sighting { site: SiteId(0), sensor: SensorId(0), vlan: None, mac, address }
    }

    fn at(number: u8) -> IpAddr {
        [10, 1, 4, number].into()
    }

    fn sec(seconds: i64) -> Timestamp {
        NINE + Span::seconds(seconds)
    }

    /// Which of these frames (second, device, address) are news.
    fn news(sightings: &mut Sightings, frames: &[(i64, u8, u8)]) -> Vec<i64> {
        let told = frames.iter().filter_map(|(second, mac, address)| {
            let claim = sightings.see(&frame(*mac, at(*address)), sec(*second))?;
            assert_eq!(claim.at, sec(*second));
            Some(*second)
        });
        told.collect()
    }

    #[test]
    fn a_device_that_goes_on_using_its_address_is_told_of_every_twenty_minutes() {
        let frames: Vec<_> = (0..2_500).map(|second| (second, 1, 1)).collect();
        assert_eq!(news(&mut Sightings::default(), &frames), [0, 1_200, 2_400]);
    }

    #[test]
    fn who_takes_turns_with_another_on_one_address_is_told_of_at_once_and_then_every_ten_seconds() {
        let frames: Vec<_> = (0..25).map(|second| (second, 1 + (second % 2) as u8, 1)).collect();
        let told = news(&mut Sightings::default(), &frames);
        assert_eq!(told, [0, 1, 2, 11, 12, 21, 22]);
    }

    #[test]
    fn a_device_that_comes_back_to_an_address_is_told_of_every_two_minutes() {
        let frames: Vec<_> =
            (0..300).map(|second| (second, 1, 1 + u8::from(second % 2 == 1))).collect();
        assert_eq!(news(&mut Sightings::default(), &frames), [0, 1, 120, 121, 240, 241]);
    }

    #[test]
    fn a_frame_after_a_lease_to_another_device_is_news() {
        let mut sightings = Sightings::default();
        assert_eq!(news(&mut sightings, &[(0, 1, 1), (1, 1, 1)]), [0]);
        let mac = frame(2, at(1)).mac.unwrap();
        let lease = Assertion::Leased {
            mac,
            address: at(1),
            vlan: None,
            lease: Span::hours(1),
            host: None,
        };
        sightings.hear(&Claim {
            at: sec(2),
            assertion: lease,
            source: Source::Mirror,
            exchange: Exchange::Whole,
        });
        assert_eq!(news(&mut sightings, &[(3, 2, 1), (4, 1, 1), (5, 1, 1), (6, 2, 1)]), [4, 6]);
        let given_back = Assertion::Released { mac, address: at(1) };
        sightings.hear(&Claim {
            at: sec(7),
            assertion: given_back,
            source: Source::Mirror,
            exchange: Exchange::Whole,
        });
        assert_eq!(news(&mut sightings, &[(8, 1, 1), (9, 1, 1)]), [8]);
    }

    #[test]
    fn made_up_addresses_are_told_of_in_bounds_and_a_new_day_begins_anew() {
        let mut sightings = Sightings::default();
        let made_up = |n: u32, mac| frame(mac, IpAddr::from((0x0a00_0000 + n).to_be_bytes()));
        let told = |sightings: &mut Sightings, count: u32, mac: &dyn Fn(u32) -> u8, at| {
            (0..count).filter(|n| sightings.see(&made_up(*n, mac(*n)), at).is_some()).count()
        };
        assert_eq!(told(&mut sightings, 1_000, &|_| 1, sec(0)), usize::from(MOST_OF_ONE));
        let day = Span::hours(24);
        assert_eq!(told(&mut sightings, 1_000, &|_| 1, sec(0) + day), usize::from(MOST_OF_ONE));
        let (mut all, mut macs, mut told_of_all) = (Sightings::default(), 0_u32, 0);
        for minute in 0..40 {
            let mut of_minute = 0;
            for _ in 0..5_000 {
                macs += 1;
                let [_, a, b, c] = macs.to_be_bytes();
                let mac = Some(Mac::from_octets([0x52, 0x54, 1, a, b, c]));
                let one = Sighting { mac, ..made_up(macs, 0) };
                of_minute += u32::from(all.see(&one, sec(minute * 60)).is_some());
            }
            assert!(of_minute <= MOST_A_MINUTE);
            told_of_all += u64::from(of_minute);
        }
        assert_eq!(all.untold() + told_of_all, 40 * 5_000, "the rest is counted");
        assert_eq!(all.holders.len(), MOST_ADDRESSES);
        assert!(all.addresses.len() <= MOST_ADDRESSES);
    }

    #[test]
    fn what_says_nothing_of_a_place_is_not_told() {
        let mut sightings = Sightings::default();
        for address in ["169.254.7.7", "fe80::1", "0.0.0.0", "::", "ff02::fb", "127.0.0.1", "::1"] {
            assert_eq!(
                sightings.see(&frame(1, address.parse().unwrap()), sec(0)),
                None,
                "{address}"
            );
        }
        assert_eq!(sightings.see(&Sighting { mac: None, ..frame(1, at(1)) }, sec(0)), None);
        let group = Some(Mac::from_octets([0xff; 6]));
        assert_eq!(sightings.see(&Sighting { mac: group, ..frame(1, at(1)) }, sec(0)), None);
        assert!(sightings.see(&frame(1, "::ffff:10.1.4.1".parse().unwrap()), sec(0)).is_some());
        assert!(sightings.see(&frame(1, at(1)), sec(1)).is_none(), "one address in two forms");
    }
}
