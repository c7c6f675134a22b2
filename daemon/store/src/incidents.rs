//! Cases: every revision, who has a seat, and which matches belong.

use facts::{CodeWords, Duty, Incident, IncidentId, MatchId, Outcome, PersonId, Phase, Role, View};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::mirror::IncidentText;
use crate::open::Book;
use crate::word::{At, Json, Spelled, Word, json, unreadable};
use crate::{StoreError, audit, people};

/// Stores a revision. The same one again changes nothing; another under its number is refused.
pub(crate) fn put(connection: &Connection, incident: &Incident) -> Result<(), StoreError> {
    let content = json(&IncidentText::from(incident.clone()))?;
    let stored: Option<(At, String)> = connection
        .prepare_cached(
            "SELECT revised_at, content FROM revision WHERE incident = ?1 AND revision = ?2",
        )?
        .query_row(params![Word(incident.id), incident.revision], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    match stored {
        Some((At(at), same)) if at == incident.revised_at && same == content => return Ok(()),
        Some(_) => {
            let (incident, revision) = (incident.id, incident.revision);
            return Err(StoreError::RevisionTaken { incident, revision });
        }
        None => {}
    }
    let is_newest = put_state(connection, incident)?;
    connection
        .prepare_cached(
            "INSERT INTO revision (incident, revision, revised_at, content)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![Word(incident.id), incident.revision, At(incident.revised_at), content])?;
    if is_newest {
        put_seats_and_members(connection, incident)?;
    }
    audit::append(
        connection,
        Book::Record,
        incident.revised_at,
        "incident",
        &[
            &incident.id.spell(),
            &incident.revision.to_string(),
            &incident.severity.spell(),
            incident.category.code(),
            phase_word(&incident.phase),
        ],
    )
}

/// Writes the newest state of a case; whether this revision is the newest.
fn put_state(connection: &Connection, incident: &Incident) -> Result<bool, StoreError> {
    let (phase_at, outcome, taken) = match &incident.phase {
        Phase::Open => (None, None, None),
        Phase::Taken { by, at } => (Some(*at), None, Some((*at, by))),
        Phase::Closed { by, at, outcome } => (Some(*at), Some(*outcome), Some((*at, by))),
        Phase::Withdrawn { at } => (Some(*at), None, None),
    };
    let written = connection
        .prepare_cached(
            "INSERT INTO incident (id, code, revision, opened_at, severity, category, phase,
                                   phase_at, outcome, taken_at, taken_by, for_governor)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
             ON CONFLICT (id) DO UPDATE SET
                 code = excluded.code, revision = excluded.revision,
                 severity = excluded.severity, category = excluded.category,
                 phase = excluded.phase, phase_at = excluded.phase_at,
                 outcome = excluded.outcome, for_governor = excluded.for_governor,
                 taken_at = coalesce(taken_at, excluded.taken_at),
                 taken_by = coalesce(taken_by, excluded.taken_by),
                 erased_at = NULL
             WHERE excluded.revision > incident.revision",
        )?
        .execute(params![
            Word(incident.id),
            Word(incident.code.clone()),
            incident.revision,
            At(incident.revised_at),
            Word(incident.severity),
            Word(incident.category),
            phase_word(&incident.phase),
            phase_at.map(At),
            outcome.map(Word::<Outcome>),
            taken.map(|(at, _)| At(at)),
            taken.map(|(_, by)| by.as_str()),
            is_for_governor(connection, incident)?,
        ])?;
    Ok(written > 0)
}

fn put_seats_and_members(connection: &Connection, incident: &Incident) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM seat WHERE incident = ?1")?
        .execute([Word(incident.id)])?;
    for seat in &incident.seats {
        // Where a person was given two seats, the one that shows less stands.
        connection
            .prepare_cached(
                "INSERT INTO seat (incident, person, view) VALUES (?1, ?2, ?3)
                 ON CONFLICT (incident, person) DO UPDATE SET view = 'child_part'
                 WHERE excluded.view = 'child_part'",
            )?
            .execute(params![Word(incident.id), seat.person.as_str(), Word(seat.view)])?;
    }
    connection
        .prepare_cached("DELETE FROM member WHERE incident = ?1")?
        .execute([Word(incident.id)])?;
    for (place, id) in (0_i64..).zip(&incident.matches) {
        connection
            .prepare_cached(
                "INSERT INTO member (incident, match_id, place) VALUES (?1, ?2, ?3)
                 ON CONFLICT (incident, match_id) DO NOTHING",
            )?
            .execute(params![Word(incident.id), Word::<MatchId>(*id), place])?;
    }
    Ok(())
}

