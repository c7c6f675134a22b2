//! Who says which device or account holds an address, and since when.

use std::net::IpAddr;

use crate::{Mac, Sighting, Span, Timestamp, UserName};

/// One statement about who holds an address, read from the mirror or from a login source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Our clock when it was heard: packet time for the mirror.
    pub at: Timestamp,
    /// What it says.
    pub assertion: Assertion,
    /// Where it was heard.
    pub source: Source,
    /// How much of the exchange behind it was heard.
    pub exchange: Exchange,
}

/// How much of the exchange behind a claim was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exchange {
    /// All that there is of what asks for no answer.
    Whole,
    /// A question and the answer of this server, or a record and this server's receipt.
    With(IpAddr),
    /// One side alone, which any device can send: a reply to a request that nobody was seen
    /// to send, or a record that no server was seen to take.
    OneSided,
}

/// Where a claim was heard; decides its clock bound and what its silence means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Our own capture: clock bound 0.
    Mirror,
    /// A login file (CSV) that the school writes.
    LoginFile,
}

/// What a claim says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assertion {
    /// A DHCP server gave the device an address (DHCPACK with an address and a lease).
    Leased {
        /// The client's hardware address.
        mac: Mac,
        /// The address given.
        address: IpAddr,
        /// The VLAN in which that was heard: in another the address may be another device's.
        vlan: Option<u16>,
        /// How long it may be kept, from the acknowledgement.
        lease: Span,
        /// The name the device gives itself.
        host: Option<String>,
    },
    /// The device gave its address back (DHCPRELEASE).
    Released {
        /// The client's hardware address.
        mac: Mac,
        /// The address given back.
        address: IpAddr,
    },
    /// The device said itself that it uses the address (ARP, neighbour discovery).
    Announced {
        /// The hardware address.
        mac: Mac,
        /// The address it uses.
        address: IpAddr,
        /// The VLAN in which that was heard.
        vlan: Option<u16>,
    },
    /// A frame came from the device with the address as its sender's: it uses it. Worth
    /// nothing where the device is a router, whose frames are others' frames.
    Sighted {
        /// The hardware address on the frame.
        mac: Mac,
        /// The sender's address.
        address: IpAddr,
        /// The VLAN of the frame.
        vlan: Option<u16>,
    },
    /// A Kerberos AS-REQ. Sent before any password check: it opens nothing.
    KerberosAsked {
        /// Who asks, from where.
        client: Sighting,
        /// The name in the request.
        cname: UserName,
        /// The realm in the request.
        realm: String,
    },
    /// A Kerberos AS-REP: the proof that a login succeeded.
    KerberosGranted {
        /// Where the reply goes.
        client: Sighting,
        /// The name in the reply.
        cname: UserName,
        /// The realm in the reply.
        realm: String,
    },
    /// A Kerberos TGS-REP: the account used a service.
    KerberosUsed {
        /// Where the reply goes.
        client: Sighting,
        /// The name in the reply.
        cname: UserName,
        /// The realm in the reply.
        realm: String,
    },
    /// A RADIUS Accounting-Request (RFC 2866).
    Accounted(Box<Accounting>),
    /// A login that a file or another outside source tells of.
    Logon {
        /// The kind of event.
        event: LogonEvent,
        /// The account as it stood.
        user: UserName,
        /// The address, where the source has one.
        address: Option<IpAddr>,
        /// The device, where the source has one.
        mac: Option<Mac>,
        /// The key that joins a logout to its login.
        session: Option<String>,
        /// The time that the source wrote.
        told_at: Timestamp,
    },
    /// A record of this source was lost or can not be read: a session may have begun or
    /// ended unheard.
    Lost {
        /// When that was, as far as the source tells.
        told_at: Timestamp,
    },
}

impl Claim {
    /// Says that a record of this source was lost at this moment.
    #[must_use]
    pub const fn lost(source: Source, at: Timestamp) -> Self {
        let assertion = Assertion::Lost { told_at: at };
        Self { at, assertion, source, exchange: Exchange::Whole }
    }
}

