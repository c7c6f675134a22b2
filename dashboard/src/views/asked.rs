//! What a request carries: who is signed in, which case it names, the fields of its form.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use facts::{CodeWords, Person, Timestamp};

use crate::auth::Secret;
use crate::dashboard::Dashboard;
use crate::refusal::Refusal;
use crate::words::{Names, shown};

/// The session's cookie. It has neither the `__Host-` prefix nor `Secure`: both need TLS,
/// and these pages are served in clear on a loopback address, where browsers differ on
/// whether they would keep such a cookie at all.
const SESSION: &str = "wardline_session";

/// A person with a living session, and the colleagues of that moment.
pub(crate) struct SignedIn {
    pub reader: Person,
    pub people: Vec<Person>,
    pub token: Secret,
    pub now: Timestamp,
}

impl SignedIn {
    /// Names colleagues for this reader.
    pub(crate) fn names(&self) -> Names<'_> {
        Names { people: &self.people, reader: &self.reader.id }
    }

    /// Whether a form was made for this session.
    pub(crate) fn sent(&self, fields: &Fields, dashboard: &Dashboard) -> Result<(), Refusal> {
        let fits = dashboard.sessions.form_token_fits(&self.token, fields.text("form"));
        fits.then_some(()).ok_or(Refusal::ForeignForm)
    }
}

impl FromRequestParts<Arc<Dashboard>> for SignedIn {
    type Rejection = Refusal;

    async fn from_request_parts(
        parts: &mut Parts,
        dashboard: &Arc<Dashboard>,
    ) -> Result<Self, Refusal> {
        let first =
            || Refusal::SignInFirst { next: code_in(parts.uri.path()).map(|c| c.in_link()) };
        let now = dashboard.clock.now();
        let token = session_cookie(&parts.headers).ok_or_else(first)?;
        let session = dashboard.sessions.resume(&token, now).ok_or_else(first)?;
        let (password, people) = dashboard.standing_of(session.person.clone()).await?;
        let reader = people.iter().find(|person| person.id == session.person).cloned();
        // A person who was taken off the list, or whose password was set anew, is out at once.
        match reader {
            Some(reader) if password == Some(session.password) => {
                Ok(Self { reader, people, token, now })
            }
            _ => {
                dashboard.sessions.end(&token);
                Err(first())
            }
        }
    }
}

/// The token in the session's cookie.
pub(crate) fn session_cookie(headers: &HeaderMap) -> Option<Secret> {
    cookie(headers, SESSION)
}

/// A token in a cookie.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<Secret> {
    let pairs = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = pairs.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| key.trim() == name).and_then(|(_, value)| Secret::from_hex(value.trim()))
}

/// A Set-Cookie line that only our own pages get back and no script reads.
pub(crate) fn set_cookie(name: &str, token: &Secret) -> Option<HeaderValue> {
    format!("{name}={}; Path=/; HttpOnly; SameSite=Strict", token.to_hex()).parse().ok()
}

/// The Set-Cookie line of a new session.
pub(crate) fn new_session_cookie(token: &Secret) -> Option<HeaderValue> {
    set_cookie(SESSION, token)
}

/// A Set-Cookie line that makes the browser forget the session.
pub(crate) fn expired_cookie() -> HeaderValue {
    HeaderValue::from_static("wardline_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
}

/// The code words in an address such as `/HEDGE-42` or `/HEDGE-42/close`.
pub(crate) struct CodePath(pub CodeWords);

impl<S: Send + Sync> FromRequestParts<S> for CodePath {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Path(text) =
            Path::<String>::from_request_parts(parts, state).await.map_err(|_| Refusal::NotHere)?;
        code_of(&text).map(Self).ok_or(Refusal::NotHere)
    }
}

fn code_in(path: &str) -> Option<CodeWords> {
    path.split('/').nth(1).and_then(code_of)
}

/// Reads `HEDGE-42` in any case.
pub(crate) fn code_of(text: &str) -> Option<CodeWords> {
    CodeWords::parse(&text.to_ascii_uppercase().replacen('-', " ", 1)).ok()
}

/// The fields of a form, by name.
pub(crate) struct Fields(HashMap<String, String>);

impl Fields {
    /// A field without the space around it; the empty text where it is missing.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }

    /// A field exactly as it was typed.
    pub(crate) fn exact(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text)
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let form = Form::<HashMap<String, String>>::from_request(request, state).await;
        form.map(|Form(fields)| Self(fields)).map_err(|_| Refusal::OddForm)
    }
}

/// The head of a page for somebody who is signed in.
pub(crate) struct Head {
    pub site: String,
    pub when: String,
    pub home_time: Option<String>,
    pub reader: String,
    pub form_token: String,
}

impl Head {
    pub(crate) fn new(dashboard: &Dashboard, signed_in: &SignedIn) -> Self {
        Self {
            site: dashboard.settings.site_name.clone(),
            when: dashboard.times.full(signed_in.now),
            home_time: dashboard.settings.home_time(signed_in.now),
            reader: shown(&signed_in.reader.display),
            form_token: dashboard.sessions.form_token(&signed_in.token),
        }
    }
}

/// Renders a page.
pub(crate) fn page(template: &impl Template) -> Result<Response, Refusal> {
    let text = template.render().map_err(|fault| Refusal::fault(&fault))?;
    Ok(Html(text).into_response())
}
