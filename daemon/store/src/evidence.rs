//! Matches, how far their connections got, and who they were tied to.

use facts::{
    Attribution, IncidentId, Match, MatchId, Progress, Rung, SensorId, Sighting, SiteId, Timestamp,
    Weight,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::StoreError;
use crate::mirror::{AttributionText, RulingText};
use crate::word::{At, Json, Word, count_of, counted, json, unreadable};

/// A match with all that came later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenMatch {
    /// The match.
    pub matched: Match,
    /// The highest rung so far.
    pub rung: Rung,
    /// Bytes from the server so far.
    pub bytes: u64,
    /// Each step of its connection, in order of time.
    pub progress: Vec<Progress>,
    /// Who it was last tied to; none while it waits.
    pub attribution: Option<Attribution>,
    /// What it last came to; none while it waits.
    pub weight: Option<Weight>,
}

pub(crate) fn put_match(connection: &Connection, matched: &Match) -> Result<(), StoreError> {
    let rulings: Vec<RulingText> = matched.rulings.iter().cloned().map(Into::into).collect();
    let Sighting { site, sensor, vlan, mac, address } = matched.sighting;
    connection
        .prepare_cached(
            "INSERT INTO matched
             (id, at, site, sensor, vlan, mac, address, server, name, heard, rulings)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![
            Word(matched.id),
            At(matched.at),
            site.0,
            sensor.0,
            vlan,
            mac.map(Word),
            Word(address),
            matched.server.map(Word),
            Word(matched.name.clone()),
            Word(matched.heard),
            json(&rulings)?,
        ])?;
    Ok(())
}

/// A step for a match that is not stored (any more) is left out: it was forgotten.
pub(crate) fn put_progress(connection: &Connection, step: &Progress) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO progress (match_id, rung, by_filter, at, bytes)
             SELECT id, ?2, ?3, ?4, ?5 FROM matched WHERE id = ?1 AND heard <> 'forgotten'
             ON CONFLICT (match_id, rung, by_filter)
             DO UPDATE SET at = min(at, excluded.at), bytes = max(bytes, excluded.bytes)",
        )?
        .execute(params![
            Word(step.id),
            Word(step.rung),
            step.by_filter,
            At(step.at),
            counted(step.bytes)
        ])?;
    Ok(())
}

/// One more revision, unless it says what the last one says.
pub(crate) fn put_attribution(
    connection: &Connection,
    id: MatchId,
    at: Timestamp,
    attribution: &Attribution,
    weight: Weight,
) -> Result<(), StoreError> {
    let content = json(&AttributionText::from(attribution.clone()))?;
    connection
        .prepare_cached(
            "INSERT INTO attribution (match_id, revision, at, weight, content)
             SELECT id, 1 + (SELECT coalesce(max(revision), 0) FROM attribution
                             WHERE match_id = ?1), ?2, ?3, ?4
             FROM matched WHERE id = ?1 AND heard <> 'forgotten' AND NOT EXISTS (
                 SELECT 1 FROM attribution AS last WHERE match_id = ?1 AND weight = ?3
                 AND content = ?4 AND revision = (SELECT max(revision) FROM attribution
                                                  WHERE match_id = ?1))",
        )?
        .execute(params![Word(id), At(at), Word(weight), content])?;
    Ok(())
}

/// Empties a match and all that hangs on it; whether there was anything to forget.
pub(crate) fn forget(connection: &Connection, id: MatchId) -> Result<bool, StoreError> {
    let gone = connection
        .prepare_cached(
            "UPDATE matched SET at = 0, site = 0, sensor = 0, vlan = NULL, mac = NULL,
                 address = '', server = NULL, name = '', heard = 'forgotten', rulings = ''
             WHERE id = ?1 AND heard <> 'forgotten'",
        )?
        .execute([Word(id)])?;
    if gone == 0 {
        return Ok(false);
    }
    connection
        .prepare_cached("UPDATE attribution SET content = '', weight = '' WHERE match_id = ?1")?
        .execute([Word(id)])?;
    connection.prepare_cached("DELETE FROM progress WHERE match_id = ?1")?.execute([Word(id)])?;
    Ok(true)
}

