//! The lines that are printed: what each kind holds, and how it is spelled.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::net::IpAddr;

use facts::{
    Accounting, AccountingStatus, Assertion, Attempt, Claim, ClientHello, EchKind, Evidence,
    Inferred, Mac, Means, Name, Observation, Path, Sighting, Timestamp, UserName,
};
use serde::{Serialize, Serializer};

use super::shown::{Show, Veiled};
use super::spelling::{Spelled, spelled};

/// One line of output.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Line<'a> {
    DnsQuery {
        time: Text<Timestamp>,
        src: Veiled<IpAddr>,
        dst: Veiled<IpAddr>,
        name: Named<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        exact: Option<&'a str>,
        qtype: RecordType,
    },
    DnsAnswer {
        time: Text<Timestamp>,
        src: Veiled<IpAddr>,
        dst: Veiled<IpAddr>,
        name: Named<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        exact: Option<&'a str>,
        qtype: RecordType,
        addresses: Vec<Veiled<IpAddr>>,
        has_ech: bool,
    },
    TlsClientHello(Hello<'a>),
    QuicClientHello(Hello<'a>),
    HttpRequest {
        time: Text<Timestamp>,
        src: Veiled<IpAddr>,
        dst: Veiled<IpAddr>,
        sport: u16,
        dport: u16,
        host: Option<Cow<'a, str>>,
        method: Cow<'a, str>,
        target: String,
    },
    Tunnel {
        time: Text<Timestamp>,
        src: Veiled<IpAddr>,
        dst: Veiled<IpAddr>,
        sport: u16,
        dport: u16,
        protocol: &'static str,
    },
    NameConflict {
        time: Text<Timestamp>,
        src: Veiled<IpAddr>,
        dst: Veiled<IpAddr>,
        sport: u16,
        dport: u16,
        name: Spelled<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        exact: Option<&'a str>,
    },
    DhcpLease {
        time: Text<Timestamp>,
        mac: Veiled<Mac>,
        address: Veiled<IpAddr>,
        hostname: Option<Veiled<&'a str>>,
        seconds: i64,
    },
    DhcpRelease {
        time: Text<Timestamp>,
        mac: Veiled<Mac>,
        address: Veiled<IpAddr>,
    },
    Arp(Announced),
    Ndp(Announced),
    KerberosAsReq(Kerberos<'a>),
    KerberosAsRep(Kerberos<'a>),
    KerberosTgs(Kerberos<'a>),
    NtlmAuth {
        time: Text<Timestamp>,
        src: Veiled<IpAddr>,
        dst: Veiled<IpAddr>,
        user: Veiled<&'a str>,
        domain: Option<Veiled<&'a str>>,
    },
    LdapBind {
        time: Text<Timestamp>,
        src: Veiled<IpAddr>,
        dst: IpAddr,
        name: Veiled<&'a str>,
    },
    /// A name that may stand behind the hello before it.
    InferredName {
        time: Text<Timestamp>,
        src: Veiled<IpAddr>,
        dst: Veiled<IpAddr>,
        sport: u16,
        dport: u16,
        name: Spelled<'a>,
        candidates: usize,
    },
    /// The name is the outer one: behind it anybody may be.
    RadiusAccess {
        time: Text<Timestamp>,
        src: Veiled<IpAddr>,
        dst: IpAddr,
        outer: Veiled<&'a str>,
        calling_station: Option<Veiled<&'a str>>,
    },
    RadiusAccounting {
        time: Text<Timestamp>,
        status: &'static str,
        user: Option<Veiled<&'a str>>,
        framed_ip: Option<Veiled<IpAddr>>,
        calling_station: Option<Veiled<&'a str>>,
        session: Option<Veiled<&'a str>>,
        nas: &'a str,
    },
}

#[derive(Serialize)]
pub(super) struct Hello<'a> {
    time: Text<Timestamp>,
    src: Veiled<IpAddr>,
    dst: Veiled<IpAddr>,
    sport: u16,
    dport: u16,
    sni: Option<Spelled<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exact: Option<&'a str>,
    alpn: Vec<Cow<'a, str>>,
    ech: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    ech_kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<Text<Version>>,
}

#[derive(Serialize)]
pub(super) struct Announced {
    time: Text<Timestamp>,
    mac: Veiled<Mac>,
    address: Veiled<IpAddr>,
}

#[derive(Serialize)]
pub(super) struct Kerberos<'a> {
    time: Text<Timestamp>,
    src: Veiled<IpAddr>,
    cname: Veiled<&'a str>,
    realm: &'a str,
}

/// A name in a message of DNS.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Named<'a> {
    Plain(Spelled<'a>),
    Veiled(Veiled<&'a str>),
}

/// A value that is printed as a text.
pub(super) struct Text<T>(T);

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        spelled(&self.0, serializer)
    }
}

/// A QUIC version number: `0x00000001`.
pub(super) struct Version(u32);

impl Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

/// A DNS record type: `A`, or `TYPE65280` where it has no name here (RFC 3597 section 5).
pub(super) struct RecordType(u16);

impl Serialize for RecordType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match RECORD_TYPES.iter().find(|(number, _)| *number == self.0) {
            Some((_, name)) => f.write_str(name),
            None => write!(f, "TYPE{}", self.0),
        }
    }
}

