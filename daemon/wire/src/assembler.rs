//! Octets of one direction, put in order by sequence number within a window.
//!
//! Where pieces overlap with different octets both readings are kept: what came first
//! wins in one, what came last in the other, and all pieces for the readings between these.
//! Which of them a receiver takes depends on its system, so all their names are said.

use crate::limits::{GATHER_WINDOW, MOST_RANGES};
use crate::readings::Rivals;

/// What is there of one direction, from a sequence number on.
#[derive(Clone, Debug)]
pub(crate) struct Assembler {
    base: u32,
    /// The octets of all `ranges`, one after another: a hole costs nothing.
    first: Vec<u8>,
    /// The same where the last piece wins, once two pieces differed.
    last: Option<Vec<u8>>,
    /// Which offsets are there: in order, apart from one another.
    ranges: Vec<(u32, u32)>,
    /// How many hops the first piece could still go.
    hops: u8,
    /// Every piece, once two of them differed.
    rivals: Option<Box<Rivals>>,
}

/// What became of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It was taken, or was there already.
    Taken,
    /// It lies outside the window, or there are too many holes.
    TooMuch,
}

impl Assembler {
    pub(crate) const fn new(base: u32) -> Self {
        Self { base, first: Vec::new(), last: None, ranges: Vec::new(), hops: 0, rivals: None }
    }

    /// The sequence number of the first octet of `prefix`.
    pub(crate) const fn base(&self) -> u32 {
        self.base
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The octets that this owns on the heap.
    pub(crate) fn bytes_held(&self) -> usize {
        let last = self.last.as_ref().map_or(0, Vec::capacity);
        let ranges = self.ranges.capacity().saturating_mul(size_of::<(u32, u32)>());
        let rivals = self.rivals.as_ref().map_or(0, |rivals| rivals.bytes_held());
        self.first.capacity().saturating_add(last).saturating_add(ranges).saturating_add(rivals)
    }

    /// The octets from the base up to the first hole.
    pub(crate) fn prefix(&self) -> &[u8] {
        self.first.get(..self.prefix_length()).unwrap_or_default()
    }

    /// The same in the reading where the last piece wins, if there is one.
    pub(crate) fn other_prefix(&self) -> Option<&[u8]> {
        self.last.as_ref().map(|last| last.get(..self.prefix_length()).unwrap_or_default())
    }

    /// The octets of `prefix` as other receivers may have read them, where pieces overlapped
    /// and differed; each once, and none that is `prefix` itself.
    pub(crate) fn other_readings(&self) -> Vec<Vec<u8>> {
        let Some(rivals) = &self.rivals else { return Vec::new() };
        let mut readings = rivals.others(self.prefix());
        // Of more pieces than are remembered, the last are in this one.
        if let Some(last) = self.other_prefix().filter(|last| *last != self.prefix())
            && !readings.iter().any(|reading| reading == last)
        {
            readings.push(last.to_vec());
        }
        readings
    }

    /// Every run of octets without a hole.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (u32, &[u8])> {
        let mut rest = &self.first[..];
        self.ranges.iter().filter_map(move |(from, to)| {
            let (run, after) = rest.split_at_checked(length(*from, *to))?;
            rest = after;
            Some((self.base.wrapping_add(*from), run))
        })
    }

    /// Where the last octet that is there ends.
    pub(crate) fn end(&self) -> u32 {
        self.base.wrapping_add(self.ranges.last().map_or(0, |(_, to)| *to))
    }

    /// Takes a piece that could go as far as any.
    #[cfg(test)]
    pub(crate) fn insert(&mut self, seq: u32, bytes: &[u8]) -> Fit {
        self.insert_with(seq, bytes, 0)
    }

    /// Takes a piece that could still go so many hops; what lies before the base is old and
    /// left off.
    pub(crate) fn insert_with(&mut self, seq: u32, bytes: &[u8], hops: u8) -> Fit {
        let ahead = seq.wrapping_sub(self.base);
        let (from, bytes) = if ahead > u32::MAX / 2 {
            let old = index(self.base.wrapping_sub(seq));
            match bytes.get(old..) {
                Some(rest) => (0, rest),
                None => return Fit::Taken,
            }
        } else {
            (ahead, bytes)
        };
        if bytes.is_empty() {
            return Fit::Taken;
        }
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let to = from.saturating_add(length);
        if to > GATHER_WINDOW {
            return Fit::TooMuch;
        }
        if self.ranges.len() >= MOST_RANGES && !self.touches(from, to) {
            return Fit::TooMuch;
        }
        if !self.append(from, to, bytes, hops) {
            self.remember(from, to, bytes, hops);
            self.write(from, to, bytes);
            self.cover(from, to);
        }
        Fit::Taken
    }

    /// Makes room for so many octets at once.
    pub(crate) fn reserve(&mut self, octets: usize) {
        self.first.reserve(octets);
    }

