//! What record.db says of cases, letters and health while the daemon runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use facts::{Category, Delivery, IncidentId, PersonId, Severity, Timestamp};
use store::{CoverageHour, Health, RecordReader};

/// A record that is read while the daemon writes it.
#[derive(Clone, Debug)]
pub struct Book {
    place: PathBuf,
}

/// A case as a test looks at it.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its code words.
    pub code: String,
    /// Its level.
    pub severity: Severity,
    /// What it is about.
    pub category: Category,
    /// The certainty and the accounts that may have been the user.
    pub subject: (String, Vec<String>),
    /// Its letters.
    pub letters: Vec<Sent>,
    /// When the first packet of it was seen.
    pub first_seen: Timestamp,
}

/// A letter as a test looks at it.
#[derive(Clone, Debug)]
pub struct Sent {
    /// To whom.
    pub person: PersonId,
    /// How far it got.
    pub delivery: Delivery,
    /// The whole message.
    pub message: Vec<u8>,
}

impl Book {
    /// The record at this place.
    #[must_use]
    pub fn at(place: &Path) -> Self {
        Self { place: place.into() }
    }

    /// Every case, in order of time.
    ///
    /// # Panics
    /// Panics where the record can not be read.
    #[must_use]
    pub fn cases(&self) -> Vec<Case> {
        let record = self.open();
        let mut cases: BTreeMap<IncidentId, Case> = BTreeMap::new();
        for person in record.people().expect("people") {
            for incident in record.incidents_for(&person.id).expect("cases") {
                let letters = record.letters(incident.id).expect("letters");
                let sent = letters.into_iter().map(|(letter, delivery)| Sent {
                    person: letter.to,
                    delivery,
                    message: letter.message,
                });
                let answer = &incident.attribution.answer;
                let accounts = answer.candidates().iter();
                let accounts = accounts.map(|one| one.account.reveal().to_owned()).collect();
                let case = Case {
                    code: incident.code.as_str().to_owned(),
                    severity: incident.severity,
                    category: incident.category,
                    subject: (answer.certainty().as_str().to_owned(), accounts),
                    letters: sent.collect(),
                    first_seen: incident.first_seen,
                };
                cases.insert(incident.id, case);
            }
        }
        let mut cases: Vec<_> = cases.into_values().collect();
        cases.sort_by_key(|case| case.first_seen);
        cases
    }

    /// Every letter about a case.
    #[must_use]
    pub fn letters(&self) -> Vec<Sent> {
        self.cases().into_iter().flat_map(|case| case.letters).collect()
    }

    /// What was told of the machine, in order of time.
    ///
    /// # Panics
    /// Panics where the record can not be read.
    #[must_use]
    pub fn health(&self) -> Vec<Health> {
        self.open().health(Timestamp::EPOCH, Timestamp::MAX).expect("health")
    }

    /// What the capture saw, hour by hour.
    ///
    /// # Panics
    /// Panics where the record can not be read.
    #[must_use]
    pub fn coverage(&self) -> Vec<CoverageHour> {
        self.open().coverage(Timestamp::EPOCH, Timestamp::MAX).expect("coverage")
    }

    /// The kinds of what was told of the machine.
    #[must_use]
    pub fn kinds(&self) -> BTreeSet<String> {
        self.health().into_iter().map(|event| event.kind).collect()
    }

    fn open(&self) -> RecordReader {
        RecordReader::open(&self.place).expect("the record can be read")
    }
}
