//! The desk's thread: takes what came, decides, writes, hands letters on, and starts over.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, Select, TryRecvError};
use facts::{Delivery, Letter, Timestamp};
use rules::Calendar;
use store::{Health, RecordWriter, StoreError};
use tokio::sync::mpsc;

use super::alive::Alive;
use super::census::KeptVlan;
use super::decisions::Decisions;
use super::figures::Figures;
use super::hearing::Pulse;
use super::letters::Letters;
use super::logins::FollowedLogins;
use super::renewal::Renewal;
use super::upkeep::Upkeep;
use crate::clock::{Clock, Stopwatch};
use crate::mail::Fared;
use crate::office::{Note, Office};
use crate::watch::Intake;

/// A turn of the desk is never longer than this, so a match is on the disk well within the
/// 50 milliseconds that are promised.
const TURN: Duration = Duration::from_millis(20);
/// The most of one queue that a turn takes; what is left comes in the next.
const MOST_A_TURN: usize = 4_096;
/// How often decisions, login files and letters are looked for when nobody says anything.
/// Measured, not read from the clock: a clock that is set back must not blind the desk.
const LOOK_ROUND: Duration = Duration::from_secs(1);
/// How long a stop waits for letters that are under way; the others wait in the record.
const LAST_LETTERS: Duration = Duration::from_secs(10);

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
    /// What the capture thread hands on; it ends when nobody hears any more.
    pub intake: Intake,
    /// Its figures.
    pub pulses: Receiver<Pulse>,
    /// VLANs that packets should come of.
    pub vlans: Vec<u16>,
    /// When children are on site and silence is worse; none in a demonstration.
    pub calendar: Option<Calendar>,
    /// Letters to the postbox.
    pub letters: mpsc::Sender<(Letter, Delivery)>,
    /// How they fared.
    pub fared: Receiver<Fared>,
    /// The rules in use, and how they are renewed.
    pub renewal: Renewal,
    /// Care of the record; none in a demonstration, which ends before any is due.
    pub upkeep: Option<Upkeep>,
    /// Where it says that it is alive, and the VLANs that the run before knew; none in a
    /// demonstration, where nobody asks.
    pub alive: Option<(Alive, Vec<KeptVlan>)>,
}

/// The desk's thread.
pub struct Worker {
    clock: Clock,
    office: Office<RecordWriter>,
    decisions: Decisions,
    logins: Vec<FollowedLogins>,
    intake: Intake,
    pulses: Receiver<Pulse>,
    letters: Letters,
    renewal: Renewal,
    upkeep: Option<Upkeep>,
    alive: Option<Alive>,
    figures: Figures,
    since_round: Option<Stopwatch>,
}

/// Why monitoring ends.
#[derive(Clone, Copy, Debug)]
pub enum End<'a> {
    /// Somebody stopped it.
    Asked,
    /// The interface can not be read any more: the reason.
    Deaf(&'a str),
}

