//! QUIC Initials as a client seals them (RFC 9001 section 5), for tests alone.

use std::fmt;

use ring::aead::quic::{AES_128, HeaderProtectionKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Okm, Prk, Salt};

/// RFC 9001 section 5.2.
const SALT: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad,
    0xcc, 0xbb, 0x7f, 0x0a,
];

/// A client's keys for one connection id.
pub struct Sealer {
    version: u32,
    id: Vec<u8>,
    packet: LessSafeKey,
    iv: [u8; NONCE_LEN],
    header: HeaderProtectionKey,
}

impl Sealer {
    /// The keys of this connection id, under the salt of version 1.
    ///
    /// # Panics
    /// Panics where the id is longer than 20 octets.
    #[must_use]
    pub fn new(version: u32, id: &[u8]) -> Self {
        assert!(id.len() <= 20, "a connection id has 20 octets at most");
        let initial = Salt::new(HKDF_SHA256, &SALT).extract(id);
        let client = expand(&initial, b"client in", HKDF_SHA256, |okm| Prk::from(okm));
        let mut iv = [0; NONCE_LEN];
        expand(&client, b"quic iv", Octets(NONCE_LEN), |okm| okm.fill(&mut iv)).expect("an iv");
        let key = expand(&client, b"quic key", &AES_128_GCM, |okm| UnboundKey::from(okm));
        let header = expand(&client, b"quic hp", &AES_128, |okm| HeaderProtectionKey::from(okm));
        Self { version, id: id.to_vec(), packet: LessSafeKey::new(key), iv, header }
    }

    /// An Initial with this number around these frames, padded as far as sealing needs.
    ///
    /// # Panics
    /// Panics where the frames are longer than a datagram.
    #[must_use]
    pub fn initial(&self, number: u8, frames: &[u8]) -> Vec<u8> {
        let mut sealed = frames.to_vec();
        sealed.resize(frames.len().max(4), 0);
        let length = u32::try_from(sealed.len() + 1 + 16).expect("a datagram") | 0x8000_0000;
        let mut packet = vec![0xc0];
        packet.extend(self.version.to_be_bytes());
        packet.push(u8::try_from(self.id.len()).expect("a short id"));
        packet.extend(&self.id);
        packet.extend([2, 0xaa, 0xbb, 0]);
        packet.extend(length.to_be_bytes());
        let number_at = packet.len();
        packet.push(number);
        let mut nonce = self.iv;
        nonce[NONCE_LEN - 1] ^= number;
        let nonce = Nonce::assume_unique_for_key(nonce);
        let aad = Aad::from(&packet[..]);
        self.packet.seal_in_place_append_tag(nonce, aad, &mut sealed).expect("sealed");
        packet.extend(sealed);
        let sample = &packet[number_at + 4..number_at + 20];
        let mask = self.header.new_mask(sample).expect("a mask");
        packet[0] ^= mask[0] & 0x0f;
        packet[number_at] ^= mask[1];
        packet
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").field("version", &self.version).finish_non_exhaustive()
    }
}

/// A CRYPTO frame (RFC 9000 section 19.6); offset and length take two octets each.
///
/// # Panics
/// Panics where a number does not fit two octets.
#[must_use]
pub fn crypto(offset: usize, octets: &[u8]) -> Vec<u8> {
    let number = |n: usize| {
        let n = u16::try_from(n).ok().filter(|n| *n < 0x4000).expect("a number of two octets");
        (n | 0x4000).to_be_bytes()
    };
    [&[6][..], &number(offset), &number(octets.len()), octets].concat()
}

/// The length of what is expanded, where it is no key of ring's.
struct Octets(usize);

impl KeyType for Octets {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-Expand-Label (RFC 8446 section 7.1) with an empty context.
fn expand<L: KeyType, T>(
    secret: &Prk,
    label: &[u8],
    kind: L,
    make: impl FnOnce(Okm<'_, L>) -> T,
) -> T {
    let length = u16::try_from(kind.len()).expect("a short key").to_be_bytes();
    let label = [b"tls13 ", label].concat();
    let label_length = [u8::try_from(label.len()).expect("a short label")];
    make(secret.expand(&[&length, &label_length, &label, &[0]], kind).expect("a short key"))
}

/// The octets that CRYPTO frames give each place of their stream, in the order in which they
/// came (RFC 9000 section 19.6): where frames overlap, a receiver may take any of them. Other
/// frames end it.
#[must_use]
pub fn laid_out(frames: &[u8]) -> Vec<Vec<u8>> {
    const LONGEST: usize = 1 << 16;
    let mut places: Vec<Vec<u8>> = Vec::new();
    let mut rest = frames;
    while let [kind, after @ ..] = rest {
        rest = after;
        if *kind <= 1 {
            continue;
        }
        let (Some(offset), Some(length)) = (varint(&mut rest), varint(&mut rest)) else { break };
        let Some(data) = rest.get(..length).filter(|_| *kind == 6 && offset < LONGEST) else {
            break;
        };
        rest = &rest[length..];
        let end = offset + length;
        places.resize(places.len().max(end), Vec::new());
        places[offset..end].iter_mut().zip(data).for_each(|(place, octet)| place.push(*octet));
    }
    places
}

/// A number of RFC 9000 section 16 at the front.
fn varint(rest: &mut &[u8]) -> Option<usize> {
    let first = *rest.first()?;
    let (number, after) = rest.split_at_checked(1 << (first >> 6))?;
    *rest = after;
    let number = number.iter().skip(1).fold(u64::from(first & 0x3f), |n, o| n << 8 | u64::from(*o));
    usize::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9001 appendix A.1: the keys of connection id 8394c8f03e515708.
    #[test]
    fn the_keys_are_those_of_the_rfc() {
        let sealer = Sealer::new(1, &[0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08]);
        let iv = [0xfa, 0x04, 0x4b, 0x2f, 0x42, 0xa3, 0xfd, 0x3b, 0x46, 0xfb, 0x25, 0x5c];
        assert_eq!(sealer.iv, iv);
        // Appendix A.2: the sample and its mask.
        let sample = 0xd1b1_c98d_d768_9fb8_ec11_d242_b123_dc9b_u128.to_be_bytes();
        assert_eq!(sealer.header.new_mask(&sample).unwrap(), [0x43, 0x7b, 0x9a, 0xec, 0x36]);
    }

    #[test]
    fn a_crypto_frame_tells_where_its_octets_belong() {
        assert_eq!(crypto(300, b"ab"), [6, 0x41, 0x2c, 0x40, 2, b'a', b'b']);
    }

    #[test]
    fn frames_that_overlap_are_laid_out_in_every_version() {
        let frames = [&[6, 2, 1, b'x', 1, 6, 0, 4][..], b"abcd"].concat();
        assert_eq!(laid_out(&frames), [&b"a"[..], b"b", b"xc", b"d"]);
        assert!(laid_out(&[6, 0, 9, 1]).is_empty());
    }
}
