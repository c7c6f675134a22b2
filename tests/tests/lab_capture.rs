//! The live capture behind a real mirror port: what is sent is seen or counted as lost, and
//! the kernel's filter costs no name.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use wardline_tests::daemon::Daemon;
use wardline_tests::forge::{Capture, Minute};
use wardline_tests::lab::Lab;
use wardline_tests::live::{Book, School, Wishes, until};

/// As fast as the cable takes them.
const TOP_SPEED: u32 = 1_000_000;

/// What the cable takes: longer frames, as IPv6 makes of whole segments, are not sent.
const LONGEST: usize = 1_514;

/// What a daemon made of a capture.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    read: u64,
    lost: u64,
    names: u64,
}

struct Place {
    lab: Lab,
    folder: TempDir,
    school: School,
}

impl Place {
    /// A school whose capture has these keys beside the interface.
    fn with(keys: &str) -> Self {
        let lab = Lab::up("capture").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let school = School::lay_out(folder.path(), &lab, &Wishes::usual(&lab));
        let config = folder.path().join("config.toml");
        let text = fs::read_to_string(&config).unwrap();
        fs::write(&config, text.replace("[capture]\n", &format!("[capture]\n{keys}\n"))).unwrap();
        Self { lab, folder, school }
    }

    fn capture(&self, seeds: std::ops::Range<u64>) -> (PathBuf, u64) {
        let mut capture = Capture::default();
        for seed in seeds {
            let minute = Minute::new(seed, &[443, 80, 8_443]).frames();
            capture.extend(minute.into_iter().filter(|(_, frame)| frame.len() <= LONGEST));
        }
        let frames = capture.clone().frames().len() as u64;
        let file = self.folder.path().join("minutes.pcap");
        fs::write(&file, capture.pcap()).unwrap();
        (file, frames)
    }

    fn book(&self) -> Book {
        Book::at(&self.school.record())
    }

    /// Everything that the daemon's hours say, once it has stopped.
    fn seen(&self) -> Seen {
        self.book().coverage().iter().fold(Seen::default(), |sum, hour| Seen {
            read: sum.read + hour.packets,
            lost: sum.lost + hour.kernel_drops,
            names: sum.names + hour.readable,
        })
    }
}

#[test]
fn each_packet_that_was_sent_was_read_or_is_counted_as_lost() {
    let place = Place::with("filter = \"off\"");
    let daemon = Daemon::start(&place.lab, place.folder.path()).unwrap();
    let before = place.lab.heard_on_mirror().unwrap();
    let (file, frames) = place.capture(0..10);
    place.lab.replay(&file, TOP_SPEED).unwrap().wait().unwrap();
    until("all that was sent", || (place.seen().read >= frames).then_some(()));
    assert!(daemon.stop().unwrap().0.success());
    let sent = place.lab.heard_on_mirror().unwrap() - before;
    assert_eq!(sent, frames);
    let seen = place.seen();
    assert_eq!((seen.read, seen.lost), (frames, 0));
}

#[test]
fn a_reader_that_stands_still_loses_packets_and_counts_each_of_them() {
    let place = Place::with("filter = \"off\"\nring_mib = 1");
    let daemon = Daemon::start(&place.lab, place.folder.path()).unwrap();
    let (file, frames) = place.capture(0..10);
    daemon.signal("STOP").unwrap();
    place.lab.replay(&file, TOP_SPEED).unwrap().wait().unwrap();
    daemon.signal("CONT").unwrap();
    let all = |seen: &Seen| seen.read + seen.lost >= frames;
    until("all that was sent", || Some(place.seen()).filter(all));
    place.lab.replay(&file, 5_000).unwrap().wait().unwrap();
    assert!(daemon.stop().unwrap().0.success());
    let seen = place.seen();
    assert_eq!(seen.read + seen.lost, 2 * frames, "{seen:?}");
    assert!(seen.lost > frames / 4, "{seen:?}");
    let told = place.book().health().into_iter().filter(|event| event.kind == "loss");
    let told: u64 = told.filter_map(|event| event.figure).sum();
    assert_eq!(told, seen.lost, "what is counted is told");
}

#[test]
fn the_kernel_takes_the_filter_and_it_costs_no_name_behind_any_tag() {
    let mut found = Vec::new();
    for mode in ["off", "ports"] {
        let place = Place::with(&format!("filter = \"{mode}\""));
        let daemon = Daemon::start(&place.lab, place.folder.path()).unwrap();
        // The capture thread sets it; it is told with its first figures.
        let kind = if mode == "off" { "filter" } else { "coverage" };
        let stands = |sentence: &str| sentence.contains("kernel filter");
        until("the filter", || {
            let health = place.book().health();
            let mut told = health.iter().filter(|event| event.kind == kind);
            told.any(|event| stands(&event.sentence)).then_some(())
        });
        let (file, frames) = place.capture(0..12);
        place.lab.replay(&file, 20_000).unwrap().wait().unwrap();
        assert!(daemon.stop().unwrap().0.success());
        let seen = place.seen();
        assert_eq!(seen.lost, 0);
        println!("{mode}: {} of {frames} read, {} names", seen.read, seen.names);
        found.push((seen.names, seen.read < frames));
    }
    let [(without, all), (with, fewer)] = found[..] else { panic!("{found:?}") };
    assert_eq!(with, without);
    assert!(without > 100 && !all && fewer, "{found:?}");
}
