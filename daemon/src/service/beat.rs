//! How the running daemon stands: a small file beside the record, written anew every few
//! seconds, that says it is alive and what it counts.
//!
//! It holds figures, places of the configuration and sentences about the mirror port; no
//! person, no device, no observed name, and nothing that grows when a case is opened. What
//! is lost with it at a power cut is told again within seconds.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use facts::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::census::KeptVlan;
use crate::capture::Standing;

/// The file in the store's folder.
const FILE: &str = "beat.json";
/// Figures are kept for so long, to tell those of the last minute and hour.
const LONGEST: Span = Span::hours(1);

/// One sign of life.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Beat {
    /// When it was written, in microseconds.
    pub at: i64,
    /// When this run of the daemon began.
    pub since: i64,
    /// Whether it was the last of its run: monitoring was stopped, or could not go on.
    pub is_last: bool,
    /// The interface of the mirror port.
    pub interface: String,
    /// How the kernel's filter stands.
    pub filter: Option<Standing>,
    /// The time of the newest packet.
    pub last_packet: Option<i64>,
    /// Devices that asked for something within the hour of the newest packet.
    pub devices: u64,
    /// Figures of the last minute, the last hour and the whole run.
    pub minute: Counts,
    /// Figures of the last hour.
    pub hour: Counts,
    /// Figures since the start.
    pub run: Counts,
    /// What is wrong with what the mirror port gives, as long as it stands.
    pub faults: Vec<MirrorFault>,
    /// Where logins come from.
    pub sources: Vec<LoginSource>,
    /// Names of services that rules hold.
    pub names_loaded: u64,
    /// What nothing can find, then what only words can find, the gravest first.
    pub empty: Vec<String>,
    /// Categories found by words in names alone.
    pub by_words: Vec<String>,
    /// The VLANs that come, for the next start.
    pub vlans: Vec<KeptVlan>,
}

/// What was counted over some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Packets that came to the interface, as the interface counts them.
    pub came: u64,
    /// Packets that were read.
    pub read: u64,
    /// Packets that the kernel's filter turned away.
    pub turned_away: u64,
    /// Packets that the network card could not take.
    pub lost_at_card: u64,
    /// Packets for which the kernel's ring had no room.
    pub lost_in_ring: u64,
    /// Matches that can be urgent, and steps of them, for which their queue had no room.
    pub urgent_lost: u64,
    /// Other matches for which theirs had none.
    pub ordinary_lost: u64,
    /// Login records for which theirs had none.
    pub claims_lost: u64,
    /// Frames whose address was not written down.
    pub addresses_lost: u64,
    /// Packets that made a reader fail.
    pub panics: u64,
    /// Connections whose name was read, and those that showed none.
    pub readable: u64,
    /// Connections that showed no name.
    pub unreadable: u64,
    /// Octets that devices sent, as their connections count them.
    pub sent_octets: u64,
    /// Those of them that were never seen.
    pub missing_octets: u64,
}

/// Something wrong with what the mirror port gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MirrorFault {
    /// What it is, in one word.
    pub word: String,
    /// What it is and its mend.
    pub sentence: String,
}

/// A place where logins come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginSource {
    /// A kind of message on the mirror port, or a login file.
    pub place: String,
    /// When it last told of something; none since the start.
    pub heard: Option<i64>,
    /// What is wrong with it now.
    pub faults: Vec<String>,
}

impl Beat {
    /// The newest one in the store's folder; none where no daemon has written there.
    ///
    /// # Errors
    /// The file can not be read, or is not one of these.
    pub fn read(folder: &Path) -> io::Result<Option<Self>> {
        let text = match fs::read_to_string(file_in(folder)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text?,
        };
        let beat: Self = serde_json::from_str(&text)?;
        if beat.at <= 0 {
            let why = "it tells no time";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        Ok(Some(beat))
    }

    /// Puts it in the place of the one before, whole or not at all.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let file = file_in(folder);
        let beside = file.with_extension("new");
        fs::write(&beside, serde_json::to_vec(self)?)?;
        fs::rename(&beside, &file)
    }
}

