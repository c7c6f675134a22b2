//! The rule set as a whole, against tables, a slow reference and lists of innocent names.

mod asked;
mod examples;
mod innocent;
mod loading;
mod packs;
mod protected;
mod silent;
mod speaking;
mod weighing;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::load::builtin_sources;
use crate::{Diagnostic, Loaded, RuleSet, Source};

/// The shipped packs alone.
fn builtin() -> &'static RuleSet {
    static SET: LazyLock<RuleSet> = LazyLock::new(|| RuleSet::builtin().unwrap().set);
    &SET
}

/// The shipped packs with one of a school's own.
pub(crate) fn with_own(text: &str) -> Result<Loaded, Vec<Diagnostic>> {
    let mut sources = builtin_sources();
    sources.push(Source { file: "school.toml".into(), text: text.into() });
    RuleSet::compile(&sources)
}

/// A school's own pack: a header that is in order, and what is added to it.
pub(crate) fn own_pack(reviewed: bool, rest: &str) -> String {
    let review = if reviewed { "reviewed = 2026-11-20\nreviewed_by = \"the lead\"" } else { "" };
    format!(
        "[pack]\nname = \"own\"\nowner = \"the lead\"\nrationale = \"a test\"\n\
         source = \"the school\"\nlicence = \"own\"\n{review}\n{rest}"
    )
}

/// The folder of long lists of others: that of `WARDLINE_LISTS`, else the one beside the
/// project. None where there is none, which is told, for a test then proves less.
pub(crate) fn long_lists() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/lists");
    let folder = std::env::var_os("WARDLINE_LISTS").map_or(beside, PathBuf::from);
    if !folder.is_dir() {
        println!("not run with long lists: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}

/// Every name that the shipped packs protect.
pub(crate) fn protected_names() -> std::collections::BTreeSet<String> {
    let mut names = std::collections::BTreeSet::new();
    for source in builtin_sources() {
        let pack: crate::written::PackWritten = toml::from_str(&source.text).unwrap();
        for group in pack.protected {
            names.extend(group.names.iter().map(|name| name.as_ref().clone()));
        }
    }
    names
}
