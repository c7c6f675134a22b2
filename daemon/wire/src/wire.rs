//! One packet in, through its layers, to the reader of its protocol.

use facts::{Frame, Path, SensorId, SiteId, Span, Timestamp};

use crate::claims::{Claims, Exchanges, Neighbours};
use crate::copies::Copies;
use crate::counters::Counters;
use crate::dns;
use crate::follow::Followed;
use crate::keyed::Key;
use crate::layers::{self, Fragments, Inside, Ip, Wrapped};
use crate::limits::MOST_LAYERS;
use crate::names::NameText;
use crate::packet::Packet;
use crate::ports::DnsPorts;
use crate::quic::{self, Connections};
use crate::reader::Reader;
use crate::said::{Follow, Said, Sink};
use crate::tcp::{Segment, Streams};
use crate::tunnels::{ESP, Tunnels};
use crate::udp::{Datagram, Memory};
use crate::voice::{Heading, Room, Voice};

/// What a [`Wire`] is told once.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The school that sightings carry.
    pub site: SiteId,
    /// The capture point that sightings carry.
    pub sensor: SensorId,
    /// Ports on which DNS is read, beside those of mDNS and LLMNR.
    pub dns_ports: DnsPorts,
    /// Ports on which a ClientHello is likely. It is found on any port; on these the first
    /// octets of a connection that was met midway are held until an earlier piece came.
    pub tls_ports: Vec<u16>,
    /// Whether a packet that the mirror copied is read once. Files are read as they are.
    pub drop_copies: bool,
    /// The key of every table: random for each run, so that nobody can aim at a bucket.
    pub key: [u8; 16],
}

impl Settings {
    /// The usual ports under this key.
    #[must_use]
    pub fn with_key(key: [u8; 16]) -> Self {
        Self {
            site: SiteId::default(),
            sensor: SensorId::default(),
            dns_ports: DnsPorts::default(),
            tls_ports: vec![443, 465, 563, 636, 853, 989, 990, 993, 995, 5061, 5223, 8443],
            drop_copies: false,
            key,
        }
    }
}

/// The usual ports under a key that is the same for everybody: for replays and tests, whose
/// results must repeat. Live traffic wants [`Settings::with_key`] and a random key.
impl Default for Settings {
    fn default() -> Self {
        Self::with_key([0; 16])
    }
}

/// Reads packets; belongs to one thread.
pub struct Wire {
    settings: Settings,
    counters: Counters,
    fragments: Fragments,
    streams: Streams,
    quic: Connections,
    tunnels: Tunnels,
    copies: Copies,
    claims: Claims,
    exchanges: Exchanges,
    followed: Followed,
    room: Room,
    /// The latest packet time, and when old state is looked for next.
    now: Timestamp,
    next_sweep: Timestamp,
}

/// How often old state is looked for.
const SWEEP: Span = Span::seconds(1);

const ICMP: u8 = 1;
const IPV4: u8 = 4;
const TCP: u8 = 6;
const UDP: u8 = 17;
const IPV6: u8 = 41;
const GRE: u8 = 47;
const ETHERIP: u8 = 97;

/// "Destination unreachable" in ICMP (RFC 792) and in ICMPv6 (RFC 4443 section 3.1).
const ICMP_UNREACHABLE: u8 = 3;
const ICMPV6_UNREACHABLE: u8 = 1;

/// Where in the layers of a packet the reading is.
#[derive(Clone, Copy)]
struct Place {
    at: Timestamp,
    frame: Frame,
    depth: u8,
}

