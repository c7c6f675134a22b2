//! How single values stand in columns and in stored text: one spelling for both.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use facts::{
    AccountingStatus, Bearing, Category, CodeWords, Confidence, DecisionId, Duty, Exchange, Heard,
    HostName, IncidentId, LetterId, LogonEvent, Mac, MatchId, Name, Outcome, PersonId, Profile,
    Reason, Role, RuleId, Rung, Severity, Source, Timestamp, UserName, View, Weight, Why,
};
use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value that is stored as one word.
pub(crate) trait Spelled: Sized {
    /// The word.
    fn spell(&self) -> Cow<'_, str>;
    /// The value a word stands for.
    fn read(text: &str) -> Option<Self>;
}

/// A value as it stands in a column or in stored text.
pub(crate) struct Word<T>(pub(crate) T);

/// A moment as it stands in a column or in stored text: microseconds.
pub(crate) struct At(pub(crate) Timestamp);

/// A text column that holds a mirrored fact.
pub(crate) struct Json<T>(pub(crate) T);

/// The stored text is not what this program writes. The text itself is not repeated: it
/// may hold a name.
#[derive(Debug)]
pub(crate) struct NotReadable(&'static str);

impl fmt::Display for NotReadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a stored {}", self.0)
    }
}

impl std::error::Error for NotReadable {}

/// A count for a column; SQLite has no unsigned numbers, so the last bit is given up.
pub(crate) fn counted(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A count out of a column.
pub(crate) fn count_of(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or(0)
}

/// Stored text of a mirrored fact.
pub(crate) fn json<T: Serialize>(mirror: &T) -> rusqlite::Result<String> {
    serde_json::to_string(mirror).map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))
}

/// The error for a row whose parts do not make a fact.
pub(crate) fn unreadable(what: &'static str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(
        0,
        rusqlite::types::Type::Text,
        Box::new(NotReadable(what)),
    )
}

impl<T: Spelled> ToSql for Word<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0.spell().into_owned()))
    }
}

impl<T: Spelled> FromSql for Word<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let read = T::read(value.as_str()?).map(Self);
        read.ok_or_else(|| FromSqlError::Other(Box::new(NotReadable("word"))))
    }
}

impl<T: Spelled> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.spell())
    }
}

impl<'de, T: Spelled> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        T::read(&text).map(Self).ok_or_else(|| D::Error::custom(NotReadable("word")))
    }
}

impl ToSql for At {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0.as_micros()))
    }
}

impl FromSql for At {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(|micros| Self(Timestamp::from_micros(micros)))
    }
}

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0.as_micros())
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(|micros| Self(Timestamp::from_micros(micros)))
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?)
            .map(Self)
            .map_err(|_| FromSqlError::Other(Box::new(NotReadable("fact"))))
    }
}

/// Values that know their word and read it back.
macro_rules! spelled_by {
    ($method:ident: $($of:ty),+ $(,)?) => {
        $(impl Spelled for $of {
            fn spell(&self) -> Cow<'_, str> { Cow::from(self.$method()) }
            fn read(text: &str) -> Option<Self> { text.parse().ok() }
        })+
    };
}
spelled_by!(as_str: Role, Duty, Profile, Rung, Confidence, Heard, Reason, View, Outcome, Why);
spelled_by!(code: Category);
spelled_by!(to_string: MatchId, IncidentId, LetterId, DecisionId, Mac, IpAddr);

/// Values whose words are this room's own.
macro_rules! spelled_as {
    ($of:ty { $($value:pat => $made:expr => $word:literal),+ $(,)? }) => {
        impl Spelled for $of {
            fn spell(&self) -> Cow<'_, str> {
                Cow::from(match self { $($value => $word),+ })
            }
            fn read(text: &str) -> Option<Self> {
                match text { $($word => Some($made),)+ _ => None }
            }
        }
    };
}
spelled_as!(Severity {
    Self::P1 => Self::P1 => "P1",
    Self::P2 => Self::P2 => "P2",
    Self::P3 => Self::P3 => "P3",
});
spelled_as!(Weight {
    Self::Case(Severity::P1) => Self::Case(Severity::P1) => "P1",
    Self::Case(Severity::P2) => Self::Case(Severity::P2) => "P2",
    Self::Case(Severity::P3) => Self::Case(Severity::P3) => "P3",
    Self::Trend => Self::Trend => "trend",
    Self::Technical => Self::Technical => "technical",
    Self::Unmonitored => Self::Unmonitored => "unmonitored",
});
spelled_as!(Bearing {
    Self::For => Self::For => "for",
    Self::Against => Self::Against => "against",
    Self::Assumed => Self::Assumed => "assumed",
});
spelled_as!(Source {
    Self::Mirror => Self::Mirror => "mirror",
    Self::LoginFile => Self::LoginFile => "login_file",
});
spelled_as!(LogonEvent {
    Self::Login => Self::Login => "login",
    Self::Logout => Self::Logout => "logout",
    Self::Lock => Self::Lock => "lock",
    Self::Unlock => Self::Unlock => "unlock",
    Self::Use => Self::Use => "use",
});
spelled_as!(AccountingStatus {
    Self::Start => Self::Start => "start",
    Self::Stop => Self::Stop => "stop",
    Self::InterimUpdate => Self::InterimUpdate => "interim_update",
    Self::AccountingOn => Self::AccountingOn => "accounting_on",
    Self::AccountingOff => Self::AccountingOff => "accounting_off",
});

impl Spelled for Exchange {
    fn spell(&self) -> Cow<'_, str> {
        match self {
            Self::Whole => Cow::from("whole"),
            Self::With(server) => Cow::from(format!("with {server}")),
            Self::OneSided => Cow::from("one_sided"),
        }
    }

    fn read(text: &str) -> Option<Self> {
        match text {
            "whole" => Some(Self::Whole),
            "one_sided" => Some(Self::OneSided),
            _ => text.strip_prefix("with ")?.parse().ok().map(Self::With),
        }
    }
}

impl Spelled for PersonId {
    fn spell(&self) -> Cow<'_, str> {
        Cow::from(self.as_str())
    }

    fn read(text: &str) -> Option<Self> {
        Some(Self::new(text))
    }
}

impl Spelled for RuleId {
    fn spell(&self) -> Cow<'_, str> {
        Cow::from(self.as_str())
    }

    fn read(text: &str) -> Option<Self> {
        Some(Self::new(text))
    }
}

impl Spelled for CodeWords {
    fn spell(&self) -> Cow<'_, str> {
        Cow::from(self.as_str())
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl Spelled for HostName {
    fn spell(&self) -> Cow<'_, str> {
        Cow::from(self.as_str())
    }

    fn read(text: &str) -> Option<Self> {
        Name::from_canonical(text).map(Name::to_host_name)
    }
}

/// The one place where an account's name is written out to be stored.
impl Spelled for UserName {
    fn spell(&self) -> Cow<'_, str> {
        Cow::from(self.reveal())
    }

    fn read(text: &str) -> Option<Self> {
        Some(Self::new(text))
    }
}
