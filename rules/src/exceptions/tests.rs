//! Exceptions: who is covered and who is not, to the minute, and what can not be written.

use facts::{
    Candidate, Category, Confidence, HostName, PersonId, Profile, Role, RuleId, Ruling, Rung,
    Severity, Timestamp, UserName, Weight,
};

use crate::{Calendar, Circumstances, Exceptions, Reading, RuleSet, Signatory, Source, Times};

const TOYS: &str = r#"
[[exception]]
topic = "Games of chance"
reason = "Probability, unit 4: pupils compare the odds that sites advertise."
categories = ["C14"]
groups = ["3B"]
from = "2026-11-16 09:00"
until = "2026-11-20 15:15"
asked_by = "teacher"
approved_by = "deputy"
"#;

fn people() -> Vec<Signatory> {
    let person = |id: &str, may_approve, not_with: &[&str]| Signatory {
        id: PersonId::new(id),
        may_approve,
        not_with: not_with.iter().map(|id| PersonId::new(id)).collect(),
    };
    vec![
        person("teacher", false, &[]),
        person("deputy", true, &[]),
        person("lead", true, &["partner"]),
        person("partner", true, &[]),
        person("it", false, &[]),
    ]
}

fn calendar() -> Calendar {
    Calendar::parse("breaks = [{ from = \"12:00\", to = \"13:00\" }]").unwrap()
}

fn read(text: &str) -> Result<Exceptions, Vec<String>> {
    let rules = RuleSet::builtin().unwrap().set;
    let reading = Reading { rules: &rules, calendar: &calendar(), people: &people() };
    let source = Source { file: "exceptions.toml".into(), text: text.trim_start().into() };
    reading.read(&source).map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

fn rules(text: &str) -> RuleSet {
    let exceptions = read(text).unwrap_or_else(|faults| panic!("{faults:#?}"));
    RuleSet::builtin().unwrap().set.with_exceptions(exceptions)
}

fn pupil(account: &str, group: &str) -> Candidate {
    Candidate {
        account: UserName::new(account),
        role: Some(Role::Pupil),
        duties: Vec::new(),
        year: Some("Year 3".into()),
        group: Some(group.into()),
        display: None,
        one_sided: false,
    }
}

fn at(text: &str) -> Timestamp {
    calendar().at_written(text).unwrap()
}

fn seen<'a>(moment: &str, pupil: Option<&'a Candidate>) -> Circumstances<'a> {
    let at = at(moment);
    let times = calendar().times(at);
    Circumstances { at, times, pupil, ..Circumstances::of_one(Profile::Ks2, Rung::Loaded) }
}

fn ruling(category: Category) -> Ruling {
    let rule = RuleId::new(&format!("{}/own/x", category.code()));
    Ruling { rule, category, confidence: Confidence::Curated }
}

const LIST: Weight = Weight::Case(Severity::P3);

#[test]
fn the_class_is_covered_to_the_minute_and_everybody_else_is_not() {
    let rules = rules(TOYS);
    let (inside, outside) = (pupil("a.pupil", " 3b "), pupil("b.pupil", "3A"));
    let weigh = |moment: &str, pupil: Option<&Candidate>| {
        rules.weigh(&[ruling(Category::C14)], &seen(moment, pupil)).unwrap()
    };
    for (moment, expected) in [
        ("2026-11-16 08:59", LIST),
        ("2026-11-16 09:00", Weight::Trend),
        ("2026-11-20 15:14", Weight::Trend),
        ("2026-11-20 15:15", LIST),
    ] {
        assert_eq!(weigh(moment, Some(&inside)).weight, expected, "{moment}");
        assert_eq!(weigh(moment, Some(&outside)).weight, LIST, "{moment}");
        assert_eq!(weigh(moment, None).weight, LIST, "nobody certain, {moment}");
    }
}

#[test]
fn a_covered_match_says_so_in_one_sentence() {
    let inside = pupil("a.pupil", "3B");
    let verdict = rules(TOYS)
        .weigh(&[ruling(Category::C14)], &seen("2026-11-18 10:00", Some(&inside)))
        .unwrap();
    assert_eq!(
        verdict.because,
        "A device loaded a page of a gambling site; for key stage 2 it is only counted, without \
         any person, because the approved exception for the topic \u{201c}Games of \
         chance\u{201d} covers it until Friday 20 November, 15:15."
    );
    assert_eq!(verdict.excepted.as_deref(), Some("Games of chance"));
    assert_eq!(verdict.category, Category::C14, "it is counted where it belongs");
}

