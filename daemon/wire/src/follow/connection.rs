//! One followed connection: what came back of it so far.

use std::net::IpAddr;

use facts::{Rung, Span, Timestamp};

use crate::records::{self, Start};
use crate::said::Watch;
use crate::tcp::Segment;
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
const TLS_ALERT: u8 = 21;

/// What opened a connection, since that tells what a handshake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// A ClientHello.
    Tls,
    /// A request in clear: the first octet back is the answer itself.
    Http,
    /// A SYN to an address that a followed look-up gave: it can be refused. What else
    /// becomes of it is told by the hello or request that comes on it.
    LookedUp,
}

/// A connection under watch.
pub(super) struct Connection {
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
    /// Whether a place in the server's stream was heard of after two minutes: what it is
    /// further at a later look was sent late, seen or not.
    has_late_place: bool,
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
pub(super) type Steps = [Option<Step>; 3];

impl Connection {
    /// A connection whose opening this segment completed.
    pub(super) fn new(watch: Watch, opening: Opening, segment: &Segment<'_>) -> Self {
        Self {
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
            has_late_place: false,
        }
    }

    /// Whether this tells nothing new any more.
    pub(super) fn is_over(&self) -> bool {
        self.rung == Rung::Refused || self.rung == Rung::Stayed
    }

    /// Whether only its look-up is known of it.
    pub(super) fn is_looked_up(&self) -> bool {
        self.opening == Opening::LookedUp
    }

    /// The first rung of a connection that only a look-up led to.
    pub(super) const fn tried(&self) -> Step {
        self.step(Rung::Tried, self.since)
    }

    /// A router or host on the way said that the server can not be reached.
    pub(super) fn unreachable(&mut self, at: Timestamp) -> Option<Step> {
        let refused = self.rung == Rung::Tried && self.bytes == 0;
        refused.then(|| {
            self.rung = Rung::Refused;
            self.step(Rung::Refused, at)
        })
    }

    pub(super) fn client_sent(&mut self, segment: &Segment<'_>) -> Steps {
        if segment.flags.ack {
            self.heard_up_to(segment.ack, segment.heading.at);
        }
        let fresh = segment.end().wrapping_sub(self.client_next);
        if !segment.payload.is_empty() && fresh > 0 && fresh <= FARTHEST_JUMP {
            self.client_next = segment.end();
            // The client's second flight acknowledges the server's first: all of the
            // handshake. A hello sent again after a retry request is not that flight.
            let again = records::start(segment.payload) == Start::Hello;
            if self.handshake.is_none() && self.bytes > MORE_THAN_ALERT && !again {
                self.handshake = Some(self.bytes);
            }
            if self.is_late(segment.heading.at) {
                self.late = self.late.and_client();
            }
        }
        self.steps(segment.heading.at)
    }

    pub(super) fn server_sent(&mut self, segment: &Segment<'_>) -> Steps {
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
        self.heard_up_to(segment.end(), at);
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

    fn heard_up_to(&mut self, end: u32, at: Timestamp) {
        let Some(next) = self.server_next else { return };
        let is_late = self.is_late(at);
        let fresh = end.wrapping_sub(next);
        if fresh > 0 && fresh <= FARTHEST_JUMP {
            self.bytes = self.bytes.saturating_add(u64::from(fresh));
            self.server_next = Some(end);
            if is_late && self.has_late_place {
                self.late = self.late.and_server();
            }
        }
        self.has_late_place |= is_late;
    }

    fn is_late(&self, at: Timestamp) -> bool {
        at.since(self.since) >= STAYED
    }

    /// The rungs that were reached by now and not said yet.
    fn steps(&mut self, at: Timestamp) -> Steps {
        let enough = match self.opening {
            Opening::Tls => self.bytes > MORE_THAN_ALERT,
            Opening::Http => self.bytes > 0,
            Opening::LookedUp => return [None; 3],
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
