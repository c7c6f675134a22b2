//! Sample messages, one file a protocol, with every length field named where it is laid.

pub(super) mod attempts;
pub(super) mod dhcp;
pub(super) mod dhcp6;
pub(super) mod dns;
pub(super) mod hidden;
pub(super) mod http;
pub(super) mod ip;
pub(super) mod kerberos;
pub(super) mod links;
pub(super) mod neighbours;
pub(super) mod quic;
pub(super) mod radius;
pub(super) mod tls;
pub(super) mod tunnels;
