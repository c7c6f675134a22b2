//! Which flows were told as tunnels, and which may be one once their answer comes.

use facts::{Evidence, Span, Timestamp};

use super::ipsec::{self, Traversal};
use super::openvpn::{self, Reset, Session};
use super::{End, Sealed, wireguard};
use crate::keyed::Key;
use crate::layers::Ip;
use crate::limits::{MOST_SUSPECTS, MOST_TUNNELS};
use crate::said::Said;
use crate::table::Table;
use crate::tcp::FlowKey;
use crate::udp::Datagram;
use crate::voice::{Heading, Voice};

/// A flow that was silent so long is another when it speaks again.
const TOLD_FOR: Span = Span::hours(1);
/// An answer comes within this, or a client calls again.
const SUSPECTED_FOR: Span = Span::minutes(1);
/// A client that hears no answer and called so often under one number is believed.
const CALLS_ENOUGH: u8 = 3;
/// Packets of ESP may be lost or change places between two that are seen.
const NEAR: u32 = 64;

const DNS_OVER_TLS: &str = "dns-over-tls";
const DNS_OVER_QUIC: &str = "dns-over-quic";
/// The port of DNS over TLS (RFC 7858) and over QUIC (RFC 9250).
const DNS_PORT: u16 = 853;

/// Flows of tunnels.
pub(crate) struct Tunnels {
    told: Table<FlowKey, ()>,
    suspects: Table<FlowKey, Suspect>,
}

/// What a flow may be.
#[derive(Clone, Copy)]
enum Suspect {
    /// An OpenVPN client called under this number, so often.
    OpenVpn { session: Session, calls: u8 },
    /// Something with the head of a sealed packet.
    Sealed(Sealed),
}

/// What a datagram looks like by itself, on whatever port.
pub(crate) struct Form(Known);

enum Known {
    /// A handshake of WireGuard.
    Handshake(End),
    /// A packet of a WireGuard session.
    Transport(Sealed),
    /// IPsec in UDP.
    Ipsec(Traversal),
    /// A packet that opens an OpenVPN session.
    Reset(Reset),
}

impl Form {
    /// The form of a datagram; nearly all have none.
    pub(crate) fn of(datagram: &Datagram<'_>) -> Option<Self> {
        let Datagram { heading: Heading { path, .. }, payload, .. } = datagram;
        wireguard::handshake(payload)
            .map(Known::Handshake)
            .or_else(|| wireguard::transport(payload).map(Known::Transport))
            .or_else(|| ipsec::traversal(path.sport, path.dport, payload).map(Known::Ipsec))
            .or_else(|| openvpn::reset(payload).map(Known::Reset))
            .map(Self)
    }
}

impl Tunnels {
    pub(crate) fn new(key: Key) -> Self {
        Self { told: Table::new(MOST_TUNNELS, key), suspects: Table::new(MOST_SUSPECTS, key) }
    }

    pub(crate) fn bytes_held(&self) -> usize {
        self.told.bytes_held().saturating_add(self.suspects.bytes_held())
    }

    pub(crate) const fn most_bytes() -> usize {
        Table::<FlowKey, ()>::most_bytes(MOST_TUNNELS)
            .saturating_add(Table::<FlowKey, Suspect>::most_bytes(MOST_SUSPECTS))
    }

    pub(crate) fn expire(&mut self, now: Timestamp) {
        while self.told.take_older_than(now - TOLD_FOR).is_some() {}
        while self.suspects.take_older_than(now - SUSPECTED_FOR).is_some() {}
    }

    /// Takes what a datagram has the form of; says whether it certainly is that tunnel's.
    pub(crate) fn datagram(
        &mut self,
        form: Form,
        heading: &Heading,
        voice: &mut Voice<'_, '_>,
    ) -> bool {
        let Some((protocol, end)) = self.proven(heading, form) else { return false };
        self.tell(protocol, end, heading, voice);
        true
    }

    /// Takes a packet of ESP that no UDP is around.
    pub(crate) fn esp(&mut self, ip: &Ip<'_>, heading: &Heading, voice: &mut Voice<'_, '_>) {
        if ipsec::esp(ip.payload).is_some() {
            self.tell(ipsec::NAME, End::Client, heading, voice);
        }
    }

