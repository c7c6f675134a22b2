//! The dashboard's side of record.db: reads, for one request.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use facts::{
    Claim, CodeWords, Decision, DecisionId, Delivery, Incident, IncidentId, Letter, Person,
    PersonId, Timestamp, View,
};
use rusqlite::Connection;

use crate::audit::AuditHead;
use crate::change::Health;
use crate::evidence::{self, SeenMatch};
use crate::health::{self, CoverageHour, State};
use crate::open::{self, Book};
use crate::tallies::{self, Trend};
use crate::weekly::{self, Weekly};
use crate::word::Word;
use crate::{StoreError, audit, incidents, outbox, people, record, sessions};

/// How often a read starts again because the daemon started in its midst.
const ATTEMPTS: u32 = 5;

/// Reads record.db. Open one for each request and drop it after: each call sees what was
/// committed before it, and none holds a transaction open beyond its return, for that
/// would keep the daemon's `-wal` growing.
pub struct RecordReader {
    path: PathBuf,
    opened: RefCell<Opened>,
}

/// An open file, and its outside where it is read as one that nobody writes.
struct Opened {
    connection: Connection,
    frozen: Option<Outside>,
}

/// What shows from outside that a file was written.
#[derive(PartialEq, Eq)]
struct Outside {
    length: u64,
    modified: Option<SystemTime>,
}

impl RecordReader {
    /// Opens record.db to read it.
    ///
    /// # Errors
    /// Says which file, what is wrong with it and what to do.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { path: path.into(), opened: RefCell::new(Opened::at(path)?) })
    }

    /// The people who can be told, in the order of the configuration.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn people(&self) -> Result<Vec<Person>, StoreError> {
        self.read(people::all)
    }

    /// Cases in which the person has a seat, newest first; no other case is ever among
    /// them. Which part the person sees stands in the seats.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn incidents_for(&self, person: &PersonId) -> Result<Vec<Incident>, StoreError> {
        self.read(|connection| incidents::seated(connection, person))
    }

    /// A case and the part of it that the person sees; none where the person has no seat,
    /// exactly as where there is no such case.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn incident_for(
        &self,
        person: &PersonId,
        id: IncidentId,
    ) -> Result<Option<(Incident, View)>, StoreError> {
        self.read(|connection| Ok(seen_by(person, incidents::one(connection, id)?)))
    }

    /// As [`Self::incident_for`], by the code words as said or as in a link.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn incident_by_code_for(
        &self,
        person: &PersonId,
        code: &str,
    ) -> Result<Option<(Incident, View)>, StoreError> {
        Ok(seen_by(person, self.incident_by_code(code)?))
    }

    /// A case at its newest revision, whoever asks: check the seats before it is shown.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn incident(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        self.read(|connection| incidents::one(connection, id))
    }

    /// The case that goes by these code words, as said (`HEDGE 42`) or as in a link
    /// (`HEDGE-42`), whoever asks. Where several did in the course of time, the open one.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn incident_by_code(&self, code: &str) -> Result<Option<Incident>, StoreError> {
        let Ok(code) = CodeWords::parse(&code.replacen('-', " ", 1)) else {
            return Ok(None);
        };
        self.read(|connection| incidents::by_code(connection, &code))
    }

    /// Every revision of a case, the first one first.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn revisions(&self, id: IncidentId) -> Result<Vec<Incident>, StoreError> {
        self.read(|connection| incidents::revisions(connection, id))
    }

    /// The matches of a case's newest revision, in the order they joined.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn matches(&self, id: IncidentId) -> Result<Vec<SeenMatch>, StoreError> {
        self.read(|connection| evidence::of_incident(connection, id))
    }

    /// The letters about a case, in the order they were made.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn letters(&self, id: IncidentId) -> Result<Vec<(Letter, Delivery)>, StoreError> {
        self.read(|connection| outbox::about(connection, id))
    }

    /// How many letters wait, about whatever.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn letters_waiting_count(&self) -> Result<u64, StoreError> {
        self.read(outbox::waiting_count)
    }

    /// Whether a letter that was due by then has been tried and is not taken yet, or one was
    /// refused as was every other on the list of a matter that nobody has.
    ///
    /// # Errors
    /// The rows can not be read.
    pub fn letters_stuck_since(&self, due: Timestamp) -> Result<bool, StoreError> {
        self.read(|connection| outbox::are_stuck(connection, due))
    }

    /// Which of these decisions the daemon has let take effect, or set aside. Read a case
    /// after this, and it holds them.
    ///
    /// # Errors
    /// The rows can not be read.
    pub fn applied(&self, decisions: &[Decision]) -> Result<BTreeSet<DecisionId>, StoreError> {
        self.read(|connection| {
            let mut found =
                connection.prepare_cached("SELECT 1 FROM decision_applied WHERE id = ?1")?;
            let mut applied = BTreeSet::new();
            for decision in decisions {
                if found.exists([Word(decision.id)])? {
                    applied.insert(decision.id);
                }
            }
            Ok(applied)
        })
    }

    /// What happened to the machine itself in `from..to`, in order of time.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn health(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Health>, StoreError> {
        self.read(|connection| health::between(connection, from, to))
    }

    /// What the capture saw in the hours that begin in `from..to`.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn coverage(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<CoverageHour>, StoreError> {
        self.read(|connection| health::coverage(connection, from, to))
    }

    /// How the watching stands.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn state(&self) -> Result<State, StoreError> {
        self.read(health::state)
    }

    /// Claims about who held an address since a moment, in order of time: what an
    /// explanation of an answer rests on.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn claims(&self, since: Timestamp) -> Result<Vec<Claim>, StoreError> {
        self.read(|connection| sessions::since(connection, since))
    }

    /// The installation's key, as [`crate::RecordWriter::installation_key`] gives it: so
    /// that a reader derives the same ids and pseudonyms.
    ///
    /// # Errors
    /// The daemon has not finished its first start.
    pub fn installation_key(&self) -> Result<[u8; 32], StoreError> {
        self.read(|connection| {
            record::stored_key(connection)?
                .ok_or_else(|| StoreError::Absent { path: self.path.clone() })
        })
    }

    /// Nameless counts by day and category of the hours that begin in `from..to`.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn trends(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Trend>, StoreError> {
        self.read(|connection| tallies::by_day(connection, from, to))
    }

    /// What the governor's page may say of `from..to`.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn weekly(&self, from: Timestamp, to: Timestamp) -> Result<Weekly, StoreError> {
        self.read(|connection| weekly::read(connection, from, to))
    }

    /// Walks the daemon's audit chain.
    ///
    /// # Errors
    /// [`StoreError::AuditBroken`] names the first row that does not fit.
    pub fn audit_verify(&self) -> Result<AuditHead, StoreError> {
        self.read(|connection| audit::verify(connection, Book::Record))
    }

    #[cfg(test)]
    pub(crate) fn frozen_for_test(path: &Path) -> Result<Self, StoreError> {
        let opened = Opened::at_rest(path)?;
        Ok(Self { path: path.into(), opened: RefCell::new(opened) })
    }

    /// Reads in one transaction; once more where a file thought to be at rest was written.
    fn read<T>(
        &self,
        query: impl Fn(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut outcome = self.opened.borrow().read(&query);
        for _ in 1..ATTEMPTS {
            if self.opened.borrow().still_holds(&self.path) {
                break;
            }
            *self.opened.borrow_mut() = Opened::at(&self.path)?;
            outcome = self.opened.borrow().read(&query);
        }
        outcome
    }
}

