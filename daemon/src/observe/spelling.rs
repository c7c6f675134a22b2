//! How names are spelled in the output: as people read them, and never as another's.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

/// Writes a number without the machinery of a formatter.
pub(super) fn decimal(number: u16, out: &mut Vec<u8>) {
    for (least, unit) in [(10_000, 10_000), (1_000, 1_000), (100, 100), (10, 10), (0, 1)] {
        if number >= least {
            out.push(b'0' + u8::try_from(number / unit % 10).unwrap_or_default());
        }
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

impl<'a> Spelled<'a> {
    /// The name as people read it.
    pub(super) fn readable(&self) -> Cow<'a, str> {
        if self.0.contains('\\') { Cow::Owned(readable(self.0)) } else { Cow::Borrowed(self.0) }
    }
}

impl Serialize for Spelled<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.readable())
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
    fn a_name_that_can_be_taken_for_another_is_told_exactly_as_well() {
        let exact = |name| Spelled(name).exact().is_some();
        assert!(exact(r"\195.local") && exact(r"\239\191\189.local"));
        assert!(!exact("www.example") && !exact(r"j\195\188rgen.local") && !exact(r"a\.b"));
    }
}
