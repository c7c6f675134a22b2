//! Host names in their one canonical form, borrowed on the wire and owned in a match.

use std::fmt;

/// The longest canonical text: 255 octets of RFC 1035, each at worst written as `\DDD`.
pub const LONGEST_NAME: usize = 255 * 4;

/// A host name in canonical form, borrowed from whoever read it.
///
/// Canonical: ASCII, lower case, no final dot, the root is the empty text. A dot or
/// backslash inside a label is written `\.` or `\\`, any other octet outside printable
/// ASCII as `\DDD` (RFC 4343 section 2.1), so two different names never share a text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name<'a>(&'a str);

impl<'a> Name<'a> {
    /// Takes a text that is canonical already, or says that it is not.
    #[must_use]
    pub fn from_canonical(text: &'a str) -> Option<Self> {
        let plain = text.len() <= LONGEST_NAME
            // Every octet is looked at, so that many are looked at in one step.
            && text.bytes().fold(true, |all, b| {
                all & b.is_ascii_graphic() & !b.is_ascii_uppercase()
            });
        (plain && !ends_with_separator(text)).then_some(Self(text))
    }

    /// The canonical text.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    /// An owned copy.
    #[must_use]
    pub fn to_host_name(self) -> HostName {
        HostName(self.0.into())
    }

    /// The labels from left to right, escapes left as they are.
    pub fn labels(self) -> impl Iterator<Item = &'a str> {
        let text = self.0;
        let mut from = 0;
        separators(text).chain((!text.is_empty()).then_some(text.len())).map(move |to| {
            let label = text.get(from..to).unwrap_or_default();
            from = to.saturating_add(1);
            label
        })
    }

    /// The name itself, then each parent zone on a label boundary:
    /// `a.b.example`, `b.example`, `example`.
    pub fn ancestors(self) -> impl Iterator<Item = &'a str> {
        let text = self.0;
        let whole = (!text.is_empty()).then_some(text);
        whole
            .into_iter()
            .chain(separators(text).filter_map(move |dot| text.get(dot.saturating_add(1)..)))
    }

    /// Whether this is `zone` or lies below it, on a label boundary.
    #[must_use]
    pub fn is_within(self, zone: Name<'_>) -> bool {
        let Some(below) = self.0.strip_suffix(zone.0) else { return false };
        !zone.0.is_empty() && (below.is_empty() || ends_with_separator(below))
    }
}

/// Positions of the dots that part labels (an escaped dot does not).
fn separators(text: &str) -> impl Iterator<Item = usize> {
    let mut escaped = false;
    text.bytes().enumerate().filter_map(move |(at, byte)| {
        let separates = byte == b'.' && !escaped;
        escaped = byte == b'\\' && !escaped;
        separates.then_some(at)
    })
}

/// Whether the last byte is a dot that parts labels: not one after an odd number of
/// backslashes.
fn ends_with_separator(text: &str) -> bool {
    let escapes = |text: &str| text.bytes().rev().take_while(|byte| *byte == b'\\').count();
    text.strip_suffix('.').is_some_and(|before| escapes(before) % 2 == 0)
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({})", self.0)
    }
}

/// An owned host name in canonical form, see [`Name`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(Box<str>);

impl HostName {
    /// Takes what a person or a file wrote (any case, a final dot allowed), or says that
    /// it is no ASCII host name. International names are turned to A-labels by the caller.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let lower = text.trim().to_ascii_lowercase();
        let bare = if ends_with_separator(&lower) {
            lower.get(..lower.len().saturating_sub(1))?
        } else {
            &lower
        };
        Name::from_canonical(bare).map(Name::to_host_name)
    }

    /// The borrowed form.
    #[must_use]
    pub fn as_name(&self) -> Name<'_> {
        Name(&self.0)
    }

    /// The canonical text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HostName({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name<'_> {
        Name::from_canonical(text).expect("canonical")
    }

    #[test]
    fn a_suffix_counts_only_on_a_label_boundary() {
        assert!(name("a.bad.example").is_within(name("bad.example")));
        assert!(name("bad.example").is_within(name("bad.example")));
        assert!(!name("notbad.example").is_within(name("bad.example")));
        assert!(!name("not\\.bad.example").is_within(name("bad.example")));
        assert!(name("not\\\\.bad.example").is_within(name("bad.example")));
        assert!(!name("bad.example").is_within(name("a.bad.example")));
        assert!(!name("").is_within(name("")) && !name("bad.example").is_within(name("")));
    }

    #[test]
    fn lying_within_a_zone_is_having_it_for_an_ancestor() {
        let texts =
            ["", "a", "b.a", "c.b.a", r"\.a", r"c\.b.a", r"c\\.b.a", r"\\\.b.a", "bb.a", r"b\.a"];
        for (text, zone) in texts.iter().flat_map(|text| texts.map(|zone| (*text, zone))) {
            let slow = name(text).ancestors().any(|ancestor| ancestor == zone);
            assert_eq!(name(text).is_within(name(zone)), slow, "{text} in {zone}");
        }
    }

    #[test]
    fn ancestors_go_from_the_name_to_its_last_label() {
        let all: Vec<_> = name("a.b\\.c.example").ancestors().collect();
        assert_eq!(all, ["a.b\\.c.example", "b\\.c.example", "example"]);
        assert_eq!(name("").ancestors().count(), 0);
        assert_eq!(name("").labels().count(), 0);
        assert_eq!(name("a.b\\.c.d").labels().collect::<Vec<_>>(), ["a", "b\\.c", "d"]);
    }

    #[test]
    fn what_people_write_becomes_canonical() {
        assert_eq!(HostName::from_text(" WWW.Example.ORG. ").unwrap().as_str(), "www.example.org");
        assert!(HostName::from_text("b\u{fc}cher.example").is_none());
        assert!(HostName::from_text("two words").is_none());
        assert!(Name::from_canonical("Upper.example").is_none());
        assert!(Name::from_canonical("dot.").is_none());
    }
}
