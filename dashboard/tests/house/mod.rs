//! A school of a dozen facts, and a browser for its dashboard.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod browser;
pub mod cases;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use axum::Router;
use facts::{Duty, Person, PersonId, Timestamp};
use store::{Change, Coverage, RecordReader, RecordWriter, ReviewReader};
use tempfile::TempDir;
use wardline_dashboard::{Clock, Cost, Credentials, Dashboard, Written, hash_password, router};

/// Friday 20 November 2026, 15:09 in London.
pub const NOW: Timestamp = Timestamp::from_seconds(1_795_187_340);
pub const PASSWORD: &str = "grey heron over water";

/// Databases in a temporary folder, and the pages over them.
pub struct House {
    pub folder: TempDir,
    pub clock: Clock,
    pub router: Router,
    pub record: RecordWriter,
}

impl House {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut record = RecordWriter::open(&folder.path().join("record.db")).unwrap();
        record.apply(&[Change::People(people()), Change::Coverage(coverage(NOW))]).unwrap();
        let credentials = Credentials::at(folder.path().join("credentials.toml"));
        for person in people() {
            credentials.set(&person.id, hash()).unwrap();
        }
        let clock = Clock::by_hand(NOW);
        let dashboard = Dashboard::begin(settings(folder.path()), clock.clone()).unwrap();
        Self { router: router(Arc::new(dashboard)), folder, clock, record }
    }

    pub fn tell(&mut self, changes: &[Change]) {
        self.record.apply(changes).unwrap();
    }

    pub fn review(&self) -> ReviewReader {
        ReviewReader::open(&self.path("review.db")).unwrap()
    }

    pub fn reader(&self) -> RecordReader {
        RecordReader::open(&self.path("record.db")).unwrap()
    }

    /// Puts nonsense in the place of a database, as a failing disk would.
    pub fn lose(&self, name: &str) {
        for side in ["-wal", "-shm", "-journal"] {
            let _ = std::fs::remove_file(self.path(&format!("{name}{side}")));
        }
        let beside = self.path("nonsense");
        std::fs::write(&beside, "nonsense ".repeat(1_000)).unwrap();
        std::fs::rename(beside, self.path(name)).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn settings(folder: &Path) -> wardline_dashboard::Settings {
    let mut written = Written::default();
    for (key, name) in
        [("record", "record.db"), ("review", "review.db"), ("credentials", "credentials.toml")]
    {
        written.flag(key, Some(folder.join(name).display().to_string()));
    }
    written.flag("site_name", Some("Elm Row Primary School".into()));
    written.flag("time_zone", Some("Europe/London".into()));
    written.flag("home_time", Some("15:15".into()));
    written.settings().unwrap()
}

/// One hash for everybody, at the least cost that is allowed: tests sign in often.
fn hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| hash_password(PASSWORD, Cost::FLOOR).unwrap())
}

pub fn people() -> Vec<Person> {
    let person = |id: &str, display: &str, duties: &[Duty]| Person {
        id: PersonId::new(id),
        display: display.into(),
        mail: format!("{id}@elmrow.example"),
        duties: duties.to_vec(),
    };
    vec![
        person("lead", "R. Ash", &[Duty::Lead]),
        person("deputy", "T. Birch", &[Duty::Deputy]),
        person("head", "O. Hazel", &[Duty::Headteacher]),
        person("chair", "P. Rowan", &[Duty::Chair]),
        person("tech", "N. Larch", &[Duty::Technician]),
    ]
}

pub fn coverage(at: Timestamp) -> Coverage {
    Coverage {
        at,
        last_packet: Some(at),
        packets: 41_207,
        bytes: 9_000_000,
        kernel_drops: 0,
        readable: 940,
        unreadable: 60,
        devices: 61,
    }
}
