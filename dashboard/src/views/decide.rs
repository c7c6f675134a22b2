//! The buttons of a case: each becomes one decision, written before it is confirmed.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use facts::{Act, CodeWords, Decision, DecisionId, Outcome, PersonId, Timestamp, View};

use super::case::{SentBack, open};
use super::case_page::{Typed, needs_record};
use super::{CodePath, Fields, SignedIn};
use crate::auth::random_number;
use crate::dashboard::Dashboard;
use crate::records::CaseFile;
use crate::refusal::Refusal;
use crate::standing::{has_moved_on, may_have_it};

/// The most characters of one field.
const LONGEST: usize = 2_000;

/// "I have this."
pub(crate) async fn take(
    State(dashboard): State<Arc<Dashboard>>,
    CodePath(code): CodePath,
    signed_in: SignedIn,
    fields: Fields,
) -> Result<Response, Refusal> {
    let wish = |_: &CaseFile| Ok(Act::Taken { for_person: None });
    decide(&dashboard, code, &signed_in, &fields, "take", wish).await
}

/// "Someone else has it": told by phone; both names are kept.
pub(crate) async fn told(
    State(dashboard): State<Arc<Dashboard>>,
    CodePath(code): CodePath,
    signed_in: SignedIn,
    fields: Fields,
) -> Result<Response, Refusal> {
    let wish = |file: &CaseFile| {
        let other = chosen(file, &signed_in.reader.id, fields.text("person"))?;
        Ok(Act::Taken { for_person: Some(other) })
    };
    decide(&dashboard, code, &signed_in, &fields, "told", wish).await
}

/// "Hand over", with a sentence.
pub(crate) async fn hand_over(
    State(dashboard): State<Arc<Dashboard>>,
    CodePath(code): CodePath,
    signed_in: SignedIn,
    fields: Fields,
) -> Result<Response, Refusal> {
    let wish = |file: &CaseFile| {
        let to = chosen(file, &signed_in.reader.id, fields.text("to"))?;
        let note = text(&fields, "note")?;
        if note.is_empty() {
            return Err("Please write one sentence for the person who gets it.".into());
        }
        Ok(Act::HandedOver { to, note })
    };
    decide(&dashboard, code, &signed_in, &fields, "hand-over", wish).await
}

/// "Pass it on": to whoever is next on the list of the reader's part, who is not named.
pub(crate) async fn pass_on(
    State(dashboard): State<Arc<Dashboard>>,
    CodePath(code): CodePath,
    signed_in: SignedIn,
    fields: Fields,
) -> Result<Response, Refusal> {
    let wish = |file: &CaseFile| {
        if file.view != View::ChildPart {
            return Err("Please choose the person who gets it.".into());
        }
        let note = text(&fields, "note")?;
        if note.is_empty() {
            return Err("Please write one sentence for the person who gets it.".into());
        }
        Ok(Act::PassedOn { note })
    };
    decide(&dashboard, code, &signed_in, &fields, "pass-on", wish).await
}

/// "Pass the child's part to the safeguarding lead."
pub(crate) async fn pass_welfare(
    State(dashboard): State<Arc<Dashboard>>,
    CodePath(code): CodePath,
    signed_in: SignedIn,
    fields: Fields,
) -> Result<Response, Refusal> {
    let wish = |file: &CaseFile| match file.view {
        View::Whole => Ok(Act::WelfarePassed),
        View::ChildPart => Err("You see the child's part already.".into()),
    };
    decide(&dashboard, code, &signed_in, &fields, "pass-welfare", wish).await
}

/// "Close": what it was, what was done, who was told, the record number.
pub(crate) async fn close(
    State(dashboard): State<Arc<Dashboard>>,
    CodePath(code): CodePath,
    signed_in: SignedIn,
    fields: Fields,
) -> Result<Response, Refusal> {
    let wish = |file: &CaseFile| {
        let outcome: Outcome =
            fields.text("outcome").parse().map_err(|_| "Please choose what it was.".to_owned())?;
        let record = text(&fields, "record")?;
        if record.is_empty() && needs_record(file.incident.severity) {
            return Err("Please write the number in your safeguarding record, or why there is \
                        none."
                .into());
        }
        Ok(Act::Closed {
            outcome,
            done: text(&fields, "done")?,
            told: text(&fields, "told")?,
            record,
        })
    };
    decide(&dashboard, code, &signed_in, &fields, "close", wish).await
}

/// Checks that the form is ours, that the reader has a seat, that nothing happened since
/// the page was made; then writes the decision and shows the case again.
async fn decide(
    dashboard: &Dashboard,
    code: CodeWords,
    signed_in: &SignedIn,
    fields: &Fields,
    form: &'static str,
    wish: impl FnOnce(&CaseFile) -> Result<Act, String>,
) -> Result<Response, Refusal> {
    signed_in.sent(fields, dashboard)?;
    let by = signed_in.reader.id.clone();
    let file = dashboard.records.case(code.clone(), by.clone()).await?.ok_or(Refusal::NotHere)?;
    let act = still_as_shown(&file, fields.text("holder"), signed_in.now);
    let act = act.and_then(|()| wish(&file));
    match act {
        Ok(act) => {
            let id = DecisionId::from_u128(random_number()?);
            let decision = Decision { id, incident: file.incident.id, by, at: signed_in.now, act };
            dashboard.records.decide(decision).await?;
            Ok(Redirect::to(&format!("/{}", code.in_link())).into_response())
        }
        Err(fault) => {
            let typed = Typed::from_fields(fields);
            open(dashboard, signed_in, code, Some(SentBack { form, fault, typed })).await
        }
    }
}

/// Two people may press at the same moment: the second is told, not overruled.
fn still_as_shown(file: &CaseFile, shown: &str, now: Timestamp) -> Result<(), String> {
    let standing = file.standing(now);
    let is_theirs = !has_moved_on(&file.incident.attribution.answer, file.view);
    let is_same = standing.holder().map_or("", PersonId::as_str) == shown;
    if standing.is_open_or_taken() && is_theirs && is_same {
        return Ok(());
    }
    Err("Nothing was changed: somebody was quicker. Please read who has it now.".into())
}

/// A colleague who may have the case.
fn chosen(file: &CaseFile, reader: &PersonId, word: &str) -> Result<PersonId, String> {
    may_have_it(&file.incident, reader, file.view)
        .find(|person| person.as_str() == word)
        .cloned()
        .ok_or_else(|| "Please choose a person from the list.".into())
}

fn text(fields: &Fields, name: &str) -> Result<String, String> {
    let text = fields.text(name);
    if text.chars().count() > LONGEST {
        return Err(format!("Please keep each answer under {LONGEST} characters."));
    }
    Ok(text.to_owned())
}
