//! Words of small letters as a tree of letters, walked one letter at a time.

use std::collections::VecDeque;
use std::ops::Range;

/// A set of words, each with a number.
///
/// The children of a node stand side by side in the order of their letters, so a node
/// needs only the place of the first and which letters there are: twelve bytes each.
#[derive(Debug, Default)]
pub(super) struct Trie {
    nodes: Vec<Node>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Node {
    first: u32,
    letters: u32,
    /// The word's number and one; zero where no word ends here.
    word: u32,
}

/// A place in the tree: the letters that were walked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place(u32);

/// The words of a node still to be placed, and how many letters they share.
struct Task {
    node: usize,
    words: Range<usize>,
    shared: usize,
}

impl Trie {
    /// Builds the tree. Words with anything but small letters are left out; of two equal
    /// words the first holds.
    pub(super) fn build<W: AsRef<str>>(words: impl IntoIterator<Item = (W, u32)>) -> Self {
        let mut words: Vec<(W, u32)> = words
            .into_iter()
            .filter(|(word, _)| {
                let word = word.as_ref();
                !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase())
            })
            .collect();
        words.sort_by(|a, b| a.0.as_ref().cmp(b.0.as_ref()));
        words.dedup_by(|later, first| later.0.as_ref() == first.0.as_ref());
        let mut nodes = vec![Node::default()];
        let mut tasks = VecDeque::from([Task { node: 0, words: 0..words.len(), shared: 0 }]);
        while let Some(task) = tasks.pop_front() {
            place(&words, &task, &mut nodes, &mut tasks);
        }
        nodes.shrink_to_fit();
        Self { nodes }
    }

    /// The place before any letter.
    pub(super) const fn root() -> Place {
        Place(0)
    }

    /// The place one letter on; none where no word goes on so.
    pub(super) fn walk(&self, from: Place, letter: u8) -> Option<Place> {
        let node = self.node(from)?;
        let bit = bit(letter)?;
        if node.letters & bit == 0 {
            return None;
        }
        let before = (node.letters & bit.wrapping_sub(1)).count_ones();
        Some(Place(node.first.saturating_add(before)))
    }

    /// The number of the word that ends here.
    pub(super) fn word(&self, at: Place) -> Option<u32> {
        self.node(at)?.word.checked_sub(1)
    }

    /// The number of a whole word.
    pub(super) fn find(&self, word: &[u8]) -> Option<u32> {
        let mut at = Self::root();
        for letter in word {
            at = self.walk(at, *letter)?;
        }
        self.word(at)
    }

    fn node(&self, at: Place) -> Option<&Node> {
        self.nodes.get(usize::try_from(at.0).ok()?)
    }
}

/// Places the words of one task and lines up its children, side by side.
fn place<W: AsRef<str>>(
    words: &[(W, u32)],
    task: &Task,
    nodes: &mut Vec<Node>,
    tasks: &mut VecDeque<Task>,
) {
    let mut node =
        Node { first: u32::try_from(nodes.len()).unwrap_or(u32::MAX), ..Node::default() };
    let mut from = task.words.start;
    let ends_here = words.get(from).filter(|(word, _)| word.as_ref().len() == task.shared);
    if let Some((_, number)) = ends_here {
        node.word = number.saturating_add(1);
        from = from.saturating_add(1);
    }
    let letter_of = |at: usize| words.get(at)?.0.as_ref().as_bytes().get(task.shared).copied();
    while from < task.words.end {
        let Some(letter) = letter_of(from) else { break };
        let rest = words.get(from..task.words.end).unwrap_or_default();
        let same = rest
            .partition_point(|(word, _)| word.as_ref().as_bytes().get(task.shared) == Some(&letter))
            .max(1);
        let to = from.saturating_add(same);
        node.letters |= bit(letter).unwrap_or_default();
        let shared = task.shared.saturating_add(1);
        tasks.push_back(Task { node: nodes.len(), words: from..to, shared });
        nodes.push(Node::default());
        from = to;
    }
    if let Some(slot) = nodes.get_mut(task.node) {
        *slot = node;
    }
}

fn bit(letter: u8) -> Option<u32> {
    letter.is_ascii_lowercase().then(|| 1_u32.wrapping_shl(u32::from(letter.wrapping_sub(b'a'))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_with_its_number_and_nothing_else_is() {
        let words = ["bet", "a", "bets", "better", "zoo", "bet", "Bad", "", "abc"];
        let numbered = words.iter().zip(0_u32..).map(|(word, at)| ((*word).to_owned(), at));
        let trie = Trie::build(numbered);
        for (word, at) in words.iter().zip(0_u32..) {
            let expected = match *word {
                "bet" => Some(0),
                "Bad" | "" => None,
                _ => Some(at),
            };
            assert_eq!(trie.find(word.as_bytes()), expected, "{word}");
        }
        for word in ["be", "betterr", "b", "zo", "ab", "\u{e9}", "bet-"] {
            assert_eq!(trie.find(word.as_bytes()), None, "{word}");
        }
        assert_eq!(Trie::default().find(b"a"), None);
    }
}
