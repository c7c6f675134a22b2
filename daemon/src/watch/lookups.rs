//! Which look-ups are one: a device asks for a name in several record types at once.

use std::collections::VecDeque;
use std::net::IpAddr;

use facts::{HostName, MatchId, Name, Sighting, Span, Timestamp};

/// The same name asked for by the same client within this time is one look-up: the types
/// A, AAAA and HTTPS, and the retries of a slow resolver.
const ONE_LOOKUP: Span = Span::seconds(2);
/// A connection within this time of a look-up of its name was led to by it.
const LEADS_FOR: Span = Span::seconds(60);
/// Look-ups that matched a rule and are young enough to have a sister; the oldest go first.
const MOST_KEPT: usize = 256;

/// A client: one address may be two clients' in two VLANs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Client {
    vlan: Option<u16>,
    address: IpAddr,
}

impl Client {
    /// Who was seen.
    pub(super) const fn of(sighting: &Sighting) -> Self {
        Self { vlan: sighting.vlan, address: sighting.address }
    }
}

/// Young look-ups that matched.
#[derive(Debug, Default)]
pub(super) struct Lookups(VecDeque<Lookup>);

/// One look-up with the tag and the id of its match.
#[derive(Debug)]
struct Lookup {
    client: Client,
    name: HostName,
    at: Timestamp,
    tag: u64,
    id: MatchId,
}

impl Lookups {
    /// The tag of the look-up that this one repeats.
    pub(super) fn same(&self, client: Client, name: Name<'_>, at: Timestamp) -> Option<u64> {
        self.newest(client, name, at, ONE_LOOKUP).map(|lookup| lookup.tag)
    }

    /// The match of the look-up that led to a connection.
    pub(super) fn led_to(&self, client: Client, name: Name<'_>, at: Timestamp) -> Option<MatchId> {
        self.newest(client, name, at, LEADS_FOR).map(|lookup| lookup.id)
    }

    /// Keeps a look-up for its sisters and its connection.
    pub(super) fn keep(
        &mut self,
        client: Client,
        name: Name<'_>,
        at: Timestamp,
        tag: u64,
        id: MatchId,
    ) {
        if self.0.len() >= MOST_KEPT {
            self.0.pop_front();
        }
        self.0.push_back(Lookup { client, name: name.to_host_name(), at, tag, id });
    }

    fn newest(&self, client: Client, name: Name<'_>, at: Timestamp, age: Span) -> Option<&Lookup> {
        let mut young = self.0.iter().rev().take_while(|lookup| at.since(lookup.at) <= age);
        young.find(|lookup| lookup.client == client && lookup.name.as_name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sister_questions_are_one_look_up_and_later_ones_are_not() {
        let mut lookups = Lookups::default();
        let name = |text| Name::from_canonical(text).unwrap();
        let client = Client { vlan: Some(10), address: [10, 0, 0, 1].into() };
        let other = Client { address: [10, 0, 0, 2].into(), ..client };
        let elsewhere = Client { vlan: Some(20), ..client };
        let at = Timestamp::from_seconds(100);
        let id = MatchId::from_u128(9);
        lookups.keep(client, name("a.example"), at, 7, id);
        assert_eq!(lookups.same(client, name("a.example"), at + Span::millis(1)), Some(7));
        assert_eq!(lookups.same(client, name("a.example"), at + Span::seconds(3)), None);
        assert_eq!(lookups.same(client, name("b.example"), at), None);
        for other in [other, elsewhere] {
            assert_eq!(lookups.same(other, name("a.example"), at), None);
            assert_eq!(lookups.led_to(other, name("a.example"), at), None);
        }
        assert_eq!(lookups.led_to(client, name("a.example"), at + Span::seconds(3)), Some(id));
        assert_eq!(lookups.led_to(client, name("a.example"), at + Span::seconds(61)), None);
        for tag in 0..1_000 {
            lookups.keep(other, name("c.example"), at, tag, id);
        }
        assert_eq!(lookups.0.len(), MOST_KEPT);
    }
}
