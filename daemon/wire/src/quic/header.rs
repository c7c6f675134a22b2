//! Long headers (RFC 9000 section 17.2): enough to find each Initial in a datagram.

use super::keys::Version;
use crate::reader::Reader;

/// The longest connection id of these versions.
const LONGEST_ID: usize = 20;

/// A connection id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ConnectionId {
    octets: [u8; LONGEST_ID],
    length: u8,
}

impl ConnectionId {
    pub(super) fn new(id: &[u8]) -> Option<Self> {
        let mut octets = [0; LONGEST_ID];
        octets.get_mut(..id.len())?.copy_from_slice(id);
        Some(Self { octets, length: u8::try_from(id.len()).ok()? })
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        self.octets.get(..usize::from(self.length)).unwrap_or_default()
    }
}

/// What kind of packet a long header begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Initial,
    ZeroRtt,
    Handshake,
    Retry,
}

/// One packet with a long header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Long<'a> {
    pub(super) version: Version,
    pub(super) kind: Kind,
    pub(super) destination: ConnectionId,
    pub(super) source: ConnectionId,
    /// The whole packet, header and all.
    pub(super) packet: &'a [u8],
    /// Where in it the packet number begins.
    pub(super) number_at: usize,
}

impl<'a> Long<'a> {
    /// Takes the next packet of a datagram. A Retry has no length and ends the datagram.
    pub(super) fn next(datagram: &mut Reader<'a>) -> Option<Self> {
        let whole = datagram.rest();
        let mut reader = *datagram;
        let first = reader.u8()?;
        if first & 0x80 == 0 {
            return None;
        }
        let version = Version::known(reader.u32()?)?;
        let kind = version.kind(first);
        let destination = ConnectionId::new(reader.part8()?.rest())?;
        let source = ConnectionId::new(reader.part8()?.rest())?;
        let (number_at, end) = if kind == Kind::Retry {
            (whole.len(), whole.len())
        } else {
            if kind == Kind::Initial {
                let token = usize::try_from(reader.varint()?).ok()?;
                reader.skip(token)?;
            }
            let length = usize::try_from(reader.varint()?).ok()?;
            let number_at = whole.len().checked_sub(reader.len())?;
            (number_at, number_at.checked_add(length)?)
        };
        let packet = datagram.take(end)?;
        Some(Self { version, kind, destination, source, packet, number_at })
    }
}

/// Whether a datagram begins with an Initial of a version that is known.
pub(crate) fn begins(datagram: &[u8]) -> bool {
    // No tunnel in clear has its first two bits set.
    datagram.first().is_some_and(|first| first & 0xc0 == 0xc0)
        && Long::next(&mut Reader::new(datagram)).is_some_and(|long| long.kind == Kind::Initial)
}

/// Whether a server's datagram shows that it took the handshake up: an Initial or a
/// Handshake packet, not a Retry.
pub(crate) fn is_answer(datagram: &[u8]) -> bool {
    Long::next(&mut Reader::new(datagram))
        .is_some_and(|long| matches!(long.kind, Kind::Initial | Kind::Handshake))
}
