//! The dashboard's settings: a TOML file, flags over it, all faults named at once.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use facts::{Span, Timestamp};
use jiff::tz::TimeZone;
use rules::{Calendar, CalendarWritten};
use toml::de::{DeTable, DeValue};

use crate::words::{SchoolDay, Times};

/// What the dashboard runs with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The daemon's database, read only.
    pub record: PathBuf,
    /// The dashboard's own database.
    pub review: PathBuf,
    /// The private file of password hashes.
    pub credentials: PathBuf,
    /// Where it listens.
    pub listen: Loopback,
    /// What the school is called.
    pub site_name: String,
    /// The school's time zone.
    pub zone: TimeZone,
    /// Home time as it is printed, `15:15`; on days of the week that have one.
    pub home_time: Option<String>,
    /// The school's calendar, where it is shared with the daemon's configuration.
    pub calendar: Option<Calendar>,
    /// How letters leave.
    pub letters: Letters,
    /// The telephone number of children's services.
    pub childrens_services: Option<String>,
    /// The telephone number for advice about a matter of an adult (LADO).
    pub adult_advice: Option<String>,
    /// The school's written rule for the time when nobody is on site, one sentence.
    pub cover: Option<String>,
    /// Moves the clock, for a demonstration that plays a recording.
    pub clock_offset: Span,
}

/// How letters leave, as pages say it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Letters {
    /// By a mail server.
    #[default]
    ByServer,
    /// As files in a folder.
    AsFiles,
}

impl Settings {
    /// Whether children are expected at school on the day of `now`: by the calendar, else
    /// by the day of the week.
    pub(crate) fn school_day(&self, now: Timestamp) -> SchoolDay {
        let perhaps = match &self.calendar {
            Some(calendar) => calendar.home_time_today(now).is_some(),
            None => !Times::new(self.zone.clone()).is_weekend(now),
        };
        if perhaps { SchoolDay::Perhaps } else { SchoolDay::No }
    }

    /// Home time on the day of `now`, where it has one.
    pub(crate) fn home_time(&self, now: Timestamp) -> Option<String> {
        match &self.calendar {
            Some(calendar) => {
                calendar.home_time_today(now).map(|home| calendar.local(home).clock())
            }
            None => {
                let has_one = self.school_day(now) == SchoolDay::Perhaps;
                self.home_time.clone().filter(|_| has_one)
            }
        }
    }
}

/// An address of this machine alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loopback(SocketAddr);

impl Loopback {
    /// The address.
    #[must_use]
    pub const fn socket(self) -> SocketAddr {
        self.0
    }

    fn parse(text: &str) -> Result<Self, String> {
        let address: SocketAddr = text.parse().map_err(|_| {
            format!("{text:?} is no address with a port; write one such as 127.0.0.1:8443")
        })?;
        if address.ip().is_loopback() {
            return Ok(Self(address));
        }
        Err(format!(
            "{address} can be reached from other machines, and the sign-in has no second factor \
             yet; write a loopback address such as 127.0.0.1:8443"
        ))
    }
}

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Line(PathBuf, usize),
    File(PathBuf),
    Flag,
}

/// Every fault of a configuration, in the order they were found.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigFaults(Vec<(Place, String)>);

impl std::error::Error for ConfigFaults {}

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (place, fault)) in self.0.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            match place {
                Place::Line(path, line) => write!(f, "{} line {line}: ", path.display())?,
                Place::File(path) => write!(f, "{}: ", path.display())?,
                Place::Flag => write!(f, "on the command line: ")?,
            }
            f.write_str(fault)?;
        }
        Ok(())
    }
}

/// The keys that may be written; every value is a text.
const KEYS: [&str; 12] = [
    "record",
    "review",
    "credentials",
    "listen",
    "site_name",
    "time_zone",
    "home_time",
    "calendar",
    "letters",
    "childrens_services",
    "adult_advice",
    "cover",
];

/// Texts by key with the place they came from; a later one replaces an earlier one.
#[derive(Debug, Default)]
pub struct Written {
    texts: Vec<(&'static str, String, Place)>,
    faults: Vec<(Place, String)>,
    file: Option<PathBuf>,
    clock_offset: Option<Span>,
}

impl Written {
    /// Reads a file; what is wrong with it is told by [`Written::settings`].
    #[must_use]
    pub fn from_file(path: &Path) -> Self {
        let mut written = Self { file: Some(path.to_owned()), ..Self::default() };
        match std::fs::read_to_string(path) {
            Ok(text) => written.read(path, &text),
            Err(fault) => written.faults.push((Place::File(path.to_owned()), fault.to_string())),
        }
        written
    }

    /// Sets a key from the command line, over what a file says.
    pub fn flag(&mut self, key: &'static str, value: Option<String>) {
        if let Some(value) = value {
            self.texts.push((key, value, Place::Flag));
        }
    }

