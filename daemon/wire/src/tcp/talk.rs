//! What a direction of a TCP connection speaks, and the messages at the front of it.

use facts::Path;

use super::again::{self, Spoken, UNREAD};
use super::whose::is_reached;
use super::{Segment, framed, recognise, requests, sides};
use crate::claims::{kerberos, ldap, ntlm};
use crate::follow::{Followed, Opening};
use crate::hello::Hello;
use crate::hellos;
use crate::http;
use crate::limits::MOST_LOOKS;
use crate::reader::{Reader, Reading};
use crate::records::{self, Start};
use crate::said::Follow;
use crate::tunnels::{self, Opened};
use crate::voice::{Heading, Voice};
use crate::wire::Settings;

/// What is spoken at the point up to which a direction was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Talk {
    /// Nothing was read yet; what comes decides.
    Unknown,
    /// Something that is not read. A hello may come later, as after STARTTLS, so the start
    /// of each segment is looked at this many times more.
    Plain { looks: u8 },
    /// The same where a password may stand, so that only a hello is looked for.
    Private { looks: u8 },
    /// HTTP/1, at the beginning of a request.
    Http,
    /// HTTP/1, somewhere: the start of a segment may begin a request.
    HttpSomewhere,
    /// HTTP/1, as a server speaks it: it asks for nothing.
    Answer,
    /// HTTP/1, at the line before a chunk of a request's body.
    Chunk,
    /// HTTP/1, at a line after the last chunk.
    Trailer,
    /// DNS, at the two octets of length before a message.
    Dns,
    /// The same somewhere: where a message begins must be found anew.
    DnsSomewhere,
    /// LDAP, at the beginning of a message.
    Ldap,
    /// Kerberos, at the four octets of length before a message.
    Kerberos,
    /// A tunnel, behind its first words.
    Tunnel(Opened),
}

impl Talk {
    /// What is known after octets that were never seen.
    pub(super) fn after_hole(self, path: &Path) -> Self {
        match self {
            talk if talk.is_of_http() => Self::HttpSomewhere,
            Self::Dns => Self::DnsSomewhere,
            // What comes next may stand in the middle of a bind.
            Self::Ldap => Self::Private { looks: MOST_LOOKS },
            Self::Unknown | Self::Plain { .. } if recognise::may_hold_password(path.dport) => {
                Self::Private { looks: MOST_LOOKS }
            }
            other => other,
        }
    }

    /// The same with so many looks left, where it is not read.
    const fn with(self, looks: u8) -> Self {
        match self {
            Self::Private { .. } => Self::Private { looks },
            _ => Self::Plain { looks },
        }
    }

    pub(super) const fn is_of_http(self) -> bool {
        matches!(self, Self::Http | Self::HttpSomewhere | Self::Chunk | Self::Trailer)
    }

    /// Whether it is text, so that what is waited for is the end of a line.
    pub(super) const fn is_in_text(self) -> bool {
        matches!(self, Self::Http | Self::Chunk | Self::Trailer)
    }

    /// Whether it is not read, and only looked at.
    pub(super) const fn is_looked_at(self) -> bool {
        matches!(self, Self::Plain { .. } | Self::Private { .. } | Self::HttpSomewhere)
    }

    /// Whether the point up to which was read may lie far ahead, behind a body or a message.
    pub(super) const fn skips_a_body(self) -> bool {
        matches!(self, Self::Http | Self::Chunk | Self::Ldap)
    }
}

/// Octets without a hole at the point up to which a direction was read.
#[derive(Clone, Copy)]
pub(crate) struct Front<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) seq: u32,
    pub(crate) talk: Talk,
    /// Set when no more octets are waited for.
    pub(crate) last: bool,
    /// The print of what was said of this place before, which is not said again.
    pub(crate) known: Option<u32>,
}

/// Where reading stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// At a point where the next message begins; the last that was said on the way there.
    Between { next: u32, talk: Talk, said: Option<Spoken> },
    /// Inside a message that needs this many octets from `next` on.
    Inside { next: u32, talk: Talk, needed: usize, said: Option<Spoken> },
    /// In a tunnel of this protocol, behind its first words.
    Tunnel(Opened),
    /// At the end of what can be read: after a hello, or where looking was given up.
    End(Spoken),
}

impl Stop {
    /// Whether the first words of a tunnel were read last.
    pub(super) const fn opens_tunnel(&self) -> bool {
        matches!(self, Self::Tunnel(_) | Self::Between { talk: Talk::Tunnel(_), .. })
    }

