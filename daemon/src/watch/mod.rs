//! The one pass over packets: feed, speak, and hand on what matched.
//!
//! It runs on the capture thread and owns all it touches: no lock, no clock, no blocking
//! send, no log line. A packet that says nothing costs no allocation; a name that no rule
//! speaks to is forgotten before the next packet.

mod failed;
mod followed;
mod kinds;
mod lookups;
mod outlet;
mod runs;
mod sightings;
#[cfg(test)]
mod tests;

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use facts::{
    Category, Evidence, Heard, HostName, Mac, Match, MatchId, Observation, Progress, RuleId,
    Ruling, Rung, SensorId, SiteId, Timestamp,
};
use ring::hmac;
use rules::{Live, Spoken};
use wire::{Canary, DnsPorts, Follow, Packet, Said, Watch, Wire};

use crate::silent::{Silence, Silent};

pub use failed::FailedFrame;
use followed::Followed;
pub use kinds::Kinds;
use lookups::{Client, Lookups};
pub use outlet::{Everything, Intake, Lane, Losses, News, Outlet, Queues, Tally};
use runs::Runs;
use sightings::Sightings;

/// Repeats are counted for so many clients and rules at once; beyond, nothing is packed.
const MOST_REPEATS: usize = 16_384;
/// Devices are counted up to here; a made-up address for each packet must not grow memory.
const MOST_DEVICES: usize = 16_384;

/// A client's matches by one rule that are handed on in one minute: look-ups in three
/// record types and a browser's connections are fewer.
const ENOUGH_A_MINUTE: u32 = 24;

/// How often a client met a rule within a minute.
#[derive(Clone, Copy)]
struct Repeats {
    minute: i64,
    count: u32,
}

/// What the pass must know of its place.
#[derive(Clone)]
pub struct PassSettings {
    /// The school.
    pub site: SiteId,
    /// The capture point.
    pub sensor: SensorId,
    /// Whether a copy that the mirror made is dropped: live, and never in a file.
    pub drop_copies: bool,
    /// The installation's key: ids of matches are made from it.
    pub key: [u8; 32],
    /// Servers that ask on behalf of others: what they ask is nobody's.
    pub forwarders: Vec<IpAddr>,
    /// The filter's block page and sinkhole addresses.
    pub filter_answers: Vec<IpAddr>,
    /// Where DNS is spoken.
    pub dns_ports: DnsPorts,
}

impl PassSettings {
    /// Of a place of which nothing is known, where every copy of a packet counts.
    #[must_use]
    pub fn anywhere(key: [u8; 32]) -> Self {
        Self {
            site: SiteId::default(),
            sensor: SensorId::default(),
            drop_copies: false,
            key,
            forwarders: Vec::new(),
            filter_answers: Vec::new(),
            dns_ports: DnsPorts::default(),
        }
    }
}

/// What was read, counted; no names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Packets.
    pub packets: u64,
    /// Octets on the wire.
    pub bytes: u64,
    /// DNS questions read.
    pub questions: u64,
    /// Connections whose hello showed a name.
    pub named: u64,
    /// Connections whose hello showed none.
    pub unnamed: u64,
    /// Connections whose hello carried an encrypted inner hello or its imitation.
    pub ech: u64,
    /// Names that clients' own look-ups gave to connections which showed none.
    pub inferred: u64,
    /// Connections that showed no name, or only a front, and were given none.
    pub left_unnamed: u64,
    /// Times that nothing was inferred for any client for a while.
    pub inference_suspended: u64,
    /// How the network answers the name that keeps browsers at its own DNS.
    pub browsers: Canary,
    /// How it answers those that keep devices from a relay.
    pub relays: Canary,
    /// Tunnels that hide names.
    pub tunnels: u64,
    /// Names that a rule spoke to.
    pub matches: u64,
    /// Devices that asked for something within the hour of the newest packet.
    pub devices: u64,
    /// Packets that made a reader fail; each cost its half-read connections.
    pub panics: u64,
    /// Frames whose address was not written down: too many were new at once.
    pub untold_addresses: u64,
    /// The last of them; none where a reader failed when no packet was read.
    pub failed: Option<FailedFrame>,
}

/// The pass over packets of one capture point.
pub struct Pass {
    wire: Wire,
    wire_settings: wire::Settings,
    listener: Listener,
}

