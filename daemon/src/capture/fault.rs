//! What can be wrong with a capture file, in one sentence that says where.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::Packing;

/// What is wrong with one file, and where.
#[derive(Debug)]
pub struct Fault {
    /// The file.
    pub file: PathBuf,
    /// The octet at which the record begins that can not be read; of a packed file, in the
    /// capture that it holds.
    pub offset: u64,
    /// What is wrong.
    pub wrong: Wrong,
}

impl Fault {
    /// Whether the file was read to its end, and only some of its packets were passed over.
    #[must_use]
    pub const fn is_remark(&self) -> bool {
        matches!(self.wrong, Wrong::UnreadLink { others: 1.., .. })
    }
}

/// What can be wrong with a capture file.
#[derive(Debug)]
pub enum Wrong {
    /// The system can not open or read it.
    System(io::Error),
    /// It is empty.
    Empty,
    /// It is in none of the formats that are read.
    NotACapture,
    /// It ends before its first packet could begin.
    NoHeader,
    /// What it is packed with ends early.
    PackedCut(Packing),
    /// What it is packed with is damaged.
    PackedDamaged(Packing),
    /// It ends inside a record.
    Truncated,
    /// A record is not what the format allows.
    Damaged,
    /// Packets of a kind of link that is not read; all else was.
    UnreadLink {
        /// The number of the first such kind in the registry of the pcap format.
        link: u32,
        /// How many packets were passed over.
        packets: u64,
        /// How many others were read.
        others: u64,
    },
    /// A packet names an interface that no block described.
    NoSuchInterface(u32),
}

/// The files that could not be read to their end. Everything before was read.
#[derive(Debug)]
pub struct FileError {
    /// One fault a file.
    pub faults: Vec<Fault>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, offset) = (self.file.display(), self.offset);
        match &self.wrong {
            Wrong::System(error) if error.kind() == io::ErrorKind::IsADirectory => {
                write!(f, "{file}: is a folder; name the capture files in it")
            }
            Wrong::System(error) if offset == 0 => {
                write!(f, "{file}: can not be read: {error}")
            }
            Wrong::System(error) => write!(f, "{file}: can not be read at octet {offset}: {error}"),
            Wrong::Empty => write!(f, "{file}: is empty; a capture file was expected"),
            Wrong::NotACapture => write!(
                f,
                "{file}: is no capture file, it begins neither as pcap nor as pcapng; give a file that tcpdump -w or Wireshark wrote, as it is or packed with gzip or zstd"
            ),
            Wrong::NoHeader => {
                write!(f, "{file}: ends inside its own header, before the first packet")
            }
            Wrong::PackedCut(packing) => write!(
                f,
                "{file}: its {packing} data ends early, at octet {offset} of the capture in it; everything before it was read"
            ),
            Wrong::PackedDamaged(packing) => write!(
                f,
                "{file}: its {packing} data is damaged, at octet {offset} of the capture in it or soon after; everything before it was read"
            ),
            Wrong::Truncated => write!(
                f,
                "{file}: ends inside the packet that begins at octet {offset}; everything before it was read"
            ),
            Wrong::Damaged => {
                write!(f, "{file}: is damaged at octet {offset}; everything before it was read")
            }
            Wrong::UnreadLink { link, packets, others: 0 } => write!(
                f,
                "{file}: nothing in it was read: its {packets} packets are of link type {link}, which is none that is read; capture on Ethernet, or export as Ethernet or raw IP"
            ),
            Wrong::UnreadLink { link, packets, others } => write!(
                f,
                "{file}: {packets} packets of link type {link} were passed over, which is none that is read; the {others} others were read"
            ),
            Wrong::NoSuchInterface(number) => write!(
                f,
                "{file}: the packet at octet {offset} names interface {number}, which no block before it describes; everything before it was read"
            ),
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.faults.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}
impl std::error::Error for FileError {}
