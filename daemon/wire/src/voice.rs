//! How a reader says what it read: the listener, and the room that names are spelled in.

use std::net::IpAddr;

use facts::{
    Assertion, Attempt, Claim, Evidence, Exchange, Frame, Means, Observation, Path, Rung, Sighting,
    Source, Timestamp, UserName,
};

use crate::claims::Exchanges;
use crate::counters::Counters;
use crate::names::NameText;
use crate::said::{Said, Sink, Watch};
use crate::wire::Settings;

/// Lent to every reader for the length of one packet.
pub(crate) struct Voice<'v, 's> {
    pub(crate) settings: &'v Settings,
    pub(crate) counters: &'v mut Counters,
    pub(crate) room: &'v mut Room,
    pub(crate) exchanges: &'v mut Exchanges,
    pub(crate) sink: &'v mut Sink<'s>,
}

/// Room used again for every message, so that reading allocates nothing.
pub(crate) struct Room {
    /// The name that is being read.
    pub(crate) text: NameText,
    /// The public name of an encrypted hello, beside it.
    pub(crate) front: NameText,
    /// The addresses of one DNS answer.
    pub(crate) addresses: Vec<IpAddr>,
    /// The addresses that its service parameters hint at.
    pub(crate) hints: Vec<IpAddr>,
    /// A hello that came in many records.
    pub(crate) joined: Vec<u8>,
}

/// What is said of every message: when it began, in which frame, and its two ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heading {
    pub(crate) at: Timestamp,
    pub(crate) frame: Frame,
    pub(crate) path: Path,
}

impl Room {
    pub(crate) const fn new() -> Self {
        Self {
            text: NameText::new(),
            front: NameText::new(),
            addresses: Vec::new(),
            hints: Vec::new(),
            joined: Vec::new(),
        }
    }

    pub(crate) fn bytes_held(&self) -> usize {
        let addresses = self.addresses.capacity().saturating_add(self.hints.capacity());
        self.joined.capacity().saturating_add(addresses.saturating_mul(size_of::<IpAddr>()))
    }
}

impl Heading {
    pub(crate) const fn says<'a>(&self, evidence: Evidence<'a>) -> Observation<'a> {
        Observation { at: self.at, frame: self.frame, path: self.path, evidence }
    }

    /// The same as the other end would have sent it.
    pub(crate) const fn reversed(&self) -> Self {
        let Frame { src_mac, dst_mac, vlan } = self.frame;
        let Path { src, dst, sport, dport } = self.path;
        Self {
            at: self.at,
            frame: Frame { src_mac: dst_mac, dst_mac: src_mac, vlan },
            path: Path { src: dst, dst: src, sport: dport, dport: sport },
        }
    }
}

impl Voice<'_, '_> {
    /// Says a claim that is no side of an exchange, or of which both were heard.
    pub(crate) fn claim(&mut self, at: Timestamp, assertion: Assertion) {
        self.claim_of(Exchange::Whole, at, assertion);
    }

    /// Says a claim of which so much was heard.
    pub(crate) fn claim_of(&mut self, exchange: Exchange, at: Timestamp, assertion: Assertion) {
        (self.sink)(Said::Claim(Claim { at, assertion, source: Source::Mirror, exchange }));
    }

    /// Says that the sender of a message gave this name to its receiver.
    pub(crate) fn attempt(&mut self, heading: &Heading, user: &str, by: Means) {
        let (frame, path) = (&heading.frame, &heading.path);
        let client = Sighting {
            site: self.settings.site,
            sensor: self.settings.sensor,
            vlan: frame.vlan,
            mac: frame.src_mac,
            address: path.src,
        };
        let (at, server, user) = (heading.at, path.dst, UserName::new(user));
        (self.sink)(Said::Attempt(Attempt { at, client, server, user, by }));
    }

    pub(crate) fn progress(&mut self, step: Step) {
        let Step { watch, rung, at, bytes, server } = step;
        (self.sink)(Said::Progress { watch, rung, at, bytes, server });
    }
}

/// A later rung of what is under watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) watch: Watch,
    pub(crate) rung: Rung,
    pub(crate) at: Timestamp,
    pub(crate) bytes: u64,
    pub(crate) server: IpAddr,
}
