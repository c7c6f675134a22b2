//! The live daemon behind a mirror port: who gets which letter, and what faults come to.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use facts::Delivery;
use tempfile::TempDir;
use wardline_tests::daemon::Daemon;
use wardline_tests::lab::{Lab, message_id};
use wardline_tests::laws::root;
use wardline_tests::live::{Book, Case, School, Wishes, stories_are_told, until};
use wardline_tests::program::wardline;

/// Packets a second at which the demonstration's capture is put on the port.
const PACE: u32 = 1_000;

fn lay_out(lab: &Lab, wishes: &Wishes) -> (TempDir, School, Book) {
    let folder = tempfile::tempdir().unwrap();
    let school = School::lay_out(folder.path(), lab, wishes);
    let book = Book::at(&school.record());
    (folder, school, book)
}

fn play_demo(lab: &Lab) {
    lab.replay(&root().join("packaging/demo/demo.pcap"), PACE).unwrap();
}

fn is_accepted(delivery: &Delivery) -> bool {
    matches!(delivery, Delivery::Accepted { .. })
}

#[test]
fn each_letter_of_the_demonstration_reaches_its_people_and_nobody_else() {
    let lab = Lab::up("live").unwrap();
    let (folder, school, book) = lay_out(&lab, &Wishes::usual(&lab));
    let daemon = Daemon::start(&lab, folder.path()).unwrap();
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.id())).unwrap();
    for set in ["CapEff", "CapPrm", "CapInh", "CapAmb"] {
        assert!(status.contains(&format!("{set}:\t0000000000000000")), "{status}");
    }
    let said_before = lab.said_on_mirror().unwrap();
    play_demo(&lab);
    stories_are_told(&lab, &book);
    assert_eq!(lab.said_on_mirror().unwrap(), said_before, "nothing is sent to the mirrored side");
    let (status, said) = daemon.stop().unwrap();
    assert!(status.success(), "{status}: {said}");
    assert!(!Path::new(&format!("{}-wal", school.record().display())).exists());
    assert!(book.kinds().contains("stopped"));
    let all = lab.letters().unwrap();
    // The helpline of story 7 is nowhere: not in a letter, not in the record.
    let record = fs::read(school.record()).unwrap();
    for name in ["childline", "samaritans"] {
        assert!(!String::from_utf8_lossy(&record).contains(name), "{name} is in the record");
        assert!(all.iter().all(|(_, letter)| !letter.contains(name)), "{name} is in a letter");
    }
}

#[test]
fn a_letter_waits_while_the_mail_server_is_down_and_leaves_when_it_is_back() {
    let lab = Lab::up("live").unwrap();
    let (folder, _, book) = lay_out(&lab, &Wishes::usual(&lab));
    lab.postfix(&["stop"]).unwrap();
    let daemon = Daemon::start(&lab, folder.path()).unwrap();
    play_demo(&lab);
    until("letters that wait", || {
        let letters = book.letters();
        let deferred =
            letters.iter().any(|sent| matches!(sent.delivery, Delivery::Deferred { .. }));
        deferred.then_some(())
    });
    until("the health row", || book.kinds().contains("mail").then_some(()));
    assert!(book.letters().iter().all(|sent| !is_accepted(&sent.delivery)));
    lab.postfix(&["start"]).unwrap();
    let letters = until("the letters", || {
        let letters = book.letters();
        letters.iter().all(|sent| is_accepted(&sent.delivery)).then_some(letters)
    });
    let written: BTreeSet<_> = letters
        .iter()
        .map(|sent| message_id(&String::from_utf8_lossy(&sent.message)).to_owned())
        .collect();
    let arrived = until("the mailboxes", || {
        let all = lab.letters().unwrap();
        (all.len() >= written.len()).then_some(all)
    });
    let ids: Vec<_> = arrived.iter().map(|(_, letter)| message_id(letter).to_owned()).collect();
    assert_eq!(ids.len(), written.len());
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), written);
    let mail: Vec<_> = book.health().into_iter().filter(|event| event.kind == "mail").collect();
    assert_eq!(mail.len(), 2, "trouble is told when it begins and when it ends: {mail:?}");
    assert!(daemon.stop().unwrap().0.success());
}

