//! What the command line says when something is wrong, and what it does all the same.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use wardline_tests::laws::root;
use wardline_tests::program::{wardline, with_dashboard};

/// The demonstration's school in a folder of its own, to be broken.
struct School {
    folder: TempDir,
}

impl School {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["wardline.toml", "directory.csv", "demo.pcap"] {
            let shipped = root().join("packaging/demo").join(name);
            fs::copy(shipped, folder.path().join(name)).expect("copied");
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("written");
    }

    /// Changes a text of the configuration; gives the number of the line it stands on.
    fn set(&self, from: &str, to: &str) -> usize {
        let config = fs::read_to_string(self.path("wardline.toml")).expect("read");
        assert!(config.contains(from), "{from}");
        let before = config.split(from).next().unwrap_or_default();
        self.write("wardline.toml", &config.replacen(from, to, 1));
        before.matches('\n').count() + 1
    }

    fn run(&self, words: &[&str]) -> Said {
        said(wardline().args(["--log", "error"]).args(words).current_dir(self.folder.path()))
    }
}

/// How a command ended and what it said.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

fn said(command: &mut Command) -> Said {
    let Output { status, stdout, stderr } = command.output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Said { code: status.code(), out: text(stdout), err: text(stderr) }
}

fn json(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn a_directory_that_is_not_there_is_named_with_the_line_and_key_that_name_it() {
    let school = School::new();
    let line = school.set("directory = \"directory.csv\"", "directory = \"no.csv\"");
    let said = school.run(&["check", "--config", "wardline.toml"]);
    assert_eq!(said.code, Some(78));
    let wanted = format!("wardline: wardline.toml:{line}:1: identity.directory: no.csv can not be");
    assert!(said.err.starts_with(&wanted), "{}", said.err);
}

#[test]
fn a_fault_inside_a_directory_is_named_with_the_line_and_key_that_name_the_file() {
    let school = School::new();
    school.write("directory.csv", "logon,role\nx,pupil\n");
    let said = school.run(&["check", "--config", "wardline.toml"]);
    let wanted = ": identity.directory: directory.csv line 1: unknown column `logon`.";
    assert!(said.code == Some(78) && said.err.contains(wanted), "{}", said.err);
    let first = said.out.lines().next().unwrap_or_default();
    assert!(first.ends_with(": nothing can be found, for no list is loaded."), "{first}");
}

#[test]
fn check_says_that_the_mirror_ports_interface_is_not_on_this_machine() {
    let school = School::new();
    let says = |interface: &str| {
        school.set("[calendar]", &format!("[capture]\ninterface = \"{interface}\"\n[calendar]"));
        let said = school.run(&["check", "--config", "wardline.toml"]);
        assert_eq!(said.code, Some(0), "{}", said.err);
        said.out.contains("Not on this machine now: ")
    };
    assert!(says("nowhere7"));
    school.set("[capture]\ninterface = \"nowhere7\"\n", "");
    assert!(!says("lo"));
}

#[test]
fn a_folder_of_rules_that_is_not_there_is_named_with_its_line() {
    let school = School::new();
    let line = school.set("[calendar]", "[rules]\nfolder = \"rulez\"\n[calendar]") + 1;
    let said = school.run(&["check", "--config", "wardline.toml"]);
    let wanted = format!("wardline: wardline.toml:{line}:1: rules.folder: rulez is no folder.");
    assert!(said.code == Some(78) && said.err.starts_with(&wanted), "{}", said.err);
}

#[test]
fn nothing_that_stands_in_a_file_can_act_on_the_terminal() {
    let school = School::new();
    school.set("id = \"lead\"", "id = \"le\\u001B[2Jad\\u202E\\nforged: line\"");
    school.write("directory.csv", "login,role,lo\u{1b}[31mud\n");
    for words in
        [&["check", "--config", "wardline.toml"][..], &["observe", "no\u{1b}[2J\u{9b}.pcap"]]
    {
        let said = school.run(words);
        assert!(!said.err.is_empty());
        let acts = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!said.err.contains(acts), "{:?}", said.err);
        assert!(said.err.contains(r"\u{1b}"), "{}", said.err);
        assert!(said.err.lines().all(|line| line.starts_with("wardline: ")), "{}", said.err);
    }
}

#[test]
fn a_bad_capture_keeps_no_good_one_from_being_read() {
    let school = School::new();
    school.write("bad.pcap", "this is no capture");
    let good = school.run(&["observe", "demo.pcap"]);
    assert_eq!((good.code, good.err.as_str()), (Some(0), ""));
    for files in [["demo.pcap", "bad.pcap"], ["bad.pcap", "demo.pcap"], ["demo.pcap", "none.pcap"]]
    {
        let said = school.run(&["observe", files[0], files[1]]);
        assert_eq!(said.code, Some(65), "{}", said.err);
        assert_eq!(said.out, good.out, "as it is, and not under pseudonyms");
        assert_eq!(said.err.lines().count(), 1, "{}", said.err);
        let replay = ["replay", "--config", "wardline.toml", files[0], files[1]];
        let said = school.run(&replay);
        assert_eq!(said.code, Some(65));
        let cases = json(&said.out).iter().filter(|line| line["kind"] == "incident").count();
        assert_eq!(cases, 9, "{}", said.err);
    }
}

const HEADING: &str = "time,login,address,event";

