//! What a claim says, in the few words that timelines know.

use std::net::IpAddr;

use facts::{Exchange, Mac, Source, Span, Timestamp};

use super::login::Who;

/// When something happened, as far as clocks tell: not before `earliest`, not after
/// `latest`. Orders by `latest`, as timelines are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct When {
    /// The latest moment it can have been.
    pub latest: Timestamp,
    /// The moment as told; orders events of one source.
    pub at: Timestamp,
    /// The earliest moment it can have been.
    pub earliest: Timestamp,
}

impl When {
    /// A moment with a clock bound to both sides.
    pub(super) fn within(at: Timestamp, bound: Span) -> Self {
        Self { latest: at + bound, at, earliest: at - bound }
    }

    /// Whether this was certainly after the other.
    pub(super) fn surely_after(self, other: Self) -> bool {
        self.earliest > other.latest
    }
}

/// The key that joins the end of a session to its beginning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Key {
    /// A RADIUS session: unique only at its reporter.
    Radius { nas: Box<str>, session: Box<str> },
    /// A session of a login file, the computer included.
    File(Box<str>),
}

/// How much an opening proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Grade {
    /// A session with a beginning of its own (class C1).
    Session,
    /// A ticket that was granted (class C2).
    Ticket,
}

/// What an account did on a device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Deed {
    /// It logged in.
    Open(Grade, Option<Key>),
    /// Its session was said to go on; where its beginning is not known, it begins here.
    Keep(Key),
    /// The screen was locked.
    Lock(Option<Key>),
    /// The screen was unlocked.
    Unlock(Option<Key>),
    /// It used a service (class C3): perhaps by saved credentials.
    Use,
    /// A login file says that it went. With a key, its session is closed as well.
    Left(Option<Key>),
}

impl Deed {
    /// The key of the session it belongs to.
    pub(super) const fn key(&self) -> Option<&Key> {
        match self {
            Self::Open(_, key) | Self::Lock(key) | Self::Unlock(key) | Self::Left(key) => {
                key.as_ref()
            }
            Self::Keep(key) => Some(key),
            Self::Use => None,
        }
    }
}

/// One deed of one account at one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Event {
    /// When.
    pub when: When,
    /// Who, as the source spells it.
    pub who: Who,
    /// What.
    pub deed: Deed,
    /// The hardware address it came from, perhaps a router's.
    pub mac: Option<Mac>,
    /// The address it came from.
    pub address: Option<IpAddr>,
    /// Where it was heard.
    pub source: Source,
    /// How much of the exchange that tells it was heard.
    pub exchange: Exchange,
}

/// The end of a keyed session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Closing {
    /// When it was told to have ended.
    pub when: When,
    /// How much earlier the person may have gone.
    pub lag: Span,
    /// Whose session the source says it was: keys are used again, and where it is another
    /// account's, the end proves nothing of who opened it.
    pub by: Who,
    /// The device that the source names, if any: of another it proves nothing.
    pub mac: Option<Mac>,
    /// How much of the exchange that tells it was heard.
    pub exchange: Exchange,
}

/// Evidence that a device holds an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Bind {
    /// When it was seen.
    pub when: When,
    /// The device.
    pub mac: Mac,
    /// How it is known.
    pub by: Hold,
    /// The VLAN in which it was seen, where that was told.
    pub vlan: Option<u16>,
}

impl Bind {
    /// Whether it was seen in another network than the other: the same address is there
    /// another's.
    pub(super) fn is_elsewhere(&self, other: &Self) -> bool {
        matches!((self.vlan, other.vlan), (Some(one), Some(two)) if one != two)
    }
}

/// How a device came to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Hold {
    /// A server leased it for so long.
    Lease(Span),
    /// The device, or who lets it in, announced it.
    Announced,
    /// A frame came from it; worth nothing if the device is a router.
    Sighted,
}

impl Hold {
    /// How long it lasts without another word.
    pub(super) const fn lasts(self, announced_for: Span) -> Span {
        match self {
            Self::Lease(lease) => lease,
            Self::Announced | Self::Sighted => announced_for,
        }
    }

    /// Whether it shows that the address is the device's own.
    pub(super) const fn is_own(self) -> bool {
        matches!(self, Self::Lease(_) | Self::Announced)
    }
}

/// Something with the moment at which we first heard of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heard<T> {
    /// What was heard.
    pub what: T,
    /// Our clock when it was first heard.
    pub heard: Timestamp,
}

/// A sorted set of things heard; a repeat keeps the earlier hearing.
#[derive(Clone, Debug)]
pub(super) struct Log<T>(Vec<Heard<T>>);

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Ord + Clone> Log<T> {
    /// Puts something in its place; `false` where nothing changed.
    pub(super) fn insert(&mut self, what: T, heard: Timestamp) -> bool {
        let last_is_before = self.0.last().is_none_or(|last| last.what < what);
        let place = if last_is_before {
            Err(self.0.len())
        } else {
            self.0.binary_search_by(|entry| entry.what.cmp(&what))
        };
        match place {
            Ok(index) => {
                let earlier = heard < self.0[index].heard;
                if earlier {
                    self.0[index].heard = heard;
                }
                earlier
            }
            Err(index) => {
                self.0.insert(index, Heard { what, heard });
                true
            }
        }
    }

    /// Everything, in order.
    pub(super) fn all(&self) -> &[Heard<T>] {
        &self.0
    }

    /// What had been heard by a moment, in order.
    pub(super) fn known(&self, known_at: Timestamp) -> impl Iterator<Item = &T> {
        self.0.iter().filter(move |entry| entry.heard <= known_at).map(|entry| &entry.what)
    }

    /// Keeps what the condition holds for.
    pub(super) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.0.retain(|entry| keep(&entry.what));
    }

    /// Takes out whatever the condition says of it and its neighbours.
    pub(super) fn thin(&mut self, is_idle: impl Fn(&T, &T, &T) -> bool) {
        let all = std::mem::take(&mut self.0);
        for (place, entry) in all.iter().enumerate() {
            let before = place.checked_sub(1).and_then(|before| all.get(before));
            let idle = before
                .zip(all.get(place + 1))
                .is_some_and(|(before, after)| is_idle(&before.what, &entry.what, &after.what));
            if !idle {
                self.0.push(entry.clone());
            }
        }
    }

    /// Takes out the first.
    pub(super) fn drop_first(&mut self) {
        if !self.0.is_empty() {
            self.0.remove(0);
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
