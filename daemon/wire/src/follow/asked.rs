//! The questions that clients have open: an answer that nobody asked for leads to no name.
//!
//! Each client has a few places of its own, so that the questions of one push out no
//! other's. Where a question was pushed out, that is remembered: its answer may be one that
//! must not be lost.

use std::hash::{BuildHasher, Hash, Hasher};

use facts::{Name, Path, Span, Timestamp};

use super::answers::Client;
use super::lookups::Question;
use crate::keyed::Key;
use crate::limits::{MOST_ASKING, MOST_OPEN_QUESTIONS};
use crate::table::Table;
use crate::tcp::FlowKey;

/// A question is answered within this, or its answer is not believed.
const WAITS: Span = Span::seconds(10);
/// A client is moved in the table at most once within this.
const MOVES: Span = Span::seconds(1);

/// All open questions, by who asked.
pub(crate) struct Asked {
    clients: Table<Client, Box<Open>>,
    key: Key,
    /// When a client with all its questions last made room for another.
    pushed_out: Option<Timestamp>,
}

/// The open questions of one client. What is looked through for each message stands together.
struct Open {
    /// A keyed print of both ends, the number and the first name of each; nought where the
    /// place is free.
    prints: [u64; MOST_OPEN_QUESTIONS],
    asked: [Timestamp; MOST_OPEN_QUESTIONS],
    /// Counts up with each question.
    numbers: [u32; MOST_OPEN_QUESTIONS],
    next: u32,
    /// When its client last became the youngest of the table.
    moved: Timestamp,
    /// When one that still waited last made room for another.
    pushed_out: Option<Timestamp>,
}

/// Whether an answer was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Solicited {
    /// By this client, of this server, by this name, a moment ago, and not answered yet.
    Yes,
    /// Perhaps: questions were pushed out of memory a moment ago.
    Perhaps,
    /// Nobody asked.
    No,
}

impl Asked {
    pub(super) fn new(key: Key) -> Self {
        Self { clients: Table::new(MOST_ASKING, key), key, pushed_out: None }
    }

    pub(super) fn bytes_held(&self) -> usize {
        self.clients
            .bytes_held()
            .saturating_add(self.clients.len().saturating_mul(size_of::<Open>()))
    }

    /// The table, and the clients' places.
    pub(super) const fn most_bytes() -> usize {
        Table::<Client, Box<Open>>::most_bytes(MOST_ASKING)
            .saturating_add(MOST_ASKING.saturating_mul(size_of::<Open>()))
    }

    /// Takes a question.
    pub(crate) fn ask(
        &mut self,
        client: Client,
        question: &Question,
        name: Name<'_>,
        at: Timestamp,
    ) {
        let print = self.print(question, name);
        if let Some(open) = self.clients.value_mut(&client).filter(|open| open.is_young(at)) {
            return open.push(print, at);
        }
        if let Some(open) = self.clients.renew(&client, at) {
            open.moved = at;
            return open.push(print, at);
        }
        let mut open = Box::new(Open::new(at));
        open.push(print, at);
        if let Some((_, gone)) = self.clients.set(client, open, at)
            && gone.waiting().any(|asked| is_recent(asked, at))
        {
            self.pushed_out = Some(at);
        }
    }

    /// Takes an answer: each question has one.
    pub(crate) fn answer(
        &mut self,
        client: Client,
        question: &Question,
        name: Name<'_>,
        at: Timestamp,
    ) -> Solicited {
        let print = self.print(question, name);
        let open = self.clients.value_mut(&client);
        let pushed_out = open.as_ref().and_then(|open| open.pushed_out);
        if open.is_some_and(|open| open.take(print, at)) {
            return Solicited::Yes;
        }
        let is_unsure =
            [pushed_out, self.pushed_out].into_iter().flatten().any(|gone| is_recent(gone, at));
        if is_unsure { Solicited::Perhaps } else { Solicited::No }
    }

    pub(super) fn expire(&mut self, now: Timestamp) {
        while self.clients.take_older_than(now - (WAITS + MOVES)).is_some() {}
    }

    /// A print of a question; whose it is, the table tells as well. None is nought.
    fn print(&self, question: &Question, name: Name<'_>) -> u64 {
        let Question { client, server, server_port, port, id } = question;
        let path = Path { src: *client, dst: *server, sport: *port, dport: *server_port };
        let mut hasher = self.key.build_hasher();
        FlowKey::new(&path).hash(&mut hasher);
        hasher.write_u16(*id);
        hasher.write(name.as_str().as_bytes());
        hasher.finish().max(1)
    }
}

impl Open {
    const fn new(at: Timestamp) -> Self {
        Self {
            moved: at,
            prints: [0; MOST_OPEN_QUESTIONS],
            asked: [Timestamp::EPOCH; MOST_OPEN_QUESTIONS],
            numbers: [0; MOST_OPEN_QUESTIONS],
            next: 0,
            pushed_out: None,
        }
    }

    /// Whether its client need not be moved in the table yet.
    fn is_young(&self, at: Timestamp) -> bool {
        let since = at.since(self.moved);
        since >= Span::ZERO && since < MOVES
    }

