//! A case, where it was seen and what rules said, as stored text.

use std::net::IpAddr;

use facts::{
    Category, CodeWords, Confidence, HostName, Incident, IncidentId, Mac, MatchId, Outcome,
    PersonId, Phase, RuleId, Ruling, Rung, Seat, SensorId, Severity, Sighting, SiteId, Timestamp,
    View,
};
use serde::{Deserialize, Serialize};

use super::AttributionText;
use crate::word::{At, Word};

#[derive(Serialize, Deserialize)]
pub(crate) struct IncidentText {
    code: Word<CodeWords>,
    severity: Word<Severity>,
    category: Word<Category>,
    attribution: AttributionText,
    sighting: SightingText,
    names: Vec<Word<HostName>>,
    first_seen: At,
    last_seen: At,
    matches: Vec<Word<MatchId>>,
    rung: Word<Rung>,
    seats: Vec<SeatText>,
    phase: PhaseText,
}

#[derive(Serialize, Deserialize)]
struct SeatText {
    person: Word<PersonId>,
    view: Word<View>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PhaseText {
    Open,
    Taken { by: Word<PersonId>, at: At },
    Closed { by: Word<PersonId>, at: At, outcome: Word<Outcome> },
    Withdrawn { at: At },
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SightingText {
    site: u32,
    sensor: u32,
    vlan: Option<u16>,
    mac: Option<Word<Mac>>,
    address: Word<IpAddr>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct RulingText {
    rule: Word<RuleId>,
    category: Word<Category>,
    confidence: Word<Confidence>,
}

impl From<Incident> for IncidentText {
    fn from(incident: Incident) -> Self {
        let phase = match incident.phase {
            Phase::Open => PhaseText::Open,
            Phase::Taken { by, at } => PhaseText::Taken { by: Word(by), at: At(at) },
            Phase::Closed { by, at, outcome } => {
                PhaseText::Closed { by: Word(by), at: At(at), outcome: Word(outcome) }
            }
            Phase::Withdrawn { at } => PhaseText::Withdrawn { at: At(at) },
        };
        Self {
            code: Word(incident.code),
            severity: Word(incident.severity),
            category: Word(incident.category),
            attribution: incident.attribution.into(),
            sighting: incident.sighting.into(),
            names: incident.names.into_iter().map(Word).collect(),
            first_seen: At(incident.first_seen),
            last_seen: At(incident.last_seen),
            matches: incident.matches.into_iter().map(Word).collect(),
            rung: Word(incident.rung),
            seats: incident
                .seats
                .into_iter()
                .map(|seat| SeatText { person: Word(seat.person), view: Word(seat.view) })
                .collect(),
            phase,
        }
    }
}

impl IncidentText {
    /// The fact; `None` where the parts do not make one.
    pub(crate) fn into_fact(
        self,
        id: IncidentId,
        revision: u32,
        revised_at: Timestamp,
    ) -> Option<Incident> {
        let phase = match self.phase {
            PhaseText::Open => Phase::Open,
            PhaseText::Taken { by, at } => Phase::Taken { by: by.0, at: at.0 },
            PhaseText::Closed { by, at, outcome } => {
                Phase::Closed { by: by.0, at: at.0, outcome: outcome.0 }
            }
            PhaseText::Withdrawn { at } => Phase::Withdrawn { at: at.0 },
        };
        Some(Incident {
            id,
            code: self.code.0,
            revision,
            revised_at,
            severity: self.severity.0,
            category: self.category.0,
            attribution: self.attribution.into_fact()?,
            sighting: self.sighting.into(),
            names: self.names.into_iter().map(|name| name.0).collect(),
            first_seen: self.first_seen.0,
            last_seen: self.last_seen.0,
            matches: self.matches.into_iter().map(|id| id.0).collect(),
            rung: self.rung.0,
            seats: self
                .seats
                .into_iter()
                .map(|seat| Seat { person: seat.person.0, view: seat.view.0 })
                .collect(),
            phase,
        })
    }
}

impl From<Sighting> for SightingText {
    fn from(sighting: Sighting) -> Self {
        let Sighting { site, sensor, vlan, mac, address } = sighting;
        Self { site: site.0, sensor: sensor.0, vlan, mac: mac.map(Word), address: Word(address) }
    }
}

impl From<SightingText> for Sighting {
    fn from(text: SightingText) -> Self {
        Self {
            site: SiteId(text.site),
            sensor: SensorId(text.sensor),
            vlan: text.vlan,
            mac: text.mac.map(|mac| mac.0),
            address: text.address.0,
        }
    }
}

impl From<Ruling> for RulingText {
    fn from(ruling: Ruling) -> Self {
        Self {
            rule: Word(ruling.rule),
            category: Word(ruling.category),
            confidence: Word(ruling.confidence),
        }
    }
}

impl From<RulingText> for Ruling {
    fn from(text: RulingText) -> Self {
        Self { rule: text.rule.0, category: text.category.0, confidence: text.confidence.0 }
    }
}
