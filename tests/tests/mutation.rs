//! The short form of `mutate`: ten thousand bent messages for each parser.

use wardline_tests::hostile::{
    Campaign, Carrier, MOST_CUTS, Mutator, Parser, Report, compare, frames_in,
};
use wardline_tests::{Chance, forge};

/// What a run is told of, without the wire's reports on single messages.
fn run(parser: Parser, count: u64) -> Report {
    match (Campaign { parser, count, seed: 20_261_122 }).run(&[]) {
        Ok(report) => report,
        Err(failure) => panic!("{parser}: {failure}"),
    }
}

#[test]
fn ten_thousand_bent_messages_of_each_kind_are_survived() {
    for parser in Parser::ALL {
        let report = run(parser, 10_000);
        assert_eq!(report.fed, 10_000, "{parser}");
        let sealed = parser == Parser::QuicDatagram;
        assert!(report.spoke > if sealed { 0 } else { 500 }, "{parser}: {report}");
    }
}

#[test]
fn messages_that_pile_up_are_survived_and_a_run_repeats() {
    let report = run(Parser::Tls, 131_072);
    assert_eq!(report, run(Parser::Tls, 131_072));
    assert!(report.most_held > 1 << 20, "{report}");
}

#[test]
fn cutting_a_stream_hides_nothing_that_the_whole_tells() {
    let mut chance = Chance::new(11);
    for parser in
        [Parser::Tls, Parser::Http, Parser::DnsTcp, Parser::Kerberos, Parser::Ldap, Parser::Hidden]
    {
        let mut mutator = Mutator::new(parser, 7);
        let mut compared = 0;
        while compared < 5_000 {
            let (carrier, parts) = mutator.another();
            let stream = parts.concat();
            if !matches!(carrier, Carrier::Tcp { .. }) {
                continue;
            }
            let cuts = (0..=chance.below(MOST_CUTS)).map(|_| chance.below(stream.len() + 1));
            let cuts: Vec<usize> = cuts.collect();
            if let Err(hidden) = compare(carrier, &stream, &cuts) {
                panic!("{parser}: {hidden}; cut at {cuts:?}: {stream:02x?}");
            }
            compared += 1;
        }
    }
}

#[test]
fn frames_of_captures_are_bent_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut capture = forge::Capture::default();
    capture.add(facts::Timestamp::EPOCH, vec![7; 60]);
    std::fs::write(folder.path().join("one.pcap"), capture.pcap()).expect("written");
    std::fs::write(folder.path().join("notes.txt"), "no capture").expect("written");
    let frames = frames_in(&[folder.path().to_owned()]).expect("read");
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0].parts[0].bytes, [7; 60]);
}
