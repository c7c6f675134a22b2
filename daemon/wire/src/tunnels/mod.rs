//! Traffic that hides names: known by the exact form of its handshake, told once a flow.
//!
//! A protocol is told only where its own octets prove it: a form with enough fixed octets,
//! or a question and the answer that repeats its number. What can only be guessed is left
//! out: Tor looks like any TLS (its made-up server names and its cipher list are shared by
//! others and change), DNS over HTTPS is a hello to a name that rules know, and shapes of
//! lengths and times prove nothing about a child.

mod flows;
mod ipsec;
mod openvpn;
mod ssh;
mod wireguard;

pub(crate) use flows::{Form, Tunnels, encrypted_dns};
pub(crate) use ipsec::ESP;
pub(crate) use ssh::PORT as SSH_PORT;

use crate::reader::Reading;

/// Tells a tunnel by the first octets of a TCP stream.
pub(crate) fn stream(bytes: &[u8]) -> Reading<Opened> {
    match (openvpn::opens_stream(bytes), ssh::banner(bytes)) {
        (Reading::Done(()), _) => Reading::Done(Opened::OpenVpn),
        (_, Reading::Done(())) => Reading::Done(Opened::Ssh),
        (Reading::Incomplete(needed), _) | (_, Reading::Incomplete(needed)) => {
            Reading::Incomplete(needed)
        }
        _ => Reading::NotThis,
    }
}

/// A tunnel over TCP whose first words were read. They may never have arrived: what proves it
/// is what comes after them, or the same from the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    /// The reset of an OpenVPN client.
    OpenVpn,
    /// The banner of SSH.
    Ssh,
}

impl Opened {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::OpenVpn => openvpn::NAME,
            Self::Ssh => ssh::NAME,
        }
    }

    /// How many octets of a stream its first words take, of those that are there.
    pub(crate) fn length(self, stream: &[u8]) -> usize {
        let line = stream.iter().position(|b| *b == b'\n').map(|at| at.saturating_add(1));
        line.filter(|_| self == Self::Ssh).unwrap_or(stream.len())
    }
}

/// The clear head of a sealed packet: which association it is of, and its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sealed {
    of: u32,
    number: u32,
}

/// Which end of a tunnel a message comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Client,
    Server,
}
