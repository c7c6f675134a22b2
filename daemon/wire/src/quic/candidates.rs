//! The hellos of one flow: those in the making, each under the id that gives its keys, and
//! those that were said.
//!
//! Anybody can seal an Initial, so a flow may carry several: of a connection that was begun
//! anew, after a Retry, and of one that was never meant to arrive. Each is read as if it
//! were the only one.

use facts::Timestamp;

use super::header::ConnectionId;
use crate::assembler::Assembler;
use crate::limits::{AGAIN_WINDOW, MOST_CANDIDATES};

/// A hello in the making.
pub(super) struct Gather {
    pub(super) id: ConnectionId,
    /// The id that the client gave itself: what the server sends goes there.
    pub(super) source: ConnectionId,
    pub(super) pieces: Assembler,
    pub(super) since: Timestamp,
    /// Whether a hello was said under this id: most often it is the same, sent again.
    pub(super) again: bool,
}

/// The hellos of one flow that are not whole yet, oldest first.
pub(super) struct Candidates(Vec<Gather>);

/// So many pieces of a packet are put in order at once: browsers send half as many.
const IN_ORDER: usize = 32;

impl Gather {
    /// Takes the pieces of a packet that could still go so many hops.
    pub(super) fn insert_all<'p>(
        &mut self,
        mut pieces: impl Iterator<Item = (u64, &'p [u8])> + Clone,
        hops: u8,
    ) {
        loop {
            let as_they_came = pieces.clone();
            let mut some: [(u64, &[u8]); IN_ORDER] = [(0, &[]); IN_ORDER];
            let count = some.iter_mut().zip(&mut pieces).map(|(place, piece)| *place = piece);
            let count = count.count();
            let Some(some) = some.get_mut(..count).filter(|some| !some.is_empty()) else { return };
            if self.pieces.is_empty() {
                let octets = some.iter().map(|(_, octets)| octets.len());
                self.pieces.reserve(octets.fold(0, usize::saturating_add));
            }
            // In the order of their places they cost least to put together. Where they
            // overlap, which came first counts.
            some.sort_unstable_by_key(|(offset, _)| *offset);
            if some.is_sorted_by(|before, after| end(before) <= after.0) {
                some.iter().for_each(|(offset, octets)| self.insert(*offset, octets, hops));
            } else {
                let some = as_they_came.take(count);
                some.for_each(|(offset, octets)| self.insert(offset, octets, hops));
            }
        }
    }

    /// Waits for what comes behind the hello that was said, where nothing is there in its place.
    pub(super) fn go_on_from(&mut self, end: u32) {
        if self.pieces.prefix().is_empty() {
            self.pieces.advance(end.saturating_sub(self.pieces.base()));
        }
    }

    /// Takes a piece; one that lies too far ahead is left out and ends nothing.
    fn insert(&mut self, offset: u64, octets: &[u8], hops: u8) {
        let Ok(offset) = u32::try_from(offset) else { return };
        let ahead = offset.wrapping_sub(self.pieces.base());
        let window = if self.again { AGAIN_WINDOW } else { u32::MAX / 2 };
        if ahead < window {
            self.pieces.insert_with(offset, octets, hops);
        }
    }
}

/// Where a piece ends.
fn end((offset, octets): &(u64, &[u8])) -> u64 {
    offset.saturating_add(u64::try_from(octets.len()).unwrap_or(u64::MAX))
}

impl Candidates {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The octets that this owns on the heap.
    pub(super) fn bytes_held(&self) -> usize {
        let slots = self.0.capacity().saturating_mul(size_of::<Gather>());
        self.0.iter().map(|gather| gather.pieces.bytes_held()).fold(slots, usize::saturating_add)
    }

    /// The ids of the hellos in the making, youngest first.
    pub(super) fn ids(&self) -> impl Iterator<Item = ConnectionId> {
        self.0.iter().rev().map(|gather| gather.id)
    }

    /// Whether what the server sends to this id answers one of them.
    pub(super) fn come_from(&self, id: &ConnectionId) -> bool {
        self.0.iter().any(|gather| gather.source == *id)
    }

    pub(super) fn take(&mut self, id: &ConnectionId) -> Option<Gather> {
        let at = self.0.iter().position(|gather| gather.id == *id)?;
        Some(self.0.remove(at))
    }

    /// Puts one back, as the youngest; gives back the oldest where it had to make room.
    pub(super) fn put(&mut self, gather: Gather) -> Option<Gather> {
        let gone = (self.0.len() >= MOST_CANDIDATES).then(|| self.0.remove(0));
        self.0.reserve_exact(1);
        self.0.push(gather);
        gone
    }

    /// How many would be missed: not those that were most likely sent again.
    pub(super) fn missed(&self) -> u64 {
        self.0.iter().map(|gather| u64::from(!gather.again)).sum()
    }
}

/// What tells one hello from another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Print {
    /// A print of its random and its name: a hello after a Retry repeats both.
    pub(super) whole: u64,
    /// A print of its name: a hello in another version, after Version Negotiation, goes
    /// under the same id, and repeats that alone.
    pub(super) name: u64,
}

/// What was said of one flow.
#[derive(Clone, Copy)]
pub(super) struct Spoken {
    /// The id whose keys sealed the last hello.
    pub(super) id: ConnectionId,
    /// The id that its client gave itself.
    pub(super) source: ConnectionId,
    /// Where in its stream the last hello ended: a server that wants another one gets it there.
    pub(super) end: u32,
    /// Prints of the last hellos, the latest first.
    prints: [Option<Print>; PRINTS],
}

const PRINTS: usize = 4;

impl Spoken {
    /// The first hello of a flow.
    pub(super) const fn first(id: ConnectionId, source: ConnectionId, print: Print) -> Self {
        Self { id, source, end: 0, prints: [Some(print), None, None, None] }
    }

    /// The same flow after one more hello.
    pub(super) const fn and(self, id: ConnectionId, source: ConnectionId, print: Print) -> Self {
        let [a, b, c, _] = self.prints;
        Self { id, source, end: 0, prints: [Some(print), a, b, c] }
    }

    /// The same flow after a hello that was said came under another id.
    pub(super) const fn under(self, id: ConnectionId, source: ConnectionId) -> Self {
        Self { id, source, end: 0, prints: self.prints }
    }

    /// The same where the last hello ended at this octet of its stream.
    pub(super) const fn up_to(self, end: u32) -> Self {
        Self { end, ..self }
    }

    /// Whether a hello was said before, under whatever id, or its name under this one.
    pub(super) fn has(&self, id: ConnectionId, print: Print) -> bool {
        let is_same =
            |said: &Print| said.whole == print.whole || (self.id == id && said.name == print.name);
        self.prints.iter().flatten().any(is_same)
    }
}
