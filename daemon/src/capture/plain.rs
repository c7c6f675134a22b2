//! Files of pcap in its usual form, read in blocks that stay in the processor's cache.
//!
//! A packet is lent where it lies, and only one that a block's end cuts is moved.

use std::io::{self, Read};

use facts::Timestamp;
use wire::{LinkType, Packet};

use super::Wrong;
use super::file::{BLOCK_BYTES, LARGEST_BLOCK, header_link};

/// Octets of the file's header, and of a record's.
const FILE_HEADER: usize = 24;
const HEADER: usize = 16;

const MICROS: [u8; 4] = [0xa1, 0xb2, 0xc3, 0xd4];
const NANOS: [u8; 4] = [0xa1, 0xb2, 0x3c, 0x4d];

/// A pcap file behind its header.
pub(super) struct Plain<R> {
    source: R,
    room: Vec<u8>,
    /// What is read and not passed yet stands from here to there.
    start: usize,
    end: usize,
    is_big: bool,
    /// Units of a time stamp in a microsecond.
    units: u32,
    link: LinkType,
}

/// A packet that lies whole in the room, at its start.
#[derive(Clone, Copy)]
pub(super) struct Record {
    pub(super) at: Timestamp,
    original_len: u32,
    length: usize,
}

impl Record {
    /// How long its record is, with its header.
    pub(super) const fn octets(self) -> usize {
        HEADER + self.length
    }
}

impl<R: Read> Plain<R> {
    /// Reads a file whose first octets are `head`, where that is the header of a usual file.
    pub(super) fn begin(head: &[u8], source: R) -> Result<Self, R> {
        let Some(header) = head.first_chunk::<FILE_HEADER>() else { return Err(source) };
        let [a, b, c, d, .., w, x, y, z] = *header;
        let (is_big, units) = match ([a, b, c, d], [d, c, b, a]) {
            (MICROS, _) => (true, 1),
            (NANOS, _) => (true, 1_000),
            (_, MICROS) => (false, 1),
            (_, NANOS) => (false, 1_000),
            _ => return Err(source),
        };
        let link = [w, x, y, z];
        let link = if is_big { i32::from_be_bytes(link) } else { i32::from_le_bytes(link) };
        let (room, link) = (vec![0; BLOCK_BYTES], header_link(link));
        Ok(Self { source, room, start: 0, end: 0, is_big, units, link })
    }

    /// The record that stands next; none at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<Record>, Wrong> {
        loop {
            let ahead = self.room.get(self.start..self.end).unwrap_or_default();
            let needed = match ahead.first_chunk::<HEADER>() {
                Some(header) => {
                    let record = self.record(header);
                    if record.octets() <= ahead.len() {
                        return Ok(Some(record));
                    }
                    record.octets()
                }
                None => HEADER,
            };
            let had = ahead.len();
            if needed > LARGEST_BLOCK && had >= LARGEST_BLOCK {
                return Err(Wrong::Damaged);
            }
            if self.fill(needed)? == 0 {
                return if had == 0 { Ok(None) } else { Err(Wrong::Truncated) };
            }
        }
    }

    /// The kind of link of all its packets.
    pub(super) const fn link(&self) -> LinkType {
        self.link
    }

    /// The packet of a record.
    pub(super) fn packet(&self, record: Record) -> Option<Packet<'_>> {
        let from = self.start.saturating_add(HEADER);
        let bytes = self.room.get(from..from.saturating_add(record.length))?;
        let Record { at, original_len, .. } = record;
        Some(Packet { at, link: self.link, bytes, original_len })
    }

    /// Leaves a record behind.
    pub(super) fn pass(&mut self, record: Record) {
        self.start = self.start.saturating_add(record.octets()).min(self.end);
    }

    fn record(&self, header: &[u8; HEADER]) -> Record {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *header;
        let word = |octets: [u8; 4]| match self.is_big {
            true => u32::from_be_bytes(octets),
            false => u32::from_le_bytes(octets),
        };
        let fraction = word([e, f, g, h]);
        let micros = if self.units == 1 { fraction } else { fraction / self.units };
        let seconds = i64::from(word([a, b, c, d]));
        Record {
            at: Timestamp::from_micros(seconds * 1_000_000 + i64::from(micros)),
            original_len: word([m, n, o, p]),
            length: usize::try_from(word([i, j, k, l])).unwrap_or(usize::MAX),
        }
    }

    /// Reads more behind what is ahead, which is moved to the front; how many octets came.
    fn fill(&mut self, needed: usize) -> Result<usize, Wrong> {
        self.room.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        if needed > self.room.len() {
            // A length is a claim: the room grows as far as octets come.
            let wanted = self.end.saturating_mul(2).clamp(BLOCK_BYTES, LARGEST_BLOCK);
            self.room.resize(wanted.max(self.room.len()), 0);
        }
        let room = self.room.get_mut(self.end..).unwrap_or_default();
        let read = self.source.read(room).map_err(|_| system())?;
        self.end += read;
        Ok(read)
    }
}

fn system() -> Wrong {
    Wrong::System(io::ErrorKind::Other.into())
}
