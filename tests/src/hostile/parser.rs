//! The parsers of the wire, and the samples that each is tried with.

use std::fmt;

use super::{Carrier, Laid, samples};

/// A parser that hostile bytes reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Parser {
    /// Link headers: tags, labels, cooked captures, PPP.
    Links,
    /// IPv4 and IPv6 headers with options and extensions, UDP and TCP headers.
    Ip,
    /// Fragments put together again.
    Fragments,
    /// What wraps packets in packets.
    Tunnels,
    /// ARP and neighbour discovery.
    Neighbours,
    /// DNS over UDP.
    Dns,
    /// DNS over TCP.
    DnsTcp,
    /// TLS ClientHellos in TCP streams, and what may stand before them.
    Tls,
    /// QUIC frames, sealed with the right keys after they were bent.
    QuicFrames,
    /// QUIC datagrams, bent after they were sealed.
    QuicDatagram,
    /// HTTP/1 requests.
    Http,
    /// DHCPv4.
    Dhcp,
    /// DHCP for IPv6.
    Dhcp6,
    /// RADIUS accounting.
    Radius,
    /// Kerberos over UDP and TCP.
    Kerberos,
    /// LDAP binds.
    Ldap,
    /// NTLM messages in any protocol.
    Ntlm,
    /// The beginnings of tunnels that hide names.
    Hidden,
}

impl Parser {
    /// Every parser, in the order in which a packet meets them.
    pub const ALL: [Self; 18] = [
        Self::Links,
        Self::Ip,
        Self::Fragments,
        Self::Tunnels,
        Self::Neighbours,
        Self::Dns,
        Self::DnsTcp,
        Self::Tls,
        Self::QuicFrames,
        Self::QuicDatagram,
        Self::Http,
        Self::Dhcp,
        Self::Dhcp6,
        Self::Radius,
        Self::Kerberos,
        Self::Ldap,
        Self::Ntlm,
        Self::Hidden,
    ];

    /// The word for it on a command line, and the name of its fuzz target.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Links => "links",
            Self::Ip => "ip",
            Self::Fragments => "fragments",
            Self::Tunnels => "tunnels",
            Self::Neighbours => "neighbours",
            Self::Dns => "dns",
            Self::DnsTcp => "dns_tcp",
            Self::Tls => "tls",
            Self::QuicFrames => "quic_frames",
            Self::QuicDatagram => "quic_datagram",
            Self::Http => "http",
            Self::Dhcp => "dhcp",
            Self::Dhcp6 => "dhcp6",
            Self::Radius => "radius",
            Self::Kerberos => "kerberos",
            Self::Ldap => "ldap",
            Self::Ntlm => "ntlm",
            Self::Hidden => "hidden",
        }
    }

    /// The parser of this word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|parser| parser.word() == word)
    }

    /// The samples that it reads.
    #[must_use]
    pub fn samples(self) -> Vec<Sample> {
        match self {
            Self::Links => samples::links::all(),
            Self::Ip => samples::ip::headers(),
            Self::Fragments => samples::ip::fragments(),
            Self::Tunnels => samples::tunnels::all(),
            Self::Neighbours => samples::neighbours::all(),
            Self::Dns => samples::dns::over_udp(),
            Self::DnsTcp => samples::dns::over_tcp(),
            Self::Tls => samples::tls::all(),
            Self::QuicFrames => samples::quic::frames(),
            Self::QuicDatagram => samples::quic::datagrams(),
            Self::Http => samples::http::all(),
            Self::Dhcp => samples::dhcp::all(),
            Self::Dhcp6 => samples::dhcp6::all(),
            Self::Radius => samples::radius::all(),
            Self::Kerberos => samples::kerberos::all(),
            Self::Ldap => samples::attempts::ldap(),
            Self::Ntlm => samples::attempts::ntlm(),
            Self::Hidden => samples::hidden::all(),
        }
    }
}

impl fmt::Display for Parser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A message that a parser reads, in the parts in which it comes.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What it is.
    pub name: &'static str,
    /// What stands around each part.
    pub carrier: Carrier,
    /// The parts, in order.
    pub parts: Vec<Laid>,
    /// What is said of it when nothing is bent, as [`super::Heard::words`] has it.
    pub says: &'static [&'static str],
}

impl Sample {
    /// A message in one part.
    #[must_use]
    pub fn new(
        name: &'static str,
        carrier: Carrier,
        part: Laid,
        says: &'static [&'static str],
    ) -> Self {
        Self { name, carrier, parts: vec![part], says }
    }

    /// The octets of its parts.
    #[must_use]
    pub fn bytes(&self) -> Vec<Vec<u8>> {
        self.parts.iter().map(|part| part.bytes.clone()).collect()
    }
}
