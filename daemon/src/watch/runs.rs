//! Which uses of services are one run: a login asks for twenty tickets within seconds.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::net::IpAddr;

use facts::{Assertion, Claim, Exchange, Mac, Sighting, Span, Timestamp, UserName};

/// A use within this time of the one before, by the same account on the same device, tells
/// nothing that a proof of seconds ago does not. Who logged in between by a file is not
/// known here: a longer run could hide that the account was still in use.
const ONE_RUN: Span = Span::seconds(15);
/// Clients whose last use is kept; beyond, every use is told.
const MOST_CLIENTS: usize = 16_384;

/// A client as its frames show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Place {
    vlan: Option<u16>,
    mac: Option<Mac>,
    address: IpAddr,
}

/// One use that was told.
#[derive(Debug)]
struct Use {
    account: UserName,
    realm: String,
    at: Timestamp,
}

/// The last use that was told of each client.
#[derive(Debug, Default)]
pub(super) struct Runs {
    last: HashMap<Place, Use, RandomState>,
}

impl Runs {
    /// Whether a claim only goes on with what was told.
    pub(super) fn goes_on(&mut self, claim: &Claim) -> bool {
        // What anybody could have sent neither is a run nor ends one.
        if claim.exchange == Exchange::OneSided {
            return false;
        }
        match &claim.assertion {
            // Whatever is used after a login may be somebody else's.
            Assertion::KerberosGranted { client, .. } => {
                self.last.remove(&Place::of(client));
                false
            }
            Assertion::KerberosUsed { client, cname, realm } => {
                let place = Place::of(client);
                let is_same = |last: &Use| {
                    last.account == *cname
                        && last.realm == *realm
                        && claim.at.since(last.at) < ONE_RUN
                };
                if self.last.get(&place).is_some_and(is_same) {
                    return true;
                }
                let told = Use { account: cname.clone(), realm: realm.clone(), at: claim.at };
                self.keep(place, told);
                false
            }
            _ => false,
        }
    }

    fn keep(&mut self, place: Place, told: Use) {
        let is_full =
            |runs: &Self| runs.last.len() >= MOST_CLIENTS && !runs.last.contains_key(&place);
        if is_full(self) {
            self.last.retain(|_, last| told.at.since(last.at) < ONE_RUN);
        }
        if !is_full(self) {
            self.last.insert(place, told);
        }
    }
}

impl Place {
    const fn of(client: &Sighting) -> Self {
        Self { vlan: client.vlan, mac: client.mac, address: client.address }
    }
}

#[cfg(test)]
mod tests {
    use facts::Source;

    use super::*;

    fn claim(second: i64, number: u8, user: &str, logs_in: bool) -> Claim {
        let mac = Some(Mac::from_octets([0x52, 0x54, 0, 0, 0, number]));
        let address = [10, 1, 4, number].into();
        let client = Sighting {
            site: facts::SiteId(0),
            sensor: facts::SensorId(0),
            vlan: None,
            mac,
            address,
        };
        let (cname, realm) = (UserName::new(user), "ELMROW.EXAMPLE".to_owned());
        let assertion = if logs_in {
            Assertion::KerberosGranted { client, cname, realm }
        } else {
            Assertion::KerberosUsed { client, cname, realm }
        };
        Claim {
            at: Timestamp::from_seconds(second),
            assertion,
            source: Source::Mirror,
            exchange: Exchange::Whole,
        }
    }

    /// Which of these (second, device, account, whether it logs in) are told.
    fn told(claims: &[(i64, u8, &str, bool)]) -> Vec<i64> {
        let mut runs = Runs::default();
        let mut told = claims.to_vec();
        told.retain(|(second, device, user, logs_in)| {
            !runs.goes_on(&claim(*second, *device, user, *logs_in))
        });
        told.into_iter().map(|(second, ..)| second).collect()
    }

    #[test]
    fn of_the_uses_of_one_account_on_one_device_one_in_fifteen_seconds_is_told() {
        let uses: Vec<_> = (0..40).map(|second| (second, 1, "a.pupil", false)).collect();
        assert_eq!(told(&uses), [0, 15, 30]);
    }

    #[test]
    fn another_account_another_device_and_what_follows_a_login_are_told() {
        let claims = [
            (0, 1, "a.pupil", true),
            (1, 1, "a.pupil", false),
            (2, 1, "a.pupil", false),
            (3, 1, "b.pupil", false),
            (4, 1, "a.pupil", false),
            (5, 2, "a.pupil", false),
            (6, 1, "t.staff", true),
            (7, 1, "a.pupil", false),
            (8, 1, "a.pupil", false),
        ];
        assert_eq!(told(&claims), [0, 1, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn more_clients_than_there_is_room_for_are_all_told() {
        let mut runs = Runs::default();
        for number in 0..70_000_u32 {
            let [_, a, b, c] = number.to_be_bytes();
            let mut claim = claim(5, 1, "a.pupil", false);
            if let Assertion::KerberosUsed { client, .. } = &mut claim.assertion {
                client.address = [10, a, b, c].into();
            }
            assert!(!runs.goes_on(&claim));
        }
        assert_eq!(runs.last.len(), MOST_CLIENTS);
        assert!(!runs.goes_on(&claim(90, 1, "a.pupil", false)), "old ones make room");
        assert_eq!(runs.last.len(), 1);
    }
}
