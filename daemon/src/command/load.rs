//! What several commands begin with: the configuration, the rules, the directory.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use facts::{Assertion, Claim, SensorId, UserName};
use jiff::tz::TimeZone;
use ring::rand::{SecureRandom, SystemRandom};
use rules::{Live, Loaded, Reading, RuleSet, Source};
use store::StoreError;

use crate::capture::{Choice, Filter, Ports, SNAPLEN};
use crate::config::{Config, ConfigError, Kind, MailWay, Place};
use crate::desk::{self, Network, People};
use crate::identity::sources::{Arrival, LoginTable, read_directory};
use crate::identity::{Directory, Roster, Settings};
use crate::mail::{Letterhead, SmtpServer, Way, usual_reach};
use crate::process::{Exit, Failure};
use crate::watch::{Pass, PassSettings};

/// The most rows of one login file that are named one by one.
const MOST_ROWS_TOLD: usize = 20;

/// Reads the configuration.
pub(super) fn config(path: &Path) -> Result<Config, Failure> {
    Config::load(path).map_err(|error| {
        let exit = match &error {
            ConfigError::Unreadable { source, .. } => exit_of(source),
            ConfigError::Faults(_) => Exit::Config,
        };
        Failure { exit, sentences: error.sentences() }
    })
}

/// Whose it is to mend where something that the configuration names can not be read.
fn exit_of(error: &io::Error) -> Exit {
    if error.kind() == io::ErrorKind::PermissionDenied { Exit::Permission } else { Exit::Config }
}

/// Reads the rules that ship and the school's own.
///
/// A folder that is written down and not there is a fault: a mistyped name would lose the
/// school's own protected names without a word.
pub(super) fn rules(folder: Option<&Place>) -> Result<Loaded, Failure> {
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        let sentence = format!("{} is no folder.", folder.display());
        let fault = folder.fault(&sentence, "Make it, or take the key out.");
        return Err(Failure::new(Exit::Config, fault.to_string()));
    }
    RuleSet::load(folder.map(|folder| &**folder)).map_err(|faults| Failure {
        exit: Exit::Config,
        sentences: faults.iter().map(ToString::to_string).collect(),
    })
}

/// Reads all that a school's rules are made of: those that ship, its own, and its study
/// exceptions, which are read against them. Also reads them anew while they are in use.
///
/// # Errors
/// Every fault of the first of the two that has one; nothing is used of either.
pub(super) fn school_rules(config: &Config) -> Result<Loaded, Failure> {
    let mut loaded = rules(config.rules_folder.as_ref())?;
    let networks: Vec<&str> = config.profiles.network_names().collect();
    let unknown = loaded.set.unknown_networks(&networks);
    if !unknown.is_empty() {
        let sentences = unknown.iter().map(ToString::to_string).collect();
        return Err(Failure { exit: Exit::Config, sentences });
    }
    let Some(place) = &config.exceptions else { return Ok(loaded) };
    let text = fs::read_to_string(&**place)
        .map_err(|error| Failure::new(exit_of(&error), place.unreadable(&error).to_string()))?;
    let people = config.people.signatories();
    let reading = Reading { rules: &loaded.set, calendar: &config.calendar, people: &people };
    let exceptions =
        reading.read(&Source { file: place.display().to_string(), text }).map_err(|faults| {
            Failure {
                exit: Exit::Config,
                sentences: faults.iter().map(|fault| place.inside(fault)).collect(),
            }
        })?;
    loaded.set = loaded.set.with_exceptions(exceptions);
    Ok(loaded)
}

/// Reads the directory; without one every account is unlisted.
pub(super) fn directory(config: &Config) -> Result<Directory, Failure> {
    let Some(place) = &config.identity.directory else { return Ok(Directory::default()) };
    let text = fs::read(&**place)
        .map_err(|error| Failure::new(exit_of(&error), place.unreadable(&error).to_string()))?;
    let file = place.display().to_string();
    read_directory(&file, &text, config.calendar.zone()).map_err(|faults| Failure {
        exit: Exit::Config,
        sentences: faults.iter().map(|fault| place.inside(fault)).collect(),
    })
}

/// The login files, as far as they could be read.
#[derive(Debug, Default)]
pub(super) struct Logins {
    /// What their rows say.
    pub claims: Vec<Claim>,
    /// One sentence for each row that was left out; a long list is cut.
    pub left_out: Vec<String>,
}

