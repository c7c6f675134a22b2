//! Counts by hour and category: all that is left of what made no case.

use facts::{Category, Timestamp};
use rusqlite::{Connection, params};

use crate::StoreError;
use crate::word::{At, Word, count_of, counted};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// How often a category was seen on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trend {
    /// Midnight UTC at which the day begins.
    pub day: Timestamp,
    /// What was counted.
    pub category: Category,
    /// How often.
    pub count: u64,
}

/// Adds to the hour's count.
pub(crate) fn add(
    connection: &Connection,
    at: Timestamp,
    category: Category,
    count: u64,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO tally (hour, category, count) VALUES (?1, ?2, ?3)
             ON CONFLICT (hour, category) DO UPDATE SET count = count + excluded.count",
        )?
        .execute(params![At(hour_of(at)), Word(category), counted(count)])?;
    Ok(())
}

/// Counts by day of the hours that begin in `from..to`.
pub(crate) fn by_day(
    connection: &Connection,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Trend>, StoreError> {
    let mut found = connection.prepare_cached(
        "SELECT hour - (hour % ?3 + ?3) % ?3 AS day, category, sum(count) FROM tally
         WHERE hour >= ?1 AND hour < ?2 GROUP BY day, category ORDER BY day, category",
    )?;
    let trends = found.query_map(params![At(from), At(to), DAY], |row| {
        Ok(Trend {
            day: row.get::<_, At>(0)?.0,
            category: row.get::<_, Word<_>>(1)?.0,
            count: count_of(row.get(2)?),
        })
    })?;
    Ok(trends.collect::<Result<_, _>>()?)
}

/// The midnight UTC before a moment.
pub(crate) fn day_of(at: Timestamp) -> Timestamp {
    let micros = at.as_micros();
    Timestamp::from_micros(micros.saturating_sub(micros.rem_euclid(DAY)))
}

/// The full hour before a moment.
pub(crate) fn hour_of(at: Timestamp) -> Timestamp {
    let micros = at.as_micros();
    Timestamp::from_micros(micros.saturating_sub(micros.rem_euclid(HOUR)))
}
