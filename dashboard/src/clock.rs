//! The dashboard's only clock; everything else is told the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use facts::{Span, Timestamp};

/// Tells the time to the handlers of requests.
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    System { offset: Span },
    ByHand(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock, moved by `offset`: zero in a school, the age of the recording
    /// where a demonstration plays one.
    #[must_use]
    pub const fn system(offset: Span) -> Self {
        Self(Kind::System { offset })
    }

    /// A clock that stands still until [`Clock::advance`] moves it.
    #[must_use]
    pub fn by_hand(at: Timestamp) -> Self {
        Self(Kind::ByHand(Arc::new(AtomicI64::new(at.as_micros()))))
    }

    /// Moves a clock that is set by hand; the machine's clock stays as it is.
    pub fn advance(&self, span: Span) {
        if let Kind::ByHand(micros) = &self.0 {
            micros.fetch_add(span.as_micros(), Ordering::Relaxed);
        }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Kind::System { offset } => system_now() + *offset,
            Kind::ByHand(micros) => Timestamp::from_micros(micros.load(Ordering::Relaxed)),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the file that may read the clock")]
fn system_now() -> Timestamp {
    Timestamp::from_micros(jiff::Timestamp::now().as_microsecond())
}
