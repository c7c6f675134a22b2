//! What people decided on the dashboard takes effect: seen, taken, handed over, closed.

use facts::{Act, Decision, PersonId, Reason, Timestamp};
use store::Change;

use super::case::{Case, Hold};
use super::core::Desk;

/// Why a decision has no effect; said in the health book without any name.
const NO_SEAT: &str = "A decision about a matter came from somebody who may not see it and was set \
                       aside.";
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
        let Some(case) = self.cases.get_mut(&decision.incident) else { return };
        if let Err(reason) = case.apply(decision, now, &self.settings.calendar) {
            changes.push(Self::health("decision", reason.into(), now));
        }
        case.touched = true;
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
            Act::Seen => {}
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
