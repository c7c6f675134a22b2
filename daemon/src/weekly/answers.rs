//! From figures to sentences: what a governor may know of a week (VOICES.md 6.4).
//!
//! A figure below five is never said. What is not measured is said to be not measured.

use facts::{Category, Duty, Severity, Span, Timestamp};
use rules::{Calendar, DayKind, Exception, Exceptions};
use store::{CoverageHour, GovernorCase, Health, Weekly};

use super::watched::{Watched, losses};

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
    let watched = Watched::over(measured.calendar, measured.week, from, to.min(measured.now));
    let open: Vec<_> =
        measured.exceptions.iter().filter(|found| found.is_open_within(from, to)).collect();
    let questions = [
        first_question(&watched),
        "Who would have been told if the lead and the deputy had both been away?".to_owned(),
        "What did pupils learn from what happened?".to_owned(),
    ];
    GovernorPage {
        school: measured.school.to_owned(),
        week_to: last_day.full_date(),
        working: working(&watched, &measured.week.health),
        serious: serious(measured.half_term, measured.calendar, measured.now),
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

fn working(watched: &Watched, health: &[Health]) -> Vec<String> {
    let mut said = Vec::new();
    match watched.permille() {
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
    said.extend(losses(health));
    said.push("The daily end-to-end test is not measured yet.".to_owned());
    said
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
    let is_late = |case: &&GovernorCase| {
        let due = due(case, calendar);
        case.taken_at.map_or(due <= now, |taken| taken > due)
    };
    let late = of(Severity::P1).filter(is_late).count();
    said.push(match (at_once, late) {
        (0, _) => "None needed someone at once.".to_owned(),
        (_, 0) => "Those at once were taken in time.".to_owned(),
        _ => "Not all of those at once were taken in time.".to_owned(),
    });
    said.extend(match of(Severity::P2).filter(is_late).count() {
        0 => None,
        1 => Some("One of the same day was taken late.".to_owned()),
        2..SMALLEST_SAID => Some("A few of the same day were taken late.".to_owned()),
        late => Some(format!("{late} of the same day were taken late.")),
    });
    let by_deputy = cases.iter().any(|case| case.taken_by == Some(Duty::Deputy));
    if by_deputy {
        said.push("The deputy took part of them.".to_owned());
    }
    said.push("The school's own target is 10 minutes and the same day.".to_owned());
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

fn first_question(watched: &Watched) -> String {
    if watched.dark() > Span::ZERO || !watched.recorded {
        return "Why was nothing seen for part of the week, and who noticed?".to_owned();
    }
    "When did somebody last check that a test name leads to a letter?".to_owned()
}

#[cfg(test)]
mod tests {
    use rules::{Reading, RuleSet, Signatory, Source};
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
    fn a_topic_that_was_open_and_what_was_lowered_are_told_without_a_name() {
        let calendar = Calendar::parse("").unwrap();
        let signatory = |id: &str| Signatory {
            id: facts::PersonId::new(id),
            may_approve: true,
            not_with: Vec::new(),
        };
        let text = "[[exception]]\ntopic = \"Odds\"\nreason = \"Unit 4\"\n\
            categories = [\"C14\"]\ngroups = [\"3B\"]\nfrom = \"2026-11-18 09:00\"\n\
            until = \"2026-11-27 15:15\"\nasked_by = \"a\"\napproved_by = \"b\"\n";
        let rules = RuleSet::builtin().unwrap().set;
        let people = [signatory("a"), signatory("b")];
        let reading = Reading { rules: &rules, calendar: &calendar, people: &people };
        let source = Source { file: "exceptions.toml".into(), text: text.into() };
        let exceptions = reading.read(&source).unwrap();
        let open: Vec<_> = exceptions.iter().collect();
        let row = |kind: &str| Health {
            at: FRIDAY,
            kind: kind.into(),
            sentence: "A sentence.".into(),
            figure: None,
        };
        let told = changes(&[row("rules"), row("rules"), row("lowered")], &open, &calendar);
        assert_eq!(
            told,
            [
                "Rules were read anew 2 times.",
                "What is watched was lowered once: ask for the change log.",
                "A topic was open from Wednesday 18 November to Friday 27 November, with a reason \
                 and a second person.",
                "Refused requests are not measured yet.",
            ]
        );
        assert!(open[0].is_open_within(FRIDAY, FRIDAY + Span::hours(1)));
        assert!(!open[0].is_open_within(FRIDAY - Span::hours(96), FRIDAY - Span::hours(72)));
        assert_eq!(changes(&[], &[], &calendar)[0], "Nothing was lowered.");
    }

    #[test]
    fn a_late_answer_is_told_as_late() {
        let late = [case(Severity::P1, Some(Span::minutes(11)))];
        let hour_before = Some(FRIDAY - Span::hours(1));
        let never = [GovernorCase { told_at: hour_before, ..case(Severity::P1, None) }];
        let prompt = [case(Severity::P1, Some(Span::minutes(9)))];
        assert!(page(Vec::new(), &late).serious.join(" ").contains("Not all of those"));
        assert!(page(Vec::new(), &never).serious.join(" ").contains("Not all of those"));
        assert!(page(Vec::new(), &prompt).serious.join(" ").contains("were taken in time"));
    }

    #[test]
    fn a_matter_of_the_same_day_that_nobody_took_is_told_as_late() {
        let told = |opened_at, taken_after: Option<Span>| {
            let taken_at = taken_after.map(|span| opened_at + span);
            let told_at = Some(opened_at);
            let case = GovernorCase { opened_at, told_at, taken_at, ..case(Severity::P2, None) };
            page(Vec::new(), &[case]).serious.join(" ")
        };
        let thursday = FRIDAY - Span::hours(24);
        assert!(told(thursday, None).contains("One of the same day was taken late."));
        assert!(told(thursday, Some(Span::hours(20))).contains("was taken late"));
        assert!(!told(thursday, Some(Span::hours(1))).contains("late"));
        assert!(!told(FRIDAY, None).contains("late"), "the day is not over");
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
        assert!(gap.iter().any(|said| said == "One gap of 60 minutes."), "{gap:?}");
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
