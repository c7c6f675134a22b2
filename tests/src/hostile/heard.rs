//! What a wire said, as far as it names anything or anybody.

use std::net::IpAddr;

use facts::{Assertion, Attempt, Evidence, HostName, Mac, Means, Observation, UserName};
use wire::Said;

/// A name, of whatever kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Atom {
    /// A host.
    Host(HostName),
    /// An account.
    Account(UserName),
    /// An address that a message tells of, not one that it came from.
    Address(IpAddr),
    /// A device.
    Device(Mac),
    /// A realm, a device's own name, a session, a request's target.
    Text(String),
}

/// One thing that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Which kind of thing.
    pub kind: &'static str,
    /// All that it names.
    pub atoms: Vec<Atom>,
}

impl Heard {
    /// What was said; none for a later step of what is followed, which names nothing new.
    #[must_use]
    pub fn new(said: &Said<'_>) -> Option<Self> {
        match said {
            Said::Observation(observation) => Some(observed(observation)),
            Said::Claim(claim) => Some(claimed(&claim.assertion)),
            Said::Attempt(attempt) => Some(attempted(attempt)),
            Said::Progress { .. } => None,
        }
    }

    /// The kind and the host name or first text, as in `dns_query www.elmrow.example`.
    #[must_use]
    pub fn words(&self) -> String {
        let first = self.atoms.iter().find_map(|atom| match atom {
            Atom::Host(name) => Some(name.as_str()),
            Atom::Text(text) => Some(text.as_str()),
            _ => None,
        });
        first.map_or(self.kind.to_owned(), |first| format!("{} {first}", self.kind))
    }
}

fn observed(observation: &Observation<'_>) -> Heard {
    let kind = match observation.evidence {
        Evidence::DnsQuestion(_) => "dns_query",
        Evidence::DnsAnswer(_) => "dns_answer",
        Evidence::ClientHello(hello) if hello.quic_version.is_some() => "quic_hello",
        Evidence::ClientHello(_) => "tls_hello",
        Evidence::HttpRequest(_) => "http",
        Evidence::Tunnel(_) => "tunnel",
        Evidence::Inferred(_) => "inferred",
        Evidence::NameConflict(_) => "conflict",
    };
    let mut atoms: Vec<_> =
        observation.name().map(|name| Atom::Host(name.to_host_name())).into_iter().collect();
    match observation.evidence {
        Evidence::DnsAnswer(answer) => {
            atoms.extend(answer.addresses.iter().copied().map(Atom::Address));
        }
        Evidence::HttpRequest(request) => {
            let texts = [Some(request.target), request.host];
            atoms.extend(texts.into_iter().flatten().map(text));
        }
        Evidence::Tunnel(protocol) => atoms.push(Atom::Text(protocol.to_owned())),
        _ => {}
    }
    Heard { kind, atoms }
}

fn claimed(assertion: &Assertion) -> Heard {
    let (kind, atoms) = match assertion {
        Assertion::Leased { mac, address, host, .. } => {
            let host = host.iter().cloned().map(Atom::Text);
            let who = [Atom::Device(*mac), Atom::Address(*address)];
            ("leased", who.into_iter().chain(host).collect())
        }
        Assertion::Released { mac, address } => {
            ("released", vec![Atom::Device(*mac), Atom::Address(*address)])
        }
        Assertion::Announced { mac, address, .. } => {
            ("announced", vec![Atom::Device(*mac), Atom::Address(*address)])
        }
        Assertion::Sighted { mac, address, .. } => {
            ("sighted", vec![Atom::Device(*mac), Atom::Address(*address)])
        }
        Assertion::KerberosAsked { cname, realm, .. } => ("kerberos_asked", ticket(cname, realm)),
        Assertion::KerberosGranted { cname, realm, .. } => {
            ("kerberos_granted", ticket(cname, realm))
        }
        Assertion::KerberosUsed { cname, realm, .. } => ("kerberos_used", ticket(cname, realm)),
        Assertion::Accounted(accounting) => {
            let mut atoms: Vec<_> = accounting.user.iter().cloned().map(Atom::Account).collect();
            let texts = [
                accounting.session.as_ref(),
                accounting.multi_session.as_ref(),
                accounting.calling_station.as_ref(),
            ];
            atoms.extend(texts.into_iter().flatten().cloned().map(Atom::Text));
            atoms.extend(accounting.framed_ip.map(Atom::Address));
            ("accounted", atoms)
        }
        Assertion::Lost { .. } => ("lost", Vec::new()),
        Assertion::Logon { user, .. } => ("logon", vec![Atom::Account(user.clone())]),
    };
    Heard { kind, atoms }
}

fn attempted(attempt: &Attempt) -> Heard {
    let (kind, text) = match &attempt.by {
        Means::Ntlm { domain } => ("ntlm", domain),
        Means::LdapSimple => ("ldap_bind", &None),
        Means::RadiusOuter { calling_station } => ("radius_outer", calling_station),
    };
    let atoms = std::iter::once(Atom::Account(attempt.user.clone()));
    Heard { kind, atoms: atoms.chain(text.iter().cloned().map(Atom::Text)).collect() }
}

fn ticket(cname: &UserName, realm: &str) -> Vec<Atom> {
    vec![Atom::Account(cname.clone()), Atom::Text(realm.to_owned())]
}

fn text(bytes: &[u8]) -> Atom {
    Atom::Text(String::from_utf8_lossy(bytes).into_owned())
}
