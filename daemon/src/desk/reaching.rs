//! Nobody stays without a letter: where a server refuses everybody the letters are tried
//! again, and whoever was told of an event learns that another device joined it.

use facts::{Delivery, LetterId, PersonId, Reason, Severity, Span, Timestamp};
use rules::Calendar;
use store::{Change, REFUSED_TO_ALL};

use super::case::{Case, Fate, Hold, Sent, Tray};
use super::core::Desk;
use super::evidence::Held;
use super::key::{DeviceKey, Key};

/// How long a letter waits whose recipients were all refused (RESILIENCE AL-04).
const AGAIN: Span = Span::minutes(5);
/// The least time between two letters to one person that another device joined: a class of
/// thirty is no storm of letters.
const BETWEEN_NEWCOMERS: Span = Span::minutes(3);

/// Said once for each matter that nobody could be told of.
const NOBODY_REACHED: &str = "The mail server refused every address on the list of a matter, so \
    nobody could be told by letter. Its letters are tried again every five minutes: check the \
    addresses under [[people]], mail.from, and what the server lets this machine send.";
/// The same for an end-of-day letter.
const NO_LIST_READER: &str = "The mail server refused everybody to whom an end-of-day letter can \
    go. It is tried again every five minutes: check the addresses under [[people]].";
/// Said when one of those letters was taken.
const REACHED: &str = "A letter that had been refused by the mail server was taken.";

impl Desk {
    /// The server refused a letter for good: the next person is told at once, and where
    /// there is none the letter is tried again.
    pub(super) fn pass_over(&mut self, id: LetterId, now: Timestamp, changes: &mut Vec<Change>) {
        for case in self.cases.values_mut() {
            for sent in case.letters.iter_mut().filter(|sent| sent.id == id) {
                sent.fate = Fate::Refused;
                case.touched = true;
            }
        }
        let Some((reader, cases)) = self.lists.get(&id).cloned() else { return };
        let lists = |tray: &&Tray| tray.round.severity == Severity::P3;
        let trays = cases.iter().filter_map(|id| self.cases.get(id)).flat_map(|case| &case.desks);
        let nobody_else = trays.filter(lists).any(|tray| {
            let mut line = tray.part.line.iter().map(|called| &called.person);
            line.all(|person| *person == reader || self.unreachable.contains(person))
        });
        if nobody_else || cases.is_empty() {
            changes.push(again(id, now));
            if self.tried_again.insert(id) {
                changes.push(Self::health("mail", NO_LIST_READER.into(), now));
            }
            return;
        }
        self.lists.remove(&id);
        self.unreachable.insert(reader);
        for id in &cases {
            let Some(case) = self.cases.get_mut(id) else { continue };
            for tray in case.desks.iter_mut().filter(|tray| lists(&&**tray)) {
                tray.list_due = Some(now);
            }
        }
    }

    /// The server took a letter. If it had refused it before, the person can be told again.
    pub(super) fn was_taken(&mut self, id: LetterId, now: Timestamp, changes: &mut Vec<Change>) {
        let mut reached = self.tried_again.remove(&id);
        for case in self.cases.values_mut() {
            let found = case.letters.iter().find(|sent| sent.id == id);
            let Some(person) = found.map(|sent| sent.person.clone()) else { continue };
            self.unreachable.remove(&person);
            if !case.letters.iter().any(|sent| sent.id == id && sent.fate.is_refused()) {
                continue;
            }
            for sent in case.letters.iter_mut().filter(|sent| sent.person == person) {
                sent.fate = Fate::Out;
            }
            if let Some(tray) = case.tray_of(&person).and_then(|place| case.desks.get_mut(place)) {
                reached |= std::mem::take(&mut tray.is_unreached);
            }
            case.touched = true;
        }
        if reached {
            changes.push(Self::health("mail", REACHED.into(), now));
        }
    }

    /// Tells whoever was told of an event, or has it, that another device joined; when the
    /// rest of them will be told, where that is too early now.
    pub(super) fn tell_of_newcomers(
        &self,
        case: &mut Case,
        now: Timestamp,
        written: &mut Vec<Change>,
    ) -> Option<Timestamp> {
        let since = case.newcomer?;
        let mut later: Option<Timestamp> = None;
        for person in case.newcomers_told_to() {
            let letters = case.letters.iter().filter(|sent| sent.person == person);
            let last = letters.filter(|sent| sent.severity.is_some()).map(|sent| sent.due).max();
            match last {
                Some(last) if last >= since => {}
                Some(last) if last + BETWEEN_NEWCOMERS > now => {
                    let due = last + BETWEEN_NEWCOMERS;
                    later = Some(later.map_or(due, |later| later.min(due)));
                }
                _ => case.to_inform.push((person, Reason::Worse)),
            }
        }
        if later.is_none() {
            case.newcomer = None;
        }
        self.inform(case, now, written);
        let calendar = &self.settings.calendar;
        for tray in case.desks.iter_mut().filter(|tray| !tray.is_held()) {
            if tray.round.severity == Severity::P3 && tray.list_due.is_none() {
                tray.list_due = Some(calendar.end_of_day_letter(now));
            }
        }
        later
    }
}