/// The part of the pass that hears what the wire says.
struct Listener {
    settings: PassSettings,
    id_key: hmac::Key,
    rules: Arc<Live>,
    followed: Followed,
    lookups: Lookups,
    repeats: HashMap<(Client, RuleId), Repeats, RandomState>,
    trends: Vec<u64>,
    devices: HashSet<Mac, RandomState>,
    sightings: Sightings,
    runs: Runs,
    silent: Silent,
    hour: i64,
    coverage: Coverage,
    kinds: Kinds,
}

impl Pass {
    /// Prepares a pass. `table_key` must differ from start to start: it keeps the tables
    /// from being steered by whoever sends packets.
    #[must_use]
    pub fn new(settings: PassSettings, table_key: [u8; 16], rules: Arc<Live>) -> Self {
        let wire_settings = wire::Settings {
            site: settings.site,
            sensor: settings.sensor,
            drop_copies: settings.drop_copies,
            dns_ports: settings.dns_ports.clone(),
            ..wire::Settings::with_key(table_key)
        };
        let id_key = hmac::Key::new(hmac::HMAC_SHA256, &settings.key);
        let listener = Listener {
            settings,
            id_key,
            rules,
            followed: Followed::default(),
            lookups: Lookups::default(),
            repeats: HashMap::default(),
            trends: vec![0; Category::ALL.len()],
            devices: HashSet::default(),
            sightings: Sightings::default(),
            runs: Runs::default(),
            silent: Silent::default(),
            hour: 0,
            coverage: Coverage::default(),
            kinds: Kinds::default(),
        };
        Self { wire: Wire::new(wire_settings.clone()), wire_settings, listener }
    }

    /// Reads one packet. A packet that makes a reader panic costs the half-read
    /// connections and is counted; the pass goes on.
    pub fn feed(&mut self, packet: &Packet<'_>, outlet: &mut impl Outlet) {
        let coverage = &mut self.listener.coverage;
        coverage.packets += 1;
        coverage.bytes += u64::from(packet.original_len);
        let (wire, listener) = (&mut self.wire, &mut self.listener);
        let read = catch_unwind(AssertUnwindSafe(|| {
            wire.feed(packet, &mut |said| listener.hear(said, outlet));
        }));
        if read.is_err() {
            self.begin_anew(Some(FailedFrame::of(packet, &self.listener.id_key)));
        }
    }

    /// Lets time go on without packets: says what was still waited for. A reader that panics
    /// at it costs the half-read connections and is counted, as in `feed`.
    pub fn expire(&mut self, now: Timestamp, outlet: &mut impl Outlet) {
        let (wire, listener) = (&mut self.wire, &mut self.listener);
        let read = catch_unwind(AssertUnwindSafe(|| {
            wire.expire(now, &mut |said| listener.hear(said, outlet));
        }));
        if read.is_err() {
            self.begin_anew(None);
        }
    }

    /// Drops all that was half read, where a reader failed and left it nobody knows how. No
    /// reader is switched off: who can make one fail could blind it with three packets.
    fn begin_anew(&mut self, failed: Option<FailedFrame>) {
        self.wire = Wire::new(self.wire_settings.clone());
        self.listener.followed = Followed::default();
        self.listener.coverage.panics += 1;
        self.listener.coverage.failed = failed;
    }

    /// What was read so far.
    #[must_use]
    pub const fn coverage(&self) -> Coverage {
        let counters = self.wire.counters();
        Coverage {
            left_unnamed: counters.left_unnamed,
            inference_suspended: counters.inference_suspended,
            browsers: counters.browsers,
            relays: counters.relays,
            untold_addresses: self.listener.sightings.untold(),
            ..self.listener.coverage
        }
    }

    /// What was read so far, by kind.
    #[must_use]
    pub const fn kinds(&self) -> &Kinds {
        &self.listener.kinds
    }

    /// Takes the counts since the last time.
    pub fn take_tally(&mut self) -> Tally {
        let counts = Category::ALL.iter().zip(&mut self.listener.trends);
        let trends = counts
            .map(|(category, count)| (*category, std::mem::take(count)))
            .filter(|(_, count)| *count > 0)
            .collect();
        Tally { trends }
    }

    /// Takes counts back that could not be handed on.
    pub fn give_back(&mut self, tally: Tally) {
        for (category, count) in tally.trends {
            if let Some(held) = self.listener.trends.get_mut(category as usize) {
                *held += count;
            }
        }
    }

