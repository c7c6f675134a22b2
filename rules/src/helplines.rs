//! What places of help are called: no word rule may be about them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::written::PackWritten;

/// The shipped pack of protected names.
const PROTECTED: &str = include_str!("../builtin/protected.toml");
/// Shorter ones are everyday letters, as `mind` and `akt`.
const SHORTEST: usize = 5;

/// Whether a word is the name by which a protected site is known: the label left of its
/// public ending, with or without hyphens.
pub(crate) fn is_a_helplines_name(word: &str) -> bool {
    static NAMES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let Ok(pack) = toml::from_str::<PackWritten>(PROTECTED) else { return BTreeSet::new() };
        let names = pack.protected.iter().flat_map(|group| &group.names);
        let labels = names.filter_map(|name| {
            let name = name.as_ref();
            let ending = psl::suffix_str(name)?;
            let label = name.strip_suffix(ending)?.strip_suffix('.')?.rsplit('.').next()?;
            Some(label.replace('-', ""))
        });
        labels.filter(|label| label.len() >= SHORTEST).collect()
    });
    NAMES.contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_helpline_is_known_by_its_name_and_everyday_words_are_not() {
        for word in ["childline", "samaritans", "kooth", "stonewall", "talktofrank", "papyrusuk"] {
            assert!(is_a_helplines_name(word), "{word}");
        }
        for word in ["casino", "mind", "vapes", "unblocked", ""] {
            assert!(!is_a_helplines_name(word), "{word}");
        }
    }
}
