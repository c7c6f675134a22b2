//! A compiled list: one immutable file in which a name of millions is found by two reads.
//!
//! Layout, all numbers little-endian: `WARDLIST`, version (u32), length of the description
//! (u32), checksum of all that follows (u64), names (u64), buckets (u64), deepest labels
//! (u64); the description (TOML); the buckets and an empty one after the last, 64 bytes
//! each: the place of its first record (u32) and thirty tags (u16, 0 where there is no
//! entry); the records, bucket after bucket (length u8, group u8, text).
//!
//! A name's hash chooses a bucket, which is one cache line and has some sixteen entries. A
//! tag that agrees is proven by the text, so no two names are ever taken for one another;
//! where none agrees, and for all but one in four thousand of the names that are not here
//! none does, the first read was the only one. Of a bucket with more than thirty entries,
//! one in a thousand, the texts behind the thirtieth are always read.
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
const VERSION: u32 = 2;
/// Bytes before the description.
const HEAD: usize = 48;
/// Where the checksum stands, which covers all after it.
const CHECKED_FROM: usize = 24;
/// Entries of a bucket, on average: few enough that a text is soon reached.
const PER_BUCKET: usize = 16;
/// Bytes of a bucket: one cache line.
const BUCKET: usize = 64;
/// Bytes of a bucket before its tags.
const BEFORE_TAGS: usize = 4;
/// Entries of a bucket that have a tag.
const TAGS: usize = (BUCKET - BEFORE_TAGS) / 2;

