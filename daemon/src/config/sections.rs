//! Each section of the configuration, from what is written to what it means.

use std::net::IpAddr;
use std::path::Path;
use std::str::FromStr;

use facts::{Profile, SiteId, Span};
use rules::{Calendar, CalendarWritten};
use wire::DnsPorts;

use super::reader::{Document, Section};
use super::spelled::{Spelled, spelled};
use super::{
    CaptureConfig, Config, Ground, IdentityConfig, MailConfig, MailWay, Place, School, StoreConfig,
};
use crate::capture::Mode;
use crate::desk::{GuestLine, NamedNetwork, Network, People, PersonWritten, Profiles, USUAL_GRACE};
use crate::mail::{SmtpSettings, read_secret};

/// The default of `identity.idle_lock`: policy 001, line 380.
const DEFAULT_IDLE_LOCK: Span = Span::minutes(20);
/// The default of `identity.stop_lag`: the longest usual idle time-out of access points.
const DEFAULT_STOP_LAG: Span = Span::minutes(5);
/// The default of `capture.ring_mib`.
const DEFAULT_RING_MIB: i64 = 64;
/// The submission port of RFC 6409.
const SUBMISSION_PORT: i64 = 587;

/// A range of addresses as people write it: `10.77.80.0/24`.
struct Range(Network);

impl FromStr for Range {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (first, bits) = text.split_once('/').ok_or(())?;
        let first: IpAddr = first.parse().map_err(|_| ())?;
        let bits: u8 = bits.parse().map_err(|_| ())?;
        let longest = if first.is_ipv4() { 32 } else { 128 };
        (bits <= longest).then_some(Self(Network::Range(first, bits))).ok_or(())
    }
}

/// Reads every section, so that all faults are found; `None` where a needed value is missing.
pub(super) fn config(
    document: &Document<'_>,
    mut root: Section<'_, '_>,
    folder: &Path,
) -> Option<Config> {
    let school = root.section("school").and_then(school);
    let networks: Vec<_> = root.sections("network").into_iter().flat_map(network).collect();
    let capture = optional(&mut root, "capture").map(capture).unwrap_or_else(no_capture);
    let identity = optional(&mut root, "identity").map(|s| identity(s, folder));
    let rules = optional(&mut root, "rules").map(|section| rules(section, folder));
    let (rules_folder, exceptions) = rules.unwrap_or_default();
    let calendar = calendar(document, &mut root);
    let people = people(document, &mut root);
    let mail = root
        .section("mail")
        .and_then(|section| mail(section, folder, people.as_ref().map(|(people, _)| people)));
    let store = optional(&mut root, "store").map(|section| store(section, folder));
    let grace = optional(&mut root, "desk").and_then(|mut section| {
        let grace = section.length("grace", Span::ZERO..=Span::minutes(10));
        section.finish();
        grace
    });
    root.finish();
    let (school, own) = school?;
    let (people, spelled) = people?;
    Some(Config {
        school,
        profiles: Profiles { pupils: own, networks, elsewhere: own },
        capture,
        identity: identity.unwrap_or_else(no_identity),
        rules_folder,
        exceptions,
        calendar: calendar?,
        people,
        spelled,
        mail: mail?,
        store: store.unwrap_or_else(|| StoreConfig::in_folder("/var/lib/wardline".into())),
        grace: grace.unwrap_or(USUAL_GRACE),
        ground: Ground::default(),
    })
}

/// A section that may be left out.
fn optional<'d, 'a>(root: &mut Section<'d, 'a>, key: &str) -> Option<Section<'d, 'a>> {
    if root.has(key) { root.section(key) } else { None }
}

