//! DHCP for IPv6: a request and its reply, alone and inside a relay's, and a release.

use super::super::{Carrier, Laid, Sample};

const TO_SERVER: Carrier = Carrier::Udp { port: 547, from_server: false };
const REQUEST: u8 = 3;
const REPLY: u8 = 7;
const RELEASE: u8 = 8;
const RELAY_REPLY: u8 = 13;

/// What binds an address, and what frees one.
pub(in super::super) fn all() -> Vec<Sample> {
    let name = Laid::bare(&[0]).text("label", 1, b"pad-7");
    let asked = message(REQUEST, device().part(option(39, name.clone())));
    let bare = message(REPLY, device().part(association()));
    let named = message(REPLY, device().part(option(39, name)).part(association()));
    let relayed = Laid::bare(&[RELAY_REPLY, 0]).put(&[0; 32]).part(option(9, named.clone()));
    let leased = &["leased pad-7"];
    vec![
        Sample::new("a reply with a name", TO_SERVER, named, leased),
        Sample {
            name: "a request and its reply",
            carrier: TO_SERVER,
            parts: vec![asked, bare],
            says: leased,
        },
        Sample::new("a reply inside a relay's", TO_SERVER, relayed, leased),
        Sample::new(
            "a release",
            TO_SERVER,
            message(RELEASE, device().part(association())),
            &["released"],
        ),
    ]
}

fn message(kind: u8, options: Laid) -> Laid {
    Laid::bare(&[kind, 0, 0, 9]).part(options)
}

fn option(kind: u16, value: Laid) -> Laid {
    Laid::bare(&kind.to_be_bytes()).sized("option", 2, value)
}

/// The client's number: link-layer address and time.
fn device() -> Laid {
    option(1, Laid::bare(&[0, 1, 0, 1, 0x2c, 0, 0, 0, 0x52, 0x54, 0, 0x1d, 0, 5]))
}

fn association() -> Laid {
    let address = Laid::bare(b"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\x01\x04\x23")
        .put(&[0, 0, 0, 9])
        .put(&3_600_u32.to_be_bytes());
    option(3, Laid::bare(&[0; 12]).part(option(5, address)))
}
