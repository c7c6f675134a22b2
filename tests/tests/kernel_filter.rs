//! What the kernel's filter turns away costs no name on the ports that it is made for.
//!
//! `WARDLINE_WRITE_RUNS=1` writes what it costs in captures of others to
//! `benches/runs/filter.md`; they are kept beside the project, and where they are not, the
//! test says so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use facts::{Mac, Path as Way, Rung, Span, Timestamp};
use wardline::capture::{CaptureFile, Cause, Filter, Ports};
use wardline_tests::Chance;
use wardline_tests::forge::{
    Accounting, Answer, End, Flags, Hello, Lease, Link, Principal, RecordType, Status, Talk,
    answer, arp, as_req, bulk, initials, question, server_handshake, tcp, tgs_rep, udp,
};
use wardline_tests::hostile::Heard;
use wardline_tests::laws::root;
use wire::{Follow, LinkType, Packet, Said, Settings, Watch, Wire};

const NOON: Timestamp = Timestamp::from_seconds(1_795_000_000);
const PUPIL: Mac = Mac::from_octets([0, 0x16, 0x3e, 0, 1, 23]);
const ROUTER: Mac = Mac::from_octets([0, 0, 0x5e, 0, 0x53, 1]);

fn filter() -> Filter {
    let settings = Settings::default();
    let ports = Ports::new(&settings.dns_ports, &settings.tls_ports, &[]);
    Filter::new(ports, 16_384).expect("a program")
}

/// What was said of some frames: each with where it was said of, and the highest rung that
/// each connection came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    said: BTreeMap<(Option<Way>, String), u32>,
    rungs: BTreeMap<String, Rung>,
}

fn told<'a>(packets: impl Iterator<Item = Packet<'a>>) -> Told {
    let mut wire = Wire::new(Settings::default());
    let mut told = Told::default();
    let mut watched: Vec<String> = Vec::new();
    let mut hear = |said: Said<'_>| {
        if let Said::Progress { watch, rung, .. } = said {
            let place = usize::try_from(watch.0).expect("a place");
            let highest = told.rungs.entry(watched[place].clone()).or_insert(rung);
            *highest = rung.max(*highest);
            return Follow::No;
        }
        let way = match &said {
            Said::Observation(observation) => Some(observation.path),
            _ => None,
        };
        let Some(heard) = Heard::new(&said) else { return Follow::No };
        let line = format!("{} {:?}", heard.kind, heard.atoms);
        watched.push(format!("{way:?} {line}"));
        *told.said.entry((way, line)).or_default() += 1;
        Follow::Yes(Watch(watched.len() as u64 - 1))
    };
    for packet in packets {
        wire.feed(&packet, &mut hear);
    }
    wire.expire(Timestamp::MAX, &mut hear);
    told
}

fn packets(frames: &[(Timestamp, Vec<u8>)]) -> impl Iterator<Item = Packet<'_>> {
    frames.iter().map(|(at, bytes)| Packet {
        at: *at,
        link: LinkType::Ethernet,
        bytes,
        original_len: u32::try_from(bytes.len()).expect("a short frame"),
    })
}

/// A school's minute in words: every kind of message, on every configured port, in pieces.
struct Minute {
    chance: Chance,
    vlans: Vec<u16>,
    is_v6: bool,
    port: u16,
    at: Timestamp,
    frames: Vec<(Timestamp, Vec<u8>)>,
}

impl Minute {
    fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let vlans = [vec![], vec![20], vec![100, 20]][chance.below(3)].clone();
        let is_v6 = chance.below(3) == 0;
        Self { chance, vlans, is_v6, port: 40_000, at: NOON, frames: Vec::new() }
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
        let (from, to) = if from_client { (PUPIL, ROUTER) } else { (ROUTER, PUPIL) };
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
        let talk = Talk::new((PUPIL, client), (ROUTER, server), None, self.at).open();
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

