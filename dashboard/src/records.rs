//! The two databases as pages need them: opened for each request, off the request threads.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use facts::{
    Act, CodeWords, Decision, DecisionId, Delivery, Incident, Letter, Person, PersonId, Phase,
    Span, Timestamp, View,
};
use store::{
    Health, RecordReader, ReviewReader, ReviewWriter, SeenMatch, State, StoreError, Viewed,
};

use crate::refusal::Refusal;
use crate::standing::{Standing, readable_revisions, view_of};
use crate::views::Listed;

/// How far back the count of opened matters goes.
const WEEK: Span = Span::hours(24 * 7);
/// A letter that is tried again may leave so late before it counts as stuck: servers that do
/// not know a sender yet let them wait some minutes.
const SHORT_DELAY: Span = Span::minutes(4);
/// How far back a gap of the watching is told.
const DAY: Span = Span::hours(24);
/// Shown where people's decisions can not be read: the cases themselves still are.
const NO_REVIEW: &str = "What people decided can not be read or written at this moment, so a \
    matter may be in hand already. To say that you have one, ring the number on your card.";

/// Where the two databases are.
///
/// Both are opened anew for each request: a file that was restored or moved is seen at
/// once, and nothing is written into one that is gone.
#[derive(Clone, Debug)]
pub struct Records {
    record: Arc<PathBuf>,
    review: Arc<PathBuf>,
    writing: Arc<Mutex<()>>,
}

/// What the today page knows.
pub(crate) struct Today {
    /// What the reader must know before anything else.
    pub notice: Option<&'static str>,
    pub blind: Blind,
    pub cases: Vec<Listed>,
    pub state: State,
    /// Whether letters leave later than they should.
    pub letters_are_stuck: bool,
    pub read_this_week: u64,
}

/// What the watching could not see, and whether it is over.
#[derive(Default)]
pub(crate) struct Blind {
    /// Kinds of site that no list can find, each in a sentence.
    pub kinds: Vec<String>,
    /// That many logins could be any device's making, in a sentence.
    pub half_heard: Option<String>,
    /// Devices that are taken for routers, each in a sentence.
    pub routers: Vec<String>,
    /// Gaps and losses of the last day, the newest first.
    pub gaps: Vec<Health>,
    /// What was watched less from some moment on, of the last four weeks, the newest first;
    /// topics that were opened among it.
    pub lowered: Vec<Health>,
    /// What is wrong with the disk of the record, while it is.
    pub disk: Option<String>,
    /// That the times in a login file can not be right, while it is so.
    pub clock: Option<String>,
    /// Whether what was heard was a recording, which has been played to its end.
    pub has_ended: bool,
}

/// A case as one reader may know it.
pub(crate) struct CaseFile {
    pub incident: Incident,
    pub view: View,
    /// Since the reader has had this seat, oldest first.
    pub revisions: Vec<Incident>,
    pub matches: Vec<SeenMatch>,
    pub letters: Vec<(Letter, Delivery)>,
    pub decisions: Vec<Decision>,
    /// Those of them that the incident holds already.
    pub applied: BTreeSet<DecisionId>,
    pub views: Vec<Viewed>,
}

/// A button that somebody pressed.
pub(crate) struct Pressed {
    /// The number of the decision that may come of it.
    pub id: DecisionId,
    /// The words of the case, as the address of the form has them.
    pub code: CodeWords,
    pub by: PersonId,
    pub at: Timestamp,
}

/// What came of a press.
pub(crate) enum Decided {
    /// It is written.
    Written,
    /// It was not to be, for this reason; nothing is written.
    Declined(String),
}

impl CaseFile {
    /// How far people got with the reader's part.
    pub(crate) fn standing(&self, now: Timestamp) -> Standing {
        let Self { incident, decisions, applied, letters, .. } = self;
        Standing::of(incident, decisions, applied, letters, self.view, now)
    }
}

