//! What is not waited for any longer: it had its time, or makes room.

use facts::{Span, Timestamp};

use super::flows::GatherKey;
use super::gather::Gather;
use super::streams::Streams;
use super::talk::{self, Front, Stop};
use crate::follow::Followed;
use crate::limits::{GATHER_BYTES, GATHER_SECONDS, MOST_GATHERS};
use crate::shares::{self, Holding, Room};
use crate::voice::Voice;

impl Streams {
    /// Lets go of what has waited too long, after a last look at it.
    pub(crate) fn expire(
        &mut self,
        now: Timestamp,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        let limit = now - Span::seconds(GATHER_SECONDS);
        while let Some((key, gather)) = self.gathers.take_older_than(limit) {
            if gather.is_awaited(now) {
                self.gathers.set(key, gather, now);
                continue;
            }
            voice.counters.gathers_timed_out = voice.counters.gathers_timed_out.saturating_add(1);
            self.let_go(key, gather, followed, voice);
        }
    }

    /// Reads what there is of a message that will not be waited for any longer.
    pub(super) fn let_go(
        &mut self,
        key: GatherKey,
        mut gather: Gather,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        self.held = self.held.saturating_sub(gather.bytes_held());
        if let Some(spoken) = gather.spoken {
            return self.let_go_again(key, gather, spoken, followed, voice);
        }
        let segment = gather.as_segment();
        let path = &segment.heading.path;
        let (mut talk, mut awaited) = (gather.talk, gather.pieces.base());
        let after = talk.after_hole(path);
        let mut stop = Stop::Between { next: gather.pieces.end(), talk: after, said: None };
        if !gather.pieces.prefix().is_empty() {
            stop = gather.read_front(&segment, true, followed, voice);
        }
        for (seq, bytes) in gather.pieces.runs() {
            if seq != gather.pieces.base() {
                if seq != awaited {
                    talk = talk.after_hole(path);
                }
                let front = Front { bytes, seq, talk, last: true, known: None };
                stop = talk::read(front, &segment, followed, voice);
            }
            match stop {
                Stop::Between { next, talk: after, .. } => (awaited, talk) = (next, after),
                Stop::Inside { .. } | Stop::Tunnel(_) | Stop::End(_) => break,
            }
        }
        let stop = stop.after(gather.said).not_before(gather.first);
        self.stopped(&key.flow, stop, &gather.heading, voice);
    }

    pub(super) fn keep_within_room(&mut self, followed: &mut Followed, voice: &mut Voice<'_, '_>) {
        let room = Room { entries: MOST_GATHERS, bytes: GATHER_BYTES };
        if !room.is_exceeded(self.gathers.len(), self.held) {
            return;
        }
        let holdings = self.gathers.entries().map(|(key, number, gather)| Holding {
            key,
            sender: key.flow.sender(),
            number,
            bytes: gather.bytes_held(),
        });
        for key in shares::who_makes_room(holdings.collect(), room) {
            let Some(gather) = self.gathers.remove(&key) else { continue };
            voice.counters.gathers_evicted = voice.counters.gathers_evicted.saturating_add(1);
            self.let_go(key, gather, followed, voice);
        }
    }

    pub(super) fn forget(&mut self, key: &GatherKey) {
        if let Some(gather) = self.gathers.remove(key) {
            self.held = self.held.saturating_sub(gather.bytes_held());
        }
    }
}
