//! When the next person is told: the plan of one round of letters, and what of it is due.

use facts::{PersonId, Reason, Severity, Span, Timestamp};
use rules::{Calendar, DayKind};

use super::routing::{Called, Pace, Part};

/// How long before home time the steps of a climb halve.
pub const LAST_MINUTES: u16 = 45;
/// From one step of an urgent climb to the next.
const STEP: Span = Span::minutes(10);
/// The same in the last minutes before home time.
const SHORT_STEP: Span = Span::minutes(5);
/// From the Chair to the Vice-Chair.
const GOVERNORS_STEP: Span = Span::minutes(60);
/// From the last call of a matter for today to the next person. Whoever comes after that is
/// told on the school mornings that follow: it was never urgent, and it is never forgotten.
const AFTER_LAST_CALL: Span = Span::minutes(30);
/// How long a matter for today waits on a working day without home time.
const WITHOUT_HOME_TIME: Span = Span::hours(4);

/// One round of letters about a case: from the moment at which it became this urgent, or
/// was handed over, until somebody takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// The level that is being told.
    pub severity: Severity,
    /// When the first letter of the round is due.
    pub start: Timestamp,
    /// The reason that the first letters of the round give.
    pub opening: Reason,
    /// Who is told first, where the case was handed over.
    pub first: Option<PersonId>,
}

/// A letter of a round that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// To whom.
    pub person: PersonId,
    /// When it was due.
    pub due: Timestamp,
    /// The level it told.
    pub severity: Severity,
    /// Whether the server refused the person for good.
    pub refused: bool,
}

/// One step of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// To whom.
    pub tell: Tell,
}

/// Whom a step tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tell {
    /// The first so many people of the line who can be reached.
    Persons(usize),
    /// Whoever was told, once more.
    Remind,
    /// Everybody in the line, once more.
    Everyone,
}

/// What a round has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// These people are to be told now, each for this reason.
    Now(Vec<(Called, Reason)>),
    /// Nothing before this moment.
    Later(Timestamp),
    /// Everybody was told.
    Exhausted,
}

/// When a matter of this level, seen at this moment, is first told.
///
/// An urgent one always at once. One for today in school hours at once; while only clubs
/// are there on the next morning; else on the next working morning (VOICES.md 4.2).
#[must_use]
pub fn first_due(severity: Severity, at: Timestamp, calendar: &Calendar) -> Timestamp {
    if severity == Severity::P1 {
        return at;
    }
    let day = calendar.day(at);
    match day.kind {
        DayKind::School { opens, home_time, .. } if at < home_time => {
            let morning = calendar.next_school_morning(day.begins);
            at.max(morning.min(opens))
        }
        DayKind::Inset if calendar.may_climb(at) => at,
        _ if calendar.children_on_site(at) => {
            calendar.next_school_morning(at).min(calendar.next_working_morning(at))
        }
        _ => calendar.next_working_morning(at),
    }
}

/// The steps of a round, in order of time. A list matter has none: the end-of-day letter
/// tells it.
#[must_use]
pub fn plan(round: &Round, part: &Part, calendar: &Calendar) -> Vec<Step> {
    match (round.severity, part.pace) {
        (Severity::P1, Pace::Governors) => {
            let next = climbable(round.start + GOVERNORS_STEP, calendar);
            vec![step(round.start, Tell::Persons(1)), step(next, Tell::Persons(2))]
        }
        (Severity::P1, pace) => {
            let at_once = if pace == Pace::Children { 2 } else { 1 };
            urgent(round.start, at_once, calendar)
        }
        (Severity::P2, _) => today(round.start, part.line.len(), calendar),
        (Severity::P3, _) => Vec::new(),
    }
}

fn urgent(start: Timestamp, at_once: usize, calendar: &Calendar) -> Vec<Step> {
    let second = next_urgent(start, calendar);
    let third = next_urgent(second, calendar);
    let mut steps =
        vec![step(start, Tell::Persons(at_once)), step(second, Tell::Persons(at_once + 1))];
    if calendar.in_last_minutes(second, LAST_MINUTES) {
        steps.push(step(third, Tell::Everyone));
        return steps;
    }
    steps.push(step(third, Tell::Persons(at_once + 2)));
    steps.push(step(next_urgent(third, calendar), Tell::Everyone));
    steps
}

/// The step after `last`: shorter in the last minutes before home time, and never later
/// than their beginning where it would fall into them.
fn next_urgent(last: Timestamp, calendar: &Calendar) -> Timestamp {
    if calendar.in_last_minutes(last, LAST_MINUTES) {
        return climbable(last + SHORT_STEP, calendar);
    }
    let usual = last + STEP;
    match calendar.home_time_today(usual) {
        Some(home) if calendar.in_last_minutes(usual, LAST_MINUTES) => {
            usual.min((last + SHORT_STEP).max(home - Span::minutes(i64::from(LAST_MINUTES))))
        }
        _ => climbable(usual, calendar),
    }
}

