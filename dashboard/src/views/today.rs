//! The first page: what needs somebody, in an order that never moves.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::health::{Gaps, Watching, lowered, watching};
use super::today_page::{Group, cover, groups};
use super::{Head, SignedIn, page};
use crate::dashboard::Dashboard;
use crate::refusal::Refusal;
use crate::words::shown_whole;

#[derive(Template)]
#[template(path = "today.html")]
struct TodayPage {
    head: Head,
    notice: Option<&'static str>,
    is_quiet: bool,
    last_packet: String,
    groups: Vec<Group>,
    blind: Vec<String>,
    watching: Watching,
    letters: Option<&'static str>,
    disk: Option<String>,
    clock: Option<String>,
    half_heard: Option<String>,
    routers: Vec<String>,
    gaps: Option<Gaps>,
    lowered: Vec<String>,
    cover: String,
    reading: String,
}

/// Said to everybody, with no number and no time: it is about the mail server, and who may
/// not know of a matter must not learn from it that there is one.
const STUCK: &str = "No: the mail server does not take letters at this moment. They are tried \
    again every few minutes, for ever; until then look here, and use the telephone.";

/// Shows the reader's own cases and how the watching stands.
pub(crate) async fn today(
    State(dashboard): State<Arc<Dashboard>>,
    signed_in: SignedIn,
) -> Result<Response, Refusal> {
    let now = signed_in.now;
    let facts = dashboard.records.today(signed_in.reader.id.clone(), now).await?;
    let groups = groups(&facts.cases, signed_in.names(), &dashboard.times, now);
    let watching = watching(&facts.state, facts.blind.has_ended, &dashboard.times, now);
    let needs = ["Needs someone now", "Today", "For your list", "With me"];
    page(&TodayPage {
        head: Head::new(&dashboard, &signed_in),
        notice: facts.notice,
        is_quiet: !groups.iter().any(|group| needs.contains(&group.heading)),
        last_packet: match facts.state.last_packet {
            Some(at) => format!("Last packet {}.", dashboard.times.near(at, now)),
            None => "No packet has been recorded yet.".into(),
        },
        groups,
        blind: facts.blind.kinds.iter().map(|told| shown_whole(told)).collect(),
        watching,
        letters: facts.letters_are_stuck.then_some(STUCK),
        disk: facts.blind.disk.as_deref().map(shown_whole),
        clock: facts.blind.clock.as_deref().map(shown_whole),
        half_heard: facts.blind.half_heard.as_deref().map(shown_whole),
        routers: facts.blind.routers.iter().map(|told| shown_whole(told)).collect(),
        gaps: Gaps::of(&facts.blind.gaps, &dashboard.times, now),
        lowered: lowered(&facts.blind.lowered, &dashboard.times, now),
        cover: cover(&signed_in.people, &signed_in.reader, dashboard.settings.cover.as_deref()),
        reading: match facts.read_this_week {
            0 => "You have opened no matter in the last seven days.".into(),
            1 => "You have opened 1 matter in the last seven days.".into(),
            more => format!("You have opened {more} matters in the last seven days."),
        },
    })
}