    fn frames(mut self) -> Vec<(Timestamp, Vec<u8>)> {
        let ports = filter().ports().streams.clone();
        for number in 0..24_u64 {
            let name = format!("www{number}.elmrow.example");
            let resolver = self.end([10, 77, 0, 10], 53);
            let client = self.client();
            let id = u16::try_from(number).expect("few");
            self.datagram(client, resolver, &question(id, &name, RecordType::A));
            let found = Answer::Found { by_way_of: &[], addresses: &[[203, 0, 113, 7].into()] };
            self.datagram(resolver, client, &answer(id, &name, RecordType::A, found));
            let port = *self.chance.one(&ports);
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

#[test]
fn names_claims_and_rungs_are_the_same_with_and_without_the_filter() {
    let filter = filter();
    let (mut all, mut passed) = (0, 0);
    let (mut kinds, mut rungs) = (BTreeSet::new(), BTreeSet::new());
    for seed in 0..60 {
        let frames = Minute::new(seed).frames();
        let kept: Vec<_> =
            frames.iter().filter(|(_, bytes)| filter.passes(bytes).is_some()).cloned().collect();
        let (without, with) = (told(packets(&frames)), told(packets(&kept)));
        assert_eq!(with.said, without.said, "seed {seed}");
        assert_eq!(with.rungs, without.rungs, "seed {seed}");
        rungs.extend(without.rungs.values().copied());
        assert!(without.said.len() > 40, "{without:?}");
        kinds
            .extend(without.said.keys().map(|(_, line)| line.split(' ').next().map(str::to_owned)));
        all += frames.len();
        passed += kept.len();
    }
    println!("{passed} of {all} frames pass");
    assert!(kinds.len() >= 8, "{kinds:?}");
    assert_eq!(rungs, BTreeSet::from([Rung::Tried, Rung::Answered, Rung::Loaded, Rung::Stayed]));
    assert!(passed * 3 < all * 2, "{passed} of {all}");
}

/// A frame of a capture, whatever its link.
type Recorded = (Timestamp, LinkType, Vec<u8>, u32);

/// What one capture of others loses.
#[derive(Default)]
struct Cost {
    packets: u64,
    passed: BTreeMap<Cause, u64>,
    /// By what was lost and the port it was said to.
    lost: BTreeMap<(String, u16), u64>,
}

fn captures() -> Vec<PathBuf> {
    let beside = root().join("../shared/captures/captures");
    let folder = std::env::var_os("WARDLINE_CAPTURES").map_or(beside, PathBuf::from);
    let mut found = Vec::new();
    for source in fs::read_dir(folder).into_iter().flatten().flatten() {
        let files = fs::read_dir(source.path()).into_iter().flatten().flatten();
        found.extend(files.map(|file| file.path()));
    }
    found.sort();
    found
}

fn recorded(capture: &Path) -> Vec<Recorded> {
    let mut all = Vec::new();
    let Ok(mut file) = CaptureFile::open(capture) else { return all };
    while let Ok(true) = file.advance() {
        if let Some(packet) = file.packet() {
            all.push((packet.at, packet.link, packet.bytes.to_vec(), packet.original_len));
        }
    }
    all
}

fn read<'a>(frames: impl Iterator<Item = &'a Recorded>) -> Told {
    told(frames.map(|(at, link, bytes, original_len)| Packet {
        at: *at,
        link: *link,
        bytes,
        original_len: *original_len,
    }))
}

fn cost(filter: &Filter, frames: &[Recorded]) -> Cost {
    let mut cost = Cost { packets: frames.len() as u64, ..Cost::default() };
    let mut kept = Vec::new();
    for frame in frames {
        if let Some(cause) = filter.passes(&frame.2) {
            *cost.passed.entry(cause).or_default() += 1;
            kept.push(frame);
        }
    }
    let (without, with) = (read(frames.iter()), read(kept.into_iter()));
    for ((way, line), count) in without.said {
        let left = count.saturating_sub(*with.said.get(&(way, line.clone())).unwrap_or(&0));
        if left > 0 {
            let kind = line.split(' ').next().unwrap_or_default().to_owned();
            let port = way.map_or(0, |way| way.dport);
            *cost.lost.entry((kind, port)).or_default() += u64::from(left);
        }
    }
    cost
}

#[test]
fn captures_of_others_lose_nothing_on_the_configured_ports_and_the_rest_is_told_by_cause() {
    let captures = captures();
    if captures.is_empty() {
        println!("the captures are not beside the project: nothing was tried");
        return;
    }
    let filter = filter();
    let mut sum = Cost::default();
    let (mut other_links, mut rows) = (0, String::new());
    let mut wrong = Vec::new();
    for capture in &captures {
        let frames = recorded(capture);
        if frames.iter().any(|(_, link, ..)| *link != LinkType::Ethernet) {
            other_links += 1;
            continue;
        }
        let cost = cost(&filter, &frames);
        sum.packets += cost.packets;
        for (cause, count) in &cost.passed {
            *sum.passed.entry(*cause).or_default() += count;
        }
        if cost.lost.is_empty() {
            continue;
        }
        let name = capture.iter().rev().take(2).map(|part| part.to_string_lossy());
        let name: Vec<_> = name.collect();
        let lost = cost.lost.iter().map(|((kind, port), n)| format!("{n} {kind} to {port}"));
        let lost: Vec<_> = lost.collect();
        writeln!(rows, "| {}/{} | {} | {} |", name[1], name[0], cost.packets, lost.join(", "))
            .unwrap();
        for ((kind, port), count) in cost.lost {
            let is_stream = ["tls_hello", "http"].contains(&kind.as_str());
            if is_stream && filter.ports().hold(port) || kind.starts_with("dns_") && port == 53 {
                wrong.push(format!("{}/{}: {count} {kind} to {port}", name[1], name[0]));
            }
            *sum.lost.entry((kind, port)).or_default() += count;
        }
    }
    let report = report(&sum, captures.len(), other_links, &rows);
    println!("{report}");
    if std::env::var_os("WARDLINE_WRITE_RUNS").is_some() {
        fs::write(root().join("benches/runs/filter.md"), &report).expect("the record");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn report(sum: &Cost, captures: usize, other_links: usize, rows: &str) -> String {
    let mut report = String::from("# What the kernel's filter lets through, and what it costs\n\n");
    let passed: u64 = sum.passed.values().sum();
    let share = passed * 100 / sum.packets.max(1);
    writeln!(
        report,
        "`WARDLINE_WRITE_RUNS=1 cargo test -p wardline-tests --test kernel_filter`, over {captures} \
         captures of others, most of them made to hold odd traffic; {other_links} are of other links \
         than Ethernet, where no filter is set. Of {} packets {passed} pass ({share} of 100).\n",
        sum.packets
    )
    .unwrap();
    report.push_str("| why a packet passes | packets |\n|---|---:|\n");
    for (cause, count) in &sum.passed {
        writeln!(report, "| {cause:?} | {count} |").unwrap();
    }
    report.push_str("\n| what is lost | to port | how many |\n|---|---:|---:|\n");
    for ((kind, port), count) in &sum.lost {
        writeln!(report, "| {kind} | {port} | {count} |").unwrap();
    }
    report.push_str("\n| capture | packets | what is lost in it |\n|---|---:|---|\n");
    report + rows
}
