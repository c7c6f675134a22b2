//! Link headers: everything before the IP header, whatever was captured on.

use facts::{Frame, Mac};

use super::wifi;
use crate::limits::MOST_LINK_HEADERS;
use crate::packet::LinkType;
use crate::reader::Reader;

/// What a frame carries once its link headers are gone.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Inside<'a> {
    /// An IPv4 or IPv6 packet, by its first four bits.
    Ip(&'a [u8]),
    /// An ARP packet.
    Arp(&'a [u8]),
    /// Nothing that is read here.
    Other,
    /// More headers in one another than are followed.
    TooDeep,
    /// The frame ends inside a header.
    Broken,
    /// A link type that is not read.
    UnreadLink,
}

const IPV4: u16 = 0x0800;
const ARP: u16 = 0x0806;
const TRANSPARENT_ETHERNET: u16 = 0x6558;
const VLAN: u16 = 0x8100;
const IPV6: u16 = 0x86dd;
const MPLS: u16 = 0x8847;
const MPLS_MULTICAST: u16 = 0x8848;
const PPPOE_SESSION: u16 = 0x8864;
const SERVICE_VLAN: u16 = 0x88a8;
const OLD_QINQ: u16 = 0x9100;
const OLD_QINQ_2: u16 = 0x9200;
const OLD_QINQ_3: u16 = 0x9300;
/// A backbone's instance tag (IEEE 802.1ah) before a frame.
const BACKBONE: u16 = 0x88e7;
/// A port's tag (IEEE 802.1BR).
const PORT_TAG: u16 = 0x8926;
/// A maker's security group: version, length, option, group; then an ethertype.
const GROUP_TAG: u16 = 0x8909;
/// A service chain (RFC 8300).
const SERVICE_CHAIN: u16 = 0x894f;

const PPP_IPV4: u16 = 0x0021;
const PPP_IPV6: u16 = 0x0057;
const PPP_MPLS: u16 = 0x0281;

/// Takes the link headers off a captured frame.
pub(crate) fn strip(link: LinkType, bytes: &[u8]) -> (Frame, Inside<'_>) {
    let mut frame = Frame::default();
    let inside = match link {
        LinkType::Ethernet => return ethernet(bytes),
        LinkType::RawIp => Inside::Ip(bytes),
        LinkType::LinuxSll => linux_sll(bytes, &mut frame).unwrap_or(Inside::Broken),
        LinkType::LinuxSll2 => linux_sll2(bytes, &mut frame).unwrap_or(Inside::Broken),
        LinkType::Null | LinkType::Loop => loopback(bytes).unwrap_or(Inside::Broken),
        LinkType::Ppp => ppp(bytes, &mut frame, 0).unwrap_or(Inside::Broken),
        LinkType::PppWithDirection => {
            let rest = bytes.get(1..).unwrap_or_default();
            // One form has the direction in the place of the first octet of two.
            let rest = rest.strip_prefix(&[0x03]).unwrap_or(rest);
            ppp(rest, &mut frame, 0).unwrap_or(Inside::Broken)
        }
        LinkType::PppoeSession => {
            let session = Reader::new(bytes);
            carried(PPPOE_SESSION, session, &mut frame, 0).unwrap_or(Inside::Broken)
        }
        LinkType::Sealed => by_nibble(bytes, SEALED_HEADER).unwrap_or(Inside::Broken),
        LinkType::PacketFilter => {
            let header = usize::from(bytes.first().copied().unwrap_or(0)).next_multiple_of(4);
            by_nibble(bytes, header).unwrap_or(Inside::Broken)
        }
        LinkType::CiscoHdlc => cisco_hdlc(bytes, &mut frame).unwrap_or(Inside::Broken),
        LinkType::Nflog => nflog(bytes).unwrap_or(Inside::Broken),
        LinkType::Pktap => match pktap(bytes) {
            // The link inside is never of this kind again.
            Some((LinkType::Pktap, _)) => Inside::UnreadLink,
            Some((link, inner)) => return strip(link, inner),
            None => Inside::Broken,
        },
        LinkType::Wifi => return wifi_frame(bytes),
        LinkType::WifiRadio => match wifi::after_header(bytes) {
            Some(rest) => return wifi_frame(rest),
            None => Inside::Broken,
        },
        LinkType::WifiPrism => match wifi::after_prism(bytes) {
            Some(rest) => return wifi_frame(rest),
            None => Inside::Broken,
        },
        LinkType::Other(_) => Inside::UnreadLink,
    };
    (frame, inside)
}

/// Takes the link headers off an Ethernet frame, captured or found in a tunnel.
pub(crate) fn ethernet(bytes: &[u8]) -> (Frame, Inside<'_>) {
    // Most frames have no tag, and most of what there is to read lies behind them.
    if let Some((header, packet)) = bytes.split_first_chunk::<14>() {
        let [a, b, c, d, e, f, g, h, i, j, k, l, ethertype @ ..] = *header;
        if matches!(u16::from_be_bytes(ethertype), IPV4 | IPV6) {
            let (dst, src) = ([a, b, c, d, e, f], [g, h, i, j, k, l]);
            let (dst_mac, src_mac) = (Mac::from_octets(dst), Mac::from_octets(src));
            let frame = Frame { dst_mac: Some(dst_mac), src_mac: Some(src_mac), vlan: None };
            return (frame, Inside::Ip(packet));
        }
    }
    let mut frame = Frame::default();
    let inside = ethernet_header(bytes, &mut frame, 0).unwrap_or(Inside::Broken);
    (frame, inside)
}

/// Takes off the tags and labels that an ethertype in a tunnel names. The frame is empty
/// where no link header stands among them.
pub(crate) fn labelled(ethertype: u16, bytes: &[u8]) -> (Frame, Inside<'_>) {
    let mut frame = Frame::default();
    let inside = carried(ethertype, Reader::new(bytes), &mut frame, 0).unwrap_or(Inside::Broken);
    (frame, inside)
}

/// Takes the header off a captured 802.11 frame.
fn wifi_frame(bytes: &[u8]) -> (Frame, Inside<'_>) {
    let mut frame = Frame::default();
    let inside = match wifi::packet(bytes, &mut frame) {
        Some((ethertype, rest)) => carried(ethertype, rest, &mut frame, 0),
        None => Some(Inside::Other),
    };
    (frame, inside.unwrap_or(Inside::Broken))
}

/// The same as [`wifi_frame`] for one that an access point sent through a tunnel.
pub(crate) fn tunnelled_wifi_frame(bytes: &[u8]) -> (Frame, Inside<'_>) {
    let mut frame = Frame::default();
    let inside = match wifi::tunnelled(bytes, &mut frame) {
        Some((ethertype, rest)) => carried(ethertype, rest, &mut frame, 0),
        None => Some(Inside::Other),
    };
    (frame, inside.unwrap_or(Inside::Broken))
}

fn ethernet_header<'a>(bytes: &'a [u8], frame: &mut Frame, depth: u8) -> Option<Inside<'a>> {
    let mut reader = Reader::new(bytes);
    frame.dst_mac = Some(Mac::from_octets(reader.array()?));
    frame.src_mac = Some(Mac::from_octets(reader.array()?));
    let ethertype = reader.u16()?;
    carried(ethertype, reader, frame, depth)
}

