//! What one message on the wire said: a name asked for, answered or opened.

use std::net::IpAddr;

use crate::{Frame, Name, Path, SensorId, Sighting, SiteId, Timestamp};

/// One message that was read, borrowed from the packet it came in.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a> {
    /// The time of the first packet that carried it.
    pub at: Timestamp,
    /// The frame around its last packet.
    pub frame: Frame,
    /// Its two ends, as sent.
    pub path: Path,
    /// What it said.
    pub evidence: Evidence<'a>,
}

/// What a message said.
#[derive(Clone, Copy, Debug)]
pub enum Evidence<'a> {
    /// One question of a DNS query.
    DnsQuestion(DnsQuestion<'a>),
    /// A DNS answer message: its first question and every address in its answer section.
    DnsAnswer(DnsAnswer<'a>),
    /// A TLS ClientHello in a TCP stream or in QUIC Initial packets.
    ClientHello(ClientHello<'a>),
    /// An HTTP/1 request in clear.
    HttpRequest(HttpRequest<'a>),
    /// Traffic that hides names: `wireguard`, `openvpn`, `ipsec` (IKE and ESP), `ssh`,
    /// `dns-over-tls`, `dns-over-quic`; told once a flow, the client as its source.
    Tunnel(&'static str),
    /// A name that may stand behind the hello before it, which shows none or only a front:
    /// the client's own recent DNS answers lead there.
    Inferred(Inferred<'a>),
    /// Overlapping bytes that can be read two ways; both names follow as observations.
    NameConflict(Name<'a>),
}

/// One question of a DNS query.
#[derive(Clone, Copy, Debug)]
pub struct DnsQuestion<'a> {
    /// The name asked for.
    pub name: Name<'a>,
    /// The record type asked for (RFC 1035 section 3.2.2).
    pub qtype: u16,
}

/// A DNS answer message.
#[derive(Clone, Copy, Debug)]
pub struct DnsAnswer<'a> {
    /// The name asked for, also where the addresses hang on a CNAME.
    pub name: Name<'a>,
    /// The record type asked for.
    pub qtype: u16,
    /// The response code (RFC 1035 section 4.1.1); 0 is success.
    pub rcode: u8,
    /// The addresses of the A and AAAA records; may be empty.
    pub addresses: &'a [IpAddr],
    /// Whether an HTTPS or SVCB record with an `ech` parameter was in it (RFC 9460).
    pub has_ech: bool,
}

/// A TLS ClientHello (RFC 8446 section 4.1.2).
#[derive(Clone, Copy, Debug)]
pub struct ClientHello<'a> {
    /// The QUIC version it came in, or none over TCP.
    pub quic_version: Option<u32>,
    /// The server name (RFC 6066 section 3); none where the extension is missing or empty.
    pub sni: Option<Name<'a>>,
    /// The application protocols offered (RFC 7301).
    pub alpn: Alpn<'a>,
    /// Whether extension 0xfe0d, encrypted ClientHello, is there (real or GREASE).
    pub ech: bool,
    /// What the ECH extension is worth.
    pub ech_kind: EchKind,
}

/// A name that a client's own DNS answers lead to.
#[derive(Clone, Copy, Debug)]
pub struct Inferred<'a> {
    /// The name.
    pub name: Name<'a>,
    /// How many names it may be, each said on its own; more than one is never certain.
    pub candidates: usize,
}

/// What an encrypted-ClientHello extension is worth, from what the client's DNS showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EchKind {
    /// The client was given an HTTPS record with `ech`, and the public name agrees.
    Outer,
    /// The client's DNS was seen, and none with `ech` was given.
    Unlikely,
    /// Nothing is known.
    Unknown,
}

/// The protocol name list of an ALPN extension, still in wire form: a length octet
/// before each entry.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alpn<'a>(&'a [u8]);

impl<'a> Alpn<'a> {
    /// Takes the list without its own two length octets.
    #[must_use]
    pub const fn from_wire(list: &'a [u8]) -> Self {
        Self(list)
    }

    /// The protocol names; ends early where a length octet lies.
    pub fn protocols(self) -> impl Iterator<Item = &'a [u8]> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let (length, after) = rest.split_first()?;
            let (protocol, after) = after.split_at_checked(usize::from(*length))?;
            rest = after;
            Some(protocol)
        })
    }
}

/// An HTTP/1 request in clear.
#[derive(Clone, Copy, Debug)]
pub struct HttpRequest<'a> {
    /// The Host header's value as it stood, bytes included that are no host name.
    pub host: Option<&'a [u8]>,
    /// The Host header as a name, where it is one (the port is left off).
    pub name: Option<Name<'a>>,
    /// The method.
    pub method: &'a [u8],
    /// The request target, exactly as in the request line.
    pub target: &'a [u8],
}

impl Evidence<'_> {
    /// The kind of message, in the word of output.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::DnsQuestion(_) => "dns_query",
            Self::DnsAnswer(_) => "dns_answer",
            Self::ClientHello(hello) if hello.quic_version.is_some() => "quic_client_hello",
            Self::ClientHello(_) => "tls_client_hello",
            Self::HttpRequest(_) => "http_request",
            Self::Tunnel(_) => "tunnel",
            Self::Inferred(_) => "inferred_name",
            Self::NameConflict(_) => "name_conflict",
        }
    }
}

impl<'a> Observation<'a> {
    /// The name that rules are asked about, where the message has one.
    #[must_use]
    pub fn name(&self) -> Option<Name<'a>> {
        match self.evidence {
            Evidence::DnsQuestion(question) => Some(question.name),
            Evidence::DnsAnswer(answer) => Some(answer.name),
            Evidence::ClientHello(hello) => hello.sni,
            Evidence::HttpRequest(request) => request.name,
            Evidence::Inferred(inferred) => Some(inferred.name),
            Evidence::NameConflict(name) => Some(name),
            Evidence::Tunnel(_) => None,
        }
    }

    /// The client's side of the message: the receiver of an answer, else the sender.
    #[must_use]
    pub fn sighting(&self, site: SiteId, sensor: SensorId) -> Sighting {
        let (address, mac) = match self.evidence {
            Evidence::DnsAnswer(_) => (self.path.dst, self.frame.dst_mac),
            _ => (self.path.src, self.frame.src_mac),
        };
        Sighting { site, sensor, vlan: self.frame.vlan, mac, address }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alpn_list_ends_where_a_length_lies() {
        let protocols = |list| Alpn::from_wire(list).protocols().collect::<Vec<_>>();
        assert_eq!(protocols(b"\x02h2\x08http/1.1"), [&b"h2"[..], b"http/1.1"]);
        assert_eq!(protocols(b"\x02h2\x09http/1.1"), [&b"h2"[..]]);
        assert!(protocols(b"").is_empty());
    }
}
