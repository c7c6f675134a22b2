//! Octets that were sent in more than one version: every name that some server read is said,
//! for each protocol, and one that was only sent again is not.

use super::*;
use crate::hello::forge;
use crate::tests::pieces::orders;

fn tls_hello(name: &str, random: u8) -> Vec<u8> {
    forge::record(&forge::hello_with(Some(name), &["x"], 0, random))
}

fn get(host: &str) -> Vec<u8> {
    format!("GET /x HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n").into_bytes()
}

fn question(name: &str) -> Vec<u8> {
    let mut message = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0".to_vec();
    for label in name.split('.') {
        message.push(u8::try_from(label.len()).unwrap());
        message.extend(label.bytes());
    }
    message.extend(b"\0\0\x01\0\x01");
    [&u16::try_from(message.len()).unwrap().to_be_bytes(), &message[..]].concat()
}

/// The port of a protocol, a message of it for each of two names, and what is heard of each.
type Kind = (u16, Vec<u8>, Vec<u8>, &'static str, &'static str);

fn kinds() -> Vec<Kind> {
    let names = ["good.example", "other.test.example"];
    vec![
        (
            443,
            tls_hello(names[0], 1),
            tls_hello(names[1], 2),
            "hello good.example [\"x\"] ech false",
            "hello other.test.example [\"x\"] ech false",
        ),
        (
            80,
            get(names[0]),
            get(names[1]),
            "http GET /x good.example",
            "http GET /x other.test.example",
        ),
        (
            53,
            question(names[0]),
            question(names[1]),
            "dns_query good.example 1",
            "dns_query other.test.example 1",
        ),
    ]
}

fn at(offset: usize) -> u32 {
    1_000 + u32::try_from(offset).unwrap()
}

/// Segments of these pieces on a port, the first octet of the stream at 1,000.
fn segments(port: u16, pieces: &[(usize, &[u8])]) -> Vec<Frame> {
    let pieces = pieces.iter().map(|(offset, bytes)| client(at(*offset), bytes).on_port(port, 1));
    [syn(999).on_port(port, 1)].into_iter().chain(pieces).collect()
}

#[test]
fn a_message_that_never_arrives_hides_no_other_in_its_place_whatever_the_protocol() {
    for (port, chaff, real, said, hidden) in kinds() {
        for cut in 0..real.len() {
            let (one, two) = real.split_at(cut);
            let mut pieces: Vec<(usize, &[u8])> = vec![(0, &chaff), (0, one), (cut, two)];
            pieces.retain(|(_, bytes)| !bytes.is_empty());
            let heard = hear(&segments(port, &pieces));
            let conflict =
                format!("conflict {}", hidden.split(' ').find(|w| w.contains(".test.")).unwrap());
            let expected = [said, &conflict, hidden];
            assert_eq!(heard, expected, "{port} cut at {cut}");
        }
    }
}

#[test]
fn a_second_hello_behind_a_change_of_cipher_is_read_wherever_it_is_cut() {
    let (_, first, second, said, other) = kinds().swap_remove(0);
    let change = [20, 3, 3, 0, 1, 1];
    let behind = [&change[..], &second].concat();
    for cut in change.len()..=behind.len() {
        let (one, two) = behind.split_at(cut);
        let from = first.len();
        let mut pieces = vec![(0, &first[..]), (from, one), (from + cut, two)];
        pieces.retain(|(_, bytes)| !bytes.is_empty());
        let heard = hear(&segments(443, &pieces));
        assert_eq!(heard, [said, other], "cut at {cut}");
    }
}

#[test]
fn two_hellos_in_one_segment_are_both_said_wherever_that_is_cut() {
    let (_, first, second, said, other) = kinds().swap_remove(0);
    for change in [&[][..], &[20, 3, 3, 0, 1, 1]] {
        let both = [&first[..], change, &second].concat();
        let within = first.len() + 1..first.len() + change.len();
        for cut in (1..=both.len()).filter(|cut| !within.contains(cut)) {
            let (one, two) = both.split_at(cut);
            let mut pieces = vec![(0, one), (cut, two)];
            pieces.retain(|(_, bytes)| !bytes.is_empty());
            assert_eq!(hear(&segments(443, &pieces)), [said, other], "cut at {cut}");
        }
        let twice = [&first[..], change, &first].concat();
        assert_eq!(hear(&segments(443, &[(0, &twice)])), [said]);
    }
}

#[test]
fn pieces_in_the_place_of_a_message_are_read_in_any_order() {
    for (port, chaff, real, _, hidden) in kinds() {
        for cut in 1..real.len().min(chaff.len()) {
            let (one, two) = real.split_at(cut);
            let heard = hear(&segments(port, &[(0, &chaff), (cut, two), (0, one)]));
            assert!(heard.iter().any(|h| h == hidden), "{port} {cut}: {heard:?}");
        }
    }
}

