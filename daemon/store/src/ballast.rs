//! Room on the disk that is kept for the moment when there is no other.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use ring::rand::{SecureRandom, SystemRandom};
use rustix::fs::statvfs;

/// What is written at once.
const BLOCK: usize = 64 * 1024;

/// A file beside the record that holds nothing but room. Thrown away when the disk is full,
/// so that what is being written still finds its place (RESILIENCE ST-02).
#[derive(Debug)]
pub(crate) struct Ballast {
    place: PathBuf,
    octets: u64,
}

/// How the disk of a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskRoom {
    /// There is room, and a reserve beside it.
    Enough,
    /// Little is left beside the reserve: this many octets.
    Little(u64),
    /// The disk was full. The reserve is in use, and there is no room yet to set it aside
    /// again: this many octets are left.
    ReserveInUse(u64),
}

impl Ballast {
    /// The reserve of the record at this place, of so many octets. Nothing is written yet.
    pub(crate) fn beside(record: &Path, octets: u64) -> Self {
        let mut place = record.as_os_str().to_owned();
        place.push("-ballast");
        Self { place: place.into(), octets }
    }

    /// Gives the room back to the disk; whether there was any to give.
    pub(crate) fn throw_away(&self) -> bool {
        fs::remove_file(&self.place).is_ok()
    }

    /// Sets the room aside where it is not yet and the disk has at least as much again, and
    /// says how the disk stands.
    pub(crate) fn look_after(&self) -> io::Result<DiskRoom> {
        let is_whole = fs::metadata(&self.place).is_ok_and(|file| file.len() == self.octets);
        let folder = self.place.parent().unwrap_or_else(|| Path::new("."));
        let disk = statvfs(folder)?;
        let left = disk.f_bavail.saturating_mul(disk.f_frsize);
        let has_little = left < self.octets;
        if is_whole {
            return Ok(if has_little { DiskRoom::Little(left) } else { DiskRoom::Enough });
        }
        if left < self.octets.saturating_mul(2) {
            return Ok(DiskRoom::ReserveInUse(left));
        }
        self.set_aside().inspect_err(|_| _ = self.throw_away())?;
        Ok(DiskRoom::Enough)
    }

    /// Random octets: a disk that packs its files would keep no room for anything else.
    fn set_aside(&self) -> io::Result<()> {
        let mut block = vec![0; BLOCK];
        let no_chance = |_| io::Error::other("the system gives no random bytes");
        SystemRandom::new().fill(&mut block).map_err(no_chance)?;
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&self.place)?;
        let mut left = self.octets;
        while left > 0 {
            let part = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
            file.write_all(block.get(..part).unwrap_or_default())?;
            left = left.saturating_sub(part as u64);
        }
        file.sync_all()
    }
}
