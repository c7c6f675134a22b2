//! Hellos over QUIC: pieces from several packets in any order, put together and said once.

use std::hash::BuildHasher;

use facts::{Span, Timestamp};

use super::frames;
use super::header::{ConnectionId, Kind, Long};
use super::keys;
use crate::assembler::{Assembler, Fit};
use crate::counters::Counters;
use crate::follow::Followed;
use crate::hello::Hello;
use crate::hellos;
use crate::keyed::Key;
use crate::limits::{
    MOST_COALESCED, MOST_INITIALS, MOST_QUIC, MOST_QUIC_SAID, QUIC_BYTES, QUIC_SAID_SECONDS,
    QUIC_SECONDS,
};
use crate::reader::{Reader, Reading};
use crate::said::Follow;
use crate::shares::{self, Holding, Room};
use crate::table::Table;
use crate::tcp::FlowKey;
use crate::udp::Datagram;
use crate::voice::{Heading, Voice};

/// Connections whose hello is not whole yet, and those that said it.
pub(crate) struct Connections {
    gathers: Table<FlowKey, Gather>,
    said: Table<FlowKey, Said>,
    key: Key,
    /// Octets that the gathers own on the heap.
    held: usize,
    /// Where packets are opened.
    room: Vec<u8>,
}

struct Gather {
    id: ConnectionId,
    pieces: Assembler,
    packets: u8,
    since: Timestamp,
}

/// A hello that was said: the id whose keys it was sealed with, and a print of its random.
struct Said {
    id: ConnectionId,
    print: u64,
}

/// The frames of an Initial that was opened.
struct Opened<'a> {
    key: FlowKey,
    id: ConnectionId,
    version: u32,
    frames: &'a [u8],
}

/// The largest datagram is opened in this room.
const ROOM: usize = 65_536;

impl Connections {
    pub(crate) fn new(key: Key) -> Self {
        Self {
            gathers: Table::new(MOST_QUIC, key),
            said: Table::new(MOST_QUIC_SAID, key),
            key,
            held: 0,
            room: Vec::new(),
        }
    }

    pub(crate) fn bytes_held(&self) -> usize {
        self.gathers
            .bytes_held()
            .saturating_add(self.said.bytes_held())
            .saturating_add(self.held)
            .saturating_add(self.room.capacity())
    }

    pub(crate) const fn most_bytes() -> usize {
        Table::<FlowKey, Gather>::most_bytes(MOST_QUIC)
            .saturating_add(Table::<FlowKey, Said>::most_bytes(MOST_QUIC_SAID))
            .saturating_add(QUIC_BYTES)
            // One gather above the cap before somebody makes room; two readings.
            .saturating_add(ROOM.saturating_mul(4))
    }

    /// Takes a datagram; says whether it begins with a QUIC long header that is known.
    pub(crate) fn datagram(
        &mut self,
        datagram: &Datagram<'_>,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) -> bool {
        let mut reader = Reader::new(datagram.payload);
        let mut found = false;
        for _ in 0..MOST_COALESCED {
            let Some(long) = Long::next(&mut reader) else { break };
            found = true;
            if long.kind == Kind::Initial {
                self.initial(&long, &datagram.heading, followed, voice);
            }
        }
        found
    }

    pub(crate) fn expire(&mut self, now: Timestamp, counters: &mut Counters) {
        while let Some((_, gather)) =
            self.gathers.take_older_than(now - Span::seconds(QUIC_SECONDS))
        {
            self.let_go(&gather, counters);
        }
        let limit = now - Span::seconds(QUIC_SAID_SECONDS);
        while self.said.take_older_than(limit).is_some() {}
    }

