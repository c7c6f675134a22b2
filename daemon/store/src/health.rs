//! What happened to the machine itself, and what the capture saw hour by hour.

use facts::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::change::{Coverage, Health};
use crate::open::Book;
use crate::tallies::hour_of;
use crate::word::{At, count_of, counted};
use crate::{StoreError, audit};

/// What the capture saw within one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoverageHour {
    /// When the hour begins.
    pub hour: Timestamp,
    /// When it was last reported.
    pub reported_at: Timestamp,
    /// The newest packet seen by then.
    pub last_packet: Option<Timestamp>,
    /// Packets.
    pub packets: u64,
    /// Bytes.
    pub bytes: u64,
    /// Packets that the kernel dropped.
    pub kernel_drops: u64,
    /// Connections that carried a readable name.
    pub readable: u64,
    /// Connections that carried none.
    pub unreadable: u64,
    /// Devices seen.
    pub devices: u64,
}

/// How the watching stands: what the today page says beside WATCHING.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The newest packet ever seen.
    pub last_packet: Option<Timestamp>,
    /// The newest hour that was reported.
    pub hour: Option<CoverageHour>,
    /// When the daemon last started, as its health rows say.
    pub started: Option<Timestamp>,
    /// When the daemon last stopped in good order.
    pub stopped: Option<Timestamp>,
    /// Letters that wait.
    pub letters_waiting: u64,
}

pub(crate) fn put(connection: &Connection, health: &Health) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO health (at, kind, sentence, figure) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![
            At(health.at),
            health.kind,
            health.sentence,
            health.figure.map(counted)
        ])?;
    let figure = health.figure.map_or_else(|| "none".to_owned(), |figure| figure.to_string());
    let sentence = audit::fingerprint(health.sentence.as_bytes());
    audit::append(
        connection,
        Book::Record,
        health.at,
        "health",
        &[&health.kind, &sentence, &figure],
    )
}

/// What happened in `from..to`, in order of time.
pub(crate) fn between(
    connection: &Connection,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Health>, StoreError> {
    let mut found = connection.prepare_cached(
        "SELECT at, kind, sentence, figure FROM health
         WHERE at >= ?1 AND at < ?2 ORDER BY at, place",
    )?;
    let events = found.query_map([At(from), At(to)], |row| {
        Ok(Health {
            at: row.get::<_, At>(0)?.0,
            kind: row.get(1)?,
            sentence: row.get(2)?,
            figure: row.get::<_, Option<i64>>(3)?.map(count_of),
        })
    })?;
    Ok(events.collect::<Result<_, _>>()?)
}

pub(crate) fn put_coverage(connection: &Connection, report: &Coverage) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO coverage (hour, reported_at, last_packet, packets, bytes, kernel_drops,
                                   readable, unreadable, devices)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (hour) DO UPDATE SET
                 reported_at = max(reported_at, excluded.reported_at),
                 last_packet = max(coalesce(last_packet, excluded.last_packet),
                                   coalesce(excluded.last_packet, last_packet)),
                 packets = packets + excluded.packets,
                 bytes = bytes + excluded.bytes,
                 kernel_drops = kernel_drops + excluded.kernel_drops,
                 readable = readable + excluded.readable,
                 unreadable = unreadable + excluded.unreadable,
                 devices = max(devices, excluded.devices)",
        )?
        .execute(params![
            At(hour_of(report.at)),
            At(report.at),
            report.last_packet.map(At),
            counted(report.packets),
            counted(report.bytes),
            counted(report.kernel_drops),
            counted(report.readable),
            counted(report.unreadable),
            counted(report.devices),
        ])?;
    Ok(())
}

/// The hours that begin in `from..to`, in order of time. An hour without a report is absent:
/// nobody watched, or nobody wrote.
pub(crate) fn coverage(
    connection: &Connection,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<CoverageHour>, StoreError> {
    let mut found = connection
        .prepare_cached("SELECT * FROM coverage WHERE hour >= ?1 AND hour < ?2 ORDER BY hour")?;
    Ok(found.query_map([At(from), At(to)], hour_from)?.collect::<Result<_, _>>()?)
}

pub(crate) fn state(connection: &Connection) -> Result<State, StoreError> {
    let hour = connection
        .query_row("SELECT * FROM coverage ORDER BY hour DESC LIMIT 1", [], hour_from)
        .optional()?;
    let last_packet: Option<At> =
        connection.query_row("SELECT max(last_packet) FROM coverage", [], |row| row.get(0))?;
    Ok(State {
        last_packet: last_packet.map(|at| at.0),
        hour,
        started: last_of(connection, "started")?,
        stopped: last_of(connection, "stopped")?,
        letters_waiting: crate::outbox::waiting_count(connection)?,
    })
}

fn last_of(connection: &Connection, kind: &str) -> Result<Option<Timestamp>, StoreError> {
    let at: Option<At> =
        connection
            .query_row("SELECT max(at) FROM health WHERE kind = ?1", [kind], |row| row.get(0))?;
    Ok(at.map(|at| at.0))
}

fn hour_from(row: &Row<'_>) -> rusqlite::Result<CoverageHour> {
    Ok(CoverageHour {
        hour: row.get::<_, At>("hour")?.0,
        reported_at: row.get::<_, At>("reported_at")?.0,
        last_packet: row.get::<_, Option<At>>("last_packet")?.map(|at| at.0),
        packets: count_of(row.get("packets")?),
        bytes: count_of(row.get("bytes")?),
        kernel_drops: count_of(row.get("kernel_drops")?),
        readable: count_of(row.get("readable")?),
        unreadable: count_of(row.get("unreadable")?),
        devices: count_of(row.get("devices")?),
    })
}
