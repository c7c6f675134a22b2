//! How far the connections went that the listener chose to follow.
//!
//! Sequence and acknowledgement numbers tell how much came back, so bulk that was never
//! captured counts as well. Numbers can be forged by who sits on the path; a rung is
//! evidence, not proof, and is weighed as such elsewhere.

use std::net::IpAddr;

use facts::{Rung, Span, Timestamp};

use crate::counters::Counters;
use crate::keyed::Key;
use crate::limits::{MOST_WATCHED, MOST_WATCHED_QUESTIONS};
use crate::said::Watch;
use crate::table::Table;
use crate::tcp::{FlowKey, Segment};
use crate::voice::Step;

/// A page's worth of octets after the handshake.
const LOADED_BYTES: u64 = 8 * 1024;
/// A handshake that was not seen to end is taken to be no longer than this.
const LONGEST_HANDSHAKE: u64 = 16 * 1024;
/// More than an alert, less than the shortest server hello.
const MORE_THAN_ALERT: u64 = 64;
/// What one segment may add at most: further jumps are not believed.
const FARTHEST_JUMP: u32 = 1 << 30;
const STAYED: Span = Span::minutes(2);
/// A question is answered within seconds or not at all.
const QUESTION_WAITS: Span = Span::seconds(30);
/// After this a connection tells nothing new.
const CONNECTION_LASTS: Span = Span::hours(1);

const TLS_ALERT: u8 = 21;
const NXDOMAIN: u8 = 3;
const REFUSED: u8 = 5;

/// A DNS question, as its answer will name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    pub(crate) client: IpAddr,
    pub(crate) server: IpAddr,
    pub(crate) port: u16,
    pub(crate) id: u16,
}

/// What opened a connection, since that tells what a handshake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// A ClientHello.
    Tls,
    /// A request in clear: the first octet back is the answer itself.
    Http,
}

/// All that is under watch.
pub(crate) struct Followed {
    connections: Table<FlowKey, Connection>,
    questions: Table<Question, Watch>,
    /// How many connections fall on each number of `fold`: most packets are turned away
    /// here, without hashing.
    filter: Box<[u16]>,
}

struct Connection {
    watch: Watch,
    server: IpAddr,
    opening: Opening,
    since: Timestamp,
    /// The client's next octet after what opened the connection.
    client_next: u32,
    /// The server's octet after the last one heard of; unknown until it speaks where the
    /// opening acknowledged nothing.
    server_next: Option<u32>,
    /// Octets from the server since the opening.
    bytes: u64,
    /// How many of these were handshake, once that was seen to end.
    handshake: Option<u64>,
    /// The highest rung said.
    rung: Rung,
    /// What came after two minutes.
    late: Late,
}

/// Which sides still sent data after two minutes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Late {
    Neither,
    Client,
    Server,
    Both,
}

impl Late {
    const fn and_client(self) -> Self {
        match self {
            Self::Neither | Self::Client => Self::Client,
            Self::Server | Self::Both => Self::Both,
        }
    }

    const fn and_server(self) -> Self {
        match self {
            Self::Neither | Self::Server => Self::Server,
            Self::Client | Self::Both => Self::Both,
        }
    }
}

/// At most three rungs come of one packet: answered, loaded, stayed.
pub(crate) type Steps = [Option<Step>; 3];

const FOLDS: usize = 4_096;

impl Followed {
    pub(crate) fn new(key: Key) -> Self {
        Self {
            connections: Table::new(MOST_WATCHED, key),
            questions: Table::new(MOST_WATCHED_QUESTIONS, key),
            filter: vec![0; FOLDS].into(),
        }
    }

    pub(crate) fn bytes_held(&self) -> usize {
        self.connections
            .bytes_held()
            .saturating_add(self.questions.bytes_held())
            .saturating_add(FOLDS.saturating_mul(2))
    }

    pub(crate) const fn most_bytes() -> usize {
        Table::<FlowKey, Connection>::most_bytes(MOST_WATCHED)
            .saturating_add(Table::<Question, Watch>::most_bytes(MOST_WATCHED_QUESTIONS))
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
        let connection = Connection {
            watch,
            server: segment.heading.path.dst,
            opening,
            since: segment.heading.at,
            client_next: segment.end(),
            server_next: segment.flags.ack.then_some(segment.ack),
            bytes: 0,
            handshake: (opening == Opening::Http).then_some(0),
            rung: Rung::Tried,
            late: Late::Neither,
        };
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
        self.questions.set(question, watch, at);
    }

