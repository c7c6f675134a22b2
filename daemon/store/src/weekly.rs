//! What the governor's page may say: figures without names, and of no matter that the
//! governor may not know of.

use facts::{Duty, Outcome, Person, PersonId, Severity, Span, Timestamp};
use rusqlite::{Connection, params};

use crate::audit::Seal;
use crate::change::Health;
use crate::health::{self, CoverageHour};
use crate::open::Book;
use crate::witness::WitnessCell;
use crate::word::{At, Word, count_of};
use crate::{StoreError, audit, people, witness};

/// Events of the machine that can be told to a governor. `mail` is not among them: a
/// letter that waits may be about a matter the governor may not know of.
const TELLABLE: [&str; 13] = [
    "started",
    "stopped",
    "restarted",
    "gap",
    "silent",
    "heard",
    "loss",
    "still",
    "mirror",
    "rules",
    "lowered",
    "panic",
    "coverage",
];

/// What the governor's page may say of a span of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weekly {
    /// When monitoring first began, as far as the record goes back.
    pub began: Option<Timestamp>,
    /// Cases opened within it, oldest first: only those that a lead may see whole and in
    /// which no account can be an adult's. Withdrawn ones are left out.
    pub cases: Vec<GovernorCase>,
    /// Letters due within it: those about the cases that count, and the lead's own lists.
    pub letters: Letters,
    /// What happened to the machine, in order of time.
    pub health: Vec<Health>,
    /// What the capture saw, hour by hour.
    pub coverage: Vec<CoverageHour>,
    /// What became of names that rules speak to, on devices of children.
    pub witness: Vec<WitnessCell>,
    /// Where the daemon's audit chain stands.
    pub seal: Seal,
}

/// A case as far as a governor's total knows it: no person, no theme, no code words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GovernorCase {
    /// Its level.
    pub severity: Severity,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When a server took the first letter about it.
    pub told_at: Option<Timestamp>,
    /// When somebody first took or closed it.
    pub taken_at: Option<Timestamp>,
    /// The first duty of who did.
    pub taken_by: Option<Duty>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// What it turned out to be.
    pub outcome: Option<Outcome>,
}

/// Letters by where they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Letters {
    /// A server took them.
    pub accepted: u64,
    /// They wait, or wait to be tried again.
    pub waiting: u64,
    /// A server refused them for good.
    pub refused: u64,
}

pub(crate) fn read(
    connection: &Connection,
    from: Timestamp,
    to: Timestamp,
) -> Result<Weekly, StoreError> {
    let mut health = health::between(connection, from, to)?;
    health.retain(|event| TELLABLE.contains(&event.kind.as_str()));
    let mut witness = witness::between(connection, from, to)?;
    witness.retain(|cell| cell.profile.is_pupil());
    Ok(Weekly {
        began: began(connection)?,
        cases: cases(connection, from, to)?,
        letters: letters(connection, from, to)?,
        health,
        coverage: health::coverage(connection, from, to)?,
        witness,
        seal: audit::head(connection, Book::Record)?.seal(),
    })
}

/// The first note of the machine, or the first hour with packets where notes as old as that
/// were deleted.
fn began(connection: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let first = |query: &str| -> Result<Option<Timestamp>, StoreError> {
        let at: Option<At> = connection.query_row(query, [], |row| row.get(0))?;
        Ok(at.map(|at| at.0))
    };
    let noted = first("SELECT min(at) FROM health")?;
    let heard = first("SELECT min(hour) FROM coverage")?;
    // The hour of the first start began before it.
    let older = heard.filter(|hour| noted.is_none_or(|noted| *hour + Span::hours(1) <= noted));
    Ok(older.or(noted))
}

fn cases(
    connection: &Connection,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<GovernorCase>, StoreError> {
    let people = people::all(connection)?;
    let mut found = connection.prepare_cached(
        "SELECT severity, opened_at, taken_at, taken_by,
                CASE phase WHEN 'closed' THEN phase_at END, outcome,
                (SELECT min(delivery.at) FROM letter JOIN delivery
                 ON delivery.letter = letter.id
                 WHERE letter.incident = incident.id AND delivery.state = 'accepted')
         FROM incident WHERE for_governor AND phase <> 'withdrawn'
         AND opened_at >= ?1 AND opened_at < ?2 ORDER BY opened_at, id",
    )?;
    let cases = found.query_map(params![At(from), At(to)], |row| {
        let moment = |at: Option<At>| at.map(|at| at.0);
        let taker: Option<Word<PersonId>> = row.get(3)?;
        Ok(GovernorCase {
            severity: row.get::<_, Word<_>>(0)?.0,
            opened_at: row.get::<_, At>(1)?.0,
            taken_at: moment(row.get(2)?),
            taken_by: taker.and_then(|Word(taker)| first_duty(&people, &taker)),
            closed_at: moment(row.get(4)?),
            outcome: row.get::<_, Option<Word<_>>>(5)?.map(|outcome| outcome.0),
            told_at: moment(row.get(6)?),
        })
    })?;
    Ok(cases.collect::<Result<_, _>>()?)
}

fn first_duty(people: &[Person], who: &PersonId) -> Option<Duty> {
    people.iter().find(|person| person.id == *who)?.duties.first().copied()
}

fn letters(connection: &Connection, from: Timestamp, to: Timestamp) -> Result<Letters, StoreError> {
    let mut found = connection.prepare_cached(
        "SELECT delivery.state, count(*) FROM letter
         JOIN delivery ON delivery.letter = letter.id
         LEFT JOIN incident ON incident.id = letter.incident
         WHERE letter.due >= ?1 AND letter.due < ?2
         AND coalesce(incident.for_governor,
                      letter.incident IS NULL AND letter.role IN ('lead', 'deputy'))
         GROUP BY delivery.state",
    )?;
    let mut rows = found.query(params![At(from), At(to)])?;
    let mut letters = Letters::default();
    while let Some(row) = rows.next()? {
        let (state, count): (String, i64) = (row.get(0)?, row.get(1)?);
        match state.as_str() {
            "accepted" => letters.accepted = count_of(count),
            "refused" => letters.refused = count_of(count),
            _ => letters.waiting += count_of(count),
        }
    }
    Ok(letters)
}
