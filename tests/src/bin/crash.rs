//! Kills a live daemon many times and says what was lost: `crash KILLS [SEED]`, as root.

use std::process::ExitCode;

use wardline_tests::crash::{Plan, carry_out};

fn main() -> ExitCode {
    let numbers: Result<Vec<u64>, _> = std::env::args().skip(1).map(|one| one.parse()).collect();
    let plan = match numbers.as_deref() {
        Ok([kills]) => Plan { kills: u32::try_from(*kills).unwrap_or(u32::MAX), seed: 1 },
        Ok([kills, seed]) => Plan { kills: u32::try_from(*kills).unwrap_or(u32::MAX), seed: *seed },
        _ => {
            eprintln!("Say how often to kill, and if you like the seed: crash 1000 7");
            return ExitCode::from(64);
        }
    };
    match carry_out(plan) {
        Ok(report) => {
            println!("seed {}: {report}", plan.seed);
            report.lost.iter().for_each(|loss| eprintln!("{loss}"));
            ExitCode::from(u8::from(!report.lost.is_empty()))
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(69)
        }
    }
}
