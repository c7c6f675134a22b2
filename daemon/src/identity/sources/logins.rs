//! Reads login files: `time,login,address,event[,mac][,host][,session]`.

use std::net::IpAddr;

use facts::{Assertion, Claim, Exchange, LogonEvent, Mac, Source, Timestamp, UserName};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::fault::{Fault, shown};
use super::table::{self, Column, Heading, Row};

const COLUMNS: &[Column] = &[
    Column { name: "time", required: true },
    Column { name: "login", required: true },
    Column { name: "address", required: true },
    Column { name: "event", required: true },
    Column { name: "mac", required: false },
    Column { name: "host", required: false },
    Column { name: "session", required: false },
];

/// When rows are said to have been heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Our clock when they were read: for a file that is followed.
    At(Timestamp),
    /// The time that each row tells: for a replay.
    AsTold,
}

/// A login file whose heading was understood. Rows that are written later are read with
/// the same heading.
#[derive(Clone, Debug)]
pub struct LoginTable {
    heading: Heading,
    zone: Option<TimeZone>,
    next_line: u64,
    /// What the last row told that had a time.
    told_to: Option<Timestamp>,
}

impl LoginTable {
    /// Reads the heading and the rows that are there. Times are RFC 3339, or local times
    /// in the declared zone. A row with a fault is told of and left out; the others count.
    ///
    /// # Errors
    /// A file that is empty or has a wrong heading.
    pub fn open(
        file: &str,
        text: &[u8],
        zone: Option<&TimeZone>,
        arrival: Arrival,
    ) -> Result<(Self, Vec<Claim>, Vec<Fault>), Vec<Fault>> {
        let (heading, rest, next_line) = table::open(file, text, COLUMNS)?;
        let mut table = Self { heading, zone: zone.cloned(), next_line, told_to: None };
        let (claims, faults) = table.more(rest, arrival);
        Ok((table, claims, faults))
    }

    /// The time that the last row with a time told.
    #[must_use]
    pub const fn told_to(&self) -> Option<Timestamp> {
        self.told_to
    }

    /// Reads rows that were added since; the text ends with a whole line. A row with a
    /// fault becomes the claim that something was lost: it may have been a logout.
    pub fn more(&mut self, text: &[u8], arrival: Arrival) -> (Vec<Claim>, Vec<Fault>) {
        let mut faults = Vec::new();
        let rows = self.heading.rows(text, self.next_line, &mut faults);
        // Rows that could not even be parted into fields have no time.
        let mut read: Vec<(u64, Told)> =
            faults.iter().map(|fault| (fault.line, Told::Nothing)).collect();
        for row in &rows {
            let told_at = time(row, self.zone.as_ref());
            let when = told_at.as_ref().ok().copied();
            let logon = logon(row, told_at).map_err(|more| faults.extend(more));
            let told = match (logon, when) {
                (Ok(assertion), Some(at)) => Told::Logon(assertion, at),
                (_, Some(at)) => Told::Lost(at),
                (_, None) => Told::Nothing,
            };
            read.push((row.line, told));
        }
        read.sort_by_key(|(line, _)| *line);
        faults.sort_by_key(|fault| fault.line);
        let lines = text.iter().filter(|&&byte| byte == b'\n').count();
        self.next_line = self.next_line.saturating_add(u64::try_from(lines).unwrap_or(u64::MAX));
        (self.claims(read.into_iter().map(|(_, told)| told), arrival), faults)
    }

    /// What the rows say, in their order. A row without a time is lost somewhere between
    /// the rows around it.
    fn claims(&mut self, read: impl Iterator<Item = Told>, arrival: Arrival) -> Vec<Claim> {
        let heard = |told_at| match arrival {
            Arrival::At(at) => at,
            Arrival::AsTold => told_at,
        };
        let claim = |assertion, told_at| Claim {
            at: heard(told_at),
            assertion,
            source: Source::LoginFile,
            exchange: Exchange::Whole,
        };
        let lost = |told_at| claim(Assertion::Lost { told_at }, told_at);
        let mut claims = Vec::new();
        let mut is_lost_between = false;
        for told in read {
            let told_at = match &told {
                Told::Logon(_, at) | Told::Lost(at) => *at,
                Told::Nothing => {
                    claims.extend(self.told_to.map(lost));
                    is_lost_between = true;
                    continue;
                }
            };
            if std::mem::take(&mut is_lost_between) {
                claims.push(lost(told_at));
            }
            self.told_to = Some(told_at);
            claims.push(match told {
                Told::Logon(assertion, _) => claim(assertion, told_at),
                _ => lost(told_at),
            });
        }
        if is_lost_between && let Arrival::At(now) = arrival {
            claims.push(lost(now));
        }
        claims
    }
}

