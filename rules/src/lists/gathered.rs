//! Names gathered for a list, sorted into their buckets and compiled.

use std::collections::{BTreeSet, HashSet};

use super::about::ListAbout;
use super::compiled::{HEAD, LINE, SPARED, mark_of, share, sieve_bits, write_head};
use super::hash;

/// Names to a word of the sieve, on average: a byte for each.
const PER_WORD: usize = 8;
/// Entries of a block, on average: few enough that its marks are of one line of the cache.
const PER_BLOCK: usize = 16;

/// A block never has so many entries but where somebody chose names for it.
const MOST_IN_BLOCK: u16 = 4_096;
const MADE_SLOW: &str = "Too many of its names fall together: it was made to be slow.";
/// What is said of a list that a compiled one has no room for.
pub(super) const TOO_LARGE: &str = "It holds more names than a list can.";

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
    /// Adds a name to a group; false where it is empty or the list would grow too large to
    /// be kept.
    pub(super) fn add(&mut self, name: &str, group: u8) -> bool {
        let (Ok(text), Ok(length @ 1..)) =
            (u32::try_from(self.texts.len()), u8::try_from(name.len()))
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

    /// Takes out names that the list itself lets through, with those below them where that
    /// is `above_all`, and marks those that a listed name would hold. Must be settled, and is
    /// settled after it.
    pub(super) fn spare(&mut self, spared: &BTreeSet<String>, above_all: bool) {
        if spared.is_empty() {
            return;
        }
        let texts = &self.texts;
        let is_spared = |entry: &Entry| {
            let mut zones = hash::zones(text_of(texts, entry)).map(|zone| zone.text);
            match above_all {
                true => zones.any(|zone| spared.contains(zone)),
                false => zones.last().is_some_and(|name| spared.contains(name)),
            }
        };
        self.entries.retain(|entry| !is_spared(entry));
        let listed: HashSet<&str> =
            self.entries.iter().map(|entry| text_of(texts, entry)).collect();
        let is_held = |name: &&String| hash::zones(name).any(|zone| listed.contains(zone.text));
        let held: Vec<&String> = spared.iter().filter(is_held).collect();
        for name in held {
            self.add(name, SPARED);
        }
        self.settle();
    }

    /// How many names a group has.
    pub(super) fn count(&self, group: u8) -> usize {
        self.entries.iter().filter(|entry| entry.group == group).count()
    }

    /// The bytes of the compiled list. Must be settled.
    ///
    /// # Errors
    /// It would grow too large to be kept, or was made so that asking it is slow.
    pub(super) fn compile(&self, about: &ListAbout) -> Result<Vec<u8>, &'static str> {
        let all = self.entries.len();
        let spared = self.count(SPARED);
        let names = all.saturating_sub(spared);
        let mut sieve = vec![0_u64; (all / PER_WORD).saturating_add(1)];
        for entry in &self.entries {
            let word = share(entry.hash, sieve.len());
            sieve.iter_mut().skip(word).take(1).for_each(|word| *word |= sieve_bits(entry.hash));
        }
        let count = (all / PER_BLOCK).saturating_add(1);
        let mut places: Vec<u32> = Vec::with_capacity(count.saturating_add(1));
        let room = all.saturating_mul(4).saturating_add(self.texts.len());
        let mut blocks: Vec<u8> = Vec::with_capacity(room);
        let mut deepest = 0;
        let mut rest = self.entries.as_slice();
        for number in 0..count {
            places.push(place(blocks.len())?);
            let here = rest.iter().take_while(|entry| share(entry.hash, count) == number).count();
            let (here, behind) = rest.split_at_checked(here).unwrap_or_default();
            rest = behind;
            let Ok(entries @ ..MOST_IN_BLOCK) = u16::try_from(here.len()) else {
                return Err(MADE_SLOW);
            };
            blocks.extend(entries.to_le_bytes());
            blocks.extend(here.iter().flat_map(|entry| mark_of(entry.length, entry.hash)));
            for entry in here {
                let text = text_of(&self.texts, entry);
                let dots = text.bytes().filter(|byte| *byte == b'.').count();
                deepest = deepest.max(dots.saturating_add(1));
                blocks.extend(text.as_bytes());
                blocks.push(entry.group);
            }
        }
        places.push(place(blocks.len())?);
        let mut description = about.to_text();
        while !description.len().saturating_add(HEAD).is_multiple_of(LINE) {
            description.push('\n');
        }
        let mut checked = Vec::new();
        for number in [names, spared, sieve.len(), count, deepest] {
            checked.extend(u64::try_from(number).unwrap_or(u64::MAX).to_le_bytes());
        }
        checked.extend(description.as_bytes());
        checked.extend(sieve.iter().flat_map(|word| word.to_le_bytes()));
        checked.extend(places.iter().flat_map(|place| place.to_le_bytes()));
        checked.extend(&blocks);
        Ok(write_head(description.len(), &checked))
    }
}

fn place(length: usize) -> Result<u32, &'static str> {
    u32::try_from(length).map_err(|_| TOO_LARGE)
}

fn text_of<'t>(texts: &'t str, entry: &Entry) -> &'t str {
    let from = usize::try_from(entry.text).unwrap_or(usize::MAX);
    texts.get(from..from.saturating_add(usize::from(entry.length))).unwrap_or_default()
}
