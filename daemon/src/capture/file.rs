//! Packets from a capture file: pcap or pcapng.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use facts::Timestamp;
use pcap_parser::traits::PcapReaderIterator;
use pcap_parser::{Block, PcapBlockOwned, PcapError, create_reader};
use wire::{LinkType, Packet};

use super::ahead::Ahead;
use super::plain::{Plain, Record};
use super::stream::{
    Broken, Noting, PACKING_HEAD, SECTION_HEAD, begin, header_length, looks_like_a_capture, stopped,
};
use super::unread::Unread;
use super::{Fault, Packing, Wrong};

/// Blocks of this size stay in the processor's cache while they are walked.
pub(super) const BLOCK_BYTES: usize = 256 * 1024;
/// The largest packet or pcapng block that is taken for true.
pub(super) const LARGEST_BLOCK: usize = 16 * 1024 * 1024;

/// Octets before a packet's own in each kind of record.
const LEGACY_HEADER: usize = 16;
const ENHANCED_HEADER: usize = 28;
const SIMPLE_HEADER: usize = 12;

const MICROS_A_SECOND: u128 = 1_000_000;
const NANOS_A_SECOND: u128 = 1_000_000_000;

/// A capture file that is being read; also any stream of the same format.
pub struct CaptureFile {
    name: PathBuf,
    form: Form,
    /// Where in the file the record stands that comes next.
    offset: u64,
    packing: Option<Packing>,
    broken: Broken,
    unread: Unread,
}

/// What stands in the file, and the packet that was found last.
enum Form {
    /// pcap as nearly all write it.
    Plain(Plain<Noting>, Option<Record>),
    /// pcapng, and what few write.
    Parsed(Parsed),
}

/// A file that a parser of many forms reads.
struct Parsed {
    reader: Box<dyn PcapReaderIterator + Send>,
    section: Section,
    found: Option<Found>,
}

/// What is known of the section that is being read.
#[derive(Default)]
struct Section {
    is_big: bool,
    /// How packets of each interface are to be read.
    interfaces: Vec<Interface>,
}

/// A packet in the reader's buffer.
#[derive(Clone, Copy)]
struct Found {
    at: Timestamp,
    link: LinkType,
    original_len: u32,
    /// Where it stands in the buffer.
    start: usize,
    end: usize,
    /// How long its whole record is.
    record: usize,
}

/// What stands next in the file.
enum Next {
    Packet(Found),
    /// A record of this length that holds no packet.
    Other(usize),
    End,
    /// The record is not all in the buffer yet.
    More,
    /// The record is longer than the buffer.
    Longer,
    Wrong(Wrong),
}

#[derive(Clone, Copy)]
struct Interface {
    link: LinkType,
    /// Units of a time stamp in one second.
    units: u128,
    /// Seconds to add to each time stamp.
    offset: i64,
}

/// Who reads a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Who takes its packets.
    ByTaker,
    /// A thread of its own, a few blocks ahead.
    Ahead,
}

impl CaptureFile {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// Says why it can not be opened, or that it is no capture.
    pub fn open(path: &Path, reading: Reading) -> Result<Self, Fault> {
        let fault = |wrong| Fault { file: path.to_owned(), offset: 0, wrong };
        let file = File::open(path).map_err(|error| fault(Wrong::System(error)))?;
        let kind = file.metadata().map_err(|error| fault(Wrong::System(error)))?;
        if kind.is_dir() {
            let error = io::Error::from(io::ErrorKind::IsADirectory);
            return Err(fault(Wrong::System(error)));
        }
        Self::from_stream(path, file, reading)
    }

