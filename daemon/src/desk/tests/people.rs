//! The list of people: every fault is named at once, and nobody is never the answer.

use std::collections::BTreeSet;

use facts::{Duty, PersonId, Role, UserName};

use super::super::people::{GuestLine, People};
use super::super::subject::Subject;
use super::school::{EVERYBODY, candidate, people, with_duty, written};

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
    for mail in ["head@elmrow.example", "HEAD+chair@elmrow.example", "h.e.a.d@Elmrow.example"] {
        assert_eq!(faults(&with(mail)).len(), 1, "{mail}");
    }
    for mail in
        ["head2@elmrow.example", "head@governors.elmrow.example", "chair+head@elmrow.example"]
    {
        assert!(People::read(&written(&with(mail)), GuestLine::default()).is_ok(), "{mail}");
    }
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
    let people = people(&text).tied(spelled);
    let subject = |account: &str| {
        let answer = facts::Answer::Proven(candidate(account, Some(Role::Staff)));
        Subject::of(&answer, &people).excludes(&PersonId::new("head"))
    };
    assert!(subject("b.deputy"), "by the alias");
    assert!(subject("b.second"), "by the other account of the same person");
    assert!(!subject("t.staff"));
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