/// Follows an ethertype through tags and labels to what it carries.
fn carried<'a>(
    mut ethertype: u16,
    mut reader: Reader<'a>,
    frame: &mut Frame,
    mut depth: u8,
) -> Option<Inside<'a>> {
    loop {
        depth = depth.saturating_add(1);
        if depth > MOST_LINK_HEADERS {
            return Some(Inside::TooDeep);
        }
        match ethertype {
            IPV4 | IPV6 => return Some(Inside::Ip(reader.rest())),
            ARP => return Some(Inside::Arp(reader.rest())),
            VLAN | SERVICE_VLAN | OLD_QINQ | OLD_QINQ_2 | OLD_QINQ_3 => {
                let tag = reader.u16()?;
                frame.vlan = frame.vlan.or(Some(tag & 0x0fff));
                ethertype = reader.u16()?;
            }
            PPPOE_SESSION => {
                // Version, type, code, session, length (RFC 2516 section 4).
                reader.skip(6)?;
                return ppp(reader.rest(), frame, depth);
            }
            MPLS | MPLS_MULTICAST => return mpls(reader, frame, depth),
            TRANSPARENT_ETHERNET => return ethernet_header(reader.rest(), frame, depth),
            BACKBONE => {
                reader.skip(4)?;
                return ethernet_header(reader.rest(), frame, depth);
            }
            PORT_TAG | GROUP_TAG => {
                reader.skip(if ethertype == PORT_TAG { 4 } else { 6 })?;
                ethertype = reader.u16()?;
            }
            SERVICE_CHAIN => {
                let [_, words, _, next] = reader.array()?;
                reader.skip(usize::from(words & 0x3f).saturating_mul(4).checked_sub(4)?)?;
                return match next {
                    1 | 2 => Some(Inside::Ip(reader.rest())),
                    3 => ethernet_header(reader.rest(), frame, depth),
                    5 => mpls(reader, frame, depth),
                    _ => Some(Inside::Other),
                };
            }
            // IEEE 802.3: a length, then LLC; with SNAP an ethertype comes after all.
            0..=1500 => {
                let [0xaa, 0xaa, 0x03, 0, 0, 0] = reader.array()? else {
                    return Some(Inside::Other);
                };
                ethertype = reader.u16()?;
            }
            _ => return Some(Inside::Other),
        }
    }
}

