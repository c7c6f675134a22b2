//! What of a configuration decides whether and how much a match weighs, told apart by digests:
//! it changes with a restart only, and a second person must know that it did.

use std::collections::{BTreeMap, BTreeSet};

use ring::digest;

/// The sections, each with a digest of what stands in it, however it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ground(BTreeMap<String, String>);

/// The sections, and the keys where not the whole section counts.
const SECTIONS: [(&str, Option<&str>); 5] = [
    ("calendar", None),
    ("capture", None),
    ("network", None),
    ("rules", None),
    ("school", Some("profile")),
];
/// Bytes of a digest that are kept: enough to tell two versions apart.
const KEPT: usize = 16;

impl Ground {
    /// Reads the text of a valid configuration.
    pub(super) fn of(text: &str) -> Self {
        let root: toml::Table = text.parse().unwrap_or_default();
        let part = |(section, key): (&str, Option<&str>)| {
            let section_value = root.get(section);
            let value = key.map_or(section_value, |key| section_value?.get(key));
            let name = key.map_or(section.to_owned(), |key| format!("{section}.{key}"));
            Some((name, digest_of(&value?.to_string())))
        };
        Self(SECTIONS.into_iter().filter_map(part).collect())
    }

    /// The ground that was kept.
    #[must_use]
    pub const fn from_kept(kept: BTreeMap<String, String>) -> Self {
        Self(kept)
    }

    /// The sections with their digests, to be kept.
    #[must_use]
    pub const fn to_keep(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// The sections that are not as they were, came in or fell away.
    #[must_use]
    pub fn changed_since<'g>(&'g self, before: &'g Self) -> Vec<&'g str> {
        let names: BTreeSet<&String> = self.0.keys().chain(before.0.keys()).collect();
        let differs = |name: &&String| self.0.get(*name) != before.0.get(*name);
        names.into_iter().filter(differs).map(String::as_str).collect()
    }
}

fn digest_of(text: &str) -> String {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    digest.as_ref().iter().take(KEPT).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../../packaging/config/wardline.toml");

    #[test]
    fn what_decides_a_weight_is_told_apart_and_remarks_are_not() {
        let ground = Ground::of(EXAMPLE);
        assert_eq!(ground.0.len(), 5, "{ground:?}");
        let with = |from: &str, to: &str| {
            assert!(EXAMPLE.contains(from), "{from}");
            Ground::of(&EXAMPLE.replacen(from, to, 1))
        };
        let remark = Ground::of(&format!("# A remark.\n{EXAMPLE}"));
        assert!(remark.changed_since(&ground).is_empty());
        assert!(with("port = 587", "port = 588").changed_since(&ground).is_empty());
        let other = with("profile = \"ks2\"", "profile = \"ks5\"");
        assert_eq!(other.changed_since(&ground), ["school.profile"]);
        assert_eq!(Ground::default().changed_since(&ground).len(), 5);
        assert_eq!(ground.changed_since(&Ground::default()).len(), 5);
        let kept = Ground::from_kept(ground.to_keep().clone());
        assert!(kept.changed_since(&ground).is_empty());
    }
}
