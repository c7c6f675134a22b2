//! Who holds an address, as the mirror shows it: DHCP, ARP and neighbour discovery, RADIUS
//! accounting, Kerberos; and who is named where nothing shows a success: NTLM, LDAP, RADIUS.

mod der;
pub(crate) mod dhcp;
pub(crate) mod dhcp6;
mod exchanges;
pub(crate) mod kerberos;
pub(crate) mod ldap;
mod neighbours;
pub(crate) mod ntlm;
pub(crate) mod radius;

pub(crate) use dhcp::Requests;
pub(crate) use exchanges::Exchanges;
pub(crate) use neighbours::Neighbours;

use crate::keyed::Key;
use crate::limits::LONGEST_TEXT;

/// What the claims need to remember.
pub(crate) struct Claims {
    pub(crate) requests: Requests,
    pub(crate) neighbours: Neighbours,
}

impl Claims {
    pub(crate) fn new(key: Key) -> Self {
        Self { requests: Requests::new(key), neighbours: Neighbours::new(key) }
    }

    pub(crate) fn bytes_held(&self) -> usize {
        self.requests.bytes_held().saturating_add(self.neighbours.bytes_held())
    }

    pub(crate) const fn most_bytes() -> usize {
        Requests::most_bytes().saturating_add(Neighbours::most_bytes())
    }
}

/// A text of a message, within the limit, without the NULs that some senders add. Octets
/// that are no UTF-8 become replacement characters.
fn text(bytes: &[u8]) -> Option<String> {
    let end = bytes.iter().rposition(|b| *b != 0)?.saturating_add(1);
    let kept = bytes.get(..end.min(LONGEST_TEXT))?;
    Some(String::from_utf8_lossy(kept).into_owned())
}
