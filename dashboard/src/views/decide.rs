//! The buttons of a case: each becomes one decision, written before it is confirmed.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use facts::{Act, CodeWords, DecisionId, Outcome, PersonId, Timestamp, View};

use super::case::{SentBack, open};
use super::case_page::{Typed, needs_record};
use super::{CodePath, Fields, SignedIn};
use crate::auth::random_number;
use crate::dashboard::Dashboard;
use crate::records::{CaseFile, Decided, Pressed};
use crate::refusal::Refusal;
use crate::standing::{has_moved_on, may_have_it};

/// The most characters of one field.
const LONGEST: usize = 2_000;

/// What a button asks for, from the case as it stands, the reader, and what was typed.
type Wish = fn(&CaseFile, &PersonId, &Fields) -> Result<Act, String>;

/// "I have this."
pub(crate) async fn take(
    State(dashboard): State<Arc<Dashboard>>,
    CodePath(code): CodePath,
    signed_in: SignedIn,
    fields: Fields,
) -> Result<Response, Refusal> {
    let wish: Wish = |_, _, _| Ok(Act::Taken { for_person: None });
    decide(&dashboard, code, &signed_in, fields, "take", wish).await
}

/// "Someone else has it": told by phone; both names are kept.
pub(crate) async fn told(
    State(dashboard): State<Arc<Dashboard>>,
    CodePath(code): CodePath,
    signed_in: SignedIn,
    fields: Fields,
) -> Result<Response, Refusal> {
    let wish: Wish = |file, reader, fields| {
        let other = chosen(file, reader, fields.text("person"))?;
        Ok(Act::Taken { for_person: Some(other) })
    };
    decide(&dashboard, code, &signed_in, fields, "told", wish).await
}

/// "Hand over", with a sentence.
pub(crate) async fn hand_over(
    State(dashboard): State<Arc<Dashboard>>,
    CodePath(code): CodePath,
    signed_in: SignedIn,
    fields: Fields,
) -> Result<Response, Refusal> {
    let wish: Wish = |file, reader, fields| {
        let to = chosen(file, reader, fields.text("to"))?;
        let note = text(fields, "note")?;
        if note.is_empty() {
            return Err("Please write one sentence for the person who gets it.".into());
        }
        Ok(Act::HandedOver { to, note })
    };
    decide(&dashboard, code, &signed_in, fields, "hand-over", wish).await
}

/// "Pass it on": to whoever is next on the list of the reader's part, who is not named.
pub(crate) async fn pass_on(
    State(dashboard): State<Arc<Dashboard>>,
    CodePath(code): CodePath,
    signed_in: SignedIn,
    fields: Fields,
) -> Result<Response, Refusal> {
    let wish: Wish = |file, _, fields| {
        if file.view != View::ChildPart {
            return Err("Please choose the person who gets it.".into());
        }
        let note = text(fields, "note")?;
        if note.is_empty() {
            return Err("Please write one sentence for the person who gets it.".into());
        }
        Ok(Act::PassedOn { note })
    };
    decide(&dashboard, code, &signed_in, fields, "pass-on", wish).await
}

/// "Pass the child's part to the safeguarding lead."
pub(crate) async fn pass_welfare(
    State(dashboard): State<Arc<Dashboard>>,
    CodePath(code): CodePath,
    signed_in: SignedIn,
    fields: Fields,
) -> Result<Response, Refusal> {
    let wish: Wish = |file, _, _| match file.view {
        View::Whole => Ok(Act::WelfarePassed),
        View::ChildPart => Err("You see the child's part already.".into()),
    };
    decide(&dashboard, code, &signed_in, fields, "pass-welfare", wish).await
}

/// "Close": what it was, what was done, who was told, the record number.
pub(crate) async fn close(
    State(dashboard): State<Arc<Dashboard>>,
    CodePath(code): CodePath,
    signed_in: SignedIn,
    fields: Fields,
) -> Result<Response, Refusal> {
    let wish: Wish = |file, _, fields| {
        let outcome: Outcome =
            fields.text("outcome").parse().map_err(|_| "Please choose what it was.".to_owned())?;
        let record = text(fields, "record")?;
        if record.is_empty() && needs_record(file.incident.severity) {
            return Err("Please write the number in your safeguarding record, or why there is \
                        none."
                .into());
        }
        Ok(Act::Closed {
            outcome,
            done: text(fields, "done")?,
            told: text(fields, "told")?,
            record,
        })
    };
    decide(&dashboard, code, &signed_in, fields, "close", wish).await
}

/// Checks that the form is ours; then looks whether the reader has a seat and nothing
/// happened since the page was made, and writes the decision, in one step; and shows the
/// case again.
async fn decide(
    dashboard: &Dashboard,
    code: CodeWords,
    signed_in: &SignedIn,
    fields: Fields,
    form: &'static str,
    wish: Wish,
) -> Result<Response, Refusal> {
    signed_in.sent(&fields, dashboard)?;
    let (by, at) = (signed_in.reader.id.clone(), signed_in.now);
    let typed = Typed::from_fields(&fields);
    let id = DecisionId::from_u128(random_number()?);
    let pressed = Pressed { id, code: code.clone(), by: by.clone(), at };
    let look = move |file: &CaseFile| {
        still_as_shown(file, form, fields.text("holder"), at)?;
        wish(file, &by, &fields)
    };
    match dashboard.records.decide(pressed, look).await?.ok_or(Refusal::NotHere)? {
        Decided::Written => Ok(Redirect::to(&format!("/{}", code.in_link())).into_response()),
        Decided::Declined(fault) => {
            open(dashboard, signed_in, code, Some(SentBack { form, fault, typed })).await
        }
    }
}

/// Two people may press at the same moment: the second is told, not overruled. Whoever
/// passes a case on must have seen to whom it was passed before; to take it, or to close
/// it, it is enough that nobody has it.
fn still_as_shown(file: &CaseFile, form: &str, shown: &str, now: Timestamp) -> Result<(), String> {
    let standing = file.standing(now);
    let is_theirs = !has_moved_on(&file.incident.attribution.answer, file.view);
    let passes_on = ["hand-over", "pass-on"].contains(&form);
    let nobody_has_it = standing.holder().is_none() && shown.is_empty();
    let is_same = standing.mark() == shown || (nobody_has_it && !passes_on);
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
