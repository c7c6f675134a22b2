//! The life of a TCP direction: from its SYN, through messages in order or in pieces, to
//! the point where it can say nothing more.

use facts::Timestamp;

use super::Segment;
use super::again::Spoken;
use super::flows::{FlowKey, Flows, GatherKey, Mark, Stage};
use super::gather::Gather;
use super::recognise;
use super::sides::{LowClients, begins_http_answer, is_answer, is_read_both_ways, speaks_for_both};
use super::talk::{self, Front, Stop, Talk};
use super::versions::Told;
use crate::assembler::Fit;
use crate::counters::Counters;
use crate::follow::Followed;
use crate::http;
use crate::keyed::Key;
use crate::limits::{GATHER_BYTES, GATHER_WINDOW, MOST_GATHERS, MOST_RANGES};
use crate::readings::Rivals;
use crate::records::{self, Start};
use crate::table::Table;
use crate::voice::{Heading, Voice};

/// All TCP directions that are remembered.
pub(crate) struct Streams {
    flows: Flows,
    pub(super) gathers: Table<GatherKey, Gather>,
    /// Octets that the gathers own on the heap.
    pub(super) held: usize,
    low_clients: LowClients,
}

/// Sequence numbers this far behind are another stream's, not old octets.
const FARTHEST_BEHIND: u32 = 1 << 20;

impl Streams {
    pub(crate) fn new(key: Key) -> Self {
        Self {
            flows: Flows::new(key),
            gathers: Table::new(MOST_GATHERS, key),
            held: 0,
            low_clients: LowClients::new(),
        }
    }

    pub(crate) fn bytes_held(&self) -> usize {
        self.flows.bytes_held().saturating_add(self.gathers.bytes_held()).saturating_add(self.held)
    }

    /// The flows, the table of gathers and what these own: their octets up to the cap, one
    /// window with two readings above it before somebody makes room, and their ranges.
    pub(crate) const fn most_bytes() -> usize {
        Flows::most_bytes()
            .saturating_add(Table::<GatherKey, Gather>::most_bytes(MOST_GATHERS))
            .saturating_add(GATHER_BYTES)
            .saturating_add((GATHER_WINDOW as usize).saturating_mul(4))
            .saturating_add(Rivals::most_bytes())
            .saturating_add(Told::most_bytes())
            .saturating_add(MOST_RANGES.saturating_mul(size_of::<[(u32, u32); 2]>()))
    }