fn again(id: LetterId, now: Timestamp) -> Change {
    // With so many tries behind it the postbox too waits no less than five minutes.
    let delivery = Delivery::Deferred { tries: REFUSED_TO_ALL, until: now + AGAIN };
    Change::Delivery { id, delivery }
}

impl Case {
    /// Whether a match is of a device that the event did not have before.
    pub(super) fn is_new_to(&self, held: &Held) -> bool {
        let device = |held: &Held| DeviceKey::of(&held.attribution, &held.matched.sighting);
        let new = device(held);
        matches!(self.key, Key::Lesson { .. }) && self.held.iter().all(|held| device(held) != new)
    }

    /// Who is told that another device joined: whoever has it, else whoever was told.
    fn newcomers_told_to(&self) -> Vec<PersonId> {
        let was_told = |person: &PersonId| {
            let tells = |sent: &Sent| sent.person == *person && sent.severity.is_some();
            self.letters.iter().any(|sent| tells(sent) && !sent.fate.is_refused())
        };
        let mut people = Vec::new();
        for tray in &self.desks {
            let line = tray.part.line.iter().map(|called| called.person.clone());
            match &tray.hold {
                Hold::Taken { by, .. } => people.push(by.clone()),
                Hold::Nobody => people.extend(line.filter(was_told)),
                Hold::Closed { .. } => {}
            }
        }
        people
    }

    /// Whether every step of a view's round was made and nobody has it.
    pub(super) fn is_told_to_the_end(&self, place: usize) -> bool {
        self.desks.get(place).is_some_and(|tray| {
            let in_round = |sent: &Sent| {
                sent.severity == Some(tray.round.severity) && sent.due >= tray.round.start
            };
            let is_over = !tray.is_held() && tray.next_step.is_none() && !tray.is_unreached;
            is_over && self.letters.iter().any(in_round)
        })
    }

    /// Begins a new round in a view. Where the server refused everybody, nobody is passed
    /// over in it: the new letters say more than those that are tried again.
    pub(super) fn tell_anew(
        &mut self,
        place: usize,
        severity: Severity,
        opening: Reason,
        now: Timestamp,
        calendar: &Calendar,
    ) {
        let Some(tray) = self.desks.get_mut(place) else { return };
        if tray.is_unreached {
            for sent in &mut self.letters {
                if tray.part.line.iter().any(|called| called.person == sent.person) {
                    sent.fate = Fate::Out;
                }
            }
        }
        tray.start(severity, opening, now, calendar);
    }

    /// Where the server refused everybody in a view's line, their newest letters are tried
    /// again for ever; when the next try is due.
    pub(super) fn try_again(
        &mut self,
        place: usize,
        now: Timestamp,
        written: &mut Vec<Change>,
    ) -> Option<Timestamp> {
        let tray = self.desks.get_mut(place).filter(|tray| !tray.is_held())?;
        let people: Vec<_> = tray.part.line.iter().map(|called| &called.person).collect();
        let mut newest = Vec::new();
        for person in &people {
            let tells = |sent: &&mut Sent| sent.person == **person && sent.severity.is_some();
            let mut letters = self.letters.iter_mut().filter(tells);
            let found = letters.by_ref().max_by_key(|sent| sent.due)?;
            if !found.fate.is_refused() {
                return None;
            }
            newest.push(found.id);
        }
        let mut next: Option<Timestamp> = None;
        for sent in self.letters.iter_mut().filter(|sent| newest.contains(&sent.id)) {
            if sent.fate == Fate::Refused {
                written.push(again(sent.id, now));
                sent.fate = Fate::TriedAgain(now + AGAIN);
            }
            if let Fate::TriedAgain(at) = sent.fate
                && at > now
            {
                next = Some(next.map_or(at, |next| next.min(at)));
            }
        }
        if !std::mem::replace(&mut tray.is_unreached, true) {
            written.push(Desk::health("mail", NOBODY_REACHED.into(), now));
        }
        next
    }
}
