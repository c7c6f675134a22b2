//! The TCP flows that are remembered: a fixed number of slots of 64 octets.
//!
//! A bucket of eight slots is a small cache of its own: a newcomer takes a free slot, else
//! the one that is missed least. So nothing is scanned, nothing chained, and a flood can
//! only push out flows of the same bucket.

use std::hash::{BuildHasher, Hash, Hasher};
use std::net::{IpAddr, Ipv6Addr};

use facts::{Path, Timestamp};

use super::again::Spoken;
use super::{Segment, Talk, framed};
use crate::http;
use crate::keyed::{Key, TableKey};
use crate::limits::{FLOW_BUCKETS, FLOW_PAGE, HALF_OPEN_IN_BUCKET};

/// One direction of one TCP connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FlowKey {
    src: [u8; 16],
    dst: [u8; 16],
    ports: u32,
}

/// What is known of one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The slot is free.
    Vacant,
    /// A SYN was seen; the first octet will have this sequence number, unless another SYN said
    /// otherwise.
    HalfOpen { next: u32, is_doubtful: bool },
    /// Read up to a mark, where a message may begin.
    Reading(Mark),
    /// A message is in pieces, in the table of gathers.
    Gathering { is_contested: bool },
    /// It, or its other direction, was told as a tunnel: nothing more can be read.
    Tunnel { is_contested: bool },
    /// A hello was read, or there is nothing to find.
    Spent(Spoken),
}

impl Stage {
    pub(crate) const GATHERING: Self = Self::Gathering { is_contested: false };
    pub(crate) const TUNNEL: Self = Self::Tunnel { is_contested: false };

    /// Whether another message is put together in the place of the last, see [`Mark`].
    pub(crate) const fn is_contested(self) -> bool {
        match self {
            Self::Reading(mark) => mark.is_contested,
            Self::Gathering { is_contested } | Self::Tunnel { is_contested } => is_contested,
            Self::Vacant | Self::HalfOpen { .. } | Self::Spent(_) => false,
        }
    }

    /// Notes it; says whether it can be noted here.
    pub(crate) const fn set_contested(&mut self, contested: bool) -> bool {
        match self {
            Self::Reading(mark) => mark.is_contested = contested,
            Self::Gathering { is_contested } | Self::Tunnel { is_contested } => {
                *is_contested = contested;
            }
            Self::Vacant | Self::HalfOpen { .. } | Self::Spent(_) => return false,
        }
        true
    }

    /// Whether octets of the direction are kept in the table of gathers.
    pub(crate) const fn is_in_gathers(self) -> bool {
        matches!(self, Self::Gathering { .. }) || self.is_contested()
    }
}

/// How far behind the beginning of a message its parts are kept: the longest hellos of
/// browsers are half as long.
const SHADOW: u32 = 4 * 1024;

/// How far a direction was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The octet that is read next, and what is spoken there.
    pub(crate) next: u32,
    pub(crate) talk: Talk,
    /// The last message that was said.
    pub(crate) said: Spoken,
    /// Whether another message is put together in its place, in the table of gathers.
    pub(crate) is_contested: bool,
}

impl Mark {
    pub(crate) const fn new(next: u32, talk: Talk) -> Self {
        Self { next, talk, said: Spoken::nothing(next), is_contested: false }
    }

    /// Whether a segment begins in the body of a request that was said.
    pub(super) const fn has_in_body(&self, segment: &Segment<'_>) -> bool {
        let body = self.next.wrapping_sub(self.said.end);
        let is_sent = matches!(self.talk, Talk::Http | Talk::Chunk) && !self.said.is_nothing();
        is_sent && segment.seq.wrapping_sub(self.said.end) < body
    }

    /// Whether a segment may be a later part of another message in the place of the last,
    /// whose beginning is still to come: octets near it that are not what follows.
    pub(super) fn shadows(&self, segment: &Segment<'_>) -> bool {
        if self.said.is_nothing() || segment.seq.wrapping_sub(self.said.start) >= SHADOW {
            return false;
        }
        match self.talk {
            _ if self.said.is_unread() => true,
            Talk::Dns => !framed::is_framed(segment.payload),
            talk => talk.is_of_http() && !http::surely_starts(segment.payload),
        }
    }
}

/// What octets are held for: to be read next, or in the place of the last message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GatherKey {
    pub(super) flow: FlowKey,
    pub(super) is_second: bool,
}

