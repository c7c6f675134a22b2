//! How text is spelled in the output: names readable, and every line in plain ASCII, so
//! that no name can move a terminal's cursor or turn its direction.

use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;

/// JSON in which every character outside printable ASCII is written as `\uXXXX`.
pub(super) struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(|c: char| !c.is_ascii() || c.is_ascii_control()) {
            let (plain, other) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            let mut characters = other.chars();
            if let Some(character) = characters.next() {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = characters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

/// A canonical name with its blanks and its letters outside ASCII as they were; all other
/// escapes stay, so that two names never look alike.
pub(super) struct Spelled<'a>(pub(super) &'a str);

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
    let mut text = String::new();
    let mut rest = name;
    while !rest.is_empty() {
        let (octets, after) = escaped_run(rest);
        match String::from_utf8(octets) {
            Ok(letters) if !letters.is_empty() => text.push_str(&letters),
            _ => text.push_str(rest.get(..rest.len() - after.len()).unwrap_or_default()),
        }
        // An escape that stays is taken whole, so that its second half begins no other.
        let kept = if after.starts_with('\\') { escape_length(after) } else { 1 };
        let (next, after) = after.split_at_checked(kept).unwrap_or((after, ""));
        text.push_str(next);
        rest = after;
    }
    text
}

/// The octets of a run of `\DDD` escapes for blanks and letters outside ASCII.
fn escaped_run(text: &str) -> (Vec<u8>, &str) {
    let mut octets = Vec::new();
    let mut rest = text;
    while let Some(octet) = numbered(rest).filter(|octet| *octet == b' ' || *octet >= 0x80) {
        octets.push(octet);
        rest = rest.get(4..).unwrap_or_default();
    }
    (octets, rest)
}

fn numbered(text: &str) -> Option<u8> {
    text.strip_prefix('\\')?.get(..3)?.parse().ok()
}

fn escape_length(text: &str) -> usize {
    if numbered(text).is_some() { 4 } else { 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(value: &impl Serialize) -> String {
        let mut out = Vec::new();
        value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Ascii)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_line_is_printable_ascii_and_reads_back() {
        let hostile = "a\u{1b}[2J\u{9b}\u{7f}\u{202e}b\"\\\u{1f600}é\n";
        let written = json(&hostile);
        assert!(written.bytes().all(|b| (b' '..=b'~').contains(&b)), "{written}");
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), hostile);
    }

    #[test]
    fn blanks_and_letters_are_shown_and_other_escapes_stay() {
        for (name, expected) in [
            ("www.example", "www.example"),
            (r"apple\032tv._tcp.local", "apple tv._tcp.local"),
            (r"j\195\188rgen.local", "jürgen.local"),
            (r"\195.local", r"\195.local"),
            (r"a\.b\\032\000.example", r"a\.b\\032\000.example"),
            (r"\032\255x", r"\032\255x"),
        ] {
            assert_eq!(readable(name), expected);
        }
    }
}
