//! What stands before every page: where a request may come from, what headers an answer has.

mod headers;
mod origin;

pub(crate) use headers::harden;
pub(crate) use origin::{only_from_here, sender};