    /// Anomalies and caps that the wire counted.
    #[must_use]
    pub fn wire_counters(&self) -> &wire::Counters {
        self.wire.counters()
    }
}

impl Listener {
    fn hear(&mut self, said: Said<'_>, outlet: &mut impl Outlet) -> Follow {
        match said {
            Said::Observation(observation) => self.observe(&observation, outlet),
            Said::Claim(claim) => {
                self.kinds.claimed(&claim.assertion);
                self.sightings.hear(&claim);
                if !self.runs.goes_on(&claim) {
                    outlet.claim(claim);
                }
                Follow::No
            }
            // Proves nothing about anybody, so it ends here.
            Said::Attempt(_) => Follow::No,
            Said::Progress { watch, rung, at, bytes, server } => {
                self.progress(watch, rung, at, bytes, server, outlet);
                Follow::No
            }
        }
    }

    fn observe(&mut self, observation: &Observation<'_>, outlet: &mut impl Outlet) -> Follow {
        self.count(observation);
        if let Evidence::DnsAnswer(answer) = observation.evidence {
            // Nothing is judged here: the wire only learns what it must not remember.
            let rules = self.rules.current();
            let print = self.silent.print(answer.name, rules.generation());
            if self.silent.is(print, Silence::OfProtection) {
                return Follow::No;
            }
            if rules.protection(answer.name).is_some() {
                return Follow::Forget;
            }
            self.silent.note(print, Silence::OfProtection);
            return Follow::No;
        }
        let sighting = observation.sighting(self.settings.site, self.settings.sensor);
        // Told before the match that the frame may bear: it may explain it.
        if let Some(claim) = self.sightings.see(&sighting, observation.at) {
            outlet.claim(claim);
        }
        let Some(heard) = heard(&observation.evidence) else { return Follow::No };
        let Some(name) = observation.name() else { return Follow::No };
        if self.settings.forwarders.contains(&observation.path.src) {
            return Follow::No;
        }
        let rules = self.rules.current();
        let print = self.silent.print(name, rules.generation());
        if self.silent.is(print, Silence::OfRules) {
            return Follow::No;
        }
        let rulings = match rules.speak(name) {
            Spoken::Protected(_) => return Follow::Forget,
            Spoken::Nothing => {
                self.silent.note(print, Silence::OfRules);
                return Follow::No;
            }
            Spoken::Trend(category) => {
                if let Some(count) = self.trends.get_mut(category as usize) {
                    *count += 1;
                }
                return Follow::No;
            }
            Spoken::Match(rulings) => rulings,
        };
        let rulings = rulings.to_vec();
        let lane = if rules.can_be_urgent(&rulings) { Lane::Urgent } else { Lane::Ordinary };
        // One of several names is nobody's word for it: nothing urgent may come of it.
        if is_doubtful(&observation.evidence) && lane == Lane::Urgent {
            return Follow::No;
        }
        self.coverage.matches += 1;
        // What stands around the name, an account or a path, is nobody's business.
        let meant = rules::meant(name).filter(|meant| rules.speak(meant.as_name()).is_match());
        let name = meant.as_ref().map_or(name, HostName::as_name);
        drop(rules);
        let client = Client::of(&sighting);
        if lane == Lane::Ordinary && self.is_repeat(&rulings, client, observation.at) {
            return Follow::No;
        }
        if heard == Heard::DnsQuestion
            && let Some(tag) = self.lookups.same(client, name, observation.at)
        {
            return Follow::Yes(Watch(tag));
        }
        let id = self.match_id(observation, heard, name.as_str());
        let server = (heard != Heard::DnsQuestion).then_some(observation.path.dst);
        let tag = if heard == Heard::DnsQuestion {
            let tag = self.followed.follow(id, None);
            self.lookups.keep(client, name, observation.at, tag, id);
            tag
        } else {
            self.followed.follow(id, self.lookups.led_to(client, name, observation.at))
        };
        let name = name.to_host_name();
        outlet.matched(
            Match { id, at: observation.at, sighting, server, name, heard, rulings },
            lane,
        );
        Follow::Yes(Watch(tag))
    }