/// What one row says.
enum Told {
    /// A login or logout, and when.
    Logon(Assertion, Timestamp),
    /// A time, and nothing else that can be relied on.
    Lost(Timestamp),
    /// Not even a time.
    Nothing,
}

fn logon(row: &Row<'_>, told_at: Result<Timestamp, Fault>) -> Result<Assertion, Vec<Fault>> {
    let mut faults = Vec::new();
    let told_at = told_at.map_err(|fault| faults.push(fault)).ok();
    let event = event(row).map_err(|fault| faults.push(fault)).ok();
    let user = row.field("login").map(UserName::new);
    if user.is_none() {
        faults.push(row.fault("login", "the login is missing", "Write the account's login"));
    }
    let mut parsed = |column, what: &str, mend: &str, ok: bool| {
        if row.field(column).is_some() && !ok {
            faults.push(row.fault(column, what, mend));
        }
    };
    let address: Option<IpAddr> = row.field("address").and_then(|text| text.parse().ok());
    let mac: Option<Mac> = row.field("mac").and_then(|text| text.parse().ok());
    parsed("address", "no IP address", "Write it as 10.1.4.23 or fd77::17", address.is_some());
    parsed("mac", "no hardware address", "Write it as 52:54:00:1d:00:05", mac.is_some());
    if row.field("address").is_none() && row.field("mac").is_none() {
        let mend = "Fill one of the two: without it nobody knows which device is meant";
        faults.push(row.fault("address", "neither address nor mac is there", mend));
    }
    let address = address.map(|address| address.to_canonical());
    match (told_at, event, user) {
        (Some(told_at), Some(event), Some(user)) if faults.is_empty() => Ok(Assertion::Logon {
            event,
            user,
            address,
            mac,
            session: session(row, mac, address),
            told_at,
        }),
        _ => Err(faults),
    }
}

/// A session number means something only on its own computer: the key holds both.
fn session(row: &Row<'_>, mac: Option<Mac>, address: Option<IpAddr>) -> Option<String> {
    let session = row.field("session")?;
    let host = row.field("host").map(str::to_lowercase);
    let place = host.or_else(|| mac.map(|mac| mac.to_string()));
    let place = place.or_else(|| address.map(|address| address.to_string()))?;
    Some(format!("{place} {session}"))
}

fn event(row: &Row<'_>) -> Result<LogonEvent, Fault> {
    let word = row.field("event").unwrap_or_default();
    match word.to_lowercase().as_str() {
        "login" => Ok(LogonEvent::Login),
        "logout" => Ok(LogonEvent::Logout),
        "lock" => Ok(LogonEvent::Lock),
        "unlock" => Ok(LogonEvent::Unlock),
        "use" => Ok(LogonEvent::Use),
        _ => Err(row.fault(
            "event",
            format!("unknown event {}", shown(word)),
            "The events are login, logout, lock, unlock and use",
        )),
    }
}

