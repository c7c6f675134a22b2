//! Study exceptions: a topic opened for a class, for a time, by two people.
//!
//! An exception holds for an account that is proven to be in use, never for one that is only
//! likely. What is covered is forgotten at once: if it was somebody else at a device that was
//! left open, no later record could bring their matter back. What is not covered and should
//! have been is a line on the lead's list, which one look closes, and which is withdrawn by
//! itself where a later record proves the account. So a school whose logins are all likely
//! (Kerberos tickets alone) has no use of exceptions, and `wardline check` says so beforehand. The case
//! page says where only the proof was missing ([`crate::RuleSet::would_be_covered`]).

mod exception;
mod read;
mod written;

#[cfg(test)]
mod tests;

pub(crate) use exception::covering;
pub use exception::{Exception, Exceptions};
pub(crate) use read::no_time;
pub use read::{Reading, Signatory};
