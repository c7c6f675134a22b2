//! Letters byte for byte, and how far each got. A letter is never altered, none is dropped.

use facts::{Delivery, IncidentId, Letter, LetterId, Timestamp};
use rusqlite::{Connection, Row, params};

use crate::open::Book;
use crate::word::{At, Spelled, Word};
use crate::{StoreError, audit};

/// Stores a letter, waiting. The same id again changes nothing.
pub(crate) fn put_letter(connection: &Connection, letter: &Letter) -> Result<(), StoreError> {
    let written = connection
        .prepare_cached(
            "INSERT INTO letter
             (id, incident, reason, person, role, mail, due, subject, body, message)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![
            Word(letter.id),
            letter.incident.map(Word),
            Word(letter.reason),
            letter.to.as_str(),
            Word(letter.to_role),
            letter.mail,
            At(letter.due),
            letter.subject,
            letter.body,
            letter.message,
        ])?;
    if written == 0 {
        return Ok(());
    }
    connection
        .prepare_cached(
            "INSERT INTO delivery (letter, state, next_try) VALUES (?1, 'waiting', ?2)",
        )?
        .execute(params![Word(letter.id), At(letter.due)])?;
    audit::append(
        connection,
        Book::Record,
        letter.due,
        "letter",
        &[
            &letter.id.spell(),
            letter.incident.map(|id| id.to_string()).as_deref().unwrap_or("none"),
            letter.reason.as_str(),
            letter.to_role.as_str(),
            &audit::fingerprint(&letter.message),
        ],
    )
}

/// Notes how far a letter got. Accepted is the last word: nothing later undoes it.
pub(crate) fn put_delivery(
    connection: &Connection,
    id: LetterId,
    delivery: Delivery,
) -> Result<(), StoreError> {
    let (state, at, tries, next_try) = match delivery {
        Delivery::Waiting => ("waiting", None, 0, Some(due_of(connection, id)?)),
        Delivery::Accepted { at } => ("accepted", Some(at), 0, None),
        Delivery::Deferred { tries, until } => ("deferred", Some(until), tries, Some(until)),
        Delivery::Refused { at } => ("refused", Some(at), 0, None),
    };
    let written = connection
        .prepare_cached(
            "UPDATE delivery SET state = ?2, at = ?3, tries = ?4, next_try = ?5
             WHERE letter = ?1 AND state <> 'accepted'",
        )?
        .execute(params![Word(id), state, at.map(At), tries, next_try.map(At)])?;
    if written == 0 {
        // Either it was accepted before, or it is not there: only the second is a fault.
        return due_of(connection, id).map(drop);
    }
    let when = at.or(next_try).unwrap_or(Timestamp::EPOCH);
    let tries = tries.to_string();
    audit::append(connection, Book::Record, when, "delivery", &[&id.spell(), state, &tries])
}

fn due_of(connection: &Connection, id: LetterId) -> Result<Timestamp, StoreError> {
    let found = connection
        .prepare_cached("SELECT due FROM letter WHERE id = ?1")?
        .query_row([Word(id)], |row| row.get::<_, At>(0));
    match found {
        Ok(due) => Ok(due.0),
        Err(rusqlite::Error::QueryReturnedNoRows) => Err(StoreError::UnknownLetter(id)),
        Err(error) => Err(error.into()),
    }
}

