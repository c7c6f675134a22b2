//! Bytes in, observations and claims out: no clock, no I/O, no rules.
//!
//! One [`Wire`] belongs to one thread. It is fed packets with their times and says, by a
//! closure, what it read: an [`facts::Observation`] (a name that a device asked for), a
//! [`facts::Claim`] (who holds an address), or the progress of a connection that the
//! closure chose to follow. Nothing else leaves it, and a packet that says nothing costs
//! no allocation.
//!
//! ```text
//! Packet → layers (link, IP, fragments, tunnels) → UDP → dns, quic, claims
//!                                                → TCP → flows, assembler → tls, http, dns, kerberos
//! ```
//!
//! Bad bytes are not errors: a reader says done, incomplete or "not this", oddities are
//! counted, and every accumulation has its cap in `limits.rs`.
//!
#![doc = include_str!("../PROOFS.md")]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod assembler;
mod claims;
mod copies;
mod counters;
mod dns;
mod follow;
mod hello;
mod hellos;
mod http;
mod keyed;
mod layers;
mod limits;
mod names;
mod packet;
mod quic;
mod reader;
mod records;
mod said;
mod table;
mod tcp;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tunnels;
mod udp;
mod voice;
mod wire;

pub use counters::Counters;
pub use limits::total as most_bytes_held;
pub use packet::{LinkType, Packet};
pub use said::{Follow, Said, Watch};
pub use wire::{Settings, Wire};
