//! How many names a second the rules answer, with the shipped packs and with a long list.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use facts::HostName;
use rules::RuleSet;
use wardline_benches::{list_of, rules_with, unlisted};

const NAMES: usize = 10_000;
const LISTED: usize = 200_000;

fn judge(criterion: &mut Criterion) {
    let own = |names: Vec<String>| -> Vec<HostName> {
        names.iter().filter_map(|name| HostName::from_text(name)).collect()
    };
    let shipped = RuleSet::builtin().expect("the shipped packs compile").set;
    let list = list_of(1, LISTED);
    let long = rules_with(&list);
    let ordinary = own(unlisted(2, NAMES));
    let listed = own(list.into_iter().step_by(LISTED / NAMES).collect());

    let mut group = criterion.benchmark_group("judge");
    group.throughput(Throughput::Elements(u64::try_from(NAMES).unwrap_or_default()));
    for (what, rules, names) in [
        ("shipped packs, ordinary names", &shipped, &ordinary),
        ("200,000 listed, ordinary names", &long, &ordinary),
        ("200,000 listed, listed names", &long, &listed),
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
