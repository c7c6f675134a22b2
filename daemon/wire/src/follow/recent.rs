//! The answers that one client had of late: a ring, oldest first.

use std::collections::VecDeque;
use std::net::IpAddr;

use facts::{Span, Timestamp};

use crate::limits::MOST_ANSWERS;

/// The answers that one client had, oldest first.
pub(super) struct Recent {
    answers: VecDeque<Answered>,
    /// A mark of each answer's addresses, in the same order: most rings hold none of what is
    /// looked for, and the answers themselves need not be touched to see that.
    marks: VecDeque<u64>,
    /// How many of them gave a public name for encrypted hellos.
    keys: usize,
    /// None of them is over before this.
    first_over: Timestamp,
    /// When it last became the youngest of its table.
    moved: Timestamp,
}

/// One answer.
pub(super) struct Answered {
    /// The name asked for; none where it is protected.
    pub(super) name: Option<Box<str>>,
    pub(super) addresses: Addresses,
    /// Whether there were, or may have been, more addresses than these.
    pub(super) is_cut: bool,
    /// A print of the public name under which encrypted hellos may go, where it gave one.
    pub(super) public: Option<u64>,
    pub(super) until: Timestamp,
}

/// How many octets a ring came to own, and how many it let go.
pub(super) struct Change {
    pub(super) added: usize,
    pub(super) freed: usize,
    /// How long a protected answer would have stayed that had to make room.
    pub(super) lost: Option<Timestamp>,
}

/// The addresses of an answer; most have one, which needs no room of its own.
#[derive(PartialEq, Eq)]
pub(super) enum Addresses {
    One(IpAddr),
    Several(Box<[IpAddr]>),
}

impl Addresses {
    pub(super) fn new(addresses: &[IpAddr]) -> Self {
        match addresses {
            [one] => Self::One(*one),
            several => Self::Several(several.into()),
        }
    }

    fn as_slice(&self) -> &[IpAddr] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(several) => several,
        }
    }

    fn bytes_held(&self) -> usize {
        match self {
            Self::One(_) => 0,
            Self::Several(several) => size_of_val::<[IpAddr]>(several),
        }
    }
}

impl Recent {
    /// A ring without answers that became its table's youngest now.
    pub(super) const fn new(at: Timestamp) -> Self {
        Self {
            answers: VecDeque::new(),
            marks: VecDeque::new(),
            keys: 0,
            first_over: Timestamp::MAX,
            moved: at,
        }
    }

    pub(super) const fn moved(&mut self, at: Timestamp) {
        self.moved = at;
    }

    /// Whether it was moved in its table within so long.
    pub(super) fn is_younger(&self, than: Span, at: Timestamp) -> bool {
        let since = at.since(self.moved);
        since >= Span::ZERO && since < than
    }

    pub(super) fn answers(&self) -> impl Iterator<Item = &Answered> {
        self.answers.iter()
    }

    /// Whether any of them gave a public name for encrypted hellos.
    pub(super) const fn has_keys(&self) -> bool {
        self.keys > 0
    }

    /// The answers with this address.
    pub(super) fn with(&self, address: IpAddr) -> impl Iterator<Item = &Answered> {
        let mark = mark(&address);
        let marked = self.marks.iter().zip(&self.answers).filter(move |(m, _)| **m & mark == mark);
        marked
            .map(|(_, answered)| answered)
            .filter(move |a| a.addresses.as_slice().contains(&address))
    }

    /// Takes an answer; those that are over, or the same, go.
    pub(super) fn push(&mut self, answered: Answered, at: Timestamp) -> Change {
        let before = self.slots();
        let marks = answered.marks();
        let mut freed = 0_usize;
        if self.first_over < at || self.marks.contains(&marks) {
            freed = self.leave(|old| old.until < at || old.is_same(&answered));
        }
        let mut lost = None;
        if self.answers.len() >= MOST_ANSWERS {
            // Protected ones stay as long as there are others.
            let plain = self.answers.iter().position(|old| old.name.is_some()).unwrap_or(0);
            self.marks.remove(plain);
            if let Some(gone) = self.answers.remove(plain) {
                self.keys = self.keys.saturating_sub(usize::from(gone.public.is_some()));
                freed = freed.saturating_add(gone.bytes_held());
                lost = gone.protected_until();
            }
        }
        let own = answered.bytes_held();
        self.keys = self.keys.saturating_add(usize::from(answered.public.is_some()));
        self.first_over = self.first_over.min(answered.until);
        if self.answers.len() == self.answers.capacity() {
            // Never more than the ring may hold.
            let room = MOST_ANSWERS.saturating_sub(self.answers.len());
            let more = self.answers.len().max(4).min(room).max(1);
            self.answers.reserve_exact(more);
            self.marks.reserve_exact(more);
        }
        self.marks.push_back(marks);
        self.answers.push_back(answered);
        Change { added: own.saturating_add(self.slots().saturating_sub(before)), freed, lost }
    }

    /// Lets those answers go; says how many octets they owned.
    fn leave(&mut self, goes: impl Fn(&Answered) -> bool) -> usize {
        let before = self.answers.len();
        let mut freed = 0_usize;
        self.answers.retain(|old| {
            let goes = goes(old);
            if goes {
                freed = freed.saturating_add(old.bytes_held());
            }
            !goes
        });
        self.first_over = self.answers.iter().map(|old| old.until).min().unwrap_or(Timestamp::MAX);
        if self.answers.len() < before {
            self.keys = self.answers.iter().filter(|old| old.public.is_some()).count();
            self.marks.clear();
            self.marks.extend(self.answers.iter().map(Answered::marks));
        }
        freed
    }

    /// The octets of the ring itself, which never becomes smaller.
    fn slots(&self) -> usize {
        let marks = self.marks.capacity().saturating_mul(size_of::<u64>());
        self.answers.capacity().saturating_mul(size_of::<Answered>()).saturating_add(marks)
    }

    pub(super) fn bytes_held(&self) -> usize {
        self.answers.iter().map(Answered::bytes_held).fold(self.slots(), usize::saturating_add)
    }
}

impl Answered {
    fn marks(&self) -> u64 {
        self.addresses.as_slice().iter().fold(0, |marks, address| marks | mark(address))
    }

    /// What it owns beside its own place.
    fn bytes_held(&self) -> usize {
        let name = self.name.as_ref().map_or(0, |name| name.len());
        name.saturating_add(self.addresses.bytes_held())
    }

    /// How long it stays, if it is protected.
    pub(super) fn protected_until(&self) -> Option<Timestamp> {
        self.name.is_none().then_some(self.until)
    }

    /// Whether one takes the other's place: the same said again.
    fn is_same(&self, other: &Self) -> bool {
        self.addresses == other.addresses
            && self.name == other.name
            && self.public.is_some() == other.public.is_some()
    }
}

/// Two of 64 bits, not keyed: who aims at them makes us compare what one ring holds.
fn mark(address: &IpAddr) -> u64 {
    let number = match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    };
    // Neighbours fall on different bits: 2^128 by the golden ratio.
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let [first, second, ..] = mixed.to_be_bytes();
    1_u64.wrapping_shl(u32::from(first)) | 1_u64.wrapping_shl(u32::from(second))
}