/// Letters whose time has come, the one longest due first.
pub(crate) fn due(
    connection: &Connection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<(Letter, Delivery)>, StoreError> {
    letters(
        connection,
        "WHERE delivery.next_try <= ?1 ORDER BY delivery.next_try, letter.place LIMIT ?2",
        params![At(now), limit],
    )
}

/// When the next letter is due, where one waits.
pub(crate) fn next_due(connection: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let next: Option<At> = connection
        .prepare_cached("SELECT min(next_try) FROM delivery WHERE next_try IS NOT NULL")?
        .query_row([], |row| row.get(0))?;
    Ok(next.map(|at| at.0))
}

/// Every letter that no server accepted or refused for good, oldest first.
pub(crate) fn unsent(connection: &Connection) -> Result<Vec<(Letter, Delivery)>, StoreError> {
    letters(connection, "WHERE delivery.next_try IS NOT NULL ORDER BY letter.place", [])
}

/// Letters about no single case, due since a moment.
pub(crate) fn lists_since(
    connection: &Connection,
    since: Timestamp,
) -> Result<Vec<(Letter, Delivery)>, StoreError> {
    letters(
        connection,
        "WHERE letter.incident IS NULL AND letter.due >= ?1 ORDER BY letter.place",
        [At(since)],
    )
}

/// Letters about a case, in the order they were made.
pub(crate) fn about(
    connection: &Connection,
    incident: IncidentId,
) -> Result<Vec<(Letter, Delivery)>, StoreError> {
    letters(connection, "WHERE letter.incident = ?1 ORDER BY letter.place", [Word(incident)])
}

/// A letter that the server refused, as it did every other on the list of the matter, is put
/// off with so many tries; one that meets trouble has as many after four minutes.
pub const REFUSED_TO_ALL: u32 = 6;

/// Whether a letter that was due by then has been tried and is not taken yet, or one that
/// was refused as was every other on the list, about a matter that nobody has.
pub(crate) fn are_stuck(connection: &Connection, due: Timestamp) -> Result<bool, StoreError> {
    let mut found = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM delivery JOIN letter ON letter.id = delivery.letter
                        LEFT JOIN incident ON incident.id = letter.incident
                        WHERE delivery.next_try IS NOT NULL AND delivery.state = 'deferred'
                        AND (letter.due <= ?1
                             OR delivery.tries >= ?2 AND coalesce(incident.phase, 'open') = 'open'))",
    )?;
    Ok(found.query_row(params![At(due), REFUSED_TO_ALL], |row| row.get(0))?)
}

/// How many letters wait.
pub(crate) fn waiting_count(connection: &Connection) -> Result<u64, StoreError> {
    let count: i64 = connection.query_row(
        "SELECT count(*) FROM delivery WHERE next_try IS NOT NULL",
        [],
        |row| row.get(0),
    )?;
    Ok(crate::word::count_of(count))
}

fn letters(
    connection: &Connection,
    which: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<(Letter, Delivery)>, StoreError> {
    let mut found = connection.prepare_cached(&format!(
        "SELECT letter.*, delivery.state, delivery.at, delivery.tries
         FROM letter JOIN delivery ON delivery.letter = letter.id {which}",
    ))?;
    let letters = found.query_map(params, |row| Ok((letter_of(row)?, delivery_of(row)?)))?;
    Ok(letters.collect::<Result<_, _>>()?)
}

fn letter_of(row: &Row<'_>) -> rusqlite::Result<Letter> {
    Ok(Letter {
        id: row.get::<_, Word<_>>("id")?.0,
        incident: row.get::<_, Option<Word<_>>>("incident")?.map(|id| id.0),
        reason: row.get::<_, Word<_>>("reason")?.0,
        to: row.get::<_, Word<_>>("person")?.0,
        to_role: row.get::<_, Word<_>>("role")?.0,
        mail: row.get("mail")?,
        due: row.get::<_, At>("due")?.0,
        subject: row.get("subject")?,
        body: row.get("body")?,
        message: row.get("message")?,
    })
}

fn delivery_of(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    let state: String = row.get("state")?;
    let at: Option<At> = row.get("at")?;
    match (state.as_str(), at) {
        ("waiting", _) => Ok(Delivery::Waiting),
        ("accepted", Some(At(at))) => Ok(Delivery::Accepted { at }),
        ("deferred", Some(At(until))) => Ok(Delivery::Deferred { tries: row.get("tries")?, until }),
        ("refused", Some(At(at))) => Ok(Delivery::Refused { at }),
        _ => Err(crate::word::unreadable("delivery")),
    }
}
