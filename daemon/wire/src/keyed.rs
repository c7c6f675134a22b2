//! Hashes under the key of this run, so that nobody outside can aim at one bucket.
//!
//! What tells one message from another, or a question from a forged one, is SipHash-1-3. The
//! places of tables take a multiplication a word under two secret numbers: whoever aims at a
//! bucket would have to know them, and no place is ever shown. That several keys meet in one
//! bucket by chance costs a comparison, or the oldest of eight flows.

use std::hash::{BuildHasher, Hasher};

/// The key of every table of one [`crate::Wire`].
#[derive(Clone, Copy)]
pub(crate) struct Key {
    first: u64,
    second: u64,
}

impl Key {
    pub(crate) fn new(bytes: [u8; 16]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = bytes;
        Self {
            first: u64::from_le_bytes([a, b, c, d, e, f, g, h]),
            second: u64::from_le_bytes([i, j, k, l, m, n, o, p]),
        }
    }

    /// A keyed print of octets, to tell one from another.
    pub(crate) fn print(self, parts: &[&[u8]]) -> u32 {
        let mut hasher = self.build_hasher();
        parts.iter().for_each(|part| hasher.write(part));
        let [a, b, c, d, ..] = hasher.finish().to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }
}

/// The secret numbers by which tables find their places.
#[derive(Clone, Copy)]
pub(crate) struct TableKey {
    start: u64,
    factor: u64,
}

impl Key {
    /// The numbers for tables, drawn from this key.
    pub(crate) fn for_tables(self) -> TableKey {
        TableKey { start: self.hash_one(1_u8), factor: self.hash_one(2_u8) | 1 }
    }
}

impl BuildHasher for TableKey {
    type Hasher = Folding;

    fn build_hasher(&self) -> Folding {
        Folding { state: self.start, factor: self.factor }
    }
}

/// Multiplies what was taken so far, with the next word in it, by a secret odd number, and
/// folds the halves of the product upon each other.
#[derive(Clone, Copy)]
pub(crate) struct Folding {
    state: u64,
    factor: u64,
}

impl Folding {
    #[inline]
    fn absorb(&mut self, word: u64) {
        let (low, high) = (self.state ^ word).carrying_mul(self.factor, 0);
        self.state = low ^ high;
    }
}

impl Hasher for Folding {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.absorb(u64::from_le_bytes(*word));
        }
        if rest.is_empty() {
            return;
        }
        let mut word = [0; 8];
        word.iter_mut().zip(rest).for_each(|(place, octet)| *place = *octet);
        self.absorb(u64::from_le_bytes(word));
    }

    #[inline]
    fn write_u8(&mut self, value: u8) {
        self.absorb(u64::from(value));
    }

    #[inline]
    fn write_u16(&mut self, value: u16) {
        self.absorb(u64::from(value));
    }

    #[inline]
    fn write_u32(&mut self, value: u32) {
        self.absorb(u64::from(value));
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        self.absorb(value);
    }

    #[inline]
    fn write_usize(&mut self, value: usize) {
        self.absorb(u64::try_from(value).unwrap_or(u64::MAX));
    }

    /// The last multiplication mixes the last word: its low bits are not those of the word.
    #[inline]
    fn finish(&self) -> u64 {
        let (low, high) = self.state.carrying_mul(self.factor, 0);
        low ^ high
    }
}

impl BuildHasher for Key {
    type Hasher = SipHash;

    fn build_hasher(&self) -> SipHash {
        SipHash {
            v0: self.first ^ 0x736f_6d65_7073_6575,
            v1: self.second ^ 0x646f_7261_6e64_6f6d,
            v2: self.first ^ 0x6c79_6765_6e65_7261,
            v3: self.second ^ 0x7465_6462_7974_6573,
            tail: 0,
            length: 0,
        }
    }
}

/// SipHash-1-3 (Aumasson and Bernstein): one round a word, three at the end.
#[derive(Clone, Copy)]
pub(crate) struct SipHash {
    v0: u64,
    v1: u64,
    v2: u64,
    v3: u64,
    /// Octets that do not fill a word yet, lowest first.
    tail: u64,
    length: u64,
}

impl SipHash {
    fn round(&mut self) {
        self.v0 = self.v0.wrapping_add(self.v1);
        self.v1 = self.v1.rotate_left(13) ^ self.v0;
        self.v0 = self.v0.rotate_left(32);
        self.v2 = self.v2.wrapping_add(self.v3);
        self.v3 = self.v3.rotate_left(16) ^ self.v2;
        self.v0 = self.v0.wrapping_add(self.v3);
        self.v3 = self.v3.rotate_left(21) ^ self.v0;
        self.v2 = self.v2.wrapping_add(self.v1);
        self.v1 = self.v1.rotate_left(17) ^ self.v2;
        self.v2 = self.v2.rotate_left(32);
    }

