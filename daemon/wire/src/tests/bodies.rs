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
