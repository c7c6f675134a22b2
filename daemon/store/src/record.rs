//! The daemon's side of record.db: the one writer.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use facts::{DecisionId, Delivery, Letter, Timestamp};
use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::audit::{AuditHead, Seal};
use crate::ballast::{Ballast, DiskRoom};
use crate::change::Change;
use crate::open::{self, Book};
use crate::retention::{self, DeletionCertificate, Retention};
use crate::snapshot::{self, Snapshot};
use crate::word::{At, Spelled, Word};
use crate::{
    StoreError, audit, evidence, health, incidents, outbox, people, sessions, tallies, witness,
};

/// The one writer of record.db. Dropped or closed in good order it leaves no `-wal`.
pub struct RecordWriter {
    connection: Connection,
    key: [u8; 32],
    ballast: Option<Ballast>,
    /// Held for as long as the writer lives, so that there is only one.
    _lock: Option<File>,
}

impl RecordWriter {
    /// Opens record.db, creates it where there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// Says which file, what is wrong with it and what to do; the file is as it was.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let lock = lock(path)?;
        let connection = open::writer(path, Book::Record)?;
        let key = key_of(&connection)?;
        Ok(Self { connection, key, ballast: None, _lock: Some(lock) })
    }

    /// A record that lives in memory and ends with the value: for a replay.
    ///
    /// # Errors
    /// Where there is no memory or no randomness.
    pub fn in_memory() -> Result<Self, StoreError> {
        let connection = open::in_memory(Book::Record)?;
        let key = key_of(&connection)?;
        Ok(Self { connection, key, ballast: None, _lock: None })
    }

    /// Writes all changes in one transaction: after an error none of them is kept. When it
    /// returns they are on the disk. Only where nothing but deliveries is written, it does
    /// not wait for the disk: no kill can take them back, and where a power cut does, the
    /// letter leaves once more.
    ///
    /// The same match, progress, claim, letter, decision or revision again changes nothing.
    /// What belongs to a match that was forgotten is left out.
    ///
    /// On a full disk the reserve is given up for it, where one was kept.
    ///
    /// # Errors
    /// The disk refused, a delivery has no letter, or a revision is taken.
    pub fn apply(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        self.whatever_the_disk(|record| record.write_in_time(changes))
    }

    /// Keeps so many octets of the disk in reserve from now on, where there is room for
    /// them, and says how the disk stands. To be asked again from time to time.
    ///
    /// # Errors
    /// The disk can not be asked, or refuses the file of the reserve.
    pub fn keep_reserve(&mut self, octets: u64) -> io::Result<DiskRoom> {
        let place = self.connection.path().filter(|place| !place.is_empty()).map(PathBuf::from);
        let Some(place) = place else { return Ok(DiskRoom::Enough) };
        self.ballast.insert(Ballast::beside(&place, octets)).look_after()
    }

    /// Does it, and once more with the reserve where the disk was full.
    fn whatever_the_disk<T>(
        &mut self,
        mut work: impl FnMut(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match work(self) {
            Err(error) if error.is_full_disk() => {
                let has_room = self.ballast.as_ref().is_some_and(Ballast::throw_away);
                if has_room { work(self) } else { Err(error) }
            }
            done => done,
        }
    }

    fn write_in_time(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        // Between a server's 250 and the mark of it a kill would send the letter again:
        // the wait for the disk would be most of that time.
        if changes.iter().all(|change| matches!(change, Change::Delivery { .. })) {
            self.connection.pragma_update(None, "synchronous", "NORMAL")?;
            let written = self.write_all(changes);
            self.connection.pragma_update(None, "synchronous", "FULL")?;
            return written;
        }
        self.write_all(changes)
    }

    fn write_all(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        let step = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for change in changes {
            write(&step, change)?;
        }
        step.commit()?;
        Ok(())
    }

    /// 32 random bytes, made once for this installation: ids are derived from them.
    #[must_use]
    pub const fn installation_key(&self) -> [u8; 32] {
        self.key
    }

    /// What a daemon that starts again must know; claims and lists from `since` on.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn snapshot(&self, now: Timestamp, since: Timestamp) -> Result<Snapshot, StoreError> {
        let step = self.connection.unchecked_transaction()?;
        snapshot::read(&step, now, since)
    }

    /// Letters whose time has come, at most `limit`, the one longest due first.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn due_letters(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(Letter, Delivery)>, StoreError> {
        outbox::due(&self.connection, now, limit)
    }

    /// When the next letter is due; none where none waits.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn next_letter_due(&self) -> Result<Option<Timestamp>, StoreError> {
        outbox::next_due(&self.connection)
    }

    /// Walks the daemon's audit chain.
    ///
    /// # Errors
    /// [`StoreError::AuditBroken`] names the first row that does not fit.
    pub fn audit_verify(&self) -> Result<AuditHead, StoreError> {
        audit::verify(&self.connection, Book::Record)
    }

    /// Whether the daemon's audit chain once stood at a seal that left the machine: a
    /// chain made anew from its first row did not.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn audit_passed(&self, witness: &Seal) -> Result<bool, StoreError> {
        audit::passed(&self.connection, Book::Record, witness)
    }

    /// Deletes what has had its time, so that no byte of it stays, and certifies it.
    ///
    /// # Errors
    /// The disk refused; then nothing is deleted, or the certificate says what is left to do.
    pub fn retain(
        &mut self,
        now: Timestamp,
        retention: &Retention,
    ) -> Result<DeletionCertificate, StoreError> {
        self.whatever_the_disk(|record| retention::run(&mut record.connection, now, retention))
    }

    /// Moves everything into the main file and empties the `-wal`; whether that could be
    /// done, for a reader may be in the way.
    ///
    /// # Errors
    /// The disk refused.
    pub fn checkpoint(&mut self) -> Result<bool, StoreError> {
        self.whatever_the_disk(|record| retention::checkpoint(&record.connection))
    }

    /// Writes the file anew, so that no byte of a deleted row stays in it; whether that could
    /// be done. [`Self::retain`] does it too; the cost is that of copying the file.
    ///
    /// # Errors
    /// The disk refused.
    pub fn scrub(&self) -> Result<bool, StoreError> {
        retention::scrub(&self.connection)
    }

    #[cfg(test)]
    pub(crate) const fn connection(&self) -> &Connection {
        &self.connection
    }
}

