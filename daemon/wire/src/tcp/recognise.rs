//! Tells what is spoken in a direction, by its port or its first octets, and where octets
//! may be somebody's password.

use facts::Path;

use super::talk::{Front, Talk};
use super::{Segment, sides};
use crate::claims::{kerberos, ldap};
use crate::dns;
use crate::http;
use crate::limits::MOST_LOOKS;
use crate::reader::Reading;
use crate::records::Start;
use crate::tunnels::{self, Opened};
use crate::voice::Voice;
use crate::wire::Settings;

/// Ports of servers that are given passwords in clear: FTP, Telnet, mail and news, LDAP,
/// rlogin and rsh, Sieve, XMPP, IRC. A password may look like anything, so what stands
/// there is not taken for a request, except where it is the first that a client says.
const PASSWORD_PORTS: [u16; 20] = [
    21, 23, 24, 25, 109, 110, 119, 143, 220, 389, 513, 514, 587, 2525, 3268, 4190, 5222, 6667,
    8025, 8143,
];

/// A first word longer than this is none: an account's name is shorter.
const LONGEST_WORD: usize = 64;

/// What a proxy says of its client before it hands on a request.
const PROXY_LINE: &[u8] = b"PROXY ";

/// Whether octets to this port may be a password.
pub(super) fn may_hold_password(port: u16) -> bool {
    PASSWORD_PORTS.contains(&port)
}

/// What is spoken where the beginning of the direction was not seen.
pub(super) fn midway(segment: &Segment<'_>, settings: &Settings) -> Talk {
    if settings.dns_ports.are_on(&segment.heading.path) {
        return Talk::DnsSomewhere;
    }
    let begins = matches!(ldap::begins(segment.payload), Reading::Done(()));
    if !begins && may_hold_password(segment.heading.path.dport) { PRIVATE } else { Talk::Unknown }
}

/// Whether octets of a direction whose beginning was not seen need not be held until it is
/// clear that no hello begins before them: they begin a message, or are a line of text. On a
/// port of TLS, most of what looks so is a hello's middle.
pub(super) fn says_what_it_is(segment: &Segment<'_>, settings: &Settings) -> bool {
    let (bytes, path) = (segment.payload, &segment.heading.path);
    if http::may_start(bytes) {
        return true;
    }
    let is_line = || bytes.ends_with(b"\n") && bytes.first().is_some_and(u8::is_ascii_graphic);
    !settings.tls_ports.contains(&path.dport)
        && (is_line()
            || sides::is_read_both_ways(path, settings)
            || matches!(ldap::begins(bytes), Reading::Done(()))
            || matches!(tunnels::stream(bytes), Reading::Done(_)))
}

/// Whether octets may begin a message of any protocol in which a name or a tunnel is found,
/// and are not the middle of one.
pub(super) fn may_begin(bytes: &[u8]) -> bool {
    http::may_start(bytes)
        || matches!(ldap::begins(bytes), Reading::Done(()))
        || matches!(tunnels::stream(bytes), Reading::Done(_))
}

/// What is not read, by its first octets and its port.
pub(super) fn unread(bytes: &[u8], path: &Path) -> Talk {
    if may_hold_password(path.dport) || is_word(bytes) { PRIVATE } else { PLAIN }
}

const PLAIN: Talk = Talk::Plain { looks: MOST_LOOKS };
const PRIVATE: Talk = Talk::Private { looks: MOST_LOOKS };

/// Tells a protocol by its port or its first octets; none: more octets are needed.
pub(super) fn recognise(
    front: &Front<'_>,
    start: Start,
    tunnel: &Reading<Opened>,
    segment: &Segment<'_>,
    voice: &mut Voice<'_, '_>,
) -> Option<Talk> {
    let path = &segment.heading.path;
    if start == Start::Unsure {
        return None;
    }
    if voice.settings.dns_ports.are_on(path) {
        // A client chooses its port. As a length, these letters are of no message of DNS.
        if http::surely_starts(front.bytes) {
            return Some(Talk::Http);
        }
        let waits = http::surely_may_start(front.bytes) || matches!(tunnel, Reading::Incomplete(_));
        return (!waits || front.last).then_some(Talk::Dns);
    }
    // No message of these two begins with a letter.
    // What is said first to a server that is given passwords may be one.
    let begins = if may_hold_password(path.dport) { http::begins_known } else { http::begins };
    match begins(front.bytes) {
        Reading::Incomplete(_) if !front.last => return None,
        Reading::NotThis => {}
        _ => return Some(Talk::Http),
    }
    if path.sport == kerberos::PORT || path.dport == kerberos::PORT {
        return Some(Talk::Kerberos);
    }
    match ldap::begins(front.bytes) {
        Reading::Done(()) => return Some(Talk::Ldap),
        Reading::Incomplete(_) if !front.last => return None,
        _ => {}
    }
    match dns::begins_stream(front.bytes, &mut voice.room.text) {
        Reading::Done(()) => return Some(Talk::Dns),
        Reading::Incomplete(_) if !front.last => return None,
        _ => {}
    }
    let waits = matches!(tunnel, Reading::Incomplete(_)) || is_cut_proxy_line(front.bytes);
    if waits && !front.last {
        return None;
    }
    Some(unread(front.bytes, path))
}

fn is_cut_proxy_line(bytes: &[u8]) -> bool {
    bytes.len() < PROXY_LINE.len() && PROXY_LINE.starts_with(bytes)
}

/// Whether octets begin with a word of a protocol in text, in which a login may follow: what
/// can be seen, then a blank or the end of the line. A line of HTTP is none, whatever
/// its method, nor that of a proxy.
fn is_word(bytes: &[u8]) -> bool {
    let word = bytes.iter().take_while(|b| b.is_ascii_graphic()).count();
    let ends = bytes.get(word).is_none_or(|b| matches!(b, b' ' | b'\r' | b'\n'));
    let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let is_http =
        line.windows(6).any(|octets| octets == b" HTTP/") || sides::begins_http_answer(bytes);
    (1..=LONGEST_WORD).contains(&word) && ends && !is_http && !bytes.starts_with(PROXY_LINE)
}
