//! Facts as stored text: the crate of facts knows no serde, so each is mirrored here.

mod act;
mod claim;
mod incident;
mod person;

pub(crate) use act::ActText;
pub(crate) use claim::ClaimText;
pub(crate) use incident::{IncidentText, RulingText, SightingText};
pub(crate) use person::AttributionText;