    fn proven(&mut self, heading: &Heading, form: Form) -> Option<(&'static str, End)> {
        Some(match form.0 {
            Known::Handshake(end) => (wireguard::NAME, end),
            Known::Transport(sealed) => {
                return self.follows(heading, sealed).then_some((wireguard::NAME, End::Client));
            }
            Known::Ipsec(Traversal::Ike(end)) => (ipsec::NAME, end),
            Known::Ipsec(Traversal::Esp(sealed)) => {
                return self.follows(heading, sealed).then_some((ipsec::NAME, End::Client));
            }
            Known::Reset(reset) => (openvpn::NAME, self.resets(heading, reset)?),
        })
    }

    /// Whether a sealed packet follows one of the same association.
    fn follows(&mut self, heading: &Heading, sealed: Sealed) -> bool {
        let key = FlowKey::new(&heading.path);
        let last = match self.suspects.value(&key) {
            Some(Suspect::Sealed(last)) if last.of == sealed.of => Some(last.number),
            _ => None,
        };
        self.suspects.set(key, Suspect::Sealed(sealed), heading.at);
        last.is_some_and(|last| (1..=NEAR).contains(&sealed.number.wrapping_sub(last)))
    }

    /// Which end proves an OpenVPN session with this reset: a server that repeats the
    /// client's number, or a client that calls again and again.
    fn resets(&mut self, heading: &Heading, reset: Reset) -> Option<End> {
        let key = FlowKey::new(&heading.path);
        match reset {
            Reset::Client(session) => {
                let before = match self.suspects.value(&key) {
                    Some(Suspect::OpenVpn { session: known, calls }) if *known == session => *calls,
                    _ => 0,
                };
                let calls = before.saturating_add(1);
                self.suspects.set(key, Suspect::OpenVpn { session, calls }, heading.at);
                (calls >= CALLS_ENOUGH).then_some(End::Client)
            }
            Reset::Server(repeated) => {
                let Some(Suspect::OpenVpn { session, .. }) = self.suspects.value(&key.reversed())
                else {
                    return None;
                };
                repeated.is_none_or(|repeated| repeated == *session).then_some(End::Server)
            }
        }
    }

    fn tell(
        &mut self,
        protocol: &'static str,
        end: End,
        heading: &Heading,
        voice: &mut Voice<'_, '_>,
    ) {
        let key = FlowKey::new(&heading.path);
        let known = [key, key.reversed()].into_iter().find(|key| self.told.contains(key));
        self.told.set(known.unwrap_or(key), (), heading.at);
        if known.is_some() {
            return;
        }
        let heading = match end {
            End::Client => *heading,
            End::Server => heading.reversed(),
        };
        (voice.sink)(Said::Observation(heading.says(Evidence::Tunnel(protocol))));
    }
}

