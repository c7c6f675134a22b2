//! `wardline rules import`, `update` and `diff`: lists that others keep, put to use whole.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use rules::{
    Change, Import, Imported, LIST_ENDING, LIST_FOLDER, ListFile, ListMap, NoList, RuleSet,
};
use serde::Deserialize;
use serde_json::json;

use crate::cli::{RulesImportArgs, RulesUpdateArgs};
use crate::clock::Clock;
use crate::command::{load, say};
use crate::process::{Exit, Failure};

/// The file of changes in the folder of lists: the daemon tells its record of each line.
pub(crate) const LIST_CHANGES: &str = "changes.jsonl";
/// So many names are told one by one; more are only counted.
const MOST_TOLD: usize = 20;

pub(super) fn import(args: &RulesImportArgs) -> Result<(), Failure> {
    let place = ListFolder::of(&args.update)?;
    let (map, from) = read_map(&args.map)?;
    place.take(&map, &from, args.update.smaller_because.as_deref())
}

pub(super) fn diff(args: &RulesImportArgs) -> Result<(), Failure> {
    let place = ListFolder::of(&args.update)?;
    let (map, from) = read_map(&args.map)?;
    let (imported, change) = place.read(&map, &from)?;
    tell(&map, &imported, &change)?;
    match place.too_small(&map, &change) {
        Some(why) => {
            Err(Failure::new(Exit::Data, format!("{why}, and an import would be refused")))
        }
        None if change.lowers_coverage() => {
            say("It lowers coverage: an import of it is recorded as such.")
        }
        None => Ok(()),
    }
}

/// Reads every list again. One that can not be taken keeps what it had, and the others
/// are read all the same.
pub(super) fn update(args: &RulesUpdateArgs) -> Result<(), Failure> {
    let place = ListFolder::of(args)?;
    let mut sentences = Vec::new();
    let maps = place.maps()?;
    if maps.is_empty() {
        return say("No list is in use.");
    }
    for file in maps {
        let taken = read_map(&file)
            .and_then(|(map, from)| place.take(&map, &from, args.smaller_because.as_deref()));
        if let Err(failure) = taken {
            sentences.extend(failure.sentences);
        }
    }
    if sentences.is_empty() { Ok(()) } else { Err(Failure { exit: Exit::Data, sentences }) }
}

/// Where compiled lists are kept, and the rules that say what is protected.
struct ListFolder {
    folder: PathBuf,
    rules: RuleSet,
}

impl ListFolder {
    fn of(args: &RulesUpdateArgs) -> Result<Self, Failure> {
        let folder = match &args.rules {
            Some(folder) => folder.clone(),
            None => load::config(&args.config)?
                .rules_folder
                .as_deref()
                .map(Path::to_path_buf)
                .ok_or_else(|| {
                    let config = args.config.display();
                    let sentence = format!("{config}: rules.folder is not written; lists go there");
                    Failure::new(Exit::Config, sentence)
                })?,
        };
        // Compiled lists are left aside: a damaged one must not stop its own replacement.
        let mut sources = Vec::new();
        let packs = fs::read_dir(&folder).map_err(|error| unusable(&folder, &error.to_string()))?;
        for file in packs.flatten().map(|entry| entry.path()) {
            if file.extension().is_some_and(|ending| ending == "toml") {
                let text = fs::read_to_string(&file)
                    .map_err(|error| unusable(&file, &error.to_string()))?;
                sources.push(rules::Source { file: file.display().to_string(), text });
            }
        }
        let rules = RuleSet::with_packs(sources).map_err(|faults| Failure {
            exit: Exit::Config,
            sentences: faults.iter().map(ToString::to_string).collect(),
        })?;
        Ok(Self { folder: folder.join(LIST_FOLDER), rules: rules.set })
    }

    fn file(&self, map: &ListMap, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", map.name))
    }

