//! The ways a letter can leave, and how a refusal is told from a delay.

use std::path::PathBuf;

use facts::Letter;

use super::maildir;
use super::smtp::SmtpServer;

/// A way for letters to leave.
pub enum Way {
    /// A mail server, over verified STARTTLS.
    Smtp(Box<SmtpServer>),
    /// A folder on this machine; for the demonstration and for tests.
    Maildir(PathBuf),
}

/// Why a letter did not leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Try again: the server said so, the line broke, or nobody knows what happened.
    /// What is not understood is always tried again, never dropped.
    Later(Trouble),
    /// This recipient is refused for good: the next person is told at once.
    Never,
}

/// What stands in the way of mail, as the health page says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The server can not be reached, or the line broke.
    Line,
    /// The server answered "later".
    Busy,
    /// The server's certificate or its STARTTLS is not right: nothing was said in clear.
    Trust,
    /// The server refused our own sign-in.
    SignIn,
    /// The server takes no letter of ours, whoever it is for.
    Unwelcome,
    /// The folder can not be written.
    Folder,
}

impl Trouble {
    /// Whether no waiting mends it: somebody must change a setting here or there. It is tried
    /// again all the same.
    #[must_use]
    pub const fn is_lasting(self) -> bool {
        matches!(self, Self::Trust | Self::SignIn | Self::Unwelcome)
    }

    /// At which step of the conversation, in one word of the journal.
    #[must_use]
    pub const fn step(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Busy => "later",
            Self::Trust => "trust",
            Self::SignIn => "sign-in",
            Self::Unwelcome => "sender",
            Self::Folder => "folder",
        }
    }

    /// One plain sentence with the mend.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Line => {
                "The mail server can not be reached: check its name, port and the network. Letters wait."
            }
            Self::Busy => "The mail server asks us to wait. Letters wait.",
            Self::Trust => {
                "The mail server does not prove who it is (STARTTLS or its certificate), so nothing was sent: check mail.server and mail.trust. Letters wait."
            }
            Self::SignIn => {
                "The mail server refuses our sign-in: check mail.user and its password. Letters wait."
            }
            Self::Unwelcome => {
                "The mail server takes no letters from us: check mail.from, and that the server lets this machine send. Letters wait."
            }
            Self::Folder => {
                "The letter folder can not be written: check its place and rights. Letters wait."
            }
        }
    }
}

impl Way {
    /// Hands one letter over. `Ok` only after the server said 250, or the file is synced.
    ///
    /// # Errors
    /// Says whether to try again.
    pub async fn deliver(&self, letter: &Letter) -> Result<(), Refused> {
        match self {
            Self::Smtp(server) => server.deliver(letter).await,
            Self::Maildir(folder) => {
                maildir::deliver(folder, letter).map_err(|_| Refused::Later(Trouble::Folder))
            }
        }
    }
}
