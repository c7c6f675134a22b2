//! Kerberos (RFC 4120): who asks for a ticket, and to whom one was given.
//!
//! A request proves nothing: it is sent before any password is checked, also for accounts
//! that do not exist. The reply names the account as the server knows it.

use facts::{Assertion, Exchange, Path, Sighting, UserName};

use super::der::{GENERAL_STRING, INTEGER, SEQUENCE, UTF8_STRING, expect, find, next, numbered};
use crate::limits::LONGEST_TEXT;
use crate::reader::Reader;
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
    let Path { sport, dport, .. } = heading.path;
    if dport == PORT && matches!(outer.tag, AS_REQ | TGS_REQ) {
        voice.exchanges.asked(&heading.path, heading.at);
    }
    let named = match outer.tag {
        AS_REQ => requester(outer.content),
        AS_REP | TGS_REP => receiver(outer.content),
        _ => return,
    };
    let Some(Named { cname, realm }) = named else {
        voice.counters.broken_claims = voice.counters.broken_claims.saturating_add(1);
        return;
    };
    let is_reply = outer.tag != AS_REQ;
    if cname.is_empty() || (is_reply && cname == ANONYMOUS) {
        return;
    }
    // Whoever sends a reply to a server's port, or a request from one, is neither.
    if (if is_reply { sport } else { dport }) != PORT {
        return;
    }
    let client = client(is_reply, heading, voice);
    let cname = UserName::new(&cname);
    let assertion = match outer.tag {
        AS_REQ => Assertion::KerberosAsked { client, cname, realm },
        AS_REP => Assertion::KerberosGranted { client, cname, realm },
        _ => Assertion::KerberosUsed { client, cname, realm },
    };
    let exchange = if is_reply { voice.exchanges.of_reply(&heading.path) } else { Exchange::Whole };
    voice.claim_of(exchange, heading.at, assertion);
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
        listen(|_, voice| message(bytes, &way(from_server), voice))
    }

    /// What is heard of a request and its reply.
    fn exchanged(tag: u8, reply: &[u8]) -> Vec<Heard> {
        let asked = tlv(tag, b"");
        listen(|_, voice| {
            message(&asked, &way(false), voice);
            message(reply, &way(true), voice);
        })
    }

    #[test]
    fn the_client_is_who_the_reply_goes_to() {
        let asked = "kerberos_asked 10.1.4.23 a.pupil ELMROW.EXAMPLE";
        assert_eq!(heard(&request(&["a.pupil"]), false), [asked]);
        let granted = "kerberos_granted 10.1.4.23 a.pupil ELMROW.EXAMPLE";
        assert_eq!(exchanged(AS_REQ, &reply(AS_REP, &["a.pupil"])), [granted]);
        let used = "kerberos_used 10.1.4.23 host/pc1 ELMROW.EXAMPLE";
        assert_eq!(exchanged(TGS_REQ, &reply(TGS_REP, &["host", "pc1"])), [used]);
    }

    #[test]
    fn a_reply_that_nobody_asked_for_could_be_anybodys() {
        let granted = ["kerberos_granted 10.1.4.23 a.teacher ELMROW.EXAMPLE, one-sided"];
        let reply = reply(AS_REP, &["a.teacher"]);
        assert_eq!(heard(&reply, true), granted);
        // Asked of another server, from another port, by another client, or long ago.
        let other = |change: fn(&mut Heading)| {
            let mut heading = way(false);
            change(&mut heading);
            listen(|_, voice| {
                message(&tlv(AS_REQ, b""), &heading, voice);
                message(&reply, &way(true), voice);
            })
        };
        assert_eq!(other(|heading| heading.path.dst = [10, 1, 0, 66].into()), granted);
        assert_eq!(other(|heading| heading.path.sport = 50_001), granted);
        assert_eq!(other(|heading| heading.path.src = [10, 1, 4, 66].into()), granted);
        assert_eq!(other(|heading| heading.path.dport = 89), granted);
        let whole = ["kerberos_granted 10.1.4.23 a.teacher ELMROW.EXAMPLE"];
        assert_eq!(other(|heading| heading.frame.vlan = Some(20)), whole);
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
        assert_eq!(exchanged(AS_REQ, &reply(AS_REP, &["j.müller"])), [granted]);
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
