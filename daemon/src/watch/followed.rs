//! Which match each followed connection belongs to: the newest so many.

use std::collections::VecDeque;

use facts::MatchId;

/// Connections followed at once. Each entry is 16 octets: 1 MiB at most.
const MOST_FOLLOWED: usize = 65_536;

/// Tags in the order they were given, each with its match. The oldest go first.
#[derive(Debug, Default)]
pub(super) struct Followed {
    first: u64,
    ids: VecDeque<MatchId>,
}

impl Followed {
    /// Gives the next tag to a match.
    pub(super) fn follow(&mut self, id: MatchId) -> u64 {
        if self.ids.len() >= MOST_FOLLOWED {
            self.ids.pop_front();
            self.first += 1;
        }
        self.ids.push_back(id);
        self.first + self.ids.len() as u64 - 1
    }

    /// The match of a tag that is still kept.
    pub(super) fn id(&self, tag: u64) -> Option<MatchId> {
        let place = tag.checked_sub(self.first)?;
        self.ids.get(usize::try_from(place).ok()?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_tags_are_kept_and_the_oldest_forgotten() {
        let mut followed = Followed::default();
        let id = |n: usize| MatchId::from_u128(n as u128);
        let tags: Vec<_> = (0..MOST_FOLLOWED + 10).map(|n| followed.follow(id(n))).collect();
        assert_eq!(followed.id(tags[9]), None);
        assert_eq!(followed.id(tags[10]), Some(id(10)));
        assert_eq!(followed.id(*tags.last().unwrap()), Some(id(MOST_FOLLOWED + 9)));
        assert_eq!(followed.id(u64::MAX), None);
        assert_eq!(followed.ids.len(), MOST_FOLLOWED);
    }
}
