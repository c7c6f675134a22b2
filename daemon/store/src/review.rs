//! What people decided, noted and looked at: the dashboard writes it, the daemon reads it.

use std::path::Path;

use facts::{Decision, IncidentId, PersonId, Timestamp};
use rusqlite::{Connection, Row, TransactionBehavior, params};

use crate::audit::{AuditHead, Seal};
use crate::mirror::ActText;
use crate::open::{self, Book};
use crate::retention::Retention;
use crate::word::{At, Json, Spelled, Word, count_of, json};
use crate::{StoreError, audit};

/// One look at a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewed {
    /// The case.
    pub incident: IncidentId,
    /// Who looked.
    pub person: PersonId,
    /// When.
    pub at: Timestamp,
}

/// A sentence a person added to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The case.
    pub incident: IncidentId,
    /// Who wrote it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// What was written: hostile in every sink.
    pub text: String,
}

/// How far the decisions were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(i64);

impl Mark {
    /// Before the first decision.
    pub const START: Self = Self(0);
}

/// The writer of review.db.
pub struct ReviewWriter {
    connection: Connection,
}

impl ReviewWriter {
    /// Opens review.db, creates it where there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// Says which file, what is wrong with it and what to do; the file is as it was.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        open::writer(path, Book::Review).map(|connection| Self { connection })
    }

    /// A review that lives in memory and ends with the value.
    ///
    /// # Errors
    /// Where there is no memory.
    pub fn in_memory() -> Result<Self, StoreError> {
        open::in_memory(Book::Review).map(|connection| Self { connection })
    }

    /// Stores a decision; the same id again changes nothing. When it returns, the
    /// decision is on the disk.
    ///
    /// # Errors
    /// The disk refused: nothing was decided.
    pub fn decide(&mut self, decision: &Decision) -> Result<(), StoreError> {
        self.decide_after(|| Ok((Some(decision.clone()), ())))
    }

    /// Lets `look` read both databases and answer what is decided, while nobody else can
    /// write a decision: of two people who press at the same moment the second sees what
    /// the first decided. Stores the decision, if there is one, and gives what else `look`
    /// said. When it returns, the decision is on the disk.
    ///
    /// # Errors
    /// `look` failed or the disk refused: nothing was decided.
    pub fn decide_after<T>(
        &mut self,
        look: impl FnOnce() -> Result<(Option<Decision>, T), StoreError>,
    ) -> Result<T, StoreError> {
        // An immediate transaction holds the write lock from here on, also against another
        // process; whoever reads is not held up by it.
        let step = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (decision, said) = look()?;
        if let Some(decision) = decision {
            put_decision(&step, &decision)?;
        }
        step.commit()?;
        Ok(said)
    }

    /// Stores that a person looks at a case. When it returns, the row is on the disk, and
    /// only then may the page leave.
    ///
    /// # Errors
    /// The disk refused: then no page may leave.
    pub fn viewed(
        &mut self,
        person: &PersonId,
        incident: IncidentId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let step = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        step.execute(
            "INSERT INTO viewed (incident, person, at) VALUES (?1, ?2, ?3)",
            params![Word(incident), person.as_str(), At(at)],
        )?;
        let subject = [&*incident.spell(), person.as_str()];
        audit::append(&step, Book::Review, at, "viewed", &subject)?;
        Ok(step.commit()?)
    }

    /// Stores a note.
    ///
    /// # Errors
    /// The disk refused: nothing was noted.
    pub fn note(&mut self, note: &Note) -> Result<(), StoreError> {
        let step = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        step.execute(
            "INSERT INTO note (incident, person, at, text) VALUES (?1, ?2, ?3, ?4)",
            params![Word(note.incident), note.by.as_str(), At(note.at), note.text],
        )?;
        let subject = [&*note.incident.spell(), note.by.as_str()];
        audit::append(&step, Book::Review, note.at, "note", &subject)?;
        Ok(step.commit()?)
    }

    /// Deletes decisions and notes of cases whose time is over, and old looks; how many rows.
    ///
    /// # Errors
    /// The disk refused: nothing was deleted.
    pub fn retain(&mut self, now: Timestamp, retention: &Retention) -> Result<u64, StoreError> {
        let step = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        step.execute_batch("CREATE TEMP TABLE IF NOT EXISTS over (incident TEXT PRIMARY KEY)")?;
        step.execute("DELETE FROM over", [])?;
        // The last closing counts: a case may be taken up again and closed anew.
        step.execute(
            "INSERT INTO over SELECT incident FROM decision
             WHERE json_extract(act, '$.closed') IS NOT NULL GROUP BY incident
             HAVING max(at) <= ?1
             OR (max(at) <= ?2 AND json_extract(act, '$.closed.outcome') = 'false_alarm')",
            params![At(now - retention.closed), At(now - retention.false_alarm)],
        )?;
        let mut gone = 0;
        for table in ["decision", "note"] {
            gone += step.execute(
                &format!("DELETE FROM {table} WHERE incident IN (SELECT incident FROM over)"),
                [],
            )?;
        }
        gone += step.execute("DELETE FROM viewed WHERE at <= ?1", [At(now - retention.views)])?;
        audit::append(&step, Book::Review, now, "deleted", &[&gone.to_string()])?;
        step.commit()?;
        self.connection.execute_batch("VACUUM")?;
        Ok(gone as u64)
    }

    /// Walks the dashboard's audit chain.
    ///
    /// # Errors
    /// [`StoreError::AuditBroken`] names the first row that does not fit.
    pub fn audit_verify(&self) -> Result<AuditHead, StoreError> {
        audit::verify(&self.connection, Book::Review)
    }

    #[cfg(test)]
    pub(crate) const fn connection(&self) -> &Connection {
        &self.connection
    }
}

