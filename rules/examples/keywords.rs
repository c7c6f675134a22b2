//! Measures keyword rules: recall by groups of words, innocent names that they accuse.
//!
//! `cargo run --release -p rules --example keywords -- LISTS [even|odd|both] [PACKS]`, where LISTS is a folder
//! that holds `ut1/GROUP/domains` and may hold `top-10000.txt` and `keyword_traps.tsv`. The names
//! of each measured group are grouped by the longest word of `rules/measure/words.tsv` that they
//! contain left of their last dot; groups of at least twenty names count, each once, so that a
//! word with twenty thousand names weighs no more than one with twenty. `even` and `odd` measure
//! one half of the names each (by a hash of the name): rules are written with one half in view
//! and measured on the other. A third argument is a folder of packs to measure instead of the
//! shipped ones.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;
use std::{env, fs};

use facts::{HostName, Profile};
use rules::{Diagnostic, RuleSet, Source};

/// The published words.
const WORDS: &str = include_str!("../measure/words.tsv");
/// The smallest group that counts.
const SMALLEST_GROUP: usize = 20;
/// Groups of the folder whose names are innocent.
const INNOCENT: [&str; 5] = ["press", "sports", "liste_bu", "translation", "cooking"];
/// The map of these lists: a group that it maps is not innocent.
const MAP: &str = include_str!("../maps/ut1.toml");

/// A word by which names are grouped.
struct Word {
    list: String,
    code: String,
    counts: bool,
    word: String,
}

/// What came of one group.
#[derive(Default)]
struct Group {
    names: usize,
    found: usize,
    own: usize,
}

fn main() -> io::Result<()> {
    let mut args = env::args().skip(1);
    let Some(lists) = args.next() else {
        return Err(io::Error::other("name the folder that holds ut1"));
    };
    let half = args.next().filter(|half| half != "both");
    let packs = args.next();
    let lists = Path::new(&lists);
    let rules = match packs {
        None => RuleSet::builtin(),
        Some(folder) => RuleSet::compile(&sources(Path::new(&folder))?),
    };
    let rules = rules.map_err(told)?.set;
    let mut out = io::BufWriter::new(io::stdout().lock());
    recall(&mut out, &rules, lists, half.as_deref())?;
    innocent(&mut out, &rules, lists)?;
    out.flush()
}

fn sources(folder: &Path) -> io::Result<Vec<Source>> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let file = path.display().to_string();
        sources.push(Source { file, text: fs::read_to_string(path)? });
    }
    Ok(sources)
}

fn told(faults: Vec<Diagnostic>) -> io::Error {
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    io::Error::other(told.join("\n"))
}

fn recall(
    out: &mut impl Write,
    rules: &RuleSet,
    lists: &Path,
    half: Option<&str>,
) -> io::Result<()> {
    let words = words();
    let categories: BTreeSet<&str> = words.iter().map(|word| word.list.as_str()).collect();
    let mut all = Vec::new();
    for list in categories {
        let names = names(&lists.join("ut1").join(list).join("domains"))?;
        for counts in [true, false] {
            let of_list: Vec<&Word> =
                words.iter().filter(|word| word.list == list && word.counts == counts).collect();
            let groups = grouped(rules, &names, &of_list, half);
            let mut shares = Vec::new();
            for (word, group) in groups.iter().filter(|(_, group)| group.names >= SMALLEST_GROUP) {
                let share = ratio(group.found, group.names);
                writeln!(
                    out,
                    "{list}\t{word}\t{}\t{}\t{:.1} %\tin its own category {:.1} %",
                    group.names,
                    group.found,
                    100.0 * share,
                    100.0 * ratio(group.own, group.names)
                )?;
                shares.push(share);
            }
            let kind = if counts { "" } else { " (other languages, not counted)" };
            writeln!(
                out,
                "{list}{kind}: {} words, recall {:.1} %; {} of {} names stand in a group\n",
                shares.len(),
                100.0 * average(&shares),
                groups.values().map(|group| group.names).sum::<usize>(),
                names.len()
            )?;
            if counts {
                all.extend(shares);
            }
        }
    }
    writeln!(out, "all: {} words, recall {:.1} %\n", all.len(), 100.0 * average(&all))
}

