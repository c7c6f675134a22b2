//! Reads the directory file: `login,name,role,year,group,aliases,from,to`.

use facts::{Duty, Role, Timestamp, UserName};
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::fault::{Fault, shown};
use super::table::{self, Column, Row};
use crate::identity::directory::{Directory, Entry, canonical};

const COLUMNS: &[Column] = &[
    Column { name: "login", required: true },
    Column { name: "name", required: false },
    Column { name: "role", required: true },
    Column { name: "year", required: false },
    Column { name: "group", required: false },
    Column { name: "aliases", required: false },
    Column { name: "from", required: false },
    Column { name: "to", required: false },
];

/// The words for duties that may stand in the group column of an adult's row.
const DUTIES: [(&str, Duty); 11] = [
    ("dsl", Duty::Lead),
    ("head", Duty::Headteacher),
    ("acting head", Duty::ActingHead),
    ("acting", Duty::ActingHead),
    ("vice chair", Duty::ViceChair),
    ("vice-chair", Duty::ViceChair),
    ("vice", Duty::ViceChair),
    ("osg", Duty::Governor),
    ("online safety governor", Duty::Governor),
    ("osl", Duty::SafetyLead),
    ("it", Duty::Technician),
];

/// Reads a directory file whole. `from` and `to` are days in the school's own zone, `to`
/// being the last day on which the row holds; aliases and groups are parted by `;`.
///
/// # Errors
/// All faults at once, with their lines; then there is no directory, and the one in use
/// stays.
pub fn read_directory(file: &str, text: &[u8], zone: &TimeZone) -> Result<Directory, Vec<Fault>> {
    let (heading, rest, first_line) = table::open(file, text, COLUMNS)?;
    let mut faults = Vec::new();
    let rows = heading.rows(rest, first_line, &mut faults);
    let mut entries = Vec::new();
    let mut read = Vec::new();
    for row in &rows {
        if let Some(entry) = entry(row, zone, &mut faults) {
            entries.push(entry);
            read.push(row);
        }
    }
    let directory = Directory::new(entries).map_err(|clashes| {
        faults.extend(clashes.iter().map(|clash| {
            let earlier = read[clash.first].line;
            let (column, what) = if clash.both_logins {
                ("login", format!("the login already stands on line {earlier}"))
            } else {
                ("aliases", format!("a name of this row already stands on line {earlier}"))
            };
            let mend = "Let the days of the two rows (`from`, `to`) not overlap, or drop one";
            read[clash.second].fault(column, what, mend)
        }));
    });
    faults.sort_by_key(|fault| fault.line);
    directory.ok().filter(|_| faults.is_empty()).ok_or(faults)
}

fn entry(row: &Row<'_>, zone: &TimeZone, faults: &mut Vec<Fault>) -> Option<Entry> {
    let before = faults.len();
    let login = row.field("login");
    if login.is_none() {
        faults.push(row.fault("login", "the login is missing", "Write the account's login"));
    }
    let role = role(row, faults);
    let year = year(row, faults);
    let from = day(row, "from", zone, faults).unwrap_or(Timestamp::from_micros(i64::MIN));
    let until = day(row, "to", zone, faults).unwrap_or(Timestamp::MAX);
    if until <= from {
        let mend = "The row holds from the first day to the last, both included";
        faults.push(row.fault("to", "`to` is before `from`", mend));
    }
    if faults.len() > before {
        return None;
    }
    let role = role?;
    let (group, duties) = group(row.field("group"), role);
    let aliases = row.field("aliases").unwrap_or_default().split(';').map(str::trim);
    Some(Entry {
        login: canonical(&UserName::new(login?)),
        aliases: aliases.filter(|alias| !alias.is_empty()).map(UserName::new).collect(),
        display: row.field("name").map(ToOwned::to_owned),
        role,
        year,
        group,
        duties,
        from,
        until,
    })
}

fn role(row: &Row<'_>, faults: &mut Vec<Fault>) -> Option<Role> {
    let mend = "The roles are pupil, class, staff, volunteer, contractor, supply, governor, \
                guest, admin, service and device";
    let Some(word) = row.field("role") else {
        faults.push(row.fault("role", "the role is missing", mend));
        return None;
    };
    let role = word.to_lowercase().parse().ok();
    if role.is_none() {
        faults.push(row.fault("role", format!("unknown role {}", shown(word)), mend));
    }
    role
}