    /// Takes a question. It takes its own old place, a free one, or that of the oldest.
    fn push(&mut self, print: u64, at: Timestamp) {
        let is_at = |wanted: u64| self.prints.iter().position(|print| *print == wanted);
        let place = is_at(print).or_else(|| is_at(0)).unwrap_or_else(|| self.oldest());
        let number = self.next;
        self.next = number.wrapping_add(1);
        if let Some(place) = self.numbers.get_mut(place) {
            *place = number;
        }
        let Some(before) = self.prints.get_mut(place) else { return };
        let before = std::mem::replace(before, print);
        let Some(asked) = self.asked.get_mut(place) else { return };
        let asked = std::mem::replace(asked, at);
        if before != 0 && before != print && is_recent(asked, at) {
            self.pushed_out = Some(at);
        }
    }

    fn take(&mut self, print: u64, at: Timestamp) -> bool {
        let Some(place) = self.prints.iter().position(|known| *known == print) else {
            return false;
        };
        if let Some(print) = self.prints.get_mut(place) {
            *print = 0;
        }
        self.asked.get(place).is_some_and(|asked| is_recent(*asked, at))
    }

    /// Where the question stands that was asked longest ago, when no place is free.
    fn oldest(&self) -> usize {
        let ages = self.numbers.iter().map(|number| self.next.wrapping_sub(*number));
        ages.enumerate().max_by_key(|(_, age)| *age).map_or(0, |(place, _)| place)
    }

    /// When those were asked that were not answered.
    fn waiting(&self) -> impl Iterator<Item = Timestamp> {
        let places = self.prints.iter().zip(&self.asked);
        places.filter(|(print, _)| **print != 0).map(|(_, asked)| *asked)
    }
}

/// Two mirror ports may disagree a little in their times, so it is asked both ways.
fn is_recent(asked: Timestamp, at: Timestamp) -> bool {
    at.since(asked) <= WAITS && asked.since(at) <= WAITS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(last: u8) -> Client {
        Client { vlan: Some(10), address: [10, 1, 4, last].into() }
    }

    fn question(client: Client, id: u16) -> Question {
        Question {
            client: client.address,
            server: [10, 1, 0, 1].into(),
            server_port: 53,
            port: 9,
            id,
        }
    }

    fn name(text: &str) -> Name<'_> {
        Name::from_canonical(text).unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    #[test]
    fn one_question_has_one_answer_and_only_its_own() {
        let (one, key) = (client(1), Key::new([5; 16]));
        let mut asked = Asked::new(key);
        let whole = question(one, 7);
        asked.ask(one, &whole, name("a.example"), at(0));
        let others = [
            (Client { vlan: None, ..one }, whole, "a.example"),
            (one, Question { client: client(2).address, ..whole }, "a.example"),
            (one, Question { server: [10, 1, 4, 66].into(), ..whole }, "a.example"),
            (one, Question { server_port: 5_353, ..whole }, "a.example"),
            (one, Question { port: 10, ..whole }, "a.example"),
            (one, Question { id: 8, ..whole }, "a.example"),
            (one, whole, "b.example"),
        ];
        for (client, question, text) in others {
            assert_eq!(asked.answer(client, &question, name(text), at(1)), Solicited::No);
        }
        assert_eq!(asked.answer(one, &whole, name("a.example"), at(1)), Solicited::Yes);
        assert_eq!(asked.answer(one, &whole, name("a.example"), at(1)), Solicited::No, "twice");
        asked.ask(one, &whole, name("a.example"), at(2));
        assert_eq!(asked.answer(one, &whole, name("a.example"), at(13)), Solicited::No, "late");
    }

    #[test]
    fn one_clients_questions_push_out_no_others() {
        let mut asked = Asked::new(Key::new([5; 16]));
        asked.ask(client(1), &question(client(1), 7), name("a.example"), at(0));
        for id in 0..10_000 {
            asked.ask(client(2), &question(client(2), id), name("a.example"), at(1));
        }
        let first = asked.answer(client(1), &question(client(1), 7), name("a.example"), at(2));
        assert_eq!(first, Solicited::Yes);
        let lost = asked.answer(client(2), &question(client(2), 7), name("a.example"), at(2));
        assert_eq!(lost, Solicited::Perhaps, "it was pushed out by its own");
        let later = asked.answer(client(2), &question(client(2), 7), name("a.example"), at(20));
        assert_eq!(later, Solicited::No);
    }

    #[test]
    fn many_clients_questions_hold_so_much_and_no_more() {
        let mut asked = Asked::new(Key::new([5; 16]));
        for number in 0..20_000_u32 {
            let one = Client { vlan: None, address: number.to_be_bytes().into() };
            asked.ask(one, &question(one, 7), name("a.example"), at(0));
        }
        assert!(asked.bytes_held() <= Asked::most_bytes());
        let lost = asked.answer(client(1), &question(client(1), 7), name("a.example"), at(1));
        assert_eq!(lost, Solicited::Perhaps);
        asked.expire(at(60));
        assert!(asked.clients.is_empty());
    }
}
