//! Frames of a school hour: mostly bulk that says nothing, some questions, some hellos.

use std::net::{IpAddr, Ipv6Addr};

use facts::{Mac, Span, Timestamp};
use wardline_tests::Chance;
use wardline_tests::forge::{
    Answer, End, Hello, Link, RecordType, Talk, answer, bulk, initials, question, server_handshake,
    udp,
};

/// A frame and its time.
#[derive(Clone, Debug)]
pub struct Frame {
    /// When it was seen.
    pub at: Timestamp,
    /// Its bytes, Ethernet first.
    pub bytes: Vec<u8>,
}

/// What clients do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// Look names up and are answered: two frames.
    Questions,
    /// Open connections with a hello of two segments and are answered.
    Hellos,
    /// Look up and open by TLS or QUIC, and say no more: a handshake storm.
    Storm,
    /// Look up, open, and load 363 KB on average: a school hour, nine tenths of it bulk.
    Whole,
}

const MICROS_BETWEEN: i64 = 40;
const ROUTER: Mac = Mac::from_octets([0, 0, 0x5e, 0, 0x53, 1]);
const SERVER: [u8; 4] = [10, 20, 0, 10];
/// Visits that are under way at once, their frames between each other.
const AT_ONCE: usize = 64;

/// Frames without end: the same seed and names give the same ones.
pub struct Traffic<'a> {
    chance: Chance,
    mix: Mix,
    names: &'a [String],
    under_way: Vec<std::vec::IntoIter<Vec<u8>>>,
    visits: u32,
    frames: i64,
}

impl<'a> Traffic<'a> {
    /// Of this mix, for these names, from a thousand clients.
    #[must_use]
    pub const fn new(seed: u64, mix: Mix, names: &'a [String]) -> Self {
        let chance = Chance::new(seed);
        Self { chance, mix, names, under_way: Vec::new(), visits: 0, frames: 0 }
    }

    fn visit(&mut self) -> Vec<Vec<u8>> {
        let name = self.chance.one(self.names);
        self.visits = self.visits.wrapping_add(1);
        Visit::new(&mut self.chance, self.visits, name).say(self.mix, &mut self.chance)
    }
}

impl Iterator for Traffic<'_> {
    type Item = Frame;

    /// # Panics
    /// Panics where there are no names.
    fn next(&mut self) -> Option<Frame> {
        while self.under_way.len() < AT_ONCE {
            let frames = self.visit();
            self.under_way.push(frames.into_iter());
        }
        loop {
            let place = self.chance.below(self.under_way.len());
            let Some(bytes) = self.under_way[place].next() else {
                let frames = self.visit();
                self.under_way[place] = frames.into_iter();
                continue;
            };
            let at =
                Timestamp::from_seconds(1_795_000_000) + Span::micros(self.frames * MICROS_BETWEEN);
            self.frames += 1;
            return Some(Frame { at, bytes });
        }
    }
}

/// The first `count` frames of this mix for these names.
///
/// # Panics
/// Panics where there are no names.
#[must_use]
pub fn traffic(seed: u64, mix: Mix, names: &[String], count: usize) -> Vec<Frame> {
    Traffic::new(seed, mix, names).take(count).collect()
}

struct Visit<'a> {
    mac: Mac,
    client: IpAddr,
    resolver: IpAddr,
    server: IpAddr,
    number: u32,
    name: &'a str,
}

