//! A compiled list: one immutable file in which a name of millions is found by three reads.
//!
//! Layout, all numbers little-endian: `WARDLIST`, version (u32), length of the description
//! (u32), checksum of all that follows (u64), names (u64), blocks of the sieve (u64),
//! buckets (u64), deepest labels (u64); the description (TOML); the sieve, 64 bytes a block;
//! for each bucket and one more the place of its first entry and of its first text (two
//! u32); a tag for each entry (u32); its group (u8); its text (length u8, bytes).
//!
//! A name's hash chooses a block of the sieve, in which six bits must be set; that turns
//! away all but one in a hundred of the names that are not here with one read. It then
//! chooses a bucket of some sixteen entries, whose tags fill a cache line; a tag that
//! agrees is proven by the text. So no two names are ever taken for one another.
//!
//! The file is read into one allocation and never changes. A mapping would save the copy,
//! but whoever shortens a mapped file stops every process that reads it: a monitor would go
//! blind by it. And a mapping can not be made in safe code.

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use facts::Name;

use super::about::ListAbout;
use super::hash;

const MAGIC: &[u8; 8] = b"WARDLIST";
const VERSION: u32 = 1;
/// Bytes before the description.
const HEAD: usize = 56;
/// Where the checksum stands, which covers all after it.
const CHECKED_FROM: usize = 24;
/// Entries of a bucket, on average: their tags are one cache line.
const PER_BUCKET: usize = 16;
/// Bits of the sieve for each name.
const SIEVE_BITS: usize = 10;
/// Bytes of a block of the sieve: one cache line.
const BLOCK: usize = 64;

