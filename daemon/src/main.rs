//! The `wardline` binary: read the command line, do it, say how it went.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use wardline::cli::{self, Cli};
use wardline::process::{Exit, Failure};
use wardline::terminal::legible;

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
                complain(format_args!("wardline: {}", legible(&sentence)));
            }
            ExitCode::from(exit as u8)
        }
    }
}

/// Help and version go to standard output and are no fault; anything else is a wrong
/// command line, 64 of sysexits.
fn told(error: &clap::Error) -> ExitCode {
    match cli::fault(error) {
        Some(fault) => {
            complain(format_args!("wardline: {}", legible(&fault.sentence)));
            complain(format_args!("{}", legible(&fault.usage)));
        }
        // Nothing can be done where even this can not be printed.
        None => drop(error.print()),
    }
    if error.use_stderr() { ExitCode::from(Exit::Usage as u8) } else { ExitCode::SUCCESS }
}

/// One line to whoever reads complaints; where that one went away (`2>&1 | head`) the status
/// still tells.
fn complain(line: std::fmt::Arguments<'_>) {
    drop(writeln!(std::io::stderr(), "{line}"));
}
