//! What there is to say of the daemon, in the words of the dashboard.

use facts::{Span, Timestamp};
use rules::Calendar;

use super::{DAY, Known};
use crate::service::{Beat, Counts, LoginSource};

/// A beat is written every ten seconds, and a daemon that hangs for ten is ended.
const LONGEST_SILENCE: Span = Span::seconds(30);
/// So many gaps of the last day are told one by one.
const MOST_GAPS: usize = 5;

/// One thing, and what is to be said of it.
pub(super) struct Finding {
    pub about: &'static str,
    /// Each begins a line; a row of a table begins with a space.
    pub said: Vec<String>,
    /// Whether somebody has to do something.
    pub is_red: bool,
}

/// Whether the daemon was there a moment ago.
pub(super) fn is_alive(beat: &Beat, now: Timestamp) -> bool {
    let age = now.since(Timestamp::from_micros(beat.at));
    !beat.is_last && age <= LONGEST_SILENCE
}

/// Everything, what can not be found first.
pub(super) fn findings(known: &Known, calendar: &Calendar) -> Vec<Finding> {
    let times = Times { calendar, now: known.now };
    let mut found = Vec::new();
    if let Some(beat) = &known.beat {
        found.extend(not_found(beat));
    }
    found.push(watching(known, &times));
    if let Some(beat) = &known.beat {
        found.push(daemon(beat, &times));
        found.extend(beat.filter.map(|filter| good("Kernel filter", vec![filter.to_string()])));
        found.push(packets(beat, &times));
        found.push(lost(beat));
        found.push(mirror(beat));
        found.push(logins(known, &beat.sources, &times));
        found.push(rules(known, beat));
    }
    found.push(letters(known));
    found.push(match known.full_disk() {
        Some(row) => red("Disk", vec![row.sentence.clone()]),
        None => good("Disk", vec!["There is room on the disk of the record.".to_owned()]),
    });
    let news = known.rows.iter().filter(|row| row.kind == "network");
    let news: Vec<_> = news.map(|row| row.sentence.clone()).collect();
    if !news.is_empty() {
        found.push(good("Network", news));
    }
    found.push(gaps(known, &times));
    found
}

const fn good(about: &'static str, said: Vec<String>) -> Finding {
    Finding { about, said, is_red: false }
}

const fn red(about: &'static str, said: Vec<String>) -> Finding {
    Finding { about, said, is_red: true }
}

/// The gravest first, as `check` and the dashboard say it.
fn not_found(beat: &Beat) -> Option<Finding> {
    let said: Vec<_> = [
        (&beat.empty, "nothing can be found, for no list is loaded"),
        (&beat.by_words, "found by words in names only, for no list is loaded"),
    ]
    .into_iter()
    .filter(|(titles, _)| !titles.is_empty())
    .map(|(titles, end)| format!("{}: {end}.", titles.join("; ")))
    .collect();
    (!said.is_empty()).then(|| good("Can not find", said))
}

fn watching(known: &Known, times: &Times<'_>) -> Finding {
    let no = |said: String| red("Watching", vec![format!("No: {said}")]);
    let Some(beat) = &known.beat else {
        return no("no daemon has run with this configuration.".to_owned());
    };
    let at = Timestamp::from_micros(beat.at);
    if beat.is_last {
        let why = known.rows.iter().rev().find(|row| matches!(&*row.kind, "stopped" | "gap"));
        let why = why.map_or("Monitoring was stopped.", |row| &row.sentence);
        return no(format!("since {}. {why}", times.near(at)));
    }
    if !is_alive(beat, known.now) {
        return no(format!(
            "the daemon has said nothing since {}. Look at `systemctl status wardline`.",
            times.near(at)
        ));
    }
    let Some(last) = beat.last_packet.map(Timestamp::from_micros) else {
        return good("Watching", vec!["Yes, but no packet has come yet.".to_owned()]);
    };
    let mut said = format!("Yes: last packet {}", times.ago(last));
    if beat.devices > 0 {
        said.push_str(&format!(" · {} this hour", counted(beat.devices, "device")));
    }
    let Counts { readable, unreadable, .. } = beat.run;
    if let Some(share) = of_a_hundred(readable, readable.saturating_add(unreadable)) {
        said.push_str(&format!(" · {share} of 100 connections readable"));
    }
    good("Watching", vec![said + "."])
}