#[test]
fn what_else_a_name_is_still_speaks() {
    let inside = pupil("a.pupil", "3B");
    let rules = rules(TOYS);
    let both = [ruling(Category::C14), ruling(Category::C13)];
    let verdict = rules.weigh(&both, &seen("2026-11-18 10:00", Some(&inside))).unwrap();
    assert_eq!((verdict.weight, verdict.category), (Weight::Case(Severity::P2), Category::C13));
    assert_eq!(verdict.excepted, None);
    let counted = [ruling(Category::C19), ruling(Category::C14)];
    let verdict = rules.weigh(&counted, &seen("2026-11-18 10:00", Some(&inside))).unwrap();
    assert_eq!(verdict.excepted.as_deref(), Some("Games of chance"), "never left unsaid");
}

#[test]
fn an_exception_for_lessons_holds_in_lessons() {
    let text = TOYS.replace("asked_by", "during = [\"lessons\"]\nasked_by");
    let (rules, inside) = (rules(&text), pupil("a.pupil", "3B"));
    let weigh = |moment: &str| {
        rules.weigh(&[ruling(Category::C14)], &seen(moment, Some(&inside))).unwrap().weight
    };
    assert_eq!(weigh("2026-11-18 11:59"), Weight::Trend);
    assert_eq!(weigh("2026-11-18 12:00"), LIST, "the break");
    assert_eq!(weigh("2026-11-18 13:00"), Weight::Trend);
    assert_eq!(weigh("2026-11-18 19:00"), LIST);
}

#[test]
fn years_and_accounts_are_known_however_they_are_written() {
    for (whom, covered) in [
        ("years = [\"3\"]", true),
        ("years = [\"Y3\"]", true),
        ("years = [\"year 03\"]", true),
        ("years = [\"13\"]", false),
        ("accounts = [\"A.Pupil\"]", true),
        ("accounts = [\"a.pupil2\"]", false),
    ] {
        let rules = rules(&TOYS.replace("groups = [\"3B\"]", whom));
        let inside = pupil("a.pupil", "3B");
        let verdict =
            rules.weigh(&[ruling(Category::C14)], &seen("2026-11-18 10:00", Some(&inside)));
        assert_eq!(verdict.unwrap().excepted.is_some(), covered, "{whom}");
    }
}

#[test]
fn an_exception_for_names_opens_them_and_nothing_beside_them() {
    let text = TOYS.replace("categories = [\"C14\"]", "names = [\"odds.example\"]");
    let (rules, inside) = (rules(&text), pupil("a.pupil", "3B"));
    for (name, category, expected) in [
        ("odds.example", Category::C14, Weight::Trend),
        ("www.odds.example", Category::C14, Weight::Trend),
        ("odds.example", Category::C13, Weight::Trend),
        ("codds.example", Category::C14, LIST),
        ("example", Category::C14, LIST),
    ] {
        let name = HostName::from_text(name).unwrap();
        let seen =
            Circumstances { name: Some(name.as_name()), ..seen("2026-11-18 10:00", Some(&inside)) };
        assert_eq!(rules.weigh(&[ruling(category)], &seen).unwrap().weight, expected);
    }
}

#[test]
fn what_needs_someone_at_once_is_never_covered_whoever_wrote_what() {
    let inside = pupil("a.pupil", "3B");
    let text = TOYS.replace("categories = [\"C14\"]", "names = [\"odds.example\"]");
    let rules = rules(&text);
    let name = HostName::from_text("odds.example").unwrap();
    for category in Category::ALL {
        for profile in Profile::ALL {
            let uncovered = Circumstances { profile, ..seen("2026-11-18 10:00", None) };
            let covered = Circumstances {
                profile,
                name: Some(name.as_name()),
                ..seen("2026-11-18 10:00", Some(&inside))
            };
            let before = rules.weigh(&[ruling(*category)], &uncovered).unwrap();
            let after = rules.weigh(&[ruling(*category)], &covered).unwrap();
            if before.weight == Weight::Case(Severity::P1) {
                assert_eq!(after.weight, before.weight, "{category:?} {profile:?}");
            }
            assert_eq!(after.excepted.is_some(), after.weight != before.weight);
        }
    }
}

#[test]
fn grave_and_illegal_kinds_can_not_be_written() {
    let refused: Vec<&str> = Category::ALL
        .iter()
        .map(|category| category.code())
        .filter(|code| read(&TOYS.replace("C14", code)).is_err())
        .collect();
    assert_eq!(
        refused,
        ["C01", "C03", "C04", "C05a", "C06a", "C07", "C08", "C09a", "C10a", "C29", "C31"]
    );
}

