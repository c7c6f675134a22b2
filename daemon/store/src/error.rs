//! What can go wrong with a database, in sentences that name the file and the mend.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use facts::{IncidentId, LetterId};
use rusqlite::ErrorCode;

/// Why a database could not be opened, read or written. Whatever it says, the file is as
/// it was before the call.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is not there, and only its writer creates it.
    #[error("{}: there is no such database yet; the program that writes it creates it when it starts", path.display())]
    Absent {
        /// The file.
        path: PathBuf,
    },
    /// The file or its folder refuses what is needed.
    #[error("{}: can not be opened; check that the folder exists and that this user may {need} it", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What this user needs to be allowed: `read`, `write`.
        need: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// SQLite can not open the file.
    #[error("{}: can not be opened as a database; check who owns it and whether this user may {need} it", path.display())]
    Closed {
        /// The file.
        path: PathBuf,
        /// What this user needs to be allowed: `read`, `write`.
        need: &'static str,
        /// What SQLite said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The file holds something else.
    #[error("{}: is not a database; nothing in it was changed: move it away or name another path", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file is a database of another program or of another purpose.
    #[error("{}: is a database, but not Wardline's {kind}; nothing in it was changed: name the right path", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What was expected: `record.db`, `review.db`.
        kind: &'static str,
    },
    /// Another running program writes the file.
    #[error("{}: another running daemon writes it; stop that one first", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// A later release wrote the file.
    #[error("{}: was written by a newer release (schema {found}, this one knows {known}); nothing in it was changed: install that release again or restore a backup", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The schema found.
        found: i64,
        /// The newest schema this program knows.
        known: i64,
    },
    /// An earlier release wrote the file and its writer has not been started since.
    #[error("{}: still has schema {found}, this release reads {known}; start the program that writes it once", path.display())]
    Older {
        /// The file.
        path: PathBuf,
        /// The schema found.
        found: i64,
        /// The schema this program reads.
        known: i64,
    },
    /// The file is damaged.
    #[error("{}: is damaged ({what}); nothing in it was changed: move it away and restore the last backup", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the check of the file said.
        what: String,
    },
    /// The schema could not be brought up to date.
    #[error("{}: its schema can not be brought up to date; it is as it was before", path.display())]
    Migration {
        /// The file.
        path: PathBuf,
        /// What refused.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A statement was refused: a full disk, a lost file, a damaged page.
    #[error("the database refused to go on; nothing of this step was kept")]
    Refused(#[source] Box<dyn Error + Send + Sync>),
    /// A stored value is not what this program writes.
    #[error("a stored {what} can not be read; the row was left as it is")]
    Unreadable {
        /// What it should be, without its value.
        what: &'static str,
    },
    /// A delivery belongs to a letter that is not stored.
    #[error("letter {0} is not stored, so nothing can be said about its delivery")]
    UnknownLetter(LetterId),
    /// A revision of a case is stored already, and says something else.
    #[error(
        "revision {revision} of case {incident} is stored already and says something else; a revision is never rewritten"
    )]
    RevisionTaken {
        /// The case.
        incident: IncidentId,
        /// The revision.
        revision: u32,
    },
    /// The audit chain was touched.
    #[error("the audit chain is broken at row {row}: {what}")]
    AuditBroken {
        /// The first row that does not fit.
        row: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes, so no installation key can be made")]
    NoRandomness,
}

impl StoreError {
    /// Whether the disk had no room for it. The file that writer and readers share can not
    /// grow either, which is told in other words.
    pub(crate) fn is_full_disk(&self) -> bool {
        let Self::Refused(cause) = self else { return false };
        let cause = cause.downcast_ref::<rusqlite::Error>();
        cause.and_then(rusqlite::Error::sqlite_error).is_some_and(|error| {
            error.code == ErrorCode::DiskFull
                || error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE
        })
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..) => Self::Unreadable { what: "value" },
            error => Self::Refused(Box::new(error)),
        }
    }
}

/// An error and what caused it, each after a colon: the first says what to mend, the last
/// what the system said. A cause that only repeats is left out.
#[must_use]
pub fn with_causes(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut has_cause = false;
    let mut cause = error.source();
    while let Some(error) = cause {
        let says = error.to_string();
        // SQLite's own number for what the cause before has said already.
        let is_number = has_cause && says.starts_with("Error code ");
        if !told.contains(&says) && !is_number {
            told.push_str(": ");
            told.push_str(&says);
            has_cause = true;
        }
        cause = error.source();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An error with what caused it.
    #[derive(Debug, thiserror::Error)]
    #[error("{says}")]
    struct Layer {
        says: &'static str,
        #[source]
        cause: Option<Box<Layer>>,
    }

    fn layers(says: &[&'static str]) -> Option<Box<Layer>> {
        let (first, rest) = says.split_first()?;
        Some(Box::new(Layer { says: first, cause: layers(rest) }))
    }

    #[test]
    fn what_a_database_refused_is_said_once() {
        let told = |says: &[&'static str]| with_causes(&*layers(says).expect("an error"));
        assert_eq!(
            told(&[
                "a.db: can not be opened",
                "unable to open it",
                "Error code 14: Unable to open"
            ]),
            "a.db: can not be opened: unable to open it"
        );
        assert_eq!(told(&["the disk is full", "disk is full"]), "the disk is full");
        assert_eq!(
            told(&["a.db: refused", "Error code 13: disk full"]),
            "a.db: refused: Error code 13: disk full"
        );
    }
}
