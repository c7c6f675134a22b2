//! Frames of a school hour: mostly bulk that says nothing, some questions, some hellos.

use std::net::{IpAddr, Ipv4Addr};

use facts::{Mac, Span, Timestamp};
use wardline_tests::forge::{
    Answer, End, Hello, Link, RecordType, Talk, answer, bulk, question, server_handshake, udp,
};

use crate::Chance;

/// A frame and its time.
#[derive(Clone, Debug)]
pub struct Frame {
    /// When it was seen.
    pub at: Timestamp,
    /// Its bytes, Ethernet first.
    pub bytes: Vec<u8>,
}

/// What one client does in a row.
#[derive(Clone, Copy, Debug)]
pub enum Mix {
    /// Looks a name up and is answered: two frames.
    Questions,
    /// Opens a connection with a hello of two segments and is answered.
    Hellos,
    /// Looks up, opens, and loads 60 to 120 KB: the shape of real traffic.
    Whole,
}

const MICROS_BETWEEN: i64 = 40;
const ROUTER: Mac = Mac::from_octets([0, 0, 0x5e, 0, 0x53, 1]);

/// At least `count` frames of this mix for these names, from a few hundred clients.
///
/// # Panics
/// Panics where there are no names.
#[must_use]
pub fn traffic(seed: u64, mix: Mix, names: &[String], count: usize) -> Vec<Frame> {
    let mut chance = Chance::new(seed);
    let mut frames = Vec::with_capacity(count);
    let mut turn = 0_u16;
    while frames.len() < count {
        turn = turn.wrapping_add(1);
        let bound = u64::try_from(names.len()).expect("a length");
        let name = &names[usize::try_from(chance.below(bound)).expect("an index")];
        let said = Visit::new(&mut chance, turn, name).say(mix, &mut chance);
        for bytes in said {
            let number = i64::try_from(frames.len()).expect("a count");
            let at = Timestamp::from_seconds(1_795_000_000) + Span::micros(number * MICROS_BETWEEN);
            frames.push(Frame { at, bytes });
        }
    }
    frames
}

struct Visit<'a> {
    mac: Mac,
    client: IpAddr,
    server: IpAddr,
    turn: u16,
    name: &'a str,
}

impl<'a> Visit<'a> {
    fn new(chance: &mut Chance, turn: u16, name: &'a str) -> Self {
        let octet = |chance: &mut Chance| u8::try_from(1 + chance.below(250)).expect("an octet");
        let (row, seat) = (octet(chance) % 4, octet(chance));
        Self {
            mac: Mac::from_octets([0, 0x16, 0x3e, 0, row, seat]),
            client: Ipv4Addr::new(10, 20, row, seat).into(),
            server: Ipv4Addr::new(198, 51, 100, octet(chance)).into(),
            turn,
            name,
        }
    }

    fn say(&self, mix: Mix, chance: &mut Chance) -> Vec<Vec<u8>> {
        match mix {
            Mix::Questions => self.look_up(),
            Mix::Hellos => frames(self.open()),
            Mix::Whole => {
                let length = usize::try_from(60_000 + chance.below(60_000)).expect("a length");
                let mut all = self.look_up();
                all.extend(frames(self.open().server_says(&bulk(length)).close()));
                all
            }
        }
    }

    fn look_up(&self) -> Vec<Vec<u8>> {
        let (own, server) = (End::new(self.client, 40_000 | self.turn), End::new(SERVER, 53));
        let addresses = [self.server];
        let found = Answer::Found { by_way_of: &[], addresses: &addresses };
        let asked = question(self.turn, self.name, RecordType::A);
        let answered = answer(self.turn, self.name, RecordType::A, found);
        let there = Link { from: self.mac, to: ROUTER, vlans: &[] };
        let back = Link { from: ROUTER, to: self.mac, vlans: &[] };
        vec![there.carry(&udp(own, server, &asked)), back.carry(&udp(server, own, &answered))]
    }

    fn open(&self) -> Talk {
        let own = (self.mac, End::new(self.client, self.turn));
        let server = (ROUTER, End::new(self.server, 443));
        let seed = u64::from(self.turn);
        Talk::new(own, server, None, Timestamp::EPOCH)
            .open()
            .client_says(&Hello::browser(self.name, seed).record())
            .server_says(&server_handshake(seed))
    }
}

const SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 20, 0, 10));

fn frames(talk: Talk) -> Vec<Vec<u8>> {
    talk.frames().into_iter().map(|(_, frame)| frame).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_frames_in_order_of_time() {
        let names = crate::unlisted(1, 50);
        let draw = || traffic(3, Mix::Whole, &names, 500);
        let (one, other) = (draw(), draw());
        assert!(one.len() >= 500);
        assert!(one.iter().zip(&other).all(|(a, b)| a.at == b.at && a.bytes == b.bytes));
        assert!(one.windows(2).all(|pair| pair[0].at < pair[1].at));
    }

    #[test]
    fn most_of_a_whole_mix_is_bulk() {
        let frames = traffic(3, Mix::Whole, &crate::unlisted(1, 50), 2_000);
        let full = frames.iter().filter(|frame| frame.bytes.len() > 1_400).count();
        assert!(full * 10 > frames.len() * 8, "{full} of {}", frames.len());
    }
}
