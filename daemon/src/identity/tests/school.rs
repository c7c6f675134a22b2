//! An invented school, and claims about it in few words.

use std::collections::BTreeSet;
use std::net::IpAddr;

use facts::{
    Accounting, AccountingStatus, Answer, Assertion, Attribution, Claim, Exchange, LogonEvent, Mac,
    SensorId, Sighting, SiteId, Source, Span, Timestamp, UserName, Why,
};
use jiff::tz::TimeZone;

use crate::identity::sources::read_directory;
use crate::identity::{Directory, Roster, Settings};

/// Nine in the morning of an invented Monday.
pub(super) const NINE: Timestamp = Timestamp::from_seconds(1_795_424_400);

const ACCOUNTS: &str = "login,name,role,year,group,aliases\n\
    a.pupil,A. Pupil,pupil,3,3B,uso:apupil01\n\
    b.pupil,B. Pupil,pupil,3,3B,\n\
    c.pupil,C. Pupil,pupil,4,4A,\n\
    d.pupil,D. Pupil,pupil,4,4A,\n\
    t.staff,T. Staff,staff,,,\n\
    class3b,Class 3B,class,3,3B,\n\
    guest1,Visitors,guest,,,\n\
    svc.backup,Backup,service,,,\n";

/// The directory of the school.
pub(super) fn directory() -> Directory {
    read_directory("directory.csv", ACCOUNTS.as_bytes(), &TimeZone::UTC).expect("a directory")
}

/// Default decisions, with the school's realm.
pub(super) fn settings() -> Settings {
    Settings { realms: vec!["school.lan".to_owned()], ..Settings::default() }
}

/// The school's register.
pub(super) fn roster() -> Roster {
    Roster::new(directory(), settings())
}

/// A register that has heard these claims.
pub(super) fn after(settings: Settings, claims: &[Claim]) -> Roster {
    let roster = Roster::new(directory(), settings);
    for claim in claims {
        roster.absorb(claim);
    }
    roster
}

/// A computer of the school by number.
pub(super) fn pc(number: u8) -> Mac {
    Mac::from_octets([0x52, 0x54, 0, 0x1d, 0, number])
}

/// An address of the school by number.
pub(super) fn at(number: u8) -> IpAddr {
    IpAddr::from([10, 77, 0, number])
}

/// So many minutes after nine.
pub(super) fn min(minutes: i64) -> Timestamp {
    NINE + Span::minutes(minutes)
}

/// So many seconds after nine.
pub(super) fn sec(seconds: i64) -> Timestamp {
    NINE + Span::seconds(seconds)
}

/// A frame of a device with its own hardware address.
pub(super) fn seen(mac: Mac, address: IpAddr) -> Sighting {
    Sighting { site: SiteId(0), sensor: SensorId(0), vlan: None, mac: Some(mac), address }
}

/// A frame of the computer of this number at the address of the same number.
pub(super) fn on(number: u8) -> Sighting {
    seen(pc(number), at(number))
}

/// A frame that came through a router that did not keep the hardware address.
pub(super) fn routed(address: IpAddr) -> Sighting {
    Sighting { mac: None, ..seen(pc(0), address) }
}

fn heard(at: Timestamp, assertion: Assertion) -> Claim {
    Claim { at, assertion, source: Source::Mirror, exchange: Exchange::Whole }
}

/// A ticket was granted.
pub(super) fn granted(time: Timestamp, client: Sighting, user: &str) -> Claim {
    let cname = UserName::new(user);
    heard(time, Assertion::KerberosGranted { client, cname, realm: "SCHOOL.LAN".to_owned() })
}

/// A service was used.
pub(super) fn used(time: Timestamp, client: Sighting, user: &str) -> Claim {
    let cname = UserName::new(user);
    heard(time, Assertion::KerberosUsed { client, cname, realm: "SCHOOL.LAN".to_owned() })
}

/// The same, of which one side alone was heard.
pub(super) fn one_sided(claim: Claim) -> Claim {
    Claim { exchange: Exchange::OneSided, ..claim }
}

/// The same, for which this address vouches as a server.
pub(super) fn vouched(server: IpAddr, claim: Claim) -> Claim {
    Claim { exchange: Exchange::With(server), ..claim }
}

/// A ticket was asked for.
pub(super) fn asked(time: Timestamp, client: Sighting, user: &str) -> Claim {
    let cname = UserName::new(user);
    heard(time, Assertion::KerberosAsked { client, cname, realm: "SCHOOL.LAN".to_owned() })
}

