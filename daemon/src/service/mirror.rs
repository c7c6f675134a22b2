//! What the mirror port does not give, told once it is seen and once it is mended.

use facts::{Span, Timestamp};
use store::Health;

use super::beat::MirrorFault;
use super::census::{Census, Found, KeptVlan};
use super::hearing::Pulse;
use crate::capture::{Measured, Standing};
use crate::office::Note;

/// Figures are compared over this long, so that what begins is told within a minute.
const WINDOW: Span = Span::seconds(30);
/// Fewer messages than this in one window prove nothing.
const ENOUGH: u64 = 50;
/// Fewer octets of clients prove nothing of gaps.
const ENOUGH_OCTETS: u64 = 100_000;
/// Fewer whole packets prove nothing of how they are cut.
const ENOUGH_PACKETS: u64 = 1_000;
/// What stands is told again after so long: the pages that show the last day always show it.
const AGAIN: Span = Span::hours(23);

/// One trouble that the figures of a window can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    OnlyOut,
    OnlyIn,
    Twice,
    Cut,
    Short,
    Gaps,
    Unplugged,
}

const TROUBLES: [Trouble; 7] = [
    Trouble::OnlyOut,
    Trouble::OnlyIn,
    Trouble::Twice,
    Trouble::Cut,
    Trouble::Short,
    Trouble::Gaps,
    Trouble::Unplugged,
];

/// What was told of the mirror port.
#[derive(Default)]
pub(super) struct Mirror {
    census: Census,
    /// The figures at the beginning of the window, and when that was.
    before: Option<(Timestamp, Measured)>,
    told: [Option<Told>; TROUBLES.len()],
    filter: Option<Standing>,
}

/// A trouble that stands.
#[derive(Clone, Copy)]
struct Told {
    since: Timestamp,
    last: Timestamp,
    figure: u64,
}

impl Mirror {
    /// Looks for these VLANs, too.
    pub(super) fn of(vlans: Vec<u16>) -> Self {
        Self { census: Census::of(vlans), ..Self::default() }
    }

    /// Knows the VLANs that the run before knew.
    pub(super) fn resume(&mut self, vlans: &[KeptVlan]) {
        self.census.resume(vlans);
    }

    /// The VLANs that are known, to be kept for the next start.
    pub(super) fn vlans(&self) -> Vec<KeptVlan> {
        self.census.kept()
    }

    /// What is wrong at this moment, as it was told.
    pub(super) fn faults(&self) -> Vec<MirrorFault> {
        let standing = TROUBLES.iter().zip(self.told);
        let mut faults: Vec<_> = standing
            .filter_map(|(trouble, told)| {
                let sentence = trouble.sentence(told?.figure);
                Some(MirrorFault { word: trouble.word().to_owned(), sentence })
            })
            .collect();
        let mut notes = Vec::new();
        tell_vlans(&self.census.missed(), Timestamp::EPOCH, &mut notes);
        faults.extend(notes.into_iter().filter_map(|note| match note {
            Note::Health(Health { sentence, .. }) => {
                Some(MirrorFault { word: "vlans".to_owned(), sentence })
            }
            _ => None,
        }));
        faults
    }

    /// Tells what is new in the newest figures.
    pub(super) fn look(&mut self, pulse: &Pulse, is_school: bool, now: Timestamp) -> Vec<Note> {
        let mut notes = Vec::new();
        self.filter(pulse, now, &mut notes);
        self.trouble(Trouble::Unplugged, pulse.has_carrier.map(|has| !has), 0, now, &mut notes);
        let found = self.census.look(&pulse.vlans, pulse.last_packet, is_school, now);
        tell_vlans(&found, now, &mut notes);
        let (since, before) = *self.before.get_or_insert((now, pulse.measured));
        if now.since(since) < WINDOW && now >= since {
            return notes;
        }
        self.before = Some((now, pulse.measured));
        let grown = pulse.measured.with(&before, u64::saturating_sub);
        for trouble in TROUBLES {
            if trouble != Trouble::Unplugged {
                let (is_there, figure) = trouble.shows(&grown);
                self.trouble(trouble, is_there, figure, now, &mut notes);
            }
        }
        notes
    }

