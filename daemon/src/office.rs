//! Where all meets: claims go to the roster, matches to the desk, and what they come to is
//! written in one transaction.
//!
//! The same office serves the live daemon, the demonstration and a replay; what differs is
//! who keeps the ledger and what the time is.

use std::sync::Arc;

use facts::{Claim, Decision, Delivery, Match, Progress, Sighting, Source, Timestamp};
use rules::RuleSet;
use store::{Change, Health, RecordWriter, Snapshot, StoreError};

use crate::desk::{Desk, Event, WhoWas};
use crate::identity::{Dirty, Roster};
use crate::mail::Fared;
use crate::watch::{News, Tally};

/// Who keeps what the office decides.
pub trait Ledger {
    /// Writes all of it or nothing.
    ///
    /// # Errors
    /// Says why nothing was written.
    fn apply(&mut self, changes: &[Change]) -> Result<(), StoreError>;
}

impl Ledger for RecordWriter {
    fn apply(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        Self::apply(self, changes)
    }
}

/// Something the office is told.
#[derive(Debug)]
pub enum Note {
    /// Who holds an address.
    Claim(Claim),
    /// From the pass over packets.
    News(News),
    /// What a person decided on the dashboard.
    Decision(Decision),
    /// How a letter fared.
    Fared(Fared),
    /// Something about the machine itself.
    Health(Health),
    /// Figures of the capture.
    Coverage(store::Coverage),
    /// A source of claims lost some: nothing rests on it until its next proof.
    CoverBroken(Source),
    /// The rules were swapped.
    Rules(Arc<RuleSet>),
}

/// The desk with its roster and its ledger.
pub struct Office<L> {
    roster: Arc<Roster>,
    desk: Desk,
    ledger: L,
}

impl WhoWas for Roster {
    fn who_was(
        &self,
        sighting: &Sighting,
        at: Timestamp,
        known_at: Timestamp,
    ) -> facts::Attribution {
        Self::who_was(self, sighting, at, known_at)
    }
}

impl<L: Ledger> Office<L> {
    /// Opens an office with nothing in it.
    pub const fn new(roster: Arc<Roster>, desk: Desk, ledger: L) -> Self {
        Self { roster, desk, ledger }
    }

    /// Takes up the work where the ledger says it was left.
    ///
    /// # Errors
    /// The ledger could not write what that came to.
    pub fn restore(&mut self, snapshot: Snapshot, now: Timestamp) -> Result<(), StoreError> {
        for claim in &snapshot.claims {
            self.roster.absorb(claim);
        }
        let changes = self.desk.restore(snapshot, now);
        self.write(&changes)
    }

    /// Does everything that the notes and the time ask for, in one transaction.
    ///
    /// # Errors
    /// Nothing was written; the process must not go on as if it had been.
    pub fn work(
        &mut self,
        notes: impl IntoIterator<Item = Note>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut changes = Vec::new();
        for note in notes {
            self.note(note, now, &mut changes);
        }
        if self.desk.deadline().is_some_and(|due| due <= now) {
            changes.extend(self.desk.handle(Event::Tick, now, &*self.roster));
        }
        self.write(&changes)
    }

    /// When there is work to do although nobody says anything.
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        self.desk.deadline()
    }

    /// The ledger.
    pub const fn ledger(&mut self) -> &mut L {
        &mut self.ledger
    }

    /// The roster.
    #[must_use]
    pub const fn roster(&self) -> &Arc<Roster> {
        &self.roster
    }

    fn write(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        if changes.is_empty() { Ok(()) } else { self.ledger.apply(changes) }
    }

    fn note(&mut self, note: Note, now: Timestamp, changes: &mut Vec<Change>) {
        match note {
            Note::Claim(claim) => self.claim(claim, now, changes),
            Note::News(News::Match(matched)) => self.matched(matched, now, changes),
            Note::News(News::Progress(progress)) => self.progress(progress, now, changes),
            Note::News(News::Tally(tally)) => trends(tally, now, changes),
            Note::Decision(decision) => {
                changes.extend(self.desk.handle(Event::Decision(&decision), now, &*self.roster));
            }
            Note::Fared(fared) => self.fared(fared, now, changes),
            Note::CoverBroken(source) => {
                let dirty = self.roster.cover_broken(source, now);
                self.ask_again(&dirty, now, changes);
            }
            Note::Health(health) => changes.push(Change::Health(health)),
            Note::Coverage(coverage) => changes.push(Change::Coverage(coverage)),
            Note::Rules(rules) => {
                changes.extend(self.desk.handle(Event::RulesSwapped(&rules), now, &*self.roster));
            }
        }
    }

    fn claim(&mut self, claim: Claim, now: Timestamp, changes: &mut Vec<Change>) {
        // A claim that tells the roster nothing new is not worth a row.
        if let Some(dirty) = self.roster.absorb(&claim) {
            changes.push(Change::Claim(claim));
            self.ask_again(&dirty, now, changes);
        }
    }

    fn ask_again(&mut self, dirty: &Dirty, now: Timestamp, changes: &mut Vec<Change>) {
        let touches = |sighting: &Sighting, at: Timestamp| dirty.touches(sighting, at);
        changes.extend(self.desk.handle(Event::Dirty(&touches), now, &*self.roster));
    }

    fn matched(&mut self, matched: Match, now: Timestamp, changes: &mut Vec<Change>) {
        changes.extend(self.desk.handle(Event::Match(&matched), now, &*self.roster));
    }

    fn progress(&mut self, progress: Progress, now: Timestamp, changes: &mut Vec<Change>) {
        changes.extend(self.desk.handle(Event::Progress(&progress), now, &*self.roster));
    }

    fn fared(&mut self, fared: Fared, now: Timestamp, changes: &mut Vec<Change>) {
        changes.push(Change::Delivery { id: fared.id, delivery: fared.delivery });
        if let Some(trouble) = fared.trouble {
            changes.push(Change::Health(Health {
                at: now,
                kind: "mail".to_owned(),
                sentence: trouble.sentence().to_owned(),
                figure: None,
            }));
        }
        if matches!(fared.delivery, Delivery::Refused { .. }) {
            changes.extend(self.desk.handle(Event::LetterRefused(fared.id), now, &*self.roster));
        }
        if matches!(fared.delivery, Delivery::Accepted { .. }) {
            changes.extend(self.desk.handle(Event::LetterTaken(fared.id), now, &*self.roster));
        }
    }
}

fn trends(tally: Tally, now: Timestamp, changes: &mut Vec<Change>) {
    for (category, count) in tally.trends {
        changes.push(Change::Trend { at: now, category, count });
    }
}