/// One remembered flow.
#[derive(Clone, Copy)]
pub(crate) struct Slot {
    key: FlowKey,
    /// Packet time in seconds, to tell which slot is oldest.
    seen: u32,
    pub(crate) stage: Stage,
}

const WAYS: usize = 8;
const _: () = assert!(size_of::<Bucket>() <= 64 * WAYS, "a flow costs at most 64 octets");

/// Slots, and a part of the hash of each one's key: nearly always one slot is looked at.
#[derive(Clone)]
struct Bucket {
    tags: [u8; WAYS],
    slots: [Slot; WAYS],
}

impl Bucket {
    const VACANT: Self = Self { tags: [0; WAYS], slots: [Slot::VACANT; WAYS] };
}

/// All remembered flows.
pub(crate) struct Flows {
    key: TableKey,
    /// Allocated where the first flow of a page comes, so that small networks stay small.
    pages: Vec<Option<Box<[Bucket]>>>,
    allocated: usize,
}

impl FlowKey {
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            src: octets(path.src),
            dst: octets(path.dst),
            ports: (u32::from(path.sport) << 16) | u32::from(path.dport),
        }
    }

    /// A small number that both directions share, for a filter before the table. It is not
    /// keyed: who aims at it only makes us look into a table in vain.
    pub(crate) fn fold(&self) -> usize {
        let [.., a, b] = self.src;
        let [.., c, d] = self.dst;
        let [e, f, g, h] = self.ports.to_le_bytes();
        let low = u16::from_le_bytes([b ^ d, a ^ c]) ^ u16::from_le_bytes([e ^ g, f ^ h]);
        usize::from(low & 0x0fff)
    }

    /// For what is held to be read next.
    pub(crate) const fn first(self) -> GatherKey {
        GatherKey { flow: self, is_second: false }
    }

    /// For what is held in the place of the last message.
    pub(crate) const fn second(self) -> GatherKey {
        GatherKey { flow: self, is_second: true }
    }

    /// The address that sends in this direction.
    pub(crate) const fn sender(&self) -> [u8; 16] {
        self.src
    }

    /// The other direction of the same connection.
    pub(crate) const fn reversed(&self) -> Self {
        Self { src: self.dst, dst: self.src, ports: self.ports.rotate_left(16) }
    }
}

impl Hash for FlowKey {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(&self.src);
        state.write(&self.dst);
        state.write_u32(self.ports);
    }
}

fn octets(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
        IpAddr::V6(v6) => v6.octets(),
    }
}

impl Slot {
    const VACANT: Self = Self {
        key: FlowKey {
            src: Ipv6Addr::UNSPECIFIED.octets(),
            dst: Ipv6Addr::UNSPECIFIED.octets(),
            ports: 0,
        },
        seen: 0,
        stage: Stage::Vacant,
    };

    /// Lowest first: who makes room for a newcomer.
    const fn worth(&self) -> (u8, u32) {
        let class = match self.stage {
            Stage::Vacant => 0,
            Stage::HalfOpen { .. } => 1,
            Stage::Spent { .. } | Stage::Tunnel { .. } => 2,
            Stage::Reading(_) => 3,
            Stage::Gathering { .. } => 4,
        };
        (class, self.seen)
    }

    const fn is_half_open(&self) -> bool {
        matches!(self.stage, Stage::HalfOpen { .. })
    }
}

impl Flows {
    pub(crate) fn new(key: Key) -> Self {
        let pages = FLOW_BUCKETS.saturating_div(FLOW_PAGE);
        let key = key.for_tables();
        Self { key, pages: std::iter::repeat_with(|| None).take(pages).collect(), allocated: 0 }
    }

    pub(crate) fn bytes_held(&self) -> usize {
        self.allocated.saturating_mul(FLOW_PAGE).saturating_mul(size_of::<Bucket>())
    }

    pub(crate) const fn most_bytes() -> usize {
        FLOW_BUCKETS.saturating_mul(size_of::<Bucket>())
    }

