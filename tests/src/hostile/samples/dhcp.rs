//! DHCPv4 messages: a request and its acknowledgement, options in every place, a release.

use super::super::{Carrier, Laid, Sample};

/// Relays send requests from that port too.
const FROM_SERVER: Carrier = Carrier::Udp { port: 67, from_server: true };

const NONE: [u8; 4] = [0; 4];
const GIVEN: [u8; 4] = [10, 1, 4, 23];

/// What binds an address, and what frees one.
pub(in super::super) fn all() -> Vec<Sample> {
    let request =
        options().put(&[53]).text("option", 1, &[3]).put(&[12]).text("option", 1, b"pad-7");
    let bare_ack =
        options().put(&[53]).text("option", 1, &[5]).put(&[51]).text("option", 1, &[0, 0, 14, 16]);
    let named = bare_ack.clone().put(&[0, 0, 12]).text("option", 1, b"pad-8");
    let overloaded =
        options().put(&[53]).text("option", 1, &[5]).put(&[52]).text("option", 1, &[3]);
    let release = options().put(&[53]).text("option", 1, &[7]);
    let in_file = Laid::bare(&[12]).text("option", 1, b"pad-9").put(&[255]);
    let in_name = Laid::bare(&[51]).text("option", 1, &[0, 0, 14, 16]).put(&[255]);
    let empty = Laid::default;
    vec![
        Sample::new(
            "an acknowledgement with a name",
            FROM_SERVER,
            message((NONE, GIVEN), (empty(), empty()), named),
            &["leased pad-8"],
        ),
        Sample {
            name: "a request and its acknowledgement",
            carrier: FROM_SERVER,
            parts: vec![
                message((NONE, NONE), (empty(), empty()), request),
                message((NONE, GIVEN), (empty(), empty()), bare_ack),
            ],
            says: &["leased pad-7"],
        },
        Sample::new(
            "options in the fields before them",
            FROM_SERVER,
            message((NONE, GIVEN), (in_name, in_file), overloaded),
            &["leased pad-9"],
        ),
        Sample::new(
            "a release",
            FROM_SERVER,
            message((GIVEN, NONE), (empty(), empty()), release),
            &["released"],
        ),
    ]
}

const fn options() -> Laid {
    Laid { bytes: Vec::new(), fields: Vec::new() }
}

fn message(
    (client, yours): ([u8; 4], [u8; 4]),
    (server_name, file): (Laid, Laid),
    options: Laid,
) -> Laid {
    let padded = |field: Laid, size: usize| {
        let rest = vec![0; size - field.bytes.len()];
        field.put(&rest)
    };
    Laid::bare(&[2, 1])
        .number("hardware address", 1, 6)
        .put(&[0, 0, 0, 0, 9, 0, 0, 0, 0])
        .put(&client)
        .put(&yours)
        .put(&[0; 8])
        .put(&[0x52, 0x54, 0, 0x1d, 0, 5])
        .put(&[0; 10])
        .part(padded(server_name, 64))
        .part(padded(file, 128))
        .put(&[0x63, 0x82, 0x53, 0x63])
        .part(options)
        .put(&[255])
}
