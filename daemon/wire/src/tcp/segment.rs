//! One TCP segment (RFC 9293 section 3.1).

use etherparse::TcpHeaderSlice;
use facts::{Frame, Path, Timestamp};

use crate::layers::Ip;
use crate::voice::Heading;

/// A segment: its place in the stream and what it carries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    pub(crate) heading: Heading,
    /// The sequence number of the first octet of `payload`.
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) flags: Flags,
    /// How many hops its packet could still go.
    pub(crate) hops: u8,
    pub(crate) payload: &'a [u8],
}

/// The control bits that matter here, and what the capture did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags {
    pub(crate) syn: bool,
    pub(crate) ack: bool,
    pub(crate) rst: bool,
    /// Whether the capture kept less than the packet had; no bit of the header.
    pub(crate) cut: bool,
}

impl<'a> Segment<'a> {
    pub(crate) fn read(at: Timestamp, frame: Frame, ip: &Ip<'a>) -> Option<Self> {
        let header = TcpHeaderSlice::from_slice(ip.payload).ok()?;
        let path = Path {
            src: ip.src,
            dst: ip.dst,
            sport: header.source_port(),
            dport: header.destination_port(),
        };
        let syn = header.syn();
        Some(Self {
            heading: Heading { at, frame, path },
            // A SYN takes one number itself; data may come with it (RFC 7413).
            seq: header.sequence_number().wrapping_add(u32::from(syn)),
            ack: header.acknowledgment_number(),
            flags: Flags { syn, ack: header.ack(), rst: header.rst(), cut: ip.is_cut },
            hops: ip.hops,
            payload: ip.payload.get(header.slice().len()..)?,
        })
    }

    /// The same without what stands before this octet, where that is inside it.
    pub(crate) fn from(&self, seq: u32) -> Self {
        let before = usize::try_from(seq.wrapping_sub(self.seq)).unwrap_or(usize::MAX);
        match self.payload.get(before..) {
            Some(payload) if !payload.is_empty() => Self { seq, payload, ..*self },
            _ => *self,
        }
    }

    /// The sequence number after the last octet.
    pub(crate) fn end(&self) -> u32 {
        self.seq.wrapping_add(u32::try_from(self.payload.len()).unwrap_or(0))
    }
}
