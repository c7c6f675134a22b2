//! Figures of the capture: what is written of them, and losses once they grow.

use std::sync::atomic::Ordering;
use std::time::Duration;

use facts::{Claim, Source, Span, Timestamp};
use rules::Calendar;
use store::Health;

use super::beat::{Counts, MirrorFault};
use super::census::KeptVlan;
use super::hearing::Pulse;
use super::mirror::Mirror;
use crate::clock::Stopwatch;
use crate::office::Note;
use crate::watch::Losses;

/// Figures of the capture are written this often.
const WRITE_FIGURES: Duration = Duration::from_secs(10);

/// Figures of the capture, and how much of them was told.
#[derive(Default)]
pub(super) struct Figures {
    newest: Pulse,
    /// Whether a pulse came since the last row: a silent wire is written too, as long as
    /// somebody listens to it.
    is_fresh: bool,
    written: Pulse,
    since_written: Option<Stopwatch>,
    lost: Lost,
    /// When the figures were first asked for.
    began: Option<Timestamp>,
    /// Since when the mirror port is silent, where that was told.
    silent_since: Option<Timestamp>,
    mirror: Mirror,
    /// When children are on site; without it they never are.
    calendar: Option<Calendar>,
}

/// A mirror port that gives no packet for so long is told of as silent: while children are
/// on site (RESILIENCE OP-04), and at night.
const SILENCE: Span = Span::seconds(60);
const SILENCE_AT_NIGHT: Span = Span::minutes(5);

/// Losses as they were last told.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Lost {
    urgent: u64,
    ordinary: u64,
    claims: u64,
    packets: u64,
    panics: u64,
    addresses: u64,
}

impl Figures {
    /// Of a mirror port that should give these VLANs, in a school of this calendar.
    pub(super) fn of(vlans: Vec<u16>, calendar: Option<Calendar>) -> Self {
        Self { mirror: Mirror::of(vlans), calendar, ..Self::default() }
    }

    /// What the mirror port does not give, where that is new.
    pub(super) fn mirror(&mut self, now: Timestamp) -> Vec<Note> {
        let is_school = self.is_school(now);
        self.mirror.look(&self.newest, is_school, now)
    }

    fn is_school(&self, now: Timestamp) -> bool {
        self.calendar.as_ref().is_some_and(|calendar| calendar.children_on_site(now))
    }

    /// How the capture stands, in one line: what came is what was read, what the filter
    /// turned away and what was lost.
    pub(super) fn line(&self) -> String {
        let Counts { came, read, turned_away, .. } = self.counts();
        let lost = self.newest.lost();
        format!(
            "{came} packets came: {read} read, {turned_away} turned away by the kernel filter, {lost} lost"
        )
    }

    /// Knows the VLANs that the run before knew.
    pub(super) fn resume(&mut self, vlans: &[KeptVlan]) {
        self.mirror.resume(vlans);
    }

    /// The VLANs that are known, to be kept for the next start.
    pub(super) fn vlans(&self) -> Vec<KeptVlan> {
        self.mirror.vlans()
    }

    /// The newest figures.
    pub(super) const fn newest(&self) -> &Pulse {
        &self.newest
    }

    /// What is wrong with what the mirror port gives at this moment.
    pub(super) fn faults(&self) -> Vec<MirrorFault> {
        let mut faults = self.mirror.faults();
        if self.silent_since.is_some() {
            let sentence = "No packet comes from the mirror port.".to_owned();
            faults.insert(0, MirrorFault { word: "silent".to_owned(), sentence });
        }
        faults
    }

    /// What was counted since the start, losses as they were last looked at.
    pub(super) fn counts(&self) -> Counts {
        let Pulse { coverage, kernel, card, measured, .. } = &self.newest;
        Counts {
            came: card.received.max(kernel.received).saturating_add(card.missed),
            read: coverage.packets,
            turned_away: card.received.saturating_sub(kernel.received),
            lost_at_card: card.missed,
            lost_in_ring: kernel.dropped,
            urgent_lost: self.lost.urgent,
            ordinary_lost: self.lost.ordinary,
            claims_lost: self.lost.claims,
            addresses_lost: coverage.untold_addresses,
            panics: coverage.panics,
            readable: coverage.named,
            unreadable: coverage.unnamed,
            sent_octets: measured.sent,
            missing_octets: measured.missing,
        }
    }

    /// Takes the newest figures.
    pub(super) fn take(&mut self, pulse: Pulse) {
        self.newest = pulse;
        self.is_fresh = true;
    }

