//! A compiled list: one immutable file in which a name of millions is found.
//!
//! Layout, all numbers little-endian: `WARDLIST`, version (u32), length of the description
//! (u32), checksum of all that follows (u64), names (u64), names let through (u64), words of
//! the sieve (u64), blocks (u64), deepest labels (u64); the description (TOML, filled up to a line of the cache);
//! the sieve (u64 each); where each block begins and the last ends (u32 each); the blocks:
//! the number of entries (u16), the length of each text with eight bits of its hash (u8
//! each), the texts with their groups (u8).
//!
//! Reads that wait for one another are what a look-up costs, those of pages that were not
//! used of late most of all, so there are few of them. The sieve has a byte for each name:
//! what it does not let through, and that is all but one in twenty-five of the names that
//! are not here, cost one read of a few megabytes. The words of a name's parents are read
//! before anything waits for one. A name that is let through has a block, some sixteen
//! entries that lie together, so that the marks and the text are of one page. Where a mark
//! agrees, the text proves it: no two names are ever taken for one another. Names below listed
//! ones that the list lets through are entries of a group of their own, the last.
//!
//! The file is read once, into memory that is then mapped for reading only and lies on huge
//! pages where it is long. A mapping of the file itself would save the reading (a tenth of a
//! second for five million names) and share the pages among processes, at four prices: there are
//! no huge pages of a file, and a look-up takes half as long again without them; a
//! page that was given back is read from the disk on the capture thread, which then loses
//! packets; whoever shortens a mapped file stops every process that reads it, and a monitor
//! goes blind by it; and it can not be made in safe code.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use facts::Name;

use super::about::ListAbout;
use super::gathered::Gathered;
use super::hash::{self, Zone};
use super::still::Still;

const MAGIC: &[u8; 8] = b"WARDLIST";
const VERSION: u32 = 3;
/// Bytes before the description.
pub(super) const HEAD: usize = 64;
/// Where the checksum stands.
const CHECKSUM_AT: usize = 16;
/// From where on it covers everything.
const CHECKED_FROM: usize = 24;
/// The group of names that the list lets through.
pub(super) const SPARED: u8 = u8::MAX;
/// What the description is filled up to.
pub(super) const LINE: usize = 64;
/// Zones of a name that the sieve is asked about at once.
const AT_ONCE: usize = 4;

/// A compiled list in memory.
pub struct ListFile {
    about: ListAbout,
    bytes: Still,
    names: usize,
    spared: usize,
    deepest: usize,
    sieve: Range<usize>,
    places: Range<usize>,
    blocks: Range<usize>,
}

/// Why a compiled list can not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoList {
    /// The file.
    pub file: PathBuf,
    /// What is wrong, in one sentence.
    pub sentence: String,
}

impl fmt::Debug for ListFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListFile").field("about", &self.about).finish_non_exhaustive()
    }
}

impl ListFile {
    /// Reads a file and checks it whole.
    ///
    /// # Errors
    /// It can not be read, is no compiled list, or is damaged.
    pub fn open(file: &Path) -> Result<Self, NoList> {
        let no = |sentence: String| NoList { file: file.to_owned(), sentence };
        let bytes =
            Still::read(file).map_err(|error| no(format!("It can not be read: {error}.")))?;
        Self::from_bytes(bytes).map_err(|why| no(why.to_owned()))
    }

