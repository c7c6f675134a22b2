//! The list of people: every fault is named at once, and nobody is never the answer.

use std::collections::BTreeSet;

use facts::{Answer, Candidate, Category, Duty, PersonId, Role, UserName};

use jiff::tz::TimeZone;

use super::super::people::{GuestLine, People};
use super::super::routing::Route;
use super::super::subject::Subject;
use super::school::{EVERYBODY, candidate, people, with_duty, written};
use crate::identity::sources::read_directory;

fn faults(text: &str) -> Vec<(Option<usize>, String)> {
    let faults = People::read(&written(text), GuestLine::default()).unwrap_err();
    let line = |at: usize| text.bytes().take(at).filter(|b| *b == b'\n').count() + 1;
    faults.into_iter().map(|f| (f.span.map(|s| line(s.start)), f.sentence)).collect()
}

#[test]
fn a_full_list_is_read_and_shown_as_the_dashboard_needs_it() {
    let people = people(EVERYBODY);
    assert_eq!(people.list().len(), 9);
    let lead = people.person(&PersonId::new("lead")).unwrap();
    assert_eq!((lead.display.as_str(), lead.duties.as_slice()), ("A. Lead", &[Duty::Lead][..]));
}

#[test]
fn all_faults_of_a_list_are_named_at_once_with_their_lines() {
    let text = r#"[[people]]
id = "lead"
name = "A"
mail = "nowhere"
duties = ["lead", "king"]
accounts = ["one"]
[[people]]
id = "lead"
name = "B"
mail = "b@elmrow.example"
duties = ["technician", "deputy"]
accounts = ["ONE"]
[[people]]
id = "out"
name = "C"
mail = "B@elmrow.example"
duties = ["outside"]
accounts = ["c"]
[[people]]
id = "both"
name = "D"
mail = "d@elmrow.example"
duties = ["chair", "headteacher"]
"#;
    let found: Vec<_> = faults(text).into_iter().map(|(line, _)| line).collect();
    let expected: Vec<_> =
        [4, 5, 8, 12, 8, 16, 14, 20].into_iter().map(Some).collect::<Vec<Option<usize>>>();
    assert_eq!(found, expected);
}

#[test]
fn two_spellings_of_one_mailbox_are_one_inbox() {
    let with = |mail: &str| EVERYBODY.replace("\"chair@elmrow.example\"", &format!("\"{mail}\""));
    for mail in [
        "head@elmrow.example",
        "HEAD+chair@elmrow.example",
        "h.e.a.d@Elmrow.example",
        "\\\"head\\\"@elmrow.example",
        "head@\u{ff45}lmrow.example",
    ] {
        assert_eq!(faults(&with(mail)).len(), 1, "{mail}");
    }
    for mail in
        ["head2@elmrow.example", "head@governors.elmrow.example", "chair+head@elmrow.example"]
    {
        assert!(People::read(&written(&with(mail)), GuestLine::default()).is_ok(), "{mail}");
    }
}

#[test]
fn one_provider_under_two_names_is_one_inbox() {
    let text = EVERYBODY
        .replace("\"head@elmrow.example\"", "\"jo.head@gmail.com\"")
        .replace("\"chair@elmrow.example\"", "\"JoHead@googlemail.com\"");
    assert!(faults(&text)[0].1.contains("has the same mailbox"), "{:?}", faults(&text));
    let everybody = people(EVERYBODY);
    let reading = |from| everybody.reading(from).map(|person| person.id.as_str());
    assert_eq!(reading("Head+wardline@elmrow.example"), Some("head"));
    assert_eq!(reading("wardline@elmrow.example"), None);
}

