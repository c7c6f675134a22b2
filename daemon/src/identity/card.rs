//! Whether what was done at one address of a hardware address says anything of another.
//!
//! A computer has one IPv4 address at a time and keeps its login when it moves to another. A
//! repeater, a small router or a box that answers for others carries many computers at many
//! addresses, all under its own hardware address. What parts the two is *turns*: an address
//! that is used, left for another, and used again soon was never left; unless a server lent it
//! to that hardware address anew in between, as to a laptop that comes back to a room. So a
//! login at one IPv4 address counts for another only where the device is known to own the other
//! and takes no turns between the two; else it may have been another computer behind the same
//! card.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use facts::{Mac, Span, Timestamp};

use super::binding::Placing;
use super::event::Event;
use super::hosts::Hosts;

/// An address that is used again within this was not left in between.
const TURN: Span = Span::minutes(30);
/// Turns bear on what is asked for so long after.
const REMEMBERED: Span = Span::hours(24);

/// One hardware address as it is when one of its addresses is asked about.
pub(super) struct Card {
    asked: IpAddr,
    /// Whether the device said itself, or a server, that it has the address asked about.
    owns_asked: bool,
    /// Every device that may have it.
    owners: BTreeSet<Mac>,
    /// What it did with its IPv4 addresses, in order.
    uses: Vec<Use>,
    hosts: Hosts,
    at: Timestamp,
    is_shared: bool,
    is_router: bool,
}

impl Card {
    /// From its frames and the question, which is about a frame of its own if `at` is given.
    pub(super) fn new(
        asked: IpAddr,
        owns_asked: bool,
        owners: BTreeSet<Mac>,
        (mut uses, hosts): (Vec<Use>, Hosts),
        at: Timestamp,
        is_own_frame: bool,
    ) -> Self {
        if is_own_frame && asked.is_ipv4() {
            uses.push(Use { at, of: UseOf::Frame, address: asked });
        }
        uses.retain(|used| {
            used.address.is_ipv4() && used.at >= at - REMEMBERED && used.at <= at + TURN
        });
        uses.sort_unstable();
        let is_shared = !taking_turns(&uses).is_empty();
        Self { asked, owns_asked, owners, uses, hosts, at, is_shared, is_router: false }
    }

    /// The same card, where it is a router's whose frame is asked about.
    pub(super) fn of_router(self, is_router: bool) -> Self {
        Self { is_router, ..self }
    }

    /// Whether it is a router's whose frame is asked about.
    pub(super) const fn is_router(&self) -> bool {
        self.is_router
    }

    /// How sure it is that something done on the card was done on the computer asked about.
    /// `owns_place` says whether the device is known to have the address it was done at.
    pub(super) fn placing(&self, event: &Event, owns_place: bool) -> Placing {
        if self.hosts.is_another(event, self.at) {
            return Placing::Disputed;
        }
        let is_same = match event.address.map(|address| address.to_canonical()) {
            Some(_) if self.is_at(event) => true,
            Some(address) if address.is_ipv4() && self.asked.is_ipv4() => {
                self.owns_asked && !self.takes_turns(address)
            }
            // A computer has addresses of both families, and many of IPv6; but a login at one
            // that the device never said is its own may be any computer's behind it.
            Some(_) => owns_place && !self.is_shared,
            None => !self.is_shared,
        };
        if is_same { Placing::Sure } else { Placing::Disputed }
    }

    /// Every device that may have the address asked about.
    pub(super) const fn owners(&self) -> &BTreeSet<Mac> {
        &self.owners
    }

    /// Whether a deed was done at the address asked about.
    pub(super) fn is_at(&self, event: &Event) -> bool {
        event.address.is_some_and(|address| address.to_canonical() == self.asked)
    }

    fn takes_turns(&self, other: IpAddr) -> bool {
        let both = |used: &&Use| used.address == other || used.address == self.asked;
        !taking_turns(&self.uses.iter().filter(both).copied().collect::<Vec<_>>()).is_empty()
    }
}

/// A hardware address's word on one of its IPv4 addresses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Use {
    pub(super) at: Timestamp,
    pub(super) of: UseOf,
    pub(super) address: IpAddr,
}

/// A lease comes before the frame that it is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum UseOf {
    /// A server lent it the address.
    Lease,
    /// Its frame bore the address as the sender's.
    Frame,
}

/// The addresses that were used, left for another, and used again soon without being lent
/// anew. Expects the uses in order.
pub(super) fn taking_turns(uses: &[Use]) -> BTreeSet<IpAddr> {
    let mut last: HashMap<IpAddr, (usize, Timestamp)> = HashMap::new();
    let mut found = BTreeSet::new();
    let mut place = 0;
    for Use { at, of, address } in uses.iter().copied() {
        if of == UseOf::Lease {
            last.remove(&address);
            continue;
        }
        place += 1;
        if let Some((before, since)) = last.insert(address, (place, at))
            && before + 1 < place
            && at.since(since) <= TURN
        {
            found.insert(address);
        }
    }
    found
}
