//! Every way to bend a sample that is tried without leaving one out.

use super::{Carrier, Field, Sample};

/// One way in which a sample is bent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bend {
    /// This part ends early, and none follows.
    Prefix {
        /// Which part.
        part: usize,
        /// How many of its octets are left.
        keep: usize,
    },
    /// The capture kept only so much of each frame.
    Snap {
        /// How many octets.
        keep: usize,
    },
    /// One bit is turned.
    Flip {
        /// Which part.
        part: usize,
        /// Which bit, counted from the front.
        bit: usize,
    },
    /// A length field lies, or one or two octets are taken for one that does.
    Lie {
        /// Which part.
        part: usize,
        /// Which field.
        field: Field,
        /// What it says.
        value: u64,
    },
}

/// Octets around a message of the carriers that are not whole frames.
const MOST_HEADERS: usize = 14 + 20 + 20;

impl Bend {
    /// Every prefix, every single bit, every length field with every lie, and every octet
    /// and pair of octets as though it were a length field.
    #[must_use]
    pub fn every(sample: &Sample) -> Vec<Self> {
        let mut bends = Vec::new();
        for (part, laid) in sample.parts.iter().enumerate() {
            let length = laid.bytes.len();
            bends.extend((0..length).map(|keep| Self::Prefix { part, keep }));
            bends.extend((0..length * 8).map(|bit| Self::Flip { part, bit }));
            let octets = (0..length).map(|at| unnamed(at, 1));
            let pairs = (1..length).map(|at| unnamed(at - 1, 2));
            for field in laid.fields.iter().copied().chain(octets).chain(pairs) {
                let lies = field.lies(&laid.bytes).into_iter();
                bends.extend(lies.map(|value| Self::Lie { part, field, value }));
            }
        }
        if !matches!(sample.carrier, Carrier::Frame(_)) {
            let longest = sample.parts.iter().map(|part| part.bytes.len()).max().unwrap_or(0);
            bends.extend((0..longest + MOST_HEADERS).map(|keep| Self::Snap { keep }));
        }
        bends
    }

    /// Whether it only leaves octets out at the end, so that no new name may come of it.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        matches!(self, Self::Prefix { .. } | Self::Snap { .. })
    }

    /// The last octet that it may change, in its part; none where it changes none.
    #[must_use]
    pub const fn place(&self) -> Option<usize> {
        match self {
            Self::Flip { bit, .. } => Some(*bit / 8),
            Self::Lie { field, .. } => Some(field.at + field.octets - 1),
            Self::Prefix { .. } | Self::Snap { .. } => None,
        }
    }

    /// Bends the parts of a sample.
    ///
    /// # Panics
    /// Panics where it was made for another sample.
    pub fn bend(&self, parts: &mut Vec<Vec<u8>>) {
        match *self {
            Self::Prefix { part, keep } => {
                parts.truncate(part + 1);
                parts[part].truncate(keep);
            }
            Self::Snap { .. } => {}
            Self::Flip { part, bit } => parts[part][bit / 8] ^= 1 << (bit % 8),
            Self::Lie { part, field, value } => field.set(&mut parts[part], value),
        }
    }

    /// How many octets of each frame the capture keeps.
    #[must_use]
    pub const fn kept(&self) -> usize {
        match self {
            Self::Snap { keep } => *keep,
            _ => usize::MAX,
        }
    }
}

fn unnamed(at: usize, octets: usize) -> Field {
    let bits = u32::try_from(octets * 8).expect("a short number");
    Field { name: "unnamed", at, octets, bits, shift: 0 }
}
