//! What `wardline status` says of a daemon that is well, of one that is not, and of none.

use store::RecordWriter;

use super::*;
use crate::capture;
use crate::service::{Counts, LoginSource, MirrorFault};

/// A Monday in term, at twenty past nine.
const NOW: Timestamp = Timestamp::from_seconds(1_795_425_600);

fn config() -> Config {
    let text = include_str!("../../../../packaging/config/wardline.toml");
    Config::read("wardline.toml", text, std::path::Path::new("/nowhere")).unwrap()
}

fn before(seconds: i64) -> i64 {
    (NOW - Span::seconds(seconds)).as_micros()
}

fn counts(read: u64) -> Counts {
    Counts {
        came: 10 * read + 12,
        read,
        turned_away: 9 * read,
        readable: 999,
        unreadable: 1,
        sent_octets: 1_000_000,
        missing_octets: 200,
        ..Counts::default()
    }
}

/// A daemon that is well.
fn well() -> Known {
    let source =
        |place: &str, heard| LoginSource { place: place.to_owned(), heard, faults: Vec::new() };
    let beat = Beat {
        at: before(4),
        since: before(30 * 3_600),
        interface: "eth1".into(),
        filter: Some(capture::Standing::On),
        last_packet: Some(before(5)),
        devices: 61,
        minute: counts(1_000),
        hour: counts(60_000),
        run: counts(123_456_789),
        sources: vec![
            source("Kerberos tickets on the mirror port", Some(before(20))),
            source("RADIUS accounting on the mirror port", None),
            source("the login file /etc/wardline/logins.csv", Some(before(3_600))),
        ],
        names_loaded: 4_512_331,
        empty: vec!["Suicide and self-harm".into(), "Extremism".into()],
        by_words: vec!["Gambling".into()],
        ..Beat::default()
    };
    Known { now: NOW, beat: Some(beat), rows: Vec::new(), letters_are_stuck: false }
}

fn row(seconds: i64, kind: &str, sentence: &str, figure: Option<u64>) -> Health {
    let at = NOW - Span::seconds(seconds);
    Health { at, kind: kind.to_owned(), sentence: sentence.to_owned(), figure }
}

fn page_of(known: &Known) -> String {
    page::text(&findings(known, &config().calendar))
}

/// Whether the page says it, wherever its lines are broken.
fn says(page: &str, said: &str) -> bool {
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    flat(page).contains(&flat(said))
}

/// What is red, by what it is about.
fn reds(known: &Known) -> Vec<&'static str> {
    let found = findings(known, &config().calendar);
    found.iter().filter(|finding| finding.is_red).map(|finding| finding.about).collect()
}

#[test]
fn a_daemon_that_is_well_is_told_on_a_page_of_eighty_columns_what_is_not_found_first() {
    let page = page_of(&well());
    let lines: Vec<_> = page.lines().collect();
    assert!(lines[0].starts_with("  Can not find   Suicide and self-harm; Extremism: nothing"));
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{page}");
    for said in [
        "Yes: last packet 5 seconds ago · 61 devices this hour · 99 of 100",
        "It listens on eth1 since Sunday 22 November, 03:20, for 29 hours;",
        "The kernel filter is on: bulk is turned away",
        "   = read                        1,000      60,000    123,456,789",
        "   + on their way to us             12          12             12",
        "Last hour: nothing.",
        "2 in 10,000 were never seen.",
        "The login file /etc/wardline/logins.csv: last heard at 08:20.",
        "RADIUS accounting on the mirror port: not heard since the start.",
        "4,512,331 names of services are loaded.",
        "None in the last day.",
    ] {
        assert!(says(&page, said), "{said}\n{page}");
    }
    assert_eq!(reds(&well()), [""; 0]);
}

#[test]
fn a_daemon_that_is_not_there_is_red_whether_it_was_stopped_or_died_or_never_ran() {
    let mut known = well();
    let beat = known.beat.as_mut().unwrap();
    (beat.at, beat.is_last) = (before(7_200), true);
    known.rows = vec![row(7_200, "stopped", "Monitoring was stopped in good order.", None)];
    assert_eq!(reds(&known), ["Watching"]);
    let page = page_of(&known);
    assert!(page.contains("! Watching       No: since 07:20. Monitoring was stopped in"), "{page}");
    known.beat.as_mut().unwrap().is_last = false;
    let page = page_of(&known);
    assert!(page.contains("the daemon has said nothing since 07:20."), "{page}");
    known.beat = None;
    assert!(page_of(&known).contains("No: no daemon has run with this configuration."));
    assert_eq!(reds(&known), ["Watching"]);
    let metrics = metrics::page(&known, true);
    assert!(metrics.contains("\nwardline_up 0\n") && !metrics.contains("packets_total"));
}

