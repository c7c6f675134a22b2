//! A list read by its map: what it holds, what is left out and why, what changed by it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use facts::{Category, HostName, ProtectedGroup};

use super::about::{GroupAbout, ListAbout};
use super::compiled::{ListFile, NoList, write_whole};
use super::formats::{Format, Said, read_line};
use super::gathered::{Gathered, TOO_LARGE};
use super::map::ListMap;
use super::refused::why_refused;
use super::rpz::{PolicyZone, Row};
use crate::set::RuleSet;
use crate::typed::host_name;

/// The group of every name of a file that has no groups.
const ONE_GROUP: &str = "all";
/// The most groups of a list.
const MOST_GROUPS: usize = 250;
/// The longest file that is read, in bytes: some forty million names.
const LONGEST_FILE: u64 = 1 << 30;
/// A list or group that loses more than one part in so many has shrunk.
const SHRUNK_BY_ONE_IN: usize = 5;
/// Groups below this many names come and go.
const SMALL_GROUP: usize = 50;

/// How a list is read.
#[derive(Clone, Copy, Debug)]
pub struct Import<'a> {
    /// What a person decided about it.
    pub map: &'a ListMap,
    /// The file or folder.
    pub from: &'a Path,
    /// The rules that say which names are protected.
    pub rules: &'a RuleSet,
}

/// A list that was read and compiled, not yet written.
#[derive(Debug)]
pub struct Imported {
    /// The compiled list.
    pub list: ListFile,
    /// Groups that no line of the map names, with their names: they judge nothing.
    pub unmapped: Vec<(String, usize)>,
    /// Groups of belief or help, each with the reason why it is refused.
    pub refused: Vec<(String, &'static str)>,
    /// Protected names that the list holds: left out, protected as before.
    pub protected: Vec<(HostName, ProtectedGroup)>,
    /// Names in lists of gambling or drugs that speak of help with them: left out.
    pub of_help: Vec<HostName>,
    /// Groups that the map names and in which no name was found.
    pub without_names: Vec<String>,
    /// Endings that many sites share: left out, because a rule would speak on all.
    pub endings: Vec<HostName>,
    /// Entries that are addresses of machines, not names.
    pub addresses: usize,
    /// Lines from which no name can be read.
    pub unread: usize,
}

/// What an import changes, group by group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The groups of both, by name.
    pub groups: Vec<GroupReport>,
    /// Names below listed ones that the list lets through and did not before.
    pub newly_spared: usize,
}

/// What an import changes in one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupReport {
    /// What the list calls it.
    pub group: String,
    /// What it means after the import; before it, where it is gone.
    pub category: Category,
    /// What it meant before, where the list had it.
    pub was: Option<Category>,
    /// Names before.
    pub before: usize,
    /// Names after.
    pub after: usize,
    /// Names that are new.
    pub added: usize,
    /// Names that are gone.
    pub removed: usize,
}

impl Import<'_> {
    /// Reads and compiles the list.
    ///
    /// # Errors
    /// It can not be read, holds nothing, or more than one line in five is no name: the
    /// list in use stays.
    pub fn read(self) -> Result<Imported, NoList> {
        let no = |sentence: String| NoList { file: self.from.to_owned(), sentence };
        let groups: Vec<(&String, Category)> =
            self.map.groups.iter().map(|(name, category)| (name, *category)).collect();
        if groups.len() > MOST_GROUPS {
            return Err(no(format!("The map names more than {MOST_GROUPS} groups.")));
        }
        let mut reading = Reading::new(&self);
        match self.map.format {
            Format::Folders => reading.folders(self.from)?,
            Format::Csv => reading.csv(self.from)?,
            Format::Rpz => reading.zone(self.from)?,
            format => reading.lines(self.from, format, ONE_GROUP)?,
        }
        reading.done(groups, &no)
    }
}

/// What stands in the names of places that help with what a list is about, and hardly ever in
/// the names of those who sell it.
const OF_HELP: [&str; 12] = [
    "addictionhelp",
    "anonymous",
    "awareness",
    "counselling",
    "getsober",
    "harm-reduction",
    "harmreduction",
    "helpline",
    "inrecovery",
    "overcoming",
    "recovery",
    "treatment",
];