    /// Takes `octets` (at most 8) of `value`, lowest first.
    fn absorb(&mut self, value: u64, octets: u32) {
        let filled = u32::from(self.length.to_le_bytes()[0] & 7).wrapping_mul(8);
        self.length = self.length.wrapping_add(u64::from(octets));
        self.tail |= value.wrapping_shl(filled);
        let bits = octets.wrapping_mul(8);
        if filled.wrapping_add(bits) < 64 {
            return;
        }
        let word = self.tail;
        self.v3 ^= word;
        self.round();
        self.v0 ^= word;
        self.tail = value.checked_shr(64_u32.wrapping_sub(filled)).unwrap_or(0);
    }
}

impl Hasher for SipHash {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.absorb(u64::from_le_bytes(*word), 8);
        }
        if rest.is_empty() {
            return;
        }
        let mut word = [0; 8];
        word.iter_mut().zip(rest).for_each(|(place, octet)| *place = *octet);
        self.absorb(u64::from_le_bytes(word), u32::try_from(rest.len()).unwrap_or(0));
    }

    fn write_u8(&mut self, value: u8) {
        self.absorb(u64::from(value), 1);
    }

    fn write_u16(&mut self, value: u16) {
        self.absorb(u64::from(value), 2);
    }

    fn write_u32(&mut self, value: u32) {
        self.absorb(u64::from(value), 4);
    }

    fn write_u64(&mut self, value: u64) {
        self.absorb(value, 8);
    }

    /// As its octets are written; which of several kinds a value is comes as one.
    fn write_usize(&mut self, value: usize) {
        match u64::try_from(value) {
            Ok(value) if usize::BITS == 64 => self.absorb(value, 8),
            _ => self.write(&value.to_ne_bytes()),
        }
    }

    fn finish(&self) -> u64 {
        let mut end = *self;
        let word = end.tail | end.length.wrapping_shl(56);
        end.v3 ^= word;
        end.round();
        end.v0 ^= word;
        end.v2 ^= 0xff;
        end.round();
        end.round();
        end.round();
        end.v0 ^ end.v1 ^ end.v2 ^ end.v3
    }
}

#[cfg(test)]
mod tests {
    use std::hash::DefaultHasher;

    use super::*;

    #[test]
    fn it_is_siphash_1_3_as_the_standard_library_has_it() {
        let bytes: Vec<u8> = (0..=255).collect();
        for length in 0..bytes.len() {
            let mut ours = Key::new([0; 16]).build_hasher();
            let mut theirs = DefaultHasher::new();
            ours.write(&bytes[..length]);
            theirs.write(&bytes[..length]);
            assert_eq!(ours.finish(), theirs.finish(), "{length} octets");
        }
    }

    /// The first vectors of the reference implementation for SipHash-1-3 with the key
    /// 00 01 … 0f and the messages "", 00.
    #[test]
    fn the_key_is_taken_as_the_reference_takes_it() {
        let key = Key::new(std::array::from_fn(|i| i as u8));
        assert_eq!(key.build_hasher().finish(), 0xabac_0158_050f_c4dc);
        let mut one = key.build_hasher();
        one.write(&[0]);
        assert_eq!(one.finish(), 0xc9f4_9bf3_7d57_ca93);
    }

    /// Keys as a school's network has them, and as who floods it makes them: neighbours in one
    /// part or another. In tables of any size they fall as evenly as if they were thrown.
    #[test]
    fn places_are_even_whatever_part_of_a_key_counts_up() {
        for number in 0..8 {
            let key = Key::new([number; 16]).for_tables();
            for place in 0..35 {
                let mut filled = [0_u32; 1_024];
                let mut tops = [0_u32; 128];
                for count in 0..4_096_u16 {
                    let mut flow = [10; 36];
                    flow[place..place + 2].copy_from_slice(&count.to_le_bytes());
                    let hash = key.hash_one(flow);
                    filled[usize::try_from(hash % 1_024).unwrap()] += 1;
                    tops[usize::try_from(hash >> 57).unwrap()] += 1;
                }
                assert!(filled.iter().all(|count| *count < 24), "{number} {place}");
                assert!(tops.iter().all(|count| *count < 120), "{number} {place}");
            }
        }
    }

    #[test]
    fn words_and_octets_hash_alike() {
        let key = Key::new([7; 16]);
        let mut words = key.build_hasher();
        words.write_u8(1);
        words.write_u16(0x0302);
        words.write_u32(0x0706_0504);
        words.write_u64(0x0f0e_0d0c_0b0a_0908);
        let mut octets = key.build_hasher();
        octets.write(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
        assert_eq!(words.finish(), octets.finish());
    }
}
