//! The only clock of this process.

use std::time::{Duration, Instant, SystemTime};

use facts::{Span, Timestamp};

/// Tells the time of day; in a demonstration, moved by a fixed span.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    ahead: Span,
}

impl Clock {
    /// The machine's own time.
    #[must_use]
    pub const fn real() -> Self {
        Self { ahead: Span::ZERO }
    }

    /// A clock that stands at `start` now and goes on from there.
    #[must_use]
    pub fn starting_at(start: Timestamp) -> Self {
        Self { ahead: start.since(Self::real().now()) }
    }

    /// How far ahead of the machine's own time this clock is.
    #[must_use]
    pub const fn ahead(self) -> Span {
        self.ahead
    }

    /// The time of day.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads it")]
    pub fn now(self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let micros = since_epoch.map_or(0, |d| i64::try_from(d.as_micros()).unwrap_or(i64::MAX));
        Timestamp::from_micros(micros) + self.ahead
    }
}

/// Measures how long a piece of work takes, whatever happens to the time of day.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads it")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long since the start.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
