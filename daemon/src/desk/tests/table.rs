//! Who is told, for every subject, every set of candidates and every way to hold duties.

use std::collections::BTreeSet;
use std::fmt::Write;

use facts::{Answer, Candidate, Category, Duty, Reason, Role, Several, Severity, View, Why};

use super::super::climb::{Outlook, Round, Told, first_due, outlook, plan};
use super::super::people::{GuestLine, People, PersonWritten};
use super::super::routing::Route;
use super::super::subject::Subject;
use super::school::{at, calendar, candidate, with_duty, written};

/// Duties that one person may or may not hold together.
const SPREAD: [Duty; 6] =
    [Duty::Lead, Duty::Deputy, Duty::Headteacher, Duty::ActingHead, Duty::Chair, Duty::ViceChair];

/// Every way to give the six duties to people: for each, the number of the person.
fn spreads() -> Vec<[usize; 6]> {
    let mut all = vec![(0, [0; 6])];
    for place in 0..6 {
        all = all
            .into_iter()
            .flat_map(|(used, spread)| {
                (0..=used).map(move |person| {
                    let mut next = spread;
                    next[place] = person;
                    (used.max(person + 1), next)
                })
            })
            .collect();
    }
    all.into_iter().map(|(_, spread)| spread).collect()
}

/// The list of people for one spread, with a conflict of person 0 where one is given.
fn list(spread: [usize; 6], conflict: Option<&str>) -> Vec<PersonWritten> {
    let mut text = String::new();
    let count = spread.iter().max().unwrap() + 1;
    for person in 0..count {
        let duties: Vec<_> = SPREAD
            .iter()
            .zip(spread)
            .filter(|(_, holder)| *holder == person)
            .map(|(duty, _)| format!("\"{}\"", duty.as_str()))
            .collect();
        writeln!(
            text,
            "[[people]]\nid = \"p{person}\"\nname = \"P\"\nmail = \"p{person}@elmrow.example\"\n\
             duties = [{}]\naccounts = [\"p{person}.account\"]",
            duties.join(", ")
        )
        .unwrap();
        if let (0, Some(conflict)) = (person, conflict) {
            writeln!(text, "conflicts = [\"{conflict}\"]").unwrap();
        }
    }
    text.push_str(
        "[[people]]\nid = \"outside\"\nname = \"O\"\nmail = \"o@trust.example\"\n\
         duties = [\"outside\"]\n\
         [[people]]\nid = \"tech\"\nname = \"T\"\nmail = \"t@elmrow.example\"\n\
         duties = [\"technician\"]\naccounts = [\"tech.account\"]\n",
    );
    written(&text)
}

fn candidates(people: &People) -> Vec<Candidate> {
    let mut all = vec![
        candidate("a.pupil", Some(Role::Pupil)),
        candidate("b.pupil", Some(Role::Pupil)),
        candidate("class3b", Some(Role::Class)),
        candidate("t.staff", Some(Role::Staff)),
        candidate("v.volunteer", Some(Role::Volunteer)),
        candidate("guest1", Some(Role::Guest)),
        candidate("master", Some(Role::Admin)),
        candidate("nobody.lists.me", None),
    ];
    for person in people.list().iter().filter(|person| !person.duties.contains(&Duty::Outside)) {
        all.push(candidate(&format!("{}.account", person.id.as_str()), Some(Role::Staff)));
    }
    all.extend(Duty::ALL.map(|duty| with_duty(&format!("dir.{}", duty.as_str()), duty)));
    all
}

fn answers(people: &People) -> Vec<Answer> {
    let candidates = candidates(people);
    let mut answers = vec![Answer::DeviceOnly, Answer::Unknown(Why::NoDevice)];
    answers.extend(candidates.iter().cloned().map(Answer::Proven));
    for (place, first) in candidates.iter().enumerate() {
        answers.push(perhaps(first.clone()));
        for second in candidates.iter().skip(place + 1) {
            let several = Several::new(vec![first.clone(), second.clone()]).unwrap();
            answers.push(Answer::OneOf(several));
        }
    }
    answers
}

/// This account, or somebody of whom nothing is known.
fn perhaps(candidate: Candidate) -> Answer {
    Answer::OneOf(Several::or_unknown(vec![candidate]).unwrap())
}

