//! Ethernet, VLAN, ARP, IPv4, IPv6, UDP and TCP with right lengths and checksums.

use std::net::{IpAddr, Ipv4Addr};

use facts::Mac;

/// The frame around a packet: sender, receiver, VLAN tags from the outside in.
#[derive(Clone, Copy, Debug)]
pub struct Link<'a> {
    /// The sender's hardware address.
    pub from: Mac,
    /// The receiver's hardware address.
    pub to: Mac,
    /// VLAN numbers, the outermost first.
    pub vlans: &'a [u16],
}

impl Link<'_> {
    /// The frame that carries `packet`, an IPv4 or IPv6 packet by its first four bits.
    #[must_use]
    pub fn carry(&self, packet: &[u8]) -> Vec<u8> {
        let is_ipv6 = packet.first().is_some_and(|first| first >> 4 == 6);
        self.frame(if is_ipv6 { 0x86dd } else { 0x0800 }, packet)
    }

    fn frame(&self, ether_type: u16, payload: &[u8]) -> Vec<u8> {
        let mut frame = Vec::new();
        frame.extend(self.to.octets());
        frame.extend(self.from.octets());
        for (at, vlan) in self.vlans.iter().enumerate() {
            let is_inner = at + 1 == self.vlans.len();
            let tag: u16 = if is_inner { 0x8100 } else { 0x88a8 };
            frame.extend(tag.to_be_bytes());
            frame.extend((vlan & 0x0fff).to_be_bytes());
        }
        frame.extend(ether_type.to_be_bytes());
        frame.extend(payload);
        frame
    }
}

/// "I am `sender`, at `address`": a gratuitous ARP to everybody (RFC 5227).
#[must_use]
pub fn arp(sender: Mac, address: Ipv4Addr, vlans: &[u16]) -> Vec<u8> {
    let mut body = vec![0, 1, 8, 0, 6, 4, 0, 1];
    body.extend(sender.octets());
    body.extend(address.octets());
    body.extend([0; 6]);
    body.extend(address.octets());
    Link { from: sender, to: Mac::from_octets([0xff; 6]), vlans }.frame(0x0806, &body)
}

/// One end of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Its address.
    pub address: IpAddr,
    /// Its port.
    pub port: u16,
}

impl End {
    /// An address with a port.
    #[must_use]
    pub const fn new(address: IpAddr, port: u16) -> Self {
        Self { address, port }
    }
}

/// TCP flags (RFC 9293 section 3.1).
#[derive(Clone, Copy, Debug, Default)]
pub struct Flags {
    /// Opens.
    pub syn: bool,
    /// Acknowledges.
    pub ack: bool,
    /// Closes.
    pub fin: bool,
    /// Breaks off.
    pub rst: bool,
}

impl Flags {
    fn bits(self) -> u8 {
        u8::from(self.fin)
            | u8::from(self.syn) << 1
            | u8::from(self.rst) << 2
            | u8::from(self.ack) << 4
    }
}

const TCP: u8 = 6;
const UDP: u8 = 17;

/// An IP packet with one datagram.
///
/// # Panics
/// Panics where the ends are of two families or the payload does not fit.
#[must_use]
pub fn udp(from: End, to: End, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 8).expect("a datagram of at most 65,535 octets");
    let mut datagram = Vec::new();
    datagram.extend(from.port.to_be_bytes());
    datagram.extend(to.port.to_be_bytes());
    datagram.extend(length.to_be_bytes());
    datagram.extend([0, 0]);
    datagram.extend(payload);
    let sum = match transport_sum(from, to, UDP, &datagram) {
        0 => 0xffff,
        sum => sum,
    };
    datagram[6..8].copy_from_slice(&sum.to_be_bytes());
    ip(from, to, UDP, &datagram)
}

