//! The one place where a hostile spelling of a name is read for the name that it means.
//!
//! A client may put a port, a page's address, an account, blanks or a NUL around a name,
//! write its dots inside one label or its letters in another script. Some servers take such
//! a name for the plain one, and a person who reads it always does: so it is protected like
//! the plain one, and rules speak to it.

use std::borrow::Cow;

use facts::{HostName, Name};

/// The host name that an odd spelling means; none where the name is spelt as names are, or
/// means nothing else.
#[must_use]
pub fn meant(name: Name<'_>) -> Option<HostName> {
    let text = name.as_str();
    if text.bytes().all(is_plain) {
        return None;
    }
    let octets = without_percent(unescaped(text));
    let shown = String::from_utf8_lossy(&octets);
    let host = trimmed(host_of(&shown));
    let read = in_ascii(host).and_then(|ascii| HostName::from_text(&ascii));
    let read = read.or_else(|| HostName::from_text(plain_end(host)))?;
    (read.as_name() != name && !read.as_str().is_empty()).then_some(read)
}

/// What host names are spelt with in their canonical text.
const fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_')
}

/// The octets behind a canonical text: `\.` and `\\` are one, `\DDD` is a number.
fn unescaped(text: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = if *first == b'\\' { after.split_first() } else { None };
        let number = after.first_chunk::<3>().filter(|_| *first == b'\\').and_then(number);
        let (octet, after) = match (number, escaped) {
            (Some(octet), _) => (octet, after.get(3..).unwrap_or_default()),
            (None, Some((octet, after))) => (*octet, after),
            (None, None) => (*first, after),
        };
        octets.push(octet);
        rest = after;
    }
    octets
}

fn number(digits: &[u8; 3]) -> Option<u8> {
    std::str::from_utf8(digits).ok().filter(|_| digits.iter().all(u8::is_ascii_digit))?.parse().ok()
}

/// The octets with each `%XX` (RFC 3986 section 2.1) as the one it stands for.
fn without_percent(octets: Vec<u8>) -> Vec<u8> {
    if !octets.contains(&b'%') {
        return octets;
    }
    let mut plain = Vec::with_capacity(octets.len());
    let mut rest = &octets[..];
    while let Some((first, after)) = rest.split_first() {
        let digits = after.first_chunk::<2>().filter(|_| *first == b'%');
        let value = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        plain.push(value.unwrap_or(*first));
        rest = if value.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    plain
}

/// The host in what may be the address of a page: without scheme, account, port and path. A
/// NUL ends it, as it ends a text for many servers.
fn host_of(text: &str) -> &str {
    let text = text.trim_start_matches(is_around);
    let text = text.split('\0').next().unwrap_or_default();
    let authority = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = authority.trim_start_matches(['/', '\\']);
    let authority = authority.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.split(':').next().unwrap_or_default()
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| is_around(c) || c == '.')
}

/// What may stand around a name without being seen.
fn is_around(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}')
}

/// The name with international labels as A-labels (UTS 46), in lower case.
fn in_ascii(text: &str) -> Option<Cow<'_, str>> {
    if text.is_ascii() {
        return Some(Cow::Borrowed(text));
    }
    idna::domain_to_ascii_cow(text.as_bytes(), idna::AsciiDenyList::EMPTY).ok()
}

/// The labels behind the last one that can not stand in a name.
fn plain_end(text: &str) -> &str {
    let odd = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'));
    let Some((at, _)) = text.char_indices().rfind(|(_, c)| odd(*c)) else { return text };
    text.get(at..).and_then(|rest| rest.split_once('.')).map_or("", |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<String> {
        meant(Name::from_canonical(text).expect("canonical")).map(|name| name.as_str().to_owned())
    }

    #[test]
    fn what_stands_around_a_name_falls_away() {
        for odd in [
            "www.elmrow.example:443",
            r"www.elmrow.example\032",
            r"\009\032www.elmrow.example\000",
            r"www.elmrow.example\000.casino.example",
            "https://www.elmrow.example/",
            "https://www.elmrow.example:8443/a?b#c",
            "//www.elmrow.example",
            "someone@www.elmrow.example",
            "http://someone:word@www.elmrow.example:80/x@y",
            "www.elmrow.example/path",
            r"www.elmrow.example\\path",
            r"www\.elmrow\.example",
            "www%2eelmrow%2eexample",
            r"www.elmrow.example.\032",
            r"www.elmrow.example\226\128\139",
            // Full-width letters, and an ideographic full stop.
            r"www.\239\189\133lmrow.example",
            r"www\227\128\130elmrow.example",
        ] {
            assert_eq!(read(odd).as_deref(), Some("www.elmrow.example"), "{odd}");
        }
    }

    #[test]
    fn an_international_name_means_its_a_label() {
        let expected = Some("xn--bcher-kva.example".to_owned());
        assert_eq!(read(r"b\195\188cher.example"), expected);
        assert_eq!(read(r"b\195\156cher.example:443"), expected, "in capitals");
        assert_eq!(read("xn--bcher-kva.example"), None);
    }

    /// RUSTSEC-2024-0421: a label whose decoding is another plain label is no spelling of it.
    #[test]
    fn a_label_that_decodes_to_plain_letters_is_not_that_name() {
        assert_eq!(read("xn--elmrow-.example"), None);
        assert_ne!(read("xn--elmrow-.example:443").as_deref(), Some("elmrow.example"));
    }

    #[test]
    fn a_plain_name_means_itself() {
        for plain in ["", "example", "www.elmrow.example", "_dns.elmrow.example", "a..b", "*.x"] {
            assert_eq!(read(plain), None, "{plain}");
        }
    }

    #[test]
    fn behind_octets_that_are_no_text_the_valid_end_is_left() {
        assert_eq!(read(r"a\255b.elmrow.example:1").as_deref(), Some("elmrow.example"));
        assert_eq!(read(r"my\032printer._ipp._tcp.local").as_deref(), Some("_ipp._tcp.local"));
        assert_eq!(read(r"\255\254"), None);
    }

    proptest! {
        #[test]
        fn what_is_meant_means_itself(octets in prop::collection::vec(any::<u8>(), 0..60)) {
            let text: String = octets
                .iter()
                .map(|octet| match octet.to_ascii_lowercase() {
                    b'\\' => r"\\".to_owned(),
                    plain @ b'!'..=b'~' => char::from(plain).to_string(),
                    other => format!(r"\{other:03}"),
                })
                .collect();
            if let Some(name) = Name::from_canonical(&text)
                && let Some(once) = meant(name)
            {
                let twice = meant(once.as_name()).unwrap_or(once.clone());
                let thrice = meant(twice.as_name()).unwrap_or(twice.clone());
                prop_assert_eq!(thrice, twice);
            }
        }
    }
}
