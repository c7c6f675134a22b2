//! The laws of the house as functions: each takes sources and answers with faults.
//!
//! A law never reads the disk itself, so that a unit test can show it a made-up source and
//! see it fail. `tests/layout.rs` shows it the repository.

mod edges;
mod files;
mod pages;
mod places;
mod source;
mod tree;
mod words;

use std::fmt;

pub use edges::{Edges, WALLS, Wall, crossed};
pub use files::{
    LONGEST_FILE, crowded_facts, length, lints_of_parsers, opening, unlinted_members, vague_names,
};
pub use pages::{subcommands, unmentioned};
pub use places::{PLACES, Place, misplaced};
pub use source::Source;
pub use tree::{Text, repository, root, sources};
pub use words::{foreign_registries, unwanted_words};

/// One breach of a law: where, what, and how it is mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file, from the repository's root.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub mend: String,
}

impl Fault {
    fn new(file: &str, line: usize, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { file: file.into(), line, what: what.into(), mend: mend.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}; {}", self.file, self.line, self.what, self.mend)
    }
}

/// Ends the test with every fault on a line of its own, or not at all.
///
/// # Panics
/// Panics where there is a fault: this is an assertion.
pub fn assert_kept(law: &str, faults: &[Fault]) {
    let lines: Vec<_> = faults.iter().map(|fault| format!("  {fault}")).collect();
    assert!(faults.is_empty(), "{law}: {} faults\n{}", faults.len(), lines.join("\n"));
}
