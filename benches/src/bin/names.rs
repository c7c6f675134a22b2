//! Holds what `wardline observe` told against what a capture holds:
//! `names TRUTH.names.tsv OBSERVED.jsonl`. Ends with 1 where a name is missed or false.

use std::path::Path;
use std::process::ExitCode;
use std::{fs, io};

use wardline_benches::{Reader, agree, read_truth};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [truth, observed] = &words[..] else {
        eprintln!("Say which names and which output: names TRUTH.names.tsv OBSERVED.jsonl");
        return ExitCode::from(64);
    };
    match compare(Path::new(truth), Path::new(observed)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(74)
        }
    }
}

/// Prints a row for each kind; whether all agree.
fn compare(truth: &Path, observed: &Path) -> io::Result<bool> {
    let told = Reader::Wardline.tellings(&fs::read_to_string(observed)?);
    let agreements = agree(&read_truth(truth)?, &told);
    println!("{:8}{:>10}{:>10}{:>10}{:>10}", "kind", "said", "found", "false", "again");
    for (kind, found) in &agreements {
        let (said, again) = (found.said, found.again);
        let (word, found, untrue) = (kind.word(), found.found, found.untrue);
        println!("{word:8}{said:>10}{found:>10}{untrue:>10}{again:>10}");
    }
    Ok(agreements.values().all(|agreement| agreement.is_whole()))
}