    fn initial(
        &mut self,
        long: &Long<'_>,
        heading: &Heading,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        let key = FlowKey::new(&heading.path);
        let from_server = key.reversed();
        if self.said.contains(&from_server) || self.gathers.contains(&from_server) {
            return;
        }
        if self.said.value(&key).is_some_and(|said| said.id == long.destination) {
            return;
        }
        // Once the server answered, the client names another id but keeps the keys of its
        // first; after a Retry, and on a new connection, the named id gives the keys.
        let known = self
            .gathers
            .value(&key)
            .map(|gather| gather.id)
            .or_else(|| self.said.value(&key).map(|said| said.id));
        let mut room = std::mem::take(&mut self.room);
        let ids = [known, Some(long.destination)].into_iter().flatten();
        let mut tried = ids.filter_map(|id| Some((id, keys::open(long, &id, &mut room)?)));
        match tried.next() {
            Some((id, place)) => {
                let frames = room.get(place).unwrap_or_default();
                let opened = Opened { key, id, version: long.version.number(), frames };
                self.pieces(&opened, heading, followed, voice);
            }
            None => {
                voice.counters.sealed_initials = voice.counters.sealed_initials.saturating_add(1);
            }
        }
        self.room = room;
    }

    fn pieces(
        &mut self,
        opened: &Opened<'_>,
        heading: &Heading,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        let Opened { key, id, version, frames } = *opened;
        if self.said.value(&key).is_some_and(|said| said.id == id) {
            return;
        }
        let gathered = self.gathers.remove(&key);
        if let Some(old) = &gathered {
            self.held = self.held.saturating_sub(old.pieces.bytes_held());
        }
        let mut gather = gathered.filter(|old| old.id == id).unwrap_or(Gather {
            id,
            pieces: Assembler::new(0),
            packets: 0,
            since: heading.at,
        });
        gather.packets = gather.packets.saturating_add(1);
        let mut fits = gather.packets <= MOST_INITIALS;
        for (offset, octets) in frames::crypto(frames) {
            let fit = u32::try_from(offset)
                .ok()
                .filter(|offset| *offset <= u32::MAX / 2)
                .map_or(Fit::TooMuch, |offset| gather.pieces.insert(offset, octets));
            fits &= fit == Fit::Taken;
        }
        match Hello::read(gather.pieces.prefix()) {
            Reading::Done(hello) => {
                let mut heading = *heading;
                heading.at = gather.since;
                let print = self.key.hash_one(hello.random);
                let again = self.said.value(&key).is_some_and(|said| said.print == print);
                self.said.set(key, Said { id, print }, heading.at);
                if !again {
                    let answers = &followed.answers;
                    let follow = hellos::say(&hello, Some(version), &heading, answers, voice);
                    if let Follow::Yes(watch) = follow {
                        followed.quic(watch, &heading, voice.counters);
                    }
                }
            }
            Reading::Incomplete(_) if fits => {
                self.held = self.held.saturating_add(gather.pieces.bytes_held());
                let evicted = self.gathers.set(key, gather, heading.at);
                if let Some((_, gather)) = evicted {
                    self.let_go(&gather, voice.counters);
                }
                self.keep_within_room(voice.counters);
            }
            Reading::Incomplete(_) | Reading::NotThis => count_dropped(voice.counters),
        }
    }

    fn keep_within_room(&mut self, counters: &mut Counters) {
        let room = Room { entries: MOST_QUIC, bytes: QUIC_BYTES };
        if !room.is_exceeded(self.gathers.len(), self.held) {
            return;
        }
        let holdings = self.gathers.entries().map(|(key, number, gather)| Holding {
            key,
            sender: key.sender(),
            number,
            bytes: gather.pieces.bytes_held(),
        });
        for key in shares::who_makes_room(holdings.collect(), room) {
            let Some(gather) = self.gathers.remove(&key) else { continue };
            self.let_go(&gather, counters);
        }
    }

    fn let_go(&mut self, gather: &Gather, counters: &mut Counters) {
        self.held = self.held.saturating_sub(gather.pieces.bytes_held());
        count_dropped(counters);
    }
}

const fn count_dropped(counters: &mut Counters) {
    counters.quic_dropped = counters.quic_dropped.saturating_add(1);
}
