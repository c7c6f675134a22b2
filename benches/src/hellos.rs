//! First words of real programs as they were recorded, said again for other names.

use serde::Deserialize;
use wardline_tests::Chance;

/// What browsers say over TCP, and what other programs say.
const BROWSERS: [&str; 3] = [
    include_str!("../hellos/chromium-1.toml"),
    include_str!("../hellos/chromium-2.toml"),
    include_str!("../hellos/chromium-3.toml"),
];
const PROGRAMS: [&str; 4] = [
    include_str!("../hellos/curl.toml"),
    include_str!("../hellos/node.toml"),
    include_str!("../hellos/openssl.toml"),
    include_str!("../hellos/python.toml"),
];
/// What browsers say over QUIC.
const QUIC: [&str; 6] = [
    include_str!("../hellos/chromium-quic-1.toml"),
    include_str!("../hellos/chromium-quic-2.toml"),
    include_str!("../hellos/chromium-quic-3.toml"),
    include_str!("../hellos/chromium-quic-4.toml"),
    include_str!("../hellos/chromium-quic-5.toml"),
    include_str!("../hellos/chromium-quic-6.toml"),
];

/// All hellos that were recorded.
#[derive(Clone, Debug)]
pub struct Hellos {
    browsers: Vec<Hello>,
    programs: Vec<Hello>,
    quic: Vec<Hello>,
}

/// Of a hundred hellos over TCP so many are a browser's.
const OF_BROWSERS: usize = 75;

impl Hellos {
    /// Reads the recordings of this crate.
    ///
    /// # Panics
    /// Panics where one is not in its form: then this crate is wrong.
    #[must_use]
    pub fn recorded() -> Self {
        let all = |files: &[&str]| files.iter().copied().map(Hello::read).collect();
        Self { browsers: all(&BROWSERS), programs: all(&PROGRAMS), quic: all(&QUIC) }
    }

    /// A hello for this name as one record of TLS.
    pub fn over_tcp(&self, name: &str, chance: &mut Chance) -> Vec<u8> {
        let is_browser = chance.below(100) < OF_BROWSERS;
        let hello = chance.one(if is_browser { &self.browsers } else { &self.programs });
        hello.said(name, chance)
    }

    /// A hello for this name as the frames of two Initials, cut as its program cut it.
    pub fn over_quic(&self, name: &str, chance: &mut Chance) -> [Vec<u8>; 2] {
        chance.one(&self.quic).framed(name, chance)
    }
}

/// One recording; `record.py` says how it is made.
#[derive(Clone, Debug, Deserialize)]
struct Hello {
    /// Where the name stands in the message, and its octets.
    name: (usize, usize),
    /// Where lengths stand that count the name, and their octets.
    lengths: Vec<(usize, usize)>,
    /// Where the random fields stand, and their octets.
    random: Vec<(usize, usize)>,
    message: String,
    #[serde(skip)]
    octets: Vec<u8>,
    #[serde(default)]
    datagram: Vec<Initial>,
}

#[derive(Clone, Debug, Deserialize)]
struct Initial {
    frames: Vec<Frame>,
}

/// A frame of QUIC: its kind, then its offset and length, or its length, or nothing.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "the length of the list tells what kind it is")]
enum Frame {
    Crypto(String, usize, usize),
    Padding(String, usize),
    Ping((String,)),
}

/// Octets of frames that one Initial has room for.
const ROOM: usize = 1_212;

const PING: u8 = 1;
const CRYPTO: u8 = 6;

impl Hello {
    fn read(file: &str) -> Self {
        let mut hello: Self = toml::from_str(file).unwrap_or_else(|error| panic!("{error}"));
        let digits: Vec<u8> =
            hello.message.chars().filter_map(|c| c.to_digit(16)).map(|d| d as u8).collect();
        hello.octets = digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
        hello
    }

