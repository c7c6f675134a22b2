//! The private file of password hashes: one line a person, readable by its owner only.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use facts::PersonId;

use super::secret::sha256;

/// The file of password hashes.
#[derive(Clone, Debug)]
pub struct Credentials {
    path: PathBuf,
}

/// Marks one password hash; a session ends when that of its person has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

/// Why the file can not be used.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsFault {
    /// Somebody else could read it.
    #[error("{path}: others than its owner may read it; run: chmod 600 {path}")]
    Open {
        /// The file.
        path: String,
    },
    /// Its text is not what `passwd` writes.
    #[error("{path} line {line}: {fault}; each line reads: person = \"$argon2id$…\"")]
    Text {
        /// The file.
        path: String,
        /// Where, from 1.
        line: usize,
        /// What is wrong there.
        fault: String,
    },
    /// It can not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
}

impl Credentials {
    /// The file at `path`; it need not exist yet.
    #[must_use]
    pub const fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// The hash of a person's password with its mark; none where the person has none.
    ///
    /// # Errors
    /// Says why the file can not be used. A missing file holds nobody.
    pub fn of(&self, person: &PersonId) -> Result<Option<(String, Fingerprint)>, CredentialsFault> {
        let hash = self.read()?.remove(person.as_str());
        Ok(hash.map(|hash| {
            let mark = Fingerprint(sha256(hash.as_bytes()));
            (hash, mark)
        }))
    }

    /// Sets the hash of a person's password. The file is replaced whole.
    ///
    /// # Errors
    /// Says why the file can not be used; it is unchanged then.
    pub fn set(&self, person: &PersonId, hash: &str) -> Result<(), CredentialsFault> {
        let mut hashes = self.read()?;
        hashes.insert(person.as_str().to_owned(), hash.to_owned());
        let text = toml::to_string(&hashes).map_err(|e| self.file(io::Error::other(e)))?;
        self.replace(&text).map_err(|e| self.file(e))
    }

    fn read(&self) -> Result<BTreeMap<String, String>, CredentialsFault> {
        let mode = match fs::metadata(&self.path) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            found => found.map_err(|e| self.file(e))?.mode(),
        };
        if mode & 0o077 != 0 {
            return Err(CredentialsFault::Open { path: self.name() });
        }
        let text = fs::read_to_string(&self.path).map_err(|e| self.file(e))?;
        toml::from_str(&text).map_err(|fault| {
            let before = text.get(..fault.span().map_or(0, |span| span.start)).unwrap_or_default();
            CredentialsFault::Text {
                path: self.name(),
                line: before.matches('\n').count() + 1,
                // The parser's words only: the line itself holds a hash.
                fault: fault.message().to_owned(),
            }
        })
    }

    fn replace(&self, text: &str) -> io::Result<()> {
        let folder = self.path.parent().filter(|p| !p.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        let beside = self.path.with_extension(format!("new-{}", std::process::id()));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        let written = file
            .write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&beside, &self.path))
            .and_then(|()| File::open(folder)?.sync_all());
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written
    }

    fn file(&self, source: io::Error) -> CredentialsFault {
        CredentialsFault::File { path: self.name(), source }
    }

    fn name(&self) -> String {
        self.path.display().to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_hash_is_kept_in_a_file_that_only_its_owner_reads() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials.toml");
        let file = Credentials::at(path.clone());
        let lead = PersonId::new("m.lead");
        assert!(file.of(&lead).unwrap().is_none());
        file.set(&lead, "$argon2id$one").unwrap();
        file.set(&PersonId::new("head"), "$argon2id$two").unwrap();
        let (hash, first) = file.of(&lead).unwrap().unwrap();
        assert_eq!(hash, "$argon2id$one");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        file.set(&lead, "$argon2id$three").unwrap();
        assert_ne!(file.of(&lead).unwrap().unwrap().1, first);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_file_that_others_can_read_or_that_is_no_list_is_refused_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials.toml");
        let file = Credentials::at(path.clone());
        let lead = PersonId::new("lead");
        file.set(&lead, "$argon2id$one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(file.of(&lead).unwrap_err().to_string().contains("chmod 600"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "lead = \"$argon2id$one\"\nhead = $oops\n").unwrap();
        let fault = file.of(&lead).unwrap_err().to_string();
        assert!(fault.contains("line 2") && !fault.contains("argon2id$one"), "{fault}");
        assert!(file.set(&lead, "x").is_err(), "a broken file is not overwritten");
        assert!(fs::read_to_string(&path).unwrap().contains("$oops"));
    }
}
