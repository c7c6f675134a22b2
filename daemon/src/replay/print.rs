//! What a replay prints: one JSON object a line, in the contract's words.

use std::collections::BTreeSet;

use facts::{
    Answer, Attribution, Candidate, Duty, Incident, Letter, Match, MatchId, Reason, Severity,
    Weight,
};
use ring::hmac;
use serde_json::{Value, json};

/// How persons and their devices are shown.
pub enum Accounts {
    /// As they are: the demonstration's and a test's own.
    Shown,
    /// As pseudonyms of this run. What a subject is and who was told stay unsaid too: with
    /// them the one Headteacher of a school would be found behind any pseudonym.
    Hidden(hmac::Key),
}

impl Accounts {
    /// An account as this run shows it.
    #[must_use]
    pub fn show(&self, candidate: &Candidate) -> String {
        match self {
            Self::Shown => candidate.account.reveal().to_owned(),
            Self::Hidden(key) => pseudonym(key, "account", candidate.account.reveal()),
        }
    }

    /// An address of a device as this run shows it.
    fn device(&self, address: impl ToString) -> String {
        let address = address.to_string();
        match self {
            Self::Shown => address,
            Self::Hidden(key) => pseudonym(key, "device", &address),
        }
    }

    /// Something that would point to a person, where it may be said.
    fn said<T>(&self, pointer: T) -> Option<T> {
        matches!(self, Self::Shown).then_some(pointer)
    }
}

fn pseudonym(key: &hmac::Key, kind: &str, text: &str) -> String {
    let tag = hmac::sign(key, text.as_bytes());
    let hex: String = tag.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{kind}-{hex}")
}

/// A case in its final state, with who was told of it.
#[must_use]
pub fn incident(incident: &Incident, letters: &[Letter], accounts: &Accounts) -> Value {
    let told = told(incident, letters);
    let recipients: Vec<_> = told.iter().map(|letter| letter.to_role.as_str()).collect();
    json!({
        "kind": "incident",
        "id": incident.id.to_string(),
        "code": incident.code.as_str(),
        "severity": incident.severity.to_string(),
        "category": incident.category.code(),
        "names": incident.names.iter().map(facts::HostName::as_str).collect::<Vec<_>>(),
        "address": accounts.device(incident.sighting.address),
        "first_seen": incident.first_seen.to_string(),
        "last_seen": incident.last_seen.to_string(),
        "hits": incident.matches.len(),
        "rung": incident.rung.as_str(),
        "exception_unproven": accounts.said(incident.exception_unproven),
        "subject": subject(&incident.attribution, accounts),
        "recipients": accounts.said(recipients),
        "due": told.first().map(|letter| letter.due.to_string()),
        "revision": incident.revision,
    })
}

/// A letter as it would be sent.
#[must_use]
pub fn letter(letter: &Letter, accounts: &Accounts) -> Value {
    json!({
        "kind": "letter",
        "incident": letter.incident.map(|id| id.to_string()),
        "to_role": accounts.said(letter.to_role.as_str()),
        "due": letter.due.to_string(),
        "subject": letter.subject,
        "body": letter.body,
        "reason": letter.reason.as_str(),
    })
}

/// A match as it left the capture.
#[must_use]
pub fn matched(matched: &Match, accounts: &Accounts) -> Value {
    json!({
        "kind": "match",
        "id": matched.id.to_string(),
        "time": matched.at.to_string(),
        "address": accounts.device(matched.sighting.address),
        "mac": matched.sighting.mac.map(|mac| accounts.device(mac)),
        "name": matched.name.as_str(),
        "heard": matched.heard.as_str(),
        "categories": matched.rulings.iter().map(|r| r.category.code()).collect::<Vec<_>>(),
    })
}

/// A match tied to a subject, or tied anew.
#[must_use]
pub fn attributed(
    id: MatchId,
    attribution: &Attribution,
    weight: Weight,
    accounts: &Accounts,
) -> Value {
    json!({
        "kind": "attributed",
        "match": id.to_string(),
        "subject": subject(attribution, accounts),
        "weight": match weight {
            Weight::Case(Severity::P1) => "P1",
            Weight::Case(Severity::P2) => "P2",
            Weight::Case(Severity::P3) => "P3",
            Weight::Trend => "trend",
            Weight::Technical => "technical",
            Weight::Unmonitored => "unmonitored",
        },
    })
}

fn subject(attribution: &Attribution, accounts: &Accounts) -> Value {
    let candidates = attribution.answer.candidates();
    json!({
        "kind": accounts.said(subject_kind(&attribution.answer)),
        "certainty": attribution.answer.certainty().as_str(),
        "accounts": candidates.iter().map(|c| accounts.show(c)).collect::<Vec<_>>(),
        "device": attribution.device.as_ref().map(|device| accounts.device(device.mac)),
    })
}

/// What the subject is, in one word.
fn subject_kind(answer: &Answer) -> &'static str {
    match (answer.candidates(), answer) {
        ([only], answer) if !answer.leaves_open() => candidate_kind(only),
        ([], Answer::Unknown(_)) => "nobody",
        ([], _) => "device",
        _ => "several",
    }
}

fn candidate_kind(candidate: &Candidate) -> &'static str {
    let holds = |duty| candidate.duties.contains(&duty);
    if holds(Duty::Headteacher) {
        return "headteacher";
    }
    if holds(Duty::Lead) || holds(Duty::Deputy) {
        return "lead";
    }
    if holds(Duty::Technician) {
        return "technician";
    }
    candidate.role.map_or("unlisted", facts::Role::as_str)
}

/// The first letter to each person, in the order they were told. A case for the list has no
/// letter of its own: its people read of it in the end-of-day letter.
pub(super) fn told<'a>(incident: &Incident, letters: &'a [Letter]) -> Vec<&'a Letter> {
    let seated = |letter: &Letter| incident.seats.iter().any(|seat| seat.person == letter.to);
    let own = |letter: &&Letter| letter.incident == Some(incident.id) && letter.reason.asks();
    let list = |letter: &&Letter| {
        letter.reason == Reason::EndOfDay && letter.due >= incident.first_seen && seated(letter)
    };
    let mut told: Vec<&Letter> = letters.iter().filter(own).collect();
    if told.is_empty() && incident.severity == Severity::P3 {
        told = letters.iter().filter(list).collect();
    }
    told.sort_by_key(|letter| letter.due);
    let mut persons = BTreeSet::new();
    told.retain(|letter| persons.insert(&letter.to));
    told
}
