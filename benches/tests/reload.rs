//! Rules that are swapped while packets are read: no packet is lost, and each name is judged
//! by exactly one generation of the rules.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use facts::{Category, Claim, Match, Progress};
use rules::{Live, RuleSet, Source};
use wardline::watch::{Lane, Outlet, Pass, PassSettings};
use wardline_benches::{Mix, Traffic};

const NAMES: usize = 64;
/// Read at least so many packets, under at least so many generations.
const PACKETS: u64 = 150_000;
const GENERATIONS: usize = 100;
/// Far more packets than a machine needs for that many swaps.
const MOST_PACKETS: u64 = 20_000_000;

fn name(number: usize) -> String {
    format!("site{number}.elmrow.example")
}

/// Whether a generation makes a match of a name; else it is only counted. Every generation
/// differs from its neighbours on every name.
fn is_match(number: usize, generation: u64) -> bool {
    (number as u64 + generation).is_multiple_of(2)
}

/// The rules of one generation: its own pack, whose name stands in each of its rulings.
fn set(generation: u64) -> RuleSet {
    let quoted = |wanted: bool| -> String {
        let all = (0..NAMES).filter(|number| is_match(*number, generation) == wanted);
        all.map(|number| format!("\"{}\", ", name(number))).collect()
    };
    let text = format!(
        "[pack]\nname = \"g{generation}\"\nowner = \"benches\"\nrationale = \"Measures a swap.\"\n\
         source = \"A number.\"\nlicence = \"Apache-2.0\"\nreviewed = 2026-11-22\n\
         reviewed_by = \"benches\"\n[[service]]\nname = \"told\"\ncategory = \"C14\"\n\
         names = [{}]\n[[service]]\nname = \"counted\"\ncategory = \"C19\"\nnames = [{}]\n",
        quoted(true),
        quoted(false)
    );
    let source = Source { file: format!("g{generation}.toml"), text };
    RuleSet::compile(&[source]).unwrap_or_else(|faults| panic!("{faults:?}")).set
}

/// Looks at each match as it leaves.
#[derive(Default)]
struct Judge {
    matches: u64,
    generations: BTreeSet<u64>,
    wrong: Vec<String>,
}

impl Outlet for Judge {
    fn claim(&mut self, _: Claim) {}

    fn matched(&mut self, matched: Match, _: Lane) {
        self.matches += 1;
        let packs: BTreeSet<&str> =
            matched.rulings.iter().filter_map(|r| r.rule.as_str().split('/').nth(1)).collect();
        let generation = match packs.iter().next().and_then(|pack| pack.strip_prefix('g')) {
            Some(number) if packs.len() == 1 => number.parse::<u64>().ok(),
            _ => None,
        };
        let number = matched.name.as_str().strip_prefix("site").and_then(|rest| {
            rest.split('.').next().and_then(|number| number.parse::<usize>().ok())
        });
        let (Some(generation), Some(number)) = (generation, number) else {
            self.wrong.push(format!("{:?} of {packs:?}", matched.name));
            return;
        };
        self.generations.insert(generation);
        let [ruling] = &matched.rulings[..] else {
            self.wrong.push(format!("{:?}", matched.rulings));
            return;
        };
        if !is_match(number, generation) || ruling.category != Category::C14 {
            self.wrong.push(format!("site{number} by generation {generation}: {ruling:?}"));
        }
    }

    fn progress(&mut self, _: Progress) {}
}

#[test]
fn under_full_load_no_packet_is_lost_and_each_name_is_judged_by_one_generation() {
    let live = Arc::new(Live::new(set(1)));
    let mut pass = Pass::new(PassSettings::anywhere([7; 32]), [7; 16], Arc::clone(&live));
    let mut judge = Judge::default();
    let (done, swaps) = (AtomicBool::new(false), AtomicU64::new(0));
    let names: Vec<String> = (0..NAMES).map(name).collect();
    let mut fed = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let next = live.current().generation() + 1;
                assert_eq!(live.replace(set(next)), next);
                swaps.fetch_add(1, Ordering::Relaxed);
            }
        });
        for frame in Traffic::new(22, Mix::Whole, &names) {
            pass.feed(&frame.packet(), &mut judge);
            fed += 1;
            let is_enough = fed >= PACKETS && judge.generations.len() >= GENERATIONS;
            if is_enough || fed >= MOST_PACKETS {
                break;
            }
        }
        done.store(true, Ordering::Relaxed);
    });

    assert!(judge.generations.len() >= GENERATIONS, "{} swaps", swaps.load(Ordering::Relaxed));
    assert_eq!(judge.wrong, Vec::<String>::new());
    let coverage = pass.coverage();
    assert_eq!((coverage.packets, coverage.panics), (fed, 0));
    let counted: u64 = pass.take_tally().trends.iter().map(|(_, count)| count).sum();
    let asked = coverage.questions + coverage.named + coverage.inferred;
    assert_eq!(coverage.matches + counted, asked, "each name that was asked for, judged once");
    assert!(judge.matches > 0 && judge.matches <= coverage.matches);
}
