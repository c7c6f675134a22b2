//! The governor's weekly page: five questions answered from what was measured, no names.

mod answers;
mod filter;
mod render;
mod watched;
mod week;

pub use answers::{GovernorPage, Measured, answer};
pub use render::{html, text};
pub use week::{last_week, week_to_friday};