/// The case and the part a person sees, where that person has a seat.
fn seen_by(person: &PersonId, incident: Option<Incident>) -> Option<(Incident, View)> {
    let incident = incident?;
    let seats = incident.seats.iter().filter(|seat| seat.person == *person);
    // Of two seats the one that shows less.
    let view = seats.map(|seat| seat.view).max()?;
    Some((incident, view))
}

impl Opened {
    fn at(path: &Path) -> Result<Self, StoreError> {
        let live = match open::reader(path, Book::Record) {
            Ok(connection) => return Ok(Self { connection, frozen: None }),
            Err(error) => error,
        };
        if !matches!(live, StoreError::Closed { .. }) || open::wal_of(path).exists() {
            return Err(live);
        }
        Self::at_rest(path)
    }

    fn at_rest(path: &Path) -> Result<Self, StoreError> {
        let outside = Outside::of(path);
        let connection = open::frozen_reader(path, Book::Record)?;
        Ok(Self { connection, frozen: Some(outside) })
    }

    fn read<T>(
        &self,
        query: impl Fn(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let step = self.connection.unchecked_transaction()?;
        query(&step)
    }

    /// Whether what was read is sound: live always, frozen only if nobody wrote meanwhile.
    fn still_holds(&self, path: &Path) -> bool {
        let Some(outside) = &self.frozen else { return true };
        !open::wal_of(path).exists() && *outside == Outside::of(path)
    }
}

impl Outside {
    fn of(path: &Path) -> Self {
        let found = fs::metadata(path).ok();
        Self {
            length: found.as_ref().map_or(0, fs::Metadata::len),
            modified: found.and_then(|found| found.modified().ok()),
        }
    }
}
