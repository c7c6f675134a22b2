//! A message in the place of a shorter one that never arrived, whose pieces come in any order.

use super::*;
use crate::hello::forge;
use crate::tests::pieces::orders;

const HELLO: &str = "hello bad.example [] ech false";
const REQUEST: &str = "http GET /x bad.example";

fn hello() -> Vec<u8> {
    forge::record(&forge::hello_with(Some("bad.example"), &[], 150, 2))
}

fn request() -> Vec<u8> {
    let long = "y".repeat(60);
    format!("GET /x HTTP/1.1\r\nHost: bad.example\r\nX: {long}\r\n\r\n").into_bytes()
}

/// What may stand in the place of another message, each shorter than it.
fn decoys() -> Vec<Vec<u8>> {
    let question = b"\0\x1e\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x04good\x07example\0\0\x01\0\x01";
    let decoys: [&[u8]; 9] = [
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"\0\x0e\x38\x01\x02\x03\x04\x05\x06\x07\x08\0\0\0\0\0",
        b"EHLO x\r\n",
        b"x",
        &[0; 9],
        &[b'A'; 40],
        b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n",
        question,
        b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\0\x80\0",
    ];
    decoys.iter().map(|decoy| decoy.to_vec()).collect()
}

/// What is heard of these pieces after a SYN; each with the hops that it has left.
fn heard(port: u16, pieces: &[(usize, &[u8], u8)]) -> Vec<Heard> {
    let at = |offset: usize| 100 + u32::try_from(offset).unwrap();
    let mut frames = vec![syn(99).on_port(port, 1)];
    for (offset, bytes, hops) in pieces {
        frames.push(client(at(*offset), bytes).on_port(port, 1).hops(*hops));
    }
    hear(&frames)
}

/// The message cut at these places, its pieces in this order.
fn pieces<'a>(real: &'a [u8], cuts: &[usize], order: &[usize]) -> Vec<(usize, &'a [u8], u8)> {
    let ends = [cuts, &[real.len()]].concat();
    let piece = |number: &usize| {
        let from = number.checked_sub(1).map_or(0, |before| ends[before]);
        (from, &real[from..ends[*number]], 64)
    };
    order.iter().map(piece).collect()
}

/// Whether the name is said of a hello, or of a request whatever its method was taken for.
fn is_said(heard: &[Heard], expected: &str) -> bool {
    let end = expected.strip_prefix("http GET").unwrap_or(expected);
    heard.iter().any(|h| !h.starts_with("conflict") && h.ends_with(end))
}

fn messages() -> [(u16, Vec<u8>, &'static str); 4] {
    [(443, hello(), HELLO), (80, request(), REQUEST), (8080, hello(), HELLO), (25, hello(), HELLO)]
}

#[test]
fn a_decoy_shorter_than_a_message_does_not_hide_it_whose_second_piece_comes_first() {
    for (port, real, expected) in messages() {
        for decoy in decoys() {
            for hops in [2, 64] {
                for cut in 1..real.len() {
                    let mut sent = vec![(0, &decoy[..], hops)];
                    sent.extend(pieces(&real, &[cut], &[1, 0]));
                    let heard = heard(port, &sent);
                    assert!(is_said(&heard, expected), "{port} {decoy:?} {cut}: {heard:?}");
                }
            }
        }
    }
}

#[test]
fn three_pieces_in_any_order_behind_a_shorter_decoy_are_read() {
    for (port, real, expected) in messages() {
        for decoy in decoys() {
            for cuts in [[5, 10], [7, 30], [8, 20], [16, 40], [21, 60], [34, 50], [36, 70]] {
                for order in orders(3) {
                    let mut sent = vec![(0, &decoy[..], 2)];
                    sent.extend(pieces(&real, &cuts, &order));
                    let heard = heard(port, &sent);
                    assert!(is_said(&heard, expected), "{port} {decoy:?} {order:?}: {heard:?}");
                }
            }
        }
    }
}

#[test]
fn a_decoy_of_the_first_piece_between_the_second_and_the_first_hides_nothing() {
    for (port, real, expected) in messages() {
        for cut in 1..real.len() {
            for filler in [vec![0; cut], vec![b'A'; cut], b"\r\n".repeat(cut)[..cut].to_vec()] {
                for before in [None, Some((0, &b"x"[..], 2)), Some((0, &[0; 9][..], 2))] {
                    let fake = (0, &filler[..], 2);
                    let mut sent: Vec<_> = before.into_iter().collect();
                    let [two, one] = pieces(&real, &[cut], &[1, 0])[..] else { panic!("two") };
                    sent.extend([two, fake, one, fake]);
                    let heard = heard(port, &sent);
                    assert!(is_said(&heard, expected), "{port} {cut}: {heard:?}");
                }
            }
        }
    }
}

#[test]
fn a_short_hello_that_never_arrives_hides_no_long_one_in_any_order() {
    let decoy = forge::record(&forge::hello_with(Some("good.example"), &[], 0, 1));
    let real = forge::record(&forge::hello_with(Some("bad.example"), &[], 1_700, 2));
    for cuts in [[40, 90], [60, 800], [decoy.len(), 900], [500, 1_400]] {
        for order in orders(3) {
            let mut sent = vec![(0, &decoy[..], 2)];
            sent.extend(pieces(&real, &cuts, &order));
            let expected = ["hello good.example [] ech false", "conflict bad.example", HELLO];
            assert_eq!(heard(443, &sent), expected, "{cuts:?} {order:?}");
        }
    }
}

#[test]
fn of_what_follows_in_order_nothing_is_kept() {
    let record = [&[0x17, 3, 3, 1, 0][..], &[0xaa; 256]].concat();
    let get = b"GET /x HTTP/1.1\r\nHost: bad.example\r\n\r\n";
    for (port, first, next) in [(443, hello(), &record[..]), (80, get.to_vec(), &get[..])] {
        let mut wire = wire();
        let mut seq = 100_u32;
        let mut frames = vec![syn(99).on_port(port, 1)];
        for bytes in [&first[..], next, next, next] {
            frames.push(client(seq, bytes).on_port(port, 1));
            seq += u32::try_from(bytes.len()).unwrap();
        }
        for frame in &frames {
            feed(&mut wire, frame, &mut |_: Said<'_>| Follow::No);
        }
        assert_eq!(wire.counters().gathers, 0, "{port}");
    }
}
