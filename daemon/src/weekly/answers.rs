//! From figures to sentences: what a governor may know of a week (VOICES.md 6.4).
//!
//! A figure below five is never said. What is not measured is said to be not measured.

use facts::{Category, Duty, Severity, Span, Timestamp};
use rules::{Calendar, DayKind, Exception, Exceptions};
use store::{CoverageHour, GovernorCase, Health, Weekly};

use super::filter;
use super::render::text;
use super::watched::{Watched, losses};
use super::week::week_to_friday;

/// Figures below this are said as "fewer than 5", so that no child can be found in them.
pub(super) const SMALLEST_SAID: usize = 5;
/// The page has one side (VOICES.md 6.4).
const MOST_WORDS: usize = 360;
/// The school's own target for a matter that needs someone at once.
const TARGET: Span = Span::minutes(10);

/// What the page is made from.
pub struct Measured<'a> {
    /// The school's name.
    pub school: &'a str,
    /// Any moment of the week.
    pub at: Timestamp,
    /// The moment of writing: nothing after it can be judged.
    pub now: Timestamp,
    /// The week.
    pub week: &'a Weekly,
    /// Cases of the last seven weeks, the week included: the half term as far as it is stored.
    pub half_term: &'a [GovernorCase],
    /// Categories for which no list is loaded.
    pub empty: &'a [Category],
    /// The school's study exceptions.
    pub exceptions: &'a Exceptions,
    /// The school's calendar.
    pub calendar: &'a Calendar,
}

/// The page, as sentences in the order of its five questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GovernorPage {
    /// The school's name.
    pub school: String,
    /// "20 November 2026", the last school day of the week.
    pub week_to: String,
    /// 1: was monitoring working?
    pub working: Vec<String>,
    /// 2: did anything serious happen, and was it answered in time?
    pub serious: Vec<String>,
    /// 3: is it getting better or worse?
    pub trend: Vec<String>,
    /// 4: did anyone change what is watched or blocked?
    pub changes: Vec<String>,
    /// 5: what could it not see?
    pub unseen: Vec<String>,
    /// Does the filter do its work?
    pub filter: Vec<String>,
    /// What this page does not measure yet.
    pub not_measured: Vec<String>,
    /// Three questions a governor might ask.
    pub questions: [String; 3],
    /// One sentence for the minutes.
    pub minutes: String,
    /// The seal of the record.
    pub seal: String,
}

/// Answers the five questions on one side: where that has no room for every kind, topic and
/// loss in its own words, the later ones are counted.
#[must_use]
pub fn answer(measured: &Measured<'_>) -> GovernorPage {
    let fits = |page: &GovernorPage| words(page) <= MOST_WORDS;
    let pages = (0..=Category::ALL.len()).rev().map(|room| with_room(measured, room));
    pages.into_iter().find(fits).unwrap_or_else(|| with_room(measured, 0))
}

fn words(page: &GovernorPage) -> usize {
    text(page).split_whitespace().count()
}

fn with_room(measured: &Measured<'_>, room: usize) -> GovernorPage {
    let (from, to) = week_to_friday(measured.calendar, measured.at);
    let last_day = measured.calendar.local(to - Span::hours(12));
    // What came after the week is on the next page.
    let until_then: Vec<_> =
        measured.half_term.iter().copied().filter(|case| case.opened_at < to).collect();
    let watched = Watched::over(measured.calendar, measured.week, from, to.min(measured.now));
    let open: Vec<_> =
        measured.exceptions.iter().filter(|found| found.is_open_within(from, to)).collect();
    let questions = [
        first_question(&watched),
        "Who is told when the lead and the deputy are away?".to_owned(),
        "What did pupils learn from what happened?".to_owned(),
    ];
    GovernorPage {
        school: measured.school.to_owned(),
        week_to: last_day.full_date(),
        working: working(&watched, &measured.week.health, measured.calendar, room),
        serious: serious(&until_then, measured.calendar, measured.now),
        trend: vec!["Not known yet.".to_owned()],
        changes: changes(&measured.week.health, &open, measured.calendar, room),
        unseen: unseen(&measured.week.coverage, measured.empty, room),
        filter: filter::answer(&measured.week.witness, room.saturating_sub(4)),
        not_measured: [
            "daily end-to-end test",
            "refused requests",
            "networks tested",
            "who looked at records",
            "practice letters",
        ]
        .map(str::to_owned)
        .to_vec(),
        questions,
        minutes: "\u{201c}The governor read this page and asked the questions noted.\u{201d}"
            .to_owned(),
        seal: measured.week.seal.to_string(),
    }
}

