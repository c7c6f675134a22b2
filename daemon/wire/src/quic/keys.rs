//! Initial keys: derived from the connection id by a salt that each version publishes.

use std::ops::Range;

use ring::aead::quic::{AES_128, HeaderProtectionKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};

use super::header::{ConnectionId, Kind, Long};
use crate::limits::{MOST_KEYS_DERIVED, MOST_KEYS_KEPT};

/// RFC 9001 section 5.2, also drafts 33 and 34.
const SALT_V1: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad,
    0xcc, 0xbb, 0x7f, 0x0a,
];
/// RFC 9369 section 3.3.1.
const SALT_V2: [u8; 20] = [
    0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb,
    0xf9, 0xbd, 0x2e, 0xd9,
];
/// draft-ietf-quic-tls-29 to 32.
const SALT_DRAFT_29: [u8; 20] = [
    0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0,
    0x43, 0x90, 0xa8, 0x99,
];
/// draft-ietf-quic-tls-23 to 28.
const SALT_DRAFT_23: [u8; 20] = [
    0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65,
    0xbe, 0xf9, 0xf5, 0x02,
];
/// draft-ietf-quic-tls-21 and 22, whose second has the header of all later ones.
const SALT_DRAFT_22: [u8; 20] = [
    0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a, 0x96, 0xcd, 0x21, 0x51, 0x9e, 0xbd,
    0x7a, 0x02, 0x64, 0x4a,
];
/// Google's version T050, the first of theirs with a TLS handshake.
const SALT_T050: [u8; 20] = [
    0x7f, 0xf5, 0x79, 0xe5, 0xac, 0xd0, 0x72, 0x91, 0x55, 0x80, 0x30, 0x4c, 0x43, 0xa2, 0x36, 0x7c,
    0x60, 0x48, 0x83, 0x10,
];
/// Google's version T051.
const SALT_T051: [u8; 20] = [
    0x7a, 0x4e, 0xde, 0xf4, 0xe7, 0xcc, 0xee, 0x5f, 0xa4, 0x50, 0x6c, 0x19, 0x12, 0x4f, 0xc8, 0xcc,
    0xda, 0x6e, 0x03, 0x3d,
];

const V2: u32 = 0x6b33_43cf;
const T050: u32 = 0x5430_3530;
const T051: u32 = 0x5430_3531;

/// A version whose Initials can be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version {
    number: u32,
    salt: &'static [u8; 20],
}

impl Version {
    /// The version of this number, if its salt is known.
    pub(super) const fn known(number: u32) -> Option<Self> {
        let salt = match number {
            0x0000_0001 | 0xff00_0021..=0xff00_0022 => &SALT_V1,
            V2 => &SALT_V2,
            0xff00_001d..=0xff00_0020 => &SALT_DRAFT_29,
            // The numbers of one large operator's builds of drafts 27 and 22.
            0xff00_0017..=0xff00_001c | 0xface_b002 | 0xface_b00e => &SALT_DRAFT_23,
            0xff00_0016 | 0xface_b001 => &SALT_DRAFT_22,
            T050 => &SALT_T050,
            T051 => &SALT_T051,
            // Reserved to call for version negotiation (RFC 9000 section 15); seen sealed
            // as in draft 29.
            reserved if reserved & 0x0f0f_0f0f == 0x0a0a_0a0a => &SALT_DRAFT_29,
            _ => return None,
        };
        Some(Self { number, salt })
    }

    pub(super) const fn number(self) -> u32 {
        self.number
    }

    /// The kind of packet; version 2 numbers them anew (RFC 9369 section 3.2).
    pub(super) const fn kind(self, first: u8) -> Kind {
        let bits = (first >> 4) & 0b11;
        let bits = if self.number == V2 { bits.wrapping_sub(1) & 0b11 } else { bits };
        match bits {
            0 => Kind::Initial,
            1 => Kind::ZeroRtt,
            2 => Kind::Handshake,
            _ => Kind::Retry,
        }
    }

    fn ready_salt(self) -> Salt {
        Salt::new(HKDF_SHA256, self.salt)
    }

    const fn labels(self) -> [&'static [u8]; 3] {
        if self.number == V2 {
            [b"tls13 quicv2 key", b"tls13 quicv2 iv", b"tls13 quicv2 hp"]
        } else {
            [b"tls13 quic key", b"tls13 quic iv", b"tls13 quic hp"]
        }
    }
}

/// The keys with which a client seals its Initials.
struct Keys {
    packet: LessSafeKey,
    iv: [u8; NONCE_LEN],
    header: HeaderProtectionKey,
}

/// The length of what is expanded, where it is no key of ring's.
struct Octets(usize);

impl KeyType for Octets {
    fn len(&self) -> usize {
        self.0
    }
}

