//! ARP and neighbour discovery: devices that say which address they use.

use wire::LinkType;

use super::super::{Carrier, Laid, Sample};
use super::ip;

const ETHERNET: Carrier = Carrier::Frame(LinkType::Ethernet);
const ICMPV6: u8 = 58;
const SAYS: &[&str] = &["announced"];
const TARGET: &[u8; 16] = b"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\x01\x04\x23";

/// One message of each kind that names a device.
pub(in super::super) fn all() -> Vec<Sample> {
    let discovered = |message| ip::ethernet(0x86dd, ip::v6(ICMPV6, message));
    let advertised = discovered(message(136).put(TARGET).part(option(2)));
    let solicited = discovered(message(135).put(TARGET).part(nonce()).part(option(1)));
    let router = discovered(message(133).part(option(1)));
    vec![
        Sample::new("an ARP request", ETHERNET, ip::ethernet(0x0806, arp()), SAYS),
        Sample::new("an advertisement", ETHERNET, advertised, SAYS),
        Sample::new("a solicitation after another option", ETHERNET, solicited, SAYS),
        Sample::new("a solicitation of routers", ETHERNET, router, SAYS),
    ]
}

fn arp() -> Laid {
    Laid::bare(&[0, 1, 8, 0])
        .number("hardware address", 1, 6)
        .number("protocol address", 1, 4)
        .put(&[0, 1, 2, 0, 0, 0, 0, 7])
        .put(&[10, 1, 4, 23])
        .put(&[0; 6])
        .put(&[10, 1, 0, 1])
}

fn message(kind: u8) -> Laid {
    Laid::bare(&[kind, 0, 0, 0, 0, 0, 0, 0])
}

/// A link-layer address; its length counts eight octets.
fn option(kind: u8) -> Laid {
    Laid::bare(&[kind]).number("option", 1, 1).put(&[2, 0, 0, 0, 0, 7])
}

fn nonce() -> Laid {
    Laid::bare(&[14]).number("option", 1, 2).put(&[0; 14])
}
