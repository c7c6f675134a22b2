//! Hashes of a name and of each of its parents, in one pass from the right.

/// FNV-1a's own numbers.
const START: u64 = 0xcbf2_9ce4_8422_2325;
const STEP: u64 = 0x0100_0000_01b3;

/// Calls `zone` with each parent of a name and the name itself, the shortest first, with
/// the hash of its text. Dots within labels part nothing.
pub(super) fn for_each_zone<'n>(name: &'n str, mut zone: impl FnMut(&'n str, u64)) {
    let mut state = START;
    let bytes = name.as_bytes();
    for (at, byte) in bytes.iter().enumerate().rev() {
        if *byte == b'.' && !is_escaped(bytes, at) {
            zone(name.get(at.saturating_add(1)..).unwrap_or_default(), finished(state));
        }
        state = (state ^ u64::from(*byte)).wrapping_mul(STEP);
    }
    if !name.is_empty() {
        zone(name, finished(state));
    }
}

/// The hash of a whole name.
pub(super) fn of(name: &str) -> u64 {
    let step = |state: u64, byte: &u8| (state ^ u64::from(*byte)).wrapping_mul(STEP);
    finished(name.as_bytes().iter().rev().fold(START, step))
}

/// A checksum of bytes: finds damage, not malice.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    let mut words = bytes.chunks_exact(8);
    let mut state = START;
    for word in &mut words {
        let word = word.try_into().map_or(0, u64::from_le_bytes);
        state = (state ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
    for byte in words.remainder() {
        state = (state ^ u64::from(*byte)).wrapping_mul(STEP);
    }
    finished(state ^ u64::try_from(bytes.len()).unwrap_or(u64::MAX))
}

/// Spreads what the last letters changed over all bits (the finaliser of MurmurHash3).
const fn finished(state: u64) -> u64 {
    let state = (state ^ (state >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let state = (state ^ (state >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    state ^ (state >> 33)
}

/// Whether an odd number of backslashes stands before a byte.
fn is_escaped(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(..at).unwrap_or_default();
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use facts::Name;

    use super::*;

    #[test]
    fn the_zones_of_a_name_are_its_ancestors_and_their_hashes_those_of_their_texts() {
        for text in ["", "example", "a.b.example", r"a\.b.example", r"a\\.b.example", "a..b", ".a"]
        {
            let mut zones = Vec::new();
            for_each_zone(text, |zone, hash| {
                assert_eq!(hash, of(zone), "{zone}");
                zones.push(zone);
            });
            zones.reverse();
            let Some(name) = Name::from_canonical(text) else { continue };
            assert_eq!(zones, name.ancestors().collect::<Vec<_>>(), "{text}");
        }
    }

    #[test]
    fn one_changed_bit_changes_the_checksum() {
        let bytes: Vec<u8> = (0..77).collect();
        for at in 0..bytes.len() * 8 {
            let mut other = bytes.clone();
            other[at / 8] ^= 1 << (at % 8);
            assert_ne!(checksum(&bytes), checksum(&other), "{at}");
        }
        assert_ne!(checksum(&bytes), checksum(&bytes[..76]));
    }
}