/// The types of the IANA registry that are met in networks.
const RECORD_TYPES: &[(u16, &str)] = &[
    (1, "A"),
    (28, "AAAA"),
    (65, "HTTPS"),
    (2, "NS"),
    (5, "CNAME"),
    (6, "SOA"),
    (10, "NULL"),
    (12, "PTR"),
    (13, "HINFO"),
    (15, "MX"),
    (16, "TXT"),
    (24, "SIG"),
    (25, "KEY"),
    (29, "LOC"),
    (33, "SRV"),
    (35, "NAPTR"),
    (37, "CERT"),
    (38, "A6"),
    (39, "DNAME"),
    (41, "OPT"),
    (43, "DS"),
    (44, "SSHFP"),
    (46, "RRSIG"),
    (47, "NSEC"),
    (48, "DNSKEY"),
    (49, "DHCID"),
    (50, "NSEC3"),
    (51, "NSEC3PARAM"),
    (52, "TLSA"),
    (59, "CDS"),
    (60, "CDNSKEY"),
    (61, "OPENPGPKEY"),
    (64, "SVCB"),
    (99, "SPF"),
    (249, "TKEY"),
    (250, "TSIG"),
    (251, "IXFR"),
    (252, "AXFR"),
    (255, "ANY"),
    (256, "URI"),
    (257, "CAA"),
    (32_769, "DLV"),
];

/// The line for an observation; an answer without addresses has none.
pub(super) fn observed<'a>(observation: &Observation<'a>, show: &Show) -> Option<Line<'a>> {
    let time = Text(observation.at);
    let path = observation.path;
    let (sport, dport) = (path.sport, path.dport);
    let (src, dst) = (show.client(path.src), show.server(path.dst));
    Some(match observation.evidence {
        Evidence::DnsQuestion(question) => {
            let (name, exact) = named(question.name, path, show);
            let qtype = RecordType(question.qtype);
            Line::DnsQuery { time, src, dst: asked(path.dst, path, show), name, exact, qtype }
        }
        Evidence::DnsAnswer(answer) if answer.addresses.is_empty() => return None,
        Evidence::DnsAnswer(answer) => {
            let (name, exact) = named(answer.name, path, show);
            let is_local = is_local(path);
            let veil = |address: &IpAddr| match is_local {
                true => show.client(*address),
                false => show.server(*address),
            };
            Line::DnsAnswer {
                time,
                src: asked(path.src, path, show),
                dst: show.client(path.dst),
                name,
                exact,
                qtype: RecordType(answer.qtype),
                addresses: answer.addresses.iter().map(veil).collect(),
                has_ech: answer.has_ech,
            }
        }
        Evidence::ClientHello(hello) => self::hello(observation, &hello, show),
        Evidence::HttpRequest(request) => Line::HttpRequest {
            time,
            src,
            dst,
            sport,
            dport,
            host: request.host.map(String::from_utf8_lossy),
            method: String::from_utf8_lossy(request.method),
            target: show.target(&String::from_utf8_lossy(request.target)).to_owned(),
        },
        Evidence::Tunnel(protocol) => Line::Tunnel { time, src, dst, sport, dport, protocol },
        Evidence::Inferred(Inferred { name, candidates }) => {
            let name = Spelled(name.as_str());
            Line::InferredName { time, src, dst, sport, dport, name, candidates }
        }
        Evidence::NameConflict(name) => {
            let name = Spelled(name.as_str());
            let exact = name.exact();
            Line::NameConflict { time, src, dst, sport, dport, name, exact }
        }
    })
}

/// Whether a message of DNS is one that devices answer for each other: mDNS and LLMNR.
fn is_local(path: Path) -> bool {
    [path.sport, path.dport].iter().any(|port| matches!(port, 5_353 | 5_355))
}

/// Who a question of DNS is asked of: a device, or a server that is no client of anybody.
fn asked(address: IpAddr, path: Path, show: &Show) -> Veiled<IpAddr> {
    if is_local(path) && !address.is_multicast() {
        show.client(address)
    } else {
        Veiled::Plain(address)
    }
}

/// The name in a message of DNS, and its exact spelling where that is told. A name of a
/// device tells whose it is, and a name of an address tells the address: both are veiled.
fn named<'a>(name: Name<'a>, path: Path, show: &Show) -> (Named<'a>, Option<&'a str>) {
    let text = name.as_str();
    let within = |zone| Name::from_canonical(zone).is_some_and(|zone| name.is_within(zone));
    let is_service = text.starts_with('_');
    let is_device = is_local(path) || within("local") || !text.contains('.');
    let is_address = within("in-addr.arpa") || within("ip6.arpa");
    if show.is_veiled() && (is_address || (is_device && !is_service)) {
        return (Named::Veiled(show.text("host", text)), None);
    }
    (Named::Plain(Spelled(text)), Spelled(text).exact())
}