    /// Moves the clock.
    pub fn clock_offset(&mut self, offset: Span) {
        self.clock_offset = Some(offset);
    }

    fn read(&mut self, path: &Path, text: &str) {
        let line_of = |at: usize| {
            Place::Line(path.to_owned(), text.get(..at).unwrap_or(text).matches('\n').count() + 1)
        };
        let table = match DeTable::parse(text) {
            Ok(table) => table,
            Err(fault) => {
                let at = line_of(fault.span().map_or(0, |span| span.start));
                self.faults.push((at, fault.message().to_owned()));
                return;
            }
        };
        for (key, value) in table.get_ref() {
            let at = line_of(key.span().start);
            let Some(known) = KEYS.into_iter().find(|known| known == key.get_ref()) else {
                let keys = KEYS.join(", ");
                self.faults
                    .push((at, format!("{}: no such key; there are: {keys}", key.get_ref())));
                continue;
            };
            match value.get_ref() {
                DeValue::String(text) => self.texts.push((known, text.to_string(), at)),
                _ => self.faults.push((at, format!("{known}: write its value in quotation marks"))),
            }
        }
    }

    /// The settings, or every fault at once.
    ///
    /// # Errors
    /// Names file, line, key and the mend of each fault.
    pub fn settings(mut self) -> Result<Settings, ConfigFaults> {
        let record = self.path("record", "wardline's record.db");
        let review = self.path("review", "the dashboard's own review.db");
        let credentials = self.path("credentials", "the private file of password hashes");
        let site_name = self.required("site_name", "what the school is called").unwrap_or_default();
        let listen = self.checked("listen", Loopback::parse);
        let zone = self.checked("time_zone", zone);
        let home_time = self.checked("home_time", clock_text);
        let calendar = self.checked("calendar", calendar_of);
        let letters = self.checked("letters", letters_by);
        let settings = Settings {
            record,
            review,
            credentials,
            listen: listen.unwrap_or(Loopback((Ipv4Addr::LOCALHOST, 8443).into())),
            site_name,
            zone: zone.unwrap_or(TimeZone::UTC),
            home_time,
            calendar,
            letters: letters.unwrap_or_default(),
            childrens_services: self.text("childrens_services").map(|(text, _)| text),
            adult_advice: self.text("adult_advice").map(|(text, _)| text),
            cover: self.text("cover").map(|(text, _)| text),
            clock_offset: self.clock_offset.unwrap_or(Span::ZERO),
        };
        if self.faults.is_empty() { Ok(settings) } else { Err(ConfigFaults(self.faults)) }
    }

    /// The file of password hashes alone, for `passwd`.
    ///
    /// # Errors
    /// Says that none is named, or what is wrong with the file.
    pub fn credentials(mut self) -> Result<PathBuf, ConfigFaults> {
        let path = self.path("credentials", "the private file of password hashes");
        if self.faults.is_empty() { Ok(path) } else { Err(ConfigFaults(self.faults)) }
    }

    fn path(&mut self, key: &'static str, what: &str) -> PathBuf {
        self.required(key, what).unwrap_or_default().into()
    }

    fn required(&mut self, key: &'static str, what: &str) -> Option<String> {
        let found = self.text(key).filter(|(text, _)| !text.trim().is_empty());
        if found.is_none() && !self.faults.iter().any(|(_, fault)| fault.starts_with(key)) {
            let place = self.file.clone().map_or(Place::Flag, Place::File);
            self.faults.push((place, format!("{key}: missing; write {what}")));
        }
        found.map(|(text, _)| text)
    }

    fn checked<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let (text, place) = self.text(key).or_else(|| {
            // Said where nothing is written, so that a machine without zone files says so.
            (key == "time_zone").then(|| ("Europe/London".to_owned(), Place::Flag))
        })?;
        parse(&text).map_err(|fault| self.faults.push((place, format!("{key}: {fault}")))).ok()
    }

    fn text(&self, key: &str) -> Option<(String, Place)> {
        let last = self.texts.iter().rev().find(|(known, _, _)| *known == key);
        last.map(|(_, text, place)| (text.clone(), place.clone()))
    }
}

fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| {
        format!("{name:?} is no time zone of this machine; write one such as Europe/London (package tzdata)")
    })
}

/// Reads `[calendar]` of the daemon's configuration; its other sections are not looked at.
fn calendar_of(file: &str) -> Result<Calendar, String> {
    let text = std::fs::read_to_string(file)
        .map_err(|fault| format!("{file} can not be read: {fault}; name the daemon's file"))?;
    let whole: WithCalendar =
        toml::from_str(&text).map_err(|fault| format!("{file}: {}", fault.message()))?;
    Calendar::read(&whole.calendar).map_err(|faults| {
        let faults = faults.into_iter().map(|fault| fault.locate(file, &text).to_string());
        faults.collect::<Vec<_>>().join(" ")
    })
}