#[test]
fn a_bad_login_row_is_named_and_the_others_count() {
    let school = School::new();
    let line = school.set("idle_lock", "logins = [\"logins.csv\"]\nidle_lock");
    school.write(
        "logins.csv",
        &format!(
            "{HEADING}\n2026-11-20T14:00:00Z,a.pupil,10.9.9.9,login\nnoon,b.pupil,10.9.9.8,login\n"
        ),
    );
    let said = school.run(&["replay", "--summary", "--config", "wardline.toml", "demo.pcap"]);
    assert_eq!(said.code, Some(65));
    let totals = &json(&said.out)[0];
    assert_eq!(totals["incidents"], 9, "{totals}");
    assert_eq!(totals["claims"]["logon"], 1, "{totals}");
    let wanted = format!(
        "wardline: wardline.toml:{line}:11: identity.logins: logins.csv line 3, column `time`: \
         `noon` is no time. Write it as 2026-11-22T09:00:00Z.\n"
    );
    assert_eq!(said.err, wanted);
}

#[test]
fn a_long_list_of_bad_login_rows_is_cut_and_counted() {
    let school = School::new();
    school.set("idle_lock", "logins = [\"logins.csv\"]\nidle_lock");
    let bad = "noon,b.pupil,10.9.9.8,login\n".repeat(300);
    let good = "2026-11-20T14:00:00Z,a.pupil,10.9.9.9,login\n";
    school.write("logins.csv", &format!("{HEADING}\n{good}{bad}"));
    let said = school.run(&["replay", "--summary", "--config", "wardline.toml", "demo.pcap"]);
    assert_eq!((said.code, said.err.lines().count()), (Some(65), 21), "{}", said.err);
    assert!(said.err.contains("logins.csv: and 280 more faults like these."), "{}", said.err);
}

#[test]
fn a_login_file_that_is_wrong_as_a_whole_stops_a_replay() {
    let school = School::new();
    school.set("idle_lock", "logins = [\"logins.csv\"]\nidle_lock");
    let right = "2026-11-20T14:00:00Z,a.pupil,10.9.9.9,login";
    let files = [
        format!("time,user,address,event\n{right}\n"),
        format!("{HEADING}\nnoon,a.pupil,10.9.9.9,login\n"),
        String::new(),
    ];
    for file in files {
        school.write("logins.csv", &file);
        let said = school.run(&["replay", "--config", "wardline.toml", "demo.pcap"]);
        assert_eq!((said.code, said.out.as_str()), (Some(65), ""), "{file}");
        assert!(said.err.contains(": identity.logins: logins.csv"), "{}", said.err);
    }
}

#[test]
fn the_totals_count_observations_and_claims_by_kind() {
    let school = School::new();
    let totals = school.run(&["replay", "--summary", "--config", "wardline.toml", "demo.pcap"]);
    let totals = &json(&totals.out)[0];
    let lines = json(&school.run(&["observe", "demo.pcap"]).out);
    let printed = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).count();
    for (group, kind) in [
        ("observations", "dns_query"),
        ("observations", "tls_client_hello"),
        ("claims", "arp"),
        ("claims", "dhcp_lease"),
        ("claims", "kerberos_as_rep"),
        ("claims", "radius_accounting"),
    ] {
        let count = totals[group][kind].as_u64().unwrap_or_default();
        assert!(count > 0, "{kind} {totals}");
        // Names that are protected are counted and not printed.
        assert!(count >= printed(kind) as u64 && printed(kind) > 0, "{kind} {totals}");
    }
    assert_eq!(totals["observations"]["dns_query"], totals["dns_questions"]);
    assert!(totals["matches"].as_u64() > Some(0) && totals["incidents"] == 9, "{totals}");
}

#[test]
fn a_demonstration_whose_port_is_taken_says_so_and_leaves_nothing_behind() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("demo");
    let said = said(demo(&place).args(["--port", &port.to_string()]));
    assert_eq!((said.code, said.out.as_str()), (Some(69), ""), "{}", said.err);
    assert!(said.err.contains(&port.to_string()) && said.err.contains("--port"), "{}", said.err);
    assert!(!place.exists());
}

#[test]
fn the_dashboard_ends_with_a_demonstration_that_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut demo, _) = begin(&folder.path().join("demo"));
    demo.kill().expect("killed");
    demo.wait().expect("gone");
    // Both write there: it ends when the second of them does.
    let mut said = String::new();
    demo.stderr.take().expect("piped").read_to_string(&mut said).expect("it ends");
    assert!(!said.contains("panic"), "{said}");
}

#[test]
fn a_demonstration_whose_dashboard_died_says_so_and_ends_badly() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut demo, dashboard) = begin(&folder.path().join("demo"));
    let killed = Command::new("kill").args(["-9", &dashboard.to_string()]).status();
    assert!(killed.expect("kill runs").success());
    assert_eq!(demo.wait().expect("it ends").code(), Some(69));
    let mut said = String::new();
    demo.stderr.take().expect("piped").read_to_string(&mut said).expect("it ends");
    assert!(said.contains("the dashboard ended by itself"), "{said}");
    assert!(folder.path().join("demo/records/record.db").exists(), "nothing is lost");
}

fn demo(place: &Path) -> Command {
    let mut demo = with_dashboard();
    demo.args(["--log", "error", "demo", "--folder"]).arg(place);
    demo
}

/// A demonstration that has come to its end, with the number of its dashboard's process.
fn begin(place: &Path) -> (Child, u32) {
    let mut demo = demo(place)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let lines = BufReader::new(demo.stdout.take().expect("piped")).lines();
    let open = lines.map_while(Result::ok).any(|line| line.starts_with("Press Ctrl-C"));
    assert!(open, "it was shown");
    let id = demo.id();
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).expect("Linux");
    let dashboard = children.split_whitespace().next().expect("it has a dashboard");
    (demo, dashboard.parse().expect("a number"))
}

#[test]
fn a_complaint_that_nobody_reads_is_no_crash() {
    let mut command = wardline();
    command.args(["observe", "no-such.pcap"]).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("started");
    drop(child.stderr.take());
    assert_eq!(child.wait().expect("ended").code(), Some(65));
}
