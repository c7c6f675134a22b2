//! Whose a direction or a tunnel over TCP is, and when a tunnel is proven.
//!
//! Its first words may be sent so that they never arrive, as a decoy. So it is told once more
//! octets come behind them, or once both ends have said them.

use facts::Evidence;

use super::Segment;
use super::again::Spoken;
use super::flows::{FlowKey, Stage};
use super::sides::{is_answer, is_http_answer};
use super::streams::Streams;
use super::talk::Talk;
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
        settings: &Settings,
    ) -> bool {
        is_http_answer(segment, settings)
            || matches!(self.stage(&key.reversed(), segment.heading.at),
                Some(Stage::Reading(asking)) if asking.talk.is_of_http())
    }

    fn is_servers(&mut self, key: &FlowKey, heading: &Heading, voice: &Voice<'_, '_>) -> bool {
        is_answer(&heading.path, voice.settings) && !self.is_low_client(key, heading.at)
    }
}

fn tell(opened: Opened, by_server: bool, heading: &Heading, voice: &mut Voice<'_, '_>) {
    let heading = if by_server { heading.reversed() } else { *heading };
    (voice.sink)(Said::Observation(heading.says(Evidence::Tunnel(opened.name()))));
}
