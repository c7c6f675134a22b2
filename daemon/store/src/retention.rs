//! Deletes what has had its time, so that no byte of it stays, and certifies it.

use facts::{Span, Timestamp};
use rusqlite::{Connection, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use crate::open::Book;
use crate::word::{At, json};
use crate::{StoreError, audit};

/// How long each kind is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Matches that belong to no case, from when they were seen.
    pub unconfirmed: Span,
    /// Cases that were a false alarm or were withdrawn, from then on.
    pub false_alarm: Span,
    /// Closed cases, from when they were closed; with them their letters.
    pub closed: Span,
    /// Claims about who held an address.
    pub claims: Span,
    /// Nameless counts and figures of the capture.
    pub tallies: Span,
    /// Who looked at what.
    pub views: Span,
}

/// The spans of DESIGN.md, "Who is told": 30 days, 12, 13 and 24 months.
impl Default for Retention {
    fn default() -> Self {
        let days = |days: i64| Span::hours(24 * days);
        Self {
            unconfirmed: days(30),
            false_alarm: days(30),
            closed: days(366),
            claims: days(30),
            tallies: days(397),
            views: days(732),
        }
    }
}

/// What one run deleted: figures only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletionCertificate {
    /// When, in microseconds since 1970 in UTC.
    pub at_micros: i64,
    /// Matches, those of erased cases included.
    pub matches: u64,
    /// Cases of which only the level, the times and the outcome are left.
    pub cases: u64,
    /// Letters.
    pub letters: u64,
    /// Claims.
    pub claims: u64,
    /// Hours and days of counts and of figures.
    pub tallies: u64,
    /// Whether the bytes themselves are gone from the files: the free pages were written
    /// anew and the `-wal` is empty. If not, a later run does it.
    pub bytes_gone: bool,
}

pub(crate) fn run(
    connection: &mut Connection,
    now: Timestamp,
    retention: &Retention,
) -> Result<DeletionCertificate, StoreError> {
    let step = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut certificate = delete(&step, now, retention)?;
    step.execute(
        "INSERT INTO deletion_certificate (at, content) VALUES (?1, ?2)",
        params![At(now), json(&certificate)?],
    )?;
    let place = step.last_insert_rowid();
    let figures = certificate.figures().map(|figure| figure.to_string());
    audit::append(&step, Book::Record, now, "deleted", &figures.each_ref().map(String::as_str))?;
    step.commit()?;

    certificate.bytes_gone = scrub(connection)?;
    connection.execute(
        "UPDATE deletion_certificate SET content = ?2 WHERE place = ?1",
        params![place, json(&certificate)?],
    )?;
    Ok(certificate)
}

/// Writes the file anew; whether that could be done. Rows that moved from page to page left
/// copies which secure_delete does not clear: only a file written anew holds none. On a disk
/// too full for that the rows are gone all the same.
pub(crate) fn scrub(connection: &Connection) -> Result<bool, StoreError> {
    connection.execute("DELETE FROM matched WHERE heard = 'forgotten'", [])?;
    Ok(connection.execute_batch("VACUUM").is_ok() && checkpoint(connection)?)
}

/// Moves everything into the main file and empties the `-wal`; whether no reader was in the way.
pub(crate) fn checkpoint(connection: &Connection) -> Result<bool, StoreError> {
    let busy: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(busy == 0)
}

impl DeletionCertificate {
    const fn figures(&self) -> [u64; 5] {
        [self.matches, self.cases, self.letters, self.claims, self.tallies]
    }
}

fn delete(
    step: &Connection,
    now: Timestamp,
    retention: &Retention,
) -> Result<DeletionCertificate, StoreError> {
    let gone = |sql: &str, before: Timestamp| -> Result<u64, StoreError> {
        Ok(step.execute(sql, [At(before)])? as u64)
    };
    let closed = now - retention.closed;
    let (cases, with_them) = erase_cases(step, now, retention)?;
    let unconfirmed = gone(
        "DELETE FROM matched WHERE at <= ?1 AND NOT EXISTS
         (SELECT 1 FROM member WHERE member.match_id = matched.id)",
        now - retention.unconfirmed,
    )?;
    let letters = gone(
        "DELETE FROM letter WHERE due <= ?1
         AND EXISTS (SELECT 1 FROM delivery WHERE letter = letter.id AND next_try IS NULL)
         AND (incident IS NULL OR EXISTS (SELECT 1 FROM incident
              WHERE incident.id = letter.incident AND incident.erased_at IS NOT NULL))",
        closed,
    )?;
    gone("DELETE FROM decision_applied WHERE at <= ?1", closed)?;
    let claims = gone("DELETE FROM claim WHERE at <= ?1", now - retention.claims)?;
    let counts = gone("DELETE FROM tally WHERE hour <= ?1", now - retention.tallies)?;
    let hours = gone("DELETE FROM coverage WHERE hour <= ?1", now - retention.tallies)?;
    let days = gone("DELETE FROM witness WHERE day <= ?1", now - retention.tallies)?;
    Ok(DeletionCertificate {
        at_micros: now.as_micros(),
        matches: with_them + unconfirmed,
        cases,
        letters,
        claims,
        tallies: counts + hours + days,
        bytes_gone: false,
    })
}

/// Takes names, matches and seats from cases whose time is over; how many cases, how many
/// matches.
fn erase_cases(
    step: &Connection,
    now: Timestamp,
    retention: &Retention,
) -> Result<(u64, u64), StoreError> {
    let erased = step.execute(
        "UPDATE incident SET erased_at = ?1 WHERE erased_at IS NULL AND (
            (phase = 'closed' AND phase_at <= ?2)
            OR (phase = 'closed' AND outcome = 'false_alarm' AND phase_at <= ?3)
            OR (phase = 'withdrawn' AND phase_at <= ?3))",
        params![At(now), At(now - retention.closed), At(now - retention.false_alarm)],
    )?;
    let matches = step.execute(
        "DELETE FROM matched WHERE EXISTS (
            SELECT 1 FROM member JOIN incident ON incident.id = member.incident
            WHERE member.match_id = matched.id AND incident.erased_at IS NOT NULL)
         AND NOT EXISTS (
            SELECT 1 FROM member JOIN incident ON incident.id = member.incident
            WHERE member.match_id = matched.id AND incident.erased_at IS NULL)",
        [],
    )?;
    for table in ["member", "seat", "revision"] {
        step.execute(
            &format!(
                "DELETE FROM {table} WHERE EXISTS (SELECT 1 FROM incident
                 WHERE incident.id = {table}.incident AND incident.erased_at IS NOT NULL)"
            ),
            [],
        )?;
    }
    Ok((erased as u64, matches as u64))
}
