//! Reads a TOML file key by key, so that every fault in it is named at once, with its line.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use facts::Span;
use toml::de::{DeTable, DeValue};

/// One thing that is wrong in a file that a person wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file, as it was named.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The key, with the sections it stands in: `mail.port`.
    pub key: String,
    /// What is wrong, and how to mend it.
    pub sentence: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, key, sentence } = self;
        if key.is_empty() {
            write!(f, "{file}:{line}: {sentence}")
        } else {
            write!(f, "{file}:{line}: {key}: {sentence}")
        }
    }
}

/// A file that is being read, with the faults found so far.
pub(crate) struct Document<'a> {
    file: &'a str,
    source: &'a str,
    faults: RefCell<Vec<Fault>>,
}

impl<'a> Document<'a> {
    pub(crate) fn new(file: &'a str, source: &'a str) -> Self {
        Self { file, source, faults: RefCell::default() }
    }

    /// The file as a tree; broken syntax is a fault with its line, and what could be read
    /// around it goes on being read.
    pub(crate) fn parse(&self) -> DeTable<'a> {
        let (table, errors) = DeTable::parse_recoverable(self.source);
        for error in errors {
            let line = error.span().map_or(1, |span| self.line_at(span.start));
            let sentence = format!("{}; mend the spelling of this line", error.message());
            self.fault(line, String::new(), sentence);
        }
        table.into_inner()
    }

    pub(crate) fn root<'d>(&'d self, table: &'d DeTable<'a>) -> Section<'d, 'a> {
        Section { document: self, path: String::new(), line: 1, table, asked: BTreeSet::new() }
    }

    pub(crate) fn into_faults(self) -> Vec<Fault> {
        let mut faults = self.faults.into_inner();
        faults.sort_by_key(|fault| fault.line);
        faults
    }

    fn fault(&self, line: usize, key: String, sentence: String) {
        self.faults.borrow_mut().push(Fault { file: self.file.to_owned(), line, key, sentence });
    }

    fn line_at(&self, offset: usize) -> usize {
        let before = self.source.as_bytes().get(..offset).unwrap_or_default();
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }
}

/// One table of the file. Keys that nobody asked for are faults when it is finished.
pub(crate) struct Section<'d, 'a> {
    document: &'d Document<'a>,
    path: String,
    line: usize,
    table: &'d DeTable<'a>,
    asked: BTreeSet<String>,
}

