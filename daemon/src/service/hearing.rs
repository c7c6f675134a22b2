//! The capture thread: batches from the interface through the pass, figures once a second.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::Sender;
use facts::{Span, Timestamp};

use crate::capture::{
    Card, CardCounts, Choice, KernelCounts, Live, Measured, Meter, Order, Standing, Vlans,
};
use crate::clock::Stopwatch;
use crate::watch::{Coverage, Pass, Queues};

/// How long a silent wire may keep the thread before it looks whether to stop.
const PATIENCE: Duration = Duration::from_millis(100);
/// A VLAN is heard as long as the newest packet of it is not older: many pulses, of which
/// some may find no room.
const LATELY: Span = Span::minutes(1);
/// A long batch is what came in a hurry: so many of it are looked at before the filter is
/// chosen, for a look costs a quarter of what reading does.
const MOST_LOOKS: u32 = 128;
/// How often figures are handed on.
const PULSE: Duration = Duration::from_secs(1);

/// Figures of the capture since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulse {
    /// What was read.
    pub coverage: Coverage,
    /// What the kernel counted.
    pub kernel: KernelCounts,
    /// What the interface itself counted, where the system tells.
    pub card: CardCounts,
    /// Whether the cable leads anywhere, where the system tells.
    pub has_carrier: Option<bool>,
    /// What is missing from what the mirror port gives.
    pub measured: Measured,
    /// How the kernel's filter stands; nothing is known of it before the first figures.
    pub filter: Option<Standing>,
    /// The VLANs that a packet came of in the minute before the newest.
    pub vlans: Vlans,
    /// The time of the newest packet.
    pub last_packet: Option<Timestamp>,
}

impl Pulse {
    /// Packets that were lost before they could be read: for want of room in the kernel's
    /// ring, or at the interface itself.
    pub(super) const fn lost(&self) -> u64 {
        self.kernel.dropped.saturating_add(self.card.missed)
    }
}

/// What the capture thread hears with.
pub struct Ears {
    /// The interface.
    pub live: Live,
    /// What the system counts at it.
    pub card: Card,
    /// Whether the kernel's filter is set.
    pub choice: Choice,
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
        ears: Ears,
        pass: Pass,
        queues: Queues,
        pulses: Sender<Pulse>,
        stop: Arc<AtomicBool>,
    ) -> Self {
        let hear = move || {
            let heard = hear(ears, pass, queues, &pulses, &stop);
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
    mut ears: Ears,
    mut pass: Pass,
    mut queues: Queues,
    pulses: &Sender<Pulse>,
    stop: &AtomicBool,
) -> Result<(), String> {
    let mut pulse = Pulse::default();
    let mut meter = Meter::new(ears.choice.filter().ports().clone());
    let before = ears.card.counts().unwrap_or_default();
    let (mut since_pulse, mut since_choice) = (Stopwatch::start(), Stopwatch::start());
    if ears.choice.standing() == Standing::On {
        ears.obey(Order::Set);
    }
    while !stop.load(Ordering::Relaxed) {
        let Ears { live, choice, .. } = &mut ears;
        let mut looks = 0..MOST_LOOKS;
        let batch = live.next_batch(PATIENCE, |packet| {
            pulse.last_packet = Some(packet.at);
            meter.take(packet);
            if looks.next().is_some() {
                choice.look(packet.bytes);
            }
            pass.feed(packet, &mut queues);
        });
        if let Err(error) = batch {
            return Err(format!("the interface can not be read any more: {error}"));
        }
        if since_pulse.elapsed() >= PULSE {
            since_pulse = Stopwatch::start();
            if let Some(order) = ears.choice.decide(since_choice.elapsed()) {
                since_choice = Stopwatch::start();
                ears.obey(order);
            }
            ears.count(&mut pulse, before, &meter);
            pulse.coverage = pass.coverage();
            hand_on(&mut pass, &queues, pulse, pulses);
        }
    }
    ears.count(&mut pulse, before, &meter);
    pulse.coverage = pass.coverage();
    hand_on(&mut pass, &queues, pulse, pulses);
    Ok(())
}

impl Ears {
    /// Sets or clears the kernel's filter. Where that fails, every packet is read.
    fn obey(&mut self, order: Order) {
        let done = match order {
            Order::Set => self.live.set_filter(self.choice.filter()),
            Order::Clear => self.live.clear_filter(),
        };
        if done.is_err() {
            self.choice.refused();
        }
    }

    fn count(&mut self, pulse: &mut Pulse, before: CardCounts, meter: &Meter) {
        pulse.kernel = self.live.kernel_counts().unwrap_or(pulse.kernel);
        if let Some(now) = self.card.counts() {
            pulse.card = CardCounts {
                received: now.received.saturating_sub(before.received),
                missed: now.missed.saturating_sub(before.missed),
            };
        }
        pulse.has_carrier = self.card.has_carrier();
        pulse.measured = meter.measured();
        pulse.filter = Some(self.choice.standing());
        if let Some(newest) = pulse.last_packet {
            pulse.vlans = meter.vlans_since(newest - LATELY);
        }
    }
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
