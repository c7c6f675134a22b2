//! Prints what was read on the wire, one JSON object a line.
//!
//! A file is shown as it is, but for protected names. What is not a regular file is live
//! traffic of children: there every value that names a person or device is a pseudonym of
//! that run, and a name is printed only once five clients asked for it.

mod crowd;
mod line;
mod printer;
mod sheet;
mod shown;
mod spelling;
#[cfg(test)]
mod tests;
mod verdicts;

pub use crowd::Crowd;
pub use printer::{Copies, ObserveError, Printer, files};
pub use shown::{Pseudonyms, Show, Veiled};
