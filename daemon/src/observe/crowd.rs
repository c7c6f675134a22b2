//! A name is told only once enough clients asked for it; before that it is a count.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use facts::{Mac, Name, Sighting};

/// So many clients make a crowd.
const ENOUGH: usize = 5;
/// Names that are counted at one time. At 100 octets a name and 130 of clients: 15 MB.
const MOST_NAMES: usize = 65_536;

/// Which names enough clients asked for.
#[derive(Default)]
pub struct Crowd {
    names: HashMap<Box<str>, Clients>,
    withheld: BTreeMap<&'static str, u64>,
}

enum Clients {
    Few(Vec<Client>),
    Enough,
}

/// Where a name was asked for.
#[derive(Clone, Copy)]
struct Client {
    mac: Option<Mac>,
    address: IpAddr,
}

impl Client {
    fn of(sighting: &Sighting) -> Self {
        Self { mac: sighting.mac, address: sighting.address.to_canonical() }
    }

    /// Whether this may be the device of the other: one device has many addresses of IPv6,
    /// and one of IPv4 beside them. Behind a router all have one hardware address, so two
    /// addresses of IPv4 are two devices all the same.
    fn may_be(self, other: Self) -> bool {
        let both_v4 = self.address.is_ipv4() && other.address.is_ipv4();
        self.address == other.address || (!both_v4 && self.mac == other.mac)
    }
}

impl Crowd {
    /// Whether a name may be told, now that this client asked for it. What may not is
    /// counted under its kind.
    pub fn admits(
        &mut self,
        kind: &'static str,
        name: Option<Name<'_>>,
        client: &Sighting,
    ) -> bool {
        let admitted = name.is_some_and(|name| self.has_enough(name.as_str(), Client::of(client)));
        if !admitted {
            *self.withheld.entry(kind).or_default() += 1;
        }
        admitted
    }

    /// How many lines of each kind were not told.
    pub fn withheld(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.withheld.iter().map(|(kind, count)| (*kind, *count))
    }

    fn has_enough(&mut self, name: &str, client: Client) -> bool {
        if !self.names.contains_key(name) {
            // A name beyond the cap stays withheld: the safe side.
            if self.names.len() >= MOST_NAMES {
                return false;
            }
            self.names.insert(name.into(), Clients::Few(Vec::new()));
        }
        let Some(clients) = self.names.get_mut(name) else { return false };
        if let Clients::Few(few) = clients {
            if !few.iter().any(|known| client.may_be(*known)) {
                few.push(client);
            }
            if few.len() >= ENOUGH {
                *clients = Clients::Enough;
            }
        }
        matches!(clients, Clients::Enough)
    }
}

#[cfg(test)]
mod tests {
    use facts::{SensorId, SiteId};

    use super::*;

    fn client(mac: u8, address: &str) -> Sighting {
        Sighting {
            site: SiteId::default(),
            sensor: SensorId::default(),
            vlan: None,
            mac: Some(Mac::from_octets([2, 0, 0, 0, 0, mac])),
            address: address.parse().unwrap(),
        }
    }

    #[test]
    fn one_device_with_many_addresses_is_no_crowd() {
        let mut crowd = Crowd::default();
        let name = Name::from_canonical("private.example");
        let mut ask = |mac, address: &str| crowd.admits("dns_query", name, &client(mac, address));
        for host in 1..20 {
            assert!(!ask(1, &format!("2001:db8::{host}")));
        }
        assert!(!ask(1, "10.1.4.1"));
        for mac in 2..=4 {
            assert!(!ask(mac, &format!("10.1.4.{mac}")));
            assert!(!ask(mac, &format!("2001:db8::aa{mac}")));
        }
        assert!(ask(5, "2001:db8::5"));
    }

    #[test]
    fn a_name_is_told_from_the_fifth_client_on() {
        let mut crowd = Crowd::default();
        let name = Name::from_canonical("www.example");
        let mut ask =
            |last: u8| crowd.admits("dns_query", name, &client(last, &format!("10.1.4.{last}")));
        let told: Vec<_> = [1, 1, 2, 3, 4, 4, 5, 1].into_iter().map(&mut ask).collect();
        assert_eq!(told, [false, false, false, false, false, false, true, true]);
        assert!(!crowd.admits("tls_client_hello", None, &client(1, "10.1.4.1")));
        let withheld: Vec<_> = crowd.withheld().collect();
        assert_eq!(withheld, [("dns_query", 6), ("tls_client_hello", 1)]);
    }

    #[test]
    fn names_beyond_the_cap_stay_withheld() {
        let mut crowd = Crowd::default();
        for number in 0..MOST_NAMES + 10 {
            let text = format!("n{number}.example");
            let name = Name::from_canonical(&text);
            for last in 1..=5 {
                // All behind one router.
                let client = client(9, &format!("10.1.4.{last}"));
                let told = crowd.admits("dns_query", name, &client);
                assert_eq!(told, last == 5 && number < MOST_NAMES);
            }
        }
    }
}
