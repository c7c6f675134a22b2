//! Findings as a page for a terminal of eighty columns.

use super::findings::Finding;
use crate::terminal::legible;

const WIDTH: usize = 80;
/// What a line is about stands in a column of its own, behind the mark of what is red.
const MARK: usize = 2;
const ABOUT: usize = 15;

/// The page. What needs somebody begins with `!`.
pub(super) fn text(findings: &[Finding]) -> String {
    let mut page = String::new();
    for finding in findings {
        let mark = if finding.is_red { "!" } else { "" };
        let mut head = format!("{mark:<MARK$}{:<ABOUT$}", finding.about);
        for said in &finding.said {
            for line in wrapped(&legible(said).to_string()) {
                page.push_str(&head);
                page.push_str(&line);
                page.push('\n');
                head = " ".repeat(MARK + ABOUT);
            }
        }
    }
    page
}

/// A sentence in lines that fit beside what it is about. A table's row begins with a space
/// and stays as it is, and a word that is too long has a line of its own.
fn wrapped(said: &str) -> Vec<String> {
    if said.starts_with(' ') {
        return vec![said.to_owned()];
    }
    let mut lines = vec![String::new()];
    for word in said.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        let length = line.chars().count() + 1 + word.chars().count();
        if line.is_empty() {
            line.push_str(word);
        } else if length <= WIDTH - MARK - ABOUT {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(format!("  {word}"));
        }
    }
    lines
}
