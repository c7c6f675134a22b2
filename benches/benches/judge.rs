//! How many names a second the rules answer: with the shipped packs, and with five million names
//! and two thousand words beside them.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use facts::HostName;
use rules::RuleSet;
use wardline_benches::{listed, rules_with_list, unlisted};

const NAMES: usize = 10_000;
const LISTED: u64 = 5_000_000;
const WORDS: usize = 2_000;

fn judge(criterion: &mut Criterion) {
    let own = |names: Vec<String>| -> Vec<HostName> {
        names.iter().filter_map(|name| HostName::from_text(name)).collect()
    };
    let shipped = RuleSet::builtin().expect("the shipped packs compile").set;
    let long = rules_with_list(LISTED, WORDS);
    let ordinary = own(unlisted(2, NAMES));
    let each = LISTED / NAMES as u64;
    let found = own((0..NAMES as u64).map(|number| listed(number * each)).collect());

    let mut group = criterion.benchmark_group("judge");
    group.throughput(Throughput::Elements(u64::try_from(NAMES).unwrap_or_default()));
    for (what, rules, names) in [
        ("shipped packs, ordinary names", &shipped, &ordinary),
        ("5,000,000 listed, ordinary names", &long, &ordinary),
        ("5,000,000 listed, listed names", &long, &found),
    ] {
        group.bench_function(what, |bencher| {
            bencher.iter(|| {
                names.iter().for_each(|name| {
                    black_box(rules.speak(name.as_name()));
                })
            });
        });
    }
    group.finish();
}

criterion_group!(benches, judge);
criterion_main!(benches);
