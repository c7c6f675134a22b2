//! `wardline demo`: the whole product on a recorded school, with letters as files and the
//! dashboard left open on this machine.

mod pages;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use facts::{Incident, Letter, Timestamp};
use rules::Live as LiveRules;
use store::{RecordReader, RecordWriter};
use tokio::runtime::Runtime;

use super::load::{self, store_failure};
use super::say;
use crate::capture::Files;
use crate::cli::DemoArgs;
use crate::clock::Clock;
use crate::config::Config;
use crate::office::{Note, Office};
use crate::process::{Exit, Failure};
use crate::service::{self, End, Renewal, Worker};
use crate::watch::{Everything, Queues};
use pages::{Pages, Ready};

/// What is shipped: the recording and the school it was recorded in.
const RECORDING: &[u8] = include_bytes!("../../../packaging/demo/demo.pcap");
const SCHOOL: [(&str, &str); 2] = [
    ("wardline.toml", include_str!("../../../packaging/demo/wardline.toml")),
    ("directory.csv", include_str!("../../../packaging/demo/directory.csv")),
];

pub(super) fn run(args: &DemoArgs) -> Result<(), Failure> {
    let ready = if args.once { None } else { Some(Ready::check(args.port)?) };
    let folder = unpack(args.folder.as_deref())?;
    let mut config = load::config(&folder.join("wardline.toml"))?;
    if let Some(ready) = &ready {
        config.school.address = ready.address();
    }
    fs::create_dir_all(&config.store.folder).map_err(|error| disk(&config.store.folder, &error))?;

    say(format_args!("Wardline demonstration: {}", config.school.name))?;
    say(format_args!("Everything is kept in {}", folder.display()))?;
    let (office, ended, rules) = play(&config, &folder.join("demo.pcap"))?;
    // From here the demonstration's clock goes on from the end of the recording.
    let clock = Clock::starting_at(ended);
    tell_cases(&config)?;

    let runtime = Runtime::new()
        .map_err(|error| Failure::new(Exit::Io, format!("no threads to send letters: {error}")))?;
    let stop = Arc::new(AtomicBool::new(args.once));
    let reload = Arc::new(AtomicBool::new(false));
    service::heed_signals(&runtime, Arc::clone(&stop), Arc::clone(&reload))
        .map_err(|error| Failure::new(Exit::Io, format!("no signals are heeded: {error}")))?;
    let way = Arc::new(load::way(&config)?);
    let (letters, fared) = service::open_postbox(&runtime, way, clock);
    // Everything was heard already: the intake ends at once.
    let (_, intake) = Queues::open();
    let (_pulse, pulses) = crossbeam_channel::bounded(1);
    say("")?;
    say(format_args!("Letters are files in {}", folder.join("letters/new").display()))?;
    let pages = match ready {
        Some(ready) => Some(Pages::open(ready, &config, &folder, clock, Arc::clone(&stop))?),
        None => None,
    };
    let mut worker = Worker::new(service::Parts {
        clock,
        office,
        review_file: config.store.review.clone(),
        logins: Vec::new(),
        intake,
        pulses,
        vlans: Vec::new(),
        calendar: None,
        letters,
        fared,
        renewal: Renewal::new(
            rules,
            || Err(vec!["the demonstration keeps its rules".to_owned()]),
            None,
            &[],
            &[],
        ),
        upkeep: None,
        alive: None,
    });
    worker.work_until(&stop, &reload).map_err(store_failure)?;
    worker.close(End::Asked).map_err(store_failure)?;
    pages.map_or(Ok(()), Pages::close)
}

/// Puts the recording and its school into a folder of their own.
fn unpack(asked: Option<&Path>) -> Result<PathBuf, Failure> {
    let folder = match asked {
        Some(folder) => folder.to_owned(),
        None => std::env::temp_dir().join(format!("wardline-demo-{}", std::process::id())),
    };
    if folder.join("records").exists() {
        let sentence = format!(
            "{} holds an earlier demonstration; name another folder or remove it",
            folder.display()
        );
        return Err(Failure::new(Exit::Usage, sentence));
    }
    let write = |name: &str, bytes: &[u8]| {
        let place = folder.join(name);
        fs::write(&place, bytes).map_err(|error| disk(&place, &error))
    };
    fs::create_dir_all(&folder).map_err(|error| disk(&folder, &error))?;
    for (name, text) in SCHOOL {
        write(name, text.as_bytes())?;
    }
    write("demo.pcap", RECORDING)?;
    fs::canonicalize(&folder).map_err(|error| disk(&folder, &error))
}

