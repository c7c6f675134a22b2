//! Kerberos (RFC 4120): who asks for a ticket, and to whom one was given.
//!
//! A request proves nothing: it is sent before any password is checked, also for accounts
//! that do not exist. The reply names the account as the server knows it.

use facts::{Assertion, Path, Sighting, UserName};

use super::der::{GENERAL_STRING, INTEGER, SEQUENCE, UTF8_STRING, expect, find, next, numbered};
use super::exchanges::Asked;
use crate::limits::LONGEST_TEXT;
use crate::reader::Reader;
use crate::said::Said;
use crate::voice::{Heading, Voice};

/// The port of the key distribution centre.
pub(crate) const PORT: u16 = 88;

const AS_REQ: u8 = 0x6a;
const AS_REP: u8 = 0x6b;
const TGS_REQ: u8 = 0x6c;
const TGS_REP: u8 = 0x6d;
const KRB_ERROR: u8 = 0x7e;

/// Who got a ticket under this name is nobody in particular (RFC 8062).
const ANONYMOUS: &str = "WELLKNOWN/ANONYMOUS";

/// Components of a principal that are read.
const MOST_COMPONENTS: usize = 8;

/// Whether an octet can begin a message.
pub(crate) const fn may_start(octet: u8) -> bool {
    matches!(octet, AS_REQ | AS_REP | TGS_REQ | TGS_REP | KRB_ERROR)
}

struct Named {
    cname: String,
    realm: String,
}

/// Takes one message, from UDP or from TCP without its length.
pub(crate) fn message(bytes: &[u8], heading: &Heading, voice: &mut Voice<'_, '_>) {
    let mut reader = Reader::new(bytes);
    let Some(outer) = next(&mut reader) else {
        voice.counters.broken_claims = voice.counters.broken_claims.saturating_add(1);
        return;
    };
    let named = match outer.tag {
        AS_REQ => requester(outer.content),
        TGS_REQ => {
            if asks_for_a_service(outer.content).is_some() && heading.path.dport == PORT {
                asked(Asked::Service, heading, voice);
            }
            return;
        }
        AS_REP | TGS_REP => receiver(outer.content),
        _ => return,
    };
    let Some(Named { cname, realm }) = named else {
        voice.counters.broken_claims = voice.counters.broken_claims.saturating_add(1);
        return;
    };
    let is_reply = outer.tag != AS_REQ;
    // Whoever sends a reply to a server's port, or a request from one, is neither.
    let Path { sport, dport, .. } = heading.path;
    if (if is_reply { sport } else { dport }) != PORT {
        return;
    }
    if !is_reply {
        asked(Asked::Login, heading, voice);
    }
    if cname.is_empty() || (is_reply && cname == ANONYMOUS) {
        return;
    }
    let client = client(is_reply, heading, voice);
    let cname = UserName::new(&cname);
    let (of, assertion) = match outer.tag {
        AS_REQ => {
            return voice.claim(heading.at, Assertion::KerberosAsked { client, cname, realm });
        }
        AS_REP => (Asked::Login, Assertion::KerberosGranted { client, cname, realm }),
        _ => (Asked::Service, Assertion::KerberosUsed { client, cname, realm }),
    };
    let Voice { exchanges, sink, .. } = voice;
    let mut tell = |claim| _ = sink(Said::Claim(claim));
    exchanges.replied(&heading.path, of, (heading.at, assertion), &mut tell);
}

fn asked(asked: Asked, heading: &Heading, voice: &mut Voice<'_, '_>) {
    let Voice { exchanges, sink, .. } = voice;
    let mut tell = |claim| _ = sink(Said::Claim(claim));
    exchanges.asked(&heading.path, asked, heading.at, &mut tell);
}

fn client(is_reply: bool, heading: &Heading, voice: &Voice<'_, '_>) -> Sighting {
    let Heading { path, frame, .. } = heading;
    let (address, mac) =
        if is_reply { (path.dst, frame.dst_mac) } else { (path.src, frame.src_mac) };
    let settings = voice.settings;
    Sighting { site: settings.site, sensor: settings.sensor, vlan: frame.vlan, mac, address }
}

/// `KDC-REQ`: `[4]` is the body, in which `[1]` is the client and `[2]` the realm.
fn requester(mut outer: Reader<'_>) -> Option<Named> {
    let mut request = expect(&mut outer, SEQUENCE)?;
    let mut body = find(&mut request, numbered(4))?;
    let mut body = expect(&mut body, SEQUENCE)?;
    let cname = principal(find(&mut body, numbered(1))?)?;
    let realm = string(find(&mut body, numbered(2))?)?;
    Some(Named { cname, realm })
}

/// The same of a TGS-REQ, which names no client in clear: `[2]` is the realm, `[3]` the service.
fn asks_for_a_service(mut outer: Reader<'_>) -> Option<String> {
    let mut request = expect(&mut outer, SEQUENCE)?;
    let mut body = find(&mut request, numbered(4))?;
    let mut body = expect(&mut body, SEQUENCE)?;
    string(find(&mut body, numbered(2))?)?;
    principal(find(&mut body, numbered(3))?)
}

