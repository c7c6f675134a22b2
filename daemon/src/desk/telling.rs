//! From cases to letters and revisions: what is due is written, in one go.

use std::collections::{BTreeMap, BTreeSet};

use facts::{
    Duty, IncidentId, Letter, LetterId, PersonId, Phase, Reason, Severity, Span, Timestamp,
};
use store::Change;

use super::case::{Case, Fate, Hold, Sent, told};
use super::climb::{Ahead, Outlook, Round, Told, ahead, arrived_late, plan};
use super::core::Desk;
use super::routing::Called;
use crate::mail::{Addressed, CaseFacts, Notice, Occasion, compose};

/// A further hit that changes nothing waits so long for others, so that a storm of hits
/// is not a storm of revisions.
const MORE_OF_THE_SAME: Span = Span::seconds(5);

/// One wave of letters about a case: all for the same step.
struct Wave<'a> {
    people: &'a [(Called, Reason)],
    round: &'a Round,
    ahead: Ahead,
}

impl Desk {
    /// Tells, revises and puts away whatever is due.
    pub(super) fn settle_cases(&mut self, now: Timestamp, changes: &mut Vec<Change>) {
        let is_due = |case: &Case| {
            case.touched || case.next.into_iter().chain(case.revise_by).any(|at| at <= now)
        };
        let due = self.cases.iter().filter(|(_, case)| is_due(case));
        // What changed is told before what is new; else in the order of first sight.
        let mut due: Vec<_> = due
            .map(|(id, case)| (case.to_inform.is_empty(), case.incident.first_seen, *id))
            .collect();
        due.sort_unstable();
        for (.., id) in due {
            let Some(mut case) = self.cases.remove(&id) else { continue };
            self.settle(&mut case, now, changes);
            let is_over =
                matches!(case.incident.phase, Phase::Closed { .. } | Phase::Withdrawn { .. });
            self.cases.insert(id, case);
            if is_over {
                self.put_away(id);
            }
        }
    }

    fn settle(&self, case: &mut Case, now: Timestamp, changes: &mut Vec<Change>) {
        case.touched = false;
        if case.is_emptied {
            self.withdraw(case, now, changes);
            return;
        }
        self.announce(case, now);
        let mut written = Vec::new();
        self.inform(case, now, &mut written);
        for place in 0..case.desks.len() {
            self.climb(case, place, now, &mut written);
        }
        let newcomers_told = self.tell_of_newcomers(case, now, &mut written);
        self.revise(case, now, !written.is_empty(), changes);
        changes.append(&mut written);
        let steps = case.desks.iter().filter_map(|tray| tray.next_step);
        case.next = steps.chain(newcomers_told).min();
    }

    /// Starts a new round in every view whose round tells less than the case is, or that had
    /// come to its end before another device joined.
    fn announce(&self, case: &mut Case, now: Timestamp) {
        let severity = case.severity();
        let opening = if case.has_told() { Reason::Worse } else { Reason::First };
        for place in 0..case.desks.len() {
            let is_over = case.newcomer.is_some() && case.is_told_to_the_end(place);
            let is_less = case.desks.get(place).is_some_and(|t| t.round.severity < severity);
            if is_less || is_over {
                case.tell_anew(place, severity, opening, now, &self.settings.calendar);
            }
        }
    }

    /// Writes the letters of every step of one view that is due.
    fn climb(&self, case: &mut Case, place: usize, now: Timestamp, written: &mut Vec<Change>) {
        let calendar = &self.settings.calendar;
        while let Some(tray) = case.desks.get(place) {
            let people = match tray.outlook(&case.letters, now, calendar) {
                Outlook::Now(people) => people,
                Outlook::Later(at) => return case.set_next_step(place, Some(at)),
                Outlook::Exhausted => {
                    let again = case.try_again(place, now, written);
                    return case.set_next_step(place, again);
                }
            };
            let round = tray.round.clone();
            let mut after = told(&case.letters);
            after.extend(people.iter().map(|(called, _)| Told {
                person: called.person.clone(),
                due: now,
                severity: round.severity,
                refused: false,
            }));
            let steps = plan(&round, &tray.part, calendar);
            let ahead = ahead(&round, &steps, &tray.part, &after, now);
            self.tell(case, &Wave { people: &people, round: &round, ahead }, now, written);
        }
    }