impl Assertion {
    /// The kind of claim, in the word of output.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Leased { .. } => "dhcp_lease",
            Self::Released { .. } => "dhcp_release",
            Self::Announced { address: IpAddr::V4(_), .. } => "arp",
            Self::Announced { .. } => "ndp",
            Self::Sighted { .. } => "frame",
            Self::KerberosAsked { .. } => "kerberos_as_req",
            Self::KerberosGranted { .. } => "kerberos_as_rep",
            Self::KerberosUsed { .. } => "kerberos_tgs",
            Self::Accounted(_) => "radius_accounting",
            Self::Logon { .. } => "logon",
            Self::Lost { .. } => "lost",
        }
    }
}

/// The kind of a login event (IDENTITY.md, generic CSV).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogonEvent {
    /// A session opened.
    Login,
    /// A session closed.
    Logout,
    /// The screen was locked.
    Lock,
    /// The screen was unlocked.
    Unlock,
    /// The account used a service.
    Use,
}

/// A RADIUS Accounting-Request. What is absent is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accounting {
    /// Acct-Status-Type (40).
    pub status: AccountingStatus,
    /// User-Name (1): in accounting the inner name, where the server is set so.
    pub user: Option<UserName>,
    /// Acct-Session-Id (44).
    pub session: Option<String>,
    /// Acct-Multi-Session-Id (50): joins the parts of a roaming session.
    pub multi_session: Option<String>,
    /// Who reports: NAS-Identifier (32), else NAS-IP-Address (4), else the sender.
    pub nas: String,
    /// Calling-Station-Id (31) as it stood.
    pub calling_station: Option<String>,
    /// Framed-IP-Address (8) or Framed-IPv6-Address (168).
    pub framed_ip: Option<IpAddr>,
    /// Acct-Terminate-Cause (49), of a stop.
    pub terminate_cause: Option<TerminateCause>,
    /// Event-Timestamp (55), else arrival less Acct-Delay-Time (41), else arrival.
    pub told_at: Timestamp,
}

/// Acct-Terminate-Cause (RFC 2866 section 5.10), as it stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TerminateCause(pub u32);

impl TerminateCause {
    /// 1: the device itself took its leave, at that moment. Every other cause is what the
    /// access point found out, perhaps minutes after the person had gone.
    pub const USER_REQUEST: Self = Self(1);
}

/// Acct-Status-Type (RFC 2866 section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountingStatus {
    /// 1: a session began.
    Start,
    /// 2: a session ended.
    Stop,
    /// 3: a session goes on.
    InterimUpdate,
    /// 7: the reporter started anew; all its sessions ended.
    AccountingOn,
    /// 8: the reporter is going down; all its sessions ended.
    AccountingOff,
}

/// A name given to a server in clear, whose success was not seen. It is no claim: no
/// address is anybody's by it, and it is neither stored nor attributed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When it was heard: packet time.
    pub at: Timestamp,
    /// Who gave the name, from where. Often a server that asks on behalf of others.
    pub client: Sighting,
    /// To whom.
    pub server: IpAddr,
    /// The name as it stood.
    pub user: UserName,
    /// How it was given.
    pub by: Means,
}

/// How a name was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Means {
    /// NTLM AUTHENTICATE (MS-NLMP section 2.2.1.3), in whatever protocol.
    Ntlm {
        /// The domain named with it, where one was.
        domain: Option<String>,
    },
    /// An LDAP simple bind (RFC 4511 section 4.2). The password beside it is never read.
    LdapSimple,
    /// A RADIUS Access-Request (RFC 2865 section 4.1). The name is the outer one: behind it
    /// anybody may be.
    RadiusOuter {
        /// Calling-Station-Id (31) as it stood.
        calling_station: Option<String>,
    },
}