/// `KDC-REP`: `[3]` is the realm, `[4]` the client.
fn receiver(mut outer: Reader<'_>) -> Option<Named> {
    let mut reply = expect(&mut outer, SEQUENCE)?;
    let realm = string(find(&mut reply, numbered(3))?)?;
    let cname = principal(find(&mut reply, numbered(4))?)?;
    Some(Named { cname, realm })
}

/// `PrincipalName`: a type and the components, which are written with slashes between.
fn principal(mut outer: Reader<'_>) -> Option<String> {
    let mut name = expect(&mut outer, SEQUENCE)?;
    let mut kind = expect(&mut name, numbered(0))?;
    expect(&mut kind, INTEGER)?;
    let mut strings = expect(&mut name, numbered(1))?;
    let mut strings = expect(&mut strings, SEQUENCE)?;
    let mut text = String::new();
    for number in 0..MOST_COMPONENTS {
        if strings.is_empty() {
            break;
        }
        if number > 0 {
            text.push('/');
        }
        text.push_str(&characters(&mut strings)?);
    }
    (text.len() <= LONGEST_TEXT).then_some(text)
}

fn string(mut outer: Reader<'_>) -> Option<String> {
    characters(&mut outer)
}

/// A string of characters. The standard asks for ASCII; Windows sends UTF-8, and an
/// account with an accent must be named as well.
fn characters(reader: &mut Reader<'_>) -> Option<String> {
    let element = next(reader)?;
    let content = element.content.rest();
    let is_text = matches!(element.tag, GENERAL_STRING | UTF8_STRING);
    (is_text && content.len() <= LONGEST_TEXT)
        .then(|| String::from_utf8_lossy(content).into_owned())
}

#[cfg(test)]
mod tests {
    use facts::{Span, Timestamp};

    use super::*;
    use crate::testing::{Heard, heading, listen};

    fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(content.len()).unwrap()][..], content].concat()
    }

    fn name(components: &[&str]) -> Vec<u8> {
        let strings: Vec<u8> =
            components.iter().flat_map(|c| tlv(GENERAL_STRING, c.as_bytes())).collect();
        let kind = tlv(numbered(0), &tlv(INTEGER, &[1]));
        let strings = tlv(numbered(1), &tlv(SEQUENCE, &strings));
        tlv(SEQUENCE, &[kind, strings].concat())
    }

    fn reply(tag: u8, components: &[&str]) -> Vec<u8> {
        let parts = [
            tlv(numbered(0), &tlv(INTEGER, &[5])),
            tlv(numbered(1), &tlv(INTEGER, &[11])),
            tlv(numbered(3), &tlv(GENERAL_STRING, b"ELMROW.EXAMPLE")),
            tlv(numbered(4), &name(components)),
        ];
        tlv(tag, &tlv(SEQUENCE, &parts.concat()))
    }

    fn request(components: &[&str]) -> Vec<u8> {
        let body = [
            tlv(numbered(0), &tlv(0x03, &[0, 0, 0, 0, 0])),
            tlv(numbered(1), &name(components)),
            tlv(numbered(2), &tlv(GENERAL_STRING, b"ELMROW.EXAMPLE")),
        ];
        let parts = [
            tlv(numbered(1), &tlv(INTEGER, &[5])),
            tlv(numbered(2), &tlv(INTEGER, &[10])),
            tlv(numbered(4), &tlv(SEQUENCE, &body.concat())),
        ];
        tlv(AS_REQ, &tlv(SEQUENCE, &parts.concat()))
    }

    fn way(from_server: bool) -> Heading {
        let mut heading = heading();
        heading.path.dport = PORT;
        if from_server { heading.reversed() } else { heading }
    }

    fn heard(bytes: &[u8], from_server: bool) -> Vec<Heard> {
        told(&[(bytes, way(from_server))])
    }

    /// What is heard of messages that go these ways, and once nothing more is waited for.
    fn told(messages: &[(&[u8], Heading)]) -> Vec<Heard> {
        listen(|_, voice| {
            for (bytes, heading) in messages {
                message(bytes, heading, voice);
            }
            let Voice { exchanges, sink, .. } = voice;
            exchanges.expire(Timestamp::MAX, &mut |claim| _ = sink(Said::Claim(claim)));
        })
    }

    fn service_request() -> Vec<u8> {
        let body = [
            tlv(numbered(0), &tlv(0x03, &[0, 0, 0, 0, 0])),
            tlv(numbered(2), &tlv(GENERAL_STRING, b"ELMROW.EXAMPLE")),
            tlv(numbered(3), &name(&["host", "pc1"])),
        ];
        let parts = [
            tlv(numbered(1), &tlv(INTEGER, &[5])),
            tlv(numbered(2), &tlv(INTEGER, &[12])),
            tlv(numbered(4), &tlv(SEQUENCE, &body.concat())),
        ];
        tlv(TGS_REQ, &tlv(SEQUENCE, &parts.concat()))
    }

    const ASKED: &str = "kerberos_asked 10.1.4.23 a.pupil ELMROW.EXAMPLE";

    #[test]
    fn the_client_is_who_the_reply_goes_to() {
        let asked = "kerberos_asked 10.1.4.23 a.pupil ELMROW.EXAMPLE";
        assert_eq!(heard(&request(&["a.pupil"]), false), [asked]);
        let granted = "kerberos_granted 10.1.4.23 a.pupil ELMROW.EXAMPLE";
        let login = reply(AS_REP, &["a.pupil"]);
        let asked = request(&["a.pupil"]);
        assert_eq!(told(&[(&asked, way(false)), (&login, way(true))]), [ASKED, granted]);
        let used = "kerberos_used 10.1.4.23 a.pupil ELMROW.EXAMPLE";
        let ticket = reply(TGS_REP, &["a.pupil"]);
        let asked = service_request();
        assert_eq!(told(&[(&asked, way(false)), (&ticket, way(true))]), [used]);
    }

    #[test]
    fn a_reply_that_nobody_asked_for_could_be_anybodys() {
        let one_sided = "kerberos_granted 10.1.4.23 a.teacher ELMROW.EXAMPLE, one-sided";
        let login = reply(AS_REP, &["a.teacher"]);
        assert_eq!(heard(&login, true), [one_sided]);
        let asked = request(&["a.pupil"]);
        // Asked of another server, from another port, or by another client.
        let other = |change: fn(&mut Heading)| {
            let mut heading = way(false);
            change(&mut heading);
            told(&[(&asked, heading), (&login, way(true))]).pop()
        };
        let one_sided = Some(one_sided.to_owned());
        assert_eq!(other(|heading| heading.path.dst = [10, 1, 0, 66].into()), one_sided);
        assert_eq!(other(|heading| heading.path.sport = 50_001), one_sided);
        assert_eq!(other(|heading| heading.path.src = [10, 1, 4, 66].into()), one_sided);
        assert_eq!(other(|heading| heading.path.dport = 89), one_sided);
        let whole = Some("kerberos_granted 10.1.4.23 a.teacher ELMROW.EXAMPLE".to_owned());
        assert_eq!(other(|heading| heading.frame.vlan = Some(20)), whole);
    }

    #[test]
    fn what_only_begins_like_a_request_or_asks_for_something_else_asks_for_no_login() {
        let login = reply(AS_REP, &["a.teacher"]);
        let one_sided = "kerberos_granted 10.1.4.23 a.teacher ELMROW.EXAMPLE, one-sided";
        // The answer of a computer to a question about its names, whose number somebody chose.
        let echo = [&[0x6a, 0x20, 0x84, 0, 0, 0, 0, 1][..], &[0; 40]].concat();
        for asked in [&echo[..], &service_request(), &request(&["a.pupil"])[..20]] {
            assert_eq!(told(&[(asked, way(false)), (&login, way(true))]), [one_sided]);
        }
    }

    #[test]
    fn a_reply_that_the_mirror_shows_before_its_request_was_asked_for() {
        let later = |millis| {
            let heading = way(false);
            Heading { at: heading.at + Span::millis(millis), ..heading }
        };
        let (login, asked) = (reply(AS_REP, &["a.pupil"]), request(&["a.pupil"]));
        let said = |millis| told(&[(&login, way(true)), (&asked, later(millis))]);
        let granted = "kerberos_granted 10.1.4.23 a.pupil ELMROW.EXAMPLE";
        assert_eq!(said(1), [granted, ASKED]);
        assert_eq!(said(600)[0], format!("{granted}, one-sided"));
    }

    #[test]
    fn a_reply_that_a_device_sends_to_a_server_says_nothing_of_the_device() {
        assert!(heard(&reply(AS_REP, &["a.teacher"]), false).is_empty());
        assert!(heard(&reply(TGS_REP, &["a.teacher"]), false).is_empty());
        assert!(heard(&request(&["a.teacher"]), true).is_empty());
    }

    #[test]
    fn an_account_with_an_accent_is_named() {
        let granted = "kerberos_granted 10.1.4.23 j.müller ELMROW.EXAMPLE";
        let (asked, login) = (request(&["j.müller"]), reply(AS_REP, &["j.müller"]));
        assert_eq!(told(&[(&asked, way(false)), (&login, way(true))])[1], granted);
    }

    #[test]
    fn an_anonymous_ticket_names_nobody() {
        assert!(heard(&reply(AS_REP, &["WELLKNOWN", "ANONYMOUS"]), true).is_empty());
        assert!(heard(&reply(TGS_REQ, &["a.pupil"]), false).is_empty());
    }

    #[test]
    fn prefixes_and_bent_octets_are_survived() {
        for whole in [request(&["a.pupil"]), reply(AS_REP, &["a.pupil"])] {
            for end in 0..whole.len() {
                assert!(heard(&whole[..end], true).is_empty());
                assert!(heard(&whole[..end], false).is_empty());
            }
            for at in 0..whole.len() {
                for octet in 0..=255 {
                    let mut bent = whole.clone();
                    bent[at] = octet;
                    assert!(heard(&bent, true).len() <= 1);
                    assert!(heard(&bent, false).len() <= 1);
                }
            }
        }
    }
}
