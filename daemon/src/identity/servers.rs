//! Which servers can vouch for a login: two devices that work together can play both sides of
//! one, but the servers of a school are no devices to which it lends addresses.

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
        if told.is_empty() { !self.is_lent(server, known_at) } else { told.contains(&server) }
    }

    /// Whether an address was ever lent to a device by DHCP.
    pub(super) fn is_lent(&self, address: IpAddr, known_at: Timestamp) -> bool {
        self.addresses.get(&address).is_some_and(|log| {
            log.holding.binds.known(known_at).any(|bind| matches!(bind.by, Hold::Lease(_)))
        })
    }
}
