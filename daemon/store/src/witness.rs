//! The witness of the filter's work: what became of names, by day, network and profile.

use facts::{Category, Profile, Rung, Timestamp};
use rusqlite::{Connection, params};

use crate::StoreError;
use crate::change::Witnessed;
use crate::tallies::day_of;
use crate::word::{At, Word, count_of, counted};

/// How often names of one kind came as far as one rung, on one day in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessCell {
    /// Midnight UTC at which the day begins.
    pub day: Timestamp,
    /// The network's name; none outside every named network.
    pub network: Option<String>,
    /// For whom it was weighed.
    pub profile: Profile,
    /// What kind of name.
    pub category: Category,
    /// Looked up, tried, refused, answered or loaded.
    pub rung: Rung,
    /// How often.
    pub count: u64,
    /// On how many devices at least: fewer may be told only as "fewer than 5".
    pub devices: u64,
}

pub(crate) fn put(connection: &Connection, seen: &Witnessed) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO witness (day, network, profile, category, rung, count, devices)
             VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6)
             ON CONFLICT (day, network, profile, category, rung) DO UPDATE SET
                 count = count + 1, devices = max(devices, excluded.devices)",
        )?
        .execute(params![
            At(day_of(seen.at)),
            seen.network.as_deref().unwrap_or_default(),
            Word(seen.profile),
            Word(seen.category),
            Word(seen.rung),
            counted(seen.devices),
        ])?;
    Ok(())
}

/// The cells of days that begin in `from..to`, in order of time.
pub(crate) fn between(
    connection: &Connection,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<WitnessCell>, StoreError> {
    let mut found = connection.prepare_cached(
        "SELECT day, network, profile, category, rung, count, devices FROM witness
         WHERE day >= ?1 AND day < ?2 ORDER BY day, network, profile, category, rung",
    )?;
    let cells = found.query_map(params![At(from), At(to)], |row| {
        let network: String = row.get(1)?;
        Ok(WitnessCell {
            day: row.get::<_, At>(0)?.0,
            network: Some(network).filter(|name| !name.is_empty()),
            profile: row.get::<_, Word<_>>(2)?.0,
            category: row.get::<_, Word<_>>(3)?.0,
            rung: row.get::<_, Word<_>>(4)?.0,
            count: count_of(row.get(5)?),
            devices: count_of(row.get(6)?),
        })
    })?;
    Ok(cells.collect::<Result<_, _>>()?)
}
