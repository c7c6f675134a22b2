//! The shipped packs, and the folder of a school's own beside them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Fault, Gravity};
use crate::lists::{LIST_ENDING, LIST_FOLDER, ListFile};
use crate::pack::Source;
use crate::set::{Loaded, RuleSet};

/// The longest rule file that is read, in bytes: far more than people write.
const LONGEST_FILE: u64 = 4 << 20;
/// The most rule files in a folder.
const MOST_FILES: usize = 256;

/// A shipped pack.
macro_rules! builtin {
    ($($file:literal),* $(,)?) => {
        [$((concat!("builtin/", $file), include_str!(concat!("../builtin/", $file)))),*]
    };
}

const BUILTIN: [(&str, &str); 17] = builtin![
    "protected.toml",
    "adult.toml",
    "ai.toml",
    "bypass.toml",
    "companions.toml",
    "copying.toml",
    "dating.toml",
    "drugs.toml",
    "encrypted-dns.toml",
    "files.toml",
    "gambling.toml",
    "games.toml",
    "grave-words.toml",
    "messaging.toml",
    "ordinary.toml",
    "social.toml",
    "strangers.toml",
];

impl RuleSet {
    /// Compiles the shipped packs alone.
    ///
    /// # Errors
    /// Never with a released product: a test compiles them.
    pub fn builtin() -> Result<Loaded, Vec<Diagnostic>> {
        Self::compile(&builtin_sources())
    }

    /// Compiles the shipped packs with others.
    ///
    /// # Errors
    /// Every fault of every file at once.
    pub fn with_packs(packs: Vec<Source>) -> Result<Loaded, Vec<Diagnostic>> {
        let mut sources = builtin_sources();
        sources.extend(packs);
        Self::compile(&sources)
    }

    /// Compiles the shipped packs with every `*.toml` of a school's own folder, in the
    /// order of their names. A folder that does not exist holds nothing.
    ///
    /// # Errors
    /// Every fault of every file at once; the caller keeps the set it has.
    pub fn load(folder: Option<&Path>) -> Result<Loaded, Vec<Diagnostic>> {
        let mut sources = builtin_sources();
        let mut unread = Vec::new();
        let mut compiled = Vec::new();
        if let Some(folder) = folder {
            read_folder(folder, &mut sources, &mut unread);
            read_lists(&folder.join(LIST_FOLDER), &mut compiled, &mut unread);
        }
        match Self::compile_with_lists(&sources, compiled) {
            Ok(mut loaded) if unread.iter().all(|found| found.gravity == Gravity::Note) => {
                loaded.notes.extend(unread);
                Ok(loaded)
            }
            Ok(_) => Err(unread),
            Err(mut diagnostics) => {
                diagnostics.extend(unread);
                Err(diagnostics)
            }
        }
    }
}

/// The texts of the shipped packs.
pub(crate) fn builtin_sources() -> Vec<Source> {
    BUILTIN
        .iter()
        .map(|(file, text)| Source { file: (*file).into(), text: (*text).into() })
        .collect()
}

fn read_folder(folder: &Path, sources: &mut Vec<Source>, unread: &mut Vec<Diagnostic>) {
    let files = match files_ending_in(folder, "toml") {
        Ok(files) => files,
        Err(error) => {
            unread.push(can_not_read(folder, &error.to_string()));
            return;
        }
    };
    if files.len() > MOST_FILES {
        unread.push(can_not_read(folder, &format!("it holds more than {MOST_FILES} rule files")));
        return;
    }
    for file in misspelt(folder) {
        let mut note = can_not_read(&file, "");
        note.sentence = "It is not read: a rule file ends in “.toml”, in small letters.".into();
        note.mend = "Rename it, or take it out of the folder.".into();
        note.gravity = Gravity::Note;
        unread.push(note);
    }
    for file in files {
        match read_file(&file) {
            Ok(text) => sources.push(Source { file: file.display().to_string(), text }),
            Err(why) => unread.push(can_not_read(&file, &why)),
        }
    }
}

/// Reads the compiled lists. A damaged one keeps the whole new set out: what was judged by
/// it would be judged by nothing, without a word.
fn read_lists(folder: &Path, compiled: &mut Vec<ListFile>, unread: &mut Vec<Diagnostic>) {
    let files = match files_ending_in(folder, LIST_ENDING) {
        Ok(files) => files,
        Err(error) => {
            unread.push(can_not_read(folder, &error.to_string()));
            return;
        }
    };
    for file in files {
        match ListFile::open(&file) {
            Ok(list) => compiled.push(list),
            Err(no) => unread.push(Diagnostic { sentence: no.sentence, ..can_not_read(&file, "") }),
        }
    }
}

/// Files that look like rule files and are not read, because their ending is written in
/// another way.
fn misspelt(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            ending != "toml" && ending.eq_ignore_ascii_case("toml")
        })
        .collect();
    files.sort();
    files
}

fn files_ending_in(folder: &Path, wanted: &str) -> std::io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == wanted) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read_file(file: &Path) -> Result<String, String> {
    let length = fs::metadata(file).map_err(|error| error.to_string())?.len();
    if length > LONGEST_FILE {
        return Err(format!("it is longer than {} MiB", LONGEST_FILE >> 20));
    }
    let bytes = fs::read(file).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "it is not text in UTF-8".to_owned())
}

fn can_not_read(path: &Path, why: &str) -> Diagnostic {
    let fault = Fault {
        span: None,
        key: String::new(),
        sentence: format!("It can not be read: {why}."),
        mend: "Mend it or take it out of the folder; the rules loaded before stay.".into(),
    };
    fault.locate(&path.display().to_string(), "")
}
