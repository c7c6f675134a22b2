//! Whatever is written comes back as it was, and writing it again changes nothing.

use facts::{
    Answer, Category, DecisionId, Delivery, Duty, HostName, Incident, LetterId, MatchId, Outcome,
    PersonId, Phase, Progress, Reason, Role, Rung, Severity, Span, View, Weight,
};

use super::samples::*;
use crate::{Change, Coverage, Health, RecordReader, RecordWriter, StoreError};

fn file() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.db");
    (folder, path)
}

#[test]
fn every_match_comes_back_while_it_waits() {
    let mut writer = RecordWriter::in_memory().unwrap();
    let mut written = Vec::new();
    for number in 1..=200 {
        let mut one = matched(number);
        for (place, text) in HOSTILE.iter().enumerate() {
            if number as usize % HOSTILE.len() == place {
                let escaped: String = text.bytes().map(|b| format!("\\{b:03}")).collect();
                one.name = HostName::from_text(&format!("{escaped}.example")).unwrap();
                one.rulings[0].category = Category::ALL[place % Category::ALL.len()];
            }
        }
        written.push(one);
    }
    let changes: Vec<Change> = written.iter().cloned().map(Change::Match).collect();
    writer.apply(&changes).unwrap();
    writer.apply(&changes).unwrap();
    let mut read: Vec<_> = writer.snapshot(at(0), at(0)).unwrap().waiting;
    read.sort_by_key(|seen| seen.matched.id);
    assert_eq!(read.len(), 200);
    for (seen, one) in read.into_iter().zip(written) {
        assert_eq!(seen.matched, one);
        assert_eq!((seen.rung, seen.bytes), (one.first_rung(), 0));
        assert_eq!((seen.attribution, seen.weight), (None, None));
    }
}

#[test]
fn every_answer_comes_back_in_the_match_and_in_the_case() {
    let mut writer = RecordWriter::in_memory().unwrap();
    let weights = [
        Weight::Case(Severity::P1),
        Weight::Case(Severity::P2),
        Weight::Case(Severity::P3),
        Weight::Trend,
        Weight::Technical,
        Weight::Unmonitored,
    ];
    let answers = answers();
    assert_eq!(answers.len(), 6 + 6 * HOSTILE.len());
    for ((number, answer), weight) in (1..).zip(answers).zip(weights.into_iter().cycle()) {
        let attribution = attributed(answer);
        let id = MatchId::from_u128(number);
        let mut case = Incident { matches: vec![id], ..incident(number) };
        case.attribution = attribution.clone();
        let attributed =
            Change::Attributed { id, at: at(20), attribution: attribution.clone(), weight };
        let changes = [Change::Match(matched(number)), attributed, Change::Incident(case.clone())];
        writer.apply(&changes).unwrap();
        writer.apply(&changes).unwrap();
        let open = writer.snapshot(at(0), at(0)).unwrap().incidents;
        let found = open.into_iter().find(|open| open.incident.id == case.id).unwrap();
        assert_eq!(found.incident, case);
        assert_eq!(found.matches.len(), 1);
        assert_eq!(found.matches[0].matched, matched(number));
        assert_eq!(found.matches[0].attribution.as_ref(), Some(&attribution));
        assert_eq!(found.matches[0].weight, Some(weight));
    }
    assert!(writer.snapshot(at(0), at(0)).unwrap().waiting.is_empty());
}

#[test]
fn progress_is_kept_step_by_step_and_the_highest_rung_stands() {
    let mut writer = RecordWriter::in_memory().unwrap();
    let id = MatchId::from_u128(1);
    let step =
        |rung, seconds, bytes| Progress { id, rung, at: at(seconds), bytes, by_filter: false };
    let steps = [
        step(Rung::Answered, 2, 0),
        step(Rung::Loaded, 3, 70_000),
        Progress { by_filter: true, ..step(Rung::Refused, 4, u64::MAX) },
    ];
    let stray = Progress { id: MatchId::from_u128(99), ..steps[0] };
    writer.apply(&[Change::Match(matched(1))]).unwrap();
    for progress in [steps[1], steps[0], steps[2], steps[1], stray] {
        writer.apply(&[Change::Progress(progress)]).unwrap();
    }
    let waiting = writer.snapshot(at(0), at(0)).unwrap().waiting;
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].rung, Rung::Loaded);
    // SQLite has no unsigned numbers: the last bit is given up.
    let kept = Progress { bytes: i64::MAX as u64, ..steps[2] };
    assert_eq!(waiting[0].progress, [steps[0], steps[1], kept]);
}

