//! Shows cases and takes decisions: reads record.db, writes review.db only.
//!
//! A request passes `guard` (from this machine, from our own pages, headers on every
//! answer), then `auth` says who asks. `records` opens the two databases for it; `standing`
//! joins what the daemon stored with what people decided since; `words` turns facts into
//! sentences, and `views` puts them on a page. A case leaves this process only after its
//! view was written down.

mod auth;
mod cli;
mod clock;
mod config;
mod connection;
mod dashboard;
mod guard;
mod records;
mod refusal;
mod routes;
mod run;
mod standing;
mod views;
mod words;

pub use auth::{
    ABSOLUTE, Cost, Credentials, CredentialsFault, Fingerprint, IDLE, NoRandomness, PasswordFault,
    hash_password, judge_password,
};
pub use cli::main;
pub use clock::Clock;
pub use config::{ConfigFaults, Loopback, Settings, Written};
pub use dashboard::{CannotBegin, Dashboard};
pub use records::Records;
pub use routes::router;
pub use run::{RunFault, Until, run};