    /// The message for another name, its random fields drawn anew.
    fn said(&self, name: &str, chance: &mut Chance) -> Vec<u8> {
        let mut octets = self.octets.clone();
        for (at, length) in &self.random {
            octets[*at..at + length].fill_with(|| chance.octet());
        }
        for (at, length) in &self.lengths {
            let field = &mut octets[*at..at + length];
            let was = field.iter().fold(0, |all, octet| all << 8 | usize::from(*octet));
            let is = (was + name.len() - self.name.1).to_be_bytes();
            field.copy_from_slice(&is[is.len() - length..]);
        }
        octets.splice(self.name.0..self.name.0 + self.name.1, name.bytes());
        octets
    }

    /// The frames of each datagram for another name. Where a cut lay inside the name it lies
    /// inside the new one as long as that is as long; what comes after moves along.
    fn framed(&self, name: &str, chance: &mut Chance) -> [Vec<u8>; 2] {
        let message = self.said(name, chance);
        let moved = |cut: usize| match cut {
            before if before <= self.name.0 => before,
            inside if inside < self.name.0 + self.name.1 => inside.min(self.name.0 + name.len()),
            after => after + name.len() - self.name.1,
        };
        let datagram = |nth: usize| {
            let frames = self.datagram.get(nth).map(|initial| &initial.frames[..]);
            let mut octets = Vec::new();
            let mut padding = Vec::new();
            for frame in frames.unwrap_or_default() {
                match frame {
                    Frame::Crypto(_, offset, length) => {
                        let (start, end) = (moved(*offset), moved(offset + length));
                        octets.push(CRYPTO);
                        octets.extend(number(start));
                        octets.extend(number(end - start));
                        octets.extend(&message[start..end]);
                    }
                    Frame::Padding(_, length) => padding.push((octets.len(), *length)),
                    Frame::Ping(_) => octets.push(PING),
                }
            }
            // As much of the padding as a longer name leaves room for; from the back, so that
            // the places of what stands before do not move.
            let mut room = ROOM.saturating_sub(octets.len());
            for (at, length) in padding.into_iter().rev() {
                let length = length.min(room);
                octets.splice(at..at, std::iter::repeat_n(0, length));
                room -= length;
            }
            octets
        };
        [datagram(0), datagram(1)]
    }
}

/// A variable-length integer (RFC 9000 section 16) of two octets, or one where it fits.
fn number(value: usize) -> Vec<u8> {
    match u8::try_from(value) {
        Ok(short) if short < 64 => vec![short],
        _ => (u16::try_from(value).expect("below 16,384") | 0x4000).to_be_bytes().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_said_again_differs_in_its_name_and_its_random_fields_alone() {
        let all = Hellos::recorded();
        for hello in all.browsers.iter().chain(&all.programs).chain(&all.quic) {
            let own = &hello.octets[hello.name.0..][..hello.name.1];
            assert_eq!(own, b"recorded.elmrow.example");
            let said = hello.said("recorded.elmrow.example", &mut Chance::new(1));
            let is_random = |at: usize| {
                hello.random.iter().any(|(from, length)| (*from..from + length).contains(&at))
            };
            assert!(
                hello
                    .random
                    .iter()
                    .any(|(from, _)| said[*from..][..32] != hello.octets[*from..][..32])
            );
            for (at, (one, other)) in said.iter().zip(&hello.octets).enumerate() {
                assert!(one == other || is_random(at), "octet {at}");
            }
            let longer = hello.said("a.longer.name.of.elmrow.example", &mut Chance::new(1));
            assert_eq!(longer.len(), said.len() + 8);
        }
    }

    #[test]
    fn frames_cover_every_octet_of_a_longer_and_of_a_shorter_name() {
        let all = Hellos::recorded();
        for hello in &all.quic {
            for name in ["a.example", "recorded.elmrow.example", "a.very.long.name.indeed.example"]
            {
                let message = hello.said(name, &mut Chance::new(5));
                let frames = hello.framed(name, &mut Chance::new(5));
                let octets: usize = frames.iter().map(Vec::len).sum();
                assert!(frames.iter().all(|frames| frames.len() <= ROOM), "{name}");
                assert!(octets > message.len());
            }
        }
    }
}