    fn maps(&self) -> Result<Vec<PathBuf>, Failure> {
        if !self.folder.is_dir() {
            return Ok(Vec::new());
        }
        let entries = fs::read_dir(&self.folder)
            .map_err(|error| unusable(&self.folder, &error.to_string()))?;
        let mut maps: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        maps.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
        maps.sort();
        Ok(maps)
    }

    fn read(&self, map: &ListMap, from: &Path) -> Result<(Imported, Change), Failure> {
        let imported = Import { map, from, rules: &self.rules }.read().map_err(broken)?;
        let before = ListFile::open(&self.file(map, LIST_ENDING)).ok();
        let change = imported.change(before.as_ref());
        Ok((imported, change))
    }

    /// Reads a list and puts it to use, unless it shrank and no reason is given.
    fn take(&self, map: &ListMap, from: &Path, reason: Option<&str>) -> Result<(), Failure> {
        let (imported, change) = self.read(map, from)?;
        tell(map, &imported, &change)?;
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        if let Some(why) = self.too_small(map, &change).filter(|_| reason.is_none()) {
            let sentence = format!(
                "{why}, so the old one stays in use; say --smaller-because REASON to take it all \
                 the same"
            );
            return Err(Failure::new(Exit::Data, sentence));
        }
        fs::create_dir_all(&self.folder)
            .and_then(|()| imported.write(&self.file(map, LIST_ENDING)))
            .and_then(|()| fs::write(self.file(map, "toml"), map.kept(from)))
            .and_then(|()| self.record(map, &change, &imported.list.digest(), reason))
            .map_err(|error| {
                let sentence = format!(
                    "{}: the list can not be written: {error}; what was in use stays",
                    self.folder.display()
                );
                Failure::new(Exit::Io, sentence)
            })?;
        say(format_args!("{}: in use with the next reading of the rules.", map.name))
    }

    /// Why a list is not taken without a reason, where it is so: it has shrunk, or its names were
    /// exchanged.
    fn too_small(&self, map: &ListMap, change: &Change) -> Option<String> {
        let most = self.most_since_agreed(map);
        if !change.is_shrunk(&most) {
            return None;
        }
        let (before, after) = change.totals();
        let groups: Vec<&str> =
            change.shrunk(&most).iter().map(|group| group.group.as_str()).collect();
        let held = most.values().sum::<usize>();
        let once = match held > before {
            true => format!(", and had {held} when somebody last agreed"),
            false => String::new(),
        };
        let gone: usize = change.groups.iter().map(|group| group.removed).sum();
        let what = match after < before || held > before {
            true => format!("the list has shrunk from {before} names to {after}{once}"),
            false => format!("{gone} of the {before} names of the list are gone"),
        };
        let groups = if groups.is_empty() { "all together".to_owned() } else { groups.join(", ") };
        Some(format!("{}: {what} (groups: {groups})", map.name))
    }

    /// The most names that each group of a list had since a person last gave a reason for
    /// fewer.
    fn most_since_agreed(&self, map: &ListMap) -> BTreeMap<String, usize> {
        let text = fs::read_to_string(self.folder.join(LIST_CHANGES)).unwrap_or_default();
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Taken>(line).ok());
        let mut most = BTreeMap::new();
        for line in lines.filter(|line| line.list == map.name) {
            if line.reason.is_some() {
                most.clear();
            }
            for group in line.groups {
                let held = most.entry(group.group).or_insert(0);
                *held = group.names.max(*held);
            }
        }
        most
    }

    /// Keeps what changed, so that a loss of coverage is known for good.
    fn record(
        &self,
        map: &ListMap,
        change: &Change,
        digest: &str,
        reason: Option<&str>,
    ) -> std::io::Result<()> {
        let (before, after) = change.totals();
        let groups: Vec<_> = change
            .groups
            .iter()
            .map(|group| {
                json!({
                    "group": group.group,
                    "category": group.category.code(),
                    "added": group.added,
                    "removed": group.removed,
                    "names": group.after,
                })
            })
            .collect();
        let line = json!({
            "time": Clock::real().now().to_string(),
            "list": map.name,
            "before": before,
            "after": after,
            "lowers_coverage": change.lowers_coverage(),
            "reason": reason,
            "digest": digest,
            "groups": groups,
        });
        let mut file = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.join(LIST_CHANGES))?;
        writeln!(file, "{line}")
    }
}

