//! What goes to the journal: life cycle and human acts; never a person, never a name seen.

use std::io::{self, IsTerminal};
use std::str::FromStr;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

/// What goes to the journal when nothing else is asked for: our own life cycle. The library
/// that brings a database's schema up to date tells its every step, which nobody needs.
pub const USUAL_FILTER: &str = "info,refinery=warn,refinery_core=warn";

/// The levels, the quietest first. None is "nothing": a daemon that says nothing at all
/// would be deaf without anybody knowing.
const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

/// What goes to the journal: a level, or levels of parts of the program.
#[derive(Clone, Debug)]
pub struct LogFilter(String);

impl FromStr for LogFilter {
    type Err = String;

    /// Takes `LEVEL` or `PART=LEVEL`, several with commas between.
    fn from_str(text: &str) -> Result<Self, String> {
        let is_part = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "_:".contains(c))
        };
        let is_right = |directive: &str| match directive.split_once('=') {
            None => LEVELS.contains(&directive),
            Some((part, level)) => is_part(part) && LEVELS.contains(&level),
        };
        if text.split(',').all(is_right) {
            return Ok(Self(text.to_owned()));
        }
        Err(format!(
            "write one of {}, or one for a part of the program as in wardline::desk=debug",
            LEVELS.join(", ")
        ))
    }
}

/// Starts logging to standard error. Colours are for a terminal only: a journal would show
/// their codes.
///
/// Logging that is set up already stays as it is.
pub fn start(filter: &LogFilter, as_json: bool) {
    let builder = fmt()
        .with_env_filter(EnvFilter::new(&filter.0))
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false);
    let started =
        if as_json { builder.json().try_init() } else { builder.without_time().try_init() };
    drop(started);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_taken_and_nonsense_is_refused() {
        for right in ["error", "trace", USUAL_FILTER, "warn,wardline::desk=debug", "store=info"] {
            assert!(right.parse::<LogFilter>().is_ok(), "{right}");
            assert!(EnvFilter::try_new(right).is_ok(), "{right}");
        }
        for wrong in
            ["", "nonsense", "off", "INFORM", "info,", "=debug", "desk=", "desk=loud", "[x]=info"]
        {
            assert!(wrong.parse::<LogFilter>().is_err(), "{wrong}");
        }
    }
}