impl Keys {
    fn derive(version: Version, salt: &Salt, id: &ConnectionId) -> Option<Self> {
        let initial = salt.extract(id.as_slice());
        let client = expand(&initial, b"tls13 client in", HKDF_SHA256, |okm| Prk::from(okm))?;
        let [key, iv, header] = version.labels();
        let mut nonce = [0; NONCE_LEN];
        expand(&client, iv, Octets(NONCE_LEN), |okm| okm.fill(&mut nonce))?.ok()?;
        Some(Self {
            packet: LessSafeKey::new(expand(&client, key, &AES_128_GCM, |okm| {
                UnboundKey::from(okm)
            })?),
            iv: nonce,
            header: expand(&client, header, &AES_128, |okm| HeaderProtectionKey::from(okm))?,
        })
    }
}

/// HKDF-Expand-Label (RFC 8446 section 7.1) with an empty context.
fn expand<L: KeyType, T>(
    secret: &Prk,
    label: &[u8],
    kind: L,
    make: impl FnOnce(ring::hkdf::Okm<'_, L>) -> T,
) -> Option<T> {
    let length = u16::try_from(kind.len()).ok()?.to_be_bytes();
    let label_length = [u8::try_from(label.len()).ok()?];
    let info = [&length[..], &label_length, label, &[0]];
    let okm = secret.expand(&info, kind).ok()?;
    Some(make(okm))
}

/// The keys that were derived of late: the packets of one hello come close together.
pub(super) struct Keyring {
    /// Each id has one place, where the newest keys stand.
    places: Box<[Option<Held>]>,
    /// The salt that was used last, made ready: nearly all clients speak one version.
    salt: Option<(Version, Salt)>,
    /// How many keys were derived for this datagram.
    derived: usize,
}

/// Keys, and whose they are.
struct Held {
    version: Version,
    id: ConnectionId,
    keys: Keys,
}

impl Keyring {
    pub(super) fn new() -> Self {
        let places = std::iter::repeat_with(|| None).take(MOST_KEYS_KEPT);
        Self { places: places.collect(), salt: None, derived: 0 }
    }

    /// What the places hold in octets; they never grow.
    pub(super) const fn bytes() -> usize {
        MOST_KEYS_KEPT.saturating_mul(size_of::<Option<Held>>())
    }

    /// Begins a datagram, for which only so many keys are derived.
    pub(super) const fn begin(&mut self) {
        self.derived = 0;
    }

    /// Opens an Initial with the keys of a connection id; its frames then stand at this
    /// place in `room`. None where it is not sealed so.
    pub(super) fn open(
        &mut self,
        long: &Long<'_>,
        id: &ConnectionId,
        room: &mut Vec<u8>,
    ) -> Option<Range<usize>> {
        let version = long.version;
        let place = self.places.get_mut(place_of(id))?;
        if !place.as_ref().is_some_and(|held| held.version == version && held.id == *id) {
            if self.derived >= MOST_KEYS_DERIVED {
                return None;
            }
            self.derived = self.derived.saturating_add(1);
            let salt = match &mut self.salt {
                Some((of, salt)) if of.salt == version.salt => salt,
                other => &mut other.insert((version, version.ready_salt())).1,
            };
            *place = Some(Held { version, id: *id, keys: Keys::derive(version, salt, id)? });
        }
        open(long, &place.as_ref()?.keys, room)
    }
}

/// The place of an id. A client draws its first id, so two octets of it will do; who aims at
/// a place has keys derived again, as often as one datagram allows.
fn place_of(id: &ConnectionId) -> usize {
    let octets = match *id.as_slice() {
        [.., a, b] => [a, b],
        [a] => [0, a],
        [] => [0; 2],
    };
    usize::from(u16::from_be_bytes(octets)).checked_rem(MOST_KEYS_KEPT).unwrap_or(0)
}

fn open(long: &Long<'_>, keys: &Keys, room: &mut Vec<u8>) -> Option<Range<usize>> {
    // The sample stands where it would if the packet number had four octets (RFC 9001
    // section 5.4.2).
    let sample_at = long.number_at.checked_add(4)?;
    let sample = long.packet.get(sample_at..sample_at.checked_add(16)?)?;
    let [mask, number_mask @ ..] = keys.header.new_mask(sample).ok()?;
    room.clear();
    room.extend_from_slice(long.packet);
    let first = room.first_mut()?;
    *first ^= mask & 0x0f;
    let number_length = usize::from(*first & 0b11).checked_add(1)?;
    let sealed_at = long.number_at.checked_add(number_length)?;
    let mut nonce = keys.iv;
    let number = room.get_mut(long.number_at..sealed_at)?;
    for (octet, mask) in number.iter_mut().zip(number_mask) {
        *octet ^= mask;
    }
    for (place, octet) in nonce.iter_mut().rev().zip(number.iter().rev()) {
        *place ^= octet;
    }
    let (header, sealed) = room.split_at_mut_checked(sealed_at)?;
    let aad = Aad::from(&*header);
    let opened =
        keys.packet.open_in_place(Nonce::assume_unique_for_key(nonce), aad, sealed).ok()?;
    let end = sealed_at.checked_add(opened.len())?;
    Some(sealed_at..end)
}

#[cfg(test)]
pub(crate) mod seal {
    //! Initials as a client seals them, for the tests of this room.

    use super::*;

    /// An Initial of this version and connection id around these frames.
    pub(crate) fn initial(number: u32, id: &[u8], packet_number: u8, frames: &[u8]) -> Vec<u8> {
        initial_to(number, id, id, packet_number, frames)
    }

    /// The same, sent to another id than the one that gives the keys.
    pub(crate) fn initial_to(
        number: u32,
        id: &[u8],
        to: &[u8],
        packet_number: u8,
        frames: &[u8],
    ) -> Vec<u8> {
        let version = Version::known(number).expect("known");
        let id = ConnectionId::new(id).unwrap();
        let keys = Keys::derive(version, &version.ready_salt(), &id).unwrap();
        let mut frames = frames.to_vec();
        frames.resize(frames.len().max(32), 0);
        let first = if number == V2 { 0xd0 } else { 0xc0 };
        let length = u16::try_from(frames.len() + 1 + 16).unwrap() | 0x4000;
        let mut packet = vec![first];
        packet.extend(number.to_be_bytes());
        packet.push(u8::try_from(to.len()).unwrap());
        packet.extend(to);
        packet.extend([2, 0xaa, 0xbb, 0]);
        packet.extend(length.to_be_bytes());
        let number_at = packet.len();
        packet.push(packet_number);
        let mut nonce = keys.iv;
        nonce[11] ^= packet_number;
        let nonce = Nonce::assume_unique_for_key(nonce);
        keys.packet.seal_in_place_append_tag(nonce, Aad::from(&packet[..]), &mut frames).unwrap();
        packet.extend(frames);
        let mask = keys.header.new_mask(&packet[number_at + 4..number_at + 20]).unwrap();
        packet[0] ^= mask[0] & 0x0f;
        packet[number_at] ^= mask[1];
        packet
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Reader;

    /// RFC 9001 appendix A.1: the keys of connection id 8394c8f03e515708.
    #[test]
    fn the_keys_are_those_of_the_rfc() {
        let id = ConnectionId::new(&[0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08]).unwrap();
        let version = Version::known(1).unwrap();
        let keys = Keys::derive(version, &version.ready_salt(), &id).unwrap();
        let iv = [0xfa, 0x04, 0x4b, 0x2f, 0x42, 0xa3, 0xfd, 0x3b, 0x46, 0xfb, 0x25, 0x5c];
        assert_eq!(keys.iv, iv);
        // Appendix A.2: the sample and its mask.
        let sample = 0xd1b1_c98d_d768_9fb8_ec11_d242_b123_dc9b_u128.to_be_bytes();
        assert_eq!(keys.header.new_mask(&sample).unwrap(), [0x43, 0x7b, 0x9a, 0xec, 0x36]);
    }

    /// RFC 9369 appendix A.1.
    #[test]
    fn the_keys_of_version_2_are_those_of_its_rfc() {
        let id = ConnectionId::new(&[0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08]).unwrap();
        let version = Version::known(V2).unwrap();
        let keys = Keys::derive(version, &version.ready_salt(), &id).unwrap();
        let iv = [0x91, 0xf7, 0x3e, 0x23, 0x51, 0xd8, 0xfa, 0x91, 0x66, 0x0e, 0x90, 0x9f];
        assert_eq!(keys.iv, iv);
    }

    #[test]
    fn what_a_client_seals_is_opened_and_nothing_else() {
        for version in [1, V2, 0xff00_001d, 0xff00_001b, 0xface_b001, 0x1a2a_3a4a, T050, T051] {
            let packet = seal::initial(version, b"12345678", 3, b"\x01frames");
            let long = Long::next(&mut Reader::new(&packet)).expect("a long header");
            assert_eq!((long.kind, long.packet.len()), (Kind::Initial, packet.len()));
            let mut room = Vec::new();
            let mut keys = Keyring::new();
            for _ in 0..2 {
                let opened = keys.open(&long, &long.destination, &mut room).expect("opened");
                assert!(room[opened].starts_with(b"\x01frames"));
                let other = ConnectionId::new(b"12345679").unwrap();
                assert!(keys.open(&long, &other, &mut room).is_none());
            }
        }
    }

    #[test]
    fn prefixes_and_bent_octets_are_survived() {
        let packet = seal::initial(1, b"12345678", 0, b"\x01");
        for end in 0..packet.len() {
            assert!(Long::next(&mut Reader::new(&packet[..end])).is_none());
        }
        for at in 0..packet.len() {
            for bit in 0..8 {
                let mut bent = packet.clone();
                bent[at] ^= 1 << bit;
                if let Some(long) = Long::next(&mut Reader::new(&bent)) {
                    let id = &long.destination;
                    let opened = Keyring::new().open(&long, id, &mut Vec::new()).is_some();
                    assert!(!opened, "octet {at} is not sealed");
                }
            }
        }
    }
}
