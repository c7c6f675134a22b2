//! Reads a TOML file key by key, so that every fault in it is named at once, with its line.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use facts::Span;
use rules::{Diagnostic, Fault};
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::place::Place;

/// A file that is being read, with the faults found so far.
pub(super) struct Document<'a> {
    file: &'a str,
    source: &'a str,
    faults: RefCell<Vec<Diagnostic>>,
}

impl<'a> Document<'a> {
    pub(super) fn new(file: &'a str, source: &'a str) -> Self {
        Self { file, source, faults: RefCell::default() }
    }

    /// The file as a tree. Where its syntax is broken nothing else can be said of it that
    /// would be sure to be true: then that is the one fault.
    pub(super) fn parse(&self) -> Option<DeTable<'a>> {
        match DeTable::parse(self.source) {
            Ok(table) => Some(table.into_inner()),
            Err(error) => {
                self.take(Fault::from_toml(&error));
                None
            }
        }
    }

    pub(super) fn root<'d>(&'d self, table: &'d DeTable<'a>) -> Section<'d, 'a> {
        Section { document: self, path: String::new(), span: 0..0, table, asked: BTreeSet::new() }
    }

    /// Where a value stands, for a fault that is found later; its sentence is empty.
    pub(super) fn stands(&self, key: &str, span: Range<usize>) -> Diagnostic {
        let (sentence, mend) = (String::new(), String::new());
        let here = Fault { span: Some(span), key: key.to_owned(), sentence, mend };
        here.locate(self.file, self.source)
    }

    /// Puts a fault that another room found into this file.
    pub(super) fn take(&self, fault: Fault) {
        self.faults.borrow_mut().push(fault.locate(self.file, self.source));
    }

    /// Every fault, in the order of the file.
    pub(super) fn into_faults(self) -> Vec<Diagnostic> {
        let mut faults = self.faults.into_inner();
        faults.sort_by_key(|fault| (fault.line, fault.column));
        faults
    }
}

/// One table of the file. Keys that nobody asked for are faults when it is finished.
pub(super) struct Section<'d, 'a> {
    document: &'d Document<'a>,
    path: String,
    span: Range<usize>,
    table: &'d DeTable<'a>,
    asked: BTreeSet<String>,
}

