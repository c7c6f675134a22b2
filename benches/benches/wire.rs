//! What reading costs, stage by stage: frames that say nothing, questions, hellos over TCP whole
//! and in disorder, and sealed ones over QUIC.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use wardline_benches::{Frame, Mix, traffic, unlisted};
use wire::{Follow, Settings, Wire};

const FRAMES: usize = 20_000;

/// Feeds every frame and counts what is said. Takes and gives the reader, so that neither
/// making nor dropping its tables is timed.
fn read(mut wire: Wire, frames: &[Frame]) -> (Wire, u64) {
    let mut heard = 0;
    for frame in frames {
        wire.feed(&frame.packet(), &mut |_| {
            heard += 1;
            Follow::No
        });
    }
    (wire, heard)
}

fn fresh() -> Wire {
    Wire::new(Settings::with_key([7; 16]))
}

/// Frames that say nothing: the bulk of a school hour.
fn bulk(frames: Vec<Frame>) -> Vec<Frame> {
    frames.into_iter().filter(|frame| frame.bytes.len() > 1_240 && frame.tells.is_none()).collect()
}

fn wire(criterion: &mut Criterion) {
    let names = unlisted(1, 5_000);
    let mut group = criterion.benchmark_group("wire");
    for (what, frames) in [
        ("frame", bulk(traffic(1, Mix::Whole, &names, FRAMES))),
        ("dns", traffic(1, Mix::Questions, &names, FRAMES)),
        ("hello", traffic(1, Mix::Hellos, &names, FRAMES)),
        ("assembler", traffic(1, Mix::Tiny, &names, FRAMES)),
        ("quic_initial", traffic(1, Mix::Quic, &names, FRAMES)),
    ] {
        let heard = read(fresh(), &frames).1;
        assert!(heard > 0 || what == "frame", "{what}: nothing was read");
        group.throughput(Throughput::Elements(u64::try_from(frames.len()).unwrap_or_default()));
        group.bench_function(what, |bencher| {
            bencher.iter_batched(
                fresh,
                |wire| black_box(read(wire, &frames)),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, wire);
criterion_main!(benches);
