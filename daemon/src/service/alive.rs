//! Says at intervals that the daemon is alive and what it counts, for `wardline status`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use facts::{Assertion, Claim, Timestamp};
use rules::RuleSet;

use super::beat::{Beat, History, LoginSource};
use super::census::KeptVlan;
use super::figures::Figures;
use super::logins::FollowedLogins;
use crate::clock::Stopwatch;

/// How often it is said.
const EVERY: Duration = Duration::from_secs(10);

/// Where it is said, and what only is known here.
pub struct Alive {
    folder: PathBuf,
    interface: String,
    since: Timestamp,
    history: History,
    since_said: Option<Stopwatch>,
    /// When the mirror port last told of each kind of login.
    heard: [Option<Timestamp>; MirrorLogins::ALL.len()],
    /// Whether the last beat could not be written: told once.
    is_mute: bool,
}

/// The kinds of login records that the mirror port gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum MirrorLogins {
    Tickets,
    Accounting,
    Leases,
}

impl MirrorLogins {
    const ALL: [Self; 3] = [Self::Tickets, Self::Accounting, Self::Leases];

    const fn of(assertion: &Assertion) -> Option<Self> {
        match assertion {
            Assertion::KerberosGranted { .. } | Assertion::KerberosUsed { .. } => {
                Some(Self::Tickets)
            }
            Assertion::Accounted(_) => Some(Self::Accounting),
            Assertion::Leased { .. } => Some(Self::Leases),
            _ => None,
        }
    }

    const fn place(self) -> &'static str {
        match self {
            Self::Tickets => "Kerberos tickets on the mirror port",
            Self::Accounting => "RADIUS accounting on the mirror port",
            Self::Leases => "DHCP leases on the mirror port",
        }
    }
}

impl Alive {
    /// A daemon that begins now, with its records in this folder. Also gives the VLANs that
    /// the run before knew.
    #[must_use]
    pub fn begin(folder: &Path, interface: &str, now: Timestamp) -> (Self, Vec<KeptVlan>) {
        let before = Beat::read(folder).unwrap_or_else(|error| {
            tracing::warn!("what the run before said of itself can not be read: {error}");
            None
        });
        let alive = Self {
            folder: folder.to_owned(),
            interface: interface.to_owned(),
            since: now,
            history: History::default(),
            since_said: None,
            heard: [None; MirrorLogins::ALL.len()],
            is_mute: false,
        };
        (alive, before.map(|beat| beat.vlans).unwrap_or_default())
    }

    /// Takes note that a login record came by the mirror port.
    pub(super) fn hears(&mut self, claim: &Claim) {
        let kind = MirrorLogins::of(&claim.assertion).map(|kind| kind as usize);
        if let Some(heard) = kind.and_then(|kind| self.heard.get_mut(kind)) {
            *heard = Some(claim.at).max(*heard);
        }
    }

    /// Whether it is time to say it.
    pub(super) fn is_due(&self) -> bool {
        self.since_said.is_none_or(|since| since.elapsed() >= EVERY)
    }

    /// Says it. Where that fails monitoring goes on, and `wardline status` says that it does
    /// not know.
    pub(super) fn say(
        &mut self,
        figures: &Figures,
        logins: &[FollowedLogins],
        rules: &RuleSet,
        is_last: bool,
        now: Timestamp,
    ) {
        self.since_said = Some(Stopwatch::start());
        let run = figures.counts();
        let (minute, hour) = self.history.take(now, run);
        let newest = figures.newest();
        let empty = rules.empty_categories();
        let titles = |of: fn(&[facts::Category], &facts::Category) -> bool| {
            let gaps = rules.gaps().into_iter().map(|gap| gap.category);
            gaps.filter(|category| of(&empty, category)).map(|c| c.title().to_owned()).collect()
        };
        let beat = Beat {
            at: now.as_micros(),
            since: self.since.as_micros(),
            is_last,
            interface: self.interface.clone(),
            filter: newest.filter,
            last_packet: newest.last_packet.map(Timestamp::as_micros),
            devices: newest.coverage.devices,
            minute,
            hour,
            run,
            faults: figures.faults(),
            sources: self.sources(logins),
            names_loaded: u64::try_from(rules.names_loaded()).unwrap_or(u64::MAX),
            empty: titles(|empty, category| empty.contains(category)),
            by_words: titles(|empty, category| !empty.contains(category)),
            vlans: figures.vlans(),
        };
        let said = beat.write(&self.folder);
        if let Err(error) = &said
            && !self.is_mute
        {
            tracing::warn!("how the daemon stands can not be written beside the record: {error}");
        }
        self.is_mute = said.is_err();
    }

    fn sources(&self, logins: &[FollowedLogins]) -> Vec<LoginSource> {
        let mirror = MirrorLogins::ALL.iter().zip(self.heard).map(|(kind, heard)| LoginSource {
            place: kind.place().to_owned(),
            heard: heard.map(Timestamp::as_micros),
            faults: Vec::new(),
        });
        mirror.chain(logins.iter().map(FollowedLogins::as_source)).collect()
    }
}

#[cfg(test)]
mod tests {
    use facts::{Exchange, Mac, Source, Span};

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_190_400);

    #[test]
    fn a_beat_says_what_is_counted_when_logins_came_and_what_no_list_can_find() {
        let folder = tempfile::tempdir().unwrap();
        let (mut alive, vlans) = Alive::begin(folder.path(), "eth1", NOW);
        assert!(vlans.is_empty() && alive.is_due());
        let assertion = Assertion::Leased {
            mac: Mac::from_octets([2, 0, 0, 0, 0, 1]),
            address: "10.1.0.5".parse().unwrap(),
            vlan: None,
            lease: Span::hours(8),
            host: Some("elm-laptop-17".into()),
        };
        alive.hears(&Claim {
            at: NOW,
            assertion,
            source: Source::Mirror,
            exchange: Exchange::Whole,
        });
        let place = folder.path().join("logins.csv");
        let logins = [FollowedLogins::new(&place, &jiff::tz::TimeZone::UTC)];
        let rules = RuleSet::load(None).unwrap().set;
        alive.say(&Figures::default(), &logins, &rules, false, NOW + Span::seconds(5));
        assert!(!alive.is_due());
        let beat = Beat::read(folder.path()).unwrap().expect("it was said");
        assert_eq!((beat.at - beat.since, beat.interface.as_str()), (5_000_000, "eth1"));
        let heard: Vec<_> = beat.sources.iter().map(|source| source.heard.is_some()).collect();
        assert_eq!(heard, [false, false, true, false]);
        assert!(beat.sources[3].place.ends_with("logins.csv"));
        let gaps = beat.empty.len() + beat.by_words.len();
        assert_eq!(gaps, rules.gaps().len());
        assert!(beat.names_loaded > 0 && !beat.empty.is_empty());
        let text = std::fs::read_to_string(folder.path().join("beat.json")).unwrap();
        assert!(!text.contains("elm-laptop") && !text.contains("10.1.0.5"), "{text}");
    }
}
