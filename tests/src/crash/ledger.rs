//! What record.db holds after a kill, read from a copy of what the kill left.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use facts::{Delivery, IncidentId, MatchId, Rung, Severity, Timestamp};
use store::{RecordReader, RecordWriter, SeenMatch};

use super::message_id;

/// What was committed at one moment, or over many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Matches without a case yet.
    pub waiting: usize,
    /// Matches that came to no case: what is left of each is one count.
    pub forgotten: u64,
    /// Every match.
    pub matches: BTreeMap<MatchId, Seen>,
    /// Every case.
    pub cases: BTreeMap<IncidentId, Case>,
}

/// What is known of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Whether it is committed that the page loaded, which makes a case of it.
    pub has_loaded: bool,
}

/// What is known of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Whether it is of the first level. A case whose load a kill hid is of the second.
    pub is_urgent: bool,
    /// Its matches.
    pub matches: Vec<MatchId>,
    /// Its letters, whatever became of them.
    pub letters: usize,
    /// The Message-IDs of its letters that a server accepted.
    pub accepted: Vec<String>,
}

impl Case {
    /// Whether somebody was written to, and a server took the letter.
    pub fn is_told(&self) -> bool {
        !self.accepted.is_empty()
    }

    /// What is known of it, for whoever looks for the reason of a loss.
    pub fn line((id, case): (&IncidentId, &Self)) -> String {
        let level = if case.is_urgent { "first" } else { "lower" };
        let (matches, letters) = (case.matches.len(), case.letters);
        format!("case {id}: {level} level, {matches} matches, {letters} letters")
    }
}

impl Ledger {
    /// Adds what a later look found.
    pub fn absorb(&mut self, later: Self) {
        for (id, seen) in later.matches {
            let known = self.matches.entry(id).or_insert(seen);
            known.has_loaded |= seen.has_loaded;
        }
        self.cases.extend(later.cases);
        self.forgotten = self.forgotten.max(later.forgotten);
    }

    fn note(&mut self, seen: &SeenMatch) {
        let has_loaded = seen.rung >= Rung::Loaded;
        self.matches.insert(seen.matched.id, Seen { has_loaded });
    }
}

/// Reads a copy of the database, so that looking changes nothing for the next start.
///
/// # Errors
/// Says which file can not be copied or read, or that the audit chain is broken.
pub fn read(record: &Path, folder: &Path) -> Result<Ledger, String> {
    let copy = folder.join("copy.db");
    for end in ["", "-wal"] {
        let (from, to) = (with_end(record, end), with_end(&copy, end));
        let _ = fs::remove_file(&to);
        if from.exists() {
            fs::copy(&from, &to).map_err(|why| format!("{}: {why}", from.display()))?;
        }
    }
    let _ = fs::remove_file(with_end(&copy, "-shm"));
    let store = RecordWriter::open(&copy).map_err(|why| why.to_string())?;
    store.audit_verify().map_err(|why| why.to_string())?;
    let found = store.snapshot(Timestamp::MAX, Timestamp::EPOCH).map_err(|why| why.to_string())?;
    let counts = RecordReader::open(&copy)
        .and_then(|reader| reader.trends(Timestamp::EPOCH, Timestamp::MAX))
        .map_err(|why| why.to_string())?;
    let forgotten = counts.iter().map(|trend| trend.count).sum();
    let mut ledger = Ledger { waiting: found.waiting.len(), forgotten, ..Ledger::default() };
    found.waiting.iter().for_each(|seen| ledger.note(seen));
    for open in &found.incidents {
        open.matches.iter().for_each(|seen| ledger.note(seen));
        let accepted = open
            .letters
            .iter()
            .filter(|(_, delivery)| matches!(delivery, Delivery::Accepted { .. }))
            .map(|(letter, _)| message_id(&String::from_utf8_lossy(&letter.message)).to_owned())
            .collect();
        let is_urgent = open.incident.severity == Severity::P1;
        let letters = open.letters.len();
        let matches = open.incident.matches.clone();
        let case = Case { is_urgent, matches, letters, accepted };
        ledger.cases.insert(open.incident.id, case);
    }
    Ok(ledger)
}

fn with_end(path: &Path, end: &str) -> std::path::PathBuf {
    let mut whole = path.as_os_str().to_owned();
    whole.push(end);
    whole.into()
}