fn time(row: &Row<'_>, zone: Option<&TimeZone>) -> Result<Timestamp, Fault> {
    let word = row.field("time").unwrap_or_default();
    if let Ok(moment) = word.parse::<jiff::Timestamp>() {
        return Ok(Timestamp::from_micros(moment.as_microsecond()));
    }
    let Ok(local) = word.parse::<DateTime>() else {
        let what = format!("{} is no time", shown(word));
        return Err(row.fault("time", what, "Write it as 2026-11-22T09:00:00Z"));
    };
    let Some(zone) = zone else {
        let what = "the time has no zone";
        return Err(row.fault("time", what, "Write it as 2026-11-22T09:00:00Z, or declare a zone"));
    };
    let moment = zone.to_ambiguous_timestamp(local).unambiguous().map_err(|_| {
        let what = "this local time happens twice or never, as the clocks change";
        row.fault("time", what, "Write times with their offset, as 2026-10-25T01:30:00+01:00")
    })?;
    Ok(Timestamp::from_micros(moment.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGINS: &str = "time,login,address,event,mac,host,session\n\
        2026-11-22T09:00:00Z,a.pupil,10.1.4.23,login,52:54:00:1d:00:05,PC-07,0x1f\n\
        2026-11-22T09:30:00+01:00,ELMROW\\t.staff,::ffff:10.1.4.24,Use,,,\n";

    fn read(text: &str, zone: Option<&str>) -> (Vec<Claim>, Vec<String>) {
        let zone = zone.map(|name| TimeZone::get(name).expect("zone files"));
        let words = |faults: Vec<Fault>| faults.iter().map(ToString::to_string).collect();
        match LoginTable::open("logins.csv", text.as_bytes(), zone.as_ref(), Arrival::AsTold) {
            Ok((_, claims, faults)) => (claims, words(faults)),
            Err(faults) => (Vec::new(), words(faults)),
        }
    }

    fn told(claim: &Claim) -> String {
        match &claim.assertion {
            Assertion::Logon { told_at, .. } => told_at.to_string(),
            _ => String::new(),
        }
    }

    fn is_lost(claim: &Claim) -> bool {
        matches!(claim.assertion, Assertion::Lost { .. })
    }

    #[test]
    fn a_row_becomes_a_claim_with_its_own_time_and_a_key_that_names_the_computer() {
        let (claims, faults) = read(LOGINS, None);
        assert_eq!(faults, Vec::<String>::new());
        assert_eq!(claims.len(), 2);
        let Assertion::Logon { event, address, mac, session, .. } = &claims[0].assertion else {
            panic!("no logon")
        };
        assert_eq!(*event, LogonEvent::Login);
        assert_eq!(*address, "10.1.4.23".parse().ok());
        assert_eq!(*mac, "52-54-00-1D-00-05".parse().ok());
        assert_eq!(session.as_deref(), Some("pc-07 0x1f"));
        assert_eq!(told(&claims[1]), "2026-11-22T08:30:00.000000Z");
        let Assertion::Logon { address, session, .. } = &claims[1].assertion else {
            panic!("no logon")
        };
        assert_eq!((*address, session), ("10.1.4.24".parse().ok(), &None));
    }

    #[test]
    fn rows_that_come_late_are_heard_when_they_are_read() {
        let heard = Timestamp::from_seconds(1_900_000_000);
        let opened = LoginTable::open("l.csv", LOGINS.as_bytes(), None, Arrival::At(heard));
        let (mut table, claims, _) = opened.expect("a table");
        assert!(claims.iter().all(|claim| claim.at == heard));
        let (claims, faults) =
            table.more(b"2026-11-22T10:00:00Z,b,10.1.4.2,nap,,,\n", Arrival::AsTold);
        assert!(claims.iter().all(is_lost));
        assert_eq!(faults[0].line, 4);
    }

    #[test]
    fn an_unknown_event_is_a_fault_of_its_line_and_the_other_rows_count() {
        let text = LOGINS.replace("Use", "nap");
        let (claims, faults) = read(&text, None);
        assert_eq!(claims.iter().map(is_lost).collect::<Vec<_>>(), [false, true]);
        assert_eq!(
            faults,
            ["logins.csv line 3, column `event`: unknown event `nap`. The events are login, \
              logout, lock, unlock and use."]
        );
    }

    #[test]
    fn all_faults_of_a_row_are_told_at_once() {
        let text = "time,login,address,event\nyesterday,,10.1.4,\n2026-11-22T09:00:00Z,a,,login\n";
        let (claims, faults) = read(text, None);
        assert!(claims.iter().all(is_lost));
        assert_eq!(faults.len(), 5, "{faults:?}");
        assert!(faults[..4].iter().all(|fault| fault.starts_with("logins.csv line 2")));
        assert!(faults[4].contains("line 3") && faults[4].contains("neither address nor mac"));
        let (_, faults) = read("time,user,address,event\n", None);
        assert_eq!(faults.len(), 2, "{faults:?}");
    }

    #[test]
    fn local_times_need_a_declared_zone_and_are_refused_in_the_hour_that_happens_twice() {
        let row = |time: &str| format!("time,login,address,event\n{time},a,10.1.4.2,login\n");
        let one = |time: &str, zone| {
            let (claims, faults) = read(&row(time), zone);
            claims.first().map(told).ok_or_else(|| faults.join(" "))
        };
        let london = Some("Europe/London");
        for (time, zone, utc) in [
            ("2026-07-01 09:00:00", london, "2026-07-01T08:00:00.000000Z"),
            ("2026-11-22T09:00:00", london, "2026-11-22T09:00:00.000000Z"),
            ("2026-11-22T09:00:00.5Z", None, "2026-11-22T09:00:00.500000Z"),
            ("2026-07-01 09:00", Some("America/New_York"), "2026-07-01T13:00:00.000000Z"),
        ] {
            assert_eq!(one(time, zone).as_deref(), Ok(utc), "{time}");
        }
        assert!(one("2026-11-22 09:00:00", None).unwrap_err().contains("declare a zone"));
        assert!(one("2026-10-25 01:30:00", london).unwrap_err().contains("twice or never"));
        assert!(one("2026-03-29 01:30:00", london).unwrap_err().contains("twice or never"));
        assert!(one("22/11/26 09:00", london).unwrap_err().contains("is no time"));
    }

    #[test]
    fn no_prefix_and_no_broken_byte_makes_the_reader_panic() {
        let bytes = LOGINS.as_bytes();
        for end in 0..bytes.len() {
            drop(LoginTable::open("l", &bytes[..end], None, Arrival::AsTold));
            for byte in [0, b'"', b',', b'\n', 0xff] {
                let mut broken = bytes.to_vec();
                broken[end] = byte;
                drop(LoginTable::open("l", &broken, None, Arrival::AsTold));
            }
        }
    }

    #[test]
    fn a_row_that_can_not_be_read_says_that_a_record_was_lost_around_its_time() {
        let text = "time,login,address,event\n\
            2026-11-22T09:00:00Z,a.pupil,10.1.4.23,login\n\
            2026-11-22T09:01:00Z,a.pupil,10.1.4.23,logof\n\
            2026-11-22T09:02:00Z,a.pupil,10.1.4.23,use\n\
            yesterday,a.pupil,10.1.4.23,logout\n\
            2026-11-22T09:03:00Z,b.pupil,10.1.4,login\n\
            2026-11-22T09:04:00Z,b.pupil\n";
        let now = Timestamp::from_seconds(1_795_340_000);
        let (_, claims, faults) =
            LoginTable::open("logins.csv", text.as_bytes(), None, Arrival::At(now))
                .expect("a table");
        assert_eq!(faults.len(), 4);
        let words = claims.iter().map(|claim| match &claim.assertion {
            Assertion::Logon { user, .. } => user.reveal().to_owned(),
            Assertion::Lost { told_at } if *told_at == now => "lost now".to_owned(),
            Assertion::Lost { told_at } => format!("lost {}", &told_at.to_string()[11..16]),
            _ => panic!("{claim:?}"),
        });
        let expected = [
            "a.pupil",
            "lost 09:01",
            "a.pupil",
            "lost 09:02",
            "lost 09:03",
            "lost 09:03",
            "lost 09:03",
            "lost now",
        ];
        assert_eq!(words.collect::<Vec<_>>(), expected);
        assert!(claims.iter().all(|claim| claim.at == now));
    }

    #[test]
    fn a_table_in_utf_16_or_with_semicolons_says_how_to_save_it() {
        let refused = |text: &[u8]| {
            let faults = LoginTable::open("logins.csv", text, None, Arrival::AsTold).unwrap_err();
            faults.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let wide: Vec<u8> =
            "\u{feff}time,login".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(
            refused(&wide),
            ["logins.csv line 1: the file is written in UTF-16. Save it as CSV UTF-8."]
        );
        assert_eq!(
            refused(b"time;login;address;event\n"),
            [
                "logins.csv line 1: its columns are separated by semicolons. Save it as CSV with commas."
            ]
        );
    }
}
