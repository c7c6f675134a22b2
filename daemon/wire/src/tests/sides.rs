//! Who is the client: low source ports, unusual ports, and a beginning that was not seen.

use super::*;
use crate::hello::forge;

const HEARD: &str = "hello www.example [] ech false";

fn tls_hello() -> Vec<u8> {
    forge::record(&forge::hello(Some("www.example"), &[], 0))
}

#[test]
fn a_low_source_port_hides_no_hello_wherever_it_is_cut() {
    let stream = tls_hello();
    for own in [443, 1_000] {
        for (cut, far, with_syn) in (1..stream.len())
            .flat_map(|cut| [(cut, 8443, true), (cut, 9_000, true), (cut, 8443, false)])
        {
            let ports = [own, far];
            let (one, two) = stream.split_at(cut);
            let mut frames = vec![];
            if with_syn {
                frames.push(syn(999).on_ports(ports, 1));
            } else if cut < 6 {
                continue;
            }
            frames.push(client(1_000, one).on_ports(ports, 1));
            frames.push(client(1_000 + u32::try_from(cut).unwrap(), two).on_ports(ports, 1));
            assert_eq!(hear(&frames), [HEARD], "{ports:?} {cut} {with_syn}");
        }
    }
}

#[test]
fn a_low_source_port_hides_no_request() {
    let get = b"GET /x HTTP/1.1\r\nHost: www.example\r\n\r\n";
    for cut in 0..get.len() {
        let ports = [1_000, 8_080];
        let frames = [
            syn(999).on_ports(ports, 1),
            client(1_000, &get[..cut]).on_ports(ports, 1),
            client(1_000 + u32::try_from(cut).unwrap(), &get[cut..]).on_ports(ports, 1),
        ];
        assert_eq!(hear(&frames), ["http GET /x www.example"], "{cut}");
    }
}

#[test]
fn a_hello_without_a_syn_whose_second_piece_came_first_is_found_on_any_port() {
    let stream = tls_hello();
    for port in [443, 587, 9_443, 31_337] {
        for cut in 1..stream.len() {
            let two = client(1_000 + u32::try_from(cut).unwrap(), &stream[cut..]).on_port(port, 1);
            let frames = [two, client(1_000, &stream[..cut]).on_port(port, 1)];
            // A piece under six octets is known for a beginning only if it comes first.
            if cut >= 6 {
                assert_eq!(hear(&frames), [HEARD], "{port} {cut}");
            }
        }
    }
}

#[test]
fn a_request_after_a_body_whose_beginning_was_not_seen_is_said() {
    let get = b"GET /x HTTP/1.1\r\nHost: www.example\r\n\r\n";
    for port in [80, 8_080, 443] {
        let frames =
            [client(1_000, &[0xee; 700]).on_port(port, 1), client(1_700, get).on_port(port, 1)];
        assert_eq!(hear(&frames), ["http GET /x www.example"], "{port}");
    }
}

#[test]
fn what_a_server_sends_to_a_client_with_a_low_port_is_not_taken_for_a_request() {
    let bulk = b"HTTP/1.1 200 OK\r\n\r\nGET /no HTTP/1.1\r\nHost: no.example\r\n\r\n";
    let frames = [syn(999).on_ports([1_000, 80], 1), server(900, bulk).on_ports([1_000, 80], 1)];
    assert!(hear(&frames).is_empty());
}
