//! Brings a database to this program's schema: numbered steps, forward only, all or none.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use crate::StoreError;
use crate::open::Book;

mod record {
    refinery::embed_migrations!("src/schema/record");
}

mod review {
    refinery::embed_migrations!("src/schema/review");
}

fn steps(book: Book) -> refinery::Runner {
    match book {
        Book::Record => record::migrations::runner(),
        Book::Review => review::migrations::runner(),
    }
}

/// The newest schema this program knows.
pub(crate) fn known(book: Book) -> i64 {
    steps(book).get_migrations().iter().map(|step| i64::from(step.version())).max().unwrap_or(0)
}

/// The schema a database has; 0 where it has none yet.
pub(crate) fn found(connection: &Connection) -> rusqlite::Result<i64> {
    let history: Option<i64> = connection
        .query_row(
            "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'refinery_schema_history'",
            [],
            |row| row.get(0),
        )
        .optional()?;
    if history.is_none() {
        return Ok(0);
    }
    connection.query_row(
        "SELECT coalesce(max(version), 0) FROM refinery_schema_history",
        [],
        |row| row.get(0),
    )
}

/// Applies the steps that are missing, in one transaction.
pub(crate) fn bring_up(
    connection: &mut Connection,
    book: Book,
    path: &Path,
) -> Result<(), StoreError> {
    if found(connection)? == known(book) {
        return Ok(());
    }
    steps(book)
        .set_grouped(true)
        .set_abort_divergent(true)
        .set_abort_missing(true)
        .run(connection)
        .map(drop)
        .map_err(|error| StoreError::Migration { path: path.into(), source: Box::new(error) })
}
