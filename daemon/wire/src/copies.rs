//! Copies that a mirror makes of one packet, as where it copies both ports that a packet
//! passes: heard twice, one question would count as two.
//!
//! Only datagrams that are read are looked at. TCP octets that come twice have the same
//! sequence numbers and say nothing twice.

use std::hash::{BuildHasher, Hash, Hasher};

use facts::{Span, Timestamp};

use crate::keyed::Key;
use crate::layers::Ip;

/// A copy comes within this; a client that asks again waits longer.
const TOGETHER: Span = Span::millis(5);
/// How many packets are remembered: some 5 ms of 400,000 datagrams a second.
const REMEMBERED: usize = 2_048;

/// The datagrams of the last milliseconds, by a keyed print of all that a copy shares.
pub(crate) struct Copies {
    key: Key,
    recent: Box<[(u64, Timestamp)]>,
}

impl Copies {
    pub(crate) fn new(key: Key) -> Self {
        Self { key, recent: vec![(0, Timestamp::EPOCH); REMEMBERED].into() }
    }

    pub(crate) const fn bytes_held() -> usize {
        REMEMBERED.saturating_mul(size_of::<(u64, Timestamp)>())
    }

    /// Whether a packet with the same ends, number and octets came just before. What a
    /// router changes, TTL and checksum, is not compared.
    pub(crate) fn has_seen(&mut self, ip: &Ip<'_>, payload: &[u8], at: Timestamp) -> bool {
        let mut hasher = self.key.build_hasher();
        ip.src.hash(&mut hasher);
        ip.dst.hash(&mut hasher);
        hasher.write_u16(ip.id);
        // Ports and length stand before the checksum.
        hasher.write(ip.payload.get(..6).unwrap_or_default());
        hasher.write(payload);
        let print = hasher.finish();
        let place = usize::try_from(print & 0xffff).unwrap_or(0).checked_rem(REMEMBERED);
        let Some(slot) = place.and_then(|place| self.recent.get_mut(place)) else { return false };
        let (last, when) = *slot;
        let since = at.since(when);
        let seen = last == print && since >= Span::ZERO && since <= TOGETHER;
        *slot = (print, at);
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(id: u16, payload: &[u8]) -> Ip<'_> {
        let (src, dst) = ([10, 1, 4, 23].into(), [10, 1, 0, 1].into());
        Ip { src, dst, protocol: 17, payload, hops: 64, id, piece: None, is_cut: false }
    }

    #[test]
    fn only_the_same_packet_within_milliseconds_is_a_copy() {
        let mut copies = Copies::new(Key::new([5; 16]));
        let mut seen = |id, checksum: u8, body: &[u8], millis| {
            let datagram = [&[0xc3, 0x50, 0, 53, 0, 12, checksum, 1][..], body].concat();
            let at = Timestamp::EPOCH + Span::millis(millis);
            copies.has_seen(&ip(id, &datagram), body, at)
        };
        assert!(!seen(7, 1, b"www?", 0));
        assert!(seen(7, 2, b"www?", 3), "another checksum");
        assert!(!seen(7, 1, b"www?", 20), "later: asked again");
        assert!(!seen(8, 1, b"www?", 21), "another packet");
        assert!(!seen(8, 1, b"web?", 22), "another question");
    }
}
