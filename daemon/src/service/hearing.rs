//! The capture thread: batches from the interface through the pass, figures once a second.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::Sender;
use facts::Timestamp;

use crate::capture::{KernelCounts, Live};
use crate::clock::Stopwatch;
use crate::watch::{Coverage, Pass, Queues};

/// How long a silent wire may keep the thread before it looks whether to stop.
const PATIENCE: Duration = Duration::from_millis(100);
/// How often figures are handed on.
const PULSE: Duration = Duration::from_secs(1);

/// Figures of the capture since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulse {
    /// What was read.
    pub coverage: Coverage,
    /// What the kernel counted.
    pub kernel: KernelCounts,
    /// The time of the newest packet.
    pub last_packet: Option<Timestamp>,
}

/// The capture thread.
pub struct Hearing {
    thread: JoinHandle<Result<(), String>>,
}

impl Hearing {
    /// Starts to hear. When the interface fails, `stop` is set and the reason waits.
    ///
    /// # Panics
    /// Where the system gives no thread: at the start, when nothing is lost by it.
    #[must_use]
    pub fn start(
        live: Live,
        pass: Pass,
        queues: Queues,
        pulses: Sender<Pulse>,
        stop: Arc<AtomicBool>,
    ) -> Self {
        let hear = move || {
            let heard = hear(live, pass, queues, &pulses, &stop);
            stop.store(true, Ordering::Relaxed);
            heard
        };
        let named = thread::Builder::new().name("capture".to_owned()).spawn(hear);
        Self { thread: named.expect("the system gives threads at the start") }
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// Why the interface could no longer be read.
    pub fn join(self) -> Result<(), String> {
        self.thread.join().unwrap_or_else(|_| Err("the capture thread failed".to_owned()))
    }
}

fn hear(
    mut live: Live,
    mut pass: Pass,
    mut queues: Queues,
    pulses: &Sender<Pulse>,
    stop: &AtomicBool,
) -> Result<(), String> {
    let mut pulse = Pulse::default();
    let mut since_pulse = Stopwatch::start();
    while !stop.load(Ordering::Relaxed) {
        let batch = live.next_batch(PATIENCE, |packet| {
            pulse.last_packet = Some(packet.at);
            pass.feed(packet, &mut queues);
        });
        if let Err(error) = batch {
            return Err(format!("the interface can not be read any more: {error}"));
        }
        if since_pulse.elapsed() >= PULSE {
            since_pulse = Stopwatch::start();
            pulse.coverage = pass.coverage();
            pulse.kernel = live.kernel_counts().unwrap_or(pulse.kernel);
            hand_on(&mut pass, &queues, pulse, pulses);
        }
    }
    pulse.coverage = pass.coverage();
    hand_on(&mut pass, &queues, pulse, pulses);
    Ok(())
}

/// Figures are totals since the start, so one that finds no room is made good by the next.
fn hand_on(pass: &mut Pass, queues: &Queues, pulse: Pulse, pulses: &Sender<Pulse>) {
    let _ = pulses.try_send(pulse);
    let tally = pass.take_tally();
    if !tally.trends.is_empty()
        && let Err(refused) = queues.tally(tally)
    {
        pass.give_back(refused);
    }
}
