//! A name that was given where nothing shows that it was accepted: never a login.

use std::net::IpAddr;

use crate::{Sighting, Timestamp, UserName};

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
