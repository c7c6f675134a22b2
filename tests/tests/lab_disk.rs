//! A disk that is really full: what is being written still finds its place.

use std::fs;
use std::path::Path;
use std::process::Command;

use facts::Timestamp;
use store::{Change, DiskRoom, Health, RecordReader, RecordWriter};

const MEGABYTE: u64 = 1024 * 1024;
/// Twice what a `-wal` of these rows grows to before it is emptied.
const RESERVE: u64 = 8 * MEGABYTE;

/// A small disk of its own, which goes with the value.
struct Disk(tempfile::TempDir);

impl Disk {
    fn of_megabytes(megabytes: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={megabytes}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "none"]).arg(folder.path());
        assert!(mount.status().unwrap().success(), "a small disk needs root");
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

fn row(number: u64) -> [Change; 1] {
    let sentence = format!("{number} {}", "x".repeat(2_000));
    let at = Timestamp::from_seconds(i64::try_from(number).unwrap());
    [Change::Health(Health { at, kind: "gap".into(), sentence, figure: Some(number) })]
}

#[test]
fn a_full_disk_loses_nothing_that_is_in_hand() {
    let disk = Disk::of_megabytes(32);
    let place = disk.path().join("record.db");
    let mut record = RecordWriter::open(&place).unwrap();
    assert_eq!(record.keep_reserve(RESERVE).unwrap(), DiskRoom::Enough);
    assert!(fs::metadata(disk.path().join("record.db-ballast")).unwrap().len() == RESERVE);
    // Somebody else fills the disk to its last block.
    let filler = disk.path().join("filler");
    let full = fs::write(&filler, vec![1; 32 << 20]).unwrap_err();
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    let Ok(DiskRoom::Little(left)) = record.keep_reserve(RESERVE) else { panic!("little") };
    assert!(left < MEGABYTE, "{left}");

    for number in 1..=200 {
        record.apply(&row(number)).unwrap();
    }
    record.checkpoint().unwrap();
    let in_use = record.keep_reserve(RESERVE).unwrap();
    assert!(matches!(in_use, DiskRoom::ReserveInUse(left) if left < RESERVE), "{in_use:?}");
    assert!(!disk.path().join("record.db-ballast").exists());

    // The reserve has an end: what does not fit is refused whole, and what is there stays.
    let refused = (201..20_000).find(|&number| record.apply(&row(number)).is_err()).unwrap();
    fs::remove_file(&filler).unwrap();
    record.apply(&row(refused)).unwrap();
    assert_eq!(record.keep_reserve(RESERVE).unwrap(), DiskRoom::Enough);
    record.audit_verify().unwrap();
    drop(record);
    let rows = RecordReader::open(&place).unwrap();
    let rows = rows.health(Timestamp::EPOCH, Timestamp::from_seconds(1 << 40)).unwrap();
    let numbers: Vec<u64> = rows.iter().filter_map(|row| row.figure).collect();
    assert_eq!(numbers, (1..=refused).collect::<Vec<_>>());
}
