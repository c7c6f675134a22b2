//! Invented facts of every shape, hostile texts among them.

use std::net::IpAddr;

use facts::{
    Accounting, AccountingStatus, Answer, Assertion, Attribution, Bearing, Candidate, Category,
    Claim, CodeWords, Confidence, Device, Duty, Exchange, Ground, Heard, HostName, Incident,
    IncidentId, Letter, LetterId, LogonEvent, Mac, Match, MatchId, Outcome, Person, PersonId,
    Phase, Reason, Role, RuleId, Ruling, Rung, Seat, SensorId, Several, Severity, Sighting, SiteId,
    Source, Span, Telling, TerminateCause, Timestamp, UserName, View, Why,
};

/// Texts that have broken other programs' sinks.
pub(super) const HOSTILE: [&str; 10] = [
    "'; DROP TABLE matched; --",
    "<script>alert(1)</script>",
    "\u{202e}drawkcab\u{200b}",
    "=HYPERLINK(\"x\")",
    "zo\u{eb}.\u{10d}ern\u{fd}",
    "line\r\nBcc: all",
    "nul\0inside",
    "\u{1b}[2J",
    "",
    "{\"account\":\"x\"}",
];

pub(super) fn at(seconds: i64) -> Timestamp {
    // Friday 20 November 2026, 08:00 UTC.
    Timestamp::from_seconds(1_795_161_600 + seconds)
}

pub(super) fn mac(last: u8) -> Mac {
    Mac::from_octets([0x52, 0x54, 0, 0x1d, 0, last])
}

pub(super) fn sighting(last: u8) -> Sighting {
    Sighting {
        site: SiteId(u32::from(last % 2)),
        sensor: SensorId(u32::MAX),
        vlan: last.is_multiple_of(3).then_some(4_094),
        mac: last.is_multiple_of(2).then(|| mac(last)),
        address: if last.is_multiple_of(5) {
            "2001:db8::5".parse::<IpAddr>().unwrap()
        } else {
            IpAddr::from([10, 1, 4, last])
        },
    }
}

pub(super) fn candidate(account: &str, role: Option<Role>) -> Candidate {
    Candidate {
        account: UserName::new(account),
        role,
        duties: Vec::new(),
        year: Some("4".into()),
        group: Some("4K".into()),
        display: Some(format!("{account} (shown)")),
    }
}

pub(super) fn attributed(answer: Answer) -> Attribution {
    Attribution {
        answer,
        device: Some(Device { mac: mac(7), name: Some(HOSTILE[1].into()) }),
        grounds: vec![
            Ground { bearing: Bearing::For, sentence: "The login is 4 minutes old.".into() },
            Ground { bearing: Bearing::Against, sentence: HOSTILE[4].into() },
            Ground { bearing: Bearing::Assumed, sentence: String::new() },
        ],
    }
}

pub(super) fn nobody() -> Attribution {
    Attribution { answer: Answer::DeviceOnly, device: None, grounds: Vec::new() }
}

/// Every kind of answer, with every hostile text as an account.
pub(super) fn answers() -> Vec<Answer> {
    let mut answers = vec![Answer::DeviceOnly];
    answers.extend(Why::ALL.map(Answer::Unknown));
    for (text, role) in HOSTILE.iter().zip(Role::ALL) {
        let one = || candidate(text, Some(role));
        answers.push(Answer::Proven(one()));
        answers.push(Answer::ProvenShared(Candidate {
            duties: Duty::ALL.to_vec(),
            year: None,
            group: Some((*text).into()),
            display: None,
            ..one()
        }));
        answers.push(Answer::Likely { candidate: one(), proof_age: Span::micros(-1) });
        answers.push(Answer::LastKnown { candidate: one(), proof_age: Span::minutes(25) });
        let two = vec![one(), candidate("b.pupil", None)];
        answers.push(Answer::OneOf(Several::new(two).unwrap()));
        answers.push(Answer::OneOf(Several::or_unknown(vec![one()]).unwrap()));
    }
    answers
}

pub(super) fn matched(number: u128) -> Match {
    let last = u8::try_from(number % 251).unwrap();
    Match {
        id: MatchId::from_u128(number),
        at: at(i64::from(last)),
        sighting: sighting(last),
        server: (last % 2 == 1).then(|| IpAddr::from([192, 0, 2, last])),
        name: HostName::from_text(&format!("n{last}.c05a.test.wardline.example")).unwrap(),
        heard: Heard::ALL[usize::from(last) % Heard::ALL.len()],
        rulings: vec![Ruling {
            rule: RuleId::new("c05a/test"),
            category: Category::C05a,
            confidence: Confidence::Curated,
        }],
    }
}

