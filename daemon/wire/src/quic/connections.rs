//! Hellos over QUIC: pieces from several packets in any order, put together and said once.

use std::hash::BuildHasher;

use facts::{Span, Timestamp};

use super::candidates::{Candidates, Gather, Print, Spoken};
use super::frames;
use super::header::{ConnectionId, Kind, Long};
use super::keys::Keyring;
use crate::assembler::Assembler;
use crate::counters::Counters;
use crate::follow::Followed;
use crate::hello::{self, Hello};
use crate::hellos;
use crate::keyed::Key;
use crate::limits::{
    MOST_COALESCED, MOST_HELLO_BYTES, MOST_QUIC, MOST_QUIC_SAID, QUIC_BYTES, QUIC_SAID_SECONDS,
    QUIC_SECONDS,
};
use crate::reader::{Reader, Reading};
use crate::readings::Rivals;
use crate::said::Follow;
use crate::shares::{self, Holding, Room};
use crate::table::Table;
use crate::tcp::FlowKey;
use crate::udp::Datagram;
use crate::voice::{Heading, Voice};

/// Flows with hellos that are not whole yet, and those whose hellos were said.
pub(crate) struct Connections {
    gathers: Table<FlowKey, Candidates>,
    said: Table<FlowKey, Spoken>,
    key: Key,
    keys: Keyring,
    /// Octets that the gathers own on the heap.
    held: usize,
    /// Where packets are opened.
    room: Vec<u8>,
}

/// The frames of an Initial that was opened.
struct Opened<'a> {
    key: FlowKey,
    /// The id whose keys opened it.
    id: ConnectionId,
    source: ConnectionId,
    version: u32,
    frames: &'a [u8],
    heading: Heading,
    hops: u8,
}

/// A hello that is whole.
struct Found<'a> {
    hello: &'a Hello<'a>,
    since: Timestamp,
    /// Where in its stream it begins, and the octets from there on.
    start: u32,
    octets: &'a [u8],
}

impl Found<'_> {
    /// Where in its stream it ends.
    fn end(&self) -> u32 {
        let Reading::Done(body) = hello::message_length(self.octets) else { return self.start };
        self.start.saturating_add(u32::try_from(body).unwrap_or(0)).saturating_add(4)
    }
}

/// Version, random, and the lengths of three lists: no hello is shorter.
const SHORTEST_HELLO: usize = 38;

/// The largest datagram is opened in this room.
const ROOM: usize = 65_536;

