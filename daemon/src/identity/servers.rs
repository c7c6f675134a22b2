//! Which servers can vouch for a login: two devices that work together can play both sides of
//! one, or one with a host anywhere else, but the servers of a school are within it, and no
//! devices to which it lends addresses.

use std::net::IpAddr;

use facts::{Exchange, Timestamp};

use super::event::Hold;
use super::roster::Roster;

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

    /// Whether a login with this server counts, by all that is known now.
    pub fn is_trusted(&self, exchange: Exchange) -> bool {
        self.heard(exchange, Timestamp::MAX) != Exchange::OneSided
    }

    fn vouches(&self, server: IpAddr, known_at: Timestamp) -> bool {
        let told = &self.settings.login_servers;
        match told.is_empty() {
            true => is_within(server) && !self.is_lent(server, known_at),
            false => told.contains(&server),
        }
    }

    /// Whether an address was ever lent to a device by DHCP.
    pub(super) fn is_lent(&self, address: IpAddr, known_at: Timestamp) -> bool {
        self.addresses.get(&address).is_some_and(|log| {
            log.holding.binds.known(known_at).any(|bind| matches!(bind.by, Hold::Lease(_)))
        })
    }
}

/// Whether an address is one that is used inside of networks alone (RFC 1918, RFC 3927,
/// RFC 4193, RFC 4291, RFC 6598).
pub(super) const fn is_within(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let is_shared = a == 100 && b & 0xc0 == 64;
            v4.is_private() || v4.is_link_local() || v4.is_loopback() || is_shared
        }
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_loopback(),
    }
}
