//! What else is spoken over TCP: requests, tunnels in requests, DNS, mail that turns to TLS.

use super::*;

const HELLO: &str = "hello mail.example [] ech false";

#[test]
fn a_hello_is_found_on_any_port_and_after_starttls() {
    let hello = hello_record();
    assert_eq!(said(31_337, &[&hello]), [HELLO]);
    assert_eq!(said(25, &[b"EHLO pc-7.example\r\n", b"STARTTLS\r\n", &hello]), [HELLO]);
    assert_eq!(
        said(5222, &[b"<stream:stream>", b"<starttls/>", &hello[..9], &hello[9..]]),
        [HELLO]
    );
}

#[test]
fn a_hello_is_found_behind_a_proxy() {
    let hello = hello_record();
    let connect = b"CONNECT mail.example:443 HTTP/1.1\r\nHost: mail.example:443\r\n\r\n";
    let expected = ["http CONNECT mail.example:443 mail.example:443", HELLO];
    assert_eq!(said(3128, &[connect, &hello]), expected);
    assert_eq!(said(3128, &[&[&connect[..], &hello].concat()]), expected, "in one segment");
    let socks = b"\x05\x01\0\x03\x0cmail.example\x01\xbb";
    assert_eq!(said(1080, &[b"\x05\x01\0", socks, &hello]), [HELLO]);
}

#[test]
fn a_hello_after_a_request_is_found_wherever_it_is_cut() {
    let hello = hello_record();
    let get = b"GET /a HTTP/1.1\r\nHost: www.example\r\n\r\n";
    for at in 1..hello.len() {
        let expected = ["http GET /a www.example", HELLO];
        assert_eq!(said(80, &[get, &hello[..at], &hello[at..]]), expected, "cut at {at}");
        let first = [&get[..], &hello[..at]].concat();
        assert_eq!(said(80, &[&first, &hello[at..]]), expected, "cut at {at}");
    }
}

#[test]
fn a_request_on_the_port_of_kerberos_or_ldap_is_found_wherever_it_is_cut() {
    let get = b"GET /a HTTP/1.1\r\nHost: www.example\r\n\r\n";
    for (port, at) in
        [88, 389].into_iter().flat_map(|port| (1..get.len()).map(move |at| (port, at)))
    {
        let heard = said(port, &[&get[..at], &get[at..]]);
        assert_eq!(heard, ["http GET /a www.example"], "port {port}, cut at {at}");
    }
}

#[test]
fn a_request_after_a_body_of_unknown_length_is_found_wherever_it_is_cut() {
    let put = b"PUT /b HTTP/1.1\r\nHost: www.example\r\nTransfer-Encoding: odd\r\n\r\n";
    let get = b"GET /a HTTP/1.1\r\nHost: www.example\r\n\r\n";
    for at in 1..get.len() {
        let heard = said(80, &[put, b"a body", &get[..at], &get[at..]]);
        assert_eq!(heard, ["http PUT /b www.example", "http GET /a www.example"], "cut at {at}");
    }
}

#[test]
fn every_request_of_a_connection_is_said_and_no_body_is_read() {
    let get = b"GET /a HTTP/1.1\r\nHost: www.example\r\n\r\n";
    let post = b"POST /b HTTP/1.1\r\nHost: www.example\r\nContent-Length: 20\r\n\r\n";
    let body = b"GET /c HTTP/1.1\r\n\r\n..";
    let heard = said(80, &[get, post, &body[..8], &body[8..20], get]);
    let expected =
        ["http GET /a www.example", "http POST /b www.example", "http GET /a www.example"];
    assert_eq!(heard, expected);
    let together = [&get[..], post, &body[..20], get].concat();
    assert_eq!(said(80, &[&together]), expected);
}

#[test]
fn a_request_after_a_body_that_was_never_captured_is_said() {
    let post = b"POST /b HTTP/1.1\r\nHost: www.example\r\nContent-Length: 5000\r\n\r\n";
    let get = b"GET /a HTTP/1.1\r\nHost: www.example\r\n\r\n";
    let next = 100 + u32::try_from(post.len()).unwrap() + 5_000;
    let frames = [client(100, post).on_port(80, 1), client(next, get).on_port(80, 1)];
    assert_eq!(hear(&frames), ["http POST /b www.example", "http GET /a www.example"]);
}

#[test]
fn dns_over_tcp_is_read_in_any_pieces() {
    let query = b"\0\x1d\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\0\0\x01\0\x01";
    let two = [&query[..], query].concat();
    let expected = ["dns_query www.example 1", "dns_query www.example 1"];
    for at in 1..two.len() {
        assert_eq!(said(53, &[&two[..at], &two[at..]]), expected, "cut at {at}");
    }
}

