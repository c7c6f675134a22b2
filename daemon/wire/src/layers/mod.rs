//! What stands around a message: link headers, IP, fragments, and what wraps them.

mod fragments;
mod ip;
mod link;
mod wifi;
mod wrapping;

pub(crate) use fragments::Fragments;
pub(crate) use ip::{Ip, Piece};
pub(crate) use link::{Inside, ethernet, labelled, strip, tunnelled_wifi_frame};
pub(crate) use wrapping::{Wrapped, unwrap_etherip, unwrap_gre, unwrap_udp};
