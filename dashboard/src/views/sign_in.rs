//! Signing in and out.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use facts::PersonId;
use serde::Deserialize;

use super::asked::{
    Fields, SignedIn, code_of, cookie, expired_cookie, new_session_cookie, page, session_cookie,
    set_cookie,
};
use crate::auth::{Admission, Secret};
use crate::dashboard::Dashboard;
use crate::guard::sender;
use crate::refusal::Refusal;

/// Ties the sign-in form to the browser it was shown in, before there is a session.
const ENTRY: &str = "wardline_entry";
/// One answer for every reason, so that nobody learns which words exist.
const WRONG: &str = "That word and password do not go together. Please try again.";

/// What the address of the sign-in page may carry.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    to: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    site: String,
    fault: Option<String>,
    person: String,
    form_token: String,
    to: Option<String>,
    code: Option<String>,
}

/// The form.
pub(crate) async fn sign_in_form(
    State(dashboard): State<Arc<Dashboard>>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let to = wanted.ok().and_then(|Query(wanted)| wanted.to).unwrap_or_default();
    let entry = match cookie(&headers, ENTRY) {
        Some(entry) => entry,
        None => Secret::draw()?,
    };
    shown_again(&dashboard, &entry, &to, "", None, StatusCode::OK)
}

/// Checks the password and begins a session under a new token.
pub(crate) async fn sign_in(
    State(dashboard): State<Arc<Dashboard>>,
    parts: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let entry = cookie(&parts.headers, ENTRY).ok_or(Refusal::ForeignForm)?;
    if !dashboard.sessions.form_token_fits(&entry, fields.text("form")) {
        return Err(Refusal::ForeignForm);
    }
    let typed = fields.text("person").to_owned();
    let again = |fault: String, status| {
        shown_again(&dashboard, &entry, fields.text("to"), &typed, Some(fault), status)
    };
    let mut person = PersonId::new(&typed);
    let mut known = dashboard.password_of(person.clone()).await?;
    if known.is_none() {
        // Telephones like to begin with a capital.
        person = PersonId::new(&typed.to_lowercase());
        known = dashboard.password_of(person.clone()).await?;
    }
    let now = dashboard.clock.now();
    let address = sender(&parts);
    match dashboard.throttle.admit(known.as_ref().map(|_| &person), address, now) {
        Admission::Go => {}
        // A name that nobody has gets the usual answer, so that waiting gives nothing away.
        Admission::Wait(_) if known.is_none() => {
            return again(WRONG.into(), StatusCode::FORBIDDEN);
        }
        Admission::Wait(pause) => {
            let seconds = pause.as_seconds() + 1;
            let words = format!("Too many tries. Please wait {seconds} seconds and try again.");
            let mut response = again(words, StatusCode::TOO_MANY_REQUESTS)?;
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            return Ok(response);
        }
    }
    let hash = known.as_ref().map(|(hash, _)| hash.clone());
    let Ok(fits) = dashboard.hashing.check(fields.exact("password").to_owned(), hash).await else {
        let words = "Many people are signing in. Please try again in a few seconds.";
        return again(words.into(), StatusCode::SERVICE_UNAVAILABLE);
    };
    let Some((_, mark)) = known.filter(|_| fits) else {
        tracing::warn!(%address, "a sign-in failed");
        return again(WRONG.into(), StatusCode::FORBIDDEN);
    };
    dashboard.throttle.forgive(&person, address);
    if let Some(old) = session_cookie(&parts.headers) {
        dashboard.sessions.end(&old);
    }
    let token = dashboard.sessions.begin(person, mark, now)?;
    let place = code_of(fields.text("to")).map_or("/".to_owned(), |c| format!("/{}", c.in_link()));
    let mut response = Redirect::to(&place).into_response();
    let cookies = [new_session_cookie(&token), Some(expired_entry())];
    for line in cookies.into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    Ok(response)
}

/// Ends the session.
pub(crate) async fn sign_out(
    State(dashboard): State<Arc<Dashboard>>,
    signed_in: SignedIn,
    fields: Fields,
) -> Result<Response, Refusal> {
    signed_in.sent(&fields, &dashboard)?;
    dashboard.sessions.end(&signed_in.token);
    let mut response = Redirect::to("/sign-in").into_response();
    response.headers_mut().append(header::SET_COOKIE, expired_cookie());
    // Cookies are not cleared by this header: they are shared by all ports of this address.
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    Ok(response)
}

fn shown_again(
    dashboard: &Dashboard,
    entry: &Secret,
    to: &str,
    person: &str,
    fault: Option<String>,
    status: StatusCode,
) -> Result<Response, Refusal> {
    let code = code_of(to);
    let form = SignInPage {
        site: dashboard.settings.site_name.clone(),
        fault,
        person: person.chars().take(64).collect(),
        form_token: dashboard.sessions.form_token(entry),
        to: code.as_ref().map(|code| code.in_link()),
        code: code.map(|code| code.to_string()),
    };
    let mut response = page(&form)?;
    *response.status_mut() = status;
    if let Some(line) = set_cookie(ENTRY, entry) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    Ok(response)
}

fn expired_entry() -> HeaderValue {
    HeaderValue::from_static("wardline_entry=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
}