    fn tell(&self, case: &mut Case, wave: &Wave<'_>, now: Timestamp, written: &mut Vec<Change>) {
        let earlier: BTreeSet<_> = case
            .letters
            .iter()
            .filter(|sent| sent.severity.is_some() && sent.due < now)
            .map(|sent| sent.due)
            .collect();
        let number = earlier.len() + 1;
        for (called, reason) in wave.people {
            let was_told = case
                .letters
                .iter()
                .any(|sent| sent.person == called.person && sent.severity.is_some());
            let opens = *reason == wave.round.opening && *reason != Reason::HandedOver;
            let reason = if opens && !was_told { Reason::First } else { *reason };
            let occasion = match (reason, earlier.last()) {
                (Reason::Worse, Some(since)) => Occasion::More(*since),
                (Reason::NotTaken, Some(_)) => Occasion::NotTaken,
                (Reason::HandedOver, Some(_)) => Occasion::HandedOver,
                _ => Occasion::First,
            };
            let notice = self.notice(case, wave, occasion, number, now);
            let severity = Some(wave.round.severity);
            self.write(
                case,
                &called.person,
                called.duty,
                (reason, severity),
                &notice,
                now,
                written,
            );
        }
    }

    fn notice(
        &self,
        case: &Case,
        wave: &Wave<'_>,
        occasion: Occasion,
        number: usize,
        now: Timestamp,
    ) -> Notice {
        let code = case.incident.code.clone();
        let Ahead { remind_at, next_at } = wave.ahead;
        if wave.round.severity == Severity::P1 {
            return Notice::ActNow { code, occasion, number, next_at, in_hand: false };
        }
        let seen = case.incident.first_seen;
        let late = arrived_late(now, &self.settings.calendar) || now.since(seen) > Span::hours(2);
        let arrived = (occasion == Occasion::First && late).then_some(seen);
        Notice::LookToday { code, occasion, number, arrived, remind_at, next_at, in_hand: false }
    }

    /// Writes letters that only inform: taken, changed, more.
    pub(super) fn inform(&self, case: &mut Case, now: Timestamp, written: &mut Vec<Change>) {
        let mut informed = BTreeSet::new();
        for (person, reason) in std::mem::take(&mut case.to_inform) {
            if case.subject.excludes(&person) || !informed.insert((person.clone(), reason)) {
                continue;
            }
            let code = case.incident.code.clone();
            let duty = self.duty_of(case, &person);
            let (severity, notice) = match reason {
                Reason::Taken => {
                    (None, Notice::Taken { code, since: case.held_since(&person, now) })
                }
                Reason::Worse => match self.more(case, &person, now) {
                    Some((severity, notice)) => (Some(severity), notice),
                    None => continue,
                },
                _ => (None, Notice::Changed { code }),
            };
            self.write(case, &person, duty, (reason, severity), &notice, now, written);
        }
    }

    /// The letter that there is more, in the form of the level that is being told.
    fn more(&self, case: &Case, person: &PersonId, now: Timestamp) -> Option<(Severity, Notice)> {
        let tray = case.desks.get(case.tray_of(person)?)?;
        let round = Some(&tray.round).filter(|round| round.severity > Severity::P3)?;
        let calendar = &self.settings.calendar;
        let ahead = if tray.is_held() {
            Ahead::default()
        } else {
            let steps = plan(round, &tray.part, calendar);
            ahead(round, &steps, &tray.part, &told(&case.letters), now)
        };
        let dues = case.letters.iter().filter(|sent| sent.severity.is_some() && sent.due < now);
        let dues: BTreeSet<_> = dues.map(|sent| sent.due).collect();
        let since = *dues.last()?;
        let wave = Wave { people: &[], round, ahead };
        let notice = self.notice(case, &wave, Occasion::More(since), dues.len() + 1, now);
        Some((round.severity, notice.in_hand(tray.is_held())))
    }

