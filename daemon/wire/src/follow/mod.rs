//! How far the connections went that the listener chose to follow, and what its client's
//! DNS says of one that shows no name.
//!
//! Sequence and acknowledgement numbers tell how much came back, so bulk that was never
//! captured counts as well. Numbers can be forged by who sits on the path; a rung is
//! evidence, not proof, and is weighed as such elsewhere.

mod answers;
mod asked;
mod connection;
mod followed;
mod lookups;
mod recent;

pub(crate) use answers::{Answers, Behind, Client, Fresh};
pub(crate) use asked::Solicited;
pub(crate) use connection::Opening;
pub(crate) use followed::Followed;
pub(crate) use lookups::Question;