    /// Takes a piece that lies behind all others and came the same way, as most do: it
    /// overlaps none, so nothing is to be compared. Says whether it was one.
    fn append(&mut self, from: u32, to: u32, bytes: &[u8], hops: u8) -> bool {
        let Some((_, end)) = self.ranges.last_mut() else { return false };
        if from < *end || hops != self.hops || self.rivals.is_some() {
            return false;
        }
        if from == *end {
            *end = to;
        } else {
            self.ranges.push((from, to));
        }
        self.first.extend_from_slice(bytes);
        if let Some(last) = &mut self.last {
            last.extend_from_slice(bytes);
        }
        true
    }

    /// Moves the base down to an earlier octet, as when the second piece came first.
    pub(crate) fn lower_base(&mut self, seq: u32) -> Fit {
        let by = self.base.wrapping_sub(seq);
        let end = self.ranges.last().map_or(0, |(_, to)| *to);
        if by > GATHER_WINDOW || end.saturating_add(by) > GATHER_WINDOW {
            return Fit::TooMuch;
        }
        for (from, to) in &mut self.ranges {
            *from = from.saturating_add(by);
            *to = to.saturating_add(by);
        }
        if let Some(rivals) = &mut self.rivals {
            rivals.raise(by);
        }
        self.base = seq;
        Fit::Taken
    }

    /// Leaves `count` octets behind, be they there or not.
    pub(crate) fn advance(&mut self, count: u32) {
        self.base = self.base.wrapping_add(count);
        let before = |(from, to): &(u32, u32)| length(*from, (*to).min(count));
        let gone = self.ranges.iter().map(before).fold(0, usize::saturating_add);
        self.first.drain(..gone.min(self.first.len()));
        if let Some(last) = &mut self.last {
            last.drain(..gone.min(last.len()));
        }
        self.ranges.retain_mut(|(from, to)| {
            *from = from.saturating_sub(count);
            *to = to.saturating_sub(count);
            to > from
        });
        if self.rivals.as_mut().is_some_and(|rivals| !rivals.advance(count)) {
            self.rivals = None;
        }
    }

    fn prefix_length(&self) -> usize {
        self.ranges.first().filter(|(from, _)| *from == 0).map_or(0, |(_, to)| index(*to))
    }

    fn touches(&self, from: u32, to: u32) -> bool {
        self.ranges.iter().any(|(a, b)| from <= *b && *a <= to)
    }

    /// Keeps the pieces apart as soon as they may not belong together: they differ, or came
    /// another way.
    fn remember(&mut self, from: u32, to: u32, bytes: &[u8], hops: u8) {
        if self.ranges.is_empty() {
            (self.hops, self.rivals) = (hops, None);
            return;
        }
        let differs = self.differs(from, to, bytes);
        if self.rivals.is_none() && (differs || hops != self.hops) {
            self.rivals = Some(Box::new(Rivals::new(&self.ranges, self.hops)));
        }
        if let Some(rivals) = &mut self.rivals {
            rivals.add(from, to, hops, differs.then_some(bytes));
        }
    }

    /// Writes octets where nothing is yet, and into the other reading everywhere.
    fn write(&mut self, from: u32, to: u32, bytes: &[u8]) {
        if self.last.is_none() && self.differs(from, to, bytes) {
            self.last = Some(self.first.clone());
        }
        let (mut at, mut place) = (from, 0_usize);
        for (a, b) in &self.ranges {
            let fresh = cut(bytes, from, at, (*a).min(to));
            put_between(&mut self.first, &mut self.last, place, fresh);
            place = place.saturating_add(fresh.len());
            let (start, end) = ((*a).max(from), (*b).min(to));
            if let Some(last) = &mut self.last {
                let over = place.saturating_add(length(*a, start));
                put_over(last, over, cut(bytes, from, start, end));
            }
            place = place.saturating_add(length(*a, *b));
            at = at.max(*b);
        }
        put_between(&mut self.first, &mut self.last, place, cut(bytes, from, at, to));
    }

    fn differs(&self, from: u32, to: u32, bytes: &[u8]) -> bool {
        let mut place = 0_usize;
        self.ranges.iter().any(|(a, b)| {
            let (start, end) = ((*a).max(from), (*b).min(to));
            let over = place.saturating_add(length(*a, start));
            place = place.saturating_add(length(*a, *b));
            let there = self.first.get(over..over.saturating_add(length(start, end)));
            start < end && there != Some(cut(bytes, from, start, end))
        })
    }

    fn cover(&mut self, from: u32, to: u32) {
        let mut whole = (from, to);
        self.ranges.retain(|(a, b)| {
            let apart = *b < whole.0 || whole.1 < *a;
            if !apart {
                whole = (whole.0.min(*a), whole.1.max(*b));
            }
            apart
        });
        let place = self.ranges.partition_point(|(a, _)| *a < whole.0);
        self.ranges.insert(place, whole);
    }
}