impl Connections {
    pub(crate) fn new(key: Key) -> Self {
        Self {
            gathers: Table::new(MOST_QUIC, key),
            said: Table::new(MOST_QUIC_SAID, key),
            key,
            keys: Keyring::new(),
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
            .saturating_add(Keyring::bytes())
    }

    pub(crate) const fn most_bytes() -> usize {
        Table::<FlowKey, Candidates>::most_bytes(MOST_QUIC)
            .saturating_add(Table::<FlowKey, Spoken>::most_bytes(MOST_QUIC_SAID))
            .saturating_add(QUIC_BYTES)
            // One gather above the cap before somebody makes room; two readings and
            // the pieces of more.
            .saturating_add(ROOM.saturating_mul(4))
            .saturating_add(Rivals::most_bytes())
            .saturating_add(Keyring::bytes())
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
        self.keys.begin();
        for _ in 0..MOST_COALESCED {
            let Some(long) = Long::next(&mut reader) else { break };
            found = true;
            if long.kind == Kind::Initial {
                self.initial(&long, datagram, followed, voice);
            }
        }
        found
    }

    pub(crate) fn expire(&mut self, now: Timestamp, counters: &mut Counters) {
        let limit = now - Span::seconds(QUIC_SECONDS);
        while let Some((_, candidates)) = self.gathers.take_older_than(limit) {
            self.let_go(&candidates, counters);
        }
        let limit = now - Span::seconds(QUIC_SAID_SECONDS);
        while self.said.take_older_than(limit).is_some() {}
    }

    fn initial(
        &mut self,
        long: &Long<'_>,
        datagram: &Datagram<'_>,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        let Datagram { heading, hops, .. } = *datagram;
        let key = FlowKey::new(&heading.path);
        if self.is_reply(&key, long) {
            return;
        }
        let mut room = std::mem::take(&mut self.room);
        match self.open(&key, long, &mut room) {
            Some((id, frames)) => {
                let (source, version) = (long.source, long.version.number());
                let opened = Opened { key, id, source, version, frames, heading, hops };
                self.pieces(&opened, followed, voice);
            }
            None => {
                voice.counters.sealed_initials = voice.counters.sealed_initials.saturating_add(1);
            }
        }
        self.room = room;
    }

    /// Whether a server sent it: to the id that a client in the other direction gave itself.
    /// What else comes from there may be a hello, sent by anybody, and its direction tells
    /// nothing of the other.
    fn is_reply(&self, key: &FlowKey, long: &Long<'_>) -> bool {
        let (client, id) = (key.reversed(), &long.destination);
        self.said.value(&client).is_some_and(|said| said.source == *id)
            || self.gathers.value(&client).is_some_and(|candidates| candidates.come_from(id))
    }

    /// Opens a packet by trial: the seal says which keys are right. Once the server
    /// answered, the client names another id but keeps the keys of its first; after a Retry,
    /// and on a new connection, the named id gives the keys.
    fn open<'r>(
        &mut self,
        key: &FlowKey,
        long: &Long<'_>,
        room: &'r mut Vec<u8>,
    ) -> Option<(ConnectionId, &'r [u8])> {
        let named = long.destination;
        let Self { gathers, said, keys, .. } = self;
        let said = said.value(key).map(|said| said.id);
        let known = || gathers.value(key).into_iter().flat_map(Candidates::ids).chain(said);
        let is_known = known().any(|id| id == named);
        let (first, last) = if is_known { (Some(named), None) } else { (None, Some(named)) };
        let ids = first.into_iter().chain(known().filter(|id| *id != named)).chain(last);
        let (id, place) = ids.filter_map(|id| Some((id, keys.open(long, &id, room)?))).next()?;
        Some((id, room.get(place)?))
    }

    fn pieces(&mut self, opened: &Opened<'_>, followed: &mut Followed, voice: &mut Voice<'_, '_>) {
        let mut others = frames::crypto(opened.frames);
        let Some((offset, octets)) = others.next() else { return };
        // Often it is whole in one piece, which is then read as it stands.
        if offset == 0
            && others.next().is_none()
            && let Reading::Done(hello) = Hello::read(octets)
        {
            let found = Found { hello: &hello, since: opened.heading.at, start: 0, octets };
            return self.say(&found, opened, followed, voice);
        }
        let next = self.behind_the_last(opened);
        let mut candidates = self.gathers.remove(&opened.key).unwrap_or(Candidates::new());
        self.held = self.held.saturating_sub(candidates.bytes_held());
        let mut gather = candidates.take(&opened.id).unwrap_or_else(|| Gather {
            id: opened.id,
            source: opened.source,
            pieces: Assembler::new(0),
            since: opened.heading.at,
            again: self.said.value(&opened.key).is_some_and(|said| said.id == opened.id),
        });
        if let Some(end) = next {
            gather.go_on_from(end);
        }
        gather.insert_all(frames::crypto(opened.frames), opened.hops);
        let dropped = match self.read(&gather, opened, followed, voice) {
            // What is none may never have arrived, and others come in its place.
            Rest::Awaited | Rest::Nothing => candidates.put(gather),
            Rest::Said => None,
        };
        count_dropped(u64::from(dropped.is_some_and(|gather| !gather.again)), voice.counters);
        self.keep(opened.key, candidates, opened.heading.at, voice.counters);
    }

    /// Where the last hello of this flow ended, where another begins there: the server wanted it.
    fn behind_the_last(&self, opened: &Opened<'_>) -> Option<u32> {
        let said = self.said.value(&opened.key).filter(|said| said.id == opened.id)?;
        let begins_there = |(offset, octets): (u64, &[u8])| {
            let is_one = |length| (SHORTEST_HELLO..=MOST_HELLO_BYTES).contains(&length);
            offset == u64::from(said.end)
                && matches!(hello::message_length(octets), Reading::Done(length) if is_one(length))
        };
        frames::crypto(opened.frames).any(begins_there).then_some(said.end)
    }

