//! Later evidence: open cases are asked again, and people who were told are told again.

use std::collections::BTreeSet;

use facts::{Attribution, Category, Reason, Severity, Sighting, Timestamp, UserName, Weight};
use store::Change;

use super::case::Case;
use super::core::{Desk, WhoWas};
use super::evidence::{Held, Weighed, counted, lacks_only_proof, weigh};
use super::joining::Placing;
use super::key::Key;
use super::subject::Subject;

/// What became of the matches of one case.
#[derive(Default)]
struct Sorted {
    /// They stay.
    stay: Vec<Held>,
    /// They belong to another subject or theme now.
    leave: Vec<Placing>,
    /// Whether any match came to no case.
    forgot: bool,
}

/// For each match of a case the answer that differs from the one it has; none where it is
/// not touched or the answer is the same.
fn new_answers(
    case: &Case,
    touches: &dyn Fn(&Sighting, Timestamp) -> bool,
    now: Timestamp,
    who: &dyn WhoWas,
) -> Vec<Option<Attribution>> {
    let ask = |held: &Held| {
        let (sighting, at) = (held.matched.sighting, held.matched.at);
        let answer = touches(&sighting, at).then(|| who.who_was(&sighting, at, now));
        answer.filter(|answer| *answer != held.attribution)
    };
    case.held.iter().map(ask).collect()
}

impl Desk {
    /// Asks again who was behind the matches of open cases that a change touches.
    pub(super) fn ask_again(
        &mut self,
        touches: &dyn Fn(&Sighting, Timestamp) -> bool,
        now: Timestamp,
        who: &dyn WhoWas,
        changes: &mut Vec<Change>,
    ) {
        let ids: Vec<_> = self.cases.keys().copied().collect();
        let mut moving = Vec::new();
        for id in ids {
            // Nothing is taken from a case of which no answer changed.
            let answers = self.cases.get(&id).map(|case| new_answers(case, touches, now, who));
            let Some(answers) = answers.filter(|answers| answers.iter().any(Option::is_some))
            else {
                continue;
            };
            let Some(mut case) = self.cases.remove(&id) else { continue };
            let before = case.attribution();
            let sorted = self.sort(&mut case, answers, now, changes);
            moving.extend(self.take_in(&mut case, &before, sorted, now));
            self.cases.insert(id, case);
        }
        for placing in moving {
            self.place(placing, now);
        }
    }

    /// Weighs what has a new answer again, and parts what stays from what leaves.
    fn sort(
        &mut self,
        case: &mut Case,
        answers: Vec<Option<Attribution>>,
        now: Timestamp,
        changes: &mut Vec<Change>,
    ) -> Sorted {
        let mut sorted = Sorted::default();
        for (mut held, answer) in std::mem::take(&mut case.held).into_iter().zip(answers) {
            let Some(attribution) = answer else {
                sorted.stay.push(held);
                continue;
            };
            held.attribution = attribution;
            let Some((severity, category)) = self.weigh_again(&held, now, changes) else {
                self.home.remove(&held.matched.id);
                sorted.forgot = true;
                continue;
            };
            held.severity = severity;
            held.exception_unproven = self.lacks_only_proof(&held);
            let key = self.key_of(&held, category);
            let is_same_event = matches!(case.key, Key::Lesson { .. }) && key.is_impersonal();
            if category == case.incident.category && (key == case.key || is_same_event) {
                sorted.stay.push(held);
            } else {
                sorted.leave.push(Placing { held, category, key, moved_at: Some(now) });
            }
        }
        sorted
    }

    fn lacks_only_proof(&self, held: &Held) -> bool {
        let Held { matched, evidence, attempts, attribution, .. } = held;
        let answer = &attribution.answer;
        lacks_only_proof(&self.rules, &self.settings, matched, *evidence, *attempts, answer)
    }