#[test]
fn every_phase_and_revision_comes_back() {
    let (_folder, path) = file();
    let mut writer = RecordWriter::open(&path).unwrap();
    let by = PersonId::new(HOSTILE[0]);
    let mut phases = vec![Phase::Open, Phase::Taken { by: by.clone(), at: at(90) }];
    phases.extend(Outcome::ALL.map(|outcome| Phase::Closed {
        by: by.clone(),
        at: at(91),
        outcome,
    }));
    phases.push(Phase::Withdrawn { at: at(92) });
    let mut written = Vec::new();
    for ((revision, phase), severity) in
        (1..).zip(phases).zip([Severity::P3, Severity::P2, Severity::P1].into_iter().cycle())
    {
        written.push(Incident { revision, phase, severity, ..incident(5) });
    }
    for one in &written {
        writer.apply(&[Change::Incident(one.clone())]).unwrap();
    }
    let reader = RecordReader::open(&path).unwrap();
    let id = written[0].id;
    assert_eq!(reader.revisions(id).unwrap(), written);
    assert_eq!(reader.incident(id).unwrap().as_ref(), written.last());
    assert_eq!(reader.incident_by_code("HEDGE-42").unwrap().as_ref(), written.last());
    assert_eq!(reader.incident_by_code("HEDGE 42").unwrap().as_ref(), written.last());
    for code in ["hedge 42", "", "HEDGE 43", "' OR 1=1 --"] {
        assert_eq!(reader.incident_by_code(code).unwrap(), None, "{code}");
    }
}

#[test]
fn a_case_of_before_a_proof_was_spoken_of_reads_and_is_written_again_as_it_was() {
    let (_folder, path) = file();
    let mut writer = RecordWriter::open(&path).unwrap();
    let cases = [1, 2].map(incident);
    assert_eq!(cases.each_ref().map(|case| case.exception_unproven), [true, false]);
    writer.apply(&cases.clone().map(Change::Incident)).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    let holding = "SELECT count(*) FROM revision WHERE content LIKE '%exception_unproven%'";
    let count = || other.query_row(holding, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count(), 1, "where there is nothing to say the text is that of before");
    writer.apply(&cases.clone().map(Change::Incident)).unwrap();
    let read = RecordReader::open(&path).unwrap();
    assert_eq!(cases.each_ref().map(|case| read.incident(case.id).unwrap().unwrap()), cases);
}

#[test]
fn a_revision_is_never_rewritten() {
    let mut writer = RecordWriter::in_memory().unwrap();
    writer.apply(&[Change::Incident(incident(5))]).unwrap();
    writer.apply(&[Change::Incident(incident(5))]).unwrap();
    let other = Incident { severity: Severity::P3, ..incident(5) };
    let refused = writer.apply(&[Change::Incident(other)]).unwrap_err();
    assert!(matches!(refused, StoreError::RevisionTaken { revision: 1, .. }), "{refused}");
    assert_eq!(writer.snapshot(at(0), at(0)).unwrap().incidents[0].incident, incident(5));
    assert_eq!(writer.audit_verify().unwrap().rows, 1);
}

#[test]
fn of_two_cases_with_the_same_words_the_open_one_is_meant() {
    let (_folder, path) = file();
    let mut writer = RecordWriter::open(&path).unwrap();
    let early = incident(1);
    let late = Incident { revised_at: at(900), ..incident(2) };
    let changes = [
        Change::Incident(early.clone()),
        Change::Incident(late.clone()),
        Change::Incident(closed(late, at(999), Outcome::Accident)),
    ];
    writer.apply(&changes).unwrap();
    let reader = RecordReader::open(&path).unwrap();
    assert_eq!(reader.incident_by_code("HEDGE-42").unwrap(), Some(early));
}

