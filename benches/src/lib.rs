//! Seeded traffic and names for the benches: the same seed gives the same bytes anywhere.

mod chance;
mod names;
mod traffic;

pub use chance::Chance;
pub use names::{list_of, rules_with, unlisted};
pub use traffic::{Frame, Mix, Traffic, traffic};
