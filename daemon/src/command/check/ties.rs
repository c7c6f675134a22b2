//! What may tie a person to an account, or two people to one letter, and does not stand so.

use facts::{Duty, Person, UserName};
use rules::Exceptions;

use crate::config::{Config, Kind, Spelled};
use crate::desk::{People, may_be_one_name};
use crate::identity::Directory;

/// Names before the @ under which several people read.
const SHARED_BOXES: [&str; 14] = [
    "admin",
    "all",
    "allstaff",
    "enquiries",
    "everyone",
    "governors",
    "head.office",
    "info",
    "mail",
    "office",
    "reception",
    "school",
    "staff",
    "team",
];

/// What a person should look at before relying on who is told; nothing of it stops the start.
pub(super) fn doubts(config: &Config, people: &People, directory: &Directory) -> Vec<String> {
    let of_kind = |kind| config.spelled.iter().filter(move |word| word.kind == kind);
    let mut said: Vec<String> = of_kind(Kind::Mail).filter_map(shared_box).collect();
    if config.identity.directory.is_none() {
        return said;
    }
    said.extend(nothing_ties(&untied(people, directory)));
    let realms = &config.identity.realms;
    let is_unheld =
        |word: &&Spelled| directory.logins(&UserName::new(&word.text), realms).is_empty();
    said.extend(of_kind(Kind::Account).filter(is_unheld).map(not_in_directory));
    for word in of_kind(Kind::Mail) {
        let called = directory.called(|shown| may_be_one_name(shown, &word.name));
        let unclaimed = called.into_iter().find(|login| !people.claim(login));
        said.extend(unclaimed.map(|_| same_name(word)));
    }
    said
}

/// What stands beside exceptions that may never hold for anybody: only the school's logins
/// decide it, and whoever wrote one should know before a class has begun.
pub(super) fn seldom_holds(config: &Config, exceptions: &Exceptions) -> Option<String> {
    let is_empty = exceptions.iter().next().is_none();
    (!is_empty && config.identity.logins.is_empty()).then(|| {
        "Exceptions hold only while an account they are for is proven to be in use. No login \
         file is written (identity.logins): unless the mirror port carries RADIUS accounting, \
         logins are likely at best and these exceptions cover nobody. Write a login file, or \
         tell those who agreed on them."
            .to_owned()
    })
}

/// People of the school whom no account and no duty in the directory points to: a matter
/// about one of them would not be known to be about them. The person outside has no account
/// here by law.
fn untied(people: &People, directory: &Directory) -> Vec<Person> {
    let listed = directory.duties();
    let mut people_left = people.list();
    people_left.retain(|person| {
        let is_outside = person.duties.contains(&Duty::Outside);
        let mut accounts = people.accounts_of(&person.id);
        let has_account = accounts.any(|account| !directory.logins(&account, &[]).is_empty());
        let has_duty = person.duties.iter().any(|duty| listed.contains(duty));
        !is_outside && !has_account && !has_duty
    });
    people_left
}

fn nothing_ties(people: &[Person]) -> Option<String> {
    let people: Vec<_> = people
        .iter()
        .map(|person| format!("{} (people.id = \"{}\")", person.display, person.id.as_str()))
        .collect();
    (!people.is_empty()).then(|| {
        format!(
            "Nothing ties these people to an account, for none is written for them and none of \
             their duties stands in the directory: {}. A matter about one of them could not be \
             kept from them. Write their accounts under [[people]]; where they have none in this \
             school, all is well.",
            people.join(", ")
        )
    })
}

fn not_in_directory(word: &Spelled) -> String {
    let sentence =
        format!("The directory does not hold “{}”, an account of {}.", word.text, word.name);
    let mend = "If it is misspelled, a matter about the right one could not be kept from them: \
                correct it, or take it out where the account is gone.";
    word.fault(sentence, mend).to_string()
}