#[test]
fn a_segment_that_begins_before_the_place_is_read_from_there() {
    for (port, chaff, real, _, hidden) in kinds() {
        let early = [&b"?"[..], &real].concat();
        let frames = [
            syn(999).on_port(port, 1),
            client(1_000, &chaff).on_port(port, 1),
            client(999, &early).on_port(port, 1),
        ];
        let heard = hear(&frames);
        assert!(heard.iter().any(|h| h == hidden), "{port}: {heard:?}");
        assert_eq!(hear(&[frames[0].clone(), frames[2].clone()]), [hidden], "{port}");
    }
}

#[test]
fn a_message_whose_rest_comes_as_late_as_a_server_waits_is_said() {
    for (port, _, real, _, hidden) in kinds().into_iter().take(2) {
        let (one, two) = real.split_at(20);
        let mut frames = segments(port, &[(0, one)]);
        frames.extend((2..50).map(|second| server(900, b"").on_port(40_000, second)));
        frames.push(client(at(20), two).on_port(port, 50));
        assert_eq!(hear(&frames), [hidden], "{port}");
    }
}

#[test]
fn many_small_versions_hide_no_last_one() {
    let (_, chaff, real, _, hidden) = kinds().swap_remove(0);
    let name = real.windows(5).position(|octets| octets == b"other").unwrap();
    let mut pieces: Vec<(usize, &[u8])> = vec![(0, &real[..name - 1])];
    let junk: Vec<[u8; 1]> = (0..200).map(|n| [n]).collect();
    pieces.extend(junk.iter().map(|octet| (name, &octet[..])));
    pieces.extend([(name, &chaff[..5]), (name, &real[name..]), (name - 1, &real[name - 1..name])]);
    let heard = hear(&segments(443, &pieces));
    assert!(heard.iter().any(|h| h == hidden), "{heard:?}");
    assert!(heard.len() < 2 * 10, "{heard:?}");
}

#[test]
fn a_hello_that_never_arrives_hides_no_request_and_a_request_no_hello() {
    let kinds = kinds();
    for (_, chaff, _, _, _) in &kinds {
        for (port, _, real, _, hidden) in &kinds {
            for cut in [0, 1, 2, 5, 6, 20, real.len() - 1] {
                let (one, two) = real.split_at(cut);
                let mut pieces: Vec<(usize, &[u8])> = vec![(0, chaff), (0, one), (cut, two)];
                pieces.retain(|(_, bytes)| !bytes.is_empty());
                let heard = hear(&segments(*port, &pieces));
                assert!(heard.iter().any(|h| h == hidden), "{port} {cut}: {heard:?}");
            }
        }
    }
}

#[test]
fn a_message_that_is_sent_again_is_said_once_however_it_is_cut_and_so_is_the_next() {
    for (port, first, second, said, after) in kinds().into_iter().skip(1) {
        let next = first.len();
        let last = next + second.len();
        for cut in 0..first.len() {
            let (one, two) = first.split_at(cut);
            let together = [&first[..], &second].concat();
            for again in [
                vec![(0, one), (cut, two)],
                vec![(cut, two)],
                vec![(0, one)],
                vec![(0, &first[..])],
                vec![(0, &together[..])],
            ] {
                let again: Vec<_> = again.into_iter().filter(|(_, b)| !b.is_empty()).collect();
                let mut pieces: Vec<(usize, &[u8])> = vec![(0, &first)];
                pieces.extend(&again);
                pieces.push((next, &second));
                pieces.push((last, &first));
                let heard = hear(&segments(port, &pieces));
                assert_eq!(heard, [said, after, said], "{port} cut at {cut}: {again:?}");
            }
        }
    }
}

#[test]
fn a_length_that_lies_hides_neither_a_request_nor_a_hello_in_its_place() {
    let chaff = b"OPTIONS * HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1000000000\r\n\r\n";
    let hello = tls_hello("other.test.example", 2);
    for cut in [3, 6, 40] {
        let heard = hear(&segments(80, &[(0, chaff), (0, &hello[..cut]), (cut, &hello[cut..])]));
        assert!(heard.iter().any(|h| h.starts_with("hello other.")), "{cut}: {heard:?}");
    }
    let real = [&b"OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n"[..], &get("b.example")].concat();
    for cut in [0, 7, 40, 60] {
        let (one, two) = real.split_at(cut);
        let mut pieces: Vec<(usize, &[u8])> = vec![(0, chaff), (0, one), (cut, two)];
        pieces.retain(|(_, bytes)| !bytes.is_empty());
        let heard = hear(&segments(80, &pieces));
        assert!(heard.iter().any(|h| h == "http GET /x b.example"), "{cut}: {heard:?}");
    }
}

