//! Who is told of a case, in which letter, and what people decided.

use crate::matched::opaque_id;
use crate::{Duty, IncidentId, NotAWord, Outcome, Timestamp};

/// A person who can be told, by the short word the configuration gives: `lead`, `m.chair`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(Box<str>);

impl PersonId {
    /// Takes the word of the configuration.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A person as the dashboard needs to know them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The short word.
    pub id: PersonId,
    /// The name shown behind the sign-in.
    pub display: String,
    /// Where letters go.
    pub mail: String,
    /// The duties held, in order of the configuration; never empty.
    pub duties: Vec<Duty>,
}

opaque_id! {
    /// Names one letter; the Message-ID is made from it, so that a repeat is recognisable.
    LetterId
}

/// Why a letter is sent; printed in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The first about this case to this person.
    First,
    /// There is more, or it is worse.
    Worse,
    /// Nobody has taken it.
    NotTaken,
    /// It was handed over, and whoever it was handed to has not taken it.
    HandedOver,
    /// Somebody took it: nothing to do.
    Taken,
    /// The answer has changed.
    Changed,
    /// The end of the day, with new things for the list.
    EndOfDay,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::First,
        Self::Worse,
        Self::NotTaken,
        Self::HandedOver,
        Self::Taken,
        Self::Changed,
        Self::EndOfDay,
    ];

    /// Whether a letter for this reason asks somebody to look at a case.
    #[must_use]
    pub const fn asks(self) -> bool {
        matches!(self, Self::First | Self::Worse | Self::NotTaken | Self::HandedOver)
    }

    /// The word of stored rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Worse => "worse",
            Self::NotTaken => "not_taken",
            Self::HandedOver => "handed_over",
            Self::Taken => "taken",
            Self::Changed => "changed",
            Self::EndOfDay => "end_of_day",
        }
    }
}

impl std::str::FromStr for Reason {
    type Err = NotAWord;

    fn from_str(text: &str) -> Result<Self, NotAWord> {
        Self::ALL.into_iter().find(|r| r.as_str() == text).ok_or(NotAWord)
    }
}

/// A letter to one person, byte for byte what will be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its id.
    pub id: LetterId,
    /// The case it is about; none for an end-of-day letter.
    pub incident: Option<IncidentId>,
    /// Why it is sent.
    pub reason: Reason,
    /// Who it is for.
    pub to: PersonId,
    /// The duty under which that person is told.
    pub to_role: Duty,
    /// The mail address.
    pub mail: String,
    /// When it is due to leave.
    pub due: Timestamp,
    /// The Subject line.
    pub subject: String,
    /// The text part.
    pub body: String,
    /// The whole message of RFC 5322, as it will be handed to the server.
    pub message: Vec<u8>,
}

/// How far a letter got. No state deletes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It waits for its due time or for the postbox.
    Waiting,
    /// A server said 250.
    Accepted {
        /// When.
        at: Timestamp,
    },
    /// A server or the line said "later", or something unknown happened.
    Deferred {
        /// Tries so far.
        tries: u32,
        /// When to try again.
        until: Timestamp,
    },
    /// A server refused this recipient for good: the climb goes on at once.
    Refused {
        /// When.
        at: Timestamp,
    },
}

opaque_id! {
    /// Names one decision, so that reading it twice changes nothing.
    DecisionId
}

/// What a person decided on the dashboard. Written by the dashboard, read by the daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// The case.
    pub incident: IncidentId,
    /// Who decided.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub act: Act,
}

/// The acts that a case knows (VOICES.md 4.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Opened. Does not stop the climb.
    Seen,
    /// "I have this". Stops the climb.
    Taken {
        /// Who really has it, where it was taken for another ("told me by phone").
        for_person: Option<PersonId>,
    },
    /// Handed over to another person who may see it.
    HandedOver {
        /// To whom.
        to: PersonId,
        /// One sentence.
        note: String,
    },
    /// Passed to whoever is next on the list of the same part, whom the page does not name.
    PassedOn {
        /// One sentence.
        note: String,
    },
    /// The child's part was passed to those who look after children; the adult's stays.
    WelfarePassed,
    /// Closed.
    Closed {
        /// What it was.
        outcome: Outcome,
        /// What was done.
        done: String,
        /// Who was told.
        told: String,
        /// The number in the school's safeguarding record, or the reason for none.
        record: String,
    },
}