/// The part of the daemon's configuration that is shared.
#[derive(serde::Deserialize)]
struct WithCalendar {
    #[serde(default)]
    calendar: CalendarWritten,
}

fn letters_by(text: &str) -> Result<Letters, String> {
    match text {
        "server" => Ok(Letters::ByServer),
        "files" => Ok(Letters::AsFiles),
        _ => Err(format!("{text:?} is no way for letters; write \"server\" or \"files\"")),
    }
}

fn clock_text(text: &str) -> Result<String, String> {
    let time = jiff::civil::Time::strptime("%H:%M", text);
    time.map(|time| time.strftime("%H:%M").to_string())
        .map_err(|_| format!("{text:?} is no time of day; write one such as 15:15"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Written {
        let mut written = Written { file: Some("d.toml".into()), ..Written::default() };
        written.read(Path::new("d.toml"), text);
        written
    }

    const GOOD: &str = "record = \"r.db\"\nreview = \"v.db\"\ncredentials = \"c\"\n\
                        site_name = \"Elm Row Primary School\"\ntime_zone = \"UTC\"\n";

    #[test]
    fn a_configuration_with_four_faults_names_all_four_with_line_and_key() {
        let text = format!("{GOOD}listen = \"0.0.0.0:80\"\nhome_time = \"25:10\"\ncolour = 1\n")
            .replace("review = \"v.db\"\n", "");
        let faults = written(&text).settings().unwrap_err().to_string();
        let lines: Vec<&str> = faults.lines().collect();
        assert_eq!(lines.len(), 4, "{faults}");
        assert!(lines[0].starts_with("d.toml line 7: colour: no such key"), "{faults}");
        assert!(lines[1].starts_with("d.toml: review: missing"), "{faults}");
        assert!(lines[2].starts_with("d.toml line 5: listen: 0.0.0.0:80 can be reached"));
        assert!(lines[2].contains("no second factor yet"), "{faults}");
        assert!(lines[3].starts_with("d.toml line 6: home_time: \"25:10\""), "{faults}");
    }

    #[test]
    fn it_listens_on_loopback_only() {
        for good in ["127.0.0.1:0", "127.8.8.8:80", "[::1]:8443"] {
            assert!(Loopback::parse(good).is_ok(), "{good}");
        }
        for bad in ["0.0.0.0:80", "[::]:80", "10.1.0.5:80", "[::ffff:10.0.0.1]:80", "localhost:80"]
        {
            assert!(Loopback::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_flag_stands_over_the_file_and_a_broken_file_is_told_by_line() {
        let mut over = written(GOOD);
        over.flag("site_name", Some("Oak Lane School".into()));
        assert_eq!(over.settings().unwrap().site_name, "Oak Lane School");
        let broken = written("record = \"r.db\"\nreview = \n").settings().unwrap_err().to_string();
        assert!(broken.starts_with("d.toml line 2:"), "{broken}");
        let number = written(&format!("{GOOD}listen = 8443\n")).settings().unwrap_err();
        assert!(number.to_string().contains("line 6: listen: write its value in quot"), "{number}");
    }

    #[test]
    fn with_the_daemons_calendar_a_holiday_has_no_home_time() {
        let daemons = concat!(env!("CARGO_MANIFEST_DIR"), "/../packaging/config/wardline.toml");
        let at = |seconds| Timestamp::from_seconds(seconds);
        let (friday, saturday, half_term) = (1_795_187_340, 1_795_273_740, 1_793_113_200);
        let with = written(&format!("{GOOD}calendar = \"{daemons}\"\n")).settings().unwrap();
        assert_eq!(with.home_time(at(friday)).as_deref(), Some("15:15"));
        assert_eq!((with.home_time(at(saturday)), with.home_time(at(half_term))), (None, None));
        assert_eq!(with.school_day(at(half_term)), SchoolDay::No);
        let without = written(&format!("{GOOD}home_time = \"15:10\"\n")).settings().unwrap();
        assert_eq!(without.home_time(at(friday)).as_deref(), Some("15:10"));
        assert_eq!(without.home_time(at(saturday)), None);
    }

    #[test]
    fn a_calendar_that_is_none_and_an_odd_way_of_letters_are_named_with_their_lines() {
        let text = format!("{GOOD}calendar = \"/nowhere/w.toml\"\nletters = \"pigeon\"\n");
        let faults = written(&text).settings().unwrap_err().to_string();
        let lines: Vec<&str> = faults.lines().collect();
        assert_eq!(lines.len(), 2, "{faults}");
        assert!(lines[0].starts_with("d.toml line 6: calendar: /nowhere/w.toml can not be read"));
        assert!(lines[1].starts_with("d.toml line 7: letters: \"pigeon\" is no way for letters"));
        let files = written(&format!("{GOOD}letters = \"files\"\n")).settings().unwrap();
        assert_eq!(files.letters, Letters::AsFiles);
    }
}