/// Whether the governor's page may count a case: a lead may see all of it, and no account
/// in it can be an adult's. The second part holds where one person is lead and
/// Headteacher: the seat alone would let a matter about staff into the total.
fn is_for_governor(connection: &Connection, incident: &Incident) -> Result<bool, StoreError> {
    let children_only = incident
        .attribution
        .answer
        .candidates()
        .iter()
        .all(|candidate| matches!(candidate.role, Some(Role::Pupil | Role::Class)));
    if !children_only {
        return Ok(false);
    }
    let mut whole = incident.seats.iter().filter(|seat| seat.view == View::Whole);
    let leads = people::holding(connection, Duty::Lead)?;
    Ok(whole.any(|seat| leads.contains(&seat.person)))
}

const fn phase_word(phase: &Phase) -> &'static str {
    match phase {
        Phase::Open => "open",
        Phase::Taken { .. } => "taken",
        Phase::Closed { .. } => "closed",
        Phase::Withdrawn { .. } => "withdrawn",
    }
}

/// Cases in which a person has a seat, newest first.
pub(crate) fn seated(
    connection: &Connection,
    person: &PersonId,
) -> Result<Vec<Incident>, StoreError> {
    newest(
        connection,
        "JOIN seat ON seat.incident = incident.id WHERE seat.person = ?1
         ORDER BY incident.opened_at DESC, incident.id",
        [person.as_str()],
    )
}

/// One case at its newest revision.
pub(crate) fn one(connection: &Connection, id: IncidentId) -> Result<Option<Incident>, StoreError> {
    Ok(newest(connection, "WHERE incident.id = ?1", [Word(id)])?.pop())
}

/// The case that goes by these code words now: an open one before a closed one, then the newest.
pub(crate) fn by_code(
    connection: &Connection,
    code: &CodeWords,
) -> Result<Option<Incident>, StoreError> {
    let found = newest(
        connection,
        "WHERE incident.code = ?1
         ORDER BY incident.phase NOT IN ('open', 'taken'), incident.opened_at DESC, incident.id
         LIMIT 1",
        [code.as_str()],
    )?;
    Ok(found.into_iter().next())
}

/// Cases that nobody has closed, oldest first.
pub(crate) fn open(connection: &Connection) -> Result<Vec<Incident>, StoreError> {
    newest(
        connection,
        "WHERE incident.phase IN ('open', 'taken') ORDER BY incident.opened_at, incident.id",
        [],
    )
}

/// Every revision of a case, first one first.
pub(crate) fn revisions(
    connection: &Connection,
    id: IncidentId,
) -> Result<Vec<Incident>, StoreError> {
    let mut found = connection.prepare_cached(
        "SELECT incident, revision, revised_at, content FROM revision
         WHERE incident = ?1 ORDER BY revision",
    )?;
    Ok(found.query_map([Word(id)], incident_of)?.collect::<Result<_, _>>()?)
}

fn newest(
    connection: &Connection,
    which: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<Incident>, StoreError> {
    let mut found = connection.prepare_cached(&format!(
        "SELECT revision.incident, revision.revision, revision.revised_at, revision.content
         FROM incident JOIN revision
         ON revision.incident = incident.id AND revision.revision = incident.revision {which}",
    ))?;
    Ok(found.query_map(params, incident_of)?.collect::<Result<_, _>>()?)
}

fn incident_of(row: &Row<'_>) -> rusqlite::Result<Incident> {
    let id: Word<IncidentId> = row.get(0)?;
    let revised_at: At = row.get(2)?;
    let content: Json<IncidentText> = row.get(3)?;
    let made: Option<Incident> = content.0.into_fact(id.0, row.get(1)?, revised_at.0);
    made.ok_or_else(|| unreadable("case"))
}