    /// Tells a trouble when it begins, once a day while it stands, and when it ends; `None`
    /// says nothing either way.
    fn trouble(
        &mut self,
        trouble: Trouble,
        is_there: Option<bool>,
        figure: u64,
        now: Timestamp,
        notes: &mut Vec<Note>,
    ) {
        let (Some(is_there), Some(told)) = (is_there, self.told.get_mut(trouble as usize)) else {
            return;
        };
        if let Some(standing) = told {
            standing.figure = figure;
        }
        match told {
            None if is_there => {
                *told = Some(Told { since: now, last: now, figure });
                notes.push(note("loss", trouble.sentence(figure), Some(figure), now));
            }
            Some(standing) if is_there && now.since(standing.last) >= AGAIN => {
                standing.last = now;
                let hours = now.since(standing.since).as_seconds() / 3_600;
                let sentence = format!("For {hours} hours now: {}", trouble.sentence(figure));
                notes.push(note("still", sentence, Some(figure), now));
            }
            Some(_) if !is_there => {
                *told = None;
                notes.push(note("mirror", trouble.mended().to_owned(), None, now));
            }
            _ => {}
        }
    }

    fn filter(&mut self, pulse: &Pulse, now: Timestamp, notes: &mut Vec<Note>) {
        let Some(standing) = pulse.filter.filter(|_| pulse.filter != self.filter) else { return };
        self.filter = Some(standing);
        // What can not be seen stands on the page of what can not be found.
        let kind = if standing == Standing::On { "coverage" } else { "filter" };
        notes.push(note(kind, standing.to_string(), None, now));
    }
}

fn tell_vlans(found: &Found, now: Timestamp, notes: &mut Vec<Note>) {
    let count = |vlans: &[u16]| u64::try_from(vlans.len()).ok();
    if !found.never.is_empty() {
        let sentence = format!(
            "No packet has come {}, which the configuration names: let the mirror port copy it.",
            listed(&found.never)
        );
        notes.push(note("loss", sentence, count(&found.never), now));
    }
    if !found.gone.is_empty() {
        let sentence = format!(
            "Packets {} come no more, while others do: what devices do there is not seen. On the switch, look which VLANs the mirror session copies, and whether it takes their tags off.",
            listed(&found.gone)
        );
        notes.push(note("loss", sentence, count(&found.gone), now));
    }
    if !found.back.is_empty() {
        let sentence = format!("Packets {} come again.", listed(&found.back));
        notes.push(note("mirror", sentence, None, now));
    }
}

/// "of VLAN 20, 30", and "without a tag" where that is among them.
fn listed(vlans: &[u16]) -> String {
    let tagged: Vec<_> = vlans.iter().filter(|vlan| **vlan != 0).map(u16::to_string).collect();
    match (tagged.is_empty(), tagged.len() == vlans.len()) {
        (true, _) => "without a tag".to_owned(),
        (_, true) => format!("of VLAN {}", tagged.join(", ")),
        _ => format!("of VLAN {} and without a tag", tagged.join(", ")),
    }
}

fn note(kind: &str, sentence: String, figure: Option<u64>, at: Timestamp) -> Note {
    Note::Health(Health { at, kind: kind.to_owned(), sentence, figure })
}

impl Trouble {
    /// Whether the figures of a window show it, where they are enough to tell; and how much.
    fn shows(self, grown: &Measured) -> (Option<bool>, u64) {
        let out = grown.knocks + grown.questions;
        let back = grown.answers + grown.replies;
        let one_way = |seen: u64, other: u64| (seen + other >= ENOUGH).then_some(other * 20 < seen);
        let of_a_hundred = |part: u64, whole: u64| part * 100 / whole.max(1);
        match self {
            Self::OnlyOut => (one_way(out, back), out),
            Self::OnlyIn => (one_way(back, out), back),
            Self::Twice => {
                let share = of_a_hundred(grown.copies, grown.compared);
                ((grown.compared >= ENOUGH).then_some(share >= 20), share)
            }
            Self::Cut => (Some(grown.cut > 0), grown.cut),
            Self::Short => {
                let share = of_a_hundred(grown.short, grown.headed);
                ((grown.headed >= ENOUGH_PACKETS).then_some(share >= 1), share)
            }
            Self::Gaps => {
                let share = of_a_hundred(grown.missing, grown.sent);
                ((grown.sent >= ENOUGH_OCTETS).then_some(share >= 1), share)
            }
            Self::Unplugged => (None, 0),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::OnlyOut => "only_out",
            Self::OnlyIn => "only_in",
            Self::Twice => "twice",
            Self::Cut => "cut",
            Self::Short => "short",
            Self::Gaps => "gaps",
            Self::Unplugged => "unplugged",
        }
    }

