//! From figures to sentences: what a governor may know of a week (VOICES.md 6.4).
//!
//! A figure below five is never said. What is not measured is said to be not measured.

use facts::{Category, Duty, Severity, Span, Timestamp};
use rules::{Calendar, DayKind, Exception, Exceptions};
use store::{CoverageHour, GovernorCase, Health, Weekly};

use super::filter;

/// Figures below this are said as "fewer than 5", so that no child can be found in them.
pub(super) const SMALLEST_SAID: usize = 5;
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

/// Answers the five questions.
#[must_use]
pub fn answer(measured: &Measured<'_>) -> GovernorPage {
    let (from, to) = measured.calendar.week(measured.at);
    let last_day = measured.calendar.local(to - Span::hours(60));
    let watch = Watch::over(measured, from, to.min(measured.now));
    let open: Vec<_> =
        measured.exceptions.iter().filter(|found| found.is_open_within(from, to)).collect();
    let questions = [
        first_question(&watch),
        "Who would have been told if the lead and the deputy had both been away?".to_owned(),
        "What did pupils learn from what happened?".to_owned(),
    ];
    GovernorPage {
        school: measured.school.to_owned(),
        week_to: last_day.full_date(),
        working: working(&watch, &measured.week.health),
        serious: serious(measured.half_term),
        trend: vec![
            "Not measured yet: half terms are compared once two of them are stored.".to_owned(),
        ],
        changes: changes(&measured.week.health, &open, measured.calendar),
        unseen: unseen(&measured.week.coverage, measured.empty),
        filter: filter::answer(&measured.week.witness),
        not_measured: [
            "kinds that are only ever counted, such as games, by network",
            "which networks were tested this term",
            "who looked at records",
            "whether duty holders have practised opening a letter",
        ]
        .map(str::to_owned)
        .to_vec(),
        questions,
        minutes: format!(
            "\u{201c}The governor read the page of the week to {} and asked the questions noted.\u{201d}",
            last_day.full_date()
        ),
        seal: measured.week.seal.to_string(),
    }
}

/// How much of the school's hours was watched.
struct Watch {
    expected: Span,
    dark: Span,
    recorded: bool,
}

impl Watch {
    fn over(measured: &Measured<'_>, from: Timestamp, to: Timestamp) -> Self {
        let mut expected = Span::ZERO;
        let mut dark = Span::ZERO;
        let mut day = from;
        while day < to {
            let today = measured.calendar.day(day);
            if let DayKind::School { opens, children_until, .. } = today.kind {
                let until = children_until.min(to);
                let (hours, unseen) = hours_without_packets(&measured.week.coverage, opens, until);
                expected = expected + hours;
                dark = dark + unseen;
            }
            day = today.ends;
        }
        let recorded = measured.week.coverage.iter().any(|hour| hour.packets > 0);
        Self { expected, dark, recorded }
    }

    /// Watched time in tenths of a percent.
    fn permille(&self) -> Option<i64> {
        let expected = self.expected.as_micros();
        let seen = expected.saturating_sub(self.dark.as_micros());
        (expected > 0).then(|| seen.saturating_mul(1_000) / expected)
    }
}

/// The length of `opens..until`, and how much of it lies in hours without a single packet.
fn hours_without_packets(
    coverage: &[CoverageHour],
    opens: Timestamp,
    until: Timestamp,
) -> (Span, Span) {
    if until <= opens {
        return (Span::ZERO, Span::ZERO);
    }
    let mut dark = Span::ZERO;
    let mut at = opens;
    while at < until {
        let hour = Timestamp::from_micros(at.as_micros().div_euclid(3_600_000_000) * 3_600_000_000);
        let end = (hour + Span::hours(1)).min(until);
        if !coverage.iter().any(|seen| seen.hour == hour && seen.packets > 0) {
            dark = dark + end.since(at);
        }
        at = end;
    }
    (until.since(opens), dark)
}

