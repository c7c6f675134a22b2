//! Traffic in words: devices, and what each does when, turned into a capture.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use facts::{Mac, Span, Timestamp};
use serde::Deserialize;

use crate::forge::{
    Accounting, Answer, Capture, End, Hello, Lease, Link, Principal, RecordType, Status, Talk,
    accounting_response, answer, arp, as_rep, as_req, bulk, question, server_handshake, tgs_rep,
    tgs_req, udp,
};

/// What `traffic.toml` says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// The moment from which events count, RFC 3339.
    start: String,
    device: BTreeMap<String, Device>,
    event: Vec<Event>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Device {
    mac: String,
    address: Ipv4Addr,
    vlan: Option<u16>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    /// Seconds after the start.
    after: f64,
    device: String,
    act: Act,
    #[serde(default)]
    again: Again,
}

/// How often an event comes again.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Again {
    times: u32,
    /// Seconds from one to the next.
    every: f64,
}

/// What a device can do.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Act {
    /// Is given its address by DHCP.
    IsLeased { host: Option<String>, seconds: Option<u32> },
    /// Says by ARP that it uses its address.
    Announces {},
    /// Logs in to the domain: AS-REQ and AS-REP.
    LogsIn { account: String },
    /// Asks to log in and is never answered: AS-REQ alone.
    AsksToLogIn { account: String },
    /// Is sent a reply that it did not ask for: AS-REP alone.
    IsToldOfALogin { account: String },
    /// Uses a service of the domain: TGS-REQ and TGS-REP.
    UsesService { account: String },
    /// Joins the Wi-Fi: RADIUS accounting Start.
    Joins { account: String, session: String },
    /// Is still on the Wi-Fi: RADIUS accounting Interim-Update.
    StaysOn { account: String, session: String },
    /// Leaves the Wi-Fi: RADIUS accounting Stop.
    Leaves { account: String, session: String },
    /// Is reported on the Wi-Fi, and no server takes it: RADIUS accounting Start alone.
    IsReported { account: String, session: String },
    /// Looks a name up.
    LooksUp {
        name: String,
        #[serde(default)]
        answer: LookUp,
    },
    /// Looks a name up and opens it by TLS.
    Opens {
        name: String,
        until: Until,
        #[serde(default)]
        without_look_up: bool,
    },
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LookUp {
    #[default]
    Found,
    NoSuchName,
    Refused,
}

/// How far a connection gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Until {
    Refused,
    Tried,
    Answered,
    Loaded,
    Stayed,
}

const REALM: &str = "ELMROW.EXAMPLE";
const ROUTER: Mac = Mac::from_octets([0, 0, 0x5e, 0, 0x53, 1]);
const SERVERS: Mac = Mac::from_octets([0, 0, 0x5e, 0, 0x53, 2]);
/// Name server, domain controller, DHCP and RADIUS of the invented school.
const SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 20, 0, 10));
const ACCESS_POINT: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 20, 0, 20));
const SCHOOL_DAY: u32 = 8 * 3_600;

impl Traffic {
    /// Reads `traffic.toml`.
    ///
    /// # Errors
    /// Says what is wrong and where.
    pub fn read(text: &str) -> Result<Self, String> {
        let traffic: Self = toml::from_str(text).map_err(|why| why.to_string())?;
        traffic.start()?;
        for event in &traffic.event {
            let device = traffic.device.get(&event.device);
            let device = device.ok_or_else(|| format!("no device is called {}", event.device))?;
            device.mac.parse::<Mac>().map_err(|why| format!("{}: {why}", event.device))?;
        }
        Ok(traffic)
    }

    /// The capture of it all.
    ///
    /// # Panics
    /// Panics where [`Traffic::read`] would have refused it.
    #[must_use]
    pub fn capture(&self) -> Capture {
        let start = self.start().expect("checked when read");
        let mut mirror = Mirror::default();
        for event in &self.event {
            let device = &self.device[&event.device];
            for time in 0..=event.again.times {
                let after = event.after + f64::from(time) * event.again.every;
                mirror.see(start + seconds(after), device, &event.act);
            }
        }
        mirror.capture
    }

    /// Every host name that is asked for.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let names = self.event.iter().filter_map(|event| match &event.act {
            Act::LooksUp { name, .. } | Act::Opens { name, .. } => Some(name.as_str()),
            _ => None,
        });
        names.collect()
    }

    /// Every account that is spoken of.
    #[must_use]
    pub fn accounts(&self) -> Vec<&str> {
        let accounts = self.event.iter().filter_map(|event| match &event.act {
            Act::LogsIn { account }
            | Act::AsksToLogIn { account }
            | Act::UsesService { account }
            | Act::IsToldOfALogin { account }
            | Act::IsReported { account, .. }
            | Act::Joins { account, .. }
            | Act::StaysOn { account, .. }
            | Act::Leaves { account, .. } => Some(account.as_str()),
            _ => None,
        });
        accounts.collect()
    }

    /// Every address and device name.
    #[must_use]
    pub fn places(&self) -> Vec<String> {
        let devices = self.device.iter();
        devices
            .flat_map(|(name, device)| {
                [name.clone(), device.address.to_string(), device.mac.clone()]
            })
            .collect()
    }

    fn start(&self) -> Result<Timestamp, String> {
        let start: jiff::Timestamp = self.start.parse().map_err(|why| format!("start: {why}"))?;
        Ok(Timestamp::from_micros(start.as_microsecond()))
    }
}

