//! The configuration file as written, and as the program uses it.

mod ground;
mod place;
mod reader;
mod sections;
mod spelled;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use facts::{Mac, SiteId, Span};
use rules::{Calendar, Diagnostic, Gravity};
use wire::DnsPorts;

use crate::capture::Mode;
use crate::desk::{People, Profiles};
use crate::mail::SmtpSettings;
pub use ground::Ground;
pub use place::Place;
pub use spelled::{Kind, Spelled};

/// Everything the daemon was told, valid as a whole.
#[derive(Clone, Debug)]
pub struct Config {
    /// The school.
    pub school: School,
    /// For whom a match is weighed.
    pub profiles: Profiles,
    /// Where packets come from.
    pub capture: CaptureConfig,
    /// Where logins and the directory come from.
    pub identity: IdentityConfig,
    /// The folder with the school's own rule packs.
    pub rules_folder: Option<Place>,
    /// The file of study exceptions.
    pub exceptions: Option<Place>,
    /// The school's calendar.
    pub calendar: Calendar,
    /// The people who can be told, their accounts as they are written.
    pub people: People,
    /// What of them has to be judged beside the directory.
    pub spelled: Vec<Spelled>,
    /// How letters leave.
    pub mail: MailConfig,
    /// Where records are kept.
    pub store: StoreConfig,
    /// How long a match waits for a login record.
    pub grace: Span,
    /// What of all this decides how much a match weighs, told apart.
    pub ground: Ground,
}

/// The school.
#[derive(Clone, Debug)]
pub struct School {
    /// Its name.
    pub name: String,
    /// Its name in the From line of letters.
    pub short: String,
    /// Its number in a trust.
    pub site: SiteId,
    /// Where duty holders open the dashboard, without a final slash.
    pub address: String,
}

/// Where packets come from.
#[derive(Clone, Debug)]
pub struct CaptureConfig {
    /// The interface of the mirror port.
    pub interface: Option<String>,
    /// The kernel's ring in MiB.
    pub ring_mib: i32,
    /// Whether the kernel turns bulk away before it is read.
    pub filter: Mode,
    /// TCP ports beside the usual ones on which it turns away nothing that a client sends.
    pub filter_ports: Vec<u16>,
    /// Link-layer addresses that front many addresses.
    pub routers: Vec<Mac>,
    /// Servers that ask on behalf of others: never a subject.
    pub forwarders: Vec<std::net::IpAddr>,
    /// The filter's block page and sinkhole addresses.
    pub filter_answers: Vec<std::net::IpAddr>,
    /// Where DNS is spoken.
    pub dns_ports: DnsPorts,
}

/// Where logins and the directory come from.
#[derive(Clone, Debug)]
pub struct IdentityConfig {
    /// The directory file.
    pub directory: Option<Place>,
    /// Login files.
    pub logins: Vec<Place>,
    /// After how long without a proof an account is only "last known".
    pub idle_lock: Span,
    /// How late the network may tell that a session has ended: the idle time-out of access
    /// points. Nothing is proven within it.
    pub stop_lag: Span,
    /// The Kerberos realms and domains whose accounts the directory holds.
    pub realms: Vec<String>,
    /// The Kerberos and RADIUS servers: where any is named, logins count with these alone.
    pub login_servers: Vec<std::net::IpAddr>,
    /// Addresses behind which many people work at once.
    pub many_users: Vec<std::net::IpAddr>,
}

/// Where records are kept.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// The daemon's own folder.
    pub folder: PathBuf,
    /// The database that this daemon writes and the dashboard reads.
    pub record: PathBuf,
    /// The database that the dashboard writes and this daemon reads.
    pub review: PathBuf,
}

impl StoreConfig {
    /// Both databases in one folder.
    #[must_use]
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { record: folder.join("record.db"), review: folder.join("review.db"), folder }
    }
}

/// How letters leave.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// The address that letters come from.
    pub from: String,
    /// One sentence for letters: where the dashboard opens, where the school has tested it.
    pub reach: Option<String>,
    /// By which way.
    pub way: MailWay,
}

/// By which way letters leave.
#[derive(Clone, Debug)]
pub enum MailWay {
    /// A mail server.
    Smtp(Box<SmtpSettings>),
    /// A folder.
    Maildir(PathBuf),
}

/// Why there is no configuration.
#[derive(Debug)]
pub enum ConfigError {
    /// The file can not be read.
    Unreadable {
        /// The file, as it was named.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// Everything wrong in it.
    Faults(Vec<Diagnostic>),
}

impl ConfigError {
    /// One sentence a fault, safe to print.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        match self {
            Self::Unreadable { file, source } => {
                vec![format!("the configuration {file} can not be read: {source}")]
            }
            Self::Faults(faults) => faults.iter().map(ToString::to_string).collect(),
        }
    }
}