fn working(watch: &Watch, health: &[Health]) -> Vec<String> {
    let mut said = Vec::new();
    match watch.permille() {
        None => said.push("There was no school this week.".to_owned()),
        Some(_) if !watch.recorded => {
            said.push("No. Nothing was seen in school hours this week.".to_owned());
        }
        Some(permille) => {
            let verdict = if permille >= 990 { "Yes." } else { "Not all the time." };
            let dark = watch.dark.as_seconds() / 60;
            said.push(format!("{verdict} {}.{} % of school hours.", permille / 10, permille % 10));
            if dark > 0 {
                said.push(format!("Nothing was seen for {} of them.", minutes(dark)));
            }
        }
    }
    for event in health {
        if matches!(event.kind.as_str(), "restarted" | "gap" | "loss" | "panic") {
            said.push(event.sentence.clone());
        }
    }
    said.truncate(4);
    said.push("The daily end-to-end test is not measured yet.".to_owned());
    said
}

fn minutes(count: i64) -> String {
    match count {
        1 => "1 minute".to_owned(),
        2..=119 => format!("{count} minutes"),
        _ => format!("{} hours", count / 60),
    }
}

fn serious(cases: &[GovernorCase]) -> Vec<String> {
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
    let late = of(Severity::P1).filter(|case| !is_in_time(case)).count();
    said.push(match (at_once, late) {
        (0, _) => "None needed someone at once.".to_owned(),
        (_, 0) => "Those at once were taken in time.".to_owned(),
        _ => "Not all of those at once were taken in time.".to_owned(),
    });
    let by_deputy = cases.iter().any(|case| case.taken_by == Some(Duty::Deputy));
    if by_deputy {
        said.push("The deputy took part of them.".to_owned());
    }
    said.push("The school's own target is 10 minutes and the same day.".to_owned());
    said
}

fn is_in_time(case: &GovernorCase) -> bool {
    let told = case.told_at.unwrap_or(case.opened_at);
    case.taken_at.is_some_and(|taken| taken.since(told) <= TARGET)
}

fn how_many(count: usize) -> String {
    match count {
        0 => "no matter".to_owned(),
        1..SMALLEST_SAID => "fewer than 5 matters".to_owned(),
        _ => format!("{count} matters"),
    }
}

fn changes(health: &[Health], exceptions: &[&Exception], calendar: &Calendar) -> Vec<String> {
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
    for exception in exceptions {
        let (from, until) = exception.period();
        said.push(format!(
            "A topic was open from {} to {}, with a reason and a second person.",
            from_to(from),
            from_to(until)
        ));
    }
    said.push("Refused requests are not measured yet.".to_owned());
    said
}

fn unseen(coverage: &[CoverageHour], empty: &[Category]) -> Vec<String> {
    let readable: u64 = coverage.iter().map(|hour| hour.readable).sum();
    let unreadable: u64 = coverage.iter().map(|hour| hour.unreadable).sum();
    let all = readable.saturating_add(unreadable);
    let mut said = Vec::new();
    if let Some(share) = unreadable.saturating_mul(100).checked_div(all) {
        said.push(format!("{share} of 100 connections carried no readable name."));
    }
    let drops: u64 = coverage.iter().map(|hour| hour.kernel_drops).sum();
    if drops > 0 {
        said.push(format!("{drops} packets were lost before they could be read."));
    }
    if !empty.is_empty() {
        let titles: Vec<_> = empty.iter().map(|category| category.title()).collect();
        said.push(format!(
            "Nothing can be found in these kinds, as no list is loaded: {}.",
            titles.join(", ")
        ));
    }
    said.push("Search words, messages, pictures, home and mobile data are never seen.".to_owned());
    said
}

fn first_question(watch: &Watch) -> String {
    if watch.dark > Span::ZERO || !watch.recorded {
        return "Why was nothing seen for part of the week, and who noticed?".to_owned();
    }
    "When did somebody last check that a test name leads to a letter?".to_owned()
}