/// A compiled list in memory.
pub struct ListFile {
    about: ListAbout,
    bytes: Vec<u8>,
    names: usize,
    deepest: usize,
    sieve: Range<usize>,
    buckets: Range<usize>,
    tags: Range<usize>,
    groups: Range<usize>,
    texts: Range<usize>,
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
        let bytes = fs::read(file).map_err(|error| no(format!("It can not be read: {error}.")))?;
        Self::from_bytes(bytes).map_err(|why| no(why.to_owned()))
    }

    /// Takes the bytes of a file and checks them whole.
    pub(super) fn from_bytes(bytes: Vec<u8>) -> Result<Self, &'static str> {
        const SHORT: &str = "It is cut off.";
        if bytes.get(..8) != Some(MAGIC.as_slice()) {
            return Err("It is no compiled list.");
        }
        if u32_at(&bytes, 8) != Some(VERSION) {
            return Err("Another version of the product wrote it: import the list again.");
        }
        let described = u32_at(&bytes, 12).and_then(|n| usize::try_from(n).ok()).ok_or(SHORT)?;
        let sum = u64_at(&bytes, 16).ok_or(SHORT)?;
        if hash::checksum(bytes.get(CHECKED_FROM..).ok_or(SHORT)?) != sum {
            return Err("It is damaged: import the list again.");
        }
        let number = |at| u64_at(&bytes, at).and_then(|n| usize::try_from(n).ok()).ok_or(SHORT);
        let (names, blocks, buckets) = (number(24)?, number(32)?, number(40)?);
        let deepest = number(48)?;
        let mut sections = Sections { at: HEAD };
        let description = sections.next(described, 1)?;
        let sieve = sections.next(blocks, BLOCK)?;
        let directory = sections.next(buckets.checked_add(1).ok_or(SHORT)?, 8)?;
        let tags = sections.next(names, 4)?;
        let groups = sections.next(names, 1)?;
        let texts = groups.end..bytes.len();
        if groups.end > bytes.len() || blocks == 0 || buckets == 0 {
            return Err(SHORT);
        }
        let about = bytes
            .get(description)
            .and_then(|text| std::str::from_utf8(text).ok())
            .and_then(ListAbout::from_text)
            .ok_or("Its description can not be read: import the list again.")?;
        let buckets = directory;
        Ok(Self { about, bytes, names, deepest, sieve, buckets, tags, groups, texts })
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

    /// The bytes of its file.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes of the whole, and of what a look-up of a name that is not here can touch.
    #[must_use]
    pub fn sizes(&self) -> (usize, usize) {
        let touched = [&self.sieve, &self.buckets, &self.tags].map(|part| part.len());
        (self.bytes.len(), touched.into_iter().fold(0, usize::saturating_add))
    }

    /// Calls `found` with the group of each entry at or above a name. Allocates nothing.
    pub fn find(&self, name: Name<'_>, mut found: impl FnMut(u8)) {
        let mut labels = 0_usize;
        hash::for_each_zone(name.as_str(), |zone, hash| {
            labels = labels.saturating_add(1);
            if labels <= self.deepest && self.passes_sieve(hash) {
                self.find_zone(zone, hash, &mut found);
            }
        });
    }

    /// Whether a group holds exactly this name.
    pub(super) fn holds(&self, name: &str, group: &str) -> bool {
        let mut holds = false;
        self.find_zone(name, hash::of(name), &mut |number| {
            let found = self.about.groups.get(usize::from(number));
            holds |= found.is_some_and(|found| found.name == group);
        });
        holds
    }

    /// Calls `entry` with the text and group of every entry.
    pub fn for_each(&self, mut entry: impl FnMut(&str, u8)) {
        let mut texts = Texts { rest: self.part(&self.texts) };
        for group in self.part(&self.groups) {
            let Some(text) = texts.next() else { return };
            entry(std::str::from_utf8(text).unwrap_or_default(), *group);
        }
    }

    fn passes_sieve(&self, hash: u64) -> bool {
        let blocks = self.sieve.len() / BLOCK;
        let Some(from) = self.sieve.start.checked_add(block_of(hash, blocks)) else { return false };
        let Some(block) = self.bytes.get(from..from.saturating_add(BLOCK)) else { return false };
        sieve_bits(hash).all(|(byte, bit)| block.get(byte).is_some_and(|held| held & bit != 0))
    }

    fn find_zone(&self, zone: &str, hash: u64, found: &mut impl FnMut(u8)) {
        let buckets = (self.buckets.len() / 8).saturating_sub(1);
        let bucket = bucket_of(hash, buckets);
        let place = |number: usize| {
            let at = self.buckets.start.checked_add(number.checked_mul(8)?)?;
            let entry = usize::try_from(u32_at(&self.bytes, at)?).ok()?;
            Some((entry, usize::try_from(u32_at(&self.bytes, at.checked_add(4)?)?).ok()?))
        };
        let Some((first, text)) = place(bucket) else { return };
        let Some((end, _)) = place(bucket.saturating_add(1)) else { return };
        let tags = first.saturating_mul(4)..end.saturating_mul(4);
        let tags = self.part(&self.tags).get(tags).unwrap_or_default().chunks_exact(4);
        let tag = tag_of(hash).to_le_bytes();
        let mut texts = None;
        let mut read = 0_usize;
        for (number, _) in tags.enumerate().filter(|(_, held)| *held == tag) {
            let texts = texts.get_or_insert_with(|| Texts {
                rest: self.part(&self.texts).get(text..).unwrap_or_default(),
            });
            let skipped = number.saturating_sub(read);
            read = number.saturating_add(1);
            if texts.nth(skipped) == Some(zone.as_bytes()) {
                let group = self.part(&self.groups).get(first.saturating_add(number));
                group.into_iter().for_each(|group| found(*group));
            }
        }
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

/// Texts, each after its length.
struct Texts<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Texts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.rest.split_first()?;
        let (text, rest) = rest.split_at_checked(usize::from(*length))?;
        self.rest = rest;
        Some(text)
    }
}

/// Names gathered for a list; the same name may stand in several groups.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    texts: String,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: u64,
    text: u32,
    length: u8,
    group: u8,
}

impl Gathered {
    /// Adds a name to a group; false where the list would grow too large to be kept.
    pub(super) fn add(&mut self, name: &str, group: u8) -> bool {
        let (Ok(text), Ok(length)) = (u32::try_from(self.texts.len()), u8::try_from(name.len()))
        else {
            return false;
        };
        self.texts.push_str(name);
        self.entries.push(Entry { hash: hash::of(name), text, length, group });
        true
    }

    /// Sorts the names into their buckets and leaves out what stands twice.
    pub(super) fn settle(&mut self) {
        let texts = &self.texts;
        let by_place = |entry: &Entry| (entry.hash, entry.group);
        self.entries.sort_unstable_by(|a, b| {
            by_place(a).cmp(&by_place(b)).then_with(|| text_of(texts, a).cmp(text_of(texts, b)))
        });
        self.entries
            .dedup_by(|a, b| by_place(a) == by_place(b) && text_of(texts, a) == text_of(texts, b));
    }

    /// Takes out names that the list itself spares. Must be settled.
    pub(super) fn take_out(&mut self, spared: &[String]) {
        let spared: HashSet<&str> = spared.iter().map(String::as_str).collect();
        let texts = &self.texts;
        self.entries.retain(|entry| !spared.contains(text_of(texts, entry)));
    }