fn daemon(beat: &Beat, times: &Times<'_>) -> Finding {
    let since = Timestamp::from_micros(beat.since);
    let length = length(Timestamp::from_micros(beat.at).since(since));
    let Beat { interface, .. } = beat;
    let (ended, at) = (!is_alive(beat, times.now), Timestamp::from_micros(beat.at));
    let run = if ended { "Its last run was" } else { "It listens" };
    let began = times.near(since);
    let said = format!("{run} on {interface} since {began}, for {length};");
    good("Daemon", vec![format!("{said} its last sign of life came {}.", times.ago(at))])
}

/// What came is what was read, turned away, lost, and what is on its way.
fn packets(beat: &Beat, times: &Times<'_>) -> Finding {
    let spans = [&beat.minute, &beat.hour, &beat.run];
    let mut said = vec![if is_alive(beat, times.now) {
        format!("{:<25}{:>11}{:>12}{:>15}", "", "last minute", "last hour", "since start")
    } else {
        format!("{:<25}{:>11}{:>12}{:>15}", "", "its minute", "its hour", "whole run")
    }];
    let mut row = |what: &str, of: fn(&Counts) -> i64| {
        let [minute, hour, run] = spans.map(|counts| grouped(of(counts)));
        said.push(format!(" {what:<24}{minute:>11}{hour:>12}{run:>15}"));
    };
    row("came to the interface", |counts| signed(counts.came));
    row("= read", |counts| signed(counts.read));
    row("+ turned away by filter", |counts| signed(counts.turned_away));
    row("+ lost at network card", |counts| signed(counts.lost_at_card));
    row("+ lost in kernel's ring", |counts| signed(counts.lost_in_ring));
    row("+ on their way to us", Counts::on_their_way);
    good("Packets", said)
}

fn lost(beat: &Beat) -> Finding {
    let of = |counts: &Counts| {
        [
            (counts.lost_at_card, "packets at the network card"),
            (counts.lost_in_ring, "packets in the kernel's ring"),
            (counts.urgent_lost, "matches that can be urgent"),
            (counts.ordinary_lost, "other matches"),
            (counts.claims_lost, "login records"),
            (counts.addresses_lost, "frames whose address was not written down"),
            (counts.panics, "packets that made a reader fail"),
        ]
    };
    let told = |counts: &Counts| {
        let some = of(counts).into_iter().filter(|(count, _)| *count > 0);
        let some: Vec<_> =
            some.map(|(count, what)| format!("{} {what}", grouped(signed(count)))).collect();
        if some.is_empty() { "nothing".to_owned() } else { some.join(", ") }
    };
    let mut said = vec![format!("Last hour: {}.", told(&beat.hour))];
    said.push(format!("Since the start: {}.", told(&beat.run)));
    let Counts { sent_octets, missing_octets, .. } = beat.hour;
    if let Some(share) = missing_octets.saturating_mul(10_000).checked_div(sent_octets) {
        said.push(format!(
            "Of the octets that devices sent in the last hour {share} in 10,000 were never seen."
        ));
    }
    Finding { about: "Lost", said, is_red: beat.hour.lost() > 0 }
}

fn mirror(beat: &Beat) -> Finding {
    let said: Vec<_> = beat.faults.iter().map(|fault| fault.sentence.clone()).collect();
    if said.is_empty() {
        let said = "Both directions come, once, whole, and from every VLAN, as far as is seen.";
        return good("Mirror port", vec![said.to_owned()]);
    }
    red("Mirror port", said)
}

