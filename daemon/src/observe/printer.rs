//! From packets to lines: what may be printed, and what is left out.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use facts::{Evidence, HostName, HttpRequest, Name, Observation};
use ring::rand::{SecureRandom, SystemRandom};
use serde::Serialize;
use wire::{Counters, DnsPorts, Follow, Packet, Said, Settings, Wire};

use super::crowd::Crowd;
use super::line;
use super::sheet::Sheet;
use super::shown::{Pseudonyms, Show};
use super::verdicts::Verdicts;
use crate::capture::{FileError, Files};

/// Why observing ended early. What was printed before is right.
#[derive(Debug)]
pub enum ObserveError {
    /// Captures that could not be read to their end.
    Input(FileError),
    /// The output could not be written.
    Output(io::Error),
    /// The system has no random numbers to give.
    NoRandomNumbers,
}

impl fmt::Display for ObserveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(error) => error.fmt(f),
            Self::Output(error) => write!(f, "the output can not be written: {error}"),
            Self::NoRandomNumbers => f.write_str("the system has no random numbers to give"),
        }
    }
}

impl std::error::Error for ObserveError {}

/// Prints what is in captures, merged by time. `-` is standard input, which like anything
/// that is no regular file is shown under pseudonyms. DNS is read on these ports. Names for
/// which `protected` is true are left out everywhere.
///
/// # Errors
/// See [`ObserveError`]; a capture that ends early is told after all else was printed.
pub fn files<P: AsRef<Path>>(
    paths: &[P],
    copies: Copies,
    dns_ports: DnsPorts,
    protected: &dyn Fn(Name<'_>) -> bool,
    out: impl Write,
) -> Result<Counters, ObserveError> {
    // A file that is not there shows nothing and veils no other.
    let regular = paths.iter().all(|path| match fs::metadata(path) {
        Ok(found) => found.is_file(),
        Err(error) => error.kind() == io::ErrorKind::NotFound && path.as_ref() != Path::new("-"),
    });
    let show = if regular {
        Show::Plain
    } else {
        Show::Veiled(Pseudonyms::new().map_err(|_| ObserveError::NoRandomNumbers)?)
    };
    let mut printer = Printer::new(show, copies, dns_ports, protected, out)?;
    let read = Files::open(paths).and_then(|mut files| files.each(|packet| printer.packet(packet)));
    let counters = printer.finish()?;
    read.map_err(ObserveError::Input)?;
    Ok(counters)
}

/// What becomes of packets that the mirror copied twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copies {
    /// Each is read, as it stands in the file.
    Kept,
    /// Only the first is read, as on an interface.
    Dropped,
}

/// Prints what it reads in the packets it is given.
pub struct Printer<'a, W: Write> {
    wire: Wire,
    show: Show,
    crowd: Crowd,
    protected: Verdicts<'a>,
    out: W,
    /// The lines that are not yet handed on.
    sheet: Sheet,
    /// The first error of the output; nothing is printed after it.
    failed: Option<io::Error>,
}

#[derive(Serialize)]
struct Withheld {
    kind: &'static str,
    what: &'static str,
    lines: u64,
}

impl<'a, W: Write> Printer<'a, W> {
    /// Makes a printer that reads DNS on these ports, shows values so and leaves out protected
    /// names.
    ///
    /// # Errors
    /// The system has no random numbers to give.
    pub fn new(
        show: Show,
        copies: Copies,
        dns_ports: DnsPorts,
        protected: &'a dyn Fn(Name<'_>) -> bool,
        out: W,
    ) -> Result<Self, ObserveError> {
        let mut key = [0; 16];
        SystemRandom::new().fill(&mut key).map_err(|_| ObserveError::NoRandomNumbers)?;
        let drop_copies = copies == Copies::Dropped;
        let settings = Settings { drop_copies, dns_ports, ..Settings::with_key(key) };
        Ok(Self {
            wire: Wire::new(settings),
            show,
            crowd: Crowd::default(),
            protected: Verdicts::new(protected),
            out,
            sheet: Sheet::new(),
            failed: None,
        })
    }

    /// Reads a packet and prints what is in it.
    pub fn packet(&mut self, packet: &Packet<'_>) {
        let Self { wire, show, crowd, protected, out, sheet, failed } = self;
        wire.feed(packet, &mut |said| {
            if is_protected(&said, protected) {
                return Follow::Forget;
            }
            if failed.is_none() {
                *failed = print(&said, show, crowd, sheet).and_then(|()| sheet.hand_on(out)).err();
            }
            Follow::No
        });
    }

    /// Hands on the lines so far, for a reader who watches.
    ///
    /// # Errors
    /// The output could not be written, now or before.
    pub fn flush(&mut self) -> Result<(), ObserveError> {
        let handed_on = match self.failed.take() {
            Some(error) => Err(error),
            None => self.sheet.hand_on_all(&mut self.out).and_then(|()| self.out.flush()),
        };
        handed_on.map_err(ObserveError::Output)
    }

    /// Prints what was still waited for and, under pseudonyms, how much was withheld.
    ///
    /// # Errors
    /// The output could not be written, now or before.
    pub fn finish(mut self) -> Result<Counters, ObserveError> {
        let Self { wire, show, crowd, protected, out, sheet, failed } = &mut self;
        wire.expire(facts::Timestamp::MAX, &mut |said| {
            if is_protected(&said, protected) {
                return Follow::Forget;
            }
            if failed.is_none() {
                *failed = print(&said, show, crowd, sheet).and_then(|()| sheet.hand_on(out)).err();
            }
            Follow::No
        });
        if let Some(error) = self.failed.take() {
            return Err(ObserveError::Output(error));
        }
        for (what, lines) in self.crowd.withheld() {
            let withheld = Withheld { kind: "withheld", what, lines };
            self.sheet.line(&withheld).map_err(ObserveError::Output)?;
        }
        self.flush()?;
        Ok(*self.wire.counters())
    }
}

