//! Who holds an address, as stored text.

use std::net::IpAddr;

use facts::{
    Accounting, AccountingStatus, Assertion, Claim, Exchange, LogonEvent, Mac, Source, Span,
    TerminateCause, Timestamp, UserName,
};
use serde::{Deserialize, Serialize};

use super::SightingText;
use crate::word::{At, Word};

#[derive(Serialize, Deserialize)]
pub(crate) struct ClaimText {
    source: Word<Source>,
    /// What older records do not say was taken for whole.
    #[serde(default = "whole")]
    exchange: Word<Exchange>,
    assertion: AssertionText,
}

const fn whole() -> Word<Exchange> {
    Word(Exchange::Whole)
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AssertionText {
    Leased {
        mac: Word<Mac>,
        address: Word<IpAddr>,
        #[serde(default)]
        vlan: Option<u16>,
        lease: i64,
        host: Option<String>,
    },
    Released {
        mac: Word<Mac>,
        address: Word<IpAddr>,
    },
    Announced {
        mac: Word<Mac>,
        address: Word<IpAddr>,
        #[serde(default)]
        vlan: Option<u16>,
    },
    Sighted {
        mac: Word<Mac>,
        address: Word<IpAddr>,
        vlan: Option<u16>,
    },
    KerberosAsked(TicketText),
    KerberosGranted(TicketText),
    KerberosUsed(TicketText),
    Accounted(AccountingText),
    Logon(LogonText),
    Lost {
        told_at: At,
    },
}

#[derive(Serialize, Deserialize)]
struct TicketText {
    client: SightingText,
    cname: Word<UserName>,
    realm: String,
}

#[derive(Serialize, Deserialize)]
struct AccountingText {
    status: Word<AccountingStatus>,
    user: Option<Word<UserName>>,
    session: Option<String>,
    multi_session: Option<String>,
    nas: String,
    calling_station: Option<String>,
    framed_ip: Option<Word<IpAddr>>,
    #[serde(default)]
    terminate_cause: Option<u32>,
    told_at: At,
}

#[derive(Serialize, Deserialize)]
struct LogonText {
    event: Word<LogonEvent>,
    user: Word<UserName>,
    address: Option<Word<IpAddr>>,
    mac: Option<Word<Mac>>,
    session: Option<String>,
    told_at: At,
}

impl From<Claim> for ClaimText {
    fn from(claim: Claim) -> Self {
        let ticket = |client: facts::Sighting, cname, realm| TicketText {
            client: client.into(),
            cname: Word(cname),
            realm,
        };
        let assertion = match claim.assertion {
            Assertion::Leased { mac, address, vlan, lease, host } => AssertionText::Leased {
                mac: Word(mac),
                address: Word(address),
                vlan,
                lease: lease.as_micros(),
                host,
            },
            Assertion::Released { mac, address } => {
                AssertionText::Released { mac: Word(mac), address: Word(address) }
            }
            Assertion::Announced { mac, address, vlan } => {
                AssertionText::Announced { mac: Word(mac), address: Word(address), vlan }
            }
            Assertion::Sighted { mac, address, vlan } => {
                AssertionText::Sighted { mac: Word(mac), address: Word(address), vlan }
            }
            Assertion::KerberosAsked { client, cname, realm } => {
                AssertionText::KerberosAsked(ticket(client, cname, realm))
            }
            Assertion::KerberosGranted { client, cname, realm } => {
                AssertionText::KerberosGranted(ticket(client, cname, realm))
            }
            Assertion::KerberosUsed { client, cname, realm } => {
                AssertionText::KerberosUsed(ticket(client, cname, realm))
            }
            Assertion::Accounted(accounting) => AssertionText::Accounted((*accounting).into()),
            Assertion::Lost { told_at } => AssertionText::Lost { told_at: At(told_at) },
            Assertion::Logon { event, user, address, mac, session, told_at } => {
                AssertionText::Logon(LogonText {
                    event: Word(event),
                    user: Word(user),
                    address: address.map(Word),
                    mac: mac.map(Word),
                    session,
                    told_at: At(told_at),
                })
            }
        };
        Self { source: Word(claim.source), exchange: Word(claim.exchange), assertion }
    }
}

impl ClaimText {
    /// The fact.
    pub(crate) fn into_fact(self, at: Timestamp) -> Claim {
        let assertion = match self.assertion {
            AssertionText::Leased { mac, address, vlan, lease, host } => Assertion::Leased {
                mac: mac.0,
                address: address.0,
                vlan,
                lease: Span::micros(lease),
                host,
            },
            AssertionText::Released { mac, address } => {
                Assertion::Released { mac: mac.0, address: address.0 }
            }
            AssertionText::Announced { mac, address, vlan } => {
                Assertion::Announced { mac: mac.0, address: address.0, vlan }
            }
            AssertionText::Sighted { mac, address, vlan } => {
                Assertion::Sighted { mac: mac.0, address: address.0, vlan }
            }
            AssertionText::KerberosAsked(TicketText { client, cname, realm }) => {
                Assertion::KerberosAsked { client: client.into(), cname: cname.0, realm }
            }
            AssertionText::KerberosGranted(TicketText { client, cname, realm }) => {
                Assertion::KerberosGranted { client: client.into(), cname: cname.0, realm }
            }
            AssertionText::KerberosUsed(TicketText { client, cname, realm }) => {
                Assertion::KerberosUsed { client: client.into(), cname: cname.0, realm }
            }
            AssertionText::Accounted(text) => Assertion::Accounted(Box::new(text.into())),
            AssertionText::Lost { told_at } => Assertion::Lost { told_at: told_at.0 },
            AssertionText::Logon(logon) => Assertion::Logon {
                event: logon.event.0,
                user: logon.user.0,
                address: logon.address.map(|address| address.0),
                mac: logon.mac.map(|mac| mac.0),
                session: logon.session,
                told_at: logon.told_at.0,
            },
        };
        Claim { at, assertion, source: self.source.0, exchange: self.exchange.0 }
    }
}

impl From<Accounting> for AccountingText {
    fn from(accounting: Accounting) -> Self {
        Self {
            status: Word(accounting.status),
            user: accounting.user.map(Word),
            session: accounting.session,
            multi_session: accounting.multi_session,
            nas: accounting.nas,
            calling_station: accounting.calling_station,
            framed_ip: accounting.framed_ip.map(Word),
            terminate_cause: accounting.terminate_cause.map(|cause| cause.0),
            told_at: At(accounting.told_at),
        }
    }
}

impl From<AccountingText> for Accounting {
    fn from(text: AccountingText) -> Self {
        Self {
            status: text.status.0,
            user: text.user.map(|user| user.0),
            session: text.session,
            multi_session: text.multi_session,
            nas: text.nas,
            calling_station: text.calling_station,
            framed_ip: text.framed_ip.map(|address| address.0),
            terminate_cause: text.terminate_cause.map(TerminateCause),
            told_at: text.told_at.0,
        }
    }
}
