//! A scripted school day: a desk, a real store in memory, a made-up roster and a clock
//! that only the script moves.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use facts::{
    Act, Answer, Attribution, Candidate, Decision, DecisionId, Device, Heard, HostName, Incident,
    IncidentId, Letter, LetterId, Mac, Match, MatchId, PersonId, Profile, Progress, Role, Rung,
    SensorId, Several, Sighting, SiteId, Span, Timestamp, Why,
};
use rules::{RuleSet, Spoken};
use store::{Change, RecordWriter};

use super::super::{Desk, Event, Profiles, Settings, USUAL_GRACE, WhoWas};
use super::school::{EVERYBODY, at, calendar, candidate, people};
use crate::mail::Letterhead;

pub fn rules() -> Arc<RuleSet> {
    static RULES: OnceLock<Arc<RuleSet>> = OnceLock::new();
    Arc::clone(RULES.get_or_init(|| Arc::new(RuleSet::builtin().unwrap().set)))
}

pub fn letterhead() -> Letterhead {
    Letterhead {
        school: "Elm Row".into(),
        from: "wardline@elmrow.example".parse().unwrap(),
        base_url: "https://wardline.elmrow.example".into(),
        reach: "It works on the school network and on staff Wi-Fi.".into(),
    }
}

pub fn settings(list: &str) -> Settings {
    Settings {
        grace: USUAL_GRACE,
        people: people(list),
        calendar: calendar(),
        letterhead: letterhead(),
        profiles: Profiles {
            pupils: Profile::Ks34,
            networks: Vec::new(),
            elsewhere: Profile::Ks34,
        },
        key: [7; 32],
    }
}

/// Who is on each address, as the roster would say.
#[derive(Default)]
struct Roster(BTreeMap<IpAddr, Answer>);

impl WhoWas for Roster {
    fn who_was(&self, sighting: &Sighting, _: Timestamp, _: Timestamp) -> Attribution {
        let known = self.0.get(&sighting.address);
        let answer = known.cloned().unwrap_or(Answer::Unknown(Why::NoDevice));
        let device = sighting.mac.map(|mac| Device { mac, name: None });
        Attribution { answer, device, grounds: Vec::new() }
    }
}

pub struct Day {
    list: String,
    pub desk: Desk,
    pub record: RecordWriter,
    roster: Roster,
    pub now: Timestamp,
    pub letters: Vec<Letter>,
    pub incidents: BTreeMap<IncidentId, Incident>,
    pub changes: Vec<Change>,
    count: u128,
}

impl Day {
    pub fn begins(text: &str) -> Self {
        Self::of(EVERYBODY, text)
    }

    pub fn of(list: &str, text: &str) -> Self {
        let desk = Desk::new(settings(list), rules());
        let mut record = RecordWriter::in_memory().unwrap();
        record.apply(&[Change::People(desk.people())]).unwrap();
        Self {
            list: list.into(),
            desk,
            record,
            roster: Roster::default(),
            now: at(text),
            letters: Vec::new(),
            incidents: BTreeMap::new(),
            changes: Vec::new(),
            count: 0,
        }
    }

    /// Writes what the desk returned, as the store thread does.
    fn write(&mut self, changes: Vec<Change>) {
        self.record.apply(&changes).unwrap();
        for change in &changes {
            match change {
                Change::Letter(letter) => self.letters.push(letter.clone()),
                Change::Health(health) if health.sentence.contains("usual words") => {
                    panic!("{}", health.sentence)
                }
                Change::Incident(incident) => {
                    self.incidents.insert(incident.id, incident.clone());
                }
                _ => {}
            }
        }
        self.changes.extend(changes);
    }

    pub fn handle(&mut self, event: Event<'_>) {
        let changes = self.desk.handle(event, self.now, &self.roster);
        self.write(changes);
    }

    /// Lets time pass, deadline by deadline.
    pub fn until(&mut self, text: &str) {
        self.until_moment(at(text));
    }

