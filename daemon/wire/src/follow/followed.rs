//! All that is under watch, and the filter that turns most packets away.

use std::net::IpAddr;

use facts::{Path, Rung, Span, Timestamp};

use super::answers::{Answers, Behind, Client};
use super::asked::Asked;
use super::connection::{Connection, Opening, Steps};
use super::lookups::{Lookups, Question};
use crate::counters::Counters;
use crate::keyed::Key;
use crate::limits::{MOST_WATCHED, MOST_WATCHED_QUIC};
use crate::quic::is_answer;
use crate::said::Watch;
use crate::table::Table;
use crate::tcp::{FlowKey, Segment};
use crate::udp::Datagram;
use crate::voice::{Heading, Step};

/// After this a connection tells nothing new.
const CONNECTION_LASTS: Span = Span::hours(1);
/// A QUIC server answers within this or not at all.
const ANSWER_COMES: Span = Span::seconds(60);

/// All that is under watch.
pub(crate) struct Followed {
    /// What clients were answered of late.
    pub(crate) answers: Answers,
    /// What clients asked and were not answered yet.
    pub(crate) asked: Asked,
    connections: Table<FlowKey, Connection>,
    lookups: Lookups,
    /// QUIC connections that the server did not answer yet.
    quic: Table<FlowKey, Watch>,
    /// How many connections fall on each number of `fold`: most packets are turned away
    /// here, without hashing.
    filter: Box<[u16]>,
}

const FOLDS: usize = 4_096;

/// With its share of the table, its number and its place in the order of age.
const WATCHED_BYTES: usize = 256;
const _: () = assert!(
    Table::<FlowKey, Connection>::most_bytes(MOST_WATCHED) <= WATCHED_BYTES * MOST_WATCHED,
    "a connection under watch costs at most 256 octets",
);

impl Followed {
    pub(crate) fn new(key: Key) -> Self {
        Self {
            answers: Answers::new(key),
            asked: Asked::new(key),
            connections: Table::new(MOST_WATCHED, key),
            lookups: Lookups::new(key),
            quic: Table::new(MOST_WATCHED_QUIC, key),
            filter: vec![0; FOLDS].into(),
        }
    }

    pub(crate) fn bytes_held(&self) -> usize {
        self.connections
            .bytes_held()
            .saturating_add(self.answers.bytes_held())
            .saturating_add(self.asked.bytes_held())
            .saturating_add(self.lookups.bytes_held())
            .saturating_add(self.quic.bytes_held())
            .saturating_add(FOLDS.saturating_mul(2))
    }

    pub(crate) const fn most_bytes() -> usize {
        Table::<FlowKey, Connection>::most_bytes(MOST_WATCHED)
            .saturating_add(Answers::most_bytes())
            .saturating_add(Asked::most_bytes())
            .saturating_add(Lookups::most_bytes())
            .saturating_add(Table::<FlowKey, Watch>::most_bytes(MOST_WATCHED_QUIC))
            .saturating_add(FOLDS.saturating_mul(2))
    }

    /// Puts a connection under watch; `segment` is the one that completed its opening.
    pub(crate) fn connection(
        &mut self,
        watch: Watch,
        opening: Opening,
        segment: &Segment<'_>,
        counters: &mut Counters,
    ) {
        let key = FlowKey::new(&segment.heading.path);
        let connection = Connection::new(watch, opening, segment);
        let known = self.connections.contains(&key);
        let evicted = self.connections.set(key, connection, segment.heading.at);
        if !known {
            self.count(&key, true);
        }
        if let Some((key, _)) = evicted {
            self.count(&key, false);
            counters.watches_evicted = counters.watches_evicted.saturating_add(1);
        }
    }

    /// Puts a DNS question under watch.
    pub(crate) fn question(&mut self, question: Question, watch: Watch, heading: &Heading) {
        self.lookups.asked(question, heading.frame.vlan, watch, heading.at);
    }

    /// Takes the answer to a question.
    pub(crate) fn answered(
        &mut self,
        question: &Question,
        rcode: u8,
        addresses: &[IpAddr],
        at: Timestamp,
    ) -> Option<Step> {
        self.lookups.answered(question, rcode, addresses, at)
    }

    /// Leaves a connection whose own hello or request is not followed: the look-up that
    /// led to its address was not for this name.
    pub(crate) fn not_followed(&mut self, path: &Path) {
        if self.connections.is_empty() {
            return;
        }
        let key = FlowKey::new(path);
        if self.connections.value(&key).is_some_and(Connection::is_looked_up) {
            self.forget(&key);
        }
    }

