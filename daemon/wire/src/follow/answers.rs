//! What each client's DNS told it of late: the memory from which a connection that shows no
//! name is given the one that its client had just asked for.
//!
//! A name that the listener calls protected stays here as an answer without a name, so that
//! its addresses can not be taken for another's. Each client has a ring of its own, so that
//! one client's flood makes no other's memory shorter. Where a protected answer can not be
//! held whole, its client is blind until it would be over: nothing is inferred.

use std::hash::BuildHasher;
use std::net::IpAddr;

use facts::{EchKind, Name, Span, Timestamp};

use super::recent::{Addresses, Answered, Recent};
use crate::keyed::Key;
use crate::limits::{ANSWER_BYTES, MOST_ADDRESSES, MOST_BLIND, MOST_CLIENTS};
use crate::table::Table;
use crate::voice::Heading;

/// An answer is held to its own time, within these; a protected one for the longest.
const SHORTEST: Span = Span::minutes(1);
const LONGEST: Span = Span::hours(1);

/// A client: one address may be two clients' in two VLANs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Client {
    pub(crate) vlan: Option<u16>,
    pub(crate) address: IpAddr,
}

/// All that clients were answered of late.
pub(crate) struct Answers {
    clients: Table<Client, Recent>,
    /// Clients of which a protected answer was lost, and until when it would have stayed.
    blind: Table<Client, Timestamp>,
    /// Until when every client is blind, since one had to make room in `blind`.
    all_blind: Option<Timestamp>,
    times_all_blind: u64,
    key: Key,
    /// Octets that the rings own on the heap.
    held: usize,
}

/// An answer as it was read.
pub(crate) struct Fresh<'a> {
    /// The name asked for; none where it is protected.
    pub(crate) name: Option<Name<'a>>,
    pub(crate) addresses: &'a [IpAddr],
    /// Whether there may have been more addresses than these.
    pub(crate) is_cut: bool,
    /// The public name that an `ech` parameter gave.
    pub(crate) public: Option<u64>,
    /// How long it may be kept.
    pub(crate) lives: Span,
}

/// What may stand behind a hello that shows no name of its own.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Behind<'a> {
    /// Nothing that was seen leads there.
    Nobody,
    /// A protected name may: nothing may be said of this connection.
    Protected,
    /// One of these names, each once, or one of so many whose addresses are not all known.
    Names { names: Vec<&'a str>, others: usize },
}

impl Client {
    /// Who sent a message.
    pub(crate) const fn sender(heading: &Heading) -> Self {
        Self { vlan: heading.frame.vlan, address: heading.path.src }
    }

    /// Who is sent a message.
    pub(crate) const fn receiver(heading: &Heading) -> Self {
        Self { vlan: heading.frame.vlan, address: heading.path.dst }
    }
}

impl Answers {
    pub(crate) fn new(key: Key) -> Self {
        let (clients, blind) = (Table::new(MOST_CLIENTS, key), Table::new(MOST_BLIND, key));
        Self { clients, blind, all_blind: None, times_all_blind: 0, key, held: 0 }
    }

    pub(crate) fn bytes_held(&self) -> usize {
        self.clients.bytes_held().saturating_add(self.blind.bytes_held()).saturating_add(self.held)
    }

    /// The table, and what the rings own: up to the cap, and one answer above it.
    pub(crate) const fn most_bytes() -> usize {
        Table::<Client, Recent>::most_bytes(MOST_CLIENTS)
            .saturating_add(Table::<Client, Timestamp>::most_bytes(MOST_BLIND))
            .saturating_add(ANSWER_BYTES)
            .saturating_add(16 * 1024)
    }

    /// A print of a name, under the key of this run.
    pub(crate) fn print(&self, name: Name<'_>) -> u64 {
        self.key.hash_one(name.as_str())
    }

    /// Keeps an answer that a client had.
    pub(crate) fn keep(&mut self, client: Client, fresh: &Fresh<'_>, at: Timestamp) {
        let is_protected = fresh.name.is_none();
        let kept = fresh.addresses.get(..MOST_ADDRESSES).unwrap_or(fresh.addresses);
        let is_cut = fresh.is_cut || kept.len() < fresh.addresses.len();
        if is_protected && is_cut {
            self.blind(client, at);
        }
        if fresh.addresses.is_empty() && fresh.public.is_none() {
            return;
        }
        let lives = if is_protected { LONGEST } else { fresh.lives.max(SHORTEST).min(LONGEST) };
        let answered = Answered {
            name: fresh.name.map(|name| name.as_str().into()),
            addresses: Addresses::new(kept),
            is_cut,
            public: fresh.public,
            until: at + lives,
        };
        self.hold(client, answered, at);
        while self.held > ANSWER_BYTES {
            let Some((client, gone)) = self.clients.take_oldest() else { break };
            self.let_go(client, &gone, at);
        }
    }

    /// Infers nothing for this client for as long as a protected answer stays.
    pub(crate) fn blind(&mut self, client: Client, at: Timestamp) {
        self.blind_until(client, at + LONGEST, at);
    }

