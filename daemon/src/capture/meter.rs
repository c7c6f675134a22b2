//! What is missing from what the mirror port gives: gaps in what clients send, directions
//! that are not copied, copies made twice, frames that were cut, VLANs that never come.
//!
//! It looks at headers alone and keeps no name. Gaps are measured as Zeek does, by octets
//! that a connection counts and that were never seen, and only in what clients send to the
//! ports that the kernel's filter lets through whole: there the filter hides nothing.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash, Hasher};

use facts::{Span, Timestamp};
use wire::{LinkType, Packet};

use super::Vlans;
use super::filter::Ports;

/// What was measured since the start; totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Frames of which only the beginning was kept.
    pub cut: u64,
    /// SYNs to the ports that are read whole, and answers to them.
    pub knocks: u64,
    /// SYNs that answer, from these ports.
    pub answers: u64,
    /// Questions to a port of DNS over UDP.
    pub questions: u64,
    /// What came back from there.
    pub replies: u64,
    /// Packets that were held against the newest ones.
    pub compared: u64,
    /// Those of them that are copies.
    pub copies: u64,
    /// Octets that clients sent, as their connections count them.
    pub sent: u64,
    /// Those of them that were never seen.
    pub missing: u64,
    /// Whole frames with an IP packet whose header says how long it is.
    pub headed: u64,
    /// Those of them that are shorter: they were cut before they came here.
    pub short: u64,
}

impl Measured {
    /// Each figure made from the two of its kind.
    #[must_use]
    pub fn with(&self, other: &Self, make: fn(u64, u64) -> u64) -> Self {
        Self {
            cut: make(self.cut, other.cut),
            knocks: make(self.knocks, other.knocks),
            answers: make(self.answers, other.answers),
            questions: make(self.questions, other.questions),
            replies: make(self.replies, other.replies),
            compared: make(self.compared, other.compared),
            copies: make(self.copies, other.copies),
            sent: make(self.sent, other.sent),
            missing: make(self.missing, other.missing),
            headed: make(self.headed, other.headed),
            short: make(self.short, other.short),
        }
    }
}

/// Connections whose place is kept at once; a newer one takes the place of an older.
const PLACES: usize = 8_192;
/// Packets that a copy is looked for among.
const RECENT: usize = 2_048;
/// A copy comes within this.
const TOGETHER: Span = Span::millis(5);
/// A jump further than this is another connection's, not a gap.
const FARTHEST: u32 = 1 << 20;

/// Where a client's stream is.
#[derive(Clone, Copy, Default)]
struct Place {
    print: u64,
    next: u32,
    /// The newest gap, which a late segment may fill.
    gap: (u32, u32),
}

/// Measures what the capture thread is given.
pub struct Meter {
    ports: Ports,
    key: RandomState,
    places: Box<[Place]>,
    recent: Box<[(u64, Timestamp)]>,
    /// When a packet of each VLAN came last; nought stands for no VLAN.
    vlans: Box<[Timestamp]>,
    measured: Measured,
}

/// The header of a packet, as far as it is measured.
struct Head<'a> {
    /// Both addresses.
    ends: &'a [u8],
    /// The sender's number for the packet; empty in IPv6.
    number: &'a [u8],
    protocol: u8,
    /// What IP carries.
    inside: &'a [u8],
    /// Whether there is less of it than the header says.
    is_short: bool,
}