fn grouped<'w>(
    rules: &RuleSet,
    names: &BTreeSet<String>,
    words: &[&'w Word],
    half: Option<&str>,
) -> BTreeMap<&'w str, Group> {
    let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
    for name in names.iter().filter(|name| half.is_none_or(|half| half == half_of(name))) {
        let text = name.rsplit_once('.').map_or(name.as_str(), |(left, _)| left);
        let longest = words
            .iter()
            .filter(|word| text.contains(&word.word))
            .max_by_key(|word| word.word.len());
        let Some(word) = longest else { continue };
        let asked = rules.ceiling(name, Profile::Ks34, true);
        let spoken = asked.level.is_some_and(|level| level != "P0");
        let own = spoken && asked.category == Some(word.code.as_str());
        let group = groups.entry(&word.word).or_default();
        group.names += 1;
        group.found += usize::from(spoken);
        group.own += usize::from(own);
    }
    groups
}

fn innocent(out: &mut impl Write, rules: &RuleSet, lists: &Path) -> io::Result<()> {
    let mapped = MAP.lines().skip_while(|line| *line != "[groups]");
    let mut harmful = BTreeSet::new();
    for group in mapped.filter_map(|line| line.split_once(" = ")).map(|(group, _)| group) {
        harmful.extend(names(&lists.join("ut1").join(group).join("domains"))?);
    }
    let mut innocent = names(&lists.join("top-10000.txt"))?;
    for group in INNOCENT {
        innocent.extend(names(&lists.join("ut1").join(group).join("domains"))?);
    }
    // A harmful site is harmful below its name too, and without a `www.` that a list wrote;
    // not so where many sites share an ending.
    let is_harmful = |name: &str| {
        let Some(name) = HostName::from_text(name) else { return false };
        let site = psl::domain_str(name.as_str()).map_or(usize::MAX, str::len);
        let mut zones = name.as_name().ancestors().filter(|zone| zone.len() >= site);
        harmful.contains(name.as_str())
            || zones.any(|zone| harmful.contains(zone) || harmful.contains(&format!("www.{zone}")))
    };
    let all = innocent.len();
    innocent.retain(|name| !is_harmful(name));
    writeln!(out, "{} names taken off, as a mapped group holds them", all - innocent.len())?;
    let mut levels: BTreeMap<&str, usize> = BTreeMap::new();
    for name in &innocent {
        let asked = rules.ceiling(name, Profile::Ks34, true);
        let Some(level) = asked.level else { continue };
        *levels.entry(level).or_default() += 1;
        writeln!(out, "innocent\t{level}\t{name}\t{}", asked.rule.unwrap_or_default())?;
    }
    writeln!(out, "{} innocent names, by words alone: {levels:?}", innocent.len())?;
    let traps = fs::read_to_string(lists.join("keyword_traps.tsv")).unwrap_or_default();
    let mut silent = 0;
    for trap in traps.lines().skip(1).filter_map(|line| line.split('\t').nth(1)) {
        match rules.ceiling(trap, Profile::Ks34, true).level {
            None | Some("P0") => silent += 1,
            Some(level) => writeln!(out, "trap\t{level}\t{trap}")?,
        }
    }
    writeln!(out, "{silent} traps silent")
}

fn words() -> Vec<Word> {
    let lines = WORDS.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines
        .filter_map(|line| {
            let [list, code, language, word] =
                line.split('\t').collect::<Vec<_>>().try_into().ok()?;
            Some(Word {
                list: list.to_owned(),
                code: code.to_owned(),
                counts: language == "en",
                word: word.to_owned(),
            })
        })
        .collect()
}

/// The names of a file, one a line; none where there is no such file.
fn names(file: &Path) -> io::Result<BTreeSet<String>> {
    match fs::read(file) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes)
            .lines()
            .map(|line| line.trim().to_ascii_lowercase())
            .filter(|line| !line.is_empty())
            .collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(error) => Err(io::Error::other(format!("{}: {error}", file.display()))),
    }
}

/// Which half a name belongs to: FNV-1a over its bytes.
fn half_of(name: &str) -> &'static str {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    if (hash >> 32).is_multiple_of(2) { "even" } else { "odd" }
}

fn average(shares: &[f64]) -> f64 {
    shares.iter().sum::<f64>() / shares.len().max(1) as f64
}

fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}
