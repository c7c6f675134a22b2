//! A keyed table that never grows past its cap: the oldest entry makes room.
//!
//! Entries stand in slots that are used again, and each knows its neighbours in age, so that
//! all it costs to leave is a link. Only places are hashed: the room that a hash table keeps
//! for what was taken out of it is then small, and it is part of what is claimed.

use std::collections::HashMap;
use std::hash::Hash;
use std::mem::size_of;
use std::num::NonZeroU32;

use facts::Timestamp;

use crate::keyed::{Key, TableKey};

/// Entries by key, oldest first out. Setting a key again makes it the youngest.
pub(crate) struct Table<K, V> {
    places: HashMap<K, Place, TableKey>,
    slots: Vec<Slot<K, V>>,
    /// The first slot that is free; each free one names the next as its younger.
    free: Option<Place>,
    oldest: Option<Place>,
    youngest: Option<Place>,
    cap: usize,
    next: u64,
    /// The most places that `places` had room for. Its own word for that shrinks with every
    /// entry taken out, though its room does not.
    widest: usize,
}

/// A slot's number, one up, so that none costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place(NonZeroU32);

struct Slot<K, V> {
    key: K,
    older: Option<Place>,
    younger: Option<Place>,
    /// Counts up with each setting.
    number: u64,
    at: Timestamp,
    /// None where the slot is free.
    value: Option<V>,
}

impl Place {
    fn of(index: usize) -> Option<Self> {
        u32::try_from(index).ok()?.checked_add(1).and_then(NonZeroU32::new).map(Self)
    }

    fn index(self) -> usize {
        usize::try_from(self.0.get()).unwrap_or(usize::MAX).saturating_sub(1)
    }
}