struct Reading<'a> {
    import: &'a Import<'a>,
    numbers: BTreeMap<&'a str, u8>,
    gathered: Gathered,
    spared: BTreeSet<String>,
    unmapped: BTreeMap<String, usize>,
    refused: BTreeMap<String, &'static str>,
    protected: BTreeMap<HostName, ProtectedGroup>,
    of_help: BTreeSet<HostName>,
    endings: Vec<HostName>,
    addresses: usize,
    read: usize,
    unread: usize,
    is_full: bool,
}

impl<'a> Reading<'a> {
    fn new(import: &'a Import<'a>) -> Self {
        let numbers = import.map.groups.keys().map(String::as_str).zip(0_u8..).collect();
        Self {
            import,
            numbers,
            gathered: Gathered::default(),
            spared: BTreeSet::new(),
            unmapped: BTreeMap::new(),
            refused: BTreeMap::new(),
            protected: BTreeMap::new(),
            of_help: BTreeSet::new(),
            endings: Vec::new(),
            addresses: 0,
            read: 0,
            unread: 0,
            is_full: false,
        }
    }

    fn folders(&mut self, folder: &Path) -> Result<(), NoList> {
        let mut groups: Vec<PathBuf> = fs::read_dir(folder)
            .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>())
            .map_err(|error| unreadable(folder, &error))?;
        groups.sort();
        for group in groups {
            let domains = group.join("domains");
            let Some(name) = group.file_name().and_then(|name| name.to_str()) else { continue };
            if !domains.is_file() {
                continue;
            }
            self.lines(&domains, Format::Folders, name)?;
        }
        Ok(())
    }

    fn lines(&mut self, file: &Path, format: Format, group: &str) -> Result<(), NoList> {
        let bytes = read_bounded(file)?;
        let text = String::from_utf8_lossy(&bytes);
        for line in text.lines() {
            read_line(format, line, |said| match said {
                Said::Lists(name) => self.offer(name, group),
                Said::Spares(name) => self.spare(name),
                Said::Unread => self.say_unread(),
            });
        }
        Ok(())
    }

    fn zone(&mut self, file: &Path) -> Result<(), NoList> {
        let bytes = read_bounded(file)?;
        let text = String::from_utf8_lossy(&bytes);
        let mut zone = PolicyZone::default();
        for row in text.lines().filter_map(|line| zone.read(line)) {
            match row {
                Row::Lists(name) => self.offer(&name, ONE_GROUP),
                Row::Spares(name) => self.spare(&name),
                Row::Unread => self.say_unread(),
            }
        }
        Ok(())
    }

    fn csv(&mut self, file: &Path) -> Result<(), NoList> {
        let bytes = read_bounded(file)?;
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
        let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        // Spreadsheets part cells by what their country has free.
        let between = (*b",;\t").into_iter().find(|byte| first.contains(byte));
        let mut table = csv::ReaderBuilder::new()
            .flexible(true)
            .delimiter(between.unwrap_or(b','))
            .from_reader(bytes);
        let header = table.byte_headers().cloned().unwrap_or_default();
        let column = |names: [&str; 3]| {
            let is_one = |cell: &[u8]| {
                names.iter().any(|name| cell.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
            };
            header.iter().position(is_one)
        };
        let Some(domain) = column(["domain", "name", "host"]) else {
            let sentence = "Its first line names no column “domain”.".to_owned();
            return Err(NoList { file: file.to_owned(), sentence });
        };
        let group = column(["group", "category", "list"]);
        for row in table.byte_records() {
            let Ok(row) = row else {
                self.say_unread();
                continue;
            };
            let cell = |at: usize| row.get(at).and_then(|cell| std::str::from_utf8(cell).ok());
            match cell(domain).map(str::trim).filter(|name| !name.is_empty()) {
                Some(name) => {
                    let group = group.and_then(cell).map_or(ONE_GROUP, str::trim);
                    self.offer(name, group);
                }
                None => self.say_unread(),
            }
        }
        Ok(())
    }

    fn offer(&mut self, written: &str, group: &str) {
        self.read = self.read.saturating_add(1);
        if let Some(why) = why_refused(group) {
            self.refused.entry(group.to_owned()).or_insert(why);
            return;
        }
        let Some(number) = self.numbers.get(group).copied() else {
            let count = self.unmapped.entry(group.to_owned()).or_default();
            *count = count.saturating_add(1);
            return;
        };
        if written.parse::<IpAddr>().is_ok() {
            self.addresses = self.addresses.saturating_add(1);
            return;
        }
        let Ok(name) = host_name(written) else {
            self.unread = self.unread.saturating_add(1);
            return;
        };
        if psl::suffix_str(name.as_str()) == Some(name.as_str()) {
            self.endings.push(name);
        } else if let Some(protection) = self.import.rules.protection(name.as_name()) {
            self.protected.insert(name, protection);
        } else if self.is_of_help(group, &name) {
            self.of_help.insert(name);
        } else if !self.gathered.add(name.as_str(), number) {
            self.is_full = true;
        }
    }

    /// Whether a list of gambling or drugs holds a name that speaks of help with them.
    fn is_of_help(&self, group: &str, name: &HostName) -> bool {
        let category = self.import.map.groups.get(group);
        let has_helpers = [Category::C10a, Category::C10b, Category::C14];
        category.is_some_and(|category| has_helpers.contains(category))
            && OF_HELP.iter().any(|word| name.as_str().contains(word))
    }

    fn spare(&mut self, written: &str) {
        match host_name(written) {
            Ok(name) => {
                self.spared.insert(name.as_str().to_owned());
            }
            Err(_) => self.say_unread(),
        }
    }

    fn say_unread(&mut self) {
        self.read = self.read.saturating_add(1);
        self.unread = self.unread.saturating_add(1);
    }

    fn done(
        mut self,
        groups: Vec<(&String, Category)>,
        no: &dyn Fn(String) -> NoList,
    ) -> Result<Imported, NoList> {
        if self.is_full {
            return Err(no(TOO_LARGE.into()));
        }
        if self.unread > self.read / SHRUNK_BY_ONE_IN {
            let sentence = format!(
                "From {} of {} lines no name can be read: it is broken, or in another format.",
                self.unread, self.read
            );
            return Err(no(sentence));
        }
        self.gathered.settle();
        // In a filter's syntax what is let through comes before all else; in the others the
        // nearer name does.
        let is_above_all = self.import.map.format == Format::Adblock;
        self.gathered.spare(&self.spared, is_above_all);
        let groups: Vec<GroupAbout> = groups
            .into_iter()
            .zip(0_u8..)
            .map(|((name, category), number)| GroupAbout {
                name: name.clone(),
                category,
                names: self.gathered.count(number),
            })
            .collect();
        let without_names: Vec<String> =
            groups.iter().filter(|g| g.names == 0).map(|g| g.name.clone()).collect();
        if groups.iter().all(|group| group.names == 0) {
            return Err(no("None of its mapped groups holds a name.".into()));
        }
        let map = self.import.map;
        let about = ListAbout {
            name: map.name.clone(),
            source: map.source.clone(),
            licence: map.licence.clone(),
            groups,
        };
        let bytes = self.gathered.compile(&about).map_err(|why| no(why.to_owned()))?;
        let list = ListFile::from_bytes(bytes).map_err(|why| no(why.to_owned()))?;
        self.endings.sort();
        self.endings.dedup();
        Ok(Imported {
            list,
            unmapped: self.unmapped.into_iter().collect(),
            refused: self.refused.into_iter().collect(),
            protected: self.protected.into_iter().collect(),
            of_help: self.of_help.into_iter().collect(),
            without_names,
            endings: self.endings,
            addresses: self.addresses,
            unread: self.unread,
        })
    }
}

