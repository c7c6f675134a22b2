//! What comes in: one frame as it was captured, and the kind of link it was captured on.

use facts::Timestamp;

use crate::layers::{self, Inside, Ip};

/// One captured frame, borrowed from the capture buffer.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// When it was captured.
    pub at: Timestamp,
    /// The kind of link.
    pub link: LinkType,
    /// The bytes that were kept.
    pub bytes: &'a [u8],
    /// How long the frame was on the wire, in octets.
    pub original_len: u32,
}

impl Packet<'_> {
    /// The number of the protocol that its outermost IP header carries, where one is read.
    #[must_use]
    pub fn ip_protocol(&self) -> Option<u8> {
        match layers::strip(self.link, self.bytes) {
            (_, Inside::Ip(bytes)) => Ip::read(bytes).map(|ip| ip.protocol),
            _ => None,
        }
    }
}

/// The kind of link a frame was captured on, by what stands before its IP header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkType {
    /// IEEE 802.3.
    Ethernet,
    /// No link header: IPv4 or IPv6 by the first four bits.
    RawIp,
    /// Linux "cooked" capture, first version.
    LinuxSll,
    /// Linux "cooked" capture, second version.
    LinuxSll2,
    /// BSD loopback: an address family in the byte order of the capturing machine.
    Null,
    /// OpenBSD loopback: an address family in network byte order.
    Loop,
    /// PPP, with or without its HDLC framing octets.
    Ppp,
    /// PPP behind an octet that says which way the packet went.
    PppWithDirection,
    /// PPP over Ethernet, from its session header on.
    PppoeSession,
    /// What IPsec sealed or opened, behind twelve octets of the system that did.
    Sealed,
    /// What a packet filter of BSD logged, behind a header that says its own length.
    PacketFilter,
    /// Cisco HDLC.
    CiscoHdlc,
    /// Linux netfilter log: attributes, one of which is the packet.
    Nflog,
    /// Apple's capture of several interfaces: a header that names the link inside.
    Pktap,
    /// IEEE 802.11, with nothing before it.
    Wifi,
    /// IEEE 802.11 behind a radiotap or PPI header.
    WifiRadio,
    /// IEEE 802.11 behind a Prism or AVS header.
    WifiPrism,
    /// Any other, by its number in a capture file.
    Other(u32),
}

impl LinkType {
    /// Takes the number that a capture file or libpcap uses (the LINKTYPE registry of
    /// the pcap format, and the older values that single systems write).
    #[must_use]
    pub const fn from_pcap(number: u32) -> Self {
        match number {
            0 => Self::Null,
            1 => Self::Ethernet,
            9 | 50 => Self::Ppp,
            51 => Self::PppoeSession,
            109 => Self::Sealed,
            117 => Self::PacketFilter,
            166 | 204 => Self::PppWithDirection,
            12 | 14 | 101 | 228 | 229 => Self::RawIp,
            104 => Self::CiscoHdlc,
            105 => Self::Wifi,
            108 => Self::Loop,
            113 => Self::LinuxSll,
            // 149 is the private number that some systems gave to the same header.
            149 | 258 => Self::Pktap,
            119 | 163 => Self::WifiPrism,
            127 | 192 => Self::WifiRadio,
            239 => Self::Nflog,
            276 => Self::LinuxSll2,
            other => Self::Other(other),
        }
    }
}
