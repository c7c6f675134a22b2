//! One case in the desk's hands: its matches, its way, its letters, and who has it.

use std::collections::BTreeSet;

use facts::{
    Answer, Attribution, Bearing, Ground, Incident, LetterId, Outcome, PersonId, Phase, Reason,
    Seat, Severity, Telling, Timestamp, View, Why,
};
use rules::Calendar;

use super::climb::{Outlook, Round, Told, first_due, outlook, plan};
use super::evidence::Held;
use super::key::Key;
use super::routing::{Part, Route};
use super::subject::Subject;
use crate::mail::CaseFacts;

/// A case that is not closed.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its newest revision, as it was written.
    pub incident: Incident,
    /// Whose case it is, and for how long.
    pub key: Key,
    /// Its matches, in the order they joined.
    pub held: Vec<Held>,
    /// What its subject is for routing.
    pub subject: Subject,
    /// Its views with the state of each, in the order of the route.
    pub desks: Vec<Tray>,
    /// Every letter about it.
    pub letters: Vec<Sent>,
    /// People who were told and are no longer on its way, but may know that it became
    /// less certain.
    pub former: BTreeSet<PersonId>,
    /// Letters that only inform, not yet written.
    pub to_inform: Vec<(PersonId, Reason)>,
    /// Whether later evidence moved every match of it elsewhere.
    pub is_emptied: bool,
    /// Whether something changed since it was last settled.
    pub touched: bool,
    /// When something of it is due next.
    pub next: Option<Timestamp>,
    /// Something of it is not yet in a revision, and can wait until this moment.
    pub revise_by: Option<Timestamp>,
    /// When another device last joined it; until whoever was told before knows.
    pub newcomer: Option<Timestamp>,
    /// Whether the child's part was passed to those who look after children.
    pub welfare_passed: bool,
}

/// One view of a case with what people did about it.
#[derive(Clone, Debug)]
pub struct Tray {
    /// The view and its line.
    pub part: Part,
    /// Who has it.
    pub hold: Hold,
    /// The letters that are being told. A list matter has a round without steps.
    pub round: Round,
    /// When the next step of the round is due; none where nothing is left to do.
    pub next_step: Option<Timestamp>,
    /// When the end-of-day letter with it is due, while the list has something new of it.
    pub list_due: Option<Timestamp>,
    /// Whether the server refused everybody in its line.
    pub is_unreached: bool,
}

/// Who has one view of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Nobody.
    Nobody,
    /// Somebody said "I have this".
    Taken {
        /// Who.
        by: PersonId,
        /// When.
        at: Timestamp,
    },
    /// Somebody closed it.
    Closed {
        /// Who.
        by: PersonId,
        /// When.
        at: Timestamp,
        /// With which outcome.
        outcome: Outcome,
    },
}

impl Hold {
    fn as_phase(&self) -> Phase {
        match self.clone() {
            Self::Nobody => Phase::Open,
            Self::Taken { by, at } => Phase::Taken { by, at },
            Self::Closed { by, at, outcome } => Phase::Closed { by, at, outcome },
        }
    }
}

/// A letter about a case, as the desk remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its id.
    pub id: LetterId,
    /// To whom.
    pub person: PersonId,
    /// When it was due.
    pub due: Timestamp,
    /// Why.
    pub reason: Reason,
    /// The level it told; none for letters that only inform.
    pub severity: Option<Severity>,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a letter, as far as the climb must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It waits, or a server took it.
    Out,
    /// The server refused the person for good.
    Refused,
    /// The server refused everybody, so it is tried again, next at this moment.
    TriedAgain(Timestamp),
    /// It could not be put into words, so there is none.
    Unwritten,
}

impl Fate {
    /// Whether the person has to be passed over.
    #[must_use]
    pub const fn is_refused(self) -> bool {
        !matches!(self, Self::Out)
    }
}

impl Tray {
    /// A view that nobody has, told from now on.
    #[must_use]
    pub fn new(
        part: Part,
        severity: Severity,
        opening: Reason,
        now: Timestamp,
        calendar: &Calendar,
    ) -> Self {
        let start = first_due(severity, now, calendar);
        let round = Round { severity, start, opening, first: None };
        let is_for_list = severity == Severity::P3;
        let list_due = is_for_list.then(|| calendar.end_of_day_letter(now));
        let is_unreached = false;
        Self { part, hold: Hold::Nobody, round, next_step: None, list_due, is_unreached }
    }

    /// Tells it anew: a round of letters, or the list.
    pub fn start(
        &mut self,
        severity: Severity,
        opening: Reason,
        now: Timestamp,
        calendar: &Calendar,
    ) {
        *self = Self::new(self.part.clone(), severity, opening, now, calendar);
    }

    /// Tells it anew, and first the person it was handed to.
    pub fn hand_over(
        &mut self,
        to: PersonId,
        severity: Severity,
        now: Timestamp,
        calendar: &Calendar,
    ) {
        self.start(severity, Reason::HandedOver, now, calendar);
        self.round.first = Some(to);
    }

