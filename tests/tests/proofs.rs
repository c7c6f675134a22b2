//! The table of proofs in the wire's documentation names tests that exist.

use std::collections::BTreeSet;

use wardline_tests::laws::{self, root};

/// The names between backquotes in the last column of the table.
fn named() -> BTreeSet<String> {
    let path = root().join("daemon/wire/PROOFS.md");
    let text = std::fs::read_to_string(path).expect("the table");
    let rows = text.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    rows.flat_map(|row| {
        let tests = row.trim_end_matches(" |").rsplit(" | ").next().unwrap_or_default();
        tests.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()
    })
    .collect()
}

/// Whether a source has a test of this name; a macro writes those of the hostile bytes.
fn has_test(text: &str, name: &str) -> bool {
    let plain = text.split(&format!("fn {name}(")).next().filter(|before| *before != text);
    let is_test = plain.is_some_and(|before| {
        let above: Vec<&str> = before.lines().rev().take(4).collect();
        above.iter().any(|line| line.trim() == "#[test]")
    });
    is_test || text.contains(&format!("    {name}: "))
}

#[test]
fn every_test_named_in_the_table_of_proofs_exists() {
    let named = named();
    assert!(named.len() > 60, "only {} tests are named", named.len());
    let sources: Vec<_> =
        laws::repository().into_iter().filter(|text| text.path.ends_with(".rs")).collect();
    let missing: Vec<_> = named
        .iter()
        .filter(|name| !sources.iter().any(|source| has_test(&source.text, name)))
        .collect();
    assert!(missing.is_empty(), "no such tests: {missing:?}");
}

#[test]
fn what_is_no_test_is_not_taken_for_one() {
    assert!(!has_test("fn a_name() {}\n", "a_name"));
    assert!(has_test("#[test]\nfn a_name() {}\n", "a_name"));
    assert!(!has_test("#[test]\nfn a_name_of_more() {}\n", "a_name"));
}
