//! Whether what was done at one address of a hardware address says anything of another.
//!
//! A computer has one IPv4 address at a time and keeps its login when it moves to another. A
//! repeater, a small router or a box that answers for others carries many computers at many
//! addresses, all under its own hardware address. What parts the two is *turns*: an address
//! that is used, left for another, and used again soon was never left. So a login at one IPv4
//! address counts for another only where the device is known to own the other and takes no
//! turns between the two; else it may have been another computer behind the same card.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use facts::{Mac, Span, Timestamp};

use super::binding::Placing;
use super::event::Event;

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
    /// Its frames: when, and with which IPv4 address as the sender's; in order.
    uses: Vec<(Timestamp, IpAddr)>,
    is_shared: bool,
    is_router: bool,
}

impl Card {
    /// From its frames and the question, which is about a frame of its own if `at` is given.
    pub(super) fn new(
        asked: IpAddr,
        owns_asked: bool,
        owners: BTreeSet<Mac>,
        mut uses: Vec<(Timestamp, IpAddr)>,
        at: Timestamp,
        is_own_frame: bool,
    ) -> Self {
        if is_own_frame && asked.is_ipv4() {
            uses.push((at, asked));
        }
        uses.retain(|(when, address)| {
            address.is_ipv4() && *when >= at - REMEMBERED && *when <= at + TURN
        });
        uses.sort_unstable();
        let is_shared = !taking_turns(&uses).is_empty();
        Self { asked, owns_asked, owners, uses, is_shared, is_router: false }
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
        let both =
            |(_, address): &&(Timestamp, IpAddr)| *address == other || *address == self.asked;
        !taking_turns(&self.uses.iter().filter(both).copied().collect::<Vec<_>>()).is_empty()
    }
}

/// The addresses that were used, left for another, and used again soon. Expects the uses in
/// order.
pub(super) fn taking_turns(uses: &[(Timestamp, IpAddr)]) -> BTreeSet<IpAddr> {
    let mut last: HashMap<IpAddr, (usize, Timestamp)> = HashMap::new();
    let mut found = BTreeSet::new();
    for (place, (at, address)) in uses.iter().enumerate() {
        if let Some((before, since)) = last.insert(*address, (place, *at))
            && before + 1 < place
            && at.since(since) <= TURN
        {
            found.insert(*address);
        }
    }
    found
}
