//! A chain of hashes over what was written: a changed, removed or moved row is found.
//!
//! It holds times, words and hashes of ids, so it outlives every name. What it can not
//! show alone, a chain made anew from its first row, shows against a head that left the
//! machine earlier: each weekly page carries one.

use std::fmt;
use std::str::FromStr;

use facts::{NotAWord, Timestamp};
use ring::digest::{Context, SHA256};
use rusqlite::{Connection, OptionalExtension, params};

use crate::StoreError;
use crate::open::Book;
use crate::word::{At, count_of, counted};

/// Where a chain stands: how many rows it has, and the hash over all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// How many rows.
    pub rows: u64,
    /// The hash over all of them.
    pub head: [u8; 32],
}

impl AuditHead {
    /// What is printed of it. It does not tell the number of rows, from which a reader of
    /// many weeks could work out that there were matters he may not know of.
    #[must_use]
    pub const fn seal(&self) -> Seal {
        let [a, b, c, d, e, f, g, h, ..] = self.head;
        Seal([a, b, c, d, e, f, g, h])
    }
}

/// The first eight bytes of a head, as a weekly page carries them out of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seal([u8; 8]);

/// Writes groups of four digits: `7f3a 91c0 44de b2aa`.
impl fmt::Display for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g, h, i] = self.0;
        write!(f, "{a:02x}{b:02x} {c:02x}{d:02x} {e:02x}{g:02x} {h:02x}{i:02x}")
    }
}

/// Reads sixteen hexadecimal digits, blanks anywhere.
impl FromStr for Seal {
    type Err = NotAWord;

    fn from_str(text: &str) -> Result<Self, NotAWord> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if digits.len() != 16 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NotAWord);
        }
        let number = u64::from_str_radix(&digits, 16).map_err(|_| NotAWord)?;
        Ok(Self(number.to_be_bytes()))
    }
}

/// Appends one row. `subject` is ids and words; only their hash is kept.
pub(crate) fn append(
    connection: &Connection,
    book: Book,
    at: Timestamp,
    act: &str,
    subject: &[&str],
) -> Result<(), StoreError> {
    let last = head(connection, book)?;
    let subject = subject_hash(subject);
    let next = AuditHead { rows: last.rows + 1, head: link(&last.head, at, act, &subject) };
    connection
        .prepare_cached(
            "INSERT INTO audit (row, at, act, subject, head) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![counted(next.rows), At(at), act, subject, next.head])?;
    connection
        .prepare_cached(
            "INSERT INTO audit_head (only_row, rows, head) VALUES (1, ?1, ?2)
             ON CONFLICT (only_row) DO UPDATE SET rows = excluded.rows, head = excluded.head",
        )?
        .execute(params![counted(next.rows), next.head])?;
    Ok(())
}

/// Where the chain stands, as it says itself.
pub(crate) fn head(connection: &Connection, book: Book) -> Result<AuditHead, StoreError> {
    let found = connection
        .prepare_cached("SELECT rows, head FROM audit_head")?
        .query_row([], |row| Ok(AuditHead { rows: count_of(row.get(0)?), head: row.get(1)? }))
        .optional()?;
    Ok(found.unwrap_or_else(|| beginning(book)))
}

/// Walks the whole chain; where it stands if every row fits.
pub(crate) fn verify(connection: &Connection, book: Book) -> Result<AuditHead, StoreError> {
    let claimed = head(connection, book)?;
    let mut reached = beginning(book);
    let mut rows =
        connection.prepare("SELECT row, at, act, subject, head FROM audit ORDER BY row")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let expected = reached.rows + 1;
        let broken = |what| StoreError::AuditBroken { row: expected, what };
        if row.get::<_, i64>(0)? != counted(expected) {
            return Err(broken("it is missing"));
        }
        let (At(at), act): (At, String) = (row.get(1)?, row.get(2)?);
        let (Ok(subject), Ok(head)) = (row.get::<_, [u8; 32]>(3), row.get::<_, [u8; 32]>(4)) else {
            return Err(broken("it holds no hash"));
        };
        if link(&reached.head, at, &act, &subject) != head {
            return Err(broken("it is not what was written"));
        }
        reached = AuditHead { rows: expected, head };
    }
    if reached != claimed {
        let row = reached.rows.min(claimed.rows) + 1;
        return Err(StoreError::AuditBroken { row, what: "the end of the chain is missing" });
    }
    Ok(reached)
}

/// Whether the chain once stood at `witness`, a seal that left the machine earlier.
pub(crate) fn passed(
    connection: &Connection,
    book: Book,
    witness: &Seal,
) -> Result<bool, StoreError> {
    if *witness == beginning(book).seal() {
        return Ok(true);
    }
    let found = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM audit WHERE substr(head, 1, 8) = ?1)",
        [witness.0],
        |row| row.get(0),
    )?;
    Ok(found)
}

/// A chain without a row; each database has its own beginning.
fn beginning(book: Book) -> AuditHead {
    let word: &[u8] = match book {
        Book::Record => b"wardline audit 1, daemon",
        Book::Review => b"wardline audit 1, dashboard",
    };
    let mut hash = Context::new(&SHA256);
    hash.update(word);
    AuditHead { rows: 0, head: finished(hash) }
}

fn link(previous: &[u8; 32], at: Timestamp, act: &str, subject: &[u8; 32]) -> [u8; 32] {
    let mut hash = Context::new(&SHA256);
    hash.update(previous);
    hash.update(&at.as_micros().to_be_bytes());
    take_in(&mut hash, act);
    hash.update(subject);
    finished(hash)
}

fn subject_hash(words: &[&str]) -> [u8; 32] {
    let mut hash = Context::new(&SHA256);
    for word in words {
        take_in(&mut hash, word);
    }
    finished(hash)
}

/// The length goes first, so that two lists of words never run into the same bytes.
fn take_in(hash: &mut Context, word: &str) {
    hash.update(&(word.len() as u64).to_be_bytes());
    hash.update(word.as_bytes());
}

fn finished(hash: Context) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(hash.finish().as_ref());
    bytes
}

/// The hash of a message as a word.
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
