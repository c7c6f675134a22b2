//! `wardline check`: reads everything that people wrote and names every fault.

mod ties;

use rules::{Exception, RuleSet};

use super::{load, say};
use crate::capture::Card;
use crate::cli::ConfigArg;
use crate::config::Config;
use crate::identity::sources::Arrival;
use crate::process::{Exit, Failure};

pub(super) fn run(args: &ConfigArg) -> Result<(), Failure> {
    let config = load::config(&args.config)?;
    let rules = load::school_rules(&config);
    // What can not be found comes first, whatever else is right or wrong.
    if let Ok(loaded) = &rules {
        tell_gaps(&loaded.set)?;
        loaded.notes.iter().try_for_each(say)?;
    }
    let directory = load::directory(&config);
    let people = directory.as_ref().ok().map(|directory| {
        let void = load::void_conflicts(&config, directory);
        let people = load::people(&config, directory);
        let Some(_) = void.first() else { return Ok(people) };
        Err(Failure { exit: Exit::Config, sentences: void })
    });
    let logins = load::logins(&config, Arrival::AsTold).and_then(|logins| {
        let Some(_) = logins.left_out.first() else { return Ok(logins) };
        Err(Failure { exit: Exit::Data, sentences: logins.left_out })
    });
    let (rules, directory, logins, people) = match (rules, directory, logins, people) {
        (Ok(rules), Ok(directory), Ok(logins), Some(Ok(people))) => {
            (rules, directory, logins, people)
        }
        (rules, directory, logins, people) => {
            let people = people.and_then(Result::err);
            let failures = [rules.err(), directory.err(), logins.err(), people];
            return Err(all(failures.into_iter().flatten()));
        }
    };
    ties::doubts(&config, &people, &directory).iter().try_for_each(say)?;
    say(format_args!("Rules: {} names of services are loaded.", rules.set.names_loaded()))?;
    let exceptions = rules.set.exceptions().iter();
    exceptions.map(Exception::in_words).try_for_each(say)?;
    ties::seldom_holds(&config, rules.set.exceptions()).iter().try_for_each(say)?;
    say(format_args!(
        "Directory: {} entries. Login files: {} records.",
        directory.len(),
        logins.claims.len()
    ))?;
    tell_config(&config)?;
    say(format_args!("The configuration {} is valid.", args.config.display()))
}

/// The gravest category first, in one line each for all that nothing or only words can find:
/// a line for each category would push everything else off the screen.
fn tell_gaps(set: &RuleSet) -> Result<(), Failure> {
    let empty = set.empty_categories();
    let gaps = set.gaps();
    let (nothing, by_words): (Vec<_>, Vec<_>) =
        gaps.iter().map(|gap| gap.category).partition(|category| empty.contains(category));
    for (categories, end) in [
        (nothing, "nothing can be found, for no list is loaded"),
        (by_words, "found by words in names only, for no list is loaded"),
    ] {
        let titles: Vec<_> = categories.iter().map(|category| category.title()).collect();
        if !titles.is_empty() {
            say(format_args!("{}: {end}.", titles.join("; ")))?;
        }
    }
    Ok(())
}

fn tell_config(config: &Config) -> Result<(), Failure> {
    say(format_args!("People: {} can be told.", config.people.list().len()))?;
    if let Some(last) = config.calendar.terms_end() {
        say(format_args!("Calendar: terms are written until {}.", last.full_date()))?;
    }
    say(load::kernel_filter(config)?.standing())?;
    match &config.capture.interface {
        None => say(
            "Not written: capture.interface, the mirror port's interface; `wardline run` needs it.",
        ),
        Some(name) if Card::of(name).counts().is_none() => say(format_args!(
            "Not on this machine now: {name}, which capture.interface names; `wardline run` needs \
             it."
        )),
        Some(_) => Ok(()),
    }
}

/// All failures as one; the first says how it ends.
fn all(failures: impl Iterator<Item = Failure>) -> Failure {
    let together = failures.reduce(|mut first, next| {
        first.sentences.extend(next.sentences);
        first
    });
    together.unwrap_or(Failure { exit: Exit::Bug, sentences: Vec::new() })
}
