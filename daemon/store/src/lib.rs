//! The only room that speaks SQL: two databases, one writer each.

mod change;

pub use change::{Change, Health};
