//! Samples as files, and files as messages: the form in which a fuzzer keeps its inputs.
//!
//! The first octet chooses the carrier among those of the parser's samples, the second how
//! many parts there are; what follows is cut into parts of one length.

use super::{Carrier, Parser, Sample};

const MOST_PARTS: u8 = 4;

impl Parser {
    /// A file that holds each of its samples, with the sample's number as its name.
    ///
    /// # Panics
    /// Panics where a parser has more samples than an octet counts.
    #[must_use]
    pub fn seeds(self) -> Vec<(String, Vec<u8>)> {
        let file = |(number, sample): (usize, Sample)| {
            let carrier = u8::try_from(number).expect("few samples");
            let parts = u8::try_from(sample.parts.len() - 1).expect("few parts");
            let octets = sample.bytes().concat();
            (format!("{self}-{number}"), [&[carrier, parts][..], &octets].concat())
        };
        self.samples().into_iter().enumerate().map(file).collect()
    }

    /// The message that a file holds: its carrier and its parts.
    #[must_use]
    pub fn message(self, carriers: &[Carrier], file: &[u8]) -> Option<(Carrier, Vec<Vec<u8>>)> {
        let [carrier, parts, octets @ ..] = file else { return None };
        let carrier = *carriers.get(usize::from(*carrier) % carriers.len().max(1))?;
        let parts = usize::from(parts % MOST_PARTS) + 1;
        let length = octets.len().div_ceil(parts).max(1);
        Some((carrier, octets.chunks(length).map(<[u8]>::to_vec).collect()))
    }

    /// The carriers of its samples.
    #[must_use]
    pub fn carriers(self) -> Vec<Carrier> {
        self.samples().iter().map(|sample| sample.carrier).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sample_comes_back_from_its_file() {
        for parser in Parser::ALL {
            let carriers = parser.carriers();
            for ((_, file), sample) in parser.seeds().iter().zip(parser.samples()) {
                let (carrier, parts) = parser.message(&carriers, file).expect("a message");
                assert_eq!(carrier, sample.carrier);
                assert_eq!(parts.concat(), sample.bytes().concat());
            }
            assert!(parser.message(&carriers, b"x").is_none());
        }
    }
}
