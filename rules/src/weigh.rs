//! How much a match weighs once it is known who may have been behind it and how far it got.

use facts::{
    Candidate, Category, Confidence, Name, Profile, RuleId, Ruling, Rung, Severity, Timestamp,
    Weight,
};

use crate::calendar::Times;
use crate::exceptions::{Exception, covering};
use crate::levels::{Theme, level, theme};
use crate::sentence;
use crate::set::{RuleSet, pack_of};

/// So many separate attempts are no accident.
const REPEATED: u32 = 3;

/// What is known about a match besides its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances<'a> {
    /// Who it is weighed for.
    pub profile: Profile,
    /// How far the connection got.
    pub rung: Rung,
    /// Whether what answered was the filter's own block page or sinkhole.
    pub by_filter: bool,
    /// Whether the name was inferred from the device's own look-ups, not read.
    pub inferred: bool,
    /// Separate attempts by this device within the hour, this one included.
    pub attempts_in_hour: u32,
    /// Separate attempts by this device on this day, this one included.
    pub attempts_today: u32,
    /// When the match was seen.
    pub at: Timestamp,
    /// The times of the school's calendar that held then.
    pub times: Times,
    /// The name of the network it was seen on, as the configuration has it; none elsewhere.
    pub network: Option<&'a str>,
    /// The name that was asked for: exceptions can be for names.
    pub name: Option<Name<'a>>,
    /// The one pupil's or class's account that was proven to be in use. None wherever that
    /// is less than certain, so that no exception applies to anybody else.
    pub pupil: Option<&'a Candidate>,
}

impl Circumstances<'_> {
    /// One attempt that got so far, of which nothing else is known.
    #[must_use]
    pub fn of_one(profile: Profile, rung: Rung) -> Self {
        Self {
            profile,
            rung,
            by_filter: false,
            inferred: false,
            attempts_in_hour: 1,
            attempts_today: 1,
            at: Timestamp::EPOCH,
            times: Times::default(),
            network: None,
            name: None,
            pupil: None,
        }
    }

    /// Whether the site itself answered.
    pub(crate) fn is_reached(&self) -> bool {
        self.rung >= Rung::Answered && !self.by_filter
    }

    /// Whether something stood in the way: a refusal, or the filter's own answer.
    pub(crate) fn is_blocked(&self) -> bool {
        self.rung == Rung::Refused || (self.rung >= Rung::Answered && self.by_filter)
    }
}

/// What a match comes to, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What it comes to.
    pub weight: Weight,
    /// Its theme.
    pub category: Category,
    /// The rule that decided.
    pub ruling: RuleId,
    /// One plain sentence for the lead, without any name of a site or person.
    pub because: String,
    /// The topic of the approved exception that made a count of what else were a case.
    pub excepted: Option<String>,
}

/// What one ruling comes to.
struct Said<'a> {
    weight: Weight,
    ruling: &'a Ruling,
    confidence: Confidence,
    excepted: Option<&'a Exception>,
}

impl Said<'_> {
    /// What counts first; where two come to the same, an exception is never left unsaid.
    const fn rank(&self) -> (u8, bool) {
        (self.weight.gravity(), self.excepted.is_some())
    }
}

impl RuleSet {
    /// Weighs what the rules said of one name: the gravest ruling holds.
    ///
    /// `None` where there is no ruling at all, which a match never is.
    #[must_use]
    pub fn weigh(&self, rulings: &[Ruling], seen: &Circumstances<'_>) -> Option<Verdict> {
        self.weigh_where(rulings, seen, |rule| self.speaks_here(rule, seen))
    }

    /// Whether one approved exception would make a count of it in all of these circumstances.
    /// No weight follows from it: it tells what a proof of who it was would have changed.
    #[must_use]
    pub fn would_be_covered(&self, rulings: &[Ruling], seen: &[Circumstances<'_>]) -> bool {
        let covers = |exception: &Exception, seen: &Circumstances<'_>| {
            let alone = std::slice::from_ref(exception);
            let said = self.gravest(rulings, seen, alone, |rule| self.speaks_here(rule, seen));
            said.is_some_and(|said| said.excepted.is_some())
        };
        !seen.is_empty()
            && self.exceptions().iter().any(|one| seen.iter().all(|seen| covers(one, seen)))
    }

    /// As [`RuleSet::weigh`], where the caller says which rules speak at all.
    pub(crate) fn weigh_where(
        &self,
        rulings: &[Ruling],
        seen: &Circumstances<'_>,
        speaks: impl Fn(&RuleId) -> bool,
    ) -> Option<Verdict> {
        let gravest = self.gravest(rulings, seen, self.exceptions().as_slice(), speaks);
        gravest.map(|Said { weight, ruling, confidence, excepted }| Verdict {
            weight,
            category: ruling.category,
            ruling: ruling.rule.clone(),
            because: sentence::because(ruling.category, confidence, weight, seen, excepted),
            excepted: excepted.map(|exception| exception.topic().to_owned()),
        })
    }

