//! QUIC Initials as a browser sends them: one hello in two sealed datagrams, cut into pieces
//! that come in no order.

use ring::aead::quic::{AES_128, HeaderProtectionKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};

/// RFC 9001 section 5.2.
const SALT: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad,
    0xcc, 0xbb, 0x7f, 0x0a,
];

/// What a datagram of Chromium's is filled up to.
const DATAGRAM: usize = 1_250;
/// Pieces of one hello.
const PIECES: usize = 14;

const PING: u8 = 1;
const CRYPTO: u8 = 6;

/// The two datagrams that carry a ClientHello message to the connection id `id`. Head and
/// tail lie in the first, so that no name can be read before both are in.
///
/// # Panics
/// Panics where the message is too long for two datagrams.
#[must_use]
pub fn initials(message: &[u8], id: [u8; 8]) -> [Vec<u8>; 2] {
    let size = message.len().div_ceil(PIECES);
    let pieces = message.chunks(size).enumerate().map(|(nth, piece)| {
        let mut frame = vec![CRYPTO];
        frame.extend(number(nth * size));
        frame.extend(number(piece.len()));
        frame.extend(piece);
        frame
    });
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for (nth, frame) in pieces.enumerate() {
        let is_edge = nth < 2 || nth + 2 >= PIECES;
        let frames = if is_edge || nth % 2 == 0 { &mut first } else { &mut second };
        // Later pieces stand before earlier ones.
        frames.splice(0..0, [&frame[..], &[PING, 0, 0]].concat());
    }
    [initial(id, 0, first), initial(id, 1, second)]
}

/// An Initial of version 1 around these frames, padded to a whole datagram.
///
/// # Panics
/// Panics where the frames are too long for one.
#[must_use]
pub fn initial(id: [u8; 8], packet_number: u8, mut frames: Vec<u8>) -> Vec<u8> {
    let initial = Salt::new(HKDF_SHA256, &SALT).extract(&id);
    let client = Prk::new_less_safe(HKDF_SHA256, &expand(&initial, b"tls13 client in", 32));
    let key = UnboundKey::new(&AES_128_GCM, &expand(&client, b"tls13 quic key", 16));
    let header = HeaderProtectionKey::new(&AES_128, &expand(&client, b"tls13 quic hp", 16));
    let mut nonce = [0; 12];
    nonce.copy_from_slice(&expand(&client, b"tls13 quic iv", 12));
    nonce[11] ^= packet_number;

    let mut packet = vec![0xc0, 0, 0, 0, 1, 8];
    packet.extend(id);
    packet.extend([0, 0]);
    let room = DATAGRAM - packet.len() - 2 - 1 - AES_128_GCM.tag_len();
    assert!(frames.len() <= room, "{} octets do not fit a datagram", frames.len());
    frames.resize(room, 0);
    packet.extend(number(1 + room + AES_128_GCM.tag_len()));
    let number_at = packet.len();
    packet.push(packet_number);
    LessSafeKey::new(key.expect("sixteen octets"))
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(&packet[..]),
            &mut frames,
        )
        .expect("sealed");
    packet.extend(frames);
    let mask = header
        .expect("sixteen octets")
        .new_mask(&packet[number_at + 4..number_at + 20])
        .expect("a sample");
    packet[0] ^= mask[0] & 0x0f;
    packet[number_at] ^= mask[1];
    packet
}

/// HKDF-Expand-Label (RFC 8446 section 7.1) with an empty context.
fn expand(secret: &Prk, label: &[u8], octets: usize) -> Vec<u8> {
    let length = u16::try_from(octets).expect("a short key").to_be_bytes();
    let label_length = u8::try_from(label.len()).expect("a short label");
    let mut key = vec![0; octets];
    secret
        .expand(&[&length, &[label_length], label, &[0]], Octets(octets))
        .and_then(|okm| okm.fill(&mut key))
        .expect("a short key");
    key
}

/// The length of what is expanded, where it is no key.
struct Octets(usize);

impl KeyType for Octets {
    fn len(&self) -> usize {
        self.0
    }
}

/// A variable-length integer (RFC 9000 section 16) of two octets, or one where it fits.
fn number(value: usize) -> Vec<u8> {
    match u8::try_from(value) {
        Ok(short) if short < 64 => vec![short],
        _ => (u16::try_from(value).expect("below 16,384") | 0x4000).to_be_bytes().to_vec(),
    }
}
