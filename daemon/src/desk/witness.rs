//! The witness of the filter's work: what became of what was asked for, without persons.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Answer, Attribution, Category, Heard, Match, Profile, Role, Rung, Timestamp, Weight};
use store::Witnessed;

use super::evidence::{Evidence, Weighed};
use super::key::DeviceKey;
use super::settings::Settings;

/// Devices of a cell are told apart up to here; more are said as this many.
const MOST_DEVICES: usize = 1_000;
/// Cells of a day: networks, profiles, kinds and rungs that a school has at most.
const MOST_CELLS: usize = 20_000;

/// What is counted together.
type Cell = (Option<String>, Profile, Category, Rung);

/// The devices of each cell of one day. They never leave the desk, which tells how many.
#[derive(Debug, Default)]
pub struct Witness {
    day: String,
    devices: BTreeMap<Cell, BTreeSet<DeviceKey>>,
}

impl Witness {
    /// Notes what became of a match so far; none where nobody watches, or where it came no
    /// further than `before`, which was noted.
    pub fn note(
        &mut self,
        matched: &Match,
        before: Option<Evidence>,
        evidence: Evidence,
        weighed: Weighed,
        attribution: &Attribution,
        settings: &Settings,
    ) -> Option<Witnessed> {
        let rung = became(matched, evidence);
        let is_noted = before.is_some_and(|before| became(matched, before) == rung);
        if weighed.weight == Weight::Unmonitored || is_noted {
            return None;
        }
        self.begin_day(matched.at, settings);
        let network = settings.profiles.network_name(&matched.sighting).map(str::to_owned);
        let profile = profile(&attribution.answer, weighed.profile);
        let cell = (network.clone(), profile, weighed.category, rung);
        if self.devices.len() >= MOST_CELLS && !self.devices.contains_key(&cell) {
            return None;
        }
        let devices = self.devices.entry(cell).or_default();
        if devices.len() < MOST_DEVICES {
            devices.insert(DeviceKey::of(attribution, &matched.sighting));
        }
        let devices = devices.len() as u64;
        let category = weighed.category;
        Some(Witnessed { at: matched.at, network, profile, category, rung, devices })
    }

    fn begin_day(&mut self, at: Timestamp, settings: &Settings) {
        let day = settings.calendar.local(at).iso_date();
        if day != self.day {
            self.day = day;
            self.devices.clear();
        }
    }
}

/// Where an adult may be meant, it counts as an adult's: what is told of children must
/// never hold a matter of staff.
fn profile(answer: &Answer, weighed_for: Profile) -> Profile {
    let is_child = |role: Option<Role>| matches!(role, Some(Role::Pupil | Role::Class));
    let all_children = answer.candidates().iter().all(|candidate| is_child(candidate.role));
    match weighed_for {
        Profile::Guest => Profile::Guest,
        _ if all_children => weighed_for,
        _ => Profile::Staff,
    }
}

/// The rung as the filter's work is told: a look-up stays a look-up, for the connection
/// that follows it is a match of its own; what the filter answered itself was refused.
fn became(matched: &Match, evidence: Evidence) -> Rung {
    match evidence.rung {
        _ if matched.heard == Heard::DnsQuestion => Rung::LookedUp,
        Rung::Answered | Rung::Loaded | Rung::Stayed if evidence.by_filter => Rung::Refused,
        Rung::Stayed => Rung::Loaded,
        rung => rung,
    }
}