    fn gravest<'a>(
        &self,
        rulings: &'a [Ruling],
        seen: &Circumstances<'_>,
        exceptions: &'a [Exception],
        speaks: impl Fn(&RuleId) -> bool,
    ) -> Option<Said<'a>> {
        let mut gravest: Option<Said<'a>> = None;
        for ruling in rulings {
            let mut said = self.weigh_ruling(ruling, rulings, seen, exceptions);
            // What needs someone today or now is above every condition.
            let may_be_silent = !matches!(said.weight, Weight::Case(Severity::P1 | Severity::P2));
            if may_be_silent && !speaks(&ruling.rule) {
                said = Said { weight: Weight::Unmonitored, excepted: None, ..said };
            }
            if gravest.as_ref().is_none_or(|held| said.rank() > held.rank()) {
                gravest = Some(said);
            }
        }
        gravest
    }

    fn weigh_ruling<'a>(
        &self,
        ruling: &'a Ruling,
        all: &[Ruling],
        seen: &Circumstances<'_>,
        exceptions: &'a [Exception],
    ) -> Said<'a> {
        let confidence = self.confidence_for(ruling, all, seen.profile);
        let weight = weigh_one(ruling.category, confidence, seen);
        let excepted = match (weight, level(ruling.category, seen.profile)) {
            // What needs someone at once is above every exception.
            (Weight::Case(Severity::P1), _) => None,
            // Also where it was stopped and only counts: it must not add up to a case.
            (_, Weight::Case(_)) => covering(exceptions, ruling.category, seen),
            _ => None,
        };
        let weight = if excepted.is_some() { Weight::Trend } else { weight };
        Said { weight, ruling, confidence, excepted }
    }
}

impl RuleSet {
    /// For the youngest, two lists that agree, or one list and a compound of words, are as
    /// good as a checked name; else a real adult site on an infant's tablet would never be
    /// more than an item of a list.
    fn confidence_for(&self, ruling: &Ruling, all: &[Ruling], profile: Profile) -> Confidence {
        let young = matches!(profile, Profile::Ks1 | Profile::Ks2);
        if ruling.confidence != Confidence::Listed || !young {
            return ruling.confidence;
        }
        let agrees = |other: &Ruling| {
            other.category == ruling.category
                && match other.confidence {
                    Confidence::Keyword => is_compound(&other.rule),
                    Confidence::Listed => self.is_independent(&other.rule, &ruling.rule),
                    Confidence::Curated => true,
                }
        };
        if all.iter().any(agrees) { Confidence::Curated } else { Confidence::Listed }
    }

    /// Whether two lists are of two keepers: one list in two formats agrees with itself.
    fn is_independent(&self, one: &RuleId, other: &RuleId) -> bool {
        let source = |rule: &RuleId| {
            let list = self.lists().find(|list| list.name == pack_of(rule));
            list.map(|list| list.source.trim().to_lowercase())
        };
        pack_of(one) != pack_of(other) && (source(one).is_none() || source(one) != source(other))
    }

    /// Whether any profile can make more of these rulings than an item of the list: such
    /// matches go through a queue of their own.
    #[must_use]
    pub fn can_be_urgent(&self, rulings: &[Ruling]) -> bool {
        let urgent = |ruling: &Ruling, profile: Profile| {
            self.confidence_for(ruling, rulings, profile) == Confidence::Curated
                && matches!(
                    level(ruling.category, profile),
                    Weight::Case(Severity::P1 | Severity::P2)
                )
        };
        rulings.iter().any(|ruling| Profile::ALL.iter().any(|profile| urgent(ruling, *profile)))
    }
}

/// Whether the rule is a keyword rule of two or more words: `c14/gambling/words/free+slots`.
fn is_compound(rule: &RuleId) -> bool {
    rule.as_str().contains('+')
}

fn weigh_one(category: Category, confidence: Confidence, seen: &Circumstances<'_>) -> Weight {
    let Weight::Case(most) = level(category, seen.profile) else {
        return level(category, seen.profile);
    };
    let most = match (category, seen.profile) {
        // One page loaded by a colleague who teaches history is not an emergency; going
        // back to it and staying may be.
        (Category::C03, Profile::Staff | Profile::Guest)
            if seen.rung == Rung::Stayed && seen.attempts_today >= REPEATED =>
        {
            Severity::P1
        }
        _ => most,
    };
    let sure = match confidence {
        Confidence::Curated => most,
        Confidence::Keyword | Confidence::Listed => most.min(Severity::P3),
    };
    if seen.is_blocked() {
        return blocked(category, sure, seen);
    }
    let shown = match seen.rung {
        // A look-up alone may be a preview, a pre-fetch or a pop-up.
        Rung::LookedUp => Severity::P3,
        _ if seen.attempts_in_hour >= REPEATED => Severity::P1,
        Rung::Tried | Rung::Refused => Severity::P2,
        Rung::Answered | Rung::Loaded | Rung::Stayed if seen.is_reached() => Severity::P1,
        Rung::Answered | Rung::Loaded | Rung::Stayed => Severity::P2,
    };
    Weight::Case(sure.min(shown).min(inferred(seen)))
}

/// How grave a name can be that was not read but inferred from the device's look-ups.
fn inferred(seen: &Circumstances<'_>) -> Severity {
    if !seen.inferred {
        return Severity::P1;
    }
    match seen.rung {
        Rung::Loaded | Rung::Stayed => Severity::P1,
        Rung::Answered => Severity::P2,
        Rung::LookedUp | Rung::Tried | Rung::Refused => Severity::P3,
    }
}

/// What was stopped is a count, until it is tried again and again.
///
/// Three attempts within an hour are as strong as an answer. Adult sites alone stay
/// lower: a young child who seeks them may need help, but today is soon enough.
fn blocked(category: Category, sure: Severity, seen: &Circumstances<'_>) -> Weight {
    if seen.attempts_today.max(seen.attempts_in_hour) < REPEATED {
        return Weight::Trend;
    }
    let young = matches!(seen.profile, Profile::Ks1 | Profile::Ks2);
    let within_an_hour = seen.attempts_in_hour >= REPEATED && category != Category::C08;
    let shown = match sure {
        _ if seen.inferred => Severity::P3,
        Severity::P1 if within_an_hour => Severity::P1,
        _ if young && theme(category) != Theme::Other => Severity::P2,
        _ => Severity::P3,
    };
    Weight::Case(sure.min(shown))
}
