//! A case: matches of one kind by one subject, with its history of revisions.

use std::fmt;

use crate::matched::opaque_id;
use crate::{
    Attribution, Category, HostName, MatchId, NotAWord, PersonId, Reason, Rung, Severity, Sighting,
    Timestamp,
};

opaque_id! {
    /// Names one incident; never sequential.
    IncidentId
}

/// What people call a case: a calm noun and two digits, as in `HEDGE 42`. Random, so
/// that no order can be read from it; sayable on the phone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeWords(Box<str>);

impl CodeWords {
    /// Takes `WORD NN`: capital letters, one space, two digits.
    ///
    /// # Errors
    /// Says that the text has another shape.
    pub fn parse(text: &str) -> Result<Self, NotAWord> {
        let (word, digits) = text.split_once(' ').ok_or(NotAWord)?;
        let word_fits =
            (3..=8).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase());
        let digits_fit = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        (word_fits && digits_fit).then(|| Self(text.into())).ok_or(NotAWord)
    }

    /// As it is said and printed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The noun alone: what people remember of it.
    #[must_use]
    pub fn noun(&self) -> &str {
        self.0.split_once(' ').map_or(&self.0, |(noun, _)| noun)
    }

    /// As it stands in a link: `HEDGE-42`.
    #[must_use]
    pub fn in_link(&self) -> String {
        self.0.replace(' ', "-")
    }
}

impl fmt::Display for CodeWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A case as it stands at one revision. A later revision is a new value; the earlier one
/// stays stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// What people call it.
    pub code: CodeWords,
    /// 1 for the first, rising.
    pub revision: u32,
    /// When this revision was made.
    pub revised_at: Timestamp,
    /// Its level.
    pub severity: Severity,
    /// Its theme.
    pub category: Category,
    /// Who it may be about.
    pub attribution: Attribution,
    /// Where its newest match was seen: address and hardware address of one sighting.
    pub sighting: Sighting,
    /// The names seen, in order of first sight, each once.
    pub names: Vec<HostName>,
    /// When its first match was seen.
    pub first_seen: Timestamp,
    /// When its last match was seen.
    pub last_seen: Timestamp,
    /// Its matches, in the order they joined.
    pub matches: Vec<MatchId>,
    /// The highest rung that any match reached.
    pub rung: Rung,
    /// Whether an approved study exception would have covered all of it, had it been proven
    /// which of the accounts was logged in. It changes no level, no way and no letter.
    pub exception_unproven: bool,
    /// Who may see it, and which part.
    pub seats: Vec<Seat>,
    /// How far people got with it: open while one of its views has nobody.
    pub phase: Phase,
    /// How the telling of each view stands, the whole first; empty once it is withdrawn.
    pub tellings: Vec<Telling>,
}

/// How the telling of one view of a case stands. The views of a case go different ways:
/// whoever sees one must not learn from the other who has it or when somebody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// The view.
    pub view: View,
    /// How far people got with this view.
    pub phase: Phase,
    /// The level that is being told.
    pub severity: Severity,
    /// When its first letter was due, or is.
    pub since: Timestamp,
    /// Why its first letter is sent.
    pub opening: Reason,
    /// To whom it was handed over; that person is told first.
    pub handed_to: Option<PersonId>,
    /// When the next step is due if nobody takes it; none where everybody was told or
    /// somebody has it.
    pub next_step: Option<Timestamp>,
    /// When it is due in an end-of-day letter, where it is new on a list.
    pub list_due: Option<Timestamp>,
}

/// One person's right to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The person.
    pub person: PersonId,
    /// Which part of it the person sees.
    pub view: View,
}

/// Which part of a case a person sees (VOICES.md 4.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum View {
    /// All of it.
    Whole,
    /// "A child may have been the user", without any adult account.
    ChildPart,
}

impl View {
    /// The word of stored rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::ChildPart => "child_part",
        }
    }
}

impl std::str::FromStr for View {
    type Err = NotAWord;

    fn from_str(text: &str) -> Result<Self, NotAWord> {
        [Self::Whole, Self::ChildPart].into_iter().find(|v| v.as_str() == text).ok_or(NotAWord)
    }
}

/// How far people got with a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nobody has it.
    Open,
    /// Somebody has it: the climb stands still.
    Taken {
        /// Who has it.
        by: PersonId,
        /// Since when.
        at: Timestamp,
    },
    /// Somebody closed it.
    Closed {
        /// Who closed it.
        by: PersonId,
        /// When.
        at: Timestamp,
        /// What it was.
        outcome: Outcome,
    },
    /// Later evidence moved every match elsewhere.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
}

/// What a case turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It happened by accident.
    Accident,
    /// Something popped up.
    PopUp,
    /// Curiosity.
    Curiosity,
    /// A worry about a child.
    Worry,
    /// A matter about an adult.
    AdultMatter,
    /// Nothing: the rule or the evidence was wrong.
    FalseAlarm,
    /// A test.
    Test,
}

impl Outcome {
    /// Every outcome, in the order the page offers them.
    pub const ALL: [Self; 7] = [
        Self::Accident,
        Self::PopUp,
        Self::Curiosity,
        Self::Worry,
        Self::AdultMatter,
        Self::FalseAlarm,
        Self::Test,
    ];

    /// The word of forms and stored rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accident => "accident",
            Self::PopUp => "pop_up",
            Self::Curiosity => "curiosity",
            Self::Worry => "worry",
            Self::AdultMatter => "adult_matter",
            Self::FalseAlarm => "false_alarm",
            Self::Test => "test",
        }
    }
}

impl std::str::FromStr for Outcome {
    type Err = NotAWord;

    fn from_str(text: &str) -> Result<Self, NotAWord> {
        Self::ALL.into_iter().find(|o| o.as_str() == text).ok_or(NotAWord)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_words_have_one_shape() {
        assert_eq!(CodeWords::parse("HEDGE 42").unwrap().in_link(), "HEDGE-42");
        for text in ["hedge 42", "HEDGE42", "HEDGE 4", "HEDGE 4x", "HE 42", "HEDGE  42", ""] {
            assert!(CodeWords::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_id_reads_back() {
        let id = IncidentId::from_u128(0x0123_4567_89ab_cdef);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("+123456789012345678901234567890a".parse::<IncidentId>().is_err());
    }
}
