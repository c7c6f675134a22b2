//! WireGuard (its paper, section 5.4): the handshake's messages have one length each,
//! begin with their type and three octets of nought, and end in sixteen of nought unless
//! the other end is under attack.

use super::{End, Sealed};
use crate::reader::Reader;

pub(super) const NAME: &str = "wireguard";

const INITIATION: (u8, usize) = (1, 148);
const RESPONSE: (u8, usize) = (2, 92);
/// The second authenticator, nought where no cookie was asked for.
const NO_COOKIE: [u8; 16] = [0; 16];

/// Which end sent this handshake message, where it is one.
pub(super) fn handshake(datagram: &[u8]) -> Option<End> {
    let [kind, 0, 0, 0, ..] = *datagram else { return None };
    let end = match (kind, datagram.len()) {
        INITIATION => End::Client,
        RESPONSE => End::Server,
        _ => return None,
    };
    let (_, cookie) = datagram.split_last_chunk::<16>()?;
    (*cookie == NO_COOKIE).then_some(end)
}

/// The head of a packet in a session: the receiver's number for it, and a counter. What it
/// carries is padded to sixteen octets and followed by sixteen of an authenticator.
pub(super) fn transport(datagram: &[u8]) -> Option<Sealed> {
    let mut reader = Reader::new(datagram);
    let [4, 0, 0, 0] = reader.array()? else { return None };
    let of = reader.u32()?;
    let number = u32::from_le_bytes(reader.array()?);
    let far = reader.u32()?;
    let fits = reader.len() >= 16 && reader.len().is_multiple_of(16);
    (far == 0 && fits).then_some(Sealed { of, number })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, length: usize) -> Vec<u8> {
        let mut message = vec![0x5a; length];
        message[..4].copy_from_slice(&[kind, 0, 0, 0]);
        message[length - 16..].fill(0);
        message
    }

    #[test]
    fn both_messages_are_known_by_their_whole_form() {
        assert_eq!(handshake(&message(1, 148)), Some(End::Client));
        assert_eq!(handshake(&message(2, 92)), Some(End::Server));
    }

    #[test]
    fn a_sealed_packet_gives_its_session_and_counter() {
        let packet = [&[4, 0, 0, 0, 0, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0][..], &[7; 32]].concat();
        assert_eq!(transport(&packet), Some(Sealed { of: 256, number: 9 }));
        for end in (0..packet.len()).filter(|end| *end != 32) {
            assert_eq!(transport(&packet[..end]), None);
        }
    }

    #[test]
    fn a_message_one_octet_off_is_none() {
        for whole in [message(1, 148), message(2, 92)] {
            for end in 0..whole.len() {
                assert_eq!(handshake(&whole[..end]), None);
            }
            assert_eq!(handshake(&[&whole[..], &[0]].concat()), None);
            for at in (0..4).chain(whole.len() - 16..whole.len()) {
                let mut bent = whole.clone();
                bent[at] ^= 0x10;
                assert_eq!(handshake(&bent), None, "octet {at}");
            }
        }
    }
}