/// A compiled list in memory.
pub struct ListFile {
    about: ListAbout,
    bytes: Vec<u8>,
    names: usize,
    deepest: usize,
    buckets: Range<usize>,
    records: Range<usize>,
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
        let (names, buckets, deepest) = (number(24)?, number(32)?, number(40)?);
        let mut sections = Sections { at: HEAD };
        let description = sections.next(described, 1)?;
        let buckets = sections.next(buckets.checked_add(1).ok_or(SHORT)?, BUCKET)?;
        let records = buckets.end..bytes.len();
        if buckets.end > bytes.len() || buckets.len() <= BUCKET {
            return Err(SHORT);
        }
        let about = bytes
            .get(description)
            .and_then(|text| std::str::from_utf8(text).ok())
            .and_then(ListAbout::from_text)
            .ok_or("Its description can not be read: import the list again.")?;
        Ok(Self { about, bytes, names, deepest, buckets, records })
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
        (self.bytes.len(), self.buckets.len())
    }

    /// Calls `found` with the group of each entry at or above a name. Allocates nothing.
    pub fn find(&self, name: Name<'_>, mut found: impl FnMut(u8)) {
        let mut labels = 0_usize;
        hash::for_each_zone(name.as_str(), |zone, hash| {
            labels = labels.saturating_add(1);
            if labels <= self.deepest {
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
        for (text, group) in (Records { rest: self.part(&self.records) }) {
            entry(std::str::from_utf8(text).unwrap_or_default(), group);
        }
    }

    fn find_zone(&self, zone: &str, hash: u64, found: &mut impl FnMut(u8)) {
        let number = bucket_of(hash, (self.buckets.len() / BUCKET).saturating_sub(1));
        let Some(bucket) = self.bucket(number) else { return };
        let tag = tag_of(hash);
        let mut here = |mut records: Records<'_>, entry| {
            if let Some((text, group)) = records.nth(entry)
                && text == zone.as_bytes()
            {
                found(group);
            }
        };
        let mut agreeing = agreeing(bucket, tag);
        while agreeing != 0 {
            here(self.records_of(bucket), number_of(agreeing.trailing_zeros()));
            agreeing &= agreeing.wrapping_sub(1);
        }
        if is_full(bucket) {
            let next = self.bucket(number.saturating_add(1)).map(|next| self.records_of(next));
            let ends_at = next.map_or(0, |next| next.rest.len());
            let mut untagged = self.records_of(bucket);
            untagged.by_ref().take(TAGS).for_each(|_| ());
            while untagged.rest.len() > ends_at {
                here(untagged.clone(), 0);
                untagged.next();
            }
        }
    }

    fn bucket(&self, number: usize) -> Option<&[u8]> {
        let from = self.buckets.start.checked_add(number.checked_mul(BUCKET)?)?;
        self.bytes.get(from..from.checked_add(BUCKET)?)
    }

    /// The records from the first of a bucket on.
    fn records_of(&self, bucket: &[u8]) -> Records<'_> {
        let from = u32_at(bucket, 0).and_then(|place| usize::try_from(place).ok());
        let records = self.part(&self.records);
        Records { rest: from.and_then(|from| records.get(from..)).unwrap_or_default() }
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

/// Texts with their groups, each after its length.
#[derive(Clone)]
struct Records<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Records<'a> {
    type Item = (&'a [u8], u8);

    fn next(&mut self) -> Option<Self::Item> {
        let (length, rest) = self.rest.split_first()?;
        let (group, rest) = rest.split_first()?;
        let (text, rest) = rest.split_at_checked(usize::from(*length))?;
        self.rest = rest;
        Some((text, *group))
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
        let count = (names / PER_BUCKET).saturating_add(1);
        let mut buckets = Vec::with_capacity(count.saturating_add(1).saturating_mul(BUCKET));
        let room = names.saturating_mul(2).saturating_add(self.texts.len());
        let mut records: Vec<u8> = Vec::with_capacity(room);
        let mut deepest = 0;
        let mut rest = self.entries.iter().peekable();
        for number in 0..=count {
            let place = u32::try_from(records.len()).unwrap_or(u32::MAX);
            buckets.extend(place.to_le_bytes());
            let mut tags = [0_u8; 2 * TAGS];
            let mut free = tags.chunks_exact_mut(2);
            while let Some(entry) = rest.next_if(|next| bucket_of(next.hash, count) == number) {
                if let Some(tag) = free.next() {
                    tag.copy_from_slice(&tag_of(entry.hash).to_le_bytes());
                }
                let text = text_of(&self.texts, entry);
                let dots = text.bytes().filter(|byte| *byte == b'.').count();
                deepest = deepest.max(dots.saturating_add(1));
                records.extend([entry.length, entry.group]);
                records.extend(text.as_bytes());
            }
            buckets.extend(tags);
        }
        let description = about.to_text();
        let mut checked = Vec::new();
        for number in [names, count, deepest] {
            checked.extend(u64::try_from(number).unwrap_or(u64::MAX).to_le_bytes());
        }
        for part in [description.as_bytes(), &buckets, &records] {
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
        Some(folder) if folder.as_os_str().is_empty() => fs::File::open(".")?.sync_all(),
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

fn text_of<'t>(texts: &'t str, entry: &Entry) -> &'t str {
    let from = usize::try_from(entry.text).unwrap_or(usize::MAX);
    texts.get(from..from.saturating_add(usize::from(entry.length))).unwrap_or_default()
}

/// The bucket by the upper half of the hash, so that sorted hashes are sorted buckets.
fn bucket_of(hash: u64, buckets: usize) -> usize {
    share(hash >> 32, buckets)
}

/// The tag by the lowest bits; 0 means that there is no entry.
fn tag_of(hash: u64) -> u16 {
    u16::try_from(hash & 0xffff).unwrap_or_default().max(1)
}

/// A bit for each entry of a bucket whose tag is this one.
fn agreeing(bucket: &[u8], tag: u16) -> u32 {
    let tags = bucket.get(BEFORE_TAGS..).unwrap_or_default().chunks_exact(2);
    let tag = tag.to_le_bytes();
    tags.rev().fold(0, |bits, held| bits.wrapping_shl(1) | u32::from(held == tag))
}

/// Whether a bucket has a tag in every place, and so perhaps entries without one.
fn is_full(bucket: &[u8]) -> bool {
    bucket.last_chunk() != Some(&[0, 0])
}

fn number_of(bit: u32) -> usize {
    usize::try_from(bit).unwrap_or(usize::MAX)
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
