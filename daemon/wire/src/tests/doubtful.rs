//! Octets that look like the beginning of a request and are none, or are one in which
//! something else stands.

use super::*;

const HELLO: &str = "hello mail.example [] ech false";

#[test]
fn a_piece_that_looks_like_a_request_hides_no_hello_in_its_head() {
    let before = b"CONNECT www.example\r\nGET /a HTTP/1.1\r\nHo";
    let stream = [&before[..], &hello_record()].concat();
    for at in 0..stream.len() {
        let heard = said(3128, &[&stream[..at], &stream[at..]]);
        assert!(heard.iter().any(|one| one == HELLO), "cut at {at}: {heard:?}");
    }
}

#[test]
fn a_hello_in_a_head_hides_neither_its_host_nor_the_next_request() {
    let head =
        [b"GET /a HTTP/1.1\r\nX: ", &hello_record()[..], b"\r\nHost: www.example\r\n\r\n"].concat();
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

const BANNER: &[u8] = b"SSH-2.0-OpenSSH_9.9\r\n";
const RESET: &[u8] = b"\0\x0e\x38\x01\x02\x03\x04\x05\x06\x07\x08\0\0\0\0\0";

#[test]
fn a_banner_whose_first_letters_may_begin_a_method_is_a_tunnel_wherever_it_is_cut() {
    for port in [22, 443, 2222] {
        for at in 1..BANNER.len() {
            let heard = said(port, &[&BANNER[..at], &BANNER[at..], b"\0\0\x05\x1c"]);
            assert_eq!(heard, ["tunnel ssh"], "port {port}, cut at {at}");
        }
    }
}

#[test]
fn a_reset_of_openvpn_over_tcp_is_told_wherever_it_is_cut() {
    for port in [443, 1194] {
        for at in 1..RESET.len() {
            let heard = said(port, &[&RESET[..at], &RESET[at..], b"\0\x16\x28"]);
            assert_eq!(heard, ["tunnel openvpn"], "port {port}, cut at {at}");
        }
    }
}

#[test]
fn a_banner_that_never_arrived_is_no_tunnel_beside_the_hello_in_its_place() {
    let hello = hello_record();
    for decoy in [BANNER, RESET] {
        let start = [syn(99).at(1), client(100, decoy).at(1).hops(2)];
        for at in 0..hello.len() {
            let rest = 100 + u32::try_from(at).unwrap();
            let pieces = [client(100, &hello[..at]).at(2), client(rest, &hello[at..]).at(2)];
            let in_order = start.clone().into_iter().chain(pieces.clone());
            assert_eq!(hear(&in_order.collect::<Vec<_>>()), [HELLO], "cut at {at}");
        }
    }
}

#[test]
fn a_tunnel_in_the_place_of_a_hello_that_never_arrived_is_told() {
    let decoy = hello_record();
    for (words, then, expected) in
        [(BANNER, &b"\0\0\x05\x1c"[..], "tunnel ssh"), (RESET, b"\0\x16\x28", "tunnel openvpn")]
    {
        let next = 100 + u32::try_from(words.len()).unwrap();
        let frames = [
            syn(99).at(1),
            client(100, &decoy).at(1).hops(2),
            client(100, words).at(2),
            client(next, then).at(2),
        ];
        assert_eq!(hear(&frames), [HELLO, expected]);
    }
}

#[test]
fn what_waits_for_a_method_or_a_tunnel_hides_no_hello_behind_it() {
    let hello = hello_record();
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

#[test]
fn a_blank_line_in_pieces_or_without_its_return_hides_no_request() {
    let get = b"GET /a HTTP/1.1\r\nHost: www.example\r\n\r\n";
    for blank in [&b"\r\n"[..], b"\n", b"\n\n\r\n", b"\r\n\r\n"] {
        let stream = [blank, get].concat();
        for at in 0..stream.len() {
            let heard = said(80, &[&stream[..at], &stream[at..]]);
            assert_eq!(heard, ["http GET /a www.example"], "{blank:?} cut at {at}");
        }
        let two = [&get[..], &stream].concat();
        for at in get.len()..two.len() {
            assert_eq!(said(80, &[&two[..at], &two[at..]]).len(), 2, "{blank:?} cut at {at}");
        }
    }
}

#[test]
fn a_request_of_a_made_up_method_is_said_wherever_it_is_cut() {
    let made_up = b"JEFF /a HTTP/1.1\r\nHost: www.example\r\n\r\n";
    let two = [&made_up[..], b"get /b HTTP/1.1\r\nHost: www.example\r\n\r\n"].concat();
    let expected = ["http JEFF /a www.example", "http get /b www.example"];
    for port in [80, 31_337] {
        for at in 0..two.len() {
            assert_eq!(said(port, &[&two[..at], &two[at..]]), expected, "cut at {at}");
        }
    }
    assert!(said(110, &[b"PASS /secret HTTP/1.1\r\n\r\n"]).is_empty(), "a password");
}

#[test]
fn a_hello_whose_record_has_an_odd_version_is_read() {
    let mut odd = hello_record();
    odd[1..3].copy_from_slice(&[3, 0x7f]);
    for at in 0..odd.len() {
        assert_eq!(said(443, &[&odd[..at], &odd[at..]]), [HELLO], "cut at {at}");
    }
}
