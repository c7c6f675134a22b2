//! A message over TCP that is in pieces, until enough of it is there.

use facts::Timestamp;

use super::again::Spoken;
use super::talk::{self, Front, Stop, Talk};
use super::{Flags, Segment};
use crate::assembler::{Assembler, Fit};
use crate::follow::Followed;
use crate::limits::GATHER_WINDOW;
use crate::records::{self, Start};
use crate::voice::{Heading, Voice};

/// A message in pieces.
pub(super) struct Gather {
    pub(super) pieces: Assembler,
    pub(super) talk: Talk,
    /// How many octets the message needs before it is worth another look.
    pub(super) needed: usize,
    /// When its first piece came, and the heading of the last.
    since: Timestamp,
    pub(super) heading: Heading,
    ack: u32,
    /// Whether the direction's first octet is unknown: what came first may not be first.
    pub(super) floating: bool,
    /// The hello that was said before, where the pieces come for its place or after it.
    pub(super) spoken: Option<Spoken>,
}

/// How far below the first octet that was seen the true first may lie: two segments.
const FLOATS: u32 = 4 * 1024;
/// How many pieces are held for a direction that may have begun before them.
const PIECES_AFLOAT: usize = 3 * 1460;
/// So far behind all that was seen no hole of a few lost segments reaches.
const FAR: u32 = 16 * 1024;

impl Gather {
    pub(super) fn new(segment: &Segment<'_>, base: u32, talk: Talk) -> Self {
        Self {
            pieces: Assembler::new(base),
            talk,
            needed: 1,
            since: segment.heading.at,
            heading: segment.heading,
            ack: segment.ack,
            floating: false,
            spoken: None,
        }
    }

    /// Takes a piece. A hello needs nothing before it, so a hole before one is given up.
    pub(super) fn take(&mut self, segment: &Segment<'_>, starts: bool) -> Fit {
        self.heading = segment.heading;
        self.ack = segment.ack;
        let below = self.pieces.base().wrapping_sub(segment.seq);
        if self.floating && below > 0 && below <= FLOATS {
            if self.pieces.lower_base(segment.seq) == Fit::TooMuch {
                return Fit::TooMuch;
            }
            self.needed = 1;
        }
        let ahead = segment.seq.wrapping_sub(self.pieces.base());
        let hole = self.pieces.prefix().is_empty() || self.floating;
        if starts && hole && ahead > 0 && ahead < GATHER_WINDOW {
            self.pieces.advance(ahead);
            self.talk = Talk::Unknown;
        }
        if starts {
            self.floating = false;
            self.needed = 1;
        }
        let fit = self.pieces.insert(segment.seq, segment.payload);
        if fit == Fit::TooMuch && !starts && self.awaits_a_hello_before(segment) {
            return Fit::Taken;
        }
        if self.floating && self.pieces.prefix().len() > PIECES_AFLOAT {
            return Fit::TooMuch;
        }
        fit
    }

    /// Whether a piece that does not fit is left off, and its hello waited for: no hello is so
    /// long, and no receiver takes what lies outside its window.
    fn awaits_a_hello_before(&self, segment: &Segment<'_>) -> bool {
        if self.floating || self.talk != Talk::Unknown {
            return false;
        }
        let prefix = self.pieces.prefix();
        let far = segment.seq.wrapping_sub(self.pieces.end());
        if prefix.is_empty() { far > FAR } else { records::start(prefix) != Start::Other }
    }

    /// Whether octets stand where this hello begins that begin none.
    pub(super) fn is_something_else_at(&self, hello: &Segment<'_>) -> bool {
        let ahead = hello.seq.wrapping_sub(self.pieces.base());
        let there = usize::try_from(ahead).ok().and_then(|ahead| self.pieces.prefix().get(ahead..));
        there.is_some_and(|there| {
            let known = there.len().min(hello.payload.len()).min(records::START);
            records::start(there) != Start::Hello
                && there.get(..known) != hello.payload.get(..known)
        })
    }

    /// Reads from the front; none while the message is still waited for.
    pub(super) fn read(
        &mut self,
        segment: &Segment<'_>,
        last: bool,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) -> Option<Stop> {
        loop {
            let bytes = self.pieces.prefix();
            if bytes.is_empty() || bytes.len() < self.needed {
                return None;
            }
            let (before, length) = (self.pieces.base(), bytes.len());
            let mut first = *segment;
            first.heading.at = self.since;
            let front = Front {
                bytes,
                other: self.pieces.other_prefix(),
                seq: self.pieces.base(),
                talk: self.talk,
                last,
            };
            let stop = talk::read(front, &first, followed, voice);
            let (next, talk, needed) = match stop {
                Stop::End(_) | Stop::Tunnel(_) => return Some(stop),
                Stop::Between { next, talk } => (next, talk, 1),
                Stop::Inside { next, talk, needed } => (next, talk, needed),
            };
            if next != before {
                self.since = segment.heading.at;
            }
            self.pieces.advance(next.wrapping_sub(before));
            self.talk = talk;
            // What is needed is always more than what is there: each turn waits or goes on.
            self.needed = needed.max(if next == before { length.saturating_add(1) } else { 1 });
            if self.pieces.is_empty() {
                return Some(stop);
            }
        }
    }

    /// The last segment, without its octets.
    pub(super) fn as_segment(&self) -> Segment<'static> {
        let flags = Flags { ack: true, ..Flags::default() };
        let mut heading = self.heading;
        heading.at = self.since;
        Segment { heading, seq: self.pieces.end(), ack: self.ack, flags, payload: &[] }
    }
}