    fn sentence(self, figure: u64) -> String {
        match self {
            Self::OnlyOut => "Only what devices send is seen, and nothing of what comes back: the mirror port copies one direction, so how far a connection got is not known. On the switch, let the mirror session copy both directions.".to_owned(),
            Self::OnlyIn => "Only what comes back to devices is seen, and nothing of what they send: the mirror port copies one direction, so hardly any name can be read. On the switch, let the mirror session copy both directions.".to_owned(),
            Self::Twice => format!("The mirror port gives packets twice, {figure} of 100. Each is read once; but the port may be too narrow for both. On the switch, let the mirror session copy each port or each VLAN, not both."),
            Self::Cut => format!("{figure} packets were longer than is kept and came cut. The network card joins packets: switch that off with `ethtool -K INTERFACE gro off lro off`."),
            Self::Short => format!("{figure} of 100 packets come cut: what stood in the rest of them can not be read. On the switch, let the mirror session copy whole packets."),
            Self::Gaps => format!("{figure} of 100 octets that devices sent were never seen: packets are lost before they reach this machine, at the switch or its mirror port. Mirror fewer ports, or to a faster one."),
            Self::Unplugged => "The cable of the mirror port leads to nothing: no packet can come.".to_owned(),
        }
    }

    const fn mended(self) -> &'static str {
        match self {
            Self::OnlyOut | Self::OnlyIn => "Both directions are seen again.",
            Self::Twice => "The mirror port gives packets once again.",
            Self::Cut | Self::Short => "Packets come whole again.",
            Self::Gaps => "Next to nothing of what devices send is missing any more.",
            Self::Unplugged => "The cable of the mirror port leads to something again.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_190_400);

    fn seconds(seconds: i64) -> Timestamp {
        NOW + Span::seconds(seconds)
    }

    fn told(notes: Vec<Note>) -> Vec<(String, Option<u64>)> {
        let health = notes.into_iter().map(|note| match note {
            Note::Health(health) => (health.kind, health.figure),
            other => panic!("{other:?}"),
        });
        health.collect()
    }

    fn pulse(measured: Measured) -> Pulse {
        Pulse { measured, ..Pulse::default() }
    }

    #[test]
    fn each_trouble_is_told_within_a_minute_once_and_so_is_its_end() {
        let whole = Measured {
            knocks: 100,
            answers: 99,
            questions: 100,
            replies: 98,
            compared: 397,
            sent: 1_000_000,
            headed: 2_000,
            ..Measured::default()
        };
        let bad = [
            (Measured { answers: 2, replies: 3, ..whole }, 200),
            (Measured { knocks: 2, questions: 3, ..whole }, 197),
            (Measured { copies: 190, ..whole }, 47),
            (Measured { cut: 7, ..whole }, 7),
            (Measured { short: 500, ..whole }, 25),
            (Measured { missing: 30_000, ..whole }, 3),
        ];
        for (bad, figure) in bad {
            let mut mirror = Mirror::default();
            let mut total = Measured::default();
            let mut give = |more: &Measured, at: i64| {
                total = total.with(more, u64::saturating_add);
                told(mirror.look(&pulse(total), true, seconds(at)))
            };
            assert_eq!(give(&Measured::default(), 0), []);
            assert_eq!(give(&whole, 30), []);
            assert_eq!(give(&bad, 60), [("loss".to_owned(), Some(figure))]);
            assert_eq!(give(&bad, 90), [], "{bad:?}");
            assert_eq!(give(&whole, 120), [("mirror".to_owned(), None)], "{bad:?}");
        }
    }

    #[test]
    fn a_quiet_night_is_no_trouble() {
        let mut mirror = Mirror::default();
        for minute in 0..60 {
            let measured = Measured { knocks: minute, ..Measured::default() };
            let at = seconds(i64::try_from(minute).unwrap() * 60);
            assert_eq!(told(mirror.look(&pulse(measured), true, at)), []);
        }
    }

    #[test]
    fn a_cable_that_leads_to_nothing_is_told_at_the_next_figures() {
        let mut mirror = Mirror::default();
        let with = |has| Pulse { has_carrier: Some(has), ..Pulse::default() };
        assert_eq!(told(mirror.look(&with(true), true, seconds(0))), []);
        assert_eq!(told(mirror.look(&with(false), true, seconds(1))), [("loss".into(), Some(0))]);
        assert_eq!(told(mirror.look(&with(false), true, seconds(2))), []);
        assert_eq!(told(mirror.look(&with(true), true, seconds(3))), [("mirror".into(), None)]);
    }

    #[test]
    fn a_trouble_that_stands_is_told_each_day_with_how_long_it_has_stood() {
        let mut mirror = Mirror::default();
        let mut measured = Measured::default();
        let mut sentences = Vec::new();
        for minute in 0..50 * 60 {
            measured.knocks += 100;
            let notes = mirror.look(&pulse(measured), true, seconds(minute * 60));
            sentences.extend(notes.into_iter().map(|note| match note {
                Note::Health(health) => health.sentence,
                other => panic!("{other:?}"),
            }));
        }
        let [first, second, third] = &sentences[..] else { panic!("{sentences:?}") };
        assert!(first.starts_with("Only what devices send is seen"));
        assert_eq!(*second, format!("For 23 hours now: {first}"));
        assert_eq!(*third, format!("For 46 hours now: {first}"));
    }

    #[test]
    fn vlans_that_are_missed_and_that_come_again_are_named() {
        let mut mirror = Mirror::of(vec![20, 80]);
        let heard = |vlans: &[u16], at: i64| Pulse {
            vlans: vlans.iter().copied().collect(),
            last_packet: Some(seconds(at)),
            ..Pulse::default()
        };
        let mut notes = Vec::new();
        let (both, one): (&[u16], &[u16]) = (&[0, 20], &[0]);
        for (from, to, vlans) in [(0, 70, both), (70, 140, one), (140, 141, both)] {
            for minute in from..to {
                let at = minute * 60;
                notes.extend(mirror.look(&heard(vlans, at), true, seconds(at)));
            }
        }
        let said: Vec<_> = notes
            .iter()
            .map(|note| match note {
                Note::Health(health) => (health.kind.as_str(), health.sentence.as_str()),
                other => panic!("{other:?}"),
            })
            .collect();
        let [("loss", never), ("loss", gone), ("mirror", back)] = said[..] else {
            panic!("{said:?}")
        };
        assert!(never.starts_with("No packet has come of VLAN 80, which"), "{never}");
        assert!(gone.starts_with("Packets of VLAN 20 come no more, while"), "{gone}");
        assert_eq!(back, "Packets of VLAN 20 come again.");
        assert_eq!(listed(&[0, 20, 30]), "of VLAN 20, 30 and without a tag");
        assert_eq!(listed(&[0]), "without a tag");
    }

    #[test]
    fn how_the_filter_stands_is_told_when_it_changes() {
        let mut mirror = Mirror::default();
        let with = |filter| Pulse { filter: Some(filter), ..Pulse::default() };
        let kinds = |mirror: &mut Mirror, filter| told(mirror.look(&with(filter), true, NOW));
        assert_eq!(kinds(&mut mirror, Standing::Looking), [("filter".into(), None)]);
        assert_eq!(kinds(&mut mirror, Standing::Looking), []);
        assert_eq!(kinds(&mut mirror, Standing::On), [("coverage".into(), None)]);
    }
}
