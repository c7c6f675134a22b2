//! The today page in words: no name, no place, nothing of other people's cases.

use std::collections::BTreeSet;

use crate::standing::{Standing, has_moved_on, may_have_it, nobody_reached, view_of};
use crate::words::{Matter, Names, Times, duty, listed, today_line};
use facts::{
    Decision, DecisionId, Delivery, Duty, Incident, Letter, Person, PersonId, Phase, Severity,
    Timestamp, View,
};

/// A case of the reader with what the today page needs to know of it.
pub(crate) struct Listed {
    pub incident: Incident,
    pub decisions: Vec<Decision>,
    /// Those of them that the incident holds already.
    pub applied: BTreeSet<DecisionId>,
    pub letters: Vec<(Letter, Delivery)>,
}

/// A heading with its cases.
pub(super) struct Group {
    pub heading: &'static str,
    pub aside: Option<&'static str>,
    pub style: &'static str,
    pub is_folded: bool,
    pub rows: Vec<Row>,
}

/// A case in a list.
pub(super) struct Row {
    pub code: String,
    pub link: String,
    pub since: String,
    pub sentence: String,
    pub note: Option<String>,
    pub may_take: bool,
    pub others: Vec<Choice>,
}

/// An entry of a list to choose from.
pub(super) struct Choice {
    pub id: String,
    pub text: String,
}

/// The groups in their fixed order; empty ones are left out.
pub(super) fn groups(
    cases: &[Listed],
    names: Names<'_>,
    times: &Times,
    now: Timestamp,
) -> Vec<Group> {
    let mut groups = [
        ("Needs someone now", None, "now"),
        ("Today", None, ""),
        ("For your list", Some("no hurry"), ""),
        ("With me", None, ""),
        ("With someone else", None, ""),
        ("Taken back", Some("you need do nothing"), ""),
    ]
    .map(|(heading, aside, style)| Group {
        heading,
        aside,
        style,
        is_folded: heading == "For your list",
        rows: Vec::new(),
    });
    // The one that has waited longest first: what is new comes last and moves nothing.
    let mut cases: Vec<_> = cases.iter().collect();
    cases.sort_by_key(|case| (case.incident.first_seen, case.incident.id));
    for case in cases {
        let Some(view) = view_of(&case.incident, names.reader) else { continue };
        let Listed { incident, decisions, applied, letters } = case;
        let mut standing = Standing::of(incident, decisions, applied, letters, view, now);
        if has_moved_on(&incident.attribution.answer, view) && standing.is_open_or_taken() {
            standing.phase = Phase::Withdrawn { at: incident.revised_at };
        }
        let Some(place) = place(&standing.phase, incident.severity, names.reader, now) else {
            continue;
        };
        let row = row(case, view, &standing, names, times, now);
        if let Some(group) = groups.get_mut(place) {
            group.rows.push(row);
        }
    }
    groups.into_iter().filter(|group| !group.rows.is_empty()).collect()
}

/// Which group a case stands in; none where it is closed.
fn place(phase: &Phase, severity: Severity, reader: &PersonId, now: Timestamp) -> Option<usize> {
    match phase {
        Phase::Open => Some(match severity {
            Severity::P1 => 0,
            Severity::P2 => 1,
            Severity::P3 => 2,
        }),
        Phase::Taken { by, .. } if by == reader => Some(3),
        Phase::Taken { .. } => Some(4),
        Phase::Withdrawn { at } => (now.since(*at) < facts::Span::hours(24 * 7)).then_some(5),
        Phase::Closed { .. } => None,
    }
}