impl<'a> Visit<'a> {
    fn new(chance: &mut Chance, number: u32, name: &'a str) -> Self {
        let octet = |chance: &mut Chance| u8::try_from(1 + chance.below(250)).expect("an octet");
        let (row, seat, server) = (octet(chance) % 4, octet(chance), octet(chance));
        let mac = Mac::from_octets([0, 0x16, 0x3e, 0, row, seat]);
        // Fifteen in a hundred connections are IPv6.
        let is_v6 = chance.below(100) < 15;
        let address = |[a, b, c, d]: [u8; 4]| -> IpAddr {
            if is_v6 {
                let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
                Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, high, low).into()
            } else {
                [a, b, c, d].into()
            }
        };
        Self {
            mac,
            client: address([10, 20, row, seat]),
            resolver: address(SERVER),
            server: address([198, 51, 100, server]),
            number,
            name,
        }
    }

    fn say(&self, mix: Mix, chance: &mut Chance) -> Vec<Vec<u8>> {
        let is_quic = chance.below(100) < 40;
        match mix {
            Mix::Questions => self.look_up(),
            Mix::Hellos => frames(self.open()),
            Mix::Storm => {
                let mut all = self.look_up();
                all.extend(if is_quic { self.open_quic(0) } else { frames(self.open()) });
                all
            }
            Mix::Whole => {
                let length = 180_000 + chance.below(366_000);
                let mut all = self.look_up();
                all.extend(if is_quic {
                    self.open_quic(length)
                } else {
                    frames(self.open().server_says(&bulk(length)).close())
                });
                all
            }
        }
    }

    fn look_up(&self) -> Vec<Vec<u8>> {
        let id = self.turn();
        let (own, server) = (End::new(self.client, 32_768 | id), End::new(self.resolver, 53));
        let (kind, found) = match self.server {
            IpAddr::V4(_) => (RecordType::A, [self.server]),
            IpAddr::V6(_) => (RecordType::Aaaa, [self.server]),
        };
        let found = Answer::Found { by_way_of: &[], addresses: &found };
        let asked = question(id, self.name, kind);
        let answered = answer(id, self.name, kind, found);
        vec![self.out(&udp(own, server, &asked)), self.back(&udp(server, own, &answered))]
    }

    fn open(&self) -> Talk {
        let own = (self.mac, End::new(self.client, self.port()));
        let server = (ROUTER, End::new(self.server, 443));
        let seed = u64::from(self.number);
        Talk::new(own, server, None, Timestamp::EPOCH)
            .open()
            .client_says(&Hello::browser(self.name, seed).record())
            .server_says(&server_handshake(seed))
    }

    /// Two datagrams of the client, one of the server, then packets that tell nothing.
    fn open_quic(&self, octets: usize) -> Vec<Vec<u8>> {
        let own = End::new(self.client, self.port());
        let server = End::new(self.server, 443);
        let id = (u64::from(self.number) << 8 | 0x51).to_be_bytes();
        let message = Hello::browser(self.name, u64::from(self.number)).message();
        let mut all: Vec<_> = initials(&message, id)
            .iter()
            .map(|datagram| self.out(&udp(own, server, datagram)))
            .collect();
        let short = [&[0x40][..], &[0x5a; 1_240]].concat();
        for nth in 0..octets.div_ceil(short.len()) {
            all.push(self.back(&udp(server, own, &short)));
            if nth % 8 == 0 {
                all.push(self.out(&udp(own, server, &short[..40])));
            }
        }
        all
    }

    fn out(&self, packet: &[u8]) -> Vec<u8> {
        Link { from: self.mac, to: ROUTER, vlans: &[] }.carry(packet)
    }

    fn back(&self, packet: &[u8]) -> Vec<u8> {
        Link { from: ROUTER, to: self.mac, vlans: &[] }.carry(packet)
    }

    /// Fifteen bits that the next visits do not share.
    fn turn(&self) -> u16 {
        u16::try_from(self.number & 0x7fff).expect("fifteen bits")
    }

    fn port(&self) -> u16 {
        1_024 + self.turn()
    }
}

fn frames(talk: Talk) -> Vec<Vec<u8>> {
    talk.frames().into_iter().map(|(_, frame)| frame).collect()
}

#[cfg(test)]
mod tests {
    use facts::Evidence;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_frames_in_order_of_time() {
        let names = crate::unlisted(1, 50);
        let draw = || traffic(3, Mix::Whole, &names, 500);
        let (one, other) = (draw(), draw());
        assert_eq!(one.len(), 500);
        assert!(one.iter().zip(&other).all(|(a, b)| a.at == b.at && a.bytes == b.bytes));
        assert!(one.windows(2).all(|pair| pair[0].at < pair[1].at));
    }

    #[test]
    fn most_of_a_whole_mix_is_bulk() {
        let frames = traffic(3, Mix::Whole, &crate::unlisted(1, 50), 30_000);
        let octets = |most: usize| -> usize {
            frames.iter().map(|frame| frame.bytes.len()).filter(|octets| *octets > most).sum()
        };
        let share = octets(1_280) * 100 / octets(0);
        assert!(share >= 90, "{share} in a hundred octets");
    }

    #[test]
    fn a_storm_is_read_whole_question_by_question_and_hello_by_hello() {
        let names = crate::unlisted(1, 50);
        let mut wire = wire::Wire::new(wire::Settings::with_key([7; 16]));
        let (mut tls, mut quic, mut asked) = (0, 0, 0);
        for frame in traffic(3, Mix::Storm, &names, 4_000) {
            let packet = wire::Packet {
                at: frame.at,
                link: wire::LinkType::Ethernet,
                bytes: &frame.bytes,
                original_len: u32::try_from(frame.bytes.len()).unwrap(),
            };
            wire.feed(&packet, &mut |said| {
                if let wire::Said::Observation(seen) = said {
                    let name = seen.name().expect("each says a name").as_str().to_owned();
                    assert!(names.contains(&name), "{name}");
                    match seen.evidence {
                        Evidence::ClientHello(hello) if hello.quic_version.is_some() => quic += 1,
                        Evidence::ClientHello(_) => tls += 1,
                        _ => asked += 1,
                    }
                }
                wire::Follow::No
            });
        }
        // Six in ten of the visits are TLS; 64 of them are not over.
        assert!((300..500).contains(&tls), "{tls} by TLS");
        assert!((200..400).contains(&quic), "{quic} by QUIC");
        assert!(asked + 2 * 64 >= 2 * (tls + quic), "{asked} questions and answers");
    }
}
