//! Makes, imports and asks a list of millions, for measuring from outside.
//!
//! `lists make N FILE` writes N made-up names; `lists import FILE OUT` compiles them; `lists load
//! OUT TIMES` only reads the compiled file; `lists ask OUT miss|hit|deep|none N` asks it N times
//! (`none` makes the names and asks nothing, to be taken off). `lists hostile N` asks the shipped
//! packs about names made to be slow to read, `lists plain N` about as many ordinary ones.

use std::fs;
use std::hint::black_box;
use std::io::{self, Write};
use std::path::Path;

use facts::HostName;
use rules::{Import, ListFile, ListMap, RuleSet};

const MAP: &str = "[list]\nname = \"made-up\"\nsource = \"a seed\"\nlicence = \"own\"\nfrom = \"x\"\n\
                   format = \"plain\"\n[groups]\nall = \"C08\"\n";
/// Parts of names; a name is three of them and a number, under one of a few endings.
const PARTS: [&str; 32] = [
    "river", "stone", "cloud", "green", "market", "north", "press", "data", "home", "light",
    "park", "media", "blue", "craft", "line", "point", "shop", "world", "net", "art", "best",
    "city", "air", "gold", "house", "info", "kind", "lake", "moon", "road", "star", "wood",
];
const ENDINGS: [&str; 6] = ["com", "net", "org", "co.uk", "info", "de"];

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["make", count, file] => make(number(count)?, Path::new(file)),
        ["import", from, out] => import(Path::new(from), Path::new(out)),
        ["load", file, times] => {
            (0..number(times)?).try_for_each(|_| open(file).map(|list| drop(black_box(list))))
        }
        ["ask", file, how, count] => ask(&open(file)?, how, number(count)?),
        ["hostile", count] => judge(number(count)?, hostile),
        ["plain", count] => judge(number(count)?, |at| name(at.wrapping_mul(7))),
        _ => Err(io::Error::other("make, import, load, ask, hostile or plain")),
    }
}

fn number(text: &str) -> io::Result<u64> {
    text.parse().map_err(|_| io::Error::other(format!("{text}: no number")))
}

fn open(file: &str) -> io::Result<ListFile> {
    ListFile::open(Path::new(file)).map_err(|no| io::Error::other(no.sentence))
}

/// The name of a number: the same in each run, no two alike.
fn name(at: u64) -> String {
    let mixed = at.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let part = |shift: u32| PARTS[usize::try_from((mixed >> shift) & 31).unwrap_or_default()];
    let ending = ENDINGS[usize::try_from((mixed >> 50) % 6).unwrap_or_default()];
    format!("{}{}{at:x}.{ending}", part(60 - 5), part(60 - 10))
}

/// Names of four labels, each a chain of long words cut short.
fn hostile(at: u64) -> String {
    let stems =
        ["counterrevolution", "antidisestab", "uncharacterist", "institutionaliz", "casino"];
    let mut labels = Vec::new();
    for label in 0..4_u64 {
        let mut text = String::new();
        let mut step = at.wrapping_add(label).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        while text.len() < 63 {
            let stem = stems[usize::try_from(step % 5).unwrap_or_default()];
            text.push_str(
                &stem[..1 + usize::try_from((step >> 8) % stem.len() as u64).unwrap_or(0)],
            );
            step = step.rotate_left(13).wrapping_mul(0x0100_0000_01b3);
        }
        text.truncate(63);
        labels.push(text);
    }
    labels.join(".")
}

fn make(count: u64, file: &Path) -> io::Result<()> {
    let mut out = io::BufWriter::new(fs::File::create(file)?);
    (0..count).try_for_each(|at| writeln!(out, "{}", name(at)))?;
    out.flush()
}

fn import(from: &Path, out: &Path) -> io::Result<()> {
    let map = ListMap::read("map", MAP).map_err(|_| io::Error::other("the map"))?;
    let rules = RuleSet::builtin().map_err(|_| io::Error::other("the packs"))?.set;
    let read = Import { map: &map, from, rules: &rules }.read();
    let read = read.map_err(|no| io::Error::other(no.sentence))?;
    read.write(out)?;
    let (bytes, touched) = read.list.sizes();
    let names = read.list.names().max(1);
    writeln!(
        io::stdout(),
        "{names} names, {bytes} bytes: {:.2} a name, {:.2} of them touched by a look-up",
        bytes as f64 / names as f64,
        touched as f64 / names as f64
    )
}

fn ask(list: &ListFile, how: &str, count: u64) -> io::Result<()> {
    let names = list.names() as u64;
    let mut found = 0_u64;
    // A thousand names at a time are made before they are asked, so that making them can be
    // measured alone and taken off.
    for block in 0..count / 1_000 {
        let asked: Vec<HostName> = (0..1_000)
            .map(|at| (block * 1_000 + at).wrapping_mul(0x9e37_79b9_7f4a_7c15) % names)
            .map(|at| match how {
                "miss" => name(names + at),
                "deep" => format!("a.b.c.{}", name(at)),
                _ => name(at),
            })
            .filter_map(|text| HostName::from_text(&text))
            .collect();
        if how == "none" {
            black_box(&asked);
            continue;
        }
        for name in &asked {
            list.find(name.as_name(), |group| found += 1 + u64::from(group));
        }
    }
    writeln!(io::stdout(), "{count} asked, {found} found")
}

fn judge(count: u64, name: impl Fn(u64) -> String) -> io::Result<()> {
    let rules = RuleSet::builtin().map_err(|_| io::Error::other("the packs"))?.set;
    for at in 0..count {
        if let Some(name) = HostName::from_text(&name(at)) {
            black_box(rules.speak(name.as_name()));
        }
    }
    Ok(())
}
