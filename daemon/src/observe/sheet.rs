//! The lines that are not yet handed on, and the shortest way to write those of which there
//! are most: names that were asked for and connections that were opened.
//!
//! Such a line is made of addresses, numbers and canonical names, which JSON takes as they
//! stand. Whatever would have to be escaped is left to the library.

use std::io::{self, Write};
use std::net::IpAddr;

use facts::Timestamp;
use serde::Serialize;

use super::shown::Veiled;
use super::spelling::decimal;
use crate::terminal::Ascii;

/// So many octets are handed on at once.
const FULL: usize = 256 * 1024;
/// How much of a time's text names its second.
const SECOND: usize = "2026-11-22T09:00:00".len();

/// Lines of JSON in ASCII, each whole.
pub(super) struct Sheet {
    octets: Vec<u8>,
    /// The second that was written last, and its text: nearly every line is of the same.
    second: Option<i64>,
    date: String,
}

impl Sheet {
    pub(super) const fn new() -> Self {
        Self { octets: Vec::new(), second: None, date: String::new() }
    }

    /// Hands on what was written, once it is much.
    pub(super) fn hand_on(&mut self, out: &mut impl Write) -> io::Result<()> {
        if self.octets.len() < FULL { Ok(()) } else { self.hand_on_all(out) }
    }

    /// Hands on what was written. What the output did not take is not offered again.
    pub(super) fn hand_on_all(&mut self, out: &mut impl Write) -> io::Result<()> {
        let written = out.write_all(&self.octets);
        self.octets.clear();
        written
    }