    /// Puts a QUIC connection under watch. What a server sends after its handshake is not
    /// told from its handshake, so all that can be said is that it answered.
    pub(crate) fn quic(&mut self, watch: Watch, heading: &Heading, counters: &mut Counters) {
        let evicted = self.quic.set(FlowKey::new(&heading.path), watch, heading.at);
        if evicted.is_some() {
            counters.watches_evicted = counters.watches_evicted.saturating_add(1);
        }
    }

    /// Looks at a datagram: it may be a server's answer to a hello under watch.
    pub(crate) fn datagram(&mut self, datagram: &Datagram<'_>) -> Option<Step> {
        if self.quic.is_empty() || !is_answer(datagram.payload) {
            return None;
        }
        let path = &datagram.heading.path;
        let watch = self.quic.remove(&FlowKey::new(path).reversed())?;
        let bytes = u64::try_from(datagram.payload.len()).unwrap_or(u64::MAX);
        let at = datagram.heading.at;
        Some(Step { watch, rung: Rung::Answered, at, bytes, server: path.src })
    }

    /// Takes an ICMP message which says that a QUIC datagram was not delivered.
    pub(crate) fn unreachable_quic(&mut self, path: &Path, at: Timestamp) -> Option<Step> {
        let watch = self.quic.remove(&FlowKey::new(path))?;
        Some(Step { watch, rung: Rung::Refused, at, bytes: 0, server: path.dst })
    }

    /// Takes an ICMP message which says that a TCP segment with these ends was not
    /// delivered.
    pub(crate) fn unreachable(&mut self, path: &Path, at: Timestamp) -> Option<Step> {
        if self.connections.is_empty() {
            return None;
        }
        let key = FlowKey::new(path);
        let step = self.connections.value_mut(&key)?.unreachable(at)?;
        self.forget(&key);
        Some(step)
    }

    /// Looks at a TCP segment of any connection; most are of none that is under watch.
    pub(crate) fn segment(
        &mut self,
        segment: &Segment<'_>,
        counters: &mut Counters,
    ) -> Option<Steps> {
        if segment.flags.syn
            && !segment.flags.ack
            && let Some(step) = self.opened(segment, counters)
        {
            return Some([Some(step), None, None]);
        }
        if self.connections.is_empty() {
            return None;
        }
        let key = FlowKey::new(&segment.heading.path);
        if self.filter.get(key.fold()).is_none_or(|count| *count == 0) {
            return None;
        }
        if let Some(connection) = self.connections.value_mut(&key) {
            return Some(connection.client_sent(segment));
        }
        let key = key.reversed();
        let connection = self.connections.value_mut(&key)?;
        let steps = connection.server_sent(segment);
        let accepted = connection.is_looked_up() && segment.flags.syn;
        if connection.is_over() || accepted {
            self.forget(&key);
        }
        Some(steps)
    }

    /// A SYN to an address that a followed look-up gave is an attempt at that name.
    fn opened(&mut self, segment: &Segment<'_>, counters: &mut Counters) -> Option<Step> {
        let path = &segment.heading.path;
        let client = Client::sender(&segment.heading);
        let watch = self.lookups.leads(client, path.dst)?;
        let behind = self.answers.behind(client, path.dst, None, segment.heading.at);
        if behind == Behind::Protected {
            return None;
        }
        self.connection(watch, Opening::LookedUp, segment, counters);
        self.connections.value(&FlowKey::new(path)).map(Connection::tried)
    }

    pub(crate) fn expire(&mut self, now: Timestamp) {
        self.answers.expire(now);
        self.asked.expire(now);
        self.lookups.expire(now);
        while self.quic.take_older_than(now - ANSWER_COMES).is_some() {}
        while let Some((key, _)) = self.connections.take_older_than(now - CONNECTION_LASTS) {
            self.count(&key, false);
        }
    }

    fn forget(&mut self, key: &FlowKey) {
        if self.connections.remove(key).is_some() {
            self.count(key, false);
        }
    }

    fn count(&mut self, key: &FlowKey, more: bool) {
        if let Some(count) = self.filter.get_mut(key.fold()) {
            *count = if more { count.saturating_add(1) } else { count.saturating_sub(1) };
        }
    }
}
