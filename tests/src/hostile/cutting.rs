//! One stream of octets in one segment and in many: cutting it may hide nothing.

use std::fmt;

use super::{Breach, Carrier, Heard, Pace, Witness};

/// Something that was said of a whole stream and not of the same stream in pieces.
#[derive(Clone, Debug)]
pub enum Hidden {
    /// It was not said, or in another order.
    Unsaid(Heard),
    /// What the wire did and may never do.
    Breach(Breach),
}

/// The longest stream that is compared: no cap on holes or waiting octets is reached.
pub const LONGEST_STREAM: usize = 16 * 1024;
/// Into how many pieces one is cut at most.
pub const MOST_CUTS: usize = 40;

/// Compares what is said of a stream in one segment with what is said of it in pieces. The
/// start of a segment may show what the middle of one hides, so the pieces may tell more,
/// never less.
///
/// # Errors
/// Gives the first thing that the pieces do not tell.
pub fn compare(carrier: Carrier, stream: &[u8], cuts: &[usize]) -> Result<(), Hidden> {
    let stream = &stream[..stream.len().min(LONGEST_STREAM)];
    let whole = heard(carrier, &[stream])?;
    let pieces = heard(carrier, &cut(stream, cuts))?;
    let mut rest = pieces.as_slice();
    for one in whole {
        match rest.iter().position(|other| *other == one) {
            Some(at) => rest = &rest[at + 1..],
            None => return Err(Hidden::Unsaid(one)),
        }
    }
    Ok(())
}

fn heard(carrier: Carrier, parts: &[&[u8]]) -> Result<Vec<Heard>, Hidden> {
    let mut witness = Witness::new(Pace::Apart);
    witness.bring(carrier, parts).map(<[Heard]>::to_vec).map_err(Hidden::Breach)
}

fn cut<'a>(stream: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let inside = cuts.iter().take(MOST_CUTS).map(|at| at % (stream.len() + 1));
    let mut places: Vec<usize> = inside.chain([0, stream.len()]).collect();
    places.sort_unstable();
    places.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect()
}

impl fmt::Display for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsaid(heard) => write!(f, "the pieces do not tell {heard:?}"),
            Self::Breach(breach) => breach.fmt(f),
        }
    }
}

impl std::error::Error for Hidden {}