#[test]
fn every_letter_and_delivery_comes_back_byte_for_byte() {
    let (_folder, path) = file();
    let mut writer = RecordWriter::open(&path).unwrap();
    let mut number = 0;
    let mut written = Vec::new();
    for reason in Reason::ALL {
        for to_role in Duty::ALL {
            number += 1;
            let mut one = letter(number, (number % 2 == 0).then_some(5));
            (one.reason, one.to_role) = (reason, to_role);
            one.body = HOSTILE[number as usize % HOSTILE.len()].into();
            one.message = (0..=255).collect();
            written.push(one);
        }
    }
    let deliveries = [
        Delivery::Waiting,
        Delivery::Accepted { at: at(61) },
        Delivery::Deferred { tries: 3, until: at(90) },
        Delivery::Refused { at: at(62) },
    ];
    for (one, delivery) in written.iter().zip(deliveries.into_iter().cycle()) {
        writer.apply(&[Change::Letter(one.clone())]).unwrap();
        writer.apply(&[Change::Delivery { id: one.id, delivery }]).unwrap();
    }
    let about: Vec<_> = written
        .iter()
        .cloned()
        .zip(deliveries.into_iter().cycle())
        .filter(|(l, _)| l.incident.is_some())
        .collect();
    let reader = RecordReader::open(&path).unwrap();
    assert_eq!(reader.letters(incident(5).id).unwrap(), about);
    let unsent = |(_, delivery): &(_, Delivery)| {
        matches!(delivery, Delivery::Waiting | Delivery::Deferred { .. })
    };
    let unsent = written.iter().zip(deliveries.into_iter().cycle()).filter(unsent).count();
    assert_eq!(reader.letters_waiting_count().unwrap(), unsent as u64);
    let snapshot = writer.snapshot(at(0), at(0)).unwrap();
    assert_eq!(snapshot.unsent.len(), unsent);
    let lists = written.iter().filter(|letter| letter.incident.is_none()).count();
    assert_eq!(snapshot.lists.len(), lists);
}

#[test]
fn a_letter_made_again_after_a_crash_stays_as_it_was_and_is_not_sent_twice() {
    let mut writer = RecordWriter::in_memory().unwrap();
    let first = letter(1, Some(5));
    let accepted = Delivery::Accepted { at: at(70) };
    writer.apply(&[Change::Letter(first.clone())]).unwrap();
    writer.apply(&[Change::Delivery { id: first.id, delivery: accepted }]).unwrap();
    let again = facts::Letter { message: b"other".to_vec(), ..first.clone() };
    let late = Delivery::Deferred { tries: 1, until: at(80) };
    let changes = [Change::Letter(again), Change::Delivery { id: first.id, delivery: late }];
    writer.apply(&changes).unwrap();
    assert!(writer.due_letters(at(1_000), 10).unwrap().is_empty());
    assert_eq!(writer.next_letter_due().unwrap(), None);
    assert_eq!(writer.audit_verify().unwrap().rows, 2);
    let stored = crate::outbox::about(writer.connection(), incident(5).id).unwrap();
    assert_eq!(stored, [(first, accepted)]);
}

#[test]
fn the_letter_longest_due_is_sent_first() {
    let mut writer = RecordWriter::in_memory().unwrap();
    for (number, due) in [(1, 50), (2, 10), (3, 30), (4, 10), (5, 99)] {
        let one = facts::Letter { due: at(due), ..letter(number, None) };
        writer.apply(&[Change::Letter(one)]).unwrap();
    }
    let deferred = Delivery::Deferred { tries: 1, until: at(40) };
    writer.apply(&[Change::Delivery { id: LetterId::from_u128(2), delivery: deferred }]).unwrap();
    let due = |now, limit| -> Vec<u128> {
        let due = writer.due_letters(at(now), limit).unwrap();
        due.into_iter().map(|(letter, _)| letter.id.as_u128()).collect()
    };
    assert_eq!(due(60, 10), [4, 3, 2, 1]);
    assert_eq!(due(60, 2), [4, 3]);
    assert_eq!(due(9, 10), [0_u128; 0]);
    assert_eq!(writer.next_letter_due().unwrap(), Some(at(10)));
}

