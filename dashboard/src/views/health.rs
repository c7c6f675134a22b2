//! How the watching stands, in words: whether packets come in, and when none did.

use facts::Timestamp;
use store::{Health, State};

use crate::words::{Times, length, shown_whole};

/// Whether packets come in, in one sentence.
pub(super) struct Watching {
    /// Whether nobody watches although somebody should.
    pub is_dark: bool,
    pub sentence: String,
}

/// Without a packet for this long nobody is watching: two minutes is longer than any pause
/// between the broadcasts of a switched network.
const SILENCE: facts::Span = facts::Span::minutes(2);

/// The line of WATCHING. A recording that has been played ends, which is no fault.
pub(super) fn watching(state: &State, has_ended: bool, times: &Times, now: Timestamp) -> Watching {
    let dark = |sentence| Watching { is_dark: true, sentence };
    let Some(last) = state.last_packet else {
        return dark("Not known: no packet has been recorded yet.".into());
    };
    let age = now.since(last);
    let ago = match age.as_seconds() {
        ..1 => "less than a second ago".to_owned(),
        1 => "1 second ago".to_owned(),
        seconds @ 2..120 => format!("{seconds} seconds ago"),
        _ => times.near(last, now),
    };
    if has_ended {
        let sentence =
            format!("The recording has ended; its last packet came {ago}. No more will come.");
        return Watching { is_dark: false, sentence };
    }
    if age > SILENCE {
        return dark(format!("No: the last packet came {ago}."));
    }
    let mut said = format!("Yes: last packet {ago}");
    if let Some(hour) = &state.hour {
        if hour.devices > 0 {
            said.push_str(&format!(" · {} this hour", counted(hour.devices, "device")));
        }
        if let Some(share) = share(hour.readable, hour.unreadable) {
            said.push_str(&format!(" · {share} of 100 connections readable"));
        }
        if hour.kernel_drops > 0 {
            said.push_str(&format!(" · {} lost this hour", counted(hour.kernel_drops, "packet")));
        }
    }
    Watching { is_dark: false, sentence: said + "." }
}

/// `1 device`, `61 devices`.
fn counted(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// Of a hundred, rounded down: "100 of 100" is said only where none was missed.
fn share(readable: u64, unreadable: u64) -> Option<u64> {
    let all = readable.checked_add(unreadable).filter(|all| *all > 0)?;
    readable.checked_mul(100).map(|hundred| hundred / all)
}

/// When nothing was seen, or not all, in the last day.
pub(super) struct Gaps {
    /// How often, and for how long in all.
    pub sum: String,
    /// Each with its time, the newest first.
    pub rows: Vec<String>,
}

impl Gaps {
    /// Sums up the rows, the newest first; none where nothing was missed.
    pub(super) fn of(gaps: &[Health], times: &Times, now: Timestamp) -> Option<Self> {
        if gaps.is_empty() {
            return None;
        }
        // A restart tells how long nothing was seen; the other rows tell how much was lost.
        let dark = gaps.iter().filter(|row| row.kind == "restarted").filter_map(|row| row.figure);
        let dark = dark.fold(0_i64, |sum, seconds| {
            sum.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX))
        });
        let often = match gaps.len() {
            1 => "Once in the last day".to_owned(),
            more => format!("{more} times in the last day"),
        };
        let sum = if dark > 0 {
            format!("{often}; nothing was seen for {} in all.", length(facts::Span::seconds(dark)))
        } else {
            format!("{often}.")
        };
        let row =
            |row: &Health| format!("{} {}", times.near(row.at, now), shown_whole(&row.sentence));
        Some(Self { sum, rows: gaps.iter().map(row).collect() })
    }
}

/// What was watched less, each with its time, the newest first: so that a second person
/// reads of it, whoever did it.
pub(super) fn lowered(rows: &[Health], times: &Times, now: Timestamp) -> Vec<String> {
    rows.iter()
        .map(|row| format!("{} {}", times.near(row.at, now), shown_whole(&row.sentence)))
        .collect()
}

#[cfg(test)]
mod tests {
    use facts::Span;
    use store::CoverageHour;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_187_280);

    fn times() -> Times {
        Times::new(jiff::tz::TimeZone::UTC)
    }

    fn last_packet(last_packet: Option<Timestamp>) -> State {
        State { last_packet, hour: None, started: None, stopped: None, letters_waiting: 1 }
    }

    #[test]
    fn silence_is_said_and_a_share_is_never_rounded_up() {
        let said = |state: &State| watching(state, false, &times(), NOW);
        assert!(said(&last_packet(None)).is_dark);
        assert!(!said(&last_packet(Some(NOW - SILENCE))).is_dark);
        let silent = said(&last_packet(Some(NOW - SILENCE - Span::micros(1))));
        assert!(silent.is_dark && silent.sentence.starts_with("No: the last packet"));
        let mut state = last_packet(Some(NOW - Span::seconds(1)));
        state.hour = Some(CoverageHour {
            hour: NOW,
            reported_at: NOW,
            last_packet: None,
            packets: 9,
            bytes: 9,
            kernel_drops: 0,
            readable: 999,
            unreadable: 1,
            devices: 61,
        });
        assert_eq!(
            said(&state).sentence,
            "Yes: last packet 1 second ago · 61 devices this hour · 99 of 100 connections readable."
        );
        if let Some(hour) = &mut state.hour {
            (hour.devices, hour.kernel_drops) = (1, 1);
        }
        let said = said(&state).sentence;
        assert!(said.contains(" · 1 device this hour · ") && said.contains(" · 1 packet lost"));
    }

    #[test]
    fn a_recording_that_has_ended_is_no_alarm() {
        let said = watching(&last_packet(Some(NOW - Span::minutes(5))), true, &times(), NOW);
        assert!(!said.is_dark);
        assert_eq!(
            said.sentence,
            "The recording has ended; its last packet came 15:03. No more will come."
        );
    }

    #[test]
    fn gaps_are_a_list_with_its_sum() {
        let row = |minutes, kind: &str, sentence: &str, figure| Health {
            at: NOW - Span::minutes(minutes),
            kind: kind.into(),
            sentence: sentence.into(),
            figure,
        };
        let gaps = [
            row(3, "restarted", "Monitoring started again.", Some(2_400)),
            row(9, "loss", "7 packets were lost.", Some(7)),
            row(60, "restarted", "Monitoring started again.", Some(120)),
        ];
        let told = Gaps::of(&gaps, &times(), NOW).unwrap();
        assert_eq!(told.sum, "3 times in the last day; nothing was seen for 42 min in all.");
        assert_eq!(told.rows[1], "14:59 7 packets were lost.");
        let told = Gaps::of(&gaps[1..2], &times(), NOW).unwrap();
        assert_eq!(told.sum, "Once in the last day.");
        assert!(Gaps::of(&[], &times(), NOW).is_none());
    }
}
