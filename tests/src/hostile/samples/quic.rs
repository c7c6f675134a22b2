//! QUIC: frames of Initials, which are sealed after they were bent, and sealed datagrams.

use super::super::{Carrier, Laid, Sample, Sealer};
use super::tls;

const TO_HTTPS: Carrier = Carrier::Udp { port: 443, from_server: false };
const SAYS: &[&str] = &["quic_hello www.elmrow.example"];

/// The frames of one or two Initials.
pub(in super::super) fn frames() -> Vec<Sample> {
    let hello = tls::hello(0);
    let whole = ping_and_ack().part(crypto(0, hello.clone())).put(&[0; 40]);
    let cut: u16 = 150;
    let (front, back) = hello.bytes.split_at(usize::from(cut));
    let swapped = crypto(cut, Laid::bare(back)).put(&[0, 1]).part(crypto(0, Laid::bare(front)));
    let first = crypto(0, Laid::bare(front)).put(&[0; 20]);
    let second = ping_and_ack().part(crypto(cut, Laid::bare(back)));
    vec![
        Sample::new("a hello in one frame", Carrier::QuicInitial, whole, SAYS),
        Sample::new("two frames, the second first", Carrier::QuicInitial, swapped, SAYS),
        Sample {
            name: "a frame in each of two packets",
            carrier: Carrier::QuicInitial,
            parts: vec![first, second],
            says: SAYS,
        },
    ]
}

/// Sealed datagrams: an Initial alone, and with another packet behind it.
pub(in super::super) fn datagrams() -> Vec<Sample> {
    let handshake = Laid::bare(&[0xe0, 0, 0, 0, 1])
        .text("destination id", 1, b"id")
        .text("source id", 1, b"")
        .number("packet", 2, 0x4000 | 24)
        .put(&[0; 24]);
    vec![
        Sample::new("an Initial", TO_HTTPS, initial(), SAYS),
        Sample::new("an Initial and a Handshake packet", TO_HTTPS, initial().part(handshake), SAYS),
    ]
}

fn initial() -> Laid {
    let sealed = Sealer::new(1, b"8 octets").initial(0, &crypto(0, tls::hello(0)).bytes);
    // First octet and version; then the two ids, the token and the packet behind their lengths.
    Laid::bare(&sealed)
        .bits("destination id", 5, 1, (8, 0))
        .bits("source id", 14, 1, (8, 0))
        .bits("token", 17, 1, (6, 0))
        .bits("packet", 18, 4, (30, 0))
}

fn ping_and_ack() -> Laid {
    Laid::bare(&[0, 0, 1, 2])
        .number("largest acknowledged", 1, 7)
        .put(&[0])
        .bits("largest acknowledged", 4, 1, (6, 0))
        .number("ranges", 1, 1)
        .put(&[1, 2, 1])
}

/// A CRYPTO frame whose offset and length are numbers of two octets.
fn crypto(offset: u16, octets: Laid) -> Laid {
    let length = u16::try_from(octets.bytes.len()).expect("a short frame");
    let numbers = [0x4000 | offset, 0x4000 | length].map(u16::to_be_bytes).concat();
    Laid::bare(&[6])
        .put(&numbers)
        .bits("offset", 1, 2, (14, 0))
        .bits("length", 3, 2, (14, 0))
        .part(octets)
}
