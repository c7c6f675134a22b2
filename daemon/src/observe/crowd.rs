//! A name is told only once enough clients asked for it; before that it is a count.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use facts::Name;

/// So many clients make a crowd.
const ENOUGH: usize = 5;
/// Names that are counted at one time. At 100 octets a name and 80 of clients: 12 MB.
const MOST_NAMES: usize = 65_536;

/// Which names enough clients asked for.
#[derive(Default)]
pub struct Crowd {
    names: HashMap<Box<str>, Clients>,
    withheld: BTreeMap<&'static str, u64>,
}

enum Clients {
    Few(Vec<IpAddr>),
    Enough,
}

impl Crowd {
    /// Whether a name may be told, now that this client asked for it. What may not is
    /// counted under its kind.
    pub fn admits(&mut self, kind: &'static str, name: Option<Name<'_>>, client: IpAddr) -> bool {
        let admitted = name.is_some_and(|name| self.has_enough(name.as_str(), client));
        if !admitted {
            *self.withheld.entry(kind).or_default() += 1;
        }
        admitted
    }

    /// How many lines of each kind were not told.
    pub fn withheld(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.withheld.iter().map(|(kind, count)| (*kind, *count))
    }

    fn has_enough(&mut self, name: &str, client: IpAddr) -> bool {
        if !self.names.contains_key(name) {
            // A name beyond the cap stays withheld: the safe side.
            if self.names.len() >= MOST_NAMES {
                return false;
            }
            self.names.insert(name.into(), Clients::Few(Vec::new()));
        }
        let Some(clients) = self.names.get_mut(name) else { return false };
        if let Clients::Few(few) = clients {
            if !few.contains(&client) {
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
    use super::*;

    #[test]
    fn a_name_is_told_from_the_fifth_client_on() {
        let mut crowd = Crowd::default();
        let name = Name::from_canonical("www.example");
        let mut ask = |last: u8| crowd.admits("dns_query", name, IpAddr::from([10, 1, 4, last]));
        let told: Vec<_> = [1, 1, 2, 3, 4, 4, 5, 1].into_iter().map(&mut ask).collect();
        assert_eq!(told, [false, false, false, false, false, false, true, true]);
        assert!(!crowd.admits("tls_client_hello", None, IpAddr::from([10, 1, 4, 1])));
        let withheld: Vec<_> = crowd.withheld().collect();
        assert_eq!(withheld, [("dns_query", 6), ("tls_client_hello", 1)]);
    }

    #[test]
    fn names_beyond_the_cap_stay_withheld() {
        let mut crowd = Crowd::default();
        for number in 0..MOST_NAMES + 10 {
            let text = format!("n{number}.example");
            let name = Name::from_canonical(&text);
            for client in 1..=5 {
                let told = crowd.admits("dns_query", name, IpAddr::from([10, 1, 4, client]));
                assert_eq!(told, client == 5 && number < MOST_NAMES);
            }
        }
    }
}
