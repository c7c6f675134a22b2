//! Runs one scenario through `wardline replay` and searches what it leaves for names.

use std::fs;
use std::path::Path;

use super::{Expected, Outcome, Scenario, Traffic};
use crate::program::wardline;

/// What the scenario brings along; everything else in its folder was written by the program.
const BROUGHT: [&str; 5] =
    ["config.toml", "directory.csv", "exceptions.toml", "logons.csv", "traffic.pcap"];

/// What one run said.
struct Said {
    output: String,
    journal: String,
}

/// Every way in which the scenario did not go as its folder says, one sentence each.
///
/// # Errors
/// Says why it could not be run at all.
pub fn replay(scenario: &Scenario) -> Result<Vec<String>, String> {
    let (traffic, expected) = (scenario.traffic()?, scenario.expected()?);
    let folder = tempfile::tempdir().map_err(|why| why.to_string())?;
    scenario.lay_out(folder.path())?;
    let capture = folder.path().join("traffic.pcap");
    fs::write(&capture, traffic.capture().pcap()).map_err(|why| why.to_string())?;

    let said = run(folder.path(), "info")?;
    let outcome = Outcome::read(&said.output)?;
    let mut faults = expected.compare(&outcome);
    let again = run(folder.path(), "trace")?;
    if again.output != said.output {
        faults.push("the same capture gave another output the second time".to_owned());
    }
    faults.extend(leaks(&traffic, &expected, &[&said, &again], folder.path())?);
    faults.extend(outcome.letters.iter().flat_map(|letter| told(letter, &traffic)));
    if !faults.is_empty() {
        faults.push(format!("the whole output:\n{}", said.output));
    }
    Ok(faults)
}

fn run(folder: &Path, log: &str) -> Result<Said, String> {
    let ran = wardline()
        .args(["--log", log, "replay", "--config", "config.toml", "traffic.pcap"])
        .current_dir(folder)
        .output()
        .map_err(|why| format!("wardline: {why}"))?;
    let text = |bytes| String::from_utf8(bytes).map_err(|why| why.to_string());
    let said = Said { output: text(ran.stdout)?, journal: text(ran.stderr)? };
    if ran.status.success() { Ok(said) } else { Err(format!("{}: {}", ran.status, said.journal)) }
}

/// Names without a case anywhere at all, and accounts in the journal.
fn leaks(
    traffic: &Traffic,
    expected: &Expected,
    runs: &[&Said],
    folder: &Path,
) -> Result<Vec<String>, String> {
    let cases = expected.names();
    let silent: Vec<_> = traffic.names().into_iter().filter(|name| !cases.contains(name)).collect();
    let mut faults = Vec::new();
    for said in runs {
        faults.extend(found_in("the output", said.output.as_bytes(), &silent));
        faults.extend(found_in("the journal", said.journal.as_bytes(), &silent));
        faults.extend(found_in("the journal", said.journal.as_bytes(), &traffic.accounts()));
    }
    for entry in fs::read_dir(folder).map_err(|why| why.to_string())? {
        let path = entry.map_err(|why| why.to_string())?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !BROUGHT.contains(&name.as_str()) {
            let bytes = fs::read(&path).map_err(|why| format!("{name}: {why}"))?;
            faults.extend(found_in(&name, &bytes, &silent));
        }
    }
    Ok(faults)
}

/// What a letter says that no letter may: an observed name, an account, a place.
fn told(letter: &serde_json::Value, traffic: &Traffic) -> Vec<String> {
    let text = format!("{}\n{}", letter["subject"], letter["body"]);
    let places = traffic.places();
    let words: Vec<_> = traffic
        .names()
        .into_iter()
        .chain(traffic.accounts())
        .chain(places.iter().map(String::as_str))
        .collect();
    found_in("a letter", text.as_bytes(), &words)
}

fn found_in(place: &str, bytes: &[u8], words: &[&str]) -> Vec<String> {
    let holds = |word: &str| bytes.windows(word.len()).any(|here| here == word.as_bytes());
    let found = words.iter().filter(|word| holds(word));
    found.map(|word| format!("`{word}` stands in {place}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRAFFIC: &str = r#"
start = "2026-11-20T10:40:00Z"
[device.ipad-07]
mac = "00:00:5e:00:53:07"
address = "10.20.3.7"
[[event]]
after = 0
device = "ipad-07"
act.looks_up = { name = "quiet.example" }
[[event]]
after = 0
device = "ipad-07"
act.logs_in = { account = "p.seven" }
"#;

    #[test]
    fn a_letter_that_names_anything_is_found() {
        let traffic = Traffic::read(TRAFFIC).unwrap();
        let check =
            |body: &str| told(&serde_json::json!({"subject": "Ring", "body": body}), &traffic);
        assert_eq!(check("Please open HEDGE 42."), [""; 0]);
        for word in ["quiet.example", "p.seven", "10.20.3.7", "ipad-07"] {
            assert_eq!(check(&format!("about {word}.")), [format!("`{word}` stands in a letter")]);
        }
    }

    #[test]
    fn a_silent_name_is_found_in_output_journal_and_files() {
        let traffic = Traffic::read(TRAFFIC).unwrap();
        let expected = Expected { incidents: Vec::new(), letters: Vec::new() };
        let said =
            |output: &str, journal: &str| Said { output: output.into(), journal: journal.into() };
        let folder = tempfile::tempdir().unwrap();
        let check = |said: &Said| leaks(&traffic, &expected, &[said], folder.path()).unwrap();
        assert_eq!(check(&said("", "")), [""; 0]);
        assert_eq!(check(&said("x quiet.example", "")).len(), 1);
        assert_eq!(check(&said("", "user=p.seven name=quiet.example")).len(), 2);
        fs::write(folder.path().join("record.db-wal"), b"\0quiet.example\0").unwrap();
        assert_eq!(check(&said("", "")), ["`quiet.example` stands in record.db-wal"]);
    }
}
