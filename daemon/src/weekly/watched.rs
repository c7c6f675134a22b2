//! How much of the school's hours was watched, and how long the gaps in them were.

use facts::{Span, Timestamp};
use rules::{Calendar, DayKind};
use store::{CoverageHour, Health, Weekly};

const HOUR: i64 = 3_600_000_000;

/// A stretch of time: from, and until before.
type Stretch = (Timestamp, Timestamp);

/// What was watched of the school's hours.
pub(super) struct Watched {
    /// How long school was.
    expected: Span,
    /// The gaps in it, in order of time.
    gaps: Vec<Span>,
    /// Whether anything was seen at all.
    pub(super) recorded: bool,
    /// When monitoring first began, where that was after the week's beginning: nothing
    /// before it counts.
    pub(super) began: Option<Timestamp>,
    /// Whether it first began after the week.
    pub(super) is_before: bool,
}

impl Watched {
    /// Over the school hours of a week, as far as they are past.
    pub(super) fn over(calendar: &Calendar, week: &Weekly, from: Timestamp, to: Timestamp) -> Self {
        let began = week.began.filter(|began| *began > from);
        let from = began.map_or(from, |began| began.min(to));
        let dark = joined(dark_stretches(week, from, to));
        let mut watched = Self {
            began,
            is_before: began.is_some_and(|began| began >= to),
            expected: Span::ZERO,
            gaps: Vec::new(),
            recorded: week.coverage.iter().any(|hour| hour.packets > 0),
        };
        let mut day = from;
        while day < to {
            let today = calendar.day(day);
            if let DayKind::School { opens, children_until, .. } = today.kind {
                watched.add(opens.max(from), children_until.min(to), &dark);
            }
            day = today.ends;
        }
        watched
    }

    fn add(&mut self, opens: Timestamp, until: Timestamp, dark: &[Stretch]) {
        if opens < until {
            self.expected = self.expected + until.since(opens);
            let within = dark.iter().map(|(from, to)| ((*from).max(opens), (*to).min(until)));
            self.gaps
                .extend(within.filter(|(from, to)| from < to).map(|(from, to)| to.since(from)));
        }
    }

    /// How long nothing was seen.
    pub(super) fn dark(&self) -> Span {
        self.gaps.iter().fold(Span::ZERO, |all, gap| all + *gap)
    }

    /// Watched time in tenths of a percent; `None` where there was no school.
    pub(super) fn permille(&self) -> Option<i64> {
        let expected = self.expected.as_micros();
        let seen = expected.saturating_sub(self.dark().as_micros());
        (expected > 0).then(|| seen.saturating_mul(1_000) / expected)
    }

    /// "One gap of 40 minutes."; nothing where no gap was a minute long.
    pub(super) fn in_words(&self) -> Option<String> {
        let minutes = self.gaps.iter().map(|gap| gap.as_seconds() / 60).filter(|gap| *gap > 0);
        let longest = minutes.clone().max()?;
        Some(match minutes.count() {
            1 => format!("One gap of {}.", in_minutes(longest)),
            count => format!("{count} gaps, the longest of {}.", in_minutes(longest)),
        })
    }
}

fn in_minutes(count: i64) -> String {
    match count {
        1 => "1 minute".to_owned(),
        2..=119 => format!("{count} minutes"),
        _ => format!("{} hours", count / 60),
    }
}

/// When nothing was seen: hours without a packet, and what the record of the machine says.
fn dark_stretches(week: &Weekly, from: Timestamp, to: Timestamp) -> Vec<Stretch> {
    let mut dark = hours_without_packets(&week.coverage, from, to);
    let mut down = None;
    let mut is_first = true;
    for event in &week.health {
        let began = event.figure.and_then(|seconds| i64::try_from(seconds).ok());
        let began = began.map(|seconds| event.at - Span::seconds(seconds));
        match event.kind.as_str() {
            "stopped" | "gap" | "silent" => {
                down = down.or(Some(began.unwrap_or(event.at)));
            }
            // Whoever starts in good order had stopped before this week, or had not begun.
            "started" => {
                dark.extend(down.take().or(is_first.then_some(from)).map(|at| (at, event.at)))
            }
            "restarted" | "heard" => {
                dark.extend(down.take().or(began).map(|at| (at, event.at)));
            }
            _ => continue,
        }
        is_first = false;
    }
    dark.extend(down.map(|at| (at, to)));
    dark
}