/// What is said of a stream between these ports where DNS is spoken on 53 and 5300.
fn with_port_5300(ports: [u16; 2], pieces: &[&[u8]]) -> Vec<Heard> {
    let dns_ports = DnsPorts::new(&[53, 5300]).expect("two ports");
    let mut wire = Wire::new(Settings { dns_ports, ..Settings::with_key([6; 16]) });
    let mut heard = Vec::new();
    let mut seq = 100_u32;
    for piece in pieces {
        let frame = client(seq, piece).on_ports(ports, 1);
        seq += u32::try_from(piece.len()).unwrap();
        feed(&mut wire, &frame, &mut |said| {
            heard.push(words(&said));
            Follow::No
        });
    }
    heard
}

#[test]
fn dns_over_tcp_on_a_configured_port_is_read_as_on_its_own() {
    // Two questions in one message: nothing but the port says that this is DNS.
    let odd = b"\0\x27\x12\x34\x01\0\0\x02\0\0\0\0\0\0\x03www\x07example\0\0\x01\0\x01\
        \x01a\x01b\0\0\x10\0\x01\0";
    let expected = ["dns_query www.example 1", "dns_query a.b 16"];
    for ports in [[PORT, 53], [PORT, 5300], [5300, PORT]] {
        for at in 1..odd.len() {
            let heard = with_port_5300(ports, &[&odd[..at], &odd[at..]]);
            assert_eq!(heard, expected, "{ports:?} cut at {at}");
        }
    }
    assert!(said(5300, &[odd]).is_empty(), "nobody configured it");
}

#[test]
fn a_configured_port_of_dns_hides_no_hello_and_no_request() {
    let hello = hello_record();
    let get = b"GET /a HTTP/1.1\r\nHost: www.example\r\n\r\n";
    for ports in [[5300, 443], [PORT, 5300], [5300, 80]] {
        assert_eq!(with_port_5300(ports, &[&hello[..70], &hello[70..]]), [HELLO], "{ports:?}");
        assert_eq!(with_port_5300(ports, &[get]), ["http GET /a www.example"], "{ports:?}");
    }
}

#[test]
fn dns_over_tcp_on_another_port_is_known_by_its_form_wherever_it_is_cut() {
    let query = b"\0\x1d\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\0\0\x01\0\x01";
    let two = [&query[..], query].concat();
    let expected = ["dns_query www.example 1", "dns_query www.example 1"];
    for at in 1..two.len() {
        assert_eq!(said(5300, &[&two[..at], &two[at..]]), expected, "cut at {at}");
    }
}

#[test]
fn no_other_stream_is_taken_for_dns_and_none_that_begins_like_it_hides_a_hello() {
    let query = b"\0\x1d\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\0\0\x01\0\x01";
    let hello = hello_record();
    for at in (0..query.len()).filter(|at| ![2, 3].contains(at)) {
        let mut bent = query.to_vec();
        bent[at] = 0xee;
        let heard = said(5300, &[&bent]);
        assert!(at > 13 || heard.is_empty(), "a bent header, {at}: {heard:?}");
        for end in 1..=at {
            assert_eq!(said(5300, &[&bent[..end], &hello]), [HELLO], "{at}, {end} octets");
        }
    }
}

#[test]
fn bulk_and_answers_say_nothing() {
    let bulk: Vec<&[u8]> = vec![&[0xa5; 1_400]; 200];
    assert!(said(6_881, &bulk).is_empty());
    let answer = server(900, b"HTTP/1.1 200 OK\r\n\r\nGET / HTTP/1.1\r\n\r\n").on_port(80, 1);
    assert!(hear(&[answer]).is_empty());
}

#[test]
fn a_copy_that_the_mirror_made_is_read_once_where_that_is_wanted() {
    let query = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\0\0\x01\0\x01";
    let mut frame = datagram(true, query, 1);
    frame.bytes[36..38].copy_from_slice(&53_u16.to_be_bytes());
    let mut copy = frame.clone();
    copy.bytes[22] -= 1;
    for (drop_copies, expected) in [(true, 1), (false, 2)] {
        let mut wire = Wire::new(Settings { drop_copies, ..Settings::with_key([6; 16]) });
        let mut heard = 0;
        for frame in [&frame, &copy] {
            feed(&mut wire, frame, &mut |_| {
                heard += 1;
                Follow::No
            });
        }
        assert_eq!(heard, expected);
        assert_eq!(wire.counters().copies, u64::from(drop_copies));
    }
}
