//! Whose an address is: routers, owners, and the frames of one card.

use std::collections::BTreeSet;
use std::net::IpAddr;

use facts::{Mac, Timestamp};

use super::binding::{Tenure, holders};
use super::card::{Card, Use, UseOf, taking_turns};
use super::crowd::{day_of, start_of};
use super::event::{Bind, Event, Hold};
use super::roster::Roster;
use super::view::Lens;

/// A device whose frames bear more IPv6 addresses than this in a day, without announcing
/// them, is taken for a router: temporary addresses make a dozen a day usual.
const ROUTER_ADDRESSES_V6: usize = 32;

impl Roster {
    /// The hardware addresses that are taken for routers by their frames alone: the
    /// configuration does not name them.
    #[must_use]
    pub fn supposed_routers(&self, at: Timestamp) -> BTreeSet<Mac> {
        let (directory, home) = (self.directory.load(), self.home(at));
        let lens = Lens::new(self, &directory, &home, &[], at);
        // Read first: to ask while a shard of the table is held would wait for itself.
        let all: Vec<Mac> = self.devices.iter().map(|device| *device.key()).collect();
        let supposed = |mac: &Mac| !lens.is_told_router(*mac) && lens.is_router(*mac, at);
        all.into_iter().filter(supposed).collect()
    }
}