/// The protocol of a hello that opens encrypted DNS: by the port it goes to, or by what it
/// offers to speak. DNS over HTTPS is not told: it is a hello like any other, and rules know
/// the names of its servers.
pub(crate) fn encrypted_dns<'a>(
    is_quic: bool,
    port: u16,
    mut offers: impl Iterator<Item = &'a [u8]>,
) -> Option<&'static str> {
    let offered = |protocol: &[u8]| protocol == b"dot" || protocol.starts_with(b"doq");
    let speaks = port == DNS_PORT || offers.any(offered);
    speaks.then_some(if is_quic { DNS_OVER_QUIC } else { DNS_OVER_TLS })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Heard, heading, listen};

    /// What is told of datagrams that go to the server, or come from it.
    fn heard(port: u16, datagrams: &[(End, &[u8])]) -> Vec<Heard> {
        let mut tunnels = Tunnels::new(Key::new([6; 16]));
        let mut told = listen(|_, voice| {
            for (second, (end, payload)) in datagrams.iter().enumerate() {
                let mut heading = heading();
                heading.path.dport = port;
                heading.at = Timestamp::from_seconds(i64::try_from(second).unwrap());
                if *end == End::Server {
                    heading = heading.reversed();
                }
                look(&mut tunnels, &Datagram { heading, hops: 64, payload }, voice);
            }
        });
        assert!(tunnels.bytes_held() <= Tunnels::most_bytes());
        told.sort();
        told
    }

    const CALL: &[u8] = &[0x38, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0];
    const ANSWER: &[u8] =
        &[0x40, 9, 9, 9, 9, 9, 9, 9, 9, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0];

    fn look(tunnels: &mut Tunnels, datagram: &Datagram<'_>, voice: &mut Voice<'_, '_>) -> bool {
        let form = Form::of(datagram);
        form.is_some_and(|form| tunnels.datagram(form, &datagram.heading, voice))
    }

    #[test]
    fn an_openvpn_session_is_told_once_by_its_answer() {
        let (client, server) = ((End::Client, CALL), (End::Server, ANSWER));
        assert_eq!(heard(1194, &[client, server, server, client]), ["tunnel openvpn"]);
        assert!(heard(1194, &[client, client]).is_empty(), "nobody answered");
        assert!(heard(1194, &[server, server]).is_empty(), "nobody asked");
        let mut other = ANSWER.to_vec();
        other[14] ^= 1;
        assert!(heard(1194, &[client, (End::Server, &other)]).is_empty(), "another's number");
    }

    #[test]
    fn a_client_that_calls_three_times_needs_no_answer() {
        assert_eq!(heard(53, &[(End::Client, CALL); 5]), ["tunnel openvpn"]);
    }

    #[test]
    fn the_client_of_a_tunnel_is_its_source_whichever_end_was_seen() {
        let mut response = vec![0x5a; 92];
        response[..4].copy_from_slice(&[2, 0, 0, 0]);
        response[76..].fill(0);
        let mut tunnels = Tunnels::new(Key::new([6; 16]));
        let mut clients = Vec::new();
        let mut sink = |said: Said<'_>| {
            if let Said::Observation(observation) = said {
                clients.push(observation.path.src);
            }
            crate::said::Follow::No
        };
        crate::testing::tell(&mut sink, |_, voice| {
            let heading = heading().reversed();
            assert!(look(&mut tunnels, &Datagram { heading, hops: 64, payload: &response }, voice));
        });
        assert_eq!(clients, [heading().path.src]);
    }

    #[test]
    fn esp_in_udp_needs_a_second_packet_of_the_same_association() {
        let packet =
            |spi: u8, sequence: u8| [&[spi, 1, 1, 1, 0, 0, 0, sequence][..], &[0xee; 32]].concat();
        let (one, two, far, other) = (packet(1, 1), packet(1, 2), packet(1, 200), packet(2, 2));
        assert_eq!(heard(4500, &[(End::Client, &one), (End::Client, &two)]), ["tunnel ipsec"]);
        for second in [&one, &far, &other] {
            assert!(heard(4500, &[(End::Client, &one), (End::Client, second)]).is_empty());
        }
        assert!(heard(443, &[(End::Client, &one), (End::Client, &two)]).is_empty());
    }

    #[test]
    fn a_wireguard_session_that_was_met_midway_is_told_by_two_packets() {
        let packet = |number: u8| [&[4, 0, 0, 0, 1, 2, 3, 4, number][..], &[0; 7 + 32]].concat();
        let (one, two) = (packet(7), packet(9));
        let seen = [(End::Client, &one[..]), (End::Client, &two), (End::Server, &one)];
        assert_eq!(heard(51_820, &seen), ["tunnel wireguard"]);
        assert!(heard(51_820, &seen[1..]).is_empty());
    }

    #[test]
    fn a_flood_of_calls_holds_so_much_and_no_more() {
        let mut tunnels = Tunnels::new(Key::new([6; 16]));
        let told = listen(|_, voice| {
            for client in 0..20_000_u32 {
                let mut heading = heading();
                heading.path.src = client.to_be_bytes().into();
                look(&mut tunnels, &Datagram { heading, hops: 64, payload: CALL }, voice);
            }
        });
        assert!(told.is_empty() && tunnels.bytes_held() <= Tunnels::most_bytes());
    }

    #[test]
    fn encrypted_dns_is_told_by_its_port_or_by_what_is_offered() {
        let told = |is_quic, port, offers: &[&'static [u8]]| {
            encrypted_dns(is_quic, port, offers.iter().copied())
        };
        assert_eq!(told(false, 853, &[]), Some("dns-over-tls"));
        assert_eq!(told(false, 8443, &[b"h2", b"dot"]), Some("dns-over-tls"));
        assert_eq!(told(true, 443, &[b"doq-i02"]), Some("dns-over-quic"));
        assert_eq!(told(true, 853, &[]), Some("dns-over-quic"));
        assert_eq!(told(false, 443, &[b"h2", b"http/1.1"]), None);
    }
}
