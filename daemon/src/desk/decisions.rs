//! What people decided on the dashboard takes effect: seen, taken, handed over, closed.

use facts::{Act, Decision, PersonId, Reason, Seat, Timestamp, View};
use store::Change;

use super::case::{Case, Hold};
use super::core::Desk;

/// Why a decision has no effect; said in the health book without any name.
const NO_SEAT: &str = "A decision about a matter came from somebody who may not see it and was set \
                       aside.";
const NOBODY_NEXT: &str = "A matter was to be passed on and there is nobody else who may see it; it \
                           stays where it was.";
const NO_CHILDS_PART: &str = "The child's part of a matter was to be passed on and there is none, or \
                              nobody else who may see it.";
const NOT_IN_LINE: &str = "A matter was to be passed to somebody who may not see it; it stays where \
                           it was.";

impl Desk {
    /// Applies a decision once; one that is read again changes nothing.
    pub(super) fn decide(
        &mut self,
        decision: &Decision,
        now: Timestamp,
        changes: &mut Vec<Change>,
    ) {
        if !self.decided.insert(decision.id) {
            return;
        }
        changes.push(Change::DecisionApplied { id: decision.id, at: now });
        if decision.act == Act::WelfarePassed {
            return self.pass_welfare(decision, now, changes);
        }
        let Some(case) = self.cases.get_mut(&decision.incident) else { return };
        if let Err(reason) = case.apply(decision, now, &self.settings.calendar) {
            changes.push(Self::health("decision", reason.into(), now));
        }
        case.touched = true;
    }

    /// Whoever holds a matter about an adult lets those who look after children know that a
    /// child may have been the user instead (VOICES.md 4.6). They hear it as new.
    fn pass_welfare(&mut self, decision: &Decision, now: Timestamp, changes: &mut Vec<Change>) {
        let Some(mut case) = self.cases.remove(&decision.incident) else { return };
        let part = |case: &Case, view| case.desks.iter().position(|tray| tray.part.view == view);
        let seat = Seat { person: decision.by.clone(), view: View::Whole };
        if !case.seats().contains(&seat) {
            changes.push(Self::health("decision", NO_SEAT.into(), now));
        } else if part(&case, View::ChildPart).is_none() {
            case.welfare_passed = true;
            self.reroute(&mut case, now);
            case.touched = true;
            if part(&case, View::ChildPart).is_none() {
                changes.push(Self::health("decision", NO_CHILDS_PART.into(), now));
            }
        }
        self.cases.insert(decision.incident, case);
    }
}

impl Case {
    /// Lets a decision take effect on the view in which its person stands.
    ///
    /// # Errors
    /// The sentence for the health book, where it may have no effect.
    pub(super) fn apply(
        &mut self,
        decision: &Decision,
        now: Timestamp,
        calendar: &rules::Calendar,
    ) -> Result<(), &'static str> {
        let by = &decision.by;
        if !self.seats().iter().any(|seat| seat.person == *by) {
            return Err(NO_SEAT);
        }
        if decision.act == Act::Seen {
            return Ok(());
        }
        let place = self.tray_of(by).ok_or(NO_SEAT)?;
        match &decision.act {
            Act::Seen | Act::WelfarePassed => {}
            Act::PassedOn { .. } => {
                let to = self.next_after(place, by).ok_or(NOBODY_NEXT)?;
                let severity = self.severity();
                if let Some(tray) = self.desks.get_mut(place) {
                    tray.hand_over(to, severity, now, calendar);
                }
            }
            Act::Taken { for_person } => {
                let holder = for_person.as_ref().unwrap_or(by);
                if self.tray_of(holder) != Some(place) {
                    return Err(NOT_IN_LINE);
                }
                let hold = Hold::Taken { by: holder.clone(), at: decision.at };
                self.hold(place, hold, &[holder, by]);
            }
            Act::HandedOver { to, .. } if to == by => {
                self.hold(place, Hold::Taken { by: by.clone(), at: decision.at }, &[by]);
            }
            Act::HandedOver { to, .. } => {
                if self.tray_of(to) != Some(place) {
                    return Err(NOT_IN_LINE);
                }
                let severity = self.severity();
                if let Some(tray) = self.desks.get_mut(place) {
                    tray.hand_over(to.clone(), severity, now, calendar);
                }
            }
            Act::Closed { outcome, .. } => {
                let hold = Hold::Closed { by: by.clone(), at: decision.at, outcome: *outcome };
                self.hold(place, hold, &[by]);
            }
        }
        Ok(())
    }

    /// Who comes after a person in the line of a view, and after the last the first.
    fn next_after(&self, place: usize, person: &PersonId) -> Option<PersonId> {
        let line = &self.desks.get(place)?.part.line;
        let at = line.iter().position(|called| called.person == *person)?;
        let (before, after) = line.split_at(at);
        let mut next = after.iter().skip(1).chain(before).map(|called| &called.person);
        next.next().cloned()
    }

    /// Puts a view into somebody's hands; whoever else was told learns that it is.
    fn hold(&mut self, place: usize, hold: Hold, know_already: &[&PersonId]) {
        let Some(tray) = self.desks.get_mut(place) else { return };
        if matches!(tray.hold, Hold::Closed { .. }) {
            return;
        }
        let was_open = !tray.is_held();
        tray.hold = hold;
        let told = tray.part.line.iter().map(|called| &called.person).filter(|person| {
            let letter = |sent: &super::case::Sent| {
                sent.person == **person && sent.severity.is_some() && !sent.fate.is_refused()
            };
            self.letters.iter().any(letter) && !know_already.contains(person)
        });
        if was_open {
            self.to_inform.extend(told.cloned().map(|person| (person, Reason::Taken)));
        }
    }
}
