//! One run of bent messages against one parser, with what came of it.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use super::{Carrier, Mutator, Pace, Parser, Sample, Witness};

/// What is to be run.
#[derive(Clone, Copy, Debug)]
pub struct Campaign {
    /// Against which parser.
    pub parser: Parser,
    /// How many messages.
    pub count: u64,
    /// The seed that decides how they are bent.
    pub seed: u64,
}

/// What came of a run without a breach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many messages were fed.
    pub fed: u64,
    /// Of how many something was said.
    pub spoke: u64,
    /// How many things were said in all.
    pub said: u64,
    /// The most octets that the wire held after any of them.
    pub most_held: usize,
}

/// A message that did what none may, so that it can be fed again.
#[derive(Clone, Debug)]
pub struct Failure {
    /// How many were fed before it.
    pub after: u64,
    /// What it did.
    pub what: String,
    /// How its parts were carried; none where it never ended.
    pub carried: Option<(Carrier, Vec<Vec<u8>>)>,
}

/// So many messages follow one another at one pace.
const TURN: u64 = 65_536;
/// How often the run tells that it is alive.
const BEAT: u64 = 4_096;
/// A run that tells nothing for so long hangs: it feeds at least 1,000 messages a second.
const SILENCE: Duration = Duration::from_secs(120);

impl Campaign {
    /// Feeds the messages; frames of captures are bent beside the parser's samples.
    ///
    /// # Errors
    /// Gives the first message that made the wire panic, hold too much, say too much or
    /// invent a name, or tells that one never ended.
    pub fn run(self, frames: &[Sample]) -> Result<Report, Box<Failure>> {
        let mutator = Mutator::new(self.parser, self.seed).with(frames.iter().cloned());
        let (beat, beats) = channel();
        let count = self.count;
        let worker = thread::spawn(move || feed(mutator, count, |fed| _ = beat.send(fed)));
        if let Some(after) = hangs(&beats) {
            let what = "did not end in two minutes".to_owned();
            return Err(Box::new(Failure { after, what, carried: None }));
        }
        worker.join().unwrap_or_else(|_| {
            let what = "the run itself failed".to_owned();
            Err(Box::new(Failure { after: 0, what, carried: None }))
        })
    }
}

/// Waits until the run is over; gives back how far it came where it stands still.
fn hangs(beats: &Receiver<u64>) -> Option<u64> {
    let mut fed = 0;
    loop {
        match beats.recv_timeout(SILENCE) {
            Ok(beat) => fed = beat,
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => return Some(fed),
        }
    }
}

fn feed(mut mutator: Mutator, count: u64, beat: impl Fn(u64)) -> Result<Report, Box<Failure>> {
    let mut report = Report::default();
    let mut witnesses = [Witness::new(Pace::Apart), Witness::new(Pace::Crowded)];
    while report.fed < count {
        if report.fed.is_multiple_of(BEAT) {
            beat(report.fed);
        }
        let crowded = usize::from(!(report.fed / TURN).is_multiple_of(2));
        let witness = &mut witnesses[crowded];
        let (carrier, parts) = mutator.another();
        let lent: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let brought = catch_unwind(AssertUnwindSafe(|| {
            witness.bring(carrier, &lent).map(|heard| heard.len())
        }));
        let what = match brought {
            Ok(Ok(said)) => {
                report.spoke += u64::from(said > 0);
                report.said += u64::try_from(said).unwrap_or(u64::MAX);
                report.most_held = report.most_held.max(witness.bytes_held());
                report.fed += 1;
                continue;
            }
            Ok(Err(breach)) => breach.to_string(),
            Err(_) => "panicked".to_owned(),
        };
        let carried = Some((carrier, parts.to_vec()));
        return Err(Box::new(Failure { after: report.fed, what, carried }));
    }
    Ok(report)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fed, spoke, said, most_held } = self;
        write!(
            f,
            "{fed} fed, 0 panicked, 0 over a cap; {spoke} spoke, {said} things said, at most {most_held} octets held"
        )
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after {}: {}", self.after, self.what)?;
        let Some((carrier, parts)) = &self.carried else { return Ok(()) };
        write!(f, "; {carrier:?}")?;
        for part in parts {
            f.write_str(" ")?;
            for octet in part {
                write!(f, "{octet:02x}")?;
            }
        }
        Ok(())
    }
}