    /// Takes the bytes of a file and checks them whole.
    pub(super) fn from_bytes(bytes: impl Into<Still>) -> Result<Self, &'static str> {
        const SHORT: &str = "It is cut off.";
        let bytes = bytes.into();
        if bytes.get(..8) != Some(MAGIC.as_slice()) {
            return Err("It is no compiled list.");
        }
        if u32_at(&bytes, 8) != Some(VERSION) {
            return Err("Another version of the product wrote it: import the list again.");
        }
        let described = u32_at(&bytes, 12).and_then(|n| usize::try_from(n).ok()).ok_or(SHORT)?;
        let sum = u64_at(&bytes, CHECKSUM_AT).ok_or(SHORT)?;
        if hash::checksum(bytes.get(CHECKED_FROM..).ok_or(SHORT)?) != sum {
            return Err("It is damaged: import the list again.");
        }
        let number = |at| u64_at(&bytes, at).and_then(|n| usize::try_from(n).ok()).ok_or(SHORT);
        let (names, spared) = (number(24)?, number(32)?);
        let (words, blocks, deepest) = (number(40)?, number(48)?, number(56)?);
        let mut sections = Sections { at: HEAD };
        let description = sections.next(described, 1)?;
        let sieve = sections.next(words, 8)?;
        let places = sections.next(blocks.checked_add(1).ok_or(SHORT)?, 4)?;
        let blocks = places.end..bytes.len();
        if places.end > bytes.len() || sieve.is_empty() || places.len() <= 4 {
            return Err(SHORT);
        }
        let about = bytes
            .get(description)
            .and_then(|text| std::str::from_utf8(text).ok())
            .and_then(ListAbout::from_text)
            .ok_or("Its description can not be read: import the list again.")?;
        Ok(Self { about, bytes, names, spared, deepest, sieve, places, blocks })
    }

    /// Where it is from and what its groups mean.
    #[must_use]
    pub const fn about(&self) -> &ListAbout {
        &self.about
    }

    /// How many entries it has.
    #[must_use]
    pub const fn names(&self) -> usize {
        self.names
    }

    /// What tells it from every other list: its checksum, in hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> String {
        format!("{:016x}", u64_at(&self.bytes, CHECKSUM_AT).unwrap_or_default())
    }

    /// A list that says of itself what another said, and knows no name.
    pub(crate) fn hollow(about: &str) -> Option<Self> {
        let bytes = Gathered::default().compile(&ListAbout::from_text(about)?).ok()?;
        Self::from_bytes(bytes).ok()
    }

    /// The bytes of its file.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes of the whole, and of what nearly every look-up of a name that is not here
    /// touches of it.
    #[must_use]
    pub fn sizes(&self) -> (usize, usize) {
        (self.bytes.len(), self.sieve.len())
    }

    /// Calls `found` with the group of each entry at or above a name, but for those above
    /// a name that the list lets through. Allocates nothing.
    pub fn find(&self, name: Name<'_>, found: impl FnMut(u8)) {
        self.find_below(name, 0, found);
    }

    /// The same, but only for entries of more than `settled` letters.
    pub(crate) fn find_below(&self, name: Name<'_>, settled: usize, mut found: impl FnMut(u8)) {
        let mut let_through = settled;
        if self.spared > 0 {
            self.for_each_held(name, |length, group| {
                let_through = if group == SPARED { let_through.max(length) } else { let_through };
            });
        }
        self.for_each_held(name, |length, group| {
            if length > let_through {
                found(group);
            }
        });
    }

    /// Calls `held` with the length and the group of each entry at or above a name, the
    /// shortest first.
    fn for_each_held(&self, name: Name<'_>, mut held: impl FnMut(usize, u8)) {
        let sieve = self.part(&self.sieve);
        let mut zones = hash::zones(name.as_str()).take(self.deepest);
        loop {
            let mut asked = [const { None }; AT_ONCE];
            for slot in &mut asked {
                *slot = zones.next().map(|zone| (zone, lets_through(sieve, zone.hash)));
            }
            for (zone, _) in asked.iter().flatten().filter(|(_, is_let)| *is_let) {
                self.find_zone(*zone, &mut |group| held(zone.text.len(), group));
            }
            if asked.last().is_none_or(Option::is_none) {
                return;
            }
        }
    }

    /// Whether a group holds exactly this name.
    pub(super) fn holds(&self, name: &str, group: &str) -> bool {
        let mut holds = false;
        self.find_zone(Zone { text: name, hash: hash::of(name) }, &mut |number| {
            let found = self.about.groups.get(usize::from(number));
            holds |= found.is_some_and(|found| found.name == group);
        });
        holds
    }

    /// Whether the list lets exactly this name through.
    pub(super) fn spares(&self, name: &str) -> bool {
        let mut spares = false;
        self.find_zone(Zone { text: name, hash: hash::of(name) }, &mut |group| {
            spares |= group == SPARED;
        });
        spares
    }

    /// Calls `entry` with the text and group of every name that is listed.
    pub fn for_each(&self, mut entry: impl FnMut(&str, u8)) {
        self.for_each_entry(|text, group| {
            if group != SPARED {
                entry(text, group);
            }
        });
    }

    /// Calls `entry` with every name below a listed one that the list lets through.
    pub(super) fn for_each_spared(&self, mut entry: impl FnMut(&str)) {
        self.for_each_entry(|text, group| {
            if group == SPARED {
                entry(text);
            }
        });
    }

    fn for_each_entry(&self, mut entry: impl FnMut(&str, u8)) {
        for number in 0..self.block_count() {
            let Some(block) = self.block(number) else { continue };
            let mut rest = block.texts;
            for mark in block.marks {
                let Some((text, group)) = split_entry(&mut rest, length_of(mark)) else { break };
                entry(std::str::from_utf8(text).unwrap_or_default(), group);
            }
        }
    }

    fn find_zone(&self, zone: Zone<'_>, found: &mut impl FnMut(u8)) {
        let (Some(block), Ok(length)) =
            (self.block(share(zone.hash, self.block_count())), u8::try_from(zone.text.len()))
        else {
            return;
        };
        let wanted = mark_of(length, zone.hash);
        let mut at = 0_usize;
        for mark in block.marks {
            if *mark == wanted
                && let Some(mut rest) = block.texts.get(at..)
                && let Some((text, group)) = split_entry(&mut rest, zone.text.len())
                && text == zone.text.as_bytes()
            {
                found(group);
            }
            // An entry is its text and its group.
            at = at.saturating_add(length_of(mark)).saturating_add(1);
        }
    }

    fn block_count(&self) -> usize {
        (self.places.len() / 4).saturating_sub(1)
    }

    fn block(&self, number: usize) -> Option<Block<'_>> {
        let at = number.checked_mul(4)?;
        let two = self.part(&self.places).get(at..at.checked_add(8)?)?;
        let place = |at| u32_at(two, at).and_then(|place| usize::try_from(place).ok());
        let bytes = self.part(&self.blocks).get(place(0)?..place(4)?)?;
        let (count, rest) = bytes.split_first_chunk()?;
        let marks = usize::from(u16::from_le_bytes(*count)).checked_mul(2)?;
        let (marks, texts) = rest.split_at_checked(marks)?;
        let (marks, _) = marks.as_chunks();
        Some(Block { marks, texts })
    }

    fn part(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }
}

