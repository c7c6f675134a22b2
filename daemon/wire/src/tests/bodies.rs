//! What looks like a request or a hello in the body of a message: nobody asked for that name.

use super::*;

const GET: &[u8] = b"GET /never HTTP/1.1\r\nHost: never.example\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n";

/// Segments one behind the other from one end, on a port of the server.
fn sent(from_client: bool, port: u16, pieces: &[&[u8]]) -> Vec<Frame> {
    let mut seq = 100_u32;
    let mut frames = Vec::new();
    for piece in pieces {
        let segment = if from_client { client(seq, piece) } else { server(seq, piece) };
        frames.push(segment.on_port(port, 1));
        seq += u32::try_from(piece.len()).unwrap();
    }
    frames
}

#[test]
fn a_request_or_a_hello_in_the_body_of_an_answer_is_not_said_as_the_servers() {
    let (hello, text) = (hello_record(), [b'x'; 1_000]);
    for port in [80, 8_080, 9_999] {
        for inner in [GET, &hello] {
            let answer = sent(false, port, &[ANSWER, inner, &text, inner]);
            assert!(hear(&answer).is_empty(), "{port}, its client was not seen");
            let mut both = sent(true, port, &[b"GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n"]);
            both.extend(answer);
            assert_eq!(hear(&both), ["http GET /a a.example"], "{port}");
            // The same where the capture began in the middle of the body.
            let mut both = both[..1].to_vec();
            both.extend(sent(false, port, &[&text, inner]));
            assert_eq!(hear(&both), ["http GET /a a.example"], "{port}");
        }
    }
    assert!(hear(&sent(false, 8_080, &[&text, GET])).is_empty());
}

#[test]
fn a_client_that_was_seen_to_begin_may_say_anything_first_from_any_port() {
    let hello = hello_record();
    for own in [80, 8_080, PORT] {
        let ports = [own, 9_999];
        let frames = [
            syn(99).on_ports(ports, 1),
            client(100, ANSWER).on_ports(ports, 1).hops(2),
            client(100, &hello).on_ports(ports, 1),
        ];
        assert_eq!(hear(&frames), ["hello mail.example [] ech false"], "{own}");
        let doubtful = [&[syn(7).on_ports(ports, 1)], &frames[..]].concat();
        assert_eq!(hear(&doubtful), ["hello mail.example [] ech false"], "{own}");
    }
}

#[test]
fn a_hello_in_the_body_of_a_request_is_not_said_as_the_clients() {
    let (hello, text) = (hello_record(), [b'x'; 500]);
    let sized = b"POST /up HTTP/1.1\r\nHost: up.example\r\nContent-Length: 6000\r\n\r\n";
    let chunked =
        b"POST /up HTTP/1.1\r\nHost: up.example\r\nTransfer-Encoding: chunked\r\n\r\n1770\r\n";
    for head in [&sized[..], chunked] {
        for before in 0..12 {
            let mut pieces = vec![head];
            pieces.extend(std::iter::repeat_n(&text[..], before));
            pieces.extend([&hello[..], &hello[..9], &hello[9..], &hello]);
            for begin in [None, Some(syn(99).on_port(80, 1))] {
                let frames: Vec<_> = begin.into_iter().chain(sent(true, 80, &pieces)).collect();
                assert_eq!(hear(&frames), ["http POST /up up.example"], "{before}");
            }
        }
    }
}

#[test]
fn a_body_that_never_arrives_hides_no_hello_among_its_octets() {
    let hello = hello_record();
    let decoy = b"POST /up HTTP/1.1\r\nHost: up.example\r\nContent-Length: 6000\r\n\r\n";
    let words = [&b"EHLO "[..], &[b'a'; 80], b".example\r\nSTARTTLS\r\n"].concat();
    let at = 100 + u32::try_from(words.len()).unwrap();
    let begin = [syn(99).on_port(80, 1), client(100, decoy).on_port(80, 1).hops(2)];
    let (one, two) = (client(100, &words).on_port(80, 1), client(at, &hello).on_port(80, 1));
    for rest in [[one.clone(), two.clone()], [two, one]] {
        let heard = hear(&[&begin[..], &rest].concat());
        assert!(heard.iter().any(|one| one.starts_with("hello mail")), "{heard:?}");
    }
}

const LYING: &[u8] = b"POST /u HTTP/1.1\r\nHost: up.example\r\nContent-Length: 1000000000\r\n\r\n";
const POSTED: &str = "http POST /u up.example";
const ASKED: &str = "http GET /never never.example";
const HELLO: &str = "hello mail.example [] ech false";

fn length(octets: &[u8]) -> u32 {
    u32::try_from(octets.len()).unwrap()
}