#[test]
fn a_second_login_with_a_persons_own_name_may_be_that_person_and_a_childs_never_is() {
    let people = people(EVERYBODY);
    let told = |role, name: &str| {
        let second = Candidate { display: Some(name.to_owned()), ..candidate("jhead2", role) };
        let subject = Subject::of(&Answer::Proven(second), &people);
        let route = Route::of(&subject, Category::C08, &people);
        let line = route.parts().iter().flat_map(|part| &part.line);
        line.map(|called| called.person.as_str().to_owned()).collect::<Vec<_>>()
    };
    for role in [Role::Staff, Role::Supply, Role::Governor, Role::Guest] {
        for name in ["C. Head", " c.  HEAD ", "Head, C.", "Mrs Carol Head", "HEAD C (Staff)"] {
            assert_eq!(told(Some(role), name), ["chair", "vice"], "{role:?} {name}");
        }
    }
    for name in ["Somebody Else", "Kim Head"] {
        assert_eq!(told(Some(Role::Staff), name), ["head", "acting"], "{name}");
    }
    assert_eq!(told(Some(Role::Staff), "D. Acting"), ["head", "chair"]);
    for role in [Role::Pupil, Role::Class] {
        assert_eq!(told(Some(role), "C. Head")[..2], ["lead", "head"], "a child of the same name");
    }
}

#[test]
fn an_account_named_as_the_letters_of_the_headteacher_are_addressed_is_the_headteachers() {
    let (head, nobody) = (vec!["head"], Vec::<&str>::new());
    let at_home = people(EVERYBODY).at_home(&["ELMROW.EXAMPLE".to_owned()]);
    let abroad = people(EVERYBODY).at_home(&["elmrow.local".to_owned()]);
    let behind = |people: &People, login: &str, role| -> Vec<String> {
        let behind = people.behind(&candidate(login, role));
        behind.into_iter().map(|id| id.as_str().to_owned()).collect()
    };
    for role in [None, Some(Role::Staff), Some(Role::Guest)] {
        for login in ["head@elmrow.example", "Head@ELMROW.example", "h.ead+it@elmrow.example"] {
            assert_eq!(behind(&at_home, login, role), head, "{login}");
            assert_eq!(behind(&abroad, login, role), head, "{login}");
        }
        assert_eq!(behind(&at_home, "head", role), head, "without its own realm");
        assert_eq!(behind(&abroad, "head", role), nobody, "of another realm");
        for login in ["head@trust.example", "outside", "heads"] {
            assert_eq!(behind(&at_home, login, role), nobody, "{login}");
        }
    }
    for role in [Role::Pupil, Role::Class] {
        assert_eq!(behind(&at_home, "head", Some(role)), nobody, "a child stays a child");
    }
    let subject = Subject::of(&Answer::Proven(candidate("head", None)), &at_home);
    let route = Route::of(&subject, Category::C08, &at_home);
    let line = route.parts().iter().flat_map(|part| &part.line);
    let told: Vec<_> = line.map(|called| called.person.as_str()).collect();
    assert_eq!(told, ["chair", "vice"]);
}

#[test]
fn an_account_that_has_the_address_of_somebodys_letters_in_the_directory_is_theirs() {
    let accounts = "login,role,group,aliases\njh2,staff,,head@elmrow.example\n\
                    p.head,pupil,3B,deputy@elmrow.example\n";
    let directory = read_directory("d.csv", accounts.as_bytes(), &TimeZone::UTC).unwrap();
    let spelled = |spelling: &UserName| directory.logins(spelling, &[]);
    let people = people(EVERYBODY).tied(spelled, |login| directory.classes_of(login));
    let behind = people.behind(&candidate("jh2", Some(Role::Staff)));
    assert_eq!(behind, BTreeSet::from([PersonId::new("head")]));
    assert!(people.behind(&candidate("p.head", Some(Role::Pupil))).is_empty());
}

#[test]
fn an_account_that_is_written_for_one_of_two_namesakes_is_that_ones() {
    let people = people(&EVERYBODY.replace("\"B. Deputy\"", "\"C. Head\""));
    let display = Some("C. Head".to_owned());
    let deputys = Candidate { display, ..candidate("b.deputy", Some(Role::Staff)) };
    let behind: Vec<_> = people.behind(&deputys).into_iter().collect();
    assert_eq!(behind, [PersonId::new("deputy")]);
}