    /// How often every client was made blind.
    pub(crate) const fn times_all_blind(&self) -> u64 {
        self.times_all_blind
    }

    fn blind_until(&mut self, client: Client, until: Timestamp, at: Timestamp) {
        let until = self.blind.value(&client).map_or(until, |known| until.max(*known));
        if let Some((_, gone)) = self.blind.set(client, until, at) {
            let is_news = self.all_blind.is_none_or(|until| until < at);
            self.times_all_blind = self.times_all_blind.saturating_add(u64::from(is_news));
            self.all_blind = self.all_blind.max(Some(gone));
        }
    }

    fn is_blind(&self, client: Client, at: Timestamp) -> bool {
        let until = self.blind.value(&client).copied().max(self.all_blind);
        until.is_some_and(|until| until >= at)
    }

    fn hold(&mut self, client: Client, answered: Answered, at: Timestamp) {
        let young =
            self.clients.value_mut(&client).filter(|recent| recent.is_younger(SHORTEST, at));
        let change = if let Some(recent) = young {
            recent.push(answered, at)
        } else {
            let mut recent = self.clients.remove(&client).unwrap_or(Recent::new(at));
            recent.moved(at);
            let change = recent.push(answered, at);
            if let Some((other, gone)) = self.clients.set(client, recent, at) {
                self.let_go(other, &gone, at);
            }
            change
        };
        self.held = self.held.saturating_add(change.added).saturating_sub(change.freed);
        if let Some(until) = change.lost {
            self.blind_until(client, until, at);
        }
    }

    /// Takes note of what one client's ring was, which had to go.
    fn let_go(&mut self, client: Client, gone: &Recent, at: Timestamp) {
        self.held = self.held.saturating_sub(gone.bytes_held());
        let lost = gone.answers().filter_map(Answered::protected_until).max();
        if let Some(until) = lost.filter(|until| *until >= at) {
            self.blind_until(client, until, at);
        }
    }

