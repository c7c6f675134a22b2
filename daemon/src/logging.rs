//! What goes to the journal: life cycle and human acts; never a person, never a name seen.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

/// What goes to the journal when nothing else is asked for: our own life cycle. The library
/// that brings a database's schema up to date tells its every step, which nobody needs.
pub const USUAL_FILTER: &str = "info,refinery=warn,refinery_core=warn";

/// Starts logging to standard error. `filter` is a level or a tracing directive. Colours
/// are for a terminal only: a journal would show their codes.
///
/// Logging that is set up already stays as it is.
pub fn start(filter: &str, as_json: bool) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new(USUAL_FILTER));
    let builder = fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false);
    let started =
        if as_json { builder.json().try_init() } else { builder.without_time().try_init() };
    drop(started);
}
