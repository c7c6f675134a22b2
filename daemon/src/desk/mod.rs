//! From a match to a case: grace, attribution, weight, grouping, and who is told.

mod climb;
mod people;
mod routing;
mod subject;

pub use people::{GuestLine, People, PersonWritten};
pub use routing::{Called, Pace, Part, Route};
pub use subject::{Standing, Subject, is_welfare};

#[cfg(test)]
mod tests;
