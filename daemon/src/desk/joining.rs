//! From a match whose grace is over to the case it belongs to.

use std::collections::BTreeSet;

use facts::{
    Attribution, Category, Incident, IncidentId, Phase, Progress, Span, Timestamp, Weight,
};
use store::Change;

use super::attempts::Attempts;
use super::case::Case;
use super::core::Desk;
use super::evidence::{
    Held, Waiting, Weighed, counted, first_category, is_attempt, lacks_only_proof, weigh,
};
use super::key::{DeviceKey, Key};
use super::routing::Route;
use super::subject::{Subject, is_welfare};
use crate::mail::{CALM_NOUNS, CaseFacts};

/// How far apart the first devices of a lesson event may be.
const LESSON_EVENT: Span = Span::minutes(10);

/// A match that is to be placed: what it comes to and for whom.
pub(super) struct Placing {
    pub held: Held,
    pub category: Category,
    pub key: Key,
    /// When it left another case, if it did: it may come back to a subject whose case was
    /// withdrawn, and that is a new case.
    pub moved_at: Option<Timestamp>,
}

impl Desk {
    /// Ties a match to who may have been behind it, weighs it, and lets it join a case or
    /// be forgotten in the same moment.
    pub(super) fn attribute(
        &mut self,
        waiting: Waiting,
        attribution: Attribution,
        now: Timestamp,
        changes: &mut Vec<Change>,
    ) {
        let Waiting { matched, evidence, .. } = waiting;
        let device = DeviceKey::of(&attribution, &matched.sighting);
        let attempts = match first_category(&matched) {
            Some(category) if is_attempt(&matched) => {
                self.attempted.note(device, category, matched.at, &self.settings.calendar)
            }
            _ => Attempts::default(),
        };
        let answer = &attribution.answer;
        let weighed = weigh(&self.rules, &self.settings, &matched, evidence, attempts, answer);
        if let (true, Some(category)) =
            (weighed.is_some_and(|weighed| weighed.is_excepted), first_category(&matched))
        {
            self.attempted.take_back(device, category, matched.at);
        }
        let seen = weighed.and_then(|weighed| {
            self.witness.note(&matched, None, evidence, weighed, &attribution, &self.settings)
        });
        changes.extend(seen.map(Change::Witnessed));
        let Some(Weighed { weight: Weight::Case(severity), category, .. }) = weighed else {
            changes.push(Change::Forget {
                id: matched.id,
                at: now,
                counted: weighed.and_then(counted),
            });
            return;
        };
        changes.push(Change::Attributed {
            id: matched.id,
            at: now,
            attribution: attribution.clone(),
            weight: Weight::Case(severity),
        });
        let exception_unproven =
            lacks_only_proof(&self.rules, &self.settings, &matched, evidence, attempts, answer);
        let held = Held { matched, evidence, attempts, attribution, severity, exception_unproven };
        let key = self.key_of(&held, category);
        self.place(Placing { held, category, key, moved_at: None }, now);
    }

    /// Whose case a match is, lesson events included.
    pub(super) fn key_of(&self, held: &Held, category: Category) -> Key {
        let Held { matched, attribution, .. } = held;
        let calendar = &self.settings.calendar;
        let key = Key::of(attribution, &matched.sighting, matched.at, calendar);
        let subject = Subject::of(&attribution.answer, &self.settings.people);
        let is_event = key.is_impersonal()
            && subject.most_protected_adult().is_none()
            && self.bursts.is_burst(&matched.sighting, category, matched.at);
        if is_event { Key::lesson(&matched.sighting, matched.at, calendar) } else { key }
    }

    /// Puts a match into the open case of its subject and theme, or begins one.
    pub(super) fn place(&mut self, placing: Placing, now: Timestamp) {
        let Placing { held, category, key, moved_at } = placing;
        if let Key::Lesson { .. } = key {
            self.gather_lesson_event(&key, &held, category);
        }
        let found = self
            .cases
            .values_mut()
            .find(|case| case.key == key && case.incident.category == category);
        if let Some(case) = found {
            self.home.insert(held.matched.id, case.incident.id);
            if case.is_new_to(&held) {
                case.newcomer = Some(now);
            }
            case.held.push(held);
            case.touched = true;
            return;
        }
        let id = self.namer.incident(&key, category, held.matched.id, moved_at);
        let case = self.begin(id, held, category, key, now);
        self.cases.insert(case.incident.id, case);
    }

