//! A keyed table that never grows past its cap: the oldest entry makes room.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::mem::size_of;

use facts::Timestamp;

use crate::keyed::Key;

/// Entries by key, oldest first out. Setting a key again makes it the youngest.
pub(crate) struct Table<K, V> {
    entries: HashMap<K, Entry<V>, Key>,
    /// Keys by age; a pair whose number is not the entry's own is stale.
    order: VecDeque<(K, u64)>,
    cap: usize,
    next: u64,
}

struct Entry<V> {
    number: u64,
    at: Timestamp,
    value: V,
}

impl<K: Copy + Eq + Hash, V> Table<K, V> {
    pub(crate) fn new(cap: usize, key: Key) -> Self {
        Self { entries: HashMap::with_hasher(key), order: VecDeque::new(), cap, next: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn contains(&self, key: &K) -> bool {
        self.entries.contains_key(key)
    }

    pub(crate) fn value(&self, key: &K) -> Option<&V> {
        self.entries.get(key).map(|entry| &entry.value)
    }

    pub(crate) fn value_mut(&mut self, key: &K) -> Option<&mut V> {
        self.entries.get_mut(key).map(|entry| &mut entry.value)
    }

    /// Every entry, in no order: its key, its number (the lowest is the oldest), its value.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (K, u64, &V)> {
        self.entries.iter().map(|(key, entry)| (*key, entry.number, &entry.value))
    }

    /// Sets a value and gives back the entry that had to make room, if one had to.
    pub(crate) fn set(&mut self, key: K, value: V, at: Timestamp) -> Option<(K, V)> {
        let evicted =
            if !self.contains(&key) && self.len() >= self.cap { self.take_oldest() } else { None };
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.entries.insert(key, Entry { number, at, value });
        self.drop_stale_keys();
        self.order.push_back((key, number));
        evicted
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        self.entries.remove(key).map(|entry| entry.value)
    }

    /// Takes the entry that was set longest ago.
    pub(crate) fn take_oldest(&mut self) -> Option<(K, V)> {
        while let Some((key, number)) = self.order.pop_front() {
            if self.is_live(&key, number) {
                return self.remove(&key).map(|value| (key, value));
            }
        }
        None
    }

    /// Takes the oldest entry if it was set before `limit`.
    pub(crate) fn take_older_than(&mut self, limit: Timestamp) -> Option<(K, V)> {
        loop {
            let (key, number) = *self.order.front()?;
            match self.entries.get(&key) {
                Some(entry) if entry.number == number => {
                    if entry.at >= limit {
                        return None;
                    }
                    return self.take_oldest();
                }
                _ => {
                    self.order.pop_front();
                }
            }
        }
    }

    /// What the table itself holds in octets, without what its values own elsewhere.
    pub(crate) fn bytes_held(&self) -> usize {
        let buckets = self.entries.capacity().saturating_mul(8).div_ceil(7);
        let entry = size_of::<(K, Entry<V>)>().saturating_add(1);
        let order = self.order.capacity().saturating_mul(size_of::<(K, u64)>());
        buckets.saturating_mul(entry).saturating_add(order)
    }

    /// The most that `bytes_held` can say for a cap: twice the entries in buckets (a power
    /// of two, 7/8 full) and at most four times the cap in the order (a power of two over
    /// twice the cap).
    pub(crate) const fn most_bytes(cap: usize) -> usize {
        let entry = size_of::<(K, Entry<V>)>().saturating_add(1);
        let buckets = cap.saturating_mul(8).saturating_div(7).saturating_add(8).next_power_of_two();
        let order = cap.saturating_mul(2).saturating_add(8).next_power_of_two();
        buckets.saturating_mul(entry).saturating_add(order.saturating_mul(size_of::<(K, u64)>()))
    }

    fn is_live(&self, key: &K, number: u64) -> bool {
        self.entries.get(key).is_some_and(|entry| entry.number == number)
    }

    /// Keeps the order at most twice as long as the table, at a cost that each `set` pays
    /// a constant share of.
    fn drop_stale_keys(&mut self) {
        if self.order.len() < self.cap.saturating_mul(2) {
            return;
        }
        let entries = &self.entries;
        self.order
            .retain(|(key, number)| entries.get(key).is_some_and(|entry| entry.number == *number));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(cap: usize) -> Table<u16, u32> {
        Table::new(cap, Key::new([1; 16]))
    }

    #[test]
    fn the_oldest_entry_makes_room() {
        let mut table = table(2);
        let at = Timestamp::from_seconds;
        assert_eq!(table.set(1, 10, at(1)), None);
        assert_eq!(table.set(2, 20, at(2)), None);
        assert_eq!(table.set(1, 11, at(3)), None, "set again: now the youngest");
        assert_eq!(table.set(3, 30, at(4)), Some((2, 20)));
        assert_eq!(table.value(&1), Some(&11));
        assert_eq!(table.take_older_than(at(3)), None);
        assert_eq!(table.take_older_than(at(4)), Some((1, 11)));
        assert_eq!(table.len(), 1);
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_list(steps in prop::collection::vec((0_u16..24, 0_u8..4), 0..400)) {
            const CAP: usize = 8;
            let mut table = table(CAP);
            let mut list: Vec<(u16, u32)> = Vec::new();
            for (step, (key, verb)) in steps.into_iter().enumerate() {
                let step = u32::try_from(step).unwrap();
                if verb == 0 {
                    let gone = list.iter().position(|e| e.0 == key).map(|at| list.remove(at).1);
                    prop_assert_eq!(table.remove(&key), gone);
                    continue;
                }
                list.retain(|e| e.0 != key);
                let evicted = (list.len() >= CAP).then(|| list.remove(0));
                list.push((key, step));
                prop_assert_eq!(table.set(key, step, Timestamp::EPOCH), evicted);
                prop_assert!(table.bytes_held() <= Table::<u16, u32>::most_bytes(CAP));
            }
            while let Some(entry) = table.take_oldest() {
                prop_assert_eq!(entry, list.remove(0));
            }
            prop_assert!(list.is_empty());
        }
    }
}
