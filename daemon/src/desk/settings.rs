//! What the desk is set up with, and which age group a subject is weighed for.

use std::net::IpAddr;

use facts::{Answer, Candidate, Profile, Role, Sighting, Span};
use rules::Calendar;

use super::people::People;
use crate::mail::Letterhead;

/// What the desk is set up with. It knows no clock, no file and no socket.
#[derive(Debug)]
pub struct Settings {
    /// How long a match waits for the logon that explains it.
    pub grace: Span,
    /// Who can be told.
    pub people: People,
    /// When.
    pub calendar: Calendar,
    /// On which paper.
    pub letterhead: Letterhead,
    /// For whom a match is weighed.
    pub profiles: Profiles,
    /// The installation's own key: ids and code words are made with it.
    pub key: [u8; 32],
}

/// How long a match waits, unless the school writes another time.
pub const USUAL_GRACE: Span = Span::seconds(20);

/// How a part of the school's network is known, as the mirror shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// A VLAN.
    Vlan(u16),
    /// An address range: its first address and the length of its prefix.
    Range(IpAddr, u8),
}

impl Network {
    fn holds(self, sighting: &Sighting) -> bool {
        match (self, sighting.address) {
            (Self::Vlan(vlan), _) => sighting.vlan == Some(vlan),
            (Self::Range(IpAddr::V4(first), bits), IpAddr::V4(address)) => {
                let shift = 32_u32.saturating_sub(bits.into());
                u32::from(first).checked_shr(shift).unwrap_or(0)
                    == u32::from(address).checked_shr(shift).unwrap_or(0)
            }
            (Self::Range(IpAddr::V6(first), bits), IpAddr::V6(address)) => {
                let shift = 128_u32.saturating_sub(bits.into());
                u128::from(first).checked_shr(shift).unwrap_or(0)
                    == u128::from(address).checked_shr(shift).unwrap_or(0)
            }
            (Self::Range(..), _) => false,
        }
    }
}

/// A part of the school's network with the name that the school gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedNetwork {
    /// Its name: rules can be for it, and the filter's work is told by it.
    pub name: String,
    /// How it is known.
    pub known_by: Network,
    /// The profile of devices on it on which nobody is known, where it has one of its own.
    pub profile: Option<Profile>,
}

/// Which profile a match is weighed for.
#[derive(Clone, Debug)]
pub struct Profiles {
    /// Pupils whose year the directory does not tell.
    pub pupils: Profile,
    /// Networks that the school has named; of those that hold a device the first counts.
    pub networks: Vec<NamedNetwork>,
    /// Devices on any other network.
    pub elsewhere: Profile,
}

impl Profiles {
    /// Every profile under which a match must be weighed; never empty. With several
    /// candidates the gravest answer among them holds.
    #[must_use]
    pub fn of(&self, answer: &Answer, sighting: &Sighting) -> Vec<Profile> {
        let mut profiles: Vec<_> =
            answer.candidates().iter().flat_map(|c| self.of_candidate(c, sighting)).collect();
        if answer.leaves_open() {
            profiles.push(self.of_network(sighting));
        }
        profiles.sort_unstable();
        profiles.dedup();
        profiles
    }

    fn of_candidate(&self, candidate: &Candidate, sighting: &Sighting) -> Vec<Profile> {
        match candidate.role {
            Some(Role::Pupil | Role::Class) => {
                vec![candidate.year.as_deref().and_then(of_year).unwrap_or(self.pupils)]
            }
            Some(Role::Guest) => vec![Profile::Guest],
            Some(role) if role.is_adults() => vec![Profile::Staff],
            Some(_) => vec![self.of_network(sighting)],
            // It may be a child's account or an adult's.
            None => vec![self.of_network(sighting), Profile::Staff],
        }
    }

    /// The name of the network on which something was seen.
    #[must_use]
    pub fn network_name(&self, sighting: &Sighting) -> Option<&str> {
        let found = self.networks.iter().find(|network| network.known_by.holds(sighting));
        found.map(|network| network.name.as_str())
    }

    /// The names of all networks.
    pub fn network_names(&self) -> impl Iterator<Item = &str> {
        self.networks.iter().map(|network| network.name.as_str())
    }