    /// Writes a whole line by the library. Nearly every line is ASCII as it stands, control
    /// characters being escaped in any JSON, so it is not spelled letter by letter.
    pub(super) fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        let start = self.octets.len();
        serde_json::to_writer(&mut self.octets, line)?;
        let written = self.octets.get(start..).unwrap_or_default();
        if written.iter().any(|octet| *octet >= 0x7f) {
            self.octets.truncate(start);
            self.ascii(line)?;
        }
        self.octets.push(b'\n');
        Ok(())
    }

    /// Begins a line of this kind and of this time.
    pub(super) fn begin(&mut self, kind: &str, at: Timestamp) {
        self.octets.extend_from_slice(b"{\"kind\":\"");
        self.octets.extend_from_slice(kind.as_bytes());
        self.octets.extend_from_slice(b"\",\"time\":\"");
        self.time(at);
        self.octets.push(b'"');
    }

    /// Ends a line.
    pub(super) fn end(&mut self) {
        self.octets.extend_from_slice(b"}\n");
    }

    /// Writes what stands before a value, as it is.
    #[inline]
    pub(super) fn put(&mut self, json: &'static str) {
        self.octets.extend_from_slice(json.as_bytes());
    }

    /// Writes an address behind these octets.
    #[inline]
    pub(super) fn address(&mut self, before: &'static str, address: &Veiled<IpAddr>) {
        self.put(before);
        match address {
            Veiled::Plain(IpAddr::V4(address)) => {
                self.octets.push(b'"');
                for (place, octet) in address.octets().into_iter().enumerate() {
                    if place > 0 {
                        self.octets.push(b'.');
                    }
                    decimal(u16::from(octet), &mut self.octets);
                }
                self.octets.push(b'"');
            }
            // Writing to memory does not fail.
            Veiled::Plain(address) => drop(write!(self.octets, "\"{address}\"")),
            Veiled::Pseudonym(text) => self.text("", text),
        }
    }

    /// Writes a number behind these octets.
    #[inline]
    pub(super) fn number(&mut self, before: &'static str, number: u16) {
        self.put(before);
        decimal(number, &mut self.octets);
    }

    /// Writes a text behind these octets.
    pub(super) fn text(&mut self, before: &'static str, text: &str) {
        self.put(before);
        // Every octet is looked at, so that many are looked at in one step.
        let plain = |octet: u8| (b' '..=b'~').contains(&octet) & (octet != b'"') & (octet != b'\\');
        if text.bytes().fold(true, |all, octet| all & plain(octet)) {
            self.octets.push(b'"');
            self.octets.extend_from_slice(text.as_bytes());
            self.octets.push(b'"');
        } else {
            // Writing to memory does not fail.
            drop(self.ascii(text));
        }
    }

    fn ascii<T: Serialize + ?Sized>(&mut self, value: &T) -> serde_json::Result<()> {
        value.serialize(&mut serde_json::Serializer::with_formatter(&mut self.octets, Ascii))
    }

    fn time(&mut self, at: Timestamp) {
        let second = at.as_micros().div_euclid(1_000_000);
        if self.second != Some(second) {
            self.second = Some(second);
            self.date = at.to_string();
        }
        // Years of more digits than four are none that a capture should have.
        let (Some(date), 27) = (self.date.as_bytes().get(..SECOND), self.date.len()) else {
            return drop(write!(self.octets, "{at}"));
        };
        let mut micros = *b".000000Z";
        let mut rest = at.as_micros().rem_euclid(1_000_000);
        for digit in micros.iter_mut().skip(1).take(6).rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
        }
        self.octets.extend_from_slice(date);
        self.octets.extend_from_slice(&micros);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Sheet)) -> String {
        let mut sheet = Sheet::new();
        write(&mut sheet);
        let mut out = Vec::new();
        sheet.hand_on_all(&mut out).expect("memory");
        String::from_utf8(out).expect("ASCII")
    }

    #[test]
    fn a_time_is_written_as_it_is_displayed() {
        let mut sheet = Sheet::new();
        for micros in [0, 1, 999_999, 1_000_000, -1, 1_795_338_000_123_456, i64::MAX, i64::MIN] {
            for at in [micros, micros.saturating_add(7)].map(Timestamp::from_micros) {
                sheet.time(at);
                assert_eq!(String::from_utf8_lossy(&sheet.octets), at.to_string());
                sheet.octets.clear();
            }
        }
    }

    #[test]
    fn an_address_is_written_as_it_is_displayed() {
        let every = (0..=255).map(|octet| IpAddr::from([octet, 255 - octet, octet / 2, 0]));
        let others = ["2001:db8::7", "::ffff:10.1.4.23", "::"].map(|text| text.parse().unwrap());
        for address in every.chain(others) {
            let line = written(|sheet| sheet.address("x", &Veiled::Plain(address)));
            assert_eq!(line, format!("x\"{address}\""));
        }
    }

    #[test]
    fn any_text_is_written_as_the_library_writes_it() {
        let every = (0..=0x00ff_u32).chain([0x2028, 0xfffd, 0x1_f600]);
        for text in every.filter_map(char::from_u32).map(|c| format!("a{c}b.example")) {
            let line = written(|sheet| sheet.text("", &text));
            assert!(line.bytes().all(|octet| (b' '..=b'~').contains(&octet)), "{line}");
            assert_eq!(serde_json::from_str::<String>(&line).expect("JSON"), text);
        }
    }

    #[test]
    fn a_number_is_written_in_its_own_digits() {
        for number in [0, 9, 10, 99, 100, 443, 9_999, 10_000, 50_000, u16::MAX] {
            assert_eq!(written(|sheet| sheet.number("", number)), number.to_string());
        }
    }

    #[test]
    fn lines_are_handed_on_once_they_are_many_and_none_is_left() {
        let (mut sheet, mut out) = (Sheet::new(), Vec::new());
        sheet.line(&"a").expect("memory");
        sheet.hand_on(&mut out).expect("memory");
        assert!(out.is_empty());
        while out.is_empty() {
            sheet.line(&"a").expect("memory");
            sheet.hand_on(&mut out).expect("memory");
        }
        assert!(out.len() >= FULL);
        sheet.hand_on_all(&mut out).expect("memory");
        assert!(sheet.octets.is_empty());
    }
}
