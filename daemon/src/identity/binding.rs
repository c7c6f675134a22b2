//! Which devices may have held an address, and when.
//!
//! A device holds an address from its evidence (a lease, an announcement, a frame) until the
//! lease's end, its release, or the evidence of another device. An announcement under a
//! lease does not outlast it. In another VLAN the address may be another device's all the
//! while. Where it gives evidence again in time, without a new lease after another device's lease, it held the address
//! all the while: then two devices held it at once, and that is a conflict. Around then the
//! evidence of the one ends nothing of the other: each keeps the address for as long as its
//! own evidence lasts.

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
        let evidence = Evidence { binds: &binds, releases: &releases, announced_for };
        let meetings: Vec<Meeting> = (0..binds.len()).flat_map(|i| evidence.meetings(i)).collect();
        (0..binds.len()).filter_map(|index| evidence.tenure(index, &meetings)).collect()
    }
}

/// Two devices were shown to have held the address at the same time.
struct Meeting {
    macs: [Mac; 2],
    at: Timestamp,
}

/// What tells who held one address; `binds` in the order of time.
struct Evidence<'a> {
    binds: &'a [&'a Bind],
    releases: &'a [&'a (When, Mac)],
    announced_for: Span,
}

impl Evidence<'_> {
    /// The stretch that one piece of evidence begins.
    fn tenure(&self, index: usize, meetings: &[Meeting]) -> Option<Tenure> {
        let bind = *self.binds.get(index)?;
        let met = |rival: Mac| meetings.iter().any(|m| m.is_of(bind, rival, self.announced_for));
        let until = match self.held_on(index) {
            Some(again) => again.when.latest,
            None => {
                let natural = self.natural_end(bind);
                let heir = self.rivals(index, natural).find(|rival| !met(rival.mac));
                heir.map_or(natural, |heir| natural.min(heir.when.latest))
            }
        };
        Some(Tenure { mac: bind.mac, from: bind.when.earliest, until })
    }

    /// Whom the device met until it gave evidence again.
    fn meetings(&self, index: usize) -> Vec<Meeting> {
        let (Some(bind), Some(again)) = (self.binds.get(index), self.held_on(index)) else {
            return Vec::new();
        };
        let rivals = self.rivals(index, again.when.at);
        rivals.map(|rival| Meeting { macs: [bind.mac, rival.mac], at: again.when.at }).collect()
    }

    /// The next evidence of the device, where it held the address until then.
    fn held_on(&self, index: usize) -> Option<&Bind> {
        let bind = self.binds.get(index)?;
        let again = self.later(index, self.natural_end(bind)).find(|b| b.mac == bind.mac)?;
        let leased = |bind: &Bind| matches!(bind.by, Hold::Lease(_));
        // If it had to ask the server again, the other device had the address between.
        let lent_between = || self.rivals(index, again.when.at).any(leased);
        (!leased(again) || !lent_between()).then_some(again)
    }

    /// Later evidence of other devices in the same network, up to a moment.
    fn rivals(&self, index: usize, until: Timestamp) -> impl Iterator<Item = &Bind> {
        let bind = self.binds.get(index);
        let is_rival = move |later: &&Bind| {
            bind.is_some_and(|bind| {
                later.mac != bind.mac && later.when.at > bind.when.at && !later.is_elsewhere(bind)
            })
        };
        self.later(index, until).filter(is_rival)
    }

    fn later(&self, index: usize, until: Timestamp) -> impl Iterator<Item = &Bind> {
        let later = self.binds.iter().skip(index.saturating_add(1)).copied();
        later.take_while(move |later| later.when.at <= until)
    }

    /// Until when it lasts if no other device is heard of.
    fn natural_end(&self, bind: &Bind) -> Timestamp {
        let released = self
            .releases
            .iter()
            .filter(|(when, mac)| *mac == bind.mac && when.at >= bind.when.at)
            .map(|(when, _)| when.latest)
            .min();
        let lasts = bind.when.latest + bind.by.lasts(self.announced_for);
        let leased = lease_in_force(bind, self.binds).unwrap_or(Timestamp::MAX);
        released.unwrap_or(Timestamp::MAX).min(lasts).min(leased)
    }
}

impl Meeting {
    /// Whether it tells that evidence of this rival, around then, takes the address from
    /// nobody.
    fn is_of(&self, bind: &Bind, rival: Mac, around: Span) -> bool {
        let apart = self.at.since(bind.when.at).max(bind.when.at.since(self.at));
        self.macs.contains(&bind.mac) && self.macs.contains(&rival) && apart <= around
    }
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

/// How sure it is that a device held an address throughout a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placing {
    /// It did, and no other device can have.
    Sure,
    /// It may have held it for a part of the stretch only; no other device can have.
    Unsure,
    /// Another device may have held it as well.
    Disputed,
}

/// Which devices may have held the address within a stretch of time.
pub(super) fn holders(tenures: &[Tenure], from: Timestamp, to: Timestamp) -> Vec<(Mac, Placing)> {
    let mut found: Vec<(Mac, Placing)> = Vec::new();
    for tenure in tenures.iter().filter(|t| t.from <= to && from < t.until) {
        let throughout = tenure.from <= from && to < tenure.until;
        let placing = if throughout { Placing::Sure } else { Placing::Unsure };
        match found.iter_mut().find(|(mac, _)| *mac == tenure.mac) {
            Some((_, known)) if placing == Placing::Sure => *known = placing,
            Some(_) => {}
            None => found.push((tenure.mac, placing)),
        }
    }
    if found.len() > 1 {
        found.iter_mut().for_each(|(_, placing)| *placing = Placing::Disputed);
    }
    found.sort_unstable_by_key(|(mac, _)| *mac);
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
