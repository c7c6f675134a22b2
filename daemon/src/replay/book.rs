//! A replay's ledger: remembers what the desk decided and prints it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::time::Duration;

use facts::{Incident, IncidentId, Letter, Severity};
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
    /// How many people each case was said to have been told to.
    told: BTreeMap<IncidentId, usize>,
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
            told: BTreeMap::new(),
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
            Change::Incident(incident) => return self.case(incident),
            Change::Letter(letter) => print::letter(letter, &self.accounts),
            _ => return Ok(()),
        };
        self.say(&line)
    }

    fn case(&mut self, incident: &Incident) -> io::Result<()> {
        self.told.insert(incident.id, print::told(incident, &self.letters).len());
        self.say(&print::incident(incident, &self.letters, &self.accounts))
    }

    /// Says the cases again of which somebody was told since they were last said: a letter alone
    /// makes no revision.
    fn newly_told(&mut self, changes: &[Change]) -> io::Result<()> {
        let letters = changes.iter().filter_map(|change| match change {
            Change::Letter(letter) => Some(letter.incident),
            _ => None,
        });
        let about: BTreeSet<_> = letters.collect();
        let is_about = |incident: &Incident| match incident.severity {
            // A list speaks of no case by name.
            Severity::P3 => about.contains(&None) || about.contains(&Some(incident.id)),
            Severity::P1 | Severity::P2 => about.contains(&Some(incident.id)),
        };
        let said = |id: &IncidentId| self.told.get(id).copied().unwrap_or_default();
        let cases = self.incidents.values().filter(|incident| is_about(incident));
        let newly: Vec<_> = cases
            .filter(|incident| print::told(incident, &self.letters).len() > said(&incident.id))
            .cloned()
            .collect();
        newly.iter().try_for_each(|incident| self.case(incident))
    }

    fn say(&mut self, line: &Value) -> io::Result<()> {
        writeln!(self.out, "{}", ascii(&line.to_string()))
    }
}

impl<W: Write> Ledger for Book<W> {
    fn apply(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        // Who is told of a case stands behind it in the same go.
        for change in changes {
            match change {
                Change::Match(_) => self.matches += 1,
                Change::Incident(incident) => {
                    self.incidents.insert(incident.id, incident.clone());
                }
                Change::Letter(letter) => self.letters.push(letter.clone()),
                _ => {}
            }
        }
        if self.shown == Shown::Events && self.broken.is_none() {
            let said = changes.iter().try_for_each(|change| self.event(change));
            self.broken = said.and_then(|()| self.newly_told(changes)).err();
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

#[cfg(test)]
mod tests {
    use facts::{
        Answer, Attribution, Category, CodeWords, Duty, HostName, LetterId, PersonId, Phase,
        Reason, Rung, SensorId, Sighting, SiteId, Timestamp,
    };

    use super::*;

    fn case() -> Incident {
        let at = Timestamp::EPOCH;
        let sighting = Sighting {
            site: SiteId(1),
            sensor: SensorId(1),
            vlan: None,
            mac: None,
            address: [10, 1, 4, 23].into(),
        };
        Incident {
            id: IncidentId::from_u128(1),
            code: CodeWords::parse("HEDGE 42").unwrap(),
            revision: 1,
            revised_at: at,
            severity: Severity::P1,
            category: Category::C08,
            attribution: Attribution {
                answer: Answer::DeviceOnly,
                device: None,
                grounds: Vec::new(),
            },
            sighting,
            names: vec![HostName::from_text("c08.test.wardline.example").unwrap()],
            first_seen: at,
            last_seen: at,
            matches: Vec::new(),
            rung: Rung::Loaded,
            exception_unproven: false,
            seats: Vec::new(),
            phase: Phase::Open,
            tellings: Vec::new(),
        }
    }

    fn letter(number: u128, to: &str, to_role: Duty) -> Change {
        Change::Letter(Letter {
            id: LetterId::from_u128(number),
            incident: Some(IncidentId::from_u128(1)),
            reason: Reason::First,
            to: PersonId::new(to),
            to_role,
            mail: String::new(),
            due: Timestamp::EPOCH,
            subject: String::new(),
            body: String::new(),
            message: Vec::new(),
        })
    }

    #[test]
    fn the_recipients_of_an_event_are_those_told_by_then_to_the_last_one() {
        let mut book = Book::new(Shown::Events, Accounts::Shown, Vec::new());
        let first = [letter(1, "lead", Duty::Lead), letter(2, "head", Duty::Headteacher)];
        let first = [&[Change::Incident(case())][..], &first].concat();
        book.apply(&first).unwrap();
        book.apply(&[letter(3, "deputy", Duty::Deputy)]).unwrap();
        book.apply(&[letter(4, "deputy", Duty::Deputy)]).unwrap();
        let said = String::from_utf8(book.out).unwrap();
        let events = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let cases: Vec<_> = events
            .filter(|event| event["kind"] == "incident")
            .map(|event| event["recipients"].to_string())
            .collect();
        let two = "[\"lead\",\"headteacher\"]";
        assert_eq!(cases, [two, "[\"lead\",\"headteacher\",\"deputy\"]"]);
    }
}
