//! Which servers can vouch for a login: two devices that work together can play both sides of
//! one, or one with a host anywhere else, but the servers of a school are within it, and no
//! devices to which it lends addresses.

use std::net::IpAddr;

use facts::{Assertion, Claim, Exchange, Timestamp};

use super::event::Hold;
use super::roster::Roster;
use super::settings::Settings;

/// The most servers whose logins are asked anew when one of them turns out to be a device.
pub(super) const MOST_SERVERS: usize = 1_000;

impl Roster {
    /// How much was heard of an exchange, by what was known: what nobody vouches for but a
    /// device could be that device's making.
    pub(super) fn heard(&self, exchange: Exchange, known_at: Timestamp) -> Exchange {
        match exchange {
            Exchange::With(server) if !self.vouches(server.to_canonical(), known_at) => {
                Exchange::OneSided
            }
            other => other,
        }
    }

    /// Whether a claim counts as heard from both sides, by all that is known now.
    pub fn is_trusted(&self, claim: &Claim) -> bool {
        let exchange = exchange(claim, &self.settings);
        self.heard(exchange, Timestamp::MAX) != Exchange::OneSided
    }

    fn vouches(&self, server: IpAddr, known_at: Timestamp) -> bool {
        let told = &self.settings.login_servers;
        if told.is_empty() { !self.is_lent(server, known_at) } else { told.contains(&server) }
    }

    /// Whether an address was ever lent to a device by DHCP.
    pub(super) fn is_lent(&self, address: IpAddr, known_at: Timestamp) -> bool {
        self.addresses.get(&address).is_some_and(|log| {
            log.holding.binds.known(known_at).any(|bind| matches!(bind.by, Hold::Lease(_)))
        })
    }
}

/// How much was heard of the exchange behind a claim: with a host outside of the school, unless
/// it is named, whoever asked may have answered too.
pub(super) fn exchange(claim: &Claim, settings: &Settings) -> Exchange {
    let Exchange::With(server) = claim.exchange else { return claim.exchange };
    let server = server.to_canonical();
    let client = match &claim.assertion {
        Assertion::KerberosGranted { client, .. } | Assertion::KerberosUsed { client, .. } => {
            Some(client.address.to_canonical())
        }
        _ => None,
    };
    let is_here = settings.login_servers.contains(&server) || is_within(server, client);
    if is_here { Exchange::With(server) } else { Exchange::OneSided }
}

/// Whether an address is used inside of networks alone (RFC 1918, RFC 3927, RFC 4193,
/// RFC 4291, RFC 6598), or is of the client's own site: a site has 48 bits of IPv6 (RFC 6177).
fn is_within(address: IpAddr, client: Option<IpAddr>) -> bool {
    match (address, client) {
        (IpAddr::V4(v4), _) => {
            let [a, b, ..] = v4.octets();
            let is_shared = a == 100 && b & 0xc0 == 64;
            v4.is_private() || v4.is_link_local() || v4.is_loopback() || is_shared
        }
        (IpAddr::V6(v6), Some(IpAddr::V6(own))) if v6.segments()[..3] == own.segments()[..3] => {
            true
        }
        (IpAddr::V6(v6), _) => {
            v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_loopback()
        }
    }
}
