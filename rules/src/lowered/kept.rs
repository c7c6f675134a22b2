//! A set as it is kept for the next start of the program, to be compared with what is read
//! then: rule files whole, of lists only how many names their groups hold.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::lists::ListFile;
use crate::pack::Source;
use crate::set::RuleSet;

/// As it stands in the file.
#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(default)]
    source: Vec<SourceKept>,
    #[serde(default)]
    list: Vec<ListKept>,
}

#[derive(Serialize, Deserialize)]
struct SourceKept {
    file: String,
    text: String,
}

#[derive(Serialize, Deserialize)]
struct ListKept {
    digest: String,
    about: String,
}

impl RuleSet {
    /// A text by which a later set can be compared with this one.
    #[must_use]
    pub fn kept(&self) -> String {
        let source =
            |source: &Source| SourceKept { file: source.file.clone(), text: source.text.clone() };
        let list =
            |list: &ListFile| ListKept { digest: list.digest(), about: list.about().to_text() };
        let kept = Kept {
            source: self.sources.iter().map(source).collect(),
            list: self.lists.iter().map(|held| list(&held.file)).collect(),
        };
        toml::to_string(&kept).unwrap_or_default()
    }

    /// What this set watches less than the one that was kept; none where the text can not
    /// be read as a set any more.
    #[must_use]
    pub fn lowered_since_kept(&self, text: &str) -> Option<Vec<String>> {
        let kept: Kept = toml::from_str(text).ok()?;
        let sources = kept.source.into_iter();
        let sources: Vec<Source> =
            sources.map(|kept| Source { file: kept.file, text: kept.text }).collect();
        let lists = kept.list.iter().map(|kept| self.list_as_kept(kept)).collect::<Option<_>>()?;
        let before = Self::compile_all(&sources, lists).ok()?.set;
        Some(self.lowered_since(&before))
    }

    /// The list itself where it is still the same, else one of as many names that knows none.
    fn list_as_kept(&self, kept: &ListKept) -> Option<Arc<ListFile>> {
        let same = self.lists.iter().find(|held| held.file.digest() == kept.digest);
        match same {
            Some(held) => Some(Arc::clone(&held.file)),
            None => ListFile::hollow(&kept.about).map(Arc::new),
        }
    }
}