#[test]
fn each_trouble_is_red_with_its_sentence_and_a_loss_of_yesterday_is_not() {
    let with = |change: fn(&mut Known, &mut Beat)| {
        let mut known = well();
        let mut beat = known.beat.take().unwrap();
        change(&mut known, &mut beat);
        known.beat = Some(beat);
        reds(&known)
    };
    let lost = |counts: &mut Counts| counts.lost_in_ring = 5;
    assert_eq!(with(|_, beat| beat.hour.urgent_lost = 1), ["Lost"]);
    assert_eq!(with(|_, beat| beat.run.urgent_lost = 1), [""; 0]);
    let fault = |beat: &mut Beat| {
        let (word, sentence) = ("gaps".to_owned(), "3 of 100 octets.".to_owned());
        beat.faults.push(MirrorFault { word, sentence });
    };
    let mut known = well();
    let beat = known.beat.as_mut().unwrap();
    fault(beat);
    lost(&mut beat.hour);
    beat.sources[2].faults.push("it can not be read: `wardline check` says why".to_owned());
    known.letters_are_stuck = true;
    known.rows = vec![
        row(110_000, "disk", "Of the run before.", Some(3)),
        row(50, "disk", "The disk of the record is nearly full: 30 MB are left.", Some(30)),
        row(40, "rules", "The new rules have a fault; the rules before stay in use.", Some(1)),
        row(30, "loss", "5 packets were lost before they could be read.", Some(5)),
    ];
    assert_eq!(reds(&known), ["Lost", "Mirror port", "Logins", "Rules", "Letters", "Disk"]);
    let page = page_of(&known);
    for said in [
        "Last hour: 5 packets in the kernel's ring.",
        "! Mirror port    3 of 100 octets.",
        "The login file /etc/wardline/logins.csv: last heard at 08:20; it can not be",
        "30 MB are left.",
        "Once in the last day.",
    ] {
        assert!(says(&page, said), "{said}\n{page}");
    }
    known.rows.push(row(20, "disk", "The disk of the record has room again.", None));
    known.rows.push(row(10, "rules", "The rules were read anew and are in use.", None));
    assert_eq!(reds(&known), ["Lost", "Mirror port", "Logins", "Letters"]);
}

#[test]
fn metrics_are_lines_that_a_collector_takes_and_say_of_each_fault_whether_it_stands() {
    let mut known = well();
    let beat = known.beat.as_mut().unwrap();
    beat.sources[2].place = "the login file a\"b\\c\n.csv".into();
    beat.faults = vec![MirrorFault { word: "vlans".into(), sentence: "No.".into() }];
    let page = metrics::page(&known, true);
    for line in [
        "wardline_up 1",
        "wardline_heartbeat_age_seconds 4",
        "wardline_came_total 1234567902",
        "wardline_packets_total{fate=\"turned_away\"} 1111111101",
        "wardline_kernel_filter{interface=\"eth1\",standing=\"on\"} 1",
        "wardline_mirror_fault{fault=\"vlans\"} 1",
        "wardline_mirror_fault{fault=\"gaps\"} 0",
        "wardline_login_source_fault{source=\"the login file a\\\"b\\\\c\\n.csv\"} 0",
    ] {
        assert!(page.lines().any(|said| said == line), "{line}\n{page}");
    }
    let mut typed = "";
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            typed = rest.split(' ').next().unwrap();
        } else if !line.starts_with('#') {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert_eq!(name.split('{').next(), Some(typed), "{line}");
            assert!(value.parse::<i64>().is_ok(), "{line}");
        }
    }
}

#[test]
fn logins_that_can_not_be_believed_are_red() {
    let mut known = well();
    let rows = [
        row(3_600, "clock", "The times in logins.csv are ahead.", Some(60)),
        row(3_600, "half_heard", "Of 12 logins 9 could be any device's making.", None),
    ];
    for row in rows {
        known.rows = vec![row.clone()];
        assert_eq!(reds(&known), ["Logins"]);
        assert!(says(&page_of(&known), &row.sentence));
    }
    known.rows = vec![row(25 * 3_600, "half_heard", "Yesterday.", None)];
    assert!(reds(&known).is_empty());
}

#[test]
fn what_the_daemon_left_in_its_folder_is_found_and_none_is_made_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config();
    config.store = crate::config::StoreConfig::in_folder(folder.path().to_owned());
    let known = Known::of(&config, NOW).unwrap();
    assert!(known.beat.is_none() && known.rows.is_empty());
    let beat = well().beat.unwrap();
    std::fs::write(folder.path().join("beat.json"), serde_json::to_vec(&beat).unwrap()).unwrap();
    let mut record = RecordWriter::open(&config.store.record).unwrap();
    let rows = [
        row(26 * 3_600, "disk", "Full.", Some(1)),
        row(40 * 3_600, "disk", "Of a run before.", Some(1)),
    ];
    record.apply(&rows.map(store::Change::Health)).unwrap();
    let known = Known::of(&config, NOW).unwrap();
    assert_eq!(known.beat, Some(beat));
    assert_eq!(known.full_disk().map(|row| row.sentence.as_str()), Some("Full."));
    let json = as_json(&known, &findings(&known, &config.calendar));
    assert_eq!(json["daemon"]["alive"], true);
    assert_eq!(json["daemon"]["run"]["read"], 123_456_789);
    assert_eq!(json["good"], false);
    std::fs::write(folder.path().join("beat.json"), "{").unwrap();
    let failure = Known::of(&config, NOW).err().unwrap();
    assert_eq!(failure.exit, Exit::Data);
}
