//! Seeded traffic and names for the benches: the same seed gives the same bytes anywhere.

mod hostile;
mod names;
mod traffic;

pub use hostile::{MOST_STEPS, Worst, hostile, slowest};
pub use names::{list_of, rules_with, unlisted};
pub use traffic::{Frame, Mix, Traffic, traffic};
