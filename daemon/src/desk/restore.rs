//! A desk that starts again: from what was written to the state that goes on as before.

use std::collections::BTreeSet;

use facts::{
    Act, Decision, Delivery, Incident, Letter, PersonId, Phase, Reason, Severity, Timestamp, Weight,
};
use store::{Change, OpenIncident, SeenMatch, Snapshot};

use super::attempts::Attempts;
use super::case::{Case, Hold, Sent};
use super::climb::{Round, first_due};
use super::core::Desk;
use super::evidence::{Evidence, Held, first_category, is_attempt};
use super::key::{DeviceKey, Key};
use crate::mail::Form;

impl Desk {
    /// Takes up what was written before a stop or a crash.
    ///
    /// `decisions` are those already in effect about the open cases, oldest first; with
    /// none of them a view that was handed over or half taken climbs again, which tells
    /// somebody twice and nobody too late.
    pub fn restore(
        &mut self,
        snapshot: Snapshot,
        decisions: &[Decision],
        now: Timestamp,
    ) -> Vec<Change> {
        self.decided.extend(snapshot.decided);
        let mut listed = BTreeSet::new();
        for (letter, delivery) in &snapshot.lists {
            listed.insert((letter.to.clone(), letter.due));
            if matches!(delivery, Delivery::Refused { .. }) {
                self.unreachable.insert(letter.to.clone());
            }
        }
        for open in snapshot.incidents {
            self.take_up(open, decisions, &listed);
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
        decisions: &[Decision],
        listed: &BTreeSet<(PersonId, Timestamp)>,
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
        let phase = incident.phase.clone();
        let mut case = Case::new(incident, key, held);
        if case.key.is_impersonal() && is_event(&case) {
            let sighting = case.incident.sighting;
            case.key = Key::lesson(&sighting, case.incident.first_seen, calendar);
        }
        case.announced = Some(case.incident.severity);
        case.letters =
            letters.into_iter().map(|(letter, delivery)| sent(&letter, &delivery)).collect();
        // Cases of the day are kept open as they were; only letters that are missing are due.
        self.reroute(&mut case, Timestamp::from_micros(i64::MIN));
        for place in 0..case.desks.len() {
            self.take_up_tray(&mut case, place, &phase, listed);
        }
        let id = case.incident.id;
        for decision in decisions.iter().filter(|decision| decision.incident == id) {
            self.take_up_decision(&mut case, decision);
        }
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
        Held { matched, evidence, attempts, attribution, severity }
    }

    /// Finds out from the letters what was being told.
    fn take_up_tray(
        &self,
        case: &mut Case,
        place: usize,
        phase: &Phase,
        listed: &BTreeSet<(PersonId, Timestamp)>,
    ) {
        let calendar = &self.settings.calendar;
        let severity = case.incident.severity;
        let began = case.incident.first_seen + self.settings.grace;
        let letters = case.letters.clone();
        let is_first_case = letters.iter().all(|sent| sent.severity.is_none_or(|s| s == severity));
        let revised_at = case.incident.revised_at;
        let Some(tray) = case.desks.get_mut(place) else { return };
        let told = letters.iter().filter(|sent| sent.severity == Some(severity));
        // A round begins with the letter to the first person of its line; others of the
        // line may have been told earlier, as part of another.
        let first = tray.part.line.first().map(|called| &called.person);
        let to_first = told.clone().filter(|sent| Some(&sent.person) == first);
        let in_line = |sent: &&Sent| tray.part.line.iter().any(|c| c.person == sent.person);
        let start = to_first.map(|sent| sent.due).min();
        let start = start.or_else(|| told.filter(in_line).map(|sent| sent.due).min());
        let start = start.unwrap_or_else(|| first_due(severity, revised_at, calendar));
        let opening = if is_first_case { Reason::First } else { Reason::Worse };
        tray.round = Some(Round { severity, start, opening, first: None });
        tray.hold = match phase {
            Phase::Taken { by, at } => Hold::Taken { by: by.clone(), at: *at },
            Phase::Open | Phase::Closed { .. } | Phase::Withdrawn { .. } => Hold::Nobody,
        };
        tray.list_due = None;
        let on_list = listed.iter().any(|(person, due)| {
            *due >= began && tray.part.line.iter().any(|called| called.person == *person)
        });
        if severity == Severity::P3 && !on_list {
            tray.list_due = Some(calendar.end_of_day_letter(began));
        }
        if on_list {
            note_listed(case, place, listed, began);
        }
    }

    /// Lets a decision that was in effect have its effect again, without its letters.
    fn take_up_decision(&self, case: &mut Case, decision: &Decision) {
        let handed = matches!(decision.act, Act::HandedOver { .. });
        let known = case.to_inform.len();
        if case.apply(decision, decision.at, &self.settings.calendar).is_ok() && handed {
            case.touched = true;
        }
        case.to_inform.truncate(known);
    }
}

/// Remembers that somebody read of the case in an end-of-day letter.
fn note_listed(
    case: &mut Case,
    place: usize,
    listed: &BTreeSet<(PersonId, Timestamp)>,
    began: Timestamp,
) {
    let Some(tray) = case.desks.get(place) else { return };
    let readers = listed.iter().filter(|(person, due)| {
        *due >= began && tray.part.line.iter().any(|called| called.person == *person)
    });
    let sent: Vec<_> = readers
        .map(|(person, due)| Sent {
            id: facts::LetterId::from_u128(0),
            person: person.clone(),
            due: *due,
            reason: Reason::EndOfDay,
            severity: None,
            refused: false,
        })
        .collect();
    case.letters.extend(sent);
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
        refused: matches!(delivery, Delivery::Refused { .. }),
    }
}
