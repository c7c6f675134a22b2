//! Files that a school writes: its directory and its logins.

mod directory;
mod fault;
mod logins;
mod table;

pub use directory::read_directory;
pub use fault::Fault;
pub use logins::{Arrival, LoginTable};