#[test]
fn a_request_before_the_beginning_of_a_stream_has_no_body_in_it() {
    let hello = hello_record();
    let chunked =
        b"POST /u HTTP/1.1\r\nHost: up.example\r\nTransfer-Encoding: chunked\r\n\r\n3b9aca00\r\n";
    for (port, decoy) in [80, 443, 8_080, 9_999].into_iter().zip([LYING, chunked].repeat(2)) {
        for (back, cut) in [0, 1, 700].into_iter().flat_map(|back| [(back, 0), (back, 30)]) {
            for (real, said) in [(&hello[..], HELLO), (GET, ASKED)] {
                let at = 90_000 - length(decoy) - back;
                let (one, two) = decoy.split_at(cut);
                let mut frames = vec![syn(89_999).on_port(port, 1)];
                if cut > 0 {
                    frames.push(client(at, one).on_port(port, 1).hops(1));
                }
                let from = at + length(one);
                frames.push(client(from, two).on_port(port, 1).hops(1));
                frames.push(server(900, b"").on_port(port, 1));
                let (first, rest) = real.split_at(20);
                let mut whole = frames.clone();
                whole.push(client(90_000, real).on_port(port, 1));
                assert_eq!(hear(&whole), [POSTED, said], "{port} {back} {cut}");
                frames.push(client(90_000, first).on_port(port, 1));
                frames.push(client(90_000 + 20, rest).on_port(port, 1));
                assert_eq!(hear(&frames), [POSTED, said], "{port} {back} {cut} in two");
            }
        }
    }
}

#[test]
fn a_second_syn_begins_anew_whatever_length_was_declared() {
    let hello = hello_record();
    for port in [80, 443, 9_999] {
        for (real, said) in [(&hello[..], HELLO), (GET, ASKED)] {
            let (one, two) = (syn(99).on_port(port, 1), syn(69_999).on_port(port, 1));
            let (decoy, real) = (client(100, LYING), client(70_000, real).on_port(port, 1));
            let decoy = decoy.on_port(port, 1).hops(1);
            for before in [[&one, &decoy, &two], [&two, &one, &decoy], [&one, &two, &decoy]] {
                let frames: Vec<_> = before.into_iter().chain([&real]).cloned().collect();
                let heard = hear(&frames);
                assert_eq!(heard, [POSTED, said], "{port}");
            }
        }
    }
}

#[test]
fn what_a_client_says_like_a_server_hides_no_request_and_no_hello() {
    let hello = hello_record();
    for port in [80, 443, 8_080] {
        for (real, said) in [(&hello[..], HELLO), (GET, ASKED)] {
            for begin in [None, Some(syn(99).on_port(port, 1))] {
                for decoy in [ANSWER, b"HTTP/1.1 "] {
                    for at in [100, 100 + length(decoy)] {
                        let mut frames: Vec<_> = begin.clone().into_iter().collect();
                        frames.push(client(100, decoy).on_port(port, 1).hops(1));
                        let answer = Tcp { flags: "SA", ..server(899, b"") };
                        frames.push(answer.on_port(port, 1));
                        frames.push(client(at, real).on_port(port, 1));
                        let heard = hear(&frames);
                        assert!(heard.iter().any(|one| one == said), "{port} {at} {heard:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_feigned_answer_in_the_place_of_a_hello_or_a_request_hides_neither_on_any_port() {
    let hello = hello_record();
    for ports in [[80, PORT], [PORT, 9_999], [8_080, 9_999]] {
        for (real, said) in [(&hello[..], HELLO), (GET, ASKED)] {
            let real = client(100, real).on_ports(ports, 1);
            let decoy = client(100, ANSWER).on_ports(ports, 1).hops(1);
            let heard = hear(&[decoy, real.clone()]);
            assert!(heard.iter().any(|one| one == said), "{ports:?} {heard:?}");
            assert_eq!(hear(&[real]), [said], "{ports:?}");
        }
    }
}

#[test]
fn a_feigned_request_of_a_server_makes_no_answer_of_its_clients_hello() {
    let hello = hello_record();
    for port in [443, 9_999] {
        let frames = [server(900, GET).on_port(port, 1), client(100, &hello).on_port(port, 1)];
        assert_eq!(hear(&frames).last().map(String::as_str), Some(HELLO), "{port}");
    }
}

#[test]
fn a_length_declared_in_clear_to_a_port_of_tls_hides_no_hello_wherever_that_comes() {
    let hello = hello_record();
    for at in [100 + length(LYING), 70_000, 3_000_000] {
        let frames = [client(100, LYING).at(1).hops(1), client(at, &hello).at(1)];
        assert_eq!(hear(&frames), [POSTED, HELLO], "{at}");
    }
}