/// Plays the recording at the speed of this machine, on the recording's own time.
fn play(
    config: &Config,
    recording: &Path,
) -> Result<(Office<RecordWriter>, Timestamp, Arc<LiveRules>), Failure> {
    let rules = Arc::new(LiveRules::new(load::rules(None)?.set));
    let mut record = RecordWriter::open(&config.store.record).map_err(store_failure)?;
    let key = record.installation_key();
    let desk = load::desk(config, rules.snapshot(), key)?;
    let roster = load::roster(config, load::directory(config)?);
    let mut pass = load::pass(config, key, Arc::clone(&rules))?;
    let mut said = Everything::default();
    let mut notes: Vec<(Timestamp, Note)> = Vec::new();
    let mut ended = Timestamp::EPOCH;
    let mut began = None;
    let mut files = Files::open(&[recording]).map_err(|error| Failure::of_captures(&error))?;
    files
        .each(|packet| {
            began.get_or_insert(packet.at);
            ended = ended.max(packet.at);
            pass.feed(packet, &mut said);
            notes.extend(said.take().map(|note| (ended, note)));
        })
        .map_err(|error| Failure::of_captures(&error))?;
    let coverage = pass.coverage();
    say("")?;
    say(format_args!("Read {} packets of a school's mirror port.", coverage.packets))?;
    say(format_args!(
        "  names looked up or connected to   {}",
        coverage.questions + coverage.named
    ))?;
    say(format_args!("  names that a rule spoke to        {}", coverage.matches))?;
    say(format_args!("  everything else is forgotten already"))?;

    let began = began.unwrap_or(ended);
    let people = config.people.list();
    service::tell_start(&mut record, &config.store.record, people, &rules.snapshot(), began)
        .map_err(store_failure)?;
    let mut office = Office::new(roster, desk, record);
    let played = ended + config.grace;
    for (at, note) in notes {
        while let Some(due) = office.deadline().filter(|due| *due < at) {
            office.work([], due).map_err(store_failure)?;
        }
        office.work([note], at).map_err(store_failure)?;
    }
    while let Some(due) = office.deadline().filter(|due| *due <= played) {
        office.work([], due).map_err(store_failure)?;
    }
    let figures = Note::Coverage(store::Coverage {
        at: ended,
        last_packet: Some(ended),
        packets: coverage.packets,
        bytes: coverage.bytes,
        kernel_drops: 0,
        readable: coverage.named,
        unreadable: coverage.unnamed,
        devices: coverage.devices,
    });
    let tally = Note::News(crate::watch::News::Tally(pass.take_tally()));
    let over = Note::Health(store::Health {
        at: played,
        kind: "played".to_owned(),
        sentence: "The recording has been played to its end.".to_owned(),
        figure: None,
    });
    office.work([figures, tally, over], played).map_err(store_failure)?;
    Ok((office, played, rules))
}

/// Prints each case with who was told, as a technician would want to see it work.
fn tell_cases(config: &Config) -> Result<(), Failure> {
    let record = RecordReader::open(&config.store.record).map_err(store_failure)?;
    let mut seen = BTreeSet::new();
    let mut cases: Vec<(Incident, Vec<Letter>)> = Vec::new();
    for person in record.people().map_err(store_failure)? {
        for incident in record.incidents_for(&person.id).map_err(store_failure)? {
            if seen.insert(incident.id) {
                let letters = record.letters(incident.id).map_err(store_failure)?;
                cases.push((incident, letters.into_iter().map(|(letter, _)| letter).collect()));
            }
        }
    }
    cases.sort_by_key(|(incident, _)| incident.first_seen);
    say("")?;
    say(format_args!("{} cases:", cases.len()))?;
    for (incident, letters) in cases {
        let certainty = incident.attribution.answer.certainty().as_str().replace('_', " ");
        let told: Vec<_> = letters.iter().map(|l| l.to_role.as_str().replace('_', " ")).collect();
        let told = if told.is_empty() { "end-of-day letter".to_owned() } else { told.join(", ") };
        let local = config.calendar.local(incident.first_seen);
        say(format_args!(
            "  {:<12} {}  {}  {:<32} {:<14} told: {told}",
            incident.code.as_str(),
            local.clock(),
            incident.severity,
            incident.category.title(),
            certainty,
        ))?;
    }
    std::io::stdout().flush().map_err(|error| disk(Path::new("the output"), &error))
}

fn disk(place: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Io, format!("{} can not be written: {error}", place.display()))
}