    /// The same where the stream begins with this octet: what was read before it is no part of
    /// it, and has no body in it.
    pub(super) const fn not_before(self, first: Option<u32>) -> Self {
        match (self, first) {
            (Self::Between { next, said, .. }, Some(first)) if is_reached(first, next) => {
                Self::Between { next: first, talk: Talk::Unknown, said }
            }
            (stop, _) => stop,
        }
    }

    /// The same where this was the last that was said, if nothing was said since.
    pub(super) fn after(self, before: Option<Spoken>) -> Self {
        match self {
            Self::Between { next, talk, said } => {
                Self::Between { next, talk, said: said.or(before) }
            }
            other => other,
        }
    }
}

/// A message longer than this is not LDAP but what only begins like it.
const LONGEST_LDAP: u32 = 1 << 24;
const LONGEST_KERBEROS: usize = 0xffff;

/// Reads as many messages as there are, and says where it stopped.
pub(crate) fn read(
    mut front: Front<'_>,
    segment: &Segment<'_>,
    followed: &mut Followed,
    voice: &mut Voice<'_, '_>,
) -> Stop {
    let path = &segment.heading.path;
    let mut said = None;
    loop {
        if front.bytes.is_empty() {
            return Stop::Between { next: front.seq, talk: front.talk, said };
        }
        let start = match records::start(front.bytes) {
            Start::Unsure if front.last => Start::Other,
            start => start,
        };
        let step = match front.talk {
            Talk::Unknown if start == Start::Hello => {
                match hello(&front, segment, followed, voice) {
                    Some(Stop::End(spoken)) => match front.hello_behind(&spoken) {
                        Some(ahead) => {
                            front.known = Some(spoken.print);
                            said = Some(spoken);
                            Step::Used(ahead, Talk::Unknown)
                        }
                        None => return Stop::End(spoken),
                    },
                    Some(Stop::Inside { next, talk, needed, .. }) => {
                        return Stop::Inside { next, talk, needed, said };
                    }
                    Some(stop) => return stop,
                    // Another may stand behind it.
                    None => Step::Used(1, recognise::unread(front.bytes, path)),
                }
            }
            Talk::Http if ends_line(&front) => Step::Used(1, Talk::Http),
            // A server passes over blank lines before the first request (RFC 9112 section 2.2).
            Talk::Unknown if has_blank_line(&front, segment, voice.settings) => {
                said = said.or(Some(Spoken::unread(front.seq, front.length())));
                Step::Used(1, Talk::Unknown)
            }
            Talk::Unknown => match tunnels::stream(front.bytes) {
                Reading::Done(opened) => {
                    let words = opened.length(front.bytes);
                    let length = u32::try_from(words).unwrap_or(u32::MAX);
                    Step::Said { length, count: length, talk: Talk::Tunnel(opened), print: UNREAD }
                }
                tunnel => Step::Turn(recognise::recognise(&front, start, &tunnel, segment, voice)),
            },
            Talk::Tunnel(_) if start == Start::Hello => Step::Turn(Some(Talk::Unknown)),
            Talk::Tunnel(_) if start == Start::Unsure => {
                Step::Wait(front.bytes.len().saturating_add(1))
            }
            Talk::Tunnel(opened) => return Stop::Tunnel(opened),
            talk if talk.is_looked_at() && start != Start::Other => Step::Turn(Some(Talk::Unknown)),
            Talk::Http | Talk::Ldap if start != Start::Other => Step::Turn(Some(Talk::Unknown)),
            Talk::Plain { .. } | Talk::HttpSomewhere if http::surely_starts(front.bytes) => {
                Step::Turn(Some(Talk::Http))
            }
            Talk::HttpSomewhere if http::surely_may_start(front.bytes) && !front.last => {
                Step::Wait(front.bytes.len().saturating_add(1))
            }
            Talk::Ldap => ldap_message(&front, &segment.heading, voice),
            Talk::Plain { looks } | Talk::Private { looks } => {
                match plain(&front, looks, segment, voice) {
                    Look::More(looks) => front.up_to_hello(front.talk.with(looks)),
                    Look::Wait(needed) => Step::Wait(needed),
                    Look::GivenUp => return front.given_up(),
                }
            }
            Talk::HttpSomewhere => front.up_to_hello(Talk::HttpSomewhere),
            Talk::Answer => Step::Skip(Talk::Answer),
            Talk::Http => requests::request(&front, segment, followed, voice),
            Talk::Chunk => requests::chunk(&front),
            Talk::Trailer => requests::trailer(&front),
            Talk::DnsSomewhere if front.shows_another(start) => Step::Turn(Some(Talk::Unknown)),
            Talk::DnsSomewhere => framed::find(&front, voice),
            Talk::Dns => framed::message(&front, &segment.heading, followed, voice),
            Talk::Kerberos => kerberos_message(&front, &segment.heading, voice),
        };
        match step {
            Step::Turn(Some(talk)) => {
                // What shows no message may never have arrived: the place stays open.
                if front.talk == Talk::Unknown && (talk.is_looked_at() || talk == Talk::Ldap) {
                    said = said.or(Some(Spoken::unread(front.seq, front.length())));
                }
                front.talk = talk;
            }
            Step::Used(count, talk) => front.leave(count, talk),
            Step::Said { length, count, talk, print } => {
                let end = front.seq.wrapping_add(length);
                said = Some(Spoken { start: front.seq, end, print });
                front.leave(count, talk);
            }
            Step::Skip(talk) => front.leave(front.length(), talk),
            Step::Wait(_) | Step::Turn(None) if front.last => {
                let talk = match front.talk {
                    talk @ (Talk::Ldap | Talk::Dns | Talk::DnsSomewhere) => talk.after_hole(path),
                    _ => PLAIN,
                };
                front.leave(front.length(), talk);
            }
            Step::Wait(needed) => {
                return Stop::Inside { next: front.seq, talk: front.talk, needed, said };
            }
            Step::Turn(None) => {
                let needed = front.bytes.len().saturating_add(1);
                return Stop::Inside { next: front.seq, talk: front.talk, needed, said };
            }
        }
    }
}

