//! What reaches a terminal: text from outside is written so that it can be read and can do
//! nothing.

use std::fmt::{self, Display};
use std::io::{self, Write};

use serde_json::ser::Formatter;

/// One line with everything written out that would act on a terminal and not be read:
/// control characters, line breaks, marks that turn the direction of text.
#[must_use]
pub const fn legible(line: &str) -> impl Display {
    Legible(line)
}

struct Legible<'a>(&'a str);

impl Display for Legible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A program's text would have these escaped; a sentence has them as they are.
        let stays = |c: char| matches!(c, '"' | '\'' | '\\');
        for part in self.0.split_inclusive(stays) {
            let text = part.strip_suffix(stays).unwrap_or(part);
            write!(f, "{}", text.escape_debug())?;
            f.write_str(part.get(text.len()..).unwrap_or_default())?;
        }
        Ok(())
    }
}

/// JSON with every character outside printable ASCII written as its UTF-16 units: it reads
/// back as it was, and no name in it can move a cursor or turn the direction of a line.
pub struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        write_ascii(out, fragment)
    }
}

/// JSON that was written already, in the same spelling.
#[must_use]
pub fn ascii(json: &str) -> String {
    let mut out = Vec::with_capacity(json.len());
    // Writing to memory can not fail, and what is written is ASCII.
    let _ = write_ascii(&mut out, json);
    String::from_utf8(out).unwrap_or_default()
}

/// Line breaks stay: inside a string JSON has escaped them before.
fn write_ascii<W: ?Sized + Write>(out: &mut W, text: &str) -> io::Result<()> {
    if text.bytes().all(|octet| octet == b'\n' || (b' '..=b'~').contains(&octet)) {
        return out.write_all(text.as_bytes());
    }
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| !(c == '\n' || c == ' ' || c.is_ascii_graphic())) {
        let (plain, other) = rest.split_at(at);
        out.write_all(plain.as_bytes())?;
        let mut characters = other.chars();
        if let Some(character) = characters.next() {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
        }
        rest = characters.as_str();
    }
    out.write_all(rest.as_bytes())
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    const HOSTILE: &str = "a\u{1b}[2J\u{9b}1m\u{7}\r\n\u{202e}\u{200b}\u{2028}b\u{7f}";

    #[test]
    fn what_would_act_on_a_terminal_is_written_out() {
        assert_eq!(
            legible(HOSTILE).to_string(),
            r"a\u{1b}[2J\u{9b}1m\u{7}\r\n\u{202e}\u{200b}\u{2028}b\u{7f}"
        );
    }

    #[test]
    fn what_can_be_read_stays_as_it_is() {
        for line in [r#"ELMROW\j.head said "no", it's 15:08"#, "Zoë Öl 李 “so” – …", "", "\""]
        {
            assert_eq!(legible(line).to_string(), line);
        }
    }

    #[test]
    fn json_in_ascii_reads_back_as_it_was() {
        let json = serde_json::to_string_pretty(&[HOSTILE, "müller.k", "\u{1f600}"]).unwrap();
        let written = ascii(&json);
        assert!(written.bytes().all(|b| b == b'\n' || (b' '..=b'~').contains(&b)), "{written}");
        let read: Vec<String> = serde_json::from_str(&written).unwrap();
        assert_eq!(read, [HOSTILE, "müller.k", "\u{1f600}"]);
        let mut line = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(&mut line, Ascii);
        read.serialize(&mut serializer).unwrap();
        assert!(line.iter().all(|b| (b' '..=b'~').contains(b)));
        assert_eq!(serde_json::from_slice::<Vec<String>>(&line).unwrap(), read);
    }
}
