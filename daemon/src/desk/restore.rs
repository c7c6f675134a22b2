//! A desk that starts again: from what was written to the state that goes on as before.

use std::collections::{BTreeMap, BTreeSet};

use facts::{
    Delivery, Incident, Letter, PersonId, Reason, Severity, Span, Timestamp, View, Weight,
};
use store::{Change, OpenIncident, SeenMatch, Snapshot};

use super::attempts::Attempts;
use super::case::{Case, Fate, Sent};
use super::core::Desk;
use super::evidence::{Evidence, Held, first_category, is_attempt};
use super::key::{DeviceKey, Key};
use crate::mail::Form;

impl Desk {
    /// Takes up what was written before a stop or a crash, and does what became due since.
    pub fn restore(&mut self, snapshot: Snapshot, now: Timestamp) -> Vec<Change> {
        self.decided.extend(snapshot.decided);
        let mut listed = BTreeSet::new();
        for (letter, delivery) in &snapshot.lists {
            listed.insert((letter.to.clone(), letter.due));
            match delivery {
                Delivery::Refused { .. } => {
                    self.unreachable.insert(letter.to.clone());
                }
                // Which matters it told is not known any more: it is tried until it is taken.
                Delivery::Waiting | Delivery::Deferred { .. } => {
                    self.lists.insert(letter.id, (letter.to.clone(), Vec::new()));
                }
                Delivery::Accepted { .. } => {
                    self.unreachable.remove(&letter.to);
                }
            }
        }
        for open in snapshot.incidents {
            self.take_up(open, &listed, now);
        }
        for seen in snapshot.waiting {
            let until = (seen.matched.at + self.settings.grace).max(now);
            let evidence = evidence_of(&seen);
            self.wait(&seen.matched, evidence, until);
        }
        let mut changes = Vec::new();
        self.settle_cases(now, &mut changes);
        self.settle_lists(now, &mut changes);
        changes
    }

    fn take_up(
        &mut self,
        open: OpenIncident,
        listed: &BTreeSet<(PersonId, Timestamp)>,
        now: Timestamp,
    ) {
        let OpenIncident { incident, matches, letters } = open;
        let held: Vec<_> = matches.into_iter().map(|seen| self.held(seen, &incident)).collect();
        let calendar = &self.settings.calendar;
        let (attribution, sighting, at) = match held.first() {
            Some(first) => (&first.attribution, &first.matched.sighting, first.matched.at),
            // Its evidence is gone, which no path of this program does: people are told all
            // the same.
            None => (&incident.attribution, &incident.sighting, incident.first_seen),
        };
        let key = Key::of(attribution, sighting, at, calendar);
        let mut case = Case::new(incident, key, held);
        if case.key.is_impersonal() && is_event(&case) {
            let sighting = case.incident.sighting;
            case.key = Key::lesson(&sighting, case.incident.first_seen, calendar);
        }
        let tellings = case.incident.tellings.clone();
        case.letters =
            letters.into_iter().map(|(letter, delivery)| sent(&letter, &delivery)).collect();
        case.welfare_passed = tellings.iter().any(|telling| telling.view == View::ChildPart);
        // A view that the record does not have, as after a change of the people, begins now.
        self.reroute(&mut case, now);
        for tray in &mut case.desks {
            let telling = tellings.iter().find(|telling| telling.view == tray.part.view);
            telling.cloned().into_iter().for_each(|telling| tray.take_up(telling));
        }
        note_listed(&mut case, listed);
        case.newcomer = newcomer(&case, self.settings.grace);
        self.home.extend(case.held.iter().map(|held| (held.matched.id, case.incident.id)));
        self.cases.insert(case.incident.id, case);
    }

    fn held(&mut self, seen: SeenMatch, incident: &Incident) -> Held {
        let evidence = evidence_of(&seen);
        let attribution = seen.attribution.unwrap_or_else(|| incident.attribution.clone());
        let severity = match seen.weight {
            Some(Weight::Case(severity)) => severity,
            _ => incident.severity,
        };
        let matched = seen.matched;
        let device = DeviceKey::of(&attribution, &matched.sighting);
        let attempts = match first_category(&matched) {
            Some(category) if is_attempt(&matched) => {
                self.attempted.note(device, category, matched.at, &self.settings.calendar)
            }
            _ => Attempts::default(),
        };
        if let Some(category) = first_category(&matched) {
            self.bursts.note(&matched.sighting, category, matched.at);
        }
        // As it was told: the exceptions of today may be others.
        let exception_unproven = incident.exception_unproven;
        Held { matched, evidence, attempts, attribution, severity, exception_unproven }
    }
}

/// Remembers who read of a list matter in an end-of-day letter, which names no case: the
/// people of the line who got one since, or whoever comes first in it.
fn note_listed(case: &mut Case, listed: &BTreeSet<(PersonId, Timestamp)>) {
    let began = case.incident.first_seen;
    let mut read = Vec::new();
    for tray in case
        .desks
        .iter()
        .filter(|tray| tray.round.severity == Severity::P3 && tray.list_due.is_none())
    {
        let in_line = |person: &PersonId| tray.part.line.iter().any(|c| c.person == *person);
        let readers = listed.iter().filter(|(person, due)| *due >= began && in_line(person));
        let known = read.len();
        read.extend(readers.cloned());
        if read.len() == known {
            let first = tray.part.line.first().map(|called| called.person.clone());
            read.extend(first.map(|person| (person, began)));
        }
    }
    case.letters.extend(read.into_iter().map(|(person, due)| Sent {
        id: facts::LetterId::from_u128(0),
        person,
        due,
        reason: Reason::EndOfDay,
        severity: None,
        fate: Fate::Out,
    }));
}

/// When a device joined an event after the last letter about it, of which nobody may know.
fn newcomer(case: &Case, grace: Span) -> Option<Timestamp> {
    let last_told = case.letters.iter().filter(|sent| sent.severity.is_some()).map(|s| s.due).max();
    let last_told = last_told.filter(|_| matches!(case.key, Key::Lesson { .. }))?;
    let mut first_seen = BTreeMap::new();
    for held in &case.held {
        let device = DeviceKey::of(&held.attribution, &held.matched.sighting);
        first_seen.entry(device).or_insert(held.matched.at);
    }
    first_seen.into_values().map(|at| at + grace).filter(|joined| *joined > last_told).max()
}

/// Whether the matches of a case come from several devices, as only a lesson event's do.
fn is_event(case: &Case) -> bool {
    let devices: BTreeSet<_> = case
        .held
        .iter()
        .map(|held| DeviceKey::of(&held.attribution, &held.matched.sighting))
        .collect();
    devices.len() > 1
}

fn evidence_of(seen: &SeenMatch) -> Evidence {
    let mut evidence = Evidence::of(&seen.matched);
    for progress in &seen.progress {
        evidence.take(progress);
    }
    evidence
}

fn sent(letter: &Letter, delivery: &Delivery) -> Sent {
    Sent {
        id: letter.id,
        person: letter.to.clone(),
        due: letter.due,
        reason: letter.reason,
        severity: Form::severity_told(&letter.subject),
        fate: if matches!(delivery, Delivery::Refused { .. }) { Fate::Refused } else { Fate::Out },
    }
}