#[test]
fn nothing_is_said_to_a_server_that_does_not_prove_who_it_is() {
    let lab = Lab::up("live").unwrap();
    let plain = ["2525/inet=2525 inet n - n - - smtpd"];
    lab.postconf("-M", &plain).unwrap();
    lab.postconf("-P", &["2525/inet/smtpd_tls_security_level=none"]).unwrap();
    lab.postfix(&["reload"]).unwrap();
    let usual = Wishes::usual(&lab);
    let stranger = tempfile::NamedTempFile::new().unwrap();
    make_authority(stranger.path());
    let faults = [
        ("no STARTTLS", Wishes { port: 2525, ..usual.clone() }),
        ("another name", Wishes { server: lab.fact("/mail/address").to_owned(), ..usual.clone() }),
        ("an authority unknown", Wishes { trust: stranger.path().into(), ..usual.clone() }),
    ];
    for (fault, wishes) in faults {
        let (folder, _, book) = lay_out(&lab, &wishes);
        let daemon = Daemon::start(&lab, folder.path()).unwrap();
        play_demo(&lab);
        let told = until(fault, || {
            book.health().into_iter().find(|event| event.kind == "mail").map(|event| event.sentence)
        });
        assert!(told.contains("does not prove who it is"), "{fault}: {told}");
        let letters = book.letters();
        assert!(letters.iter().all(|sent| !is_accepted(&sent.delivery)), "{fault}");
        assert!(letters.iter().any(|sent| matches!(sent.delivery, Delivery::Deferred { .. })));
        assert!(daemon.stop().unwrap().0.success());
    }
    assert_eq!(lab.letters().unwrap_or_default(), []);
    // Postfix counts what it was asked when a line ends.
    let log = fs::read_to_string(Path::new(lab.fact("/logs")).join("postfix.log")).unwrap();
    let ends: Vec<_> = log.lines().filter(|line| line.contains("disconnect from")).collect();
    assert!(ends.len() >= 3, "{log}");
    assert!(ends.iter().all(|line| !line.contains("mail=")), "{ends:#?}");
}

/// Another authority, which the lab's mail server does not have its certificate from.
fn make_authority(place: &Path) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"])
        .args(["-days", "30", "-subj", "/CN=Another authority", "-keyout", "/dev/null", "-out"])
        .arg(place)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
}

#[test]
fn when_the_lead_is_refused_for_good_the_next_person_is_told_at_once() {
    let lab = Lab::up("live").unwrap();
    let lead = format!("nobody.here@{}", lab.domain());
    let (folder, _, book) = lay_out(&lab, &Wishes { lead, ..Wishes::usual(&lab) });
    let daemon = Daemon::start(&lab, folder.path()).unwrap();
    play_demo(&lab);
    let case = until("the deputy's letter", || {
        let told = |case: &Case| {
            let to_deputy = |sent: &&wardline_tests::live::Sent| sent.person.as_str() == "deputy";
            case.letters.iter().find(to_deputy).is_some_and(|sent| is_accepted(&sent.delivery))
        };
        book.cases().into_iter().find(|case| case.category.code() == "C03" && told(case))
    });
    let fared = |person: &str| {
        let sent = case.letters.iter().find(|sent| sent.person.as_str() == person);
        sent.map(|sent| sent.delivery)
    };
    assert!(matches!(fared("lead"), Some(Delivery::Refused { .. })), "{case:?}");
    assert!(fared("head").is_some_and(|delivery| is_accepted(&delivery)), "{case:?}");
    assert!(daemon.stop().unwrap().0.success());
}

#[test]
fn new_rules_with_a_fault_leave_the_old_in_use_and_a_kill_is_told_at_the_next_start() {
    let lab = Lab::up("live").unwrap();
    let (folder, school, book) = lay_out(&lab, &Wishes::usual(&lab));
    let daemon = Daemon::start(&lab, folder.path()).unwrap();
    fs::write(school.rules().join("own.toml"), "this is no rule pack\n").unwrap();
    daemon.signal("HUP").unwrap();
    let told = until("the row about the rules", || {
        book.health().into_iter().find(|event| event.kind == "rules").map(|event| event.sentence)
    });
    assert!(told.contains("the rules before stay in use"), "{told}");
    play_demo(&lab);
    until("a case by the old rules", || {
        book.cases().iter().any(|case| case.category.code() == "C03").then_some(())
    });
    daemon.kill().unwrap();
    fs::remove_file(school.rules().join("own.toml")).unwrap();
    let daemon = Daemon::start(&lab, folder.path()).unwrap();
    let restarted = book.health().into_iter().find(|event| event.kind == "restarted").unwrap();
    assert!(restarted.figure.is_some(), "{restarted:?}");
    daemon.signal("HUP").unwrap();
    until("the rules in use", || {
        let taken = |sentence: &str| sentence.contains("are in use");
        book.health().iter().any(|event| taken(&event.sentence)).then_some(())
    });
    assert!(daemon.stop().unwrap().0.success());
    assert_eq!(book.health().last().map(|event| event.kind.as_str()), Some("stopped"));
}

