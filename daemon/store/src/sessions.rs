//! Claims about who holds an address, kept so that a restart knows what was known.

use facts::{Claim, Timestamp};
use rusqlite::{Connection, params};

use crate::mirror::ClaimText;
use crate::word::{At, Json, json};
use crate::{StoreError, audit};

/// Stores a claim; the same one again changes nothing.
pub(crate) fn put(connection: &Connection, claim: &Claim) -> Result<(), StoreError> {
    let content = json(&ClaimText::from(claim.clone()))?;
    connection
        .prepare_cached(
            "INSERT INTO claim (at, fingerprint, content) VALUES (?1, ?2, ?3)
             ON CONFLICT (at, fingerprint) DO NOTHING",
        )?
        .execute(params![At(claim.at), audit::fingerprint(content.as_bytes()), content])?;
    Ok(())
}

/// Claims since a moment, in order of time, then of arrival.
pub(crate) fn since(connection: &Connection, since: Timestamp) -> Result<Vec<Claim>, StoreError> {
    let mut found = connection
        .prepare_cached("SELECT at, content FROM claim WHERE at >= ?1 ORDER BY at, place")?;
    let claims = found.query_map([At(since)], |row| {
        let (At(at), Json(text)): (At, Json<ClaimText>) = (row.get(0)?, row.get(1)?);
        Ok(text.into_fact(at))
    })?;
    Ok(claims.collect::<Result<_, _>>()?)
}