impl Worker {
    /// Prepares to work.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let mut figures = Figures::of(parts.vlans, parts.calendar);
        let alive = parts.alive.map(|(alive, vlans)| {
            figures.resume(&vlans);
            alive
        });
        Self {
            clock: parts.clock,
            office: parts.office,
            decisions: Decisions::of(parts.review_file),
            logins: parts.logins,
            intake: parts.intake,
            pulses: parts.pulses,
            letters: Letters::new(parts.letters, parts.fared),
            renewal: parts.renewal,
            upkeep: parts.upkeep,
            alive,
            figures,
            since_round: None,
        }
    }

    /// Works until `stop` is set, the intake has ended, everything that was said has been
    /// written, and letters that were due have left or can not. `reload` asks for the rules
    /// to be read anew.
    ///
    /// # Errors
    /// The record can not be written: the process must end, and start again from it.
    pub fn work_until(&mut self, stop: &AtomicBool, reload: &AtomicBool) -> Result<(), StoreError> {
        let mut stopping: Option<Stopwatch> = None;
        let now = self.clock.now();
        self.office.work(self.renewal.begin(now), now)?;
        loop {
            if stopping.is_none() && stop.load(Ordering::Relaxed) {
                stopping = Some(Stopwatch::start());
            }
            let (mut notes, has_ended) = self.wait();
            let fared = self.letters.came_back(self.clock.now());
            let mut idle = fared.is_empty();
            self.office.work(fared, self.clock.now())?;
            let is_round = self.since_round.is_none_or(|since| since.elapsed() >= LOOK_ROUND);
            self.gather(&mut notes, is_round);
            if reload.swap(false, Ordering::Relaxed) {
                notes.extend(self.renewal.renew(self.clock.now()));
            }
            idle &= notes.is_empty();
            let now = self.clock.now();
            self.office.work(notes, now)?;
            if !idle || is_round || stopping.is_some() {
                self.letters.send(self.office.ledger(), now)?;
            }
            if is_round {
                self.since_round = Some(Stopwatch::start());
                if let Some(upkeep) = &mut self.upkeep {
                    upkeep.care(&mut self.office, now)?;
                }
                self.tell_systemd();
                self.say_alive(false, now);
            }
            let Some(since) = stopping else { continue };
            let is_over = !self.letters.are_out() || since.elapsed() >= LAST_LETTERS;
            if idle && has_ended && is_over {
                return Ok(());
            }
        }
    }

    /// Writes how this ends, with the last figures of the capture.
    ///
    /// # Errors
    /// The record can not be written.
    pub fn close(mut self, end: End<'_>) -> Result<(), StoreError> {
        let now = self.clock.now();
        for pulse in self.pulses.try_iter() {
            self.figures.take(pulse);
        }
        let mut notes = self.figures.losses(&self.intake.losses, now);
        notes.extend(self.figures.last(now));
        let (kind, sentence) = match end {
            End::Asked => ("stopped", "Monitoring was stopped in good order.".to_owned()),
            End::Deaf(why) => ("gap", format!("Monitoring stopped: {why}.")),
        };
        let kind = kind.to_owned();
        notes.push(Note::Health(Health { at: now, kind, sentence, figure: None }));
        self.office.work(notes, now)?;
        self.say_alive(true, now);
        Ok(())
    }

    /// Waits for the first urgent thing or the word that a letter was taken, at most one turn;
    /// and whether nobody hears any more. The other queues may still hold what was heard before.
    fn wait(&self) -> (Vec<Note>, bool) {
        let urgent = &self.intake.urgent;
        let mut either = Select::new();
        either.recv(urgent);
        // Between a server's 250 and our mark a kill would send the letter again.
        if let Some(fared) = self.letters.under_way() {
            either.recv(fared);
        }
        let _ = either.ready_timeout(TURN);
        match urgent.try_recv() {
            Ok(news) => (vec![Note::News(news)], false),
            Err(TryRecvError::Empty) => (Vec::new(), false),
            Err(TryRecvError::Disconnected) => {
                std::thread::sleep(TURN);
                (Vec::new(), true)
            }
        }
    }

    /// Everything else that is there. Claims go first: they may explain the matches.
    fn gather(&mut self, notes: &mut Vec<Note>, is_round: bool) {
        let now = self.clock.now();
        let intake = &self.intake;
        let mut gathered = Vec::new();
        for claim in intake.claims.try_iter().take(MOST_A_TURN) {
            if let Some(alive) = &mut self.alive {
                alive.hears(&claim);
            }
            gathered.push(Note::Claim(claim));
        }
        gathered.append(notes);
        let urgent = intake.urgent.try_iter().take(MOST_A_TURN);
        let ordinary = intake.ordinary.try_iter().take(MOST_A_TURN);
        gathered.extend(urgent.chain(ordinary).map(Note::News));
        for pulse in self.pulses.try_iter() {
            self.figures.take(pulse);
        }
        if is_round {
            gathered.extend(self.figures.losses(&intake.losses, now));
            gathered.extend(self.figures.silence(now));
            gathered.extend(self.figures.mirror(now));
            gathered.extend(self.figures.due(now));
            gathered.extend(self.decisions.more(now));
            gathered.extend(self.logins.iter_mut().flat_map(|followed| followed.more(now)));
        }
        *notes = gathered;
    }

    /// Tells systemd that work is being done: fed by turns, not by a timer of its own.
    fn tell_systemd(&self) {
        let line = self.figures.line();
        let states = [sd_notify::NotifyState::Watchdog, sd_notify::NotifyState::Status(&line)];
        drop(sd_notify::notify(&states));
    }

    /// Tells `wardline status` the same, and more.
    fn say_alive(&mut self, is_last: bool, now: Timestamp) {
        if let Some(alive) = &mut self.alive
            && (is_last || alive.is_due())
        {
            alive.say(&self.figures, &self.logins, &self.renewal.rules(), is_last, now);
        }
    }
}
