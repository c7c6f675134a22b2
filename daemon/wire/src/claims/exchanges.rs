//! Which Kerberos replies were asked for, and which records of sessions a server took: what
//! nobody asked for and nobody took, any device could have sent.

use std::net::IpAddr;

use facts::{Accounting, Assertion, Claim, Exchange, Path, Source, Span, Timestamp};

use crate::keyed::Key;
use crate::limits::{
    LONGEST_TEXT, MOST_KERBEROS_REQUESTS, MOST_RADIUS_RECORDS, MOST_RECORD_COPIES,
};
use crate::table::Table;

/// A key distribution centre answers within this, or its client asks again.
const REPLY_COMES: Span = Span::seconds(60);

/// A server takes a record within this or is sent it again. Shorter than the grace in which a
/// match waits for its claims.
const RECEIPT_COMES: Span = Span::seconds(10);

/// Both sides of the exchanges that logins are read from.
pub(crate) struct Exchanges {
    requests: Table<Request, ()>,
    records: Table<Record, Waiting>,
}

/// The ends of a Kerberos request: the client with its port, and the server.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Request {
    client: (IpAddr, u16),
    server: IpAddr,
}

/// The ends of a RADIUS exchange and its number (RFC 2865 section 3).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Record {
    reporter: (IpAddr, u16),
    server: (IpAddr, u16),
    id: u8,
}

/// A record that no server took yet.
struct Waiting {
    said: Accounting,
    /// When it was heard and what time it told: once, and again for each time it was repeated.
    times: Vec<(Timestamp, Timestamp)>,
    /// Whether two records came under one number: a receipt then does not say for which it is.
    is_mixed: bool,
}

impl Exchanges {
    pub(crate) fn new(key: Key) -> Self {
        Self {
            requests: Table::new(MOST_KERBEROS_REQUESTS, key),
            records: Table::new(MOST_RADIUS_RECORDS, key),
        }
    }

    /// Remembers that a client asked a Kerberos server for a ticket.
    pub(super) fn asked(&mut self, path: &Path, at: Timestamp) {
        while self.requests.take_older_than(at - REPLY_COMES).is_some() {}
        let request = Request { client: (path.src, path.sport), server: path.dst };
        self.requests.set(request, (), at);
    }

    /// Whether a reply on this path was asked for.
    pub(super) fn of_reply(&self, path: &Path) -> Exchange {
        let request = Request { client: (path.dst, path.dport), server: path.src };
        if self.requests.contains(&request) { Exchange::With(path.src) } else { Exchange::OneSided }
    }

    /// Keeps a record until a server takes it. Tells those for which it is in vain: the
    /// oldest for want of room, or another one under the same number.
    pub(super) fn reported(
        &mut self,
        path: &Path,
        id: u8,
        at: Timestamp,
        said: Accounting,
        tell: &mut dyn FnMut(Claim),
    ) {
        self.expire(at, tell);
        let record =
            Record { reporter: (path.src, path.sport), server: (path.dst, path.dport), id };
        let times = (at, said.told_at);
        let mut is_mixed = false;
        match self.records.value_mut(&record) {
            Some(waiting) if waiting.is_same(&said) && waiting.times.len() < MOST_RECORD_COPIES => {
                waiting.times.push(times);
                return;
            }
            Some(waiting) => {
                is_mixed = true;
                std::mem::take(&mut waiting.times).into_iter().for_each(|times| {
                    tell(claim(waiting.said.clone(), times, Exchange::OneSided));
                });
            }
            None => {}
        }
        let waiting = Waiting { said, times: vec![times], is_mixed };
        if let Some((_, evicted)) = self.records.set(record, waiting, at) {
            evicted.tell(Exchange::OneSided, tell);
        }
    }

    /// Tells the record that a server says it took: this is the way of its receipt.
    pub(super) fn taken(&mut self, path: &Path, id: u8, tell: &mut dyn FnMut(Claim)) {
        let record =
            Record { reporter: (path.dst, path.dport), server: (path.src, path.sport), id };
        let Some(waiting) = self.records.remove(&record) else { return };
        let exchange = if waiting.is_mixed { Exchange::OneSided } else { Exchange::With(path.src) };
        waiting.tell(exchange, tell);
    }

    /// Tells the records that nobody took in time.
    pub(crate) fn expire(&mut self, now: Timestamp, tell: &mut dyn FnMut(Claim)) {
        while let Some((_, waiting)) = self.records.take_older_than(now - RECEIPT_COMES) {
            waiting.tell(Exchange::OneSided, tell);
        }
    }

    pub(crate) fn bytes_held(&self) -> usize {
        let waiting = self.records.len().saturating_mul(Self::most_bytes_waiting());
        self.requests.bytes_held().saturating_add(self.records.bytes_held()).saturating_add(waiting)
    }

    pub(crate) const fn most_bytes() -> usize {
        Table::<Request, ()>::most_bytes(MOST_KERBEROS_REQUESTS)
            .saturating_add(Table::<Record, Waiting>::most_bytes(MOST_RADIUS_RECORDS))
            .saturating_add(MOST_RADIUS_RECORDS.saturating_mul(Self::most_bytes_waiting()))
    }

    /// The texts of one record, of which replacement characters take three octets for one,
    /// and its times.
    const fn most_bytes_waiting() -> usize {
        let texts = LONGEST_TEXT.saturating_mul(3).saturating_mul(5);
        let times = size_of::<(Timestamp, Timestamp)>().saturating_mul(MOST_RECORD_COPIES);
        texts.saturating_add(times)
    }
}

impl Waiting {
    /// Whether a record is this one sent again: all but its time.
    fn is_same(&self, other: &Accounting) -> bool {
        let Accounting {
            status,
            user,
            session,
            multi_session,
            nas,
            calling_station,
            framed_ip,
            ..
        } = other;
        let ours = &self.said;
        ours.status == *status
            && ours.user == *user
            && ours.session == *session
            && ours.multi_session == *multi_session
            && ours.nas == *nas
            && ours.calling_station == *calling_station
            && ours.framed_ip == *framed_ip
    }

    fn tell(self, exchange: Exchange, tell: &mut dyn FnMut(Claim)) {
        for times in self.times {
            tell(claim(self.said.clone(), times, exchange));
        }
    }
}

fn claim(said: Accounting, (at, told_at): (Timestamp, Timestamp), exchange: Exchange) -> Claim {
    let assertion = Assertion::Accounted(Box::new(Accounting { told_at, ..said }));
    Claim { at, assertion, source: Source::Mirror, exchange }
}
