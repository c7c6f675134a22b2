//! Names of everyday reading: each that the shipped packs bring to P1 or P2 stands in a table.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use facts::{HostName, Profile};

use super::builtin;

/// Set to write the table anew after rules have changed; each new line is then to be read.
const WRITE: &str = "WARDLINE_WRITE_INNOCENT";
/// Name, highest level, category, rule, and why the level is right.
const TABLE: &str = include_str!("innocent.tsv");
/// Names of schools' everyday life, none of which may be more than a count.
const EVERYDAY: &str = include_str!("everyday.txt");

/// Names of the long lists that words bring to an item of the list: a hash of each, the rule, and
/// what a person who read it found there.
const READ: &str = include_str!("../../measure/read.tsv");
/// Which groups of the long lists hold what is watched.
const MAP: &str = include_str!("../../maps/ut1.toml");

/// The highest level that any profile gives a name, with the rule and its reason.
fn gravest(name: &str) -> Option<(&'static str, String)> {
    let asked = Profile::ALL.iter().map(|profile| builtin().ceiling(name, *profile, false));
    let grave = asked.filter(|asked| matches!(asked.level, Some("P1" | "P2")));
    let worst = grave.min_by_key(|asked| asked.level)?;
    let rule = worst.rule.clone()?;
    Some((worst.level?, format!("{}\t{rule}\t{}", worst.category?, worst.because)))
}

fn line(name: &str) -> Option<String> {
    gravest(name).map(|(level, rest)| format!("{name}\t{level}\t{rest}"))
}

#[test]
fn every_line_of_the_table_is_what_the_rules_say() {
    let mut lines = TABLE.lines().skip(1).peekable();
    assert!(lines.peek().is_some());
    for kept in lines {
        let name = kept.split('\t').next().unwrap();
        assert_eq!(line(name).as_deref(), Some(kept), "renew with {WRITE}=1");
        assert_eq!(kept.split('\t').filter(|cell| !cell.is_empty()).count(), 5, "{kept}");
    }
}

#[test]
fn nothing_of_everyday_life_comes_to_a_case() {
    let mut count = 0;
    for name in EVERYDAY.lines().filter(|name| !name.starts_with('#')) {
        for profile in [Profile::Ks34, Profile::Ks5, Profile::Staff] {
            let asked = builtin().ceiling(name, profile, false);
            assert!(
                matches!(asked.level, None | Some("P0" | "P4")),
                "{name} {profile:?}: {:?} {}",
                asked.level,
                asked.because
            );
        }
        count += 1;
    }
    assert!(count > 150, "{count}");
}

fn names_in(groups: &[&str], files: &[&str]) -> BTreeSet<String> {
    let Some(lists) = super::long_lists() else { return BTreeSet::new() };
    let groups = groups.iter().map(|group| lists.join("ut1").join(group).join("domains"));
    let files = groups.chain(files.iter().map(|file| lists.join(file)));
    let texts = files.filter_map(|file| fs::read_to_string(file).ok());
    texts
        .flat_map(|text| text.lines().map(|line| line.trim().to_lowercase()).collect::<Vec<_>>())
        .collect()
}

fn innocent_names() -> BTreeSet<String> {
    names_in(&["press", "sports", "liste_bu", "translation", "cooking"], &["top-10000.txt"])
}

/// What a word brings to an item of the list is what the word says of it, by the judgement of a
/// person who read each: of all other names of the long lists none is.
#[test]
fn words_bring_no_name_of_the_long_lists_to_a_case_that_nobody_read() {
    let names = innocent_names();
    let groups = MAP.lines().skip_while(|line| *line != "[groups]");
    let groups: Vec<&str> =
        groups.filter_map(|line| line.split_once(" = ")).map(|(group, _)| group).collect();
    let harmful = names_in(&groups, &[]);
    let is_harmful = |name: &str| {
        let Some(name) = HostName::from_text(name) else { return false };
        let site = psl::domain_str(name.as_str()).map_or(usize::MAX, str::len);
        let mut zones = name.as_name().ancestors().filter(|zone| zone.len() >= site);
        zones.any(|zone| harmful.contains(zone) || harmful.contains(&format!("www.{zone}")))
    };
    let said: BTreeMap<String, &String> = names
        .iter()
        .filter_map(|name| {
            let asked = builtin().ceiling(name, Profile::Ks34, true);
            let is_item = matches!(asked.level, Some("P1" | "P2" | "P3")) && !is_harmful(name);
            let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |state, byte| {
                (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
            is_item.then(|| (format!("{hash:016x}\t{}", asked.rule.unwrap_or_default()), name))
        })
        .collect();
    let mut read = BTreeSet::new();
    for line in READ.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let (rule, found) = line.rsplit_once('\t').unwrap();
        assert!(!found.is_empty() && read.insert(rule), "{line}");
    }
    assert!(!read.is_empty());
    let unread: Vec<_> = said.iter().filter(|(line, _)| !read.contains(line.as_str())).collect();
    assert!(unread.is_empty(), "read these, then mend the word or write the line: {unread:?}");
    assert!(names.is_empty() || said.len() == read.len(), "lines that no name bears any more");
}

/// Where the long lists of innocent names are at hand, they say the same.
#[test]
fn the_long_lists_hold_no_grave_name_that_the_table_does_not() {
    let names = innocent_names();
    if names.is_empty() {
        return;
    }
    let found: BTreeMap<&String, String> =
        names.iter().filter_map(|name| Some((name, line(name)?))).collect();
    if std::env::var_os(WRITE).is_some() {
        let mut table = String::from("name\tlevel\tcategory\trule\twhy\n");
        found.values().for_each(|line| table.extend([line, "\n"]));
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/innocent.tsv"), table)
            .unwrap();
        return;
    }
    let kept: Vec<&str> = TABLE.lines().skip(1).collect();
    assert_eq!(found.values().map(String::as_str).collect::<Vec<_>>(), kept);
    let silent = ["P1", "P2"].map(|grave| {
        let by_words =
            |name: &&String| builtin().ceiling(name, Profile::Ks1, true).level == Some(grave);
        names.iter().filter(by_words).count()
    });
    assert_eq!(silent, [0, 0], "words alone never weigh so much");
}