/// Reads every login file. A row with a fault is named and left out; the others count.
///
/// # Errors
/// A file that can not be read, has a wrong heading, or has not one row that can be read:
/// without it every answer would be another one.
pub(super) fn logins(config: &Config, arrival: Arrival) -> Result<Logins, Failure> {
    let mut logins = Logins::default();
    let mut refused: Vec<Failure> = Vec::new();
    for place in &config.identity.logins {
        match login_file(place, config.calendar.zone(), arrival) {
            Ok(file) => {
                logins.claims.extend(file.claims);
                logins.left_out.extend(file.left_out);
            }
            Err(failure) => refused.push(failure),
        }
    }
    let Some(first) = refused.first() else { return Ok(logins) };
    let exit = first.exit;
    Err(Failure { exit, sentences: refused.into_iter().flat_map(|f| f.sentences).collect() })
}

fn login_file(place: &Place, zone: &TimeZone, arrival: Arrival) -> Result<Logins, Failure> {
    let text = fs::read(&**place)
        .map_err(|error| Failure::new(exit_of(&error), place.unreadable(&error).to_string()))?;
    let file = place.display().to_string();
    let (claims, faults) = match LoginTable::open(&file, &text, Some(zone), arrival) {
        Ok((_, claims, faults)) => (claims, faults),
        Err(faults) => {
            let sentences = faults.iter().map(|fault| place.inside(fault)).collect();
            return Err(Failure { exit: Exit::Data, sentences });
        }
    };
    let told = faults.iter().take(MOST_ROWS_TOLD).map(|fault| place.inside(fault));
    let mut left_out: Vec<String> = told.collect();
    if let Some(more) = faults.len().checked_sub(MOST_ROWS_TOLD).filter(|more| *more > 0) {
        left_out.push(place.inside(&format!("{file}: and {more} more faults like these.")));
    }
    let is_lost = |claim: &Claim| matches!(claim.assertion, Assertion::Lost { .. });
    if claims.iter().all(is_lost) && !left_out.is_empty() {
        left_out.push(place.inside(&format!("{file}: no row of it can be read.")));
        return Err(Failure { exit: Exit::Data, sentences: left_out });
    }
    Ok(Logins { claims, left_out })
}

/// The roster as the configuration describes the network.
pub(super) fn roster(config: &Config, directory: Directory) -> Arc<Roster> {
    let settings = Settings {
        site: config.school.site,
        idle_lock: config.identity.idle_lock,
        stop_lag: config.identity.stop_lag,
        realms: config.identity.realms.clone(),
        login_servers: config.identity.login_servers.iter().map(|a| a.to_canonical()).collect(),
        routers: config.capture.routers.iter().copied().collect(),
        many_user_addresses: config.identity.many_users.iter().copied().collect(),
        persons: config.people.duties_by_account(),
        ..Settings::default()
    };
    Arc::new(Roster::new(directory, settings))
}

/// The people who can be told, each account and conflict tied to what the directory means
/// by it.
pub(super) fn people(config: &Config, directory: &Directory) -> People {
    let realms = &config.identity.realms;
    let spelled = |spelling: &UserName| directory.logins(spelling, realms);
    config.people.clone().at_home(realms).tied(spelled, |login| directory.classes_of(login))
}

