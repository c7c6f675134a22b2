//! What was watched when the daemon stopped: kept beside the records, so that rules changed
//! between two runs are compared as those are that change under way.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use ring::digest;
use rules::RuleSet;
use serde::{Deserialize, Serialize};

use crate::config::Ground;

/// Bits of what tells a kept text apart.
const MARK_BITS: u32 = 48;

/// Where it is kept, and what of the configuration counts.
pub struct Remembered {
    file: PathBuf,
    ground: Ground,
}

/// As it stands in the file.
#[derive(Serialize, Deserialize)]
struct Kept {
    rules: String,
    ground: BTreeMap<String, String>,
}

impl Remembered {
    /// Keeps it in a file.
    #[must_use]
    pub const fn new(file: PathBuf, ground: Ground) -> Self {
        Self { file, ground }
    }

    /// What is watched less than when it was kept last, in sentences. `mark` is what the
    /// record says of the text that was kept; none where it says nothing.
    pub(super) fn lowered(&self, rules: &RuleSet, mark: Option<u64>) -> Vec<String> {
        let text = fs::read_to_string(&self.file).ok();
        let text = text.filter(|text| mark.is_none_or(|mark| mark_of(text) == mark));
        let Some(kept) = text.and_then(|text| toml::from_str::<Kept>(&text).ok()) else {
            // A record from before anything was kept has no mark, and no file.
            let unknown = "What was watched before this start is not known: what was kept of it is \
                           gone or was changed.";
            return mark.map(|_| unknown.to_owned()).into_iter().collect();
        };
        let mut said = rules.lowered_since_kept(&kept.rules).unwrap_or_else(|| {
            vec!["What was watched before this start can not be compared any more.".to_owned()]
        });
        let before = Ground::from_kept(kept.ground);
        let changed = self.ground.changed_since(&before);
        if !changed.is_empty() {
            said.push(format!(
                "What decides how a match weighs was changed in the configuration: {}.",
                changed.join(", ")
            ));
        }
        said
    }

    /// Keeps what is watched now, whole or not at all, and gives what tells it apart.
    pub(super) fn keep(&self, rules: &RuleSet) -> io::Result<u64> {
        let kept = Kept { rules: rules.kept(), ground: self.ground.to_keep().clone() };
        let text = toml::to_string(&kept).map_err(io::Error::other)?;
        let mark = mark_of(&text);
        if fs::read_to_string(&self.file).is_ok_and(|held| held == text) {
            return Ok(mark);
        }
        let beside = self.file.with_extension("new");
        let mut file = fs::File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, &self.file)?;
        Ok(mark)
    }
}

fn mark_of(text: &str) -> u64 {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    let first = digest.as_ref().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    first >> (u64::BITS - MARK_BITS)
}
