//! A wire under hostile bytes, and what it may never do whatever the bytes are.

use std::fmt;

use facts::{HostName, Timestamp};
use wire::{Follow, Packet, Said, Settings, Watch, Wire, most_bytes_held};

use super::carrier::Wrapper;
use super::quic::laid_out;
use super::{Atom, Carrier, Heard};

/// How inputs follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Each is over, and all that waited is let go, before the next.
    Apart,
    /// A thousandth of a second lies between two, so that what waits piles up.
    Crowded,
}

/// A wire, and all that it said of the last input.
pub struct Witness {
    wire: Wire,
    wrapper: Wrapper,
    pace: Pace,
    number: u64,
    heard: Vec<Heard>,
}

/// What a wire did and may never do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breach {
    /// It holds more than it says it ever will.
    OverCap {
        /// What it holds.
        held: usize,
    },
    /// It said more than the octets can have told.
    TooMuchSaid {
        /// How many things it said.
        said: usize,
        /// Of how many octets.
        octets: usize,
    },
    /// It named something whose letters are not among the octets.
    Invented {
        /// What kind of thing it was.
        kind: &'static str,
    },
}

/// After so many inputs a wire is made anew: its clock must not run past what it can tell.
const RENEWED_AFTER: u64 = 4_000_000;
/// Longer than anything is remembered for, but for connections under watch.
const APART_SECONDS: i64 = 660;
/// The shortest thing that is said of: a question for the root, one octet and four.
const SHORTEST_MESSAGE: usize = 5;
/// The first octet of a TLS record with a hello, and the length of its header.
const RECORD: u8 = 22;
const RECORD_HEADER: usize = 5;

impl Witness {
    /// A witness that has seen nothing yet.
    #[must_use]
    pub fn new(pace: Pace) -> Self {
        let wire = Wire::new(Settings::default());
        Self { wire, wrapper: Wrapper::new(), pace, number: 0, heard: Vec::new() }
    }

    /// Brings the parts of one message to the wire and gives back what it said of them.
    ///
    /// # Errors
    /// Says what the wire did and may never do.
    pub fn bring(&mut self, carrier: Carrier, parts: &[&[u8]]) -> Result<&[Heard], Breach> {
        self.bring_cut(carrier, parts, usize::MAX)
    }

    /// The same where the capture keeps only so many octets of each frame.
    ///
    /// # Errors
    /// Says what the wire did and may never do.
    pub fn bring_cut(
        &mut self,
        carrier: Carrier,
        parts: &[&[u8]],
        keep: usize,
    ) -> Result<&[Heard], Breach> {
        let at = self.next_moment();
        let Self { wire, wrapper, number, heard, .. } = self;
        let follows = number.is_multiple_of(2);
        heard.clear();
        let mut listen = |said: Said<'_>| {
            heard.extend(Heard::new(&said));
            if follows { Follow::Yes(Watch(1)) } else { Follow::No }
        };
        wrapper.each(carrier, *number, parts, |link, frame| {
            let original_len = u32::try_from(frame.len()).unwrap_or(u32::MAX);
            let bytes = &frame[..frame.len().min(keep)];
            wire.feed(&Packet { at, link, bytes, original_len }, &mut listen);
        });
        if self.pace == Pace::Apart {
            let later = Timestamp::from_seconds(at.as_micros() / 1_000_000 + APART_SECONDS - 1);
            wire.expire(later, &mut listen);
        }
        self.judge(carrier, parts)
    }

    /// The octets that the wire holds.
    #[must_use]
    pub fn bytes_held(&self) -> usize {
        self.wire.bytes_held()
    }

    fn next_moment(&mut self) -> Timestamp {
        if self.number >= RENEWED_AFTER {
            (self.wire, self.number) = (Wire::new(Settings::default()), 0);
        }
        self.number += 1;
        let number = i64::try_from(self.number).unwrap_or(0);
        match self.pace {
            Pace::Apart => Timestamp::from_seconds(number * APART_SECONDS),
            Pace::Crowded => Timestamp::from_micros(number * 1_000),
        }
    }

    fn judge(&self, carrier: Carrier, parts: &[&[u8]]) -> Result<&[Heard], Breach> {
        let held = self.wire.bytes_held();
        if held > most_bytes_held() {
            return Err(Breach::OverCap { held });
        }
        if self.heard.is_empty() || self.pace == Pace::Crowded {
            return Ok(&self.heard);
        }
        let octets = parts.concat();
        let said = self.heard.len();
        if said > 1 + octets.len() / SHORTEST_MESSAGE {
            return Err(Breach::TooMuchSaid { said, octets: octets.len() });
        }
        // A name may lie across the headers of two fragments.
        if parts.len() > 1 && matches!(carrier, Carrier::Frame(_)) {
            return Ok(&self.heard);
        }
        // A name may lie across frames.
        let laid = if carrier == Carrier::QuicInitial { laid_out(&octets) } else { Vec::new() };
        let lower = octets.to_ascii_lowercase();
        // What is sealed can not be looked up, and a tunnel's word is ours.
        let sealed = carrier != Carrier::QuicInitial;
        for heard in &self.heard {
            let ours = heard.kind == "tunnel" || (heard.kind == "quic_hello" && sealed);
            let stands =
                |atom: &Atom| stands_in(atom, &octets, &lower) || stands_among(atom, &laid);
            if !ours && !heard.atoms.iter().all(stands) {
                return Err(Breach::Invented { kind: heard.kind });
            }
        }
        Ok(&self.heard)
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OverCap { held } => {
                write!(f, "{held} octets are held, {} at most are allowed", most_bytes_held())
            }
            Self::TooMuchSaid { said, octets } => {
                write!(f, "{said} things were said of {octets} octets")
            }
            Self::Invented { kind } => {
                write!(f, "a {kind} names something that does not stand in the octets")
            }
        }
    }
}