fn print(said: &Said<'_>, show: &Show, crowd: &mut Crowd, sheet: &mut Sheet) -> io::Result<()> {
    let line = match said {
        Said::Observation(observation) => {
            if line::says_nothing(observation) || !is_told(observation, show, crowd) {
                return Ok(());
            }
            return line::observed(observation, show, sheet);
        }
        Said::Claim(claim) => line::claimed(claim, show),
        Said::Attempt(attempt) => Some(line::attempted(attempt, show)),
        Said::Progress { .. } => None,
    };
    line.map_or(Ok(()), |line| sheet.line(&line))
}

/// Whether this may be told: as it is, or by a crowd.
fn is_told(observation: &Observation<'_>, show: &Show, crowd: &mut Crowd) -> bool {
    let kind = observation.evidence.kind();
    let client = || observation.sighting(Default::default(), Default::default());
    match (show, observation.evidence) {
        // A tunnel names nothing but itself.
        (Show::Plain, _) | (_, Evidence::Tunnel(_)) => true,
        (Show::Veiled(_), Evidence::HttpRequest(request)) => {
            // A second name beside the one that is counted would be told with it.
            let name = observation.name().filter(|name| names_only(&request, *name));
            crowd.admits(kind, name, &client())
        }
        (Show::Veiled(_), _) => crowd.admits(kind, observation.name(), &client()),
    }
}

/// Whether any name in the message is protected: also those that only stand beside the one
/// that rules are asked about. It is neither shown nor remembered then.
fn is_protected(said: &Said<'_>, protected: &mut Verdicts<'_>) -> bool {
    let Said::Observation(observation) = said else { return false };
    if observation.name().is_some_and(|name| protected.of(name)) {
        return true;
    }
    let Evidence::HttpRequest(HttpRequest { host, target, .. }) = observation.evidence else {
        return false;
    };
    [host, Some(target)]
        .into_iter()
        .flatten()
        .any(|text| names_in(text).iter().any(|name| protected.of(name.as_name())))
}

/// Whether no other name than this stands in a request's host and target.
fn names_only(request: &HttpRequest<'_>, name: Name<'_>) -> bool {
    let texts = [request.host, Some(request.target)];
    texts.into_iter().flatten().flat_map(names_in).all(|found| found.as_name() == name)
}

/// How often a target may be encoded again: an address in the parameter of an address in the
/// parameter of a search.
const MOST_ENCODINGS: usize = 3;

/// Everything in a Host header or a target that may be a host name: a helpline's address
/// in the parameter of a search is as telling as the helpline.
fn names_in(text: &[u8]) -> Vec<HostName> {
    let part = |b: &u8| !(b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    let mut names = Vec::new();
    let mut reading = text.to_vec();
    for _ in 0..=MOST_ENCODINGS {
        let words = reading.split(part).filter(|word| word.contains(&b'.'));
        let found = words.filter_map(|word| HostName::from_text(std::str::from_utf8(word).ok()?));
        names.extend(found);
        match without_percent(&reading) {
            Some(plain) => reading = plain,
            None => break,
        }
    }
    names
}

/// The text with each `%XX` (RFC 3986 section 2.1) as its octet; none where it has none.
fn without_percent(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |at: usize| text.get(at).and_then(|octet| char::from(*octet).to_digit(16));
    let mut plain = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(octet) = text.get(at) {
        let value = if *octet == b'%' { digit(at + 1).zip(digit(at + 2)) } else { None };
        let value = value.and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        plain.push(value.unwrap_or(*octet));
        at += if value.is_some() { 3 } else { 1 };
    }
    (plain.len() < text.len()).then_some(plain)
}