    /// Tells losses once they grow. A lost claim ends the cover of the mirror at once.
    pub(super) fn losses(&mut self, losses: &Losses, now: Timestamp) -> Vec<Note> {
        let lost = Lost {
            urgent: losses.urgent.load(Ordering::Relaxed),
            ordinary: losses.ordinary.load(Ordering::Relaxed),
            claims: losses.claims.load(Ordering::Relaxed),
            packets: self.newest.lost(),
            panics: self.newest.coverage.panics,
            addresses: self.newest.coverage.untold_addresses,
        };
        let before = std::mem::replace(&mut self.lost, lost);
        let mut notes = Vec::new();
        if lost.claims > before.claims {
            notes.push(Note::Claim(Claim::lost(Source::Mirror, now)));
        }
        let told = [
            (
                lost.urgent,
                before.urgent,
                "loss",
                "matches that can be urgent were lost: the desk could not keep up",
            ),
            (
                lost.ordinary,
                before.ordinary,
                "loss",
                "other matches were lost: the desk could not keep up",
            ),
            (
                lost.claims,
                before.claims,
                "loss",
                "login records were lost: answers are less certain since then",
            ),
            (lost.packets, before.packets, "loss", "packets were lost before they could be read"),
            (
                lost.addresses,
                before.addresses,
                "loss",
                "frames came from addresses that were not written down, too many being new at \
                 once: who had an address is less sure since then",
            ),
            (
                lost.panics,
                before.panics,
                "panic",
                "packets made a reader fail; it went on with the next",
            ),
        ];
        for (total, before, kind, what) in told {
            if total > before {
                let figure = total - before;
                let failed = self.newest.coverage.failed.filter(|_| kind == "panic");
                let last = failed.map_or(String::new(), |frame| format!(" The last: {frame}."));
                let (kind, sentence) = (kind.to_owned(), format!("{figure} {what}.{last}"));
                notes.push(Note::Health(Health { at: now, kind, sentence, figure: Some(figure) }));
            }
        }
        notes
    }

    /// Tells once that no packet comes any more, and once that they come again.
    pub(super) fn silence(&mut self, now: Timestamp) -> Option<Note> {
        let began = *self.began.get_or_insert(now);
        let last = self.newest.last_packet.map_or(began, |last| last.max(began));
        let note = |kind: &str, since: Timestamp, sentence: String| {
            let figure = u64::try_from(now.since(since).as_seconds()).ok();
            Some(Note::Health(Health { at: now, kind: kind.to_owned(), sentence, figure }))
        };
        let patience = if self.is_school(now) { SILENCE } else { SILENCE_AT_NIGHT };
        match self.silent_since {
            None if now.since(last) >= patience => {
                self.silent_since = Some(last);
                let seconds = now.since(last).as_seconds();
                let length = match seconds {
                    ..120 => format!("{seconds} seconds"),
                    _ => format!("{} minutes", seconds / 60),
                };
                let sentence = format!("No packet has come from the mirror port for {length}.");
                note("silent", last, sentence)
            }
            Some(since) if last > since => {
                self.silent_since = None;
                let sentence = "Packets come from the mirror port again.".to_owned();
                note("heard", since, sentence)
            }
            _ => None,
        }
    }

    /// What the capture saw since the last time, when it is time to write it.
    pub(super) fn due(&mut self, now: Timestamp) -> Option<Note> {
        let is_time = self.since_written.is_none_or(|since| since.elapsed() >= WRITE_FIGURES);
        if is_time { self.last(now) } else { None }
    }