impl<'d, 'a> Section<'d, 'a> {
    /// Whether the key is there at all.
    pub(super) fn has(&mut self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// A text, where the key is there.
    pub(super) fn text(&mut self, key: &str) -> Option<&'d str> {
        let value = self.value(key)?;
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.fault(key, "This is no text.", "Write it in quotation marks.");
        }
        text
    }

    /// A text that must be there.
    pub(super) fn required_text(&mut self, key: &str, example: &str) -> Option<&'d str> {
        let mend = format!("Write for instance {key} = \"{example}\".");
        if self.value(key).is_none() {
            self.fault(key, "This key is missing.", &mend);
            return None;
        }
        let text = self.text(key)?;
        if text.trim().is_empty() {
            self.fault(key, "This is empty.", &mend);
            return None;
        }
        Some(text)
    }

    /// A list of texts, empty where the key is missing.
    pub(super) fn texts(&mut self, key: &str) -> Vec<&'d str> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let items = value.get_ref().as_array();
        let texts = items.and_then(|items| items.iter().map(|i| i.get_ref().as_str()).collect());
        if texts.is_none() {
            self.fault(key, "This is no list of texts.", "Write [\"one\", \"two\"].");
        }
        texts.unwrap_or_default()
    }

    /// A file or folder, relative to `folder`, where the key is there.
    pub(super) fn place(&mut self, key: &str, folder: &Path) -> Option<Place> {
        let text = self.text(key)?;
        Some(self.named(key, self.span_of(key), folder.join(text)))
    }

    /// A list of files or folders, empty where the key is missing.
    pub(super) fn places(&mut self, key: &str, folder: &Path) -> Vec<Place> {
        let texts = self.texts(key);
        let items = self.value(key).and_then(|value| value.get_ref().as_array());
        let spans = items.into_iter().flatten().map(Spanned::span);
        let place = |(text, span)| self.named(key, span, folder.join(text));
        texts.into_iter().zip(spans).map(place).collect()
    }

    fn named(&self, key: &str, span: Range<usize>, path: PathBuf) -> Place {
        Place::new(path, self.document.stands(&self.path_of(key), span))
    }

    /// A text read as `T`, where the key is there. `what` says what would be right.
    pub(super) fn parsed<T: FromStr>(&mut self, key: &str, what: &str) -> Option<T> {
        let text = self.text(key)?;
        self.parse_one(key, text, what)
    }

    /// A list of texts each read as `T`.
    pub(super) fn parsed_list<T: FromStr>(&mut self, key: &str, what: &str) -> Vec<T> {
        let texts = self.texts(key);
        texts.into_iter().filter_map(|text| self.parse_one(key, text, what)).collect()
    }

    /// A whole number inside `range`.
    pub(super) fn number(&mut self, key: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let value = self.value(key)?;
        let number = value
            .get_ref()
            .as_integer()
            .and_then(|i| i64::from_str_radix(i.as_str(), i.radix()).ok())
            .filter(|n| range.contains(n));
        if number.is_none() {
            let mend = format!("Write one from {} to {}.", range.start(), range.end());
            self.fault(key, "This is no whole number that fits.", &mend);
        }
        number
    }

    /// A list of ports, where the key is there.
    pub(super) fn ports(&mut self, key: &str) -> Option<Vec<u16>> {
        let items = self.value(key)?.get_ref().as_array();
        let port = |item: &Spanned<DeValue<'_>>| {
            let written = item.get_ref().as_integer()?;
            u16::from_str_radix(written.as_str(), written.radix()).ok()
        };
        let ports: Option<Vec<u16>> = items.and_then(|items| items.iter().map(port).collect());
        if ports.is_none() {
            self.fault(key, "This is no list of ports.", "Write numbers, as in [53, 5300].");
        }
        ports
    }

    /// A length of time such as `"20s"`, `"20m"`, `"10h"`, inside `range`.
    pub(super) fn length(&mut self, key: &str, range: RangeInclusive<Span>) -> Option<Span> {
        let text = self.text(key)?;
        let length = text
            .parse::<jiff::SignedDuration>()
            .ok()
            .map(|duration| Span::micros(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
            .filter(|length| range.contains(length));
        if length.is_none() {
            let (from, to) = (range.start().as_seconds(), range.end().as_seconds());
            let sentence = format!("“{}” is no length of time that fits.", shown(text));
            let mend = format!("Write one from {from} s to {to} s, such as \"20s\" or \"20m\".");
            self.fault(key, &sentence, &mend);
        }
        length
    }

    /// A table inside this one that must be there.
    pub(super) fn section(&mut self, key: &str) -> Option<Section<'d, 'a>> {
        let path = self.path_of(key);
        let Some(value) = self.value(key) else {
            let sentence = format!("The section [{path}] is missing.");
            self.fault(key, &sentence, "Add it; the example configuration shows its keys.");
            return None;
        };
        let Some(table) = value.get_ref().as_table() else {
            let mend = format!("Write [{path}] above its keys.");
            self.fault(key, "This is no section.", &mend);
            return None;
        };
        let span = self.span_of(key);
        Some(Section { document: self.document, path, span, table, asked: BTreeSet::new() })
    }

    /// The tables of a list of tables (`[[network]]`), empty where there is none.
    pub(super) fn sections(&mut self, key: &str) -> Vec<Section<'d, 'a>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let path = self.path_of(key);
        let items = value.get_ref().as_array();
        let tables: Option<Vec<_>> = items.and_then(|items| {
            items.iter().map(|item| Some((item.span(), item.get_ref().as_table()?))).collect()
        });
        let Some(tables) = tables else {
            let mend = format!("Write [[{path}]] above the keys of each one.");
            self.fault(key, "This is no list of sections.", &mend);
            return Vec::new();
        };
        let document = self.document;
        let section = |(span, table)| Section {
            document,
            path: path.clone(),
            span,
            table,
            asked: BTreeSet::new(),
        };
        tables.into_iter().map(section).collect()
    }

    /// A value that another room knows how to read. A missing key gives `None`.
    pub(super) fn read<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let value = self.value(key)?.clone();
        match T::deserialize(ValueDeserializer::from(value)) {
            Ok(read) => Some(read),
            Err(error) => {
                let mut fault = Fault::from_toml(&error);
                if fault.key.is_empty() {
                    fault.key = self.path_of(key);
                }
                self.document.take(fault);
                None
            }
        }
    }

    /// Says that the value of a key of this table is wrong.
    pub(super) fn fault(&self, key: &str, sentence: &str, mend: &str) {
        self.document.take(Fault {
            span: Some(self.span_of(key)),
            key: self.path_of(key),
            sentence: sentence.to_owned(),
            mend: mend.to_owned(),
        });
    }

    /// Ends the reading of this table: keys nobody asked for are faults.
    pub(super) fn finish(self) {
        let known = self.asked.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let mend = format!("Mend its spelling or take it out; the keys here are: {known}.");
        for key in self.table.keys().map(|key| key.get_ref().as_ref()) {
            if !self.asked.contains(key) {
                self.fault(key, "There is no such key here.", &mend);
            }
        }
    }

    fn parse_one<T: FromStr>(&self, key: &str, text: &str, what: &str) -> Option<T> {
        let parsed = text.trim().parse().ok();
        if parsed.is_none() {
            let sentence = format!("“{}” is not {what}.", shown(text));
            self.fault(key, &sentence, "Correct it.");
        }
        parsed
    }

    fn value(&mut self, key: &str) -> Option<&'d Spanned<DeValue<'a>>> {
        self.asked.insert(key.to_owned());
        self.table.iter().find(|(k, _)| k.get_ref() == key).map(|(_, value)| value)
    }

    /// Where a key of this table stands; where it is missing, where the table begins.
    fn span_of(&self, key: &str) -> Range<usize> {
        let key = self.table.keys().find(|k| k.get_ref() == key);
        key.map_or_else(|| self.span.clone(), Spanned::span)
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
        let table = document.parse().unwrap();
        let mut root = document.root(&table);
        assert_eq!(root.text("name"), None);
        let mut mail = root.section("mail").unwrap();
        assert_eq!(mail.number("port", 1..=65_535), None);
        assert_eq!(mail.required_text("server", "mail.elmrow.example"), None);
        assert_eq!(mail.length("wait", Span::ZERO..=Span::minutes(5)), None);
        mail.finish();
        root.finish();
        let said: Vec<_> = document.into_faults().iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "w.toml:1:1: name: This is no text. Write it in quotation marks.",
                "w.toml:2:2: mail.server: This key is missing. Write for instance server = \"mail.elmrow.example\".",
                "w.toml:3:1: mail.port: This is no whole number that fits. Write one from 1 to 65535.",
                "w.toml:4:1: mail.servr: There is no such key here. Mend its spelling or take it out; the keys here are: port, server, wait.",
                "w.toml:5:1: mail.wait: “soon” is no length of time that fits. Write one from 0 s to 300 s, such as \"20s\" or \"20m\".",
            ]
        );
    }

    #[test]
    fn a_file_that_is_named_remembers_the_line_that_names_it() {
        let source = "[identity]\nlogins = [\n  \"a.csv\",\n  \"/logs/b.csv\",\n]\n";
        let document = Document::new("w.toml", source);
        let table = document.parse().unwrap();
        let mut root = document.root(&table);
        let places = root.section("identity").unwrap().places("logins", Path::new("/etc/w"));
        let absent = std::io::Error::from(std::io::ErrorKind::NotFound);
        assert_eq!(
            places.iter().map(|place| place.unreadable(&absent).to_string()).collect::<Vec<_>>(),
            [
                "w.toml:3:3: identity.logins: /etc/w/a.csv can not be read: entity not found. \
                 Put the file there, or mend its name.",
                "w.toml:4:3: identity.logins: /logs/b.csv can not be read: entity not found. \
                 Put the file there, or mend its name.",
            ]
        );
        assert_eq!(
            places[1].inside(&"b.csv line 2: no"),
            "w.toml:4:3: identity.logins: b.csv line 2: no"
        );
    }

    #[test]
    fn one_slip_of_syntax_is_one_fault() {
        let document = Document::new("w.toml", "[calendar\nb = \"x\"\n[[people]]\nid = 1\n");
        assert!(document.parse().is_none());
        let faults = document.into_faults();
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [1], "{faults:?}");
    }
}
