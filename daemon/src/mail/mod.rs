//! Letters: their words, their linter, and their way to a server.

mod compose;
mod linter;
mod maildir;
mod postbox;
mod render;
mod smtp;
mod way;
mod words;

#[cfg(test)]
mod tests;

pub use compose::{Addressed, Composed, NotWritten, compose};
pub use linter::{CaseFacts, Flaw, LONGEST_SUBJECT, inspect, inspect_headers};
pub use postbox::{Fared, deliver_letters};
pub use render::{Draft, Form, Letterhead, Notice, Occasion, render, render_plain, usual_reach};
pub use smtp::{SmtpServer, SmtpSettings, credential_place, read_secret};
pub use way::{Refused, Trouble, Way};
pub use words::CALM_NOUNS;