#[cfg(test)]
mod tests {
    use store::{Letters, RecordWriter};

    use super::*;

    /// Friday 20 November 2026, 16:00 in London.
    const FRIDAY: Timestamp = Timestamp::from_seconds(1_795_190_400);

    fn case(severity: Severity, taken_after: Option<Span>) -> GovernorCase {
        GovernorCase {
            severity,
            opened_at: FRIDAY,
            told_at: Some(FRIDAY),
            taken_at: taken_after.map(|span| FRIDAY + span),
            taken_by: Some(Duty::Lead),
            closed_at: None,
            outcome: None,
        }
    }

    fn page(coverage: Vec<CoverageHour>, cases: &[GovernorCase]) -> GovernorPage {
        let seal = RecordWriter::in_memory().unwrap().audit_verify().unwrap().seal();
        let week = Weekly {
            cases: cases.to_vec(),
            letters: Letters::default(),
            health: Vec::new(),
            coverage,
            witness: Vec::new(),
            seal,
        };
        answer(&Measured {
            school: "Elm Row Primary School",
            at: FRIDAY,
            now: FRIDAY,
            week: &week,
            half_term: cases,
            empty: &[Category::C01],
            exceptions: &Exceptions::default(),
            calendar: &Calendar::parse("").unwrap(),
        })
    }

    fn seen(hour: Timestamp) -> CoverageHour {
        CoverageHour {
            hour,
            reported_at: hour,
            last_packet: Some(hour),
            packets: 10,
            bytes: 1_000,
            kernel_drops: 0,
            readable: 94,
            unreadable: 6,
            devices: 5,
        }
    }

    #[test]
    fn a_figure_below_five_is_never_said() {
        for (count, said) in [
            (0, "no matter needed"),
            (1, "fewer than 5 matters needed"),
            (4, "fewer than 5 matters needed"),
            (5, "5 matters needed"),
        ] {
            let cases = vec![case(Severity::P1, Some(Span::minutes(3))); count];
            let page = page(Vec::new(), &cases);
            assert!(page.serious.join(" ").contains(said), "{count}: {:?}", page.serious);
        }
    }

    #[test]
    fn a_late_answer_is_told_as_late() {
        let late = [case(Severity::P1, Some(Span::minutes(11)))];
        let never = [case(Severity::P1, None)];
        let prompt = [case(Severity::P1, Some(Span::minutes(9)))];
        assert!(page(Vec::new(), &late).serious.join(" ").contains("Not all of those"));
        assert!(page(Vec::new(), &never).serious.join(" ").contains("Not all of those"));
        assert!(page(Vec::new(), &prompt).serious.join(" ").contains("were taken in time"));
    }

    #[test]
    fn an_hour_without_packets_is_dark_and_a_blind_week_is_told() {
        let blind = page(Vec::new(), &[]);
        assert_eq!(
            blind.working.first().unwrap(),
            "No. Nothing was seen in school hours this week."
        );
        let (monday, _) = Calendar::parse("").unwrap().week(FRIDAY);
        let hours = (0..24 * 5).map(|h| seen(monday + Span::hours(h)));
        let whole = page(hours.clone().collect(), &[]);
        assert_eq!(whole.working.first().unwrap(), "Yes. 100.0 % of school hours.");
        let gap = hours.filter(|hour| hour.hour != monday + Span::hours(10)).collect();
        let gap = page(gap, &[]).working;
        assert!(
            gap.iter().any(|said| said == "Nothing was seen for 60 minutes of them."),
            "{gap:?}"
        );
    }

    #[test]
    fn the_page_fits_one_side_and_says_what_no_list_can_find() {
        let page = page(Vec::new(), &[]);
        let text = super::super::text(&page);
        assert!(text.split_whitespace().count() <= 360, "{text}");
        assert!(text.contains("Suicide and self-harm"));
        assert!(super::super::html(&page).contains("Suicide and self-harm"));
    }
}
