//! LDAP simple bind (RFC 4511 section 4.2): the name that a client gives. The password
//! stands behind it and is stepped over by its length, never read.

use facts::Means;

use super::der::{self, INTEGER, OCTET_STRING, SEQUENCE};
use super::{ntlm, text};
use crate::reader::{Reader, Reading};
use crate::voice::{Heading, Voice};

const BIND_REQUEST: u8 = 0x60;
const SIMPLE: u8 = 0x80;
const SASL: u8 = 0xa3;
/// Microsoft's own choices for NTLM, negotiation and response (MS-ADTS section 5.1.1.1.3).
const SICILY: [u8; 2] = [0x8a, 0x8b];

/// Tag and length of a message are at most so long.
const LONGEST_HEAD: usize = 6;
/// What stands in a bind request before its credentials: heads, numbers, and a name.
const LONGEST_NAMING: usize = 1_024;

/// Whether a stream begins with a message, on whatever port: its head, its number, and the
/// tag of one of its operations.
pub(crate) fn begins(stream: &[u8]) -> Reading<()> {
    let mut reader = Reader::new(stream);
    match reader.u8() {
        Some(SEQUENCE) => {}
        _ => return Reading::NotThis,
    }
    let more = Reading::Incomplete(stream.len().saturating_add(1));
    if der::length(&mut reader).is_none() {
        let whole = stream.len() >= LONGEST_HEAD || stream.get(1).is_some_and(|b| *b == 0x80);
        return if whole { Reading::NotThis } else { more };
    }
    match (reader.u8(), reader.u8()) {
        (Some(INTEGER), Some(length @ 1..=4)) => {
            let operation = reader.skip(usize::from(length)).and_then(|()| reader.u8());
            match operation {
                Some(0x40..=0x7f) => Reading::Done(()),
                Some(_) => Reading::NotThis,
                None => more,
            }
        }
        (Some(INTEGER), None) | (None, _) => more,
        _ => Reading::NotThis,
    }
}

/// Takes the message at the front of a stream and says how long it is. What is needed of a
/// bind request is waited for; all other messages are stepped over.
pub(crate) fn message(
    stream: &[u8],
    heading: &Heading,
    voice: &mut Voice<'_, '_>,
) -> Reading<usize> {
    if stream.first().is_some_and(|tag| *tag != SEQUENCE) {
        return Reading::NotThis;
    }
    let mut reader = Reader::new(stream);
    let Some(length) = reader.skip(1).and_then(|()| der::length(&mut reader)) else {
        let more = stream.len().saturating_add(1);
        let ends = stream.len() >= LONGEST_HEAD;
        return if ends { Reading::NotThis } else { Reading::Incomplete(more) };
    };
    let head = stream.len().saturating_sub(reader.len());
    let whole = head.saturating_add(length);
    let there = reader.rest().get(..length).unwrap_or(reader.rest());
    if there.len() < length.min(LONGEST_NAMING) {
        return Reading::Incomplete(head.saturating_add(length.min(LONGEST_NAMING)));
    }
    bind(there, heading, voice);
    Reading::Done(whole)
}

/// Reads a bind request as far as its credentials.
fn bind(message: &[u8], heading: &Heading, voice: &mut Voice<'_, '_>) -> Option<()> {
    let mut reader = Reader::new(message);
    der::expect(&mut reader, INTEGER)?;
    if reader.u8()? != BIND_REQUEST {
        return None;
    }
    der::length(&mut reader)?;
    der::expect(&mut reader, INTEGER)?;
    let name = der::expect(&mut reader, OCTET_STRING)?;
    match reader.u8()? {
        SIMPLE => {
            // An anonymous client gives no name.
            let name = text(name.rest())?;
            voice.attempt(heading, &name, Means::LdapSimple);
        }
        choice if choice == SASL || SICILY.contains(&choice) => {
            ntlm::look(reader.rest(), true, heading, voice);
        }
        _ => {}
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Heard, heading, listen};

    const PASSWORD: &[u8] = b"correct horse battery staple";

    fn bind_request(name: &str, choice: u8, credentials: &[u8]) -> Vec<u8> {
        let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap();
        let name = [&[4, length(name.as_bytes())], name.as_bytes()].concat();
        let choice = [&[choice, length(credentials)], credentials].concat();
        let bind = [&[2, 1, 3], &name[..], &choice].concat();
        let message = [&[2, 1, 1, 0x60, length(&bind)], &bind[..]].concat();
        [&[0x30, length(&message)], &message[..]].concat()
    }

    fn heard(stream: &[u8]) -> (Reading<usize>, Vec<Heard>) {
        let mut reading = Reading::NotThis;
        let heard = listen(|_, voice| reading = message(stream, &heading(), voice));
        (reading, heard)
    }

    #[test]
    fn the_name_of_a_simple_bind_is_said_and_the_password_is_nowhere() {
        for name in ["CN=t.staff,OU=Staff,DC=elmrow,DC=example", "t.staff@elmrow.example"] {
            let stream = bind_request(name, 0x80, PASSWORD);
            let (reading, said) = heard(&stream);
            assert_eq!(reading, Reading::Done(stream.len()));
            assert_eq!(said, [format!("ldap 10.1.4.23 {name}")]);
            let password = String::from_utf8_lossy(PASSWORD);
            assert!(said.iter().all(|said| !said.contains(password.as_ref())));
        }
    }

    #[test]
    fn a_long_message_is_stepped_over_before_it_is_all_there() {
        let search = [&[0x30, 0x82, 0x40, 0, 2, 1, 2, 0x63][..], &[7; LONGEST_NAMING]].concat();
        assert_eq!(heard(&search), (Reading::Done(0x4004), vec![]));
        assert_eq!(heard(&search[..500]).0, Reading::Incomplete(4 + LONGEST_NAMING));
    }

    #[test]
    fn nobody_and_other_binds_say_nothing() {
        assert!(heard(&bind_request("", 0x80, PASSWORD)).1.is_empty());
        assert!(heard(&bind_request("t.staff", 0x81, PASSWORD)).1.is_empty());
        assert_eq!(heard(b"\x16\x03\x01").0, Reading::NotThis);
    }

    #[test]
    fn a_message_is_known_by_its_form_on_any_port() {
        let bind = bind_request("t.staff", 0x80, PASSWORD);
        assert_eq!(begins(b""), Reading::NotThis);
        for end in 1..bind.len() {
            let known = if end < 6 { Reading::Incomplete(end + 1) } else { Reading::Done(()) };
            assert_eq!(begins(&bind[..end]), known, "{end}");
        }
        let long = [&[0x30, 0x84, 0, 0, 0, 7, 2, 2, 1, 1, 0x42, 0][..], &bind].concat();
        assert_eq!(begins(&long), Reading::Done(()));
        for other in
            [&b"0 is a digit"[..], b"\x30\x80\x02\x01", b"\x30\x0c\x02\x01\x01\x04\x06public"]
        {
            assert_eq!(begins(other), Reading::NotThis);
        }
    }

    #[test]
    fn prefixes_and_bent_octets_are_survived() {
        let whole = bind_request("t.staff", 0x80, PASSWORD);
        for end in 0..whole.len() {
            assert!(heard(&whole[..end]).1.is_empty());
        }
        for at in 0..whole.len() {
            for octet in 0..=255 {
                let mut bent = whole.clone();
                bent[at] = octet;
                assert!(heard(&bent).1.len() <= 1);
            }
        }
    }
}
