//! IPsec: IKE (RFC 2408, RFC 7296), and ESP bare (RFC 4303) or in UDP (RFC 3948).

use super::{End, Sealed};
use crate::reader::Reader;

pub(super) const NAME: &str = "ipsec";

/// The number of ESP in an IP header.
pub(crate) const ESP: u8 = 50;

const IKE_PORT: u16 = 500;
const TRAVERSAL_PORT: u16 = 4500;

const VERSION_1: u8 = 0x10;
const VERSION_2: u8 = 0x20;
/// Exchanges that begin an association: version 1 main and aggressive, version 2.
const MAIN: u8 = 2;
const AGGRESSIVE: u8 = 4;
const SA_INIT: u8 = 34;
/// First payloads of these: the association; in version 2 a cookie may go before it.
const SA_1: u8 = 1;
const SA_2: u8 = 33;
const NOTIFY: u8 = 41;
const FROM_INITIATOR: u8 = 0x08;
const RESPONSE: u8 = 0x20;

/// Numbers below are not negotiated; nought marks IKE where ESP may come as well.
const FIRST_SPI: u32 = 256;
/// ESP is no shorter: its head, one block, and a check value.
const SHORTEST_ESP: usize = 8 + 8 + 8;

/// What a datagram between the ports of IPsec is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Traversal {
    /// The beginning of an association: proof by its form.
    Ike(End),
    /// What looks like ESP: proof once a second one follows it.
    Esp(Sealed),
}

/// Looks at a datagram by its ports and its octets.
pub(super) fn traversal(sport: u16, dport: u16, datagram: &[u8]) -> Option<Traversal> {
    let uses = |port| sport == port || dport == port;
    if uses(IKE_PORT) {
        return ike(datagram).map(Traversal::Ike);
    }
    if !uses(TRAVERSAL_PORT) {
        return None;
    }
    match datagram.strip_prefix(&[0, 0, 0, 0]) {
        Some(rest) => ike(rest).map(Traversal::Ike),
        None => esp(datagram).filter(|sealed| sealed.of >= FIRST_SPI).map(Traversal::Esp),
    }
}

/// Takes what ESP carries: only its head, association and sequence number, can be read.
pub(super) fn esp(packet: &[u8]) -> Option<Sealed> {
    let mut reader = Reader::new(packet);
    let (of, number) = (reader.u32()?, reader.u32()?);
    let fits = packet.len() >= SHORTEST_ESP && packet.len().is_multiple_of(2);
    (of > 0 && number > 0 && fits).then_some(Sealed { of, number })
}

/// Which end sent this message, where it begins an association.
fn ike(message: &[u8]) -> Option<End> {
    let mut reader = Reader::new(message);
    let initiator = reader.array::<8>()?;
    let responder = reader.array::<8>()?;
    let [payload, version, exchange, flags] = reader.array()?;
    let number = reader.u32()?;
    let length = usize::try_from(reader.u32()?).ok()?;
    let [_, _, high, low] = reader.array()?;
    let first = usize::from(u16::from_be_bytes([high, low]));
    let whole = length == message.len() && first >= 4 && first <= reader.len().saturating_add(4);
    if initiator == [0; 8] || number != 0 || !whole {
        return None;
    }
    let asks = responder == [0; 8];
    match (version, exchange, payload) {
        (VERSION_1, MAIN | AGGRESSIVE, SA_1) if flags == 0 => {
            Some(if asks { End::Client } else { End::Server })
        }
        (VERSION_2, SA_INIT, SA_2 | NOTIFY) => match flags {
            FROM_INITIATOR if asks || payload == NOTIFY => Some(End::Client),
            RESPONSE => Some(End::Server),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(responder: u8, head: [u8; 4]) -> Vec<u8> {
        let mut message = vec![7; 8];
        message.extend([responder; 8]);
        message.extend(head);
        message.extend([0, 0, 0, 0, 0, 0, 0, 40]);
        message.extend([0, 0, 0, 12, 0, 0, 0, 8, 1, 1, 0, 0]);
        message
    }

    #[test]
    fn the_beginning_of_an_association_is_known_in_both_versions() {
        for (responder, head, end) in [
            (0, [1, 0x10, 2, 0], Some(End::Client)),
            (9, [1, 0x10, 4, 0], Some(End::Server)),
            (0, [33, 0x20, 34, 0x08], Some(End::Client)),
            (9, [33, 0x20, 34, 0x20], Some(End::Server)),
            (9, [33, 0x20, 35, 0x08], None),
            (0, [33, 0x30, 34, 0x08], None),
        ] {
            let message = message(responder, head);
            assert_eq!(traversal(500, 500, &message), end.map(Traversal::Ike));
            let marked = [&[0; 4], &message[..]].concat();
            assert_eq!(traversal(50_000, 4500, &marked), end.map(Traversal::Ike));
            assert_eq!(traversal(50_000, 50_001, &message), None);
        }
    }

    #[test]
    fn a_length_that_lies_and_every_prefix_are_none() {
        let whole = message(0, [33, 0x20, 34, 0x08]);
        for end in 0..whole.len() {
            assert_eq!(ike(&whole[..end]), None);
        }
        assert_eq!(ike(&[&whole[..], &[0]].concat()), None);
        for at in 0..whole.len() {
            for octet in 0..=255 {
                let mut bent = whole.clone();
                bent[at] = octet;
                let _ = traversal(500, 4500, &bent);
            }
        }
    }

    #[test]
    fn the_head_of_esp_is_read_and_what_keeps_a_way_open_is_not() {
        let packet = [&[0, 0, 1, 0, 0, 0, 0, 1][..], &[0xee; 24]].concat();
        let sealed = Sealed { of: 256, number: 1 };
        assert_eq!(traversal(4500, 50_000, &packet), Some(Traversal::Esp(sealed)));
        assert_eq!(traversal(4500, 4500, &[0xff]), None, "a keepalive");
        let reserved = [&[0, 0, 0, 255, 0, 0, 0, 1][..], &[0xee; 24]].concat();
        assert_eq!(traversal(4500, 4500, &reserved), None);
        assert_eq!(esp(&reserved), Some(Sealed { of: 255, number: 1 }), "keyed by hand");
        for end in 0..SHORTEST_ESP {
            assert_eq!(esp(&packet[..end]), None);
        }
    }
}
