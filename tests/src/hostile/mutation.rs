//! Messages bent by chance, again and again, from the samples of one parser.

use super::{Carrier, Parser, Sample};
use crate::Chance;

/// Makes bent messages for one parser; the same seed makes the same.
pub struct Mutator {
    chance: Chance,
    seeds: Vec<Sample>,
    parts: Vec<Vec<u8>>,
}

/// Octets that parsers mistake for ends, counts and lengths.
const ODD: [u8; 12] = [0, 1, 2, 3, 0x16, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xfe, 0xff];
/// How often one message is bent at most.
const MOST_BENDS: usize = 6;
/// A message that grew longer than this is cut.
const LONGEST: usize = 4_096;

impl Mutator {
    /// Bends the parser's own samples.
    #[must_use]
    pub fn new(parser: Parser, seed: u64) -> Self {
        Self { chance: Chance::new(seed), seeds: parser.samples(), parts: Vec::new() }
    }

    /// Bends these messages as well.
    #[must_use]
    pub fn with(mut self, more: impl IntoIterator<Item = Sample>) -> Self {
        self.seeds.extend(more);
        self
    }

    /// The next bent message, in its parts.
    pub fn another(&mut self) -> (Carrier, &[Vec<u8>]) {
        let Self { chance, seeds, parts } = self;
        let seed = chance.one(seeds);
        parts.resize_with(seed.parts.len(), Vec::new);
        for (part, laid) in parts.iter_mut().zip(&seed.parts) {
            part.clear();
            part.extend_from_slice(&laid.bytes);
        }
        for _ in 0..=chance.below(MOST_BENDS) {
            let number = chance.below(parts.len());
            bend(&mut parts[number], seed, number, chance, seeds);
            parts[number].truncate(LONGEST);
        }
        if parts.len() > 1 && chance.below(8) == 0 {
            let swapped = chance.below(parts.len() - 1);
            parts.swap(swapped, swapped + 1);
        }
        (seed.carrier, parts)
    }
}

fn bend(
    message: &mut Vec<u8>,
    seed: &Sample,
    number: usize,
    chance: &mut Chance,
    seeds: &[Sample],
) {
    let fields = seed.parts.get(number).map_or(&[][..], |part| &part.fields);
    let length = message.len();
    let at = chance.below(length);
    let to = (at + 1 + chance.below(16)).min(length);
    match chance.below(10) {
        0 | 1 if length > 0 => message[at] ^= 1 << chance.below(8),
        2 if length > 0 => message[at] = *chance.one(&ODD),
        3 if length > 0 => message[at] = chance.octet(),
        4 | 5 if !fields.is_empty() => {
            let field = chance.one(fields);
            if field.at + field.octets <= length {
                let lies = field.lies(message);
                let lie = if chance.below(3) == 0 { chance.draw() } else { *chance.one(&lies) };
                field.set(message, lie);
            }
        }
        6 => message.truncate(at),
        7 if length > 0 => {
            message.drain(at..to);
        }
        8 if length > 0 => {
            let again = message[at..to].to_vec();
            message.splice(at..at, again);
        }
        _ => {
            let other = chance.one(seeds);
            let other = &chance.one(&other.parts).bytes;
            let from = chance.below(other.len());
            let piece = &other[from..(from + 1 + chance.below(32)).min(other.len())];
            let end = (at + piece.len()).min(length);
            message.splice(at..end, piece.iter().copied());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_bends_the_same_way_and_nearly_every_message_is_bent() {
        for parser in Parser::ALL {
            let mut one = Mutator::new(parser, 7);
            let mut two = Mutator::new(parser, 7);
            let whole: Vec<_> = parser.samples().iter().map(Sample::bytes).collect();
            let mut unbent = 0;
            for _ in 0..500 {
                let (carrier, parts) = one.another();
                assert_eq!((carrier, parts), two.another());
                unbent += usize::from(whole.iter().any(|sample| sample == parts));
            }
            assert!(unbent < 100, "{parser}: {unbent} of 500 are as they were");
        }
    }
}
