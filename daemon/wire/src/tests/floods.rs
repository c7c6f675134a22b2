//! What a flood can make a `Wire` hold, and what is still heard in it.

use super::*;
use crate::hello::forge;

fn flood_frame(n: u32, flags: &str, payload: &[u8]) -> Frame {
    let [a, b, c, d] = n.to_be_bytes();
    let builder = PacketBuilder::ethernet2([2; 6], [4; 6])
        .ipv4([10 | (a & 1), b, c, d], SERVER, 64)
        .tcp(PORT, 443, n, 64_000);
    let builder = if flags == "S" { builder.syn() } else { builder.ack(1) };
    let mut bytes = Vec::new();
    builder.write(&mut bytes, payload).expect("a frame");
    Frame { at: Timestamp::from_seconds(i64::from(n / 100_000)), bytes }
}

/// Feeds a flood with a hello in two pieces in its midst, every 10,000 packets.
fn heard_in(flood: impl Fn(u32) -> Frame, packets: u32) -> (usize, Wire) {
    let stream = forge::record(&forge::hello(Some("www.example"), &[], 1_600));
    let mut wire = wire();
    let mut heard = 0;
    let mut count = |said: Said<'_>| {
        heard += usize::from(words(&said) == "hello www.example [] ech false");
        Follow::Yes(Watch(1))
    };
    for n in 0..packets {
        feed(&mut wire, &flood(n), &mut count);
        let second = i64::from(n / 100_000);
        let first = n.wrapping_mul(7_919);
        match n % 10_000 {
            1 => feed(&mut wire, &syn(first.wrapping_sub(1)).at(second), &mut count),
            2 => feed(
                &mut wire,
                &client(first.wrapping_sub(7_919), &stream[..1_400]).at(second),
                &mut count,
            ),
            3 => {
                let seq = first.wrapping_sub(2 * 7_919).wrapping_add(1_400);
                feed(&mut wire, &client(seq, &stream[1_400..]).at(second), &mut count);
            }
            _ => {}
        }
        if n % 10_000 == 0 {
            assert!(wire.bytes_held() <= most_bytes_held(), "after {n} packets");
        }
    }
    (heard, wire)
}

#[test]
fn a_million_syns_hide_no_hello() {
    // The hello's random is the same in each, but each SYN begins a connection anew.
    let (heard, wire) = heard_in(|n| flood_frame(n, "S", &[]), 1_000_000);
    assert_eq!(heard, 100);
    assert!(wire.bytes_held() <= most_bytes_held());
}

#[test]
fn a_flood_of_hellos_that_never_end_hides_no_hello() {
    let part = &forge::record(&forge::hello(Some("flood.example"), &[], 1_600))[..1_200];
    let (heard, wire) = heard_in(|n| flood_frame(n, "A", part), 200_000);
    assert_eq!(heard, 20);
    assert!(wire.counters().gathers_evicted > 100_000);
}

#[test]
fn a_flood_of_whole_hellos_that_are_followed_stays_within_the_caps() {
    let whole = forge::record(&forge::hello(Some("flood.example"), &[], 0));
    let (heard, wire) = heard_in(|n| flood_frame(n, "A", &whole), 200_000);
    assert_eq!(heard, 20);
    assert!(wire.counters().watches_evicted > 100_000);
}

/// One sender's packet, of its connection `n`: one octet far ahead, or so many from the start.
fn one_senders(n: u32, ahead: u32, payload: &[u8]) -> [Frame; 2] {
    let port = u16::try_from(10_000 + n % 50_000).unwrap();
    let from = |mut frame: Frame| {
        frame.bytes[29] = 66;
        frame
    };
    [syn(999).on_ports([port, 443], 1), client(1_000 + ahead, payload).on_ports([port, 443], 1)]
        .map(from)
}

#[test]
fn one_senders_flood_between_two_pieces_hides_no_hello_of_another_client() {
    let stream = forge::record(&forge::hello(Some("www.example"), &[], 1_600));
    let long = [0x16, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc, 3, 3].repeat(120);
    let shapes: [(u32, u32, &[u8]); 3] =
        [(300, 65_000, b"x"), (4_000, 65_000, b"x"), (8_000, 0, &long)];
    for (flows, ahead, payload) in shapes {
        let mut frames = vec![syn(999).at(1), client(1_000, &stream[..1_400]).at(1)];
        frames.extend((0..flows).flat_map(|n| one_senders(n, ahead, payload)));
        frames.push(client(2_400, &stream[1_400..]).at(1));
        assert_eq!(hear(&frames), ["hello www.example [] ech false"], "{flows} at {ahead}");
    }
}
