//! A message that was said, when octets come for its place again: sent again, or another
//! message that was hidden behind it.
//!
//! Who controls a client can send a hello or a request that never arrives, with a short life
//! or a wrong checksum, and the true one after it in the same place. Which of them the server
//! took can not be seen, so the second is read like the first, in whatever pieces it comes.

use facts::Timestamp;

use super::Segment;
use super::flows::{FlowKey, GatherKey, Mark, Stage};
use super::gather::Gather;
use super::streams::Streams;
use super::talk::{Stop, Talk};
use super::versions::{Before, Told};
use crate::assembler::{Assembler, Fit};
use crate::follow::Followed;
use crate::hello::Hello;
use crate::http;
use crate::keyed::Key;
use crate::limits::{AGAIN_WINDOW, GATHER_WINDOW};
use crate::reader::Reading;
use crate::records::{self, Start};
use crate::voice::Voice;

/// A message that was said: where it stood, and a print of what tells it from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spoken {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) print: u32,
}

/// What a segment that begins a hello is, beside a hello that was said.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Second {
    /// The beginning of one.
    Waits,
    /// The same hello once more.
    Same,
    /// Another hello.
    Other,
    /// No hello.
    Nothing,
}

/// How far behind the beginning of a hello parts of another are looked for. What a client
/// sends next begins with a record, and in the middle of one only further ahead.
const HELLO_SHADOW: u32 = 1_800;

/// The print of what is not read, where a message might have stood.
pub(super) const UNREAD: u32 = 0;

impl Spoken {
    /// Nothing was said, and nothing is looked for any more.
    pub(crate) const fn nothing(at: u32) -> Self {
        Self { start: at, end: at, print: 0 }
    }

    /// So many octets here are not read, where a message might have begun.
    pub(super) const fn unread(at: u32, length: u32) -> Self {
        Self { start: at, end: at.wrapping_add(length), print: UNREAD }
    }

    pub(super) const fn is_unread(&self) -> bool {
        self.print == UNREAD && !self.is_nothing()
    }

    /// Whether an octet stands where the message stood.
    pub(super) const fn covers(&self, seq: u32) -> bool {
        seq.wrapping_sub(self.start) < self.end.wrapping_sub(self.start)
    }

    pub(super) const fn is_nothing(&self) -> bool {
        self.start == self.end
    }

    /// Whether a segment behind a hello is no record of TLS, and so may be a later part of
    /// another hello in its place.
    fn shadows(&self, segment: &Segment<'_>) -> bool {
        !self.is_nothing()
            && segment.seq.wrapping_sub(self.start) < HELLO_SHADOW
            && !records::is_record(segment.payload)
    }

    /// Whether what comes next stands here: right behind the message, or a change of cipher.
    const fn is_followed_at(&self, seq: u32) -> bool {
        matches!(seq.wrapping_sub(self.end), 0 | records::CHANGE)
    }

    /// Whether a segment begins before the message and reaches into it.
    pub(super) fn is_within(&self, segment: &Segment<'_>) -> bool {
        let before = self.start.wrapping_sub(segment.seq);
        !self.is_nothing()
            && before > 0
            && usize::try_from(before).is_ok_and(|before| before < segment.payload.len())
    }

    /// Whether an octet stands before the message.
    pub(super) const fn is_after(&self, seq: u32) -> bool {
        let ahead = self.start.wrapping_sub(seq);
        ahead > 0 && ahead <= u32::MAX / 2
    }
}

impl Streams {
    /// Takes octets of a direction whose hello was said: only those in its place and those
    /// that begin another hello are looked at.
    pub(super) fn after_hello(
        &mut self,
        key: FlowKey,
        segment: &Segment<'_>,
        spoken: Spoken,
        starts: bool,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        if spoken.is_within(segment) {
            // A receiver leaves off what it has, and begins where it is.
            let segment = segment.from(spoken.start);
            let starts = records::start(segment.payload) == Start::Hello;
            return self.after_hello(key, &segment, spoken, starts, followed, voice);
        }
        let follows = starts && spoken.is_followed_at(segment.seq);
        let within = spoken.covers(segment.seq) || (!follows && spoken.shadows(segment));
        if !starts && !within {
            return;
        }
        let second = if starts { second(segment.payload, spoken, voice) } else { Second::Waits };
        match second {
            Second::Same | Second::Nothing => return,
            Second::Other if !within => {
                let begins = Mark::new(segment.seq, Talk::Unknown);
                return self.place(key, segment, begins, true, followed, voice);
            }
            Second::Other | Second::Waits => {}
        }
        let gather = second_gather(segment, spoken, within);
        self.gather(key, gather, segment, followed, voice);
        self.look_again(key, segment, spoken, followed, voice);
    }