fn file_in(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

impl Counts {
    /// What has come since an earlier count.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let grew = |of: fn(&Self) -> u64| of(self).saturating_sub(of(earlier));
        Self {
            came: grew(|counts| counts.came),
            read: grew(|counts| counts.read),
            turned_away: grew(|counts| counts.turned_away),
            lost_at_card: grew(|counts| counts.lost_at_card),
            lost_in_ring: grew(|counts| counts.lost_in_ring),
            urgent_lost: grew(|counts| counts.urgent_lost),
            ordinary_lost: grew(|counts| counts.ordinary_lost),
            claims_lost: grew(|counts| counts.claims_lost),
            addresses_lost: grew(|counts| counts.addresses_lost),
            panics: grew(|counts| counts.panics),
            readable: grew(|counts| counts.readable),
            unreadable: grew(|counts| counts.unreadable),
            sent_octets: grew(|counts| counts.sent_octets),
            missing_octets: grew(|counts| counts.missing_octets),
        }
    }

    /// Packets that came and of which nothing is known yet, as those that wait in the
    /// kernel's ring; below nought where more of them left it than came into it.
    #[must_use]
    pub fn on_their_way(&self) -> i64 {
        let known = [self.read, self.turned_away, self.lost_at_card, self.lost_in_ring];
        let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        known.into_iter().map(signed).fold(signed(self.came), i64::saturating_sub)
    }

    /// Whatever was lost, before it was read or after.
    #[must_use]
    pub fn lost(&self) -> u64 {
        let lost = [
            self.lost_at_card,
            self.lost_in_ring,
            self.urgent_lost,
            self.ordinary_lost,
            self.claims_lost,
            self.addresses_lost,
            self.panics,
        ];
        lost.into_iter().fold(0, u64::saturating_add)
    }
}

/// Counts of the last hour, to tell how much came in a part of it.
#[derive(Debug, Default)]
pub(super) struct History(VecDeque<(Timestamp, Counts)>);

impl History {
    /// Takes the newest totals, and says what came in the last minute and the last hour; in
    /// a younger run, since its start.
    pub(super) fn take(&mut self, now: Timestamp, totals: Counts) -> (Counts, Counts) {
        let in_last = |span: Span| {
            let before = self.0.iter().rev().find(|(at, _)| now.since(*at) >= span);
            totals.since(&before.map_or(Counts::default(), |(_, counts)| *counts))
        };
        let lately = (in_last(Span::minutes(1)), in_last(LONGEST));
        self.0.push_back((now, totals));
        // One that is older than the longest stays: the figures of an hour begin with it. A
        // clock that was set back leaves none that could.
        while self.0.get(1).is_some_and(|(at, _)| now.since(*at) >= LONGEST) {
            self.0.pop_front();
        }
        self.0.retain(|(at, _)| *at <= now);
        lately
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_a_minute_and_an_hour_are_told_apart_and_no_more_is_kept_than_they_need() {
        let mut history = History::default();
        let begin = Timestamp::from_seconds(1_795_190_400);
        let mut told = Vec::new();
        for step in 0..=720_u64 {
            let at = begin + Span::seconds(10 * i64::try_from(step).unwrap());
            let (minute, hour) = history.take(at, Counts { read: step, ..Counts::default() });
            told.push((minute.read, hour.read));
        }
        assert_eq!((told[3], told[30], told[720]), ((3, 3), (6, 30), (6, 360)));
        assert_eq!(history.0.len(), 361);
        let back = history.take(begin, Counts { read: 721, ..Counts::default() });
        assert_eq!((back.0.read, history.0.len()), (721, 1), "a clock that was set back");
    }

    #[test]
    fn what_came_is_what_was_read_turned_away_and_lost_and_what_is_on_its_way() {
        let counts = Counts {
            came: 1_000,
            read: 90,
            turned_away: 880,
            lost_at_card: 5,
            lost_in_ring: 20,
            urgent_lost: 1,
            panics: 2,
            ..Counts::default()
        };
        assert_eq!((counts.on_their_way(), counts.lost()), (5, 28));
        let later = Counts { came: 1_010, read: 105, ..counts };
        assert_eq!(later.since(&counts).on_their_way(), -5);
    }

    #[test]
    fn a_beat_is_read_as_it_was_written_and_of_another_release_as_far_as_it_goes() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Beat::read(folder.path()).unwrap(), None);
        let beat = Beat {
            at: 7,
            filter: Some(Standing::WouldCut),
            faults: vec![MirrorFault { word: "gaps".into(), sentence: "Gaps.".into() }],
            vlans: vec![KeptVlan::default()],
            ..Beat::default()
        };
        beat.write(folder.path()).unwrap();
        assert_eq!(Beat::read(folder.path()).unwrap(), Some(beat));
        fs::write(file_in(folder.path()), "{\"at\": 9, \"unheard\": []}").unwrap();
        assert_eq!(Beat::read(folder.path()).unwrap().map(|beat| beat.at), Some(9));
        fs::write(file_in(folder.path()), "{\"at\"").unwrap();
        assert!(Beat::read(folder.path()).is_err());
    }
}
