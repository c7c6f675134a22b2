//! The lines that are printed: what each kind holds, and how it is spelled.

use std::borrow::Cow;
use std::fmt::Display;
use std::io;
use std::net::IpAddr;
use std::ops::Not;

use facts::{
    Accounting, AccountingStatus, Assertion, Attempt, Claim, ClientHello, DnsAnswer, DnsQuestion,
    EchKind, Evidence, Exchange, Inferred, Mac, Means, Name, Observation, Path, Sighting,
    Timestamp, UserName,
};
use serde::{Serialize, Serializer};

use super::sheet::Sheet;
use super::shown::{Show, Veiled};
use super::spelling::Spelled;

/// One line of output, of the kinds that are written by the library.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Line<'a> {
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
        /// No server was seen to take it.
        #[serde(skip_serializing_if = "Not::not")]
        one_sided: bool,
    },
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
    /// Nobody was seen to ask for it.
    #[serde(skip_serializing_if = "Not::not")]
    one_sided: bool,
}

/// A value that is printed as a text.
pub(super) struct Text<T>(T);

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// The types of DNS records of the IANA registry that are met in networks; another is written
/// `TYPE65280` (RFC 3597 section 5).
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

/// Whether an observation has no line: an answer without addresses.
pub(super) const fn says_nothing(observation: &Observation<'_>) -> bool {
    matches!(observation.evidence, Evidence::DnsAnswer(answer) if answer.addresses.is_empty())
}

/// Writes the line of an observation.
pub(super) fn observed(
    observation: &Observation<'_>,
    show: &Show,
    sheet: &mut Sheet,
) -> io::Result<()> {
    let time = Text(observation.at);
    let path = observation.path;
    let (sport, dport) = (path.sport, path.dport);
    let (src, dst) = (show.client(path.src), show.server(path.dst));
    let line = match observation.evidence {
        Evidence::DnsQuestion(question) => {
            dns_question(observation, &question, show, sheet);
            return Ok(());
        }
        Evidence::DnsAnswer(answer) => {
            dns_answer(observation, &answer, show, sheet);
            return Ok(());
        }
        Evidence::ClientHello(hello) => {
            self::hello(observation, &hello, show, sheet);
            return Ok(());
        }
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
    };
    sheet.line(&line)
}

fn dns_question(
    observation: &Observation<'_>,
    question: &DnsQuestion<'_>,
    show: &Show,
    sheet: &mut Sheet,
) {
    let path = observation.path;
    sheet.begin("dns_query", observation.at);
    sheet.address(",\"src\":", &show.client(path.src));
    sheet.address(",\"dst\":", &asked(path.dst, path, show));
    named(question.name, path, show, sheet);
    record_type(question.qtype, sheet);
    sheet.end();
}

fn dns_answer(
    observation: &Observation<'_>,
    answer: &DnsAnswer<'_>,
    show: &Show,
    sheet: &mut Sheet,
) {
    let path = observation.path;
    sheet.begin("dns_answer", observation.at);
    sheet.address(",\"src\":", &asked(path.src, path, show));
    sheet.address(",\"dst\":", &show.client(path.dst));
    named(answer.name, path, show, sheet);
    record_type(answer.qtype, sheet);
    sheet.put(",\"addresses\":[");
    for (place, address) in answer.addresses.iter().enumerate() {
        let shown = if is_local(path) { show.client(*address) } else { show.server(*address) };
        sheet.address(if place > 0 { "," } else { "" }, &shown);
    }
    sheet.put(if answer.has_ech { "],\"has_ech\":true" } else { "],\"has_ech\":false" });
    sheet.end();
}

fn record_type(qtype: u16, sheet: &mut Sheet) {
    match RECORD_TYPES.iter().find(|(number, _)| *number == qtype) {
        Some((_, name)) => sheet.text(",\"qtype\":", name),
        None => {
            sheet.number(",\"qtype\":\"TYPE", qtype);
            sheet.put("\"");
        }
    }
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

/// Writes the name in a message of DNS, and its exact spelling where that is told. A name of
/// a device tells whose it is, and a name of an address tells the address: both are veiled.
fn named(name: Name<'_>, path: Path, show: &Show, sheet: &mut Sheet) {
    let text = name.as_str();
    let within = |zone| Name::from_canonical(zone).is_some_and(|zone| name.is_within(zone));
    let is_personal = || {
        let is_device = is_local(path) || within("local") || !text.contains('.');
        let is_address = within("in-addr.arpa") || within("ip6.arpa");
        is_address || (is_device && !text.starts_with('_'))
    };
    if let Show::Veiled(pseudonyms) = show
        && is_personal()
    {
        sheet.text(",\"name\":", &pseudonyms.of("host", text));
    } else {
        spelled(",\"name\":", text, sheet);
    }
}

/// Writes a name as people read it and, where it could be taken for another, exactly.
fn spelled(before: &'static str, name: &str, sheet: &mut Sheet) {
    let name = Spelled(name);
    sheet.text(before, &name.readable());
    if let Some(exact) = name.exact() {
        sheet.text(",\"exact\":", exact);
    }
}

fn hello(observation: &Observation<'_>, hello: &ClientHello<'_>, show: &Show, sheet: &mut Sheet) {
    let path = observation.path;
    let is_quic = hello.quic_version.is_some();
    let kind = if is_quic { "quic_client_hello" } else { "tls_client_hello" };
    sheet.begin(kind, observation.at);
    sheet.address(",\"src\":", &show.client(path.src));
    sheet.address(",\"dst\":", &show.server(path.dst));
    sheet.number(",\"sport\":", path.sport);
    sheet.number(",\"dport\":", path.dport);
    match hello.sni {
        Some(name) => spelled(",\"sni\":", name.as_str(), sheet),
        None => sheet.put(",\"sni\":null"),
    }
    sheet.put(",\"alpn\":[");
    for (place, protocol) in hello.alpn.protocols().enumerate() {
        sheet.text(if place > 0 { "," } else { "" }, &String::from_utf8_lossy(protocol));
    }
    sheet.put(match (hello.ech, hello.ech_kind) {
        (false, _) => "],\"ech\":false",
        (true, EchKind::Outer) => "],\"ech\":true,\"ech_kind\":\"outer\"",
        (true, EchKind::Unlikely) => "],\"ech\":true,\"ech_kind\":\"unlikely\"",
        (true, EchKind::Unknown) => "],\"ech\":true,\"ech_kind\":\"unknown\"",
    });
    if let Some(version) = hello.quic_version {
        sheet.text(",\"version\":", &format!("{version:#010x}"));
    }
    sheet.end();
}

/// The line for a claim; what is not read from the wire has none.
pub(super) fn claimed<'a>(claim: &'a Claim, show: &Show) -> Option<Line<'a>> {
    let time = Text(claim.at);
    let one_sided = claim.exchange == Exchange::OneSided;
    let kerberos = |client: &Sighting, cname: &'a UserName, realm: &'a str| Kerberos {
        time: Text(claim.at),
        src: show.client(client.address),
        cname: show.text("user", cname.reveal()),
        realm,
        one_sided,
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
        Assertion::Accounted(accounting) => accounted(time, accounting, one_sided, show),
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

fn accounted<'a>(
    time: Text<Timestamp>,
    accounting: &'a Accounting,
    one_sided: bool,
    show: &Show,
) -> Line<'a> {
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
        one_sided,
    }
}
