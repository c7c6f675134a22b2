//! Where all meets: claims go to the roster, matches to the desk, and what they come to is
//! written in one transaction.
//!
//! The same office serves the live daemon, the demonstration and a replay; what differs is
//! who keeps the ledger and what the time is.

use std::sync::Arc;

use facts::{Assertion, Claim, Decision, Delivery, Match, Progress, Sighting, Timestamp};
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
    /// The rules were swapped.
    Rules(Arc<RuleSet>),
}

/// How many logins the mirror showed since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoginsHeard {
    /// All of them.
    pub all: u64,
    /// Of these, from one side only, or with a device for a server: any device can send that.
    pub one_sided: u64,
}

/// The desk with its roster and its ledger.
pub struct Office<L> {
    roster: Arc<Roster>,
    desk: Desk,
    ledger: L,
    logins: LoginsHeard,
}

impl LoginsHeard {
    fn count(&mut self, claim: &Claim, roster: &Roster) {
        if matches!(claim.assertion, Assertion::KerberosGranted { .. } | Assertion::Accounted(_)) {
            self.all += 1;
            self.one_sided += u64::from(!roster.is_trusted(claim.exchange));
        }
    }
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
        Self { roster, desk, ledger, logins: LoginsHeard { all: 0, one_sided: 0 } }
    }

    /// Takes up the work where the ledger says it was left. The snapshot holds the claims
    /// since `claims_from`.
    ///
    /// # Errors
    /// The ledger could not write what that came to.
    pub fn restore(
        &mut self,
        snapshot: Snapshot,
        claims_from: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.roster.forget_before(claims_from);
        for claim in &snapshot.claims {
            self.roster.absorb(claim);
        }
        let changes = self.desk.restore(snapshot, now);
        self.write(&changes)
    }

    /// How many logins the mirror showed since the start.
    pub const fn logins_heard(&self) -> LoginsHeard {
        self.logins
    }

    /// Does everything that the notes and the time ask for, in one transaction: first the
    /// claims, which may explain the matches.
    ///
    /// # Errors
    /// Nothing was written; the process must not go on as if it had been.
    pub fn work(
        &mut self,
        notes: impl IntoIterator<Item = Note>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut changes = Vec::new();
        let (mut claims, mut others) = (Vec::new(), Vec::new());
        for note in notes {
            match note {
                Note::Claim(claim) => claims.push(claim),
                other => others.push(other),
            }
        }
        self.claims(claims, now, &mut changes);
        for note in others {
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

    /// Forgets the claims before a moment; the record keeps them as long as it may.
    pub fn forget_before(&self, at: Timestamp) {
        self.roster.forget_before(at);
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
            Note::Claim(claim) => self.claims(vec![claim], now, changes),
            Note::News(News::Match(matched)) => self.matched(matched, now, changes),
            Note::News(News::Progress(progress)) => self.progress(progress, now, changes),
            Note::News(News::Tally(tally)) => trends(tally, now, changes),
            Note::Decision(decision) => {
                changes.extend(self.desk.handle(Event::Decision(&decision), now, &*self.roster));
            }
            Note::Fared(fared) => self.fared(fared, now, changes),
            Note::Health(health) => changes.push(Change::Health(health)),
            Note::Coverage(coverage) => changes.push(Change::Coverage(coverage)),
            Note::Rules(rules) => {
                changes.extend(self.desk.handle(Event::RulesSwapped(&rules), now, &*self.roster));
            }
        }
    }

    /// Takes claims that came together, and asks once what they come to: the answer to
    /// half of them may name somebody whom the other half clears.
    fn claims(&mut self, claims: Vec<Claim>, now: Timestamp, changes: &mut Vec<Change>) {
        let mut dirty: Vec<Dirty> = Vec::new();
        for claim in claims {
            self.logins.count(&claim, &self.roster);
            // A claim that tells the roster nothing new is not worth a row.
            if let Some(more) = self.roster.absorb(&claim) {
                changes.push(Change::Claim(claim));
                dirty.push(more);
            }
        }
        if !dirty.is_empty() {
            let known_from = self.roster.answers_from();
            let touches = |sighting: &Sighting, at: Timestamp| {
                at >= known_from && dirty.iter().any(|dirty| dirty.touches(sighting, at))
            };
            changes.extend(self.desk.handle(Event::Dirty(&touches), now, &*self.roster));
        }
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

#[cfg(test)]
mod tests {
    use facts::{Exchange, Heard, LogonEvent, Rung, SiteId, Source, Span, UserName};
    use jiff::tz::TimeZone;

    use super::*;
    use crate::desk::tests::day::{Day, URGENT, rules, settings};
    use crate::desk::tests::school::EVERYBODY;
    use crate::identity::sources::read_directory;
    use crate::identity::{self, Roster};

    struct Kept(Vec<Change>);

    impl Ledger for Kept {
        fn apply(&mut self, changes: &[Change]) -> Result<(), StoreError> {
            self.0.extend_from_slice(changes);
            Ok(())
        }
    }

    fn office(kept: Kept) -> Office<Kept> {
        let accounts = "login,role\nb.pupil,pupil\nc.pupil,pupil\nd.pupil,pupil\n";
        let directory = read_directory("d.csv", accounts.as_bytes(), &TimeZone::UTC).unwrap();
        let site = SiteId(1);
        let roster = Roster::new(directory, identity::Settings { site, ..Default::default() });
        Office::new(Arc::new(roster), Desk::new(settings(EVERYBODY), rules()), kept)
    }

    #[test]
    fn an_answer_whose_claims_are_forgotten_stays_whatever_is_told_late() {
        let mut day = Day::begins("2026-11-20 10:40");
        let matched = day.matched("10.1.0.7", URGENT, Heard::TlsClientHello);
        let at = matched.at;
        let mut office = office(Kept(Vec::new()));
        let row = |user: &str, told_at, heard_at| {
            let assertion = Assertion::Logon {
                event: LogonEvent::Login,
                user: UserName::new(user),
                address: None,
                mac: "52:54:00:00:00:07".parse().ok(),
                session: None,
                told_at,
            };
            Note::Claim(Claim {
                at: heard_at,
                assertion,
                source: Source::LoginFile,
                exchange: Exchange::Whole,
            })
        };
        let login = at - Span::minutes(1);
        office.work([row("b.pupil", login, login), Note::News(News::Match(matched))], at).unwrap();
        office.work([], at + Span::minutes(1)).unwrap();
        let later = at + Span::hours(30);
        let late = |office: &mut Office<Kept>, user, before| {
            let written = office.ledger().0.len();
            office.work([row(user, at - Span::minutes(before), later)], later).unwrap();
            let since = &office.ledger().0[written..];
            since.iter().any(|change| matches!(change, Change::Incident(_)))
        };
        assert!(late(&mut office, "c.pupil", 3), "what is known in full is asked again");
        office.forget_before(later - Span::hours(5));
        assert!(!late(&mut office, "d.pupil", 2), "a later row alone would name a wrong child");
    }

    #[test]
    fn a_login_and_its_logout_that_come_together_name_nobody_in_between() {
        let mut day = Day::begins("2026-11-20 10:40");
        let matched = day.matched("10.1.0.7", URGENT, Heard::TlsClientHello);
        let (id, at) = (matched.id, matched.at);
        let progress = Progress { id, rung: Rung::Loaded, at, bytes: 40_000, by_filter: false };
        let mut office = office(Kept(Vec::new()));
        let news = [News::Match(matched), News::Progress(progress)].map(Note::News);
        office.work(news, at).unwrap();
        let later = at + Span::minutes(1);
        office.work([], later).unwrap();
        assert!(office.ledger().0.iter().any(|change| matches!(change, Change::Letter(_))));

        let row = |event, before, session: &str| {
            let told_at = at - Span::seconds(before);
            let assertion = Assertion::Logon {
                event,
                user: UserName::new("b.pupil"),
                address: "10.1.0.7".parse().ok(),
                mac: "52:54:00:00:00:07".parse().ok(),
                session: Some(session.into()),
                told_at,
            };
            Note::Claim(Claim {
                at: later,
                assertion,
                source: Source::LoginFile,
                exchange: Exchange::Whole,
            })
        };
        let before = office.ledger().0.len();
        let rows = [row(LogonEvent::Login, 26, "pc-07 2"), row(LogonEvent::Logout, 14, "pc-07 2")];
        office.work(rows, later).unwrap();
        let since = &office.ledger().0[before..];
        assert!(since.iter().all(|change| matches!(change, Change::Claim(_))), "{since:?}");
        assert_eq!(since.len(), 2);
        // Alone, such a login is news.
        let before = office.ledger().0.len();
        office.work([row(LogonEvent::Login, 5, "pc-07 3")], later).unwrap();
        let since = &office.ledger().0[before..];
        assert!(since.iter().any(|change| matches!(change, Change::Incident(_))), "{since:?}");
    }
}
