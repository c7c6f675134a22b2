//! Writes the capture of a scenario to standard output: `capture NAME > traffic.pcap`.

use std::io::{self, Write};
use std::process::ExitCode;

use wardline_tests::scenario::Scenario;

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let Some(scenario) = Scenario::all().into_iter().find(|one| one.name == wanted) else {
        let names: Vec<_> = Scenario::all().into_iter().map(|one| one.name).collect();
        eprintln!("No scenario is called `{wanted}`. There are: {}.", names.join(", "));
        return ExitCode::from(64);
    };
    let written = scenario.traffic().map(|traffic| traffic.capture().pcap());
    match written.map(|pcap| io::stdout().write_all(&pcap)) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(why)) => {
            eprintln!("The capture can not be written: {why}.");
            ExitCode::from(74)
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(65)
        }
    }
}
