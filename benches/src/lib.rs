//! Seeded traffic and names for the benches: the same seed gives the same bytes anywhere.

mod hellos;
mod hostile;
mod lists;
mod names;
mod readers;
mod telling;
mod traffic;
mod visit;

pub use hellos::Hellos;
pub use hostile::{MOST_STEPS, Worst, hostile, slowest};
pub use lists::{listed, rules_with_list};
pub use names::{list_of, rules_with, unlisted};
pub use readers::Reader;
pub use telling::{Agreement, Kind, Telling, agree, read_truth, truth_of};
pub use traffic::{Frame, Mix, Traffic, traffic};