fn school(mut section: Section<'_, '_>) -> Option<(School, Profile)> {
    let name = section.required_text("name", "Elm Row Primary School");
    let short = section.text("short");
    let number = section.number("number", 0..=i64::from(u32::MAX)).unwrap_or(1);
    let address = section.required_text("address", "https://wardline.elmrow.example");
    let profile = match section.required_text("profile", "ks2") {
        Some(_) => section.parsed::<Profile>("profile", "one of ks1, ks2, ks3-4, ks5"),
        None => None,
    };
    if profile.is_some_and(|profile| !profile.is_pupil()) {
        let mend = "Write ks1, ks2, ks3-4 or ks5; networks of adults go under [[network]].";
        section.fault("profile", "The school's own profile is one of pupils.", mend);
    }
    if let Some(address) = address
        && !(address.starts_with("https://") || address.starts_with("http://127.0.0.1"))
    {
        section.fault("address", "The address is no https address.", "Write https:// before it.");
    }
    for (key, text) in [("name", name), ("short", short)] {
        if text.is_some_and(|text| text.chars().any(char::is_control)) {
            section.fault(key, "A control character stands in the name.", "Write it on one line.");
        }
    }
    section.finish();
    let name = name?.trim().to_owned();
    let school = School {
        short: short.map_or_else(|| name.clone(), |short| short.trim().to_owned()),
        name,
        site: SiteId(u32::try_from(number).unwrap_or(1)),
        address: address?.trim_end_matches('/').to_owned(),
    };
    Some((school, profile?))
}

/// One network: known by its range, its VLAN or both.
fn network(mut section: Section<'_, '_>) -> Vec<NamedNetwork> {
    let name = section.required_text("name", "Guest Wi-Fi");
    let range: Option<Range> =
        section.parsed("range", "a range of addresses such as 10.77.80.0/24");
    let vlan = section.number("vlan", 1..=4094).and_then(|vlan| u16::try_from(vlan).ok());
    let profile = section.parsed("profile", "one of ks1, ks2, ks3-4, ks5, staff, guest");
    if !section.has("range") && !section.has("vlan") {
        let mend = "Give it range = \"10.77.80.0/24\" or vlan = 80.";
        section.fault("name", "Nothing says which addresses belong to this network.", mend);
    }
    if name.is_some_and(|name| name.chars().any(char::is_control)) {
        section.fault("name", "A control character stands in the name.", "Write it on one line.");
    }
    section.finish();
    let Some(name) = name else { return Vec::new() };
    let known_by = range.map(|range| range.0).into_iter().chain(vlan.map(Network::Vlan));
    let named = |known_by| NamedNetwork { name: name.trim().to_owned(), known_by, profile };
    known_by.map(named).collect()
}

/// The folder with the school's own packs, and the file of study exceptions beside it.
fn rules(mut section: Section<'_, '_>, folder: &Path) -> (Option<Place>, Option<Place>) {
    let packs = section.place("folder", folder);
    let exceptions = section.place("exceptions", folder);
    if let (Some(packs), Some(file)) = (&packs, &exceptions)
        && file.parent() == Some(&**packs)
    {
        let sentence = "The file lies inside the folder of the rules, where every file is a pack.";
        section.fault("exceptions", sentence, "Put it beside that folder.");
    }
    section.finish();
    (packs, exceptions)
}

/// Ports beside the usual ones; each is a look at every packet that a client sends.
fn filter_ports(section: &mut Section<'_, '_>) -> Vec<u16> {
    const KEY: &str = "filter_ports";
    const MOST: usize = 64;
    let listed = section.ports(KEY).unwrap_or_default();
    if listed.contains(&0) || listed.len() > MOST {
        let sentence = "Port 0 is among them, or they are more than 64.";
        section.fault(KEY, sentence, "Write the ports of servers, as in [9443, 10443].");
    }
    listed
}

