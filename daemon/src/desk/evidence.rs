//! A match with all that is known of it: how far it got, who it may have been, its weight.

use facts::{
    Answer, Attribution, Candidate, Category, Heard, Match, Profile, Progress, Role, Rung,
    Severity, Timestamp, Weight,
};
use rules::{Circumstances, RuleSet};

use super::attempts::Attempts;
use super::people::People;
use super::settings::Settings;

/// How far the connection behind a match got. The order in which steps are told does not
/// matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The highest rung.
    pub rung: Rung,
    /// Whether only the filter itself was seen at that rung.
    pub by_filter: bool,
}

impl Evidence {
    /// What the message alone stands for.
    #[must_use]
    pub const fn of(matched: &Match) -> Self {
        Self { rung: matched.first_rung(), by_filter: false }
    }

    /// Takes in a later step; tells whether anything changed.
    pub fn take(&mut self, progress: &Progress) -> bool {
        let before = *self;
        if progress.rung > self.rung {
            *self = Self { rung: progress.rung, by_filter: progress.by_filter };
        } else if progress.rung == self.rung {
            self.by_filter &= progress.by_filter;
        }
        before != *self
    }

    /// Whether a page of the site itself came back.
    #[must_use]
    pub fn is_loaded(self) -> bool {
        self.rung >= Rung::Loaded && !self.by_filter
    }
}

/// A match that belongs to a case.
#[derive(Clone, Debug)]
pub struct Held {
    /// The match.
    pub matched: Match,
    /// How far it got.
    pub evidence: Evidence,
    /// How often its device tried, up to it.
    pub attempts: Attempts,
    /// Who may have been behind it.
    pub attribution: Attribution,
    /// What it comes to.
    pub severity: Severity,
    /// Whether an approved exception fails to cover it only for want of a proof.
    pub exception_unproven: bool,
}

/// What a match comes to under the gravest of several profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// Its weight.
    pub weight: Weight,
    /// Its theme.
    pub category: Category,
    /// For whom it weighs so much.
    pub profile: Profile,
    /// Whether an approved exception covers it.
    pub is_excepted: bool,
}

/// Weighs a match for each profile that its subject may have; the gravest answer holds.
#[must_use]
pub fn weigh(
    rules: &RuleSet,
    settings: &Settings,
    matched: &Match,
    evidence: Evidence,
    attempts: Attempts,
    answer: &Answer,
) -> Option<Weighed> {
    let profiles = settings.profiles.of(answer, &matched.sighting);
    let verdicts = profiles.into_iter().filter_map(|profile| {
        let pupil = certain_pupil(answer);
        let circumstances =
            Circumstances { pupil, ..seen(settings, matched, evidence, attempts, profile) };
        let verdict = rules.weigh(&matched.rulings, &circumstances)?;
        let is_excepted = verdict.excepted.is_some();
        Some(Weighed { weight: verdict.weight, category: verdict.category, profile, is_excepted })
    });
    let gravity = |weighed: &Weighed| weighed.weight.gravity();
    verdicts.reduce(|gravest, next| if gravity(&next) > gravity(&gravest) { next } else { gravest })
}

/// The one account for which an exception can hold: a child's own or a class's, proven to
/// have been in use. Anything less may be somebody else, whose matter would be forgotten.
const fn certain_pupil(answer: &Answer) -> Option<&Candidate> {
    match answer {
        Answer::Proven(pupil) if matches!(pupil.role, Some(Role::Pupil)) => Some(pupil),
        Answer::ProvenShared(class) if matches!(class.role, Some(Role::Class)) => Some(class),
        _ => None,
    }
}

/// Whether an approved exception fails to cover a match only because it is not proven which
/// of the accounts was in use. All of them must be children's or classes', every one covered
/// by the same exception: wherever an adult or somebody unknown may have been the user,
/// nothing is said of it.
#[must_use]
pub fn lacks_only_proof(
    rules: &RuleSet,
    settings: &Settings,
    matched: &Match,
    evidence: Evidence,
    attempts: Attempts,
    answer: &Answer,
) -> bool {
    let accounts = unproven_children(answer, &settings.people);
    let assumed = accounts.iter().flat_map(|account| {
        let profiles = settings.profiles.of(&Answer::Proven(account.clone()), &matched.sighting);
        profiles.into_iter().map(|profile| Circumstances {
            pupil: Some(account),
            ..seen(settings, matched, evidence, attempts, profile)
        })
    });
    rules.would_be_covered(&matched.rulings, &assumed.collect::<Vec<_>>())
}

/// The accounts of an answer that is no proof, where each is a child's or a class's and
/// nobody else can be meant; else none.
fn unproven_children<'a>(answer: &'a Answer, people: &People) -> &'a [Candidate] {
    let is_unproven = match answer {
        Answer::Likely { .. } | Answer::LastKnown { .. } => true,
        Answer::OneOf(several) => !several.may_be_unknown(),
        Answer::Proven(_) | Answer::ProvenShared(_) | Answer::DeviceOnly | Answer::Unknown(_) => {
            false
        }
    };
    let is_childs = |account: &Candidate| {
        matches!(account.role, Some(Role::Pupil | Role::Class))
            && account.duties.is_empty()
            && people.behind(account).is_empty()
    };
    let accounts = answer.candidates();
    if is_unproven && accounts.iter().all(is_childs) { accounts } else { &[] }
}

/// A match in the eyes of the rules, whoever it was.
fn seen<'a>(
    settings: &'a Settings,
    matched: &'a Match,
    evidence: Evidence,
    attempts: Attempts,
    profile: Profile,
) -> Circumstances<'a> {
    Circumstances {
        profile,
        rung: evidence.rung,
        by_filter: evidence.by_filter,
        inferred: matched.heard == Heard::Inferred,
        attempts_in_hour: attempts.in_hour,
        attempts_today: attempts.today,
        at: matched.at,
        times: settings.calendar.times(matched.at),
        network: settings.profiles.network_name(&matched.sighting),
        name: Some(matched.name.as_name()),
        pupil: None,
    }
}

/// What is counted of a match that comes to no case: nothing where nobody watches.
#[must_use]
pub const fn counted(weighed: Weighed) -> Option<Category> {
    match weighed.weight {
        Weight::Unmonitored => None,
        Weight::Case(_) | Weight::Trend | Weight::Technical => Some(weighed.category),
    }
}

/// The theme a match is counted under before anybody has weighed it.
#[must_use]
pub fn first_category(matched: &Match) -> Option<Category> {
    matched.rulings.first().map(|ruling| ruling.category)
}

/// Whether a match is an attempt to reach something: a look-up alone is not, it may be a
/// preview or a program's habit.
#[must_use]
pub fn is_attempt(matched: &Match) -> bool {
    matched.heard != Heard::DnsQuestion
}

/// A match in its grace.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The match.
    pub matched: Match,
    /// How far it got.
    pub evidence: Evidence,
    /// When its grace ends.
    pub until: Timestamp,
}
