//! The desk's thread: takes what came, decides, writes, hands letters on, and starts over.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};
use facts::{Delivery, Letter, LetterId, Source, Span, Timestamp};
use rules::{Live as LiveRules, RuleSet};
use store::{Health, Mark, RecordWriter, ReviewReader, StoreError};
use tokio::sync::mpsc;

use super::hearing::Pulse;
use super::logins::FollowedLogins;
use crate::clock::Clock;
use crate::mail::Fared;
use crate::office::{Note, Office};
use crate::watch::Intake;

/// A turn of the desk is never longer than this, so a match is on the disk well within the
/// 50 milliseconds that are promised.
const TURN: Duration = Duration::from_millis(20);
/// The most of one queue that a turn takes; what is left comes in the next.
const MOST_A_TURN: usize = 4_096;
/// How often decisions, login files and letters are looked for when nobody says anything.
const LOOK_ROUND: Span = Span::seconds(1);
/// Figures of the capture are written this often.
const WRITE_FIGURES: Span = Span::seconds(10);
/// Letters with the postbox at once.
const LETTERS_OUT: u32 = 16;

/// What the worker is given.
pub struct Parts {
    /// The clock.
    pub clock: Clock,
    /// The office, restored.
    pub office: Office<RecordWriter>,
    /// Where the dashboard writes; need not exist yet.
    pub review_file: PathBuf,
    /// Login files.
    pub logins: Vec<FollowedLogins>,
    /// What the capture thread hands on.
    pub intake: Intake,
    /// Its figures.
    pub pulses: Receiver<Pulse>,
    /// Letters to the postbox.
    pub letters: mpsc::Sender<(Letter, Delivery)>,
    /// How they fared.
    pub fared: Receiver<Fared>,
    /// The rules in use.
    pub rules: Arc<LiveRules>,
    /// Reads the rules anew when asked to.
    pub reread_rules: Box<dyn Fn() -> Result<RuleSet, Vec<String>>>,
}

/// The desk's thread.
pub struct Worker {
    parts: Parts,
    review: Option<ReviewReader>,
    read_to: Mark,
    out: BTreeSet<LetterId>,
    looked: Timestamp,
    figures: Figures,
    lost: Lost,
}

/// Figures as they were last written.
#[derive(Default)]
struct Figures {
    written: Pulse,
    newest: Pulse,
    written_at: Option<Timestamp>,
}

/// Losses as they were last told.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Lost {
    urgent: u64,
    ordinary: u64,
    claims: u64,
    packets: u64,
    panics: u64,
}

