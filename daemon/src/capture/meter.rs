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
}

/// Connections whose place is kept at once; a newer one takes the place of an older.
const PLACES: usize = 8_192;
/// Packets that a copy is looked for among.
const RECENT: usize = 2_048;
/// A copy comes within this.
const TOGETHER: Span = Span::millis(5);
/// A jump further than this is another connection's, not a gap.
const FARTHEST: u32 = 1 << 20;
/// Numbers of VLANs; nought stands for none.
const VLANS: usize = 4_096;

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
    vlans: Box<[u64]>,
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
            vlans: vec![0; VLANS].into(),
            measured: Measured::default(),
        }
    }

    /// What was measured so far.
    #[must_use]
    pub const fn measured(&self) -> Measured {
        self.measured
    }

    /// How many packets came of this VLAN, as its outermost tag.
    #[must_use]
    pub fn of_vlan(&self, vlan: u16) -> u64 {
        self.vlans.get(usize::from(vlan)).copied().unwrap_or(0)
    }

    /// Takes a packet.
    pub fn take(&mut self, packet: &Packet<'_>) {
        if usize::try_from(packet.original_len).is_ok_and(|whole| whole > packet.bytes.len()) {
            self.measured.cut += 1;
        }
        if packet.link != LinkType::Ethernet {
            return;
        }
        let Some((vlan, kind, inside)) = untagged(packet.bytes) else { return };
        if let Some(count) = self.vlans.get_mut(usize::from(vlan)) {
            *count += 1;
        }
        let Some(head) = Head::read(kind, inside) else { return };
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
                })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYN: u8 = 2;
    const FIN: u8 = 17;
    const ACK: u8 = 16;

    fn meter() -> Meter {
        Meter::new(Ports::new(&[53], &[443], &[]))
    }

    fn frame(protocol: u8, vlan: Option<u16>, id: u16, inside: &[u8]) -> Vec<u8> {
        let mut frame = vec![2; 12];
        if let Some(vlan) = vlan {
            frame.extend([0x81, 0]);
            frame.extend(vlan.to_be_bytes());
        }
        frame.extend([8, 0]);
        let length = u16::try_from(inside.len() + 20).unwrap();
        frame.extend([0x45, 0]);
        frame.extend(length.to_be_bytes());
        frame.extend(id.to_be_bytes());
        frame.extend([0x40, 0, 64, protocol, 0, 0, 10, 77, 1, 23, 203, 0, 113, 7]);
        frame.extend(inside);
        frame
    }

    fn segment(from: u16, to: u16, sequence: u32, flags: u8, octets: usize) -> Vec<u8> {
        let mut segment = [from.to_be_bytes(), to.to_be_bytes()].concat();
        segment.extend(sequence.to_be_bytes());
        segment.extend([0, 0, 0, 1, 0x50, flags, 1, 0, 0, 0, 0, 0]);
        segment.extend(vec![7; octets]);
        frame(6, None, 1, &segment)
    }

    fn feed(meter: &mut Meter, micros: i64, bytes: &[u8]) {
        let original_len = u32::try_from(bytes.len()).unwrap();
        let at = Timestamp::from_micros(micros);
        meter.take(&Packet { at, link: LinkType::Ethernet, bytes, original_len });
    }

    /// What clients send in a thousand connections, of which each packet is kept or not.
    fn estimate(mut is_kept: impl FnMut() -> bool) -> (f64, f64) {
        let mut meter = meter();
        let (mut sent, mut lost) = (0_u64, 0_u64);
        for client in 0..4_000_u16 {
            let port = 20_000 + client;
            let mut sequence = 1_000_000;
            let mut give = |meter: &mut Meter, flags: u8, octets: usize| {
                let bytes = segment(port, 443, sequence, flags, octets);
                sequence += u32::try_from(octets).unwrap() + u32::from(flags == SYN);
                sent += octets as u64;
                if is_kept() {
                    feed(meter, i64::from(sequence), &bytes);
                } else {
                    lost += octets as u64;
                }
            };
            give(&mut meter, SYN, 0);
            for octets in [517, 80, 300, 900, 44, 1_200] {
                give(&mut meter, ACK, octets);
            }
            give(&mut meter, FIN, 0);
        }
        let Measured { sent: counted, missing, .. } = meter.measured();
        (missing as f64 / counted as f64, lost as f64 / sent as f64)
    }

    #[test]
    fn the_estimate_of_loss_is_within_a_fifth_of_what_was_lost() {
        let mut state = 88_172_645_463_325_252_u64;
        for of_a_hundred in [1, 5, 20] {
            let (estimated, lost) = estimate(|| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state % 100 >= of_a_hundred
            });
            let off = (estimated - lost).abs() / lost;
            assert!(off < 0.2, "{of_a_hundred} of 100: {estimated} for {lost}");
        }
        assert_eq!(estimate(|| true).0, 0.0);
    }

    #[test]
    fn what_comes_late_or_twice_is_not_missing() {
        let mut meter = meter();
        for (sequence, flags, octets) in
            [(99, SYN, 0), (600, ACK, 500), (100, ACK, 500), (100, ACK, 500), (1_100, FIN, 0)]
        {
            feed(&mut meter, 0, &segment(40_000, 443, sequence, flags, octets));
        }
        let Measured { sent, missing, .. } = meter.measured();
        assert_eq!((sent, missing), (1_000, 0));
        feed(&mut meter, 0, &segment(40_001, 443, 99, SYN, 0));
        feed(&mut meter, 0, &segment(40_001, 443, 1_100, FIN, 0));
        assert_eq!(meter.measured().missing, 1_000, "the end counts what never came");
    }

    #[test]
    fn directions_copies_cut_frames_and_tags_are_counted() {
        let mut meter = meter();
        feed(&mut meter, 0, &segment(40_000, 443, 1, SYN, 0));
        feed(&mut meter, 3_000, &segment(40_000, 443, 1, SYN, 0));
        feed(&mut meter, 900_000, &segment(40_000, 443, 1, SYN, 0));
        feed(&mut meter, 900_100, &segment(443, 40_000, 9, SYN | ACK, 0));
        let question = [&[0xc3, 0x50, 0, 53, 0, 12, 0, 0][..], b"www?"].concat();
        feed(&mut meter, 0, &frame(17, Some(20), 7, &question));
        feed(&mut meter, 100, &frame(17, Some(20), 7, &question));
        feed(&mut meter, 200, &frame(17, Some(30), 8, &question));
        let bytes = segment(40_000, 443, 1, ACK, 9);
        let at = Timestamp::EPOCH;
        meter.take(&Packet { at, link: LinkType::Ethernet, bytes: &bytes, original_len: 9_000 });
        let measured = meter.measured();
        assert_eq!((measured.knocks, measured.answers), (3, 1));
        assert_eq!((measured.questions, measured.replies), (3, 0));
        assert_eq!((measured.compared, measured.copies, measured.cut), (7, 2, 1));
        assert_eq!([0, 20, 30, 40].map(|vlan| meter.of_vlan(vlan)), [5, 2, 1, 0]);
    }

    #[test]
    fn no_prefix_of_a_frame_is_trouble() {
        let whole = segment(40_000, 443, 1, SYN, 9);
        let tagged = frame(17, Some(20), 7, &[0, 53, 0, 53]);
        let mut meter = meter();
        for bytes in [whole, tagged] {
            for end in 0..=bytes.len() {
                feed(&mut meter, 0, &bytes[..end]);
            }
        }
    }
}
