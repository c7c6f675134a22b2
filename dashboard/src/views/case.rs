//! The case page: it is sent only after the view of it has been written down.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use facts::{CodeWords, Outcome, Phase, Severity, View};

use super::case_page::{Reading, Typed, needs_record};
use super::today_page::Choice;
use super::{CodePath, Head, SignedIn, page};
use crate::dashboard::Dashboard;
use crate::records::CaseFile;
use crate::refusal::Refusal;
use crate::standing::has_moved_on;
use crate::words::{
    Advice, Matter, NextSteps, Numbers, Who, changes, device, kind, level, next_steps, outcome,
    shown, unproven_study, what_we_saw, who_and_how_sure,
};

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage {
    head: Head,
    fault: Option<String>,
    code: String,
    link: String,
    level: &'static str,
    style: &'static str,
    since: String,
    with: String,
    take: Option<&'static str>,
    holder: String,
    closed: Option<String>,
    who: Option<Who>,
    changed: Vec<String>,
    saw: String,
    study: Option<&'static str>,
    seen_when: String,
    device: String,
    places: Vec<String>,
    names: Vec<String>,
    next: Option<NextSteps>,
    may_act: bool,
    may_pass_welfare: bool,
    sees_a_part: bool,
    others: Vec<Choice>,
    outcomes: Vec<Choice>,
    open_form: &'static str,
    typed: Typed,
    record_needed: bool,
    advice_first: bool,
    steps: Vec<String>,
    why: String,
    rules: Vec<String>,
    record: Vec<String>,
}

/// Shows a case to a person who has a seat in it; to anybody else there is no such page.
pub(crate) async fn case(
    State(dashboard): State<Arc<Dashboard>>,
    method: Method,
    headers: HeaderMap,
    CodePath(code): CodePath,
    signed_in: SignedIn,
) -> Result<Response, Refusal> {
    // A browser that fetches ahead of a click is nobody who looks.
    let ahead = ["purpose", "sec-purpose"].into_iter().filter_map(|name| headers.get(name));
    if ahead.map(|value| value.as_bytes()).any(|value| value.starts_with(b"prefetch")) {
        return Err(Refusal::NotYet);
    }
    if method == Method::HEAD {
        let found = dashboard.records.case(code, signed_in.reader.id.clone()).await?;
        return found.map(|_| StatusCode::OK.into_response()).ok_or(Refusal::NotHere);
    }
    open(&dashboard, &signed_in, code, None).await
}

/// A form that came back with a fault.
pub(super) struct SentBack {
    pub form: &'static str,
    pub fault: String,
    pub typed: Typed,
}

/// Writes the view down, then makes the page.
pub(super) async fn open(
    dashboard: &Dashboard,
    signed_in: &SignedIn,
    code: CodeWords,
    sent_back: Option<SentBack>,
) -> Result<Response, Refusal> {
    let reader = signed_in.reader.id.clone();
    let file = dashboard.records.open_case(code, reader, signed_in.now).await?;
    let file = file.ok_or(Refusal::NotHere)?;
    let status = sent_back.as_ref().map_or(StatusCode::OK, |_| StatusCode::UNPROCESSABLE_ENTITY);
    let mut response = page(&case_page(dashboard, signed_in, &file, sent_back))?;
    *response.status_mut() = status;
    Ok(response)
}

fn case_page(
    dashboard: &Dashboard,
    signed_in: &SignedIn,
    file: &CaseFile,
    sent_back: Option<SentBack>,
) -> CasePage {
    let CaseFile { incident, view, .. } = file;
    let times = &dashboard.times;
    let settings = &dashboard.settings;
    let standing = &file.standing(signed_in.now);
    let matter = Matter::of(&incident.attribution, *view);
    let is_gone = matches!(standing.phase, Phase::Withdrawn { .. })
        || has_moved_on(&incident.attribution.answer, *view);
    let (names, now) = (signed_in.names(), signed_in.now);
    let (reader_duties, letters) = (&signed_in.reader.duties[..], settings.letters);
    let reading = Reading { file, standing, is_gone, names, reader_duties, times, letters, now };
    let may_act = standing.is_open_or_taken() && !is_gone;
    let device = device(incident, &file.matches, *view);
    let may_pass_welfare = may_act && reading.may_pass_welfare();
    let numbers = Numbers {
        childrens_services: settings.childrens_services.as_deref(),
        adult_advice: settings.adult_advice.as_deref(),
    };
    let (open_form, fault, typed) = match sent_back {
        Some(SentBack { form, fault, typed }) => (form, Some(fault), typed),
        None => ("", None, Typed::default()),
    };
    CasePage {
        head: Head::new(dashboard, signed_in),
        fault,
        code: incident.code.to_string(),
        link: incident.code.in_link(),
        level: if is_gone { "taken back" } else { level(incident.severity) },
        style: if incident.severity == Severity::P1 && may_act { "now" } else { "" },
        since: reading.since(),
        with: reading.with(),
        take: reading.take().filter(|_| may_act),
        holder: standing.mark(),
        closed: reading.closed(),
        who: (!is_gone).then(|| who_and_how_sure(&incident.attribution, *view)),
        changed: changes(&file.revisions, *view, times, signed_in.now),
        saw: what_we_saw(incident),
        study: unproven_study(incident, *view),
        seen_when: reading.seen_when(),
        device: device.heading,
        places: device.lines,
        names: incident.names.iter().map(|name| shown(name.as_str())).collect(),
        next: may_act.then(|| {
            let day = settings.school_day(now);
            next_steps(incident, matter, &device.name, numbers, day, times)
        }),
        may_act,
        may_pass_welfare,
        sees_a_part: *view == View::ChildPart,
        others: reading.others(),
        outcomes: Outcome::ALL
            .into_iter()
            .map(|o| Choice { id: o.as_str().into(), text: outcome(o).into() })
            .collect(),
        open_form,
        typed,
        record_needed: needs_record(incident.severity),
        advice_first: Advice::about(incident.category) == Advice::First
            && !matter.may_name_an_adult(),
        steps: reading.steps(),
        why: format!(
            "A rule for {} spoke, and the case came to the level “{}”.",
            kind(incident.category),
            level(incident.severity)
        ),
        rules: reading.rules(),
        record: reading.record(),
    }
}