impl Records {
    /// Names the databases and makes review.db where there is none.
    ///
    /// # Errors
    /// Says why review.db can not be written.
    pub fn at(record: PathBuf, review: PathBuf) -> Result<Self, StoreError> {
        ReviewWriter::open(&review)?;
        Ok(Self { record: record.into(), review: review.into(), writing: Arc::default() })
    }

    /// The people who can be told.
    pub(crate) async fn people(&self) -> Result<Vec<Person>, Refusal> {
        self.off_thread(|records| records.reader()?.people()).await
    }

    /// What the today page shows this person.
    pub(crate) async fn today(&self, person: PersonId, now: Timestamp) -> Result<Today, Refusal> {
        self.off_thread(move |records| records.read_today(&person, now)).await
    }

    /// A case without its view being written down: for a decision, which shows nothing.
    pub(crate) async fn case(
        &self,
        code: CodeWords,
        person: PersonId,
    ) -> Result<Option<CaseFile>, Refusal> {
        self.off_thread(move |records| records.file(&code, &person)).await
    }

    /// Writes down that the person looks at the case, and only then gives it.
    pub(crate) async fn open_case(
        &self,
        code: CodeWords,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Option<CaseFile>, Refusal> {
        self.off_thread(move |records| {
            let Some((incident, _)) = records.seat(&code, &person)? else { return Ok(None) };
            records.write(|review| review.viewed(&person, incident.id, now))?;
            records.file(&code, &person)
        })
        .await
    }

    /// Looks at the case and writes what `wish` makes of it, in one step: nobody can decide
    /// between the look and the writing. None where there is no such case for this person.
    pub(crate) async fn decide(
        &self,
        pressed: Pressed,
        wish: impl FnOnce(&CaseFile) -> Result<Act, String> + Send + 'static,
    ) -> Result<Option<Decided>, Refusal> {
        self.off_thread(move |records| {
            records.write(|review| review.decide_after(|| records.look(pressed, wish)))
        })
        .await
    }

    fn look(
        &self,
        pressed: Pressed,
        wish: impl FnOnce(&CaseFile) -> Result<Act, String>,
    ) -> Result<(Option<Decision>, Option<Decided>), StoreError> {
        let Pressed { id, code, by, at } = pressed;
        let Some(file) = self.file(&code, &by)? else { return Ok((None, None)) };
        Ok(match wish(&file) {
            Ok(act) => {
                let decision = Decision { id, incident: file.incident.id, by, at, act };
                (Some(decision), Some(Decided::Written))
            }
            Err(why) => (None, Some(Decided::Declined(why))),
        })
    }

    fn read_today(&self, person: &PersonId, now: Timestamp) -> Result<Today, StoreError> {
        let record = self.reader()?;
        let state = record.state()?;
        let blind = blind_spots(&record, &state, now)?;
        let review = ReviewReader::open(&self.review);
        if let Err(fault) = &review {
            tracing::error!(%fault, "decisions can not be read");
        }
        let notice = review.is_err().then_some(NO_REVIEW);
        let review = review.ok();
        let mut cases = Vec::new();
        // Of what the reader opened, not of what is still on the list: a count that falls would
        // say that something was taken away.
        let read_this_week = match &review {
            Some(review) => review.cases_viewed_by(person, now - WEEK)?,
            None => 0,
        };
        for incident in record.incidents_for(person)? {
            let decisions = match &review {
                Some(review) => review.decisions(incident.id)?,
                None => Vec::new(),
            };
            let applied = record.applied(&decisions)?;
            // Read once more where people decided: after what was applied, and so with it.
            let incident = match record.incident_for(person, incident.id)? {
                Some((newer, _)) if !applied.is_empty() => newer,
                _ => incident,
            };
            let is_over = matches!(incident.phase, Phase::Closed { .. });
            let letters = if is_over { Vec::new() } else { record.letters(incident.id)? };
            cases.push(Listed { incident, decisions, applied, letters });
        }
        let letters_are_stuck = record.letters_stuck_since(now - SHORT_DELAY)?;
        Ok(Today { notice, blind, cases, state, letters_are_stuck, read_this_week })
    }

    /// The case of these code words in which the person has a seat: an open one before the
    /// newest, as words come round again. Cases of other people are not even looked at.
    fn seat(
        &self,
        code: &CodeWords,
        person: &PersonId,
    ) -> Result<Option<(Incident, View)>, StoreError> {
        let mut cases = self.reader()?.incidents_for(person)?;
        cases.retain(|case| case.code == *code);
        let is_open = |case: &Incident| matches!(case.phase, Phase::Open | Phase::Taken { .. });
        let open = cases.iter().position(is_open).unwrap_or(0);
        let found = (open < cases.len()).then(|| cases.swap_remove(open));
        Ok(found.and_then(|case| view_of(&case, person).map(|view| (case, view))))
    }

    /// A case with all that was decided about it; none where the person has no seat in it.
    fn file(&self, code: &CodeWords, person: &PersonId) -> Result<Option<CaseFile>, StoreError> {
        let Some((found, _)) = self.seat(code, person)? else { return Ok(None) };
        let (record, review) = (self.reader()?, ReviewReader::open(&self.review)?);
        let id = found.id;
        // In this order: what the daemon applied stands in the case that is read after it.
        let decisions = review.decisions(id)?;
        let applied = record.applied(&decisions)?;
        let Some((incident, view)) = record.incident_for(person, id)? else { return Ok(None) };
        let revisions = record.revisions(id)?;
        Ok(Some(CaseFile {
            revisions: readable_revisions(revisions, incident.revision, person, view),
            matches: record.matches(id)?,
            letters: record.letters(id)?,
            decisions,
            applied,
            views: review.views(id)?,
            incident,
            view,
        }))
    }

    fn reader(&self) -> Result<RecordReader, StoreError> {
        RecordReader::open(&self.record)
    }

    /// One write at a time.
    fn write<T>(
        &self,
        write: impl FnOnce(&mut ReviewWriter) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        write(&mut ReviewWriter::open(&self.review)?)
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let records = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&records)).await;
        done.map_err(|fault| Refusal::fault(&fault))?.map_err(|fault| Refusal::closed(&fault))
    }
}

