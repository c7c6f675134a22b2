//! A hello that every layer the wire knows stands around: fragments, labels, headers.

use super::*;
use crate::hello::forge;

const HEARD: &str = "hello bad.example [] ech false";

fn segment() -> Vec<u8> {
    let hello = forge::record(&forge::hello(Some("bad.example"), &[], 60));
    let header = [0xc3, 0x50, 1, 0xbb, 0, 0, 3, 0xe8, 0, 0, 0, 1, 0x50, 0x18, 0xff, 0xff];
    [&header[..], &[0; 4], &hello].concat()
}

fn sized(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap().to_be_bytes()
}

fn ethernet(packet: &[u8]) -> Vec<u8> {
    let ethertype: [u8; 2] = if packet[0] >> 4 == 4 { [8, 0] } else { [0x86, 0xdd] };
    [&[2; 6][..], &[4; 6], &ethertype, packet].concat()
}

fn ip4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let header = [&[0x45, 0][..], &sized(payload.len() + 20), &[0, 1, 0, 0, 64, protocol, 0, 0]];
    [&header.concat()[..], &CLIENT, &SERVER, payload].concat()
}

fn ip6(next: u8, payload: &[u8]) -> Vec<u8> {
    let header = [&[0x60, 0, 0, 0][..], &sized(payload.len()), &[next, 64]].concat();
    [&header[..], &[0x20; 16], &[0x21; 16], payload].concat()
}

fn udp(to: u16, payload: &[u8]) -> Vec<u8> {
    let header = [&[0x13, 0x88][..], &to.to_be_bytes(), &sized(payload.len() + 8), &[0, 0]];
    [&header.concat()[..], payload].concat()
}

fn heard(packets: &[Vec<u8>]) -> Vec<Heard> {
    let frame = |packet: &Vec<u8>| Frame { at: Timestamp::EPOCH, bytes: ethernet(packet) };
    hear(&packets.iter().map(frame).collect::<Vec<_>>())
}

/// A piece of an IPv6 datagram.
fn piece(next: u8, from: usize, more: bool, octets: &[u8]) -> Vec<u8> {
    let place = sized(from | usize::from(more));
    ip6(44, &[&[next, 0][..], &place, &[0, 0, 0, 7], octets].concat())
}

#[test]
fn destination_options_inside_the_pieces_hide_no_hello() {
    let body = [&[6, 0, 1, 4, 0, 0, 0, 0][..], &segment()].concat();
    let pieces = [piece(60, 0, true, &body[..64]), piece(60, 64, false, &body[64..])];
    assert_eq!(heard(&pieces), [HEARD]);
}

#[test]
fn of_the_pieces_only_the_first_says_what_they_carry() {
    let body = segment();
    for other in [6, 17, 59] {
        let mut pieces = vec![piece(6, 0, true, &body[..64]), piece(other, 64, false, &body[64..])];
        assert_eq!(heard(&pieces), [HEARD], "{other}");
        pieces.reverse();
        assert_eq!(heard(&pieces), [HEARD], "{other} first");
    }
}

#[test]
fn pieces_of_a_piece_are_joined() {
    let body = segment();
    let inner = |from: usize, more: bool, octets: &[u8]| {
        [&[6, 0][..], &sized(from | usize::from(more)), &[0, 0, 0, 9], octets].concat()
    };
    let mut pieces = Vec::new();
    for (number, part) in
        [inner(0, true, &body[..64]), inner(64, false, &body[64..])].into_iter().enumerate()
    {
        for (from, more, octets) in [(0, true, &part[..32]), (32, false, &part[32..])] {
            let mut packet = piece(44, from, more, octets);
            packet[47] = u8::try_from(number).unwrap();
            pieces.push(packet);
        }
    }
    assert_eq!(heard(&pieces), [HEARD]);
}

#[test]
fn labels_inside_a_tunnel_hide_no_hello() {
    let packet = ip4(6, &segment());
    let labelled = [&[0, 1, 1, 0x40][..], &packet].concat();
    let framed = [&[0, 1, 1, 0x40, 0, 0, 0, 0][..], &ethernet(&packet)].concat();
    for inside in [&labelled, &framed] {
        for outside in [
            ip4(47, &[&[0, 0, 0x88, 0x47][..], inside].concat()),
            ip4(17, &udp(6635, inside)),
            ip4(17, &udp(6081, &[&[0, 0, 0x88, 0x47, 0, 0, 0, 0][..], inside].concat())),
            ip4(17, &udp(4790, &[&[0x0c, 0, 0, 5, 0, 0, 1, 0][..], inside].concat())),
        ] {
            assert_eq!(heard(&[outside]), [HEARD]);
        }
    }
}

