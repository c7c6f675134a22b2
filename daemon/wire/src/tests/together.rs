//! A hello in one segment with what comes before it, and what comes before it in any order.

use super::*;
use crate::hello::forge;
use crate::tests::pieces::orders;

const HEARD: &str = "hello www.example [] ech false";

fn tls_hello() -> Vec<u8> {
    forge::record(&forge::hello(Some("www.example"), &[], 0))
}

/// What may come before a hello that is not read: the port, and the words.
const WORDS: [(u16, &[u8]); 7] = [
    (1080, b"\x05\x01\0\x05\x01\0\x03\x0bwww.example\x01\xbb"),
    (1080, b"\x04\x01\x01\xbb\xcb\0\x71\x07user\0"),
    (587, b"EHLO x\r\nSTARTTLS\r\n"),
    (143, b"a1 STARTTLS\r\n"),
    (5222, b"<stream:stream><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
    (443, b"\x15\x03\x01\0\x02\x01\x5a"),
    (389, b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"),
];

#[test]
fn a_hello_in_one_segment_with_the_word_before_it_is_found() {
    for (port, word) in WORDS {
        let stream = [word, &tls_hello()].concat();
        let frames = [syn(999).on_port(port, 1), client(1_000, &stream).on_port(port, 1)];
        assert_eq!(hear(&frames), [HEARD], "{port}");
    }
}

#[test]
fn a_hello_behind_a_word_is_found_wherever_the_two_are_cut() {
    for (port, word) in WORDS {
        let stream = [word, &tls_hello()].concat();
        for cut in 1..stream.len() {
            // One or two octets of a hello are told from others only at a line's beginning.
            let few = cut.saturating_sub(word.len());
            if (1..3).contains(&few) && !word.ends_with(b"\n") && port != 389 {
                continue;
            }
            let (one, two) = stream.split_at(cut);
            let one = client(1_000, one).on_port(port, 1);
            let two = client(1_000 + u32::try_from(cut).unwrap(), two).on_port(port, 1);
            let syn = syn(999).on_port(port, 1);
            assert_eq!(hear(&[syn.clone(), one.clone(), two.clone()]), [HEARD], "{port} {cut}");
            assert_eq!(hear(&[syn, two, one]), [HEARD], "{port} {cut}, reordered");
        }
    }
}

#[test]
fn words_and_a_hello_in_any_order_give_the_hello() {
    let hello = tls_hello();
    for (port, word) in WORDS {
        for cut in [3, 50] {
            let end = word.len() + cut;
            let stream = [word, &hello].concat();
            let pieces = [(0, word.len()), (word.len(), end), (end, stream.len())];
            for order in orders(3) {
                let mut frames = vec![syn(999).on_port(port, 1)];
                for (from, to) in order.iter().map(|number| pieces[*number]) {
                    let seq = 1_000 + u32::try_from(from).unwrap();
                    frames.push(client(seq, &stream[from..to]).on_port(port, 1));
                }
                assert_eq!(hear(&frames), [HEARD], "{port} {order:?}");
            }
        }
    }
}

#[test]
fn commands_of_one_octet_a_segment_use_up_no_look() {
    let commands =
        [&b"EHLO pc.example.org\r\n"[..], &b"NOOP\r\n".repeat(40), b"STARTTLS\r\n"].concat();
    let mut frames = vec![syn(999).on_port(587, 1)];
    for (seq, octet) in (1_000..).zip(&commands) {
        frames.push(client(seq, &[*octet]).on_port(587, 1));
    }
    let next = 1_000 + u32::try_from(commands.len()).unwrap();
    frames.push(client(next, &tls_hello()[..3]).on_port(587, 1));
    frames.push(client(next + 3, &tls_hello()[3..]).on_port(587, 1));
    assert_eq!(hear(&frames), [HEARD]);
}