/// What must hold for every case, whoever it is about.
fn check(people: &People, answer: &Answer, category: Category) {
    let subject = Subject::of(answer, people);
    let route = Route::of(&subject, category, people);
    let context = || format!("{answer:?} {category:?} {:?}", people.list());
    let mut persons = BTreeSet::new();
    for part in route.parts() {
        assert!(!part.line.is_empty(), "nobody: {}", context());
        for called in &part.line {
            assert!(persons.insert(called.person.clone()), "twice: {}", context());
            assert!(!subject.excludes(&called.person), "subject: {}", context());
            let person = people.person(&called.person).unwrap();
            assert!(person.duties.contains(&called.duty), "{}", context());
            assert!(!person.duties.contains(&Duty::Technician), "technician: {}", context());
            for candidate in answer.candidates() {
                assert!(!people.behind(candidate).contains(&called.person), "{}", context());
            }
        }
        assert!(part.line[0].seated, "{}", context());
    }
    let wholes = route.parts().iter().filter(|part| part.view == View::Whole).count();
    assert_eq!(wholes, 1, "exactly one view is whole: {}", context());
    assert!(!answer.leaves_open() || subject.may_be_child(), "{}", context());
    let governors = [Duty::Chair, Duty::ViceChair];
    if subject.most_protected_adult().is_none() {
        let in_line = |duty| route.parts()[0].line.iter().any(|called| called.duty == duty);
        assert!(!governors.into_iter().any(in_line), "a child's case: {}", context());
    }
}

#[test]
fn whoever_it_is_about_is_never_told_and_nobody_is_never_the_answer() {
    let mut lists = 0;
    let mut cases = 0;
    for (number, spread) in spreads().into_iter().enumerate() {
        let conflicts = [None, Some("p1"), Some("a.pupil"), Some("tech")];
        let conflict = conflicts[number % conflicts.len()];
        for conflict in [None, conflict] {
            for guests in [GuestLine::Headteacher, GuestLine::Lead] {
                let Ok(people) = People::read(&list(spread, conflict), guests) else { continue };
                lists += 1;
                for answer in answers(&people) {
                    for category in [Category::C01, Category::C14] {
                        check(&people, &answer, category);
                        cases += 1;
                    }
                }
            }
        }
    }
    assert!(lists > 200 && cases > 100_000, "{lists} lists, {cases} cases");
}

/// Lets a case climb with nobody answering: who is told, in groups, with the minutes
/// since the first letter.
fn climbs(people: &People, answer: &Answer, category: Category, severity: Severity) -> String {
    let (calendar, seen) = (calendar(), at("2026-11-19 10:00"));
    let route = Route::of(&Subject::of(answer, people), category, people);
    let mut columns = Vec::new();
    for part in route.parts() {
        if severity == Severity::P3 {
            columns.push(format!("end of day: {}", part.line[0].person.as_str()));
            continue;
        }
        let start = first_due(severity, seen, &calendar);
        let round = Round { severity, start, opening: Reason::First, first: None };
        let steps = plan(&round, part, &calendar);
        let (mut now, mut told, mut said) = (start, Vec::new(), Vec::new());
        loop {
            match outlook(&round, &steps, part, &told, now) {
                Outlook::Exhausted => break,
                Outlook::Later(at) => now = at,
                Outlook::Now(people) => {
                    let names: Vec<_> = people.iter().map(|(c, _)| c.person.as_str()).collect();
                    let distinct: BTreeSet<_> = names.iter().collect();
                    assert_eq!(distinct.len(), names.len(), "two letters to one person at once");
                    let minutes = now.since(start).as_seconds() / 60;
                    said.push(format!("+{minutes} {}", names.join(" and ")));
                    told.extend(people.iter().map(|(called, _)| Told {
                        person: called.person.clone(),
                        due: now,
                        severity,
                        refused: false,
                    }));
                }
            }
        }
        let view = if part.view == View::ChildPart { "child's part: " } else { "" };
        columns.push(format!("{view}{}", said.join("; ")));
    }
    columns.join(" // ")
}