/// Conflicts that nothing ties, as faults of the configuration: each is void, so that the
/// person would be told all the same. They do not stop the daemon: a leaver who is gone from
/// the directory must not leave a school without monitoring.
pub(super) fn void_conflicts(config: &Config, directory: &Directory) -> Vec<String> {
    let realms = &config.identity.realms;
    let conflicts = config.spelled.iter().filter(|word| word.kind == Kind::Conflict);
    let unknown = conflicts
        .filter(|_| config.identity.directory.is_some())
        .filter(|word| directory.logins(&UserName::new(&word.text), realms).is_empty());
    unknown
        .map(|word| {
            let sentence = format!(
                "“{}” is nobody under [[people]] and no account of the directory, so {} would be \
                 told all the same.",
                word.text, word.name
            );
            let mend = "Write the short word of a person or an account as the directory spells \
                        it, or take it out.";
            word.fault(sentence, mend).to_string()
        })
        .collect()
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
    let directory = directory(config)?;
    if let void @ 1.. = void_conflicts(config, &directory).len() {
        tracing::warn!(
            "conflicts that nothing ties to an account: {void}; `wardline check` names them"
        );
    }
    let settings = desk::Settings {
        grace: config.grace,
        people: people(config, &directory),
        calendar: config.calendar.clone(),
        letterhead: Letterhead {
            school: config.school.short.clone(),
            from,
            base_url: config.school.address.clone(),
            reach: config
                .mail
                .reach
                .clone()
                .unwrap_or_else(|| usual_reach(&config.school.address).to_owned()),
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
        dns_ports: config.capture.dns_ports.clone(),
    };
    Ok(Pass::new(settings, table_key, rules))
}

/// Whether and how the kernel turns bulk away.
pub(super) fn kernel_filter(config: &Config) -> Result<Choice, Failure> {
    let capture = &config.capture;
    let tls = wire::Settings::with_key([0; 16]).tls_ports;
    let ports = Ports::new(capture.dns_ports.as_slice(), &tls, &capture.filter_ports);
    let filter = Filter::new(ports, u32::from(SNAPLEN))
        .map_err(|error| Failure::new(Exit::Config, error.to_string()))?;
    Ok(Choice::new(capture.filter, filter))
}

/// VLANs that networks of the school are known by.
pub(super) fn vlans(config: &Config) -> Vec<u16> {
    let networks = config.profiles.networks.iter().map(|network| network.known_by);
    networks
        .filter_map(|network| match network {
            Network::Vlan(vlan) => Some(vlan),
            Network::Range(..) => None,
        })
        .collect()
}

/// A failure of a database, in one sentence with all its causes: the first says what to
/// mend, the last what the system said.
pub(super) fn store_failure(error: StoreError) -> Failure {
    Failure::new(Exit::Unavailable, store::with_causes(&error))
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

    /// The example configuration in a folder with these files, and what its rules come to.
    fn school(files: &[(&str, &str)]) -> Result<Loaded, Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        let text = include_str!("../../../packaging/config/wardline.toml")
            .replace("# exceptions = ", "exceptions = ");
        fs::create_dir(folder.path().join("rules")).unwrap();
        for (file, text) in files {
            fs::write(folder.path().join(file), text).unwrap();
        }
        let config = Config::read("wardline.toml", &text, folder.path()).unwrap();
        let shown = folder.path().display().to_string();
        let short = |sentence: &String| sentence.replace(&format!("{shown}/"), "");
        school_rules(&config).map_err(|failure| failure.sentences.iter().map(short).collect())
    }

    const EXCEPTIONS: &str = include_str!("../../../packaging/config/exceptions.toml");

    #[test]
    fn the_example_of_an_exception_is_valid_in_the_example_school() {
        let loaded = school(&[("exceptions.toml", EXCEPTIONS)]).unwrap();
        let told: Vec<_> = loaded.set.exceptions().iter().map(|e| e.topic().to_owned()).collect();
        assert_eq!(told, ["Games of chance"]);
    }

    #[test]
    fn a_missing_or_wrong_file_of_exceptions_is_told_with_the_lines_of_both_files() {
        let missing = school(&[]).unwrap_err();
        assert!(
            missing[0].contains("rules.exceptions: exceptions.toml can not be read"),
            "{missing:?}"
        );
        let alone = EXCEPTIONS.replace("approved_by = \"deputy\"", "approved_by = \"head\"");
        let wrong = school(&[("exceptions.toml", &alone)]).unwrap_err();
        assert_eq!(wrong.len(), 1);
        assert!(
            wrong[0].contains("rules.exceptions: exceptions.toml:")
                && wrong[0]
                    .ends_with("The person who asks also approves. Let a second person approve."),
            "{wrong:?}"
        );
    }

    #[test]
    fn a_rule_for_a_network_that_nobody_named_is_a_fault() {
        let pack = include_str!("../../../rules/school.example.toml");
        let files = [("exceptions.toml", EXCEPTIONS), ("rules/own.toml", pack)];
        assert!(school(&files).is_ok());
        let misspelt = pack.replace("[\"BYOD\"]", "[\"BOYD\"]");
        let files = [("exceptions.toml", EXCEPTIONS), ("rules/own.toml", &misspelt)];
        let fault = school(&files).unwrap_err();
        assert!(fault[0].starts_with("rules/own.toml:"), "{fault:?}");
        assert!(fault[0].contains("\u{201c}BOYD\u{201d} is no network"), "{fault:?}");
    }
}