impl<K: Copy + Eq + Hash, V> Table<K, V> {
    pub(crate) fn new(cap: usize, key: Key) -> Self {
        Self {
            places: HashMap::with_hasher(key.for_tables()),
            slots: Vec::new(),
            free: None,
            oldest: None,
            youngest: None,
            cap,
            next: 0,
            widest: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub(crate) fn contains(&self, key: &K) -> bool {
        self.places.contains_key(key)
    }

    pub(crate) fn value(&self, key: &K) -> Option<&V> {
        let place = self.places.get(key)?;
        self.slots.get(place.index())?.value.as_ref()
    }

    pub(crate) fn value_mut(&mut self, key: &K) -> Option<&mut V> {
        let place = self.places.get(key)?;
        self.slots.get_mut(place.index())?.value.as_mut()
    }

    /// Every entry, in no order: its key, its number (the lowest is the oldest), its value.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (K, u64, &V)> {
        self.slots.iter().filter_map(|slot| Some((slot.key, slot.number, slot.value.as_ref()?)))
    }

    /// Sets a value and gives back the entry that had to make room, if one had to.
    pub(crate) fn set(&mut self, key: K, value: V, at: Timestamp) -> Option<(K, V)> {
        if let Some(known) = self.renew(&key, at) {
            *known = value;
            return None;
        }
        let number = self.count();
        let evicted = if self.len() >= self.cap { self.take_oldest() } else { None };
        let slot = Slot { key, older: None, younger: None, number, at, value: Some(value) };
        let Some(place) = self.fill(slot) else { return evicted };
        self.places.insert(key, place);
        self.widest = self.widest.max(self.places.capacity());
        self.link_youngest(place);
        evicted
    }

    /// Makes an entry that is there the youngest; its value, to be changed where it stands.
    pub(crate) fn renew(&mut self, key: &K, at: Timestamp) -> Option<&mut V> {
        let place = self.places.get(key).copied()?;
        let number = self.count();
        self.unlink(place);
        self.link_youngest(place);
        let slot = self.slots.get_mut(place.index())?;
        (slot.number, slot.at) = (number, at);
        slot.value.as_mut()
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let place = self.places.remove(key)?;
        self.unlink(place);
        let slot = self.slots.get_mut(place.index())?;
        slot.younger = self.free.replace(place);
        slot.value.take()
    }

    /// Takes the entry that was set longest ago.
    pub(crate) fn take_oldest(&mut self) -> Option<(K, V)> {
        let key = self.slots.get(self.oldest?.index())?.key;
        self.remove(&key).map(|value| (key, value))
    }

    /// Takes the oldest entry if it was set before `limit`.
    pub(crate) fn take_older_than(&mut self, limit: Timestamp) -> Option<(K, V)> {
        let oldest = self.slots.get(self.oldest?.index())?;
        if oldest.at >= limit { None } else { self.take_oldest() }
    }

    /// What the table itself holds in octets, without what its values own elsewhere.
    pub(crate) fn bytes_held(&self) -> usize {
        let slots = self.slots.capacity().saturating_mul(size_of::<Slot<K, V>>());
        slots.saturating_add(Self::bytes_of(buckets(self.widest)))
    }

    /// The most that `bytes_held` can say for a cap. A hash table of the standard library
    /// doubles where its room is used up and more than half of that by entries that are
    /// there; the rest is what was taken out, and is won back.
    pub(crate) const fn most_bytes(cap: usize) -> usize {
        let half_full = cap.saturating_add(1).saturating_mul(16).div_ceil(7);
        let slots = cap.saturating_mul(size_of::<Slot<K, V>>());
        slots.saturating_add(Self::bytes_of(half_full.next_power_of_two()))
    }

    /// A bucket costs its entry and an octet; a few more octets end the table.
    const fn bytes_of(buckets: usize) -> usize {
        let bucket = size_of::<(K, Place)>().saturating_add(1);
        buckets.saturating_mul(bucket).saturating_add(32)
    }

    fn count(&mut self) -> u64 {
        let number = self.next;
        self.next = number.wrapping_add(1);
        number
    }

    /// Puts a slot where one is free, or at the end.
    fn fill(&mut self, slot: Slot<K, V>) -> Option<Place> {
        if let Some(place) = self.free {
            let old = self.slots.get_mut(place.index())?;
            self.free = old.younger;
            *old = slot;
            return Some(place);
        }
        let place = Place::of(self.slots.len())?;
        if self.slots.len() == self.slots.capacity() {
            let more = self.slots.len().max(4).min(self.cap.saturating_sub(self.slots.len()));
            self.slots.reserve_exact(more.max(1));
        }
        self.slots.push(slot);
        Some(place)
    }

    fn unlink(&mut self, place: Place) {
        let Some(slot) = self.slots.get_mut(place.index()) else { return };
        let (older, younger) = (slot.older.take(), slot.younger.take());
        match older.and_then(|older| self.slots.get_mut(older.index())) {
            Some(older) => older.younger = younger,
            None => self.oldest = younger,
        }
        match younger.and_then(|younger| self.slots.get_mut(younger.index())) {
            Some(younger) => younger.older = older,
            None => self.youngest = older,
        }
    }

    fn link_youngest(&mut self, place: Place) {
        let before = self.youngest.replace(place);
        if let Some(slot) = self.slots.get_mut(place.index()) {
            slot.older = before;
        }
        match before.and_then(|before| self.slots.get_mut(before.index())) {
            Some(before) => before.younger = Some(place),
            None => self.oldest = Some(place),
        }
    }
}

/// The buckets behind a capacity: 7/8 of them, and of the smallest tables one less than all.
const fn buckets(capacity: usize) -> usize {
    if capacity == 0 { 0 } else { capacity.saturating_mul(8).div_ceil(7).next_power_of_two() }
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

    /// What the standard library's table allocates, told from outside: it holds what it says
    /// it has room for at the moment after it grew.
    #[test]
    fn a_table_that_is_old_holds_no_more_than_is_claimed() {
        for cap in [1, 7, 880, 3_500, 7_000] {
            let mut table: Table<u64, u32> = Table::new(cap, Key::new([1; 16]));
            let mut state = 1_u64;
            for step in 0..400_000_u32 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                // Entries leave from the middle and by age, and come back.
                match state >> 61 {
                    0 => drop(table.remove(&(state >> 33 & 0x1fff))),
                    1 => drop(table.take_oldest()),
                    _ => drop(table.set(state >> 33, step, Timestamp::EPOCH)),
                }
            }
            let claimed = Table::<u64, u32>::most_bytes(cap);
            assert!(table.bytes_held() <= claimed, "{cap}: {} of {claimed}", table.bytes_held());
            assert!(table.len() <= cap && table.slots.len() <= cap);
        }
    }

    #[test]
    fn what_is_held_is_what_a_table_of_that_age_really_takes() {
        // Half of the claim at least is used by an old table: it is no idle word.
        let cap = 3_500;
        let mut table: Table<u64, u32> = Table::new(cap, Key::new([1; 16]));
        for key in 0..100_000_u64 {
            table.set(key, 0, Timestamp::EPOCH);
        }
        let claimed = Table::<u64, u32>::most_bytes(cap);
        assert!(table.bytes_held() > claimed / 2 && table.bytes_held() <= claimed);
        // The library's own word shrinks with what is taken out, its room does not.
        assert!(buckets(table.widest) >= 4_096);
        assert!(table.places.capacity() <= table.widest);
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
