//! Floods that try to fill the wire's memory or to hide what is said among them.

use std::fmt;

use facts::{Evidence, Timestamp};
use wire::{Follow, LinkType, Packet, Said, Settings, Wire, most_bytes_held};

use super::carrier::Wrapper;
use super::{Carrier, Parser, Sample, crypto};

/// What is sent again and again, each time from another sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flood {
    /// TCP connections that are opened and never used.
    Syns,
    /// The first segment of a long ClientHello.
    HalfHellos,
    /// The beginning of a DNS message over TCP.
    DnsStarts,
    /// The beginning of an HTTP request without end.
    EndlessHeads,
    /// QUIC Initials that no key opens.
    GarbageInitials,
    /// The first of two QUIC Initials, well sealed.
    HalfInitials,
    /// The first fragment of a datagram.
    Fragments,
    /// Announcements by ARP.
    Arp,
    /// Announcements by neighbour discovery.
    Neighbours,
    /// DHCP requests with a host name, each with another number.
    DhcpRequests,
}

/// A flood, and real messages in two parts between it.
#[derive(Clone, Copy, Debug)]
pub struct Deluge {
    /// What is sent.
    pub flood: Flood,
    /// How often.
    pub packets: u64,
    /// How many packets of the flood come between two parts of a real message.
    pub between: u64,
}

/// What a flood did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Real messages sent.
    pub real: u64,
    /// Of these, how many were heard.
    pub heard: u64,
    /// Octets held after a tenth of the packets.
    pub held_early: usize,
    /// Octets held at the end.
    pub held_late: usize,
    /// The most octets held at any time.
    pub most_held: usize,
}

/// A real message begins every so many packets.
const REAL_EVERY: u64 = 500;
/// The flood comes at 100,000 packets a second.
const MICROS_APART: u64 = 10;
/// Clients of this number and above are real.
const REAL_CLIENTS: u64 = 0x00f0_0000;
const SCHOOL_CLIENTS: u64 = 0x00ff_0000;

impl Flood {
    /// Every flood.
    pub const ALL: [Self; 10] = [
        Self::Syns,
        Self::HalfHellos,
        Self::DnsStarts,
        Self::EndlessHeads,
        Self::GarbageInitials,
        Self::HalfInitials,
        Self::Fragments,
        Self::Arp,
        Self::Neighbours,
        Self::DhcpRequests,
    ];

    /// What one packet of it carries, and the octets that differ from the next one's: where
    /// a number is written.
    fn packet(self) -> (Carrier, Vec<u8>, Option<usize>) {
        let sample = |parser: Parser, number: usize| parser.samples().swap_remove(number);
        let whole = |sample: Sample| sample.bytes().swap_remove(0);
        match self {
            Self::Syns => (Carrier::Tcp { port: 443, from_server: false }, Vec::new(), None),
            Self::HalfHellos => {
                let halves = sample(Parser::Tls, 2);
                (halves.carrier, whole(halves), Some(11))
            }
            Self::DnsStarts => {
                let whole = whole(sample(Parser::DnsTcp, 0));
                (Carrier::Tcp { port: 53, from_server: false }, whole[..20].to_vec(), None)
            }
            Self::EndlessHeads => {
                let head = b"GET / HTTP/1.1\r\nHost: flood.example\r\nX: 0000";
                (Carrier::Tcp { port: 80, from_server: false }, head.to_vec(), None)
            }
            Self::GarbageInitials => {
                let datagram = sample(Parser::QuicDatagram, 0);
                (datagram.carrier, whole(datagram), Some(6))
            }
            Self::HalfInitials => (Carrier::QuicInitial, crypto(900, &[7; 900]), None),
            Self::Fragments => {
                let first = sample(Parser::Fragments, 0);
                // The sender's address.
                (first.carrier, whole(first), Some(14 + 12))
            }
            Self::Arp => {
                let arp = sample(Parser::Neighbours, 0);
                (arp.carrier, whole(arp), Some(14 + 14))
            }
            Self::Neighbours => {
                let advertisement = sample(Parser::Neighbours, 1);
                (advertisement.carrier, whole(advertisement), Some(14 + 40 + 20))
            }
            Self::DhcpRequests => {
                let request = sample(Parser::Dhcp, 1);
                (request.carrier, whole(request), Some(4))
            }
        }
    }
}

