//! How many names a second the rules answer: with the shipped packs, with a long list, and
//! one by one from a compiled list of five million.

use std::fs;
use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use facts::HostName;
use rules::{Import, ListFile, ListMap, RuleSet};
use wardline_benches::{list_of, rules_with, unlisted};

const NAMES: usize = 10_000;
const LISTED: usize = 200_000;
/// Names of the compiled list, and how many of them are asked for in turn: far more than
/// any cache keeps what was read for.
const MILLIONS: usize = 5_000_000;
const IN_TURN: usize = 500_000;
const AT_ONCE: usize = 1_000;

fn judge(criterion: &mut Criterion) {
    let shipped = RuleSet::builtin().expect("the shipped packs compile").set;
    let list = list_of(1, LISTED);
    let long = rules_with(&list);
    let ordinary = read(unlisted(2, NAMES));
    let listed = read(list.into_iter().step_by(LISTED / NAMES));

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

fn look_up(criterion: &mut Criterion) {
    // One name of six labels: every shorter part of a deep name has to be asked for.
    let deepest = "six.labels.are.the.most.example".to_owned();
    let names: Vec<String> = list_of(3, MILLIONS).into_iter().chain([deepest]).collect();
    let list = compiled(&names);
    let some = || names.iter().step_by(MILLIONS / IN_TURN);

    let mut group = criterion.benchmark_group("a list of five million");
    group.throughput(Throughput::Elements(u64::try_from(AT_ONCE).unwrap_or_default()));
    for (what, asked) in [
        ("a name that is not there", read(unlisted(4, IN_TURN))),
        ("a name that is there", read(some().cloned())),
        ("three labels below one that is there", read(some().map(|name| format!("a.b.c.{name}")))),
    ] {
        let mut turns = asked.chunks_exact(AT_ONCE).cycle();
        group.bench_function(what, |bencher| {
            bencher.iter_batched(
                || turns.next().unwrap_or_default(),
                |names| {
                    names.iter().for_each(|name| list.find(name.as_name(), |g| _ = black_box(g)))
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn read(names: impl IntoIterator<Item = String>) -> Vec<HostName> {
    names.into_iter().filter_map(|name| HostName::from_text(&name)).collect()
}

/// The list as a school imports it.
fn compiled(names: &[String]) -> ListFile {
    const MAP: &str = "[list]\nname = \"bench\"\nsource = \"A seed.\"\nlicence = \"Apache-2.0\"\n\
                       from = \"names\"\nformat = \"plain\"\n[groups]\nall = \"C14\"\n";
    let folder = tempfile::tempdir().expect("a folder");
    let from = folder.path().join("names");
    fs::write(&from, names.join("\n")).expect("a file");
    let map = ListMap::read("map", MAP).expect("a map");
    let rules = RuleSet::builtin().expect("the shipped packs compile").set;
    Import { map: &map, from: &from, rules: &rules }.read().expect("a list").list
}

criterion_group!(benches, judge, look_up);
criterion_main!(benches);
