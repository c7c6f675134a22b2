//! The second opinion's first half: which device had an address, and what was done on it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use facts::{Exchange, Mac, Span, Timestamp};

use super::oracle::{Act, Oracle, day};
use crate::identity::binding::Placing;
use crate::identity::directory::Account;
use crate::identity::event::{Bind, Event, Hold};
use crate::identity::login::Who;

impl Oracle<'_> {
    /// Everything that was, or may have been, done on a device.
    pub(super) fn acts(&self, asked: Asked) -> Vec<Act> {
        let mut acts = self.own_acts(asked);
        for mac in self.namesakes(asked.mac, asked.at) {
            let theirs = self.own_acts(Asked { mac, is_own_frame: false, ..asked });
            acts.extend(theirs.into_iter().map(|act| Act { placing: Placing::Disputed, ..act }));
        }
        acts
    }

    fn own_acts(&self, asked: Asked) -> Vec<Act> {
        let mac = asked.mac;
        let mut acts = Vec::new();
        for event in &self.events {
            let at = event.when.at;
            let is_here = event.address.is_some_and(|address| address == asked.address);
            let card =
                if self.is_same_computer(asked, event) { Placing::Sure } else { Placing::Disputed };
            let routed = event.mac.is_none_or(|via| self.is_router(via, at));
            let placing = if event.mac == Some(mac) {
                let (from, to) = (event.when.earliest, event.when.latest);
                let other = |bind: &Bind| {
                    bind.mac != mac
                        && !self.settings.routers.contains(&bind.mac)
                        && self.holds(bind.mac, asked.address, asked.at, asked.at).is_none()
                        && self.surely(bind, from, to)
                };
                let own = |bind: &Bind| {
                    let lasts = bind.by.lasts(self.settings.announced_for);
                    bind.mac == mac && bind.when.earliest <= to && from <= bind.when.latest + lasts
                };
                let of_other = event.address.is_some_and(|address| {
                    self.is_owned(address, &other) && !self.is_owned(address, &own)
                });
                let may_other = |bind: &Bind| {
                    let lasts = bind.by.lasts(self.settings.announced_for);
                    bind.mac != mac
                        && !self.settings.routers.contains(&bind.mac)
                        && self.holds(bind.mac, asked.address, asked.at, asked.at).is_none()
                        && bind.when.earliest <= to
                        && from <= bind.when.latest + lasts
                };
                let sure_own = |bind: &Bind| bind.mac == mac && self.surely(bind, from, to);
                let contested = event.address.is_some_and(|address| {
                    self.is_owned(address, &may_other) && !self.is_owned(address, &sure_own)
                });
                if self.settings.routers.contains(&mac) {
                    is_here.then_some(Placing::Disputed)
                } else if !is_here && of_other && self.is_router(mac, at) {
                    None
                } else if !is_here && contested {
                    Some(Placing::Disputed)
                } else {
                    Some(card)
                }
            } else if let (true, Some(address)) = (routed, event.address) {
                let holds = |mac| self.holds(mac, address, event.when.earliest, event.when.latest);
                let alone = self.macs(address).into_iter().filter(|m| holds(*m).is_some()).count();
                let behind = asked.is_own_frame && self.is_router(mac, asked.at);
                let unplaced = alone == 0 && is_here && behind && event.mac.is_none();
                unplaced.then_some(Placing::Disputed).or(holds(mac).map(|throughout| {
                    match (alone, throughout) {
                        _ if card == Placing::Disputed => Placing::Disputed,
                        (1, true) => Placing::Sure,
                        (1, false) => Placing::Unsure,
                        _ => Placing::Disputed,
                    }
                }))
            } else {
                None
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
            let mut event = event.clone();
            if !self.counts(event.exchange) {
                event.exchange = Exchange::OneSided;
            }
            acts.push(Act { event, account, role, placing });
        }
        acts
    }

    /// What a device called itself until a moment, as names are compared, in order.
    fn hosts(&self, mac: Mac, at: Timestamp) -> Vec<String> {
        let named = self.names.iter().filter(|(of, named, _)| *of == mac && *named <= at);
        let host = |name: &str| name.split('.').next().map(str::to_lowercase);
        let hosts = named.filter_map(|(.., name)| host(name));
        hosts.filter(|host| !host.is_empty() && host != "localhost").collect()
    }

    /// Who bears the name that a device has now, having had another; none where many do.
    pub(super) fn namesakes(&self, mac: Mac, at: Timestamp) -> Vec<Mac> {
        let hosts = self.hosts(mac, at);
        let Some(now) = hosts.last() else { return Vec::new() };
        let changed = hosts.iter().any(|then| then != now);
        let macs: BTreeSet<Mac> = self.names.iter().map(|(of, ..)| *of).collect();
        let others = macs.into_iter().filter(|other| {
            *other != mac
                && !self.settings.routers.contains(other)
                && self.hosts(*other, at).last() == Some(now)
        });
        let others: Vec<Mac> = others.collect();
        if changed && others.len() <= 2 { others } else { Vec::new() }
    }

    /// Whether what was done on the card at this address was done on the computer that is
    /// asked about.
    fn is_same_computer(&self, asked: Asked, event: &Event) -> bool {
        let called = |at| self.hosts(asked.mac, at).pop();
        let now = called(asked.at);
        let then = [called(event.when.earliest), called(event.when.latest)];
        if now.is_some() && then.iter().any(|then| then.is_some() && *then != now) {
            return false;
        }
        let shared = !self.returned_to(asked.mac, &self.uses(asked)).is_empty();
        let v4 = |address: IpAddr| address.is_ipv4();
        let own =
            |from, to| move |bind: &Bind| bind.mac == asked.mac && self.surely(bind, from, to);
        match event.address {
            None => !shared,
            Some(address) if address == asked.address => true,
            Some(address) if v4(address) && v4(asked.address) => {
                let mut uses = self.uses(asked);
                uses.retain(|(_, of)| *of == address || *of == asked.address);
                self.is_owned(asked.address, &own(asked.at, asked.at))
                    && self.returned_to(asked.mac, &uses).is_empty()
            }
            Some(address) => {
                let (from, to) = (event.when.earliest, event.when.latest);
                self.is_owned(address, &own(from, to)) && !shared
            }
        }
    }

    /// Whether a server surely lent an address to this device, and not to the other.
    pub(super) fn lent_to_another(&self, asked: Asked, lessee: Mac) -> bool {
        let lent = |to: Mac| {
            self.binds.iter().any(|(of, bind)| {
                *of == asked.address
                    && bind.mac == to
                    && is_lease(bind)
                    && self.surely(bind, asked.at, asked.at)
            })
        };
        lessee != asked.mac && lent(lessee) && !lent(asked.mac)
    }

    /// Frames of the card with IPv4 addresses, in the day before the question and soon after.
    fn uses(&self, asked: Asked) -> BTreeSet<(Timestamp, IpAddr)> {
        let sighted = self.binds.iter().filter(|(_, bind)| bind.by == Hold::Sighted);
        let own = sighted.filter(|(_, bind)| bind.mac == asked.mac);
        let mut uses: BTreeSet<_> = own.map(|(address, bind)| (bind.when.at, *address)).collect();
        if asked.is_own_frame {
            uses.insert((asked.at, asked.address));
        }
        uses.retain(|(at, address)| {
            let soon = asked.at + Span::minutes(30);
            address.is_ipv4() && asked.at - Span::hours(24) <= *at && *at <= soon
        });
        uses
    }

    /// Whether anything but a mere frame says so of an address.
    fn is_owned(&self, address: IpAddr, so: &dyn Fn(&Bind) -> bool) -> bool {
        let mut told =
            self.binds.iter().filter(|(of, bind)| *of == address && bind.by != Hold::Sighted);
        told.any(|(_, bind)| so(bind))
    }

    fn surely(&self, bind: &Bind, from: Timestamp, to: Timestamp) -> bool {
        let lasts = bind.by.lasts(self.settings.announced_for);
        bind.when.latest <= from && to <= bind.when.earliest + lasts
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
            // What a server lent is taken by another lease alone.
            let lent = is_lease(bind) || self.loan(bind, &binds).is_some();
            let rivals = rivals.filter(|b| is_lease(b) || !lent);
            let cut = rivals
                .filter(|b| b.when.at <= natural && !met(b.mac))
                .min_by_key(|r| (r.when.at, r.mac, r.by, r.when));
            let end = match (self.held_on(bind, address, &binds), cut) {
                (Some(again), _) => again.when.latest,
                (None, Some(rival)) => natural.min(rival.when.latest),
                (None, None) => natural,
            };
            // A frame that bears a name is not the first that a device sends.
            let late = bind.by == Hold::Sighted && self.loan(bind, &binds).is_none();
            let lead = if late { Span::minutes(2) } else { Span::ZERO };
            tenures.push((bind.when.earliest - lead, end));
        }
        tenures
    }

    fn evidence(&self, address: IpAddr) -> Vec<&Bind> {
        let counts = |bind: &&Bind| {
            !self.settings.routers.contains(&bind.mac)
                && (bind.by.is_own() || !self.is_router(bind.mac, bind.when.at))
        };
        let of_address = self.binds.iter().filter(|(of, _)| *of == address);
        of_address.map(|(_, bind)| bind).filter(counts).collect()
    }

    fn natural_end(&self, bind: &Bind, address: IpAddr, binds: &[&Bind]) -> Timestamp {
        let mut natural = bind.when.latest + bind.by.lasts(self.settings.announced_for);
        // Under a lease an announcement says no more than the lease.
        if let Some(loan) = self.loan(bind, binds) {
            natural = natural.min(loan);
        }
        for (of, by, when) in &self.releases {
            if *of == address && *by == bind.mac && when.at >= bind.when.at {
                natural = natural.min(when.latest);
            }
        }
        natural
    }

    /// The end of the lease under which a device said what is no lease.
    fn loan(&self, bind: &Bind, binds: &[&Bind]) -> Option<Timestamp> {
        let loans = binds.iter().filter(|b| b.mac == bind.mac && b.when.at <= bind.when.at);
        let loans = loans.filter_map(|b| match b.by {
            Hold::Lease(lease) => Some(b.when.latest + lease),
            _ => None,
        });
        loans.filter(|end| *end >= bind.when.at && !is_lease(bind)).max()
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
        let near = |when: Timestamp| day(when) == day(at) || day(when) + 1 == day(at);
        let sighted = self.binds.iter().filter(|(_, bind)| bind.by == Hold::Sighted);
        let uses: BTreeSet<(Timestamp, IpAddr)> = sighted
            .filter(|(address, bind)| bind.mac == mac && address.is_ipv4() && near(bind.when.at))
            .map(|(address, bind)| (bind.when.at, *address))
            .collect();
        let is_own = |address: &IpAddr| {
            self.binds.iter().any(|(of, bind)| {
                let lasts = bind.by.lasts(self.settings.announced_for);
                of == address
                    && bind.mac == mac
                    && bind.by.is_own()
                    && day(bind.when.at) <= day(at)
                    && day(bind.when.latest + lasts) + 1 >= day(at)
            })
        };
        let returned = self.returned_to(mac, &uses);
        let addresses = returned.into_iter().filter(|address| !is_own(address)).count();
        self.settings.routers.contains(&mac) || addresses > self.settings.router_addresses
    }

    /// Addresses that were used again within half an hour, another having been used between,
    /// and no lease.
    fn returned_to(&self, mac: Mac, uses: &BTreeSet<(Timestamp, IpAddr)>) -> BTreeSet<IpAddr> {
        let mut found = BTreeSet::new();
        for first in uses {
            for second in uses.range(first..) {
                let between = uses.range(first..second).any(|use_| use_.1 != first.1);
                let soon = second.0.since(first.0) <= Span::minutes(30);
                let is_lent = self.binds.iter().any(|(of, bind)| {
                    (*of, bind.mac) == (first.1, mac)
                        && is_lease(bind)
                        && first.0 < bind.when.at
                        && bind.when.at <= second.0
                });
                if first.1 == second.1 && between && soon && !is_lent {
                    found.insert(first.1);
                }
            }
        }
        found
    }
}

/// Which device is asked about, and by what.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) mac: Mac,
    pub(super) address: IpAddr,
    pub(super) at: Timestamp,
    pub(super) is_own_frame: bool,
}

/// In another VLAN an address is nobody's here.
fn elsewhere(one: &Bind, other: &Bind) -> bool {
    one.vlan.is_some() && other.vlan.is_some() && one.vlan != other.vlan
}

fn is_lease(bind: &Bind) -> bool {
    matches!(bind.by, Hold::Lease(_))
}