    /// How many names a group has.
    pub(super) fn count(&self, group: u8) -> usize {
        self.entries.iter().filter(|entry| entry.group == group).count()
    }

    /// The bytes of the compiled list. Must be settled.
    pub(super) fn compile(&self, about: &ListAbout) -> Vec<u8> {
        let names = self.entries.len();
        let blocks = (names.saturating_mul(SIEVE_BITS) / (BLOCK * 8)).saturating_add(1);
        let buckets = (names / PER_BUCKET).saturating_add(1);
        let mut sieve = vec![0_u8; blocks.saturating_mul(BLOCK)];
        let mut directory = Vec::with_capacity(buckets.saturating_mul(8));
        let mut tags = Vec::with_capacity(names.saturating_mul(4));
        let mut groups = Vec::with_capacity(names);
        let mut texts: Vec<u8> = Vec::with_capacity(self.texts.len().saturating_add(names));
        let mut deepest = 0;
        let mut opened = 0_usize;
        for entry in &self.entries {
            while opened <= bucket_of(entry.hash, buckets) {
                push_place(&mut directory, groups.len(), texts.len());
                opened = opened.saturating_add(1);
            }
            let from = block_of(entry.hash, blocks);
            for (byte, bit) in sieve_bits(entry.hash) {
                if let Some(held) = sieve.get_mut(from.saturating_add(byte)) {
                    *held |= bit;
                }
            }
            let text = text_of(&self.texts, entry);
            deepest =
                deepest.max(text.bytes().filter(|byte| *byte == b'.').count().saturating_add(1));
            tags.extend(tag_of(entry.hash).to_le_bytes());
            groups.push(entry.group);
            texts.push(entry.length);
            texts.extend(text.as_bytes());
        }
        while opened <= buckets {
            push_place(&mut directory, groups.len(), texts.len());
            opened = opened.saturating_add(1);
        }
        let description = about.to_text();
        let mut checked = Vec::new();
        for number in [names, blocks, buckets, deepest] {
            checked.extend(u64::try_from(number).unwrap_or(u64::MAX).to_le_bytes());
        }
        for part in [description.as_bytes(), &sieve, &directory, &tags, &groups, &texts] {
            checked.extend(part);
        }
        let mut bytes = Vec::with_capacity(checked.len().saturating_add(CHECKED_FROM));
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(u32::try_from(description.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend(hash::checksum(&checked).to_le_bytes());
        bytes.extend(checked);
        bytes
    }
}

/// Writes a file whole or not at all: beside it first, to the disk, then in its place.
pub(super) fn write_whole(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = file.with_extension("new");
    let mut written = fs::File::create(&beside)?;
    written.write_all(bytes)?;
    written.sync_all()?;
    fs::rename(&beside, file)?;
    match file.parent() {
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

fn text_of<'t>(texts: &'t str, entry: &Entry) -> &'t str {
    let from = usize::try_from(entry.text).unwrap_or(usize::MAX);
    texts.get(from..from.saturating_add(usize::from(entry.length))).unwrap_or_default()
}

fn push_place(directory: &mut Vec<u8>, entry: usize, text: usize) {
    for place in [entry, text] {
        directory.extend(u32::try_from(place).unwrap_or(u32::MAX).to_le_bytes());
    }
}

/// The bucket by the upper half of the hash, so that sorted hashes are sorted buckets.
fn bucket_of(hash: u64, buckets: usize) -> usize {
    share(hash >> 32, buckets)
}

/// The tag by the lower half.
fn tag_of(hash: u64) -> u32 {
    u32::try_from(hash & 0xffff_ffff).unwrap_or_default()
}

/// Where the block of the sieve begins.
fn block_of(hash: u64, blocks: usize) -> usize {
    share(hash & 0xffff_ffff, blocks).saturating_mul(BLOCK)
}

/// The six bits of a block that a name sets: its byte and the bit.
fn sieve_bits(hash: u64) -> impl Iterator<Item = (usize, u8)> {
    let mixed = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (0..6_u32).map(move |probe| {
        let bits = (mixed >> probe.saturating_mul(9).saturating_add(10)) & 0x1ff;
        let byte = usize::try_from(bits >> 3).unwrap_or_default();
        (byte, 1_u8.wrapping_shl(u32::try_from(bits & 7).unwrap_or_default()))
    })
}

/// A number of 32 bits as a share of `count`.
fn share(number: u64, count: usize) -> usize {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    usize::try_from(number.saturating_mul(count) >> 32).unwrap_or_default()
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let eight = bytes.get(at..at.checked_add(8)?)?;
    Some(u64::from_le_bytes(eight.try_into().ok()?))
}
