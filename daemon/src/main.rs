//! The `wardline` binary: read the command line, do it, say how it went.

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use wardline::cli::Cli;
use wardline::process::{Exit, Failure};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return told(&error),
    };
    wardline::logging::start(&cli.log, cli.log_json);
    match wardline::command::run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { exit, sentences }) => {
            for sentence in sentences {
                eprintln!("wardline: {sentence}");
            }
            ExitCode::from(exit as u8)
        }
    }
}

/// Help and version go to standard output and are no fault; anything else is a wrong
/// command line, 64 of sysexits.
fn told(error: &clap::Error) -> ExitCode {
    let asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    // Nothing can be done where even this can not be printed.
    drop(error.print());
    if asked_for { ExitCode::SUCCESS } else { ExitCode::from(Exit::Usage as u8) }
}