    /// Says the hellos that are whole in a gather: in each of its readings, where pieces
    /// overlap.
    fn read(
        &mut self,
        gather: &Gather,
        opened: &Opened<'_>,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) -> Rest {
        let mut rest = Rest::Nothing;
        let others = gather.pieces.other_readings();
        let first = std::iter::once(gather.pieces.prefix());
        for reading in first.chain(others.iter().map(Vec::as_slice)) {
            match Hello::read(reading) {
                Reading::Done(hello) => {
                    let (since, start) = (gather.since, gather.pieces.base());
                    let found = Found { hello: &hello, since, start, octets: reading };
                    self.say(&found, opened, followed, voice);
                    rest = rest.max(Rest::Said);
                }
                Reading::Incomplete(_) => rest = Rest::Awaited,
                Reading::NotThis => {}
            }
        }
        rest
    }

    /// Says a hello, unless it was said on this flow before. A second one under the keys of
    /// the first stands in its place: one of them never arrived, and both are told.
    fn say(
        &mut self,
        found: &Found<'_>,
        opened: &Opened<'_>,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        let Found { hello, since, start, .. } = *found;
        let Opened { key, id, source, version, .. } = *opened;
        let print = Print {
            whole: self.key.hash_one((hello.random, hello.server_name)),
            name: self.key.hash_one(hello.server_name),
        };
        let before = self.said.value(&key).copied();
        let known = before.is_some_and(|said| said.has(id, print));
        if known && before.is_some_and(|said| said.id == id) {
            return;
        }
        let spoken = match before {
            Some(said) if known => said.under(id, source),
            Some(said) => said.and(id, source, print),
            None => Spoken::first(id, source, print),
        };
        self.said.set(key, spoken.up_to(found.end()), since);
        if known {
            return;
        }
        let heading = Heading { at: since, ..opened.heading };
        if start == 0 && before.is_some_and(|said| said.id == id) {
            hellos::conflict(hello.server_name.unwrap_or_default(), &heading, voice);
        }
        let follow = hellos::say(hello, Some(version), &heading, &followed.answers, voice);
        if let Follow::Yes(watch) = follow {
            followed.quic(watch, &heading, voice.counters);
        }
    }

    fn keep(
        &mut self,
        key: FlowKey,
        candidates: Candidates,
        at: Timestamp,
        counters: &mut Counters,
    ) {
        if candidates.is_empty() {
            return;
        }
        self.held = self.held.saturating_add(candidates.bytes_held());
        if let Some((_, candidates)) = self.gathers.set(key, candidates, at) {
            self.let_go(&candidates, counters);
        }
        self.keep_within_room(counters);
    }

    fn keep_within_room(&mut self, counters: &mut Counters) {
        let room = Room { entries: MOST_QUIC, bytes: QUIC_BYTES };
        if !room.is_exceeded(self.gathers.len(), self.held) {
            return;
        }
        let holdings = self.gathers.entries().map(|(key, number, candidates)| Holding {
            key,
            sender: key.sender(),
            number,
            bytes: candidates.bytes_held(),
        });
        for key in shares::who_makes_room(holdings.collect(), room) {
            let Some(candidates) = self.gathers.remove(&key) else { continue };
            self.let_go(&candidates, counters);
        }
    }

    fn let_go(&mut self, candidates: &Candidates, counters: &mut Counters) {
        self.held = self.held.saturating_sub(candidates.bytes_held());
        count_dropped(candidates.missed(), counters);
    }
}

/// What became of a hello in the making.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rest {
    /// It is none.
    Nothing,
    /// It was said.
    Said,
    /// More of it may come, in one of its readings.
    Awaited,
}

const fn count_dropped(hellos: u64, counters: &mut Counters) {
    counters.quic_dropped = counters.quic_dropped.saturating_add(hellos);
}
