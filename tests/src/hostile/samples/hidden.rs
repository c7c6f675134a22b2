//! The beginnings of tunnels that hide names.

use super::super::{Carrier, Laid, Sample};

/// One beginning of each kind.
pub(in super::super) fn all() -> Vec<Sample> {
    let udp = |port| Carrier::Udp { port, from_server: false };
    let tcp = |port| Carrier::Tcp { port, from_server: false };
    let wireguard = Laid::bare(&[1, 0, 0, 0]).put(&[0x5a; 128]).put(&[0; 16]);
    let call = Laid::bare(&[7 << 3]).put(b"12345678").put(&[0; 5]);
    let key_exchange = Laid::bare(&[7; 8])
        .put(&[0; 8])
        .put(&[33, 0x20, 34, 0x08, 0, 0, 0, 0])
        .number("message", 4, 40)
        .put(&[0, 0])
        .number("payload", 2, 12)
        .put(&[0, 0, 0, 8, 1, 1, 0, 0]);
    vec![
        Sample::new("WireGuard", udp(51_820), wireguard, &["tunnel wireguard"]),
        Sample {
            name: "OpenVPN calls three times",
            carrier: udp(1194),
            parts: vec![call.clone(), call.clone(), call.clone()],
            says: &["tunnel openvpn"],
        },
        Sample {
            name: "OpenVPN over TCP",
            carrier: tcp(1194),
            parts: vec![
                Laid::default().sized("packet", 2, call),
                Laid::default().sized("packet", 2, Laid::bare(&[5 << 3]).put(b"12345678more")),
            ],
            says: &["tunnel openvpn"],
        },
        Sample::new("a key exchange", udp(500), key_exchange, &["tunnel ipsec"]),
        Sample {
            name: "SSH",
            carrier: tcp(22),
            parts: vec![
                Laid::bare(b"SSH-2.0-elm_1.0\r\n"),
                Laid::default().sized("packet", 4, Laid::bare(&[10, 20]).put(&[0x5a; 30])),
            ],
            says: &["tunnel ssh"],
        },
    ]
}
