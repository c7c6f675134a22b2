//! Where a case stands for one reader: what the daemon stored, and what people decided since.

use std::collections::{BTreeMap, BTreeSet};

use facts::{
    Act, Answer, Decision, DecisionId, Delivery, Incident, Letter, PersonId, Phase, Seat,
    Timestamp, View,
};

use store::REFUSED_TO_ALL;

use crate::words::may_be_a_childs;

/// How far people got with the part of a case that a reader sees.
pub(crate) struct Standing {
    /// Open, taken, closed or withdrawn.
    pub phase: Phase,
    /// Who was asked to take it and has not yet.
    pub handed: Option<Handed>,
}

/// A hand-over that nobody has taken up.
pub(crate) struct Handed {
    pub by: PersonId,
    /// None where it went to whoever is next on a list that is not shown.
    pub to: Option<PersonId>,
    pub at: Timestamp,
}

impl Standing {
    /// Joins the stored case with the decisions that the daemon has not `applied` yet, so that
    /// a press of a button shows at once. Times would not tell: a case may be revised for
    /// another reason between a press and the daemon's look at it.
    ///
    /// Where a case has two parts, people take and close each for itself. The record says
    /// how each stands; where it does not, its phase stands for both: then the decisions of those who see the same part say how far
    /// that part is. A letter that still tells one of them means that the daemon opened it
    /// again.
    pub(crate) fn of(
        incident: &Incident,
        decisions: &[Decision],
        applied: &BTreeSet<DecisionId>,
        letters: &[(Letter, Delivery)],
        view: View,
        now: Timestamp,
    ) -> Self {
        let sees = |person: &PersonId| view_of(incident, person) == Some(view);
        let telling = incident.tellings.iter().find(|telling| telling.view == view);
        let stored = telling.map_or(&incident.phase, |telling| &telling.phase);
        let mut standing = Self { phase: stored.clone(), handed: None };
        // Where the record says how each view stands, nothing has to be guessed.
        let has_two_parts =
            telling.is_none() && incident.seats.iter().any(|seat| seat.view != view);
        if matches!(standing.phase, Phase::Withdrawn { .. }) {
            return standing;
        }
        if has_two_parts {
            let is_ours = matches!(&standing.phase, Phase::Taken { by, .. } if sees(by));
            if !is_ours {
                standing.phase = Phase::Open;
            }
        }
        for decision in decisions.iter().filter(|decision| sees(&decision.by)) {
            let is_new = has_two_parts || !applied.contains(&decision.id);
            let is_handed = matches!(decision.act, Act::HandedOver { .. } | Act::PassedOn { .. });
            // A stored hand-over left the case open, and the page still says to whom.
            if is_new || (is_handed && standing.phase == Phase::Open) {
                standing.take_up(decision);
            }
        }
        if has_two_parts && standing.was_reopened(letters, sees, now) {
            standing.phase = Phase::Open;
        }
        standing
    }

    /// What a form says of how the case stood when its page was made: who had it, or to
    /// which hand-over it belongs.
    pub(crate) fn mark(&self) -> String {
        match (&self.phase, &self.handed) {
            (Phase::Taken { by, .. }, _) => by.as_str().to_owned(),
            (Phase::Open, Some(handed)) => format!("handed {}", handed.at.as_micros()),
            _ => String::new(),
        }
    }

    /// Who has it, where somebody has.
    pub(crate) const fn holder(&self) -> Option<&PersonId> {
        match &self.phase {
            Phase::Taken { by, .. } => Some(by),
            Phase::Open | Phase::Closed { .. } | Phase::Withdrawn { .. } => None,
        }
    }

    /// Whether there is something to do about it.
    pub(crate) const fn is_open_or_taken(&self) -> bool {
        matches!(self.phase, Phase::Open | Phase::Taken { .. })
    }