#[test]
fn a_conflict_with_one_account_of_a_person_is_one_with_the_person() {
    let text = EVERYBODY
        .replace(
            "accounts = [\"c.head\"]",
            "accounts = [\"c.head\"]\nconflicts = [\"uso:bdeputy\"]",
        )
        .replace("accounts = [\"b.deputy\"]", "accounts = [\"b.deputy\", \"b.second\"]");
    let spelled = |spelling: &UserName| {
        let login = if *spelling == UserName::new("uso:bdeputy") { "b.deputy" } else { "none" };
        BTreeSet::from([UserName::new(login)])
    };
    let people = people(&text).tied(spelled, |_| BTreeSet::new());
    let subject = |account: &str| {
        let answer = facts::Answer::Proven(candidate(account, Some(Role::Staff)));
        Subject::of(&answer, &people).excludes(&PersonId::new("head"))
    };
    assert!(subject("b.deputy"), "by the alias");
    assert!(subject("b.second"), "by the other account of the same person");
    assert!(!subject("t.staff"));
}

#[test]
fn who_has_a_conflict_about_a_child_is_not_told_of_the_childs_class_account() {
    let conflict = "accounts = [\"a.lead\"]\nconflicts = [\"a.pupil\"]";
    let text = EVERYBODY.replace("accounts = [\"a.lead\"]", conflict);
    let accounts = "login,role,group\na.pupil,pupil,3B\nclass3b,class,3B\nclass4a,class,4A\n\
                    t.staff,staff,3B\n";
    let directory = read_directory("d.csv", accounts.as_bytes(), &TimeZone::UTC).unwrap();
    let spelled = |spelling: &UserName| directory.logins(spelling, &[]);
    let people = people(&text).tied(spelled, |login| directory.classes_of(login));
    let is_told = |account: &str| {
        let answer = facts::Answer::ProvenShared(candidate(account, Some(Role::Class)));
        let route = Route::of(&Subject::of(&answer, &people), Category::C01, &people);
        route.parts().iter().flat_map(|p| &p.line).any(|c| c.person == PersonId::new("lead"))
    };
    assert!(!is_told("class3b") && !is_told("CLASS3B"));
    assert!(is_told("class4a"));
}

#[test]
fn a_list_without_a_way_for_every_matter_is_refused() {
    let without = |duty: &str| {
        let text = EVERYBODY.replace(&format!("duties = [\"{duty}\"]"), "duties = [\"governor\"]");
        faults(&text).len()
    };
    for duty in ["lead", "headteacher", "chair", "outside"] {
        assert_eq!(without(duty), 1, "{duty}");
    }
    let tied = EVERYBODY
        .replace("duties = [\"outside\"]", "duties = [\"outside\"]\nconflicts = [\"head\"]");
    assert_eq!(faults(&tied).len(), 1, "the last person left must have no conflict");
    let tied = EVERYBODY.replace("accounts = [\"a.lead\"]", "conflicts = [\"outside\"]");
    assert_eq!(faults(&tied).len(), 1, "a conflict counts both ways");
}

#[test]
fn an_account_is_tied_to_a_person_by_the_list_or_by_the_directorys_duty() {
    let people = people(EVERYBODY);
    let ids = |list: BTreeSet<PersonId>| -> Vec<String> {
        list.iter().map(|id| id.as_str().to_owned()).collect()
    };
    assert_eq!(ids(people.behind(&candidate("C.HEAD", Some(Role::Staff)))), ["head"]);
    assert_eq!(ids(people.behind(&with_duty("someone", Duty::Deputy))), ["deputy"]);
    assert_eq!(ids(people.behind(&candidate("master", Some(Role::Admin)))), ["head", "tech"]);
    assert!(people.behind(&candidate("a.pupil", Some(Role::Pupil))).is_empty());
}
