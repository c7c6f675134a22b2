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
