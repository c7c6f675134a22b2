//! QUIC Initial packets (RFC 9000, RFC 9001, RFC 9369): the ClientHello in them is sealed
//! with keys that anybody can derive from the packet itself.

mod candidates;
mod connections;
mod frames;
mod header;
mod keys;

pub(crate) use connections::Connections;
pub(crate) use header::{begins, is_answer};
#[cfg(test)]
pub(crate) use keys::seal::{initial, initial_to};