fn hello<'a>(observation: &Observation<'a>, hello: &ClientHello<'a>, show: &Show) -> Line<'a> {
    let path = observation.path;
    let line = Hello {
        time: Text(observation.at),
        src: show.client(path.src),
        dst: show.server(path.dst),
        sport: path.sport,
        dport: path.dport,
        sni: hello.sni.map(|name| Spelled(name.as_str())),
        exact: hello.sni.and_then(|name| Spelled(name.as_str()).exact()),
        alpn: hello.alpn.protocols().map(String::from_utf8_lossy).collect(),
        ech: hello.ech,
        ech_kind: hello.ech.then_some(match hello.ech_kind {
            EchKind::Outer => "outer",
            EchKind::Unlikely => "unlikely",
            EchKind::Unknown => "unknown",
        }),
        version: hello.quic_version.map(|version| Text(Version(version))),
    };
    if hello.quic_version.is_some() {
        Line::QuicClientHello(line)
    } else {
        Line::TlsClientHello(line)
    }
}

/// The line for a claim; what is not read from the wire has none.
pub(super) fn claimed<'a>(claim: &'a Claim, show: &Show) -> Option<Line<'a>> {
    let time = Text(claim.at);
    let kerberos = |client: &Sighting, cname: &'a UserName, realm: &'a str| Kerberos {
        time: Text(claim.at),
        src: show.client(client.address),
        cname: show.text("user", cname.reveal()),
        realm,
    };
    Some(match &claim.assertion {
        Assertion::Leased { mac, address, lease, host, .. } => Line::DhcpLease {
            time,
            mac: show.device(*mac),
            address: show.client(*address),
            hostname: host.as_deref().map(|host| show.text("host", host)),
            seconds: lease.as_seconds(),
        },
        Assertion::Released { mac, address } => {
            Line::DhcpRelease { time, mac: show.device(*mac), address: show.client(*address) }
        }
        Assertion::Announced { mac, address, .. } => {
            let (mac, line) = (show.device(*mac), show.client(*address));
            let announced = Announced { time, mac, address: line };
            if address.is_ipv4() { Line::Arp(announced) } else { Line::Ndp(announced) }
        }
        Assertion::KerberosAsked { client, cname, realm } => {
            Line::KerberosAsReq(kerberos(client, cname, realm))
        }
        Assertion::KerberosGranted { client, cname, realm } => {
            Line::KerberosAsRep(kerberos(client, cname, realm))
        }
        Assertion::KerberosUsed { client, cname, realm } => {
            Line::KerberosTgs(kerberos(client, cname, realm))
        }
        Assertion::Accounted(accounting) => accounted(time, accounting, show),
        // What the lines of names show of frames needs no line of its own.
        Assertion::Sighted { .. } | Assertion::Logon { .. } | Assertion::Lost { .. } => {
            return None;
        }
    })
}

/// The line for a name that was given where nothing shows that it was accepted.
pub(super) fn attempted<'a>(attempt: &'a Attempt, show: &Show) -> Line<'a> {
    let time = Text(attempt.at);
    let (src, dst) = (show.client(attempt.client.address), attempt.server);
    let name = show.text("user", attempt.user.reveal());
    match &attempt.by {
        Means::Ntlm { domain } => {
            // On a computer that no domain holds it is the computer's own name.
            let domain = domain.as_deref().map(|domain| show.text("host", domain));
            let dst = show.server(dst);
            Line::NtlmAuth { time, src, dst, user: name, domain }
        }
        Means::LdapSimple => Line::LdapBind { time, src, dst, name },
        Means::RadiusOuter { calling_station } => Line::RadiusAccess {
            time,
            src,
            dst,
            outer: name,
            calling_station: calling_station.as_deref().map(|text| show.text("device", text)),
        },
    }
}

fn accounted<'a>(time: Text<Timestamp>, accounting: &'a Accounting, show: &Show) -> Line<'a> {
    let text =
        |kind, value: &'a Option<String>| value.as_deref().map(|value| show.text(kind, value));
    Line::RadiusAccounting {
        time,
        status: match accounting.status {
            AccountingStatus::Start => "start",
            AccountingStatus::Stop => "stop",
            AccountingStatus::InterimUpdate => "interim-update",
            AccountingStatus::AccountingOn => "accounting-on",
            AccountingStatus::AccountingOff => "accounting-off",
        },
        user: accounting.user.as_ref().map(|user| show.text("user", user.reveal())),
        framed_ip: accounting.framed_ip.map(|address| show.client(address)),
        calling_station: text("device", &accounting.calling_station),
        session: text("session", &accounting.session),
        nas: &accounting.nas,
    }
}
