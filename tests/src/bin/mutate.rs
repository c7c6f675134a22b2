//! Feeds a parser messages bent by chance: `mutate PARSER|all COUNT SEED [CAPTURES…]`.

use std::path::PathBuf;
use std::process::ExitCode;

use wardline_tests::hostile::{Campaign, Parser, frames_in};

const USAGE: &str = "Say which parser, how many messages and which seed, and if you like capture \
    files whose frames are bent too: mutate dns 100000 7, mutate all 10000 1 lesson.pcap";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some((parsers, count, seed, captures)) = asked(&words) else {
        eprintln!("{USAGE}");
        return ExitCode::from(64);
    };
    let frames = match frames_in(&captures) {
        Ok(frames) => frames,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(66);
        }
    };
    let mut breached = false;
    for parser in parsers {
        match (Campaign { parser, count, seed }).run(&frames) {
            Ok(report) => println!("{parser:<14} {report}"),
            Err(failure) => {
                println!("{parser:<14} {failure}");
                breached = true;
            }
        }
    }
    ExitCode::from(u8::from(breached))
}

fn asked(words: &[String]) -> Option<(Vec<Parser>, u64, u64, Vec<PathBuf>)> {
    let [parser, count, seed, captures @ ..] = words else { return None };
    let parsers = match parser.as_str() {
        "all" => Parser::ALL.to_vec(),
        word => vec![Parser::of(word)?],
    };
    let captures = captures.iter().map(PathBuf::from).collect();
    Some((parsers, count.parse().ok()?, seed.parse().ok()?, captures))
}
