//! A replay's ledger: remembers what the desk decided and prints it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use facts::{Incident, IncidentId, Letter};
use serde_json::{Value, json};
use store::{Change, StoreError};

use super::Shown;
use super::print::{self, Accounts};
use crate::office::Ledger;
use crate::terminal::ascii;
use crate::watch::{Coverage, Kinds};

/// What the desk decided so far.
pub struct Book<W> {
    shown: Shown,
    accounts: Accounts,
    out: W,
    incidents: BTreeMap<IncidentId, Incident>,
    letters: Vec<Letter>,
    matches: u64,
    broken: Option<io::Error>,
}

impl<W: Write> Book<W> {
    /// An empty book.
    pub const fn new(shown: Shown, accounts: Accounts, out: W) -> Self {
        Self {
            shown,
            accounts,
            out,
            incidents: BTreeMap::new(),
            letters: Vec::new(),
            matches: 0,
            broken: None,
        }
    }

    /// Prints the final states, or the totals.
    pub(super) fn close(
        &mut self,
        coverage: &Coverage,
        kinds: &Kinds,
        took: Duration,
    ) -> io::Result<()> {
        if let Some(error) = self.broken.take() {
            return Err(error);
        }
        match self.shown {
            Shown::Events => {}
            Shown::Summary => self.say(&self.totals(coverage, kinds, took))?,
            Shown::Final => self.final_states()?,
        }
        self.out.flush()
    }

    fn final_states(&mut self) -> io::Result<()> {
        let mut incidents: Vec<_> = self.incidents.values().collect();
        incidents.sort_by_key(|incident| (incident.first_seen, incident.id));
        let lines: Vec<_> = incidents
            .into_iter()
            .map(|incident| print::incident(incident, &self.letters, &self.accounts))
            .chain(self.letters.iter().map(|letter| print::letter(letter, &self.accounts)))
            .collect();
        lines.iter().try_for_each(|line| self.say(line))
    }

    fn totals(&self, coverage: &Coverage, kinds: &Kinds, took: Duration) -> Value {
        let seconds = took.as_secs_f64().max(1e-9);
        json!({
            "kind": "summary",
            "packets": coverage.packets,
            "bytes": coverage.bytes,
            "observations": kinds.observations,
            "claims": kinds.claims,
            "dns_questions": coverage.questions,
            "hellos_with_name": coverage.named,
            "hellos_without_name": coverage.unnamed,
            "names_inferred": coverage.inferred,
            "hellos_left_unnamed": coverage.left_unnamed,
            "inference_suspended": coverage.inference_suspended,
            "canary": { "withheld": coverage.browsers.withheld, "given": coverage.browsers.given },
            "relay_canary": { "withheld": coverage.relays.withheld, "given": coverage.relays.given },
            "tunnels": coverage.tunnels,
            "matches": self.matches,
            "incidents": self.incidents.len(),
            "letters": self.letters.len(),
            "packets_per_second": coverage.packets as f64 / seconds,
            "peak_memory_kib": peak_memory_kib(),
        })
    }

    fn event(&mut self, change: &Change) -> io::Result<()> {
        let line = match change {
            Change::Match(matched) => print::matched(matched, &self.accounts),
            Change::Attributed { id, attribution, weight, .. } => {
                print::attributed(*id, attribution, *weight, &self.accounts)
            }
            Change::Forget { id, .. } => json!({"kind": "forgotten", "match": id.to_string()}),
            Change::Incident(incident) => print::incident(incident, &self.letters, &self.accounts),
            Change::Letter(letter) => print::letter(letter, &self.accounts),
            _ => return Ok(()),
        };
        self.say(&line)
    }

    fn say(&mut self, line: &Value) -> io::Result<()> {
        writeln!(self.out, "{}", ascii(&line.to_string()))
    }
}

impl<W: Write> Ledger for Book<W> {
    fn apply(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        for change in changes {
            match change {
                Change::Match(_) => self.matches += 1,
                Change::Incident(incident) => {
                    self.incidents.insert(incident.id, incident.clone());
                }
                Change::Letter(letter) => self.letters.push(letter.clone()),
                _ => {}
            }
            if self.shown == Shown::Events && self.broken.is_none() {
                self.broken = self.event(change).err();
            }
        }
        Ok(())
    }
}

/// The most memory this process has held, as the kernel tells (`VmHWM`).
fn peak_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