impl Meter {
    /// A meter for connections to these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self {
            ports,
            key: RandomState::new(),
            places: vec![Place::default(); PLACES].into(),
            recent: vec![(0, Timestamp::EPOCH); RECENT].into(),
            vlans: vec![Timestamp::EPOCH; Vlans::COUNT].into(),
            measured: Measured::default(),
        }
    }

    /// What was measured so far.
    #[must_use]
    pub const fn measured(&self) -> Measured {
        self.measured
    }

    /// The VLANs, by the outermost tag, of which a packet came at this time or later.
    #[must_use]
    pub fn vlans_since(&self, time: Timestamp) -> Vlans {
        let numbers = (0..).zip(&self.vlans);
        numbers.filter(|(_, last)| **last >= time).map(|(vlan, _)| vlan).collect()
    }

    /// Takes a packet.
    pub fn take(&mut self, packet: &Packet<'_>) {
        let is_cut =
            usize::try_from(packet.original_len).is_ok_and(|whole| whole > packet.bytes.len());
        self.measured.cut += u64::from(is_cut);
        if packet.link != LinkType::Ethernet {
            return;
        }
        let Some((vlan, kind, inside)) = untagged(packet.bytes) else { return };
        if let Some(last) = self.vlans.get_mut(usize::from(vlan)) {
            *last = packet.at;
        }
        let Some(head) = Head::read(kind, inside) else { return };
        if !is_cut {
            self.measured.headed += 1;
            self.measured.short += u64::from(head.is_short);
        }
        match head.protocol {
            6 => self.segment(&head, packet.at),
            17 => self.datagram(&head, packet.at),
            _ => {}
        }
    }

    fn datagram(&mut self, head: &Head<'_>, at: Timestamp) {
        let Some((from, to)) = ports(head.inside) else { return };
        if self.ports.dns.contains(&to) {
            self.measured.questions += 1;
        } else if self.ports.dns.contains(&from) {
            self.measured.replies += 1;
        } else {
            return;
        }
        self.compare(head, at);
    }

    fn segment(&mut self, head: &Head<'_>, at: Timestamp) {
        const SYN: u8 = 2;
        const ENDS: u8 = 1 | 4;
        const ACK: u8 = 16;
        let Some((from, to)) = ports(head.inside) else { return };
        let is_to_server = self.ports.streams.contains(&to);
        if !is_to_server && !self.ports.streams.contains(&from) {
            return;
        }
        let Some(&[flags]) = head.inside.get(13..14) else { return };
        if flags & SYN != 0 {
            if flags & ACK == 0 && is_to_server {
                self.measured.knocks += 1;
            } else if flags & ACK != 0 {
                self.measured.answers += 1;
            }
            self.compare(head, at);
        }
        if !is_to_server {
            return;
        }
        let Some(&[a, b, c, d]) = head.inside.get(4..8) else { return };
        let start = head.inside.get(12).map_or(0, |first| usize::from(first >> 4) * 4);
        let length = head.inside.len().saturating_sub(start);
        let ends = flags & ENDS != 0;
        if flags & SYN == 0 && length == 0 && !ends {
            return;
        }
        let print = self.print(&[head.ends, &head.inside[..4]]);
        let sequence = u32::from_be_bytes([a, b, c, d]);
        let length = u32::try_from(length).unwrap_or(0);
        let Some(place) = place(&mut self.places, print) else { return };
        if flags & SYN != 0 || place.print != print {
            // A connection met midway begins where it is.
            let next = sequence.wrapping_add(length).wrapping_add(u32::from(flags & SYN != 0));
            *place = Place { print, next, gap: (next, next) };
            self.measured.sent += u64::from(length);
            return;
        }
        let (sent, missing, filled) = place.moved(sequence, length);
        // A reset may carry any number.
        if flags & 4 != 0 {
            place.print = 0;
            return;
        }
        self.measured.sent += u64::from(sent);
        self.measured.missing += u64::from(missing);
        self.measured.missing = self.measured.missing.saturating_sub(u64::from(filled));
        if ends {
            place.print = 0;
        }
    }

    /// Holds a packet against the newest; a copy has all that a router does not change.
    fn compare(&mut self, head: &Head<'_>, at: Timestamp) {
        self.measured.compared += 1;
        let print = self.print(&[head.ends, head.number, head.inside]);
        let Some(slot) = place(&mut self.recent, print) else { return };
        let since = at.since(slot.1);
        if slot.0 == print && since >= Span::ZERO && since <= TOGETHER {
            self.measured.copies += 1;
        }
        *slot = (print, at);
    }

    fn print(&self, parts: &[&[u8]]) -> u64 {
        let mut hasher = self.key.build_hasher();
        parts.iter().for_each(|part| part.hash(&mut hasher));
        // Nought stands for an empty place.
        hasher.finish() | 1
    }
}

