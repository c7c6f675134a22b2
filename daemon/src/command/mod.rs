//! One file a command: what each does with what it was given.

mod check;
mod demo;
mod load;
mod observe;
mod replay;
mod report;
mod rules;
mod run;
mod status;
mod who;

use std::io::Write;

use crate::cli::Command;
use crate::process::{Exit, Failure};
use crate::terminal::legible;

/// Does what the command line asks.
///
/// # Errors
/// The exit code and one sentence for each fault.
pub fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Run(args) => run::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Observe(args) => observe::run(&args),
        Command::Who(args) => who::run(&args),
        Command::Rules { ask } => rules::run(&ask),
        Command::Check(args) => check::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Status(args) => status::run(&args),
    }
}

/// Prints one line, made legible. A reader that went away ends the command without a fault.
fn say(line: impl std::fmt::Display) -> Result<(), Failure> {
    print(legible(&line.to_string()))
}

/// Prints a page of our own making as it is, line breaks included.
fn print(page: impl std::fmt::Display) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let said = writeln!(out, "{page}").and_then(|()| out.flush());
    said.map_err(|error| {
        let broken = error.kind() == std::io::ErrorKind::BrokenPipe;
        let exit = if broken { Exit::Fine } else { Exit::Io };
        let sentence = format!("the output can not be written: {error}");
        Failure { exit, sentences: if broken { Vec::new() } else { vec![sentence] } }
    })
}

/// A reader that went away (`wardline … | head`) is no fault.
fn closed_pipe(error: std::io::Error) -> Result<(), Failure> {
    if error.kind() == std::io::ErrorKind::BrokenPipe {
        return Ok(());
    }
    Err(Failure::new(Exit::Io, format!("the output can not be written: {error}")))
}
