//! Octets that look like the beginning of a request and are none, or are one in which
//! something else stands.

use super::*;
use crate::hello::forge;

const HELLO: &str = "hello mail.example [] ech false";

fn hello() -> Vec<u8> {
    forge::record(&forge::hello(Some("mail.example"), &[], 0))
}

fn said(port: u16, pieces: &[&[u8]]) -> Vec<Heard> {
    let mut seq = 100_u32;
    let mut frames = vec![syn(99).on_port(port, 1)];
    for piece in pieces {
        frames.push(client(seq, piece).on_port(port, 1));
        seq = seq.wrapping_add(u32::try_from(piece.len()).unwrap());
    }
    hear(&frames)
}

#[test]
fn a_piece_that_looks_like_a_request_hides_no_hello_in_its_head() {
    let before = b"CONNECT www.example\r\nGET /a HTTP/1.1\r\nHo";
    let stream = [&before[..], &hello()].concat();
    for at in 0..stream.len() {
        let heard = said(3128, &[&stream[..at], &stream[at..]]);
        assert!(heard.iter().any(|one| one == HELLO), "cut at {at}: {heard:?}");
    }
}

#[test]
fn a_hello_in_a_head_hides_neither_its_host_nor_the_next_request() {
    let head = [b"GET /a HTTP/1.1\r\nX: ", &hello()[..], b"\r\nHost: www.example\r\n\r\n"].concat();
    let next = b"GET /b HTTP/1.1\r\nHost: www.example\r\n\r\n";
    let expected = ["http GET /a www.example", HELLO, "http GET /b www.example"];
    assert_eq!(said(80, &[&head, next]), expected);
    for at in 1..head.len() {
        assert_eq!(said(80, &[&head[..at], &head[at..], next]), expected, "cut at {at}");
    }
}

#[test]
fn a_head_full_of_what_begins_like_hellos_costs_so_many_looks() {
    let fake = b"\x16\x03\x01\0\x40\x01\0\0\x3c\x03\x03";
    let many = [b"GET /a HTTP/1.1\r\nX: ", &fake.repeat(300)[..], b"\r\n\r\n"].concat();
    assert_eq!(said(80, &[&many]), ["http GET /a -"]);
}

#[test]
fn a_banner_whose_first_letters_may_begin_a_method_is_a_tunnel_wherever_it_is_cut() {
    let banner = b"SSH-2.0-OpenSSH_9.9\r\n";
    for port in [22, 443, 2222] {
        for at in 1..banner.len() {
            let heard = said(port, &[&banner[..at], &banner[at..]]);
            assert_eq!(heard, ["tunnel ssh"], "port {port}, cut at {at}");
        }
    }
}

#[test]
fn a_reset_of_openvpn_over_tcp_is_told_wherever_it_is_cut() {
    let reset = b"\0\x0e\x38\x01\x02\x03\x04\x05\x06\x07\x08\0\0\0\0\0";
    for port in [443, 1194] {
        for at in 1..reset.len() {
            let heard = said(port, &[&reset[..at], &reset[at..]]);
            assert_eq!(heard, ["tunnel openvpn"], "port {port}, cut at {at}");
        }
    }
}

#[test]
fn what_waits_for_a_method_or_a_tunnel_hides_no_hello_behind_it() {
    let hello = hello();
    for before in
        [&b"P"[..], b"S", b"PROPFIN", b"\0\x0e\x38", b"\0\x60\x38\x01\x02", b"\0", b"\0\x20\x12"]
    {
        assert_eq!(said(31_337, &[before, &hello]), [HELLO], "{before:?}");
        let together = [before, &hello].concat();
        for at in 1..together.len() {
            let heard = said(31_337, &[&together[..at], &together[at..]]);
            assert_eq!(heard, [HELLO], "{before:?} cut at {at}");
        }
    }
}
