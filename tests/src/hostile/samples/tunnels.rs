//! Tunnels in clear around one DNS question.

use wire::LinkType;

use super::super::{Carrier, Laid, Sample};
use super::ip;

const SAYS: &[&str] = &["dns_query www.elmrow.example"];
const GRE: u8 = 47;
const UDP: u8 = 17;

/// A question in each tunnel, and in two of them nested.
pub(in super::super) fn all() -> Vec<Sample> {
    let four = || ip::v4(UDP, 0, ip::query());
    let six = || ip::v6(UDP, ip::query());
    let frame = || ip::ethernet(0x0800, four());
    let outer = |protocol, inside| ip::ethernet(0x0800, ip::v4(protocol, 0, inside));
    let over_udp = |ports, inside| outer(UDP, ip::udp(ports, inside));
    let gre = |header: &[u8], inside| outer(GRE, Laid::bare(header).part(inside));
    let sample = |name, frame| Sample::new(name, Carrier::Frame(LinkType::Ethernet), frame, SAYS);
    let keyed = b"\xb0\0\x86\xddcccckkkkssss";
    let geneve =
        Laid::bare(&[1, 0, 0x65, 0x58, 0, 0, 0, 0]).bits("options", 0, 1, (6, 0)).put(b"opts");
    let teredo = Laid::bare(&[0, 1])
        .number("client id", 1, 0)
        .number("authentication", 1, 0)
        .put(b"nnnnnnnn\0\0\0oooooo");
    vec![
        sample("IPv4 in IPv4", outer(4, four())),
        sample("IPv6 in IPv4", outer(41, six())),
        sample("GRE with everything", gre(keyed, six())),
        sample("GRE for PPP", gre(b"\x30\x81\x88\x0bkkkkssssaaaa\xff\x03\0\x21", four())),
        sample("ERSPAN I", gre(b"\0\0\x88\xbe", frame())),
        sample("ERSPAN II", gre(b"\x10\0\x88\xbessss01234567", frame())),
        sample("ERSPAN III", gre(b"\x10\0\x22\xebssss0123456789a\0", frame())),
        sample(
            "ERSPAN III with a subheader",
            gre(b"\x10\0\x22\xebssss0123456789a\x0101234567", frame()),
        ),
        sample(
            "VXLAN",
            over_udp((50_000, 4789), Laid::bare(&[8, 0, 0, 0, 0, 0, 1, 0]).part(frame())),
        ),
        sample("GENEVE with an option", over_udp((50_000, 6081), geneve.part(frame()))),
        sample("GRE in UDP", over_udp((50_000, 4754), Laid::bare(&[0, 0, 0x86, 0xdd]).part(six()))),
        sample("Teredo", over_udp((50_000, 3544), teredo.part(six()))),
        sample("GRE in IPv4 in IPv6", {
            let inner = ip::v4(GRE, 0, Laid::bare(&[0, 0, 8, 0]).part(four()));
            ip::ethernet(0x86dd, ip::v6(4, inner))
        }),
    ]
}