fn hours_without_packets(
    coverage: &[CoverageHour],
    from: Timestamp,
    to: Timestamp,
) -> Vec<Stretch> {
    let mut dark = Vec::new();
    let mut at = from;
    while at < to {
        let hour = Timestamp::from_micros(at.as_micros().div_euclid(HOUR) * HOUR);
        let end = (hour + Span::hours(1)).min(to);
        if !coverage.iter().any(|seen| seen.hour == hour && seen.packets > 0) {
            dark.push((at, end));
        }
        at = end;
    }
    dark
}

/// Stretches that touch, as one.
fn joined(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.sort_unstable();
    let mut all: Vec<Stretch> = Vec::new();
    for (from, to) in stretches {
        match all.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => all.push((from, to)),
        }
    }
    all
}

/// Events that say that something was lost, and that it is no more: so many in their own
/// words, the rest as a number. What goes on for days is said once.
pub(super) fn losses(health: &[Health], in_words: usize) -> Vec<String> {
    let mut told: Vec<&Health> = Vec::new();
    for event in health {
        let is_new = match event.kind.as_str() {
            "loss" | "panic" | "mirror" => true,
            "still" => !told.iter().any(|before| trouble(before) == trouble(event)),
            _ => false,
        };
        if is_new {
            told.push(event);
        }
    }
    let mut said: Vec<String> =
        told.iter().take(in_words).map(|event| event.sentence.clone()).collect();
    match told.len().saturating_sub(in_words) {
        0 => {}
        more if said.is_empty() => said.push(format!("Notes of losses in the record: {more}.")),
        1 => said.push("One more such note is in the record.".to_owned()),
        more => said.push(format!("{more} more such notes are in the record.")),
    }
    said
}

