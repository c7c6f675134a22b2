//! A message over TCP that is in pieces, until enough of it is there.

use facts::{Span, Timestamp};

use super::again::Spoken;
use super::talk::{self, Front, Stop, Talk};
use super::versions::{self, Before, Told};
use super::{Flags, Segment, recognise};
use crate::assembler::{Assembler, Fit};
use crate::follow::Followed;
use crate::http;
use crate::limits::{BEGUN_SECONDS, GATHER_WINDOW, MOST_HEAD_BYTES};
use crate::records::{self, Start};
use crate::said::{Follow, Said, Sink};
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
    /// The first octet of the stream, where the pieces stand before it.
    pub(super) first: Option<u32>,
    /// What was said before, where the pieces come for its place or after it.
    pub(super) spoken: Option<Spoken>,
    /// The last that was said before these octets, or of them.
    pub(super) said: Option<Spoken>,
    /// What was said of these octets, where they can be read in more than one way.
    pub(super) told: Option<Box<Told>>,
    /// The pieces as they were where nothing was to be read in them: some may never have
    /// arrived, and others come in their place.
    pub(super) unread: Option<Box<Assembler>>,
    /// How many octets of a head in text were looked at without finding its end, and whether
    /// a line of it is whole.
    looked: usize,
    has_line: bool,
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
            first: None,
            spoken: None,
            said: None,
            told: None,
            unread: None,
            looked: 0,
            has_line: false,
        }
    }

    /// The octets that this owns on the heap.
    pub(super) fn bytes_held(&self) -> usize {
        self.pieces
            .bytes_held()
            .saturating_add(self.told.as_ref().map_or(0, |told| told.bytes_held()))
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
            // Another piece before it may still be late, unless this one begins something.
            if recognise::may_begin(segment.payload) {
                self.needed = 1;
            }
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
        let fit = self.pieces.insert_with(segment.seq, segment.payload, segment.hops);
        if fit == Fit::TooMuch && !starts && self.awaits_a_hello_before(segment) {
            return Fit::Taken;
        }
        if self.floating && records::start(self.pieces.prefix()) == Start::Hello {
            self.floating = false;
            self.needed = 1;
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
            let length = self.pieces.prefix().len();
            if length == 0 || length < self.needed || !(last || self.has_more_of_text()) {
                return None;
            }
            if let Some(stop) = self.same_again(segment, followed, voice) {
                return Some(stop);
            }
            let before = self.pieces.base();
            let mut first = *segment;
            first.heading.at = self.since;
            let stop = self.read_front(&first, last, followed, voice);
            let shows_nothing = match stop {
                Stop::Between { said, .. } | Stop::Inside { said, .. } => {
                    said.is_some_and(|said| said.is_unread())
                }
                Stop::Tunnel(_) | Stop::End(_) => false,
            };
            if shows_nothing && self.spoken.is_some() && !stop.opens_tunnel() {
                self.needed = length.saturating_add(1);
                return None;
            }
            if shows_nothing && !last && self.unread.is_none() {
                self.unread = Some(Box::new(self.pieces.clone()));
            }
            let (next, talk, needed) = match stop {
                Stop::End(_) | Stop::Tunnel(_) => return Some(stop),
                Stop::Between { next, talk, .. } => (next, talk, 1),
                Stop::Inside { next, talk, needed, .. } => (next, talk, needed),
            };
            if next != before {
                self.since = segment.heading.at;
            }
            self.pieces.advance(next.wrapping_sub(before));
            self.talk = talk;
            self.looked = self.pieces.prefix().len();
            self.has_line = self.pieces.prefix().contains(&b'\n');
            // What is needed is always more than what is there: each turn waits or goes on.
            self.needed = needed.max(if next == before { length.saturating_add(1) } else { 1 });
            if self.pieces.is_empty() {
                return Some(stop);
            }
        }
    }

    /// Where the message that was said before stands at the front once more, its end: what
    /// follows it was read or will be.
    fn same_again(
        &self,
        segment: &Segment<'_>,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) -> Option<Stop> {
        let spoken = self.spoken.filter(|spoken| !spoken.is_unread())?;
        let length = usize::try_from(spoken.end.wrapping_sub(spoken.start)).ok()?;
        let bytes = self.pieces.prefix().get(..length)?;
        let (seq, known) = (self.pieces.base(), Some(spoken.print));
        let front = Front { bytes, seq, talk: Talk::Unknown, last: false, known };
        let mut silence = |_: Said<'_>| Follow::No;
        let sink: &mut Sink<'_> = &mut silence;
        let mut quiet = Voice {
            sink,
            settings: voice.settings,
            counters: voice.counters,
            room: voice.room,
            exchanges: voice.exchanges,
        };
        let stop = talk::read(front, segment, followed, &mut quiet);
        matches!(stop, Stop::Between { said, .. } if said == self.spoken).then_some(stop)
    }

    /// Reads what is at the front now, in every reading that it has.
    pub(super) fn read_front(
        &mut self,
        segment: &Segment<'_>,
        last: bool,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) -> Stop {
        let (seq, talk) = (self.pieces.base(), self.talk);
        let known = self.spoken.map(|spoken| spoken.print);
        let front = Front { bytes: self.pieces.prefix(), seq, talk, last, known };
        let others = self.pieces.other_readings();
        if self.told.is_none() && !others.is_empty() {
            self.told = Told::new(Before::Nothing);
        }
        let stop = match &mut self.told {
            Some(told) => versions::read(front, &others, told, segment, followed, voice),
            None => talk::read(front, segment, followed, voice),
        };
        if let Stop::Between { said: Some(said), .. } | Stop::Inside { said: Some(said), .. } = stop
        {
            self.said = Some(said);
        }
        stop
    }

    /// Whether any name was said of it that was not said before.
    pub(super) fn is_told(&self) -> bool {
        self.told.as_ref().is_some_and(|told| !told.is_nothing())
    }

    /// Whether a head in text has what is waited for, so that it is not read from its start
    /// for every octet: a line, and then the empty line at its end.
    fn has_more_of_text(&mut self) -> bool {
        let bytes = self.pieces.prefix();
        if self.looked == 0 || !self.talk.is_in_text() || bytes.len() >= MOST_HEAD_BYTES {
            return true;
        }
        let fresh = bytes.get(self.looked.saturating_sub(3)..).unwrap_or_default();
        let is_head = self.talk == Talk::Http && self.has_line;
        if if is_head { http::ends_head(fresh) } else { fresh.contains(&b'\n') } {
            return true;
        }
        self.looked = bytes.len();
        false
    }

    /// Whether a message has begun that a server waits for as well, for a minute or longer.
    pub(super) fn is_awaited(&self, now: Timestamp) -> bool {
        let prefix = self.pieces.prefix();
        let begun = match self.talk {
            Talk::Unknown => records::start(prefix) == Start::Hello,
            Talk::Http => http::surely_starts(prefix),
            _ => false,
        };
        begun && self.since > now - Span::seconds(BEGUN_SECONDS)
    }

    /// The last segment, without its octets.
    pub(super) fn as_segment(&self) -> Segment<'static> {
        let flags = Flags { ack: true, ..Flags::default() };
        let mut heading = self.heading;
        heading.at = self.since;
        Segment { heading, seq: self.pieces.end(), ack: self.ack, flags, hops: 64, payload: &[] }
    }
}