impl Wire {
    /// Makes a reader that has seen nothing yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let key = Key::new(settings.key);
        Self {
            settings,
            counters: Counters::default(),
            fragments: Fragments::new(key),
            streams: Streams::new(key),
            quic: Connections::new(key),
            tunnels: Tunnels::new(key),
            copies: Copies::new(key),
            claims: Claims::new(key),
            exchanges: Exchanges::new(key),
            followed: Followed::new(key),
            room: Room::new(),
            now: Timestamp::EPOCH,
            next_sweep: Timestamp::EPOCH,
        }
    }

    /// Reads one packet and says what is in it before it returns.
    pub fn feed<F: FnMut(Said<'_>) -> Follow>(&mut self, packet: &Packet<'_>, sink: &mut F) {
        let length = u64::try_from(packet.bytes.len()).unwrap_or(u64::MAX);
        self.counters.packets = self.counters.packets.saturating_add(1);
        self.counters.bytes = self.counters.bytes.saturating_add(length);
        if u64::from(packet.original_len) > length {
            self.counters.cut_packets = self.counters.cut_packets.saturating_add(1);
        }
        self.now = self.now.max(packet.at);
        if self.now >= self.next_sweep {
            self.sweep(self.now, sink);
        }
        let (frame, inside) = layers::strip(packet.link, packet.bytes);
        self.inside(Place { at: packet.at, frame, depth: 0 }, inside, sink);
    }

    /// Lets go of what has waited too long at `now`, after a last look at it. `feed` does
    /// so by packet time; a silent wire needs it from outside, and [`Timestamp::MAX`] ends
    /// a capture.
    pub fn expire<F: FnMut(Said<'_>) -> Follow>(&mut self, now: Timestamp, sink: &mut F) {
        self.sweep(now, sink);
    }

    /// What was counted since the start.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The octets that all tables hold now; never more than [`crate::most_bytes_held`].
    #[must_use]
    pub fn bytes_held(&self) -> usize {
        self.fragments
            .bytes_held()
            .saturating_add(self.streams.bytes_held())
            .saturating_add(self.quic.bytes_held())
            .saturating_add(self.tunnels.bytes_held())
            .saturating_add(Copies::bytes_held())
            .saturating_add(self.claims.bytes_held())
            .saturating_add(self.exchanges.bytes_held())
            .saturating_add(self.followed.bytes_held())
            .saturating_add(self.room.bytes_held())
    }

    fn sweep(&mut self, now: Timestamp, sink: &mut Sink<'_>) {
        self.next_sweep = now + SWEEP;
        self.fragments.expire(now, &mut self.counters);
        self.followed.expire(now);
        self.counters.inference_suspended = self.followed.answers.times_all_blind();
        self.quic.expire(now, &mut self.counters);
        self.tunnels.expire(now);
        self.exchanges.expire(now, &mut |claim| _ = sink(Said::Claim(claim)));
        let mut voice = Voice {
            settings: &self.settings,
            counters: &mut self.counters,
            room: &mut self.room,
            exchanges: &mut self.exchanges,
            sink,
        };
        self.streams.expire(now, &mut self.followed, &mut voice);
    }

    fn inside(&mut self, place: Place, inside: Inside<'_>, sink: &mut Sink<'_>) {
        match inside {
            Inside::Ip(bytes) => match Ip::read(bytes) {
                Some(ip) => self.ip(place, &ip, sink),
                None => self.broken(),
            },
            Inside::Arp(bytes) => {
                let (claims, mut voice) = self.claims(sink);
                claims.arp(bytes, &place.frame, place.at, &mut voice);
            }
            Inside::Other => {}
            Inside::TooDeep => self.too_deep(),
            Inside::Broken => self.broken(),
            Inside::UnreadLink => {
                self.counters.unread_links = self.counters.unread_links.saturating_add(1);
            }
        }
    }

    fn ip(&mut self, place: Place, ip: &Ip<'_>, sink: &mut Sink<'_>) {
        if ip.piece.is_none() {
            return self.transport(place, ip, sink);
        }
        let joined = self.fragments.join(place.at, place.frame.vlan, ip, &mut self.counters);
        let Some(joined) = joined else { return };
        // The whole may be a piece again.
        let depth = place.depth.saturating_add(1);
        match ip.whole(joined.protocol, &joined.bytes) {
            Some(_) if depth > MOST_LAYERS => self.too_deep(),
            Some(ip) => self.ip(Place { depth, ..place }, &ip, sink),
            None => self.broken(),
        }
    }

    fn transport(&mut self, place: Place, ip: &Ip<'_>, sink: &mut Sink<'_>) {
        match ip.protocol {
            TCP => self.tcp(place, ip, sink),
            UDP => self.udp(place, ip, sink),
            ICMP => self.unreachable(place.at, ip, ICMP_UNREACHABLE, sink),
            Neighbours::ICMPV6 => {
                self.unreachable(place.at, ip, ICMPV6_UNREACHABLE, sink);
                let (claims, mut voice) = self.claims(sink);
                claims.icmpv6(ip, &place.frame, place.at, &mut voice);
            }
            IPV4 | IPV6 => self.wrapped(place, Some(Wrapped::Ip(ip.payload)), sink),
            ESP => self.esp(place, ip, sink),
            GRE => self.wrapped(place, layers::unwrap_gre(ip.payload), sink),
            ETHERIP => self.wrapped(place, layers::unwrap_etherip(ip.payload), sink),
            _ => {}
        }
    }

    /// Takes an ICMP message of this kind: it quotes the packet that was not delivered.
    fn unreachable(&mut self, at: Timestamp, ip: &Ip<'_>, kind: u8, sink: &mut Sink<'_>) {
        let quoted = ip.payload.get(8..).filter(|_| ip.payload.first() == Some(&kind));
        let Some(quoted) = quoted.and_then(Ip::read) else { return };
        let mut ports = Reader::new(quoted.payload);
        let (Some(sport), Some(dport)) = (ports.u16(), ports.u16()) else { return };
        let path = Path { src: quoted.src, dst: quoted.dst, sport, dport };
        let step = match quoted.protocol {
            TCP => self.followed.unreachable(&path, at),
            UDP => self.followed.unreachable_quic(&path, at),
            _ => None,
        };
        if let Some(step) = step {
            self.voice(sink).progress(step);
        }
    }

    fn tcp(&mut self, place: Place, ip: &Ip<'_>, sink: &mut Sink<'_>) {
        let Some(segment) = Segment::read(place.at, place.frame, ip) else {
            return self.broken();
        };
        self.counters.tcp_segments = self.counters.tcp_segments.saturating_add(1);
        let mut voice = Voice {
            settings: &self.settings,
            counters: &mut self.counters,
            room: &mut self.room,
            exchanges: &mut self.exchanges,
            sink,
        };
        self.streams.segment(&segment, &mut self.followed, &mut voice);
    }

    fn udp(&mut self, place: Place, ip: &Ip<'_>, sink: &mut Sink<'_>) {
        let Some(datagram) = Datagram::read(place.at, place.frame, ip) else {
            return self.broken();
        };
        self.counters.udp_datagrams = self.counters.udp_datagrams.saturating_add(1);
        let (sport, dport) = (datagram.heading.path.sport, datagram.heading.path.dport);
        // A client draws its ports, so a tunnel's may be that of a question or its answer, or of
        // QUIC, whose version stands where no tunnel has one.
        let wrapped = layers::unwrap_udp(sport, dport, datagram.payload);
        let is_own = |text: &mut NameText| {
            let is_dns = self.settings.dns_ports.are_on(&datagram.heading.path);
            (is_dns && dns::is_certain(datagram.payload, text)) || quic::begins(datagram.payload)
        };
        if wrapped.is_some() && !is_own(&mut self.room.text) {
            return self.wrapped(place, wrapped, sink);
        }
        if self.settings.drop_copies
            && datagram.is_read_by_port(&self.settings.dns_ports)
            && self.copies.has_seen(ip, datagram.payload, place.at)
        {
            self.counters.copies = self.counters.copies.saturating_add(1);
            return;
        }
        let mut voice = Voice {
            settings: &self.settings,
            counters: &mut self.counters,
            room: &mut self.room,
            exchanges: &mut self.exchanges,
            sink,
        };
        let (claims, quic) = (&mut self.claims, &mut self.quic);
        let (tunnels, followed) = (&mut self.tunnels, &mut self.followed);
        let mut memory = Memory { claims, quic, tunnels, followed };
        memory.datagram(&datagram, &mut voice);
    }

    fn esp(&mut self, place: Place, ip: &Ip<'_>, sink: &mut Sink<'_>) {
        let path = Path { src: ip.src, dst: ip.dst, sport: 0, dport: 0 };
        let heading = Heading { at: place.at, frame: place.frame, path };
        let mut voice = Voice {
            settings: &self.settings,
            counters: &mut self.counters,
            room: &mut self.room,
            exchanges: &mut self.exchanges,
            sink,
        };
        self.tunnels.esp(ip, &heading, &mut voice);
    }

    /// Reads what a tunnel carries. The frame stays that of the capture where the tunnel
    /// holds bare IP: the tunnel's own ends are then nearest to a device.
    fn wrapped(&mut self, place: Place, wrapped: Option<Wrapped<'_>>, sink: &mut Sink<'_>) {
        let depth = place.depth.saturating_add(1);
        if depth > MOST_LAYERS {
            return self.too_deep();
        }
        match wrapped {
            Some(Wrapped::Ip(bytes)) => {
                self.inside(Place { depth, ..place }, Inside::Ip(bytes), sink);
            }
            Some(Wrapped::Ethernet(bytes)) => {
                let (frame, inside) = layers::ethernet(bytes);
                self.inside(Place { depth, frame, ..place }, inside, sink);
            }
            Some(Wrapped::Link(ethertype, bytes)) => {
                let (frame, inside) = layers::labelled(ethertype, bytes);
                let frame = if frame == Frame::default() { place.frame } else { frame };
                self.inside(Place { depth, frame, ..place }, inside, sink);
            }
            Some(Wrapped::Wifi(bytes)) => {
                let (frame, inside) = layers::tunnelled_wifi_frame(bytes);
                self.inside(Place { depth, frame, ..place }, inside, sink);
            }
            None => {}
        }
    }

    fn too_deep(&mut self) {
        self.counters.too_deep = self.counters.too_deep.saturating_add(1);
    }

    fn broken(&mut self) {
        self.counters.broken_headers = self.counters.broken_headers.saturating_add(1);
    }

    fn voice<'w, 's>(&'w mut self, sink: &'w mut Sink<'s>) -> Voice<'w, 's> {
        Voice {
            settings: &self.settings,
            counters: &mut self.counters,
            room: &mut self.room,
            exchanges: &mut self.exchanges,
            sink,
        }
    }

    fn claims<'w, 's>(&'w mut self, sink: &'w mut Sink<'s>) -> (&'w mut Neighbours, Voice<'w, 's>) {
        let voice = Voice {
            settings: &self.settings,
            counters: &mut self.counters,
            room: &mut self.room,
            exchanges: &mut self.exchanges,
            sink,
        };
        (&mut self.claims.neighbours, voice)
    }
}
