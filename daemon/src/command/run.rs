//! `wardline run`: listen on the mirror port, build cases, send letters.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use facts::Timestamp;
use rules::{LIST_FOLDER, Live as LiveRules, RuleSet};
use store::{RecordReader, RecordWriter};
use tokio::runtime::Runtime;

use super::load::{self, store_failure};
use super::rules::LIST_CHANGES;
use crate::capture::{Card, Live, LiveError, LiveSettings};
use crate::cli::ConfigArg;
use crate::clock::Clock;
use crate::config::Config;
use crate::process::{Exit, Failure, drop_privileges};
use crate::service::{
    self, Alive, Ears, End, FollowedLogins, Hearing, Remembered, Renewal, Upkeep, Worker,
};
use crate::watch::Queues;

/// The file in the store's folder that keeps what is watched for the next start.
const WATCHED: &str = "watched.toml";

/// The order matters: what needs privilege first, then privilege is given up, and only
/// then is anything read that somebody else wrote.
pub(super) fn run(args: &ConfigArg) -> Result<(), Failure> {
    let config = load::config(&args.config)?;
    let choice = load::kernel_filter(&config)?;
    let (live, card, interface) = open_interface(&config, args)?;
    fs::create_dir_all(&config.store.folder).map_err(|error| {
        let folder = config.store.folder.display();
        Failure::new(Exit::Io, format!("the folder {folder} can not be made: {error}"))
    })?;
    let mut record = RecordWriter::open(&config.store.record).map_err(store_failure)?;
    drop_privileges().map_err(|sentence| Failure::new(Exit::Permission, sentence))?;

    let clock = Clock::real();
    let rules = Arc::new(LiveRules::new(load::school_rules(&config)?.set));
    let roster = load::roster(&config, load::directory(&config)?);
    let key = record.installation_key();
    let desk = load::desk(&config, rules.snapshot(), key)?;
    let pass = load::pass(&config, key, Arc::clone(&rules))?;
    let way = Arc::new(load::way(&config)?);
    let now = clock.now();
    let people = config.people.list();
    service::tell_start(&mut record, &config.store.record, people, &rules.snapshot(), now)
        .map_err(store_failure)?;
    let upkeep =
        Upkeep::of(&config.store.record, config.calendar.clone(), now).map_err(store_failure)?;
    let told = RecordReader::open(&config.store.record)
        .and_then(|reader| reader.health(Timestamp::EPOCH, Timestamp::MAX))
        .map_err(store_failure)?;
    let changes =
        config.rules_folder.as_ref().map(|folder| folder.join(LIST_FOLDER).join(LIST_CHANGES));
    let remembered = Remembered::new(config.store.folder.join(WATCHED), config.ground.clone());
    let renewal = Renewal::new(Arc::clone(&rules), reread(config.clone()), changes, &told, &key)
        .remembering(remembered);
    let office = service::open_office(record, roster, desk, now).map_err(store_failure)?;

    let runtime = Runtime::new()
        .map_err(|error| Failure::new(Exit::Io, format!("no threads to send letters: {error}")))?;
    let stop = Arc::new(AtomicBool::new(false));
    let reload = Arc::new(AtomicBool::new(false));
    service::heed_signals(&runtime, Arc::clone(&stop), Arc::clone(&reload))
        .map_err(|error| Failure::new(Exit::Io, format!("no signals are heeded: {error}")))?;
    let (letters, fared) = service::open_postbox(&runtime, way, clock);
    let (queues, intake) = Queues::open();
    let (pulse, pulses) = crossbeam_channel::bounded(8);
    tracing::info!("{}", choice.standing());
    let ears = Ears { live, card, choice };
    let hearing = Hearing::start(ears, pass, queues, pulse, Arc::clone(&stop));
    tracing::info!("listening; {} people can be told", config.people.list().len());
    drop(sd_notify::notify(&[sd_notify::NotifyState::Ready]));

    let zone = config.calendar.zone();
    let mut worker = Worker::new(service::Parts {
        clock,
        office,
        review_file: config.store.review.clone(),
        logins: config
            .identity
            .logins
            .iter()
            .map(|place| FollowedLogins::new(place, zone))
            .collect(),
        intake,
        pulses,
        vlans: load::vlans(&config),
        calendar: Some(config.calendar.clone()),
        letters,
        fared,
        renewal,
        upkeep: Some(upkeep),
        alive: Some(Alive::begin(&config.store.folder, &interface, now)),
    });
    let worked = worker.work_until(&stop, &reload).map_err(store_failure);
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let heard = hearing.join();
    worked?;
    let end = heard.as_ref().err().map_or(End::Asked, |why| End::Deaf(why));
    worker.close(end).map_err(store_failure)?;
    // A letter under way to a server that says nothing must not hold up the stop.
    runtime.shutdown_background();
    heard.map_err(|sentence| Failure::new(Exit::Unavailable, sentence))?;
    tracing::info!("stopped in good order");
    Ok(())
}

fn open_interface(config: &Config, args: &ConfigArg) -> Result<(Live, Card, String), Failure> {
    let Some(interface) = config.capture.interface.clone() else {
        let sentence = format!(
            "{}: capture.interface is missing; write the name of the mirror port's interface",
            args.config.display()
        );
        return Err(Failure::new(Exit::Config, sentence));
    };
    let card = Card::of(&interface);
    let named = interface.clone();
    let settings = LiveSettings { interface, ring_mib: config.capture.ring_mib };
    let live = Live::open(&settings).map_err(|error| interface_failure(&error))?;
    Ok((live, card, named))
}

/// Why an interface can not be heard, with the exit code that says whose it is to mend.
pub(super) fn interface_failure(error: &LiveError) -> Failure {
    let exit = match error {
        LiveError::NoSuchInterface { .. } => Exit::Config,
        LiveError::NoPermission { .. } => Exit::Permission,
        LiveError::Other { .. } => Exit::Unavailable,
    };
    Failure::new(exit, error.to_string())
}

/// Reads the rules anew when asked to; the set in use stays until a whole one is there.
/// What the configuration itself says stays as it was at the start.
fn reread(config: Config) -> impl Fn() -> Result<RuleSet, Vec<String>> {
    move || match load::school_rules(&config) {
        Ok(loaded) => Ok(loaded.set),
        Err(failure) => Err(failure.sentences),
    }
}
