//! What makes two matches the same case: the subject, and for how long it is the same.

use facts::{Answer, Attribution, Candidate, Mac, Role, SensorId, Sighting, Timestamp, UserName};
use rules::Calendar;

/// The subject of a case within its window. A case is one of these and one theme.
///
/// - Accounts of one person each: until the end of the day, on any device.
/// - A shared account, or a device alone: with the lesson, or one case would swallow a term.
/// - Many devices of one network at once: a lesson event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Accounts that each belong to one person, sorted.
    Accounts {
        /// The accounts.
        accounts: Vec<UserName>,
        /// The day, by the school's clock.
        day: String,
    },
    /// A shared account on one device.
    Shared {
        /// The accounts.
        accounts: Vec<UserName>,
        /// The device.
        device: DeviceKey,
        /// When the lesson began.
        lesson: Timestamp,
    },
    /// A device on which nobody is known.
    Device {
        /// The device.
        device: DeviceKey,
        /// When the lesson began.
        lesson: Timestamp,
    },
    /// Many devices of one network within minutes.
    Lesson {
        /// The network.
        network: NetworkKey,
        /// When the lesson began.
        lesson: Timestamp,
    },
}

/// A device: by its hardware address where identity is sure of it, else as it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeviceKey {
    /// By hardware address.
    Mac(Mac),
    /// As it was seen: the frame's address may be a router's.
    Seen(Option<Mac>, std::net::IpAddr),
}

/// A network as far as the mirror can tell: the sensor and the VLAN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NetworkKey(SensorId, Option<u16>);

impl NetworkKey {
    /// The network something was seen on.
    #[must_use]
    pub const fn of(sighting: &Sighting) -> Self {
        Self(sighting.sensor, sighting.vlan)
    }
}

impl DeviceKey {
    /// The device behind a sighting.
    #[must_use]
    pub fn of(attribution: &Attribution, sighting: &Sighting) -> Self {
        match &attribution.device {
            Some(device) => Self::Mac(device.mac),
            None => Self::Seen(sighting.mac, sighting.address),
        }
    }
}

impl Key {
    /// The subject of a match seen at `at`.
    #[must_use]
    pub fn of(
        attribution: &Attribution,
        sighting: &Sighting,
        at: Timestamp,
        calendar: &Calendar,
    ) -> Self {
        let lesson = calendar.lesson(at).starts;
        let device = DeviceKey::of(attribution, sighting);
        let candidates = attribution.answer.candidates();
        let accounts: Vec<_> = candidates.iter().map(|c| c.account.clone()).collect();
        if accounts.is_empty() {
            return Self::Device { device, lesson };
        }
        let shared = matches!(attribution.answer, Answer::ProvenShared(_))
            || attribution.answer.leaves_open()
            || candidates.iter().any(is_shared);
        if shared {
            return Self::Shared { accounts, device, lesson };
        }
        Self::Accounts { accounts, day: calendar.local(at).iso_date() }
    }

    /// A lesson event of the network something was seen on.
    #[must_use]
    pub fn lesson(sighting: &Sighting, at: Timestamp, calendar: &Calendar) -> Self {
        Self::Lesson { network: NetworkKey::of(sighting), lesson: calendar.lesson(at).starts }
    }

    /// Whether no single person is the subject, so that it can join a lesson event.
    #[must_use]
    pub const fn is_impersonal(&self) -> bool {
        matches!(self, Self::Device { .. } | Self::Shared { .. })
    }

    /// The texts that make it, for deriving an id.
    pub(super) fn parts(&self) -> Vec<String> {
        let names = |accounts: &[UserName]| -> Vec<String> {
            accounts.iter().map(|account| account.reveal().to_owned()).collect()
        };
        match self {
            Self::Accounts { accounts, day } => {
                [vec!["accounts".into(), day.clone()], names(accounts)].concat()
            }
            Self::Shared { accounts, device, lesson } => {
                [vec!["shared".into(), format!("{device:?}"), lesson.to_string()], names(accounts)]
                    .concat()
            }
            Self::Device { device, lesson } => {
                vec!["device".into(), format!("{device:?}"), lesson.to_string()]
            }
            Self::Lesson { network, lesson } => {
                vec!["lesson".into(), format!("{network:?}"), lesson.to_string()]
            }
        }
    }
}

fn is_shared(candidate: &Candidate) -> bool {
    candidate.role.is_some_and(Role::is_shared)
}
