//! What the school decides about attribution, with the defaults of its policy.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use facts::{Duty, Mac, SiteId, Source, Span, UserName};

/// How a school's network and rooms are to be read. Every value here can only be a
/// decision of people: the rest is evidence.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The school whose claims and sightings are read; those of another are left alone.
    pub site: SiteId,
    /// After this time without a proof the policy has a PC locked, and an answer is no
    /// better than "last known". Default: 20 minutes.
    pub idle_lock: Span,
    /// No session with an opening of its own (file, RADIUS) outlives its last trace by
    /// more than this. Default: 10 hours.
    pub session_cap: Span,
    /// No ticket outlives its last trace by more than this. Default: 10 hours.
    pub ticket_lifetime: Span,
    /// Routers by hardware address: on frames from these, the address of the frame is not
    /// the client's.
    pub routers: BTreeSet<Mac>,
    /// A hardware address whose frames bear more IPv4 addresses than this in a day,
    /// without a lease or announcement of its own for them, is taken for a router's.
    pub router_addresses: usize,
    /// Hosts that many people use at once: terminal servers, proxies, projectors.
    pub many_user_hosts: BTreeSet<Mac>,
    /// Addresses that many people use at once: VPN pools, address translation.
    pub many_user_addresses: BTreeSet<IpAddr>,
    /// Whether a device is used by one person at a time, where no exception is named.
    pub one_at_a_time: bool,
    /// Devices for which `one_at_a_time` is the other way round.
    pub one_at_a_time_exceptions: BTreeSet<Mac>,
    /// How late an accounting stop may come after the person has gone (the access point's
    /// idle timeout), where the stop does not say that the device took its leave itself.
    /// Default: 5 minutes.
    pub stop_lag: Span,
    /// How far a source's clock may be off.
    pub clock_bounds: ClockBounds,
    /// How long an address stays with a device that only announced it. Default: 10 hours.
    pub announced_for: Span,
    /// The realms and domains whose accounts the directory holds. Where none is named, the
    /// realm of the first Kerberos reply that was heard.
    pub realms: Vec<String>,
    /// The servers that vouch for logins: Kerberos and RADIUS. Where none is named, all that
    /// were never lent an address by DHCP.
    pub login_servers: BTreeSet<IpAddr>,
    /// Duties that the configuration ties to accounts, by login as people write it.
    pub persons: BTreeMap<UserName, Vec<Duty>>,
}

/// How far a source's clock may be off, in either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockBounds {
    /// Our own capture. Default: 0.
    pub mirror: Span,
    /// Login files. Default: 5 seconds.
    pub login_file: Span,
}

impl ClockBounds {
    /// The bound of one source.
    #[must_use]
    pub const fn of(&self, source: Source) -> Span {
        match source {
            Source::Mirror => self.mirror,
            Source::LoginFile => self.login_file,
        }
    }
}

impl Default for ClockBounds {
    fn default() -> Self {
        Self { mirror: Span::ZERO, login_file: Span::seconds(5) }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            site: SiteId::default(),
            idle_lock: Span::minutes(20),
            session_cap: Span::hours(10),
            ticket_lifetime: Span::hours(10),
            routers: BTreeSet::new(),
            router_addresses: 2,
            many_user_hosts: BTreeSet::new(),
            many_user_addresses: BTreeSet::new(),
            one_at_a_time: true,
            one_at_a_time_exceptions: BTreeSet::new(),
            stop_lag: Span::minutes(5),
            clock_bounds: ClockBounds::default(),
            announced_for: Span::hours(10),
            realms: Vec::new(),
            login_servers: BTreeSet::new(),
            persons: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// Whether one person at a time uses this device.
    #[must_use]
    pub fn one_person_on(&self, mac: Mac) -> bool {
        self.one_at_a_time != self.one_at_a_time_exceptions.contains(&mac)
    }

    /// The longest time over which one record can bear on an answer.
    pub(super) fn reach(&self) -> Span {
        let bounds = self.clock_bounds.mirror.max(self.clock_bounds.login_file);
        self.session_cap.max(self.ticket_lifetime) + self.stop_lag + bounds + bounds
    }
}