/// An address was leased.
pub(super) fn leased(time: Timestamp, mac: Mac, address: IpAddr, lease: Span) -> Claim {
    heard(time, Assertion::Leased { mac, address, vlan: None, lease, host: None })
}

/// The same lease, to a computer that says its name.
pub(super) fn called(name: Option<&str>, mut claim: Claim) -> Claim {
    if let Assertion::Leased { host, .. } = &mut claim.assertion {
        *host = name.map(str::to_owned);
    }
    claim
}

/// An address was given back.
pub(super) fn released(time: Timestamp, mac: Mac, address: IpAddr) -> Claim {
    heard(time, Assertion::Released { mac, address })
}

/// A device announced an address.
pub(super) fn announced(time: Timestamp, mac: Mac, address: IpAddr) -> Claim {
    heard(time, Assertion::Announced { mac, address, vlan: None })
}

/// A frame of a device bore an address as its sender's.
pub(super) fn sighted(time: Timestamp, mac: Mac, address: IpAddr) -> Claim {
    heard(time, Assertion::Sighted { mac, address, vlan: None })
}

/// The same lease, announcement or frame, heard in a VLAN.
pub(super) fn in_vlan(number: u16, mut claim: Claim) -> Claim {
    if let Assertion::Leased { vlan, .. }
    | Assertion::Announced { vlan, .. }
    | Assertion::Sighted { vlan, .. } = &mut claim.assertion
    {
        *vlan = Some(number);
    }
    claim
}

/// A RADIUS accounting record; change what is different.
pub(super) fn accounted(
    time: Timestamp,
    status: AccountingStatus,
    user: &str,
    session: &str,
    mac: Mac,
    change: impl FnOnce(&mut Accounting),
) -> Claim {
    let mut accounting = Accounting {
        status,
        user: Some(UserName::new(user)),
        session: Some(session.to_owned()),
        multi_session: None,
        nas: "ap-hall".to_owned(),
        calling_station: Some(mac.to_string()),
        framed_ip: None,
        terminate_cause: None,
        told_at: time,
    };
    change(&mut accounting);
    heard(time, Assertion::Accounted(Box::new(accounting)))
}

/// A row of a login file about a computer, heard when it happened.
pub(super) fn logon(
    time: Timestamp,
    event: LogonEvent,
    user: &str,
    mac: Mac,
    session: Option<&str>,
) -> Claim {
    let assertion = Assertion::Logon {
        event,
        user: UserName::new(user),
        address: None,
        mac: Some(mac),
        session: session.map(ToOwned::to_owned),
        told_at: time,
    };
    Claim { at: time, assertion, source: Source::LoginFile, exchange: Exchange::Whole }
}

/// A row of a login file that knows an address and no computer, heard when it happened.
pub(super) fn logon_at(
    time: Timestamp,
    event: LogonEvent,
    user: &str,
    address: IpAddr,
    session: Option<&str>,
) -> Claim {
    let mut claim = logon(time, event, user, pc(0), session);
    if let Assertion::Logon { address: place, mac, .. } = &mut claim.assertion {
        (*place, *mac) = (Some(address), None);
    }
    claim
}

/// An answer in few words: `likely a.pupil`.
pub(super) fn words(attribution: &Attribution) -> String {
    let names: Vec<&str> =
        attribution.answer.candidates().iter().map(|c| c.account.reveal()).collect();
    let level = attribution.answer.certainty().as_str();
    match &attribution.answer {
        Answer::Unknown(why) => format!("{level} {}", why.as_str()),
        _ if names.is_empty() => level.to_owned(),
        answer if answer.leaves_open() => format!("perhaps {}", names.join(",")),
        _ => format!("{level} {}", names.join(",")),
    }
}

/// Who it was is not known.
pub(super) fn unknown(why: Why) -> String {
    format!("unknown {}", why.as_str())
}

/// It was one of these.
pub(super) fn one_of(names: &BTreeSet<UserName>) -> String {
    format!("one_of {}", listed(names))
}

/// It was one of these, or somebody else.
pub(super) fn perhaps(names: &BTreeSet<UserName>) -> String {
    format!("perhaps {}", listed(names))
}

fn listed(names: &BTreeSet<UserName>) -> String {
    names.iter().map(UserName::reveal).collect::<Vec<_>>().join(",")
}

impl Roster {
    /// The answer in few words, by all that was heard.
    pub(super) fn say(&self, sighting: Sighting, time: Timestamp) -> String {
        words(&self.who_was(&sighting, time, Timestamp::MAX))
    }
}
