//! A case, where it was seen and what rules said, as stored text.

use std::net::IpAddr;

use facts::{
    Category, CodeWords, Confidence, HostName, Incident, IncidentId, Mac, MatchId, Outcome,
    PersonId, Phase, Reason, RuleId, Ruling, Rung, Seat, SensorId, Severity, Sighting, SiteId,
    Telling, Timestamp, View,
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
    /// Left out where it is not so: cases of before there was such a word read the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    exception_unproven: bool,
    seats: Vec<SeatText>,
    phase: PhaseText,
    tellings: Vec<TellingText>,
}

#[derive(Serialize, Deserialize)]
struct SeatText {
    person: Word<PersonId>,
    view: Word<View>,
}

#[derive(Serialize, Deserialize)]
struct TellingText {
    view: Word<View>,
    phase: PhaseText,
    severity: Word<Severity>,
    since: At,
    opening: Word<Reason>,
    handed_to: Option<Word<PersonId>>,
    next_step: Option<At>,
    list_due: Option<At>,
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
            exception_unproven: incident.exception_unproven,
            seats: incident
                .seats
                .into_iter()
                .map(|seat| SeatText { person: Word(seat.person), view: Word(seat.view) })
                .collect(),
            phase: incident.phase.into(),
            tellings: incident.tellings.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Phase> for PhaseText {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Open => Self::Open,
            Phase::Taken { by, at } => Self::Taken { by: Word(by), at: At(at) },
            Phase::Closed { by, at, outcome } => {
                Self::Closed { by: Word(by), at: At(at), outcome: Word(outcome) }
            }
            Phase::Withdrawn { at } => Self::Withdrawn { at: At(at) },
        }
    }
}

impl From<PhaseText> for Phase {
    fn from(text: PhaseText) -> Self {
        match text {
            PhaseText::Open => Self::Open,
            PhaseText::Taken { by, at } => Self::Taken { by: by.0, at: at.0 },
            PhaseText::Closed { by, at, outcome } => {
                Self::Closed { by: by.0, at: at.0, outcome: outcome.0 }
            }
            PhaseText::Withdrawn { at } => Self::Withdrawn { at: at.0 },
        }
    }
}

impl From<Telling> for TellingText {
    fn from(telling: Telling) -> Self {
        Self {
            view: Word(telling.view),
            phase: telling.phase.into(),
            severity: Word(telling.severity),
            since: At(telling.since),
            opening: Word(telling.opening),
            handed_to: telling.handed_to.map(Word),
            next_step: telling.next_step.map(At),
            list_due: telling.list_due.map(At),
        }
    }
}

impl From<TellingText> for Telling {
    fn from(text: TellingText) -> Self {
        Self {
            view: text.view.0,
            phase: text.phase.into(),
            severity: text.severity.0,
            since: text.since.0,
            opening: text.opening.0,
            handed_to: text.handed_to.map(|person| person.0),
            next_step: text.next_step.map(|at| at.0),
            list_due: text.list_due.map(|at| at.0),
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
            exception_unproven: self.exception_unproven,
            seats: self
                .seats
                .into_iter()
                .map(|seat| Seat { person: seat.person.0, view: seat.view.0 })
                .collect(),
            phase: self.phase.into(),
            tellings: self.tellings.into_iter().map(Into::into).collect(),
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
