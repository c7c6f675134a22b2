//! What goes to the journal: life cycle and human acts; never a person, never a name seen.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

/// Starts logging to standard error. `filter` is a level or a tracing directive.
///
/// Logging that is set up already stays as it is.
pub fn start(filter: &str, as_json: bool) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let started =
        if as_json { builder.json().try_init() } else { builder.without_time().try_init() };
    drop(started);
}