    /// Reads a stream in the format of a capture file, as it is or packed with gzip or zstd,
    /// for instance standard input; `name` is what faults call it.
    ///
    /// # Errors
    /// Says that it is no capture.
    pub fn from_stream(
        name: &Path,
        stream: impl Read + Send + 'static,
        reading: Reading,
    ) -> Result<Self, Fault> {
        let broken = Broken::default();
        let noting = |source| Noting { source, broken: Arc::clone(&broken) };
        let mut stream: Box<dyn Read + Send> = Box::new(stream);
        let fault = |error| Fault { file: name.to_owned(), offset: 0, wrong: Wrong::System(error) };
        let mut head = begin(&mut stream, PACKING_HEAD).map_err(fault)?;
        let packing = Packing::of(&head);
        let whole = io::Cursor::new(head).chain(stream);
        let unpacked = match packing {
            Some(packing) => packing.unpack(whole),
            None => Box::new(whole),
        };
        let mut stream: Noting = noting(match reading {
            Reading::ByTaker => unpacked,
            Reading::Ahead => Box::new(Ahead::begin(unpacked).map_err(fault)?),
        });
        head = begin(&mut stream, SECTION_HEAD).unwrap_or_default();
        let header = header_length(&head);
        head.extend(begin(&mut stream, header.saturating_sub(head.len())).unwrap_or_default());
        let looks = looks_like_a_capture(&head);
        let empty = head.is_empty();
        let name = name.to_owned();
        let stream = match Plain::begin(&head, stream) {
            Ok(plain) => {
                let offset = u64::try_from(head.len()).unwrap_or(u64::MAX);
                let form = Form::Plain(plain, None);
                let unread = Unread::default();
                return Ok(Self { name, form, offset, packing, broken, unread });
            }
            Err(stream) => stream,
        };
        match create_reader(BLOCK_BYTES, io::Cursor::new(head).chain(stream)) {
            Ok(reader) => {
                let section = Section::default();
                let form = Form::Parsed(Parsed { reader, section, found: None });
                let unread = Unread::default();
                Ok(Self { name, form, offset: 0, packing, broken, unread })
            }
            Err(_) => {
                let wrong = stopped(&broken, packing).unwrap_or(match (empty, looks) {
                    (true, _) => Wrong::Empty,
                    (_, true) => Wrong::NoHeader,
                    _ => Wrong::NotACapture,
                });
                Err(Fault { file: name, offset: 0, wrong })
            }
        }
    }

    /// Whether its octets are those of the file as it lies on the disk.
    #[must_use]
    pub(super) const fn is_unpacked(&self) -> bool {
        self.packing.is_none()
    }

    /// The packet that was found last.
    #[must_use]
    pub fn packet(&self) -> Option<Packet<'_>> {
        match &self.form {
            Form::Plain(plain, found) => plain.packet((*found)?),
            Form::Parsed(parsed) => parsed.packet(),
        }
    }

    /// When the packet that was found last was captured.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        match &self.form {
            Form::Plain(_, found) => found.map(|found| found.at),
            Form::Parsed(parsed) => parsed.found.map(|found| found.at),
        }
    }

    /// Goes on to the next packet; false at the end.
    ///
    /// # Errors
    /// Says what is wrong, and at which octet.
    pub fn advance(&mut self) -> Result<bool, Fault> {
        let found = match &mut self.form {
            Form::Plain(plain, found) => {
                if let Some(found) = found.take() {
                    plain.pass(found);
                    self.offset = leave(self.offset, found.octets());
                }
                plain.next().map(|next| {
                    *found = next;
                    next.is_some()
                })
            }
            Form::Parsed(parsed) => parsed.advance(&mut self.offset),
        };
        match found {
            Ok(true) => {
                if let Some(link) = self.link() {
                    self.unread.lend(link);
                }
                Ok(true)
            }
            Ok(false) => {
                let wrong = stopped(&self.broken, self.packing).or_else(|| self.unread.take());
                wrong.map_or(Ok(false), |wrong| self.ends(wrong))
            }
            Err(wrong) => self.ends(stopped(&self.broken, self.packing).unwrap_or(wrong)),
        }
    }

    /// The kind of link of the packet that was found last.
    fn link(&self) -> Option<LinkType> {
        match &self.form {
            Form::Plain(plain, _) => Some(plain.link()),
            Form::Parsed(parsed) => parsed.found.map(|found| found.link),
        }
    }

    fn ends(&self, wrong: Wrong) -> Result<bool, Fault> {
        Err(Fault { file: self.name.clone(), offset: self.offset, wrong })
    }
}

