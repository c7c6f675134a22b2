//! The page in the weeks that schools have, and in the worst one.

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
    let week = Weekly { coverage, cases: cases.to_vec(), ..blank_week() };
    page_of(&week, cases, &[Category::C01], &Exceptions::default())
}

fn page_of(
    week: &Weekly,
    half_term: &[GovernorCase],
    empty: &[Category],
    exceptions: &Exceptions,
) -> GovernorPage {
    answer(&Measured {
        school: "Elm Row Primary School",
        at: FRIDAY,
        now: FRIDAY,
        week,
        half_term,
        empty,
        exceptions,
        calendar: &Calendar::parse("").unwrap(),
    })
}

fn blank_week() -> Weekly {
    Weekly {
        began: None,
        cases: Vec::new(),
        letters: Letters::default(),
        health: Vec::new(),
        coverage: Vec::new(),
        witness: Vec::new(),
        seal: RecordWriter::in_memory().unwrap().audit_verify().unwrap().seal(),
    }
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
    let exceptions = topics(1);
    let open: Vec<_> = exceptions.iter().collect();
    let row = |kind: &str| Health {
        at: FRIDAY,
        kind: kind.into(),
        sentence: "A sentence.".into(),
        figure: None,
    };
    let told = changes(&[row("rules"), row("rules"), row("lowered")], &open, &calendar, 99);
    assert_eq!(
        told,
        [
            "Rules were read anew 2 times.",
            "What is watched was lowered once: ask for the change log.",
            "A topic was open from Wednesday 18 November to Friday 27 November, with a reason \
             and a second person.",
        ]
    );
    assert!(open[0].is_open_within(FRIDAY, FRIDAY + Span::hours(1)));
    assert!(!open[0].is_open_within(FRIDAY - Span::hours(96), FRIDAY - Span::hours(72)));
    assert_eq!(changes(&[], &[], &calendar, 99)[0], "Nothing was lowered.");
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
    assert!(told(thursday, None).contains("One of the same day was not taken in time."));
    assert!(told(thursday, Some(Span::hours(20))).contains("was not taken in time"));
    assert!(!told(thursday, Some(Span::hours(1))).contains("late"));
    assert!(!told(FRIDAY, None).contains("not taken"), "the day is not over");
}

#[test]
fn an_hour_without_packets_is_dark_and_a_blind_week_is_told() {
    let blind = page(Vec::new(), &[]);
    assert_eq!(blind.working.first().unwrap(), "No. Nothing was seen in school hours this week.");
    let (monday, _) = Calendar::parse("").unwrap().week(FRIDAY);
    let hours = (0..24 * 5).map(|h| seen(monday + Span::hours(h)));
    let whole = page(hours.clone().collect(), &[]);
    assert_eq!(whole.working.first().unwrap(), "Yes. 100.0 % of school hours.");
    let gap = hours.filter(|hour| hour.hour != monday + Span::hours(10)).collect();
    let gap = page(gap, &[]).working;
    assert!(gap.iter().any(|said| said == "One gap of 60 minutes."), "{gap:?}");
}

#[test]
fn what_nobody_has_taken_is_never_told_as_taken_in_time() {
    let out = case(Severity::P1, None);
    let told = |cases: &[GovernorCase]| page(Vec::new(), cases).serious.join(" ");
    let both_out = told(&[out, out]);
    assert!(both_out.contains("Nobody has those at once yet; there is time left."), "{both_out}");
    let one_out = told(&[out, case(Severity::P1, Some(Span::minutes(3)))]);
    assert!(
        one_out.contains("Fewer than 5 of those at once still wait; the others were taken in time"),
        "{one_out}"
    );
    let long_ago = Some(FRIDAY - Span::hours(1));
    let overdue = told(&[GovernorCase { told_at: long_ago, ..out }]);
    assert!(
        overdue.contains("Not all of those at once were taken in time. Fewer than 5 still wait.")
    );
    for said in [both_out, overdue] {
        assert!(!said.contains("Those at once were taken") && !said.contains("others were taken"));
    }
    let many_out = [vec![out; 5], vec![case(Severity::P1, Some(Span::minutes(3)))]].concat();
    let many_out = told(&many_out);
    assert!(many_out.contains("5 of those at once still wait; the others"), "{many_out}");
    let today = told(&[case(Severity::P2, None)]);
    assert!(today.contains("Fewer than 5 of the same day still wait."), "{today}");
}

#[test]
fn a_page_to_friday_says_nothing_of_what_came_on_the_weekend_after_it() {
    let on_sunday = |severity| {
        let at = FRIDAY + Span::hours(48);
        GovernorCase { opened_at: at, told_at: Some(at), ..case(severity, None) }
    };
    let page = |cases: &[GovernorCase]| {
        answer(&Measured {
            school: "Elm Row Primary School",
            at: FRIDAY,
            now: FRIDAY + Span::hours(50),
            week: &blank_week(),
            half_term: cases,
            empty: &[],
            exceptions: &Exceptions::default(),
            calendar: &Calendar::parse("").unwrap(),
        })
    };
    let quiet = page(&[]);
    assert_eq!(quiet.week_to, "20 November 2026");
    assert_eq!(page(&[on_sunday(Severity::P1), on_sunday(Severity::P2)]), quiet);
    let own = case(Severity::P1, Some(Span::minutes(3)));
    assert_ne!(page(&[own]), quiet);
}

