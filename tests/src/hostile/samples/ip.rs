//! IP headers with options and extensions around a DNS message, whole and in fragments.

use wire::LinkType;

use super::super::{Carrier, Laid, Sample};
use super::dns;
use super::tls;

const ETHERNET: Carrier = Carrier::Frame(LinkType::Ethernet);
const MACS: [u8; 12] = [2, 0, 0, 0, 0, 4, 2, 0, 0, 0, 0, 2];
const CLIENT: [u8; 4] = [10, 1, 4, 23];
const SERVER: [u8; 4] = [10, 1, 0, 1];
const ASKED: &[&str] = &["dns_query www.elmrow.example"];
const ANSWERED: &[&str] = &["dns_answer www.elmrow.example"];

const UDP: u8 = 17;
const TCP: u8 = 6;

/// Headers of both families with all that may stand between them and their payload.
pub(in super::super) fn headers() -> Vec<Sample> {
    let plain = v4(UDP, 0, query());
    let route = Laid::bare(&[7]).number("option", 1, 7).put(&[4, 0, 0, 0, 0, 0]);
    let options = v4_with(route, (0, UDP), query());
    let hello = tls::record(tls::hello(0));
    vec![
        Sample::new("a datagram over IPv4", ETHERNET, ethernet(0x0800, plain), ASKED),
        Sample::new("IPv4 with options", ETHERNET, ethernet(0x0800, options), ASKED),
        Sample::new("a datagram over IPv6", ETHERNET, ethernet(0x86dd, v6(UDP, query())), ASKED),
        Sample::new(
            "IPv6 with a chain of extensions",
            ETHERNET,
            ethernet(0x86dd, v6(0, extensions().part(query()))),
            ASKED,
        ),
        Sample::new(
            "a segment with options",
            ETHERNET,
            ethernet(0x0800, v4(TCP, 0, segment(hello))),
            &["tls_hello www.elmrow.example"],
        ),
    ]
}

/// An answer in three pieces over IPv4 and in two over IPv6.
pub(in super::super) fn fragments() -> Vec<Sample> {
    let answer = udp((53, 50_000), dns::answer());
    let cut = |places: [usize; 4], wrap: &dyn Fn(usize, bool, Laid) -> Laid| {
        places
            .windows(2)
            .map(|pair| (pair[0], pair[1].min(answer.bytes.len())))
            .filter(|(from, to)| from < to)
            .map(|(from, to)| {
                let piece = Laid::bare(&answer.bytes[from..to]);
                wrap(from, to < answer.bytes.len(), piece)
            })
            .collect::<Vec<_>>()
    };
    let four = |from: usize, more: bool, piece| {
        let place = u16::try_from(from / 8).expect("a short datagram") | (u16::from(more) << 13);
        ethernet(0x0800, v4(UDP, place, piece))
    };
    let six = |from: usize, more: bool, piece: Laid| {
        let place = u16::try_from(from).expect("a short datagram") | u16::from(more);
        let header = Laid::bare(&[UDP, 0])
            .put(&place.to_be_bytes())
            .bits("fragment offset", 2, 2, (13, 3))
            .put(&[0, 0, 0, 9]);
        ethernet(0x86dd, v6(44, header.part(piece)))
    };
    vec![
        Sample {
            name: "IPv4 in three pieces",
            carrier: ETHERNET,
            parts: cut([0, 64, 120, 65_535], &four),
            says: ANSWERED,
        },
        Sample {
            name: "IPv6 in two pieces",
            carrier: ETHERNET,
            parts: cut([0, 80, 65_535, 65_535], &six),
            says: ANSWERED,
        },
    ]
}

/// An Ethernet frame around an IP packet.
pub(super) fn ethernet(ethertype: u16, packet: Laid) -> Laid {
    Laid::bare(&MACS).put(&ethertype.to_be_bytes()).part(packet)
}

/// A datagram to port 53 that asks for www.elmrow.example.
pub(super) fn query() -> Laid {
    udp((50_000, 53), dns::question())
}

/// A UDP datagram.
pub(super) fn udp((sport, dport): (u16, u16), payload: Laid) -> Laid {
    let rest = Laid::bare(&[0, 0]).part(payload);
    Laid::bare(&sport.to_be_bytes()).put(&dport.to_be_bytes()).sized_with("datagram", 2, 6, rest)
}

/// An IPv4 packet; `place` holds the fragment's flags and offset.
pub(super) fn v4(protocol: u8, place: u16, payload: Laid) -> Laid {
    v4_with(Laid::default(), (place, protocol), payload)
}

fn v4_with(options: Laid, (place, protocol): (u16, u8), payload: Laid) -> Laid {
    let header = 20 + options.bytes.len();
    let words = u8::try_from(header / 4).expect("a short header");
    let rest = Laid::bare(&[0, 9])
        .put(&place.to_be_bytes())
        .bits("fragment offset", 2, 2, (13, 0))
        .put(&[64, protocol, 0, 0])
        .put(&CLIENT)
        .put(&SERVER)
        .part(options)
        .part(payload);
    Laid::bare(&[0x40 | words, 0]).bits("header", 0, 1, (4, 0)).sized_with("packet", 2, 4, rest)
}

/// An IPv6 packet.
pub(super) fn v6(next: u8, payload: Laid) -> Laid {
    let length = payload.bytes.len();
    Laid::bare(&[0x60, 0, 0, 0])
        .number("payload", 2, length)
        .put(&[next, 64])
        .put(b"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\x01\x04\x23")
        .put(b"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\x01\0\x01")
        .part(payload)
}

/// Hop-by-hop, routing, destination options, authentication, a fragment that is whole.
fn extensions() -> Laid {
    let counted = |next: u8, units: usize, rest: usize| {
        Laid::bare(&[next]).number("extension", 1, units).put(&vec![0; rest])
    };
    counted(43, 0, 6)
        .part(counted(60, 1, 14))
        .part(counted(51, 0, 6))
        .part(counted(44, 4, 22))
        .part(Laid::bare(&[UDP, 0, 0, 0, 0, 0, 0, 9]).bits("fragment offset", 2, 2, (13, 3)))
}

fn segment(payload: Laid) -> Laid {
    Laid::bare(&50_000_u16.to_be_bytes())
        .put(&443_u16.to_be_bytes())
        .put(&[0, 0, 0, 100, 0, 0, 3, 0x84, 0x90, 0x10, 0xff, 0xff, 0, 0, 0, 0])
        .bits("header", 12, 1, (4, 4))
        .put(&[2])
        .number("option", 1, 4)
        .put(&[5, 0xb4, 1, 1, 8])
        .number("option", 1, 10)
        .put(&[0; 8])
        .part(payload)
}
