//! Laws about files as wholes: length, opening sentence, name, number.

use super::{Fault, Source, Text};

/// The longest file a reader is asked to hold in mind, in lines.
pub const LONGEST_FILE: usize = 500;

/// Names that say nothing about what is inside.
const VAGUE: [&str; 12] = [
    "common", "utils", "util", "helpers", "helper", "types", "manager", "core", "misc", "engine",
    "shared", "lib2",
];

/// The one file that may bear a name of the list: the part of the desk without I/O.
const VAGUE_BUT_ALLOWED: [&str; 1] = ["daemon/src/desk/core.rs"];

/// Files of `facts` beside its table of contents.
const MOST_FACTS: usize = 10;

/// Lints without which a parser of hostile bytes may panic.
const PARSER_LINTS: [&str; 4] =
    ["clippy::unwrap_used", "clippy::expect_used", "clippy::panic", "clippy::indexing_slicing"];

/// A file of Rust longer than [`LONGEST_FILE`].
#[must_use]
pub fn length(source: &Source) -> Option<Fault> {
    let lines = source.text.lines().count();
    (lines > LONGEST_FILE).then(|| {
        Fault::new(
            &source.path,
            LONGEST_FILE + 1,
            format!("{lines} lines, {LONGEST_FILE} at most"),
            "split it by subject; tests may go to a file of their own",
        )
    })
}

/// A file of Rust that does not open with a `//!` sentence of purpose.
#[must_use]
pub fn opening(source: &Source) -> Option<Fault> {
    let paragraph: Vec<_> = source
        .text
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    let sentence = paragraph.join(" ");
    let first = sentence.split(' ').next().unwrap_or_default().trim_end_matches([':', ',', '.']);
    let is_named_file = first.contains('.');
    let is_sentence = (is_named_file || sentence.starts_with(|c: char| !c.is_lowercase()))
        && sentence.ends_with(['.', ':'])
        && sentence.contains(' ');
    (!is_sentence).then(|| {
        Fault::new(
            &source.path,
            1,
            "no sentence of purpose",
            "open the file with `//! What it is for.`: a capital, a full stop",
        )
    })
}

/// A file or folder with a name that says nothing.
#[must_use]
pub fn vague_names(text: &Text) -> Option<Fault> {
    if !text.path.ends_with(".rs") || VAGUE_BUT_ALLOWED.contains(&text.path.as_str()) {
        return None;
    }
    let vague = text.path.trim_end_matches(".rs").split('/').find(|part| VAGUE.contains(part))?;
    Some(Fault::new(
        &text.path,
        1,
        format!("`{vague}` says nothing about what is inside"),
        "name it after the idea it holds",
    ))
}

/// More files in `facts` than a reader takes in at once.
#[must_use]
pub fn crowded_facts(texts: &[Text]) -> Option<Fault> {
    let files: Vec<_> = texts
        .iter()
        .filter(|text| {
            text.path.starts_with("daemon/facts/src/") && !text.path.ends_with("/lib.rs")
        })
        .collect();
    (files.len() > MOST_FACTS).then(|| {
        Fault::new(
            "daemon/facts/src/lib.rs",
            1,
            format!("{} files beside it, {MOST_FACTS} at most", files.len()),
            "keep in facts only what two other crates name",
        )
    })
}

/// A crate that reads hostile bytes without denying what can panic.
#[must_use]
pub fn lints_of_parsers(lib: &Source) -> Vec<Fault> {
    PARSER_LINTS
        .into_iter()
        .filter(|lint| !lib.lines().any(|line| line.code.contains(lint)))
        .map(|lint| {
            Fault::new(
                &lib.path,
                1,
                format!("`{lint}` is not denied"),
                "add it to the crate's `deny` list outside tests",
            )
        })
        .collect()
}

/// A member of the workspace that does not take the workspace's lints.
#[must_use]
pub fn unlinted_members(text: &Text) -> Option<Fault> {
    if text.path == "Cargo.toml" || !text.path.ends_with("/Cargo.toml") {
        return None;
    }
    (!text.text.contains("[lints]\nworkspace = true")).then(|| {
        Fault::new(
            &text.path,
            1,
            "the workspace's lints do not hold",
            "add `[lints] workspace = true`",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::read("rules/src/made_up.rs", text)
    }

    fn text(path: &str) -> Text {
        Text { path: path.into(), text: String::new() }
    }

    #[test]
    fn a_file_of_501_lines_is_too_long() {
        assert_eq!(length(&source(&"x\n".repeat(500))), None);
        let fault = length(&source(&"x\n".repeat(501))).unwrap();
        assert_eq!((fault.line, fault.what.as_str()), (501, "501 lines, 500 at most"));
    }

    #[test]
    fn a_file_opens_with_a_sentence() {
        for good in
            ["//! What it is.\n", "//! record.db: it.\n", "//! What\n//! it is.\n//!\n//! more\n"]
        {
            assert_eq!(opening(&source(good)), None, "{good}");
        }
        for bad in ["", "// no\n", "//! what it is.\n", "//! What it is\n", "\n//! What it is.\n"] {
            assert!(opening(&source(bad)).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_vague_name_is_found_as_file_and_as_folder() {
        assert!(vague_names(&text("rules/src/utils.rs")).is_some());
        assert!(vague_names(&text("daemon/src/core/mod.rs")).is_some());
        assert!(vague_names(&text("daemon/src/desk/core.rs")).is_none());
        assert!(vague_names(&text("daemon/src/desk/corelation.rs")).is_none());
    }

    #[test]
    fn an_eleventh_file_of_facts_is_one_too_many() {
        let files = |count| {
            let mut texts: Vec<_> =
                (0..count).map(|n| text(&format!("daemon/facts/src/f{n}.rs"))).collect();
            texts.push(text("daemon/facts/src/lib.rs"));
            texts
        };
        assert_eq!(crowded_facts(&files(10)), None);
        assert!(crowded_facts(&files(11)).is_some());
    }

    #[test]
    fn a_missing_lint_is_named() {
        let lib = source("#![deny(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]");
        let faults = lints_of_parsers(&lib);
        assert_eq!(faults.len(), 1);
        assert!(faults[0].what.contains("expect_used"));
        let member = |body: &str| Text { path: "rules/Cargo.toml".into(), text: body.into() };
        assert!(unlinted_members(&member("[package]\n")).is_some());
        assert!(unlinted_members(&member("[lints]\nworkspace = true\n")).is_none());
    }
}
