//! The command line: `run` serves the pages, `passwd` sets a password.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use clap::{Args, Parser, Subcommand};
use facts::{PersonId, Span};

use crate::auth::{Cost, Credentials, hash_password, judge_password};
use crate::config::Written;
use crate::run::{Until, run};
use crate::words::shown_line;

/// Exit codes of sysexits: a wrong argument, wrong data, a fault of the system, a wrong
/// configuration.
const USAGE: u8 = 64;
const DATA: u8 = 65;
const SYSTEM: u8 = 71;
const CONFIG: u8 = 78;

/// A dozen people read a few pages a day: few threads, far below the unit's limit of tasks.
const WORKERS: usize = 2;
const BLOCKING: usize = 16;

#[derive(Parser)]
#[command(name = "wardline-dashboard", version, about = "Shows cases and takes decisions")]
struct Cli {
    #[command(subcommand)]
    command: Wish,
}

#[derive(Subcommand)]
enum Wish {
    /// Serve the pages on a loopback address until a signal
    Run(Flags),
    /// Set a person's password, read from standard input
    Passwd {
        /// The person's word in the list of people
        person: String,
        #[command(flatten)]
        flags: Files,
    },
}

#[derive(Args)]
struct Files {
    /// The configuration (TOML)
    #[arg(long)]
    config: Option<PathBuf>,
    /// The private file of password hashes
    #[arg(long)]
    credentials: Option<String>,
}

#[derive(Args)]
struct Flags {
    #[command(flatten)]
    files: Files,
    /// The daemon's database
    #[arg(long)]
    record: Option<String>,
    /// The dashboard's own database
    #[arg(long)]
    review: Option<String>,
    /// A loopback address with a port; port 0 takes a free one
    #[arg(long)]
    listen: Option<String>,
    /// What the school is called
    #[arg(long)]
    site_name: Option<String>,
    /// The school's time zone
    #[arg(long)]
    time_zone: Option<String>,
    /// Home time, as in 15:15
    #[arg(long)]
    home_time: Option<String>,
    /// The daemon's configuration, for its calendar
    #[arg(long)]
    calendar: Option<String>,
    /// How letters leave: by a server, or as files
    #[arg(long)]
    letters: Option<String>,
    /// Moves the clock by so many microseconds, for a recording that is played
    #[arg(long, allow_negative_numbers = true, default_value_t = 0)]
    clock_offset_micros: i64,
    /// End when standard input does: whoever started it is gone
    #[arg(long)]
    until_input_ends: bool,
}

/// Does what the command line says.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(told) => {
            tell_usage(&told);
            return ExitCode::from(if told.use_stderr() { USAGE } else { 0 });
        }
    };
    let done = match cli.command {
        Wish::Run(flags) => serve(flags),
        Wish::Passwd { person, flags } => set_password(&person, flags),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err((code, sentence)) => {
            for line in sentence.lines() {
                let _ = writeln!(io::stderr(), "wardline-dashboard: {}", shown_line(line));
            }
            ExitCode::from(code)
        }
    }
}

/// Help as it is; a fault as one sentence with the usage on a line of its own.
fn tell_usage(told: &clap::Error) {
    use clap::error::ErrorKind::{
        DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion,
    };
    let help = [DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion];
    if help.contains(&told.kind()) {
        let _ = told.print();
        return;
    }
    let text = told.to_string();
    let joined = |part: &str| part.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut parts = text.split("\n\n").map(joined);
    let first = parts.next().unwrap_or_default();
    let sentence = first.strip_prefix("error: ").unwrap_or(&first);
    let _ = writeln!(io::stderr(), "wardline-dashboard: {}", shown_line(sentence));
    if let Some(usage) = parts.find(|part| part.starts_with("Usage: ")) {
        let _ = writeln!(io::stderr(), "{}", shown_line(&usage));
    }
}

/// An exit code with its sentence.
type Told = (u8, String);

fn serve(flags: Flags) -> Result<(), Told> {
    let mut written = written(&flags.files);
    written.flag("record", flags.record);
    written.flag("review", flags.review);
    written.flag("listen", flags.listen);
    written.flag("site_name", flags.site_name);
    written.flag("time_zone", flags.time_zone);
    written.flag("home_time", flags.home_time);
    written.flag("calendar", flags.calendar);
    written.flag("letters", flags.letters);
    written.clock_offset(Span::micros(flags.clock_offset_micros));
    let settings = written.settings().map_err(|faults| (CONFIG, faults.to_string()))?;
    log_to_stderr();
    let system = |fault: io::Error| (SYSTEM, fault.to_string());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(BLOCKING)
        .enable_all()
        .build()
        .map_err(system)?;
    let until = if flags.until_input_ends { Until::InputEnds } else { Until::Signal };
    runtime.block_on(run(settings, until)).map_err(|fault| (SYSTEM, store::with_causes(&fault)))
}

fn set_password(person: &str, files: Files) -> Result<(), Told> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if person.is_empty() || person.len() > 64 || !person.chars().all(fits) {
        let mend = "write it in letters, digits, dots and dashes, as in m.lead";
        return Err((USAGE, format!("{person:?} is no person's word; {mend}")));
    }
    let path = written(&files).credentials().map_err(|faults| (CONFIG, faults.to_string()))?;
    let password = read_password().map_err(|fault| (SYSTEM, fault.to_string()))?;
    judge_password(&password, person).map_err(|fault| (DATA, fault.to_string()))?;
    let hash = hash_password(&password, Cost::FULL).map_err(|fault| (SYSTEM, fault.to_string()))?;
    let credentials = Credentials::at(path);
    credentials.set(&PersonId::new(person), &hash).map_err(|fault| (SYSTEM, fault.to_string()))?;
    if io::stdin().is_terminal() {
        let _ = writeln!(io::stderr(), "The password of {person} is set; older sessions ended.");
    }
    Ok(())
}

fn written(files: &Files) -> Written {
    let mut written = files.config.as_deref().map_or_else(Written::default, Written::from_file);
    written.flag("credentials", files.credentials.clone());
    written
}

/// One line; asked for twice and not shown where a person types it.
fn read_password() -> io::Result<String> {
    if !io::stdin().is_terminal() {
        return read_line();
    }
    let _hidden = Hidden::begin();
    let first = ask("New password (at least 12 characters): ")?;
    let second = ask("The same again: ")?;
    if first == second {
        return Ok(first);
    }
    Err(io::Error::other("the two passwords differ; nothing was changed"))
}

fn ask(question: &str) -> io::Result<String> {
    let mut err = io::stderr();
    write!(err, "{question}")?;
    err.flush()?;
    let line = read_line()?;
    writeln!(err)?;
    Ok(line)
}

fn read_line() -> io::Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// Typed characters are not shown while this lives. The terminal is set by `stty`, as the
/// system's own call would need unsafe code.
struct Hidden;

impl Hidden {
    fn begin() -> Self {
        stty("-echo");
        Self
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        stty("echo");
    }
}

fn stty(mode: &str) {
    let _ = Command::new("stty").arg(mode).status();
}

fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,wardline_dashboard=info"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(io::stderr).init();
}
