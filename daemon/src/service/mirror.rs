//! What the mirror port does not give, told once it is seen and once it is mended.

use facts::{Span, Timestamp};
use store::Health;

use super::hearing::Pulse;
use crate::capture::{Measured, Standing};
use crate::office::Note;

/// Figures are compared over this long, so that what begins is told within a minute.
const WINDOW: Span = Span::seconds(30);
/// Fewer messages than this in one window prove nothing.
const ENOUGH: u64 = 50;
/// Fewer octets of clients prove nothing of gaps.
const ENOUGH_OCTETS: u64 = 100_000;
/// A VLAN that no packet came of for this long since the start is missing.
const VLAN_COMES: Span = Span::hours(1);

/// One trouble that the figures of a window can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    OnlyOut,
    OnlyIn,
    Twice,
    Cut,
    Gaps,
    Unplugged,
}

const TROUBLES: [Trouble; 6] = [
    Trouble::OnlyOut,
    Trouble::OnlyIn,
    Trouble::Twice,
    Trouble::Cut,
    Trouble::Gaps,
    Trouble::Unplugged,
];

/// What was told of the mirror port.
#[derive(Default)]
pub(super) struct Mirror {
    vlans: Vec<u16>,
    /// The figures at the beginning of the window, and when that was.
    before: Option<(Timestamp, Measured)>,
    began: Option<Timestamp>,
    told: [bool; TROUBLES.len()],
    vlans_told: bool,
    filter: Option<Standing>,
}

impl Mirror {
    /// Looks for these VLANs, too.
    pub(super) fn of(vlans: Vec<u16>) -> Self {
        Self { vlans, ..Self::default() }
    }

    /// Tells what is new in the newest figures.
    pub(super) fn look(&mut self, pulse: &Pulse, now: Timestamp) -> Vec<Note> {
        let mut notes = Vec::new();
        self.filter(pulse, now, &mut notes);
        self.trouble(Trouble::Unplugged, pulse.has_carrier.map(|has| !has), 0, now, &mut notes);
        let (since, before) = *self.before.get_or_insert((now, pulse.measured));
        if now.since(since) < WINDOW && now >= since {
            return notes;
        }
        self.before = Some((now, pulse.measured));
        let grown = grown(&before, &pulse.measured);
        for trouble in TROUBLES {
            if trouble != Trouble::Unplugged {
                let (is_there, figure) = trouble.shows(&grown);
                self.trouble(trouble, is_there, figure, now, &mut notes);
            }
        }
        notes.extend(self.missing_vlans(pulse, now));
        notes
    }

    /// Tells a trouble when it begins and when it ends; `None` says nothing either way.
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
        if std::mem::replace(told, is_there) == is_there {
            return;
        }
        let (kind, sentence) = match is_there {
            true => ("loss", trouble.sentence(figure)),
            false => ("mirror", trouble.mended().to_owned()),
        };
        notes.push(note(kind, sentence, is_there.then_some(figure), now));
    }

    fn filter(&mut self, pulse: &Pulse, now: Timestamp, notes: &mut Vec<Note>) {
        let Some(standing) = pulse.filter.filter(|_| pulse.filter != self.filter) else { return };
        self.filter = Some(standing);
        // What can not be seen stands on the page of what can not be found.
        let kind = if standing == Standing::On { "coverage" } else { "filter" };
        notes.push(note(kind, standing.to_string(), None, now));
    }

    fn missing_vlans(&mut self, pulse: &Pulse, now: Timestamp) -> Option<Note> {
        let began = *self.began.get_or_insert(now);
        if self.vlans_told || now.since(began) < VLAN_COMES {
            return None;
        }
        self.vlans_told = true;
        let heard = |place: usize| place < 64 && pulse.vlans_heard >> place & 1 == 1;
        let missing: Vec<_> = self
            .vlans
            .iter()
            .enumerate()
            .filter(|(place, _)| !heard(*place))
            .map(|(_, vlan)| vlan.to_string())
            .collect();
        let figure = u64::try_from(missing.len()).ok();
        (!missing.is_empty()).then(|| {
            let sentence = format!(
                "No packet has come of VLAN {}, which the configuration names: let the mirror port copy it.",
                missing.join(", ")
            );
            note("loss", sentence, figure, now)
        })
    }
}

fn note(kind: &str, sentence: String, figure: Option<u64>, at: Timestamp) -> Note {
    Note::Health(Health { at, kind: kind.to_owned(), sentence, figure })
}