pub(super) fn incident(number: u128) -> Incident {
    Incident {
        id: IncidentId::from_u128(number),
        code: CodeWords::parse("HEDGE 42").unwrap(),
        revision: 1,
        revised_at: at(60),
        severity: Severity::P1,
        category: Category::C05a,
        attribution: attributed(Answer::Proven(candidate("a.pupil", Some(Role::Pupil)))),
        sighting: sighting(4),
        names: vec![HostName::from_text("c05a.test.wardline.example").unwrap()],
        first_seen: at(1),
        last_seen: at(40),
        matches: vec![MatchId::from_u128(1), MatchId::from_u128(2)],
        rung: Rung::Loaded,
        exception_unproven: number % 2 == 1,
        seats: vec![seat("lead", View::Whole), seat("head", View::Whole)],
        phase: Phase::Open,
        tellings: vec![telling()],
    }
}

/// How a view stands whose letters were handed over.
pub(super) fn telling() -> Telling {
    Telling {
        view: View::ChildPart,
        phase: Phase::Taken { by: PersonId::new("lead"), at: at(70) },
        severity: Severity::P2,
        since: at(60),
        opening: Reason::NotTaken,
        handed_to: Some(PersonId::new("lead")),
        next_step: Some(at(80)),
        list_due: Some(at(90)),
    }
}

pub(super) fn seat(person: &str, view: View) -> Seat {
    Seat { person: PersonId::new(person), view }
}

pub(super) fn closed(incident: Incident, at: Timestamp, outcome: Outcome) -> Incident {
    Incident {
        revision: incident.revision + 1,
        revised_at: at,
        phase: Phase::Closed { by: PersonId::new("lead"), at, outcome },
        ..incident
    }
}

pub(super) fn letter(number: u128, about: Option<u128>) -> Letter {
    Letter {
        id: LetterId::from_u128(number),
        incident: about.map(IncidentId::from_u128),
        reason: Reason::First,
        to: PersonId::new("lead"),
        to_role: Duty::Lead,
        mail: "lead@elmrow.example".into(),
        due: at(60),
        subject: "Please act now: HEDGE 42".into(),
        body: "Someone may need to be seen before they leave.".into(),
        message: vec![0, 13, 10, 255, b'.', 13, 10],
    }
}

pub(super) fn people() -> Vec<Person> {
    let person = |id: &str, display: &str, duties: &[Duty]| Person {
        id: PersonId::new(id),
        display: display.into(),
        mail: format!("{id}@elmrow.example"),
        duties: duties.to_vec(),
    };
    vec![
        person("lead", "Test Lead", &[Duty::Lead]),
        person("deputy", "Test D\u{e9}puty", &[Duty::Deputy, Duty::SafetyLead]),
        person("head", "Test Head", &[Duty::Headteacher]),
        person("chair", "Test Chair", &[Duty::Chair]),
    ]
}

/// Every kind of claim, hostile texts as names.
pub(super) fn claims() -> Vec<Claim> {
    let address = IpAddr::from([10, 1, 4, 23]);
    let mut assertions = vec![
        Assertion::Released { mac: mac(1), address },
        Assertion::Announced { mac: mac(1), address: "2001:db8::1".parse().unwrap(), vlan: None },
        Assertion::Sighted { mac: mac(1), address, vlan: Some(20) },
    ];
    for text in HOSTILE {
        let (client, cname, realm) = (sighting(6), UserName::new(text), text.to_owned());
        assertions.push(Assertion::Leased {
            mac: mac(2),
            address,
            vlan: Some(10),
            lease: Span::hours(8),
            host: Some(text.into()),
        });
        assertions.push(Assertion::KerberosAsked {
            client,
            cname: cname.clone(),
            realm: realm.clone(),
        });
        assertions.push(Assertion::KerberosGranted {
            client,
            cname: cname.clone(),
            realm: realm.clone(),
        });
        assertions.push(Assertion::KerberosUsed { client, cname: cname.clone(), realm });
        for status in [
            AccountingStatus::Start,
            AccountingStatus::Stop,
            AccountingStatus::InterimUpdate,
            AccountingStatus::AccountingOn,
            AccountingStatus::AccountingOff,
        ] {
            assertions.push(Assertion::Accounted(Box::new(Accounting {
                status,
                user: Some(cname.clone()),
                session: Some(text.into()),
                multi_session: None,
                nas: text.into(),
                calling_station: Some("52-54-00-1D-00-05".into()),
                framed_ip: Some(address),
                terminate_cause: (status == AccountingStatus::Stop).then_some(TerminateCause(4)),
                told_at: at(-5),
            })));
        }
        for event in [
            LogonEvent::Login,
            LogonEvent::Logout,
            LogonEvent::Lock,
            LogonEvent::Unlock,
            LogonEvent::Use,
        ] {
            assertions.push(Assertion::Logon {
                event,
                user: cname.clone(),
                address: None,
                mac: Some(mac(9)),
                session: Some(text.into()),
                told_at: at(-60),
            });
        }
    }
    assertions.push(Assertion::Lost { told_at: at(-61) });
    let claim = |(place, assertion): (usize, Assertion)| Claim {
        at: at(place as i64 / 2),
        assertion,
        source: if place % 2 == 0 { Source::Mirror } else { Source::LoginFile },
        exchange: match place % 3 {
            0 => Exchange::OneSided,
            1 => Exchange::With([10, 1, 0, 10].into()),
            _ => Exchange::Whole,
        },
    };
    assertions.into_iter().enumerate().map(claim).collect()
}
