//! What a person decided, as stored text.

use facts::{Act, Outcome, PersonId};
use serde::{Deserialize, Serialize};

use crate::word::Word;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ActText {
    Seen,
    Taken { for_person: Option<Word<PersonId>> },
    HandedOver { to: Word<PersonId>, note: String },
    PassedOn { note: String },
    WelfarePassed,
    Closed { outcome: Word<Outcome>, done: String, told: String, record: String },
}

impl ActText {
    /// The act as one word, for the audit.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Taken { .. } => "taken",
            Self::HandedOver { .. } => "handed_over",
            Self::PassedOn { .. } => "passed_on",
            Self::WelfarePassed => "welfare_passed",
            Self::Closed { .. } => "closed",
        }
    }
}

impl From<Act> for ActText {
    fn from(act: Act) -> Self {
        match act {
            Act::Seen => Self::Seen,
            Act::Taken { for_person } => Self::Taken { for_person: for_person.map(Word) },
            Act::HandedOver { to, note } => Self::HandedOver { to: Word(to), note },
            Act::PassedOn { note } => Self::PassedOn { note },
            Act::WelfarePassed => Self::WelfarePassed,
            Act::Closed { outcome, done, told, record } => {
                Self::Closed { outcome: Word(outcome), done, told, record }
            }
        }
    }
}

impl From<ActText> for Act {
    fn from(text: ActText) -> Self {
        match text {
            ActText::Seen => Self::Seen,
            ActText::Taken { for_person } => {
                Self::Taken { for_person: for_person.map(|person| person.0) }
            }
            ActText::HandedOver { to, note } => Self::HandedOver { to: to.0, note },
            ActText::PassedOn { note } => Self::PassedOn { note },
            ActText::WelfarePassed => Self::WelfarePassed,
            ActText::Closed { outcome, done, told, record } => {
                Self::Closed { outcome: outcome.0, done, told, record }
            }
        }
    }
}