    /// What the capture saw since the last time; nothing where it said nothing since.
    pub(super) fn last(&mut self, now: Timestamp) -> Option<Note> {
        if !std::mem::take(&mut self.is_fresh) {
            return None;
        }
        self.since_written = Some(Stopwatch::start());
        let newest = self.newest;
        let written = std::mem::replace(&mut self.written, newest);
        let grew = |of: fn(&Pulse) -> u64| of(&newest).saturating_sub(of(&written));
        Some(Note::Coverage(store::Coverage {
            at: now,
            last_packet: newest.last_packet,
            packets: grew(|pulse| pulse.coverage.packets),
            bytes: grew(|pulse| pulse.coverage.bytes),
            kernel_drops: grew(Pulse::lost),
            readable: grew(|pulse| pulse.coverage.named),
            unreadable: grew(|pulse| pulse.coverage.unnamed),
            devices: newest.coverage.devices,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_190_400);

    fn packets(total: u64) -> Pulse {
        let mut pulse = Pulse::default();
        pulse.coverage.packets = total;
        pulse
    }

    fn written(note: Option<Note>) -> Option<u64> {
        match note {
            Some(Note::Coverage(coverage)) => Some(coverage.packets),
            _ => None,
        }
    }

    #[test]
    fn figures_are_written_once_and_a_silent_wire_counts_as_heard() {
        let mut figures = Figures::default();
        assert_eq!(written(figures.due(NOW)), None, "nobody listens yet");
        figures.take(packets(5));
        assert_eq!(written(figures.due(NOW)), Some(5));
        figures.take(packets(7));
        assert_eq!(written(figures.due(NOW)), None, "it is too early");
        assert_eq!(written(figures.last(NOW)), Some(2));
        figures.take(packets(7));
        assert_eq!(written(figures.last(NOW)), Some(0));
        assert_eq!(written(figures.last(NOW)), None, "nobody listens any more");
    }

    #[test]
    fn a_loss_is_told_once_and_lost_claims_end_the_cover() {
        let mut figures = Figures::default();
        let losses = Losses::default();
        losses.claims.store(3, Ordering::Relaxed);
        let told = figures.losses(&losses, NOW);
        let lost = Claim::lost(Source::Mirror, NOW);
        assert!(matches!(&told[..], [Note::Claim(claim), Note::Health(_)] if *claim == lost));
        assert!(figures.losses(&losses, NOW).is_empty());
    }

    #[test]
    fn a_packet_that_makes_a_reader_fail_is_told_with_its_print_and_a_loss_without() {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &[7; 32]);
        let (at, link) = (NOW, wire::LinkType::Ethernet);
        let packet = wire::Packet { at, link, bytes: b"secret", original_len: 6 };
        let failed = crate::watch::FailedFrame::of(&packet, &key);
        let coverage =
            crate::watch::Coverage { panics: 1, failed: Some(failed), ..Default::default() };
        let coverage = crate::watch::Coverage { untold_addresses: 9, ..coverage };
        let mut figures = Figures::default();
        figures.take(Pulse { coverage, ..Pulse::default() });
        let losses = Losses::default();
        losses.ordinary.store(2, Ordering::Relaxed);
        let told = figures.losses(&losses, NOW);
        let [Note::Health(loss), Note::Health(addresses), Note::Health(health)] = &told[..] else {
            panic!("{told:?}")
        };
        assert!(!loss.sentence.contains("print"));
        assert!(addresses.sentence.starts_with("9 frames came from"), "{}", addresses.sentence);
        let begins = "1 packets made a reader fail; it went on with the next. \
            The last: 6 octets on a link of kind Ethernet, print ";
        assert!(health.sentence.starts_with(begins), "{}", health.sentence);
        assert!(!health.sentence.contains("secret"));
        assert!(figures.losses(&losses, NOW).is_empty());
    }

    #[test]
    fn a_mirror_port_that_falls_silent_is_told_once_and_so_is_its_return() {
        let mut figures = Figures::default();
        let told = |note: Option<Note>| match note {
            Some(Note::Health(health)) => Some((health.kind, health.figure)),
            None => None,
            other => panic!("{other:?}"),
        };
        let heard = |at| Pulse { last_packet: Some(at), ..Pulse::default() };
        let min = |minutes| NOW + Span::minutes(minutes);
        assert_eq!(told(figures.silence(NOW)), None);
        assert_eq!(told(figures.silence(min(4))), None);
        assert_eq!(told(figures.silence(min(5))), Some(("silent".to_owned(), Some(300))));
        assert_eq!(told(figures.silence(min(9))), None);
        figures.take(heard(min(12)));
        assert_eq!(told(figures.silence(min(12))), Some(("heard".to_owned(), Some(720))));
        assert_eq!(told(figures.silence(min(16))), None);
        assert_eq!(told(figures.silence(min(17))), Some(("silent".to_owned(), Some(300))));
    }

    #[test]
    fn while_children_are_on_site_a_minute_of_silence_is_told() {
        let calendar = Calendar::parse(
            "terms = [{ from = \"2026-11-02\", to = \"2026-12-18\" }]\n\
             hours = { opens = \"08:00\", home_time = \"15:15\", children_until = \"18:00\" }",
        );
        // A Monday at eight, and the evening of that day.
        let morning = Timestamp::from_seconds(1_795_392_000 + 8 * 3_600);
        for (begin, patience) in [(morning, 60), (morning + Span::hours(11), 300)] {
            let mut figures = Figures::of(Vec::new(), Some(calendar.clone().unwrap()));
            let silent = |seconds| begin + Span::seconds(seconds);
            figures.take(Pulse { last_packet: Some(begin), ..Pulse::default() });
            assert_eq!(figures.silence(begin).map(|_| ()), None);
            assert_eq!(figures.silence(silent(patience - 1)).map(|_| ()), None);
            assert!(figures.silence(silent(patience)).is_some());
        }
    }
}
