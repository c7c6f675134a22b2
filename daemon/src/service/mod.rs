//! The running daemon: a thread that hears packets, and the desk's own thread that decides,
//! writes and hands letters to the postbox.

mod alive;
mod beat;
mod census;
mod decisions;
mod figures;
mod halves;
mod hearing;
mod letters;
mod list_changes;
mod logins;
mod mirror;
mod remembered;
mod renewal;
mod start;
mod upkeep;
mod working;

pub use alive::Alive;
pub use beat::{Beat, Counts, LoginSource, MirrorFault};
pub use hearing::{Ears, Hearing, Pulse};
pub use logins::FollowedLogins;
pub use remembered::Remembered;
pub use renewal::Renewal;
pub use start::{heed_signals, open_office, open_postbox, tell_start};
pub use upkeep::Upkeep;
pub use working::{End, Parts, Worker};