fn capture(mut section: Section<'_, '_>) -> CaptureConfig {
    let ring = section.number("ring_mib", 1..=1024).unwrap_or(DEFAULT_RING_MIB);
    let capture = CaptureConfig {
        interface: section.text("interface").map(str::to_owned),
        ring_mib: i32::try_from(ring).unwrap_or(i32::MAX),
        filter: section.parsed("filter", "one of off, ports, auto").unwrap_or_default(),
        filter_ports: filter_ports(&mut section),
        routers: section.parsed_list("routers", "a MAC address such as 52:54:00:1d:00:05"),
        forwarders: section.parsed_list("forwarders", "an address such as 10.77.0.10"),
        filter_answers: section.parsed_list("filter_answers", "an address such as 10.77.0.10"),
        dns_ports: dns_ports(&mut section),
    };
    section.finish();
    capture
}

/// The ports of DNS; 53 alone where the key is missing.
fn dns_ports(section: &mut Section<'_, '_>) -> DnsPorts {
    const KEY: &str = "dns_ports";
    let Some(listed) = section.ports(KEY) else { return DnsPorts::default() };
    DnsPorts::new(&listed).unwrap_or_else(|fault| {
        let mend = "Write 53 and the others that devices ask on, as in dns_ports = [53, 5300].";
        section.fault(KEY, &fault.to_string(), mend);
        DnsPorts::default()
    })
}

fn no_capture() -> CaptureConfig {
    CaptureConfig {
        interface: None,
        ring_mib: i32::try_from(DEFAULT_RING_MIB).unwrap_or(i32::MAX),
        filter: Mode::default(),
        filter_ports: Vec::new(),
        routers: Vec::new(),
        forwarders: Vec::new(),
        filter_answers: Vec::new(),
        dns_ports: DnsPorts::default(),
    }
}

fn identity(mut section: Section<'_, '_>, folder: &Path) -> IdentityConfig {
    let identity = IdentityConfig {
        directory: section.place("directory", folder),
        logins: section.places("logins", folder),
        idle_lock: section
            .length("idle_lock", Span::minutes(1)..=Span::hours(4))
            .unwrap_or(DEFAULT_IDLE_LOCK),
        stop_lag: section
            .length("stop_lag", Span::ZERO..=Span::hours(1))
            .unwrap_or(DEFAULT_STOP_LAG),
        realms: section.texts("realms").into_iter().map(str::to_owned).collect(),
        login_servers: section.parsed_list("login_servers", "an address such as 10.77.0.10"),
        many_users: section.parsed_list("many_users", "an address such as 10.77.0.10"),
    };
    section.finish();
    identity
}

fn store(mut section: Section<'_, '_>, folder: &Path) -> StoreConfig {
    let place = section.required_text("folder", "/var/lib/wardline");
    let place = folder.join(place.unwrap_or("/var/lib/wardline"));
    let review = section.text("review").map(|review| folder.join(review));
    section.finish();
    let store = StoreConfig::in_folder(place);
    StoreConfig { review: review.unwrap_or(store.review), ..store }
}

fn no_identity() -> IdentityConfig {
    IdentityConfig {
        directory: None,
        logins: Vec::new(),
        idle_lock: DEFAULT_IDLE_LOCK,
        stop_lag: DEFAULT_STOP_LAG,
        realms: Vec::new(),
        login_servers: Vec::new(),
        many_users: Vec::new(),
    }
}

fn calendar(document: &Document<'_>, root: &mut Section<'_, '_>) -> Option<Calendar> {
    let written =
        if root.has("calendar") { root.read("calendar")? } else { CalendarWritten::default() };
    match Calendar::read(&written) {
        Ok(calendar) => Some(calendar),
        Err(faults) => {
            faults.into_iter().for_each(|fault| document.take(fault));
            None
        }
    }
}

fn people(document: &Document<'_>, root: &mut Section<'_, '_>) -> Option<(People, Vec<Spelled>)> {
    let written: Vec<PersonWritten> =
        if root.has("people") { root.read("people")? } else { Vec::new() };
    match People::read(&written, GuestLine::default()) {
        Ok(people) => Some((people, spelled(document, &written))),
        Err(faults) => {
            faults.into_iter().for_each(|fault| document.take(fault));
            None
        }
    }
}