fn working(watched: &Watched, health: &[Health], calendar: &Calendar, room: usize) -> Vec<String> {
    let mut said = Vec::new();
    match watched.permille() {
        None if watched.is_before => said.push("Monitoring had not begun yet.".to_owned()),
        None if watched.began.is_some() => said.push("There were no school hours yet.".to_owned()),
        None => said.push("There was no school this week.".to_owned()),
        Some(_) if !watched.recorded => {
            said.push("No. Nothing was seen in school hours this week.".to_owned());
        }
        Some(permille) => {
            let verdict = if permille >= 990 { "Yes." } else { "Not all the time." };
            said.push(format!("{verdict} {}.{} % of school hours.", permille / 10, permille % 10));
            said.extend(watched.in_words());
        }
    }
    if let Some(began) = watched.began {
        let local = calendar.local(began);
        let measured = if watched.is_before { "" } else { " and is measured from then" };
        let (day, clock) = (local.day_and_month(), local.clock());
        said.push(format!("It first began on {day} at {clock}{measured}."));
    }
    said.extend(losses(health, room.saturating_sub(12).min(2)));
    said
}

/// Whether somebody had a matter in time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answered {
    InTime,
    Late,
    /// Nobody has it, and it is past the time.
    Overdue,
    /// Nobody has it, and there is time left.
    Waiting,
}

impl Answered {
    fn of(case: &GovernorCase, calendar: &Calendar, now: Timestamp) -> Self {
        let due = due(case, calendar);
        match case.taken_at {
            Some(taken) if taken <= due => Self::InTime,
            Some(_) => Self::Late,
            None if due <= now => Self::Overdue,
            None => Self::Waiting,
        }
    }
}

fn serious(cases: &[GovernorCase], calendar: &Calendar, now: Timestamp) -> Vec<String> {
    let of = |severity| cases.iter().filter(move |case| case.severity == severity);
    let at_once = of(Severity::P1).count();
    let same_day = of(Severity::P2).count();
    let mut said = vec![format!(
        "In the last seven weeks {} needed someone at once or the same day.",
        how_many(at_once + same_day)
    )];
    if at_once + same_day == 0 {
        return said;
    }
    let count = |severity, wanted: &[Answered]| {
        of(severity).filter(|case| wanted.contains(&Answered::of(case, calendar, now))).count()
    };
    let (late, overdue, waiting) = (Answered::Late, Answered::Overdue, Answered::Waiting);
    let missed = count(Severity::P1, &[late, overdue]);
    said.push(match (at_once, missed, count(Severity::P1, &[waiting])) {
        (0, ..) => "None needed someone at once.".to_owned(),
        (_, 0, 0) => "Those at once were taken in time.".to_owned(),
        (all, 0, some) if all == some => {
            "Nobody has those at once yet; there is time left.".to_owned()
        }
        (_, 0, some) => {
            format!("{} of those at once still wait; the others were taken in time.", of_all(some))
        }
        _ => "Not all of those at once were taken in time.".to_owned(),
    });
    let still_wait = count(Severity::P1, &[overdue, waiting]);
    if missed > 0 && still_wait > 0 {
        said.push(format!("{} still wait.", of_all(still_wait)));
    }
    let late = match count(Severity::P2, &[late, overdue]) {
        0 => None,
        1 => Some("One of the same day was not taken in time".to_owned()),
        2..SMALLEST_SAID => Some("A few of the same day were not taken in time".to_owned()),
        late => Some(format!("{late} of the same day were not taken in time")),
    };
    said.extend(match (late, count(Severity::P2, &[waiting])) {
        (None, 0) => None,
        (None, some) => Some(format!("{} of the same day still wait.", of_all(some))),
        (Some(late), 0) => Some(format!("{late}.")),
        (Some(late), some) => Some(format!("{late}; {} still wait.", of_all(some).to_lowercase())),
    });
    let by_deputy = cases.iter().any(|case| case.taken_by == Some(Duty::Deputy));
    if by_deputy {
        said.push("The deputy took part of them.".to_owned());
    }
    said.push("Target: 10 minutes and the same day.".to_owned());
    said
}

