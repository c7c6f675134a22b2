//! A school's minute in words, for whatever must not lose a word of it.

use std::net::{IpAddr, Ipv4Addr};

use facts::{Mac, Span, Timestamp};

use super::{
    Accounting, Answer, End, Flags, Hello, Lease, Link, Principal, RecordType, Status, Talk,
    accounting_response, answer, arp, as_req, bulk, initials, question, server_handshake, tcp,
    tgs_rep, udp,
};
use crate::Chance;

const NOON: Timestamp = Timestamp::from_seconds(1_795_000_000);
const PUPIL: Mac = Mac::from_octets([0, 0x16, 0x3e, 0, 1, 23]);

/// A school's minute: every kind of message, to these ports, in pieces, behind no tag, one
/// or two, in either family.
#[derive(Clone, Debug)]
pub struct Minute<'p> {
    ports: &'p [u16],
    chance: Chance,
    vlans: Vec<u16>,
    is_v6: bool,
    port: u16,
    at: Timestamp,
    frames: Vec<(Timestamp, Vec<u8>)>,
}

impl<'p> Minute<'p> {
    /// The router's hardware address: what comes back to devices comes from it.
    pub const ROUTER: Mac = Mac::from_octets([0, 0, 0x5e, 0, 0x53, 1]);

    /// The same seed gives the same minute.
    #[must_use]
    pub fn new(seed: u64, ports: &'p [u16]) -> Self {
        let mut chance = Chance::new(seed);
        let vlans = [vec![], vec![20], vec![100, 20]][chance.below(3)].clone();
        let is_v6 = chance.below(3) == 0;
        Self { ports, chance, vlans, is_v6, port: 40_000, at: NOON, frames: Vec::new() }
    }

    fn end(&self, [a, b, c, d]: [u8; 4], port: u16) -> End {
        let v4 = Ipv4Addr::new(a, b, c, d);
        let address = if self.is_v6 { v4.to_ipv6_mapped().into() } else { IpAddr::V4(v4) };
        End::new(address, port)
    }

    fn client(&mut self) -> End {
        self.port += 1;
        self.end([10, 77, 1, 23], self.port)
    }

    fn put(&mut self, from_client: bool, packet: &[u8]) {
        let (from, to) = if from_client { (PUPIL, Self::ROUTER) } else { (Self::ROUTER, PUPIL) };
        let mut frame = Link { from, to, vlans: &self.vlans }.carry(packet);
        // A card fills short frames up.
        frame.resize(frame.len().max(60), 0);
        self.at = self.at + Span::micros(700);
        self.frames.push((self.at, frame));
    }

    fn datagram(&mut self, from: End, to: End, payload: &[u8]) {
        let packet = udp(from, to, payload);
        self.put(from.port > 1_024, &packet);
    }

    /// A connection to this port on which the client says this in segments of its own
    /// lengths, sometimes swapped or twice, and the server says much.
    fn stream(&mut self, port: u16, client_says: &[u8]) {
        let (client, server) = (self.client(), self.end([203, 0, 113, 7], port));
        let talk = Talk::new((PUPIL, client), (Self::ROUTER, server), None, self.at).open();
        for (_, frame) in talk.frames() {
            let from_client = frame[6..12] == PUPIL.octets();
            self.put(from_client, &frame[14..]);
        }
        let mut sequence = 0x1000_0000 ^ u32::from(client.port) << 8;
        sequence = sequence.wrapping_add(1);
        let longest = [1, 7, 40, 517, 1_448, 1_448][self.chance.below(6)];
        let mut segments = Vec::new();
        for piece in client_says.chunks(longest) {
            segments.push((sequence, piece));
            sequence = sequence.wrapping_add(u32::try_from(piece.len()).expect("short"));
        }
        if segments.len() > 1 && self.chance.below(3) == 0 {
            segments.swap(0, 1);
        }
        if self.chance.below(4) == 0 {
            segments.push(segments[0]);
        }
        let flags = Flags { ack: true, ..Flags::default() };
        for (sequence, piece) in segments {
            self.put(true, &tcp(client, server, (sequence, 0x2000_0001), flags, piece));
        }
        let mut theirs = 0x2000_0001_u32;
        self.answer((client, server), sequence, &mut theirs, &server_handshake(9));
        // A long visit asks again after minutes.
        let is_long = self.chance.below(4) == 0;
        let requests = if is_long { 5 } else { 1 };
        for nth in 0..requests {
            let request = [&[23, 3, 3, 0, 40][..], &[0xcc; 40]].concat();
            self.put(true, &tcp(client, server, (sequence, theirs), flags, &request));
            sequence = sequence.wrapping_add(45);
            let octets = self.chance.below(if nth == 0 { 60_000 } else { 3_000 });
            self.answer((client, server), sequence, &mut theirs, &bulk(octets));
            if is_long {
                self.at = self.at + Span::seconds(50);
            }
        }
        let fin = Flags { fin: true, ..flags };
        self.put(true, &tcp(client, server, (sequence, theirs), fin, &[]));
        self.put(false, &tcp(server, client, (theirs, sequence.wrapping_add(1)), fin, &[]));
    }