fn mail(
    mut section: Section<'_, '_>,
    folder: &Path,
    people: Option<&People>,
) -> Option<MailConfig> {
    let from = section.required_text("from", "wardline@elmrow.example");
    if let Some(from) = from
        && from.parse::<lettre::Address>().is_err()
    {
        section.fault("from", "This is no mail address.", "Write name@school.example.");
    }
    if let Some(reader) = from.and_then(|from| people?.reading(from)) {
        let who = reader.id.as_str();
        let sentence = format!(
            "This is the mailbox of “{who}”: what a server sends back of any letter would go there."
        );
        section.fault("from", &sentence, "Write an address that nobody under [[people]] has.");
    }
    let maildir = section.text("maildir").map(|place| folder.join(place));
    let server = section.text("server").map(str::to_owned);
    let port = section.number("port", 1..=65_535).unwrap_or(SUBMISSION_PORT);
    let user = section.text("user").map(str::to_owned);
    let password = section.text("password_file").map(str::to_owned);
    let trust = section.text("trust").map(str::to_owned);
    let password = password.and_then(|place| {
        let place = crate::mail::credential_place(&place, folder);
        read_secret(&place)
            .map_err(|why| {
                section.fault(
                    "password_file",
                    &format!("{why}."),
                    "Give the place of a file that holds the password alone.",
                )
            })
            .ok()
    });
    let trust = trust.and_then(|place| {
        let read = std::fs::read(folder.join(&place));
        read.map_err(|why| {
            section.fault(
                "trust",
                &format!("The file can not be read: {why}."),
                "Give the place of the authority's certificate in PEM form.",
            )
        })
        .ok()
    });
    let way = match (maildir, server) {
        (Some(folder), None) => Some(MailWay::Maildir(folder)),
        (None, Some(server)) => Some(MailWay::Smtp(Box::new(SmtpSettings {
            server,
            port: u16::try_from(port).unwrap_or(u16::MAX),
            from: from.unwrap_or_default().to_owned(),
            sign_in: user.zip(password),
            trust,
        }))),
        (both, _) => {
            let sentence = match both {
                Some(_) => "Letters can leave by a server or as files, not both.",
                None => "Nothing says how letters leave.",
            };
            section.fault("server", sentence, "Keep server = \"mail.elmrow.example\", or maildir.");
            None
        }
    };
    let reach = section.text("reach").map(str::trim);
    if reach.is_some_and(|reach| !is_one_sentence(reach)) {
        section.fault(
            "reach",
            "This is no one short sentence without an address.",
            "Write at most 10 words, as in \"It works on the school network and on staff Wi-Fi.\"",
        );
    }
    section.finish();
    Some(MailConfig { from: from?.to_owned(), reach: reach.map(str::to_owned), way: way? })
}

/// What a letter has room for, and what its linter takes: one link and no other address.
fn is_one_sentence(text: &str) -> bool {
    let words = text.split_whitespace().count();
    let is_short = (1..=10).contains(&words) && text.chars().count() <= 100;
    is_short
        && text.ends_with('.')
        && !text.contains(['@', '/'])
        && !text.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_page_opens_is_one_sentence_without_an_address() {
        for right in ["It works on the school network and on staff Wi-Fi.", "It works."] {
            assert!(is_one_sentence(right), "{right}");
        }
        let long = "It works on staff Wi-Fi and in the office and outside.";
        for wrong in ["", "It works", "See https://x.example.", "Ask a@b.example.", "A\nb.", long] {
            assert!(!is_one_sentence(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_range_is_an_address_and_a_prefix_that_fits_it() {
        for right in ["10.77.80.0/24", "0.0.0.0/0", "fd77::/16", "fd77::1/128"] {
            assert!(right.parse::<Range>().is_ok(), "{right}");
        }
        for wrong in ["10.0.0.0/33", "10.0.0.0", "/8", "10.0.0.0/", "fd77::/129"] {
            assert!(wrong.parse::<Range>().is_err(), "{wrong}");
        }
    }
}