/// Pops MPLS labels (RFC 3032); what follows the last is told by its first four bits.
fn mpls<'a>(mut reader: Reader<'a>, frame: &mut Frame, depth: u8) -> Option<Inside<'a>> {
    for _ in 0..MOST_LINK_HEADERS {
        let bottom = reader.u32()? & 0x100 != 0;
        if !bottom {
            continue;
        }
        let bytes = reader.rest();
        return match bytes.first()? >> 4 {
            4 | 6 if is_whole_ip(bytes) || !has_ethertype_at(bytes, MACS) => {
                Some(Inside::Ip(bytes))
            }
            // A pseudowire's control word (RFC 4385), then an Ethernet frame; or the frame
            // alone, where no ethertype stands behind such a word and one does without it.
            0 if has_ethertype_at(bytes, CONTROL_WORD.saturating_add(MACS))
                || !has_ethertype_at(bytes, MACS) =>
            {
                reader.skip(CONTROL_WORD)?;
                nested_ethernet(reader.rest(), frame, depth)
            }
            _ => nested_ethernet(bytes, frame, depth),
        };
    }
    Some(Inside::TooDeep)
}

/// Two addresses stand before an ethertype.
const MACS: usize = 12;
const CONTROL_WORD: usize = 4;

fn has_ethertype_at(bytes: &[u8], at: usize) -> bool {
    const KNOWN: [u16; 7] = [IPV4, IPV6, ARP, VLAN, SERVICE_VLAN, MPLS, PPPOE_SESSION];
    let found = bytes.get(at..).and_then(|rest| rest.first_chunk());
    found.is_some_and(|found| KNOWN.contains(&u16::from_be_bytes(*found)))
}

/// Whether the length in an IP header is that of the octets, or less for padding.
fn is_whole_ip(bytes: &[u8]) -> bool {
    let [first, _, high, low, six_high, six_low, ..] = *bytes else { return false };
    let (four, six) = (u16::from_be_bytes([high, low]), u16::from_be_bytes([six_high, six_low]));
    match first {
        0x45..=0x4f => (20..=bytes.len()).contains(&usize::from(four)),
        0x60..=0x6f => usize::from(six).saturating_add(40) <= bytes.len(),
        _ => false,
    }
}

fn nested_ethernet<'a>(bytes: &'a [u8], frame: &mut Frame, depth: u8) -> Option<Inside<'a>> {
    let depth = depth.saturating_add(1);
    if depth > MOST_LINK_HEADERS {
        return Some(Inside::TooDeep);
    }
    ethernet_header(bytes, frame, depth)
}

/// PPP (RFC 1661, RFC 1662), with or without its address and control octets; the protocol
/// may be one octet.
fn ppp<'a>(bytes: &'a [u8], frame: &mut Frame, depth: u8) -> Option<Inside<'a>> {
    let mut reader = Reader::new(bytes);
    if bytes.starts_with(&[0xff, 0x03]) {
        reader.skip(2)?;
    }
    let protocol = match reader.u8()? {
        short if short & 1 == 1 => u16::from(short),
        high => u16::from_be_bytes([high, reader.u8()?]),
    };
    match protocol {
        PPP_IPV4 | PPP_IPV6 => Some(Inside::Ip(reader.rest())),
        PPP_MPLS => mpls(reader, frame, depth),
        _ => Some(Inside::Other),
    }
}

