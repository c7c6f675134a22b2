//! A file or folder that the configuration names, and where it names it.

use std::fmt::Display;
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use rules::Diagnostic;

/// A file or folder that the configuration names. It remembers the line that names it: who
/// has to mend it looks there first.
#[derive(Clone, Debug)]
pub struct Place {
    path: PathBuf,
    named: Diagnostic,
}

impl Place {
    /// `named` is where the configuration names it; its sentence is not used.
    pub(super) const fn new(path: PathBuf, named: Diagnostic) -> Self {
        Self { path, named }
    }

    /// Says that what stands there is wrong, with the line that names it.
    #[must_use]
    pub fn fault(&self, sentence: &str, mend: &str) -> Diagnostic {
        let (sentence, mend) = (sentence.to_owned(), mend.to_owned());
        Diagnostic { sentence, mend, ..self.named.clone() }
    }

    /// Says that it can not be read.
    #[must_use]
    pub fn unreadable(&self, error: &io::Error) -> Diagnostic {
        let mend = match error.kind() {
            io::ErrorKind::NotFound => "Put the file there, or mend its name.",
            io::ErrorKind::PermissionDenied => "Let the user who runs Wardline read it.",
            _ => "Name a file that can be read.",
        };
        self.fault(&format!("{} can not be read: {error}.", self.path.display()), mend)
    }

    /// A fault that was found inside the file, with the line that names the file.
    #[must_use]
    pub fn inside(&self, fault: &impl Display) -> String {
        let Diagnostic { file, line, column, key, .. } = &self.named;
        format!("{file}:{line}:{column}: {key}: {fault}")
    }
}

impl Deref for Place {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}
