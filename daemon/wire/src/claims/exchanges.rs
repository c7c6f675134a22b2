//! Which Kerberos replies were asked for, and which records of sessions a server took: what
//! nobody asked for and nobody took, any device could have sent.

use std::net::IpAddr;

use facts::{Accounting, Assertion, Claim, Exchange, Path, Source, Span, Timestamp};

use crate::keyed::Key;
use crate::limits::{
    LONGEST_TEXT, MOST_EARLY, MOST_KERBEROS_REQUESTS, MOST_RADIUS_RECORDS, MOST_RECORD_COPIES,
};
use crate::table::Table;

/// A key distribution centre answers within this, or its client asks again.
const REPLY_COMES: Span = Span::seconds(60);

/// What came in the wrong order is no further apart than this.
const EARLIEST: Span = Span::millis(500);

/// A server takes a record within this or is sent it again. Shorter than the grace in which a
/// match waits for its claims.
const RECEIPT_COMES: Span = Span::seconds(10);

/// Both sides of the exchanges that logins are read from.
pub(crate) struct Exchanges {
    requests: Table<Request, ()>,
    /// Replies that came before their requests, if they were asked for at all.
    early: Table<Request, Vec<Claim>>,
    records: Table<Record, Waiting>,
    /// Receipts that came before their records.
    receipts: Table<Record, ()>,
}

/// What is asked of a Kerberos server.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Asked {
    /// A ticket for tickets, by who logs in.
    Login,
    /// A ticket for a service.
    Service,
}

/// The ends of a Kerberos request, the client's with its port, and what it asks.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Request {
    client: (IpAddr, u16),
    server: IpAddr,
    asked: Asked,
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
    /// What it says; none where it is no record that is read.
    said: Option<Accounting>,
    /// When it was heard and what time it told: once, and again for each time it was repeated.
    times: Vec<(Timestamp, Timestamp)>,
    /// Whether two records came under one number: a receipt then does not say for which it is.
    is_mixed: bool,
}

impl Exchanges {
    pub(crate) fn new(key: Key) -> Self {
        Self {
            requests: Table::new(MOST_KERBEROS_REQUESTS, key),
            early: Table::new(MOST_EARLY, key),
            records: Table::new(MOST_RADIUS_RECORDS, key),
            receipts: Table::new(MOST_EARLY, key),
        }
    }

    /// Remembers that a client asked a Kerberos server, and tells the replies that came
    /// before: two ports of a mirror may swap what is microseconds apart.
    pub(super) fn asked(
        &mut self,
        path: &Path,
        asked: Asked,
        at: Timestamp,
        tell: &mut dyn FnMut(Claim),
    ) {
        while self.requests.take_older_than(at - REPLY_COMES).is_some() {}
        let request = Request { client: (path.src, path.sport), server: path.dst, asked };
        self.requests.set(request, (), at);
        for early in self.early.remove(&request).unwrap_or_default() {
            let is_soon = at.since(early.at) <= EARLIEST;
            let exchange = if is_soon { Exchange::With(path.dst) } else { Exchange::OneSided };
            tell(Claim { exchange, ..early });
        }
    }

    /// Tells what a Kerberos reply says, at once where it was asked for; else when the
    /// request is there, or was waited for.
    pub(super) fn replied(
        &mut self,
        path: &Path,
        asked: Asked,
        (at, assertion): (Timestamp, Assertion),
        tell: &mut dyn FnMut(Claim),
    ) {
        let request = Request { client: (path.dst, path.dport), server: path.src, asked };
        let (source, exchange) = (Source::Mirror, Exchange::With(path.src));
        let claim = Claim { at, assertion, source, exchange };
        if self.requests.contains(&request) {
            return tell(claim);
        }
        let early = Claim { exchange: Exchange::OneSided, ..claim };
        match self.early.value_mut(&request) {
            Some(held) if held.len() < MOST_RECORD_COPIES => held.push(early),
            Some(_) => tell(early),
            None => {
                if let Some((_, evicted)) = self.early.set(request, vec![early], at) {
                    evicted.into_iter().for_each(tell);
                }
            }
        }
    }

