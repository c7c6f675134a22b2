//! Which devices may have held an address, and when.
//!
//! A device holds an address from its evidence (a lease, an announcement) until the
//! lease's end, its release, or the evidence of another device. An announcement under a
//! lease does not outlast it. Where it gives evidence
//! again in time, without a new lease after another device's lease, it held the address
//! all the while: then two devices held it at once, and that is a conflict.

use std::collections::BTreeMap;

use facts::{Mac, Span, Timestamp};

use super::event::{Bind, Heard, Hold, Log, When};

/// What is known of one address.
#[derive(Clone, Debug, Default)]
pub(super) struct Holding {
    /// Evidence that devices hold it.
    pub binds: Log<Bind>,
    /// Devices that gave it back.
    pub releases: Log<(When, Mac)>,
}

/// A stretch of time in which a device may have held an address: from, and before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tenure {
    /// The device.
    pub mac: Mac,
    /// From here on.
    pub from: Timestamp,
    /// Until before this.
    pub until: Timestamp,
}

impl Holding {
    /// The stretches of every device, by what had been heard by `known_at`. `is_router`
    /// says whose frames prove no address.
    pub(super) fn tenures(
        &self,
        known_at: Timestamp,
        announced_for: Span,
        is_router: &dyn Fn(Mac, Timestamp) -> bool,
    ) -> Vec<Tenure> {
        let mut binds: Vec<&Bind> = self
            .binds
            .known(known_at)
            .filter(|bind| bind.by.is_own() || !is_router(bind.mac, bind.when.at))
            .collect();
        binds.sort_by_key(|bind| (bind.when.at, bind.mac, bind.by));
        let releases: Vec<&(When, Mac)> = self.releases.known(known_at).collect();
        let stretch = |(index, bind): (usize, &&Bind)| {
            let until = end(bind, &binds, index, &releases, announced_for);
            Tenure { mac: bind.mac, from: bind.when.earliest, until }
        };
        binds.iter().enumerate().map(stretch).collect()
    }
}

fn end(
    bind: &Bind,
    binds: &[&Bind],
    index: usize,
    releases: &[&(When, Mac)],
    announced_for: Span,
) -> Timestamp {
    let released = releases
        .iter()
        .filter(|(when, mac)| *mac == bind.mac && when.at >= bind.when.at)
        .map(|(when, _)| when.latest)
        .min();
    let lasts = bind.when.latest + bind.by.lasts(announced_for);
    let leased = lease_in_force(bind, binds).unwrap_or(Timestamp::MAX);
    let natural = released.unwrap_or(Timestamp::MAX).min(lasts).min(leased);
    let later = || binds.iter().skip(index + 1).take_while(|later| later.when.at <= natural);
    let rivals = || later().filter(|rival| rival.mac != bind.mac && rival.when.at > bind.when.at);
    if let Some(again) = later().find(|later| later.mac == bind.mac) {
        let leased = |bind: &Bind| matches!(bind.by, Hold::Lease(_));
        let mut between = rivals().take_while(|rival| rival.when.at <= again.when.at);
        // If it had to ask the server again, the other device had the address between.
        if !(leased(again) && between.any(|rival| leased(rival))) {
            return again.when.latest;
        }
    }
    rivals().next().map_or(natural, |rival| natural.min(rival.when.latest))
}

/// The end of the lease under which a device announced itself: what it says of an address
/// that a server lent it does not outlast the loan.
fn lease_in_force(bind: &Bind, binds: &[&Bind]) -> Option<Timestamp> {
    if matches!(bind.by, Hold::Lease(_)) {
        return None;
    }
    let own = binds.iter().filter(|b| b.mac == bind.mac && b.when.at <= bind.when.at);
    let ends = own.filter_map(|b| match b.by {
        Hold::Lease(lease) => Some(b.when.latest + lease),
        Hold::Announced | Hold::Sighted => None,
    });
    ends.filter(|end| *end >= bind.when.at).max()
}

/// Which devices may have held the address within a stretch of time, each with whether it
/// is certain that it held it throughout.
pub(super) fn holders(tenures: &[Tenure], from: Timestamp, to: Timestamp) -> Vec<(Mac, bool)> {
    let mut found: Vec<(Mac, bool)> = Vec::new();
    for tenure in tenures.iter().filter(|t| t.from <= to && from < t.until) {
        let throughout = tenure.from <= from && to < tenure.until;
        match found.iter_mut().find(|(mac, _)| *mac == tenure.mac) {
            Some((_, certain)) => *certain |= throughout,
            None => found.push((tenure.mac, throughout)),
        }
    }
    let alone = found.len() == 1;
    found.iter_mut().for_each(|(_, certain)| *certain &= alone);
    found.sort_unstable();
    found
}

/// From when on evidence at a moment may change who held the address: back to the last
/// evidence of each device that could still have held it then.
pub(super) fn disturbed_from(binds: &[Heard<Bind>], when: When, announced_for: Span) -> Timestamp {
    let mut last: BTreeMap<Mac, &Bind> = BTreeMap::new();
    for bind in binds.iter().map(|bind| &bind.what).filter(|bind| bind.when.at < when.at) {
        let known = last.entry(bind.mac).or_insert(bind);
        if bind.when.at >= known.when.at {
            *known = bind;
        }
    }
    let still = last
        .values()
        .filter(|bind| bind.when.latest + bind.by.lasts(announced_for) >= when.earliest);
    still.map(|bind| bind.when.earliest).min().unwrap_or(when.earliest).min(when.earliest)
}