    /// The duty under which somebody is told; outside of every line the first they hold.
    fn duty_of(&self, case: &Case, person: &PersonId) -> Duty {
        let lines = case.desks.iter().flat_map(|tray| &tray.part.line);
        let called = lines.clone().find(|called| called.person == *person);
        let own = self.settings.people.person(person).and_then(|p| p.duties.first().copied());
        called.map(|called| called.duty).or(own).unwrap_or(Duty::Lead)
    }

    #[expect(clippy::too_many_arguments, reason = "one letter is all of these, and no two of them")]
    fn write(
        &self,
        case: &mut Case,
        to: &PersonId,
        to_role: Duty,
        (reason, severity): (Reason, Option<Severity>),
        notice: &Notice,
        due: Timestamp,
        written: &mut Vec<Change>,
    ) {
        let incident = case.incident.id;
        let id = self.namer.letter(incident, to, reason, due);
        let letter = self.blank(id, Some(incident), reason, to, to_role, due);
        let thread = Some(self.namer.thread(incident));
        let is_written = self.compose(Addressed { letter, thread }, notice, &case.facts(), written);
        let (person, fate) = (to.clone(), fate(is_written));
        case.letters.push(Sent { id, person, due, reason, severity, fate });
    }

    /// Puts a letter into words. One that can not be written counts as refused: the next
    /// person is told.
    fn compose(
        &self,
        addressed: Addressed,
        notice: &Notice,
        facts: &CaseFacts,
        written: &mut Vec<Change>,
    ) -> bool {
        let due = addressed.letter.due;
        let (head, calendar) = (&self.settings.letterhead, &self.settings.calendar);
        match compose(addressed, notice, head, calendar, facts) {
            Ok(composed) => {
                if !composed.refused_for.is_empty() {
                    let flaws: Vec<_> =
                        composed.refused_for.iter().map(ToString::to_string).collect();
                    let sentence = format!(
                        "A letter was not sent in its usual words because {}; the plain form went \
                         out instead.",
                        flaws.join(" and "),
                    );
                    written.push(Self::health("mail", sentence, due));
                }
                written.push(Change::Letter(composed.letter));
                true
            }
            Err(error) => {
                let sentence = format!("The next person was told at once: {error}.");
                written.push(Self::health("mail", sentence, due));
                false
            }
        }
    }

    fn blank(
        &self,
        id: LetterId,
        incident: Option<IncidentId>,
        reason: Reason,
        to: &PersonId,
        to_role: Duty,
        due: Timestamp,
    ) -> Letter {
        let person = self.settings.people.person(to);
        Letter {
            id,
            incident,
            reason,
            to: to.clone(),
            to_role,
            mail: person.map(|person| person.mail.clone()).unwrap_or_default(),
            due,
            subject: String::new(),
            body: String::new(),
            message: Vec::new(),
        }
    }

    /// Writes a further revision where the case is not as the last one has it. What is
    /// only more of the same may wait for others.
    fn revise(&self, case: &mut Case, now: Timestamp, tells: bool, changes: &mut Vec<Change>) {
        let stands = case.as_it_stands();
        if stands == case.incident && case.incident.revision > 0 {
            case.revise_by = None;
            return;
        }
        let same = facts::Incident {
            matches: case.incident.matches.clone(),
            last_seen: case.incident.last_seen,
            sighting: case.incident.sighting,
            ..stands.clone()
        };
        let is_more_of_the_same = same == case.incident && case.incident.revision > 0;
        if is_more_of_the_same && !tells {
            let by = *case.revise_by.get_or_insert(now + MORE_OF_THE_SAME);
            if by > now {
                return;
            }
        }
        case.revise_by = None;
        let revision = case.incident.revision + 1;
        case.incident = facts::Incident { revision, revised_at: now, ..stands };
        changes.push(Change::Incident(case.incident.clone()));
    }

