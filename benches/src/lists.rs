//! Lists as long as those that schools load, compiled, and words beside them.

use std::fmt::Write;
use std::fs;

use rules::{Import, ListMap, RuleSet};
use wardline_tests::Chance;

use crate::names::word;

const MAP: &str = "[list]\nname = \"long\"\nsource = \"a seed\"\nlicence = \"own\"\nfrom = \"x\"\n\
                   format = \"plain\"\n[groups]\nall = \"C08\"\n";

/// The name of a number on a long list; no two are alike.
#[must_use]
pub fn listed(number: u64) -> String {
    let mut chance = Chance::new(number);
    format!("{}{number:x}.example", word(&mut chance))
}

/// The shipped rules with a compiled list of so many names and so many words.
///
/// # Panics
/// Panics where they do not compile: then this crate is wrong.
#[must_use]
pub fn rules_with_list(names: u64, words: usize) -> RuleSet {
    let folder = tempfile::tempdir().expect("a folder");
    let lists = folder.path().join("lists");
    fs::create_dir(&lists).expect("a folder");
    let plain = folder.path().join("long.txt");
    let text: String = (0..names).map(|number| listed(number) + "\n").collect();
    fs::write(&plain, text).expect("a file");
    let map = ListMap::read("map", MAP).unwrap_or_else(|faults| panic!("{faults:?}"));
    let shipped = RuleSet::builtin().expect("the shipped packs").set;
    let import = Import { map: &map, from: &plain, rules: &shipped };
    let imported = import.read().unwrap_or_else(|no| panic!("{}", no.sentence));
    imported.write(&lists.join("long.list")).expect("a file");
    fs::write(folder.path().join("words.toml"), words_of(words)).expect("a file");
    RuleSet::load(Some(folder.path())).unwrap_or_else(|faults| panic!("{faults:?}")).set
}

/// A pack that speaks to made-up words.
fn words_of(count: usize) -> String {
    let mut text = "[pack]\nname = \"words\"\ncategory = \"C14\"\nowner = \"benches\"\n\
                    rationale = \"Measures many words.\"\nsource = \"A seed.\"\n\
                    licence = \"Apache-2.0\"\nreviewed = 2026-11-22\nreviewed_by = \"benches\"\n"
        .to_owned();
    let mut chance = Chance::new(0x3073d5);
    text.push_str("\n[[words]]\nany = [\n");
    for number in 0..count {
        let made_up = format!("{}{}", word(&mut chance), letters(number));
        writeln!(text, "    \"{made_up}\",").expect("text grows");
    }
    text.push_str("]\n");
    text
}

/// A number in letters, so that no two words are alike.
fn letters(mut number: usize) -> String {
    let mut text = String::new();
    for _ in 0..4 {
        text.push(char::from(b'a' + u8::try_from(number % 26).unwrap_or_default()));
        number /= 26;
    }
    text
}
