//! Kills a live daemon many times and says what was lost: `crash KILLS [SEED]`, as root.

use std::process::ExitCode;

use wardline_tests::crash::{Plan, carry_out};

fn main() -> ExitCode {
    let numbers: Result<Vec<u64>, _> = std::env::args().skip(1).map(|one| one.parse()).collect();
    let (kills, seed) = match numbers.as_deref() {
        Ok([kills]) => (*kills, 1),
        Ok([kills, seed]) => (*kills, *seed),
        _ => {
            eprintln!("Say how often to kill, and if you like the seed: crash 1000 7");
            return ExitCode::from(64);
        }
    };
    let kills = u32::try_from(kills).unwrap_or(u32::MAX);
    match carry_out(Plan { lab: "kills", kills, seed }) {
        Ok(report) => {
            println!("seed {seed}: {report}");
            report.lost.iter().for_each(|loss| eprintln!("{loss}"));
            ExitCode::from(u8::from(!report.lost.is_empty()))
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(69)
        }
    }
}
