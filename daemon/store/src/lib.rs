//! The only room that speaks SQL: two databases, one writer each.
//!
//! | file | written by | read by | holds |
//! |---|---|---|---|
//! | record.db | the daemon ([`RecordWriter`]) | the dashboard ([`RecordReader`]) | matches, cases, letters, claims, counts, health |
//! | review.db | the dashboard ([`ReviewWriter`]) | the daemon ([`ReviewReader`]) | decisions, notes, who looked at what |
//!
//! So a broken dashboard can not alter evidence, and a broken parser can not take its own
//! case. Facts go in and facts come out: no SQL, no row leaves this crate. Both writers
//! keep a chain of hashes over what they wrote, which outlives the names.

mod audit;
mod ballast;
mod change;
mod error;
mod evidence;
mod health;
mod incidents;
mod migrate;
mod mirror;
mod open;
mod outbox;
mod people;
mod reader;
mod record;
mod retention;
mod review;
mod sessions;
mod snapshot;
mod tallies;
mod weekly;
mod witness;
mod word;

#[cfg(test)]
mod tests;

pub use audit::{AuditHead, Seal};
pub use ballast::DiskRoom;
pub use change::{Change, Coverage, Health, Witnessed};
pub use error::{StoreError, with_causes};
pub use evidence::SeenMatch;
pub use health::{CoverageHour, State};
pub use outbox::REFUSED_TO_ALL;
pub use reader::RecordReader;
pub use record::RecordWriter;
pub use retention::{DeletionCertificate, Retention};
pub use review::{Mark, Note, ReviewReader, ReviewWriter, Viewed};
pub use snapshot::{OpenIncident, Snapshot};
pub use tallies::Trend;
pub use weekly::{GovernorCase, Letters, Weekly};
pub use witness::WitnessCell;