    /// The slot of a flow that is remembered.
    pub(crate) fn slot(&mut self, key: &FlowKey, now: Timestamp) -> Option<&mut Slot> {
        let (page, bucket, tag) = self.place(key);
        let Bucket { tags, slots } = self.pages.get_mut(page)?.as_mut()?.get_mut(bucket)?;
        let mut tagged = tags.iter().zip(slots).filter(|(known, _)| **known == tag);
        let is_it = |slot: &&mut Slot| slot.key == *key && slot.stage != Stage::Vacant;
        let slot = tagged.by_ref().map(|(_, slot)| slot).find(is_it)?;
        slot.seen = seconds(now);
        Some(slot)
    }

    /// Makes room for a flow that is not remembered, and gives back the flow that lost its
    /// slot for it. `stage` says how much the newcomer is worth.
    pub(crate) fn add(
        &mut self,
        key: FlowKey,
        stage: Stage,
        now: Timestamp,
    ) -> Option<(FlowKey, Stage)> {
        let (page, bucket, tag) = self.place(&key);
        let page = self.pages.get_mut(page)?;
        if page.is_none() {
            self.allocated = self.allocated.saturating_add(1);
        }
        let page = page.get_or_insert_with(|| vec![Bucket::VACANT; FLOW_PAGE].into());
        let Bucket { tags, slots } = page.get_mut(bucket)?;
        let newcomer = Slot { key, seen: seconds(now), stage };
        let half_open = slots.iter().filter(|slot| slot.is_half_open()).count();
        let crowded = newcomer.is_half_open() && half_open >= HALF_OPEN_IN_BUCKET;
        let (known, slot) = tags
            .iter_mut()
            .zip(slots)
            .filter(|(_, slot)| !crowded || slot.is_half_open())
            .min_by_key(|(_, slot)| slot.worth())?;
        let evicted = (slot.stage != Stage::Vacant).then_some((slot.key, slot.stage));
        (*known, *slot) = (tag, newcomer);
        evicted
    }

    /// The page and the bucket of a flow, and its tag there.
    fn place(&self, key: &FlowKey) -> (usize, usize, u8) {
        let hash = self.key.hash_one(key);
        let [tag, ..] = hash.to_be_bytes();
        let hash = usize::try_from(hash & 0xffff_ffff).unwrap_or(0);
        let bucket = hash.checked_rem(FLOW_BUCKETS).unwrap_or(0);
        let page = bucket.checked_div(FLOW_PAGE).unwrap_or(0);
        (page, bucket.checked_rem(FLOW_PAGE).unwrap_or(0), tag)
    }
}

fn seconds(at: Timestamp) -> u32 {
    u32::try_from(at.since(Timestamp::EPOCH).as_seconds()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(client: u32) -> FlowKey {
        let src = IpAddr::from(client.to_be_bytes());
        let dst = IpAddr::from([203, 0, 113, 1]);
        FlowKey::new(&Path { src, dst, sport: 50_000, dport: 443 })
    }

    #[test]
    fn a_flood_of_syns_leaves_the_flows_that_talk() {
        let mut flows = Flows::new(Key::new([9; 16]));
        let talking = Stage::Reading(Mark::new(7, Talk::Http));
        for client in 0..5_000 {
            flows.add(key(client), talking, Timestamp::from_seconds(1));
        }
        for client in 1_000_000..2_000_000 {
            let stage = Stage::HalfOpen { next: client, is_doubtful: false };
            flows.add(key(client), stage, Timestamp::from_seconds(2));
        }
        assert!(flows.bytes_held() <= Flows::most_bytes());
        let left = (0..5_000)
            .filter(|c| flows.slot(&key(*c), Timestamp::EPOCH).is_some_and(|s| s.stage == talking))
            .count();
        assert_eq!(left, 5_000);
    }

    #[test]
    fn the_oldest_flow_of_a_full_bucket_makes_room() {
        let mut flows = Flows::new(Key::new([9; 16]));
        let stage = Stage::Spent(Spoken::nothing(0));
        let mut evicted = 0;
        for client in 0..400_000 {
            let gone = flows.add(key(client), stage, Timestamp::from_seconds(client.into()));
            evicted += usize::from(gone.is_some());
        }
        assert!(evicted >= 400_000 - FLOW_BUCKETS * WAYS);
        assert!(flows.slot(&key(399_999), Timestamp::EPOCH).is_some());
        assert_eq!(flows.bytes_held(), Flows::most_bytes());
    }

    #[test]
    fn the_two_directions_are_two_flows() {
        let there = key(1);
        assert_ne!(there, there.reversed());
        assert_eq!(there, there.reversed().reversed());
    }
}
