//! The laws of the house, held against this repository.

use std::process::Command;

use wardline_tests::laws::{
    self, Edges, PLACES, Source, Text, WALLS, assert_kept, crossed, misplaced,
};

fn sources() -> Vec<Source> {
    laws::sources(&laws::repository())
}

fn text(path: &str) -> Text {
    let found = laws::repository().into_iter().find(|text| text.path == path);
    found.unwrap_or_else(|| panic!("{path}: no such file"))
}

#[test]
fn the_walls_between_the_rooms_hold_at_any_distance() {
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(laws::root())
        .output()
        .expect("cargo runs");
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let answer = serde_json::from_slice(&cargo.stdout).expect("cargo answers in JSON");
    let edges = Edges::from_metadata(&answer).expect("cargo's answer has its usual form");
    let faults: Vec<_> =
        WALLS.iter().flat_map(|wall| crossed(wall, &edges, &text(wall.manifest))).collect();
    assert_kept("dependency walls", &faults);
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let faults: Vec<_> = sources().iter().filter_map(laws::length).collect();
    assert_kept("length of files", &faults);
}

#[test]
fn every_file_opens_with_its_purpose() {
    let faults: Vec<_> = sources().iter().filter_map(laws::opening).collect();
    assert_kept("opening sentence", &faults);
}

#[test]
fn no_file_has_a_name_that_says_nothing() {
    let faults: Vec<_> = laws::repository().iter().filter_map(laws::vague_names).collect();
    assert_kept("names of files", &faults);
}

#[test]
fn facts_stays_small_enough_to_read_first() {
    let faults: Vec<_> = laws::crowded_facts(&laws::repository()).into_iter().collect();
    assert_kept("files of facts", &faults);
}

#[test]
fn words_of_code_stand_only_where_they_may() {
    let sources = sources();
    let faults: Vec<_> = PLACES
        .iter()
        .flat_map(|place| sources.iter().flat_map(move |source| misplaced(place, source)))
        .collect();
    assert_kept("places", &faults);
}

#[test]
fn parsers_of_hostile_bytes_deny_what_can_panic() {
    let libs = ["daemon/facts/src/lib.rs", "daemon/wire/src/lib.rs", "rules/src/lib.rs"];
    let faults: Vec<_> = sources()
        .iter()
        .filter(|source| libs.contains(&source.path.as_str()))
        .flat_map(laws::lints_of_parsers)
        .collect();
    assert_kept("lints of parsers", &faults);
    let members: Vec<_> = laws::repository().iter().filter_map(laws::unlinted_members).collect();
    assert_kept("lints of members", &members);
}

#[test]
fn no_text_speaks_of_unfinished_work_or_of_one_machine() {
    let faults: Vec<_> = laws::repository().iter().flat_map(laws::unwanted_words).collect();
    assert_kept("unwanted words", &faults);
}

#[test]
fn every_package_comes_from_the_public_registry() {
    assert_kept("sources of packages", &laws::foreign_registries(&text("Cargo.lock")));
}

#[test]
fn every_subcommand_is_told_of_in_the_readme() {
    let help = wardline_tests::program::wardline().arg("--help").output().expect("wardline runs");
    let help = String::from_utf8(help.stdout).expect("help in UTF-8");
    let subcommands = laws::subcommands(&help);
    assert!(subcommands.contains(&"replay".to_owned()), "{subcommands:?}");
    assert_kept("subcommands", &laws::unmentioned(&subcommands, &text("README.md")));
}