    /// The earliest case of a device that turns out to be part of a lesson event becomes
    /// the event's case, so that the event is one case and not one more.
    fn gather_lesson_event(&mut self, key: &Key, held: &Held, category: Category) {
        if self.cases.values().any(|case| case.key == *key && case.incident.category == category) {
            return;
        }
        let calendar = &self.settings.calendar;
        let part_of_event = |case: &&mut Case| {
            let distance = held.matched.at.since(case.incident.first_seen).as_micros().abs();
            case.incident.category == category
                && case.key.is_impersonal()
                && distance <= LESSON_EVENT.as_micros()
                && Key::lesson(&case.incident.sighting, held.matched.at, calendar) == *key
        };
        let earliest =
            self.cases.values_mut().filter(part_of_event).min_by_key(|c| c.incident.first_seen);
        if let Some(case) = earliest {
            case.key = key.clone();
            case.touched = true;
        }
    }

    fn begin(
        &mut self,
        id: IncidentId,
        held: Held,
        category: Category,
        key: Key,
        now: Timestamp,
    ) -> Case {
        let facts = CaseFacts::of(
            category,
            &held.attribution,
            std::iter::once(&held.matched.sighting),
            std::iter::once(&held.matched.name),
        );
        let taken: BTreeSet<_> = self.cases.values().map(|case| &case.incident.code).collect();
        // Two open cases with the same noun are easily mixed up on the telephone.
        let in_use: BTreeSet<_> = self
            .cases
            .values()
            .filter(|case| matches!(case.incident.phase, Phase::Open | Phase::Taken { .. }))
            .map(|case| case.incident.code.noun())
            .collect();
        let is_scarce = in_use.len() > CALM_NOUNS.len() / 2;
        let code = self.namer.code(id, |noun, words| {
            let is_alike = !is_scarce && in_use.contains(noun);
            is_alike || taken.contains(words) || facts.mention(noun)
        });
        let incident = Incident {
            id,
            code,
            revision: 0,
            revised_at: now,
            severity: held.severity,
            category,
            attribution: held.attribution.clone(),
            sighting: held.matched.sighting,
            names: vec![held.matched.name.clone()],
            first_seen: held.matched.at,
            last_seen: held.matched.at,
            matches: vec![held.matched.id],
            rung: held.evidence.rung,
            exception_unproven: held.exception_unproven,
            seats: Vec::new(),
            phase: Phase::Open,
            tellings: Vec::new(),
        };
        self.home.insert(held.matched.id, id);
        let mut case = Case::new(incident, key, vec![held]);
        self.reroute(&mut case, now);
        case
    }

    /// Finds the way of a case anew from who it may be about now.
    pub(super) fn reroute(&self, case: &mut Case, now: Timestamp) {
        let people = &self.settings.people;
        let subject = Subject::of(&case.attribution().answer, people);
        let welfare = case.welfare_passed || is_welfare(case.incident.category);
        let route = Route::with_welfare(&subject, welfare, people);
        case.reroute(subject, route, now, &self.settings.calendar);
    }

    /// Weighs a match of a case again after its connection got further.
    pub(super) fn advance_held(
        &mut self,
        progress: &Progress,
        now: Timestamp,
        changes: &mut Vec<Change>,
    ) {
        let Some(case) = self.home.get(&progress.id).and_then(|id| self.cases.get_mut(id)) else {
            return;
        };
        let found = case.held.iter_mut().find(|held| held.matched.id == progress.id);
        let Some(held) = found else { return };
        let before = held.evidence;
        if !held.evidence.take(progress) {
            return;
        }
        let Held { matched, evidence, attempts, attribution, .. } = &*held;
        let answer = &attribution.answer;
        let weighed = weigh(&self.rules, &self.settings, matched, *evidence, *attempts, answer);
        let seen = weighed.and_then(|weighed| {
            self.witness.note(
                matched,
                Some(before),
                *evidence,
                weighed,
                attribution,
                &self.settings,
            )
        });
        changes.extend(seen.map(Change::Witnessed));
        held.exception_unproven =
            lacks_only_proof(&self.rules, &self.settings, matched, *evidence, *attempts, answer);
        // What was a case stays one: a refusal that comes later makes it no count.
        if let Some(Weighed { weight: Weight::Case(severity), .. }) = weighed
            && severity > held.severity
        {
            held.severity = severity;
            changes.push(Change::Attributed {
                id: progress.id,
                at: now,
                attribution: held.attribution.clone(),
                weight: Weight::Case(severity),
            });
        }
        case.touched = true;
    }

    /// Takes a case off the desk with all that points to it.
    pub(super) fn put_away(&mut self, id: IncidentId) {
        self.cases.remove(&id);
        self.home.retain(|_, home| *home != id);
    }
}
