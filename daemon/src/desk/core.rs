//! The desk: takes events and the time, answers with what is to be written, and says when
//! it wants to be asked again. It has no clock, no thread and no store.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use facts::{
    Attribution, Decision, DecisionId, IncidentId, LetterId, Match, MatchId, Person, PersonId,
    Progress, Sighting, Span, Timestamp,
};
use rules::RuleSet;
use store::{Change, Health};

use super::attempts::{Attempted, Bursts};
use super::case::Case;
use super::evidence::{Evidence, Waiting, first_category};
use super::naming::Namer;
use super::settings::Settings;
use super::witness::Witness;

/// Answers who was behind something seen.
pub trait WhoWas {
    /// Who was behind `sighting` at `at`, as it is known at `known_at`.
    fn who_was(&self, sighting: &Sighting, at: Timestamp, known_at: Timestamp) -> Attribution;
}

/// What the desk is told.
#[derive(Clone, Copy)]
pub enum Event<'a> {
    /// A match left its queue.
    Match(&'a Match),
    /// The connection behind a match got further.
    Progress(&'a Progress),
    /// The roster learnt something: what it touches is asked again.
    Dirty(&'a dyn Fn(&Sighting, Timestamp) -> bool),
    /// Somebody decided something on the dashboard.
    Decision(&'a Decision),
    /// The server refused a letter's recipient for good.
    LetterRefused(LetterId),
    /// The server took a letter.
    LetterTaken(LetterId),
    /// There is a new set of rules.
    RulesSwapped(&'a Arc<RuleSet>),
    /// Time passed.
    Tick,
}

/// What one device asks for within this time of a first match is decided with it.
const ONE_EVENT: Span = Span::seconds(2);
/// Progress that overtook its match is kept for so many matches.
const MOST_EARLY: usize = 1_024;

/// From a match to a case, and from a case to letters.
#[derive(Debug)]
pub struct Desk {
    pub(super) settings: Settings,
    pub(super) rules: Arc<RuleSet>,
    pub(super) namer: Namer,
    pub(super) waiting: BTreeMap<MatchId, Waiting>,
    /// Progress that came before its match.
    pub(super) early: BTreeMap<MatchId, (Timestamp, Vec<Progress>)>,
    pub(super) cases: BTreeMap<IncidentId, Case>,
    /// Which case holds a match.
    pub(super) home: BTreeMap<MatchId, IncidentId>,
    pub(super) attempted: Attempted,
    pub(super) bursts: Bursts,
    pub(super) witness: Witness,
    pub(super) decided: BTreeSet<DecisionId>,
    /// What each end-of-day letter told, so that a refused one goes to somebody else.
    pub(super) lists: BTreeMap<LetterId, (PersonId, Vec<IncidentId>)>,
    /// Who can not be reached by an end-of-day letter.
    pub(super) unreachable: BTreeSet<PersonId>,
    /// End-of-day letters that were refused and have nobody else to go to.
    pub(super) tried_again: BTreeSet<LetterId>,
}

impl Desk {
    /// A desk on which nothing lies yet.
    #[must_use]
    pub fn new(settings: Settings, rules: Arc<RuleSet>) -> Self {
        Self {
            namer: Namer::new(&settings.key),
            settings,
            rules,
            waiting: BTreeMap::new(),
            early: BTreeMap::new(),
            cases: BTreeMap::new(),
            home: BTreeMap::new(),
            attempted: Attempted::default(),
            bursts: Bursts::default(),
            witness: Witness::default(),
            decided: BTreeSet::new(),
            lists: BTreeMap::new(),
            unreachable: BTreeSet::new(),
            tried_again: BTreeSet::new(),
        }
    }

    /// The people who can be told, for the record that the dashboard reads.
    #[must_use]
    pub fn people(&self) -> Vec<Person> {
        self.settings.people.list()
    }

    /// Takes one event and does whatever is due at `now`.
    ///
    /// Everything returned belongs into one transaction.
    pub fn handle(&mut self, event: Event<'_>, now: Timestamp, who: &dyn WhoWas) -> Vec<Change> {
        let mut changes = Vec::new();
        match event {
            Event::Match(matched) => self.receive(matched, now, &mut changes),
            Event::Progress(progress) => self.advance(progress, now, &mut changes),
            Event::Dirty(touches) => self.ask_again(touches, now, who, &mut changes),
            Event::Decision(decision) => self.decide(decision, now, &mut changes),
            Event::LetterRefused(id) => self.pass_over(id, now, &mut changes),
            Event::LetterTaken(id) => self.was_taken(id, now, &mut changes),
            Event::RulesSwapped(rules) => self.rules = Arc::clone(rules),
            Event::Tick => {}
        }
        self.settle_waiting(now, who, &mut changes);
        self.settle_cases(now, &mut changes);
        self.settle_lists(now, &mut changes);
        changes
    }

    /// When it wants to be asked again; none while nothing waits.
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        let waiting = self.waiting.values().map(|waiting| waiting.until);
        let cases = self.cases.values().flat_map(|case| {
            let lists = case.desks.iter().filter_map(|tray| tray.list(&self.unreachable));
            lists.map(|(due, _)| due).chain(case.next).chain(case.revise_by)
        });
        waiting.chain(cases).min()
    }

    /// How many matches wait for their grace to end.
    #[must_use]
    pub fn waiting_count(&self) -> usize {
        self.waiting.len()
    }

    fn receive(&mut self, matched: &Match, now: Timestamp, changes: &mut Vec<Change>) {
        if self.waiting.contains_key(&matched.id) || self.home.contains_key(&matched.id) {
            return;
        }
        changes.push(Change::Match(matched.clone()));
        let mut evidence = Evidence::of(matched);
        if let Some((_, early)) = self.early.remove(&matched.id) {
            for progress in early {
                evidence.take(&progress);
                changes.push(Change::Progress(progress));
            }
        }
        self.wait(matched, evidence, now + self.settings.grace);
    }

    /// Lets a match wait for the logon that explains it.
    pub(super) fn wait(&mut self, matched: &Match, evidence: Evidence, until: Timestamp) {
        if let Some(category) = first_category(matched) {
            self.bursts.note(&matched.sighting, category, matched.at);
        }
        self.waiting.insert(matched.id, Waiting { matched: matched.clone(), evidence, until });
    }

    fn advance(&mut self, progress: &Progress, now: Timestamp, changes: &mut Vec<Change>) {
        if let Some(waiting) = self.waiting.get_mut(&progress.id) {
            waiting.evidence.take(progress);
            changes.push(Change::Progress(*progress));
            return;
        }
        if self.home.contains_key(&progress.id) {
            changes.push(Change::Progress(*progress));
            self.advance_held(progress, now, changes);
            return;
        }
        // Matches and their progress take different queues: one may overtake the other.
        if self.early.len() >= MOST_EARLY {
            let oldest = self.early.iter().min_by_key(|(_, (came, _))| *came).map(|(id, _)| *id);
            oldest.and_then(|id| self.early.remove(&id));
        }
        self.early.entry(progress.id).or_insert_with(|| (now, Vec::new())).1.push(*progress);
    }

    /// Decides matches whose grace has ended, and with each what the same device asked for
    /// within the next moments: look-ups and connections of one page are one event, and
    /// must not be told as "look today" and a millisecond later as "act now".
    fn settle_waiting(&mut self, now: Timestamp, who: &dyn WhoWas, changes: &mut Vec<Change>) {
        let over: Vec<_> = self
            .waiting
            .values()
            .filter(|waiting| waiting.until <= now)
            .map(|waiting| (waiting.matched.sighting, waiting.matched.at))
            .collect();
        let goes_along = |waiting: &Waiting| {
            let Match { sighting, at, .. } = waiting.matched;
            waiting.until <= now
                || over.iter().any(|(device, first)| {
                    *device == sighting && at >= *first && at.since(*first) <= ONE_EVENT
                })
        };
        let mut due: Vec<_> = self
            .waiting
            .iter()
            .filter(|(_, waiting)| goes_along(waiting))
            .map(|(id, waiting)| (waiting.until, waiting.matched.at, *id))
            .collect();
        due.sort_unstable();
        for (.., id) in due {
            if let Some(waiting) = self.waiting.remove(&id) {
                let attribution = who.who_was(&waiting.matched.sighting, waiting.matched.at, now);
                self.attribute(waiting, attribution, now, changes);
            }
        }
    }

    /// Writes that something about letters or decisions went wrong, without a name.
    pub(super) fn health(kind: &str, sentence: String, now: Timestamp) -> Change {
        Change::Health(Health { at: now, kind: kind.into(), sentence, figure: None })
    }
}