    /// Takes one segment.
    pub(crate) fn segment(
        &mut self,
        segment: &Segment<'_>,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        if let Some(steps) = followed.segment(segment, voice.counters) {
            steps.into_iter().flatten().for_each(|step| voice.progress(step));
        }
        let says_nothing = segment.payload.is_empty() || segment.flags.rst;
        if says_nothing && !segment.flags.syn {
            return;
        }
        let key = FlowKey::new(&segment.heading.path);
        if segment.flags.syn {
            self.opened(key, segment, voice);
        }
        if says_nothing {
            return;
        }
        let starts = records::start(segment.payload) == Start::Hello;
        let path = &segment.heading.path;
        if is_answer(path, voice.settings) {
            if starts {
                self.low_clients.add(&key);
            } else if !self.is_low_client(&key, segment.heading.at)
                && !speaks_for_both(segment.payload, path)
                && !begins_http_answer(segment.payload)
            {
                return;
            }
        }
        let now = segment.heading.at;
        match self.flows.slot(&key, now).map(|slot| slot.stage) {
            None | Some(Stage::Vacant) => self.caught_midway(key, segment, starts, followed, voice),
            // Of two that differ, one may never have arrived: either may be where it begins.
            Some(Stage::HalfOpen { is_doubtful: true, .. }) => {
                self.doubtful_octets(key, segment, starts, followed, voice);
            }
            Some(Stage::HalfOpen { next, .. }) => {
                self.first_octets(key, segment, next, starts, followed, voice);
            }
            Some(Stage::Reading(Mark { talk: Talk::Answer, next, .. })) => {
                // In its place, what looked like an answer never arrived.
                if next == segment.seq && (starts || http::surely_starts(segment.payload)) {
                    self.caught_midway(key, segment, starts, followed, voice);
                }
            }
            Some(Stage::Reading(mark)) => {
                let trimmed;
                // Nobody sends a body in clear to a port of TLS.
                let may_be_body = !voice.settings.tls_ports.contains(&path.dport);
                let in_body = may_be_body && self.is_in_body(&key, &mark, segment);
                let (mut segment, mut starts) = (segment, starts && !in_body);
                if mark.said.is_within(segment) && !starts && !http::surely_starts(segment.payload)
                {
                    // A receiver leaves off what it has, and begins where it is.
                    trimmed = segment.from(mark.said.start);
                    starts = records::start(trimmed.payload) == Start::Hello;
                    segment = &trimmed;
                }
                let begins = !starts && (mark.said.covers(segment.seq) || mark.shadows(segment));
                if (mark.is_contested || begins)
                    && self.contest(key, segment, mark, followed, voice)
                {
                    return;
                }
                self.place(key, segment, mark, starts, followed, voice);
            }
            Some(Stage::Gathering { is_contested } | Stage::Tunnel { is_contested })
                if is_contested && self.contest_beside(key, segment, followed, voice) => {}
            // What said it was a tunnel may never have arrived.
            Some(Stage::Tunnel { .. }) if starts || http::surely_starts(segment.payload) => {
                let first = Mark::new(segment.seq, Talk::Unknown);
                self.place(key, segment, first, starts, followed, voice);
            }
            Some(Stage::Tunnel { .. }) => {}
            Some(Stage::Gathering { .. }) => {
                self.another_piece(key, segment, starts, followed, voice);
            }
            Some(Stage::Spent(spoken)) => {
                // A few octets may begin a hello: the rest is on its way.
                let starts = starts
                    || (segment.payload.len() < records::START
                        && records::may_start(segment.payload));
                let behind = records::hello_behind_change(segment.payload).filter(|_| !starts);
                let trimmed = behind.map(|octets| segment.from(segment.seq.wrapping_add(octets)));
                let (segment, starts) =
                    (trimmed.as_ref().unwrap_or(segment), starts || trimmed.is_some());
                self.after_hello(key, segment, spoken, starts, followed, voice);
            }
        }
    }

    /// A SYN says where the direction's first octet is. One that comes again changes
    /// nothing, and none disturbs a message that is being waited for.
    fn opened(&mut self, key: FlowKey, segment: &Segment<'_>, voice: &mut Voice<'_, '_>) {
        let path = &segment.heading.path;
        if segment.flags.ack && !is_read_both_ways(path, voice.settings) {
            return;
        }
        if is_answer(path, voice.settings) {
            self.low_clients.add(&key);
        }
        let before = self.stage(&key, segment.heading.at);
        let is_doubtful = matches!(before, Some(Stage::HalfOpen { next, is_doubtful })
            if is_doubtful || next != segment.seq);
        let fresh = Stage::HalfOpen { next: segment.seq, is_doubtful };
        match before {
            Some(stage) if stage.is_in_gathers() => {}
            Some(_) => self.set_stage(&key, fresh, segment.heading.at),
            None => self.add(key, fresh, segment.heading.at, voice.counters),
        }
    }

    /// Whether what looks like a server is a client that was seen to begin.
    pub(super) fn is_low_client(&mut self, key: &FlowKey, now: Timestamp) -> bool {
        self.low_clients.may_hold(key) && self.flows.slot(key, now).is_some()
    }

    /// A direction without a SYN. Where its octets do not say what they are, they are held for
    /// a moment: the beginning of a hello may be late.
    pub(super) fn caught_midway(
        &mut self,
        key: FlowKey,
        segment: &Segment<'_>,
        starts: bool,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        let is_known = self.stage(&key, segment.heading.at).is_some();
        if !is_known && self.is_answering(&key, segment, starts, voice.settings) {
            let answering = Stage::Reading(Mark::new(segment.seq, Talk::Answer));
            return self.add(key, answering, segment.heading.at, voice.counters);
        }
        let talk = recognise::midway(segment, voice.settings);
        let begun = Mark::new(segment.seq, talk);
        if is_known {
            self.set_stage(&key, Stage::Reading(begun), segment.heading.at);
        } else {
            self.add(key, Stage::Reading(begun), segment.heading.at, voice.counters);
        }
        if starts || recognise::says_what_it_is(segment, voice.settings) {
            return self.place(key, segment, begun, starts, followed, voice);
        }
        let mut gather = Gather::new(segment, segment.seq, talk);
        gather.floating = true;
        gather.needed = usize::MAX;
        self.gather(key, gather, segment, followed, voice);
    }

    /// Reads a segment where it belongs: at `next`, or ahead of it, or what is new of it.
    pub(super) fn place(
        &mut self,
        key: FlowKey,
        segment: &Segment<'_>,
        mark: Mark,
        starts: bool,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        let Mark { next, talk, .. } = mark;
        let ahead = segment.seq.wrapping_sub(next);
        let behind = next.wrapping_sub(segment.seq);
        let (seq, bytes, talk) = if ahead == 0 {
            (next, segment.payload, talk)
        } else if ahead <= u32::MAX / 2 {
            if !starts && ahead < GATHER_WINDOW {
                let gather = Gather::new(segment, next, talk);
                return self.gather(key, gather, segment, followed, voice);
            }
            // A hello needs nothing before it; after a long hole nothing can be awaited.
            (segment.seq, segment.payload, talk.after_hole(&segment.heading.path))
        } else if begins_again(segment, starts, mark) {
            (segment.seq, segment.payload, Talk::Unknown)
        } else {
            let old = usize::try_from(behind).unwrap_or(usize::MAX);
            match segment.payload.get(old..) {
                Some(fresh) if !fresh.is_empty() => (next, fresh, talk),
                _ if behind > FARTHEST_BEHIND && !talk.skips_a_body() => {
                    (segment.seq, segment.payload, talk.after_hole(&segment.heading.path))
                }
                _ => return,
            }
        };
        let front = Front { bytes, seq, talk, last: false, known: None };
        let stop = talk::read(front, segment, followed, voice);
        if let Stop::Inside { next, talk, needed, said } = stop {
            let mut gather = Gather::new(segment, next, talk);
            (gather.needed, gather.said) = (needed, said);
            return self.gather(key, gather, segment, followed, voice);
        }
        self.stopped(&key, stop, &segment.heading, voice);
    }

    /// Begins to wait for a message, with this segment as its first piece.
    pub(super) fn gather(
        &mut self,
        key: FlowKey,
        mut gather: Gather,
        segment: &Segment<'_>,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        if gather.pieces.insert_with(segment.seq, segment.payload, segment.hops) == Fit::TooMuch {
            let (next, talk) = (segment.end(), gather.talk.after_hole(&segment.heading.path));
            let stop = Stop::Between { next, talk, said: gather.said };
            return self.stopped(&key, stop, &segment.heading, voice);
        }
        voice.counters.gathers = voice.counters.gathers.saturating_add(1);
        if let Some(Stage::Reading(mark)) = self.stage(&key, segment.heading.at) {
            gather.said = gather.said.or(Some(mark.said));
        }
        self.set_stage(&key, Stage::GATHERING, segment.heading.at);
        self.held = self.held.saturating_add(gather.bytes_held());
        if let Some((key, gather)) = self.gathers.set(key.first(), gather, segment.heading.at) {
            voice.counters.gathers_evicted = voice.counters.gathers_evicted.saturating_add(1);
            self.let_go(key, gather, followed, voice);
        }
        self.keep_within_room(followed, voice);
    }

    /// Takes a further piece of a message and reads it once enough is there.
    fn another_piece(
        &mut self,
        key: FlowKey,
        segment: &Segment<'_>,
        starts: bool,
        followed: &mut Followed,
        voice: &mut Voice<'_, '_>,
    ) {
        let Some(gather) = self.gathers.value_mut(&key.first()) else {
            let begun = Mark::new(segment.seq, Talk::Unknown);
            return self.set_stage(&key, Stage::Reading(begun), segment.heading.at);
        };
        if let Some(spoken) = gather.spoken {
            return self.piece_again(key, segment, spoken, starts, followed, voice);
        }
        let begins_request = gather.floating && http::surely_starts(segment.payload);
        if begins_request || (starts && gather.is_something_else_at(segment)) {
            let mut before = None;
            if let Some(gather) = self.gathers.remove(&key.first()) {
                before = Some(gather.pieces.clone());
                self.let_go(key.first(), gather, followed, voice);
            }
            let begins = Mark::new(segment.seq, recognise::midway(segment, voice.settings));
            self.place(key, segment, begins, starts, followed, voice);
            if let Some(pieces) = before {
                self.contest_over(key, pieces, segment, followed, voice);
            }
            return;
        }
        let before = gather.bytes_held();
        let fit = gather.take(segment, starts);
        self.held = self.held.saturating_sub(before).saturating_add(gather.bytes_held());
        let stop = match fit {
            Fit::Taken => gather.read(segment, false, followed, voice),
            Fit::TooMuch => None,
        };
        let unread = gather.unread.take();
        match (fit, stop) {
            (Fit::Taken, None) => self.keep_within_room(followed, voice),
            (Fit::Taken, Some(stop)) => {
                let stop = stop.after(gather.said).not_before(gather.first);
                self.forget(&key.first());
                self.stopped(&key, stop, &segment.heading, voice);
            }
            (Fit::TooMuch, _) => {
                if let Some(gather) = self.gathers.remove(&key.first()) {
                    self.let_go(key.first(), gather, followed, voice);
                }
                if starts {
                    let begins = Mark::new(segment.seq, Talk::Unknown);
                    self.place(key, segment, begins, starts, followed, voice);
                }
            }
        }
        if let Some(pieces) = unread {
            self.contest_over(key, *pieces, segment, followed, voice);
        }
    }

    pub(super) fn stopped(
        &mut self,
        key: &FlowKey,
        stop: Stop,
        heading: &Heading,
        voice: &mut Voice<'_, '_>,
    ) {
        let stage = match stop {
            Stop::Between { next, talk, said } | Stop::Inside { next, talk, said, .. } => {
                let said = said.unwrap_or(Spoken::nothing(next));
                let mark = Mark { said, ..Mark::new(next, talk) };
                self.opened_by_both(key, talk, heading, voice).unwrap_or(Stage::Reading(mark))
            }
            Stop::Tunnel(opened) => self.tunnel(key, opened, heading, voice),
            Stop::End(spoken) => Stage::Spent(spoken),
        };
        self.set_stage(key, stage, heading.at);
    }

    pub(super) fn set_stage(&mut self, key: &FlowKey, stage: Stage, now: Timestamp) {
        let Some(slot) = self.flows.slot(key, now) else { return };
        let before = std::mem::replace(&mut slot.stage, stage);
        if let (Stage::Reading(before), Stage::Reading(mark)) = (before, &mut slot.stage)
            && mark.said.is_nothing()
        {
            mark.said = before.said;
        }
        if before.is_contested() && !slot.stage.set_contested(true) {
            self.forget(&key.second());
        }
    }

    pub(super) fn set_contested(&mut self, key: &FlowKey, is_contested: bool, now: Timestamp) {
        if let Some(slot) = self.flows.slot(key, now) {
            slot.stage.set_contested(is_contested);
        }
    }

    pub(super) fn stage(&mut self, key: &FlowKey, now: Timestamp) -> Option<Stage> {
        self.flows.slot(key, now).map(|slot| slot.stage)
    }

    fn add(&mut self, key: FlowKey, stage: Stage, now: Timestamp, counters: &mut Counters) {
        if let Some((gone, stage)) = self.flows.add(key, stage, now) {
            counters.flows_evicted = counters.flows_evicted.saturating_add(1);
            if stage.is_in_gathers() {
                self.forget(&gone.first());
                self.forget(&gone.second());
            }
        }
    }
}

