//! Opens a database for its one writer or for a reader, or says why not and alters nothing.
//!
//! Two journal modes, each for its use. record.db is WAL, for its writer is busy and no
//! reader may delay it; it is read live, or as a frozen file where no `-wal` stands beside
//! it (a clean stop removes it, and a user who may only read can not make a new one).
//! review.db keeps the rollback journal: a reader needs no side files.
//!
//! No file of a database is ever opened by other means than SQLite: closing such a handle
//! would drop every POSIX lock this process holds on the file.

use std::fs::{self, OpenOptions, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};

use crate::{StoreError, migrate};

/// How long a statement waits for another's lock.
const PATIENCE: Duration = Duration::from_secs(5);
/// The `-wal` is cut to this after a checkpoint.
const WAL_LIMIT: i64 = 16 * 1024 * 1024;
/// The owner writes, the group reads, nobody else.
const MODE: u32 = 0o640;

/// Which of the two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Book {
    Record,
    Review,
}

impl Book {
    /// Stands in the file's header and tells our two files from any other.
    const fn application_id(self) -> i32 {
        match self {
            Self::Record => 0x574c_7263,
            Self::Review => 0x574c_7276,
        }
    }

    const fn file_name(self) -> &'static str {
        match self {
            Self::Record => "record.db",
            Self::Review => "review.db",
        }
    }

    const fn journal_mode(self) -> &'static str {
        match self {
            Self::Record => "wal",
            Self::Review => "delete",
        }
    }
}

/// Opens for the one writer; creates the file where there is none.
pub(crate) fn writer(path: &Path, book: Book) -> Result<Connection, StoreError> {
    if !holds_something(path)? {
        create(path)?;
    } else {
        let probe = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, "write")?;
        examine(&probe, path, book, "write")?;
        check_pages(&probe, path)?;
    }
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, "write")?;
    // Where it may not write, SQLite opens to read and says nothing.
    if connection.is_readonly(MAIN_DB)? {
        let read_only = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY);
        return Err(refusal(rusqlite::Error::SqliteFailure(read_only, None), path, "write"));
    }
    // Before the journal mode: so the file's own header names it from its first byte on.
    if !holds_something(path)? {
        connection
            .pragma_update(None, "application_id", book.application_id())
            .map_err(|error| refusal(error, path, "write"))?;
    }
    set_modes(&connection, book.journal_mode()).map_err(|error| refusal(error, path, "write"))?;
    migrate::bring_up(&mut connection, book, path)?;
    Ok(connection)
}

/// A database that lives as long as the connection.
pub(crate) fn in_memory(book: Book) -> Result<Connection, StoreError> {
    let mut connection = Connection::open_in_memory()?;
    set_modes(&connection, "memory")?;
    migrate::bring_up(&mut connection, book, Path::new(":memory:"))?;
    Ok(connection)
}

/// Opens to read only, live: sees what the writer commits.
pub(crate) fn reader(path: &Path, book: Book) -> Result<Connection, StoreError> {
    if !holds_something(path)? {
        return Err(StoreError::Absent { path: path.into() });
    }
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, "read")?;
    examine(&connection, path, book, "read")?;
    refuse_older(&connection, path, book)?;
    Ok(connection)
}

/// Opens to read a file that nobody writes: no lock, no side file.
pub(crate) fn frozen_reader(path: &Path, book: Book) -> Result<Connection, StoreError> {
    let name = format!("file:{}?mode=ro&immutable=1", percent_encoded(path));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let connection = connect(Path::new(&name), flags, "read")?;
    examine(&connection, path, book, "read")?;
    refuse_older(&connection, path, book)?;
    Ok(connection)
}

/// The `-wal` beside a database.
pub(crate) fn wal_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

fn connect(path: &Path, flags: OpenFlags, need: &'static str) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| refusal(error, path, need))?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

fn set_modes(connection: &Connection, journal_mode: &str) -> rusqlite::Result<()> {
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", journal_mode, |row| row.get(0))?;
    if mode != journal_mode {
        return Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN),
            Some(format!("this file system gives journal mode {mode} instead of {journal_mode}")),
        ));
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // Sorting must not write names to a temporary file.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    connection.pragma_update_and_check(None, "journal_size_limit", WAL_LIMIT, |_| Ok(()))?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Says whether a file is there and has a first byte, without opening it.
fn holds_something(path: &Path) -> Result<bool, StoreError> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => Ok(found.len() > 0),
        Ok(_) => Err(StoreError::NotADatabase { path: path.into() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(StoreError::File { path: path.into(), need: "read", source }),
    }
}

/// Makes the empty file with its mode, so that SQLite gives its side files the same.
fn create(path: &Path) -> Result<(), StoreError> {
    let refused = |source| StoreError::File { path: path.into(), need: "write", source };
    match OpenOptions::new().write(true).create_new(true).mode(MODE).open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(source) => return Err(refused(source)),
    }
    fs::set_permissions(path, Permissions::from_mode(MODE)).map_err(refused)
}

/// Whether the file is the database we mean and of a schema we know.
fn examine(
    connection: &Connection,
    path: &Path,
    book: Book,
    need: &'static str,
) -> Result<(), StoreError> {
    let refused = |error| refusal(error, path, need);
    let id: i32 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(refused)?;
    if id != book.application_id() {
        return Err(StoreError::Foreign { path: path.into(), kind: book.file_name() });
    }
    let (found, known) = (migrate::found(connection).map_err(refused)?, migrate::known(book));
    if found > known {
        return Err(StoreError::Newer { path: path.into(), found, known });
    }
    Ok(())
}

fn refuse_older(connection: &Connection, path: &Path, book: Book) -> Result<(), StoreError> {
    let (found, known) = (migrate::found(connection)?, migrate::known(book));
    if found == 0 {
        return Err(StoreError::Absent { path: path.into() });
    }
    if found < known {
        return Err(StoreError::Older { path: path.into(), found, known });
    }
    Ok(())
}

fn check_pages(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let what: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| refusal(error, path, "write"))?;
    if what == "ok" { Ok(()) } else { Err(StoreError::Damaged { path: path.into(), what }) }
}

/// Tells what a refusal to open means.
fn refusal(error: rusqlite::Error, path: &Path, need: &'static str) -> StoreError {
    let path = path.to_path_buf();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => StoreError::NotADatabase { path },
        Some(ErrorCode::DatabaseCorrupt) => {
            StoreError::Damaged { path, what: "a page does not hold what it should".into() }
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            StoreError::Closed { path, need, source: Box::new(error) }
        }
        _ => error.into(),
    }
}

/// A path as a `file:` name wants it.
fn percent_encoded(path: &Path) -> String {
    let mut name = String::new();
    for &byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                name.push(char::from(byte));
            }
            _ => name.push_str(&format!("%{byte:02X}")),
        }
    }
    name
}