/// What an event complains of, whatever its figures: "For 23 hours now: 4 of 100 ..." is of
/// the same trouble as "7 of 100 ...".
fn trouble(event: &Health) -> String {
    let sentence = event.sentence.as_str();
    let sentence = if event.kind == "still" {
        sentence.split_once(": ").map_or(sentence, |(_, rest)| rest)
    } else {
        sentence
    };
    sentence.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use store::{Letters, RecordWriter};

    use super::*;

    /// Monday 16 November 2026, midnight in London.
    const MONDAY: Timestamp = Timestamp::from_seconds(1_794_787_200);

    fn at(day: i64, hour: i64, minute: i64) -> Timestamp {
        MONDAY + Span::minutes((day * 24 + hour) * 60 + minute)
    }

    fn event(at: Timestamp, kind: &str, figure: Option<u64>) -> Health {
        Health { at, kind: kind.into(), sentence: format!("It is {kind}."), figure }
    }

    /// A week with a packet in every hour and these notes.
    fn over(health: Vec<Health>) -> Watched {
        since(None, health)
    }

    fn since(began: Option<Timestamp>, health: Vec<Health>) -> Watched {
        let seen = |hour: i64| CoverageHour {
            hour: MONDAY + Span::hours(hour),
            reported_at: MONDAY + Span::hours(hour),
            last_packet: Some(MONDAY + Span::hours(hour)),
            packets: 1,
            bytes: 60,
            kernel_drops: 0,
            readable: 1,
            unreadable: 0,
            devices: 1,
        };
        let week = Weekly {
            began,
            cases: Vec::new(),
            letters: Letters::default(),
            health,
            coverage: (0..24 * 7).map(seen).collect(),
            witness: Vec::new(),
            seal: RecordWriter::in_memory().unwrap().audit_verify().unwrap().seal(),
        };
        let calendar = Calendar::parse("").unwrap();
        Watched::over(&calendar, &week, MONDAY, at(7, 0, 0))
    }

    #[test]
    fn a_gap_shorter_than_an_hour_is_no_hundred_percent() {
        let watched = over(vec![event(at(1, 10, 40), "restarted", Some(40 * 60))]);
        assert_eq!(watched.in_words().unwrap(), "One gap of 40 minutes.");
        let permille = watched.permille().unwrap();
        assert!((980..1_000).contains(&permille), "{permille}");
        assert_eq!(over(Vec::new()).permille(), Some(1_000));
    }

    #[test]
    fn every_gap_counts_however_it_came_and_only_in_school_hours() {
        let watched = over(vec![
            event(at(0, 2, 0), "stopped", None),
            event(at(0, 3, 0), "started", None),
            event(at(1, 10, 0), "stopped", None),
            event(at(1, 10, 30), "started", None),
            event(at(2, 11, 5), "silent", Some(300)),
            event(at(2, 11, 35), "heard", Some(35 * 60)),
            event(at(3, 12, 0), "gap", None),
            event(at(3, 12, 31), "restarted", Some(20)),
            event(at(4, 14, 0), "restarted", Some(10)),
        ]);
        assert_eq!(watched.in_words().unwrap(), "3 gaps, the longest of 35 minutes.");
        assert_eq!(watched.dark(), Span::minutes(30 + 35 + 31) + Span::seconds(10));
    }

    #[test]
    fn what_was_before_the_first_start_was_not_watched() {
        let dark = over(vec![event(at(1, 12, 0), "started", None)]).dark();
        assert!(dark >= Span::hours(8), "{dark:?}");
    }

    #[test]
    fn the_first_week_of_a_new_box_is_measured_from_its_first_start() {
        let start = at(2, 11, 0);
        let new = since(Some(start), vec![event(start, "started", None)]);
        assert_eq!((new.permille(), new.dark(), new.in_words()), (Some(1_000), Span::ZERO, None));
        assert_eq!((new.began, new.is_before), (Some(start), false));
        let later = since(Some(at(8, 0, 0)), Vec::new());
        assert!(later.is_before && later.permille().is_none() && later.dark() == Span::ZERO);
        let old = since(Some(MONDAY - Span::hours(900)), vec![event(start, "started", None)]);
        assert!(old.began.is_none() && old.dark() > Span::hours(8), "it was down before");
    }

    #[test]
    fn many_losses_are_counted_and_none_is_left_out_in_silence() {
        let rows: Vec<_> = (0..5).map(|hour| event(at(0, hour, 0), "loss", Some(3))).collect();
        assert_eq!(
            losses(&rows, 2),
            ["It is loss.", "It is loss.", "3 more such notes are in the record."]
        );
    }
    #[test]
    fn a_mirror_port_that_is_cut_for_days_is_said_once_and_that_it_is_mended_as_well() {
        let row = |at, kind: &str, sentence: &str| Health {
            sentence: sentence.to_owned(),
            ..event(at, kind, Some(4))
        };
        let rows = [
            row(at(0, 9, 0), "loss", "4 of 100 packets come cut."),
            row(at(1, 8, 0), "still", "For 23 hours now: 7 of 100 packets come cut."),
            row(at(2, 7, 0), "still", "For 46 hours now: 9 of 100 packets come cut."),
            row(at(2, 9, 0), "mirror", "Packets come whole again."),
        ];
        assert_eq!(losses(&rows, 2), ["4 of 100 packets come cut.", "Packets come whole again."]);
        // What began in the week before stands on this week's page as well.
        let [_, rest @ ..] = rows;
        let first = "For 23 hours now: 7 of 100 packets come cut.";
        assert_eq!(losses(&rest, 2), [first, "Packets come whole again."]);
    }
}
