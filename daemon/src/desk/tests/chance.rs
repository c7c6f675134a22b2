//! Days made by chance: what must hold whatever happens, and that a kill changes nothing.

use std::collections::BTreeSet;

use facts::{Act, Answer, IncidentId, Outcome, PersonId, Phase, Role, Rung, Severity, Span};
use store::Change;

use super::super::people::People;
use super::super::subject::Subject;
use super::day::{ADULT_SITE, Day, LIST, TODAY, URGENT, class, one_of, pupil, staff};
use super::school::{EVERYBODY, candidate, people};

/// How many days are made: few where every run must be short, more where
/// `WARDLINE_DAYS` asks for them.
fn days(usual: u64) -> std::ops::Range<u64> {
    let asked = std::env::var("WARDLINE_DAYS").ok().and_then(|text| text.parse().ok());
    0..asked.unwrap_or(usual)
}

/// A small generator of numbers: the same seed, the same day.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        // Knuth's multiplier for a linear congruential generator of 64 bits.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

fn answers() -> Vec<Answer> {
    let pupil_or = |account: &str| {
        one_of(vec![candidate("a.pupil", Some(Role::Pupil)), candidate(account, Some(Role::Staff))])
    };
    vec![
        pupil("a.pupil"),
        pupil("b.pupil"),
        class(),
        staff("t.staff"),
        staff("a.lead"),
        staff("c.head"),
        staff("e.chair"),
        Answer::DeviceOnly,
        Answer::Proven(candidate("x", None)),
        Answer::ProvenShared(candidate("master", Some(Role::Admin))),
        pupil_or("t.staff"),
        pupil_or("c.head"),
        pupil_or("a.lead"),
    ]
}

const DEVICES: [&str; 4] = ["10.1.0.7", "10.1.0.8", "10.1.0.9", "2001:db8::7"];
const NAMES: [&str; 4] = [URGENT, ADULT_SITE, TODAY, LIST];
const PEOPLE: [&str; 9] =
    ["lead", "deputy", "head", "acting", "chair", "vice", "outside", "tech", "governor"];

/// One thing that happens. The same numbers make the same thing, whatever the desk did.
fn happen(day: &mut Day, chance: &mut Chance) {
    let device = chance.of(&DEVICES);
    let name = chance.of(&NAMES);
    let answer = chance.of(&answers());
    let (person, other) = (chance.of(&PEOPLE), chance.of(&PEOPLE));
    let (act, nth) = (chance.below(4), chance.below(1_000));
    match chance.below(12) {
        0..=2 => {
            day.load(device, name);
        }
        3 | 4 => {
            day.hello(device, name);
        }
        5 => {
            day.look_up(device, name);
        }
        6 | 7 => day.learns(device, answer),
        8 => {
            let open = day.incidents.values().filter(|case| case.phase == Phase::Open);
            let found = open.flat_map(|case| case.matches.clone()).collect::<BTreeSet<_>>();
            if let Some(id) = found.iter().nth(nth % found.len().max(1)) {
                day.reaches(*id, Rung::Stayed);
            }
        }
        9 | 10 => {
            let cases: Vec<IncidentId> = day.incidents.keys().copied().collect();
            let Some(id) = cases.get(nth % cases.len().max(1)).copied() else { return };
            let to = PersonId::new(other);
            let act = match act {
                0 => Act::Seen,
                1 => Act::Taken { for_person: (nth % 2 == 0).then_some(to) },
                2 => Act::HandedOver { to, note: "Please.".into() },
                _ => {
                    let (done, told, record) = ("a".into(), "b".into(), "c".into());
                    Act::Closed { outcome: Outcome::Curiosity, done, told, record }
                }
            };
            day.decides(id, person, act);
        }
        _ => {
            let about = day.letters.iter().filter(|letter| letter.incident.is_some());
            let ids: BTreeSet<_> = about.map(|letter| letter.id).collect();
            if let Some(id) = ids.iter().nth(nth % ids.len().max(1)) {
                day.refuse(*id);
            }
        }
    }
}

