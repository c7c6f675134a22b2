//! A hello that was said, when octets come for its place again: sent again, or another
//! hello that was hidden behind it.
//!
//! Who controls a client can send a hello that never arrives, with a short life or a wrong
//! checksum, and the true one after it in the same place. Which of them the server took can
//! not be seen, so the second is read like the first, in whatever pieces it comes.

use super::Segment;
use super::flows::{FlowKey, Stage};
use super::gather::Gather;
use super::streams::Streams;
use super::talk::Talk;
use crate::assembler::Fit;
use crate::follow::Followed;
use crate::hello::Hello;
use crate::hellos;
use crate::keyed::Key;
use crate::limits::AGAIN_WINDOW;
use crate::reader::Reading;
use crate::records::{self, Start};
use crate::voice::Voice;

/// A hello that was said: where it stood, and a print of its random and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spoken {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) print: u32,
}

/// What octets at the front are, beside a hello that was said.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Second {
    /// The beginning of a hello, or not even that.
    Waits,
    /// The same hello once more.
    Same,
    /// Another hello.
    Other,
    /// Something else.
    Nothing,
}

impl Spoken {
    /// Nothing was said, and nothing is looked for any more.
    pub(crate) const fn nothing(at: u32) -> Self {
        Self { start: at, end: at, print: 0 }
    }

    /// Whether an octet stands where the hello stood.
    pub(super) const fn covers(&self, seq: u32) -> bool {
        seq.wrapping_sub(self.start) < self.end.wrapping_sub(self.start)
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
        let within = spoken.covers(segment.seq);
        if !starts && !within {
            return;
        }
        let second = if starts { second(segment.payload, spoken, voice) } else { Second::Waits };
        match second {
            Second::Same | Second::Nothing => {}
            Second::Other => {
                if within {
                    tell_conflict(segment.payload, segment, voice);
                }
                self.place(key, segment, segment.seq, Talk::Unknown, true, followed, voice);
            }
            Second::Waits => {
                let base = if within { spoken.start } else { segment.seq };
                let mut gather = Gather::new(segment, base, Talk::Unknown);
                gather.spoken = Some(spoken);
                self.gather(key, gather, segment, followed, voice);
            }
        }
    }

    /// Takes a further piece of a hello that comes after one that was said.
    pub(super) fn piece_again(
        &mut self,
        key: FlowKey,
        segment: &Segment<'_>,
        spoken: Spoken,
        starts: bool,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        let Some(gather) = self.gathers.value_mut(&key) else { return };
        let ahead = segment.seq.wrapping_sub(gather.pieces.base());
        if ahead >= AGAIN_WINDOW {
            if starts {
                self.as_it_was(&key, spoken, segment);
                self.place(key, segment, segment.seq, Talk::Unknown, true, followed, voice);
            }
            return;
        }
        let before = gather.pieces.bytes_held();
        let fit = gather.pieces.insert(segment.seq, segment.payload);
        let prefix = gather.pieces.prefix();
        let found = match fit {
            Fit::Taken if prefix.is_empty() => Second::Waits,
            Fit::Taken => match second(prefix, spoken, voice) {
                Second::Same if gather.pieces.other_prefix().is_some() => Second::Other,
                found => found,
            },
            Fit::TooMuch => Second::Nothing,
        };
        self.held = self.held.saturating_sub(before).saturating_add(gather.pieces.bytes_held());
        match found {
            Second::Waits => self.keep_within_room(followed, voice),
            Second::Same | Second::Nothing => self.as_it_was(&key, spoken, segment),
            Second::Other => {
                if spoken.covers(gather.pieces.base()) {
                    tell_conflict(gather.pieces.prefix(), segment, voice);
                }
                let stop = gather.read(segment, false, followed, voice);
                self.forget(&key);
                match stop {
                    Some(stop) => self.stopped(&key, stop, &segment.heading, voice),
                    None => self.as_it_was(&key, spoken, segment),
                }
            }
        }
    }

    fn as_it_was(&mut self, key: &FlowKey, spoken: Spoken, segment: &Segment<'_>) {
        self.forget(key);
        self.set_stage(key, Stage::Spent(spoken), segment.heading.at);
    }
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

fn tell_conflict(bytes: &[u8], segment: &Segment<'_>, voice: &mut Voice<'_, '_>) {
    let mut joined = Vec::new();
    if let Reading::Done((message, _)) = records::client_hello(bytes, &mut joined)
        && let Reading::Done(hello) = Hello::read(message)
    {
        hellos::conflict(hello.server_name.unwrap_or_default(), &segment.heading, voice);
    }
}
