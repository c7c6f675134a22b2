//! The whole pass over a school hour and over a storm: without rules, with the shipped ones, and
//! with five million names and two thousand words beside them.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use facts::{Claim, Match, Progress};
use rules::{Live, RuleSet};
use wardline::watch::{Lane, Outlet, Pass, PassSettings};
use wardline_benches::{Frame, Mix, rules_with_list, traffic, unlisted};

const FRAMES: usize = 60_000;
const LISTED: u64 = 5_000_000;
const WORDS: usize = 2_000;

#[derive(Default)]
struct Counter(u64);

impl Outlet for Counter {
    fn claim(&mut self, _: Claim) {}

    fn matched(&mut self, _: Match, _: Lane) {
        self.0 += 1;
    }

    fn progress(&mut self, _: Progress) {}
}

fn fresh(rules: &Arc<Live>) -> Pass {
    Pass::new(PassSettings::anywhere([7; 32]), [7; 16], Arc::clone(rules))
}

fn read(mut pass: Pass, frames: &[Frame]) -> (Pass, u64) {
    let mut counter = Counter::default();
    for frame in frames {
        pass.feed(&frame.packet(), &mut counter);
    }
    (pass, counter.0)
}

fn whole_pass(criterion: &mut Criterion) {
    let names = unlisted(1, 5_000);
    let none = RuleSet::compile(&[]).unwrap_or_else(|faults| panic!("{faults:?}")).set;
    let shipped = RuleSet::builtin().expect("the shipped packs").set;
    let all = [
        ("no rules", none),
        ("shipped rules", shipped),
        ("5,000,000 names and 2,000 words", rules_with_list(LISTED, WORDS)),
    ]
    .map(|(what, rules)| (what, Arc::new(Live::new(rules))));
    for (which, mix) in [("school hour", Mix::Whole), ("storm", Mix::Storm)] {
        let frames = traffic(1, mix, &names, FRAMES);
        let mut group = criterion.benchmark_group(format!("whole_pass, {which}"));
        group.throughput(Throughput::Elements(u64::try_from(frames.len()).unwrap_or_default()));
        for (what, rules) in &all {
            group.bench_function(*what, |bencher| {
                bencher.iter_batched(
                    || fresh(rules),
                    |pass| black_box(read(pass, &frames)),
                    BatchSize::PerIteration,
                );
            });
        }
        group.finish();
    }
}

criterion_group!(benches, whole_pass);
criterion_main!(benches);