    /// What the server says, each segment acknowledged.
    fn answer(&mut self, (client, server): (End, End), asked: u32, theirs: &mut u32, say: &[u8]) {
        let flags = Flags { ack: true, ..Flags::default() };
        for piece in say.chunks(1_448) {
            self.put(false, &tcp(server, client, (*theirs, asked), flags, piece));
            *theirs = theirs.wrapping_add(u32::try_from(piece.len()).expect("short"));
            self.put(true, &tcp(client, server, (asked, *theirs), flags, &[]));
        }
    }

    /// The frames in the order in which they were sent.
    ///
    /// # Panics
    /// Panics where there are no ports.
    #[must_use]
    pub fn frames(mut self) -> Vec<(Timestamp, Vec<u8>)> {
        for number in 0..24_u64 {
            let name = format!("www{number}.elmrow.example");
            let resolver = self.end([10, 77, 0, 10], 53);
            let client = self.client();
            let id = u16::try_from(number).expect("few");
            self.datagram(client, resolver, &question(id, &name, RecordType::A));
            let found = Answer::Found { by_way_of: &[], addresses: &[[203, 0, 113, 7].into()] };
            self.datagram(resolver, client, &answer(id, &name, RecordType::A, found));
            let port = *self.chance.one(self.ports);
            let seed = number ^ u64::from(port) << 16;
            match self.chance.below(6) {
                0 => self.stream(port, &Hello::plain(&name, seed).record()),
                1 | 2 => self.stream(port, &Hello::browser(&name, seed).record()),
                3 => {
                    let target = "a".repeat(self.chance.below(3_000));
                    let request =
                        format!("GET /{target} HTTP/1.1\r\nHost: {name}\r\nCookie: x\r\n\r\n");
                    self.stream(80, request.as_bytes());
                }
                4 => {
                    let message = question(id, &name, RecordType::A);
                    let length = u16::try_from(message.len()).expect("short").to_be_bytes();
                    self.stream(53, &[&length[..], &message].concat());
                }
                _ => {
                    let message = Hello::browser(&name, seed).message();
                    let (client, server) = (self.client(), self.end([203, 0, 113, 7], 443));
                    for datagram in initials(&message, seed.to_be_bytes()) {
                        self.datagram(client, server, &datagram);
                    }
                    // Short headers, both ways.
                    for _ in 0..20 {
                        let mut sealed = vec![0x5c; 1_200];
                        sealed[0] = 0x40 | u8::try_from(self.chance.below(64)).expect("six bits");
                        self.datagram(server, client, &sealed);
                        self.datagram(client, server, &sealed[..40]);
                    }
                }
            }
        }
        self.identity();
        self.frames
    }

    /// What tells who holds an address.
    fn identity(&mut self) {
        let (client, kdc) = (self.client(), self.end([10, 77, 0, 10], 88));
        let pupil = Principal { name: "a.pupil", realm: "ELMROW.EXAMPLE" };
        self.datagram(client, kdc, &as_req(pupil));
        self.datagram(kdc, client, &tgs_rep(pupil, &["cifs", "files"]));
        let accounting = Accounting {
            status: Status::Start,
            user: Some("a.pupil"),
            session: Some("77"),
            calling_station: Some("00-16-3E-00-01-17"),
            framed_ip: Some(Ipv4Addr::new(10, 77, 1, 23)),
            nas: "ap1",
            happened: 1_795_000_000,
        };
        let (nas, server) = (self.client(), self.end([10, 77, 0, 10], 1813));
        self.datagram(nas, server, &accounting.request(7));
        self.datagram(server, nas, &accounting_response(7));
        let lease = Lease {
            mac: PUPIL,
            address: Ipv4Addr::new(10, 77, 1, 23),
            server: Ipv4Addr::new(10, 77, 0, 10),
            seconds: 3_600,
            host: Some("laptop-7"),
        };
        let (server, client) = (self.end([10, 77, 0, 1], 67), self.end([10, 77, 1, 23], 68));
        self.datagram(server, client, &lease.acknowledged());
        let announced = arp(PUPIL, Ipv4Addr::new(10, 77, 1, 23), &self.vlans);
        self.frames.push((self.at, announced));
    }
}
