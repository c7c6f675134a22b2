//! The product's own programs, built by cargo and run as anybody would run them.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use crate::laws::root;

/// Where the `wardline` binary is, built anew where its sources changed.
///
/// Cargo tells this only to tests of the same package, and no product package may depend
/// on this one; so cargo is asked.
///
/// # Panics
/// Panics where it does not compile.
#[must_use]
pub fn wardline() -> Command {
    static PLACE: OnceLock<PathBuf> = OnceLock::new();
    Command::new(PLACE.get_or_init(|| build("wardline")))
}

/// As [`wardline`], with the dashboard beside it.
///
/// # Panics
/// Panics where one of the two does not compile.
#[must_use]
pub fn with_dashboard() -> Command {
    static PLACE: OnceLock<PathBuf> = OnceLock::new();
    PLACE.get_or_init(|| build("wardline-dashboard"));
    wardline()
}

fn build(package: &str) -> PathBuf {
    let cargo = Command::new(env!("CARGO"))
        .args(["build", "--offline", "--locked", "--message-format=json-render-diagnostics"])
        .args(["--workspace", "--bin", package])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let answers = String::from_utf8(cargo.stdout).expect("cargo answers in UTF-8");
    answers
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|answer| answer["target"]["name"] == package)
        .find_map(|answer| answer["executable"].as_str().map(PathBuf::from))
        .expect("cargo names the program it built")
}
