//! The second opinion's first half: which device had an address, and what was done on it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use facts::{Mac, Timestamp};

use super::oracle::{Act, Oracle, day};
use crate::identity::binding::Placing;
use crate::identity::directory::Account;
use crate::identity::event::{Bind, Hold};
use crate::identity::login::Who;

impl Oracle<'_> {
    /// Everything that was, or may have been, done on a device.
    pub(super) fn acts(&self, mac: Mac) -> Vec<Act> {
        let mut acts = Vec::new();
        for event in &self.events {
            let routed = event.mac.is_none_or(|via| self.is_router(via, event.when.at));
            let placing = match event.address {
                _ if !routed => (event.mac == Some(mac)).then_some(Placing::Sure),
                Some(address) => {
                    let holds =
                        |mac| self.holds(mac, address, event.when.earliest, event.when.latest);
                    let alone =
                        self.macs(address).into_iter().filter(|m| holds(*m).is_some()).count();
                    holds(mac).map(|throughout| match (alone, throughout) {
                        (1, true) => Placing::Sure,
                        (1, false) => Placing::Unsure,
                        _ => Placing::Disputed,
                    })
                }
                None => None,
            };
            let Some(placing) = placing else { continue };
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
            acts.push(Act { event: event.clone(), account, role, placing });
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
        let binds = self.evidence(address);
        let meetings = self.meetings(address, &binds);
        let mut tenures = Vec::new();
        for bind in binds.iter().filter(|bind| bind.mac == mac) {
            let natural = self.natural_end(bind, address, &binds);
            // Who was shown to have the address at the same time takes it from nobody.
            let met = |rival: Mac| {
                meetings.iter().any(|(one, other, on)| {
                    BTreeSet::from([one, other]) == BTreeSet::from([&mac, &rival])
                        && *on <= bind.when.at + self.settings.announced_for
                        && bind.when.at <= *on + self.settings.announced_for
                })
            };
            let rivals = binds.iter().filter(|b| b.mac != mac && b.when.at > bind.when.at);
            let rivals = rivals.filter(|b| !elsewhere(b, bind));
            let cut = rivals
                .filter(|b| b.when.at <= natural && !met(b.mac))
                .min_by_key(|r| (r.when.at, r.mac, r.by, r.when));
            let end = match (self.held_on(bind, address, &binds), cut) {
                (Some(again), _) => again.when.latest,
                (None, Some(rival)) => natural.min(rival.when.latest),
                (None, None) => natural,
            };
            tenures.push((bind.when.earliest, end));
        }
        tenures
    }

    fn evidence(&self, address: IpAddr) -> Vec<&Bind> {
        let counts = |bind: &&Bind| bind.by.is_own() || !self.is_router(bind.mac, bind.when.at);
        let of_address = self.binds.iter().filter(|(of, _)| *of == address);
        of_address.map(|(_, bind)| bind).filter(counts).collect()
    }

    fn natural_end(&self, bind: &Bind, address: IpAddr, binds: &[&Bind]) -> Timestamp {
        let mut natural = bind.when.latest + bind.by.lasts(self.settings.announced_for);
        // Under a lease an announcement says no more than the lease.
        let loans = binds.iter().filter(|b| b.mac == bind.mac && b.when.at <= bind.when.at);
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
            if *of == address && *by == bind.mac && when.at >= bind.when.at {
                natural = natural.min(when.latest);
            }
        }
        natural
    }

    /// The next evidence of the same device, if no other was lent the address between and
    /// it had to ask for it again.
    fn held_on<'b>(&self, bind: &Bind, address: IpAddr, binds: &[&'b Bind]) -> Option<&'b Bind> {
        let natural = self.natural_end(bind, address, binds);
        let order = |bind: &Bind| (bind.when.at, bind.by, bind.when);
        let own = binds.iter().filter(|b| b.mac == bind.mac && order(b) > order(bind));
        let again = own.filter(|b| b.when.at <= natural).min_by_key(|b| order(b))?;
        let lent = binds.iter().any(|r| {
            is_lease(r)
                && r.mac != bind.mac
                && !elsewhere(r, bind)
                && bind.when.at < r.when.at
                && r.when.at <= again.when.at
        });
        (!is_lease(again) || !lent).then_some(*again)
    }

    /// Which two devices were shown to have an address at once, and when.
    fn meetings(&self, address: IpAddr, binds: &[&Bind]) -> Vec<(Mac, Mac, Timestamp)> {
        let mut met = Vec::new();
        for bind in binds {
            let Some(again) = self.held_on(bind, address, binds) else { continue };
            let between = binds.iter().filter(|r| r.mac != bind.mac && !elsewhere(r, bind));
            let between =
                between.filter(|r| bind.when.at < r.when.at && r.when.at <= again.when.at);
            met.extend(between.map(|rival| (bind.mac, rival.mac, again.when.at)));
        }
        met
    }

    pub(super) fn is_router(&self, mac: Mac, at: Timestamp) -> bool {
        let fronted: BTreeSet<IpAddr> = self
            .binds
            .iter()
            .filter(|(_, bind)| bind.mac == mac && bind.by == Hold::Sighted)
            .filter(|(_, bind)| day(bind.when.at) == day(at))
            .map(|(address, _)| *address)
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

/// In another VLAN an address is nobody's here.
fn elsewhere(one: &Bind, other: &Bind) -> bool {
    one.vlan.is_some() && other.vlan.is_some() && one.vlan != other.vlan
}

fn is_lease(bind: &Bind) -> bool {
    matches!(bind.by, Hold::Lease(_))
}