impl Lens<'_> {
    pub(super) fn tenures(&self, address: IpAddr) -> Vec<Tenure> {
        let holding = self.roster.addresses.get(&address).map(|log| log.holding.clone());
        // A router answers for others, and its frames are theirs.
        let counts = |bind: &Bind| {
            !self.is_told_router(bind.mac)
                && (bind.by.is_own() || !self.is_router(bind.mac, bind.when.at))
        };
        let announced_for = self.roster.settings.announced_for;
        holding.map(|h| h.tenures(self.known_at, announced_for, &counts)).unwrap_or_default()
    }

    pub(super) fn card(
        &self,
        mac: Mac,
        (asked, at): (IpAddr, Timestamp),
        is_own_frame: bool,
        is_router: bool,
    ) -> Card {
        let owns = self.is_owned(asked, |bind| bind.mac == mac && self.surely(bind, at, at));
        let owners = holders(&self.tenures(asked), at, at).into_iter().map(|(mac, _)| mac);
        let signs = (self.uses(mac), self.hosts(mac));
        Card::new(asked, owns, owners.collect(), signs, at, is_own_frame)
            .of_router(is_own_frame && is_router)
    }

    /// Whether a deed on a frame of this hardware address was done where another owns the
    /// address, and neither it does nor whoever owns the address asked about.
    pub(super) fn is_of_other(&self, mac: Mac, event: &Event, card: &Card) -> bool {
        let Some(address) = event.address else { return false };
        let (from, to) = (event.when.earliest, event.when.latest);
        let other = |bind: &Bind| self.is_another(bind, mac, card) && self.surely(bind, from, to);
        let own = |bind: &Bind| bind.mac == mac && self.perhaps(bind, from, to);
        self.is_owned(address, other) && !self.is_owned(address, own)
    }

    /// Whether another may own the address at which a deed was done, and it is not certain
    /// that the device on the frame does.
    pub(super) fn is_contested(&self, mac: Mac, event: &Event, card: &Card) -> bool {
        let Some(address) = event.address else { return false };
        let (from, to) = (event.when.earliest, event.when.latest);
        let other = |bind: &Bind| self.is_another(bind, mac, card) && self.perhaps(bind, from, to);
        self.is_owned(address, other) && !self.owns_place(mac, event)
    }

    /// Whether it speaks for a device that is neither this one nor may be the one asked about.
    fn is_another(&self, bind: &Bind, mac: Mac, card: &Card) -> bool {
        bind.mac != mac && !card.owners().contains(&bind.mac) && !self.is_told_router(bind.mac)
    }

    /// Whether an address was surely lent to this device and never to the one on the frame.
    pub(super) fn lent_to_another(
        &self,
        address: IpAddr,
        on_frame: Mac,
        lessee: Mac,
        at: Timestamp,
    ) -> bool {
        let lent = |to: Mac| {
            self.is_owned(address, |bind| {
                bind.mac == to && matches!(bind.by, Hold::Lease(_)) && self.surely(bind, at, at)
            })
        };
        lessee != on_frame && lent(lessee) && !lent(on_frame)
    }

    /// Whether the device is known to have the address at which a deed was done.
    pub(super) fn owns_place(&self, mac: Mac, event: &Event) -> bool {
        let (from, to) = (event.when.earliest, event.when.latest);
        let own = |bind: &Bind| bind.mac == mac && self.surely(bind, from, to);
        event.address.is_some_and(|address| self.is_owned(address, own))
    }

    /// Whether a server or a device's own word says of an address what is asked.
    fn is_owned(&self, address: IpAddr, by: impl Fn(&Bind) -> bool) -> bool {
        self.roster.addresses.get(&address).is_some_and(|log| {
            let mut binds = log.holding.binds.known(self.known_at);
            binds.any(|bind| bind.by.is_own() && by(bind))
        })
    }

    /// Whether the evidence holds throughout, whatever the clocks.
    fn surely(&self, bind: &Bind, from: Timestamp, to: Timestamp) -> bool {
        let until = bind.when.earliest + bind.by.lasts(self.roster.settings.announced_for);
        bind.when.latest <= from && to <= until
    }

    /// Whether the evidence may hold at any time of it.
    fn perhaps(&self, bind: &Bind, from: Timestamp, to: Timestamp) -> bool {
        let until = bind.when.latest + bind.by.lasts(self.roster.settings.announced_for);
        bind.when.earliest <= to && from <= until
    }

    /// When its frames bore which IPv4 address, and when it was lent which.
    fn uses(&self, mac: Mac) -> Vec<Use> {
        let held: Vec<IpAddr> = match self.roster.devices.get(&mac) {
            Some(device) => device.held.iter().copied().filter(IpAddr::is_ipv4).collect(),
            None => return Vec::new(),
        };
        let mut uses = Vec::new();
        for address in held {
            if let Some(log) = self.roster.addresses.get(&address) {
                let known = log.holding.binds.known(self.known_at);
                uses.extend(known.filter(|bind| bind.mac == mac).filter_map(|bind| {
                    let of = match bind.by {
                        Hold::Lease(_) => UseOf::Lease,
                        Hold::Sighted => UseOf::Frame,
                        Hold::Announced => return None,
                    };
                    Some(Use { at: bind.when.at, of, address })
                }));
            }
        }
        uses
    }

    pub(super) fn is_told_router(&self, mac: Mac) -> bool {
        self.roster.settings.routers.contains(&mac)
    }

    /// Whether frames of this hardware address are other devices' frames, forwarded.
    pub(super) fn is_router(&self, mac: Mac, at: Timestamp) -> bool {
        let day = day_of(at);
        if let Some(known) = self.routers.borrow().get(&(mac, day)) {
            return *known;
        }
        let is_router = self.is_told_router(mac) || self.fronts_many(mac, day);
        self.routers.borrow_mut().insert((mac, day), is_router);
        is_router
    }

    /// Whether it takes turns between many addresses that are not its own: that day or the
    /// day before, for a router is one in the morning, too.
    fn fronts_many(&self, mac: Mac, day: i64) -> bool {
        let of_days = |of: i64| of == day || of == day.saturating_sub(1);
        let (begin, end) = (start_of(day.saturating_sub(1)), start_of(day.saturating_add(1)));
        let announced_for = self.roster.settings.announced_for;
        let is_own = |address: &IpAddr| {
            let Some(log) = self.roster.addresses.get(address) else { return false };
            let mut binds = log.holding.binds.known(self.known_at);
            binds.any(|bind| {
                bind.mac == mac
                    && bind.by.is_own()
                    && bind.when.at < end
                    && bind.when.latest + bind.by.lasts(announced_for) >= begin
            })
        };
        let (v4, v6): (Vec<IpAddr>, Vec<IpAddr>) = {
            let Some(device) = self.roster.devices.get(&mac) else { return false };
            let fronted = device.fronted.iter().filter(|((of, _), _)| of_days(*of));
            let known = fronted.filter(|(_, heard)| **heard <= self.known_at);
            known.map(|((_, address), _)| *address).partition(IpAddr::is_ipv4)
        };
        let limit = self.roster.settings.router_addresses;
        let turns = || {
            let mut uses = self.uses(mac);
            uses.retain(|used| of_days(day_of(used.at)));
            uses.sort_unstable();
            taking_turns(&uses).iter().filter(|address| !is_own(address)).count()
        };
        (v4.len() > limit && turns() > limit)
            || (v6.len() > ROUTER_ADDRESSES_V6
                && v6.iter().filter(|address| !is_own(address)).count() > ROUTER_ADDRESSES_V6)
    }
}