/// A line of the file of changes, as far as it says how many names a list had.
#[derive(Deserialize)]
struct Taken {
    list: String,
    reason: Option<String>,
    groups: Vec<TakenGroup>,
}

#[derive(Deserialize)]
struct TakenGroup {
    group: String,
    names: usize,
}

/// Reads a map; the place of its list is taken from the map's own folder on.
fn read_map(file: &Path) -> Result<(ListMap, PathBuf), Failure> {
    let text = fs::read_to_string(file).map_err(|error| unusable(file, &error.to_string()))?;
    let map = ListMap::read(&file.display().to_string(), &text).map_err(|faults| Failure {
        exit: Exit::Config,
        sentences: faults.iter().map(ToString::to_string).collect(),
    })?;
    let near = file.parent().unwrap_or(Path::new("."));
    let from = near.join(&map.from);
    let from = fs::canonicalize(&from).unwrap_or(from);
    Ok((map, from))
}

fn tell(map: &ListMap, imported: &Imported, change: &Change) -> Result<(), Failure> {
    say(format_args!(
        "{}: {} names, licence {}.",
        map.name,
        imported.list.names(),
        map.licence.escape_debug()
    ))?;
    for group in &change.groups {
        say(format_args!(
            "  {} as {} {}: {} names (before {}, {} new, {} gone).",
            group.group.escape_debug(),
            group.category.code(),
            group.category.title(),
            group.after,
            group.before,
            group.added,
            group.removed
        ))?;
    }
    for group in &change.groups {
        if let Some(was) = group.was.filter(|was| *was != group.category) {
            say(format_args!(
                "  {} was {} and is {} now: what it was is watched less.",
                group.group.escape_debug(),
                was.title(),
                group.category.title()
            ))?;
        }
    }
    for group in &imported.without_names {
        say(format_args!(
            "  Mapped, but the list has no such group, or no name in it: {}.",
            group.escape_debug()
        ))?;
    }
    for name in imported.of_help.iter().take(MOST_TOLD) {
        say(format_args!(
            "  Left out, because its name speaks of help: {}.",
            name.as_str().escape_debug()
        ))?;
    }
    for (group, names) in &imported.unmapped {
        say(format_args!(
            "  Not mapped, so it judges nothing: {} ({names} names).",
            group.escape_debug()
        ))?;
    }
    for (group, why) in &imported.refused {
        say(format_args!("  Refused: {}, because {why}.", group.escape_debug()))?;
    }
    for (name, group) in imported.protected.iter().take(MOST_TOLD) {
        say(format_args!(
            "  Protected ({}) and left out: {}.",
            group.code(),
            name.as_str().escape_debug()
        ))?;
    }
    for ending in imported.endings.iter().take(MOST_TOLD) {
        say(format_args!(
            "  Left out, because many sites share this ending: {}.",
            ending.as_str().escape_debug()
        ))?;
    }
    say(format_args!(
        "  Left out in all: {} protected names, {} shared endings, {} addresses, {} lines that \
         hold no name.",
        imported.protected.len(),
        imported.endings.len(),
        imported.addresses,
        imported.unread
    ))
}

fn broken(no: NoList) -> Failure {
    let sentence = format!("{}: {} The list in use stays.", no.file.display(), no.sentence);
    Failure::new(Exit::Data, sentence)
}

