//! How names are spelled in the output: as people read them, and never as another's.

use std::fmt::{self, Display, Write};
use std::net::IpAddr;

use facts::{Mac, Timestamp};
use serde::{Serialize, Serializer};

/// Writes a value as a text. A short one is put together first, for a value comes in many
/// small parts, and each would be looked through for what JSON escapes.
pub(super) fn spelled<S: Serializer>(value: &impl Spell, serializer: S) -> Result<S::Ok, S::Error> {
    let mut short = Short { octets: [0; SHORT], length: 0 };
    match value.spell(&mut short).ok().and_then(|()| short.text()) {
        Some(text) => serializer.serialize_str(text),
        None => serializer.collect_str(value),
    }
}

/// Addresses and times are shorter.
const SHORT: usize = 64;

/// A value that is written as it is displayed.
pub(super) trait Spell: Display {
    /// Writes it; some know a shorter way than by a formatter.
    fn spell(&self, short: &mut Short) -> fmt::Result {
        write!(short, "{self}")
    }
}

impl Spell for Timestamp {}
impl Spell for Mac {}
impl Spell for &str {}

impl Spell for IpAddr {
    /// Of what a line says, addresses of IPv4 take the most formatting.
    fn spell(&self, short: &mut Short) -> fmt::Result {
        let Self::V4(address) = self else { return write!(short, "{self}") };
        for (place, octet) in address.octets().into_iter().enumerate() {
            if place > 0 {
                short.put(b'.')?;
            }
            for (least, unit) in [(100, 100), (10, 10), (0, 1)] {
                if octet >= least {
                    short.put(b'0' + octet / unit % 10)?;
                }
            }
        }
        Ok(())
    }
}

/// Room for a short text; a longer one fails.
pub(super) struct Short {
    octets: [u8; SHORT],
    length: usize,
}

impl Short {
    fn put(&mut self, octet: u8) -> fmt::Result {
        *self.octets.get_mut(self.length).ok_or(fmt::Error)? = octet;
        self.length += 1;
        Ok(())
    }

    fn text(&self) -> Option<&str> {
        std::str::from_utf8(self.octets.get(..self.length)?).ok()
    }
}

impl Write for Short {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let end = self.length + part.len();
        let room = self.octets.get_mut(self.length..end).ok_or(fmt::Error)?;
        room.copy_from_slice(part.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// A canonical name as people read it: blanks and letters outside ASCII as they were,
/// octets that are no text as U+FFFD. What would part or end it differently stays escaped.
pub(super) struct Spelled<'a>(pub(super) &'a str);

impl<'a> Spelled<'a> {
    /// The canonical text, where a reader could take the name for another: octets that are
    /// no text all look alike.
    pub(super) fn exact(&self) -> Option<&'a str> {
        let alike = self.0.contains('\\') && readable(self.0).contains('\u{fffd}');
        alike.then_some(self.0)
    }
}

impl Serialize for Spelled<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.contains('\\') {
            serializer.serialize_str(&readable(self.0))
        } else {
            serializer.serialize_str(self.0)
        }
    }
}

fn readable(name: &str) -> String {
    let mut octets = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find('\\') {
        let (plain, escape) = rest.split_at(at);
        octets.extend_from_slice(plain.as_bytes());
        let length = if numbered(escape).is_some() { 4 } else { 2 };
        let (escape, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        match numbered(escape).filter(|octet| *octet == b' ' || *octet >= 0x80) {
            Some(octet) => octets.push(octet),
            None => octets.extend_from_slice(escape.as_bytes()),
        }
        rest = after;
    }
    octets.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&octets).into_owned()
}

fn numbered(text: &str) -> Option<u8> {
    text.strip_prefix('\\')?.get(..3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_letters_are_shown_and_other_escapes_stay() {
        for (name, expected) in [
            ("www.example", "www.example"),
            (r"apple\032tv._tcp.local", "apple tv._tcp.local"),
            (r"j\195\188rgen.local", "jürgen.local"),
            (r"\195.local", "\u{fffd}.local"),
            (r"a\.b\\032\000.example", r"a\.b\\032\000.example"),
            (r"\032\255x", " \u{fffd}x"),
        ] {
            assert_eq!(readable(name), expected);
        }
    }

    #[test]
    fn an_address_is_spelled_as_it_is_displayed() {
        let every = (0..=255).map(|octet| IpAddr::from([octet, 255 - octet, octet / 2, 0]));
        let others = ["2001:db8::7", "::ffff:10.1.4.23", "::"].map(|text| text.parse().unwrap());
        for address in every.chain(others) {
            let json = |out: &mut Vec<u8>| {
                spelled(&address, &mut serde_json::Serializer::new(out)).expect("written");
            };
            let mut out = Vec::new();
            json(&mut out);
            assert_eq!(out, format!("\"{address}\"").as_bytes());
        }
    }

    #[test]
    fn a_text_of_any_length_is_written_whole() {
        for length in [0, 1, SHORT - 1, SHORT, SHORT + 1, 1_000] {
            let text = "\u{e9}".repeat(length / 2) + &"x".repeat(length % 2);
            let mut out = Vec::new();
            spelled(&text.as_str(), &mut serde_json::Serializer::new(&mut out)).expect("written");
            assert_eq!(out, format!("\"{text}\"").as_bytes());
        }
    }

    #[test]
    fn a_name_that_can_be_taken_for_another_is_told_exactly_as_well() {
        let exact = |name| Spelled(name).exact().is_some();
        assert!(exact(r"\195.local") && exact(r"\239\191\189.local"));
        assert!(!exact("www.example") && !exact(r"j\195\188rgen.local") && !exact(r"a\.b"));
    }
}