/// What to do next at the front.
pub(super) enum Step {
    /// Read the same octets as this; none: there are too few to tell.
    Turn(Option<Talk>),
    /// Go on after this many octets of the stream.
    Used(u32, Talk),
    /// The same after a message of this length that was said, and its print.
    Said { length: u32, count: u32, talk: Talk, print: u32 },
    /// Leave the octets that are there.
    Skip(Talk),
    /// Wait for this many.
    Wait(usize),
}

const PLAIN: Talk = Talk::Plain { looks: MOST_LOOKS };
const PRIVATE: Talk = Talk::Private { looks: MOST_LOOKS };
/// Fewer octets than this are no look at a protocol that is not read.
const A_LOOK: usize = 16;

impl Front<'_> {
    fn length(&self) -> u32 {
        u32::try_from(self.bytes.len()).unwrap_or(u32::MAX)
    }

    fn leave(&mut self, count: u32, talk: Talk) {
        let gone = usize::try_from(count).unwrap_or(usize::MAX);
        self.bytes = self.bytes.get(gone..).unwrap_or_default();
        self.seq = self.seq.wrapping_add(count);
        self.talk = talk;
    }

    /// Leaves what is not read, but not a hello that stands in it: whoever said the last
    /// word in clear need not wait for an answer before it.
    pub(super) fn up_to_hello(&self, talk: Talk) -> Step {
        let found = records::find(self.bytes).filter(|at| {
            let rest = self.bytes.get(*at..).unwrap_or_default();
            *at > 0 && (!self.last || records::start(rest) == Start::Hello)
        });
        match found {
            Some(at) => Step::Used(u32::try_from(at).unwrap_or(u32::MAX), Talk::Unknown),
            None => Step::Skip(talk),
        }
    }

    /// Whether a hello, a request or a tunnel stands at the front, or may with more octets.
    fn shows_another(&self, start: Start) -> bool {
        start == Start::Hello
            || http::surely_starts(self.bytes)
            || matches!(tunnels::stream(self.bytes), Reading::Done(_))
    }

    /// How far ahead of the front another hello begins, right behind the one that was said: with
    /// both in one segment a client asks for two names.
    fn hello_behind(&self, spoken: &Spoken) -> Option<u32> {
        let used = spoken.end.wrapping_sub(spoken.start);
        let rest = self.bytes.get(usize::try_from(used).ok()?..)?;
        let change = records::hello_behind_change(rest).unwrap_or(0);
        let is_one = change > 0 || records::may_start(rest);
        is_one.then(|| used.saturating_add(change))
    }

    fn given_up(&self) -> Stop {
        let end = self.seq.wrapping_add(self.length());
        Stop::End(Spoken::nothing(end))
    }
}

fn hello(
    front: &Front<'_>,
    segment: &Segment<'_>,
    followed: &mut Followed,
    voice: &mut Voice<'_, '_>,
) -> Option<Stop> {
    let mut joined = std::mem::take(&mut voice.room.joined);
    let stop = match records::client_hello(front.bytes, &mut joined) {
        Reading::Done((message, used)) => match Hello::read(message) {
            Reading::Done(hello) => {
                let print = again::print(&hello, voice);
                if front.known != Some(print) {
                    say_hello(&hello, segment, followed, voice);
                }
                let used = u32::try_from(used).unwrap_or(u32::MAX);
                let end = front.seq.wrapping_add(used);
                Some(Stop::End(Spoken { start: front.seq, end, print }))
            }
            _ => None,
        },
        Reading::Incomplete(_) if segment.flags.cut => cut_hello(front, segment, followed, voice),
        Reading::Incomplete(needed) if !front.last => {
            Some(Stop::Inside { next: front.seq, talk: Talk::Unknown, needed, said: None })
        }
        Reading::Incomplete(_) | Reading::NotThis => None,
    };
    if stop.is_none() {
        voice.counters.broken_hellos = voice.counters.broken_hellos.saturating_add(1);
    }
    voice.room.joined = joined;
    stop
}

