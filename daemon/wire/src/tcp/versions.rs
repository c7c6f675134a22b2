//! Octets that can be read in more than one way: each name in any of the readings is said
//! once, and marked where another was said of the same place.

use facts::{Evidence, Observation};

use super::Segment;
use super::talk::{self, Front, Stop};
use crate::follow::Followed;
use crate::keyed::Key;
use crate::said::{Follow, Said, Sink};
use crate::voice::Voice;

/// Prints of what was said of one place.
pub(super) struct Told {
    prints: Vec<u32>,
    before: Before,
}

/// What stood in a place before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// Nothing.
    Nothing,
    /// Something in which nothing was to be read.
    Unread,
    /// A message that was said, so that any other is a second reading.
    Message,
}

/// Names of one place that are remembered: what is over is said again.
const MOST_TOLD: usize = 16;

impl Told {
    pub(super) fn new(before: Before) -> Option<Box<Self>> {
        Some(Box::new(Self { prints: Vec::with_capacity(MOST_TOLD), before }))
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.prints.is_empty()
    }

    pub(super) const fn most_bytes() -> usize {
        MOST_TOLD.saturating_mul(size_of::<u32>()).saturating_add(size_of::<Self>())
    }

    pub(super) fn bytes_held(&self) -> usize {
        self.prints.capacity().saturating_mul(size_of::<u32>()).saturating_add(size_of::<Self>())
    }

    /// Whether this is new.
    fn add(&mut self, key: Key, observation: &Observation<'_>) -> bool {
        let name = observation.name().map_or("", |name| name.as_str());
        let print = key.print(&[observation.evidence.kind().as_bytes(), name.as_bytes()]);
        if self.prints.contains(&print) {
            return false;
        }
        if self.prints.len() < MOST_TOLD {
            self.prints.push(print);
        }
        true
    }
}

/// Reads the first of the readings and then the others. Where the first waits, so does the
/// place, until any of them has enough.
pub(super) fn read(
    front: Front<'_>,
    others: &[Vec<u8>],
    told: &mut Told,
    segment: &Segment<'_>,
    followed: &mut Followed,
    voice: &mut Voice<'_, '_>,
) -> Stop {
    let is_second = told.before == Before::Message;
    let mut stop = say_what_is_new(front, is_second, told, segment, followed, voice);
    for other in others {
        let other = Front { bytes: other, ..front };
        let found = say_what_is_new(other, true, told, segment, followed, voice);
        stop = match (stop, found) {
            (
                Stop::Inside { next, talk, needed, said },
                Stop::Inside { next: other, needed: less, .. },
            ) if next == other => Stop::Inside { next, talk, needed: needed.min(less), said },
            // What came first begins a message and is none, or no more is waited for.
            (Stop::Between { talk, said, .. }, Stop::End(_))
                if talk.is_looked_at() && said.is_none_or(|said| said.is_unread()) =>
            {
                found
            }
            _ => stop,
        };
    }
    stop
}

/// Reads one of the readings. Of one that is not the first, only names are said, each
/// behind the mark that it is a second one; nobody holds an address by it.
fn say_what_is_new(
    front: Front<'_>,
    is_second: bool,
    told: &mut Told,
    segment: &Segment<'_>,
    followed: &mut Followed,
    voice: &mut Voice<'_, '_>,
) -> Stop {
    let key = Key::new(voice.settings.key);
    let (listener, mut conflicts) = (&mut *voice.sink, 0_u64);
    let mut sink = |said: Said<'_>| {
        let Said::Observation(observation) = &said else {
            let is_first = !is_second && told.before == Before::Nothing;
            return if is_first { listener(said) } else { Follow::No };
        };
        let stands_alone = told.is_nothing() && told.before != Before::Message;
        let is_new = told.add(key, observation);
        if !is_second || (stands_alone && is_new) {
            return listener(said);
        }
        let is_hello = matches!(observation.evidence, Evidence::ClientHello(_));
        if !is_new
            || (observation.name().is_none() && !(told.before == Before::Message && is_hello))
        {
            return Follow::No;
        }
        let Some(name) = observation.name() else { return listener(said) };
        conflicts = conflicts.saturating_add(1);
        let evidence = Evidence::NameConflict(name);
        listener(Said::Observation(Observation { evidence, ..*observation }));
        listener(said)
    };
    let sink: &mut Sink<'_> = &mut sink;
    let mut other = Voice {
        sink,
        settings: voice.settings,
        counters: voice.counters,
        room: voice.room,
        exchanges: voice.exchanges,
    };
    let stop = talk::read(front, segment, followed, &mut other);
    voice.counters.conflicts = voice.counters.conflicts.saturating_add(conflicts);
    stop
}
