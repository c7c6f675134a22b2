//! Every folder under `scenarios/`, run through the program as anybody would run it.

use std::collections::BTreeSet;

use wardline_tests::scenario::{Scenario, replay};

#[test]
fn every_scenario_goes_as_its_folder_says() {
    let mut faults = Vec::new();
    for scenario in Scenario::all() {
        let found = replay(&scenario).unwrap_or_else(|why| vec![why]);
        faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", scenario.name)));
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_scenario_says_why_it_is_there() {
    let all = Scenario::all();
    let unexplained: Vec<_> =
        all.iter().filter(|scenario| !scenario.is_explained()).map(|s| &s.name).collect();
    assert_eq!(unexplained, [""; 0]);
    assert!(all.len() >= 11, "{} scenarios", all.len());
}

#[test]
fn no_two_scenarios_are_the_same_traffic() {
    let all = Scenario::all();
    let captures: BTreeSet<_> =
        all.iter().map(|one| one.traffic().expect("traffic").capture().pcap()).collect();
    assert_eq!(captures.len(), all.len());
}