impl std::error::Error for Breach {}

/// Whether what is named stands in the octets that were brought: each label of a name, each
/// legible piece of a text, the octets of an address. An account is not asked, since its
/// letters are revealed to nobody here.
fn stands_in(atom: &Atom, octets: &[u8], lower: &[u8]) -> bool {
    match atom {
        Atom::Host(name) => {
            name.as_name().labels().all(|label| is_within(&unescaped(label), lower))
        }
        Atom::Text(text) => {
            // Some texts were pairs of octets, some are names in canonical form.
            let wide = |piece: &str| -> Vec<u8> {
                piece.encode_utf16().flat_map(u16::to_le_bytes).collect()
            };
            let pieces = || text.split(char::REPLACEMENT_CHARACTER);
            let name = HostName::from_text(text);
            pieces().all(|piece| is_within(piece.as_bytes(), octets))
                || pieces().all(|piece| is_within(&wide(piece), octets))
                || name.is_some_and(|name| stands_in(&Atom::Host(name), octets, lower))
        }
        Atom::Address(std::net::IpAddr::V4(address)) => is_within(&address.octets(), octets),
        Atom::Address(std::net::IpAddr::V6(address)) => is_within(&address.octets(), octets),
        Atom::Device(mac) => is_within(&mac.octets(), octets),
        Atom::Account(_) => true,
    }
}

/// Whether what is named stands in places that each have an octet in one or more versions.
fn stands_among(atom: &Atom, places: &[Vec<u8>]) -> bool {
    let is_one_of =
        |octet: &u8, place: &Vec<u8>| place.iter().any(|other| other.eq_ignore_ascii_case(octet));
    let stands = |wanted: &[u8]| {
        wanted.is_empty()
            || places
                .windows(wanted.len())
                .any(|window| wanted.iter().zip(window).all(|(octet, at)| is_one_of(octet, at)))
    };
    match atom {
        Atom::Host(name) => name.as_name().labels().all(|label| stands(&unescaped(label))),
        Atom::Text(text) => {
            text.split(char::REPLACEMENT_CHARACTER).all(|piece| stands(piece.as_bytes()))
        }
        Atom::Address(_) | Atom::Device(_) => false,
        Atom::Account(_) => true,
    }
}

/// Whether octets stand in others without a gap, but for the headers of TLS records. An
/// octet that may open a header is taken both as one and as itself.
fn is_within(wanted: &[u8], octets: &[u8]) -> bool {
    let Some(first) = wanted.first() else { return true };
    if octets.windows(wanted.len()).any(|window| window == wanted) {
        return true;
    }
    let starts = |at: &usize| octets.get(*at) == Some(first);
    let mut places: Vec<usize> = (0..octets.len()).filter(starts).collect();
    for octet in wanted {
        let mut next = Vec::new();
        for mut at in places {
            loop {
                if octets.get(at) == Some(octet) {
                    next.push(at + 1);
                }
                if octets.get(at) != Some(&RECORD) {
                    break;
                }
                at += RECORD_HEADER;
            }
        }
        next.sort_unstable();
        next.dedup();
        places = next;
    }
    !places.is_empty()
}

/// The octets of a label in canonical form.
fn unescaped(label: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut rest = label.as_bytes();
    while let [first, after @ ..] = rest {
        rest = match after {
            [a, b, c, after @ ..] if *first == b'\\' && a.is_ascii_digit() => {
                let number = [a, b, c].iter().fold(0_u16, |n, d| n * 10 + u16::from(**d - b'0'));
                octets.push(u8::try_from(number).unwrap_or(u8::MAX).to_ascii_lowercase());
                after
            }
            [one, after @ ..] if *first == b'\\' => {
                octets.push(*one);
                after
            }
            _ => {
                octets.push(*first);
                after
            }
        };
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_turned_back_into_its_octets() {
        assert_eq!(unescaped(r"a\.b\\c\200\007"), b"a.b\\c\xc8\x07");
    }

    #[test]
    fn what_is_not_there_is_not_found_and_a_record_header_does_not_part_it() {
        assert!(is_within(b"elm", b"an elm") && !is_within(b"elm", b"el m"));
        assert!(is_within(b"elmrow", b"..elm\x16\x03\x01\0\x09row.."));
        assert!(is_within(b"elm\x16row", b"..elm\x16\x03\x01\0\x09\x16row.."));
        assert!(!is_within(b"elmrow", b"..elm\x16\x03\x01\0rows"));
        let endless = [[RECORD; 60].to_vec(), b"elm".to_vec()].concat();
        assert!(!is_within(&endless, &[RECORD; 900]), "and it ends");
    }

    #[test]
    fn a_name_of_octets_in_several_versions_stands_among_them_and_no_other_does() {
        let host = |text| Atom::Host(HostName::from_text(text).unwrap());
        let places = [&b"\x03"[..], b"eW", b"lwx", b"mW", b"\x02", b"a", b"b"].map(<[u8]>::to_vec);
        assert!(stands_among(&host("elm.ab"), &places) && stands_among(&host("www.ab"), &places));
        assert!(!stands_among(&host("eml"), &places) && !stands_among(&host("elm.abc"), &places));
    }

    #[test]
    fn a_wire_that_names_what_is_not_there_is_caught() {
        let host = |text| Atom::Host(HostName::from_text(text).unwrap());
        let octets = b"\x03www\x07example";
        assert!(stands_in(&host("WWW.example"), octets, octets));
        assert!(!stands_in(&host("web.example"), octets, octets));
        assert!(!stands_in(&Atom::Address([10, 0, 0, 1].into()), octets, octets));
    }
}
