//! The second opinion's first half: which device had an address, and what was done on it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use facts::{Mac, Timestamp};

use super::oracle::{Act, Oracle, day};
use crate::identity::directory::Account;
use crate::identity::event::{Bind, Hold};
use crate::identity::login::Who;

impl Oracle<'_> {
    /// Everything that was, or may have been, done on a device.
    pub(super) fn acts(&self, mac: Mac) -> Vec<Act> {
        let mut acts = Vec::new();
        for event in &self.events {
            let routed = event.mac.is_none_or(|via| self.is_router(via, event.when.at));
            let certain = match event.address {
                _ if !routed => (event.mac == Some(mac)).then_some(true),
                Some(address) => {
                    let holds =
                        |mac| self.holds(mac, address, event.when.earliest, event.when.latest);
                    let alone =
                        self.macs(address).into_iter().filter(|m| holds(*m).is_some()).count();
                    holds(mac).map(|throughout| throughout && alone == 1)
                }
                None => None,
            };
            let Some(certain) = certain else { continue };
            let (account, role) = match &event.who {
                Who::Machine => continue,
                Who::Hidden => (None, None),
                Who::Account(login) => {
                    let at = event.when.at;
                    match Account::find(login, self.directory, &self.home, at) {
                        Some(account) => (Some(account.name.clone()), account.role()),
                        None => continue,
                    }
                }
            };
            acts.push(Act { event: event.clone(), account, role, certain });
        }
        acts
    }

    pub(super) fn macs(&self, address: IpAddr) -> BTreeSet<Mac> {
        self.binds.iter().filter(|(of, _)| *of == address).map(|(_, bind)| bind.mac).collect()
    }

    /// Whether a device may have held an address at any time of a stretch; then whether
    /// one of its stretches covers it throughout.
    pub(super) fn holds(
        &self,
        mac: Mac,
        address: IpAddr,
        from: Timestamp,
        to: Timestamp,
    ) -> Option<bool> {
        let ends = self.tenures(mac, address);
        let touched: Vec<_> =
            ends.iter().filter(|(start, end)| *start <= to && from < *end).collect();
        let throughout = touched.iter().any(|(start, end)| *start <= from && to < *end);
        (!touched.is_empty()).then_some(throughout)
    }

    fn tenures(&self, mac: Mac, address: IpAddr) -> Vec<(Timestamp, Timestamp)> {
        let counts = |bind: &&Bind| bind.by.is_own() || !self.is_router(bind.mac, bind.when.at);
        let of_address = self.binds.iter().filter(|(of, _)| *of == address);
        let binds: Vec<&Bind> = of_address.map(|(_, bind)| bind).filter(counts).collect();
        let is_lease = |bind: &Bind| matches!(bind.by, Hold::Lease(_));
        let mut tenures = Vec::new();
        for bind in binds.iter().filter(|bind| bind.mac == mac) {
            let mut natural = bind.when.latest
                + match bind.by {
                    Hold::Lease(lease) => lease,
                    _ => self.settings.announced_for,
                };
            // Under a lease an announcement says no more than the lease.
            let loans = binds.iter().filter(|b| b.mac == mac && b.when.at <= bind.when.at);
            let loans = loans.filter_map(|b| match b.by {
                Hold::Lease(lease) => Some(b.when.latest + lease),
                _ => None,
            });
            if let Some(loan) = loans.filter(|end| *end >= bind.when.at).max()
                && !is_lease(bind)
            {
                natural = natural.min(loan);
            }
            for (of, by, when) in &self.releases {
                if *of == address && *by == mac && when.at >= bind.when.at {
                    natural = natural.min(when.latest);
                }
            }
            let order = |bind: &Bind| (bind.when.at, bind.by, bind.when);
            let again = binds
                .iter()
                .filter(|b| b.mac == mac && order(b) > order(bind) && b.when.at <= natural)
                .min_by_key(|b| order(b));
            let rivals: Vec<&&Bind> = binds
                .iter()
                .filter(|b| b.mac != mac && b.when.at > bind.when.at && b.when.at <= natural)
                .collect();
            let held_on = again.filter(|again| {
                let between = rivals.iter().any(|r| is_lease(r) && r.when.at <= again.when.at);
                !(is_lease(again) && between)
            });
            let cut = rivals.iter().min_by_key(|r| (r.when.at, r.mac, r.by, r.when));
            let end = match (held_on, cut) {
                (Some(again), _) => again.when.latest,
                (None, Some(rival)) => natural.min(rival.when.latest),
                (None, None) => natural,
            };
            tenures.push((bind.when.earliest, end));
        }
        tenures
    }

    pub(super) fn is_router(&self, mac: Mac, at: Timestamp) -> bool {
        let fronted: BTreeSet<IpAddr> = self
            .events
            .iter()
            .filter(|e| e.mac == Some(mac) && e.source == facts::Source::Mirror)
            .filter(|e| day(e.when.at) == day(at))
            .filter_map(|e| e.address)
            .filter(|address| {
                let own = |(of, bind): &(IpAddr, Bind)| {
                    let lasts = bind.by.lasts(self.settings.announced_for);
                    of == address
                        && bind.mac == mac
                        && bind.by.is_own()
                        && day(bind.when.at) <= day(at)
                        && day(bind.when.latest + lasts) >= day(at)
                };
                !self.binds.iter().any(own)
            })
            .filter(IpAddr::is_ipv4)
            .collect();
        self.settings.routers.contains(&mac) || fronted.len() > self.settings.router_addresses
    }
}
