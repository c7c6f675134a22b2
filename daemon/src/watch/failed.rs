//! What is kept of a packet that made a reader fail: enough to know it again, none of its octets.

use std::fmt;
use std::panic::catch_unwind;

use ring::hmac;
use wire::{LinkType, Packet};

/// A frame that made a reader fail (RESILIENCE.md CA-13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailedFrame {
    /// A print under the installation's key: the same frame has the same, and it tells nothing
    /// of what is in it.
    print: [u8; 8],
    link: LinkType,
    /// How many octets of it there were.
    octets: usize,
    /// The number of the protocol in its outermost IP header, where that can be read.
    protocol: Option<u8>,
}

impl FailedFrame {
    /// Takes the print of a frame. What failed may fail here again, which is no matter.
    pub(crate) fn of(packet: &Packet<'_>, key: &hmac::Key) -> Self {
        let tag = hmac::sign(key, packet.bytes);
        let print = tag.as_ref().first_chunk().copied().unwrap_or_default();
        let protocol = catch_unwind(|| packet.ip_protocol()).ok().flatten();
        Self { print, link: packet.link, octets: packet.bytes.len(), protocol }
    }
}

impl fmt::Display for FailedFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} octets on a link of kind {:?}", self.octets, self.link)?;
        if let Some(protocol) = self.protocol {
            write!(f, ", IP protocol {protocol}")?;
        }
        f.write_str(", print ")?;
        self.print.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}