fn seconds(seconds: f64) -> Span {
    #[expect(clippy::cast_possible_truncation, reason = "scenarios last hours")]
    Span::micros((seconds * 1_000_000.0).round() as i64)
}

/// The mirror port: it sees every frame that the acts make.
#[derive(Default)]
struct Mirror {
    capture: Capture,
    /// Numbers connections and questions, so that no two are alike.
    count: u16,
}

impl Mirror {
    fn see(&mut self, at: Timestamp, device: &Device, act: &Act) {
        self.count = self.count.wrapping_add(1);
        let mac = device.mac.parse().expect("checked when read");
        let client = Client { mac, address: device.address, vlan: device.vlan };
        match act {
            Act::IsLeased { host, seconds } => self.lease(at, client, host.as_deref(), *seconds),
            Act::Announces {} => {
                let vlans = client.vlan.as_slice();
                self.capture.add(at, arp(client.mac, client.address, vlans));
            }
            Act::LogsIn { account } => {
                let principal = Principal { name: account, realm: REALM };
                self.ask(at, client, 88, &as_req(principal), Some(&as_rep(principal)));
            }
            Act::AsksToLogIn { account } => {
                let principal = Principal { name: account, realm: REALM };
                self.ask(at, client, 88, &as_req(principal), None);
            }
            Act::UsesService { account } => {
                let principal = Principal { name: account, realm: REALM };
                let service = ["cifs", "files.elmrow.example"];
                let reply = tgs_rep(principal, &service);
                self.ask(at, client, 88, &tgs_req(REALM, &service), Some(&reply));
            }
            Act::IsToldOfALogin { account } => {
                let reply = as_rep(Principal { name: account, realm: REALM });
                self.say(at, client, End::new(SERVER, 88), self.port(), &reply, Way::ToClient);
            }
            Act::Joins { account, session } => {
                self.account(at, client, Status::Start, account, session);
            }
            Act::StaysOn { account, session } => {
                self.account(at, client, Status::Interim, account, session);
            }
            Act::Leaves { account, session } => {
                self.account(at, client, Status::Stop, account, session);
            }
            Act::IsReported { account, session } => {
                self.report(at, client, Status::Start, account, session);
            }
            Act::LooksUp { name, answer } => self.look_up(at, client, name, *answer),
            Act::Opens { name, until, without_look_up } => {
                if !without_look_up {
                    self.look_up(at, client, name, LookUp::Found);
                }
                self.open(at + Span::millis(30), client, name, *until);
            }
        }
    }

    fn lease(&mut self, at: Timestamp, client: Client, host: Option<&str>, seconds: Option<u32>) {
        let IpAddr::V4(server) = SERVER else { return };
        let seconds = seconds.unwrap_or(SCHOOL_DAY);
        let lease = Lease { mac: client.mac, address: client.address, server, seconds, host };
        let ack = lease.acknowledged();
        self.say(at, client, End::new(SERVER, 67), 68, &ack, Way::ToClient);
    }

    fn look_up(&mut self, at: Timestamp, client: Client, name: &str, how: LookUp) {
        let addresses = [address_of(name)];
        let outcome = match how {
            LookUp::Found => Answer::Found { by_way_of: &[], addresses: &addresses },
            LookUp::NoSuchName => Answer::NoSuchName,
            LookUp::Refused => Answer::Refused,
        };
        let asked = question(self.count, name, RecordType::A);
        let answered = answer(self.count, name, RecordType::A, outcome);
        self.ask(at, client, 53, &asked, Some(&answered));
    }

    /// Asks the school's server and is answered two milliseconds later, or not at all.
    fn ask(&mut self, at: Timestamp, client: Client, port: u16, ask: &[u8], reply: Option<&[u8]>) {
        let (server, own) = (End::new(SERVER, port), self.port());
        self.say(at, client, server, own, ask, Way::ToServer);
        if let Some(reply) = reply {
            self.say(at + Span::millis(2), client, server, own, reply, Way::ToClient);
        }
    }

    fn say(
        &mut self,
        at: Timestamp,
        client: Client,
        server: End,
        port: u16,
        what: &[u8],
        way: Way,
    ) {
        let own = End::new(client.address.into(), port);
        let vlans = client.vlan.as_slice();
        let frame = match way {
            Way::ToServer => {
                Link { from: client.mac, to: SERVERS, vlans }.carry(&udp(own, server, what))
            }
            Way::ToClient => {
                Link { from: SERVERS, to: client.mac, vlans }.carry(&udp(server, own, what))
            }
        };
        self.capture.add(at, frame);
    }

