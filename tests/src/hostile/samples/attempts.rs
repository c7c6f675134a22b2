//! Accounts that are named before anybody knows whether they may come in: LDAP binds and
//! NTLM messages.

use super::super::{Carrier, Laid, Sample};

/// LDAP binds, alone and after a search.
pub(in super::super) fn ldap() -> Vec<Sample> {
    let to_server = Carrier::Tcp { port: 389, from_server: false };
    let search = element(0x30, integer(1).part(element(0x63, Laid::bare(&[7; 40]))));
    vec![
        Sample::new("a bind", to_server, bind(), &["ldap_bind"]),
        Sample::new("a bind after a search", to_server, search.part(bind()), &["ldap_bind"]),
    ]
}

/// NTLM messages in both spellings, inside a protocol of which nothing else is read.
pub(in super::super) fn ntlm() -> Vec<Sample> {
    let to_server = Carrier::Tcp { port: 445, from_server: false };
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let carried = |message: Laid| Laid::bare(b"\0\0\0\x40\xfeSMB and more").part(message);
    let plain = carried(authenticate(0, b"ELMROW", b"a.pupil"));
    let wide = carried(authenticate(1, &wide("ELMROW"), &wide("a.pupil")));
    vec![
        Sample::new("in octets", to_server, plain, &["ntlm ELMROW"]),
        Sample::new("in pairs of octets", to_server, wide, &["ntlm ELMROW"]),
    ]
}

fn bind() -> Laid {
    let content = integer(3)
        .part(element(4, Laid::bare(b"CN=t.staff,DC=elmrow,DC=example")))
        .part(element(0x80, Laid::bare(b"never read")));
    element(0x30, integer(2).part(element(0x60, content)))
}

fn integer(value: u8) -> Laid {
    element(2, Laid::bare(&[value]))
}

fn element(tag: u8, content: Laid) -> Laid {
    Laid::bare(&[tag]).sized("element", 1, content)
}

/// The third message; each value stands at an offset, lengths least octet first.
fn authenticate(flags: u8, domain: &[u8], user: &[u8]) -> Laid {
    let mut message = Laid::bare(b"NTLMSSP\0\x03\0\0\0").put(&[0; 16]);
    let mut at = 64;
    for value in [domain, user] {
        let length = u8::try_from(value.len()).expect("a short name");
        let from = message.bytes.len();
        message = message
            .put(&[length, 0, length, 0, at, 0, 0, 0])
            .bits("length", from, 1, (8, 0))
            .bits("offset", from + 4, 1, (8, 0));
        at += length;
    }
    message.put(&[0; 16]).put(&[flags, 0, 0, 0]).put(domain).put(user)
}