fn write(step: &Connection, change: &Change) -> Result<(), StoreError> {
    match change {
        Change::Match(matched) => evidence::put_match(step, matched),
        Change::Progress(progress) => evidence::put_progress(step, progress),
        Change::Attributed { id, at, attribution, weight } => {
            evidence::put_attribution(step, *id, *at, attribution, *weight)
        }
        Change::Forget { id, at, counted } => match (evidence::forget(step, *id)?, counted) {
            (true, Some(category)) => tallies::add(step, *at, *category, 1),
            _ => Ok(()),
        },
        Change::Incident(incident) => incidents::put(step, incident),
        Change::Letter(letter) => outbox::put_letter(step, letter),
        Change::Delivery { id, delivery } => outbox::put_delivery(step, *id, *delivery),
        Change::Trend { at, category, count } => tallies::add(step, *at, *category, *count),
        Change::Claim(claim) => sessions::put(step, claim),
        Change::DecisionApplied { id, at } => put_decision_applied(step, *id, *at),
        Change::People(list) => people::put(step, list),
        Change::Health(event) => health::put(step, event),
        Change::Coverage(report) => health::put_coverage(step, report),
        Change::Witnessed(seen) => witness::put(step, seen),
    }
}

fn put_decision_applied(
    step: &Connection,
    id: DecisionId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let written = step
        .prepare_cached(
            "INSERT INTO decision_applied (id, at) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![Word(id), At(at)])?;
    if written == 0 {
        return Ok(());
    }
    audit::append(step, Book::Record, at, "decision_applied", &[&id.spell()])
}

/// How often the lock is asked for before another daemon is believed to hold it: a daemon that
/// was ended a moment ago, or a child of ours between fork and exec, holds it a little longer.
const LOCK_TRIES: u32 = 20;
/// How long to wait between two tries.
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// A lock beside the database: SQLite lets several write in turn, the daemon must be alone.
fn lock(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push("-lock");
    let refused = |source| StoreError::File { path: path.into(), need: "write", source };
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&name)
        .map_err(refused)?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
            Err(TryLockError::Error(source)) => return Err(refused(source)),
        }
    }
    Err(StoreError::InUse { path: path.into() })
}

fn key_of(connection: &Connection) -> Result<[u8; 32], StoreError> {
    if let Some(key) = stored_key(connection)? {
        return Ok(key);
    }
    let mut key = [0; 32];
    SystemRandom::new().fill(&mut key).map_err(|_| StoreError::NoRandomness)?;
    connection.execute("INSERT INTO installation (only_row, secret) VALUES (1, ?1)", [key])?;
    Ok(key)
}

/// The key, where it was made.
pub(crate) fn stored_key(connection: &Connection) -> Result<Option<[u8; 32]>, StoreError> {
    Ok(connection.query_row("SELECT secret FROM installation", [], |row| row.get(0)).optional()?)
}
