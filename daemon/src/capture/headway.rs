//! How far captures are read, for a person who waits at a terminal.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use crate::clock::Stopwatch;

/// A person looks at a line about so often.
const BETWEEN: Duration = Duration::from_millis(200);
/// The clock is looked at once in so many octets.
const LOOK: u64 = 16 << 20;

/// A line on standard error that says how far it is, how fast, and how long it will take.
pub(super) struct Headway {
    stopwatch: Stopwatch,
    total: u64,
    read: u64,
    next_look: u64,
    next_line: Duration,
}

impl Headway {
    /// Begins where somebody sees it: standard error is a terminal, and the lines of the output
    /// go elsewhere.
    pub(super) fn begin(total: u64) -> Option<Self> {
        let is_seen = io::stderr().is_terminal() && !io::stdout().is_terminal();
        let stopwatch = Stopwatch::start();
        is_seen.then_some(Self { stopwatch, total, read: 0, next_look: LOOK, next_line: BETWEEN })
    }

    /// Takes note that so many octets more were read.
    pub(super) fn advance(&mut self, octets: u64) {
        self.read = self.read.saturating_add(octets);
        if self.read < self.next_look {
            return;
        }
        self.next_look = self.read.saturating_add(LOOK);
        let elapsed = self.stopwatch.elapsed();
        if elapsed >= self.next_line {
            self.next_line = elapsed + BETWEEN;
            write(&line(self.read, self.total, elapsed));
        }
    }
}

impl Drop for Headway {
    /// Leaves no line behind.
    fn drop(&mut self) {
        if self.next_line > BETWEEN {
            write("");
        }
    }
}

/// Writes over the line that stands there; what a person would only glance at may be lost.
fn write(line: &str) {
    let mut out = io::stderr().lock();
    let _ = write!(out, "\r\u{1b}[K{line}").and_then(|()| out.flush());
}

/// The line after so many octets of all in this time.
fn line(read: u64, total: u64, elapsed: Duration) -> String {
    let read = read.min(total);
    let share = 100.0 * read as f64 / (total as f64).max(1.0);
    let a_second = read as f64 / elapsed.as_secs_f64().max(1e-3);
    let left = ((total - read) as f64 / a_second.max(1.0)).ceil() as u64;
    let mega = |octets: f64| octets / 1e6;
    format!(
        "{share:3.0} % of {:.0} MB, {:.0} MB a second, {}:{:02} left",
        mega(total as f64),
        mega(a_second),
        left / 60,
        left % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_how_fast_and_how_long() {
        let says = line(500_000_000, 2_000_000_000, Duration::from_secs(2));
        assert_eq!(says, " 25 % of 2000 MB, 250 MB a second, 0:06 left");
        let says = line(1_000_000, 3_000_000_000, Duration::from_secs(1));
        assert_eq!(says, "  0 % of 3000 MB, 1 MB a second, 49:59 left");
    }

    #[test]
    fn a_file_that_grew_or_is_empty_is_no_trouble() {
        let says = line(9, 5, Duration::from_secs(1));
        assert_eq!(says, "100 % of 0 MB, 0 MB a second, 0:00 left");
        assert_eq!(line(0, 0, Duration::ZERO), "  0 % of 0 MB, 0 MB a second, 0:00 left");
    }
}