/// For so long everybody who signs in reads what was lowered: longer than a holiday.
const LOWERED_SHOWN: Span = Span::hours(28 * 24);

/// What the rows about the machine tell a reader. Rows about letters are left out: they
/// would say that somebody has a case.
fn blind_spots(record: &RecordReader, state: &State, now: Timestamp) -> Result<Blind, StoreError> {
    let since_start = state.started.unwrap_or(now - DAY);
    let mut blind = Blind::default();
    for row in record.health(since_start.min(now - LOWERED_SHOWN), now + Span::seconds(1))? {
        match row.kind.as_str() {
            "coverage" if row.at >= since_start && !blind.kinds.contains(&row.sentence) => {
                blind.kinds.push(row.sentence);
            }
            "half_heard" if row.at >= since_start && row.at >= now - DAY => {
                blind.half_heard = Some(row.sentence);
            }
            "network" if row.at >= since_start => blind.routers.push(row.sentence),
            // A topic that was opened is watched less too, and whoever is written down as having
            // approved it reads so here.
            "lowered" | "exception" if row.at >= now - LOWERED_SHOWN => blind.lowered.push(row),
            "disk" => blind.disk = row.figure.map(|_| row.sentence),
            "clock" if row.at >= since_start => blind.clock = row.figure.map(|_| row.sentence),
            "played" => blind.has_ended = true,
            "started" => (blind.has_ended, blind.disk) = (false, None),
            "restarted" | "gap" | "loss" | "still" | "panic" => {
                blind.has_ended = false;
                if row.kind == "restarted" {
                    blind.disk = None;
                }
                if row.at >= now - DAY {
                    blind.gaps.push(row);
                }
            }
            _ => {}
        }
    }
    blind.gaps.reverse();
    blind.lowered.reverse();
    Ok(blind)
}
