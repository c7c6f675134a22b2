//! Link headers of every kind around one DNS question.

use wire::LinkType;

use super::super::{Carrier, Laid, Sample};
use super::ip;

const SAYS: &[&str] = &["dns_query www.elmrow.example"];
const MACS: [u8; 12] = [2, 0, 0, 0, 0, 4, 2, 0, 0, 0, 0, 2];

/// A question on each link, and behind each tag and label of Ethernet.
pub(in super::super) fn all() -> Vec<Sample> {
    let on = |name, link, header: &[u8]| {
        let frame = Laid::bare(header).part(packet());
        Sample::new(name, Carrier::Frame(link), frame, SAYS)
    };
    let behind = |name, header: Laid| {
        let frame = Laid::bare(&MACS).part(header).part(packet());
        Sample::new(name, Carrier::Frame(LinkType::Ethernet), frame, SAYS)
    };
    let wifi =
        [&[8, 1, 0, 0][..], &MACS, &MACS[..6], &[0, 0, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0]].concat();
    let length = 2 + packet().bytes.len();
    let session = Laid::bare(&[0x88, 0x64, 0x11, 0, 0, 1]).number("session", 2, length);
    let snap = Laid::default().number("frame", 2, 6 + length).put(&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0]);
    let pseudowire = Laid::bare(&[0x88, 0x47, 0, 0, 1, 1, 0, 0, 0, 0]).put(&MACS).put(&[8, 0]);
    vec![
        behind("two tags", Laid::bare(&[0x88, 0xa8, 0, 5, 0x81, 0, 0, 7, 8, 0])),
        behind("a length and SNAP", snap),
        behind("a PPPoE session", session.put(&[0, 0x21])),
        behind("two labels", Laid::bare(&[0x88, 0x47, 0, 0, 0, 1, 0, 0, 1, 1])),
        behind("a pseudowire", pseudowire),
        on("raw IP", LinkType::RawIp, &[]),
        on("cooked", LinkType::LinuxSll, &[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0, 8, 0]),
        on(
            "cooked, second version",
            LinkType::LinuxSll2,
            &[8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0],
        ),
        on("null", LinkType::Null, &[2, 0, 0, 0]),
        on("loop", LinkType::Loop, &[0, 0, 0, 2]),
        on("PPP", LinkType::Ppp, &[0xff, 3, 0, 0x21]),
        on("Cisco HDLC", LinkType::CiscoHdlc, &[0x0f, 0, 8, 0]),
        on("802.11", LinkType::Wifi, &wifi),
        Sample::new(
            "802.11 behind what the receiver wrote",
            Carrier::Frame(LinkType::WifiRadio),
            Laid::bare(&[0, 0, 10, 0, 0, 0, 0, 0, 7, 7])
                .bits("header", 2, 1, (8, 0))
                .put(&wifi)
                .part(packet()),
            SAYS,
        ),
        Sample::new("netfilter log", Carrier::Frame(LinkType::Nflog), logged(), SAYS),
        Sample::new("several interfaces", Carrier::Frame(LinkType::Pktap), several(), SAYS),
    ]
}

/// Attributes in the order of octets of the machine that wrote them.
fn logged() -> Laid {
    let length = u16::try_from(packet().bytes.len() + 4).expect("a short packet").to_le_bytes();
    Laid::bare(&[2, 0, 0, 5])
        .put(&[8, 0, 1, 0, 8, 0, 3, 0])
        .bits("attribute", 4, 1, (8, 0))
        .put(&[5, 0, 10, 0, 0, 0, 0, 0])
        .bits("attribute", 12, 1, (8, 0))
        .put(&length)
        .bits("attribute", 20, 1, (8, 0))
        .put(&[9, 0])
        .part(packet())
}

fn several() -> Laid {
    Laid::bare(&[12, 0, 0, 0, 1, 0, 0, 0, 12, 0, 0, 0]).bits("header", 0, 1, (8, 0)).part(packet())
}

fn packet() -> Laid {
    ip::v4(17, 0, ip::query())
}
