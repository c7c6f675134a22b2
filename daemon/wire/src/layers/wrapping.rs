//! Tunnels in clear: what is wrapped in GRE, VXLAN, GENEVE, MPLS, CAPWAP, Teredo or AYIYA.

use crate::reader::Reader;

/// What a tunnel carries.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wrapped<'a> {
    /// An Ethernet frame.
    Ethernet(&'a [u8]),
    /// An 802.11 frame.
    Wifi(&'a [u8]),
    /// An IP packet.
    Ip(&'a [u8]),
    /// What an ethertype names: tags or labels, then one of the others.
    Link(u16, &'a [u8]),
}

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
const TRANSPARENT_ETHERNET: u16 = 0x6558;
const VLAN: u16 = 0x8100;
const SERVICE_VLAN: u16 = 0x88a8;
const MPLS: u16 = 0x8847;
const MPLS_MULTICAST: u16 = 0x8848;
const ERSPAN_II: u16 = 0x88be;
const ERSPAN_III: u16 = 0x22eb;
const PPP: u16 = 0x880b;
const WCCP: u16 = 0x883e;
/// The numbers by which one maker's access points send whole frames to their controller.
const ARUBA_FIRST: u16 = 0x8200;
const ARUBA_LAST: u16 = 0x8210;

const VXLAN_PORTS: [u16; 2] = [4789, 8472];
/// VXLAN with a protocol number (draft-ietf-nvo3-vxlan-gpe).
const VXLAN_GPE_PORT: u16 = 4790;
const GENEVE_PORT: u16 = 6081;
/// MPLS in UDP (RFC 7510).
const MPLS_PORT: u16 = 6635;
const TEREDO_PORT: u16 = 3544;
const AYIYA_PORT: u16 = 5072;
/// GRE in UDP (RFC 8086).
const GRE_PORT: u16 = 4754;
/// Frames between access points and their controller (RFC 5415).
const CAPWAP_PORT: u16 = 5247;

/// Ways in the source route that GRE had at first, at most.
const MOST_ROUTES: usize = 8;

/// GRE (RFC 2784, RFC 2890; version 1 of RFC 2637 for PPP) and the mirror formats in it.
pub(crate) fn unwrap_gre(bytes: &[u8]) -> Option<Wrapped<'_>> {
    let mut reader = Reader::new(bytes);
    let flags = reader.u16()?;
    let protocol = reader.u16()?;
    let has = |bit: u16| flags & bit != 0;
    let routed = has(0x4000);
    if has(0x8000) || routed {
        reader.skip(4)?;
    }
    if has(0x2000) {
        reader.skip(4)?;
    }
    let sequenced = has(0x1000);
    if sequenced {
        reader.skip(4)?;
    }
    // Version 1 carries an acknowledgement number as well.
    if flags & 7 == 1 && has(0x0080) {
        reader.skip(4)?;
    }
    if routed {
        pass_routes(&mut reader)?;
    }
    match protocol {
        ARUBA_FIRST..=ARUBA_LAST => Some(Wrapped::Wifi(reader.rest())),
        // ERSPAN type I has no header of its own and no sequence number.
        ERSPAN_II if !sequenced => Some(Wrapped::Ethernet(reader.rest())),
        // Some mirrors give the third version the number of the second.
        ERSPAN_II if reader.rest().first().is_some_and(|first| first >> 4 == 2) => {
            unwrap_erspan_iii(reader)
        }
        ERSPAN_II => {
            reader.skip(8)?;
            Some(Wrapped::Ethernet(reader.rest()))
        }
        ERSPAN_III => unwrap_erspan_iii(reader),
        WCCP => {
            // The second version has a word of its own before the packet.
            if !begins_ipv4(reader.rest()) {
                reader.skip(4)?;
            }
            begins_ipv4(reader.rest()).then_some(Wrapped::Ip(reader.rest()))
        }
        PPP => {
            if reader.rest().starts_with(&[0xff, 0x03]) {
                reader.skip(2)?;
            }
            match reader.u8()? {
                0x21 | 0x57 => {}
                0 if matches!(reader.u8()?, 0x21 | 0x57) => {}
                _ => return None,
            }
            Some(Wrapped::Ip(reader.rest()))
        }
        ethertype => of_ethertype(ethertype, reader.rest()),
    }
}

/// Passes over a source route (RFC 1701): entries, each with its length, up to an empty one.
fn pass_routes(reader: &mut Reader<'_>) -> Option<()> {
    for _ in 0..MOST_ROUTES {
        let [family, low, _, length] = reader.array()?;
        if [family, low, length] == [0; 3] {
            return Some(());
        }
        reader.skip(usize::from(length))?;
    }
    None
}

/// ERSPAN, third version: twelve octets, eight more where the last bit says so; a frame, or
/// an IP packet.
fn unwrap_erspan_iii(mut reader: Reader<'_>) -> Option<Wrapped<'_>> {
    const IP: u8 = 2;
    reader.skip(10)?;
    let [kind, last] = reader.array()?;
    if last & 1 == 1 {
        reader.skip(8)?;
    }
    let is_ip = kind & 0x80 == 0 && kind >> 2 & 0x1f == IP;
    let bytes = reader.rest();
    Some(if is_ip { Wrapped::Ip(bytes) } else { Wrapped::Ethernet(bytes) })
}

/// Whether octets begin an IPv4 packet that they can hold.
fn begins_ipv4(bytes: &[u8]) -> bool {
    let [first, _, high, low, ..] = *bytes else { return false };
    let length = usize::from(u16::from_be_bytes([high, low]));
    (0x45..=0x4f).contains(&first) && (length == 0 || (20..=bytes.len()).contains(&length))
}

/// Ethernet in IP (RFC 3378): version 3, then the frame.
pub(crate) fn unwrap_etherip(bytes: &[u8]) -> Option<Wrapped<'_>> {
    let frame = bytes.strip_prefix(&[0x30, 0])?;
    Some(Wrapped::Ethernet(frame))
}

/// What an ethertype names that a tunnel gives for its content.
const fn of_ethertype(ethertype: u16, bytes: &[u8]) -> Option<Wrapped<'_>> {
    match ethertype {
        IPV4 | IPV6 => Some(Wrapped::Ip(bytes)),
        TRANSPARENT_ETHERNET => Some(Wrapped::Ethernet(bytes)),
        VLAN | SERVICE_VLAN | MPLS | MPLS_MULTICAST => Some(Wrapped::Link(ethertype, bytes)),
        _ => None,
    }
}

/// Tunnels over UDP, by the server's port and by their own first octets.
pub(crate) fn unwrap_udp(sport: u16, dport: u16, bytes: &[u8]) -> Option<Wrapped<'_>> {
    let mut reader = Reader::new(bytes);
    if VXLAN_PORTS.contains(&dport) {
        // RFC 7348 section 5: flags with only the I bit of the first octet certain.
        let flags = reader.u8()?;
        reader.skip(7)?;
        return (flags & 0x08 != 0).then_some(Wrapped::Ethernet(reader.rest()));
    }
    if VXLAN_PORTS.contains(&sport)
        && let [0x08, 0, 0, 0, _, _, _, 0, frame @ ..] = bytes
    {
        // Against RFC 7348 section 5, some ends answer from this port to the other's own.
        return Some(Wrapped::Ethernet(frame));
    }
    if sport == GENEVE_PORT || dport == GENEVE_PORT {
        // RFC 8926 section 3.4.
        let first = reader.u8()?;
        reader.skip(1)?;
        let protocol = reader.u16()?;
        reader.skip(4)?;
        reader.skip(usize::from(first & 0x3f).saturating_mul(4))?;
        let known_version = first >> 6 == 0;
        return of_ethertype(protocol, reader.rest()).filter(|_| known_version);
    }
    if dport == VXLAN_GPE_PORT {
        return unwrap_vxlan_gpe(reader);
    }
    if dport == MPLS_PORT {
        return Some(Wrapped::Link(MPLS, bytes));
    }
    if dport == GRE_PORT {
        return unwrap_gre(bytes);
    }
    if sport == CAPWAP_PORT || dport == CAPWAP_PORT {
        return unwrap_capwap(reader);
    }
    if sport == TEREDO_PORT || dport == TEREDO_PORT {
        return unwrap_teredo(reader);
    }
    if sport == AYIYA_PORT || dport == AYIYA_PORT {
        return unwrap_ayiya(reader);
    }
    None
}