impl Imported {
    /// What it changes against the list that is in use.
    #[must_use]
    pub fn change(&self, before: Option<&ListFile>) -> Change {
        let mut groups: BTreeMap<String, GroupReport> = BTreeMap::new();
        let old = before.map(|list| &list.about().groups);
        let all = old.into_iter().flatten().chain(&self.list.about().groups);
        for group in all {
            let report = groups.entry(group.name.clone()).or_insert_with(|| GroupReport {
                group: group.name.clone(),
                category: group.category,
                was: None,
                before: 0,
                after: 0,
                added: 0,
                removed: 0,
            });
            report.category = group.category;
        }
        for group in before.iter().flat_map(|list| &list.about().groups) {
            if let Some(report) = groups.get_mut(&group.name) {
                report.was = Some(group.category);
            }
        }
        let mut count = |list: &ListFile, other: Option<&ListFile>, is_new: bool| {
            list.for_each(|name, number| {
                let Some(group) = list.about().groups.get(usize::from(number)) else { return };
                let Some(report) = groups.get_mut(&group.name) else { return };
                let is_only_here = !other.is_some_and(|other| other.holds(name, &group.name));
                let (all, only) = match is_new {
                    true => (&mut report.after, &mut report.added),
                    false => (&mut report.before, &mut report.removed),
                };
                *all = all.saturating_add(1);
                *only = only.saturating_add(usize::from(is_only_here));
            });
        };
        count(&self.list, before, true);
        if let Some(before) = before {
            count(before, Some(&self.list), false);
        }
        let mut newly_spared = 0_usize;
        self.list.for_each_spared(|name| {
            if before.is_some_and(|before| !before.spares(name)) {
                newly_spared = newly_spared.saturating_add(1);
            }
        });
        Change { groups: groups.into_values().collect(), newly_spared }
    }

