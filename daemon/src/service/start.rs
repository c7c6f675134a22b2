//! How a daemon starts: from the record to a restored office, with its gap told.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::Receiver;
use facts::{Claim, Delivery, Letter, Source, Span, Timestamp};
use rules::RuleSet;
use store::{Change, Health, RecordReader, RecordWriter, StoreError};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::desk::Desk;
use crate::identity::Roster;
use crate::mail::{Fared, Way, deliver_letters};
use crate::office::{Note, Office};

/// Claims are known for so long. A row of a login file that comes up to three days late, as
/// from a laptop that was at home over the weekend, still finds all that it bears on; older
/// answers stay as they are.
pub(super) const CLAIMS_KEPT: Span = Span::hours(96);
/// Letters that may wait inside the postbox; the others wait in the record.
const MOST_LETTERS: usize = 16;

/// Opens the office where the record was left: its claims, its waiting matches, its cases.
///
/// # Errors
/// The record can not be read or written.
pub fn open_office(
    record: RecordWriter,
    roster: Arc<Roster>,
    desk: Desk,
    now: Timestamp,
) -> Result<Office<RecordWriter>, StoreError> {
    let claims_from = now - CLAIMS_KEPT;
    let snapshot = record.snapshot(now, claims_from)?;
    let mut office = Office::new(roster, desk, record);
    office.restore(snapshot, claims_from, now)?;
    // Whoever logged in or out while nobody listened was not heard: nothing rests on what
    // was known before until its next proof.
    office.work([Note::Claim(Claim::lost(Source::Mirror, now))], now)?;
    Ok(office)
}

/// Writes who can be told, what no list can find, and whether the last stop was in order.
///
/// # Errors
/// The record can not be read or written.
pub fn tell_start(
    record: &mut RecordWriter,
    record_file: &Path,
    people: Vec<facts::Person>,
    rules: &RuleSet,
    now: Timestamp,
) -> Result<(), StoreError> {
    let reader = RecordReader::open(record_file)?;
    let state = reader.state()?;
    let health = |kind: &str, sentence: String, figure| {
        Change::Health(Health { at: now, kind: kind.to_owned(), sentence, figure })
    };
    let mut changes = vec![Change::People(people)];
    changes.extend(rules.gaps().into_iter().map(|gap| health("coverage", gap.sentence, None)));
    let was_running = state.started.is_some() && state.stopped < state.started;
    // The last sign of life: figures, or anything told since.
    let figures = state.hour.map(|hour| hour.reported_at);
    let told = reader.health(figures.unwrap_or(Timestamp::EPOCH), now)?;
    let last_seen = told.last().map(|event| event.at).max(figures);
    match last_seen.filter(|_| was_running) {
        Some(last) => {
            let dark = u64::try_from(now.since(last).as_seconds()).unwrap_or(0);
            let sentence = format!(
                "Monitoring stopped without notice and started again: nothing was seen for about {dark} seconds."
            );
            changes.push(health("restarted", sentence, Some(dark)));
        }
        None => changes.push(health("started", "Monitoring started.".to_owned(), None)),
    }
    record.apply(&changes)
}

/// Starts the postbox: letters go in at one end, how they fared comes out at the other.
#[must_use]
pub fn open_postbox(
    runtime: &Runtime,
    way: Arc<Way>,
    clock: Clock,
) -> (mpsc::Sender<(Letter, Delivery)>, Receiver<Fared>) {
    let (letters, due) = mpsc::channel(MOST_LETTERS);
    let (report, fared) = crossbeam_channel::bounded(2 * MOST_LETTERS);
    runtime.spawn(deliver_letters(way, clock, due, report));
    (letters, fared)
}

/// From now on SIGTERM and SIGINT set `stop`, and SIGHUP sets `reload`. They are heeded
/// when this returns: a signal that comes right after the service said it is ready must
/// not end it by default.
///
/// # Errors
/// The system gives no signal handling.
pub fn heed_signals(
    runtime: &Runtime,
    stop: Arc<AtomicBool>,
    reload: Arc<AtomicBool>,
) -> std::io::Result<()> {
    let _inside = runtime.enter();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    runtime.spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => stop.store(true, Ordering::Relaxed),
                _ = interrupt.recv() => stop.store(true, Ordering::Relaxed),
                _ = hang_up.recv() => reload.store(true, Ordering::Relaxed),
            }
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(folder: &Path, rules: &RuleSet, at: i64) -> Vec<(String, Option<u64>)> {
        let place = folder.join("record.db");
        let now = Timestamp::from_seconds(at);
        let mut record = RecordWriter::open(&place).unwrap();
        tell_start(&mut record, &place, Vec::new(), rules, now).unwrap();
        drop(record);
        let events = RecordReader::open(&place).unwrap().health(now, Timestamp::MAX).unwrap();
        let told = events.into_iter().filter(|event| event.kind != "coverage");
        told.map(|event| (event.kind, event.figure)).collect()
    }

    #[test]
    fn a_gap_begins_with_the_last_sign_of_life_not_with_the_run_before() {
        let folder = tempfile::tempdir().unwrap();
        let rules = RuleSet::load(None).unwrap().set;
        let start = |at| told(folder.path(), &rules, at);
        assert_eq!(start(1_000_000), [("started".to_owned(), None)]);
        assert_eq!(start(1_000_500), [("restarted".to_owned(), Some(500))]);
        assert_eq!(start(1_000_503), [("restarted".to_owned(), Some(3))]);
    }

    #[test]
    fn signals_are_heeded_when_the_call_returns() {
        let runtime = Runtime::new().unwrap();
        let (stop, reload) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        heed_signals(&runtime, Arc::clone(&stop), Arc::clone(&reload)).unwrap();
        let own = std::process::id().to_string();
        // By default a hang-up ends a process.
        let hang_up = format!("kill -HUP {own}");
        let sent = std::process::Command::new("sh").args(["-c", &hang_up]).status();
        assert!(sent.unwrap().success());
        while !reload.load(Ordering::Relaxed) {
            std::thread::yield_now();
        }
        assert!(!stop.load(Ordering::Relaxed));
    }
}