fn grown(before: &Measured, now: &Measured) -> Measured {
    let grew = |of: fn(&Measured) -> u64| of(now).saturating_sub(of(before));
    Measured {
        cut: grew(|measured| measured.cut),
        knocks: grew(|measured| measured.knocks),
        answers: grew(|measured| measured.answers),
        questions: grew(|measured| measured.questions),
        replies: grew(|measured| measured.replies),
        compared: grew(|measured| measured.compared),
        copies: grew(|measured| measured.copies),
        sent: grew(|measured| measured.sent),
        missing: grew(|measured| measured.missing),
    }
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
            Self::Gaps => {
                let share = of_a_hundred(grown.missing, grown.sent);
                ((grown.sent >= ENOUGH_OCTETS).then_some(share >= 1), share)
            }
            Self::Unplugged => (None, 0),
        }
    }

    fn sentence(self, figure: u64) -> String {
        match self {
            Self::OnlyOut => "Only what devices send is seen, and nothing of what comes back: the mirror port copies one direction, so how far a connection got is not known.".to_owned(),
            Self::OnlyIn => "Only what comes back to devices is seen, and nothing of what they send: the mirror port copies one direction, so hardly any name can be read.".to_owned(),
            Self::Twice => format!("The mirror port gives packets twice, {figure} of 100. Each is read once; but the port may be too narrow for both."),
            Self::Cut => format!("{figure} packets were longer than is kept and came cut. The network card joins packets: switch that off with `ethtool -K INTERFACE gro off lro off`."),
            Self::Gaps => format!("{figure} of 100 octets that devices sent were never seen: packets are lost before they reach this machine, at the switch or its mirror port."),
            Self::Unplugged => "The cable of the mirror port leads to nothing: no packet can come.".to_owned(),
        }
    }

    const fn mended(self) -> &'static str {
        match self {
            Self::OnlyOut | Self::OnlyIn => "Both directions are seen again.",
            Self::Twice => "The mirror port gives packets once again.",
            Self::Cut => "Packets come whole again.",
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
            ..Measured::default()
        };
        let bad = [
            (Measured { answers: 2, replies: 3, ..whole }, 200),
            (Measured { knocks: 2, questions: 3, ..whole }, 197),
            (Measured { copies: 190, ..whole }, 47),
            (Measured { cut: 7, ..whole }, 7),
            (Measured { missing: 30_000, ..whole }, 3),
        ];
        for (bad, figure) in bad {
            let mut mirror = Mirror::default();
            let mut total = Measured::default();
            let mut give = |more: &Measured, at: i64| {
                let add = |of: fn(&Measured) -> u64| of(&total) + of(more);
                total = Measured {
                    cut: add(|m| m.cut),
                    knocks: add(|m| m.knocks),
                    answers: add(|m| m.answers),
                    questions: add(|m| m.questions),
                    replies: add(|m| m.replies),
                    compared: add(|m| m.compared),
                    copies: add(|m| m.copies),
                    sent: add(|m| m.sent),
                    missing: add(|m| m.missing),
                };
                told(mirror.look(&pulse(total), seconds(at)))
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
            assert_eq!(told(mirror.look(&pulse(measured), at)), []);
        }
    }

    #[test]
    fn a_cable_that_leads_to_nothing_is_told_at_the_next_figures() {
        let mut mirror = Mirror::default();
        let with = |has| Pulse { has_carrier: Some(has), ..Pulse::default() };
        assert_eq!(told(mirror.look(&with(true), seconds(0))), []);
        assert_eq!(told(mirror.look(&with(false), seconds(1))), [("loss".into(), Some(0))]);
        assert_eq!(told(mirror.look(&with(false), seconds(2))), []);
        assert_eq!(told(mirror.look(&with(true), seconds(3))), [("mirror".into(), None)]);
    }

    #[test]
    fn a_vlan_of_the_configuration_that_never_comes_is_named_after_an_hour() {
        let mut mirror = Mirror::of(vec![20, 80]);
        let heard = Pulse { vlans_heard: 1, ..Pulse::default() };
        let mut notes = Vec::new();
        for minute in 0..70 {
            notes.extend(mirror.look(&heard, seconds(minute * 60)));
        }
        assert!(
            matches!(&notes[..], [Note::Health(health)] if health.sentence.contains("VLAN 80,"))
        );
    }

    #[test]
    fn how_the_filter_stands_is_told_when_it_changes() {
        let mut mirror = Mirror::default();
        let with = |filter| Pulse { filter: Some(filter), ..Pulse::default() };
        let kinds = |mirror: &mut Mirror, filter| told(mirror.look(&with(filter), NOW));
        assert_eq!(kinds(&mut mirror, Standing::Looking), [("filter".into(), None)]);
        assert_eq!(kinds(&mut mirror, Standing::Looking), []);
        assert_eq!(kinds(&mut mirror, Standing::On), [("coverage".into(), None)]);
    }
}