fn year(row: &Row<'_>, faults: &mut Vec<Fault>) -> Option<String> {
    let word = row.field("year")?;
    let plain = word.to_uppercase();
    let known = plain == "R"
        || plain == "N"
        || plain.parse::<u8>().is_ok_and(|year| (1..=13).contains(&year));
    if !known {
        let mend = "The years are N, R and 1 to 13; leave it empty for adults";
        faults.push(row.fault("year", format!("unknown year {}", shown(word)), mend));
    }
    Some(plain)
}

/// The first moment of a day, or for `to` the first moment after it.
fn day(row: &Row<'_>, column: &str, zone: &TimeZone, faults: &mut Vec<Fault>) -> Option<Timestamp> {
    let word = row.field(column)?;
    let shape = word.len() == 10 && word.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let date = word.parse::<Date>().ok().filter(|_| shape);
    let date = if column == "to" { date.and_then(|d| d.checked_add(1.day()).ok()) } else { date };
    let moment = date.and_then(|d| d.to_zoned(zone.clone()).ok());
    if moment.is_none() {
        let what = format!("{} is no date", shown(word));
        faults.push(row.fault(column, what, "Write the day as 2026-09-01, or leave it empty"));
    }
    Some(Timestamp::from_micros(moment?.timestamp().as_microsecond()))
}

