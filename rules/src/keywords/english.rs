//! How common words of English are, for finding where run-together words part.

use std::sync::LazyLock;

use super::trie::Trie;

/// After `= N` stand words of cost N.
const ENGLISH: &str = include_str!("../../words/english.txt");
/// Words that the list lacks, at one cost.
const OWN: &str = include_str!("../../words/own.txt");
/// What a word costs that stands in `own.txt`, or in a rule and in no list.
pub(super) const OWN_COST: u32 = 24;

/// The words with their costs: minus twice the natural logarithm of their chance. Read
/// once in a process.
pub(super) fn english() -> &'static Trie {
    static WORDS: LazyLock<Trie> = LazyLock::new(|| Trie::build(costs(ENGLISH).chain(own())));
    &WORDS
}

fn costs(text: &'static str) -> impl Iterator<Item = (&'static str, u32)> {
    let mut cost = OWN_COST;
    lines(text).flat_map(move |line| {
        let (number, words) = match line.strip_prefix("= ") {
            Some(number) => (number.trim(), ""),
            None => ("", line),
        };
        cost = number.parse().unwrap_or(cost);
        words.split_whitespace().map(move |word| (word, cost))
    })
}

fn own() -> impl Iterator<Item = (&'static str, u32)> {
    lines(OWN).flat_map(str::split_whitespace).map(|word| (word, OWN_COST))
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_words_cost_less_than_rare_ones() {
        let cost = |word: &str| english().find(word.as_bytes());
        assert_eq!(cost("the"), Some(6));
        assert!(cost("free") < cost("casino") && cost("casino") < cost("scunthorpe"));
        assert_eq!(cost("penistone"), Some(OWN_COST));
        assert_eq!(cost("qzx"), None);
        assert!(costs(ENGLISH).count() > 100_000);
    }
}
