//! Letters as files in a maildir: written beside, synced, then renamed into `new`.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use facts::Letter;

/// Writes one letter as `new/<letter id>.eml`. The same letter again replaces itself, so a
/// repeat after a crash leaves one file.
pub(super) fn deliver(folder: &Path, letter: &Letter) -> io::Result<()> {
    for part in ["tmp", "new", "cur"] {
        fs::create_dir_all(folder.join(part))?;
    }
    let name = format!("{}.eml", letter.id);
    let beside = folder.join("tmp").join(&name);
    let mut file = File::create(&beside)?;
    file.write_all(&letter.message)?;
    file.sync_all()?;
    fs::rename(&beside, folder.join("new").join(&name))?;
    File::open(folder.join("new"))?.sync_all()
}