/// The octets of a piece that begins at `from` which lie in `start..end`.
fn cut(bytes: &[u8], from: u32, start: u32, end: u32) -> &[u8] {
    let (start, end) = (start.saturating_sub(from), end.saturating_sub(from));
    bytes.get(index(start)..index(end)).unwrap_or_default()
}

fn put_over(room: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = room.get_mut(at..at.saturating_add(bytes.len())) {
        place.copy_from_slice(bytes);
    }
}

/// Puts octets of a hole between those on both sides of it, in both readings.
fn put_between(first: &mut Vec<u8>, last: &mut Option<Vec<u8>>, at: usize, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    for room in [Some(first), last.as_mut()].into_iter().flatten() {
        let (at, end) = (at.min(room.len()), room.len());
        room.extend_from_slice(bytes);
        if at < end {
            let behind = at.saturating_add(bytes.len());
            room.copy_within(at..end, behind);
            put_over(room, at, bytes);
        }
    }
}

fn length(from: u32, to: u32) -> usize {
    index(to.saturating_sub(from))
}

/// Offsets stay within the window of 64 KiB: they fit every index.
fn index(offset: u32) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn overlapping_octets_that_differ_leave_two_readings() {
        let mut assembler = Assembler::new(100);
        assembler.insert(104, b"EFGH");
        assembler.insert(106, b"xxxx");
        assembler.insert(100, b"ABCD");
        assert_eq!(assembler.prefix(), b"ABCDEFGHxx");
        assert_eq!(assembler.other_prefix(), Some(&b"ABCDEFxxxx"[..]));
    }

    #[test]
    fn a_copy_of_the_same_octets_is_no_other_reading() {
        let mut assembler = Assembler::new(u32::MAX - 1);
        assembler.insert(2, b"EF");
        assembler.insert(u32::MAX - 1, b"ABCDEF");
        assembler.insert(u32::MAX - 5, b"....AB");
        assert_eq!((assembler.prefix(), assembler.other_prefix()), (&b"ABCDEF"[..], None));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut assembler = Assembler::new(0);
        assert_eq!(assembler.insert(GATHER_WINDOW - 1, b"ab"), Fit::TooMuch);
        for hole in 0..u32::try_from(MOST_RANGES).unwrap() {
            assert_eq!(assembler.insert(hole * 4 + 1, b"ab"), Fit::Taken);
        }
        assert_eq!(assembler.insert(2_000, b"ab"), Fit::TooMuch);
        assert_eq!(assembler.insert(0, b"a"), Fit::Taken, "it fills a hole");
        let mut far = Assembler::new(0);
        assert_eq!(far.insert(GATHER_WINDOW - 1, b"a"), Fit::Taken);
        assert!(far.bytes_held() < 64, "an octet costs an octet wherever it lies");
        assert!(assembler.bytes_held() < 1_024 + 16 * MOST_RANGES);
    }

    #[test]
    fn the_base_moves_down_for_an_earlier_piece() {
        let mut assembler = Assembler::new(10);
        assembler.insert(10, b"KL");
        assert_eq!(assembler.lower_base(7), Fit::Taken);
        assert_eq!(assembler.prefix(), b"");
        assembler.insert(7, b"HIJ");
        assert_eq!(assembler.prefix(), b"HIJKL");
        assert_eq!(assembler.lower_base(8), Fit::TooMuch);
    }

    /// The slow reference: a map from offset to octet, first come first kept.
    fn reference(base: u32, pieces: &[(u32, Vec<u8>)]) -> std::collections::BTreeMap<u32, u8> {
        let mut map = std::collections::BTreeMap::new();
        for (offset, bytes) in pieces {
            for (i, octet) in bytes.iter().enumerate() {
                map.entry(base.wrapping_add(*offset).wrapping_add(i as u32)).or_insert(*octet);
            }
        }
        map
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_map_of_octets(
            base in any::<u32>(),
            pieces in prop::collection::vec(
                (0_u32..200, prop::collection::vec(any::<u8>(), 0..40)), 0..20),
            leave in 0_u32..250,
        ) {
            let mut assembler = Assembler::new(base);
            for (offset, bytes) in &pieces {
                prop_assert_eq!(assembler.insert(base.wrapping_add(*offset), bytes), Fit::Taken);
            }
            let map = reference(base, &pieces);
            for start in [0, leave] {
                let from = base.wrapping_add(start);
                let expected: Vec<u8> =
                    (0..).map_while(|i| map.get(&from.wrapping_add(i)).copied()).collect();
                prop_assert_eq!(assembler.prefix(), &expected[..]);
                let there: usize = assembler.runs().map(|(_, run)| run.len()).sum();
                let left = map.keys().filter(|at| at.wrapping_sub(base) >= start).count();
                prop_assert_eq!(there, left);
                if start == 0 {
                    assembler.advance(leave);
                }
            }
        }
    }
}