impl Place {
    /// Moves on by a segment: octets that are new or stepped over, those stepped over, and
    /// those of an older gap that it fills.
    fn moved(&mut self, sequence: u32, length: u32) -> (u32, u32, u32) {
        let end = sequence.wrapping_add(length);
        let ahead = sequence.wrapping_sub(self.next);
        if ahead == 0 {
            self.next = end;
            return (length, 0, 0);
        }
        if ahead < FARTHEST {
            self.gap = (self.next, sequence);
            self.next = end;
            return (ahead.saturating_add(length), ahead, 0);
        }
        let (from, to) = self.gap;
        let width = to.wrapping_sub(from);
        let begins = sequence.wrapping_sub(from);
        let filled = if begins < width { length.min(width - begins) } else { 0 };
        if begins == 0 {
            self.gap.0 = from.wrapping_add(filled);
        } else if filled > 0 {
            // What stood before it in the gap stays missing.
            self.gap = (sequence.wrapping_add(filled), to);
        }
        let beyond = end.wrapping_sub(self.next);
        let fresh = if beyond < FARTHEST { beyond } else { 0 };
        self.next = self.next.wrapping_add(fresh);
        (fresh, 0, filled)
    }
}

/// The place in a table of a power of two that a print has.
fn place<T>(table: &mut [T], print: u64) -> Option<&mut T> {
    let count = table.len();
    let number = usize::try_from(print >> 8 & 0xffff_ffff).unwrap_or(0);
    table.get_mut(number.checked_rem(count)?)
}

fn ports(inside: &[u8]) -> Option<(u16, u16)> {
    let [a, b, c, d] = *inside.first_chunk()?;
    Some((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
}

/// The number of the outermost tag, the kind of what is carried, and that.
fn untagged(frame: &[u8]) -> Option<(u16, u16, &[u8])> {
    let mut rest = frame.get(12..)?;
    let mut vlan = None;
    for _ in 0..4 {
        let kind = u16::from_be_bytes(*rest.first_chunk()?);
        if !matches!(kind, 0x8100 | 0x88a8 | 0x9100 | 0x9200) {
            return Some((vlan.unwrap_or(0), kind, rest.get(2..)?));
        }
        let tag = u16::from_be_bytes(*rest.get(2..)?.first_chunk()?);
        vlan = vlan.or(Some(tag & 0x0fff));
        rest = rest.get(4..)?;
    }
    None
}

impl<'a> Head<'a> {
    /// Whole packets without extension headers; the rest is not measured.
    fn read(kind: u16, packet: &'a [u8]) -> Option<Self> {
        match kind {
            0x0800 => {
                let header = usize::from(packet.first()? & 0x0f) * 4;
                let total = usize::from(u16::from_be_bytes(*packet.get(2..)?.first_chunk()?));
                let piece = u16::from_be_bytes(*packet.get(6..)?.first_chunk()?);
                let end = if total == 0 { packet.len() } else { total.min(packet.len()) };
                Some(Self {
                    ends: packet.get(12..20)?,
                    number: packet.get(4..6)?,
                    protocol: *packet.get(9)?,
                    inside: packet.get(header..end).filter(|_| piece & 0x3fff == 0)?,
                    is_short: total > packet.len(),
                })
            }
            0x86dd => {
                let length = usize::from(u16::from_be_bytes(*packet.get(4..)?.first_chunk()?));
                let end = if length == 0 { packet.len() } else { packet.len().min(40 + length) };
                Some(Self {
                    ends: packet.get(8..40)?,
                    number: &[],
                    protocol: *packet.get(6)?,
                    inside: packet.get(40..end)?,
                    is_short: 40 + length > packet.len(),
                })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