    /// Takes the answer to a question; a refusal is the one rung it can tell.
    pub(crate) fn answered(
        &mut self,
        question: &Question,
        rcode: u8,
        at: Timestamp,
    ) -> Option<Step> {
        if self.questions.is_empty() {
            return None;
        }
        let watch = self.questions.remove(question)?;
        matches!(rcode, NXDOMAIN | REFUSED).then_some(Step {
            watch,
            rung: Rung::Refused,
            at,
            bytes: 0,
            server: question.server,
        })
    }

    /// Looks at a TCP segment of any connection.
    pub(crate) fn segment(&mut self, segment: &Segment<'_>) -> Steps {
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
        if connection.rung == Rung::Refused {
            self.forget(&key);
        }
        steps
    }

    pub(crate) fn expire(&mut self, now: Timestamp) {
        while self.questions.take_older_than(now - QUESTION_WAITS).is_some() {}
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

impl Connection {
    fn client_sent(&mut self, segment: &Segment<'_>) -> Steps {
        if segment.flags.ack {
            self.heard_up_to(segment.ack);
        }
        let fresh = segment.end().wrapping_sub(self.client_next);
        if !segment.payload.is_empty() && fresh > 0 && fresh <= FARTHEST_JUMP {
            self.client_next = segment.end();
            // The client's second flight acknowledges the server's first: all of the
            // handshake. A hello sent again after a retry request is not that flight.
            let again = crate::records::start(segment.payload) == crate::records::Start::Hello;
            if self.handshake.is_none() && self.bytes > MORE_THAN_ALERT && !again {
                self.handshake = Some(self.bytes);
            }
            if self.is_late(segment.heading.at) {
                self.late = self.late.and_client();
            }
        }
        self.steps(segment.heading.at)
    }

    fn server_sent(&mut self, segment: &Segment<'_>) -> Steps {
        let at = segment.heading.at;
        let refused = self.rung == Rung::Tried && self.refuses(segment);
        if refused {
            self.rung = Rung::Refused;
            return [Some(self.step(Rung::Refused, at)), None, None];
        }
        if segment.flags.rst {
            return [None; 3];
        }
        self.server_next = self.server_next.or(Some(segment.seq));
        self.heard_up_to(segment.end());
        if !segment.payload.is_empty() && self.is_late(at) {
            self.late = self.late.and_server();
        }
        self.steps(at)
    }

    /// A reset before anything came back, or an alert as the first thing.
    fn refuses(&self, segment: &Segment<'_>) -> bool {
        let first = self.bytes == 0 && self.server_next.is_none_or(|next| next == segment.seq);
        let alert = self.opening == Opening::Tls
            && first
            && segment.payload.first().is_some_and(|kind| *kind == TLS_ALERT);
        alert || (segment.flags.rst && self.bytes == 0)
    }

    fn heard_up_to(&mut self, end: u32) {
        let Some(next) = self.server_next else { return };
        let fresh = end.wrapping_sub(next);
        if fresh > 0 && fresh <= FARTHEST_JUMP {
            self.bytes = self.bytes.saturating_add(u64::from(fresh));
            self.server_next = Some(end);
        }
    }

    fn is_late(&self, at: Timestamp) -> bool {
        at.since(self.since) >= STAYED
    }

    /// The rungs that were reached by now and not said yet.
    fn steps(&mut self, at: Timestamp) -> Steps {
        let enough = match self.opening {
            Opening::Tls => self.bytes > MORE_THAN_ALERT,
            Opening::Http => self.bytes > 0,
        };
        let loaded = self.handshake.unwrap_or(LONGEST_HANDSHAKE).saturating_add(LOADED_BYTES);
        let reached = [
            (Rung::Answered, enough),
            (Rung::Loaded, self.bytes >= loaded),
            (Rung::Stayed, self.late == Late::Both),
        ];
        reached.map(|(rung, reached)| {
            let fresh = reached && self.rung < rung;
            if fresh {
                self.rung = rung;
            }
            fresh.then(|| self.step(rung, at))
        })
    }

    const fn step(&self, rung: Rung, at: Timestamp) -> Step {
        Step { watch: self.watch, rung, at, bytes: self.bytes, server: self.server }
    }
}
