//! The map of a list: where it is, in which format, and what each group means here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use facts::Category;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::formats::Format;
use super::refused::{why_place_refused, why_refused};
use crate::diagnostic::{Diagnostic, Fault};

/// What a person decided about a list: nothing in it judges without a line here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListMap {
    /// Its short name: small letters, digits, hyphens.
    pub name: String,
    /// Who keeps it.
    pub source: String,
    /// Under which licence.
    pub licence: String,
    /// The file, or the folder of groups.
    pub from: PathBuf,
    pub(super) format: Format,
    pub(super) groups: BTreeMap<String, Category>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    list: ListWritten,
    #[serde(default)]
    groups: BTreeMap<Spanned<String>, Spanned<String>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct ListWritten {
    name: Spanned<String>,
    source: Spanned<String>,
    licence: Spanned<String>,
    from: Spanned<String>,
    format: Spanned<String>,
}

impl ListMap {
    /// The map as it is kept beside its compiled list, with the place it was read from, so
    /// that an update needs nothing else.
    #[must_use]
    pub fn kept(&self, from: &Path) -> String {
        let plain = |text: &str| Spanned::new(0..0, text.to_owned());
        let written = Written {
            list: ListWritten {
                name: plain(&self.name),
                source: plain(&self.source),
                licence: plain(&self.licence),
                from: plain(&from.to_string_lossy()),
                format: plain(self.format.as_str()),
            },
            groups: self
                .groups
                .iter()
                .map(|(group, category)| (plain(group), plain(category.code())))
                .collect(),
        };
        toml::to_string(&written).unwrap_or_default()
    }

    /// Reads a map; `from` is taken relative to the map's own folder by the caller.
    ///
    /// # Errors
    /// Every fault of the file at once.
    pub fn read(file: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let written: Written = toml::from_str(text)
            .map_err(|error| vec![Fault::from_toml(&error).locate(file, text)])?;
        let mut faults = Vec::new();
        let mut say = |place: &Spanned<String>, key: &str, sentence: String, mend: &str| {
            let span = Some(place.span());
            let fault = Fault { span, key: key.into(), sentence, mend: mend.into() };
            faults.push(fault.locate(file, text));
        };
        let ListWritten { name, source, licence, from, format } = &written.list;
        let short = |name: &str| {
            name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        if name.as_ref().is_empty() || !short(name.as_ref()) {
            let sentence = format!("“{}” is no short name.", name.as_ref());
            say(name, "list.name", sentence, "Write small letters, digits and hyphens.");
        }
        for (value, key) in
            [(source, "list.source"), (licence, "list.licence"), (from, "list.from")]
        {
            if value.as_ref().trim().is_empty() {
                say(value, key, "It is empty.".into(), "Write it; it is shown with each finding.");
            }
        }
        for (value, key) in [(name, "list.name"), (from, "list.from"), (source, "list.source")] {
            let is_folders = format.as_ref() == "folders";
            if let Some(why) = why_place_refused(value.as_ref()).filter(|_| !is_folders) {
                let sentence = format!("“{}” is refused: {why}.", value.as_ref());
                say(value, key, sentence, "Take the list out.");
            }
        }
        let read_format = format.as_ref().parse().ok();
        if read_format.is_none() {
            let sentence = format!("“{}” is no format that is read.", format.as_ref());
            let mend = "Write folders, plain, hosts, adblock, dnsmasq, wildcard, rpz or csv.";
            say(format, "list.format", sentence, mend);
        }
        let mut groups = BTreeMap::new();
        for (group, code) in &written.groups {
            if let Some(why) = why_refused(group.as_ref()) {
                let sentence = format!("“{}” is refused: {why}.", group.as_ref());
                say(group, "groups", sentence, "Take the line out.");
                continue;
            }
            match code.as_ref().trim().parse::<Category>() {
                Ok(category) => {
                    groups.insert(group.as_ref().clone(), category);
                }
                Err(_) => {
                    let sentence = format!("“{}” is no category.", code.as_ref());
                    say(code, "groups", sentence, "Write one of C01 to C32, as in \"C14\".");
                }
            }
        }
        if written.groups.is_empty() {
            let sentence = "No group is mapped, so the list would judge nothing.".to_owned();
            say(name, "groups", sentence, "Write a line for each group, as in gambling = \"C14\".");
        }
        match (read_format, faults.is_empty()) {
            (Some(format), true) => Ok(Self {
                name: name.as_ref().clone(),
                source: source.as_ref().trim().to_owned(),
                licence: licence.as_ref().trim().to_owned(),
                from: PathBuf::from(from.as_ref().trim()),
                format,
                groups,
            }),
            _ => Err(faults),
        }
    }
}