/// Parts the group column of an adult into duties and groups; a child's group is a group.
fn group(field: Option<&str>, role: Role) -> (Option<String>, Vec<Duty>) {
    let Some(field) = field else { return (None, Vec::new()) };
    if matches!(role, Role::Pupil | Role::Class) {
        return (Some(field.to_owned()), Vec::new());
    }
    let mut duties = Vec::new();
    let mut groups = Vec::new();
    for word in field.split(';').map(str::trim).filter(|word| !word.is_empty()) {
        let plain = word.to_lowercase();
        let listed = DUTIES.iter().find(|(name, _)| *name == plain).map(|(_, duty)| *duty);
        match listed.or_else(|| plain.parse().ok()) {
            Some(duty) => duties.push(duty),
            None => groups.push(word),
        }
    }
    ((!groups.is_empty()).then(|| groups.join("; ")), duties)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::login::{Home, Who};

    const SCHOOL: &str = "\u{feff}login,name,role,year,group,aliases,from,to\r\n\
        a.pupil,A. Pupil,pupil,3,3B,23apupil@elmrow.example;uso:apupil01,2025-09-01,\r\n\
        class3b,Class 3B tablets,class,3,3B,,2025-09-01,2026-07-21\r\n\
        b.pupil,\"Pupil, B.\",pupil,3,3B,,2025-09-01,\r\n\
        \r\n\
        élodie,É. Çelik,supply,,,,,\r\n\
        j.head,J. Head,staff,,head;dsl;Eco club,,2019-01-01,\r\n";

    fn read(text: &str) -> Result<Directory, Vec<String>> {
        read_directory("directory.csv", text.as_bytes(), &TimeZone::UTC)
            .map_err(|faults| faults.iter().map(ToString::to_string).collect())
    }

    fn find<'a>(directory: &'a Directory, name: &str, date: &str) -> Option<&'a Entry> {
        let Who::Account(login) = Who::read(&UserName::new(name), None) else { return None };
        let at = date.parse::<jiff::Timestamp>().expect("a time").as_microsecond();
        let home = Home::new(["elmrow.lan"]);
        directory.entry(&login, &home, Timestamp::from_micros(at)).map(std::convert::AsRef::as_ref)
    }

    #[test]
    fn a_row_tells_who_an_account_is_and_which_duties_it_holds() {
        let directory = read(SCHOOL).expect("a directory");
        assert_eq!(directory.len(), 5);
        let noon = "2026-06-01T12:00:00Z";
        for name in ["A.Pupil", "23apupil@elmrow.example", "uso:apupil01", "ELMROW\\a.pupil"] {
            let entry = find(&directory, name, noon).expect(name);
            assert_eq!(entry.login, UserName::new("a.pupil"));
            assert_eq!((entry.role, entry.year.as_deref()), (Role::Pupil, Some("3")));
        }
        assert!(find(&directory, "a.pupil@other.example", noon).is_none());
        assert_eq!(
            find(&directory, "b.pupil", noon).unwrap().display.as_deref(),
            Some("Pupil, B.")
        );
        assert_eq!(find(&directory, "ÉLODIE", noon).unwrap().role, Role::Supply);
        let head = find(&directory, "j.head", noon).expect("the head");
        assert_eq!(head.duties, [Duty::Headteacher, Duty::Lead]);
        assert_eq!(head.group.as_deref(), Some("Eco club"));
    }

    #[test]
    fn a_row_holds_from_its_first_day_to_its_last_in_the_schools_own_zone() {
        let zone = TimeZone::get("Europe/London").expect("zone files");
        let directory = read_directory("d.csv", SCHOOL.as_bytes(), &zone).expect("a directory");
        let holds = |time| find(&directory, "class3b", time).is_some();
        assert!(!holds("2025-08-31T22:59:59Z") && holds("2025-08-31T23:00:00Z"));
        assert!(holds("2026-07-21T22:59:59Z") && !holds("2026-07-21T23:00:00Z"));
    }

    #[test]
    fn a_class_account_tells_how_many_pupils_share_it() {
        let directory = read(SCHOOL).expect("a directory");
        let at = Timestamp::from_seconds(1_768_000_000);
        assert_eq!(directory.shared_by(&UserName::new("class3b"), at), Some(2));
        assert_eq!(directory.shared_by(&UserName::new("a.pupil"), at), None);
    }

    #[test]
    fn the_same_login_twice_is_refused_unless_the_days_part_the_rows() {
        let twice = "login,role,from,to\nj.smith,pupil,2020-09-01,2024-07-20\n\
                     J.Smith,pupil,2024-07-20,\n";
        assert_eq!(
            read(twice).unwrap_err(),
            ["directory.csv line 3, column `login`: the login already stands on line 2. Let the \
              days of the two rows (`from`, `to`) not overlap, or drop one."]
        );
        assert!(read(&twice.replace("2024-07-20,\n", "2024-07-21,\n")).is_ok());
        let alias = "login,role,aliases\na,pupil,b\nb,pupil,\n";
        assert!(read(alias).unwrap_err()[0].contains("line 3, column `aliases`"));
    }

    #[test]
    fn a_wrong_or_missing_column_is_named() {
        assert_eq!(
            read("logon,role,role\nx,pupil,pupil\n").unwrap_err(),
            [
                "directory.csv line 1: unknown column `logon`. The columns are \
                 login,name,role,year,group,aliases,from,to, separated by commas.",
                "directory.csv line 1, column `role`: the column stands twice. Keep one of the \
                 two.",
                "directory.csv line 1, column `login`: the column is missing. Add it to the \
                 first line; the columns are login,name,role,year,group,aliases,from,to.",
            ]
        );
        assert!(read("").unwrap_err()[0].contains("the file is empty"));
        assert!(read("login;role\nx;pupil\n").unwrap_err()[0].contains("separated by semicolons"));
    }

    #[test]
    fn no_prefix_of_a_directory_and_no_broken_byte_in_it_makes_the_reader_panic() {
        let bytes = SCHOOL.as_bytes();
        for end in 0..bytes.len() {
            drop(read_directory("d.csv", &bytes[..end], &TimeZone::UTC));
            let mut broken = bytes.to_vec();
            for byte in [0, b'"', b',', b'\n', 0xff] {
                broken[end] = byte;
                drop(read_directory("d.csv", &broken, &TimeZone::UTC));
            }
        }
    }

    #[test]
    fn all_faults_are_told_at_once_with_their_lines() {
        let text = "login,name,role,year,group,aliases,from,to\n\
            a,A,pupill,3,3B,,2025-09-01,\n\
            b,B,pupil,14,3B,,01/09/2025,\n\
            ,C,pupil,3,3B,,,\n\
            d,D,staff,,,,2025-09-02,2025-09-01\n\
            e,E,staff,,,\n";
        assert_eq!(
            read(text).unwrap_err(),
            [
                "directory.csv line 2, column `role`: unknown role `pupill`. The roles are pupil, \
                 class, staff, volunteer, contractor, supply, governor, guest, admin, service \
                 and device.",
                "directory.csv line 3, column `year`: unknown year `14`. The years are N, R and \
                 1 to 13; leave it empty for adults.",
                "directory.csv line 3, column `from`: `01/09/2025` is no date. Write the day as \
                 2026-09-01, or leave it empty.",
                "directory.csv line 4, column `login`: the login is missing. Write the account's \
                 login.",
                "directory.csv line 5, column `to`: `to` is before `from`. The row holds from \
                 the first day to the last, both included.",
                "directory.csv line 6: the row has 6 columns, the heading 8. Check the commas, \
                 and put a value that holds one in quotes.",
            ]
        );
    }

    #[test]
    fn a_quotation_mark_that_is_not_closed_is_named_as_that() {
        let text = "login,role\na.lead,staff\nb.deputy,\"staff\nc.head,staff\n";
        assert_eq!(
            read(text).unwrap_err(),
            [
                "directory.csv line 3: a value in quotes goes on over the end of the line. Close its \
              quotation mark, or double one that belongs to the value."
            ]
        );
    }
}