    fn weigh_again(
        &self,
        held: &Held,
        now: Timestamp,
        changes: &mut Vec<Change>,
    ) -> Option<(Severity, Category)> {
        let Held { matched, evidence, attempts, attribution, .. } = held;
        let answer = &attribution.answer;
        let weighed = weigh(&self.rules, &self.settings, matched, *evidence, *attempts, answer);
        let Some(Weighed { weight: Weight::Case(severity), category, .. }) = weighed else {
            let counted = weighed.and_then(counted);
            changes.push(Change::Forget { id: matched.id, at: now, counted });
            return None;
        };
        changes.push(Change::Attributed {
            id: matched.id,
            at: now,
            attribution: attribution.clone(),
            weight: Weight::Case(severity),
        });
        Some((severity, category))
    }

    /// Puts what was sorted back into the case, or hands on what left it, and lets those
    /// who were told know.
    fn take_in(
        &self,
        case: &mut Case,
        before: &Attribution,
        sorted: Sorted,
        now: Timestamp,
    ) -> Vec<Placing> {
        case.touched = true;
        let Sorted { stay, leave, forgot } = sorted;
        if let Some(key) = self.moves_whole(case, before, &stay, &leave, forgot) {
            case.key = key;
            case.held = leave.into_iter().map(|placing| placing.held).collect();
            self.after_change(case, before, false, now);
            return Vec::new();
        }
        let is_less = forgot || !leave.is_empty();
        case.held = stay;
        if case.held.is_empty() {
            case.is_emptied = true;
            let people = &self.settings.people;
            for placing in &leave {
                case.subject.take_in(Subject::of(&placing.held.attribution.answer, people));
            }
            case.tell_changed();
        } else {
            self.after_change(case, before, is_less, now);
        }
        leave
    }

    /// The key under which a case goes on where all its matches moved together and the
    /// new answer does not speak of somebody else.
    fn moves_whole(
        &self,
        case: &Case,
        before: &Attribution,
        stay: &[Held],
        leave: &[Placing],
        forgot: bool,
    ) -> Option<Key> {
        let first = leave.first().filter(|_| stay.is_empty() && !forgot)?;
        let together = leave
            .iter()
            .all(|placing| placing.key == first.key && placing.category == case.incident.category);
        let taken = self.cases.values().any(|other| {
            other.key == first.key && other.incident.category == case.incident.category
        });
        let (old, new) = (accounts(before), accounts(&first.held.attribution));
        let speaks_of_the_same = old.is_empty() || new.is_empty() || !old.is_disjoint(&new);
        (together && !taken && speaks_of_the_same).then(|| first.key.clone())
    }

    fn after_change(&self, case: &mut Case, before: &Attribution, is_less: bool, now: Timestamp) {
        let after = case.attribution();
        self.reroute(case, now);
        if is_less || is_weaker(before, &after) {
            case.tell_changed();
        } else if accounts(before).is_empty() && !accounts(&after).is_empty() {
            case.tell_more();
        }
    }
}

impl Case {
    /// Everybody who was told is told that it became less certain.
    fn tell_changed(&mut self) {
        let told = self.letters.iter().filter(|sent| !sent.fate.is_refused());
        let told: BTreeSet<_> = told.map(|sent| sent.person.clone()).collect();
        self.to_inform.extend(told.into_iter().map(|person| (person, Reason::Changed)));
    }

    /// Everybody to whom its level was told is told that there is more.
    fn tell_more(&mut self) {
        let told =
            self.letters.iter().filter(|sent| !sent.fate.is_refused() && sent.severity.is_some());
        let told: BTreeSet<_> = told.map(|sent| sent.person.clone()).collect();
        self.to_inform.extend(told.into_iter().map(|person| (person, Reason::Worse)));
    }
}

/// Whether an answer says less than the one before, or no longer speaks of somebody it
/// spoke of: both are as urgent as a stronger one.
fn is_weaker(before: &Attribution, after: &Attribution) -> bool {
    let (old, new) = (accounts(before), accounts(after));
    let cleared = !old.is_subset(&new);
    let spread = !old.is_empty() && new.len() > old.len();
    cleared || spread || after.answer.certainty() < before.answer.certainty()
}

fn accounts(attribution: &Attribution) -> BTreeSet<&UserName> {
    attribution.answer.candidates().iter().map(|candidate| &candidate.account).collect()
}
