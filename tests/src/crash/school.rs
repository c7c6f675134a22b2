//! The invented school whose daemon is killed: its files, and each round's traffic.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use facts::{Mac, Span, Timestamp};

use crate::forge::{
    Capture, End, Hello, Lease, Link, Principal, Talk, as_rep, as_req, bulk, server_handshake, udp,
};
use crate::lab::Lab;

/// How long a match waits for a login record here: shorter than in a school, so that many
/// kills fit into an hour, and long enough that many of them fall into it.
pub const GRACE_MILLIS: u64 = 2_000;

/// Pupils in the directory; each has a device of its own.
const PUPILS: u32 = 2_500;

/// Pupils that are active in a round.
const IN_A_ROUND: u32 = 2;

/// Names that are of the first level for a child when the page loads.
const NAMES: [&str; 3] =
    ["c01.test.wardline.example", "c03.test.wardline.example", "c08.test.wardline.example"];

const SERVER: Ipv4Addr = Ipv4Addr::new(10, 20, 0, 10);
const SERVERS: Mac = Mac::from_octets([0, 0, 0x5e, 0, 0x53, 2]);
const ROUTER: Mac = Mac::from_octets([0, 0, 0x5e, 0, 0x53, 1]);

/// The school's files in one folder.
pub struct School {
    folder: PathBuf,
}

impl School {
    /// Writes configuration and directory for a daemon in this lab.
    ///
    /// # Errors
    /// A file can not be written.
    pub fn lay_out(folder: &Path, lab: &Lab) -> Result<Self, String> {
        let school = Self { folder: folder.into() };
        school.write("config.toml", configuration(lab).as_bytes())?;
        school.write("directory.csv", directory().as_bytes())?;
        fs::create_dir(folder.join("records")).map_err(|why| why.to_string())?;
        Ok(school)
    }

    /// Where the daemon keeps its records.
    pub fn record(&self) -> PathBuf {
        self.folder.join("records/record.db")
    }

    /// The capture of a round: each pupil's device gets its address, the pupil logs in, a
    /// page of the first level loads.
    ///
    /// # Errors
    /// The file can not be written.
    pub fn morning(&self, round: u32) -> Result<PathBuf, String> {
        let mut capture = Capture::default();
        for place in 0..IN_A_ROUND {
            let turn = round * IN_A_ROUND + place;
            let at = Timestamp::from_seconds(1_000_000) + Span::seconds(i64::from(place));
            capture.extend(visit(turn % PUPILS, turn, at));
        }
        self.write("round.pcap", &capture.pcap())
    }

    fn write(&self, file: &str, bytes: &[u8]) -> Result<PathBuf, String> {
        let path = self.folder.join(file);
        fs::write(&path, bytes).map_err(|why| format!("{}: {why}", path.display()))?;
        Ok(path)
    }
}

/// The frames of one pupil's visit.
fn visit(pupil: u32, turn: u32, at: Timestamp) -> Vec<(Timestamp, Vec<u8>)> {
    let [_, _, high, low] = pupil.to_be_bytes();
    let mac = Mac::from_octets([0, 0x16, 0x3e, 0, high, low]);
    let address = Ipv4Addr::new(10, 21, high, low);
    let account = account(pupil);
    let login = Principal { name: &account, realm: "ELMROW.EXAMPLE" };
    let lease = Lease { mac, address, server: SERVER, seconds: 28_800, host: Some(&account) };
    // Each turn has a connection of its own, or it would be taken for the one before.
    let port = 20_000 + u16::try_from(turn % 40_000).unwrap_or_default();
    let own = |port| End::new(address.into(), port);
    let server = |port| End::new(SERVER.into(), port);
    let to_server = Link { from: mac, to: SERVERS, vlans: &[] };
    let to_pupil = Link { from: SERVERS, to: mac, vlans: &[] };
    let mut frames = vec![
        (at, to_pupil.carry(&udp(server(67), own(68), &lease.acknowledged()))),
        (at, to_server.carry(&udp(own(port), server(88), &as_req(login)))),
        (at, to_pupil.carry(&udp(server(88), own(port), &as_rep(login)))),
    ];
    let name = NAMES[usize::try_from(turn).unwrap_or_default() % NAMES.len()];
    let web = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 80));
    let talk = Talk::new((mac, own(port)), (ROUTER, End::new(web, 443)), None, at)
        .open()
        .client_says(&Hello::browser(name, u64::from(turn)).record())
        .server_says(&server_handshake(u64::from(turn)))
        .client_says(&bulk(60))
        .server_says(&bulk(16_000))
        .close();
    frames.extend(talk.frames());
    frames
}

fn account(pupil: u32) -> String {
    format!("p{pupil:04}")
}

fn directory() -> String {
    let mut text = String::from("login,name,role,year,group,aliases,from,to\n");
    for pupil in 0..PUPILS {
        let account = account(pupil);
        text.push_str(&format!("{account},Pupil {pupil:04},pupil,6,6R,,2020-09-01,\n"));
    }
    text
}

/// A configuration whose people have mailboxes in the lab. This school never sleeps, so that
/// a case which a kill left below the first level has its letter at once as well.
fn configuration(lab: &Lab) -> String {
    let mut text = format!(
        r#"[school]
name = "Elm Row Primary School"
short = "Elm Row"
number = 1
profile = "ks2"
address = "https://wardline.elmrow.example"

[capture]
interface = "{interface}"
routers = ["{ROUTER}"]
forwarders = ["{SERVER}"]

[identity]
directory = "directory.csv"

[mail]
from = "wardline@{domain}"
server = "{server}"
port = 587
trust = "{authority}"

[store]
folder = "records"

[desk]
grace = "{grace}s"

[calendar]
time_zone = "Europe/London"
terms = [{{ from = "2020-09-02", to = "2040-07-20" }}]
hours = {{ opens = "00:00", home_time = "23:30", children_until = "23:45" }}
saturday = {{ opens = "00:00", home_time = "23:30", children_until = "23:45" }}
sunday = {{ opens = "00:00", home_time = "23:30", children_until = "23:45" }}
end_of_day_letter = 20
out_of_hours = "every_day"
"#,
        interface = lab.interface(),
        domain = lab.domain(),
        server = lab.mail_server(),
        authority = lab.authority(),
        grace = GRACE_MILLIS / 1_000,
    );
    let people = [
        ("lead", "D. Lead", "d.lead", "\"lead\""),
        ("deputy", "P. Deputy", "p.deputy", "\"deputy\", \"acting_head\""),
        ("head", "J. Head", "j.head", "\"headteacher\""),
        ("chair", "F. Chair", "f.chair", "\"chair\", \"vice_chair\""),
        ("trust", "T. Trust", "t.staff", "\"outside\""),
    ];
    for (id, name, mailbox, duties) in people {
        let mail = format!("{mailbox}@{}", lab.domain());
        text.push_str(&format!(
            "\n[[people]]\nid = \"{id}\"\nname = \"{name}\"\nmail = \"{mail}\"\nduties = [{duties}]\n"
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_visit_is_a_connection_of_its_own() {
        let knocks: BTreeSet<_> = (0..2_000)
            .map(|turn| visit(turn % PUPILS, turn, Timestamp::EPOCH)[3].1[26..38].to_vec())
            .collect();
        assert_eq!(knocks.len(), 2_000);
    }

    #[test]
    fn the_directory_has_every_pupil_once() {
        let directory = directory();
        let logins: BTreeSet<_> = directory.lines().skip(1).map(|row| &row[..5]).collect();
        assert_eq!(logins.len(), 2_500);
        assert!(logins.contains("p2499"));
    }
}
