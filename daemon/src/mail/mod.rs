//! Letters: their words, their linter, and their way to a server.

mod maildir;
mod postbox;
mod smtp;
mod way;

pub use postbox::{Fared, deliver_letters};
pub use smtp::{SmtpServer, SmtpSettings, read_secret};
pub use way::{Refused, Trouble, Way};
