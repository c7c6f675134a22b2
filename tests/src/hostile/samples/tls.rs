//! TLS ClientHellos in TCP streams: short, long, in many records, and behind other talk.

use super::super::{Carrier, Laid, Sample};

const TO_HTTPS: Carrier = Carrier::Tcp { port: 443, from_server: false };
const SAYS: &[&str] = &["tls_hello www.elmrow.example"];

/// ClientHellos, whole and in pieces, alone and after other talk.
pub(in super::super) fn all() -> Vec<Sample> {
    let short = record(hello(0));
    let long = record(hello(1_400));
    let (first, second) = long.bytes.split_at(1_200);
    let halves = vec![Laid::bare(first), Laid::bare(second)];
    let after = |name, port, talk: &[u8]| Sample {
        name,
        carrier: Carrier::Tcp { port, from_server: false },
        parts: vec![Laid::bare(talk), record(hello(0))],
        says: SAYS,
    };
    vec![
        Sample::new("a hello in one record", TO_HTTPS, short, SAYS),
        Sample::new("a hello in many records", TO_HTTPS, in_records(&hello(0), 48), SAYS),
        Sample {
            name: "a long hello in two segments",
            carrier: TO_HTTPS,
            parts: halves,
            says: SAYS,
        },
        Sample::new("a hello without a name", TO_HTTPS, record(nameless()), &["tls_hello"]),
        after("after STARTTLS", 25, b"EHLO pc-7.elmrow.example\r\nSTARTTLS\r\n"),
        after("behind SOCKS", 1080, b"\x05\x01\0\x03\x12www.elmrow.example\x01\xbb"),
    ]
}

/// A handshake message for www.elmrow.example with about so much padding.
pub(super) fn hello(padding: usize) -> Laid {
    let entry = Laid::bare(&[0]).text("host name", 2, b"www.elmrow.example");
    let names = Laid::default().sized("name list", 2, entry);
    let protocols = Laid::default().text("protocol", 1, b"h2").text("protocol", 1, b"http/1.1");
    let mut extensions = Laid::default().put(&[0, 0]).sized("extension", 2, names);
    if padding > 0 {
        let padding = Laid::bare(&vec![0; padding]);
        extensions = extensions.put(&[0, 21]).sized("extension", 2, padding);
    }
    let list = Laid::default().sized("protocol list", 2, protocols);
    let extensions = extensions.put(&[0, 16]).sized("extension", 2, list).put(&[0xfe, 0x0d]).text(
        "extension",
        2,
        &[0x42; 20],
    );
    message(extensions)
}

/// The message in one record.
pub(super) fn record(message: Laid) -> Laid {
    Laid::bare(&[22, 3, 1]).sized("record", 2, message)
}

fn nameless() -> Laid {
    message(Laid::default().put(&[0, 43]).text("extension", 2, &[2, 3, 4]))
}

fn message(extensions: Laid) -> Laid {
    let body = Laid::bare(&[3, 3])
        .put(&[0x5a; 32])
        .text("session", 1, &[0x17; 32])
        .text("cipher suites", 2, &[0x13, 1, 0x13, 2])
        .text("compressions", 1, &[0])
        .sized("extensions", 2, extensions);
    Laid::bare(&[1]).sized("handshake", 3, body)
}

/// The message in records of this size.
fn in_records(message: &Laid, size: usize) -> Laid {
    message
        .bytes
        .chunks(size)
        .fold(Laid::default(), |stream, chunk| stream.part(record(Laid::bare(chunk))))
}
