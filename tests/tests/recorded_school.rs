//! A recorded school of real servers: who it was, behind each of nine page loads.
//!
//! The capture is kept beside the project, not in it. Where it is not there, the test says
//! so and asserts nothing; the engine's own tests hold the same nine answers everywhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use wardline_tests::laws::root;
use wardline_tests::program::wardline;

/// What the evidence allows to be said of each page load, in order: the site, how sure, and
/// which accounts. It is IDENTITY's table "What the model must say".
const NINE: [(&str, &str, &[&str]); 9] = [
    ("www.bbc.co.uk", "device_only", &[]),
    ("homework.example.com", "likely", &["a.pupil"]),
    ("chat.example.net", "likely", &["a.pupil"]),
    ("games.example.org", "likely", &["a.pupil"]),
    ("chat.example.net", "likely", &["b.pupil"]),
    ("www.bbc.co.uk", "one_of", &["b.pupil", "t.staff"]),
    ("chat.example.net", "proven", &["c.pupil"]),
    ("www.bbc.co.uk", "proven", &["c.pupil"]),
    ("games.example.org", "device_only", &[]),
];

const DIRECTORY: &str = "login,name,role,year,group,aliases,from,to
a.pupil,A. Pupil,pupil,6,6R,,2020-09-01,
b.pupil,B. Pupil,pupil,6,6R,,2020-09-01,
c.pupil,C. Pupil,pupil,6,6R,,2020-09-01,
class3,Class 3,class,3,3B,,2025-09-01,
t.staff,T. Staff,staff,,,,2020-09-01,
svc.backup,Backup,service,,,,,
";

/// A rule of the school's own, so that every page load of the recording is a match.
const RULES: &str = r#"[pack]
name = "recorded"
owner = "Designated Safeguarding Lead"
rationale = "Every site of the recording."
source = "The recording."
licence = "for this test only"

[[service]]
name = "A recorded site"
category = "C14"
names = ["www.bbc.co.uk", "homework.example.com", "chat.example.net", "games.example.org"]
"#;

/// One page load as the program attributed it, first and last.
#[derive(Debug)]
struct Load {
    site: String,
    first: (String, Vec<String>),
    last: (String, Vec<String>),
}

#[test]
fn the_nine_rows_hold_when_every_record_came_before_the_question() {
    let Some(loads) = replay(DIRECTORY, "10m") else { return };
    assert_eq!(rows(&loads), expected());
}

#[test]
fn the_nine_rows_hold_when_records_come_one_after_the_other() {
    let Some(loads) = replay(DIRECTORY, "0s") else { return };
    assert_eq!(rows(&loads), expected());
    for (load, (_, _, may)) in loads.iter().zip(NINE) {
        let (_, accounts) = &load.first;
        let only = accounts.iter().all(|account| may.contains(&account.as_str()));
        assert!(only, "a first answer named somebody else: {load:?}");
    }
}

#[test]
fn without_a_directory_the_backup_account_is_a_candidate_and_nobody_is_wrong() {
    let Some(loads) = replay("login,role\n", "10m") else { return };
    let fourth = &loads[3];
    assert_eq!(fourth.site, "games.example.org");
    assert_eq!(
        fourth.last,
        ("one_of".to_owned(), vec!["a.pupil".to_owned(), "svc.backup".to_owned()])
    );
}

fn expected() -> Vec<(String, String, Vec<String>)> {
    let row = |(site, certainty, accounts): (&str, &str, &[&str])| {
        let accounts = accounts.iter().map(|account| (*account).to_owned()).collect();
        (site.to_owned(), certainty.to_owned(), accounts)
    };
    NINE.into_iter().map(row).collect()
}

fn rows(loads: &[Load]) -> Vec<(String, String, Vec<String>)> {
    loads.iter().map(|load| (load.site.clone(), load.last.0.clone(), load.last.1.clone())).collect()
}

/// Runs the recording through the program; `None` where the recording is not there.
fn replay(directory: &str, grace: &str) -> Option<Vec<Load>> {
    let capture: PathBuf = root().join("../shared/lab/s1_main.pcap");
    if !capture.exists() {
        println!("not run: the recorded school is not beside the project");
        return None;
    }
    let folder = tempfile::tempdir().expect("a folder");
    lay_out(folder.path(), directory, grace);
    let ran = wardline()
        .args(["--log", "warn", "replay", "--events", "--config"])
        .arg(folder.path().join("wardline.toml"))
        .arg(&capture)
        .output()
        .expect("the program runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    Some(loads(&String::from_utf8(ran.stdout).expect("JSON lines are UTF-8")))
}

fn lay_out(folder: &Path, directory: &str, grace: &str) {
    let demo = fs::read_to_string(root().join("packaging/demo/wardline.toml")).expect("the demo's");
    let config = demo
        .replace("grace = \"20s\"", &format!("grace = \"{grace}\""))
        .replace("realms = [\"ELMROW.EXAMPLE\"]", "realms = [\"SCHOOL.LAN\"]")
        .replace("[calendar]", "[rules]\nfolder = \"rules\"\n\n[calendar]");
    for part in [grace, "[rules]", "SCHOOL.LAN"] {
        assert!(config.contains(part), "{part} is in {config}");
    }
    fs::create_dir(folder.join("rules")).expect("a folder for rules");
    fs::write(folder.join("rules/recorded.toml"), RULES).expect("rules");
    fs::write(folder.join("directory.csv"), directory).expect("a directory");
    fs::write(folder.join("wardline.toml"), config).expect("a configuration");
}

/// The page loads (hellos, not look-ups) in order, each with its first and last answer.
fn loads(output: &str) -> Vec<Load> {
    let mut order = Vec::new();
    let mut answers: BTreeMap<String, Vec<(String, Vec<String>)>> = BTreeMap::new();
    for line in output.lines() {
        let event: Value = serde_json::from_str(line).expect("JSON");
        let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        match event["kind"].as_str() {
            Some("match") if event["heard"] == "tls_client_hello" => {
                order.push((text("id"), text("name")));
            }
            Some("attributed") => {
                let subject = &event["subject"];
                let accounts = subject["accounts"].as_array().expect("accounts");
                let accounts = accounts.iter().map(|a| a.as_str().unwrap_or_default().to_owned());
                let certainty = subject["certainty"].as_str().unwrap_or_default().to_owned();
                answers.entry(text("match")).or_default().push((certainty, accounts.collect()));
            }
            _ => {}
        }
    }
    let load = |(id, site): (String, String)| {
        let told = answers.get(&id).expect("every match is attributed");
        let first = told.first().expect("at least once").clone();
        let last = told.last().expect("at least once").clone();
        Load { site, first, last }
    };
    order.into_iter().map(load).collect()
}