impl Worker {
    /// Prepares to work.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let looked = parts.clock.now() - LOOK_ROUND;
        Self {
            parts,
            review: None,
            read_to: Mark::START,
            out: BTreeSet::new(),
            looked,
            figures: Figures::default(),
            lost: Lost::default(),
        }
    }

    /// Works until `stop` is set and everything that was said has been written. `reload`
    /// asks for the rules to be read anew.
    ///
    /// # Errors
    /// The record can not be written: the process must end, and start again from it.
    pub fn work_until(&mut self, stop: &AtomicBool, reload: &AtomicBool) -> Result<(), StoreError> {
        loop {
            let stopping = stop.load(Ordering::Relaxed);
            let mut notes = self.wait();
            self.gather(&mut notes);
            if reload.swap(false, Ordering::Relaxed) {
                self.reload_rules(&mut notes);
            }
            let idle = notes.is_empty();
            let now = self.parts.clock.now();
            self.parts.office.work(notes, now)?;
            if !idle || now.since(self.looked) >= LOOK_ROUND {
                self.send_letters(now)?;
            }
            if now.since(self.looked) >= LOOK_ROUND {
                self.looked = now;
                self.alive();
            }
            if stopping && idle {
                return Ok(());
            }
        }
    }

    /// Writes that this stop is in good order.
    ///
    /// # Errors
    /// The record can not be written.
    pub fn close(mut self) -> Result<(), StoreError> {
        let now = self.parts.clock.now();
        let sentence = "Monitoring was stopped in good order.".to_owned();
        let stopped = Health { at: now, kind: "stopped".to_owned(), sentence, figure: None };
        self.parts.office.work([Note::Health(stopped)], now)
    }

    /// Waits for the first urgent thing, at most one turn.
    fn wait(&self) -> Vec<Note> {
        match self.parts.intake.urgent.recv_timeout(TURN) {
            Ok(news) => vec![Note::News(news)],
            Err(RecvTimeoutError::Timeout) => Vec::new(),
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(TURN);
                Vec::new()
            }
        }
    }

    /// Everything else that is there. Claims go first: they may explain the matches.
    fn gather(&mut self, notes: &mut Vec<Note>) {
        let intake = &self.parts.intake;
        let mut gathered: Vec<Note> =
            intake.claims.try_iter().take(MOST_A_TURN).map(Note::Claim).collect();
        gathered.append(notes);
        let urgent = intake.urgent.try_iter().take(MOST_A_TURN);
        let ordinary = intake.ordinary.try_iter().take(MOST_A_TURN);
        gathered.extend(urgent.chain(ordinary).map(Note::News));
        for fared in self.parts.fared.try_iter() {
            self.out.remove(&fared.id);
            gathered.push(Note::Fared(fared));
        }
        for pulse in self.parts.pulses.try_iter() {
            self.figures.newest = pulse;
        }
        let now = self.parts.clock.now();
        if now.since(self.looked) >= LOOK_ROUND {
            self.losses(now, &mut gathered);
            self.coverage(now, &mut gathered);
            self.decisions(now, &mut gathered);
            self.logins(now, &mut gathered);
        }
        *notes = gathered;
    }

    /// Tells losses once they grow. A lost claim ends the cover of the mirror at once.
    fn losses(&mut self, now: Timestamp, notes: &mut Vec<Note>) {
        let losses = &self.parts.intake.losses;
        let newest = &self.figures.newest;
        let lost = Lost {
            urgent: losses.urgent.load(Ordering::Relaxed),
            ordinary: losses.ordinary.load(Ordering::Relaxed),
            claims: losses.claims.load(Ordering::Relaxed),
            packets: newest.kernel.dropped,
            panics: newest.coverage.panics,
        };
        let before = std::mem::replace(&mut self.lost, lost);
        if lost.claims > before.claims {
            notes.push(Note::CoverBroken(Source::Mirror));
        }
        let told = [
            (
                lost.urgent,
                before.urgent,
                "loss",
                "matches that can be urgent were lost: the desk could not keep up",
            ),
            (
                lost.ordinary,
                before.ordinary,
                "loss",
                "other matches were lost: the desk could not keep up",
            ),
            (
                lost.claims,
                before.claims,
                "loss",
                "login records were lost: answers are less certain since then",
            ),
            (lost.packets, before.packets, "loss", "packets were lost before they could be read"),
            (
                lost.panics,
                before.panics,
                "panic",
                "packets made a reader fail; it went on with the next",
            ),
        ];
        for (total, before, kind, what) in told {
            if total > before {
                let figure = total - before;
                let sentence = format!("{figure} {what}.");
                notes.push(Note::Health(Health {
                    at: now,
                    kind: kind.to_owned(),
                    sentence,
                    figure: Some(figure),
                }));
            }
        }
    }

    /// Writes what the capture saw since the last time.
    fn coverage(&mut self, now: Timestamp, notes: &mut Vec<Note>) {
        let Figures { written, newest, written_at } = &mut self.figures;
        let due = written_at.is_none_or(|at| now.since(at) >= WRITE_FIGURES);
        if !due || *written == *newest {
            return;
        }
        let grew = |of: fn(&Pulse) -> u64| of(newest).saturating_sub(of(written));
        let readable = |pulse: &Pulse| pulse.coverage.named;
        let unreadable = |pulse: &Pulse| pulse.coverage.unnamed;
        notes.push(Note::Coverage(store::Coverage {
            at: now,
            last_packet: newest.last_packet,
            packets: grew(|pulse| pulse.coverage.packets),
            bytes: grew(|pulse| pulse.coverage.bytes),
            kernel_drops: grew(|pulse| pulse.kernel.dropped),
            readable: grew(readable),
            unreadable: grew(unreadable),
            devices: newest.coverage.devices,
        }));
        *written = *newest;
        *written_at = Some(now);
    }

    /// Reads what people decided. The dashboard makes its database when it first starts.
    fn decisions(&mut self, now: Timestamp, notes: &mut Vec<Note>) {
        if self.review.is_none() && self.parts.review_file.exists() {
            self.review = ReviewReader::open(&self.parts.review_file).ok();
        }
        let Some(review) = &self.review else { return };
        match review.decisions_since(self.read_to) {
            Ok((decisions, read_to)) => {
                self.read_to = read_to;
                notes.extend(decisions.into_iter().map(Note::Decision));
            }
            Err(error) => {
                tracing::warn!("decisions can not be read: {error}");
                self.review = None;
                notes.push(Note::Health(Health {
                    at: now,
                    kind: "review".to_owned(),
                    sentence: "What people decide can not be read: the climb goes on.".to_owned(),
                    figure: None,
                }));
            }
        }
    }

    fn logins(&mut self, now: Timestamp, notes: &mut Vec<Note>) {
        for followed in &mut self.parts.logins {
            let (claims, faults) = followed.more(now);
            notes.extend(claims.into_iter().map(Note::Claim));
            for fault in faults {
                tracing::warn!("{fault}");
            }
        }
    }

    /// Hands due letters to the postbox, as many as it has room for.
    fn send_letters(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let out = u32::try_from(self.out.len()).unwrap_or(u32::MAX);
        let room = LETTERS_OUT.saturating_sub(out);
        if room == 0 {
            return Ok(());
        }
        let due = self.parts.office.ledger().due_letters(now, LETTERS_OUT + room)?;
        for (letter, delivery) in due {
            if self.out.contains(&letter.id) {
                continue;
            }
            let id = letter.id;
            if self.parts.letters.try_send((letter, delivery)).is_err() {
                break;
            }
            self.out.insert(id);
        }
        Ok(())
    }

    /// Reads the rules anew. Whatever can fail, fails before the swap.
    fn reload_rules(&mut self, notes: &mut Vec<Note>) {
        let at = self.parts.clock.now();
        let sentence = match (self.parts.reread_rules)() {
            Ok(set) => {
                let generation = self.parts.rules.replace(set);
                notes.push(Note::Rules(self.parts.rules.snapshot()));
                tracing::info!("rules renewed, generation {generation}");
                "The rules were read anew and are in use.".to_owned()
            }
            Err(faults) => {
                for fault in &faults {
                    tracing::error!("{fault}");
                }
                format!("The new rules have {} faults; the rules before stay in use.", faults.len())
            }
        };
        notes.push(Note::Health(Health { at, kind: "rules".to_owned(), sentence, figure: None }));
    }

    /// Tells systemd that work is being done: fed by turns, not by a timer of its own.
    fn alive(&self) {
        drop(sd_notify::notify(&[sd_notify::NotifyState::Watchdog]));
    }
}
