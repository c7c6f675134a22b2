//! The program as it is started: what it prints, refuses and leaves behind.

mod house;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt as _;
use std::process::{Child, Command, Output, Stdio};

use house::{House, PASSWORD};

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_wardline-dashboard"))
}

fn passwd(arguments: &[&str], password: &str) -> Output {
    let mut child = program()
        .arg("passwd")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end before it reads: a wrong word needs no password.
    let _ = writeln!(child.stdin.take().unwrap(), "{password}");
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8(output.stderr.clone()).unwrap())
}

/// Starts it as the demonstration does, and gives the address it printed.
fn start(house: &House) -> (Child, String) {
    let mut command = program();
    command.arg("run");
    start_with(house, command)
}

fn start_with(house: &House, mut program: Command) -> (Child, String) {
    let mut child = program
        .arg("--record")
        .arg(house.path("record.db"))
        .arg("--review")
        .arg(house.path("review.db"))
        .arg("--credentials")
        .arg(house.path("credentials.toml"))
        .args(["--listen", "127.0.0.1:0", "--site-name", "Elm Row Primary School"])
        .args(["--clock-offset-micros", "-3600000000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("listening on http://").expect(&line).to_owned();
    (child, address)
}

fn fetch(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let lines = format!("{request}\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(lines.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn it_says_where_it_listens_serves_and_ends_in_good_order_when_told_to() {
    let house = House::new();
    let (mut child, address) = start(&house);
    assert!(address.starts_with("127.0.0.1:") && !address.ends_with(":0"), "{address}");
    let page = fetch(&address, "GET /sign-in HTTP/1.1");
    assert!(page.starts_with("HTTP/1.1 200 OK"), "{page}");
    assert!(page.contains("Elm Row Primary School"));
    assert!(fetch(&address, "GET /HEDGE-42 HTTP/1.1").starts_with("HTTP/1.1 303"));
    let told = Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(told.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(std::fs::metadata(house.path("review.db")).unwrap().mode() & 0o777, 0o640);
}

#[test]
fn it_ends_when_whoever_started_it_is_gone() {
    let house = House::new();
    let mut command = program();
    command.args(["run", "--until-input-ends"]).stdin(Stdio::piped());
    let (mut child, address) = start_with(&house, command);
    assert!(fetch(&address, "GET /sign-in HTTP/1.1").starts_with("HTTP/1.1 200 OK"));
    // A pipe that ends, as it does when its other side is killed.
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_fault_is_one_line_with_its_cause_and_no_control_character_of_a_name() {
    let house = House::new();
    let output = program()
        .args(["run", "--record", "r", "--credentials", "c", "--site-name", "E"])
        .args(["--listen", "127.0.0.1:0", "--review", "no/\u{1b}[2Jreview.db"])
        .current_dir(house.folder.path())
        .output()
        .unwrap();
    let (code, words) = said(&output);
    assert_eq!((code, words.lines().count()), (Some(71), 1), "{words}");
    assert!(words.contains("No such file or directory"), "{words}");
    assert!(words.contains("[U+001B][2Jreview.db") && !words.contains('\u{1b}'), "{words:?}");
    let (code, words) = said(&program().args(["run", "--recrd", "x"]).output().unwrap());
    assert_eq!(code, Some(64));
    let lines: Vec<_> = words.lines().collect();
    assert_eq!(lines[0], "wardline-dashboard: unexpected argument '--recrd' found");
    assert!(lines.len() == 2 && lines[1].starts_with("Usage: "), "{words}");
}

#[test]
fn an_address_that_others_can_reach_is_refused_with_the_reason() {
    let house = House::new();
    let output = program()
        .args(["run", "--record", "r", "--review", "v", "--credentials", "c", "--site-name", "E"])
        .args(["--listen", "0.0.0.0:8443"])
        .current_dir(house.folder.path())
        .output()
        .unwrap();
    let (code, words) = said(&output);
    assert_eq!(code, Some(78));
    assert!(words.contains("can be reached from other machines"), "{words}");
    assert!(words.contains("no second factor yet"), "{words}");
    assert!(!house.path("v").exists(), "nothing was made");
}

#[test]
fn a_broken_configuration_names_every_fault() {
    let house = House::new();
    let config = house.path("dashboard.toml");
    std::fs::write(&config, "record = 1\nhome_time = \"noon\"\nlisen = \"127.0.0.1:1\"\n").unwrap();
    let output = program().arg("run").arg("--config").arg(&config).output().unwrap();
    let (code, words) = said(&output);
    assert_eq!(code, Some(78));
    for part in ["line 1: record", "line 2: home_time", "line 3: lisen", "review: missing"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert_eq!(program().arg("runn").output().unwrap().status.code(), Some(64));
    assert_eq!(program().arg("--help").output().unwrap().status.code(), Some(0));
}

#[test]
fn a_password_is_read_from_standard_input_and_a_weak_one_changes_nothing() {
    let house = House::new();
    let file = house.path("credentials.toml");
    let before = std::fs::read_to_string(&file).unwrap();
    let flags = ["--credentials", file.to_str().unwrap()];
    let set =
        |person: &str, password: &str| passwd(&[&[person], flags.as_slice()].concat(), password);
    let (code, words) = said(&set("lead", "too short"));
    assert_eq!(code, Some(65), "{words}");
    assert!(words.contains("fewer than 12 characters"));
    assert_eq!(said(&set("le ad", PASSWORD)).0, Some(64));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
    let (code, words) = said(&set("lead", "copper kettle on the stove"));
    assert_eq!(code, Some(0), "{words}");
    assert!(!words.contains("kettle"));
    let after = std::fs::read_to_string(&file).unwrap();
    assert!(after != before && after.contains("m=65536,t=3,p=1") && !after.contains("kettle"));
    assert_eq!(std::fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
}