impl Parsed {
    fn packet(&self) -> Option<Packet<'_>> {
        let found = self.found?;
        let bytes = self.reader.data().get(found.start..found.end)?;
        Some(Packet { at: found.at, link: found.link, bytes, original_len: found.original_len })
    }

    fn advance(&mut self, offset: &mut u64) -> Result<bool, Wrong> {
        if let Some(found) = self.found.take() {
            self.leave(found.record, offset);
        }
        loop {
            match self.look() {
                Next::Packet(found) => {
                    self.found = Some(found);
                    return Ok(true);
                }
                Next::Other(record) => self.leave(record, offset),
                Next::End => return Ok(false),
                Next::More => {
                    if self.reader.refill().is_err() {
                        return Err(Wrong::System(io::ErrorKind::Other.into()));
                    }
                }
                Next::Longer if self.may_grow() => {}
                Next::Longer => return Err(Wrong::Damaged),
                Next::Wrong(wrong) => return Err(wrong),
            }
        }
    }

    fn look(&mut self) -> Next {
        let (record, block) = match self.reader.next() {
            Ok(read) => read,
            Err(PcapError::Eof) => return Next::End,
            Err(PcapError::Incomplete(_)) => return Next::More,
            Err(PcapError::BufferTooSmall) => return Next::Longer,
            Err(PcapError::UnexpectedEof) => return Next::Wrong(Wrong::Truncated),
            Err(_) => return Next::Wrong(Wrong::Damaged),
        };
        let found = match block {
            PcapBlockOwned::LegacyHeader(header) => {
                let nanos = header.is_nanosecond_precision();
                self.section.interfaces = vec![Interface {
                    link: header_link(header.network.0),
                    units: if nanos { NANOS_A_SECOND } else { MICROS_A_SECOND },
                    offset: 0,
                }];
                Ok(None)
            }
            PcapBlockOwned::Legacy(frame) => {
                // The rare "modified" format has a longer record header.
                let start = record.saturating_sub(frame.data.len()).max(LEGACY_HEADER);
                Ok(self.section.interfaces.first().map(|interface| Found {
                    at: interface.time(u128::from(frame.ts_usec), i64::from(frame.ts_sec)),
                    link: interface.link,
                    original_len: frame.origlen,
                    start,
                    end: start.saturating_add(frame.data.len()),
                    record,
                }))
            }
            PcapBlockOwned::NG(block) => in_block(&block, record, &mut self.section),
        };
        match found {
            Ok(Some(found)) => Next::Packet(found),
            Ok(None) => Next::Other(record),
            Err(wrong) => Next::Wrong(wrong),
        }
    }

    fn leave(&mut self, record: usize, offset: &mut u64) {
        self.reader.consume(record);
        *offset = leave(*offset, record);
    }

    /// Makes room for a record that is longer than the buffer.
    fn may_grow(&mut self) -> bool {
        let now = self.reader.data().len().max(BLOCK_BYTES);
        now < LARGEST_BLOCK
            && self.reader.grow(now.saturating_mul(2))
            && self.reader.refill().is_ok()
    }
}

/// Where the next record stands, after one of so many octets.
fn leave(offset: u64, record: usize) -> u64 {
    offset.saturating_add(record.try_into().unwrap_or(u64::MAX))
}

impl Interface {
    /// A time stamp in this interface's units, after whole seconds.
    fn time(&self, stamp: u128, seconds: i64) -> Timestamp {
        let micros = stamp.saturating_mul(MICROS_A_SECOND) / self.units.max(1);
        let seconds = i128::from(seconds) + i128::from(self.offset);
        let all = i128::try_from(micros)
            .unwrap_or(i128::MAX)
            .saturating_add(seconds.saturating_mul(1_000_000));
        let most = i128::from(i64::MAX);
        Timestamp::from_micros(i64::try_from(all.clamp(-most, most)).unwrap_or(i64::MAX))
    }
}

/// Finds the packet in a pcapng block, or remembers the interface that it describes.
fn in_block(
    block: &Block<'_>,
    record: usize,
    section: &mut Section,
) -> Result<Option<Found>, Wrong> {
    let Section { is_big, interfaces } = section;
    match block {
        // Each section numbers its interfaces anew.
        Block::SectionHeader(header) => {
            *is_big = header.big_endian();
            interfaces.clear();
        }
        Block::InterfaceDescription(described) => interfaces.push(Interface {
            link: link_type(described.linktype.0),
            units: units(described.if_tsresol),
            offset: described.if_tsoffset,
        }),
        Block::EnhancedPacket(packet) => {
            let stamp = (u128::from(packet.ts_high) << 32) | u128::from(packet.ts_low);
            let kept = usize::try_from(packet.caplen).unwrap_or(usize::MAX).min(packet.data.len());
            let (number, original_len) = (packet.if_id, packet.origlen);
            let described = Described { number, stamp, kept, original_len, record };
            return described.found(interfaces).map(Some);
        }
        Block::Unknown(block) if OLD_PACKET.contains(&block.block_type) => {
            let described = Described::from_old(block.data, *is_big, record);
            return described.map_or(Err(Wrong::Damaged), |it| it.found(interfaces).map(Some));
        }
        Block::SimplePacket(packet) => {
            let interface = interfaces.first().ok_or(Wrong::NoSuchInterface(0))?;
            let kept = usize::try_from(packet.origlen).unwrap_or(usize::MAX).min(packet.data.len());
            return Ok(Some(Found {
                at: interface.time(0, 0),
                link: interface.link,
                original_len: packet.origlen,
                start: SIMPLE_HEADER,
                end: SIMPLE_HEADER.saturating_add(kept),
                record,
            }));
        }
        _ => {}
    }
    Ok(None)
}

