//! `wardline observe`: what is read on the wire, one JSON object a line.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use facts::Name;
use rules::RuleSet;
use tokio::runtime::Runtime;
use wire::DnsPorts;

use super::load;
use super::run::interface_failure;
use crate::capture::{Live, LiveSettings};
use crate::cli::ObserveArgs;
use crate::observe::{self, Copies, ObserveError, Printer, Pseudonyms, Show};
use crate::process::{Exit, Failure, drop_privileges};
use crate::service;

/// How long a silent wire may keep us before we look whether to stop.
const PATIENCE: Duration = Duration::from_millis(200);
/// The ring for a technician's look; the service has its own setting.
const RING_MIB: i32 = 16;

pub(super) fn run(args: &ObserveArgs) -> Result<(), Failure> {
    let config = args.config.as_ref().map(|config| load::config(config)).transpose()?;
    let (folder, dns_ports) = match config {
        Some(config) => (config.rules_folder, config.capture.dns_ports),
        None => (None, DnsPorts::default()),
    };
    let live = match &args.interface {
        Some(interface) => {
            let settings = LiveSettings { interface: interface.clone(), ring_mib: RING_MIB };
            Some(Live::open(&settings).map_err(|error| interface_failure(&error))?)
        }
        None => None,
    };
    if live.is_some() {
        drop_privileges().map_err(|sentence| Failure::new(Exit::Permission, sentence))?;
    }
    let rules = load::rules(folder.as_ref())?.set;
    let protected = |name: Name<'_>| is_protected(&rules, name);
    let out = io::stdout().lock();
    let copies = if args.dedup { Copies::Dropped } else { Copies::Kept };
    let observed = match live {
        Some(live) => listen(live, dns_ports, &protected, out),
        None => observe::files(&args.files, copies, dns_ports, &protected, out).map(drop),
    };
    match observed {
        Ok(()) => Ok(()),
        Err(ObserveError::Output(error)) => super::closed_pipe(error),
        Err(ObserveError::Input(error)) => Err(Failure::of_captures(&error)),
        Err(error @ ObserveError::NoRandomNumbers) => {
            Err(Failure::new(Exit::Bug, error.to_string()))
        }
    }
}

fn is_protected(rules: &RuleSet, name: Name<'_>) -> bool {
    rules.protection(name).is_some()
}

/// Prints what an interface carries, under pseudonyms, until a signal.
fn listen(
    mut live: Live,
    dns_ports: DnsPorts,
    protected: &dyn Fn(Name<'_>) -> bool,
    out: impl io::Write,
) -> Result<(), ObserveError> {
    let stop = Arc::new(AtomicBool::new(false));
    let runtime = Runtime::new().map_err(ObserveError::Output)?;
    service::heed_signals(&runtime, Arc::clone(&stop), Arc::default())
        .map_err(ObserveError::Output)?;
    let pseudonyms = Pseudonyms::new().map_err(|_| ObserveError::NoRandomNumbers)?;
    let mut printer =
        Printer::new(Show::Veiled(pseudonyms), Copies::Dropped, dns_ports, protected, out)?;
    while !stop.load(Ordering::Relaxed) {
        let batch = live.next_batch(PATIENCE, |packet| printer.packet(packet));
        if let Err(error) = batch {
            tracing::error!("the interface can not be read any more: {error}");
            break;
        }
        printer.flush()?;
    }
    printer.finish().map(drop)
}