/// The sections of a file, one after the other.
struct Sections {
    at: usize,
}

impl Sections {
    fn next(&mut self, count: usize, size: usize) -> Result<Range<usize>, &'static str> {
        let length = count.checked_mul(size).ok_or("It is cut off.")?;
        let end = self.at.checked_add(length).ok_or("It is cut off.")?;
        let section = self.at..end;
        self.at = end;
        Ok(section)
    }
}

/// Entries that lie together: a mark for each, then each text with its group.
struct Block<'l> {
    marks: &'l [[u8; 2]],
    texts: &'l [u8],
}

/// A text of a length with its group, taken off the front.
fn split_entry<'r>(rest: &mut &'r [u8], length: usize) -> Option<(&'r [u8], u8)> {
    let (text, behind) = rest.split_at_checked(length)?;
    let (group, behind) = behind.split_first()?;
    *rest = behind;
    Some((text, *group))
}

/// What a block says of a text before the text: its length and eight bits of its hash.
pub(super) const fn mark_of(length: u8, hash: u64) -> [u8; 2] {
    let [low, ..] = hash.to_le_bytes();
    [length, low]
}

fn length_of([length, _]: &[u8; 2]) -> usize {
    usize::from(*length)
}

/// The four bits of its word of the sieve that a name sets.
pub(super) const fn sieve_bits(hash: u64) -> u64 {
    const fn bit(hash: u64, from: u32) -> u64 {
        1_u64.wrapping_shl(((hash >> from) & 63) as u32)
    }
    bit(hash, 8) | bit(hash, 14) | bit(hash, 20) | bit(hash, 26)
}

/// Whether the sieve holds nothing against a name.
fn lets_through(sieve: &[u8], hash: u64) -> bool {
    let (words, _) = sieve.as_chunks();
    let word = words.get(share(hash, words.len())).copied().unwrap_or_default();
    let wanted = sieve_bits(hash);
    u64::from_le_bytes(word) & wanted == wanted
}

/// The upper half of a hash as a share of `count`, so that sorted hashes have sorted shares.
pub(super) fn share(hash: u64, count: usize) -> usize {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    usize::try_from((hash >> 32).saturating_mul(count) >> 32).unwrap_or_default()
}

/// The head of a file before its checked part: which checksum that has.
pub(super) fn write_head(description: usize, checked: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(checked.len().saturating_add(CHECKED_FROM));
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend(u32::try_from(description).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend(hash::checksum(checked).to_le_bytes());
    bytes.extend(checked);
    bytes
}

/// Writes a file whole or not at all: beside it first, to the disk, then in its place.
pub(super) fn write_whole(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = file.with_extension("new");
    let mut written = fs::File::create(&beside)?;
    written.write_all(bytes)?;
    written.sync_all()?;
    fs::rename(&beside, file)?;
    match file.parent() {
        Some(folder) if folder.as_os_str().is_empty() => fs::File::open(".")?.sync_all(),
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let eight = bytes.get(at..at.checked_add(8)?)?;
    Some(u64::from_le_bytes(eight.try_into().ok()?))
}
