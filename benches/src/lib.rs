//! Seeded traffic and names for the benches: the same seed gives the same bytes anywhere.

mod names;
mod traffic;

pub use names::{list_of, rules_with, unlisted};
pub use traffic::{Frame, Mix, Traffic, traffic};
