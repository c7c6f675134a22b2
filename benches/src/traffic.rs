//! Frames of a school hour: mostly bulk that says nothing, some questions, some hellos.

use facts::{Span, Timestamp};
use wardline_tests::Chance;
use wire::{LinkType, Packet};

use crate::hellos::Hellos;
use crate::telling::Telling;
use crate::visit::{Line, Visit};

/// A frame and its time.
#[derive(Clone, Debug)]
pub struct Frame {
    /// When it was seen.
    pub at: Timestamp,
    /// Its bytes, Ethernet first.
    pub bytes: Vec<u8>,
    /// What can be told once it was seen.
    pub tells: Option<Telling>,
}

impl Frame {
    /// The frame as a capture gives it.
    #[must_use]
    pub fn packet(&self) -> Packet<'_> {
        Packet {
            at: self.at,
            link: LinkType::Ethernet,
            bytes: &self.bytes,
            original_len: u32::try_from(self.bytes.len()).unwrap_or(u32::MAX),
        }
    }
}

/// What clients do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// Look names up and are answered: two frames.
    Questions,
    /// Open connections by TLS and are answered.
    Hellos,
    /// The same, each hello in segments of one to forty octets.
    Tiny,
    /// Open connections by QUIC and are answered.
    Quic,
    /// Look up and open by TLS or QUIC, and say no more: a handshake storm.
    Storm,
    /// Look up, open, and load 363 KB on average: a school hour, nine tenths of it bulk.
    Whole,
}

const MICROS_BETWEEN: i64 = 40;
/// Visits that are under way at once, their frames between each other.
const AT_ONCE: usize = 64;
/// Devices of the school, and the first port that each opens from.
const CLIENTS: usize = 900;
const FIRST_PORT: u16 = 20_000;

/// Frames of visits: the same seed and names give the same ones.
pub struct Traffic<'a> {
    chance: Chance,
    mix: Mix,
    names: &'a [String],
    hellos: Hellos,
    under_way: Vec<std::vec::IntoIter<Line>>,
    /// The port that each client opens from next.
    ports: Vec<u16>,
    /// How many visits may still begin; none is no end.
    left: Option<u64>,
    frames: i64,
}

impl<'a> Traffic<'a> {
    /// Of this mix, for these names, without end.
    #[must_use]
    pub fn new(seed: u64, mix: Mix, names: &'a [String]) -> Self {
        Self {
            chance: Chance::new(seed),
            mix,
            names,
            hellos: Hellos::recorded(),
            under_way: Vec::new(),
            ports: vec![FIRST_PORT; CLIENTS],
            left: None,
            frames: 0,
        }
    }

    /// The same with so many visits, each to its end.
    #[must_use]
    pub fn visits(self, count: u64) -> Self {
        Self { left: Some(count), ..self }
    }

    fn begin(&mut self) -> Option<std::vec::IntoIter<Line>> {
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(1)?;
        }
        let client = self.chance.below(CLIENTS);
        let port = self.ports[client];
        // A visit opens from at most four ports.
        self.ports[client] = port.checked_add(4).unwrap_or(FIRST_PORT);
        let place = self.chance.below(self.names.len());
        let visit = Visit::new(&mut self.chance, (client, port), (place, &self.names[place]));
        Some(visit.say(self.mix, &self.hellos, &mut self.chance).into_iter())
    }
}

impl Iterator for Traffic<'_> {
    type Item = Frame;

    /// # Panics
    /// Panics where there are no names.
    fn next(&mut self) -> Option<Frame> {
        while self.under_way.len() < AT_ONCE {
            let Some(visit) = self.begin() else { break };
            self.under_way.push(visit);
        }
        loop {
            if self.under_way.is_empty() {
                return None;
            }
            let place = self.chance.below(self.under_way.len());
            let Some(Line { bytes, tells }) = self.under_way[place].next() else {
                match self.begin() {
                    Some(visit) => self.under_way[place] = visit,
                    None => drop(self.under_way.swap_remove(place)),
                }
                continue;
            };
            let at =
                Timestamp::from_seconds(1_795_000_000) + Span::micros(self.frames * MICROS_BETWEEN);
            self.frames += 1;
            return Some(Frame { at, bytes, tells });
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use facts::Evidence;

    use super::*;
    use crate::telling::Kind;

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
    fn a_school_hour_has_its_shape() {
        let names = crate::unlisted(1, 500);
        let frames: Vec<_> = Traffic::new(3, Mix::Whole, &names).visits(400).collect();
        let octets = |most: usize| -> usize {
            frames.iter().map(|frame| frame.bytes.len()).filter(|octets| *octets > most).sum()
        };
        let all = octets(0);
        let share = octets(1_240) * 100 / all;
        assert!(share >= 90, "{share} in a hundred octets are bulk");
        let visits = 400;
        assert!((290_000..440_000).contains(&(all / visits)), "{} octets a visit", all / visits);
        let packets = frames.len() / visits;
        assert!((290..430).contains(&packets), "{packets} packets a visit");
        let told = |kind| {
            frames.iter().filter_map(|f| f.tells.as_ref()).filter(|t| t.kind == kind).count()
        };
        let (dns, tls, quic) = (told(Kind::Dns), told(Kind::Tls), told(Kind::Quic));
        assert_eq!(tls + quic, visits);
        assert!((440..520).contains(&dns), "{dns} questions");
        assert!((200..280).contains(&tls), "{tls} hellos over TCP");
    }

    #[test]
    fn every_name_of_a_storm_is_read_once_however_it_came() {
        let names = crate::unlisted(1, 500);
        let mut wire = wire::Wire::new(wire::Settings::with_key([7; 16]));
        let (mut said, mut read) = (BTreeMap::new(), BTreeMap::new());
        for frame in Traffic::new(3, Mix::Storm, &names).visits(3_000) {
            if let Some(telling) = frame.tells {
                *said.entry(telling).or_insert(0) += 1;
            }
            let packet = wire::Packet {
                at: frame.at,
                link: wire::LinkType::Ethernet,
                bytes: &frame.bytes,
                original_len: u32::try_from(frame.bytes.len()).unwrap(),
            };
            wire.feed(&packet, &mut |what| {
                if let wire::Said::Observation(seen) = what {
                    let kind = match seen.evidence {
                        Evidence::DnsQuestion(_) => Kind::Dns,
                        Evidence::ClientHello(hello) if hello.quic_version.is_some() => Kind::Quic,
                        Evidence::ClientHello(_) => Kind::Tls,
                        _ => return wire::Follow::No,
                    };
                    let (client, port) = (seen.path.src, seen.path.sport);
                    let name = seen.name().expect("each says a name").as_str().to_owned();
                    *read.entry(Telling { client, port, kind, name }).or_insert(0) += 1;
                }
                wire::Follow::No
            });
        }
        assert_eq!(said.len(), read.len());
        assert_eq!(said, read);
    }
}
