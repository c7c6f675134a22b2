//! The repository's own files, as the laws see them.

use std::fs;
use std::path::{Path, PathBuf};

use super::source::{Source, mark_declared_tests};

/// A text file of the repository.
#[derive(Clone, Debug)]
pub struct Text {
    /// The path from the repository's root, with `/`.
    pub path: String,
    /// The text as it stands.
    pub text: String,
}

/// Folders that are not the repository's: what the compiler makes and what git keeps.
const NOT_OURS: [&str; 3] = ["target", ".git", "node_modules"];

/// The repository's root.
///
/// # Panics
/// Panics where this crate has no folder above it.
#[must_use]
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the tests crate lies in the repository").to_owned()
}

/// Every file of the repository that is text in UTF-8, by path.
///
/// # Panics
/// Panics where a folder or file can not be read.
#[must_use]
pub fn repository() -> Vec<Text> {
    let root = root();
    let mut texts = Vec::new();
    gather(&root, &root, &mut texts);
    texts.sort_by(|a, b| a.path.cmp(&b.path));
    texts
}

/// Every Rust file among them, with its tests known.
#[must_use]
pub fn sources(texts: &[Text]) -> Vec<Source> {
    let rust = texts.iter().filter(|text| text.path.ends_with(".rs"));
    let mut sources: Vec<_> = rust.map(|text| Source::read(&text.path, &text.text)).collect();
    mark_declared_tests(&mut sources);
    sources
}

fn gather(root: &Path, folder: &Path, texts: &mut Vec<Text>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries {
        let path = entry.expect("an entry of a folder").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_symlink() || NOT_OURS.contains(&name) {
            continue;
        }
        if path.is_dir() {
            gather(root, &path, texts);
        } else if let Ok(text) = String::from_utf8(fs::read(&path).expect("a readable file")) {
            let path = path.strip_prefix(root).expect("below the root").to_string_lossy();
            texts.push(Text { path: path.into_owned(), text });
        }
    }
}
