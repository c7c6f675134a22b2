//! The people who can be told, as the configuration last had them.

use facts::{Duty, Person, PersonId};
use rusqlite::{Connection, params};

use crate::StoreError;
use crate::word::{Json, Word, json};

/// Replaces the list.
pub(crate) fn put(connection: &Connection, people: &[Person]) -> Result<(), StoreError> {
    connection.execute("DELETE FROM person", [])?;
    for (place, person) in (0_i64..).zip(people) {
        let duties: Vec<Word<Duty>> = person.duties.iter().copied().map(Word).collect();
        connection
            .prepare_cached(
                "INSERT INTO person (place, id, display, mail, duties)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                place,
                person.id.as_str(),
                person.display,
                person.mail,
                json(&duties)?
            ])?;
    }
    Ok(())
}

/// The list, in the order of the configuration.
pub(crate) fn all(connection: &Connection) -> Result<Vec<Person>, StoreError> {
    let mut found =
        connection.prepare_cached("SELECT id, display, mail, duties FROM person ORDER BY place")?;
    let people = found.query_map([], |row| {
        let duties: Json<Vec<Word<Duty>>> = row.get(3)?;
        Ok(Person {
            id: row.get::<_, Word<PersonId>>(0)?.0,
            display: row.get(1)?,
            mail: row.get(2)?,
            duties: duties.0.into_iter().map(|duty| duty.0).collect(),
        })
    })?;
    Ok(people.collect::<Result<_, _>>()?)
}

/// Who holds a duty.
pub(crate) fn holding(connection: &Connection, duty: Duty) -> Result<Vec<PersonId>, StoreError> {
    let people = all(connection)?;
    let holders = people.into_iter().filter(|person| person.duties.contains(&duty));
    Ok(holders.map(|person| person.id).collect())
}
