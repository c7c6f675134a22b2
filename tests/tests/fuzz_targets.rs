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
