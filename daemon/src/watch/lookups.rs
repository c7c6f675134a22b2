//! Which look-ups are one: a device asks for a name in several record types at once.

use std::collections::VecDeque;
use std::net::IpAddr;

use facts::{HostName, Name, Span, Timestamp};

/// The same name asked for by the same client within this time is one look-up: the types
/// A, AAAA and HTTPS, and the retries of a slow resolver.
const ONE_LOOKUP: Span = Span::seconds(2);
/// Look-ups that matched a rule and are young enough to have a sister; the oldest go first.
const MOST_KEPT: usize = 256;

/// Young look-ups that matched, each with the tag of its match.
#[derive(Debug, Default)]
pub(super) struct Lookups(VecDeque<(IpAddr, HostName, Timestamp, u64)>);

impl Lookups {
    /// The tag of the look-up that this one repeats.
    pub(super) fn same(&self, client: IpAddr, name: Name<'_>, at: Timestamp) -> Option<u64> {
        let young = self.0.iter().rev().take_while(|(.., asked, _)| at.since(*asked) <= ONE_LOOKUP);
        let mut same = young.filter(|(by, of, ..)| *by == client && of.as_name() == name);
        same.next().map(|(.., tag)| *tag)
    }

    /// Keeps a look-up for its sisters.
    pub(super) fn keep(&mut self, client: IpAddr, name: Name<'_>, at: Timestamp, tag: u64) {
        if self.0.len() >= MOST_KEPT {
            self.0.pop_front();
        }
        self.0.push_back((client, name.to_host_name(), at, tag));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sister_questions_are_one_look_up_and_later_ones_are_not() {
        let mut lookups = Lookups::default();
        let name = |text| Name::from_canonical(text).unwrap();
        let (client, other) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        let at = Timestamp::from_seconds(100);
        lookups.keep(client, name("a.example"), at, 7);
        assert_eq!(lookups.same(client, name("a.example"), at + Span::millis(1)), Some(7));
        assert_eq!(lookups.same(client, name("a.example"), at + Span::seconds(3)), None);
        assert_eq!(lookups.same(client, name("b.example"), at), None);
        assert_eq!(lookups.same(other, name("a.example"), at), None);
        for tag in 0..1_000 {
            lookups.keep(other, name("c.example"), at, tag);
        }
        assert_eq!(lookups.0.len(), MOST_KEPT);
    }
}
