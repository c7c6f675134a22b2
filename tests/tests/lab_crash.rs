//! The short form of the crash test: thirty kills of a live daemon, nothing lost.

use wardline_tests::crash::{Plan, carry_out};

#[test]
fn no_committed_match_is_lost_to_a_kill() {
    let report =
        carry_out(Plan { lab: "crash", kills: 30, seed: 1 }).unwrap_or_else(|why| panic!("{why}"));
    println!("{report}");
    assert_eq!(report.lost, [""; 0], "{report}");
    assert!(report.inside_grace >= 9, "too few kills fell into the grace: {report}");
    assert!(report.committed >= 30 && report.cases >= 10, "too little happened: {report}");
}
