//! From a match to a case: grace, attribution, weight, grouping, and who is told.
//!
//! A match waits for the logon that explains it (`core`), is tied to who may have been
//! behind it and weighed (`joining`, `evidence`, `attempts`), and joins a case (`key`,
//! `case`). A case finds its people (`people`, `spelling`, `subject`, `routing`), climbs from one to
//! the next (`climb`), tells them (`telling`), and does not rest where nobody can be told
//! (`reaching`). People decide (`decisions`), evidence
//! moves (`changing`), and after a stop everything goes on (`restore`).

mod attempts;
mod case;
mod changing;
mod climb;
mod core;
mod decisions;
mod evidence;
mod joining;
mod key;
mod naming;
mod people;
mod reaching;
mod restore;
mod routing;
mod settings;
mod spelling;
mod subject;
mod telling;
mod ties;
mod witness;

#[cfg(test)]
pub(crate) mod tests;

pub use core::{Desk, Event, WhoWas};
pub use people::{GuestLine, People, PersonWritten};
pub use routing::{Called, Pace, Part, Route};
pub use settings::{NamedNetwork, Network, Profiles, Settings, USUAL_GRACE};
pub use spelling::may_be_one_name;
pub use subject::{Standing, Subject, is_welfare};
