//! RADIUS Accounting-Requests with every attribute that is read, and an Access-Request.

use super::super::{Carrier, Laid, Sample};

/// A start with all that it may tell, and a report that names nobody.
pub(in super::super) fn all() -> Vec<Sample> {
    let to_server = Carrier::Udp { port: 1813, from_server: false };
    let full = Laid::default()
        .part(attribute(40, &[0, 0, 0, 1]))
        .part(attribute(1, b"c.pupil"))
        .part(attribute(44, b"S-0001"))
        .part(attribute(50, b"M-1"))
        .part(attribute(31, b"52-54-00-1D-00-06"))
        .part(attribute(8, &[10, 77, 0, 101]))
        .part(attribute(4, &[10, 77, 0, 12]))
        .part(attribute(32, b"ap-7"))
        .part(attribute(41, &[0, 0, 0, 5]))
        .part(attribute(55, &[0x6a, 0, 0, 0]))
        .part(attribute(168, b"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"));
    let anew = attribute(40, &[0, 0, 0, 7]).part(attribute(95, &[0x20; 16]));
    let asks = attribute(1, b"outer@elmrow.example").part(attribute(31, b"52-54-00-1D-00-06"));
    vec![
        Sample::new(
            "who asks to be let in",
            Carrier::Udp { port: 1812, from_server: false },
            packet(1, asks),
            &["radius_outer 52-54-00-1D-00-06"],
        ),
        Sample::new("a session with all it tells", to_server, request(full), &["accounted S-0001"]),
        Sample::new("a reporter that started anew", to_server, request(anew), &["accounted"]),
    ]
}

fn request(attributes: Laid) -> Laid {
    packet(4, attributes)
}

fn packet(code: u8, attributes: Laid) -> Laid {
    let rest = Laid::bare(&[0; 16]).part(attributes);
    Laid::bare(&[code, 1]).sized_with("request", 2, 4, rest)
}

fn attribute(kind: u8, value: &[u8]) -> Laid {
    Laid::bare(&[kind]).sized_with("attribute", 1, 2, Laid::bare(value))
}
