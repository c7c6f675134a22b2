//! Study exceptions: a topic opened for a class, for a time, by two people.

mod exception;
mod read;
mod written;

#[cfg(test)]
mod tests;

pub use exception::{Exception, Exceptions};
pub(crate) use read::no_time;
pub use read::{Reading, Signatory};