    /// Goes on as it stood.
    pub fn take_up(&mut self, telling: Telling) {
        self.hold = match telling.phase {
            Phase::Taken { by, at } => Hold::Taken { by, at },
            Phase::Closed { by, at, outcome } => Hold::Closed { by, at, outcome },
            Phase::Open | Phase::Withdrawn { .. } => Hold::Nobody,
        };
        let Telling { severity, since: start, opening, handed_to: first, .. } = telling;
        self.round = Round { severity, start, opening, first };
        self.next_step = telling.next_step;
        self.list_due = telling.list_due;
    }

    /// How its telling stands, as the record has it.
    #[must_use]
    pub fn telling(&self) -> Telling {
        let Round { severity, start, opening, first } = self.round.clone();
        Telling {
            view: self.part.view,
            phase: self.hold.as_phase(),
            severity,
            since: start,
            opening,
            handed_to: first,
            next_step: self.next_step,
            list_due: self.list_due,
        }
    }

    /// Whether somebody has it or it is closed: nobody further is told.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.hold != Hold::Nobody
    }

    /// What is to be told of it at `now`.
    #[must_use]
    pub fn outlook(&self, letters: &[Sent], now: Timestamp, calendar: &Calendar) -> Outlook {
        if self.is_held() {
            return Outlook::Exhausted;
        }
        let steps = plan(&self.round, &self.part, calendar);
        outlook(&self.round, &steps, &self.part, &told(letters), now)
    }

    /// When it is due in an end-of-day letter, and whose.
    #[must_use]
    pub fn list(&self, unreachable: &BTreeSet<PersonId>) -> Option<(Timestamp, PersonId)> {
        let due = self.list_due.filter(|_| !self.is_held())?;
        let named = self.round.first.clone();
        let mut line = named.into_iter().chain(self.part.line.iter().map(|c| c.person.clone()));
        Some((due, line.find(|person| !unreachable.contains(person))?))
    }
}

/// The letters that told a level, as the climb reads them.
#[must_use]
pub fn told(letters: &[Sent]) -> Vec<Told> {
    let tells = letters.iter().filter_map(|sent| {
        Some(Told {
            person: sent.person.clone(),
            due: sent.due,
            severity: sent.severity?,
            refused: sent.fate.is_refused(),
        })
    });
    tells.collect()
}

impl Case {
    /// A case with its first matches, before anybody was told.
    #[must_use]
    pub fn new(incident: Incident, key: Key, held: Vec<Held>) -> Self {
        Self {
            incident,
            key,
            held,
            subject: Subject::default(),
            desks: Vec::new(),
            letters: Vec::new(),
            former: BTreeSet::new(),
            to_inform: Vec::new(),
            is_emptied: false,
            touched: true,
            next: None,
            revise_by: None,
            newcomer: None,
            welfare_passed: false,
        }
    }

    /// Whether a letter told its level already.
    #[must_use]
    pub fn has_told(&self) -> bool {
        self.letters.iter().any(|sent| sent.severity.is_some())
    }

    /// What its letters must not hold.
    #[must_use]
    pub fn facts(&self) -> CaseFacts {
        let incident = &self.incident;
        let mut facts = CaseFacts::of(
            incident.category,
            &incident.attribution,
            std::iter::once(&incident.sighting),
            incident.names.iter(),
        );
        let mut known = BTreeSet::new();
        for held in &self.held {
            if known.insert((&held.matched.name, held.matched.sighting)) {
                facts.merge(CaseFacts::of(
                    self.incident.category,
                    &held.attribution,
                    std::iter::once(&held.matched.sighting),
                    std::iter::once(&held.matched.name),
                ));
            }
        }
        facts
    }

    /// Its highest level: the gravest of its matches, but for a lesson event never more
    /// than today unless something was loaded (VOICES.md 5.1).
    #[must_use]
    pub fn severity(&self) -> Severity {
        let gravest = self.held.iter().map(|held| held.severity).max();
        let gravest = gravest.unwrap_or(self.incident.severity);
        let loaded = self.held.iter().any(|held| held.evidence.is_loaded());
        if matches!(self.key, Key::Lesson { .. }) && !loaded {
            return gravest.min(Severity::P2);
        }
        gravest
    }

    /// Whether an approved exception fails to cover every match of it only for want of a
    /// proof; never where it needs someone at once, and never where it names nobody.
    fn lacks_only_proof(&self) -> bool {
        self.severity() < Severity::P1
            && !self.attribution().answer.candidates().is_empty()
            && self.held.iter().all(|held| held.exception_unproven)
    }

    /// Who it may be about, by all of its matches.
    #[must_use]
    pub fn attribution(&self) -> Attribution {
        let Some(newest) = self.held.last() else { return self.incident.attribution.clone() };
        if !matches!(self.key, Key::Lesson { .. }) {
            return newest.attribution.clone();
        }
        let answers = self.held.iter().map(|held| &held.attribution.answer);
        let agreed = answers.clone().all(|answer| *answer == newest.attribution.answer);
        let answer = match &newest.attribution.answer {
            answer @ Answer::ProvenShared(_) if agreed => answer.clone(),
            _ => Answer::Unknown(Why::SeveralDevices),
        };
        let sentence = "Several devices of one network asked within ten minutes.".to_owned();
        let grounds = vec![Ground { bearing: Bearing::For, sentence }];
        Attribution { answer, device: None, grounds }
    }