#[test]
fn claims_decisions_and_people_come_back() {
    let (_folder, path) = file();
    let mut writer = RecordWriter::open(&path).unwrap();
    let claims = claims();
    let changes: Vec<Change> = claims.iter().cloned().map(Change::Claim).collect();
    writer.apply(&changes).unwrap();
    writer.apply(&changes).unwrap();
    let month = Span::hours(30 * 24);
    for (number, when) in [(1, at(0) - month - Span::seconds(1)), (2, at(0) - month), (3, at(0))] {
        let change = Change::DecisionApplied { id: DecisionId::from_u128(number), at: when };
        writer.apply(&[change.clone(), change]).unwrap();
    }
    writer.apply(&[Change::People(claims_people())]).unwrap();
    writer.apply(&[Change::People(people())]).unwrap();
    let snapshot = writer.snapshot(at(0), at(0)).unwrap();
    assert_eq!(snapshot.claims, claims);
    assert_eq!(snapshot.decided, [DecisionId::from_u128(2), DecisionId::from_u128(3)]);
    let late: Vec<_> = claims.iter().filter(|claim| claim.at >= at(10)).cloned().collect();
    assert!(late.len() < claims.len());
    assert_eq!(writer.snapshot(at(0), at(10)).unwrap().claims, late);
    let reader = RecordReader::open(&path).unwrap();
    assert_eq!(reader.people().unwrap(), people());
    assert_eq!(reader.claims(at(0)).unwrap(), claims);
    assert_eq!(reader.claims(at(10)).unwrap(), late);
}

fn claims_people() -> Vec<facts::Person> {
    let mut people = people();
    people.reverse();
    people[0].display = HOSTILE[0].into();
    people
}

#[test]
fn counts_are_added_up_by_day_and_a_match_forgotten_twice_counts_once() {
    let (_folder, path) = file();
    let mut writer = RecordWriter::open(&path).unwrap();
    let trend = |seconds, category, count| Change::Trend { at: at(seconds), category, count };
    let forget =
        |number, counted| Change::Forget { id: MatchId::from_u128(number), at: at(30), counted };
    let changes = [
        trend(0, Category::C17, 2),
        trend(7_200, Category::C17, 3),
        trend(86_400, Category::C17, 5),
        Change::Match(matched(1)),
        Change::Match(matched(2)),
        forget(1, Some(Category::C08)),
        forget(1, Some(Category::C08)),
        forget(2, None),
    ];
    writer.apply(&changes).unwrap();
    let midnight = at(-8 * 3_600);
    let reader = RecordReader::open(&path).unwrap();
    let trends = reader.trends(midnight, midnight + Span::hours(48)).unwrap();
    let rows: Vec<_> = trends.iter().map(|t| (t.day, t.category, t.count)).collect();
    let tomorrow = midnight + Span::hours(24);
    let expected =
        [(midnight, Category::C08, 1), (midnight, Category::C17, 5), (tomorrow, Category::C17, 5)];
    assert_eq!(rows, expected);
    assert!(writer.snapshot(at(0), at(0)).unwrap().waiting.is_empty());
}

#[test]
fn coverage_is_added_to_its_hour_and_the_newest_packet_stands() {
    let (_folder, path) = file();
    let mut writer = RecordWriter::open(&path).unwrap();
    let report = |seconds, last: Option<i64>, devices| {
        Change::Coverage(Coverage {
            at: at(seconds),
            last_packet: last.map(at),
            packets: 10,
            bytes: 1_000,
            kernel_drops: 1,
            readable: 4,
            unreadable: 2,
            devices,
        })
    };
    let health = |seconds, kind: &str, figure| Health {
        at: at(seconds),
        kind: kind.into(),
        sentence: "The switch was silent.".into(),
        figure,
    };
    let started = health(0, "started", None);
    let gap = health(5, "gap", Some(40));
    let changes = [
        report(1, None, 3),
        report(2, Some(2), 61),
        report(3, None, 60),
        report(3_600, None, 1),
        Change::Health(started.clone()),
        Change::Health(gap.clone()),
    ];
    writer.apply(&changes).unwrap();
    let reader = RecordReader::open(&path).unwrap();
    let hours = reader.coverage(at(0), at(7_200)).unwrap();
    assert_eq!(hours.len(), 2);
    assert_eq!(
        (hours[0].hour, hours[0].reported_at, hours[0].last_packet),
        (at(0), at(3), Some(at(2)))
    );
    assert_eq!((hours[0].packets, hours[0].kernel_drops, hours[0].devices), (30, 3, 61));
    assert_eq!((hours[0].readable, hours[0].unreadable, hours[0].bytes), (12, 6, 3_000));
    let state = reader.state().unwrap();
    assert_eq!(state.last_packet, Some(at(2)));
    assert_eq!(state.hour, Some(hours[1]));
    assert_eq!((state.started, state.stopped), (Some(at(0)), None));
    assert_eq!(reader.health(at(0), at(5)).unwrap(), [started]);
    assert_eq!(reader.health(at(1), at(6)).unwrap(), [gap]);
}

