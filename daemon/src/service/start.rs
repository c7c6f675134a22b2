//! How a daemon starts: from the record to a restored office, with its gap told.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::Receiver;
use facts::{Delivery, Letter, Span, Timestamp};
use rules::RuleSet;
use store::{Change, Health, RecordReader, RecordWriter, StoreError};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::desk::Desk;
use crate::identity::Roster;
use crate::mail::{Fared, Way, deliver_letters};
use crate::office::Office;

/// Claims older than this bear on no answer: the longest session with its lag.
const CLAIMS_KEPT: Span = Span::hours(24);
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
    let snapshot = record.snapshot(now, now - CLAIMS_KEPT)?;
    let mut office = Office::new(roster, desk, record);
    office.restore(snapshot, now)?;
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
    let state = RecordReader::open(record_file)?.state()?;
    let health = |kind: &str, sentence: String, figure| {
        Change::Health(Health { at: now, kind: kind.to_owned(), sentence, figure })
    };
    let mut changes = vec![Change::People(people)];
    let gaps = rules.gaps();
    if !gaps.is_empty() {
        let sentences: Vec<_> = gaps.into_iter().map(|gap| gap.sentence).collect();
        changes.push(health("coverage", sentences.join(" "), None));
    }
    let was_running = state.started.is_some() && state.stopped < state.started;
    let last_seen = state.hour.map(|hour| hour.reported_at).or(state.started);
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

/// Sets `stop` on SIGTERM or SIGINT and `reload` on SIGHUP.
///
/// # Errors
/// The system gives no signal handling.
pub async fn stop_on_signal(stop: Arc<AtomicBool>, reload: Arc<AtomicBool>) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hang_up.recv() => reload.store(true, Ordering::Relaxed),
        }
    }
    stop.store(true, Ordering::Relaxed);
    Ok(())
}