/// Whether a hello or a request begins in a place that was passed already: what stood there
/// may never have arrived, as with a short life, or in a SYN, and this did. What stands in a
/// body after a message that was said is none.
fn begins_again(segment: &Segment<'_>, starts: bool, mark: Mark) -> bool {
    let may_start = || records::start(segment.payload) == Start::Unsure;
    let is_open = matches!(mark.talk, Talk::Unknown | Talk::Plain { .. });
    let is_before = if mark.said.is_nothing() {
        is_open || mark.talk == Talk::HttpSomewhere
    } else {
        mark.said.is_after(segment.seq)
    };
    let is_read = is_open || mark.talk.is_of_http();
    starts
        || ((is_open || matches!(mark.talk, Talk::Private { .. })) && may_start())
        || (is_read && is_before && http::surely_starts(segment.payload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::Flags;
    use crate::testing::{Heard, heading, listen};

    const BANNER: &[u8] = b"SSH-2.0-OpenSSH_9.9\r\n";

    #[derive(Clone, Copy)]
    enum End {
        Client,
        Server,
    }

    /// What is told of these segments between a client and a server's port; none is a SYN.
    fn heard(port: u16, segments: &[(End, Option<&[u8]>)]) -> Vec<Heard> {
        let mut streams = Streams::new(Key::new([3; 16]));
        listen(|followed, voice| {
            let (mut client, mut server) = (100, 900);
            for (end, payload) in segments {
                let mut heading = heading();
                heading.path.dport = port;
                let seq = match end {
                    End::Client => &mut client,
                    End::Server => {
                        heading = heading.reversed();
                        &mut server
                    }
                };
                let flags = Flags { syn: payload.is_none(), ..Flags::default() };
                let payload = payload.unwrap_or_default();
                let segment = Segment { heading, seq: *seq, ack: 0, flags, hops: 64, payload };
                *seq += u32::try_from(payload.len()).unwrap();
                streams.segment(&segment, followed, voice);
            }
        })
    }

    #[test]
    fn an_ssh_connection_is_told_once_whoever_speaks_first() {
        let syn = (End::Client, None);
        let (client, server) = ((End::Client, Some(BANNER)), (End::Server, Some(BANNER)));
        for port in [22, 2222] {
            assert_eq!(heard(port, &[syn, server, client]), ["tunnel ssh"], "{port}");
            assert_eq!(heard(port, &[syn, client, server]), ["tunnel ssh"], "{port}");
            assert_eq!(heard(port, &[client, server]), ["tunnel ssh"], "{port}");
        }
        assert_eq!(heard(22, &[server]), ["tunnel ssh"], "the mirror shows one direction");
    }

    #[test]
    fn a_banner_that_another_client_was_sent_is_no_tunnel() {
        let syn = (End::Client, None);
        let server = (End::Server, Some(BANNER));
        let request: &[u8] = b"GET / HTTP/1.0\r\n\r\n";
        let asked = heard(22, &[syn, (End::Client, Some(request)), server]);
        assert_eq!(asked, ["http GET / -"]);
        let said_first = heard(22, &[syn, server, (End::Client, Some(request))]);
        assert_eq!(said_first, ["http GET / -"]);
        assert!(heard(21, &[syn, (End::Client, Some(b"PASV\r\n")), server]).is_empty());
        assert!(heard(21, &[server]).is_empty());
    }
}