/// The block that pcapng had for packets at first, with sixteen bits for the interface and as
/// many for packets that were lost before; its number in both orders, as the parser gives it.
const OLD_PACKET: [u32; 2] = [2, 2_u32.swap_bytes()];

/// What a block says of a packet that stands behind so much of it.
struct Described {
    number: u32,
    stamp: u128,
    kept: usize,
    original_len: u32,
    record: usize,
}

impl Described {
    fn from_old(body: &[u8], is_big: bool, record: usize) -> Option<Self> {
        let (head, packet) = body.split_first_chunk::<20>()?;
        let [a, b, _, _, numbers @ ..] = *head;
        let number = if is_big { u16::from_be_bytes([a, b]) } else { u16::from_le_bytes([a, b]) };
        let mut words = numbers.chunks_exact(4).map(|word| {
            let word = word.try_into().unwrap_or_default();
            if is_big { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
        });
        let mut next = || words.next();
        let stamp = (u128::from(next()?) << 32) | u128::from(next()?);
        let kept = usize::try_from(next()?).unwrap_or(usize::MAX).min(packet.len());
        Some(Self { number: number.into(), stamp, kept, original_len: next()?, record })
    }

    fn found(self, interfaces: &[Interface]) -> Result<Found, Wrong> {
        let Self { number, stamp, kept, original_len, record } = self;
        let interface = usize::try_from(number).ok().and_then(|n| interfaces.get(n));
        let interface = interface.ok_or(Wrong::NoSuchInterface(number))?;
        Ok(Found {
            at: interface.time(stamp, 0),
            link: interface.link,
            original_len,
            start: ENHANCED_HEADER,
            end: ENHANCED_HEADER.saturating_add(kept),
            record,
        })
    }
}

/// Units a second from `if_tsresol`: a power of ten, or of two where the top bit is set.
fn units(resolution: u8) -> u128 {
    let power = u32::from(resolution & 0x7f);
    let base: u128 = if resolution & 0x80 == 0 { 10 } else { 2 };
    base.checked_pow(power).unwrap_or(u128::MAX)
}

fn link_type(number: i32) -> LinkType {
    LinkType::from_pcap(u32::try_from(number).unwrap_or(u32::MAX))
}

/// The same in the header of a pcap file, whose upper bits say whether each frame has its
/// checksum behind it, and how long that is.
pub(super) fn header_link(number: i32) -> LinkType {
    LinkType::from_pcap(u32::from_ne_bytes(number.to_ne_bytes()) & 0x03ff_ffff)
}

#[cfg(test)]
pub(crate) mod forge {
    //! Capture files in words.

    pub(crate) const MICROS: u32 = 0xa1b2_c3d4;
    pub(crate) const NANOS: u32 = 0xa1b2_3c4d;

    /// A pcap file with these packets; each claims to have been an octet longer.
    pub(crate) fn pcap(magic: u32, big: bool, packets: &[(u32, u32, &[u8])]) -> Vec<u8> {
        let word = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
        let half = |n: u16| if big { n.to_be_bytes() } else { n.to_le_bytes() };
        let mut bytes = word(magic).to_vec();
        bytes.extend([half(2), half(4)].concat());
        for n in [0, 0, 65_535, 1] {
            bytes.extend(word(n));
        }
        for (seconds, fraction, packet) in packets {
            let length = u32::try_from(packet.len()).unwrap();
            for n in [*seconds, *fraction, length, length + 1] {
                bytes.extend(word(n));
            }
            bytes.extend(*packet);
        }
        bytes
    }
}

#[cfg(test)]
mod tests;