impl Config {
    /// Reads a configuration file. Relative places in it are relative to its folder.
    ///
    /// # Errors
    /// The one reason it can not be read, or every fault in it.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            file: path.display().to_string(),
            source,
        })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        Self::read(&path.display().to_string(), &text, folder).map_err(ConfigError::Faults)
    }

    /// Reads a configuration text; `file` is what faults call it.
    ///
    /// # Errors
    /// Every fault in it.
    pub fn read(file: &str, text: &str, folder: &Path) -> Result<Self, Vec<Diagnostic>> {
        let document = reader::Document::new(file, text);
        let table = document.parse();
        let config = table
            .as_ref()
            .and_then(|table| sections::config(&document, document.root(table), folder));
        let faults = document.into_faults();
        let broken = faults.iter().any(|fault| fault.gravity == Gravity::Fault);
        match config {
            Some(config) if !broken => Ok(Self { ground: Ground::of(text), ..config }),
            _ => Err(faults),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../../packaging/config/wardline.toml");

    #[test]
    fn the_example_configuration_is_valid() {
        let config = Config::read("wardline.toml", EXAMPLE, Path::new("/etc/wardline"));
        let config = config.unwrap_or_else(|faults| panic!("{faults:#?}"));
        assert_eq!(config.people.list().len(), 9);
        assert_eq!(config.grace, Span::seconds(20));
        let directory = config.identity.directory.expect("a directory");
        assert_eq!(*directory, *Path::new("/etc/wardline/directory.csv"));
    }

    #[test]
    fn three_faults_are_named_at_once_with_line_and_key() {
        let broken = EXAMPLE
            .replace("profile = \"ks2\" ", "profile = \"year six\" ")
            .replace("port = 587", "port = \"submission\"")
            .replace("duties = [\"outside\"]", "duties = [\"outsider\"]");
        let faults = Config::read("wardline.toml", &broken, Path::new(".")).unwrap_err();
        let line_of = |part: &str| broken.lines().position(|l| l.contains(part)).unwrap() + 1;
        for (key, part) in [
            ("school.profile", "year six"),
            ("mail.port", "submission"),
            ("people.duties", "outsider"),
        ] {
            let line = line_of(part);
            assert!(
                faults.iter().any(|f| f.key == key && f.line == line),
                "{key} on line {line} is not among {faults:#?}"
            );
        }
    }

    #[test]
    fn the_kernel_filter_is_one_of_three_and_its_ports_are_ports() {
        let with = |filter: &str, ports: &str| {
            let written = EXAMPLE.replace("filter = \"auto\"", filter);
            let written = written.replace("filter_ports = []", ports);
            Config::read("w.toml", &written, Path::new("."))
        };
        let capture = with("filter = \"ports\"", "filter_ports = [9443]").expect("right").capture;
        assert_eq!((capture.filter, capture.filter_ports), (Mode::Ports, vec![9443]));
        let capture = with("", "").expect("neither key").capture;
        assert_eq!((capture.filter, capture.filter_ports), (Mode::Auto, vec![]));
        for (filter, ports, key) in [
            ("filter = \"on\"", "", "capture.filter"),
            ("", "filter_ports = [0]", "capture.filter_ports"),
            ("", "filter_ports = [65536]", "capture.filter_ports"),
        ] {
            let faults = with(filter, ports).expect_err(key);
            let named: Vec<_> = faults.iter().map(|fault| fault.key.as_str()).collect();
            assert_eq!(named, [key]);
        }
    }

    #[test]
    fn ports_of_dns_are_read_and_what_would_blind_a_reader_is_a_fault_with_its_line() {
        let with = |list: &str| {
            let written = EXAMPLE.replace("dns_ports = [53]", &format!("dns_ports = {list}"));
            Config::read("w.toml", &written, Path::new("."))
        };
        let line = EXAMPLE.lines().position(|l| l.starts_with("dns_ports")).expect("the key") + 1;
        let ports = with("[53, 5300]").expect("two ports").capture.dns_ports;
        assert_eq!(Ok(ports), DnsPorts::new(&[53, 5300]));
        let without = EXAMPLE.replace("dns_ports = [53]", "");
        let config = Config::read("w.toml", &without, Path::new(".")).expect("no key");
        assert_eq!(config.capture.dns_ports, DnsPorts::default());
        for (list, sentence) in [
            ("[5300]", "Port 53 is missing: what devices ask for there would not be read."),
            ("[]", "Port 53 is missing: what devices ask for there would not be read."),
            ("[53, 88]", "Another protocol is read on port 88."),
            ("[53, 0]", "0 is no port."),
            ("[53, 65536]", "This is no list of ports."),
            ("53", "This is no list of ports."),
        ] {
            let faults = with(list).expect_err(list);
            let said: Vec<_> = faults.iter().map(ToString::to_string).collect();
            let [said] = &said[..] else { panic!("{list}: {said:?}") };
            let begins = format!("w.toml:{line}:1: capture.dns_ports: {sentence} Write ");
            assert!(said.starts_with(&begins), "{said}");
        }
    }
}