/// An IP packet with one segment.
///
/// # Panics
/// Panics where the ends are of two families or the payload does not fit.
#[must_use]
pub fn tcp(from: End, to: End, (seq, ack): (u32, u32), flags: Flags, payload: &[u8]) -> Vec<u8> {
    let mut segment = Vec::new();
    segment.extend(from.port.to_be_bytes());
    segment.extend(to.port.to_be_bytes());
    segment.extend(seq.to_be_bytes());
    segment.extend(ack.to_be_bytes());
    segment.extend([5 << 4, flags.bits(), 0xff, 0xff, 0, 0, 0, 0]);
    segment.extend(payload);
    let sum = transport_sum(from, to, TCP, &segment);
    segment[16..18].copy_from_slice(&sum.to_be_bytes());
    ip(from, to, TCP, &segment)
}

fn ip(from: End, to: End, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let length = |octets: usize| u16::try_from(octets).expect("an IP packet of 65,535 octets");
    let mut packet = Vec::new();
    match (from.address, to.address) {
        (IpAddr::V4(src), IpAddr::V4(dst)) => {
            packet.extend([0x45, 0]);
            packet.extend(length(payload.len() + 20).to_be_bytes());
            packet.extend([0, 0, 0x40, 0, 64, protocol, 0, 0]);
            packet.extend(src.octets());
            packet.extend(dst.octets());
            let sum = checksum([&packet[..]]);
            packet[10..12].copy_from_slice(&sum.to_be_bytes());
        }
        (IpAddr::V6(src), IpAddr::V6(dst)) => {
            packet.extend([0x60, 0, 0, 0]);
            packet.extend(length(payload.len()).to_be_bytes());
            packet.extend([protocol, 64]);
            packet.extend(src.octets());
            packet.extend(dst.octets());
        }
        _ => panic!("{} and {} are of two families", from.address, to.address),
    }
    packet.extend(payload);
    packet
}

/// The checksum over pseudo header and segment (RFC 9293 3.1, RFC 8200 8.1).
fn transport_sum(from: End, to: End, protocol: u8, segment: &[u8]) -> u16 {
    let octets = |address: IpAddr| match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let length = u32::try_from(segment.len()).expect("a short segment").to_be_bytes();
    checksum([
        &octets(from.address)[..],
        &octets(to.address),
        &length,
        &[0, 0, 0, protocol],
        segment,
    ])
}

/// The Internet checksum (RFC 1071) over parts of even length, the last may be odd.
fn checksum<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> u16 {
    let mut sum = 0_u32;
    for pair in parts.into_iter().flat_map(|part| part.chunks(2)) {
        sum += u32::from(u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]));
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).expect("folded to 16 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_of_a_known_ipv4_header_is_right() {
        // The worked example of RFC 1071 section 3: words 0001 f203 f4f5 f6f7 sum to ddf2.
        assert_eq!(checksum([&[0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7][..]]), !0xddf2);
        let at = |port| End::new("10.20.3.7".parse().unwrap(), port);
        let packet = udp(at(1), at(2), b"odd");
        assert_eq!(checksum([&packet[..20]]), 0, "a header with its sum sums to nothing");
    }

    #[test]
    fn a_frame_has_its_tags_from_the_outside_in() {
        let mac = Mac::from_octets([2, 0, 0, 0, 0, 1]);
        let frame = Link { from: mac, to: mac, vlans: &[100, 20] }.carry(&[0x45]);
        assert_eq!(frame[12..], [0x88, 0xa8, 0, 100, 0x81, 0, 0, 20, 8, 0, 0x45]);
    }

    #[test]
    fn both_families_carry_the_payload_at_their_end() {
        for (a, b, header) in [("10.0.0.1", "10.0.0.2", 20), ("fd00::1", "fd00::2", 40)] {
            let end = |text: &str| End::new(text.parse().unwrap(), 443);
            let packet = tcp(end(a), end(b), (7, 9), Flags { ack: true, ..Flags::default() }, b"x");
            assert_eq!(packet.len(), header + 20 + 1);
            assert_eq!(packet.last(), Some(&b'x'));
        }
    }
}