/// Until when somebody should have had it: ten minutes from the letter, or the end of that
/// day; of what came on a day without school, the end of the next day with it.
fn due(case: &GovernorCase, calendar: &Calendar) -> Timestamp {
    const LONGEST_HOLIDAY: usize = 60;
    let told = case.told_at.unwrap_or(case.opened_at);
    if case.severity == Severity::P1 {
        return told + TARGET;
    }
    let mut day = calendar.day(told);
    for _ in 0..LONGEST_HOLIDAY {
        if matches!(day.kind, DayKind::School { .. }) {
            break;
        }
        day = calendar.day(day.ends);
    }
    day.ends
}

fn how_many(count: usize) -> String {
    match count {
        0 => "no matter".to_owned(),
        1..SMALLEST_SAID => "fewer than 5 matters".to_owned(),
        _ => format!("{count} matters"),
    }
}

/// How many of them, at the beginning of a sentence.
fn of_all(count: usize) -> String {
    if count < SMALLEST_SAID { "Fewer than 5".to_owned() } else { count.to_string() }
}

fn changes(
    health: &[Health],
    exceptions: &[&Exception],
    calendar: &Calendar,
    room: usize,
) -> Vec<String> {
    let count = |kind: &str| health.iter().filter(|event| event.kind == kind).count();
    let times = |count: usize| match count {
        1 => "once".to_owned(),
        _ => format!("{count} times"),
    };
    let mut said = Vec::new();
    let (reloads, lowered) = (count("rules"), count("lowered"));
    if reloads > 0 {
        said.push(format!("Rules were read anew {}.", times(reloads)));
    }
    if lowered > 0 {
        said.push(format!(
            "What is watched was lowered {}: ask for the change log.",
            times(lowered)
        ));
    } else {
        said.push("Nothing was lowered.".to_owned());
    }
    let from_to = |moment: Timestamp| calendar.local(moment).day_and_month();
    let (in_words, counted) =
        exceptions.split_at(room.saturating_sub(8).min(2).min(exceptions.len()));
    for exception in in_words {
        let (from, until) = exception.period();
        said.push(format!(
            "A topic was open from {} to {}, with a reason and a second person.",
            from_to(from),
            from_to(until)
        ));
    }
    match (counted.len(), in_words.len()) {
        (0, _) => {}
        (all, 0) => {
            said.push(format!("Topics opened, each with a reason and a second person: {all}."))
        }
        (more, _) => said.push(format!("Further topics that were open in the same way: {more}.")),
    }
    said
}

fn unseen(coverage: &[CoverageHour], empty: &[Category], room: usize) -> Vec<String> {
    let readable: u64 = coverage.iter().map(|hour| hour.readable).sum();
    let unreadable: u64 = coverage.iter().map(|hour| hour.unreadable).sum();
    let all = readable.saturating_add(unreadable);
    let mut said = Vec::new();
    if let Some(share) = unreadable.saturating_mul(100).checked_div(all) {
        said.push(format!("{share} of 100 connections carried no readable name."));
    }
    let drops: u64 = coverage.iter().map(|hour| hour.kernel_drops).sum();
    if drops > 0 {
        said.push(format!("{drops} packets were lost unread."));
    }
    if !empty.is_empty() {
        let titles: Vec<_> = empty.iter().take(room).map(|category| category.title()).collect();
        let rest = match empty.len().saturating_sub(titles.len()) {
            0 => String::new(),
            more if titles.is_empty() => format!("{more} kinds"),
            more => format!(", and {more} more"),
        };
        let titles = titles.join(", ");
        said.push(format!("Nothing can be found, as no list is loaded, in: {titles}{rest}."));
    }
    said.push("Search words, messages, pictures, home and mobile data are never seen.".to_owned());
    said
}

fn first_question(watched: &Watched) -> String {
    if watched.dark() > Span::ZERO || !(watched.recorded || watched.is_before) {
        return "Why was nothing seen for a time, and who noticed?".to_owned();
    }
    "When did somebody last check that a test name leads to a letter?".to_owned()
}

#[cfg(test)]
mod tests;
