//! What an approved exception covers: a topic, a class and a time, never what is grave.

use facts::{
    Candidate, Category, HostName, Name, PersonId, Profile, Severity, Timestamp, UserName, Weight,
};

use crate::calendar::{LocalTime, Times};
use crate::levels::level;
use crate::weigh::Circumstances;

/// An exception that two people agreed on, valid by construction. Its hash is of all that it
/// says, accounts and names included.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Exception {
    pub(super) topic: String,
    pub(super) reason: String,
    pub(super) categories: Vec<Category>,
    pub(super) names: Vec<HostName>,
    pub(super) whom: Whom,
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    pub(super) until_local: LocalTime,
    pub(super) from_local: LocalTime,
    /// Where it is not empty, the exception holds at these times only.
    pub(super) during: Times,
    pub(super) asked_by: PersonId,
    pub(super) approved_by: PersonId,
}

/// For which pupils an exception holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Whom {
    /// In small letters.
    pub(super) groups: Vec<String>,
    /// As [`year_word`] writes them.
    pub(super) years: Vec<String>,
    pub(super) accounts: Vec<UserName>,
}

impl Whom {
    fn holds(&self, pupil: &Candidate) -> bool {
        let in_group =
            pupil.group.as_deref().is_some_and(|group| self.groups.contains(&group_word(group)));
        let in_year =
            pupil.year.as_deref().is_some_and(|year| self.years.contains(&year_word(year)));
        in_group || in_year || self.accounts.iter().any(|own| own.is_same(&pupil.account))
    }
}

/// A class or group, however it is written.
pub(super) fn group_word(text: &str) -> String {
    text.trim().to_lowercase()
}

/// A school year, however directories write it: `8`, `Y8` and `Year 8` are one.
pub(super) fn year_word(text: &str) -> String {
    let word = text.trim().to_lowercase();
    let bare = word.strip_prefix("year").or_else(|| word.strip_prefix('y')).unwrap_or(&word);
    bare.trim().trim_start_matches('0').to_owned()
}

/// Kinds that are illegal to offer or to have: terrorism, abuse, abusive images, explosives,
/// the sale of drugs, attacks to hire.
const ILLEGAL: [Category; 6] =
    [Category::C03, Category::C04, Category::C07, Category::C09a, Category::C10a, Category::C31];

/// Whether a study exception may open a category at all: never what is illegal, and never
/// what needs someone at once for anybody of any age.
pub(super) fn may_be_opened(category: Category) -> bool {
    let is_grave = |profile: &Profile| level(category, *profile) == Weight::Case(Severity::P1);
    !ILLEGAL.contains(&category) && !Profile::ALL.iter().any(is_grave)
}

impl Exception {
    /// What is studied.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Its first moment, and the first after it.
    #[must_use]
    pub const fn period(&self) -> (Timestamp, Timestamp) {
        (self.from, self.until)
    }

    /// Whether it overlaps `from..to`.
    #[must_use]
    pub fn is_open_within(&self, from: Timestamp, to: Timestamp) -> bool {
        self.from < to && from < self.until
    }

    /// One sentence for records and pages: what is open, until when, and who agreed. It
    /// holds no account.
    #[must_use]
    pub fn in_words(&self) -> String {
        let during = match self.during.is_empty() {
            true => String::new(),
            false => format!(" ({} only)", self.during.in_words()),
        };
        format!(
            "The topic \u{201c}{}\u{201d} ({}) is open for {} from {} until {}{during}: asked for \
             by {}, approved by {}, because: {}",
            self.topic,
            self.what(),
            self.for_whom(),
            self.from_local.in_words(),
            self.until_local.in_words(),
            self.asked_by.as_str(),
            self.approved_by.as_str(),
            self.reason
        )
    }

    /// The half sentence of a verdict.
    pub(crate) fn agreed(&self) -> String {
        format!(
            "the approved exception for the topic \u{201c}{}\u{201d} covers it until {}",
            self.topic,
            self.until_local.in_words()
        )
    }

    /// The sentence beside the level that a name can reach.
    pub(crate) fn beside_a_level(&self) -> String {
        format!(
            " For {} it is only counted from {} until {}: an exception for the topic \u{201c}{}\u{201d} \
             was approved by {}.",
            self.for_whom(),
            self.from_local.in_words(),
            self.until_local.in_words(),
            self.topic,
            self.approved_by.as_str()
        )
    }

    /// The kinds that it opens; names are only counted.
    fn what(&self) -> String {
        let mut parts: Vec<String> =
            self.categories.iter().map(|category| category.title().to_owned()).collect();
        match self.names.len() {
            0 => {}
            1 => parts.push("one name".to_owned()),
            several => parts.push(format!("{several} names")),
        }
        parts.join(", ")
    }

    /// The class, group or year; accounts are only counted.
    fn for_whom(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.whom.groups.iter().map(|group| group.to_uppercase()));
        parts.extend(self.whom.years.iter().map(|year| format!("year {}", year.to_uppercase())));
        match self.whom.accounts.len() {
            0 => {}
            1 => parts.push("one account".to_owned()),
            several => parts.push(format!("{several} accounts")),
        }
        parts.join(", ")
    }

    /// Whether it covers a kind of name, or this name, for whoever it holds for.
    pub(crate) fn opens(&self, category: Category, name: Option<Name<'_>>) -> bool {
        let named = |name: Name<'_>| self.names.iter().any(|zone| name.is_within(zone.as_name()));
        may_be_opened(category) && (self.categories.contains(&category) || name.is_some_and(named))
    }

    fn covers(&self, category: Category, seen: &Circumstances<'_>) -> bool {
        let in_time = self.from <= seen.at && seen.at < self.until;
        let at_its_times = self.during.is_empty() || self.during.meets(seen.times);
        in_time
            && at_its_times
            && seen.pupil.is_some_and(|pupil| self.whom.holds(pupil))
            && self.opens(category, seen.name)
    }
}

/// Every exception of a school, over or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exceptions {
    pub(super) all: Vec<Exception>,
}

impl Exceptions {
    /// The exceptions, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Exception> {
        self.all.iter()
    }

    pub(crate) fn as_slice(&self) -> &[Exception] {
        &self.all
    }
}

/// The first of some exceptions that covers a category in these circumstances.
pub(crate) fn covering<'a>(
    exceptions: &'a [Exception],
    category: Category,
    seen: &Circumstances<'_>,
) -> Option<&'a Exception> {
    exceptions.iter().find(|exception| exception.covers(category, seen))
}
