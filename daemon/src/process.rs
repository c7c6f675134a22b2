//! What this process may do: capabilities are dropped as soon as the capture is open.

use std::io;

use caps::{CapSet, CapsHashSet};

use crate::capture::{Fault, FileError, Wrong};

/// Proof that the capabilities are gone; what reads hostile bytes asks for it.
#[derive(Clone, Copy, Debug)]
pub struct Unprivileged(());

/// Gives up every capability, for good.
///
/// # Errors
/// One sentence when the system refuses; then nothing hostile may be read.
pub fn drop_privileges() -> Result<Unprivileged, String> {
    let none = CapsHashSet::new();
    for set in [CapSet::Ambient, CapSet::Inheritable, CapSet::Effective, CapSet::Permitted] {
        caps::set(None, set, &none)
            .map_err(|error| format!("the process can not give up its privileges: {error}"))?;
    }
    Ok(Unprivileged(()))
}

/// Exit codes of sysexits, and one beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All went well.
    Fine = 0,
    /// What was asked for was done, and it found something that needs somebody. Not of
    /// sysexits, so that it can not be taken for a failure of the command.
    Red = 1,
    /// The command line is wrong.
    Usage = 64,
    /// The input is wrong.
    Data = 65,
    /// Something outside is not there: a database, a socket.
    Unavailable = 69,
    /// A fault of this program.
    Bug = 70,
    /// A file or the system failed.
    Io = 74,
    /// Not permitted.
    Permission = 77,
    /// The configuration is wrong.
    Config = 78,
}

/// Why a command ends badly: the exit code and what to tell.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// One sentence a fault.
    pub sentences: Vec<String>,
}

impl Failure {
    /// Captures that could not be read: one sentence a file. Where all were read, and only
    /// some of their packets passed over, it is told and no failure.
    #[must_use]
    pub fn of_captures(error: &FileError) -> Self {
        let is_closed = |fault: &Fault| matches!(&fault.wrong, Wrong::System(e) if e.kind() == io::ErrorKind::PermissionDenied);
        let exit = if error.faults.iter().all(Fault::is_remark) {
            Exit::Fine
        } else if error.faults.iter().all(is_closed) {
            Exit::Permission
        } else {
            Exit::Data
        };
        Self { exit, sentences: error.faults.iter().map(ToString::to_string).collect() }
    }

    /// A failure told in one sentence.
    #[must_use]
    pub fn new(exit: Exit, sentence: impl Into<String>) -> Self {
        Self { exit, sentences: vec![sentence.into()] }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_capture_that_may_not_be_read_is_a_matter_of_permission_and_any_other_one_of_data() {
        let fault = |wrong| Fault { file: PathBuf::from("a.pcap"), offset: 0, wrong };
        let closed = || fault(Wrong::System(io::ErrorKind::PermissionDenied.into()));
        let failure = |faults| Failure::of_captures(&FileError { faults });
        assert_eq!(failure(vec![closed(), closed()]).exit, Exit::Permission);
        let both = failure(vec![closed(), fault(Wrong::Truncated)]);
        assert_eq!((both.exit, both.sentences.len()), (Exit::Data, 2));
        let unread = |others| fault(Wrong::UnreadLink { link: 189, packets: 3, others });
        assert_eq!(failure(vec![unread(1), unread(7)]).exit, Exit::Fine);
        assert_eq!(failure(vec![unread(1), unread(0)]).exit, Exit::Data);
    }
}
