//! Answers that say no: one plain page each, without a path, a query or a reason of ours.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use crate::auth::{NoRandomness, random_number};

/// Why a request is not answered with what it asked for.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Nobody is signed in; afterwards the page of these code words is shown, if any.
    SignInFirst {
        /// The last part of the address asked for.
        next: Option<String>,
    },
    /// There is no such page, or none for this person: both look the same, and so does a matter
    /// that was this person's before. Words such as "not for you" would say whom it is about.
    NotHere,
    /// The method does not fit the page.
    NotSo,
    /// The request came under a foreign name or through a proxy.
    OtherHost,
    /// A form that none of our pages sent in this session.
    ForeignForm,
    /// A form that can not be read.
    OddForm,
    /// The browser fetched ahead of a click: nothing is shown to nobody.
    NotYet,
    /// A database could not be read or written, so the page is not shown.
    Closed {
        /// Stands in the log beside the reason.
        id: String,
    },
    /// Something failed here.
    Fault {
        /// Stands in the log beside the reason.
        id: String,
    },
}

impl Refusal {
    /// A database fault: logged under an id, shown as that id only.
    pub(crate) fn closed(fault: &dyn std::error::Error) -> Self {
        let id = fault_id();
        tracing::error!(id, fault = %chain(fault), "a page was not shown");
        Self::Closed { id }
    }

    /// Any other fault.
    pub(crate) fn fault(fault: &dyn std::error::Error) -> Self {
        let id = fault_id();
        tracing::error!(id, fault = %chain(fault), "a request failed");
        Self::Fault { id }
    }

    const fn words(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::SignInFirst { .. } => (StatusCode::SEE_OTHER, "Please sign in", ""),
            Self::NotHere => (
                StatusCode::NOT_FOUND,
                "Nothing is open under this name",
                "There is no open matter of this name on your list. Matters are joined with \
                 others, handed on, closed and deleted; whoever has this one now knows. If \
                 somebody gave you code words, check them letter by letter.",
            ),
            Self::NotSo => (
                StatusCode::METHOD_NOT_ALLOWED,
                "Not in this way",
                "This page can not be used in that way. Please go back and press the button again.",
            ),
            Self::OtherHost => (
                StatusCode::MISDIRECTED_REQUEST,
                "Only on this machine",
                "This page answers on the machine it runs on, under localhost or 127.0.0.1, and \
                 through no proxy. It has no second factor at its sign-in yet.",
            ),
            Self::ForeignForm => (
                StatusCode::FORBIDDEN,
                "Nothing was changed",
                "The form did not come from a page of this session. Please open the page again \
                 and press the button there.",
            ),
            Self::OddForm => (
                StatusCode::BAD_REQUEST,
                "Nothing was changed",
                "The form could not be read. Please open the page again.",
            ),
            Self::NotYet => {
                (StatusCode::SERVICE_UNAVAILABLE, "Not yet", "Please press the link to open it.")
            }
            Self::Closed { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Not shown, and nothing changed",
                "The record can not be read or written at this moment. A page is shown only when \
                 its view can be recorded. If this is urgent, ring the number on your card and \
                 say the code words.",
            ),
            Self::Fault { .. } => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something failed here",
                "Nothing was changed. If this is urgent, ring the number on your card and say the \
                 code words.",
            ),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        if let Self::SignInFirst { next } = &self {
            let place = next.as_ref().map_or("/sign-in".to_owned(), |n| format!("/sign-in?to={n}"));
            return (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response();
        }
        let (status, heading, sentence) = self.words();
        let id = match &self {
            Self::Closed { id } | Self::Fault { id } => Some(id.clone()),
            _ => None,
        };
        match (RefusalPage { heading, sentence, id }).render() {
            Ok(page) => (status, Html(page)).into_response(),
            Err(_) => status.into_response(),
        }
    }
}

impl From<NoRandomness> for Refusal {
    fn from(fault: NoRandomness) -> Self {
        Self::fault(&fault)
    }
}

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage {
    heading: &'static str,
    sentence: &'static str,
    id: Option<String>,
}

/// Eight digits that join what a person was shown to a line of the log.
fn fault_id() -> String {
    random_number().map_or_else(|_| "unknown".into(), |number| format!("{:08x}", number >> 96))
}

fn chain(fault: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(fault), |fault| fault.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
