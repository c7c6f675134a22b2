//! The types that flow through Wardline, in the order in which a fact grows.
//!
//! ```text
//! Packet → Observation → Match → Attribution → Incident → Letter
//!       ↘ Claim ────────────────↗                ↑ Decision
//! ```
//!
//! Each stage adds one thing and edits nothing. This crate has no dependency, does no
//! I/O and holds no opinion: a type is here when two other crates name it. Values are
//! valid by construction; times and keys are arguments.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod claim;
mod endpoint;
mod escalation;
mod incident;
mod matched;
mod name;
mod observation;
mod person;
mod rule;
mod time;

pub use claim::{
    Accounting, AccountingStatus, Assertion, Attempt, Claim, Exchange, LogonEvent, Means, Source,
    TerminateCause,
};
pub use endpoint::{Frame, Mac, NotAMac, Path, SensorId, Sighting, SiteId};
pub use escalation::{
    Act, Decision, DecisionId, Delivery, Letter, LetterId, Person, PersonId, Reason,
};
pub use incident::{CodeWords, Incident, IncidentId, Outcome, Phase, Seat, Telling, View};
pub use matched::{Heard, Match, MatchId, NotAnId, Progress};
pub use name::{HostName, LONGEST_NAME, Name};
pub use observation::{
    Alpn, ClientHello, DnsAnswer, DnsQuestion, EchKind, Evidence, HttpRequest, Inferred,
    Observation,
};
pub use person::{
    Answer, Attribution, Bearing, Candidate, Certainty, Device, Duty, Ground, Role, Several,
    UserName, Why,
};
pub use rule::{
    Category, Confidence, NotAWord, Profile, ProtectedGroup, RuleId, Ruling, Rung, Severity, Weight,
};
pub use time::{Span, Timestamp};