    /// Writes the last revision of a case whose matches all belong elsewhere.
    fn withdraw(&self, case: &mut Case, now: Timestamp, changes: &mut Vec<Change>) {
        let mut written = Vec::new();
        self.inform(case, now, &mut written);
        let revision = case.incident.revision + 1;
        let told = |person: &PersonId| case.letters.iter().any(|sent| sent.person == *person);
        let mut seats = std::mem::take(&mut case.incident.seats);
        seats.retain(|seat| told(&seat.person) && !case.subject.excludes(&seat.person));
        case.incident.seats = seats;
        case.incident.matches = Vec::new();
        case.incident.revision = revision;
        case.incident.revised_at = now;
        case.incident.phase = Phase::Withdrawn { at: now };
        case.incident.tellings = Vec::new();
        if revision > 1 {
            changes.push(Change::Incident(case.incident.clone()));
        }
        changes.append(&mut written);
    }

    /// Writes one end-of-day letter for each person whose list has something new.
    pub(super) fn settle_lists(&mut self, now: Timestamp, changes: &mut Vec<Change>) {
        let mut lists: BTreeMap<(Timestamp, PersonId), Vec<IncidentId>> = BTreeMap::new();
        for (id, case) in &mut self.cases {
            for tray in &mut case.desks {
                let Some((due, reader)) = tray.list(&self.unreachable) else { continue };
                if due <= now {
                    tray.list_due = None;
                    lists.entry((due, reader)).or_default().push(*id);
                }
            }
        }
        for ((due, reader), cases) in lists {
            self.write_list(due, &reader, cases, now, changes);
        }
    }

    fn write_list(
        &mut self,
        due: Timestamp,
        reader: &PersonId,
        cases: Vec<IncidentId>,
        now: Timestamp,
        changes: &mut Vec<Change>,
    ) {
        let mut facts = CaseFacts::default();
        let mut duty = Duty::Lead;
        let id = self.namer.list(reader, due);
        let reason = Reason::EndOfDay;
        for case in cases.iter().filter_map(|id| self.cases.get(id)) {
            facts.merge(case.facts());
            duty = self.duty_of(case, reader);
        }
        let letter = self.blank(id, None, reason, reader, duty, now);
        let notice = Notice::EndOfDay { count: cases.len() };
        let mut written = Vec::new();
        let is_written =
            self.compose(Addressed { letter, thread: None }, &notice, &facts, &mut written);
        for case in &cases {
            let Some(case) = self.cases.get_mut(case) else { continue };
            let (person, fate) = (reader.clone(), fate(is_written));
            case.letters.push(Sent { id, person, due: now, reason, severity: None, fate });
            case.touched = true;
        }
        self.lists.insert(id, (reader.clone(), cases));
        changes.append(&mut written);
        self.settle_cases(now, changes);
    }
}

const fn fate(is_written: bool) -> Fate {
    if is_written { Fate::Out } else { Fate::Unwritten }
}

impl Case {
    fn set_next_step(&mut self, place: usize, next_step: Option<Timestamp>) {
        if let Some(tray) = self.desks.get_mut(place) {
            tray.next_step = next_step;
        }
    }

    /// Since when the view in which a person stands is in somebody's hands.
    fn held_since(&self, person: &PersonId, now: Timestamp) -> Timestamp {
        let tray = self.tray_of(person).and_then(|place| self.desks.get(place));
        match tray.map(|tray| &tray.hold) {
            Some(Hold::Taken { at, .. } | Hold::Closed { at, .. }) => *at,
            _ => now,
        }
    }
}
