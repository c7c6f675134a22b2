//! `wardline check`: reads everything that people wrote and names every fault.

use facts::{Duty, Person};
use rules::Exception;

use super::{load, say};
use crate::cli::ConfigArg;
use crate::config::Config;
use crate::desk::People;
use crate::identity::Directory;
use crate::identity::sources::Arrival;
use crate::process::{Exit, Failure};

pub(super) fn run(args: &ConfigArg) -> Result<(), Failure> {
    let config = load::config(&args.config)?;
    let rules = load::school_rules(&config);
    // What can not be found comes first, whatever else is right or wrong.
    if let Ok(loaded) = &rules {
        loaded.set.gaps().iter().try_for_each(|gap| say(&gap.sentence))?;
        loaded.notes.iter().try_for_each(say)?;
    }
    let directory = load::directory(&config);
    let logins = load::logins(&config, Arrival::AsTold).and_then(|logins| {
        let Some(_) = logins.left_out.first() else { return Ok(logins) };
        Err(Failure { exit: Exit::Data, sentences: logins.left_out })
    });
    let (rules, directory, logins) = match (rules, directory, logins) {
        (Ok(rules), Ok(directory), Ok(logins)) => (rules, directory, logins),
        (rules, directory, logins) => {
            let failures = [rules.err(), directory.err(), logins.err()];
            return Err(all(failures.into_iter().flatten()));
        }
    };
    if config.identity.directory.is_some() {
        let untied = untied(&config.people, &directory);
        untied.iter().try_for_each(|person| say(nothing_ties(person)))?;
    }
    say(format_args!("Rules: {} names of services are loaded.", rules.set.names_loaded()))?;
    let exceptions = rules.set.exceptions().iter();
    exceptions.map(Exception::in_words).try_for_each(say)?;
    say(format_args!(
        "Directory: {} entries. Login files: {} records.",
        directory.len(),
        logins.claims.len()
    ))?;
    tell_config(&config)?;
    say(format_args!("The configuration {} is valid.", args.config.display()))
}

fn tell_config(config: &Config) -> Result<(), Failure> {
    say(format_args!("People: {} can be told.", config.people.list().len()))?;
    if let Some(last) = config.calendar.terms_end() {
        say(format_args!("Calendar: terms are written until {}.", last.full_date()))?;
    }
    if config.capture.interface.is_none() {
        say(
            "Not written: capture.interface, the mirror port's interface; `wardline run` needs it.",
        )?;
    }
    Ok(())
}

/// All failures as one; the first says how it ends.
fn all(failures: impl Iterator<Item = Failure>) -> Failure {
    let together = failures.reduce(|mut first, next| {
        first.sentences.extend(next.sentences);
        first
    });
    together.unwrap_or(Failure { exit: Exit::Bug, sentences: Vec::new() })
}

/// People of the school whom no account and no duty in the directory points to: a matter
/// about one of them would not be known to be about them. The person outside has no account
/// here by law.
fn untied(people: &People, directory: &Directory) -> Vec<Person> {
    let listed = directory.duties();
    let mut people_left = people.list();
    people_left.retain(|person| {
        let is_outside = person.duties.contains(&Duty::Outside);
        let has_account = people.accounts_of(&person.id).any(|account| directory.holds(&account));
        let has_duty = person.duties.iter().any(|duty| listed.contains(duty));
        !is_outside && !has_account && !has_duty
    });
    people_left
}

fn nothing_ties(person: &Person) -> String {
    format!(
        "Nothing ties {} (people.id = \"{}\") to an account: no account written for them and none \
         of their duties stands in the directory. A matter about them could not be kept from \
         them. Write their accounts under [[people]]; where they have none in this school, all \
         is well.",
        person.display,
        person.id.as_str()
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jiff::tz::TimeZone;

    use super::*;
    use crate::identity::sources::read_directory;

    const EXAMPLE: &str = include_str!("../../../packaging/config/wardline.toml");

    fn named(directory: &str) -> Vec<String> {
        let config = Config::read("wardline.toml", EXAMPLE, Path::new(".")).expect("valid");
        let directory = read_directory("d.csv", directory.as_bytes(), &TimeZone::UTC);
        let untied = untied(&config.people, &directory.expect("a directory"));
        untied.iter().map(|person| person.id.as_str().to_owned()).collect()
    }

    #[test]
    fn a_person_with_no_account_and_no_duty_in_the_directory_is_named() {
        let nobody = "login,role,group\nx.pupil,pupil,3B\n";
        let everybody =
            ["lead", "deputy", "head", "acting", "chair", "vice", "governor", "technician"];
        assert_eq!(named(nobody), everybody, "the person outside has no account here");
        let some = "login,role,group\nD.Lead,staff,\nj.head,staff,\nsomebody,governor,chair\n\
                    it.admin,staff,it\n";
        assert_eq!(named(some), ["deputy", "acting", "vice", "governor"]);
    }
}
