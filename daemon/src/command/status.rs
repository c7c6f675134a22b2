//! `wardline status`: whether the daemon watches, what it can not see, what was lost.
//!
//! For the technician. It names no person and no observed name, and it counts nothing that
//! grows when a case is opened: who may not know of a matter must not learn of one here.

mod findings;
mod metrics;
mod page;

use std::io;

use facts::{Span, Timestamp};
use serde_json::json;
use store::{Health, RecordReader, StoreError};

use self::findings::{Finding, findings};
use super::{load, print};
use crate::cli::StatusArgs;
use crate::clock::Clock;
use crate::config::Config;
use crate::process::{Exit, Failure};
use crate::service::Beat;
use crate::terminal::ascii;

/// Rows of the health book are read so far back, or since the start of the daemon.
const DAY: Span = Span::hours(24);
/// A letter that is tried again may leave so late before it counts as stuck: servers that do
/// not know a sender yet let them wait some minutes.
const SHORT_DELAY: Span = Span::minutes(4);

/// What is known of the daemon.
struct Known {
    now: Timestamp,
    /// Its last sign of life; none where it never ran.
    beat: Option<Beat>,
    /// What it told of the machine in the last day and since its start, the oldest first.
    rows: Vec<Health>,
    /// Whether the mail server does not take letters.
    letters_are_stuck: bool,
}

pub(super) fn run(args: &StatusArgs) -> Result<(), Failure> {
    let config = load::config(&args.config.config)?;
    let known = Known::of(&config, Clock::real().now())?;
    let findings = findings(&known, &config.calendar);
    let is_red = findings.iter().any(|finding| finding.is_red);
    if args.metrics {
        print(metrics::page(&known, is_red).trim_end())?;
    } else if args.json {
        print(ascii(&format!("{:#}", as_json(&known, &findings))))?;
    } else {
        print(page::text(&findings).trim_end())?;
    }
    if is_red { Err(Failure { exit: Exit::Red, sentences: Vec::new() }) } else { Ok(()) }
}

impl Known {
    fn of(config: &Config, now: Timestamp) -> Result<Self, Failure> {
        let folder = &config.store.folder;
        let beat = Beat::read(folder).map_err(|error| {
            let (exit, mend) = match error.kind() {
                io::ErrorKind::PermissionDenied => {
                    (Exit::Permission, "; run this as root, or as a user of the group wardline")
                }
                _ => (Exit::Data, "; the daemon writes it anew when it is started"),
            };
            let folder = folder.display();
            let sentence =
                format!("the daemon's sign of life in {folder} can not be read: {error}{mend}");
            Failure::new(exit, sentence)
        })?;
        let mut known = Self { now, beat, rows: Vec::new(), letters_are_stuck: false };
        let record = match RecordReader::open(&config.store.record) {
            Ok(record) => record,
            Err(StoreError::Absent { .. }) => return Ok(known),
            Err(error) => return Err(load::store_failure(error)),
        };
        let since = known.since().unwrap_or(now).min(now - DAY);
        known.rows = record.health(since, Timestamp::MAX).map_err(load::store_failure)?;
        known.letters_are_stuck =
            record.letters_stuck_since(now - SHORT_DELAY).map_err(load::store_failure)?;
        Ok(known)
    }

    /// When the run of the daemon began.
    fn since(&self) -> Option<Timestamp> {
        self.beat.as_ref().map(|beat| Timestamp::from_micros(beat.since))
    }

    /// The newest row of a kind since the start of the daemon.
    fn newest(&self, kind: &str) -> Option<&Health> {
        let since = self.since()?;
        self.rows.iter().rev().find(|row| row.kind == kind && row.at >= since)
    }

    /// What stands of the disk, where it is nearly full.
    fn full_disk(&self) -> Option<&Health> {
        self.newest("disk").filter(|row| row.figure.is_some())
    }

    /// What stands against the logins: login files whose times can not be right, and logins that
    /// could be any device's making.
    fn doubted_logins(&self) -> impl Iterator<Item = &Health> {
        let clock = self.newest("clock").filter(|row| row.figure.is_some());
        let half_heard = self.newest("half_heard").filter(|row| row.at >= self.now - DAY);
        clock.into_iter().chain(half_heard)
    }

    /// New rules that were refused.
    fn refused_rules(&self) -> Option<&Health> {
        self.newest("rules").filter(|row| row.figure.is_some())
    }
}

fn as_json(known: &Known, findings: &[Finding]) -> serde_json::Value {
    let time = |micros: i64| Timestamp::from_micros(micros).to_string();
    let said = findings.iter().map(
        |finding| json!({ "about": finding.about, "red": finding.is_red, "said": finding.said }),
    );
    let beat = known.beat.as_ref();
    json!({
        "at": known.now.to_string(),
        "good": !findings.iter().any(|finding| finding.is_red),
        "findings": said.collect::<Vec<_>>(),
        "daemon": beat.map(|beat| json!({
            "alive": findings::is_alive(beat, known.now),
            "said": time(beat.at),
            "since": time(beat.since),
            "interface": beat.interface,
            "filter": beat.filter,
            "last_packet": beat.last_packet.map(time),
            "devices": beat.devices,
            "minute": beat.minute,
            "hour": beat.hour,
            "run": beat.run,
            "faults": beat.faults,
            "names_loaded": beat.names_loaded,
            "empty": beat.empty,
            "by_words": beat.by_words,
            "sources": beat.sources.iter().map(|source| json!({
                "place": source.place,
                "heard": source.heard.map(time),
                "faults": source.faults,
            })).collect::<Vec<_>>(),
        })),
    })
}

#[cfg(test)]
mod tests;
