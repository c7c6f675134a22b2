//! One hello over QUIC, in whatever frames, packets and datagrams it comes.

use proptest::prelude::*;

use super::*;
use crate::hello::forge;
use crate::quic::{initial, initial_to};

const HEARD: &str = "hello www.example [\"h3\"] ech false";
const ID: &[u8] = b"8 octets";

fn hello() -> Vec<u8> {
    forge::hello(Some("www.example"), &["h3"], 1_600)
}

/// A CRYPTO frame; the offset and length take two octets each.
fn crypto(offset: usize, octets: &[u8]) -> Vec<u8> {
    let number = |n: usize| (u16::try_from(n).unwrap() | 0x4000).to_be_bytes();
    [&[6][..], &number(offset), &number(octets.len()), octets].concat()
}

/// Initials of this id, each with these pieces of the hello.
fn packets(id: &[u8], message: &[u8], pieces: &[&[(usize, usize)]]) -> Vec<Vec<u8>> {
    let packet = |(number, pieces): (usize, &&[(usize, usize)])| {
        let frames: Vec<u8> =
            pieces.iter().flat_map(|(from, to)| crypto(*from, &message[*from..*to])).collect();
        initial(1, id, u8::try_from(number).unwrap(), &frames)
    };
    pieces.iter().enumerate().map(packet).collect()
}

fn datagrams(packets: &[Vec<u8>]) -> Vec<Frame> {
    packets.iter().map(|packet| datagram(true, packet, 1)).collect()
}

#[test]
fn two_initials_in_either_order_make_the_hello() {
    let message = hello();
    let end = message.len();
    let sent = packets(ID, &message, &[&[(0, 1_100)], &[(1_100, end)]]);
    assert_eq!(hear(&datagrams(&sent)), [HEARD]);
    let swapped: Vec<_> = sent.iter().rev().cloned().collect();
    assert_eq!(hear(&datagrams(&swapped)), [HEARD]);
    assert_eq!(hear(&datagrams(&[sent.concat()])), [HEARD], "both in one datagram");
    let twice = [sent.clone(), sent].concat();
    assert_eq!(hear(&datagrams(&twice)), [HEARD], "sent again");
}

#[test]
fn every_version_is_read() {
    let message = forge::hello(Some("www.example"), &["h3"], 0);
    for version in [1, 0x6b33_43cf, 0xff00_001d, 0xff00_001b, 0x5430_3530] {
        let packet = initial(version, ID, 0, &crypto(0, &message));
        assert_eq!(hear(&datagrams(&[packet])), [HEARD]);
    }
    assert!(hear(&[datagram(true, &[0xc0, 0x1a, 0x2a, 0x3a, 0x4a, 8, 1, 2], 1)]).is_empty());
}

#[test]
fn a_client_that_took_the_servers_id_keeps_its_keys() {
    let message = hello();
    let end = message.len();
    let first = packets(ID, &message, &[&[(0, 1_100)]]).remove(0);
    let rest = crypto(1_100, &message[1_100..end]);
    let second = initial_to(1, ID, b"server's", 1, &rest);
    assert_eq!(hear(&datagrams(&[first, second])), [HEARD]);
}

#[test]
fn a_hello_after_retry_is_said_once_and_another_connection_is_another() {
    let message = forge::hello(Some("www.example"), &["h3"], 0);
    let other = forge::hello_with(Some("other.example"), &["h3"], 0, 0x77);
    let one = initial(1, ID, 0, &crypto(0, &message));
    let retried = initial(1, b"from the retry", 1, &crypto(0, &message));
    let new = initial(1, b"another.", 0, &crypto(0, &other));
    let heard = hear(&datagrams(&[one, retried, new]));
    assert_eq!(heard, [HEARD, "hello other.example [\"h3\"] ech false"]);
}

#[test]
fn a_hello_after_version_negotiation_is_said_once() {
    let one = forge::hello_with(Some("www.example"), &["h3"], 0, 0x11);
    let other = forge::hello_with(Some("www.example"), &["h3"], 0, 0x22);
    let first = initial(0xff00_001d, ID, 0, &crypto(0, &one));
    let second = initial(1, ID, 0, &crypto(0, &other));
    assert_eq!(hear(&datagrams(&[first.clone(), second])), [HEARD]);
    let new = initial(1, b"another.", 0, &crypto(0, &other));
    assert_eq!(hear(&datagrams(&[first, new])), [HEARD, HEARD], "another connection");
}

#[test]
fn a_packet_missing_for_good_gives_nothing_and_is_let_go() {
    let message = hello();
    let sent = packets(ID, &message, &[&[(0, 1_100)]]);
    let mut wire = wire();
    let mut say = |_: Said<'_>| Follow::No;
    feed(&mut wire, &datagrams(&sent)[0], &mut say);
    wire.expire(Timestamp::from_seconds(7), &mut say);
    assert_eq!(wire.counters().quic_dropped, 1);
}

#[test]
fn a_followed_hello_is_answered_once_or_refused() {
    let hello = datagram(true, &initial(1, ID, 0, &crypto(0, &forge::hello(None, &["h3"], 0))), 1);
    // A server's Handshake packet: long header, type 2.
    let answer = [&[0xe0, 0, 0, 0, 1, 0, 2, 1, 2, 0x10][..], &[0; 16]].concat();
    let frames = [hello.clone(), datagram(false, &answer, 2), datagram(false, &answer, 3)];
    let said = "hello - [\"h3\"] ech false";
    assert_eq!(follow(&frames), [said, "progress 7 answered 26"]);
    let icmp = [&[3, 3, 0, 0, 0, 0, 0, 0][..], &hello.bytes[14..14 + 28]].concat();
    let mut bytes = Vec::new();
    PacketBuilder::ethernet2([2; 6], [4; 6])
        .ipv4(SERVER, CLIENT, 64)
        .write(&mut bytes, etherparse::IpNumber::ICMP, &icmp)
        .expect("a frame");
    let unreachable = Frame { at: Timestamp::from_seconds(1), bytes };
    assert_eq!(follow(&[hello, unreachable]), [said, "progress 7 refused 0"]);
}

