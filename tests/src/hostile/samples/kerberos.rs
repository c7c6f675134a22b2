//! Kerberos requests and replies, over UDP and over TCP.

use super::super::{Carrier, Laid, Sample};

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const GENERAL_STRING: u8 = 0x1b;

/// What asks for a ticket and what gives one.
pub(in super::super) fn all() -> Vec<Sample> {
    let udp = |from_server| Carrier::Udp { port: 88, from_server };
    let tcp = |from_server| Carrier::Tcp { port: 88, from_server };
    let framed = |message| Laid::default().sized("message", 4, message);
    let granted = &["kerberos_granted ELMROW.EXAMPLE"];
    vec![
        Sample::new("a request", udp(false), request(), &["kerberos_asked ELMROW.EXAMPLE"]),
        Sample::new("a reply", udp(true), reply(0x6b, &["a.pupil"], 0), granted),
        Sample::new(
            "a reply for a service, with long lengths",
            udp(true),
            reply(0x6d, &["host", "pc-7"], 300),
            &["kerberos_used ELMROW.EXAMPLE"],
        ),
        Sample::new(
            "a request over TCP",
            tcp(false),
            framed(request()),
            &["kerberos_asked ELMROW.EXAMPLE"],
        ),
        Sample::new("a reply over TCP", tcp(true), framed(reply(0x6b, &["a.pupil"], 300)), granted),
    ]
}

fn request() -> Laid {
    let options = element(0x03, Laid::bare(&[0, 0x50, 0x80, 0, 0]));
    let body = numbered(0, options)
        .part(numbered(1, principal(&["a.pupil"])))
        .part(numbered(2, text("ELMROW.EXAMPLE")));
    let parts = numbered(1, integer(5))
        .part(numbered(2, integer(10)))
        .part(numbered(4, element(SEQUENCE, body)));
    element(0x6a, element(SEQUENCE, parts))
}

fn reply(tag: u8, components: &[&str], ticket: usize) -> Laid {
    let parts = numbered(0, integer(5))
        .part(numbered(1, integer(11)))
        .part(numbered(3, text("ELMROW.EXAMPLE")))
        .part(numbered(4, principal(components)))
        .part(numbered(5, element(0x61, Laid::bare(&vec![0xcc; ticket]))));
    element(tag, element(SEQUENCE, parts))
}

fn principal(components: &[&str]) -> Laid {
    let strings = components.iter().fold(Laid::default(), |all, one| all.part(text(one)));
    let parts = numbered(0, integer(1)).part(numbered(1, element(SEQUENCE, strings)));
    element(SEQUENCE, parts)
}

fn numbered(number: u8, content: Laid) -> Laid {
    element(0xa0 | number, content)
}

fn integer(value: u8) -> Laid {
    element(INTEGER, Laid::bare(&[value]))
}

fn text(value: &str) -> Laid {
    element(GENERAL_STRING, Laid::bare(value.as_bytes()))
}

/// One element; a long one has its length in two octets behind the octet that says so.
fn element(tag: u8, content: Laid) -> Laid {
    match content.bytes.len() {
        0..=0x7f => Laid::bare(&[tag]).sized("element", 1, content),
        _ => Laid::bare(&[tag, 0x82])
            .bits("length of length", 1, 1, (7, 0))
            .sized("element", 2, content),
    }
}