#[test]
fn names_that_are_protected_or_grave_can_not_be_written() {
    for (name, part) in [
        ("www.childline.org.uk", "is a place of help: nobody is ever told of it"),
        ("omegle.com", "No exception can cover Random video and stranger chat (C05a)"),
        ("co.uk", "is an ending that many sites share"),
        ("https://odds.example/x", "Write \u{201c}odds.example\u{201d}"),
    ] {
        let text = TOYS
            .replace("categories = [\"C14\"]", &format!("names = [\"odds.example\", \"{name}\"]"));
        let faults = read(&text).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:#?}");
        assert!(faults[0].starts_with("exceptions.toml:4:26: exception.names:"), "{}", faults[0]);
        assert!(faults[0].contains(part), "{}", faults[0]);
    }
}

#[test]
fn two_different_people_are_needed_and_the_second_must_be_able_to_judge() {
    for (asked_by, approved_by, part) in [
        ("deputy", "deputy", "The person who asks also approves."),
        ("deputy", "teacher", "holds no safeguarding duty"),
        ("deputy", "it", "holds no safeguarding duty"),
        ("lead", "partner", "declared a conflict"),
        ("partner", "lead", "declared a conflict"),
        ("teacher", "nobody", "is none of the people"),
    ] {
        let text = TOYS
            .replace("asked_by = \"teacher\"", &format!("asked_by = \"{asked_by}\""))
            .replace("approved_by = \"deputy\"", &format!("approved_by = \"{approved_by}\""));
        let faults = read(&text).unwrap_err();
        assert!(faults.len() == 1 && faults[0].contains(part), "{faults:#?}");
        assert!(faults[0].contains(":9:15: exception.approved_by: "), "{}", faults[0]);
    }
}

#[test]
fn all_faults_of_a_file_are_named_at_once_with_line_key_and_mend() {
    let text = "[[exception]]\ntopic = \"\"\nreason = \"why\\nnot\"\ncategories = [\"C99\"]\n\
        from = \"2026-11-20\"\nuntil = 2026-11-20T15:15:30\nduring = [\"lunch\"]\n\
        asked_by = \"x\"\napproved_by = \"deputy\"\n";
    let faults = read(text).unwrap_err();
    let begins: Vec<String> = faults
        .iter()
        .map(|fault| fault.splitn(5, ':').skip(1).take(3).collect::<Vec<_>>().join(":"))
        .collect();
    assert_eq!(
        begins,
        [
            "2:9: exception.topic",
            "3:10: exception.reason",
            "4:15: exception.categories",
            "2:9: exception.groups",
            "5:8: exception.from",
            "6:9: exception.until",
        ],
        "{faults:#?}"
    );
    let people = read(&TOYS.replace("\"2026-11-20 15:15\"", "\"2027-11-20 15:15\"")).unwrap_err();
    assert!(people[0].contains("It lasts longer than a term"), "{people:#?}");
    let backwards =
        read(&TOYS.replace("\"2026-11-20 15:15\"", "\"2026-11-16 09:00\"")).unwrap_err();
    assert!(backwards[0].contains("It ends before it begins."), "{backwards:#?}");
    let misspelt = read(&TOYS.replace("reason", "reasons")).unwrap_err();
    assert!(
        misspelt.len() == 1 && misspelt[0].starts_with("exceptions.toml:3:1: "),
        "{misspelt:?}"
    );
}

#[test]
fn the_clock_that_changes_within_a_period_moves_no_end() {
    let text = TOYS
        .replace("2026-11-16 09:00", "2026-10-19 09:00")
        .replace("2026-11-20 15:15", "2026-11-06 15:15");
    let (rules, inside) = (rules(&text), pupil("a.pupil", "3B"));
    let last = Circumstances { times: Times::default(), ..seen("2026-11-06 15:14", Some(&inside)) };
    let weigh = |seen: &Circumstances<'_>| rules.weigh(&[ruling(Category::C14)], seen).unwrap();
    assert_eq!(weigh(&last).weight, Weight::Trend);
    assert_eq!(weigh(&seen("2026-11-06 15:15", Some(&inside))).weight, LIST);
}

#[test]
fn whoever_asks_about_a_name_is_told_of_the_exception() {
    let rules = rules(TOYS);
    let asked = rules.ceiling("c14.test.wardline.example", Profile::Ks2, false);
    assert_eq!(asked.level, Some("P3"), "for everybody else");
    assert!(
        asked.because.ends_with(
            "For 3B it is only counted from Monday 16 November, 09:00 until Friday 20 November, \
             15:15: an exception for the topic \u{201c}Games of chance\u{201d} was approved by \
             deputy."
        ),
        "{}",
        asked.because
    );
    let other = rules.ceiling("c13.test.wardline.example", Profile::Ks2, false);
    assert!(!other.because.contains("exception"));
    let known = rules.explain("c14.test.wardline.example").unwrap();
    assert_eq!(known.exceptions.len(), 1);
    assert!(known.exceptions[0].contains("asked for by teacher, approved by deputy"));
    assert!(rules.explain("c13.test.wardline.example").unwrap().exceptions.is_empty());
}
