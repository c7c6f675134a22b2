//! Captures through the whole path on packet time: the daemon's own pass, roster and desk,
//! with a ledger that only remembers. It constructs no mailer.

mod book;
mod print;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use facts::{Claim, SensorId, Span, Timestamp};
use rules::Live;

use crate::capture::{Files, Reading};
use crate::clock::Stopwatch;
use crate::config::Config;
use crate::desk::Desk;
use crate::identity::Roster;
use crate::office::{Note, Office};
use crate::process::{Exit, Failure};
use crate::watch::{Everything, Kinds, News, Pass, PassSettings};
pub use book::Book;
pub use print::Accounts;

/// After the last packet the desk is given this long to finish every climb; nothing it
/// does is due later than the next school term.
const LONGEST_WAIT: Span = Span::hours(120 * 24);

/// Stands for the installation's own key, so that the same input gives the same ids.
pub const REPLAY_KEY: [u8; 32] = [0; 32];

/// What a replay prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The final state of each case, and every letter.
    Final,
    /// Every change as it happens.
    Events,
    /// Only totals.
    Summary,
}

/// A replay of captures.
pub struct Replay<W> {
    office: Office<Book<W>>,
    pass: Pass,
    logins: std::vec::IntoIter<Claim>,
    next_login: Option<Claim>,
    /// What the login files told, by kind.
    told: Kinds,
    now: Timestamp,
}

impl<W: Write> Replay<W> {
    /// Prepares a replay; ids are the same for the same input.
    #[must_use]
    pub fn new(
        config: &Config,
        rules: Arc<Live>,
        desk: Desk,
        roster: Arc<Roster>,
        mut logins: Vec<Claim>,
        book: Book<W>,
    ) -> Self {
        let settings = PassSettings {
            site: config.school.site,
            sensor: SensorId::default(),
            drop_copies: false,
            key: REPLAY_KEY,
            forwarders: config.capture.forwarders.clone(),
            filter_answers: config.capture.filter_answers.clone(),
            dns_ports: config.capture.dns_ports.clone(),
        };
        logins.sort_by_key(|claim| claim.at);
        let mut told = Kinds::default();
        logins.iter().for_each(|claim| told.claimed(&claim.assertion));
        let mut logins = logins.into_iter();
        Self {
            office: Office::new(roster, desk, book),
            pass: Pass::new(settings, [0; 16], rules),
            next_login: logins.next(),
            logins,
            told,
            now: Timestamp::from_micros(i64::MIN),
        }
    }

    /// Runs the captures, each read as `reading` says, then lets time go on until nothing
    /// waits, and prints.
    ///
    /// # Errors
    /// A capture that can not be read, after everything before it was used; or the output
    /// that can not be written.
    pub fn run(mut self, files: &[PathBuf], reading: Reading) -> Result<(), Failure> {
        let stopwatch = Stopwatch::start();
        let mut said = Everything::default();
        let mut work_failed = None;
        let read = Files::open_to_be_read(files, reading).and_then(|mut files| {
            files.each(|packet| {
                self.pass.feed(packet, &mut said);
                if work_failed.is_none() {
                    work_failed = self.keep_up(packet.at, &mut said).err();
                }
            })
        });
        self.pass.expire(Timestamp::MAX, &mut said);
        let tally = News::Tally(self.pass.take_tally());
        self.work(said.take().chain([Note::News(tally)]))?;
        self.finish()?;
        let coverage = self.pass.coverage();
        let mut kinds = self.pass.kinds().clone();
        kinds.claims.append(&mut self.told.claims);
        self.office.ledger().close(&coverage, &kinds, stopwatch.elapsed()).map_err(output)?;
        if let Some(failure) = work_failed {
            return Err(failure);
        }
        read.map_err(|error| Failure::of_captures(&error))
    }

    /// Hands on what was said up to a packet's time.
    fn keep_up(&mut self, at: Timestamp, said: &mut Everything) -> Result<(), Failure> {
        while self.next_login.as_ref().is_some_and(|login| login.at <= at) {
            self.pass_time(self.next_login.as_ref().map_or(at, |login| login.at))?;
            let login = std::mem::replace(&mut self.next_login, self.logins.next());
            self.work(login.map(Note::Claim))?;
        }
        self.pass_time(at)?;
        if said.is_empty() {
            return Ok(());
        }
        self.work(said.take())
    }

    /// Lets the desk do what is due before `at`, each at its own time.
    fn pass_time(&mut self, at: Timestamp) -> Result<(), Failure> {
        while let Some(due) = self.office.deadline().filter(|due| *due < at) {
            self.now = self.now.max(due);
            self.work([])?;
        }
        self.now = self.now.max(at);
        Ok(())
    }

    /// Lets time go on until nothing waits.
    fn finish(&mut self) -> Result<(), Failure> {
        while let Some(login) = self.next_login.take() {
            self.pass_time(login.at)?;
            self.next_login = self.logins.next();
            self.work([Note::Claim(login)])?;
        }
        let end = self.now + LONGEST_WAIT;
        self.pass_time(end)
    }

    fn work(&mut self, notes: impl IntoIterator<Item = Note>) -> Result<(), Failure> {
        self.office.work(notes, self.now).map_err(|error| Failure::new(Exit::Io, error.to_string()))
    }
}

fn output(error: std::io::Error) -> Failure {
    Failure::new(Exit::Io, format!("the output can not be written: {error}"))
}
