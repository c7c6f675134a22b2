//! Names that clients say: what a capture holds, what a reader told of it, and how the two agree.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// A name that a client said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Telling {
    /// Who said it.
    pub client: IpAddr,
    /// From which port; 0 where a reader does not tell.
    pub port: u16,
    /// How.
    pub kind: Kind,
    /// Which name.
    pub name: String,
}

/// How a name is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// In a question of DNS.
    Dns,
    /// In a hello over TCP.
    Tls,
    /// In a hello over QUIC.
    Quic,
}

impl Kind {
    /// All kinds, in the order of tables.
    pub const ALL: [Self; 3] = [Self::Dns, Self::Tls, Self::Quic];

    /// Its word in tables and files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Tls => "tls",
            Self::Quic => "quic",
        }
    }
}

/// A row of a file of tellings: client, port, kind and name between tabs.
impl fmt::Display for Telling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, port, kind, name } = self;
        write!(f, "{client}\t{port}\t{}\t{name}", kind.word())
    }
}

impl Telling {
    /// Reads a row; none where it has another form.
    #[must_use]
    pub fn from_row(row: &str) -> Option<Self> {
        let mut words = row.split('\t');
        let client = words.next()?.parse().ok()?;
        let port = words.next()?.parse().ok()?;
        let word = words.next()?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word)?;
        Some(Self { client, port, kind, name: words.next()?.to_owned() })
    }
}

/// Where the names of a capture stand: beside it.
#[must_use]
pub fn truth_of(capture: impl AsRef<Path>) -> PathBuf {
    capture.as_ref().with_extension("names.tsv")
}

/// What a capture holds.
///
/// # Errors
/// The file can not be read, or a row of it has another form.
pub fn read_truth(file: &Path) -> io::Result<Vec<Telling>> {
    let text = fs::read_to_string(file)?;
    let row = |(nth, row): (usize, &str)| {
        let wrong = || format!("{}, line {}: no row of names", file.display(), nth + 1);
        Telling::from_row(row).ok_or_else(|| io::Error::other(wrong()))
    };
    text.lines().enumerate().map(row).collect()
}

/// How far a reader's tellings agree with what is true, for one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// How many were said.
    pub said: u64,
    /// How many of these were told.
    pub found: u64,
    /// How many were told that nobody said.
    pub untrue: u64,
    /// How often one was told that had been told before.
    pub again: u64,
}

impl Agreement {
    /// Whether every name was found and none is false.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        self.found == self.said && self.untrue == 0
    }
}

/// Compares. A question of DNS is known by client and name, for not every reader tells ports;
/// a hello by its port as well.
#[must_use]
pub fn agree(said: &[Telling], told: &[Telling]) -> BTreeMap<Kind, Agreement> {
    let mut counts: BTreeMap<(Kind, IpAddr, u16, &str), (u64, u64)> = BTreeMap::new();
    fn key(telling: &Telling) -> (Kind, IpAddr, u16, &str) {
        let port = if telling.kind == Kind::Dns { 0 } else { telling.port };
        (telling.kind, telling.client, port, &telling.name)
    }
    said.iter().for_each(|telling| counts.entry(key(telling)).or_default().0 += 1);
    told.iter().for_each(|telling| counts.entry(key(telling)).or_default().1 += 1);
    let mut agreements: BTreeMap<_, _> =
        Kind::ALL.into_iter().map(|kind| (kind, Agreement::default())).collect();
    for ((kind, ..), (said, told)) in counts {
        let agreement = agreements.entry(kind).or_default();
        agreement.said += said;
        agreement.found += said.min(told);
        if said == 0 {
            agreement.untrue += told;
        } else {
            agreement.again += told.saturating_sub(said);
        }
    }
    agreements
}

#[cfg(test)]
mod tests {
    use super::*;

    fn telling(port: u16, kind: Kind, name: &str) -> Telling {
        Telling { client: [10, 20, 1, 7].into(), port, kind, name: name.to_owned() }
    }

    #[test]
    fn a_row_is_read_as_it_was_written() {
        let one = telling(40_000, Kind::Quic, "www.elmrow.example");
        assert_eq!(Telling::from_row(&one.to_string()), Some(one));
        assert_eq!(Telling::from_row("10.20.1.7\t1\tsmtp\tx"), None);
    }

    #[test]
    fn what_is_missed_false_or_told_again_is_counted() {
        let said = [
            telling(1, Kind::Tls, "a.example"),
            telling(2, Kind::Tls, "a.example"),
            telling(3, Kind::Dns, "a.example"),
        ];
        let told = [
            telling(1, Kind::Tls, "a.example"),
            telling(1, Kind::Tls, "a.example"),
            telling(2, Kind::Tls, "b.example"),
            telling(0, Kind::Dns, "a.example"),
        ];
        let all = agree(&said, &told);
        assert_eq!(all[&Kind::Tls], Agreement { said: 2, found: 1, untrue: 1, again: 1 });
        assert_eq!(all[&Kind::Dns], Agreement { said: 1, found: 1, untrue: 0, again: 0 });
        assert!(all[&Kind::Dns].is_whole() && !all[&Kind::Tls].is_whole());
    }
}
