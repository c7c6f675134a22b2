//! What several commands begin with: the configuration, the rules, the directory.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use facts::{Claim, SensorId};
use ring::rand::{SecureRandom, SystemRandom};
use rules::{Live, Loaded, RuleSet};
use store::StoreError;

use crate::config::{Config, MailWay};
use crate::desk;
use crate::identity::sources::{Arrival, LoginTable, read_directory};
use crate::identity::{Directory, Roster, Settings};
use crate::mail::{Letterhead, SmtpServer, USUAL_REACH, Way};
use crate::process::{Exit, Failure};
use crate::watch::{Pass, PassSettings};

/// Reads the configuration.
pub(super) fn config(path: &Path) -> Result<Config, Failure> {
    Config::load(path).map_err(|error| Failure { exit: Exit::Config, sentences: error.sentences() })
}

/// Reads the rules that ship and the school's own.
///
/// A folder that is written down and not there is a fault: a mistyped name would lose the
/// school's own protected names without a word.
pub(super) fn rules(folder: Option<&Path>) -> Result<Loaded, Failure> {
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        let sentence = format!(
            "rules.folder: {} is no folder; make it, or take the key out",
            folder.display().to_string().escape_debug()
        );
        return Err(Failure::new(Exit::Config, sentence));
    }
    RuleSet::load(folder).map_err(|faults| Failure {
        exit: Exit::Config,
        sentences: faults.iter().map(ToString::to_string).collect(),
    })
}

/// Reads the directory; without one every account is unlisted.
pub(super) fn directory(config: &Config) -> Result<Directory, Failure> {
    let Some(place) = &config.identity.directory else { return Ok(Directory::default()) };
    let file = place.display().to_string();
    let text = fs::read(place).map_err(|error| {
        Failure::new(Exit::Config, format!("the directory {file} can not be read: {error}"))
    })?;
    read_directory(&file, &text, config.calendar.zone()).map_err(|faults| Failure {
        exit: Exit::Config,
        sentences: faults.iter().map(ToString::to_string).collect(),
    })
}

/// Reads every login file. A row with a fault is told and left out; the others count.
pub(super) fn logins(config: &Config, arrival: Arrival) -> Result<Vec<Claim>, Failure> {
    let mut claims = Vec::new();
    let mut sentences = Vec::new();
    for place in &config.identity.logins {
        let file = place.display().to_string();
        let zone = Some(config.calendar.zone());
        match fs::read(place) {
            Err(error) => sentences.push(format!("the login file {file} can not be read: {error}")),
            Ok(text) => match LoginTable::open(&file, &text, zone, arrival) {
                Ok((_, read, faults)) => {
                    claims.extend(read);
                    sentences.extend(faults.iter().map(ToString::to_string));
                }
                Err(faults) => sentences.extend(faults.iter().map(ToString::to_string)),
            },
        }
    }
    if sentences.is_empty() { Ok(claims) } else { Err(Failure { exit: Exit::Data, sentences }) }
}

/// The roster as the configuration describes the network.
pub(super) fn roster(config: &Config, directory: Directory) -> Arc<Roster> {
    let settings = Settings {
        site: config.school.site,
        idle_lock: config.identity.idle_lock,
        stop_lag: config.identity.stop_lag,
        realms: config.identity.realms.clone(),
        routers: config.capture.routers.iter().copied().collect(),
        many_user_addresses: config.identity.many_users.iter().copied().collect(),
        persons: config.people.duties_by_account(),
        ..Settings::default()
    };
    Arc::new(Roster::new(directory, settings))
}

/// The desk as the configuration describes the school.
pub(super) fn desk(
    config: &Config,
    rules: Arc<RuleSet>,
    key: [u8; 32],
) -> Result<desk::Desk, Failure> {
    let from = config
        .mail
        .from
        .parse()
        .map_err(|_| Failure::new(Exit::Config, "mail.from is no mail address".to_owned()))?;
    let settings = desk::Settings {
        grace: config.grace,
        people: config.people.clone(),
        calendar: config.calendar.clone(),
        letterhead: Letterhead {
            school: config.school.short.clone(),
            from,
            base_url: config.school.address.clone(),
            reach: USUAL_REACH.to_owned(),
        },
        profiles: config.profiles.clone(),
        key,
    };
    Ok(desk::Desk::new(settings, rules))
}

/// The way letters leave.
pub(super) fn way(config: &Config) -> Result<Way, Failure> {
    match &config.mail.way {
        MailWay::Maildir(folder) => Ok(Way::Maildir(folder.clone())),
        MailWay::Smtp(settings) => SmtpServer::new((**settings).clone())
            .map(|server| Way::Smtp(Box::new(server)))
            .map_err(|sentence| Failure::new(Exit::Config, sentence)),
    }
}

/// What the pass over packets must know of its place.
pub(super) fn pass(config: &Config, key: [u8; 32], rules: Arc<Live>) -> Result<Pass, Failure> {
    let mut table_key = [0; 16];
    SystemRandom::new()
        .fill(&mut table_key)
        .map_err(|_| Failure::new(Exit::Bug, "the system gives no random numbers"))?;
    let settings = PassSettings {
        site: config.school.site,
        sensor: SensorId::default(),
        drop_copies: true,
        key,
        forwarders: config.capture.forwarders.clone(),
        filter_answers: config.capture.filter_answers.clone(),
    };
    Ok(Pass::new(settings, table_key, rules))
}

/// A failure of a database, in one sentence with all its causes: the first says what to
/// mend, the last what the system said.
pub(super) fn store_failure(error: StoreError) -> Failure {
    Failure::new(Exit::Unavailable, with_causes(&error))
}

/// An error and what caused it, each after a colon; a cause that only repeats is left out.
fn with_causes(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let says = error.to_string();
        if !told.contains(&says) {
            told.push_str(": ");
            told.push_str(&says);
        }
        cause = error.source();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_can_not_be_opened_says_what_the_system_said() {
        let place = Path::new("/proc/self/no/record.db");
        let Err(error) = store::RecordWriter::open(place) else { panic!("it opened") };
        let failure = store_failure(error);
        assert_eq!(failure.exit, Exit::Unavailable);
        let sentence = failure.sentences.concat();
        assert!(sentence.starts_with("/proc/self/no/record.db: can not be opened"), "{sentence}");
        assert!(sentence.ends_with("No such file or directory (os error 2)"), "{sentence}");
    }
}
