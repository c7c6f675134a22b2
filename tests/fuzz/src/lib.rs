//! What every fuzz target does with its input.

use std::cell::RefCell;

use facts::Timestamp;
use hostile::{Carrier, Pace, Parser, Witness, compare};
use wire::{Follow, LinkType, Packet, Settings, Wire, most_bytes_held};

/// The harness of the tests, taken as a file: its own crate needs a database, which would
/// have to be built anew for the fuzzer.
#[path = "../../src/hostile/mod.rs"]
pub mod hostile;

#[path = "../../src/chance.rs"]
mod chance;

pub use chance::Chance;

thread_local! {
    /// One wire for all inputs of a run, so that its tables fill.
    static WITNESS: RefCell<Option<(Witness, Vec<Carrier>)>> = const { RefCell::new(None) };
}

/// Brings one input to a parser.
///
/// # Panics
/// Panics where the wire does what it may never do.
pub fn parse(parser: Parser, file: &[u8]) {
    WITNESS.with_borrow_mut(|witness| {
        let (witness, carriers) =
            witness.get_or_insert_with(|| (Witness::new(Pace::Apart), parser.carriers()));
        let Some((carrier, parts)) = parser.message(carriers, file) else { return };
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        if let Err(breach) = witness.bring(carrier, &parts) {
            panic!("{breach}");
        }
    });
}

/// How many octets of an input say where it is cut.
const CUTS: usize = 8;
/// Ports whose streams are read in their own ways.
const PORTS: [u16; 6] = [443, 80, 53, 88, 25, 3128];

/// Those on which both directions are read.
const ANSWERED: [u16; 2] = [53, 88];

/// Brings one input to a wire twice: as a stream that is cut in two ways, and as frames one
/// after another.
///
/// # Panics
/// Panics where cutting a stream hides something, or the wire does what it may never do.
pub fn feed(file: &[u8]) {
    let [choice, rest @ ..] = file else { return };
    let Some((places, octets)) = rest.split_at_checked(CUTS) else { return };
    let port = PORTS[usize::from(*choice) % PORTS.len()];
    // What a server sends is read where it answers, and else only where a segment begins so.
    let from_server = *choice >= 0x80 && ANSWERED.contains(&port);
    let carrier = Carrier::Tcp { port, from_server };
    let cuts: Vec<usize> =
        places.iter().map(|at| usize::from(*at) * (octets.len() + 1) / 256).collect();
    if let Err(hidden) = compare(carrier, octets, &cuts) {
        panic!("{hidden}");
    }
    frames(octets);
}

/// Frames behind a link type and two octets of length, a second apart.
fn frames(mut octets: &[u8]) {
    let mut wire = Wire::new(Settings::default());
    let mut second = 0;
    while let [link, high, low, rest @ ..] = octets {
        let length = usize::from(u16::from_be_bytes([*high & 7, *low])).min(rest.len());
        let (bytes, after) = rest.split_at(length);
        octets = after;
        let at = Timestamp::from_seconds(second);
        let original_len = u32::try_from(length).unwrap_or(u32::MAX);
        let link = LinkType::from_pcap(u32::from(*link));
        wire.feed(&Packet { at, link, bytes, original_len }, &mut |_| Follow::No);
        assert!(wire.bytes_held() <= most_bytes_held());
        second += 1;
    }
    wire.expire(Timestamp::MAX, &mut |_| Follow::No);
    assert!(wire.bytes_held() <= most_bytes_held());
}