    fn of_network(&self, sighting: &Sighting) -> Profile {
        let holding = self.networks.iter().filter(|network| network.known_by.holds(sighting));
        holding.filter_map(|network| network.profile).next().unwrap_or(self.elsewhere)
    }
}

/// The profile of a school year as directories write it: `R`, `8`, `Y8`, `Year 8`.
fn of_year(year: &str) -> Option<Profile> {
    let digits: String = year.chars().filter(char::is_ascii_digit).collect();
    match digits.parse::<u8>() {
        Ok(0..=2) => Some(Profile::Ks1),
        Ok(3..=6) => Some(Profile::Ks2),
        Ok(7..=11) => Some(Profile::Ks34),
        Ok(12..=14) => Some(Profile::Ks5),
        Ok(_) => None,
        Err(_) => {
            let early = ["R", "N", "RECEPTION", "NURSERY"];
            early.contains(&year.trim().to_uppercase().as_str()).then_some(Profile::Ks1)
        }
    }
}

#[cfg(test)]
mod tests {
    use facts::{SensorId, SiteId, UserName, Why};

    use super::*;

    fn network(name: &str, known_by: Network, profile: Option<Profile>) -> NamedNetwork {
        NamedNetwork { name: name.to_owned(), known_by, profile }
    }

    fn profiles() -> Profiles {
        Profiles {
            pupils: Profile::Ks34,
            networks: vec![
                network("BYOD", Network::Range("10.8.1.0".parse().unwrap(), 24), None),
                network("Rooms", Network::Vlan(30), Some(Profile::Ks1)),
                network(
                    "Office",
                    Network::Range("10.8.0.0".parse().unwrap(), 16),
                    Some(Profile::Staff),
                ),
            ],
            elsewhere: Profile::Ks2,
        }
    }

    fn sighting(vlan: Option<u16>, address: &str) -> Sighting {
        let address = address.parse().unwrap();
        Sighting { site: SiteId(1), sensor: SensorId(1), vlan, mac: None, address }
    }

    #[test]
    fn a_device_alone_is_weighed_for_its_network() {
        let of = |vlan, address| {
            profiles().of(&Answer::Unknown(Why::NoDevice), &sighting(vlan, address))
        };
        assert_eq!(of(Some(30), "10.8.0.1"), [Profile::Ks1]);
        assert_eq!(of(None, "10.8.255.1"), [Profile::Staff]);
        assert_eq!(of(None, "10.9.0.1"), [Profile::Ks2]);
        assert_eq!(of(None, "2001:db8::1"), [Profile::Ks2]);
    }

    #[test]
    fn a_network_without_a_profile_gives_its_name_and_leaves_the_profile_to_others() {
        let byod = sighting(None, "10.8.1.9");
        assert_eq!(profiles().network_name(&byod), Some("BYOD"));
        let nobody = Answer::Unknown(Why::NoDevice);
        assert_eq!(profiles().of(&nobody, &byod), [Profile::Staff]);
        assert_eq!(profiles().network_name(&sighting(Some(30), "10.8.0.1")), Some("Rooms"));
        assert_eq!(profiles().network_name(&sighting(None, "10.9.0.1")), None);
    }

    #[test]
    fn a_pupil_is_weighed_for_the_year_and_an_unlisted_account_as_both() {
        let of = |role, year: Option<&str>| {
            let candidate = Candidate {
                account: UserName::new("x"),
                role,
                duties: Vec::new(),
                year: year.map(Into::into),
                group: None,
                display: None,
                one_sided: false,
            };
            profiles().of(&Answer::Proven(candidate), &sighting(None, "10.9.0.1"))
        };
        let years = [("R", Profile::Ks1), ("2", Profile::Ks1), ("Year 3", Profile::Ks2)];
        for (year, profile) in years {
            assert_eq!(of(Some(Role::Pupil), Some(year)), [profile], "{year}");
        }
        assert_eq!(of(Some(Role::Class), Some("11")), [Profile::Ks34]);
        assert_eq!(of(Some(Role::Pupil), Some("13")), [Profile::Ks5]);
        assert_eq!(of(Some(Role::Pupil), None), [Profile::Ks34]);
        assert_eq!(of(Some(Role::Supply), None), [Profile::Staff]);
        assert_eq!(of(None, None), [Profile::Ks2, Profile::Staff]);
    }
}
