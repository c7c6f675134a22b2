//! What a replay prints: one JSON object a line, in the contract's words.

use std::collections::BTreeSet;

use facts::{
    Answer, Attribution, Candidate, Duty, Incident, IncidentId, Letter, Match, MatchId, Reason,
    Severity, Weight,
};
use ring::hmac;
use serde_json::{Value, json};

/// How accounts are shown.
pub enum Accounts {
    /// As they are: the demonstration's and a test's own.
    Shown,
    /// As pseudonyms of this run.
    Hidden(hmac::Key),
}

impl Accounts {
    /// An account as this run shows it.
    #[must_use]
    pub fn show(&self, candidate: &Candidate) -> String {
        match self {
            Self::Shown => candidate.account.reveal().to_owned(),
            Self::Hidden(key) => {
                let tag = hmac::sign(key, candidate.account.reveal().as_bytes());
                let hex: String =
                    tag.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
                format!("account-{hex}")
            }
        }
    }
}

/// A case in its final state, with who was told of it.
#[must_use]
pub fn incident(incident: &Incident, letters: &[Letter], accounts: &Accounts) -> Value {
    let told = told(incident.id, letters);
    json!({
        "kind": "incident",
        "id": incident.id.to_string(),
        "code": incident.code.as_str(),
        "severity": incident.severity.to_string(),
        "category": incident.category.code(),
        "names": incident.names.iter().map(facts::HostName::as_str).collect::<Vec<_>>(),
        "address": incident.sighting.address.to_string(),
        "first_seen": incident.first_seen.to_string(),
        "last_seen": incident.last_seen.to_string(),
        "hits": incident.matches.len(),
        "rung": incident.rung.as_str(),
        "subject": subject(&incident.attribution, accounts),
        "recipients": told.iter().map(|letter| letter.to_role.as_str()).collect::<Vec<_>>(),
        "due": told.first().map(|letter| letter.due.to_string()),
        "revision": incident.revision,
    })
}

/// A letter as it would be sent.
#[must_use]
pub fn letter(letter: &Letter) -> Value {
    json!({
        "kind": "letter",
        "incident": letter.incident.map(|id| id.to_string()),
        "to_role": letter.to_role.as_str(),
        "due": letter.due.to_string(),
        "subject": letter.subject,
        "body": letter.body,
        "reason": letter.reason.as_str(),
    })
}

/// A match as it left the capture.
#[must_use]
pub fn matched(matched: &Match) -> Value {
    json!({
        "kind": "match",
        "id": matched.id.to_string(),
        "time": matched.at.to_string(),
        "address": matched.sighting.address.to_string(),
        "mac": matched.sighting.mac.map(|mac| mac.to_string()),
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
        "kind": subject_kind(&attribution.answer),
        "certainty": attribution.answer.certainty().as_str(),
        "accounts": candidates.iter().map(|c| accounts.show(c)).collect::<Vec<_>>(),
        "device": attribution.device.as_ref().map(|device| device.mac.to_string()),
    })
}

/// What the subject is, in one word.
fn subject_kind(answer: &Answer) -> &'static str {
    match (answer.candidates(), answer) {
        ([only], _) => candidate_kind(only),
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

/// The first letter to each person, in the order they were told.
fn told(incident: IncidentId, letters: &[Letter]) -> Vec<&Letter> {
    let tells = |letter: &&Letter| {
        letter.incident == Some(incident)
            && matches!(letter.reason, Reason::First | Reason::NotTaken | Reason::Worse)
    };
    let mut told: Vec<&Letter> = letters.iter().filter(tells).collect();
    told.sort_by_key(|letter| letter.due);
    let mut persons = BTreeSet::new();
    told.retain(|letter| persons.insert(&letter.to));
    told
}