#[test]
fn a_daemon_that_can_not_listen_says_why_in_one_sentence() {
    let lab = Lab::up("live").unwrap();
    let (folder, _, _) =
        lay_out(&lab, &Wishes { interface: "nosuch0".into(), ..Wishes::usual(&lab) });
    let mut start = wardline();
    start.args(["run", "--config", "config.toml"]).current_dir(folder.path());
    told(&start.output().unwrap(), 78, "there is no interface \"nosuch0\"");

    let (folder, _, _) = lay_out(&lab, &Wishes::usual(&lab));
    // May read every file, as its owner would, and may not capture.
    let program = wardline();
    let mut powerless = Command::new("setpriv");
    powerless
        .args(["--reuid", "65534", "--regid", "65534", "--clear-groups"])
        .args(["--inh-caps", "-all,+dac_read_search", "--ambient-caps", "-all,+dac_read_search"])
        .arg(program.get_program())
        .args(["run", "--config"])
        .arg(folder.path().join("config.toml"));
    let ended = lab.run(&mut powerless).unwrap().wait_with_output().unwrap();
    told(&ended, 77, "no permission to listen on \"tap0\"");
}

fn told(ended: &Output, code: i32, sentence: &str) {
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(code), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains(sentence), "{said}");
}

#[test]
fn status_adds_up_what_came_names_nobody_and_says_when_the_daemon_is_gone() {
    let lab = Lab::up("live").unwrap();
    let (folder, school, book) = lay_out(&lab, &Wishes::usual(&lab));
    let asked = |options: &[&str]| -> Output {
        let mut program = wardline();
        program.args(["status", "--config", "config.toml"]).args(options);
        program.current_dir(folder.path()).output().unwrap()
    };
    let never = asked(&[]);
    assert_eq!(never.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&never.stdout).contains("no daemon has run"));
    let daemon = Daemon::start(&lab, folder.path()).unwrap();
    play_demo(&lab);
    stories_are_told(&lab, &book);
    let told = until("figures of all that was played", || {
        let told: serde_json::Value = serde_json::from_slice(&asked(&["--json"]).stdout).unwrap();
        let run = &told["daemon"]["run"];
        (run["read"].as_u64() > Some(1_000) && run["came"] == run["read"]).then_some(told)
    });
    assert_eq!(told["daemon"]["alive"], true, "{told}");
    let run = |figure: &str| told["daemon"]["run"][figure].as_u64().unwrap();
    let lost = run("lost_at_card") + run("lost_in_ring");
    assert_eq!(run("came"), run("read") + run("turned_away") + lost, "{told}");
    let accounts = fs::read_to_string(root().join("packaging/demo/directory.csv")).unwrap();
    let accounts: Vec<_> =
        accounts.lines().skip(1).filter_map(|row| row.split(',').next()).collect();
    assert!(accounts.len() > 5);
    for options in [&[][..], &["--json"], &["--metrics"]] {
        let page = String::from_utf8(asked(options).stdout).unwrap();
        assert!(!page.is_empty());
        for account in &accounts {
            assert!(!page.contains(account), "{account} in {page}");
        }
        for case in book.cases() {
            assert!(!page.contains(&case.code), "{page}");
        }
    }
    daemon.kill().unwrap();
    let beat = school.record().with_file_name("beat.json");
    let written = fs::read_to_string(&beat).unwrap();
    let mut old: serde_json::Value = serde_json::from_str(&written).unwrap();
    old["at"] = (old["at"].as_i64().unwrap() - 60_000_000).into();
    fs::write(&beat, old.to_string()).unwrap();
    let gone = asked(&[]);
    assert_eq!(gone.status.code(), Some(1));
    let page = String::from_utf8(gone.stdout).unwrap();
    assert!(page.contains("! Watching       No: the daemon has said nothing since"), "{page}");
    assert!(String::from_utf8(asked(&["--metrics"]).stdout).unwrap().contains("\nwardline_up 0\n"));
}