    pub fn until_moment(&mut self, end: Timestamp) {
        let mut rounds = 0;
        while let Some(due) = self.desk.deadline().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.handle(Event::Tick);
            rounds += 1;
            assert!(rounds < 10_000, "the desk asks again and again at {}", self.now);
        }
        self.now = end;
    }

    /// Lets time pass until nothing waits, as the end of a replay does.
    pub fn ends(&mut self) {
        while let Some(due) = self.desk.deadline() {
            self.until_moment(due.max(self.now));
        }
    }

    pub fn is(&mut self, address: &str, answer: Answer) {
        self.roster.0.insert(address.parse().unwrap(), answer);
    }

    /// The roster learns something later and says what it touches.
    pub fn learns(&mut self, address: &str, answer: Answer) {
        self.is(address, answer);
        let touched: IpAddr = address.parse().unwrap();
        let touches = move |sighting: &Sighting, _: Timestamp| sighting.address == touched;
        self.handle(Event::Dirty(&touches));
    }

    pub fn matched(&mut self, address: &str, name: &str, heard: Heard) -> Match {
        self.count += 1;
        let name = HostName::from_text(name).unwrap();
        let rules = rules();
        let Spoken::Match(rulings) = rules.speak(name.as_name()) else { panic!("no rule speaks") };
        let address: IpAddr = address.parse().unwrap();
        let last = match address {
            IpAddr::V4(v4) => v4.octets()[3],
            IpAddr::V6(v6) => v6.octets()[15],
        };
        let sighting = Sighting {
            site: SiteId(1),
            sensor: SensorId(1),
            vlan: None,
            mac: Some(Mac::from_octets([0x52, 0x54, 0, 0, 0, last])),
            address,
        };
        Match {
            id: MatchId::from_u128(self.count),
            at: self.now,
            sighting,
            server: Some("192.0.2.80".parse().unwrap()),
            name,
            heard,
            rulings: rulings.to_vec(),
        }
    }

    /// A device says hello to a name.
    pub fn hello(&mut self, address: &str, name: &str) -> MatchId {
        let matched = self.matched(address, name, Heard::TlsClientHello);
        self.handle(Event::Match(&matched));
        matched.id
    }

    /// A device looks a name up.
    pub fn look_up(&mut self, address: &str, name: &str) -> MatchId {
        let matched = self.matched(address, name, Heard::DnsQuestion);
        self.handle(Event::Match(&matched));
        matched.id
    }

    pub fn reaches(&mut self, id: MatchId, rung: Rung) {
        let at = self.now;
        let progress = Progress { id, rung, at, bytes: 40_000, by_filter: false };
        self.handle(Event::Progress(&progress));
    }

    /// A device loads a page.
    pub fn load(&mut self, address: &str, name: &str) -> MatchId {
        let id = self.hello(address, name);
        self.reaches(id, Rung::Answered);
        self.reaches(id, Rung::Loaded);
        id
    }

    pub fn decides(&mut self, incident: IncidentId, by: &str, act: Act) {
        self.count += 1;
        let decision = Decision {
            id: DecisionId::from_u128(self.count),
            incident,
            by: PersonId::new(by),
            at: self.now,
            act,
        };
        self.handle(Event::Decision(&decision));
    }

    pub fn refuse(&mut self, id: LetterId) {
        let at = self.now;
        let delivery = facts::Delivery::Refused { at };
        self.record.apply(&[Change::Delivery { id, delivery }]).unwrap();
        self.handle(Event::LetterRefused(id));
    }

    /// The server refuses every letter that is due by now, for good, until none is left.
    /// Returns how many.
    pub fn refuse_all(&mut self) -> usize {
        let mut refused = 0;
        while let Some((letter, _)) = self.record.due_letters(self.now, 1).unwrap().pop() {
            self.refuse(letter.id);
            refused += 1;
            assert!(refused < 100, "refused letters are tried without a pause");
        }
        refused
    }

    /// The server takes every letter that is due by now.
    pub fn take_all(&mut self) -> usize {
        let due = self.record.due_letters(self.now, 1_000).unwrap();
        for (letter, _) in &due {
            let delivery = facts::Delivery::Accepted { at: self.now };
            self.record.apply(&[Change::Delivery { id: letter.id, delivery }]).unwrap();
            self.handle(Event::LetterTaken(letter.id));
        }
        due.len()
    }

    /// The health rows that speak of mail.
    pub fn mail_rows(&self) -> usize {
        let is_mail = |c: &&Change| matches!(c, Change::Health(health) if health.kind == "mail");
        self.changes.iter().filter(is_mail).count()
    }

    /// The daemon is killed and starts again from what was written.
    pub fn restart(&mut self) {
        self.desk = Desk::new(settings(&self.list), rules());
        let since = self.now - Span::hours(24 * 14);
        let snapshot = self.record.snapshot(self.now, since).unwrap();
        let changes = self.desk.restore(snapshot, self.now);
        self.write(changes);
    }

    /// The only case there is.
    pub fn case(&self) -> &Incident {
        assert_eq!(self.incidents.len(), 1, "{:?}", self.incidents.values());
        self.incidents.values().next().unwrap()
    }

    pub fn seats(&self) -> Vec<String> {
        self.case()
            .seats
            .iter()
            .map(|s| format!("{} {}", s.person.as_str(), s.view.as_str()))
            .collect()
    }

    /// Every letter in a line: time, person, reason, how its subject begins.
    pub fn told(&self) -> Vec<String> {
        self.letters
            .iter()
            .map(|letter| {
                let (opening, _) = letter.subject.split_once(':').unwrap();
                format!(
                    "{} {} {}: {opening}",
                    calendar().local(letter.due).clock(),
                    letter.to.as_str(),
                    letter.reason.as_str(),
                )
            })
            .collect()
    }

    /// The letters made since the last time this was asked.
    pub fn newly_told(&mut self) -> Vec<String> {
        let told = self.told();
        self.letters.clear();
        told
    }
}

/// A name that is urgent for pupils once it has answered.
pub const URGENT: &str = "c01.test.wardline.example";
/// A name that is urgent when loaded, of a theme that is not about welfare.
pub const ADULT_SITE: &str = "c08.test.wardline.example";
/// A name for today.
pub const TODAY: &str = "c12.test.wardline.example";
/// A name for the list.
pub const LIST: &str = "c14.test.wardline.example";

pub fn pupil(account: &str) -> Answer {
    Answer::Proven(candidate(account, Some(Role::Pupil)))
}

pub fn staff(account: &str) -> Answer {
    Answer::Proven(candidate(account, Some(Role::Staff)))
}

pub fn class() -> Answer {
    Answer::ProvenShared(candidate("class3b", Some(Role::Class)))
}

pub fn one_of(candidates: Vec<Candidate>) -> Answer {
    Answer::OneOf(Several::new(candidates).unwrap())
}
