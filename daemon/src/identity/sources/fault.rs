//! What is wrong in a file, where, and how to mend it.

use std::fmt;

/// One fault of one file. Its words hold no account name, so it may be logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file, as it was named.
    pub file: String,
    /// The line, counted from 1.
    pub line: u64,
    /// The column's heading, where one is meant.
    pub column: Option<String>,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub mend: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} line {}", self.file, self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column `{column}`")?;
        }
        write!(f, ": {}. {}.", self.what, self.mend)
    }
}

impl std::error::Error for Fault {}

/// A hostile or mistyped word, short and without control characters.
pub(super) fn shown(word: &str) -> String {
    let cut: String = word.chars().take(24).collect();
    let dots = if word.chars().count() > 24 { "…" } else { "" };
    format!("`{}{dots}`", cut.escape_debug())
}
