//! Where the pass puts what leaves it: bounded queues that never block the capture.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_channel::{Receiver, Sender, bounded};
use facts::{Category, Claim, Match, Progress};

use crate::office::Note;

/// What the pass hands on, whoever takes it.
pub trait Outlet {
    /// A statement about who holds an address.
    fn claim(&mut self, claim: Claim);
    /// A name that a rule spoke to.
    fn matched(&mut self, matched: Match, lane: Lane);
    /// A later step of the connection behind a match.
    fn progress(&mut self, progress: Progress);
}

/// Which queue a match goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Its rules can reach P1 or P2.
    Urgent,
    /// Its rules can not.
    Ordinary,
}

/// Room for urgent matches and their progress, ordinary ones, and claims: at the
/// 50 milliseconds the desk may take, 80,000 urgent matches a second fit.
const URGENT: usize = 4_096;
const ORDINARY: usize = 4_096;
const CLAIMS: usize = 16_384;

/// What did not fit into a queue. Any figure here is shown red and reported.
#[derive(Debug, Default)]
pub struct Losses {
    /// Urgent matches and their progress.
    pub urgent: AtomicU64,
    /// Ordinary matches.
    pub ordinary: AtomicU64,
    /// Claims: each ends the cover of its source at that instant.
    pub claims: AtomicU64,
}

/// Names that no profile makes a case of, counted; nothing else is left of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Counts by category, only those above zero.
    pub trends: Vec<(Category, u64)>,
}

/// What goes through a queue of matches.
#[derive(Debug)]
pub enum News {
    /// A name that a rule spoke to.
    Match(Match),
    /// A later step of the connection behind a match.
    Progress(Progress),
    /// Counts since the last.
    Tally(Tally),
}

/// The capture thread's ends of the queues.
pub struct Queues {
    urgent: Sender<News>,
    ordinary: Sender<News>,
    claims: Sender<Claim>,
    losses: Arc<Losses>,
}

/// The desk's ends of the queues.
pub struct Intake {
    /// Matches that can be urgent, with their progress.
    pub urgent: Receiver<News>,
    /// Other matches and counts.
    pub ordinary: Receiver<News>,
    /// Claims.
    pub claims: Receiver<Claim>,
    /// What did not fit.
    pub losses: Arc<Losses>,
}

impl Queues {
    /// Both ends of three bounded queues.
    #[must_use]
    pub fn open() -> (Self, Intake) {
        let (urgent, urgent_out) = bounded(URGENT);
        let (ordinary, ordinary_out) = bounded(ORDINARY);
        let (claims, claims_out) = bounded(CLAIMS);
        let losses = Arc::new(Losses::default());
        let intake = Intake {
            urgent: urgent_out,
            ordinary: ordinary_out,
            claims: claims_out,
            losses: Arc::clone(&losses),
        };
        (Self { urgent, ordinary, claims, losses }, intake)
    }
}

impl Queues {
    /// Hands on counts. Where there is no room they are kept for the next time.
    ///
    /// # Errors
    /// Gives the counts back.
    pub fn tally(&self, tally: Tally) -> Result<(), Tally> {
        self.ordinary.try_send(News::Tally(tally)).map_err(|refused| match refused.into_inner() {
            News::Tally(tally) => tally,
            News::Match(_) | News::Progress(_) => Tally::default(),
        })
    }
}

impl Outlet for Queues {
    fn claim(&mut self, claim: Claim) {
        if self.claims.try_send(claim).is_err() {
            self.losses.claims.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn matched(&mut self, matched: Match, lane: Lane) {
        let (queue, lost) = match lane {
            Lane::Urgent => (&self.urgent, &self.losses.urgent),
            Lane::Ordinary => (&self.ordinary, &self.losses.ordinary),
        };
        if queue.try_send(News::Match(matched)).is_err() {
            lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn progress(&mut self, progress: Progress) {
        if self.urgent.try_send(News::Progress(progress)).is_err() {
            self.losses.urgent.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Takes everything in the order it was said; for replays and tests.
#[derive(Debug, Default)]
pub struct Everything {
    /// Claims.
    pub claims: Vec<Claim>,
    /// Matches, progress and counts.
    pub news: Vec<News>,
}

impl Everything {
    /// Whether nothing was said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.claims.is_empty() && self.news.is_empty()
    }

    /// Everything that was said since the last time; claims first, as they may explain the
    /// matches.
    pub fn take(&mut self) -> impl Iterator<Item = Note> {
        let claims = self.claims.drain(..).map(Note::Claim);
        claims.chain(self.news.drain(..).map(Note::News))
    }
}

impl Outlet for Everything {
    fn claim(&mut self, claim: Claim) {
        self.claims.push(claim);
    }

    fn matched(&mut self, matched: Match, _lane: Lane) {
        self.news.push(News::Match(matched));
    }

    fn progress(&mut self, progress: Progress) {
        self.news.push(News::Progress(progress));
    }
}

#[cfg(test)]
mod tests {
    use facts::{Assertion, Exchange, Mac, Source, Timestamp};

    use super::*;

    #[test]
    fn a_full_queue_counts_what_it_loses_and_never_blocks() {
        let (mut queues, intake) = Queues::open();
        let claim = Claim {
            at: Timestamp::EPOCH,
            assertion: Assertion::Announced {
                mac: Mac::from_octets([2; 6]),
                address: [10, 0, 0, 1].into(),
                vlan: None,
            },
            source: Source::Mirror,
            exchange: Exchange::Whole,
        };
        for _ in 0..CLAIMS + 3 {
            queues.claim(claim.clone());
        }
        assert_eq!(intake.losses.claims.load(Ordering::Relaxed), 3);
        assert_eq!(intake.claims.len(), CLAIMS);
        let tally = Tally { trends: vec![(Category::C19, 5)] };
        for _ in 0..ORDINARY {
            queues.tally(tally.clone()).unwrap();
        }
        assert_eq!(queues.tally(tally.clone()), Err(tally));
        assert_eq!(intake.losses.urgent.load(Ordering::Relaxed), 0);
    }
}