#[test]
fn a_request_behind_a_decoy_of_another_kind_is_heard() {
    let real = get("b.example");
    let decoys: [&[u8]; 5] =
        [&[b'A'; 300], b"\0\x01\x02", b"USER x\r\n", b"EH", b"SSH-2.0-OpenSSH_9\r\n"];
    for decoy in decoys {
        for cut in [0, 2, 20] {
            let (one, two) = real.split_at(cut);
            let mut pieces: Vec<(usize, &[u8])> = vec![(0, decoy), (0, one), (cut, two)];
            pieces.retain(|(_, bytes)| !bytes.is_empty());
            let heard = hear(&segments(80, &pieces));
            // What is left of a decoy may look like a method of its own.
            assert!(heard.iter().any(|h| h.ends_with(" /x b.example")), "{decoy:?}: {heard:?}");
        }
    }
    let heard = hear(&segments(80, &[(0, b"SSH-2.0-OpenSSH_9\r\n"), (0, &real)]));
    assert_eq!(heard, ["http GET /x b.example"], "and no tunnel is");
    let two = [get("a.example"), get("a.example")].concat();
    let heard = hear(&segments(80, &[(0, &two), (0, &real)]));
    assert!(heard.iter().any(|h| h == "http GET /x b.example"), "two in one: {heard:?}");
}

#[test]
fn a_proxy_behind_a_hello_that_never_arrives_is_heard_with_the_hello_through_it() {
    let connect =
        [&b"CONNECT bad.example:443 HTTP/1.1\r\nX: "[..], &[b'y'; 200], b"\r\n\r\n"].concat();
    let hello = tls_hello("bad.example", 2);
    let chaff = tls_hello("good.example", 1);
    let (next, whole) = (connect.len(), connect.len() + 3);
    let pieces: [(usize, &[u8]); 4] =
        [(0, &chaff), (0, &connect), (next, &hello[..3]), (whole, &hello[3..])];
    let heard = hear(&segments(3128, &pieces));
    let expected = [
        "hello good.example [\"x\"] ech false",
        "conflict bad.example",
        "http CONNECT bad.example:443 -",
        "hello bad.example [\"x\"] ech false",
    ];
    assert_eq!(heard, expected);
}

#[test]
fn a_long_hello_behind_a_short_one_is_heard() {
    let long = forge::record(&forge::hello_with(Some("bad.example"), &[], 12_000, 7));
    let chaff = tls_hello("b.example", 1);
    let mut pieces: Vec<(usize, &[u8])> = vec![(0, &chaff)];
    pieces.extend(long.chunks(1_400).enumerate().map(|(n, bytes)| (n * 1_400, bytes)));
    let heard = hear(&segments(443, &pieces));
    assert_eq!(heard.last().unwrap(), "hello bad.example [] ech false", "{heard:?}");
}

/// Two overlaps in one stream: the true pieces came first in one and last in the other.
#[test]
fn the_pieces_that_live_long_are_read_together_where_two_overlaps_are_mixed() {
    for (port, chaff, real, _, _) in [
        (443, tls_hello("news.school", 1), tls_hello("bad.example", 1), "", ""),
        (80, get("news.school"), get("bad.example"), "", ""),
    ] {
        let name = real.windows(11).position(|octets| octets == b"bad.example").unwrap();
        let (left, right, end) = (name, name + 5, name + 11);
        let piece = |bytes: &[u8], from: usize, to: usize, hops: u8| {
            client(at(from), &bytes[from..to]).on_port(port, 1).hops(hops)
        };
        for order in orders(4) {
            let middle = [
                piece(&real, left, right, 64),
                piece(&chaff, left, right, 2),
                piece(&chaff, right, end, 2),
                piece(&real, right, end, 64),
            ];
            let mut frames = vec![syn(999).on_port(port, 1), piece(&real, 0, left, 64)];
            frames.extend(order.iter().map(|number| middle[*number].clone()));
            frames.push(piece(&real, end, real.len(), 64));
            let heard = hear(&frames);
            let named =
                |name: &str| heard.iter().any(|h| !h.starts_with("conf") && h.contains(name));
            assert!(named("bad.example"), "{port} {order:?}: {heard:?}");
            assert!(named("news.school"), "{port} {order:?}: {heard:?}");
            let conflicts = heard.iter().filter(|h| h.starts_with("conflict ")).count();
            assert_eq!(heard.len(), 2 * conflicts + 1, "each but the first is marked: {heard:?}");
            assert!(conflicts <= 3, "{heard:?}");
        }
    }
}

#[test]
fn of_three_versions_the_one_in_the_middle_is_said_too() {
    for (port, real) in [(443, tls_hello("bad.example", 1)), (80, get("bad.example"))] {
        let name = real.windows(11).position(|octets| octets == b"bad.example").unwrap();
        for order in orders(3) {
            let versions: [&[u8]; 3] = [b"aaa.example", b"bad.example", b"ccc.example"];
            let mut pieces = vec![(0, &real[..name])];
            pieces.extend(order.iter().map(|number| (name, versions[*number])));
            pieces.push((name + 11, &real[name + 11..]));
            let heard = hear(&segments(port, &pieces));
            for version in ["aaa.example", "bad.example", "ccc.example"] {
                let said = heard.iter().filter(|h| !h.starts_with("conf") && h.contains(version));
                assert_eq!(said.count(), 1, "{port} {version}: {heard:?}");
            }
            assert_eq!(heard.len(), 5, "{heard:?}");
        }
    }
}
