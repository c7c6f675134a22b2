//! The bytes of a compiled list, in memory that is not written again.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Deref;
use std::path::Path;

use memmap2::{Advice, Mmap, MmapMut};

/// From how many bytes on a list is laid on huge pages: two of them.
const MANY: u64 = 4 << 20;

/// Bytes that do not change.
///
/// Those of a long list lie on huge pages where the system has them: a look-up reads a few places far
/// apart, and with pages of 4 KiB finding each place costs about as much as reading it.
pub(super) enum Still {
    Few(Vec<u8>),
    Many(Mmap),
}

impl Still {
    /// Reads a whole file.
    ///
    /// # Errors
    /// It can not be read.
    pub(super) fn read(file: &Path) -> io::Result<Self> {
        Self::read_from(File::open(file)?, MANY)
    }

    fn read_from(mut file: File, many: u64) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let room = usize::try_from(length).ok().filter(|_| length >= many);
        let Some(mut pages) = room.and_then(|length| MmapMut::map_anon(length).ok()) else {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            return Ok(Self::Few(bytes));
        };
        // Where the system has no huge pages, small ones do: slower, nothing else.
        _ = pages.advise(Advice::HugePage);
        file.read_exact(&mut pages)?;
        pages.make_read_only().map(Self::Many)
    }
}

impl Deref for Still {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Few(bytes) => bytes,
            Self::Many(pages) => pages,
        }
    }
}

impl From<Vec<u8>> for Still {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Few(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use super::*;

    /// A file without a name, at its beginning.
    fn file_of(bytes: &[u8]) -> File {
        let path = std::env::temp_dir().join(format!(
            "wardline-still-{}-{}",
            std::process::id(),
            bytes.len()
        ));
        let mut options = File::options();
        let mut file =
            options.read(true).write(true).create(true).truncate(true).open(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        file
    }

    #[test]
    fn a_long_file_and_a_short_one_are_read_alike() {
        for length in [0, 1, 4_095, 4_096, 70_001_usize] {
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let few = Still::read_from(file_of(&bytes), u64::MAX).unwrap();
            assert!(matches!(few, Still::Few(_)) && *few == *bytes, "{length}");
            let many = Still::read_from(file_of(&bytes), 1).unwrap();
            assert_eq!(matches!(many, Still::Many(_)), length > 0, "{length}");
            assert_eq!(*many, *bytes, "{length}");
        }
    }
}