#[test]
fn a_tag_inside_a_tunnel_and_a_protocol_number_in_vxlan_hide_no_hello() {
    let packet = ip4(6, &segment());
    let tagged = ip4(47, &[&[0, 0, 0x81, 0, 0, 5, 8, 0][..], &packet].concat());
    assert_eq!(heard(&[tagged]), [HEARD]);
    let numbered = ip4(17, &udp(4790, &[&[0x0c, 0, 0, 1, 0, 0, 1, 0][..], &packet].concat()));
    assert_eq!(heard(&[numbered]), [HEARD]);
}

#[test]
fn an_authentication_header_over_ipv4_hides_no_hello() {
    let header = [&[6, 4][..], &[0; 22]].concat();
    assert_eq!(heard(&[ip4(51, &[&header[..], &segment()].concat())]), [HEARD]);
}

#[test]
fn a_client_whose_port_is_a_tunnels_hides_no_question() {
    let rest = [&[1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], b"\x03bad\x07example\0\0\x01\0\x01"].concat();
    for from in [3544_u16, 4789, 4790, 4754, 5072, 6081, 6635, 8472] {
        for number in [[0, 1], [8, 0x12], [0x08, 0], [0x6a, 0xbc]] {
            let payload = [&number[..], &rest].concat();
            let mut question = udp(53, &payload);
            question[..2].copy_from_slice(&from.to_be_bytes());
            let said = heard(&[ip4(17, &question)]);
            assert_eq!(said.len(), 1, "{from} {number:?}: {said:?}");
            assert!(said[0].contains("bad.example"), "{from}: {said:?}");
            let mut answer = udp(from, &[&number[..], &[0x81, 0x80], &rest[2..]].concat());
            answer[..2].copy_from_slice(&[0, 53]);
            let said = heard(&[ip4(17, &answer)]);
            assert!(said.len() == 1 && said[0].contains("bad.example"), "{from}: {said:?}");
        }
    }
}

#[test]
fn quic_to_the_port_of_a_tunnel_hides_no_hello() {
    let message = forge::hello(Some("www.example"), &["h3"], 0);
    let length = u16::try_from(message.len()).unwrap() | 0x4000;
    let frame = [&[6, 0][..], &length.to_be_bytes(), &message].concat();
    for id in 0..=u8::MAX {
        let packet = crate::quic::initial(1, &[id; 8], id, &frame);
        let ports = [4754, 4789, 4790, 5072, 5247, 6081, 6635, 8472, 3544];
        let port = ports[usize::from(id) % ports.len()];
        for ports in [[PORT, port], [port, 443]] {
            let heard = hear(&[datagram_on(ports, true, &packet, 1)]);
            assert_eq!(heard, ["hello www.example [\"h3\"] ech false"], "{ports:?}");
        }
    }
}

#[test]
fn a_pseudowire_without_a_control_word_hides_no_hello_whatever_its_address_begins_with() {
    let hello = client(100, &hello_record()).at(1);
    let (macs, rest) = hello.bytes.split_at(12);
    let outer = [&[2; 6][..], &[4; 6], &[0x88, 0x47, 0, 1, 1, 0x40]].concat();
    for first in [0x00, 0x02, 0x44, 0x45, 0x60, 0x64, 0xfe] {
        for control in [&[][..], &[0; 4]] {
            let mut inner = macs.to_vec();
            inner[0] = first;
            let frame = Frame { at: hello.at, bytes: [&outer, control, &inner, rest].concat() };
            assert_eq!(hear(&[frame]), ["hello mail.example [] ech false"], "{first:x}");
        }
    }
    let bare = Frame { at: hello.at, bytes: [&outer, &rest[2..]].concat() };
    assert_eq!(hear(&[bare]), ["hello mail.example [] ech false"]);
}

#[test]
fn tags_of_ports_groups_and_chains_and_ethernet_in_ip_hide_no_hello() {
    let hello = client(100, &hello_record()).at(1);
    let (macs, rest) = hello.bytes.split_at(12);
    let mut behind_ip = rest[2..22].to_vec();
    behind_ip[9] = 97;
    behind_ip[2..4].copy_from_slice(&u16::try_from(22 + hello.bytes.len()).unwrap().to_be_bytes());
    let whole = &hello.bytes[..];
    for between in [
        [&b"\x89\x26pppp"[..], rest].concat(),
        [&b"\x89\x09\x01\x01\0\x01\0\x05"[..], rest].concat(),
        [&b"\x88\xe7iiii"[..], whole].concat(),
        [&b"\x93\0\0\x07"[..], rest].concat(),
        [&b"\x89\x4f\0\xc2\x02\x03pppp"[..], whole].concat(),
        [&b"\x89\x4f\0\xc2\x02\x01pppp"[..], &rest[2..]].concat(),
        [&b"\x08\0"[..], &behind_ip, b"\x30\0", whole].concat(),
    ] {
        let frame = Frame { at: hello.at, bytes: [macs, &between].concat() };
        assert_eq!(hear(&[frame]), ["hello mail.example [] ech false"], "{:x?}", &between[..2]);
    }
}