fn logins(known: &Known, sources: &[LoginSource], times: &Times<'_>) -> Finding {
    let said = sources.iter().map(|source| {
        let heard = match source.heard.map(Timestamp::from_micros) {
            Some(at) => format!("last heard {}", times.ago(at)),
            None => "not heard since the start".to_owned(),
        };
        let faults: String = source.faults.iter().map(|fault| format!("; {fault}")).collect();
        let mut said = format!("{}: {heard}{faults}.", source.place);
        if let Some(first) = said.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        said
    });
    let doubts: Vec<_> = known.doubted_logins().map(|row| row.sentence.clone()).collect();
    let is_red = !doubts.is_empty() || sources.iter().any(|source| !source.faults.is_empty());
    Finding { about: "Logins", said: said.chain(doubts).collect(), is_red }
}

fn rules(known: &Known, beat: &Beat) -> Finding {
    let names = i64::try_from(beat.names_loaded).unwrap_or(i64::MAX);
    let mut said = vec![format!("{} names of services are loaded.", grouped(names))];
    let refused = known.refused_rules();
    said.extend(refused.map(|row| format!("{} `wardline check` names them.", row.sentence)));
    Finding { about: "Rules", said, is_red: refused.is_some() }
}

/// No number and no time: it is about the mail server.
fn letters(known: &Known) -> Finding {
    if known.letters_are_stuck {
        let said = "The mail server does not take letters at this moment. They are tried again \
                    every few minutes, for ever. `journalctl -u wardline` says what it answers.";
        return red("Letters", vec![said.to_owned()]);
    }
    good("Letters", vec!["None is stuck.".to_owned()])
}

fn gaps(known: &Known, times: &Times<'_>) -> Finding {
    let is_gap = |kind: &str| matches!(kind, "restarted" | "gap" | "loss" | "still" | "panic");
    let since = known.now - DAY;
    let rows: Vec<_> =
        known.rows.iter().rev().filter(|row| row.at >= since && is_gap(&row.kind)).collect();
    let mut said = vec![match rows.len() {
        0 => "None in the last day.".to_owned(),
        1 => "Once in the last day.".to_owned(),
        more => format!("{more} times in the last day, the newest first."),
    }];
    let newest = rows.iter().take(MOST_GAPS);
    said.extend(newest.map(|row| format!("{} {}", times.near(row.at), row.sentence)));
    if let Some(more @ 1..) = rows.len().checked_sub(MOST_GAPS) {
        said.push(format!("And {more} before."));
    }
    good("Gaps", said)
}

/// Times as the school's clock shows them.
struct Times<'a> {
    calendar: &'a Calendar,
    now: Timestamp,
}

impl Times<'_> {
    /// The time of day, with the day where it is another one than today.
    fn near(&self, at: Timestamp) -> String {
        let (at, today) = (self.calendar.local(at), self.calendar.local(self.now));
        if at.is_same_day(today) {
            return at.clock();
        }
        at.in_words()
    }

    fn ago(&self, at: Timestamp) -> String {
        match self.now.since(at).as_seconds() {
            ..1 => "less than a second ago".to_owned(),
            1 => "1 second ago".to_owned(),
            seconds @ 2..120 => format!("{seconds} seconds ago"),
            _ => format!("at {}", self.near(at)),
        }
    }
}

fn length(span: Span) -> String {
    match span.as_seconds() {
        seconds @ ..120 => format!("{} seconds", seconds.max(0)),
        seconds @ ..7_200 => format!("{} minutes", seconds / 60),
        seconds @ ..172_800 => format!("{} hours", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// `1,574,507`.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut told = if number < 0 { "-".to_owned() } else { String::new() };
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

fn counted(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(signed(number)))
}

/// Of a hundred, rounded down.
fn of_a_hundred(part: u64, whole: u64) -> Option<u64> {
    (whole > 0).then(|| part.saturating_mul(100) / whole)
}