fn today(start: Timestamp, people: usize, calendar: &Calendar) -> Vec<Step> {
    let last_call = climbable(last_call(start, calendar), calendar);
    let mut steps = vec![step(start, Tell::Persons(1)), step(last_call, Tell::Remind)];
    let mut at = last_call;
    for persons in 2..=people {
        at = match persons {
            2 => climbable(at + AFTER_LAST_CALL, calendar),
            _ => climbable(calendar.next_school_morning(calendar.day(at).ends), calendar),
        };
        steps.push(step(at, Tell::Persons(persons)));
    }
    steps
}

/// When a matter for today is called for the last time: before the last minutes of the
/// school day, or with the end-of-day letters where it arrived in them.
fn last_call(start: Timestamp, calendar: &Calendar) -> Timestamp {
    let Some(home) = calendar.home_time_today(start) else { return start + WITHOUT_HOME_TIME };
    let call = home - Span::minutes(i64::from(LAST_MINUTES));
    if start < call { call } else { calendar.end_of_day_letter(start) }
}

/// Whether a matter for today arrived in the last minutes of the school day.
#[must_use]
pub fn arrived_late(start: Timestamp, calendar: &Calendar) -> bool {
    calendar.in_last_minutes(start, LAST_MINUTES)
}

fn climbable(at: Timestamp, calendar: &Calendar) -> Timestamp {
    if calendar.may_climb(at) { at } else { calendar.next_climb(at) }
}

const fn step(at: Timestamp, tell: Tell) -> Step {
    Step { at, tell }
}

/// What of a plan is to be done at `now`, after what was told already.
///
/// It looks at the letters, not at a counter: after a restart it answers the same, and a
/// person whom the server refused is passed over at once.
#[must_use]
pub fn outlook(
    round: &Round,
    plan: &[Step],
    part: &Part,
    told: &[Told],
    now: Timestamp,
) -> Outlook {
    let refused = |called: &Called| told.iter().any(|t| t.refused && t.person == called.person);
    let reachable: Vec<_> = line(round, part).into_iter().filter(|c| !refused(c)).collect();
    let in_round = |told: &&Told| told.severity == round.severity && told.due >= round.start;
    let told: Vec<_> = told.iter().filter(in_round).collect();
    for (place, step) in plan.iter().enumerate() {
        let people = missing(step, &reachable, &told);
        if people.is_empty() {
            continue;
        }
        if step.at > now {
            return Outlook::Later(step.at);
        }
        let reason = if place == 0 { round.opening } else { Reason::NotTaken };
        return Outlook::Now(people.into_iter().map(|called| (called, reason)).collect());
    }
    Outlook::Exhausted
}

/// The line, with the person to whom the case was handed first.
fn line(round: &Round, part: &Part) -> Vec<Called> {
    let mut line = part.line.clone();
    line.sort_by_key(|called| round.first.as_ref() != Some(&called.person));
    line
}

fn missing(step: &Step, reachable: &[Called], told: &[&Told]) -> Vec<Called> {
    let has_letter = |called: &&Called| told.iter().any(|told| told.person == called.person);
    let has_late_letter = |called: &&Called| {
        told.iter().any(|told| told.person == called.person && told.due >= step.at)
    };
    let people = reachable.iter();
    match step.tell {
        Tell::Persons(count) => people.take(count).filter(|c| !has_letter(c)).cloned().collect(),
        Tell::Remind => people.filter(|c| has_letter(c) && !has_late_letter(c)).cloned().collect(),
        Tell::Everyone => people.filter(|c| !has_late_letter(c)).cloned().collect(),
    }
}

/// What a letter of a round can promise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ahead {
    /// When whoever was told is reminded.
    pub remind_at: Option<Timestamp>,
    /// When somebody is told who was not told yet.
    pub next_at: Option<Timestamp>,
}

/// What comes after `now` if nobody takes the case, once `told` have their letters.
#[must_use]
pub fn ahead(round: &Round, plan: &[Step], part: &Part, told: &[Told], now: Timestamp) -> Ahead {
    let refused = |called: &Called| told.iter().any(|t| t.refused && t.person == called.person);
    let reachable: Vec<_> = line(round, part).into_iter().filter(|c| !refused(c)).collect();
    let in_round = |told: &&Told| told.severity == round.severity && told.due >= round.start;
    let told: Vec<_> = told.iter().filter(in_round).collect();
    let is_new = |called: &Called| told.iter().all(|told| told.person != called.person);
    let later = || plan.iter().filter(|step| step.at > now);
    Ahead {
        remind_at: later().find(|step| step.tell == Tell::Remind).map(|step| step.at),
        next_at: later()
            .find(|step| missing(step, &reachable, &told).iter().any(is_new))
            .map(|step| step.at),
    }
}