#[test]
fn an_attribution_is_revised_and_never_edited() {
    let mut writer = RecordWriter::in_memory().unwrap();
    let id = MatchId::from_u128(1);
    let change = |seconds, answer| Change::Attributed {
        id,
        at: at(seconds),
        attribution: attributed(answer),
        weight: Weight::Case(Severity::P2),
    };
    let first = || Answer::Proven(candidate("a.pupil", Some(Role::Pupil)));
    writer.apply(&[Change::Match(matched(1)), change(1, first()), change(2, first())]).unwrap();
    writer.apply(&[change(3, Answer::DeviceOnly), change(4, first())]).unwrap();
    let revisions: i64 = writer
        .connection()
        .query_row("SELECT count(*) FROM attribution", [], |row| row.get(0))
        .unwrap();
    assert_eq!(revisions, 3);
    let waiting = writer.snapshot(at(0), at(0)).unwrap().waiting;
    assert_eq!(waiting[0].attribution, Some(attributed(first())));
}

#[test]
fn a_match_that_left_its_case_waits_again() {
    let mut writer = RecordWriter::in_memory().unwrap();
    let two = [Change::Match(matched(1)), Change::Match(matched(2)), Change::Incident(incident(5))];
    writer.apply(&two).unwrap();
    assert!(writer.snapshot(at(0), at(0)).unwrap().waiting.is_empty());
    let one = Incident { revision: 2, matches: vec![MatchId::from_u128(2)], ..incident(5) };
    writer.apply(&[Change::Incident(one)]).unwrap();
    let waiting = writer.snapshot(at(0), at(0)).unwrap().waiting;
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].matched, matched(1));
}

#[test]
fn a_match_of_a_withdrawn_case_waits_again_unless_another_case_holds_it() {
    let mut writer = RecordWriter::in_memory().unwrap();
    let withdrawn = Phase::Withdrawn { at: at(80) };
    let other = Incident { matches: vec![MatchId::from_u128(2)], ..incident(6) };
    let changes = [
        Change::Match(matched(1)),
        Change::Match(matched(2)),
        Change::Incident(incident(5)),
        Change::Incident(Incident { revision: 2, phase: withdrawn, ..incident(5) }),
        Change::Incident(other),
    ];
    writer.apply(&changes).unwrap();
    let waiting = writer.snapshot(at(0), at(0)).unwrap().waiting;
    assert_eq!(waiting.iter().map(|seen| &seen.matched).collect::<Vec<_>>(), [&matched(1)]);
}

#[test]
fn the_installation_key_is_made_once_and_differs_elsewhere() {
    let (_folder, path) = file();
    let first = RecordWriter::open(&path).unwrap().installation_key();
    assert_eq!(RecordWriter::open(&path).unwrap().installation_key(), first);
    assert_eq!(RecordReader::open(&path).unwrap().installation_key().unwrap(), first);
    assert_ne!(RecordWriter::in_memory().unwrap().installation_key(), first);
    assert_ne!(first, [0; 32]);
}

#[test]
fn a_child_part_is_never_widened_by_a_second_seat() {
    let (_folder, path) = file();
    let mut writer = RecordWriter::open(&path).unwrap();
    let seats = vec![seat("lead", View::Whole), seat("lead", View::ChildPart)];
    writer.apply(&[Change::Incident(Incident { seats, ..incident(5) })]).unwrap();
    let reader = RecordReader::open(&path).unwrap();
    let (_, view) = reader.incident_for(&PersonId::new("lead"), incident(5).id).unwrap().unwrap();
    assert_eq!(view, View::ChildPart);
}
