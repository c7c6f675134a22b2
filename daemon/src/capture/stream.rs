//! How a stream of a capture begins, and why it ends where it does not end by itself.

use std::io::{self, ErrorKind, Read};
use std::sync::{Arc, OnceLock};

use super::file::BLOCK_BYTES;
use super::packed::copied;
use super::{Packing, Wrong};

/// What is looked at before a format is chosen: enough to see how a file is packed, for a
/// pcap header, and for the length of the block that begins a pcapng file.
pub(super) const PACKING_HEAD: usize = 4;
const PCAP_HEADER: usize = 24;
pub(super) const SECTION_HEAD: usize = 12;

/// Why the stream ended, where it did not end by itself; the reader takes it for an end, so
/// that all before it is read.
pub(super) type Broken = Arc<OnceLock<io::Error>>;

/// The first octets of a stream: so many, or as many as there are.
pub(super) fn begin(stream: &mut impl Read, count: usize) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let most = u64::try_from(count).unwrap_or(u64::MAX);
    stream.take(most).read_to_end(&mut head)?;
    Ok(head)
}

const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
const BIG_SECTION: [u8; 4] = [0x1a, 0x2b, 0x3c, 0x4d];

/// How many octets the reader must see at once to know the format: pcap's header, or the
/// block that begins a pcapng file.
pub(super) fn header_length(head: &[u8]) -> usize {
    match *head {
        [a, b, c, d, e, f, g, h, i, j, k, l] if [a, b, c, d] == SECTION => {
            let big = [i, j, k, l] == BIG_SECTION;
            let length = [e, f, g, h];
            let length = if big { u32::from_be_bytes(length) } else { u32::from_le_bytes(length) };
            usize::try_from(length).unwrap_or(usize::MAX).min(BLOCK_BYTES)
        }
        _ => PCAP_HEADER,
    }
}

/// Whether octets begin like one of the formats, whatever follows.
pub(super) fn looks_like_a_capture(head: &[u8]) -> bool {
    const PCAP: [u32; 3] = [0xa1b2_c3d4, 0xa1b2_3c4d, 0xa1b2_cd34];
    let Some(magic) = head.first_chunk::<4>() else { return false };
    *magic == SECTION
        || PCAP.contains(&u32::from_be_bytes(*magic))
        || PCAP.contains(&u32::from_le_bytes(*magic))
}

/// What is wrong with a stream that did not end by itself.
pub(super) fn stopped(broken: &Broken, packing: Option<Packing>) -> Option<Wrong> {
    let error = broken.get()?;
    Some(match (packing, error.kind()) {
        (Some(packing), ErrorKind::UnexpectedEof) => Wrong::PackedCut(packing),
        (Some(packing), ErrorKind::InvalidData | ErrorKind::InvalidInput) => {
            Wrong::PackedDamaged(packing)
        }
        _ => Wrong::System(copied(error)),
    })
}

/// A stream that ends where it fails, and remembers why.
pub(super) struct Noting {
    pub(super) source: Box<dyn Read + Send>,
    pub(super) broken: Broken,
}

impl Read for Noting {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.source.read(room) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    _ = self.broken.set(error);
                    return Ok(0);
                }
                given => return given,
            }
        }
    }
}