/// The account is not printed: whoever runs this need not learn who has which.
fn same_name(word: &Spelled) -> String {
    let sentence = format!(
        "The directory shows the name {}, or what may be a spelling of it, on an account that \
         nobody under [[people]] has.",
        word.name
    );
    let mend = "If it is theirs, add it to their accounts. Until then they are told of nothing \
                about it that is no child's; if somebody else has the same name, that is all.";
    word.fault(sentence, mend).to_string().replace("people.mail", "people.accounts")
}

fn shared_box(word: &Spelled) -> Option<String> {
    let (local, _) = word.text.rsplit_once('@')?;
    let local = local.to_lowercase();
    SHARED_BOXES.contains(&local.as_str()).then(|| {
        let sentence = format!("“{}” looks like a mailbox that several people read.", word.text);
        let mend = "A letter is for one person alone: write that person's own address.";
        word.fault(sentence, mend).to_string()
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jiff::tz::TimeZone;
    use rules::{Reading, RuleSet, Source};

    use super::super::load;
    use super::*;
    use crate::identity::sources::read_directory;

    const EXAMPLE: &str = include_str!("../../../../packaging/config/wardline.toml");

    fn config(text: &str) -> Config {
        Config::read("wardline.toml", text, Path::new(".")).expect("valid")
    }

    fn directory(text: &str) -> Directory {
        read_directory("d.csv", text.as_bytes(), &TimeZone::UTC).expect("a directory")
    }

    fn named(text: &str, rows: &str) -> Vec<String> {
        let (config, directory) = (config(text), directory(rows));
        let people = load::people(&config, &directory);
        let untied = untied(&people, &directory);
        untied.iter().map(|person| person.id.as_str().to_owned()).collect()
    }

    #[test]
    fn exceptions_of_a_school_whose_logins_are_likely_at_best_are_said_to_cover_nobody() {
        let people = |text: &str| {
            let config = config(text);
            load::people(&config, &directory("login,role,group\n")).signatories()
        };
        let exceptions = |text: &str| {
            let rules = RuleSet::builtin().unwrap().set;
            let people = people(EXAMPLE);
            let calendar = &config(EXAMPLE).calendar;
            let reading = Reading { rules: &rules, calendar, people: &people };
            let source = Source { file: "exceptions.toml".into(), text: text.into() };
            reading.read(&source).unwrap()
        };
        let open = exceptions(include_str!("../../../../packaging/config/exceptions.toml"));
        let said = seldom_holds(&config(EXAMPLE), &open).unwrap();
        assert!(said.contains("these exceptions cover nobody"), "{said}");
        let with_logins = EXAMPLE.replace("logins = [] ", "logins = [\"logins.csv\"] ");
        assert_eq!(seldom_holds(&config(&with_logins), &open), None);
        assert_eq!(seldom_holds(&config(EXAMPLE), &exceptions("")), None, "none is written");
    }

    #[test]
    fn a_person_with_no_account_and_no_duty_in_the_directory_is_named() {
        let nobody = "login,role,group\nx.pupil,pupil,3B\n";
        let everybody =
            ["lead", "deputy", "head", "acting", "chair", "vice", "governor", "technician"];
        assert_eq!(named(EXAMPLE, nobody), everybody, "the person outside has no account here");
        let some = "login,role,group\nD.Lead,staff,\nj.head,staff,\nsomebody,governor,chair\n\
                    it.admin,staff,it\n";
        assert_eq!(named(EXAMPLE, some), ["deputy", "acting", "vice", "governor"]);
    }

    #[test]
    fn a_person_who_signs_in_by_the_address_of_their_letters_is_tied() {
        for login in ["deputy@elmrow.example", "Deputy"] {
            let untied = named(EXAMPLE, &format!("login,role,group\n{login},staff,\n"));
            assert!(!untied.contains(&"deputy".to_owned()), "{login}: {untied:?}");
        }
    }

    #[test]
    fn an_account_written_with_its_domain_is_tied_all_the_same() {
        for spelling in ["A.Acting@elmrow.example", "elmrow\\\\a.acting", "uso:aacting.elmrow"] {
            let written = EXAMPLE.replace("\"a.acting\"", &format!("\"{spelling}\""));
            let rows = "login,role,group,aliases\na.acting,staff,,uso:aacting.elmrow\n";
            let untied = named(&written, rows);
            assert!(!untied.contains(&"acting".to_owned()), "{spelling}: {untied:?}");
        }
    }

    #[test]
    fn a_misspelled_account_a_second_account_and_a_shared_box_are_named_with_their_lines() {
        let written = EXAMPLE
            .replace("accounts = [\"j.head\"]", "accounts = [\"j.haed\"]")
            .replace("\"deputy@elmrow.example\"", "\"office@elmrow.example\"");
        let rows = "login,role,group,name\nd.lead,staff,,D. Lead\nj.head,staff,,J.  HEAD\n\
                    p.head,pupil,3B,A. Acting\n";
        let (config, directory) = (config(&written), directory(rows));
        let people = load::people(&config, &directory);
        let said = doubts(&config, &people, &directory);
        let line = |part: &str| written.lines().position(|l| l.contains(part)).unwrap() + 1;
        let begins = |place: usize, key: &str, words: &str| {
            let opening = format!("wardline.toml:{place}:");
            let is_it = |s: &&String| {
                s.starts_with(&opening) && s.contains(&format!("{key}: ")) && s.contains(words)
            };
            assert_eq!(said.iter().filter(is_it).count(), 1, "{key} {words}: {said:#?}");
        };
        begins(line("office@"), "people.mail", "several people read");
        begins(line("j.haed"), "people.accounts", "does not hold “j.haed”");
        begins(line("head@elmrow"), "people.accounts", "shows the name J. Head,");
        assert!(!said.iter().any(|s| s.contains("name A. Acting")), "a pupil of that name");
    }

    #[test]
    fn a_second_account_under_another_spelling_of_the_name_is_named() {
        let named = |shown: &str, role: &str| {
            let rows = format!("login,role,group,name\nj.head,staff,,\njh2,{role},,\"{shown}\"\n");
            let (config, directory) = (config(EXAMPLE), directory(&rows));
            let people = load::people(&config, &directory);
            let said = doubts(&config, &people, &directory);
            said.iter().any(|said| said.contains("shows the name J. Head,"))
        };
        for shown in ["Head, J.", "Mrs Jo Head", "HEAD Jo", "J\u{f3} Head", "Dr. J-Head"] {
            assert!(named(shown, "staff"), "{shown}");
            assert!(!named(shown, "pupil"), "{shown}");
        }
        assert!(!named("Kim Head", "staff"));
    }

    #[test]
    fn a_conflict_that_nothing_ties_is_a_fault_with_its_line() {
        let (line, with) =
            (EXAMPLE.lines().position(|l| l.contains("\"j.head\"")).unwrap() + 2, |word: &str| {
                let conflicts = format!("accounts = [\"j.head\"]\nconflicts = [\"{word}\"]");
                EXAMPLE.replace("accounts = [\"j.head\"]", &conflicts)
            });
        let rows = "login,role,group,aliases\nt.staff,staff,,uso:tstaff.elmrow\n";
        let directory = directory(rows);
        let sentence = load::void_conflicts(&config(&with("t.stafff")), &directory).concat();
        assert!(sentence.starts_with(&format!("wardline.toml:{line}:")), "{sentence}");
        assert!(sentence.contains("people.conflicts: “t.stafff”"), "{sentence}");
        for word in [
            "T.Staff",
            "uso:tstaff.elmrow",
            "t.staff@ELMROW.example",
            "elmrow\\\\t.staff",
            "deputy",
        ] {
            let void = load::void_conflicts(&config(&with(word)), &directory);
            assert_eq!(void, [""; 0], "{word}");
        }
    }
}
