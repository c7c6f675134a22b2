//! Hashes of a name and of each of its parents, in one pass from the right.

/// FNV-1a's own numbers.
const START: u64 = 0xcbf2_9ce4_8422_2325;
const STEP: u64 = 0x0100_0000_01b3;

/// A name or one of its parents, with the hash of its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Zone<'n> {
    pub(super) text: &'n str,
    pub(super) hash: u64,
}

/// Each parent of a name and the name itself, the shortest first. Dots within labels part
/// nothing.
pub(super) fn zones(name: &str) -> impl Iterator<Item = Zone<'_>> {
    let bytes = name.as_bytes();
    let mut state = START;
    let mut rest = bytes;
    let mut whole = (!name.is_empty()).then_some(name);
    std::iter::from_fn(move || {
        while let Some((byte, before)) = rest.split_last() {
            let is_border = *byte == b'.' && !is_escaped(before);
            let text = name.get(rest.len()..).unwrap_or_default();
            let zone = is_border.then(|| Zone { text, hash: finished(state) });
            rest = before;
            state = step(state, *byte);
            if zone.is_some() {
                return zone;
            }
        }
        whole.take().map(|text| Zone { text, hash: finished(state) })
    })
}

/// The hash of a whole name.
pub(super) fn of(name: &str) -> u64 {
    finished(name.bytes().rev().fold(START, step))
}

/// A checksum of bytes: finds damage, not malice.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks();
    let mixed = words.iter().fold(START, |state, word| {
        let state = state ^ u64::from_le_bytes(*word);
        state.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
    });
    let state = rest.iter().copied().fold(mixed, step);
    finished(state ^ u64::try_from(bytes.len()).unwrap_or(u64::MAX))
}

const fn step(state: u64, byte: u8) -> u64 {
    // The byte is widened: nothing is cut.
    (state ^ byte as u64).wrapping_mul(STEP)
}

/// Spreads what the last letters changed over all bits (the finaliser of MurmurHash3).
const fn finished(state: u64) -> u64 {
    let state = (state ^ (state >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let state = (state ^ (state >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    state ^ (state >> 33)
}

/// Whether an odd number of backslashes stands before a byte.
fn is_escaped(before: &[u8]) -> bool {
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
            let mut zones: Vec<&str> = zones(text)
                .inspect(|zone| assert_eq!(zone.hash, of(zone.text), "{}", zone.text))
                .map(|zone| zone.text)
                .collect();
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
