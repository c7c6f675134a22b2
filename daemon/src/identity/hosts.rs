//! What a computer calls itself: docks and adapters carry one computer after another.
//!
//! A dock has a hardware address of its own, so whatever is plugged into it looks like one
//! device. In its request for an address a computer says its name; where that changes, what
//! was done before was done on another computer, which has left.

use facts::{Mac, Timestamp};

use super::event::{Event, Log};
use super::view::Lens;

/// A name that so many others bear too, as tablets do, says nothing of which one it is.
const MOST_NAMESAKES: usize = 2;
/// Of a name that more devices bore since the register began, no computer is known by.
pub(super) const MOST_OF_A_NAME: usize = 64;
/// Changes of name kept of a device; one that renews its lease under its name is none.
const MOST_NAMES: usize = 64;

/// The names that a hardware address gave itself, by time.
pub(super) struct Hosts(Vec<(Timestamp, Box<str>)>);

impl Hosts {
    fn at(&self, at: Timestamp) -> Option<&str> {
        let before = self.0.partition_point(|(named, _)| *named <= at);
        Some(&self.0.get(before.checked_sub(1)?)?.1)
    }

    /// Whether a deed was done while a computer of another name than at a moment was there.
    pub(super) fn is_another(&self, event: &Event, at: Timestamp) -> bool {
        let now = self.at(at);
        let then = [self.at(event.when.earliest), self.at(event.when.latest)];
        now.is_some() && then.into_iter().flatten().any(|then| Some(then) != now)
    }

    fn changed_before(&self, at: Timestamp) -> bool {
        let now = self.at(at);
        let until = self.0.iter().take_while(|(named, _)| *named <= at);
        until.into_iter().any(|(_, name)| Some(&**name) != now)
    }
}

/// A name as two of them are compared: without its domain, in small letters; none where it
/// names nothing.
pub(super) fn spelled(name: &str) -> Option<Box<str>> {
    let host = name.split('.').next().unwrap_or_default().to_lowercase();
    (!host.is_empty() && host != "localhost").then(|| host.into())
}

/// Keeps a name; `false` where it was there before.
pub(super) fn keep(
    names: &mut Log<(Timestamp, Box<str>)>,
    at: Timestamp,
    name: Box<str>,
    heard: Timestamp,
) -> bool {
    let new = names.insert((at, name), heard);
    if names.len() > MOST_NAMES {
        names.thin(|before, name, after| before.1 == name.1 && name.1 == after.1);
    }
    if names.len() > MOST_NAMES {
        names.drop_first();
    }
    new
}

impl Lens<'_> {
    pub(super) fn hosts(&self, mac: Mac) -> Hosts {
        let device = self.roster.devices.get(&mac);
        let names = device.iter().flat_map(|device| device.names.known(self.known_at));
        Hosts(names.filter_map(|(at, name)| Some((*at, spelled(name)?))).collect())
    }

    /// The other cards of the computer that is on this one now, where another was before.
    pub(super) fn namesakes(&self, mac: Mac, at: Timestamp) -> Vec<Mac> {
        let hosts = self.hosts(mac);
        let Some(name) = hosts.at(at).filter(|_| hosts.changed_before(at)) else {
            return Vec::new();
        };
        let called = self.roster.called.get(name).map(|macs| macs.clone()).unwrap_or_default();
        if called.len() > MOST_OF_A_NAME {
            return Vec::new();
        }
        let is_called = |other: &Mac| {
            *other != mac && !self.is_told_router(*other) && self.hosts(*other).at(at) == Some(name)
        };
        let others: Vec<Mac> = called.into_iter().filter(is_called).collect();
        if others.len() > MOST_NAMESAKES { Vec::new() } else { others }
    }
}