fn unusable(file: &Path, why: &str) -> Failure {
    Failure::new(Exit::Io, format!("{} can not be read: {why}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(folder: &Path, reason: Option<&str>) -> RulesImportArgs {
        RulesImportArgs {
            map: folder.join("map.toml"),
            update: RulesUpdateArgs {
                config: PathBuf::from("none.toml"),
                rules: Some(folder.to_owned()),
                smaller_because: reason.map(str::to_owned),
            },
        }
    }

    fn listed(folder: &Path) -> usize {
        let loaded = RuleSet::load(Some(folder)).unwrap();
        loaded.set.lists().flat_map(|list| &list.groups).map(|group| group.names).sum()
    }

    #[test]
    fn a_list_is_imported_updated_and_kept_where_the_new_one_has_shrunk() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let maps = tempfile::tempdir().unwrap();
        let map = "[list]\nname = \"near\"\nsource = \"a test\"\nlicence = \"own\"\n\
            from = \"names\"\nformat = \"plain\"\n[groups]\nall = \"C14\"\n";
        let names =
            |count: usize| (0..count).map(|n| format!("n{n}.example\n")).collect::<String>();
        fs::write(maps.path().join("map.toml"), map).unwrap();
        fs::write(maps.path().join("names"), names(100)).unwrap();
        let given =
            |reason| RulesImportArgs { map: maps.path().join("map.toml"), ..args(folder, reason) };
        diff(&given(None)).unwrap();
        assert_eq!(listed(folder), 0, "a diff changes nothing");
        import(&given(None)).unwrap();
        assert_eq!(listed(folder), 100);

        fs::write(maps.path().join("names"), names(60)).unwrap();
        let refused = update(&args(folder, None).update).unwrap_err();
        assert_eq!(refused.exit, Exit::Data);
        assert!(refused.sentences[0].contains("from 100 names to 60"), "{:?}", refused.sentences);
        assert_eq!(listed(folder), 100, "the old list stays");
        update(&args(folder, Some("the keeper left out old names")).update).unwrap();
        assert_eq!(listed(folder), 60);

        let record = fs::read_to_string(folder.join("lists/changes.jsonl")).unwrap();
        let last = record.lines().last().unwrap();
        assert!(last.contains("\"lowers_coverage\":true"), "{last}");
        assert!(last.contains("the keeper left out old names"), "{last}");
        assert_eq!(record.lines().count(), 2);
    }

    #[test]
    fn a_list_can_not_be_emptied_in_small_steps_nor_by_taking_its_file_away() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let map = "[list]\nname = \"near\"\nsource = \"a test\"\nlicence = \"own\"\n\
            from = \"names\"\nformat = \"plain\"\n[groups]\nall = \"C14\"\n";
        let take = |count: usize, reason: Option<&str>| {
            let names = (0..count).map(|n| format!("n{n}.example\n")).collect::<String>();
            let maps = folder.join("lists.from");
            fs::create_dir_all(&maps).unwrap();
            fs::write(maps.join("names"), names).unwrap();
            fs::write(maps.join("map"), map).unwrap();
            import(&RulesImportArgs { map: maps.join("map"), ..args(folder, reason) })
        };
        take(1_000, None).unwrap();
        take(850, None).unwrap();
        let refused = take(790, None).unwrap_err();
        let said = "shrunk from 850 names to 790, and had 1000 when somebody last agreed";
        assert!(refused.sentences[0].contains(said), "{:?}", refused.sentences);
        fs::remove_file(folder.join("lists/near.list")).unwrap();
        assert!(take(500, None).is_err(), "what it held is known");
        take(790, Some("the keeper cleaned it")).unwrap();
        take(700, None).unwrap();
        assert!(take(600, None).is_err());
        assert_eq!(listed(folder), 700);
    }

    #[test]
    fn a_map_with_faults_is_told_whole() {
        let folder = tempfile::tempdir().unwrap();
        let map = "[list]\nname = \"X\"\nsource = \"\"\nlicence = \"own\"\nfrom = \"n\"\n\
            format = \"plain\"\n[groups]\nsect = \"C08\"\n";
        fs::write(folder.path().join("other.txt"), map).unwrap();
        let args =
            RulesImportArgs { map: folder.path().join("other.txt"), ..args(folder.path(), None) };
        let failure = import(&args).unwrap_err();
        assert_eq!((failure.exit, failure.sentences.len()), (Exit::Config, 3));
    }
}