    /// The access point tells the RADIUS server, which takes it.
    fn account(&mut self, at: Timestamp, client: Client, status: Status, user: &str, key: &str) {
        self.report(at, client, status, user, key);
        let [.., id] = self.count.to_be_bytes();
        let (point, server) = (End::new(ACCESS_POINT, 40_000), End::new(SERVER, 1813));
        let packet = udp(server, point, &accounting_response(id));
        let frame = Link { from: SERVERS, to: ROUTER, vlans: &[] }.carry(&packet);
        self.capture.add(at + Span::millis(1), frame);
    }

    /// Somebody tells the RADIUS server.
    fn report(&mut self, at: Timestamp, client: Client, status: Status, user: &str, key: &str) {
        let station = client.mac.to_string().replace(':', "-");
        let report = Accounting {
            status,
            user: Some(user),
            session: Some(key),
            calling_station: Some(&station),
            framed_ip: Some(client.address),
            nas: "ap-1",
            happened: u32::try_from(at.as_micros() / 1_000_000).expect("a time before 2106"),
        };
        let [.., id] = self.count.to_be_bytes();
        let packet =
            udp(End::new(ACCESS_POINT, 40_000), End::new(SERVER, 1813), &report.request(id));
        self.capture.add(at, Link { from: ROUTER, to: SERVERS, vlans: &[] }.carry(&packet));
    }

    fn open(&mut self, at: Timestamp, client: Client, name: &str, until: Until) {
        let own = (client.mac, End::new(client.address.into(), self.port()));
        let server = (ROUTER, End::new(address_of(name), 443));
        let hello = Hello::browser(name, u64::from(self.count)).record();
        let mut talk = Talk::new(own, server, client.vlan, at).open().client_says(&hello);
        talk = match until {
            Until::Refused => talk.server_resets(),
            Until::Tried => talk,
            Until::Answered | Until::Loaded | Until::Stayed => {
                talk.server_says(&server_handshake(u64::from(self.count))).client_says(&bulk(60))
            }
        };
        if until >= Until::Loaded {
            talk = talk.server_says(&bulk(40_000));
        }
        if until == Until::Stayed {
            for _ in 0..10 {
                talk = talk.wait(Span::seconds(20)).client_says(&bulk(80)).server_says(&bulk(900));
            }
        }
        self.capture.extend(talk.frames());
    }

    /// A port of the client's that no other act uses.
    fn port(&self) -> u16 {
        32_768 | self.count
    }
}

#[derive(Clone, Copy)]
struct Client {
    mac: Mac,
    address: Ipv4Addr,
    vlan: Option<u16>,
}

#[derive(Clone, Copy)]
enum Way {
    ToServer,
    ToClient,
}

/// Where the invented world keeps a name: one of the addresses for documentation.
fn address_of(name: &str) -> IpAddr {
    let sum = name.bytes().fold(7_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
    IpAddr::V4(Ipv4Addr::new(198, 51, 100, sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
start = "2026-11-20T10:40:00Z"
[device.ipad-07]
mac = "00:00:5e:00:53:07"
address = "10.20.3.7"
[[event]]
after = 1.5
device = "ipad-07"
act.opens = { name = "c14.test.wardline.example", until = "loaded" }
[[event]]
after = 0
device = "ipad-07"
act.logs_in = { account = "p.seven" }
again = { times = 2, every = 0.1 }
"#;

    #[test]
    fn acts_become_frames_at_their_times() {
        let traffic = Traffic::read(TEXT).unwrap();
        let frames = traffic.capture().frames();
        let start = traffic.start().unwrap();
        assert_eq!(frames[0].0, start);
        assert_eq!(frames.iter().filter(|(at, _)| at.since(start) < Span::seconds(1)).count(), 6);
        assert!(frames.iter().all(|(_, frame)| frame.len() <= 1_514));
        assert_eq!(traffic.names(), ["c14.test.wardline.example"]);
        assert_eq!(traffic.accounts(), ["p.seven"]);
    }

    #[test]
    fn the_same_words_give_the_same_bytes() {
        let capture = || Traffic::read(TEXT).unwrap().capture().pcap();
        assert_eq!(capture(), capture());
    }

    #[test]
    fn a_wrong_word_is_refused() {
        for (right, wrong) in [
            ("logs_in", "loggs_in"),
            ("device = \"ipad-07\"", "device = \"ipad-08\""),
            ("00:00:5e:00:53:07", "00:00:5e:00:53"),
            ("2026-11-20T", "2026-13-20T"),
            ("until = \"loaded\"", "until = \"loadet\""),
        ] {
            assert!(Traffic::read(&TEXT.replace(right, wrong)).is_err(), "{wrong}");
        }
    }
}
