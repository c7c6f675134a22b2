//! Which match each followed connection belongs to: the newest so many.

use std::collections::VecDeque;

use facts::MatchId;

/// Connections followed at once. Each entry is 48 octets: 3 MiB at most.
const MOST_FOLLOWED: usize = 65_536;

/// Tags in the order they were given, each with its match and, for a connection, with the
/// look-up that led to it. The oldest go first.
#[derive(Debug, Default)]
pub(super) struct Followed {
    first: u64,
    ids: VecDeque<(MatchId, Option<MatchId>)>,
}

impl Followed {
    /// Gives the next tag to a match. What becomes of a connection is true of the look-up
    /// that led to it, too.
    pub(super) fn follow(&mut self, id: MatchId, led_by: Option<MatchId>) -> u64 {
        if self.ids.len() >= MOST_FOLLOWED {
            self.ids.pop_front();
            self.first += 1;
        }
        self.ids.push_back((id, led_by));
        self.first + self.ids.len() as u64 - 1
    }

    /// The matches of a tag that is still kept: its own, then the look-up before it.
    pub(super) fn ids(&self, tag: u64) -> impl Iterator<Item = MatchId> {
        let place = tag.checked_sub(self.first).and_then(|place| usize::try_from(place).ok());
        let held = place.and_then(|place| self.ids.get(place)).copied();
        held.into_iter().flat_map(|(id, led_by)| std::iter::once(id).chain(led_by))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_tags_are_kept_and_the_oldest_forgotten() {
        let mut followed = Followed::default();
        let id = |n: usize| MatchId::from_u128(n as u128);
        let tags: Vec<_> = (0..MOST_FOLLOWED + 10).map(|n| followed.follow(id(n), None)).collect();
        let ids = |tag| followed.ids(tag).collect::<Vec<_>>();
        assert_eq!(ids(tags[9]), []);
        assert_eq!(ids(tags[10]), [id(10)]);
        assert_eq!(ids(*tags.last().unwrap()), [id(MOST_FOLLOWED + 9)]);
        assert_eq!(ids(u64::MAX), []);
        assert_eq!(followed.ids.len(), MOST_FOLLOWED);
    }

    #[test]
    fn what_becomes_of_a_connection_is_told_of_its_look_up_too() {
        let mut followed = Followed::default();
        let (lookup, hello) = (MatchId::from_u128(1), MatchId::from_u128(2));
        followed.follow(lookup, None);
        let tag = followed.follow(hello, Some(lookup));
        assert_eq!(followed.ids(tag).collect::<Vec<_>>(), [hello, lookup]);
    }
}
