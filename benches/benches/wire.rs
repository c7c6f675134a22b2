//! How many frames a second are read: questions, hellos, and the mix of a school hour.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use rules::{RuleSet, Spoken};
use wardline_benches::{Frame, Mix, traffic, unlisted};
use wire::{Follow, LinkType, Packet, Said, Settings, Wire};

const FRAMES: usize = 20_000;

/// Feeds every frame and counts what `listen` makes of it. Takes and gives the reader, so
/// that neither making nor dropping its tables is timed.
fn read(
    mut wire: Wire,
    frames: &[Frame],
    mut listen: impl FnMut(&Said<'_>) -> bool,
) -> (Wire, u64) {
    let mut heard = 0;
    for frame in frames {
        let packet = Packet {
            at: frame.at,
            link: LinkType::Ethernet,
            bytes: &frame.bytes,
            original_len: u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX),
        };
        wire.feed(&packet, &mut |said| {
            heard += u64::from(listen(&said));
            Follow::No
        });
    }
    (wire, heard)
}

fn fresh() -> Wire {
    Wire::new(Settings::with_key([7; 16]))
}

fn wire(criterion: &mut Criterion) {
    let names = unlisted(1, 5_000);
    let rules = RuleSet::builtin().expect("the shipped packs compile").set;
    let mut group = criterion.benchmark_group("wire");
    for (what, mix) in
        [("questions", Mix::Questions), ("hellos", Mix::Hellos), ("school hour", Mix::Whole)]
    {
        let frames = traffic(1, mix, &names, FRAMES);
        assert!(read(fresh(), &frames, |_| true).1 > 0, "{what}: nothing was read");
        group.throughput(Throughput::Elements(u64::try_from(frames.len()).unwrap_or_default()));
        group.bench_function(what, |bencher| {
            bencher.iter_batched(
                fresh,
                |wire| black_box(read(wire, &frames, |_| true)),
                BatchSize::PerIteration,
            );
        });
    }
    let frames = traffic(1, Mix::Whole, &names, FRAMES);
    group.throughput(Throughput::Elements(u64::try_from(frames.len()).unwrap_or_default()));
    group.bench_function("school hour, judged", |bencher| {
        let judge = |said: &Said<'_>| match said {
            Said::Observation(seen) => {
                seen.name().is_some_and(|name| !matches!(rules.speak(name), Spoken::Nothing))
            }
            Said::Claim(_) | Said::Attempt(_) | Said::Progress { .. } => false,
        };
        bencher.iter_batched(
            fresh,
            |wire| black_box(read(wire, &frames, judge)),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, wire);
criterion_main!(benches);
