//! A name that a rule spoke to, and how far the connection behind it got.

use std::fmt;
use std::net::IpAddr;

use crate::{HostName, Ruling, Rung, Sighting, Timestamp};

/// An opaque 128-bit number, written as 32 hexadecimal digits.
macro_rules! opaque_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// Takes the number.
            #[must_use]
            pub const fn from_u128(number: u128) -> Self {
                Self(number)
            }

            /// The number.
            #[must_use]
            pub const fn as_u128(self) -> u128 {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{:032x}", self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({:032x})", stringify!($name), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::NotAnId;

            fn from_str(text: &str) -> Result<Self, $crate::NotAnId> {
                let hex = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
                let number = u128::from_str_radix(text, 16).map_err(|_| $crate::NotAnId)?;
                hex.then_some(Self(number)).ok_or($crate::NotAnId)
            }
        }
    };
}
pub(crate) use opaque_id;

/// The text is no identifier of 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnId;

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an identifier: 32 hexadecimal digits")
    }
}

impl std::error::Error for NotAnId {}

opaque_id! {
    /// Names one match; derived from what was seen under the installation's own key, so
    /// that the same packet gives the same id and nobody can compute it elsewhere.
    MatchId
}

/// In which message the name was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Heard {
    /// A DNS question.
    DnsQuestion,
    /// A TLS ClientHello over TCP.
    TlsClientHello,
    /// A TLS ClientHello over QUIC.
    QuicClientHello,
    /// An HTTP request in clear.
    HttpRequest,
    /// The client's own recent DNS answer for an address it then talked to.
    Inferred,
}

impl Heard {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::DnsQuestion,
        Self::TlsClientHello,
        Self::QuicClientHello,
        Self::HttpRequest,
        Self::Inferred,
    ];

    /// The word used in output and in stored rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DnsQuestion => "dns_query",
            Self::TlsClientHello => "tls_client_hello",
            Self::QuicClientHello => "quic_client_hello",
            Self::HttpRequest => "http_request",
            Self::Inferred => "inferred",
        }
    }
}

impl std::str::FromStr for Heard {
    type Err = crate::NotAWord;

    fn from_str(text: &str) -> Result<Self, crate::NotAWord> {
        Self::ALL.into_iter().find(|h| h.as_str() == text).ok_or(crate::NotAWord)
    }
}

/// A name that at least one rule spoke to. Immutable once it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Its id.
    pub id: MatchId,
    /// When the message began.
    pub at: Timestamp,
    /// Which device and address asked.
    pub sighting: Sighting,
    /// The server talked to, for anything but a look-up.
    pub server: Option<IpAddr>,
    /// The name.
    pub name: HostName,
    /// The message it was read in.
    pub heard: Heard,
    /// What rules said, at least one.
    pub rulings: Vec<Ruling>,
}

impl Match {
    /// The rung that the message alone stands for.
    #[must_use]
    pub const fn first_rung(&self) -> Rung {
        match self.heard {
            Heard::DnsQuestion => Rung::LookedUp,
            _ => Rung::Tried,
        }
    }
}

/// A later step of the connection behind a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The match it belongs to.
    pub id: MatchId,
    /// How far it got.
    pub rung: Rung,
    /// When that was seen.
    pub at: Timestamp,
    /// Bytes from the server so far, as sequence numbers tell.
    pub bytes: u64,
    /// Whether what answered is the filter's own address (block page or sinkhole).
    pub by_filter: bool,
}
