//! Who makes room in a table that is full: who holds most of it, not who came first.
//!
//! One sender that begins messages without end must not push out those of others. Where
//! every sender holds the same, the oldest makes room, as a flood from invented addresses
//! would have it.

use crate::limits::SHARE_PARCEL;

/// What one sender keeps in a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holding<K> {
    pub(crate) key: K,
    /// The address that sent it.
    pub(crate) sender: [u8; 16],
    /// Counts up with each entry: the lowest is the oldest.
    pub(crate) number: u64,
    /// Octets on the heap.
    pub(crate) bytes: usize,
}

/// How much a table may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub(crate) entries: usize,
    pub(crate) bytes: usize,
}

impl Room {
    pub(crate) const fn is_exceeded(&self, entries: usize, bytes: usize) -> bool {
        entries >= self.entries || bytes > self.bytes
    }
}

/// The entries that make room, until a sixteenth of it is free: a look at all of them is
/// then paid by many newcomers. Of one sender the largest go first and of equal ones the
/// youngest; between senders who hold the same, the oldest.
pub(crate) fn who_makes_room<K>(mut holdings: Vec<Holding<K>>, room: Room) -> Vec<K> {
    let parcels = |bytes: usize| bytes.checked_div(SHARE_PARCEL).unwrap_or(0).saturating_add(1);
    let mut entries = holdings.len();
    let mut bytes = holdings.iter().fold(0_usize, |sum, one| sum.saturating_add(one.bytes));
    holdings.sort_unstable_by_key(|one| (one.sender, parcels(one.bytes), one.number));
    let mut before = None;
    let mut sum = 0_usize;
    let mut ranked: Vec<(usize, Holding<K>)> = Vec::with_capacity(entries);
    for one in holdings {
        let carried = if before == Some(one.sender) { sum } else { 0 };
        before = Some(one.sender);
        sum = carried.saturating_add(parcels(one.bytes));
        ranked.push((sum, one));
    }
    ranked.sort_unstable_by_key(|(sum, one)| (std::cmp::Reverse(*sum), one.number));
    let fifteenths = |whole: usize| whole.saturating_sub(whole.checked_div(16).unwrap_or(0));
    let enough = Room { entries: fifteenths(room.entries), bytes: fifteenths(room.bytes) };
    let mut gone = Vec::new();
    for (_, one) in ranked {
        if !enough.is_exceeded(entries, bytes) {
            break;
        }
        entries = entries.saturating_sub(1);
        bytes = bytes.saturating_sub(one.bytes);
        gone.push(one.key);
    }
    gone
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holding(key: u64, sender: u8, bytes: usize) -> Holding<u64> {
        Holding { key, sender: [sender; 16], number: key, bytes }
    }

    #[test]
    fn who_holds_most_makes_room_and_of_equals_the_oldest() {
        let one_each: Vec<_> = (0..32).map(|n| holding(n, u8::try_from(n).unwrap(), 100)).collect();
        let room = Room { entries: 32, bytes: 1 << 20 };
        assert_eq!(who_makes_room(one_each, room), [0, 1, 2]);
        let mut crowded: Vec<_> = (0..30).map(|n| holding(n, 1, 100)).collect();
        crowded.extend([holding(30, 2, 3_000), holding(31, 3, 9_000)]);
        assert_eq!(who_makes_room(crowded.clone(), room), [29, 28, 27]);
        let tight = Room { entries: 100, bytes: 60_000 };
        crowded.push(holding(32, 1, 60_000));
        assert_eq!(who_makes_room(crowded, tight), [32], "the largest of who holds most");
    }
}
