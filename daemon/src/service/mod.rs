//! The running daemon: a thread that hears packets, and the desk's own thread that decides,
//! writes and hands letters to the postbox.

mod hearing;
mod logins;
mod start;
mod working;

pub use hearing::{Hearing, Pulse};
pub use logins::FollowedLogins;
pub use start::{open_office, open_postbox, stop_on_signal, tell_start};
pub use working::{Parts, Worker};
