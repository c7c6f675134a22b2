//! Initials that were never meant to arrive: none hides the hello of a client, its own or
//! another's.

use super::*;
use crate::hello::forge;
use crate::quic::{initial, initial_to};

const ID: &[u8] = b"8 octets";
const BAD: &str = "hello bad.example [] ech false";
const DECOY: &str = "hello bbc.example [] ech false";

fn hello(name: &str, random: u8) -> Vec<u8> {
    forge::hello_with(Some(name), &[], 600, random)
}

/// A CRYPTO frame; the offset and length take two octets each.
fn crypto(offset: usize, octets: &[u8]) -> Vec<u8> {
    let number = |n: usize| (u16::try_from(n).unwrap() | 0x4000).to_be_bytes();
    [&[6][..], &number(offset), &number(octets.len()), octets].concat()
}

fn heard(packets: &[Vec<u8>]) -> Vec<String> {
    hear(&packets.iter().map(|packet| datagram(true, packet, 1)).collect::<Vec<_>>())
}

#[test]
fn a_decoy_hello_under_the_same_id_hides_no_hello_however_that_is_cut() {
    let (decoy, message) = (hello("bbc.example", 1), hello("bad.example", 2));
    let end = message.len();
    for cuts in [&[0, end][..], &[0, 300, end], &[0, 7, 300, 500, end]] {
        let mut sent = vec![initial(1, ID, 0, &crypto(0, &decoy))];
        for (number, piece) in (1..).zip(cuts.windows(2)) {
            sent.push(initial(1, ID, number, &crypto(piece[0], &message[piece[0]..piece[1]])));
        }
        let expected = [DECOY, "conflict bad.example", BAD];
        assert_eq!(heard(&sent), expected, "{cuts:?}");
        sent[1..].reverse();
        assert_eq!(heard(&sent), expected, "{cuts:?} backwards");
    }
}

#[test]
fn a_decoy_with_the_same_random_under_another_id_hides_no_hello() {
    let (decoy, message) = (hello("bbc.example", 1), hello("bad.example", 1));
    let sent =
        [initial(1, ID, 0, &crypto(0, &decoy)), initial(1, b"another.", 0, &crypto(0, &message))];
    assert_eq!(heard(&sent), [DECOY, BAD]);
}

#[test]
fn pieces_under_another_id_between_two_pieces_of_a_hello_hide_it_not() {
    let message = hello("bad.example", 2);
    let decoy = hello("bbc.example", 1);
    let mut sent = vec![initial(1, ID, 0, &crypto(0, &message[..300]))];
    for id in [b"decoy #1", b"decoy #2", b"decoy #3"] {
        sent.push(initial(1, id, 0, &crypto(0, &decoy[..300])));
    }
    // The client took the server's id by now.
    sent.push(initial_to(1, ID, b"server's", 1, &crypto(300, &message[300..])));
    assert_eq!(heard(&sent), [BAD]);
}

#[test]
fn overlapping_crypto_frames_that_read_two_ways_give_both_names() {
    let message = hello("bad.example", 2);
    let at = message.windows(11).position(|octets| octets == b"bad.example").unwrap();
    let first = [crypto(0, &message[..at]), crypto(at, b"bbc.example")].concat();
    let sent = [initial(1, ID, 0, &first), initial(1, ID, 1, &crypto(at, &message[at..]))];
    assert_eq!(heard(&sent), [DECOY, "conflict bad.example", BAD]);
}

#[test]
fn of_three_versions_of_a_crypto_frame_the_one_in_the_middle_is_said_too() {
    let message = hello("bad.example", 2);
    let at = message.windows(11).position(|octets| octets == b"bad.example").unwrap();
    let sent = [
        initial(1, ID, 0, &[crypto(0, &message[..at]), crypto(at, b"bbc.example")].concat()),
        initial(1, ID, 1, &crypto(at, b"bad.example")),
        initial(1, ID, 2, &crypto(at, b"bob.example")),
        initial(1, ID, 3, &crypto(at + 11, &message[at + 11..])),
    ];
    let heard = heard(&sent);
    for name in ["bbc", "bad", "bob"] {
        let said = format!("hello {name}.example");
        let times = heard.iter().filter(|one| one.starts_with(&said)).count();
        assert_eq!(times, 1, "{name}: {heard:?}");
    }
    assert_eq!(heard.len(), 5, "two of three are marked: {heard:?}");
}

#[test]
fn crypto_frames_of_short_and_long_life_are_read_together_where_two_overlaps_are_mixed() {
    let message = hello("bad.example", 2);
    let at = message.windows(11).position(|octets| octets == b"bad.example").unwrap();
    let piece = |number, from: usize, octets: &[u8], hops| {
        datagram(true, &initial(1, ID, number, &crypto(from, octets)), 1).hops(hops)
    };
    // The true name comes last in one place and first in the other.
    let frames = [
        piece(0, 0, &message[..at], 64),
        piece(1, at, b"xxxx", 2),
        piece(2, at, b"bad.", 64),
        piece(3, at + 4, b"example", 64),
        piece(4, at + 4, b"yyyyyyy", 2),
        piece(5, at + 11, &message[at + 11..], 64),
    ];
    assert!(hear(&frames).contains(&BAD.to_owned()));
}