/// Reads review.db over one kept connection.
pub struct ReviewReader {
    connection: Connection,
    version: Option<i64>,
}

impl ReviewReader {
    /// Opens review.db to read it.
    ///
    /// # Errors
    /// Says which file, what is wrong with it and what to do. [`StoreError::Absent`]
    /// until the dashboard has started for the first time.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = open::reader(path, Book::Review)?;
        Ok(Self { connection, version: None })
    }

    /// Whether anything was written since the last call; true at the first.
    ///
    /// # Errors
    /// The file can not be read.
    pub fn changed(&mut self) -> Result<bool, StoreError> {
        let version = self.connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
        let changed = self.version != Some(version);
        self.version = Some(version);
        Ok(changed)
    }

    /// Decisions after a mark, in the order they were stored, and the mark to go on from.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn decisions_since(&self, mark: Mark) -> Result<(Vec<Decision>, Mark), StoreError> {
        let mut found = self.connection.prepare_cached(
            "SELECT id, incident, person, at, act, place FROM decision
             WHERE place > ?1 ORDER BY place",
        )?;
        let rows = found.query_map([mark.0], |row| Ok((decision_of(row)?, row.get(5)?)))?;
        let mut last = mark;
        let mut decisions = Vec::new();
        for row in rows {
            let (decision, place) = row?;
            decisions.push(decision);
            last = Mark(place);
        }
        Ok((decisions, last))
    }

    /// Decisions about a case, in the order they were stored.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn decisions(&self, incident: IncidentId) -> Result<Vec<Decision>, StoreError> {
        let mut found = self.connection.prepare_cached(
            "SELECT id, incident, person, at, act FROM decision
             WHERE incident = ?1 ORDER BY place",
        )?;
        Ok(found.query_map([Word(incident)], decision_of)?.collect::<Result<_, _>>()?)
    }

    /// Who looked at a case, in the order it was stored.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn views(&self, incident: IncidentId) -> Result<Vec<Viewed>, StoreError> {
        let mut found = self
            .connection
            .prepare_cached("SELECT person, at FROM viewed WHERE incident = ?1 ORDER BY place")?;
        let views = found.query_map([Word(incident)], |row| {
            Ok(Viewed { incident, person: row.get::<_, Word<_>>(0)?.0, at: row.get::<_, At>(1)?.0 })
        })?;
        Ok(views.collect::<Result<_, _>>()?)
    }

    /// How many cases a person has looked at since then, whether they may still or not.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn cases_viewed_by(&self, person: &PersonId, since: Timestamp) -> Result<u64, StoreError> {
        let count: i64 = self
            .connection
            .prepare_cached(
                "SELECT count(DISTINCT incident) FROM viewed WHERE person = ?1 AND at >= ?2",
            )?
            .query_row(params![person.as_str(), At(since)], |row| row.get(0))?;
        Ok(count_of(count))
    }

    /// The notes of a case, in the order they were stored.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn notes(&self, incident: IncidentId) -> Result<Vec<Note>, StoreError> {
        let mut found = self.connection.prepare_cached(
            "SELECT person, at, text FROM note WHERE incident = ?1 ORDER BY place",
        )?;
        let notes = found.query_map([Word(incident)], |row| {
            Ok(Note {
                incident,
                by: row.get::<_, Word<_>>(0)?.0,
                at: row.get::<_, At>(1)?.0,
                text: row.get(2)?,
            })
        })?;
        Ok(notes.collect::<Result<_, _>>()?)
    }

    /// Walks the dashboard's audit chain.
    ///
    /// # Errors
    /// [`StoreError::AuditBroken`] names the first row that does not fit.
    pub fn audit_verify(&self) -> Result<AuditHead, StoreError> {
        audit::verify(&self.connection, Book::Review)
    }

    /// Whether the dashboard's audit chain once stood at a seal that left the machine.
    ///
    /// # Errors
    /// A stored row can not be read.
    pub fn audit_passed(&self, witness: &Seal) -> Result<bool, StoreError> {
        audit::passed(&self.connection, Book::Review, witness)
    }
}

fn put_decision(step: &Connection, decision: &Decision) -> Result<(), StoreError> {
    let act = ActText::from(decision.act.clone());
    let written = step.execute(
        "INSERT INTO decision (id, incident, person, at, act) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (id) DO NOTHING",
        params![
            Word(decision.id),
            Word(decision.incident),
            decision.by.as_str(),
            At(decision.at),
            json(&act)?
        ],
    )?;
    if written == 0 {
        return Ok(());
    }
    let (id, incident) = (decision.id.to_string(), decision.incident.to_string());
    let subject = [id.as_str(), &incident, decision.by.as_str(), act.word()];
    audit::append(step, Book::Review, decision.at, "decision", &subject)
}

fn decision_of(row: &Row<'_>) -> rusqlite::Result<Decision> {
    let act: Json<ActText> = row.get(4)?;
    Ok(Decision {
        id: row.get::<_, Word<_>>(0)?.0,
        incident: row.get::<_, Word<_>>(1)?.0,
        by: row.get::<_, Word<_>>(2)?.0,
        at: row.get::<_, At>(3)?.0,
        act: act.0.into(),
    })
}
