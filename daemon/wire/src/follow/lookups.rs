//! DNS questions under watch, and the connections that their answers lead to.

use std::net::IpAddr;

use facts::{Rung, Span, Timestamp};

use super::answers::Client;
use crate::keyed::Key;
use crate::limits::{MOST_EXPECTED, MOST_WATCHED_QUESTIONS};
use crate::said::Watch;
use crate::table::Table;
use crate::voice::Step;

/// A question is answered within seconds or not at all.
const QUESTION_WAITS: Span = Span::seconds(30);
/// A connection that begins later than this after an answer is not taken for its own.
const ANSWER_LEADS: Span = Span::seconds(60);

const NXDOMAIN: u8 = 3;
const REFUSED: u8 = 5;

/// A DNS question, as its answer will name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    pub(crate) client: IpAddr,
    pub(crate) server: IpAddr,
    pub(crate) server_port: u16,
    /// The port of the client.
    pub(crate) port: u16,
    pub(crate) id: u16,
}

/// A client and an address that it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Given {
    client: Client,
    server: IpAddr,
}

/// A question under watch, and the network it was asked in: an answer may come back by way
/// of another, a connection may not begin in one.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    watch: Watch,
    vlan: Option<u16>,
}

/// Questions under watch, and the addresses that their answers gave.
pub(super) struct Lookups {
    questions: Table<Question, Waiting>,
    expected: Table<Given, Watch>,
}

impl Lookups {
    pub(super) fn new(key: Key) -> Self {
        Self {
            questions: Table::new(MOST_WATCHED_QUESTIONS, key),
            expected: Table::new(MOST_EXPECTED, key),
        }
    }

    pub(super) fn bytes_held(&self) -> usize {
        self.questions.bytes_held().saturating_add(self.expected.bytes_held())
    }

    pub(super) const fn most_bytes() -> usize {
        Table::<Question, Waiting>::most_bytes(MOST_WATCHED_QUESTIONS).saturating_add(Table::<
            Given,
            Watch,
        >::most_bytes(
            MOST_EXPECTED,
        ))
    }

    pub(super) fn asked(
        &mut self,
        question: Question,
        vlan: Option<u16>,
        watch: Watch,
        at: Timestamp,
    ) {
        self.questions.set(question, Waiting { watch, vlan }, at);
    }

    /// Takes an answer. A refusal is a rung; addresses are remembered, since a connection
    /// of this client to one of them is likely the name's.
    pub(super) fn answered(
        &mut self,
        question: &Question,
        rcode: u8,
        addresses: &[IpAddr],
        at: Timestamp,
    ) -> Option<Step> {
        if self.questions.is_empty() {
            return None;
        }
        let Waiting { watch, vlan } = self.questions.remove(question)?;
        let client = Client { vlan, address: question.client };
        for address in addresses {
            self.expected.set(Given { client, server: *address }, watch, at);
        }
        let (rung, server) = (Rung::Refused, question.server);
        matches!(rcode, NXDOMAIN | REFUSED).then_some(Step { watch, rung, at, bytes: 0, server })
    }

    /// Whether a client was led to an address by an answer; said of its first connection
    /// there, once.
    pub(super) fn leads(&mut self, client: Client, server: IpAddr) -> Option<Watch> {
        if self.expected.is_empty() {
            return None;
        }
        self.expected.remove(&Given { client, server })
    }

    pub(super) fn expire(&mut self, now: Timestamp) {
        while self.questions.take_older_than(now - QUESTION_WAITS).is_some() {}
        while self.expected.take_older_than(now - ANSWER_LEADS).is_some() {}
    }
}