/// Linux cooked capture: packet type, hardware type, address length, address, ethertype.
fn linux_sll<'a>(bytes: &'a [u8], frame: &mut Frame) -> Option<Inside<'a>> {
    let mut reader = Reader::new(bytes);
    reader.skip(4)?;
    let length = reader.u16()?;
    sender(frame, u8::try_from(length).unwrap_or(u8::MAX), reader.array()?);
    let ethertype = reader.u16()?;
    carried(ethertype, reader, frame, 0)
}

/// Linux cooked capture, second version: ethertype first, address last.
fn linux_sll2<'a>(bytes: &'a [u8], frame: &mut Frame) -> Option<Inside<'a>> {
    let mut reader = Reader::new(bytes);
    let ethertype = reader.u16()?;
    // Reserved, interface index, hardware type, packet type.
    reader.skip(9)?;
    let length = reader.u8()?;
    sender(frame, length, reader.array()?);
    carried(ethertype, reader, frame, 0)
}

fn sender(frame: &mut Frame, length: u8, address: [u8; 8]) {
    let [a, b, c, d, e, f, _, _] = address;
    if length == 6 {
        frame.src_mac = Some(Mac::from_octets([a, b, c, d, e, f]));
    }
}

/// BSD loopback: the family tells nothing that the first four bits of IP do not, and its
/// number for IPv6 differs from system to system.
fn loopback(bytes: &[u8]) -> Option<Inside<'_>> {
    by_nibble(bytes, 4)
}

/// What OpenBSD and FreeBSD write before what IPsec sealed or opened: family, number, flags.
const SEALED_HEADER: usize = 12;

/// IP by its first four bits, behind a header of this length.
fn by_nibble(bytes: &[u8], header: usize) -> Option<Inside<'_>> {
    let rest = bytes.get(header..)?;
    Some(match rest.first()? >> 4 {
        4 | 6 => Inside::Ip(rest),
        _ => Inside::Other,
    })
}

/// Netfilter log: family, version, resource; then attributes in the byte order of the
/// capturing machine, each padded to four octets. The packet is number 9.
fn nflog(bytes: &[u8]) -> Option<Inside<'_>> {
    const PAYLOAD: u16 = 9;
    let mut reader = Reader::new(bytes);
    reader.skip(4)?;
    loop {
        let [first, second] = reader.array()?;
        let kind = reader.array()?;
        // No attribute that stands before the packet is as long as 256 octets.
        let (length, kind) = match kind {
            [0, _] => (u16::from_be_bytes([first, second]), u16::from_be_bytes(kind)),
            _ => (u16::from_le_bytes([first, second]), u16::from_le_bytes(kind)),
        };
        let content = usize::from(length).checked_sub(4)?;
        if kind & 0x7fff == PAYLOAD {
            return Some(Inside::Ip(reader.rest()));
        }
        reader.skip(content.checked_next_multiple_of(4)?)?;
    }
}

/// Header length, record type and link type as little-endian words.
fn pktap(bytes: &[u8]) -> Option<(LinkType, &[u8])> {
    let mut reader = Reader::new(bytes);
    let length = u32::from_le_bytes(reader.array()?);
    reader.skip(4)?;
    let link = u32::from_le_bytes(reader.array()?);
    Some((LinkType::from_pcap(link), bytes.get(usize::try_from(length).ok()?..)?))
}