    /// Takes a further piece of what comes after a hello that was said.
    pub(super) fn piece_again(
        &mut self,
        key: FlowKey,
        segment: &Segment<'_>,
        spoken: Spoken,
        starts: bool,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        let Some(fit) = self.put_again(&key.first(), segment) else {
            if starts {
                self.as_it_was(&key, spoken, segment);
                let begins = Mark::new(segment.seq, Talk::Unknown);
                self.place(key, segment, begins, true, followed, voice);
            }
            return;
        };
        match fit {
            Fit::Taken => self.look_again(key, segment, spoken, followed, voice),
            Fit::TooMuch => self.as_it_was(&key, spoken, segment),
        }
    }

    /// Reads what came after a hello that was said, once it is something.
    fn look_again(
        &mut self,
        key: FlowKey,
        segment: &Segment<'_>,
        spoken: Spoken,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        match self.read_again(&key.first(), segment, followed, voice) {
            None => self.keep_within_room(followed, voice),
            Some((stop, is_new)) => {
                let is_other = stop.opens_tunnel()
                    || matches!(stop, Stop::End(found) if found.print != spoken.print);
                self.forget(&key.first());
                if is_new || is_other {
                    self.stopped(&key, stop, &segment.heading, voice);
                } else {
                    self.as_it_was(&key, spoken, segment);
                }
            }
        }
    }

    /// Takes octets in the place of a message that was said, or after it while another is
    /// put together there. Says whether they are done with.
    pub(super) fn contest(
        &mut self,
        key: FlowKey,
        segment: &Segment<'_>,
        mark: Mark,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) -> bool {
        let behind = mark.next.wrapping_sub(segment.seq);
        let is_old = behind > 0 && behind <= u32::MAX / 2;
        let goes_on = usize::try_from(behind).is_ok_and(|behind| behind < segment.payload.len());
        // What is new of the segment is of the next message, if this is the same once more.
        let known = usize::try_from(behind).ok().filter(|_| is_old && !mark.is_contested);
        let parts = known.and_then(|known| segment.payload.split_at_checked(known));
        let (one, rest) = parts.unwrap_or((segment.payload, &[]));
        if mark.is_contested {
            if self.put_again(&key.second(), segment) == Some(Fit::TooMuch) {
                self.end_contest(&key, segment.heading.at);
            }
        } else {
            self.begin_contest(key, &Segment { payload: one, ..*segment }, mark, followed, voice);
        }
        let mut found = self.read_again(&key.second(), segment, followed, voice);
        if found.is_none() && !rest.is_empty() {
            self.put_again(&key.second(), segment);
            found = self.read_again(&key.second(), segment, followed, voice);
        }
        let Some((stop, is_new)) = found else {
            self.keep_within_room(followed, voice);
            return is_old && !goes_on && self.gathers.contains(&key.second());
        };
        self.end_contest(&key, segment.heading.at);
        // The same message with a body of another length: what is behind may be a request.
        let is_moved = matches!(stop, Stop::Between { next, talk: Talk::Http, .. }
            if mark.talk == Talk::Http && next != mark.next && is_old);
        let is_other = is_new || is_moved || stop.opens_tunnel();
        if is_other {
            self.stopped(&key, stop, &segment.heading, voice);
        }
        is_other
    }

    /// Whether a segment begins in the body of a request that was said, and nothing came in the
    /// place of its head: what looks like a hello there is part of what is sent.
    pub(super) fn is_in_body(&self, key: &FlowKey, mark: &Mark, segment: &Segment<'_>) -> bool {
        let other = self.gathers.value(&key.second());
        mark.has_in_body(segment) && other.is_none_or(|other| other.pieces.prefix().is_empty())
    }

    fn begin_contest(
        &mut self,
        key: FlowKey,
        segment: &Segment<'_>,
        mark: Mark,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        let mut gather = second_gather(segment, mark.said, true);
        gather.pieces.insert_with(segment.seq, segment.payload, segment.hops);
        self.wait_beside(key, gather, segment, followed, voice);
    }

