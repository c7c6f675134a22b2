//! `wardline replay`: captures through the whole path on packet time; nothing is sent.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use ring::hmac;
use ring::rand::SystemRandom;
use rules::Live;

use super::load;
use crate::capture::Reading;
use crate::cli::{INSTALLED_CONFIG, ReplayArgs};
use crate::identity::sources::Arrival;
use crate::process::{Exit, Failure};
use crate::replay::{Accounts, Book, REPLAY_KEY, Replay, Shown};

/// Said where nobody named a configuration and none is installed.
const NO_CONFIG: &str = "there is no configuration at its usual place; name one with --config \
    FILE, as in: wardline replay --config wardline.toml capture.pcap";

pub(super) fn run(args: &ReplayArgs) -> Result<(), Failure> {
    let place = args.config.clone().unwrap_or_else(|| INSTALLED_CONFIG.into());
    let config = load::config(&place).map_err(|failure| match args.config {
        None if !place.exists() => Failure::new(failure.exit, NO_CONFIG),
        _ => failure,
    })?;
    let rules = Arc::new(Live::new(load::school_rules(&config)?.set));
    let accounts =
        if is_installed(&place) { Accounts::Hidden(random_key()?) } else { Accounts::Shown };
    let shown = match (args.events, args.summary) {
        (true, _) => Shown::Events,
        (_, true) => Shown::Summary,
        _ => Shown::Final,
    };
    let roster = load::roster(&config, load::directory(&config)?);
    let logins = load::logins(&config, Arrival::AsTold)?;
    let out = io::BufWriter::new(io::stdout().lock());
    let desk = load::desk(&config, rules.snapshot(), REPLAY_KEY)?;
    let book = Book::new(shown, accounts, out);
    // What is asked for totals is most often a day of many files, packed.
    let reading = if args.summary { Reading::Ahead } else { Reading::ByTaker };
    let replay = Replay::new(&config, rules, desk, roster, logins.claims, book);
    let ran = replay.run(&args.files, reading);
    if logins.left_out.is_empty() {
        return ran;
    }
    // The cases are right as far as the rows go that could be read: the exit code says so.
    let mut failure = ran.err().unwrap_or(Failure { exit: Exit::Data, sentences: Vec::new() });
    failure.sentences.extend(logins.left_out);
    Err(failure)
}

/// Whether this is the installed configuration, by whatever name or copy.
fn is_installed(place: &Path) -> bool {
    let installed = Path::new(INSTALLED_CONFIG);
    let same_place =
        fs::canonicalize(place).ok() == fs::canonicalize(installed).ok() && installed.exists();
    let same_text = matches!((fs::read(place), fs::read(installed)), (Ok(a), Ok(b)) if a == b);
    place == installed || same_place || same_text
}

fn random_key() -> Result<hmac::Key, Failure> {
    hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
        .map_err(|_| Failure::new(Exit::Bug, "the system gives no random numbers"))
}
