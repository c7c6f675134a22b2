//! Who was it: device and session timelines, asked by sighting and time.
//!
//! Two questions are kept apart. *Which device had the address?* is answered by the
//! hardware address on the frame, or, behind a router, by leases and announcements
//! (`binding`); a hardware address that takes turns between addresses carries more than one
//! computer, and what was done at one of them says nothing sure of another (`card`), nor does what was
//! done before the computer on it called itself otherwise (`hosts`).
//! *Which accounts were logged in on that device?* is answered by half-open
//! intervals: MAY, in which an account could have been logged in, and MUST, in which it is
//! proven (`session`). An address is never mapped to a person.
//!
//! ```text
//! Claim ─ telling ─► Event, Bind, Closing ─ roster ─► timelines of devices and addresses
//!                                                         │ who_was(sighting, at, known_at)
//!                    binding ─► devices ─ session ─► stays ─ answer ─► Attribution
//! ```
//!
//! Nothing is computed when a claim arrives: an answer is a function of the set of claims
//! heard by `known_at`, so the order of arrival, duplicates and late batches can not
//! change it. The meaning of every interval stands in `session`, and a slow, literal
//! second version of it in `tests/oracle.rs`.

mod answer;
mod binding;
mod card;
mod crowd;
mod directory;
mod dirty;
mod ending;
mod event;
mod hosts;
mod login;
mod owners;
mod roster;
mod servers;
mod session;
mod settings;
pub mod sources;
mod telling;
mod timeline;
mod view;
mod words;

#[cfg(test)]
mod tests;

pub use directory::{Directory, Entry};
pub use dirty::Dirty;
pub use roster::Roster;
pub use settings::{ClockBounds, Settings};