    fn take_up(&mut self, decision: &Decision) {
        match self.phase {
            Phase::Closed { .. } | Phase::Withdrawn { .. } => return,
            Phase::Taken { at, .. } if decision.at < at => return,
            Phase::Taken { .. } | Phase::Open => {}
        }
        let (by, at) = (decision.by.clone(), decision.at);
        match &decision.act {
            Act::Seen | Act::WelfarePassed => {}
            Act::Taken { for_person } => {
                let by = for_person.clone().unwrap_or(by);
                *self = Self { phase: Phase::Taken { by, at }, handed: None };
            }
            // Nobody has it until the other says so: the climb begins again with them.
            Act::HandedOver { to, .. } => {
                let handed = Some(Handed { by, to: Some(to.clone()), at });
                *self = Self { phase: Phase::Open, handed };
            }
            Act::PassedOn { .. } => {
                *self = Self { phase: Phase::Open, handed: Some(Handed { by, to: None, at }) };
            }
            Act::Closed { outcome, .. } => {
                *self = Self { phase: Phase::Closed { by, at, outcome: *outcome }, handed: None };
            }
        }
    }

    fn was_reopened(
        &self,
        letters: &[(Letter, Delivery)],
        sees: impl Fn(&PersonId) -> bool,
        now: Timestamp,
    ) -> bool {
        let Phase::Taken { at, .. } = self.phase else { return false };
        letters.iter().any(|(letter, _)| {
            letter.reason.asks() && sees(&letter.to) && letter.due > at && letter.due <= now
        })
    }
}

/// When the letters to the people of a view are tried again, where the server refused every
/// one of them; none while one may have been reached.
pub(crate) fn nobody_reached(
    incident: &Incident,
    letters: &[(Letter, Delivery)],
    view: View,
) -> Option<Timestamp> {
    let mut newest = BTreeMap::new();
    for (letter, delivery) in letters {
        if letter.reason.asks() && view_of(incident, &letter.to) == Some(view) {
            newest.insert(&letter.to, *delivery);
        }
    }
    let mut again = None;
    for delivery in newest.into_values() {
        match delivery {
            Delivery::Refused { .. } => {}
            Delivery::Deferred { tries, until } if tries >= REFUSED_TO_ALL => {
                again = Some(again.map_or(until, |first: Timestamp| first.min(until)));
            }
            _ => return None,
        }
    }
    again
}

/// Which part of a case a person sees; none without a seat. Two seats show the lesser part.
pub(crate) fn view_of(incident: &Incident, person: &PersonId) -> Option<View> {
    incident.seats.iter().filter(|seat| seat.person == *person).map(|seat| seat.view).max()
}

/// Whether a case was told to its reader and has since moved to where it is not theirs to
/// know: a child's part in which no child is left.
pub(crate) fn has_moved_on(answer: &Answer, view: View) -> bool {
    let accounts = answer.candidates();
    view == View::ChildPart && !answer.leaves_open() && !accounts.iter().any(may_be_a_childs)
}

/// The others to whom a reader with this view may pass a case: those who see the same part.
/// Whoever sees a part chooses nobody: who is missing from the list would be the adult.
pub(crate) fn may_have_it<'a>(
    incident: &'a Incident,
    reader: &'a PersonId,
    view: View,
) -> impl Iterator<Item = &'a PersonId> {
    let fits =
        move |seat: &&Seat| view == View::Whole && seat.view == view && seat.person != *reader;
    incident.seats.iter().filter(fits).map(|seat| &seat.person)
}

/// The revisions since the reader has had the seat they have now, oldest first. What a case
/// was before it came to a person is not that person's to know.
pub(crate) fn readable_revisions(
    mut revisions: Vec<Incident>,
    newest: u32,
    reader: &PersonId,
    view: View,
) -> Vec<Incident> {
    revisions.retain(|revision| revision.revision <= newest);
    let strange = revisions.iter().rposition(|old| view_of(old, reader) != Some(view));
    revisions.split_off(strange.map_or(0, |at| at + 1))
}

/// Since when the reader has had their seat.
pub(crate) fn seated_since(readable: &[Incident], incident: &Incident) -> Timestamp {
    readable.first().map_or(incident.revised_at, |first| first.revised_at)
}
