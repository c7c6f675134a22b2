//! `wardline check`: reads everything that people wrote and names every fault.

use super::{load, say};
use crate::cli::ConfigArg;
use crate::identity::sources::Arrival;
use crate::process::Failure;

pub(super) fn run(args: &ConfigArg) -> Result<(), Failure> {
    let config = load::config(&args.config)?;
    let rules = load::rules(config.rules_folder.as_deref());
    let directory = load::directory(&config);
    let logins = load::logins(&config, Arrival::AsTold);
    let mut faults: Vec<Failure> = Vec::new();
    let rules = rules.map_err(|fault| faults.push(fault)).ok();
    let directory = directory.map_err(|fault| faults.push(fault)).ok();
    let logins = logins.map_err(|fault| faults.push(fault)).ok();
    if let Some(first) = faults.first() {
        let exit = first.exit;
        return Err(Failure {
            exit,
            sentences: faults.into_iter().flat_map(|f| f.sentences).collect(),
        });
    }
    if let Some(loaded) = &rules {
        for gap in loaded.set.gaps() {
            say(format_args!("{}", gap.sentence))?;
        }
        for note in &loaded.notes {
            say(note)?;
        }
        say(format_args!("Rules: {} names of services are loaded.", loaded.set.names_loaded()))?;
    }
    let accounts = directory.map_or(0, |directory| directory.len());
    say(format_args!(
        "Directory: {accounts} entries. Login files: {} records.",
        logins.map_or(0, |l| l.len())
    ))?;
    say(format_args!("People: {} can be told.", config.people.list().len()))?;
    if let Some(last) = config.calendar.terms_end() {
        say(format_args!("Calendar: terms are written until {}.", last.full_date()))?;
    }
    if config.capture.interface.is_none() {
        say(
            "Not written: capture.interface, the mirror port's interface; `wardline run` needs it.",
        )?;
    }
    say(format_args!("The configuration {} is valid.", args.config.display()))?;
    Ok(())
}