/// Says a hello of which the capture kept no more than its name: what is behind that never
/// comes.
fn cut_hello(
    front: &Front<'_>,
    segment: &Segment<'_>,
    followed: &mut Followed,
    voice: &mut Voice<'_, '_>,
) -> Option<Stop> {
    let hello = Hello::read_cut(records::cut_hello(front.bytes)?)?;
    let print = again::print(&hello, voice);
    if front.known != Some(print) {
        say_hello(&hello, segment, followed, voice);
    }
    let end = front.seq.wrapping_add(front.length());
    Some(Stop::End(Spoken { start: front.seq, end, print }))
}

/// Says a hello and puts its connection under watch if that is wanted.
fn say_hello(
    hello: &Hello<'_>,
    segment: &Segment<'_>,
    followed: &mut Followed,
    voice: &mut Voice<'_, '_>,
) {
    match hellos::say(hello, None, &segment.heading, &followed.answers, voice) {
        Follow::Yes(watch) => followed.connection(watch, Opening::Tls, segment, voice.counters),
        Follow::No | Follow::Forget => followed.not_followed(&segment.heading.path),
    }
}

/// Whether an octet of a blank line stands at the front, where it is not of a length.
fn has_blank_line(front: &Front<'_>, segment: &Segment<'_>, settings: &Settings) -> bool {
    ends_line(front) && !sides::is_read_both_ways(&segment.heading.path, settings)
}

fn ends_line(front: &Front<'_>) -> bool {
    matches!(front.bytes, [b'\r' | b'\n', ..])
}

/// What a look at octets of a protocol that is not read came to.
enum Look {
    /// So many looks are left.
    More(u8),
    /// Somebody is named in a message of which this many octets are needed.
    Wait(usize),
    /// None is left.
    GivenUp,
}

/// Looks at octets of a protocol that is not read for what may stand in them in clear. A few
/// octets at a time cost no look: a line typed or cut so.
fn plain(front: &Front<'_>, looks: u8, segment: &Segment<'_>, voice: &mut Voice<'_, '_>) -> Look {
    let needed = if !ntlm::is_text(front.bytes) {
        ntlm::look(front.bytes, front.last, &segment.heading, voice)
    } else if front.last || front.bytes.ends_with(b"\n") || front.bytes.len() > LONGEST_LINE {
        ntlm::look_in_text(front.bytes, &segment.heading, voice);
        None
    } else {
        Some(front.bytes.len().saturating_add(1))
    };
    let left = if front.bytes.len() < A_LOOK { Some(looks) } else { looks.checked_sub(1) };
    match (needed, left) {
        (Some(needed), _) => Look::Wait(needed),
        (None, Some(looks)) => Look::More(looks),
        (None, None) => Look::GivenUp,
    }
}

/// A line of text in which somebody is named is not waited for any longer.
const LONGEST_LINE: usize = 8 * 1024;

fn ldap_message(front: &Front<'_>, heading: &Heading, voice: &mut Voice<'_, '_>) -> Step {
    match ldap::message(front.bytes, heading, voice) {
        Reading::Done(length) => match u32::try_from(length) {
            Ok(length) if length <= LONGEST_LDAP => Step::Used(length, Talk::Ldap),
            _ => Step::Turn(Some(PRIVATE)),
        },
        Reading::Incomplete(needed) => Step::Wait(needed),
        Reading::NotThis => Step::Turn(Some(PRIVATE)),
    }
}

fn kerberos_message(front: &Front<'_>, heading: &Heading, voice: &mut Voice<'_, '_>) -> Step {
    let mut reader = Reader::new(front.bytes);
    let Some(length) = reader.u32() else { return Step::Wait(4) };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > LONGEST_KERBEROS || reader.rest().first().is_some_and(|b| !kerberos::may_start(*b))
    {
        return Step::Turn(Some(PLAIN));
    }
    let whole = length.saturating_add(4);
    let Some(message) = reader.take(length) else { return Step::Wait(whole) };
    kerberos::message(message, heading, voice);
    Step::Used(u32::try_from(whole).unwrap_or(u32::MAX), Talk::Kerberos)
}