fn subjects() -> Vec<(&'static str, Answer)> {
    let one = |account: &str, role| Answer::Proven(candidate(account, role));
    let two = |a: Candidate, b: Candidate| Answer::OneOf(Several::new(vec![a, b]).unwrap());
    let pupil = || candidate("a.pupil", Some(Role::Pupil));
    let staff = |account: &str| candidate(account, Some(Role::Staff));
    vec![
        ("a pupil", one("a.pupil", Some(Role::Pupil))),
        ("a class account", Answer::ProvenShared(candidate("class3b", Some(Role::Class)))),
        ("a device only", Answer::DeviceOnly),
        ("nobody known", Answer::Unknown(Why::NoDevice)),
        ("an account that no list holds", one("x", None)),
        ("a member of staff", one("t.staff", Some(Role::Staff))),
        ("a guest", one("guest1", Some(Role::Guest))),
        ("a governor", one("x.gov", Some(Role::Governor))),
        ("the lead", one("a.lead", Some(Role::Staff))),
        ("the deputy", one("b.deputy", Some(Role::Staff))),
        ("the Headteacher", one("c.head", Some(Role::Staff))),
        ("the acting head", one("d.acting", Some(Role::Staff))),
        ("the Chair", one("e.chair", Some(Role::Governor))),
        ("the Vice-Chair", one("f.vice", Some(Role::Governor))),
        ("the technician", one("h.tech", Some(Role::Staff))),
        ("the shared administrator account", one("master", Some(Role::Admin))),
        ("one of two pupils", two(pupil(), candidate("b.pupil", Some(Role::Pupil)))),
        ("a pupil or a member of staff", two(pupil(), staff("t.staff"))),
        ("perhaps a member of staff", perhaps(staff("t.staff"))),
        ("perhaps the Headteacher", perhaps(staff("c.head"))),
        ("a pupil or the Headteacher", two(pupil(), staff("c.head"))),
        ("a pupil or the lead", two(pupil(), staff("a.lead"))),
        ("the Headteacher or the Chair", two(staff("c.head"), staff("e.chair"))),
    ]
}

/// Schools that hold their duties differently.
fn schools() -> Vec<(&'static str, String)> {
    let everybody = super::school::EVERYBODY.to_owned();
    let without = |text: &str, id: &str| -> String {
        let parts = text.split("[[people]]").filter(|p| !p.contains(&format!("id = \"{id}\"")));
        parts.collect::<Vec<_>>().join("[[people]]")
    };
    let give = |text: String, from: &str, to: &str| {
        text.replace(&format!("duties = [\"{from}\"]"), &format!("duties = [{to}]"))
    };
    let small = without(&without(&without(&everybody, "lead"), "acting"), "vice");
    vec![
        ("Nine people, one duty each", everybody.clone()),
        (
            "The Headteacher is also the lead; no acting head, no Vice-Chair",
            give(small, "headteacher", "\"headteacher\", \"lead\"")
                .replace("\"c.head\"", "\"c.head\", \"a.lead\""),
        ),
        (
            "The lead is also the acting head, and married to the Headteacher",
            give(without(&everybody, "acting"), "lead", "\"lead\", \"acting_head\"").replace(
                "accounts = [\"a.lead\"]",
                "accounts = [\"a.lead\"]\nconflicts = [\"head\"]",
            ),
        ),
    ]
}

#[test]
fn the_table_of_who_is_told_is_the_committed_one() {
    let mut text = String::from(
        "# Who is told when nobody answers\n\nMade by the test of the same name. Thursday, seen \
         at 10:00, home time 15:15; minutes since the\nfirst letter. `//` parts the views of one \
         case.\n",
    );
    for (school, list) in schools() {
        let people = People::read(&written(&list), GuestLine::default()).unwrap();
        writeln!(text, "\n## {school}\n\n| about | theme | P1 | P2 | P3 |\n|---|---|---|---|---|")
            .unwrap();
        for (about, answer) in subjects() {
            for (theme, category) in [("welfare", Category::C01), ("other", Category::C14)] {
                let cell = |severity| climbs(&people, &answer, category, severity);
                let [p1, p2, p3] = [Severity::P1, Severity::P2, Severity::P3].map(cell);
                writeln!(text, "| {about} | {theme} | {p1} | {p2} | {p3} |").unwrap();
            }
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/desk/tests/who_is_told.md");
    if std::env::var_os("WARDLINE_WRITE_GOLDEN").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(text == committed, "the table changed: run with WARDLINE_WRITE_GOLDEN=1 and read it");
}
