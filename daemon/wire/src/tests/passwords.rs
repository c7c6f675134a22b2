//! Passwords that look like requests: nothing of what a client gives to log in is ever said.

use super::*;
use crate::hello::forge;

const REQUEST: &[u8] = b"GET /S3cret HTTP/1.1\r\nHost: S3cret.example\r\n\r\n";

/// A simple bind as u with a password, and where the password begins.
fn bind(password: &[u8]) -> (Vec<u8>, usize) {
    let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap();
    let head = [2, 1, 3, 4, 4, b'c', b'n', b'=', b'u', 0x80, length(password)];
    let bind = [&head, password].concat();
    let message = [&[2, 1, 1, 0x60, length(&bind)], &bind[..]].concat();
    let whole = [&[0x30, length(&message)], &message[..]].concat();
    let at = whole.len() - password.len();
    (whole, at)
}

/// These pieces of a stream that begins at 1,000, after a SYN where that is wanted.
fn heard(port: u16, with_syn: bool, pieces: &[(usize, &[u8])]) -> Vec<Heard> {
    let mut frames = vec![];
    if with_syn {
        frames.push(syn(999).on_port(port, 1));
    }
    for (at, bytes) in pieces {
        frames.push(client(1_000 + u32::try_from(*at).unwrap(), bytes).on_port(port, 1));
    }
    hear(&frames)
}

#[test]
fn a_password_of_a_bind_that_looks_like_a_request_is_not_said_wherever_it_is_cut_or_lost() {
    let (whole, at) = bind(REQUEST);
    for port in [389, 3268] {
        for with_syn in [true, false] {
            let tail = heard(port, with_syn, &[(at, &whole[at..])]);
            assert!(tail.is_empty(), "{port} {with_syn}: {tail:?}");
            for cut in 1..whole.len() {
                let (one, two) = whole.split_at(cut);
                for pieces in [[(0, one), (cut, two)], [(cut, two), (0, one)]] {
                    let said = heard(port, with_syn, &pieces);
                    let named = said.iter().all(|said| said == "ldap 10.1.4.23 cn=u");
                    assert!(named && said.len() <= 1, "{port} {cut}: {said:?}");
                }
                assert!(heard(port, with_syn, &[(cut, two)]).is_empty(), "{port} {cut}");
            }
        }
    }
}

#[test]
fn a_bind_on_another_port_is_one_too_and_its_password_is_not_said() {
    let (whole, _) = bind(REQUEST);
    for cut in 1..whole.len() {
        let (one, two) = whole.split_at(cut);
        for pieces in [[(0, one), (cut, two)], [(cut, two), (0, one)]] {
            assert_eq!(heard(1389, true, &pieces), ["ldap 10.1.4.23 cn=u"], "{cut}");
        }
    }
}

#[test]
fn a_hole_between_binds_says_nothing_of_what_follows_it() {
    let (first, _) = bind(b"secret");
    let (second, at) = bind(REQUEST);
    for port in [389, 1389] {
        let pieces = [(0, &first[..]), (first.len() + at, &second[at..])];
        assert_eq!(heard(port, true, &pieces), ["ldap 10.1.4.23 cn=u"], "{port}");
    }
}

#[test]
fn a_password_given_to_a_server_of_mail_or_files_is_not_said_though_it_looks_like_a_request() {
    let talks: [(u16, &[u8], &[u8]); 5] = [
        (21, b"USER a.pupil\r\n", b"PASS "),
        (110, b"USER a.pupil\r\n", b"PASS "),
        (143, b"a1 LOGIN a.pupil {48}\r\n", b""),
        (587, b"EHLO pc-7.example\r\n", b"AUTH PLAIN "),
        (2323, b"a.pupil\r\n", b""),
    ];
    for (port, first, second) in talks {
        let (at, after) = (first.len(), first.len() + second.len());
        let pieces = [(0, first), (at, second), (after, REQUEST)];
        assert!(heard(port, true, &pieces).is_empty(), "{port}");
        if port < 1_024 {
            assert!(heard(port, true, &[(after, REQUEST)]).is_empty(), "{port} after a hole");
            assert!(heard(port, false, &[(after, REQUEST)]).is_empty(), "{port} midway");
        }
    }
}

#[test]
fn what_a_server_of_mail_sends_is_no_request_of_its_own() {
    for port in [25, 143, 389] {
        assert!(hear(&[server(900, REQUEST).on_port(port, 1)]).is_empty(), "{port}");
    }
}

#[test]
fn a_request_is_still_the_first_word_on_any_port_and_follows_the_line_of_a_proxy() {
    for port in [21, 25, 389, 6_000] {
        assert_eq!(heard(port, true, &[(0, REQUEST)]), ["http GET /S3cret S3cret.example"]);
    }
    let proxy = b"PROXY TCP4 10.1.4.23 203.0.113.7 50000 80\r\n";
    for cut in 1..proxy.len() {
        let pieces = [(0, &proxy[..cut]), (cut, &proxy[cut..]), (proxy.len(), REQUEST)];
        assert_eq!(heard(80, true, &pieces), ["http GET /S3cret S3cret.example"], "{cut}");
    }
}

#[test]
fn a_hello_is_still_found_where_passwords_may_stand() {
    let hello = forge::record(&forge::hello(Some("www.example"), &[], 0));
    for port in [21, 25, 110, 143, 389, 587] {
        for with_syn in [true, false] {
            let said =
                heard(port, with_syn, &[(0, b"STLS\r\n"), (6, &hello[..9]), (15, &hello[9..])]);
            assert_eq!(said, ["hello www.example [] ech false"], "{port}");
        }
    }
}
