//! What is kept of one device and of one address.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use facts::{Exchange, Mac, Span, Timestamp};

use super::binding::Holding;
use super::crowd::{ONE_SIDED_PER_DAY, RECORDS_PER_DAY, day_of};
use super::event::{Closing, Event, Heard, Log};
use super::hosts;

/// What came from one hardware address.
#[derive(Clone, Debug, Default)]
pub(super) struct DeviceLog {
    /// Deeds on frames or in records with this hardware address.
    pub deeds: Deeds,
    /// Addresses for which there is any evidence that the device held them.
    pub held: BTreeSet<IpAddr>,
    /// Addresses that its frames bore as their sender's, by day; when first heard.
    pub fronted: BTreeMap<(i64, IpAddr), Timestamp>,
    /// What it calls itself, by time.
    pub names: Log<(Timestamp, Box<str>)>,
}

/// What is known of one address.
#[derive(Clone, Debug, Default)]
pub(super) struct AddressLog {
    /// Who held it.
    pub holding: Holding,
    /// Deeds at this address, by the hardware address of the record: they belong to its
    /// holder where that is none, or a router's.
    pub deeds: BTreeMap<Option<Mac>, Deeds>,
}

/// What is known of one keyed session.
#[derive(Clone, Debug, Default)]
pub(super) struct SessionLog {
    /// When it was told to have ended.
    pub closings: Log<Closing>,
    /// Hardware addresses at which deeds of it were told.
    pub macs: BTreeSet<Mac>,
    /// Addresses at which deeds of it were told.
    pub addresses: BTreeSet<IpAddr>,
}

/// Deeds in order, bounded by the day.
#[derive(Clone, Debug, Default)]
pub(super) struct Deeds {
    log: Log<Event>,
    overfull: BTreeMap<i64, Timestamp>,
    /// How many of a day one side alone told.
    one_sided: BTreeMap<i64, usize>,
}

impl Deeds {
    /// Keeps a deed, unless its day is full; `false` where nothing changed.
    pub(super) fn insert(&mut self, event: Event, heard: Timestamp) -> bool {
        let day = day_of(event.when.latest);
        if event.exchange == Exchange::OneSided {
            let count = self.one_sided.entry(day).or_default();
            if *count >= ONE_SIDED_PER_DAY {
                return false;
            }
            let before = self.log.len();
            let is_new = self.log.insert(event, heard);
            *count += self.log.len() - before;
            return is_new;
        }
        let all = self.log.all();
        let first = all.partition_point(|entry| day_of(entry.what.when.latest) < day);
        let after = all.partition_point(|entry| day_of(entry.what.when.latest) <= day);
        if after.saturating_sub(first) < RECORDS_PER_DAY {
            return self.log.insert(event, heard);
        }
        match self.overfull.get_mut(&day) {
            Some(since) if *since <= heard => false,
            Some(since) => {
                *since = heard;
                true
            }
            None => {
                self.overfull.insert(day, heard);
                true
            }
        }
    }

    /// Days that held more than the bound, as far as known.
    pub(super) fn overfull(&self, known_at: Timestamp) -> impl Iterator<Item = i64> {
        self.overfull.iter().filter(move |(_, heard)| **heard <= known_at).map(|(day, _)| *day)
    }

    /// Everything, in order.
    pub(super) fn all(&self) -> &[Heard<Event>] {
        self.log.all()
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.log.is_empty()
    }

    /// Forgets what was over before a moment.
    pub(super) fn forget_before(&mut self, at: Timestamp) {
        self.log.retain(|event| event.when.latest >= at);
        let day = day_of(at);
        self.overfull.retain(|of, _| *of >= day);
    }
}

impl AddressLog {
    /// Forgets what was over before a moment; `false` where nothing is left.
    pub(super) fn forget_before(&mut self, at: Timestamp, announced_for: Span) -> bool {
        self.deeds.values_mut().for_each(|deeds| deeds.forget_before(at));
        self.deeds.retain(|_, deeds| !deeds.is_empty());
        let binds = &mut self.holding.binds;
        binds.retain(|bind| bind.when.latest + bind.by.lasts(announced_for) >= at);
        self.holding.releases.retain(|(when, _)| when.latest >= at);
        !self.deeds.is_empty() || !self.holding.binds.is_empty()
    }
}

impl DeviceLog {
    /// Whether it ever bore a name, as names are compared.
    pub(super) fn is_called(&self, host: &str) -> bool {
        let mut names = self.names.all().iter();
        names.any(|named| hosts::spelled(&named.what.1).is_some_and(|name| *name == *host))
    }

    /// Forgets what was over before a moment; `false` where nothing is left.
    pub(super) fn forget_before(&mut self, at: Timestamp) -> bool {
        self.deeds.forget_before(at);
        let day = day_of(at);
        self.fronted.retain(|(of, _), _| *of >= day);
        let last = self.names.all().last().map(|name| name.what.0);
        self.names.retain(|(named, _)| *named >= at || Some(*named) == last);
        !self.deeds.is_empty() || !self.held.is_empty()
    }
}