    /// Keeps octets in which nothing was to be read, for others that come in their place.
    pub(super) fn contest_over(
        &mut self,
        key: FlowKey,
        pieces: Assembler,
        segment: &Segment<'_>,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        let can_wait = |stage: Stage| {
            let mut stage = stage;
            !stage.is_contested() && stage.set_contested(true)
        };
        if !self.stage(&key, segment.heading.at).is_some_and(can_wait) {
            return;
        }
        let length = u32::try_from(pieces.prefix().len()).unwrap_or(u32::MAX);
        let spoken = Spoken::unread(pieces.base(), length);
        let mut gather = second_gather(segment, spoken, true);
        gather.pieces = pieces;
        self.wait_beside(key, gather, segment, followed, voice);
        self.contest_beside(key, segment, followed, voice);
    }

    /// Begins to wait for a message in the place of another, beside what is read there.
    fn wait_beside(
        &mut self,
        key: FlowKey,
        gather: Gather,
        segment: &Segment<'_>,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        voice.counters.gathers = voice.counters.gathers.saturating_add(1);
        self.held = self.held.saturating_add(gather.bytes_held());
        self.set_contested(&key, true, segment.heading.at);
        if let Some((key, gather)) = self.gathers.set(key.second(), gather, segment.heading.at) {
            voice.counters.gathers_evicted = voice.counters.gathers_evicted.saturating_add(1);
            self.let_go(key, gather, followed, voice);
        }
        self.keep_within_room(followed, voice);
    }

    /// Takes octets that may be of another message in the place of the last, while what comes
    /// behind that is put together, or is a tunnel. Says whether they were.
    pub(super) fn contest_beside(
        &mut self,
        key: FlowKey,
        segment: &Segment<'_>,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) -> bool {
        if self.put_again(&key.second(), segment) == Some(Fit::TooMuch) {
            self.end_contest(&key, segment.heading.at);
        }
        let found = self.read_again(&key.second(), segment, followed, voice);
        let Some((stop, is_new)) = found else {
            self.keep_within_room(followed, voice);
            return false;
        };
        self.end_contest(&key, segment.heading.at);
        let is_other = is_new || stop.opens_tunnel();
        if is_other {
            self.forget(&key.first());
            self.stopped(&key, stop, &segment.heading, voice);
        }
        is_other
    }

    /// Puts a piece to those of a second message; none: it lies too far ahead.
    fn put_again(&mut self, key: &GatherKey, segment: &Segment<'_>) -> Option<Fit> {
        let gather = self.gathers.value_mut(key)?;
        let ahead = segment.seq.wrapping_sub(gather.pieces.base());
        let needed = u32::try_from(gather.needed).unwrap_or(u32::MAX).min(GATHER_WINDOW);
        if ahead >= AGAIN_WINDOW.max(needed) {
            return None;
        }
        let before = gather.bytes_held();
        if usize::try_from(ahead).is_ok_and(|ahead| ahead < gather.pieces.prefix().len()) {
            // Another version of what was looked at.
            gather.needed = 1;
        }
        let fit = gather.pieces.insert_with(segment.seq, segment.payload, segment.hops);
        self.held = self.held.saturating_sub(before).saturating_add(gather.bytes_held());
        Some(fit)
    }

    /// Reads a second message as far as it is there; says where it stopped, and whether
    /// anything new was said.
    fn read_again(
        &mut self,
        key: &GatherKey,
        segment: &Segment<'_>,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) -> Option<(Stop, bool)> {
        let gather = self.gathers.value_mut(key)?;
        let before = gather.bytes_held();
        let stop = gather.read(segment, false, followed, voice);
        self.held = self.held.saturating_sub(before).saturating_add(gather.bytes_held());
        stop.map(|stop| (stop, gather.is_told()))
    }

    /// Takes a last look at a second message that is not waited for any longer.
    pub(super) fn let_go_again(
        &mut self,
        key: GatherKey,
        mut gather: Gather,
        spoken: Spoken,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        let at = gather.heading.at;
        if http::surely_starts(gather.pieces.prefix()) {
            let segment = gather.as_segment();
            gather.read_front(&segment, true, followed, voice);
        }
        if key.is_second {
            self.set_contested(&key.flow, false, at);
        } else {
            self.set_stage(&key.flow, Stage::Spent(spoken), at);
        }
    }

    fn end_contest(&mut self, key: &FlowKey, at: Timestamp) {
        self.forget(&key.second());
        self.set_contested(key, false, at);
    }

    fn as_it_was(&mut self, key: &FlowKey, spoken: Spoken, segment: &Segment<'_>) {
        self.forget(&key.first());
        self.set_stage(key, Stage::Spent(spoken), segment.heading.at);
    }
}

/// Waits for a message in the place of one that was said, or after it.
fn second_gather(segment: &Segment<'_>, spoken: Spoken, within: bool) -> Gather {
    let base = if within { spoken.start } else { segment.seq };
    let mut gather = Gather::new(segment, base, Talk::Unknown);
    gather.spoken = Some(spoken);
    gather.told = match within {
        true if spoken.is_unread() => Told::new(Before::Unread),
        true => Told::new(Before::Message),
        false => None,
    };
    gather
}

/// A print of what tells one hello from another. The answer to a retry request repeats
/// both, a hello that hides behind another can repeat only the random.
pub(super) fn print(hello: &Hello<'_>, voice: &Voice<'_, '_>) -> u32 {
    Key::new(voice.settings.key).print(&[&hello.random, hello.server_name.unwrap_or_default()])
}

fn second(bytes: &[u8], spoken: Spoken, voice: &Voice<'_, '_>) -> Second {
    let mut joined = Vec::new();
    match records::client_hello(bytes, &mut joined) {
        Reading::Done((message, _)) => match Hello::read(message) {
            Reading::Done(hello) if print(&hello, voice) == spoken.print => Second::Same,
            Reading::Done(_) => Second::Other,
            _ => Second::Nothing,
        },
        Reading::Incomplete(_) if records::start(bytes) != Start::Other => Second::Waits,
        _ => Second::Nothing,
    }
}