impl Deluge {
    /// Sends it all and says what came of it.
    ///
    /// # Errors
    /// Gives the octets held where they are over the cap.
    pub fn pour(self) -> Result<Damage, usize> {
        let mut listener = Listener::new();
        let mut wrapper = Wrapper::new();
        listener.knows_a_school(&mut wrapper);
        let real = real_messages();
        let (carrier, mut octets, number_at) = self.flood.packet();
        let mut waiting: Vec<(u64, Vec<u8>)> = Vec::new();
        let mut damage = Damage { real: 0, heard: 0, held_early: 0, held_late: 0, most_held: 0 };
        for number in 0..self.packets {
            let now = Timestamp::from_micros(i64::try_from(number * MICROS_APART).unwrap_or(0));
            if number % REAL_EVERY == 0 && number + 4 * self.between < self.packets {
                let sample = &real[usize::try_from(damage.real).unwrap_or(0) % real.len()];
                let client = REAL_CLIENTS + damage.real;
                let frames = frames_of(&mut wrapper, sample, client);
                let due = (0..).map(|part| number + part * self.between);
                waiting.extend(due.zip(frames));
                damage.real += 1;
            }
            waiting.retain(|(due, frame)| {
                let later = *due > number;
                if !later {
                    listener.take(now, LinkType::Ethernet, frame);
                }
                later
            });
            if let Some(at) = number_at {
                let number = u32::try_from(number % REAL_CLIENTS).unwrap_or(0) | 0x0b00_0000;
                octets[at..at + 4].copy_from_slice(&number.to_be_bytes());
            }
            let parts = [&octets[..]];
            let parts = if octets.is_empty() { &parts[..0] } else { &parts[..] };
            wrapper.each(carrier, number % REAL_CLIENTS, parts, |link, frame| {
                listener.take(now, link, frame);
            });
            let held = listener.wire.bytes_held();
            if held > most_bytes_held() {
                return Err(held);
            }
            damage.most_held = damage.most_held.max(held);
            if number == self.packets / 10 {
                damage.held_early = held;
            }
            damage.held_late = held;
        }
        damage.heard = listener.heard;
        Ok(damage)
    }
}

/// Real messages: a hello in two segments, one in two Initials, a question, an answer in
/// fragments.
fn real_messages() -> [Sample; 4] {
    let sample = |parser: Parser, number: usize| parser.samples().swap_remove(number);
    [
        sample(Parser::Tls, 2),
        sample(Parser::QuicFrames, 2),
        sample(Parser::Dns, 0),
        sample(Parser::Fragments, 0),
    ]
}

fn frames_of(wrapper: &mut Wrapper, sample: &Sample, client: u64) -> Vec<Vec<u8>> {
    let parts = sample.bytes();
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    let mut frames = Vec::new();
    wrapper.each(sample.carrier, client, &parts, |_, frame| frames.push(frame.to_vec()));
    if matches!(sample.carrier, Carrier::Frame(_)) {
        // Fragments of one datagram share a number that no other has.
        let [.., high, low] = client.to_be_bytes();
        frames.iter_mut().for_each(|frame| frame[18..20].copy_from_slice(&[high, low]));
    }
    frames
}

/// A wire that counts the real messages it hears: none of a flood names this host in whole.
struct Listener {
    wire: Wire,
    heard: u64,
}

const REAL_NAME: &str = "www.elmrow.example";

impl Listener {
    fn new() -> Self {
        Self { wire: Wire::new(Settings::default()), heard: 0 }
    }

    /// Connections of the school itself before the flood, so that every page of the table of
    /// flows is there: what grows after that is the flood's.
    fn knows_a_school(&mut self, wrapper: &mut Wrapper) {
        let opened = Carrier::Tcp { port: 443, from_server: false };
        for client in SCHOOL_CLIENTS..SCHOOL_CLIENTS + 8_192 {
            wrapper.each(opened, client, &[], |link, frame| {
                self.take(Timestamp::EPOCH, link, frame);
            });
        }
    }

    fn take(&mut self, at: Timestamp, link: LinkType, bytes: &[u8]) {
        let original_len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let heard = &mut self.heard;
        self.wire.feed(&Packet { at, link, bytes, original_len }, &mut |said: Said<'_>| {
            if let Said::Observation(observation) = said {
                let conflict = matches!(observation.evidence, Evidence::NameConflict(_));
                let real = observation.name().is_some_and(|name| name.as_str() == REAL_NAME);
                *heard += u64::from(real && !conflict);
            }
            Follow::No
        });
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { real, heard, held_early, held_late, most_held } = self;
        write!(
            f,
            "{heard} of {real} real messages heard; octets held: {held_early} after a tenth, {held_late} at the end, {most_held} at most"
        )
    }
}
