//! The governor's weekly page: five questions answered from what was measured, no names.

mod answers;
mod filter;
mod render;

pub use answers::{GovernorPage, Measured, answer};
pub use render::{html, text};