    /// Keeps a record until a server takes it; none is one that is not read, of which the
    /// receipt must not be another's. Tells those for which it is in vain: the oldest for want
    /// of room, or another one under the same number.
    pub(super) fn reported(
        &mut self,
        path: &Path,
        id: u8,
        at: Timestamp,
        said: Option<Accounting>,
        tell: &mut dyn FnMut(Claim),
    ) {
        self.expire(at, tell);
        let record =
            Record { reporter: (path.src, path.sport), server: (path.dst, path.dport), id };
        let times = (at, said.as_ref().map_or(at, |said| said.told_at));
        let mut is_mixed = false;
        match self.records.value_mut(&record) {
            Some(waiting) if waiting.is_same(&said) && waiting.times.len() < MOST_RECORD_COPIES => {
                waiting.times.push(times);
                return;
            }
            Some(waiting) => {
                is_mixed = true;
                waiting.tell(Exchange::OneSided, tell);
            }
            None => {}
        }
        let mut waiting = Waiting { said, times: vec![times], is_mixed };
        let came = self.receipts.remove(&record).is_some();
        if came && !is_mixed {
            return waiting.tell(Exchange::With(path.dst), tell);
        }
        if let Some((_, mut evicted)) = self.records.set(record, waiting, at) {
            evicted.tell(Exchange::OneSided, tell);
        }
    }

    /// Tells the record that a server says it took: this is the way of its receipt.
    pub(super) fn taken(
        &mut self,
        path: &Path,
        id: u8,
        at: Timestamp,
        tell: &mut dyn FnMut(Claim),
    ) {
        let record =
            Record { reporter: (path.dst, path.dport), server: (path.src, path.sport), id };
        let Some(mut waiting) = self.records.remove(&record) else {
            self.receipts.set(record, (), at);
            return;
        };
        let exchange = if waiting.is_mixed { Exchange::OneSided } else { Exchange::With(path.src) };
        waiting.tell(exchange, tell);
    }

    /// Tells what was waited for long enough.
    pub(crate) fn expire(&mut self, now: Timestamp, tell: &mut dyn FnMut(Claim)) {
        while let Some((_, early)) = self.early.take_older_than(now - EARLIEST) {
            early.into_iter().for_each(&mut *tell);
        }
        while self.receipts.take_older_than(now - EARLIEST).is_some() {}
        while let Some((_, mut waiting)) = self.records.take_older_than(now - RECEIPT_COMES) {
            waiting.tell(Exchange::OneSided, tell);
        }
    }

    pub(crate) fn bytes_held(&self) -> usize {
        let waiting = self.records.len().saturating_mul(MOST_BYTES_WAITING);
        let early = self.early.len().saturating_mul(MOST_BYTES_EARLY);
        self.requests
            .bytes_held()
            .saturating_add(self.early.bytes_held())
            .saturating_add(self.records.bytes_held())
            .saturating_add(self.receipts.bytes_held())
            .saturating_add(waiting)
            .saturating_add(early)
    }

    pub(crate) const fn most_bytes() -> usize {
        Table::<Request, ()>::most_bytes(MOST_KERBEROS_REQUESTS)
            .saturating_add(Table::<Request, Vec<Claim>>::most_bytes(MOST_EARLY))
            .saturating_add(Table::<Record, Waiting>::most_bytes(MOST_RADIUS_RECORDS))
            .saturating_add(Table::<Record, ()>::most_bytes(MOST_EARLY))
            .saturating_add(MOST_RADIUS_RECORDS.saturating_mul(MOST_BYTES_WAITING))
            .saturating_add(MOST_EARLY.saturating_mul(MOST_BYTES_EARLY))
    }
}

/// The longest text that is kept: replacement characters take three octets for one.
const TEXT: usize = LONGEST_TEXT.saturating_mul(3);
/// The texts of one record and its times.
const MOST_BYTES_WAITING: usize = TEXT
    .saturating_mul(5)
    .saturating_add(size_of::<(Timestamp, Timestamp)>().saturating_mul(MOST_RECORD_COPIES));
/// The replies to one request, each with a name and a realm.
const MOST_BYTES_EARLY: usize =
    size_of::<Claim>().saturating_add(TEXT.saturating_mul(2)).saturating_mul(MOST_RECORD_COPIES);

impl Waiting {
    /// Whether a record is this one sent again: all but its time.
    fn is_same(&self, other: &Option<Accounting>) -> bool {
        let timeless = |said: &Option<Accounting>| {
            said.clone().map(|said| Accounting { told_at: Timestamp::EPOCH, ..said })
        };
        timeless(&self.said) == timeless(other)
    }

    /// Says it as often as it was heard, if it is one that is read, and holds nothing then.
    fn tell(&mut self, exchange: Exchange, tell: &mut dyn FnMut(Claim)) {
        let times = std::mem::take(&mut self.times);
        let Some(said) = &self.said else { return };
        for (at, told_at) in times {
            let said = Accounting { told_at, ..said.clone() };
            let assertion = Assertion::Accounted(Box::new(said));
            tell(Claim { at, assertion, source: Source::Mirror, exchange });
        }
    }
}