impl<'d, 'a> Section<'d, 'a> {
    /// A text, where the key is there.
    pub(crate) fn text(&mut self, key: &str) -> Option<&'d str> {
        let (value, line) = self.value(key)?;
        if let Some(text) = value.as_str() {
            return Some(text);
        }
        self.fault_at(line, key, "write a text in quotation marks");
        None
    }

    /// A text that must be there.
    pub(crate) fn required_text(&mut self, key: &str, example: &str) -> Option<&'d str> {
        if self.value(key).is_none() {
            self.missing(key, example);
            return None;
        }
        let text = self.text(key)?;
        if text.trim().is_empty() {
            self.fault(key, &format!("is empty; write for instance \"{example}\""));
            return None;
        }
        Some(text)
    }

    /// A list of texts, empty where the key is missing.
    pub(crate) fn texts(&mut self, key: &str) -> Vec<&'d str> {
        let Some((value, line)) = self.value(key) else { return Vec::new() };
        let mut texts = Vec::new();
        for item in value.as_array().into_iter().flatten() {
            match item.get_ref().as_str() {
                Some(text) => texts.push(text),
                None => {
                    let line = self.document.line_at(item.span().start);
                    self.fault_at(line, key, "each entry is a text in quotation marks");
                }
            }
        }
        if !value.is_array() {
            self.fault_at(line, key, "write a list of texts: [\"one\", \"two\"]");
        }
        texts
    }

    /// A text read as `T`, where the key is there. `what` says what would be right.
    pub(crate) fn parsed<T: FromStr>(&mut self, key: &str, what: &str) -> Option<T> {
        let text = self.text(key)?;
        let parsed = text.trim().parse().ok();
        if parsed.is_none() {
            self.fault(key, &format!("\"{}\" is not {what}", shown(text)));
        }
        parsed
    }

    /// A list of texts each read as `T`.
    pub(crate) fn parsed_list<T: FromStr>(&mut self, key: &str, what: &str) -> Vec<T> {
        let mut list = Vec::new();
        for text in self.texts(key) {
            match text.trim().parse() {
                Ok(parsed) => list.push(parsed),
                Err(_) => self.fault(key, &format!("\"{}\" is not {what}", shown(text))),
            }
        }
        list
    }

    /// A whole number inside `range`.
    pub(crate) fn number(
        &mut self,
        key: &str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Option<i64> {
        let (value, line) = self.value(key)?;
        let number = value
            .as_integer()
            .and_then(|i| i64::from_str_radix(i.as_str(), i.radix()).ok())
            .filter(|n| range.contains(n));
        if number.is_none() {
            let (from, to) = (range.start(), range.end());
            self.fault_at(line, key, &format!("write a whole number from {from} to {to}"));
        }
        number
    }

    /// Yes or no.
    pub(crate) fn flag(&mut self, key: &str) -> Option<bool> {
        let (value, line) = self.value(key)?;
        let flag = value.as_bool();
        if flag.is_none() {
            self.fault_at(line, key, "write true or false");
        }
        flag
    }

    /// A length of time such as `"20s"`, `"20m"`, `"10h"`, inside `range`.
    pub(crate) fn span(
        &mut self,
        key: &str,
        range: std::ops::RangeInclusive<Span>,
    ) -> Option<Span> {
        let text = self.text(key)?;
        let span = text
            .parse::<jiff::SignedDuration>()
            .ok()
            .map(|duration| Span::micros(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)));
        let fits = span.filter(|span| range.contains(span));
        if fits.is_none() {
            let (from, to) = (range.start().as_seconds(), range.end().as_seconds());
            let sentence = format!(
                "\"{}\" is no length of time from {from} s to {to} s; write for instance \"20s\" or \"20m\"",
                shown(text)
            );
            self.fault(key, &sentence);
        }
        fits
    }

    /// A table inside this one, where it is there.
    pub(crate) fn section(&mut self, key: &str) -> Option<Section<'d, 'a>> {
        let (value, line) = self.value(key)?;
        let path = self.path_of(key);
        let Some(table) = value.as_table() else {
            self.fault_at(line, key, &format!("this is a section; write [{path}] above its keys"));
            return None;
        };
        Some(Section { document: self.document, path, line, table, asked: BTreeSet::new() })
    }

    /// A table that must be there.
    pub(crate) fn required_section(&mut self, key: &str) -> Option<Section<'d, 'a>> {
        if self.value(key).is_none() {
            let sentence = format!("the section [{}] is missing; add it", self.path_of(key));
            self.document.fault(self.line, self.path_of(key), sentence);
            return None;
        }
        self.section(key)
    }

    /// The tables of a list of tables (`[[person]]`), empty where there is none.
    pub(crate) fn sections(&mut self, key: &str) -> Vec<Section<'d, 'a>> {
        let Some((value, line)) = self.value(key) else { return Vec::new() };
        let path = self.path_of(key);
        let mut sections = Vec::new();
        for item in value.as_array().into_iter().flatten() {
            let line = self.document.line_at(item.span().start);
            if let Some(table) = item.get_ref().as_table() {
                let path = path.clone();
                let asked = BTreeSet::new();
                sections.push(Section { document: self.document, path, line, table, asked });
            }
        }
        if sections.is_empty() {
            self.fault_at(line, key, &format!("write [[{path}]] above the keys of each one"));
        }
        sections
    }

    /// Every key of a table whose keys are the school's own words.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.table.keys().map(|key| key.get_ref().to_string()).collect()
    }

    /// Says that the value of a key of this table is wrong.
    pub(crate) fn fault(&self, key: &str, sentence: &str) {
        let line = self.line_of(key);
        self.fault_at(line, key, sentence);
    }

    /// Ends the reading of this table: keys nobody asked for are faults.
    pub(crate) fn finish(self) {
        for (key, _) in self.table {
            if !self.asked.contains(key.get_ref().as_ref()) {
                let line = self.document.line_at(key.span().start);
                let known = self.asked.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                let name = key.get_ref().to_string();
                self.fault_at(line, &name, &format!("no such key here; the keys are: {known}"));
            }
        }
    }

    /// The line a key of this table stands on, or the table's own.
    pub(crate) fn line_of(&self, key: &str) -> usize {
        self.entry(key).map_or(self.line, |(_, line)| line)
    }

    fn value(&mut self, key: &str) -> Option<(&'d DeValue<'a>, usize)> {
        self.asked.insert(key.to_owned());
        self.entry(key)
    }

    fn entry(&self, key: &str) -> Option<(&'d DeValue<'a>, usize)> {
        let (key, value) = self.table.iter().find(|(k, _)| k.get_ref() == key)?;
        Some((value.get_ref(), self.document.line_at(key.span().start)))
    }

    fn missing(&mut self, key: &str, example: &str) {
        let sentence = format!("is missing; add for instance {key} = \"{example}\"");
        self.document.fault(self.line, self.path_of(key), sentence);
    }

    fn fault_at(&self, line: usize, key: &str, sentence: &str) {
        self.document.fault(line, self.path_of(key), sentence.to_owned());
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

/// What somebody wrote, safe to print and short.
fn shown(text: &str) -> String {
    text.chars().flat_map(char::escape_default).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_named_with_its_line_and_key() {
        let source = "name = 5\n[mail]\nport = 70000\nservr = \"x\"\nwait = \"soon\"\n";
        let document = Document::new("w.toml", source);
        let table = document.parse();
        let mut root = document.root(&table);
        assert_eq!(root.text("name"), None);
        let mut mail = root.section("mail").unwrap();
        assert_eq!(mail.number("port", 1..=65_535), None);
        assert_eq!(mail.required_text("server", "mail.elmrow.example"), None);
        assert_eq!(mail.span("wait", Span::ZERO..=Span::minutes(5)), None);
        mail.finish();
        root.finish();
        let said: Vec<_> = document.into_faults().iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "w.toml:1: name: write a text in quotation marks",
                "w.toml:2: mail.server: is missing; add for instance server = \"mail.elmrow.example\"",
                "w.toml:3: mail.port: write a whole number from 1 to 65535",
                "w.toml:4: mail.servr: no such key here; the keys are: port, server, wait",
                "w.toml:5: mail.wait: \"soon\" is no length of time from 0 s to 300 s; write for instance \"20s\" or \"20m\"",
            ]
        );
    }

    #[test]
    fn broken_syntax_does_not_hide_other_faults() {
        let document = Document::new("w.toml", "a = = 1\nb = \"x\"\n");
        let table = document.parse();
        let mut root = document.root(&table);
        assert_eq!(root.number("b", 1..=2), None);
        let faults = document.into_faults();
        assert_eq!(faults.iter().map(|f| f.line).collect::<Vec<_>>().first(), Some(&1));
        assert!(faults.iter().any(|f| f.key == "b" && f.line == 2));
    }
}
