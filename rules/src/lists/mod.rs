//! Lists of names that others keep: read in their formats, mapped, compiled, asked.

mod about;
mod compiled;
mod formats;
mod gathered;
mod hash;
mod import;
mod map;
mod refused;
mod rpz;
mod still;

#[cfg(test)]
mod tests;

pub use about::{GroupAbout, ListAbout};
pub use compiled::{ListFile, NoList};
pub use import::{Change, GroupReport, Import, Imported};
pub use map::ListMap;

/// The folder of compiled lists in the folder of a school's own rules.
pub const LIST_FOLDER: &str = "lists";
/// How the file of a compiled list ends.
pub const LIST_ENDING: &str = "list";
