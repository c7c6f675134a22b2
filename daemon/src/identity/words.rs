//! Evidence in plain sentences, for and against. They hold no account.

use facts::{Bearing, Ground, Span};

/// A sentence that supports the answer.
pub(super) fn supports(sentence: impl Into<String>) -> Ground {
    Ground { bearing: Bearing::For, sentence: sentence.into() }
}

/// A sentence that weakens the answer.
pub(super) fn weakens(sentence: impl Into<String>) -> Ground {
    Ground { bearing: Bearing::Against, sentence: sentence.into() }
}

/// A sentence that the answer takes for granted.
pub(super) fn assumes(sentence: impl Into<String>) -> Ground {
    Ground { bearing: Bearing::Assumed, sentence: sentence.into() }
}

/// A length of time as people say it: `4 min`, `121 ms`.
pub(super) fn span(span: Span) -> String {
    let micros = span.as_micros().max(0);
    let seconds = micros / 1_000_000;
    match seconds {
        0 => format!("{} ms", micros / 1_000),
        1..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_said_in_the_unit_that_people_would_use() {
        for (micros, words) in [
            (121_900, "121 ms"),
            (59_000_000, "59 s"),
            (240_000_000, "4 min"),
            (7_260_000_000, "2 h 1 min"),
            (-5, "0 ms"),
        ] {
            assert_eq!(span(Span::micros(micros)), words);
        }
    }
}