    /// Puts it in the place of the list in use: whole, or not at all.
    ///
    /// # Errors
    /// It can not be written; the list in use stays.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        write_whole(file, self.list.as_bytes())
    }
}

impl Change {
    /// Groups that lost more than a fifth of their names, by number or one for another, against what they have now or the
    /// most they had (`most`) since a person last agreed to less: else a list could be
    /// emptied in small steps.
    #[must_use]
    pub fn shrunk(&self, most: &BTreeMap<String, usize>) -> Vec<&GroupReport> {
        let has_shrunk = |group: &&GroupReport| {
            let held = group.held(most);
            held >= SMALL_GROUP && (is_shrunk(held, group.after) || group.is_exchanged())
        };
        self.groups.iter().filter(has_shrunk).collect()
    }

    /// Names before and after, all groups together.
    #[must_use]
    pub fn totals(&self) -> (usize, usize) {
        self.groups.iter().fold((0, 0), |(before, after), group| {
            (before.saturating_add(group.before), after.saturating_add(group.after))
        })
    }

    /// Whether the list as a whole, or one of its groups, lost more than a fifth.
    #[must_use]
    pub fn is_shrunk(&self, most: &BTreeMap<String, usize>) -> bool {
        let held = self.groups.iter().map(|group| group.held(most));
        let held = held.fold(0_usize, usize::saturating_add);
        is_shrunk(held, self.totals().1) || !self.shrunk(most).is_empty()
    }

    /// Whether any name that was judged is no longer, or as something else: for the record
    /// of such changes.
    #[must_use]
    pub fn lowers_coverage(&self) -> bool {
        let is_less = |group: &GroupReport| {
            group.removed > 0
                || (group.before > 0 && group.was.is_some_and(|was| was != group.category))
        };
        self.newly_spared > 0 || self.groups.iter().any(is_less)
    }
}

impl GroupReport {
    /// Whether more than a fifth of its names are gone, whatever came in their place.
    const fn is_exchanged(&self) -> bool {
        is_shrunk(self.before, self.before.saturating_sub(self.removed))
    }

    /// The most names it had, as far as is known.
    fn held(&self, most: &BTreeMap<String, usize>) -> usize {
        most.get(&self.group).copied().unwrap_or_default().max(self.before)
    }
}

const fn is_shrunk(before: usize, after: usize) -> bool {
    after < before.saturating_sub(before / SHRUNK_BY_ONE_IN)
}

fn read_bounded(file: &Path) -> Result<Vec<u8>, NoList> {
    let length = fs::metadata(file).map_err(|error| unreadable(file, &error))?.len();
    if length > LONGEST_FILE {
        let sentence = format!("It is longer than {} MiB.", LONGEST_FILE >> 20);
        return Err(NoList { file: file.to_owned(), sentence });
    }
    fs::read(file).map_err(|error| unreadable(file, &error))
}

fn unreadable(file: &Path, error: &io::Error) -> NoList {
    NoList { file: file.to_owned(), sentence: format!("It can not be read: {error}.") }
}
