//! `wardline check`: reads everything that people wrote and names every fault.

use super::load;
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
            println!("{}", gap.sentence);
        }
        for note in &loaded.notes {
            println!("{note}");
        }
        println!("Rules: {} names of services are loaded.", loaded.set.names_loaded());
    }
    let accounts = directory.map_or(0, |directory| directory.len());
    println!(
        "Directory: {accounts} entries. Login files: {} records.",
        logins.map_or(0, |l| l.len())
    );
    println!("People: {} can be told.", config.people.list().len());
    if let Some(last) = config.calendar.terms_end() {
        println!("Calendar: terms are written until {}.", last.full_date());
    }
    println!("The configuration {} is valid.", args.config.display());
    Ok(())
}