#[test]
fn a_flood_of_garbage_initials_keeps_nothing_and_hides_no_hello() {
    let message = hello();
    let sent = packets(ID, &message, &[&[(0, 1_100)], &[(1_100, message.len())]]);
    let mut wire = wire();
    let mut heard = Vec::new();
    let mut garbage = initial(1, b"garbage!", 0, &[0; 1_100]);
    for n in 0..20_000_u32 {
        let mut say = |said: Said<'_>| {
            heard.push(words(&said));
            Follow::No
        };
        garbage[6..10].copy_from_slice(&n.to_be_bytes());
        feed(&mut wire, &datagram(true, &garbage, 1), &mut say);
        if n == 5_000 || n == 15_000 {
            let part = &sent[usize::from(n > 10_000)];
            feed(&mut wire, &datagram(true, part, 1), &mut say);
        }
    }
    assert_eq!(heard, [HEARD]);
    assert_eq!(wire.counters().sealed_initials, 20_000);
    assert!(wire.bytes_held() < 1024 * 1024);
}

#[test]
fn a_flood_of_hellos_that_never_end_stays_within_the_caps() {
    let message = hello();
    let mut wire = wire();
    for n in 0..20_000_u32 {
        let packet = packets(&n.to_be_bytes(), &message, &[&[(1_000, 1_100)]]).remove(0);
        let mut frame = datagram(true, &packet, 1);
        frame.bytes[26..30].copy_from_slice(&(0x0a00_0000 + n).to_be_bytes());
        feed(&mut wire, &frame, &mut |_: Said<'_>| Follow::No);
        assert!(wire.bytes_held() <= most_bytes_held());
    }
    assert!(wire.counters().quic_dropped > 10_000);
}

#[test]
fn one_senders_flood_over_quic_hides_no_hello_of_another_client() {
    let message = hello();
    let sent = packets(ID, &message, &[&[(0, 1_100)], &[(1_100, message.len())]]);
    for (flows, offset) in [(300, 16_000), (4_000, 16_000), (4_000, 0)] {
        let mut frames = vec![datagram(true, &sent[0], 1)];
        for n in 0..flows {
            let piece = [&[1, 0, 0x3f, 0xff][..], &[3; 1_100]].concat();
            let packet = initial(1, b"of a flood", 0, &crypto(offset, &piece));
            let mut frame = datagram_on([10_000 + n, 443], true, &packet, 1);
            frame.bytes[29] = 66;
            frames.push(frame);
        }
        frames.push(datagram(true, &sent[1], 1));
        assert_eq!(hear(&frames), [HEARD], "{flows} at {offset}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_pieces_in_any_frames_and_order_make_the_same_hello(
        places in prop::collection::vec(1_usize..1_700, 0..12),
        overlap in 0_usize..60,
        seed in any::<u64>(),
        frames_a_packet in 1_usize..5,
    ) {
        let message = hello();
        let mut places: Vec<_> = places.iter().map(|p| p % message.len()).collect();
        places.extend([0, message.len()]);
        places.sort_unstable();
        places.dedup();
        let mut pieces: Vec<_> =
            places.windows(2).map(|w| (w[0], (w[1] + overlap).min(message.len()))).collect();
        let mut state = seed | 1;
        for i in (1..pieces.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            pieces.swap(i, (state >> 33) as usize % (i + 1));
        }
        let grouped: Vec<_> = pieces.chunks(frames_a_packet).collect();
        prop_assert_eq!(hear(&datagrams(&packets(ID, &message, &grouped))), [HEARD]);
    }
}

#[test]
fn a_second_hello_that_the_server_wanted_is_said_where_it_has_another_name() {
    let message = forge::hello(Some("www.example"), &["h3"], 0);
    let end = message.len();
    let expected = [HEARD, "hello other.example [\"h3\"] ech false"];
    for (random, padding) in [(0x5a, 0), (0x77, 0), (0x77, 1_600)] {
        let other = forge::hello_with(Some("other.example"), &["h3"], padding, random);
        for cut in [other.len(), 5, 40, other.len() - 1] {
            let (one, two) = other.split_at(cut);
            let first = initial(1, ID, 0, &crypto(0, &message));
            let second = initial_to(1, ID, b"server's", 1, &crypto(end, one));
            let third = initial_to(1, ID, b"server's", 2, &crypto(end + cut, two));
            let mut sent = vec![first, second];
            sent.extend((!two.is_empty()).then_some(third));
            assert_eq!(hear(&datagrams(&sent)), expected, "{random} cut at {cut}");
            sent[1..].reverse();
            assert_eq!(hear(&datagrams(&sent)), expected, "{random} cut at {cut}, swapped");
        }
    }
    let again = initial_to(1, ID, b"server's", 1, &crypto(end, &message));
    let first = initial(1, ID, 0, &crypto(0, &message));
    assert_eq!(hear(&datagrams(&[first, again])), [HEARD], "the same name once more");
}
