//! Packets in words: whole frames forged from plain sentences about who says what to whom.
//!
//! Everything here is a pure function of its arguments: the same words give the same bytes.
//! It shares no code with the parsers it feeds, so that a fault in one is not hidden by the
//! same fault in the other.

mod capture;
mod der;
mod dhcp;
mod dns;
mod frame;
mod kerberos;
mod minute;
mod quic;
mod radius;
mod talk;
mod tls;

pub use capture::Capture;
pub use der::{application, bit_string, context, general_string, integer, octets, sequence, time};
pub use dhcp::Lease;
pub use dns::{Answer, RecordType, answer, question};
pub use frame::{End, Flags, Link, arp, tcp, udp};
pub use kerberos::{Principal, as_rep, as_req, tgs_rep, tgs_req};
pub use minute::Minute;
pub use quic::{initial, initials};
pub use radius::{Accounting, Status, accounting_response};
pub use talk::Talk;
pub use tls::{Hello, bulk, server_handshake};
