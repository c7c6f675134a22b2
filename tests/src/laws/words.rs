//! Laws about words in any text of the repository, whatever its format.

use super::{Fault, Text};

/// Words that have no place in what is handed over. In pieces, so that this file keeps
/// its own law.
const UNWANTED: &[(&str, &str, &str)] = &[
    (concat!("TO", "DO"), "unfinished work", "finish it, or leave it out and say so in the README"),
    (concat!("FIX", "ME"), "a known fault", "mend it, or write a test named after it"),
    (concat!("/wo", "rk/"), "a path of one machine", "use a path from the repository's root"),
    (concat!("/ro", "ot/"), "a path of one machine", "use a path from the repository's root"),
    (concat!("work", "tree"), "a workplace", "speak of the project alone"),
];

/// Where crates may come from.
const CRATES: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Every line with an unwanted word.
#[must_use]
pub fn unwanted_words(text: &Text) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, line) in text.text.lines().enumerate() {
        for (word, why, mend) in UNWANTED {
            if stands_alone(line, word) {
                faults.push(Fault::new(&text.path, at + 1, format!("`{word}` is {why}"), *mend));
            }
        }
    }
    faults
}

/// Whether `word` stands in `line` with no letter on either side.
fn stands_alone(line: &str, word: &str) -> bool {
    let is_path = word.starts_with('/');
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let inside_path = before.is_some_and(|c| c.is_alphanumeric() || ".-_~}".contains(c));
        let inside_word = [before, after].into_iter().flatten().any(char::is_alphabetic);
        if is_path { !inside_path } else { !inside_word }
    })
}

/// Every package of the lock file that comes from elsewhere than crates.io.
#[must_use]
pub fn foreign_registries(lock: &Text) -> Vec<Fault> {
    lock.text
        .lines()
        .enumerate()
        .filter_map(|(at, line)| {
            Some((at, line.strip_prefix("source = \"")?.trim_end_matches('"')))
        })
        .filter(|(_, source)| *source != CRATES)
        .map(|(at, source)| {
            Fault::new(
                &lock.path,
                at + 1,
                format!("a package from `{source}`"),
                "take packages from crates.io only",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_found(text: &str) -> Vec<usize> {
        let text = Text { path: "README.md".into(), text: text.into() };
        unwanted_words(&text).into_iter().map(|fault| fault.line).collect()
    }

    #[test]
    fn unwanted_words_are_found_in_any_text() {
        for (word, _, _) in UNWANTED {
            assert_eq!(lines_found(&format!("fine\nsee {word}: x\n")), [2], "{word}");
        }
    }

    #[test]
    fn a_word_inside_another_is_another_word() {
        assert_eq!(lines_found("a TODOS list\nhome/work/shop\nframework/x\n"), [0_usize; 0]);
    }

    #[test]
    fn a_package_from_elsewhere_is_found() {
        let lock = |source: &str| Text {
            path: "Cargo.lock".into(),
            text: format!("name = \"serde\"\nsource = \"{source}\"\n"),
        };
        assert_eq!(foreign_registries(&lock(CRATES)), []);
        let faults = foreign_registries(&lock("git+https://code.example/serde"));
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [2]);
    }
}
