//! What goes out: what was read, and the listener's wish to hear more of it.

use std::net::IpAddr;

use facts::{Attempt, Claim, Observation, Rung, Timestamp};

/// One thing that was read.
#[derive(Debug)]
pub enum Said<'a> {
    /// A message that carries a name, or that hides names.
    Observation(Observation<'a>),
    /// A statement about who holds an address.
    Claim(Claim),
    /// A name that was given where nothing shows that it was accepted.
    Attempt(Attempt),
    /// A later step of what the listener chose to follow. The message itself stands for
    /// its first rung; each later rung is said once.
    Progress {
        /// The tag that the listener gave.
        watch: Watch,
        /// How far it got.
        rung: Rung,
        /// When that was seen.
        at: Timestamp,
        /// Octets from the server since its handshake began, as sequence numbers tell.
        bytes: u64,
        /// The server.
        server: IpAddr,
    },
}

/// The listener's answer to an observation. To anything else it is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// Nothing more of this connection is wanted.
    No,
    /// The later rungs of this connection are wanted under this tag.
    Yes(Watch),
    /// Nothing may be kept under this name: it is protected. What its answer leads to stays
    /// in memory without it, so that it is not taken for another's.
    Forget,
}

/// A tag of the listener's own choice for what it follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Watch(pub u64);

/// Who listens, inside this crate: called through a pointer, so that the readers are
/// compiled once and not once for each listener.
pub(crate) type Sink<'s> = dyn FnMut(Said<'_>) -> Follow + 's;
