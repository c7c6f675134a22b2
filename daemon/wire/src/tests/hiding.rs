//! Ways in which a client may hide what it says, each named after the complaint.

use super::*;
use crate::hello::forge;
use crate::quic::initial;

const GET: &[u8] = b"GET /x HTTP/1.1\r\nHost: www.example\r\n\r\n";

/// An Initial with a whole hello: of one CRYPTO frame at offset nought.
fn quic_hello() -> Vec<u8> {
    let message = forge::hello(Some("www.example"), &["h3"], 0);
    let length = (u16::try_from(message.len()).unwrap() | 0x4000).to_be_bytes();
    initial(1, b"8 octets", 0, &[&[6, 0][..], &length, &message].concat())
}

#[test]
fn no_port_of_another_protocol_hides_a_hello_over_quic() {
    let ports = [53, 67, 68, 88, 500, 546, 547, 1812, 1813, 4500, 5353, 5355];
    for port in ports {
        for ports in [[port, 443], [PORT, port]] {
            let heard = hear(&[datagram_on(ports, true, &quic_hello(), 1)]);
            assert_eq!(heard, ["hello www.example [\"h3\"] ech false"], "{ports:?}");
        }
    }
}

#[test]
fn a_source_port_of_dns_hides_no_request_wherever_it_is_cut() {
    for cut in 1..GET.len() {
        let frames = [
            syn(999).on_ports([53, 80], 1),
            client(1_000, &GET[..cut]).on_ports([53, 80], 1),
            client(1_000 + u32::try_from(cut).unwrap(), &GET[cut..]).on_ports([53, 80], 1),
        ];
        assert_eq!(hear(&frames), ["http GET /x www.example"], "{cut}");
    }
}

#[test]
fn a_request_without_its_empty_line_from_a_port_of_dns_is_found_wherever_it_is_cut() {
    for method in ["GET", "PUT", "OPTIONS", "PROPFIND"] {
        let request = format!("{method} /x HTTP/1.1\r\nHost: www.example\r\n");
        for cut in 1..request.len() {
            let (one, two) = request.as_bytes().split_at(cut);
            let frames = [
                syn(999).on_ports([53, 80], 1),
                client(1_000, one).on_ports([53, 80], 1),
                client(1_000 + u32::try_from(cut).unwrap(), two).on_ports([53, 80], 1),
            ];
            let expected = [format!("http {method} /x www.example")];
            assert_eq!(hear(&frames), expected, "{cut}");
            assert_eq!(hear(&frames[1..]), expected, "{cut}, its beginning was not seen");
        }
    }
}

const HEARD: &str = "hello www.example [] ech false";

fn tls_hello() -> Vec<u8> {
    forge::record(&forge::hello(Some("www.example"), &[], 0))
}

/// A hello after this: whole, and in two pieces cut here and there.
fn after(before: &[Frame]) -> Vec<Vec<Heard>> {
    let stream = tls_hello();
    let cuts = [0, 6, 40, stream.len() - 1];
    let heard = cuts.iter().map(|cut| {
        let (one, two) = stream.split_at(*cut);
        let mut frames = before.to_vec();
        frames.push(client(1_000, one).at(1));
        frames.push(client(1_000 + u32::try_from(*cut).unwrap(), two).at(1));
        hear(&frames)
    });
    heard.collect()
}

#[test]
fn nothing_that_never_arrives_hides_a_hello_in_its_place() {
    let whole = vec![b'A'; tls_hello().len()];
    let half = [&tls_hello()[..6], &[0xee; 40]].concat();
    let decoys: [&[u8]; 9] =
        [&whole, b"x", b"S", b"G", GET, &GET[..20], b"SSH-2.0-OpenSSH_9\r\n", &half, &[0; 9]];
    for decoy in decoys {
        for heard in after(&[syn(999).at(1), client(1_000, decoy).at(1)]) {
            assert!(heard.iter().any(|h| h == HEARD), "{decoy:?}: {heard:?}");
        }
    }
}

#[test]
fn octets_in_a_syn_and_a_second_syn_hide_no_hello() {
    let full = Tcp { payload: &[b'B'; 600], ..syn(999) };
    for before in [&[full][..], &[syn(999), syn(1_999)], &[syn(999), syn(1_000)]] {
        let before: Vec<_> = before.iter().map(|syn| syn.at(1)).collect();
        for heard in after(&before) {
            assert_eq!(heard, [HEARD]);
        }
    }
}

#[test]
fn a_second_syn_with_another_number_hides_no_hello_whose_second_piece_comes_first() {
    let stream = tls_hello();
    for other in [[999, 60_000], [60_000, 999], [999, 500]] {
        for cut in [1, 6, 40, stream.len() - 1] {
            let (one, two) = stream.split_at(cut);
            let (one, two) = (client(1_000, one), client(at(cut), two));
            for order in [[one, two], [two, one]] {
                for seqs in [&other[..], &[other[0], other[1], 70_000]] {
                    let mut frames: Vec<_> = seqs.iter().map(|seq| syn(*seq).at(1)).collect();
                    frames.extend(order.iter().map(|segment| segment.at(1)));
                    assert_eq!(hear(&frames), [HEARD], "{seqs:?} cut at {cut}");
                }
            }
        }
    }
}

fn at(offset: usize) -> u32 {
    1_000 + u32::try_from(offset).unwrap()
}

#[test]
fn a_segment_outside_the_window_ends_no_hello() {
    let stream = tls_hello();
    let last = u32::try_from(stream.len()).unwrap() - 1;
    for cut in [3, 6, 40] {
        let (one, two) = stream.split_at(cut);
        let one = client(1_000, one);
        let two = client(1_000 + u32::try_from(cut).unwrap(), two);
        for far in [70_000, 201_000, u32::MAX / 2] {
            let far = client(far, b"x");
            for order in [[one, far, two], [two, far, one]] {
                let mut frames = vec![syn(999).at(1)];
                frames.extend(order.iter().map(|segment| segment.at(1)));
                assert_eq!(hear(&frames), [HEARD], "{cut}");
            }
        }
    }
    let mut holes = vec![syn(999).at(1), client(1_000, &stream[..40]).at(1)];
    holes.extend((1..200).map(|n| client(1_000 + last + 2 * n, b"x").at(1)));
    holes.push(client(1_040, &stream[40..]).at(1));
    assert_eq!(hear(&holes), [HEARD], "many holes");
}

#[test]
fn blank_lines_before_the_first_request_hide_it_nowhere() {
    for lines in [&b"\r\n"[..], b"\r\n\r\n\r\n"] {
        let frames = [syn(999).at(1), client(1_000, &[lines, GET].concat()).at(1)];
        assert_eq!(hear(&frames), ["http GET /x www.example"]);
    }
}

#[test]
fn a_question_as_long_as_a_handshake_of_wireguard_is_a_question() {
    let mut question = b"\x01\0\0\0\0\x01\0\0\0\0\0\x01\x03www\x07example\0\0\x01\0\x01".to_vec();
    let padding = 148 - question.len() - 11;
    question.extend(b"\0\0\x29\x10\0\0\0\0\0");
    question.extend(u16::try_from(padding).unwrap().to_be_bytes());
    question.resize(148, 0);
    for port in [53, 5353, 5355, 5300] {
        let heard = hear(&[datagram_on([PORT, port], true, &question, 1)]);
        assert_eq!(heard, ["dns_query www.example 1"], "{port}");
    }
}
