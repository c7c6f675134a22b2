//! What a daemon that starts again must know to go on as if it had not stopped.

use facts::{Claim, DecisionId, Delivery, Incident, Letter, Span, Timestamp};
use rusqlite::Connection;

use crate::evidence::{self, SeenMatch};
use crate::word::{At, Word};
use crate::{StoreError, incidents, outbox, sessions};

/// Decisions are remembered this long, so that reading one again changes nothing.
const DECISIONS_REMEMBERED: Span = Span::hours(30 * 24);

/// What a daemon that starts again must know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Matches that no standing case holds (yet), oldest first: to be attributed and
    /// weighed. Some may have been before: their case was withdrawn or let them go.
    pub waiting: Vec<SeenMatch>,
    /// Cases that nobody has closed, oldest first.
    pub incidents: Vec<OpenIncident>,
    /// Every letter that no server accepted or refused, those of the cases above included.
    pub unsent: Vec<(Letter, Delivery)>,
    /// Letters about no single case that were due since the moment asked for: end-of-day
    /// letters that need not be written again.
    pub lists: Vec<(Letter, Delivery)>,
    /// Decisions that have taken effect within 30 days.
    pub decided: Vec<DecisionId>,
    /// Claims since the moment asked for, in order of time.
    pub claims: Vec<Claim>,
}

/// A case with all that the desk knew of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenIncident {
    /// Its newest revision.
    pub incident: Incident,
    /// Its matches, in the order they joined.
    pub matches: Vec<SeenMatch>,
    /// The letters about it, in the order they were made: who was told, when and why.
    pub letters: Vec<(Letter, Delivery)>,
}

pub(crate) fn read(
    connection: &Connection,
    now: Timestamp,
    since: Timestamp,
) -> Result<Snapshot, StoreError> {
    let incidents = incidents::open(connection)?
        .into_iter()
        .map(|incident| {
            Ok(OpenIncident {
                matches: evidence::of_incident(connection, incident.id)?,
                letters: outbox::about(connection, incident.id)?,
                incident,
            })
        })
        .collect::<Result<_, StoreError>>()?;
    Ok(Snapshot {
        waiting: evidence::waiting(connection)?,
        incidents,
        unsent: outbox::unsent(connection)?,
        lists: outbox::lists_since(connection, since)?,
        decided: decided_since(connection, now - DECISIONS_REMEMBERED)?,
        claims: sessions::since(connection, since)?,
    })
}

fn decided_since(connection: &Connection, since: Timestamp) -> Result<Vec<DecisionId>, StoreError> {
    let mut found =
        connection.prepare("SELECT id FROM decision_applied WHERE at >= ?1 ORDER BY at, id")?;
    let ids = found.query_map([At(since)], |row| Ok(row.get::<_, Word<DecisionId>>(0)?.0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}
