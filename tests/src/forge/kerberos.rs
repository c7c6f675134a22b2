//! Kerberos messages as far as they are in clear (RFC 4120 section 5.4).

use super::der::{
    application, bit_string, context, general_string, integer, octets, sequence, time,
};

/// An account and its realm.
#[derive(Clone, Copy, Debug)]
pub struct Principal<'a> {
    /// The account's name; a `/` parts it into components.
    pub name: &'a str,
    /// The realm, in capitals by custom.
    pub realm: &'a str,
}

impl Principal<'_> {
    fn cname(&self) -> Vec<u8> {
        principal_name(1, &self.name.split('/').collect::<Vec<_>>())
    }
}

/// "May I log in?": an AS-REQ, sent before any password was checked.
#[must_use]
pub fn as_req(client: Principal<'_>) -> Vec<u8> {
    let body = sequence(&[
        context(0, &bit_string(&[0x50, 0x80, 0, 0])),
        context(1, &client.cname()),
        context(2, &general_string(client.realm)),
        context(3, &principal_name(2, &["krbtgt", client.realm])),
        context(5, &time("20370913024805Z")),
        context(7, &integer(0x1234_5678)),
        context(8, &sequence(&[integer(18), integer(17)])),
    ]);
    let request = [context(1, &integer(5)), context(2, &integer(10)), context(4, &body)];
    application(10, &sequence(&request))
}

/// "You are logged in": an AS-REP.
#[must_use]
pub fn as_rep(client: Principal<'_>) -> Vec<u8> {
    reply(11, client, &["krbtgt", client.realm])
}

/// "May I use that service?": a TGS-REQ, in which no client is named in clear.
#[must_use]
pub fn tgs_req(realm: &str, service: &[&str]) -> Vec<u8> {
    let body = sequence(&[
        context(0, &bit_string(&[0x50, 0x80, 0, 0])),
        context(2, &general_string(realm)),
        context(3, &principal_name(2, service)),
        context(5, &time("20370913024805Z")),
        context(7, &integer(0x1234_5678)),
        context(8, &sequence(&[integer(18), integer(17)])),
    ]);
    let request = [context(1, &integer(5)), context(2, &integer(12)), context(4, &body)];
    application(12, &sequence(&request))
}

/// "You may use that service": a TGS-REP.
#[must_use]
pub fn tgs_rep(client: Principal<'_>, service: &[&str]) -> Vec<u8> {
    reply(13, client, service)
}

fn reply(kind: u8, client: Principal<'_>, service: &[&str]) -> Vec<u8> {
    let ticket = sequence(&[
        context(0, &integer(5)),
        context(1, &general_string(client.realm)),
        context(2, &principal_name(2, service)),
        context(3, &sealed(900)),
    ]);
    let fields = [
        context(0, &integer(5)),
        context(1, &integer(u32::from(kind))),
        context(3, &general_string(client.realm)),
        context(4, &client.cname()),
        context(5, &application(1, &ticket)),
        context(6, &sealed(300)),
    ];
    application(kind, &sequence(&fields))
}

fn principal_name(kind: u32, components: &[&str]) -> Vec<u8> {
    let strings: Vec<_> = components.iter().map(|part| general_string(part)).collect();
    sequence(&[context(0, &integer(kind)), context(1, &sequence(&strings))])
}

/// EncryptedData of a given length, with bytes that nobody can open.
fn sealed(length: usize) -> Vec<u8> {
    sequence(&[context(0, &integer(18)), context(2, &octets(&vec![0xcc; length]))])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUPIL: Principal<'_> = Principal { name: "p.seven", realm: "ELMROW.EXAMPLE" };

    #[test]
    fn each_message_bears_its_application_tag_and_the_name_in_clear() {
        for (message, tag) in
            [(as_req(PUPIL), 0x6a), (as_rep(PUPIL), 0x6b), (tgs_rep(PUPIL, &["cifs", "fs"]), 0x6d)]
        {
            assert_eq!(message[0], tag);
            assert!(message.windows(9).any(|bytes| bytes == b"\x1b\x07p.seven"), "{tag:x}");
        }
    }

    #[test]
    fn the_outer_length_covers_the_whole_message() {
        let message = as_rep(PUPIL);
        assert_eq!(message[1], 0x82, "two octets of length");
        let length = usize::from(u16::from_be_bytes([message[2], message[3]]));
        assert_eq!(length, message.len() - 4);
    }
}
