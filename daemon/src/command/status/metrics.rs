//! Findings as metrics in Prometheus' text format, for a collector that reads files.
//!
//! Labels are words of this program, interfaces and places of the configuration; nothing
//! that was observed is among them.

use std::fmt::Write;

use facts::Timestamp;

use super::Known;
use super::findings::is_alive;
use crate::service::{Beat, Counts};

/// Words of faults that the mirror port can have, so that each is nought while it does not.
const FAULTS: [&str; 9] =
    ["silent", "only_out", "only_in", "twice", "cut", "short", "gaps", "unplugged", "vlans"];

/// The page. Of a daemon that is not alive no count is given: a figure that stands still
/// would say that nothing was lost.
pub(super) fn page(known: &Known, is_red: bool) -> String {
    let mut page = Page(String::new());
    let alive = known.beat.as_ref().filter(|beat| is_alive(beat, known.now));
    page.one(
        "wardline_up",
        "gauge",
        "Whether the daemon was alive a moment ago.",
        flag(alive.is_some()),
    );
    page.one(
        "wardline_red",
        "gauge",
        "Whether something needs somebody, as `wardline status` says.",
        flag(is_red),
    );
    page.one(
        "wardline_letters_stuck",
        "gauge",
        "Whether the mail server does not take letters.",
        flag(known.letters_are_stuck),
    );
    page.one(
        "wardline_disk_full",
        "gauge",
        "Whether the disk of the record is nearly full.",
        flag(known.full_disk().is_some()),
    );
    page.one(
        "wardline_rules_refused",
        "gauge",
        "Whether new rules were refused and the ones before are in use.",
        flag(known.refused_rules().is_some()),
    );
    if let Some(beat) = &known.beat {
        let age = known.now.since(Timestamp::from_micros(beat.at));
        page.one(
            "wardline_heartbeat_age_seconds",
            "gauge",
            "Seconds since the daemon's last sign of life.",
            age.as_seconds(),
        );
    }
    if let Some(beat) = alive {
        counts(&mut page, &beat.run);
        state(&mut page, beat, known.now);
    }
    page.0
}

fn counts(page: &mut Page, run: &Counts) {
    page.head("wardline_came_total", "counter", "Packets that came to the interface.");
    page.value("wardline_came_total", &[], run.came);
    page.head(
        "wardline_packets_total",
        "counter",
        "What became of packets; their sum is what came, but for those on their way.",
    );
    for (fate, count) in [
        ("read", run.read),
        ("turned_away", run.turned_away),
        ("lost_at_card", run.lost_at_card),
        ("lost_in_ring", run.lost_in_ring),
    ] {
        page.value("wardline_packets_total", &[("fate", fate)], count);
    }
    page.head("wardline_lost_total", "counter", "What was lost after packets were read.");
    for (what, count) in [
        ("urgent_matches", run.urgent_lost),
        ("other_matches", run.ordinary_lost),
        ("claims", run.claims_lost),
        ("addresses", run.addresses_lost),
        ("panics", run.panics),
    ] {
        page.value("wardline_lost_total", &[("what", what)], count);
    }
    page.head(
        "wardline_connections_total",
        "counter",
        "Connections, by whether they showed a name.",
    );
    page.value("wardline_connections_total", &[("name", "readable")], run.readable);
    page.value("wardline_connections_total", &[("name", "unreadable")], run.unreadable);
    page.head(
        "wardline_client_octets_total",
        "counter",
        "Octets that devices sent, as their connections count them.",
    );
    page.value("wardline_client_octets_total", &[("seen", "no")], run.missing_octets);
    let seen = run.sent_octets.saturating_sub(run.missing_octets);
    page.value("wardline_client_octets_total", &[("seen", "yes")], seen);
}

fn state(page: &mut Page, beat: &Beat, now: Timestamp) {
    let age = |at: i64| now.since(Timestamp::from_micros(at)).as_seconds();
    if let Some(last) = beat.last_packet {
        page.one(
            "wardline_last_packet_age_seconds",
            "gauge",
            "Seconds since the newest packet.",
            age(last),
        );
    }
    page.one(
        "wardline_devices",
        "gauge",
        "Devices that asked for something within the last hour.",
        beat.devices,
    );
    page.one(
        "wardline_rules_names",
        "gauge",
        "Names of services that rules hold.",
        beat.names_loaded,
    );
    page.one(
        "wardline_empty_categories",
        "gauge",
        "Categories in which nothing can be found, for no list is loaded.",
        beat.empty.len(),
    );
    if let Some(Ok(serde_json::Value::String(word))) = beat.filter.map(serde_json::to_value) {
        page.head("wardline_kernel_filter", "gauge", "How the kernel's filter stands.");
        let labels = [("interface", beat.interface.as_str()), ("standing", word.as_str())];
        page.value("wardline_kernel_filter", &labels, 1);
    }
    page.head("wardline_mirror_fault", "gauge", "What is wrong with what the mirror port gives.");
    for fault in FAULTS {
        let stands = beat.faults.iter().any(|stands| stands.word == fault);
        page.value("wardline_mirror_fault", &[("fault", fault)], flag(stands));
    }
    page.head(
        "wardline_login_source_heard_age_seconds",
        "gauge",
        "Seconds since a source of logins told of something; none since the start is left out.",
    );
    for source in &beat.sources {
        if let Some(heard) = source.heard {
            let labels = [("source", source.place.as_str())];
            page.value("wardline_login_source_heard_age_seconds", &labels, age(heard));
        }
    }
    page.head(
        "wardline_login_source_fault",
        "gauge",
        "Whether something is wrong with a source of logins.",
    );
    for source in &beat.sources {
        let labels = [("source", source.place.as_str())];
        page.value("wardline_login_source_fault", &labels, flag(!source.faults.is_empty()));
    }
}

const fn flag(is: bool) -> u8 {
    is as u8
}

struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to memory can not fail.
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn value(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let labels: Vec<_> =
            labels.iter().map(|(label, text)| format!("{label}=\"{}\"", escaped(text))).collect();
        let labels =
            if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: impl std::fmt::Display) {
        self.head(name, kind, help);
        self.value(name, &[], value);
    }
}

/// As the format wants it in a label.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
