//! What the kernel's filter turns away costs no name on the ports that it is made for.
//!
//! `WARDLINE_WRITE_RUNS=1` writes what it costs in captures of others to
//! `benches/runs/filter.md`; they are kept beside the project, and where they are not, the
//! test says so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use facts::{Path as Way, Rung, Timestamp};
use wardline::capture::{CaptureFile, Cause, Filter, Ports, Reading};
use wardline_tests::forge::Minute;
use wardline_tests::hostile::Heard;
use wardline_tests::laws::root;
use wire::{Follow, LinkType, Packet, Said, Settings, Watch, Wire};

fn filter() -> Filter {
    let settings = Settings::default();
    let ports = Ports::new(&[53], &settings.tls_ports, &[]);
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

#[test]
fn names_claims_and_rungs_are_the_same_with_and_without_the_filter() {
    let filter = filter();
    let ports = filter.ports().streams.clone();
    let (mut bulk, mut bulk_passed) = (0, 0);
    let (mut kinds, mut rungs) = (BTreeSet::new(), BTreeSet::new());
    for seed in 0..60 {
        let frames = Minute::new(seed, &ports).frames();
        let kept: Vec<_> =
            frames.iter().filter(|(_, bytes)| filter.passes(bytes).is_some()).cloned().collect();
        let (without, with) = (told(packets(&frames)), told(packets(&kept)));
        assert_eq!(with.said, without.said, "seed {seed}");
        assert_eq!(with.rungs, without.rungs, "seed {seed}");
        rungs.extend(without.rungs.values().copied());
        assert!(without.said.len() > 40, "{without:?}");
        kinds
            .extend(without.said.keys().map(|(_, line)| line.split(' ').next().map(str::to_owned)));
        let is_bulk = |frame: &&(Timestamp, Vec<u8>)| {
            frame.1.len() > 1_000 && frame.1[6..12] == Minute::ROUTER.octets()
        };
        bulk += frames.iter().filter(is_bulk).count();
        // What answers a question over TCP is let through whole, and is bulk here alone.
        let is_taken = |frame: &&(Timestamp, Vec<u8>)| {
            is_bulk(frame) && filter.passes(&frame.1) != Some(Cause::BothWays)
        };
        bulk_passed += kept.iter().filter(is_taken).count();
    }
    assert!(kinds.len() >= 8, "{kinds:?}");
    assert_eq!(rungs, BTreeSet::from([Rung::Tried, Rung::Answered, Rung::Loaded, Rung::Stayed]));
    assert!(bulk_passed * 50 < bulk, "{bulk_passed} of {bulk} frames of bulk pass");
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
    let Ok(mut file) = CaptureFile::open(capture, Reading::ByTaker) else { return all };
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
