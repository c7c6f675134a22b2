//! Samples as files, and files as messages: the form in which a fuzzer keeps its inputs.
//!
//! The first octet chooses the carrier among those of the parser's samples, the second how
//! many parts there are; what follows is cut into parts of one length.

use wire::LinkType;

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

/// Inputs for whole streams, which begin with a choice of port and eight places to cut at,
/// and for frames, each behind its link type and two octets of length.
#[must_use]
pub fn stream_seeds(frames: &[Sample]) -> Vec<(String, Vec<u8>)> {
    let head = |port: u8| [port, 0, 9, 30, 60, 120, 160, 200, 255];
    let streams = [Parser::Tls, Parser::Http, Parser::DnsTcp, Parser::Kerberos];
    let mut seeds = Vec::new();
    for (port, parser) in (0..).zip(streams) {
        for (number, sample) in parser.samples().into_iter().enumerate() {
            let octets = sample.bytes().concat();
            seeds.push((format!("{parser}-{number}"), [&head(port)[..], &octets].concat()));
        }
    }
    let own = [Parser::Links, Parser::Ip, Parser::Fragments, Parser::Tunnels, Parser::Neighbours];
    let own: Vec<Sample> = own.into_iter().flat_map(Parser::samples).collect();
    for (number, several) in own.iter().chain(frames).collect::<Vec<_>>().chunks(4).enumerate() {
        let framed = several.iter().flat_map(|sample| framed(sample)).collect::<Vec<u8>>();
        seeds.push((format!("frames-{number}"), [&head(0)[..], &framed].concat()));
    }
    seeds
}

fn framed(sample: &Sample) -> Vec<u8> {
    let Carrier::Frame(link) = sample.carrier else { return Vec::new() };
    let number = (0..=u8::MAX).find(|number| LinkType::from_pcap(u32::from(*number)) == link);
    let part = |octets: Vec<u8>| {
        let length = u16::try_from(octets.len().min(0x7ff)).unwrap_or(0).to_be_bytes();
        let mut frame = vec![number.unwrap_or(1), length[0], length[1]];
        frame.extend(octets.into_iter().take(0x7ff));
        frame
    };
    sample.bytes().into_iter().flat_map(part).collect()
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
