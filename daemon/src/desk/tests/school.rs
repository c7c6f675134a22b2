//! Elm Row Primary School: its calendar, its people and its accounts, all invented.

use facts::{Candidate, Duty, Role, Timestamp, UserName};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rules::Calendar;
use serde::Deserialize;

use super::super::people::{GuestLine, People, PersonWritten};

/// Home time 15:15, clubs until 18:00 but on Fridays, letters climb on school days.
const CALENDAR: &str = r#"
terms = [{ from = 2026-09-02, to = 2026-10-23 }, { from = 2026-11-02, to = 2026-12-18 }]
[hours]
opens = "07:45"
home_time = "15:15"
children_until = "18:00"
[friday]
children_until = "15:15"
"#;

/// One person for each duty.
pub const EVERYBODY: &str = r#"
[[people]]
id = "lead"
name = "A. Lead"
mail = "lead@elmrow.example"
duties = ["lead"]
accounts = ["a.lead"]
[[people]]
id = "deputy"
name = "B. Deputy"
mail = "deputy@elmrow.example"
duties = ["deputy"]
accounts = ["b.deputy"]
[[people]]
id = "head"
name = "C. Head"
mail = "head@elmrow.example"
duties = ["headteacher"]
accounts = ["c.head"]
[[people]]
id = "acting"
name = "D. Acting"
mail = "acting@elmrow.example"
duties = ["acting_head"]
accounts = ["d.acting"]
[[people]]
id = "chair"
name = "E. Chair"
mail = "chair@elmrow.example"
duties = ["chair"]
accounts = ["e.chair"]
[[people]]
id = "vice"
name = "F. Vice"
mail = "vice@elmrow.example"
duties = ["vice_chair"]
accounts = ["f.vice"]
[[people]]
id = "outside"
name = "G. Outside"
mail = "outside@trust.example"
duties = ["outside"]
[[people]]
id = "tech"
name = "H. Tech"
mail = "tech@elmrow.example"
duties = ["technician"]
accounts = ["h.tech"]
[[people]]
id = "governor"
name = "I. Governor"
mail = "governor@elmrow.example"
duties = ["governor"]
accounts = ["i.governor"]
"#;

#[derive(Deserialize)]
struct Written {
    people: Vec<PersonWritten>,
}

pub fn written(text: &str) -> Vec<PersonWritten> {
    toml::from_str::<Written>(text).unwrap().people
}

pub fn people(text: &str) -> People {
    People::read(&written(text), GuestLine::default()).unwrap()
}

pub fn calendar() -> Calendar {
    Calendar::parse(CALENDAR).unwrap()
}

/// A moment by the school's clock: `2026-11-20 15:08`.
pub fn at(text: &str) -> Timestamp {
    let civil: DateTime = text.parse().unwrap();
    let moment = TimeZone::get("Europe/London").unwrap().to_timestamp(civil).unwrap();
    Timestamp::from_micros(moment.as_microsecond())
}

/// The moment as the school's clock shows it, for comparing lists of letters.
pub fn clock(at: Timestamp) -> String {
    calendar().local(at).in_words()
}

pub fn candidate(account: &str, role: Option<Role>) -> Candidate {
    Candidate {
        account: UserName::new(account),
        role,
        duties: Vec::new(),
        year: role.filter(|role| matches!(role, Role::Pupil | Role::Class)).map(|_| "8".into()),
        group: None,
        display: None,
        one_sided: false,
    }
}

pub fn with_duty(account: &str, duty: Duty) -> Candidate {
    Candidate { duties: vec![duty], ..candidate(account, Some(Role::Staff)) }
}