fn play(seed: u64, steps: usize, kill: bool) -> Day {
    let mut day = Day::begins("2026-11-19 09:00");
    let mut chance = Chance(seed);
    let mut kills = Chance(seed ^ 0xfeed);
    for _ in 0..steps {
        let next = day.now + Span::seconds(chance.below(1_200) as i64);
        day.until_moment(next);
        if kill && kills.below(3) == 0 {
            day.restart();
        }
        happen(&mut day, &mut chance);
    }
    day.ends();
    day
}

/// What must hold after any day.
fn check(day: &Day, people: &People, seed: u64) {
    let mut subjects = std::collections::BTreeMap::new();
    let mut letters = BTreeSet::new();
    let mut told = BTreeSet::new();
    for change in &day.changes {
        match change {
            Change::Incident(incident) => {
                let subject = Subject::of(&incident.attribution.answer, people);
                for seat in &incident.seats {
                    assert!(!subject.excludes(&seat.person), "seed {seed}: a subject has a seat");
                    assert_ne!(seat.person.as_str(), "tech", "seed {seed}");
                }
                // A view that is told less than the case is would be a lost alert.
                for telling in incident.tellings.iter().filter(|t| t.phase == Phase::Open) {
                    assert!(telling.severity >= incident.severity, "seed {seed}: told too little");
                }
                subjects.insert(incident.id, subject);
            }
            Change::Letter(letter) => {
                assert!(letters.insert(letter.id), "seed {seed}: one letter twice");
                let Some(id) = letter.incident else { continue };
                told.insert(id);
                let is_subject = subjects[&id].excludes(&letter.to);
                assert!(!is_subject, "seed {seed}: a letter to whom it is about");
            }
            _ => {}
        }
    }
    for case in day.incidents.values() {
        let is_grave = case.severity >= Severity::P2 && case.phase == Phase::Open;
        assert!(!is_grave || told.contains(&case.id), "seed {seed}: nobody was told");
        assert!(!case.seats.is_empty() || matches!(case.phase, Phase::Withdrawn { .. }));
    }
}

#[test]
fn on_no_day_is_the_subject_told_or_a_grave_matter_forgotten() {
    let people = people(EVERYBODY);
    for seed in days(60) {
        check(&play(seed, 40, false), &people, seed);
    }
}

#[test]
fn on_no_day_does_a_kill_lose_a_case_or_a_first_letter() {
    let people = people(EVERYBODY);
    let summary = |day: &Day| -> BTreeSet<String> {
        let cases = day.incidents.values().map(|case| {
            format!(
                "{} {:?} {:?} {:?}",
                case.code, case.severity, case.rung, case.attribution.answer
            )
        });
        cases.collect()
    };
    for seed in days(40) {
        let (whole, killed) = (play(seed, 30, false), play(seed, 30, true));
        check(&killed, &people, seed);
        // The generator picks letters and cases from what there is, so days stay the same
        // only while the desk does the same.
        assert_eq!(summary(&killed), summary(&whole), "seed {seed}");
        assert_eq!(killed.told(), whole.told(), "seed {seed}");
    }
}

/// The day with a change told after every step that changes no answer at all.
fn play_with_empty_changes(seed: u64) -> Day {
    let mut day = Day::begins("2026-11-19 09:00");
    let mut chance = Chance(seed);
    for _ in 0..30 {
        let next = day.now + Span::seconds(chance.below(1_200) as i64);
        day.until_moment(next);
        happen(&mut day, &mut chance);
        let written = day.changes.len();
        day.handle(super::super::Event::Dirty(&|_, _| true));
        assert_eq!(
            day.changes.len(),
            written,
            "seed {seed}: nothing changed and something was written"
        );
    }
    day.ends();
    day
}

#[test]
fn changes_that_change_no_answer_change_nothing_for_the_rest_of_the_day() {
    for seed in days(40) {
        let (plain, asked) = (play(seed, 30, false), play_with_empty_changes(seed));
        assert_eq!(asked.changes, plain.changes, "seed {seed}");
    }
}
