//! Cases about invented people, one for each way a page can read.

use facts::{
    Answer, Attribution, Bearing, Candidate, Category, CodeWords, Confidence, Device, Duty, Ground,
    Heard, HostName, Incident, IncidentId, Letter, LetterId, Mac, Match, MatchId, PersonId, Phase,
    Reason, Role, RuleId, Ruling, Rung, Seat, SensorId, Severity, Sighting, SiteId, Span, Telling,
    Timestamp, UserName, View,
};
use store::Change;

use super::NOW;

/// Begins the description of a case.
pub struct Story {
    pub incident: Incident,
    pub name: HostName,
}

impl Story {
    /// A class iPad, level now, open, seated for lead and deputy.
    pub fn new(code: &str, number: u128) -> Self {
        let at = NOW - Span::minutes(1);
        let name = HostName::from_text("c05a.test.wardline.example").unwrap();
        let incident = Incident {
            id: IncidentId::from_u128(number),
            code: CodeWords::parse(code).unwrap(),
            revision: 1,
            revised_at: at,
            severity: Severity::P1,
            category: Category::C05a,
            attribution: attribution(Answer::ProvenShared(class())),
            sighting: sighting(),
            names: vec![name.clone()],
            first_seen: at,
            last_seen: at + Span::seconds(50),
            matches: vec![MatchId::from_u128(number)],
            rung: Rung::Loaded,
            exception_unproven: false,
            seats: whole(&["lead", "deputy"]),
            phase: Phase::Open,
            tellings: Vec::new(),
        };
        Self { incident, name }
    }

    pub fn severity(mut self, severity: Severity) -> Self {
        self.incident.severity = severity;
        self
    }

    pub fn category(mut self, category: Category) -> Self {
        self.incident.category = category;
        self
    }

    pub fn answer(mut self, answer: Answer) -> Self {
        self.incident.attribution.answer = answer;
        self
    }

    pub fn seats(mut self, seats: Vec<Seat>) -> Self {
        self.incident.seats = seats;
        self
    }

    pub fn phase(mut self, phase: Phase) -> Self {
        self.incident.phase = phase;
        self
    }

    pub fn rung(mut self, rung: Rung) -> Self {
        self.incident.rung = rung;
        self
    }

    pub fn device_called(mut self, name: &str) -> Self {
        self.incident.attribution.device =
            Some(Device { mac: Mac::from_octets([2, 0, 0, 0, 0, 7]), name: Some(name.into()) });
        self
    }

    /// The match, the case, and a letter to each person with a seat.
    pub fn changes(&self) -> Vec<Change> {
        let mut changes = vec![Change::Match(self.matched())];
        changes.push(Change::Incident(self.incident.clone()));
        for (number, seat) in (0_u128..).zip(&self.incident.seats) {
            changes.push(Change::Letter(letter(&self.incident, &seat.person, number)));
        }
        changes
    }

    fn matched(&self) -> Match {
        Match {
            id: MatchId::from_u128(self.incident.id.as_u128()),
            at: self.incident.first_seen,
            sighting: self.incident.sighting,
            server: Some([203, 0, 113, 7].into()),
            name: self.name.clone(),
            heard: Heard::TlsClientHello,
            rulings: vec![Ruling {
                rule: RuleId::new("c05a/test/harmless"),
                category: self.incident.category,
                confidence: Confidence::Curated,
            }],
        }
    }
}

/// How a view stands that nobody has.
pub fn telling(view: View, next_step: Option<Timestamp>) -> Telling {
    Telling {
        view,
        phase: Phase::Open,
        severity: Severity::P1,
        since: NOW,
        opening: Reason::First,
        handed_to: None,
        next_step,
        list_due: None,
    }
}

pub fn letter(incident: &Incident, to: &PersonId, number: u128) -> Letter {
    Letter {
        id: LetterId::from_u128(incident.id.as_u128() * 100 + number),
        incident: Some(incident.id),
        reason: Reason::First,
        to: to.clone(),
        to_role: Duty::Lead,
        mail: format!("{}@elmrow.example", to.as_str()),
        due: incident.revised_at,
        subject: format!("Please act now: {}", incident.code),
        body: "Someone may need to be seen before they leave.".into(),
        message: b"Subject: Please act now\r\n\r\n".to_vec(),
    }
}

pub fn whole(people: &[&str]) -> Vec<Seat> {
    people.iter().map(|id| Seat { person: PersonId::new(id), view: View::Whole }).collect()
}

pub fn child_part(people: &[&str]) -> Vec<Seat> {
    people.iter().map(|id| Seat { person: PersonId::new(id), view: View::ChildPart }).collect()
}

pub fn attribution(answer: Answer) -> Attribution {
    let ground = |bearing, sentence: &str| Ground { bearing, sentence: sentence.into() };
    Attribution {
        answer,
        device: Some(Device {
            mac: Mac::from_octets([2, 0, 0, 0, 0, 7]),
            name: Some("iPad-07".into()),
        }),
        grounds: vec![
            ground(Bearing::For, "The account logged in on this device at 13:20."),
            ground(Bearing::Against, "The login source was silent for 41 minutes this morning."),
            ground(Bearing::Assumed, "One person at a time uses this device."),
        ],
    }
}

pub fn account(login: &str, role: Role, display: &str) -> Candidate {
    Candidate {
        account: UserName::new(login),
        role: Some(role),
        duties: Vec::new(),
        year: None,
        group: (role == Role::Pupil).then(|| "3B".into()),
        display: (!display.is_empty()).then(|| display.into()),
    }
}

pub fn class() -> Candidate {
    account("class3b", Role::Class, "")
}

pub fn pupil() -> Candidate {
    account("a.pupil", Role::Pupil, "A. Pupil")
}

pub fn teacher() -> Candidate {
    account("t.staff", Role::Staff, "T. Staff")
}

pub fn sighting() -> Sighting {
    Sighting {
        site: SiteId(1),
        sensor: SensorId(1),
        vlan: Some(20),
        mac: Some(Mac::from_octets([2, 0, 0, 0, 0, 7])),
        address: [10, 1, 4, 23].into(),
    }
}

pub fn earlier(minutes: i64) -> Timestamp {
    NOW - Span::minutes(minutes)
}
