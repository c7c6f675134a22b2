//! What is wrong with a file that a person wrote: where it stands, why, and the mend.

use std::fmt;
use std::ops::Range;

/// One thing wrong in a text, before it is known which file the text came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The bytes of the text that it is about, where they are known.
    pub span: Option<Range<usize>>,
    /// The key, as a person would look it up: `calendar.terms`.
    pub key: String,
    /// What is wrong, in one sentence.
    pub sentence: String,
    /// What to do about it, in one sentence.
    pub mend: String,
}

impl Fault {
    /// Puts the fault into its file: counts the line and column of its first byte.
    #[must_use]
    pub fn locate(self, file: &str, text: &str) -> Diagnostic {
        let (line, column) = match &self.span {
            Some(span) => line_and_column(text, span.start),
            None => (1, 1),
        };
        Diagnostic {
            file: file.into(),
            line,
            column,
            key: self.key,
            sentence: self.sentence,
            mend: self.mend,
            gravity: Gravity::Fault,
        }
    }

    /// Reads the fault that the TOML reader itself found, which is always the first only.
    #[must_use]
    pub fn from_toml(error: &toml::de::Error) -> Self {
        let said = error.message().trim().replace('\n', ", ");
        let (sentence, mend) = match said.strip_prefix("unknown field ") {
            Some(rest) => (
                format!("There is no key {}.", rest.replacen(", expected ", " here, but ", 1)),
                "Correct its name or take it out",
            ),
            None => (format!("The file is no good TOML here: {said}."), "Correct the line"),
        };
        let mend = format!("{mend}; the rest of the file is read again after that.");
        Self { span: error.span(), key: String::new(), sentence, mend }
    }
}

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gravity {
    /// The file is used, but a person should know this.
    Note,
    /// The file is not used until this is mended; what was loaded before stays.
    Fault,
}

/// One thing wrong in a file, with its place. Printed as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file, as the person named it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The key, as a person would look it up; may be empty.
    pub key: String,
    /// What is wrong, in one sentence.
    pub sentence: String,
    /// What to do about it, in one sentence.
    pub mend: String,
    /// Whether the file can be used all the same.
    pub gravity: Gravity,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.file, self.line, self.column)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{} {}", self.sentence, self.mend)
    }
}

/// Counts lines and characters, both from 1, up to a byte of the text.
fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count().saturating_add(1);
    let last = before.rsplit('\n').next().unwrap_or_default();
    (line, last.chars().count().saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_printed_with_its_line_and_its_mend() {
        let text = "a = 1\nb = \"é\" # x\n";
        let start = text.find('#').unwrap();
        let fault = Fault {
            span: Some(start..start + 1),
            key: "b".into(),
            sentence: "It is odd.".into(),
            mend: "Mend it.".into(),
        };
        assert_eq!(
            fault.locate("school.toml", text).to_string(),
            "school.toml:2:9: b: It is odd. Mend it."
        );
    }
}
