//! Judges hostile names by the shipped rules and tells the slowest: `slow [COUNT [SEED]]`.
//!
//! It ends with 1 where a name takes more steps than any may.

use std::process::ExitCode;

use rules::RuleSet;
use wardline_benches::{MOST_STEPS, slowest};

/// Fewer might miss the rare one.
const USUAL_COUNT: u64 = 1_000_000;

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let (count, seed) = match (numbers.next(), numbers.next(), numbers.next()) {
        (None, None, None) => (USUAL_COUNT, 1),
        (Some(Ok(count)), None, None) => (count, 1),
        (Some(Ok(count)), Some(Ok(seed)), None) => (count, seed),
        _ => {
            eprintln!("slow: say how many names, and a seed: slow 1000000 1");
            return ExitCode::from(64);
        }
    };
    let Ok(rules) = RuleSet::builtin() else {
        eprintln!("slow: the shipped rules do not compile");
        return ExitCode::from(70);
    };
    let worst = slowest(&rules.set, seed, count);
    println!(
        "{} names, {} steps each on average, at most {} (allowed {MOST_STEPS}): {}",
        worst.names,
        worst.steps / worst.names.max(1),
        worst.most,
        worst.name
    );
    if worst.most > MOST_STEPS { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
