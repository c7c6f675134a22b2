//! Whose a direction or a tunnel over TCP is, and when a tunnel is proven.
//!
//! Its first words may be sent so that they never arrive, as a decoy. So it is told once more
//! octets come behind them, or once both ends have said them.

use facts::Evidence;

use super::Segment;
use super::again::Spoken;
use super::flows::{FlowKey, Mark, Stage};
use super::sides::{is_answer, is_http_answer};
use super::streams::Streams;
use super::talk::Talk;
use crate::follow::Followed;
use crate::http;
use crate::said::Said;
use crate::tunnels::{self, Opened};
use crate::voice::{Heading, Voice};
use crate::wire::Settings;

impl Streams {
    /// Takes the first words of a tunnel. Where the other end said them, too, it is told; where
    /// a mirror shows the server alone, its banner is believed on its own port.
    pub(super) fn opened_by_both(
        &mut self,
        key: &FlowKey,
        talk: Talk,
        heading: &Heading,
        voice: &mut Voice<'_, '_>,
    ) -> Option<Stage> {
        let Talk::Tunnel(opened) = talk else { return None };
        let by_server = self.is_servers(key, heading, voice);
        let (by_server, heading) = match self.stage(&key.reversed(), heading.at) {
            Some(Stage::Tunnel { .. }) => return Some(Stage::TUNNEL),
            Some(Stage::Reading(other)) if other.talk == talk => {
                self.set_stage(&key.reversed(), Stage::TUNNEL, heading.at);
                (by_server || heading.path.sport < heading.path.dport, heading)
            }
            None if by_server && heading.path.sport == tunnels::SSH_PORT => (true, heading),
            _ => return None,
        };
        tell(opened, by_server, heading, voice);
        Some(Stage::TUNNEL)
    }

    /// Takes what comes behind the first words of a tunnel, and says it once for both
    /// directions. A server that speaks first proves nothing while its client can be heard:
    /// what the client says decides.
    pub(super) fn tunnel(
        &mut self,
        key: &FlowKey,
        opened: Opened,
        heading: &Heading,
        voice: &mut Voice<'_, '_>,
    ) -> Stage {
        let by_server = self.is_servers(key, heading, voice);
        match self.stage(&key.reversed(), heading.at) {
            Some(Stage::Tunnel { .. }) => return Stage::TUNNEL,
            Some(Stage::HalfOpen { .. }) => return Stage::Spent(Spoken::nothing(0)),
            Some(_) if by_server => return Stage::Spent(Spoken::nothing(0)),
            _ if by_server && heading.path.sport != tunnels::SSH_PORT => {
                return Stage::Spent(Spoken::nothing(0));
            }
            _ => tell(opened, by_server, heading, voice),
        }
        Stage::TUNNEL
    }

    /// Whether a direction without a SYN is that of a server which answers over HTTP.
    pub(super) fn is_answering(
        &mut self,
        key: &FlowKey,
        segment: &Segment<'_>,
        starts: bool,
        settings: &Settings,
    ) -> bool {
        let begins = starts || http::surely_starts(segment.payload);
        let is_asked = matches!(self.stage(&key.reversed(), segment.heading.at),
            Some(Stage::Reading(asking)) if asking.talk.is_of_http());
        is_http_answer(segment, begins, is_asked, settings)
    }

    /// Reads the first octets behind a SYN. Those before the stream's beginning are no part
    /// of it, as with a short life: what is said of them has no body in the stream.
    pub(super) fn first_octets(
        &mut self,
        key: FlowKey,
        segment: &Segment<'_>,
        first: u32,
        starts: bool,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        self.place(key, segment, Mark::new(first, Talk::Unknown), starts, followed, voice);
        let before = first.wrapping_sub(segment.seq);
        let is_before = before <= u32::MAX / 2
            && usize::try_from(before).is_ok_and(|before| before >= segment.payload.len());
        if before == 0 || !is_before {
            return;
        }
        let now = segment.heading.at;
        match self.stage(&key, now) {
            Some(Stage::Reading(mark)) if is_reached(first, mark.next) => {
                let mark = Mark { next: first, talk: Talk::Unknown, ..mark };
                self.set_stage(&key, Stage::Reading(mark), now);
            }
            Some(Stage::Gathering { .. }) => {
                if let Some(gather) = self.gathers.value_mut(&key.first()) {
                    gather.first = Some(first);
                }
            }
            _ => {}
        }
    }

    /// Reads octets behind two SYNs that differ. A request may be none of the stream's, so
    /// what comes behind its head need not be its body.
    pub(super) fn doubtful_octets(
        &mut self,
        key: FlowKey,
        segment: &Segment<'_>,
        starts: bool,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        self.caught_midway(key, segment, starts, followed, voice);
        let now = segment.heading.at;
        if let Some(Stage::Reading(mark)) = self.stage(&key, now)
            && matches!(mark.talk, Talk::Http | Talk::Chunk)
            && mark.next != segment.end()
        {
            let mark = Mark { next: segment.end(), talk: Talk::HttpSomewhere, ..mark };
            self.set_stage(&key, Stage::Reading(mark), now);
        }
    }

    fn is_servers(&mut self, key: &FlowKey, heading: &Heading, voice: &Voice<'_, '_>) -> bool {
        is_answer(&heading.path, voice.settings) && !self.is_low_client(key, heading.at)
    }
}

/// Whether reading came up to this octet.
pub(super) const fn is_reached(first: u32, next: u32) -> bool {
    next.wrapping_sub(first) <= u32::MAX / 2
}

fn tell(opened: Opened, by_server: bool, heading: &Heading, voice: &mut Voice<'_, '_>) {
    let heading = if by_server { heading.reversed() } else { *heading };
    (voice.sink)(Said::Observation(heading.says(Evidence::Tunnel(opened.name()))));
}
