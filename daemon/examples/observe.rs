//! `observe FILE…` alone, for measuring what is read.

use std::process::ExitCode;

fn main() -> ExitCode {
    let paths: Vec<_> = std::env::args_os().skip(1).collect();
    match wardline::observe::files(&paths, &|_| false, std::io::stdout().lock()) {
        Ok(counters) => {
            eprintln!("{counters:?}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(65)
        }
    }
}