/// VXLAN-GPE: a protocol number where its P bit is set, else as in VXLAN.
fn unwrap_vxlan_gpe(mut reader: Reader<'_>) -> Option<Wrapped<'_>> {
    let [flags, _, _, next, _, _, _, _] = reader.array()?;
    let bytes = reader.rest();
    match (flags & 0x08 != 0, flags & 0x04 != 0, next) {
        (true, false, _) | (true, true, 3) => Some(Wrapped::Ethernet(bytes)),
        (true, true, 1 | 2) => Some(Wrapped::Ip(bytes)),
        (true, true, 5) => Some(Wrapped::Link(MPLS, bytes)),
        _ => None,
    }
}

/// CAPWAP data in clear (RFC 5415 section 4.3): a header that says its own length, then a frame
/// of 802.11 or of 802.3; of several pieces the first is read.
fn unwrap_capwap(mut reader: Reader<'_>) -> Option<Wrapped<'_>> {
    const WIFI: u8 = 1;
    const KEEPS_ALIVE: u8 = 0x08;
    let [preamble, words, binding, flags, _, _, offset, low] = reader.array()?;
    let begins = offset == 0 && low & 0xf8 == 0;
    // Version 0 and type 0; of another type it is sealed.
    if preamble != 0 || !begins || flags & KEEPS_ALIVE != 0 {
        return None;
    }
    let header = usize::from(words >> 3).saturating_mul(4);
    reader.skip(header.checked_sub(8)?)?;
    let is_native = binding & 1 == 1;
    let bytes = reader.rest();
    match (is_native, binding >> 1 & 0x1f) {
        (false, _) => Some(Wrapped::Ethernet(bytes)),
        (true, WIFI) => Some(Wrapped::Wifi(bytes)),
        (true, _) => None,
    }
}

/// AYIYA (draft-massar-v6ops-ayiya-02 section 3): identity and signature of lengths that
/// the first two octets give stand before the packet.
fn unwrap_ayiya(mut reader: Reader<'_>) -> Option<Wrapped<'_>> {
    const FORWARD: u8 = 1;
    let [identity, signature, operation, next, _, _, _, _] = reader.array()?;
    reader.skip(1_usize.checked_shl(u32::from(identity >> 4))?)?;
    reader.skip(usize::from(signature >> 4).saturating_mul(4))?;
    let version = reader.rest().first()? >> 4;
    let is_ip = matches!((next, version), (4, 4) | (41, 6));
    (operation & 0x0f == FORWARD && is_ip).then_some(Wrapped::Ip(reader.rest()))
}

/// Teredo (RFC 4380 section 5.1.1): authentication and origin may stand before IPv6.
fn unwrap_teredo(mut reader: Reader<'_>) -> Option<Wrapped<'_>> {
    if reader.rest().starts_with(&[0, 1]) {
        reader.skip(2)?;
        let client = usize::from(reader.u8()?);
        let authentication = usize::from(reader.u8()?);
        reader.skip(client.saturating_add(authentication).saturating_add(9))?;
    }
    if reader.rest().starts_with(&[0, 0]) {
        reader.skip(8)?;
    }
    (reader.rest().first()? >> 4 == 6).then_some(Wrapped::Ip(reader.rest()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(wrapped: Option<Wrapped<'_>>) -> bool {
        matches!(wrapped, Some(Wrapped::Ip(b"\x60ip")))
    }

    fn ethernet(wrapped: Option<Wrapped<'_>>) -> bool {
        matches!(wrapped, Some(Wrapped::Ethernet(b"mac")))
    }

    #[test]
    fn each_tunnel_gives_what_it_carries() {
        assert!(ip(unwrap_gre(b"\0\0\x86\xdd\x60ip")));
        assert!(ip(unwrap_gre(b"\xb0\0\x86\xddcccckkkkssss\x60ip")));
        assert!(ip(unwrap_gre(b"\x30\x81\x88\x0bkkkkssssaaaa\xff\x03\0\x57\x60ip")));
        assert!(ethernet(unwrap_gre(b"\0\0\x88\xbemac")));
        assert!(matches!(unwrap_gre(b"\0\0\x82\0wifi"), Some(Wrapped::Wifi(b"wifi"))));
        assert!(ethernet(unwrap_gre(b"\x10\0\x88\xbessss01234567mac")));
        assert!(ethernet(unwrap_gre(b"\x10\0\x22\xebssss0123456789a\0mac")));
        assert!(ethernet(unwrap_udp(50_000, 4789, b"\x08\0\0\0\0\0\x01\0mac")));
        assert!(ethernet(unwrap_udp(50_000, 6081, b"\x01\0\x65\x58\0\0\0\0optsmac")));
        assert!(ethernet(unwrap_udp(6081, 50_000, b"\0\0\x65\x58\0\0\0\0mac")));
        assert!(ip(unwrap_udp(50_000, 4754, b"\0\0\x86\xdd\x60ip")));
        assert!(ethernet(unwrap_udp(50_000, 4790, b"\x08\0\0\0\0\0\x01\0mac")));
        assert!(ethernet(unwrap_udp(50_000, 4790, b"\x0c\0\0\x03\0\0\x01\0mac")));
        assert!(ip(unwrap_udp(50_000, 4790, b"\x0c\0\0\x02\0\0\x01\0\x60ip")));
        assert!(ip(unwrap_udp(50_000, 3544, b"\0\x01\0\0nnnnnnnn\0\0\0oooooo\x60ip")));
        assert!(ip(unwrap_udp(5072, 50_000, b"\x21\x12\x11\x29eeeeiiiissss\x60ip")));
        assert!(ethernet(unwrap_udp(4789, 50_000, b"\x08\0\0\0\0\0\x01\0mac")));
        assert!(ethernet(unwrap_etherip(b"\x30\0mac")) && unwrap_etherip(b"\x20\0mac").is_none());
    }

    #[test]
    fn a_third_version_of_a_mirror_and_routes_and_redirection_in_gre_hide_no_packet() {
        assert!(ethernet(unwrap_gre(b"\x10\0\x88\xbessss\x20123456789a\0mac")));
        assert!(ethernet(unwrap_gre(b"\x10\0\x22\xebssss\x20123456789\x80\x01subhead.mac")));
        assert!(ip(unwrap_gre(b"\x10\0\x22\xebssss\x20123456789\x08\0\x60ip")));
        assert!(ip(unwrap_gre(b"\x40\0\x86\xddccoo\0\x01\0\x02xx\0\0\0\0\x60ip")));
        let packet = b"\x45\0\0\x14aaaabbbbccccdddd";
        for before in [&b"\0\0\x88\x3e"[..], b"\0\0\x88\x3e\x80\0\0\0"] {
            let whole = [before, packet].concat();
            assert!(matches!(unwrap_gre(&whole), Some(Wrapped::Ip(bytes)) if bytes == packet));
        }
        assert!(unwrap_gre(b"\0\0\x88\x3e\x80\0\0\0no packet").is_none());
    }

    #[test]
    fn frames_between_an_access_point_and_its_controller_are_read_where_they_are_in_clear() {
        for (own, far) in [(5247, 50_000), (50_000, 5247)] {
            assert!(ethernet(unwrap_udp(own, far, b"\0\x10\0\0ii\0\0mac")));
            assert!(ethernet(unwrap_udp(own, far, b"\0\x20\x40\x10ii\0\0\x06macmac\0mac")));
            let wifi = unwrap_udp(own, far, b"\0\x10\x43\0ii\0\0wifi");
            assert!(matches!(wifi, Some(Wrapped::Wifi(b"wifi"))));
            for none in [
                &b"\x01\x10\0\0ii\0\0mac"[..],
                b"\0\x10\0\x08ii\0\0mac",
                b"\0\x10\0\x80ii\x01\0mac",
                b"\0\x08\0\0ii\0\0mac",
                b"\0\x10\x45\0ii\0\0mac",
            ] {
                assert!(unwrap_udp(own, far, none).is_none(), "{none:?}");
            }
        }
    }

    #[test]
    fn labels_and_tags_inside_a_tunnel_are_left_to_the_link() {
        for wrapped in [
            unwrap_gre(b"\0\0\x88\x47labels"),
            unwrap_udp(50_000, 6635, b"labels"),
            unwrap_udp(50_000, 6081, b"\0\0\x88\x47\0\0\0\0labels"),
            unwrap_udp(50_000, 4790, b"\x0c\0\0\x05\0\0\x01\0labels"),
        ] {
            assert!(matches!(wrapped, Some(Wrapped::Link(MPLS, b"labels"))));
        }
        assert!(matches!(unwrap_gre(b"\0\0\x81\0tag"), Some(Wrapped::Link(VLAN, b"tag"))));
    }

    #[test]
    fn nothing_is_found_where_no_tunnel_is() {
        assert!(unwrap_udp(50_000, 4789, b"\0\0\0\0\0\0\x01\0mac").is_none());
        assert!(unwrap_udp(50_000, 443, b"\x08\0\0\0\0\0\x01\0mac").is_none());
        let whole = b"\xb0\x81\x88\x0bcccckkkkssssaaaa\xff\x03\0\x57";
        for end in 0..whole.len() {
            let _ = unwrap_gre(&whole[..end]);
            for port in [4789, 4790, 5247, 6081, 6635, 3544, 5072] {
                let _ = unwrap_udp(port, port, &whole[..end]);
            }
        }
    }
}