    /// Its views of the way it goes now, each with what people already did about it.
    ///
    /// A view whose holder or whole line stays keeps its state; any other begins anew.
    pub fn reroute(&mut self, subject: Subject, route: Route, now: Timestamp, calendar: &Calendar) {
        let former = std::mem::take(&mut self.desks);
        self.subject = subject;
        let opening = if self.has_told() { Reason::Worse } else { Reason::First };
        let severity = self.severity();
        for part in route.parts() {
            let kept = former.iter().find(|tray| {
                tray.part.line == part.line
                    || tray.part.line.first().map(|c| &c.person)
                        == part.line.first().map(|c| &c.person)
            });
            let mut tray = Tray::new(part.clone(), severity, opening, now, calendar);
            if let Some(old) = kept {
                let stays = |person: &PersonId| part.line.iter().any(|c| c.person == *person);
                let holder_stays = match &old.hold {
                    Hold::Nobody => true,
                    Hold::Taken { by, .. } | Hold::Closed { by, .. } => stays(by),
                };
                if holder_stays {
                    tray = Tray { part: part.clone(), ..old.clone() };
                }
            }
            self.desks.push(tray);
        }
        let told: BTreeSet<_> = self.letters.iter().map(|sent| sent.person.clone()).collect();
        let gone = told.into_iter().filter(|person| self.tray_of(person).is_none());
        self.former = gone.filter(|person| !self.subject.excludes(person)).collect();
    }

    /// The view in whose line a person stands.
    #[must_use]
    pub fn tray_of(&self, person: &PersonId) -> Option<usize> {
        self.desks.iter().position(|tray| tray.part.line.iter().any(|c| c.person == *person))
    }

    /// Who may open it now: whoever is seated from the start, was told, or has it.
    #[must_use]
    pub fn seats(&self) -> Vec<Seat> {
        let was_told = |person: &PersonId| self.letters.iter().any(|sent| sent.person == *person);
        let mut seats = Vec::new();
        for tray in &self.desks {
            let has_it = |person: &PersonId| match &tray.hold {
                Hold::Nobody => false,
                Hold::Taken { by, .. } | Hold::Closed { by, .. } => by == person,
            };
            for called in &tray.part.line {
                let person = &called.person;
                if called.seated || was_told(person) || has_it(person) {
                    seats.push(Seat { person: person.clone(), view: tray.part.view });
                }
            }
        }
        let former = self.former.iter().cloned();
        seats.extend(former.map(|person| Seat { person, view: View::ChildPart }));
        seats
    }

    /// How far people got with it: open while one of its views has nobody.
    #[must_use]
    pub fn phase(&self) -> Phase {
        let first = self.desks.first().map(|tray| &tray.hold);
        let closed = |tray: &Tray| matches!(tray.hold, Hold::Closed { .. });
        match first {
            Some(Hold::Closed { by, at, outcome }) if self.desks.iter().all(closed) => {
                Phase::Closed { by: by.clone(), at: *at, outcome: *outcome }
            }
            Some(Hold::Taken { by, at } | Hold::Closed { by, at, .. })
                if self.desks.iter().all(Tray::is_held) =>
            {
                Phase::Taken { by: by.clone(), at: *at }
            }
            _ => Phase::Open,
        }
    }

    fn tellings(&self) -> Vec<Telling> {
        self.desks.iter().map(Tray::telling).collect()
    }

    /// The case as it stands, as a value; its revision is that of the last one written.
    #[must_use]
    pub fn as_it_stands(&self) -> Incident {
        if self.held.is_empty() {
            let (seats, phase, tellings) = (self.seats(), self.phase(), self.tellings());
            return Incident { seats, phase, tellings, ..self.incident.clone() };
        }
        let mut names = Vec::new();
        let mut known = BTreeSet::new();
        for held in &self.held {
            if known.insert(&held.matched.name) {
                names.push(held.matched.name.clone());
            }
        }
        let times = self.held.iter().map(|held| held.matched.at);
        let old = &self.incident;
        Incident {
            severity: self.severity(),
            attribution: self.attribution(),
            sighting: self.held.last().map_or(old.sighting, |newest| newest.matched.sighting),
            names,
            first_seen: times.clone().min().unwrap_or(old.first_seen),
            last_seen: times.max().unwrap_or(old.last_seen),
            matches: self.held.iter().map(|held| held.matched.id).collect(),
            rung: self.held.iter().map(|held| held.evidence.rung).max().unwrap_or(old.rung),
            exception_unproven: self.lacks_only_proof(),
            seats: self.seats(),
            phase: self.phase(),
            tellings: self.tellings(),
            ..old.clone()
        }
    }
}