/// The matches of a case as its newest revision lists them.
pub(crate) fn of_incident(
    connection: &Connection,
    incident: IncidentId,
) -> Result<Vec<SeenMatch>, StoreError> {
    let mut found = connection.prepare_cached(
        "SELECT matched.* FROM member JOIN matched ON matched.id = member.match_id
         WHERE member.incident = ?1 AND heard <> 'forgotten' ORDER BY member.place",
    )?;
    let matches: Vec<Match> =
        found.query_map([Word(incident)], match_of)?.collect::<Result<_, _>>()?;
    matches.into_iter().map(|matched| with_later(connection, matched)).collect()
}

/// Matches that the newest revision of no standing case holds, oldest first. A withdrawn
/// case does not count: if its matches went nowhere, they are asked about again.
pub(crate) fn waiting(connection: &Connection) -> Result<Vec<SeenMatch>, StoreError> {
    let mut found = connection.prepare(
        "SELECT * FROM matched WHERE heard <> 'forgotten' AND NOT EXISTS
         (SELECT 1 FROM member JOIN incident ON incident.id = member.incident
          WHERE member.match_id = matched.id AND incident.phase <> 'withdrawn')
         ORDER BY at, id",
    )?;
    let matches: Vec<Match> = found.query_map([], match_of)?.collect::<Result<_, _>>()?;
    matches.into_iter().map(|matched| with_later(connection, matched)).collect()
}

fn with_later(connection: &Connection, matched: Match) -> Result<SeenMatch, StoreError> {
    let id = matched.id;
    let mut progress: Vec<Progress> = connection
        .prepare_cached("SELECT rung, at, bytes, by_filter FROM progress WHERE match_id = ?1")?
        .query_map([Word(id)], |row| {
            Ok(Progress {
                id,
                rung: row.get::<_, Word<Rung>>(0)?.0,
                at: row.get::<_, At>(1)?.0,
                bytes: count_of(row.get(2)?),
                by_filter: row.get(3)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    progress.sort_by_key(|step| (step.at, step.rung, step.by_filter));
    let last: Option<(Json<AttributionText>, Word<Weight>)> = connection
        .prepare_cached(
            "SELECT content, weight FROM attribution WHERE match_id = ?1
             ORDER BY revision DESC LIMIT 1",
        )?
        .query_row([Word(id)], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (attribution, weight) = match last {
        Some((Json(text), Word(weight))) => {
            let fact = text.into_fact().ok_or_else(|| unreadable("attribution"))?;
            (Some(fact), Some(weight))
        }
        None => (None, None),
    };
    let rung = progress.iter().map(|step| step.rung).fold(matched.first_rung(), Rung::max);
    let bytes = progress.iter().map(|step| step.bytes).max().unwrap_or(0);
    Ok(SeenMatch { matched, rung, bytes, progress, attribution, weight })
}

fn match_of(row: &Row<'_>) -> rusqlite::Result<Match> {
    let rulings: Json<Vec<RulingText>> = row.get("rulings")?;
    Ok(Match {
        id: row.get::<_, Word<_>>("id")?.0,
        at: row.get::<_, At>("at")?.0,
        sighting: Sighting {
            site: SiteId(row.get("site")?),
            sensor: SensorId(row.get("sensor")?),
            vlan: row.get("vlan")?,
            mac: row.get::<_, Option<Word<_>>>("mac")?.map(|mac| mac.0),
            address: row.get::<_, Word<_>>("address")?.0,
        },
        server: row.get::<_, Option<Word<_>>>("server")?.map(|server| server.0),
        name: row.get::<_, Word<_>>("name")?.0,
        heard: row.get::<_, Word<_>>("heard")?.0,
        rulings: rulings.0.into_iter().map(Into::into).collect(),
    })
}
