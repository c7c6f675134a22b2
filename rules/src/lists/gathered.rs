//! Names gathered for a list, sorted into their buckets and compiled.

use std::collections::HashSet;

use super::about::ListAbout;
use super::compiled::{HEAD, LINE, mark_of, share, sieve_bits, write_head};
use super::hash;

/// Names to a word of the sieve, on average: a byte for each.
const PER_WORD: usize = 8;
/// Entries of a block, on average: few enough that its marks are of one line of the cache.
const PER_BLOCK: usize = 16;

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
    ///
    /// None where it would grow too large to be kept.
    pub(super) fn compile(&self, about: &ListAbout) -> Option<Vec<u8>> {
        let names = self.entries.len();
        let mut sieve = vec![0_u64; (names / PER_WORD).saturating_add(1)];
        for entry in &self.entries {
            let word = share(entry.hash, sieve.len());
            sieve.iter_mut().skip(word).take(1).for_each(|word| *word |= sieve_bits(entry.hash));
        }
        let count = (names / PER_BLOCK).saturating_add(1);
        let mut places: Vec<u32> = Vec::with_capacity(count.saturating_add(1));
        let room = names.saturating_mul(4).saturating_add(self.texts.len());
        let mut blocks: Vec<u8> = Vec::with_capacity(room);
        let mut deepest = 0;
        let mut rest = self.entries.as_slice();
        for number in 0..count {
            places.push(u32::try_from(blocks.len()).ok()?);
            let here = rest.iter().take_while(|entry| share(entry.hash, count) == number).count();
            let (here, behind) = rest.split_at_checked(here)?;
            rest = behind;
            blocks.extend(u16::try_from(here.len()).ok()?.to_le_bytes());
            blocks.extend(here.iter().flat_map(|entry| mark_of(entry.length, entry.hash)));
            for entry in here {
                let text = text_of(&self.texts, entry);
                let dots = text.bytes().filter(|byte| *byte == b'.').count();
                deepest = deepest.max(dots.saturating_add(1));
                blocks.extend(text.as_bytes());
                blocks.push(entry.group);
            }
        }
        places.push(u32::try_from(blocks.len()).ok()?);
        let mut description = about.to_text();
        while !description.len().saturating_add(HEAD).is_multiple_of(LINE) {
            description.push('\n');
        }
        let mut checked = Vec::new();
        for number in [names, sieve.len(), count, deepest] {
            checked.extend(u64::try_from(number).ok()?.to_le_bytes());
        }
        checked.extend(description.as_bytes());
        checked.extend(sieve.iter().flat_map(|word| word.to_le_bytes()));
        checked.extend(places.iter().flat_map(|place| place.to_le_bytes()));
        checked.extend(&blocks);
        Some(write_head(description.len(), &checked))
    }
}

fn text_of<'t>(texts: &'t str, entry: &Entry) -> &'t str {
    let from = usize::try_from(entry.text).unwrap_or(usize::MAX);
    texts.get(from..from.saturating_add(usize::from(entry.length))).unwrap_or_default()
}