fn cisco_hdlc<'a>(bytes: &'a [u8], frame: &mut Frame) -> Option<Inside<'a>> {
    let mut reader = Reader::new(bytes);
    reader.skip(2)?;
    let ethertype = reader.u16()?;
    carried(ethertype, reader, frame, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MACS: [u8; 12] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
    const IP: [u8; 3] = [0x45, 1, 2];

    fn check(link: LinkType, bytes: &[u8]) -> Option<Frame> {
        let (frame, inside) = strip(link, bytes);
        matches!(inside, Inside::Ip(rest) if rest == IP).then_some(frame)
    }

    #[test]
    fn every_link_leads_to_the_ip_header() {
        let ethernet = |middle: &[u8]| [&MACS[..], middle, &IP].concat();
        let tagged = [0x88, 0xa8, 0x20, 0x05, 0x81, 0, 0, 7, 8, 0];
        let frame = check(LinkType::Ethernet, &ethernet(&tagged)).expect("two tags");
        assert_eq!(frame.vlan, Some(5), "the outermost tag");
        assert_eq!(frame.src_mac, Some(Mac::from_octets([2, 0, 0, 0, 0, 2])));
        for middle in [
            &[8, 0][..],
            &[0, 9, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
            &[0x88, 0x64, 0x11, 0, 0, 1, 0, 5, 0, 0x21],
            &[0x88, 0x47, 0, 0, 0, 1, 0, 0, 1, 1],
        ] {
            assert!(check(LinkType::Ethernet, &ethernet(middle)).is_some(), "{middle:?}");
        }
        let pseudowire = [&[0x88, 0x47, 0, 0, 1, 1, 0, 0, 0, 0][..], &MACS, &[8, 0]].concat();
        assert!(check(LinkType::Ethernet, &ethernet(&pseudowire)).is_some());
        let cooked = [&[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0, 8, 0][..], &IP].concat();
        assert!(check(LinkType::LinuxSll, &cooked).is_some_and(|f| f.src_mac.is_some()));
        let cooked = [&[8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0][..], &IP];
        assert!(check(LinkType::LinuxSll2, &cooked.concat()).is_some_and(|f| f.src_mac.is_some()));
        let log =
            [&[2, 0, 0, 5, 8, 0, 1, 0, 8, 0, 3, 0, 5, 0, 10, 0, 0, 0, 0, 0, 7, 0, 9, 0][..], &IP];
        assert!(check(LinkType::Nflog, &log.concat()).is_some());
        let log = [&[2, 0, 0, 5, 0, 5, 0, 10, 0, 0, 0, 0, 0, 7, 0, 9][..], &IP];
        assert!(check(LinkType::Nflog, &log.concat()).is_some());
        let several = [&[12, 0, 0, 0, 1, 0, 0, 0, 12, 0, 0, 0][..], &IP];
        assert!(check(LinkType::Pktap, &several.concat()).is_some());
        assert!(check(LinkType::Null, &[2, 0, 0, 0, 0x45, 1, 2]).is_some());
        assert!(check(LinkType::Ppp, &[0xff, 3, 0, 0x21, 0x45, 1, 2]).is_some());
        assert!(check(LinkType::Ppp, &[0x21, 0x45, 1, 2]).is_some());
        assert!(check(LinkType::PppWithDirection, &[1, 0xff, 3, 0, 0x21, 0x45, 1, 2]).is_some());
        assert!(check(LinkType::PppWithDirection, &[1, 3, 0, 0x21, 0x45, 1, 2]).is_some());
        assert!(check(LinkType::PppoeSession, b"\x11\0\0\x01\0\x05\0\x21\x45\x01\x02").is_some());
        assert!(check(LinkType::Sealed, &[&[0; 12][..], &IP].concat()).is_some());
        assert!(check(LinkType::PacketFilter, &[&[61][..], &[0; 63], &IP].concat()).is_some());
    }

    #[test]
    fn tags_nested_to_any_depth_end_at_the_limit() {
        for (header, tail) in [([0x81, 0, 0, 7], [8, 0]), ([0x88, 0x47, 0, 0], [0, 0])] {
            let nested = [&MACS[..], &header.repeat(64), &tail, &IP].concat();
            let (_, inside) = strip(LinkType::Ethernet, &nested);
            assert!(matches!(inside, Inside::TooDeep | Inside::Other), "{inside:?}");
        }
    }

    #[test]
    fn no_prefix_of_a_frame_is_trouble() {
        let frame =
            [&MACS[..], &[0x81, 0, 0, 7, 0x88, 0x64, 0x11, 0, 0, 1, 0, 5, 0, 0x21]].concat();
        for link in
            [0, 1, 9, 12, 51, 104, 105, 108, 109, 113, 117, 119, 127, 166, 192, 239, 258, 276, 9999]
                .map(LinkType::from_pcap)
        {
            for end in 0..frame.len() {
                let _ = strip(link, &frame[..end]);
            }
        }
    }
}
