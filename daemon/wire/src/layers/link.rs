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

/// Takes the header off an 802.11 frame, captured or found in a tunnel.
pub(crate) fn wifi_frame(bytes: &[u8]) -> (Frame, Inside<'_>) {
    let mut frame = Frame::default();
    let inside = match wifi::packet(bytes, &mut frame) {
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
            VLAN | SERVICE_VLAN | OLD_QINQ | OLD_QINQ_2 => {
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
        let first = reader.rest().first()? >> 4;
        return match first {
            4 | 6 => Some(Inside::Ip(reader.rest())),
            // A pseudowire's control word (RFC 4385), then an Ethernet frame.
            0 => {
                reader.skip(4)?;
                nested_ethernet(reader.rest(), frame, depth)
            }
            _ => nested_ethernet(reader.rest(), frame, depth),
        };
    }
    Some(Inside::TooDeep)
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
    sender(frame, u8::try_from(length).ok()?, reader.array()?);
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
    let mut reader = Reader::new(bytes);
    reader.skip(4)?;
    Some(match reader.rest().first()? >> 4 {
        4 | 6 => Inside::Ip(reader.rest()),
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
        for link in [0, 1, 9, 12, 104, 105, 108, 113, 119, 127, 192, 239, 258, 276, 9999]
            .map(LinkType::from_pcap)
        {
            for end in 0..frame.len() {
                let _ = strip(link, &frame[..end]);
            }
        }
    }
}
