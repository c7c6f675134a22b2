//! What became of lists that others keep: each line that an import wrote is told once, and so
//! is a list in use that no import wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use rules::RuleSet;
use serde::Deserialize;
use store::Health;

/// A change of a list; the figure is its line in the file of changes.
pub(super) const LIST: &str = "list";

/// The file of changes, and how much of it was told.
pub(super) struct ListChanges {
    file: Option<PathBuf>,
    lines_told: u64,
}

/// What is new.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    /// A sentence for each line, with its number.
    pub(super) lines: Vec<(u64, String)>,
    /// What is watched less by it, and what can not be vouched for.
    pub(super) lowered: Vec<String>,
}

/// One line of the file.
#[derive(Deserialize)]
struct Line {
    list: String,
    before: u64,
    after: u64,
    lowers_coverage: bool,
    reason: Option<String>,
    /// What tells the compiled list apart.
    digest: Option<String>,
}

impl ListChanges {
    /// Takes up where the record says it was left.
    pub(super) fn new(file: Option<PathBuf>, told: &[Health]) -> Self {
        let lines = told.iter().filter(|event| event.kind == LIST);
        Self { file, lines_told: lines.filter_map(|event| event.figure).next_back().unwrap_or(0) }
    }

    /// Lines that were not told yet, and lists in use that the lines do not vouch for. A
    /// file with fewer lines than were told has been tampered with or lost, which is told too.
    pub(super) fn read(&mut self, rules: &RuleSet) -> Fresh {
        let Some(file) = self.file.as_deref() else { return Fresh::default() };
        // A file that is gone has no lines any more, which is told.
        let text = fs::read_to_string(file).unwrap_or_default();
        let lines: Vec<Option<Line>> =
            text.lines().map(|line| serde_json::from_str(line).ok()).collect();
        let count = lines.len() as u64;
        let mut fresh = Fresh { lowered: unvouched(&lines, rules), ..Fresh::default() };
        if count < self.lines_told {
            let sentence = format!(
                "The file of changes of lists has {count} lines; {} were told before.",
                self.lines_told
            );
            self.lines_told = count;
            // Whoever takes lines away may hide what was taken from a list.
            fresh.lowered.push(sentence.clone());
            fresh.lines.push((count, sentence));
            return fresh;
        }
        for (number, line) in (1_u64..).zip(&lines).filter(|(number, _)| *number > self.lines_told)
        {
            if let Some(line) = line.as_ref().filter(|line| line.lowers_coverage) {
                // The number tells it from a like change that was told before.
                fresh.lowered.push(format!(
                    "Change {number} of lists: some names of {} are watched no more.",
                    line.list
                ));
            }
            fresh.lines.push((number, in_words(number, line.as_ref())));
        }
        self.lines_told = count;
        fresh
    }
}

/// Lists in use that are not what the last import of them wrote.
fn unvouched(lines: &[Option<Line>], rules: &RuleSet) -> Vec<String> {
    let written: BTreeMap<&str, Option<&str>> =
        lines.iter().flatten().map(|line| (line.list.as_str(), line.digest.as_deref())).collect();
    let in_use = rules.list_digests();
    let odd = in_use.filter(|(name, digest)| match written.get(name) {
        Some(Some(written)) => written != digest,
        // Written before digests were: nothing speaks for it, and nothing against it.
        Some(None) => false,
        None => true,
    });
    odd.map(|(name, digest)| {
        format!("The list {name} in use ({digest}) is not what an import wrote last.")
    })
    .collect()
}

fn in_words(number: u64, line: Option<&Line>) -> String {
    let Some(line) = line else {
        return format!("Line {number} of the file of changes of lists can not be read.");
    };
    let Line { list, before, after, lowers_coverage, reason, .. } = line;
    let lowers = if *lowers_coverage { "; some names are watched no more" } else { "" };
    let reason = reason.as_ref().map(|reason| format!("; reason: {reason}")).unwrap_or_default();
    format!("The list {list} has {after} names, {before} before{lowers}{reason}.")
}
