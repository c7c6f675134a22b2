//! A listener for tests that writes down in words what it hears.

use facts::{
    Assertion, Attempt, Claim, Evidence, Exchange, Frame, Inferred, Means, Observation, Path,
    Timestamp,
};

use crate::claims::Exchanges;
use crate::counters::Counters;
use crate::follow::Followed;
use crate::keyed::Key;
use crate::said::{Follow, Said, Sink};
use crate::voice::{Heading, Room, Voice};
use crate::wire::Settings;

/// One thing heard, in words.
pub(crate) type Heard = String;

/// A message from the client 10.1.4.23:50000 to the server 10.1.0.1:53.
pub(crate) fn heading() -> Heading {
    let (src, dst) = ([10, 1, 4, 23].into(), [10, 1, 0, 1].into());
    let path = Path { src, dst, sport: 50_000, dport: 53 };
    Heading { at: Timestamp::EPOCH, frame: Frame::default(), path }
}

/// Lends a voice and writes down what is said with it.
pub(crate) fn listen(speak: impl FnOnce(&mut Followed, &mut Voice<'_, '_>)) -> Vec<Heard> {
    let mut heard = Vec::new();
    let mut sink = |said: Said<'_>| {
        heard.push(words(&said));
        Follow::No
    };
    tell(&mut sink, speak);
    heard
}

/// Lends a voice that speaks to `sink`.
pub(crate) fn tell(sink: &mut Sink<'_>, speak: impl FnOnce(&mut Followed, &mut Voice<'_, '_>)) {
    let settings = Settings::with_key([8; 16]);
    let mut followed = Followed::new(Key::new(settings.key));
    let (mut counters, mut room) = (Counters::default(), Room::new());
    let mut exchanges = Exchanges::new(Key::new(settings.key));
    let mut voice = Voice {
        settings: &settings,
        counters: &mut counters,
        room: &mut room,
        exchanges: &mut exchanges,
        sink,
    };
    speak(&mut followed, &mut voice);
}

/// What was said, in words.
pub(crate) fn words(said: &Said<'_>) -> Heard {
    match said {
        Said::Observation(observation) => observed(observation),
        Said::Claim(claim) => claimed(claim),
        Said::Attempt(attempt) => attempted(attempt),
        Said::Progress { watch, rung, bytes, .. } => {
            format!("progress {} {} {bytes}", watch.0, rung.as_str())
        }
    }
}

fn observed(observation: &Observation<'_>) -> Heard {
    match observation.evidence {
        Evidence::DnsQuestion(q) => format!("dns_query {} {}", q.name.as_str(), q.qtype),
        Evidence::DnsAnswer(a) => {
            let ech = if a.has_ech { " ech" } else { "" };
            let (name, addresses) = (a.name.as_str(), a.addresses);
            format!("dns_answer {name} {} rcode {} {addresses:?}{ech}", a.qtype, a.rcode)
        }
        Evidence::ClientHello(hello) => {
            let name = hello.sni.map_or("-", |name| name.as_str());
            let alpn: Vec<_> = hello.alpn.protocols().map(String::from_utf8_lossy).collect();
            format!("hello {name} {alpn:?} ech {}", hello.ech)
        }
        Evidence::HttpRequest(request) => {
            let text = String::from_utf8_lossy;
            let host = request.host.map_or("-".into(), text);
            format!("http {} {} {host}", text(request.method), text(request.target))
        }
        Evidence::Tunnel(protocol) => format!("tunnel {protocol}"),
        Evidence::Inferred(Inferred { name, candidates }) => {
            format!("inferred {} one of {candidates}", name.as_str())
        }
        Evidence::NameConflict(name) => format!("conflict {}", name.as_str()),
    }
}

fn attempted(attempt: &Attempt) -> Heard {
    let (address, user) = (attempt.client.address, attempt.user.reveal());
    match &attempt.by {
        Means::Ntlm { domain } => {
            format!("ntlm {address} {user} {}", domain.as_deref().unwrap_or("-"))
        }
        Means::LdapSimple => format!("ldap {address} {user}"),
        Means::RadiusOuter { calling_station } => {
            format!("radius {address} {user} {}", calling_station.as_deref().unwrap_or("-"))
        }
    }
}

fn claimed(claim: &Claim) -> Heard {
    match claim.exchange {
        Exchange::Whole | Exchange::With(_) => asserted(&claim.assertion),
        Exchange::OneSided => format!("{}, one-sided", asserted(&claim.assertion)),
    }
}

fn asserted(assertion: &Assertion) -> Heard {
    match assertion {
        Assertion::Leased { mac, address, lease, host, .. } => {
            let host = host.as_deref().unwrap_or("-");
            format!("leased {mac} {address} {}s host {host}", lease.as_seconds())
        }
        Assertion::Released { mac, address } => format!("released {mac} {address}"),
        Assertion::Announced { mac, address, .. } => format!("announced {mac} {address}"),
        Assertion::KerberosAsked { client, cname, realm } => {
            format!("kerberos_asked {} {} {realm}", client.address, cname.reveal())
        }
        Assertion::KerberosGranted { client, cname, realm } => {
            format!("kerberos_granted {} {} {realm}", client.address, cname.reveal())
        }
        Assertion::KerberosUsed { client, cname, realm } => {
            format!("kerberos_used {} {} {realm}", client.address, cname.reveal())
        }
        Assertion::Accounted(accounting) => {
            let user = accounting.user.as_ref().map_or("-", |user| user.reveal());
            format!("accounted {:?} {user}", accounting.status)
        }
        other => format!("{other:?}"),
    }
}