fn row(
    case: &Listed,
    view: View,
    standing: &Standing,
    names: Names<'_>,
    times: &Times,
    now: Timestamp,
) -> Row {
    let incident = &case.incident;
    // What can wait is opened first; only what needs somebody now is taken from the list.
    let may_take = standing.phase == Phase::Open && incident.severity == Severity::P1;
    let matter = Matter::of(&incident.attribution, view);
    let (sentence, note) = match &standing.phase {
        Phase::Open => {
            (today_line(incident, view), open_note(case, view, standing, names, times, now))
        }
        Phase::Taken { by, at } => (
            today_line(incident, view),
            Some(format!("{} since {}", has_it(&called(by, view, names)), times.near(*at, now))),
        ),
        Phase::Withdrawn { at } => (
            "What we told you no longer holds. Nobody is connected with it any more.".into(),
            Some(format!("Taken back {}", times.near(*at, now))),
        ),
        Phase::Closed { .. } => (String::new(), None),
    };
    // A list of who else may see it would say whom it is about.
    let may_pass_on = may_take && !matter.may_name_an_adult();
    let others = may_have_it(incident, names.reader, view).filter(|_| may_pass_on);
    Row {
        code: incident.code.to_string(),
        link: incident.code.in_link(),
        since: format!("since {}", times.near(incident.first_seen, now)),
        sentence,
        note,
        may_take,
        others: others
            .map(|id| Choice { id: id.as_str().into(), text: names.by_name(id) })
            .collect(),
    }
}

/// Instead of a next person, where the server refused the whole list or takes nothing of ours.
const NOBODY_REACHED: &str = "No letter about it has reached anybody: the mail server took none \
    of them. Please use the telephone. They are tried again";

/// To whom it was handed, and when the next person is told if nobody takes it.
fn open_note(
    case: &Listed,
    view: View,
    standing: &Standing,
    names: Names<'_>,
    times: &Times,
    now: Timestamp,
) -> Option<String> {
    let handed = standing.handed.as_ref().map(|handed| {
        let by = called(&handed.by, view, names);
        let to = handed.to.as_ref();
        let to = to.map_or_else(|| "a colleague".to_owned(), |to| called(to, view, names));
        format!("Handed by {by} to {to} {}", times.near(handed.at, now))
    });
    // Each view climbs for itself: the steps of another are not this reader's to know.
    let telling = case.incident.tellings.iter().find(|telling| telling.view == view);
    let next = telling.and_then(|telling| telling.next_step).filter(|at| *at > now);
    let what = match case.incident.severity {
        Severity::P1 => "Next person told",
        Severity::P2 | Severity::P3 => "Next letter",
    };
    let next = match nobody_reached(&case.incident, &case.letters, view) {
        // A next step would be a try of the same addresses: nobody further is told.
        Some(at) => Some(format!("{NOBODY_REACHED} {}", times.near(at.max(now), now))),
        None => next.map(|at| format!("{what} {}", times.near(at, now))),
    };
    let notes: Vec<String> = [handed, next].into_iter().flatten().collect();
    (!notes.is_empty()).then(|| notes.join(" · "))
}

/// By duty; for a reader who sees a part a colleague is nobody in particular.
fn called(person: &PersonId, view: View, names: Names<'_>) -> String {
    match view {
        View::Whole => names.by_duty(person),
        View::ChildPart => names.by_view(person, view),
    }
}

fn has_it(who: &str) -> String {
    let mut letters = who.chars();
    let who = letters.next().map(|first| first.to_uppercase().to_string() + letters.as_str());
    match who.as_deref() {
        Some("You") | None => "You have it".into(),
        Some(who) => format!("{who} has it"),
    }
}

/// Duties that look after children, whose matters go to the list of COVER.
const LOOKING_AFTER: [Duty; 5] =
    [Duty::Lead, Duty::Deputy, Duty::Headteacher, Duty::ActingHead, Duty::Outside];

/// The line of COVER: the school's own rule, and who is on the list. Whoever has nothing to
/// do with matters about children has another list, and it would be wrong to name this one
/// beside a matter of theirs.
pub(super) fn cover(people: &[Person], reader: &Person, rule: Option<&str>) -> String {
    let rule = rule.unwrap_or("The hours in which somebody is expected to read are not shown yet.");
    if !reader.duties.iter().any(|held| LOOKING_AFTER.contains(held)) {
        return rule.to_owned();
    }
    let holds = [Duty::Lead, Duty::Deputy, Duty::Headteacher]
        .into_iter()
        .filter(|held| people.iter().any(|person| person.duties.contains(held)))
        .map(duty)
        .collect::<Vec<_>>();
    let list = if holds.is_empty() {
        "Nobody is on the list yet".to_owned()
    } else {
        let holds: Vec<String> = holds.into_iter().map(str::to_owned).collect();
        format!("On the list for children: {}", listed(&holds))
    };
    format!("{list}. {rule}")
}
