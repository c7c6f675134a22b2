//! All that is under watch, and the filter that turns most packets away.

use std::net::IpAddr;

use facts::{Path, Span, Timestamp};

use super::connection::{Connection, Opening, Steps};
use super::lookups::{Lookups, Question};
use crate::counters::Counters;
use crate::keyed::Key;
use crate::limits::MOST_WATCHED;
use crate::said::Watch;
use crate::table::Table;
use crate::tcp::{FlowKey, Segment};
use crate::voice::Step;

/// After this a connection tells nothing new.
const CONNECTION_LASTS: Span = Span::hours(1);

/// All that is under watch.
pub(crate) struct Followed {
    connections: Table<FlowKey, Connection>,
    lookups: Lookups,
    /// How many connections fall on each number of `fold`: most packets are turned away
    /// here, without hashing.
    filter: Box<[u16]>,
}

const FOLDS: usize = 4_096;

impl Followed {
    pub(crate) fn new(key: Key) -> Self {
        Self {
            connections: Table::new(MOST_WATCHED, key),
            lookups: Lookups::new(key),
            filter: vec![0; FOLDS].into(),
        }
    }

    pub(crate) fn bytes_held(&self) -> usize {
        self.connections
            .bytes_held()
            .saturating_add(self.lookups.bytes_held())
            .saturating_add(FOLDS.saturating_mul(2))
    }

    pub(crate) const fn most_bytes() -> usize {
        Table::<FlowKey, Connection>::most_bytes(MOST_WATCHED)
            .saturating_add(Lookups::most_bytes())
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
    pub(crate) fn question(&mut self, question: Question, watch: Watch, at: Timestamp) {
        self.lookups.asked(question, watch, at);
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

    /// Looks at a TCP segment of any connection.
    pub(crate) fn segment(&mut self, segment: &Segment<'_>, counters: &mut Counters) -> Steps {
        if segment.flags.syn
            && !segment.flags.ack
            && let Some(step) = self.opened(segment, counters)
        {
            return [Some(step), None, None];
        }
        if self.connections.is_empty() {
            return [None; 3];
        }
        let key = FlowKey::new(&segment.heading.path);
        if self.filter.get(key.fold()).is_none_or(|count| *count == 0) {
            return [None; 3];
        }
        if let Some(connection) = self.connections.value_mut(&key) {
            return connection.client_sent(segment);
        }
        let key = key.reversed();
        let Some(connection) = self.connections.value_mut(&key) else {
            return [None; 3];
        };
        let steps = connection.server_sent(segment);
        let accepted = connection.is_looked_up() && segment.flags.syn;
        if connection.is_over() || accepted {
            self.forget(&key);
        }
        steps
    }

    /// A SYN to an address that a followed look-up gave is an attempt at that name.
    fn opened(&mut self, segment: &Segment<'_>, counters: &mut Counters) -> Option<Step> {
        let path = &segment.heading.path;
        let watch = self.lookups.leads(path.src, path.dst)?;
        self.connection(watch, Opening::LookedUp, segment, counters);
        self.connections.value(&FlowKey::new(path)).map(Connection::tried)
    }

    pub(crate) fn expire(&mut self, now: Timestamp) {
        self.lookups.expire(now);
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