#[test]
fn octets_that_are_no_hello_or_lie_far_ahead_end_no_hello() {
    let message = hello("bad.example", 2);
    let (none, far) = (crypto(0, b"no hello"), crypto(16_000, b"far ahead"));
    let (beyond, inside) = (b"\x06\x80\x02\0\0\x01x".to_vec(), crypto(40, b"garbage"));
    for (decoy, again) in [(&none, &far), (&far, &far), (&beyond, &beyond), (&inside, &far)] {
        let sent = [
            initial(1, ID, 0, decoy),
            initial(1, ID, 1, &crypto(0, &message[..300])),
            initial(1, ID, 2, again),
            initial(1, ID, 3, &crypto(300, &message[300..])),
        ];
        assert!(heard(&sent).contains(&BAD.to_owned()), "{decoy:?}");
    }
}

#[test]
fn a_decoy_of_the_first_piece_before_and_behind_the_second_hides_no_hello() {
    let message = hello("bad.example", 2);
    for cut in [5, 40, 300, message.len() - 1] {
        for filler in [vec![0; cut], vec![b'A'; cut], vec![1; cut]] {
            let (fake, two) = (crypto(0, &filler), crypto(cut, &message[cut..]));
            let one = crypto(0, &message[..cut]);
            for order in [vec![&fake, &two, &fake, &one, &fake], vec![&two, &fake, &one]] {
                let sent = (0..).zip(order).map(|(number, frame)| initial(1, ID, number, frame));
                let heard = heard(&sent.collect::<Vec<_>>());
                assert!(heard.contains(&BAD.to_owned()), "{cut} {}: {heard:?}", filler[0]);
            }
        }
    }
}

#[test]
fn an_initial_from_the_servers_side_blinds_no_client() {
    let message = hello("bad.example", 2);
    for decoy in [crypto(5, b"x"), crypto(0, &hello("bbc.example", 1))] {
        let frames = [
            datagram(false, &initial(1, b"spoofed.", 0, &decoy), 1),
            datagram(true, &initial(1, ID, 0, &crypto(0, &message)), 1),
        ];
        assert_eq!(hear(&frames).last().map(String::as_str), Some(BAD));
    }
}

#[test]
fn a_servers_own_initials_are_known_by_the_id_they_go_to_and_are_not_opened() {
    let message = hello("bad.example", 2);
    let mut wire = wire();
    let mut say = |_: Said<'_>| Follow::No;
    feed(&mut wire, &datagram(true, &initial(1, ID, 0, &crypto(0, &message)), 1), &mut say);
    // The source id of a forged client.
    let reply = initial_to(1, b"sealed by the server", &[0xaa, 0xbb], 0, &crypto(0, b"hello"));
    feed(&mut wire, &datagram(false, &reply, 1), &mut say);
    assert_eq!(wire.counters().sealed_initials, 0);
    let other = initial_to(1, b"sealed by the server", b"unknown", 0, &crypto(0, b"hello"));
    feed(&mut wire, &datagram(false, &other, 1), &mut say);
    assert_eq!(wire.counters().sealed_initials, 1);
}

#[test]
fn initials_that_only_ping_use_up_nothing() {
    let message = hello("bad.example", 2);
    let mut sent: Vec<_> = (0..40).map(|number| initial(1, ID, number, b"\x01")).collect();
    sent.push(initial(1, ID, 40, &crypto(0, &message[..40])));
    sent.extend((41..80).map(|number| initial(1, ID, number, b"\x01")));
    sent.push(initial(1, ID, 80, &crypto(40, &message[40..])));
    assert_eq!(heard(&sent), [BAD]);
}

#[test]
fn a_hello_in_many_coalesced_packets_is_read() {
    let message = hello("bad.example", 2);
    for pieces in [10, 20, 60] {
        let size = message.len().div_ceil(pieces);
        let packets = message.chunks(size).enumerate().map(|(number, piece)| {
            initial(1, ID, u8::try_from(number).unwrap(), &crypto(number * size, piece))
        });
        assert_eq!(heard(&[packets.collect::<Vec<_>>().concat()]), [BAD], "{pieces}");
    }
}

#[test]
fn keys_derived_for_one_datagram_are_few() {
    let message = hello("bad.example", 2);
    let id = |n: u8| [n, 1, 2, 3, 4, 5, 6, 7];
    let packets: Vec<_> = (0..60).map(|n| initial(1, &id(n), 0, &crypto(0, &message))).collect();
    let mut wire = wire();
    let frame = datagram(true, &packets.concat(), 1);
    feed(&mut wire, &frame, &mut |_: Said<'_>| Follow::No);
    assert!(wire.counters().sealed_initials > 40, "sixteen keys, two for each packet at most");
}