    fn progress(
        &mut self,
        watch: Watch,
        rung: Rung,
        at: Timestamp,
        bytes: u64,
        server: IpAddr,
        outlet: &mut impl Outlet,
    ) {
        let by_filter = self.settings.filter_answers.contains(&server);
        for id in self.followed.ids(watch.0) {
            outlet.progress(Progress { id, rung, at, bytes, by_filter });
        }
    }

    fn count(&mut self, observation: &Observation<'_>) {
        self.kinds.observed(&observation.evidence);
        self.count_device(observation);
        let coverage = &mut self.coverage;
        match observation.evidence {
            Evidence::DnsQuestion(_) => coverage.questions += 1,
            Evidence::ClientHello(hello) => {
                coverage.named += u64::from(hello.sni.is_some());
                coverage.unnamed += u64::from(hello.sni.is_none());
                coverage.ech += u64::from(hello.ech);
            }
            Evidence::Tunnel(_) => coverage.tunnels += 1,
            Evidence::Inferred(_) => coverage.inferred += 1,
            Evidence::DnsAnswer(_) | Evidence::HttpRequest(_) | Evidence::NameConflict(_) => {}
        }
    }

    fn count_device(&mut self, observation: &Observation<'_>) {
        let hour = observation.at.as_micros().div_euclid(3_600_000_000);
        if hour != self.hour {
            self.hour = hour;
            self.devices.clear();
        }
        let asks = !matches!(observation.evidence, Evidence::DnsAnswer(_));
        if let Some(mac) = observation.frame.src_mac.filter(|_| asks)
            && self.devices.len() < MOST_DEVICES
        {
            self.devices.insert(mac);
        }
        self.coverage.devices = self.devices.len() as u64;
    }

    /// Whether this client met this rule so often in this minute that one more tells
    /// nothing. Only what can never be above P3 is packed together, and only after enough
    /// of it that every rung of a page load is there; nothing urgent is ever left out.
    fn is_repeat(&mut self, rulings: &[Ruling], client: Client, at: Timestamp) -> bool {
        let Some(first) = rulings.first() else { return false };
        let minute = at.as_micros().div_euclid(60_000_000);
        if self.repeats.len() >= MOST_REPEATS {
            self.repeats.retain(|_, repeats| repeats.minute == minute);
        }
        if self.repeats.len() >= MOST_REPEATS {
            return false;
        }
        let fresh = Repeats { minute, count: 0 };
        let repeats = self.repeats.entry((client, first.rule.clone())).or_insert(fresh);
        if repeats.minute != minute {
            *repeats = fresh;
        }
        repeats.count = repeats.count.saturating_add(1);
        repeats.count > ENOUGH_A_MINUTE
    }

    /// The id of a match: the same message gives the same id, and only this installation
    /// can compute it.
    fn match_id(&self, observation: &Observation<'_>, heard: Heard, name: &str) -> MatchId {
        let mut context = hmac::Context::with_key(&self.id_key);
        context.update(&observation.at.as_micros().to_be_bytes());
        for address in [observation.path.src, observation.path.dst] {
            match address {
                IpAddr::V4(v4) => context.update(&v4.octets()),
                IpAddr::V6(v6) => context.update(&v6.octets()),
            }
        }
        context.update(&observation.path.sport.to_be_bytes());
        context.update(heard.as_str().as_bytes());
        context.update(name.as_bytes());
        let tag = context.sign();
        let number = tag.as_ref().iter().take(16).fold(0, |n, byte| (n << 8) | u128::from(*byte));
        MatchId::from_u128(number)
    }
}

/// The kind of message, where rules are asked about it.
const fn heard(evidence: &Evidence<'_>) -> Option<Heard> {
    match evidence {
        Evidence::DnsQuestion(_) => Some(Heard::DnsQuestion),
        Evidence::ClientHello(hello) if hello.quic_version.is_some() => {
            Some(Heard::QuicClientHello)
        }
        Evidence::ClientHello(_) => Some(Heard::TlsClientHello),
        Evidence::HttpRequest(_) => Some(Heard::HttpRequest),
        Evidence::Inferred(_) => Some(Heard::Inferred),
        Evidence::DnsAnswer(_) | Evidence::Tunnel(_) | Evidence::NameConflict(_) => None,
    }
}

/// Whether a name is only one of several that its message may stand for.
fn is_doubtful(evidence: &Evidence<'_>) -> bool {
    matches!(evidence, Evidence::Inferred(inferred) if inferred.candidates > 1)
}
