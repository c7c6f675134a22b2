//! Which end of a connection sends: a client, or a server whose bulk is not looked at.

use facts::Path;

use super::flows::FlowKey;
use super::{Segment, recognise};
use crate::claims::kerberos;
use crate::http;
use crate::reader::Reading;
use crate::tunnels;
use crate::wire::Settings;

/// Ports below this belong to servers.
const FIRST_CLIENT_PORT: u16 = 1024;

/// The clients that were seen to use a server's port as their own: a filter before the
/// table of flows, so that a server's bulk costs no look into it.
pub(super) struct LowClients([u64; 64]);

impl LowClients {
    pub(super) const fn new() -> Self {
        Self([0; 64])
    }

    pub(super) fn add(&mut self, key: &FlowKey) {
        let (word, bit) = Self::place(key);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    /// Whether this flow may be such a client's.
    pub(super) fn may_hold(&self, key: &FlowKey) -> bool {
        let (word, bit) = Self::place(key);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    fn place(key: &FlowKey) -> (usize, u64) {
        let fold = key.fold();
        (fold >> 6 & 63, 1 << (fold & 63))
    }
}

/// Whether this goes from a server's port to a client's: bulk that begins no message which
/// is read here, unless its own first octets say so. Of two servers' ports, that of TLS is
/// the server's.
pub(super) fn is_answer(path: &Path, settings: &Settings) -> bool {
    path.sport < FIRST_CLIENT_PORT
        && path.dport >= FIRST_CLIENT_PORT
        && !is_read_both_ways(path, settings)
        && (settings.tls_ports.contains(&path.sport) || !settings.tls_ports.contains(&path.dport))
}

/// Whether octets say what they begin even where they come from a server: a request that
/// goes the other way, or the banner of a tunnel. What a server of mail or of a directory
/// sends is not its own word.
pub(super) fn speaks_for_both(bytes: &[u8], path: &Path) -> bool {
    (http::surely_starts(bytes) && !recognise::may_hold_password(path.sport))
        || matches!(tunnels::stream(bytes), Reading::Done(_))
}

/// Ports of servers and proxies of HTTP.
const HTTP_PORTS: [u16; 7] = [80, 3128, 8000, 8008, 8080, 8081, 8888];

/// Whether octets begin as an answer over HTTP does.
pub(super) fn begins_http_answer(bytes: &[u8]) -> bool {
    bytes.starts_with(b"HTTP/1.")
}

/// Whether octets of a direction without a SYN are an answer over HTTP, by their beginning or
/// by the ports: what stands in its body at the start of a segment was asked for by nobody.
/// What goes towards a server is none, whatever it looks like, nor what begins a message
/// itself, unless a client on the other end was seen to ask.
pub(super) fn is_http_answer(
    segment: &Segment<'_>,
    begins: bool,
    is_asked: bool,
    settings: &Settings,
) -> bool {
    let Path { sport, dport, .. } = segment.heading.path;
    let is_of_http = HTTP_PORTS.contains(&sport);
    if HTTP_PORTS.contains(&dport) || settings.tls_ports.contains(&dport) {
        return false;
    }
    if begins {
        return is_asked && is_of_http;
    }
    is_of_http || (sport < dport && (is_asked || begins_http_answer(segment.payload)))
}

/// DNS and Kerberos say as much in the answer as in the question.
pub(super) fn is_read_both_ways(path: &Path, settings: &Settings) -> bool {
    [path.sport, path.dport].contains(&kerberos::PORT) || settings.dns_ports.are_on(path)
}
