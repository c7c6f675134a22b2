//! The fuzz targets are built apart; this holds that none is missing.

use std::path::Path;

use wardline_tests::hostile::Parser;
use wardline_tests::laws::root;

fn folder() -> std::path::PathBuf {
    root().join("tests/fuzz")
}

fn targets() -> Vec<String> {
    let text = std::fs::read_to_string(folder().join("Cargo.toml")).expect("a manifest");
    let manifest: toml::Table = text.parse().expect("a manifest in TOML");
    let bins = manifest["bin"].as_array().expect("a list of targets");
    bins.iter().map(|bin| bin["name"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn every_parser_has_a_fuzz_target_and_so_have_whole_streams() {
    let mut expected: Vec<String> =
        Parser::ALL.iter().map(|parser| parser.word().to_owned()).collect();
    expected.push("feed".to_owned());
    assert_eq!(targets(), expected);
    for parser in Parser::ALL {
        let path = folder().join(format!("fuzz_targets/{parser}.rs"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path:?}: {e}"));
        assert!(text.contains(&format!("Parser::{parser:?}, file")), "{}", path.display());
    }
}

#[test]
fn the_targets_use_the_harness_that_the_tests_use() {
    let lib = std::fs::read_to_string(folder().join("src/lib.rs")).expect("the targets' lib");
    let path = lib.split("#[path = \"").nth(1).and_then(|rest| rest.split('"').next());
    let harness = folder().join("src").join(path.expect("a path"));
    assert!(Path::new(&harness).canonicalize().is_ok_and(|path| path.ends_with("hostile/mod.rs")));
}

#[test]
fn whatever_the_harness_takes_from_its_crate_the_targets_have_too() {
    let lib = std::fs::read_to_string(folder().join("src/lib.rs")).expect("the targets' lib");
    let mut taken = 0;
    for file in std::fs::read_dir(root().join("tests/src/hostile")).expect("the harness") {
        let path = file.expect("a file").path();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let own = text.lines().filter_map(|line| line.strip_prefix("use crate::"));
        for item in own.filter(|item| !item.starts_with("hostile")) {
            let item = item.trim_end_matches(';');
            taken += 1;
            assert!(lib.contains(&format!("::{item};")), "{}: {item}", path.display());
        }
    }
    assert!(taken > 0, "the harness takes chance from its crate");
}
