//! IP fragments put together again, within caps; an overlap drops the datagram.

use std::net::IpAddr;

use facts::{Span, Timestamp};

use super::{Ip, Piece};
use crate::counters::Counters;
use crate::keyed::Key;
use crate::limits::{FRAGMENT_BYTES, FRAGMENT_SECONDS, MOST_DATAGRAMS, MOST_PIECES};
use crate::table::Table;

/// The largest datagram that IP can carry.
const LARGEST: u32 = 65_535;

/// Whose pieces belong together; one address may be two hosts' in two VLANs.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Datagram {
    vlan: Option<u16>,
    src: IpAddr,
    dst: IpAddr,
    /// Part of what tells IPv4 datagrams apart (RFC 791). In IPv6 each piece may say
    /// another, and only the first one's counts (RFC 8200 section 4.5).
    protocol: Option<u8>,
    id: u32,
}

/// A datagram that is whole again.
pub(crate) struct Joined {
    /// What it carries, as its first piece says.
    pub(crate) protocol: u8,
    pub(crate) bytes: Vec<u8>,
}

/// The datagrams that are not whole yet.
pub(crate) struct Fragments {
    waiting: Table<Datagram, Pieces>,
    /// Octets that the waiting pieces hold.
    held: usize,
}

struct Pieces {
    pieces: Vec<(u32, Vec<u8>)>,
    /// What the piece at the start says that the whole carries.
    protocol: Option<u8>,
    /// How long the whole is, once its last piece was seen.
    length: Option<u32>,
    /// Set when pieces overlapped: what follows of this datagram is dropped as well.
    spoilt: bool,
}

impl Fragments {
    pub(crate) fn new(key: Key) -> Self {
        Self { waiting: Table::new(MOST_DATAGRAMS, key), held: 0 }
    }

    pub(crate) fn bytes_held(&self) -> usize {
        self.waiting.bytes_held().saturating_add(self.held)
    }

    pub(crate) const fn most_bytes() -> usize {
        // One datagram above the cap before somebody makes room.
        let list = MOST_PIECES.saturating_mul(size_of::<(u32, Vec<u8>)>());
        Table::<Datagram, Pieces>::most_bytes(MOST_DATAGRAMS)
            .saturating_add(FRAGMENT_BYTES)
            .saturating_add(list)
            .saturating_add(LARGEST as usize)
    }

    /// Takes a piece and gives back the whole once it is there.
    pub(crate) fn join(
        &mut self,
        at: Timestamp,
        vlan: Option<u16>,
        ip: &Ip<'_>,
        counters: &mut Counters,
    ) -> Option<Joined> {
        let piece = ip.piece?;
        counters.fragments = counters.fragments.saturating_add(1);
        let protocol = ip.src.is_ipv4().then_some(ip.protocol);
        let key = Datagram { vlan, src: ip.src, dst: ip.dst, protocol, id: piece.id };
        self.expire(at, counters);
        if !self.waiting.contains(&key) {
            let fresh = Pieces { pieces: Vec::new(), protocol: None, length: None, spoilt: false };
            let evicted = self.waiting.set(key, fresh, at);
            self.let_go(evicted, counters);
        }
        let pieces = self.waiting.value_mut(&key)?;
        let before = pieces.held();
        pieces.take(piece, ip);
        let after = pieces.held();
        self.held = self.held.saturating_sub(before).saturating_add(after);
        let whole = pieces.whole();
        if whole.is_some() {
            self.waiting.remove(&key);
            self.held = self.held.saturating_sub(after);
            counters.datagrams_joined = counters.datagrams_joined.saturating_add(1);
        }
        while self.held > FRAGMENT_BYTES {
            let oldest = self.waiting.take_oldest();
            if oldest.is_none() {
                break;
            }
            self.let_go(oldest, counters);
        }
        whole
    }

    pub(crate) fn expire(&mut self, now: Timestamp, counters: &mut Counters) {
        let limit = now - Span::seconds(FRAGMENT_SECONDS);
        while let Some(old) = self.waiting.take_older_than(limit) {
            self.let_go(Some(old), counters);
        }
    }

    fn let_go(&mut self, gone: Option<(Datagram, Pieces)>, counters: &mut Counters) {
        if let Some((_, pieces)) = gone {
            self.held = self.held.saturating_sub(pieces.held());
            counters.datagrams_dropped = counters.datagrams_dropped.saturating_add(1);
        }
    }
}

impl Pieces {
    fn held(&self) -> usize {
        let list = self.pieces.capacity().saturating_mul(size_of::<(u32, Vec<u8>)>());
        self.pieces.iter().fold(list, |sum, (_, bytes)| sum.saturating_add(bytes.capacity()))
    }

    fn take(&mut self, piece: Piece, ip: &Ip<'_>) {
        let bytes = ip.payload;
        if self.spoilt {
            return;
        }
        let end = u32::try_from(bytes.len()).ok().and_then(|l| piece.offset.checked_add(l));
        let Some(end) = end.filter(|end| *end <= LARGEST) else {
            return self.spoil();
        };
        if self.pieces.iter().any(|(from, old)| *from == piece.offset && old == bytes) {
            return;
        }
        let overlaps = self.pieces.iter().any(|(from, old)| {
            let old_end = u32::try_from(old.len()).map_or(u32::MAX, |l| from.saturating_add(l));
            piece.offset < old_end && *from < end
        });
        let contradicts = match (piece.more, self.length) {
            (false, Some(length)) => length != end,
            (true, Some(length)) => end > length,
            (_, None) => false,
        };
        if overlaps || contradicts || bytes.is_empty() || self.pieces.len() >= MOST_PIECES {
            return self.spoil();
        }
        if !piece.more {
            self.length = Some(end);
        }
        if piece.offset == 0 {
            self.protocol = Some(ip.protocol);
        }
        let place = self.pieces.partition_point(|(from, _)| *from < piece.offset);
        self.pieces.insert(place, (piece.offset, bytes.to_vec()));
    }

