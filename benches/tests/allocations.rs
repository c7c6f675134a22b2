//! Allocations on the way of a packet: none for one that says nothing.

use std::alloc::System;
use std::sync::Mutex;

use facts::{Claim, Match, Progress};
use rules::{Live, RuleSet};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use wardline::watch::{Lane, Outlet, Pass, PassSettings};
use wardline_benches::{Frame, Mix, Traffic, unlisted};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The counts are of the whole process: one test counts at a time.
static ALONE: Mutex<()> = Mutex::new(());

struct Deaf;

impl Outlet for Deaf {
    fn claim(&mut self, _: Claim) {}
    fn matched(&mut self, _: Match, _: Lane) {}
    fn progress(&mut self, _: Progress) {}
}

fn pass() -> Pass {
    let rules = RuleSet::builtin().expect("the shipped packs").set;
    Pass::new(PassSettings::anywhere([7; 32]), [7; 16], Live::new(rules).into())
}

/// For each frame, how often memory was asked for while it was read.
fn counted(pass: &mut Pass, frames: &[Frame]) -> Vec<usize> {
    let mut counts = Vec::with_capacity(frames.len());
    for frame in frames {
        let region = Region::new(COUNTED);
        pass.feed(&frame.packet(), &mut Deaf);
        let change = region.change();
        counts.push(change.allocations + change.reallocations);
    }
    counts
}

/// Where the ports of a frame say that it is bulk or opens nothing: from a server's port 443,
/// or towards it without a payload.
fn says_nothing(frame: &Frame) -> bool {
    let ethertype = &frame.bytes[12..14];
    let (protocol, transport) = match ethertype {
        [8, 0] => (frame.bytes[23], &frame.bytes[34..]),
        _ => (frame.bytes[20], &frame.bytes[54..]),
    };
    let is_from_server = transport[..2] == 443_u16.to_be_bytes();
    let is_to_server = transport[2..4] == 443_u16.to_be_bytes();
    match protocol {
        // TCP: what a server says, and bare acknowledgements.
        6 => is_from_server || (is_to_server && transport.len() == 20 && transport[13] == 0x10),
        // QUIC with a short header.
        17 => (is_from_server || is_to_server) && transport[8] & 0x80 == 0,
        _ => false,
    }
}

#[test]
fn a_packet_that_says_nothing_allocates_nothing() {
    let _alone = ALONE.lock().expect("no test panicked");
    let names = unlisted(1, 500);
    let frames: Vec<_> = Traffic::new(5, Mix::Whole, &names).visits(150).collect();
    let mut pass = pass();
    let counts = counted(&mut pass, &frames);
    let silent = frames.iter().zip(&counts).filter(|(frame, _)| says_nothing(frame));
    let (mut packets, mut allocations) = (0, 0);
    for (_, count) in silent {
        packets += 1;
        allocations += count;
    }
    assert!(packets * 100 > frames.len() * 95, "{packets} of {} say nothing", frames.len());
    assert_eq!(allocations, 0, "in {packets} packets");
    // The counter counts: hellos in pieces are put together somewhere.
    assert!(counts.iter().sum::<usize>() > 0);
}

#[test]
fn an_upload_allocates_nothing_either() {
    let _alone = ALONE.lock().expect("no test panicked");
    let names = unlisted(1, 500);
    let frames: Vec<_> = Traffic::new(5, Mix::Whole, &names).visits(150).collect();
    let counts = counted(&mut pass(), &frames);
    let all: usize = counts.iter().sum();
    let told = frames.iter().filter(|frame| frame.tells.is_some()).count();
    // Whatever is allocated belongs to names: what waits for its rest, and what is remembered.
    assert!(all <= told * 24, "{all} allocations for {told} names in {} packets", frames.len());
}
