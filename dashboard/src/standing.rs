//! Where a case stands now: what the daemon has stored, and what people decided since.

use facts::{Act, Decision, Incident, PersonId, Phase, Seat, Timestamp, View};

/// The phase of a case with the decisions that the daemon has not read yet: a page shows a
/// press of a button at once.
///
/// Only decisions of persons with a seat count, as in the daemon.
pub(crate) fn phase_now(incident: &Incident, decisions: &[Decision]) -> Phase {
    let mut phase = incident.phase.clone();
    for decision in decisions.iter().filter(|d| view_of(incident, &d.by).is_some()) {
        let since = match &phase {
            Phase::Open => None,
            Phase::Taken { at, .. } => Some(*at),
            Phase::Closed { .. } | Phase::Withdrawn { .. } => return phase,
        };
        if since.is_some_and(|since| decision.at < since) {
            continue;
        }
        phase = after(phase, decision);
    }
    phase
}

fn after(phase: Phase, decision: &Decision) -> Phase {
    let (by, at) = (decision.by.clone(), decision.at);
    match &decision.act {
        Act::Seen => phase,
        Act::Taken { for_person } => Phase::Taken { by: for_person.clone().unwrap_or(by), at },
        Act::HandedOver { to, .. } => Phase::Taken { by: to.clone(), at },
        Act::Closed { outcome, .. } => Phase::Closed { by, at, outcome: *outcome },
    }
}

/// Who has it, where somebody has.
pub(crate) const fn holder(phase: &Phase) -> Option<&PersonId> {
    match phase {
        Phase::Taken { by, .. } => Some(by),
        Phase::Open | Phase::Closed { .. } | Phase::Withdrawn { .. } => None,
    }
}

/// Which part of a case a person sees; none without a seat. Two seats show the lesser part.
pub(crate) fn view_of(incident: &Incident, person: &PersonId) -> Option<View> {
    incident.seats.iter().filter(|seat| seat.person == *person).map(|seat| seat.view).max()
}

/// The others to whom a reader with this view may pass a case: those who see the same part.
pub(crate) fn may_have_it<'a>(
    incident: &'a Incident,
    reader: &'a PersonId,
    view: View,
) -> impl Iterator<Item = &'a PersonId> {
    let fits = move |seat: &&Seat| seat.view == view && seat.person != *reader;
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