    fn spoil(&mut self) {
        self.spoilt = true;
        self.pieces = Vec::new();
    }

    fn whole(&self) -> Option<Joined> {
        let (length, protocol) = (self.length?, self.protocol?);
        let mut end = 0_u32;
        for (from, bytes) in &self.pieces {
            if *from != end {
                return None;
            }
            end = end.checked_add(u32::try_from(bytes.len()).ok()?)?;
        }
        let bytes = || self.pieces.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect();
        (end == length).then(|| Joined { protocol, bytes: bytes() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn join(pieces: &[(u32, bool, &[u8])]) -> (Option<Vec<u8>>, Counters) {
        let mut fragments = Fragments::new(Key::new([3; 16]));
        let mut counters = Counters::default();
        let mut whole = None;
        for (offset, more, payload) in pieces {
            let piece = Piece { id: 1, offset: *offset, more: *more };
            let ip = Ip {
                src: [10, 1, 4, 23].into(),
                dst: [10, 1, 0, 1].into(),
                protocol: 17,
                payload,
                hops: 64,
                id: 0,
                piece: Some(piece),
                is_cut: false,
            };
            let joined = fragments.join(Timestamp::EPOCH, Some(10), &ip, &mut counters);
            whole = whole.or(joined.map(|joined| joined.bytes));
        }
        (whole, counters)
    }

    #[test]
    fn pieces_in_any_order_make_the_datagram() {
        let (a, b, c): (&[u8], &[u8], &[u8]) = (b"01234567", b"89abcdef", b"gh");
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let pieces = [(0, true, a), (8, true, b), (16, false, c)];
            let (whole, counters) = join(&order.map(|i| pieces[i]));
            assert_eq!(whole.as_deref(), Some(&b"0123456789abcdefgh"[..]));
            assert_eq!(counters.datagrams_joined, 1);
        }
    }

    #[test]
    fn an_overlap_spoils_the_datagram_and_a_copy_does_not() {
        let first: (u32, bool, &[u8]) = (0, true, b"0123456789abcdef");
        assert!(join(&[first, (8, false, b"XXXXXXXXXX")]).0.is_none());
        assert!(join(&[first, (8, false, b"XX"), (16, false, b"gh")]).0.is_none());
        assert!(join(&[first, first, (16, false, b"gh")]).0.is_some());
    }

    #[test]
    fn a_hundred_pieces_of_eight_octets_make_the_datagram() {
        let whole: Vec<u8> = (0..100).flat_map(|n| [n; 8]).collect();
        let pieces: Vec<(u32, bool, &[u8])> =
            (0..100).map(|n| (n * 8, n < 99, &whole[n as usize * 8..][..8])).collect();
        let (joined, _) = join(&pieces);
        assert_eq!(joined.as_deref(), Some(&whole[..]));
    }

    #[test]
    fn pieces_of_two_networks_with_the_same_addresses_are_not_joined() {
        let mut fragments = Fragments::new(Key::new([3; 16]));
        let mut counters = Counters::default();
        let (src, dst) = ([10, 1, 4, 23].into(), [10, 1, 0, 1].into());
        let mut join = |vlan, offset, more| {
            let piece = Some(Piece { id: 1, offset, more });
            let ip = Ip {
                src,
                dst,
                protocol: 17,
                payload: b"01234567",
                hops: 64,
                id: 1,
                piece,
                is_cut: false,
            };
            fragments.join(Timestamp::EPOCH, vlan, &ip, &mut counters).is_some()
        };
        assert!(!join(Some(10), 0, true) && !join(Some(20), 8, false) && !join(None, 8, false));
        assert!(join(Some(10), 8, false));
    }

    #[test]
    fn a_flood_of_first_pieces_stays_within_its_caps() {
        let mut fragments = Fragments::new(Key::new([3; 16]));
        let mut counters = Counters::default();
        let payload = vec![0; 8_000];
        for id in 0..20_000 {
            let piece = Piece { id, offset: 0, more: true };
            let (src, dst) = ([10, 1, 4, 23].into(), [10, 1, 0, 1].into());
            let ip = Ip {
                src,
                dst,
                protocol: 17,
                payload: &payload,
                hops: 64,
                id: 0,
                piece: Some(piece),
                is_cut: false,
            };
            assert!(fragments.join(Timestamp::EPOCH, None, &ip, &mut counters).is_none());
            assert!(fragments.bytes_held() <= Fragments::most_bytes());
        }
        assert!(counters.datagrams_dropped > 10_000);
        fragments.expire(Timestamp::from_seconds(31), &mut counters);
        assert_eq!((counters.datagrams_dropped, fragments.held), (20_000, 0));
    }

    proptest! {
        #[test]
        fn any_pieces_are_survived(
            pieces in prop::collection::vec((0_u32..70_000, any::<bool>(), 0_usize..64), 0..40)
        ) {
            let bytes = [7; 64];
            let pieces: Vec<_> =
                pieces.iter().map(|(offset, more, length)| (*offset, *more, &bytes[..*length])).collect();
            let _ = join(&pieces);
        }
    }
}