    /// The names that may stand behind a connection of this client to this address. `shown`
    /// is what its hello shows: not a name behind it, but the front.
    pub(crate) fn behind(
        &self,
        client: Client,
        server: IpAddr,
        shown: Option<&str>,
        at: Timestamp,
    ) -> Behind<'_> {
        if self.is_blind(client, at) {
            return Behind::Protected;
        }
        let mut names = Vec::new();
        for answered in self.led_to(client, server, at) {
            let Some(name) = answered.name.as_deref() else { return Behind::Protected };
            if Some(name) != shown && !names.contains(&name) {
                names.push(name);
            }
        }
        if names.is_empty() {
            return Behind::Nobody;
        }
        let cut = self.recent(client, at).filter(|answered| answered.is_cut);
        let others = cut
            .filter_map(|answered| answered.name.as_deref())
            .filter(|name| Some(*name) != shown && !names.contains(name))
            .count();
        Behind::Names { names, others }
    }

    /// What an ECH extension in a hello of this client to this address is worth; `shown` is
    /// the name in clear.
    pub(crate) fn ech_kind(
        &self,
        client: Client,
        server: IpAddr,
        shown: Option<Name<'_>>,
        at: Timestamp,
    ) -> EchKind {
        let public = shown.map(|name| self.print(name));
        let agrees = |answered: &Answered| answered.public.is_some() && answered.public == public;
        let has_keys = self.clients.value(&client).is_some_and(Recent::has_keys);
        if has_keys && self.recent(client, at).any(agrees) {
            return EchKind::Outer;
        }
        let mut led = self.led_to(client, server, at).peekable();
        if led.peek().is_none() {
            return EchKind::Unknown;
        }
        let offered = |name: &Option<Box<str>>| {
            has_keys
                && self
                    .recent(client, at)
                    .any(|other| other.public.is_some() && other.name == *name)
        };
        if led.any(|answered| offered(&answered.name)) {
            EchKind::Unknown
        } else {
            EchKind::Unlikely
        }
    }

    pub(crate) fn expire(&mut self, now: Timestamp) {
        // A ring is moved in its table at most once in the shortest time.
        while let Some((_, gone)) = self.clients.take_older_than(now - (LONGEST + SHORTEST)) {
            self.held = self.held.saturating_sub(gone.bytes_held());
        }
        while self.blind.take_older_than(now - LONGEST).is_some() {}
    }

    fn recent(&self, client: Client, at: Timestamp) -> impl Iterator<Item = &Answered> {
        let recent = self.clients.value(&client).into_iter().flat_map(Recent::answers);
        recent.filter(move |answered| answered.until >= at)
    }

    fn led_to(
        &self,
        client: Client,
        server: IpAddr,
        at: Timestamp,
    ) -> impl Iterator<Item = &Answered> {
        let recent = self.clients.value(&client).into_iter();
        recent
            .flat_map(move |recent| recent.with(server))
            .filter(move |answered| answered.until >= at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: Client =
        Client { vlan: Some(10), address: IpAddr::V4(std::net::Ipv4Addr::new(10, 1, 4, 23)) };

    fn client(address: impl Into<IpAddr>) -> Client {
        Client { vlan: Some(10), address: address.into() }
    }

    fn address(last: u8) -> IpAddr {
        [203, 0, 113, last].into()
    }

    fn keep(answers: &mut Answers, name: Option<&str>, last: u8, second: i64) {
        let name = name.map(|name| Name::from_canonical(name).unwrap());
        let fresh = Fresh {
            name,
            addresses: &[address(last)],
            is_cut: false,
            public: None,
            lives: Span::seconds(300),
        };
        answers.keep(CLIENT, &fresh, Timestamp::from_seconds(second));
    }

    fn behind(answers: &Answers, last: u8, second: i64) -> Behind<'_> {
        answers.behind(CLIENT, address(last), None, Timestamp::from_seconds(second))
    }

    fn names<'a>(names: &[&'a str]) -> Behind<'a> {
        Behind::Names { names: names.to_vec(), others: 0 }
    }

    #[test]
    fn the_clients_own_recent_answers_lead_to_a_name() {
        let mut answers = Answers::new(Key::new([5; 16]));
        keep(&mut answers, Some("a.example"), 1, 0);
        keep(&mut answers, Some("b.example"), 2, 0);
        keep(&mut answers, Some("a.example"), 1, 9);
        assert_eq!(behind(&answers, 1, 10), names(&["a.example"]));
        assert_eq!(behind(&answers, 3, 10), Behind::Nobody, "another address");
        let other = client([10, 1, 4, 24]);
        let at = Timestamp::from_seconds(10);
        assert_eq!(answers.behind(other, address(1), None, at), Behind::Nobody, "another client");
        assert_eq!(behind(&answers, 1, 310), Behind::Nobody, "too old");
        let shown = answers.behind(CLIENT, address(1), Some("a.example"), at);
        assert_eq!(shown, Behind::Nobody, "only the front itself");
    }

    #[test]
    fn several_names_are_all_given_and_a_protected_one_drops_them_all() {
        let mut answers = Answers::new(Key::new([5; 16]));
        keep(&mut answers, Some("a.example"), 1, 0);
        keep(&mut answers, Some("b.example"), 1, 1);
        assert_eq!(behind(&answers, 1, 2), names(&["a.example", "b.example"]));
        keep(&mut answers, None, 1, 3);
        assert_eq!(behind(&answers, 1, 4), Behind::Protected);
        keep(&mut answers, Some("c.example"), 1, 5);
        assert_eq!(behind(&answers, 1, 6), Behind::Protected);
    }

    #[test]
    fn ech_is_outer_only_under_the_public_name_that_the_client_was_given() {
        let mut answers = Answers::new(Key::new([5; 16]));
        let at = Timestamp::from_seconds(1);
        let name = |text| Name::from_canonical(text);
        let kind = |answers: &Answers, shown| answers.ech_kind(CLIENT, address(1), name(shown), at);
        assert_eq!(kind(&answers, "front.example"), EchKind::Unknown, "nothing was seen");
        keep(&mut answers, Some("a.example"), 1, 0);
        assert_eq!(kind(&answers, "front.example"), EchKind::Unlikely, "no key was given");
        let public = Some(answers.print(name("front.example").unwrap()));
        let fresh = Fresh {
            name: name("a.example"),
            addresses: &[],
            is_cut: false,
            public,
            lives: Span::seconds(300),
        };
        answers.keep(CLIENT, &fresh, at);
        assert_eq!(kind(&answers, "front.example"), EchKind::Outer);
        assert_eq!(kind(&answers, "other.example"), EchKind::Unknown, "given, but not this");
    }

    #[test]
    fn one_clients_flood_costs_no_other_its_memory() {
        let mut answers = Answers::new(Key::new([5; 16]));
        keep(&mut answers, Some("a.example"), 1, 0);
        let at = Timestamp::from_seconds(1);
        for number in 0..100_000_u32 {
            let text = format!("n{number}.example");
            let addresses = [number.to_be_bytes().into()];
            let name = Name::from_canonical(&text);
            let fresh = Fresh {
                name,
                addresses: &addresses,
                is_cut: false,
                public: None,
                lives: Span::ZERO,
            };
            answers.keep(client([10, 1, 4, 24]), &fresh, at);
        }
        assert_eq!(behind(&answers, 1, 2), names(&["a.example"]));
        assert!(answers.bytes_held() <= Answers::most_bytes());
    }

    #[test]
    fn many_clients_hold_so_much_and_no_more() {
        let mut answers = Answers::new(Key::new([5; 16]));
        let text = format!("{}.example", "x".repeat(200));
        for client in 0..400_000_u32 {
            let addresses: [IpAddr; 20] = std::array::from_fn(|_| client.to_be_bytes().into());
            let name = Name::from_canonical(&text);
            let fresh = Fresh {
                name,
                addresses: &addresses,
                is_cut: false,
                public: None,
                lives: Span::ZERO,
            };
            let client = super::tests::client((client % 20_000).to_be_bytes());
            answers.keep(client, &fresh, Timestamp::EPOCH);
            assert!(answers.bytes_held() <= Answers::most_bytes());
        }
        answers.expire(Timestamp::from_seconds(4_000));
        assert_eq!(answers.held, 0);
    }
}