#[test]
fn the_first_week_says_when_monitoring_began_and_measures_from_then() {
    let said = |began, coverage| {
        let week = Weekly { began: Some(began), coverage, ..blank_week() };
        page_of(&week, &[], &[], &Exceptions::default()).working.join(" ")
    };
    let noon = FRIDAY - Span::hours(4);
    let hours = (0..4).map(|hour| seen(noon + Span::hours(hour))).collect();
    assert_eq!(
        said(noon, hours),
        "Yes. 100.0 % of school hours. It first began on Friday 20 November at 12:00 and is \
         measured from then."
    );
    assert_eq!(
        said(FRIDAY + Span::hours(48), Vec::new()),
        "Monitoring had not begun yet. It first began on Sunday 22 November at 16:00."
    );
}

#[test]
fn the_page_fits_one_side_whatever_the_week_was() {
    let plain = page(Vec::new(), &[]);
    let worst = worst();
    for page in [&plain, &worst] {
        let text = super::super::text(page);
        assert!(text.split_whitespace().count() <= MOST_WORDS, "{text}");
        assert!(text.contains("Suicide and self-harm"), "{text}");
        assert!(super::super::html(page).contains("Suicide and self-harm"));
    }
    let text = super::super::text(&worst);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for told in [
        "Not all the time.",
        "gaps, the longest of",
        "Notes of losses in the record: 9.",
        "Not all of those at once",
        "Fewer than 5 still wait.",
        "of the same day were not taken in time; fewer than 5 still wait.",
        "The deputy took part of them",
        "was lowered",
        "Topics opened, each with a reason and a second person: 5.",
        "of 100 connections",
        "packets were lost",
        " more.",
        "not named",
        "whether loaded or not is unknown",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
}

/// Everything that can be said of one week, and more of it than a page holds.
fn worst() -> GovernorPage {
    let monday = Calendar::parse("").unwrap().week(FRIDAY).0;
    let row = |hours: i64, kind: &str, sentence: &str| Health {
        at: monday + Span::hours(hours),
        kind: kind.into(),
        sentence: sentence.into(),
        figure: Some(1_800),
    };
    let loss = "For 12 minutes the machine could not keep up: 41207 of 9000000 packets were lost, \
                and what was in them was not seen.";
    let mut health: Vec<_> = (0..9).map(|n| row(10 + n, "loss", loss)).collect();
    health.extend((1..4).map(|day| row(24 * day + 11, "restarted", "It began again.")));
    health.extend((0..3).map(|_| row(60, "lowered", "Lowered.")));
    health.extend((0..3).map(|_| row(61, "rules", "Read.")));
    health.sort_by_key(|row| row.at);
    let lossy =
        |hour: i64| CoverageHour { kernel_drops: 41_207, ..seen(monday + Span::hours(hour)) };
    let cell = |number: usize, category, rung, devices| store::WitnessCell {
        day: monday,
        network: Some(format!("The network of building {number}")),
        profile: facts::Profile::Ks2,
        category,
        rung,
        count: 500,
        devices,
    };
    let mut witness = Vec::new();
    for (number, category) in Category::ALL.iter().copied().enumerate() {
        let (rung, devices) = match number % 4 {
            0 | 1 => (facts::Rung::Loaded, 40),
            2 => (facts::Rung::Loaded, 2),
            _ => (facts::Rung::Answered, 9),
        };
        witness.extend((0..4).map(|network| cell(network, category, rung, devices)));
    }
    let out = case(Severity::P1, None);
    let long_ago = Some(FRIDAY - Span::hours(48));
    let late = |severity| GovernorCase { told_at: long_ago, ..case(severity, None) };
    let by_deputy = GovernorCase { taken_by: Some(Duty::Deputy), ..case(Severity::P1, None) };
    let mut cases = vec![out, late(Severity::P1), by_deputy, case(Severity::P2, None)];
    cases.extend((0..7).map(|_| late(Severity::P2)));
    let coverage = (8..24 * 5).filter(|hour| hour % 24 != 9).map(lossy).collect();
    let week =
        Weekly { began: Some(monday + Span::hours(8)), health, coverage, witness, ..blank_week() };
    page_of(&week, &cases, Category::ALL, &topics(5))
}

/// So many study exceptions of this week.
fn topics(count: usize) -> Exceptions {
    let one = "[[exception]]\ntopic = \"Odds\"\nreason = \"Unit 4\"\n\
        categories = [\"C14\"]\ngroups = [\"3B\"]\nfrom = \"2026-11-18 09:00\"\n\
        until = \"2026-11-27 15:15\"\nasked_by = \"a\"\napproved_by = \"b\"\n";
    let signatory = |id: &str| Signatory {
        id: facts::PersonId::new(id),
        may_approve: true,
        not_with: Vec::new(),
    };
    let (rules, calendar) = (RuleSet::builtin().unwrap().set, Calendar::parse("").unwrap());
    let people = [signatory("a"), signatory("b")];
    let reading = Reading { rules: &rules, calendar: &calendar, people: &people };
    reading.read(&Source { file: "exceptions.toml".into(), text: one.repeat(count) }).unwrap()
}
