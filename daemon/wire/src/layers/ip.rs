//! IP headers: who talks to whom, and what is carried or what piece of it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use etherparse::{Ipv4HeaderSlice, Ipv6HeaderSlice};

use crate::limits::MOST_EXTENSION_HEADERS;
use crate::reader::Reader;

/// An IP packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ip<'a> {
    pub(crate) src: IpAddr,
    pub(crate) dst: IpAddr,
    /// The number of what is carried (IANA protocol numbers).
    pub(crate) protocol: u8,
    /// What is carried, or a piece of it.
    pub(crate) payload: &'a [u8],
    /// How many hops it could still go: its time to live or hop limit.
    pub(crate) hops: u8,
    /// The sender's number for this packet; IPv6 has none.
    pub(crate) id: u16,
    /// Which piece it is, where the packet is a fragment.
    pub(crate) piece: Option<Piece>,
    /// Whether the capture kept less than the header claims.
    pub(crate) is_cut: bool,
}

/// Where a fragment belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) id: u32,
    /// In octets.
    pub(crate) offset: u32,
    /// Whether another piece follows it.
    pub(crate) more: bool,
}

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
const DESTINATION_OPTIONS: u8 = 60;
const MOBILITY: u8 = 135;

impl<'a> Ip<'a> {
    /// Reads a header. A packet that claims more than was captured gives what there is;
    /// a checksum is not looked at, since what a wrong one does is up to the receiver.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        match bytes.first()? >> 4 {
            4 => Self::v4(bytes),
            6 => Self::v6(bytes),
            _ => None,
        }
    }

    fn v4(bytes: &'a [u8]) -> Option<Self> {
        let header = Ipv4HeaderSlice::from_slice(bytes).ok()?;
        let after = bytes.get(header.slice().len()..)?;
        let claimed = match usize::from(header.total_len()) {
            // Segmentation offload leaves the length to the card.
            0 => after.len(),
            total => total.checked_sub(header.slice().len())?,
        };
        let offset = u32::from(header.fragments_offset().value()).saturating_mul(8);
        let more = header.more_fragments();
        let mut ip = Self {
            src: Ipv4Addr::from(header.source()).into(),
            dst: Ipv4Addr::from(header.destination()).into(),
            protocol: header.protocol().0,
            payload: clip(after, claimed),
            hops: header.ttl(),
            id: header.identification(),
            piece: (more || offset > 0).then_some(Piece {
                id: u32::from(header.identification()),
                offset,
                more,
            }),
            is_cut: claimed > after.len(),
        };
        ip.skip_extensions()?;
        Some(ip)
    }

    /// The same packet with the whole that its pieces make, behind what extension headers
    /// stand in that. None where they break off.
    pub(crate) fn whole(&self, protocol: u8, payload: &'a [u8]) -> Option<Self> {
        let mut ip = Self { protocol, payload, piece: None, is_cut: false, ..*self };
        ip.skip_extensions()?;
        Some(ip)
    }

    fn v6(bytes: &'a [u8]) -> Option<Self> {
        let header = Ipv6HeaderSlice::from_slice(bytes).ok()?;
        let after = bytes.get(header.slice().len()..)?;
        let claimed = match usize::from(header.payload_length()) {
            // A jumbogram, or segmentation offload.
            0 => after.len(),
            length => length,
        };
        let mut ip = Self {
            src: Ipv6Addr::from(header.source()).into(),
            dst: Ipv6Addr::from(header.destination()).into(),
            protocol: header.next_header().0,
            payload: clip(after, claimed),
            hops: header.hop_limit(),
            id: 0,
            piece: None,
            is_cut: claimed > after.len(),
        };
        ip.skip_extensions()?;
        Some(ip)
    }

    /// Steps over extension headers (RFC 8200 section 4), of which IPv4 has one (RFC 4302).
    /// A chain that is too long leaves a protocol that nobody reads.
    fn skip_extensions(&mut self) -> Option<()> {
        for _ in 0..MOST_EXTENSION_HEADERS {
            if self.piece.is_some() || (self.src.is_ipv4() && self.protocol != AUTHENTICATION) {
                return Some(());
            }
            let mut reader = Reader::new(self.payload);
            match self.protocol {
                HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS | MOBILITY => {
                    self.protocol = reader.u8()?;
                    let units = usize::from(reader.u8()?);
                    reader.skip(units.saturating_mul(8).saturating_add(6))?;
                }
                AUTHENTICATION => {
                    self.protocol = reader.u8()?;
                    let units = usize::from(reader.u8()?);
                    reader.skip(units.saturating_mul(4).saturating_add(6))?;
                }
                FRAGMENT => {
                    self.protocol = reader.u8()?;
                    reader.skip(1)?;
                    let place = reader.u16()?;
                    let id = reader.u32()?;
                    let piece =
                        Piece { id, offset: u32::from(place & 0xfff8), more: place & 1 == 1 };
                    self.payload = reader.rest();
                    // An "atomic" fragment (RFC 6946) is whole.
                    if piece.more || piece.offset > 0 {
                        self.piece = Some(piece);
                        return Some(());
                    }
                    continue;
                }
                _ => return Some(()),
            }
            self.payload = reader.rest();
        }
        Some(())
    }
}

fn clip(bytes: &[u8], length: usize) -> &[u8] {
    bytes.get(..length).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use etherparse::PacketBuilder;

    use super::*;

    fn v4() -> Vec<u8> {
        let mut bytes = Vec::new();
        let builder = PacketBuilder::ipv4([10, 1, 4, 23], [10, 1, 0, 1], 64).udp(5353, 53);
        builder.write(&mut bytes, b"abcd").unwrap();
        bytes
    }

    fn v6(extensions: &[u8], first: u8) -> Vec<u8> {
        let length = u16::try_from(extensions.len() + 4).unwrap().to_be_bytes();
        let mut bytes = vec![0x60, 0, 0, 0, length[0], length[1], first, 64];
        bytes.extend([0x20; 32]);
        bytes.extend(extensions);
        bytes.extend(*b"abcd");
        bytes
    }

    #[test]
    fn what_follows_the_packet_in_the_frame_is_not_its_payload() {
        let padded = [v4(), vec![0xee; 9]].concat();
        let ip = Ip::read(&padded).unwrap();
        assert_eq!((ip.protocol, ip.payload.len(), ip.piece), (17, 12, None));
        assert_eq!(ip.src, IpAddr::from([10, 1, 4, 23]));
    }

    #[test]
    fn offload_leaves_the_length_at_nought_and_a_lie_is_cut() {
        let mut bytes = v4();
        bytes[2..4].copy_from_slice(&[0, 0]);
        assert_eq!(Ip::read(&bytes).unwrap().payload.len(), 12);
        bytes[2..4].copy_from_slice(&[0xff, 0xff]);
        assert_eq!(Ip::read(&bytes).unwrap().payload.len(), 12);
        bytes[2..4].copy_from_slice(&[0, 19]);
        assert!(Ip::read(&bytes).is_none(), "shorter than its own header");
    }

    #[test]
    fn extension_headers_are_stepped_over() {
        let chain = [60, 0, 0, 0, 0, 0, 0, 0, 43, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let routing = [44, 0, 0, 0, 0, 0, 0, 0];
        let atomic = [17, 0, 0, 0, 0, 0, 0, 9];
        let bytes = v6(&[&chain[..], &routing, &atomic].concat(), 0);
        let ip = Ip::read(&bytes).unwrap();
        assert_eq!((ip.protocol, ip.payload, ip.piece), (17, &b"abcd"[..], None));
        let piece = v6(&[17, 0, 0, 0x11, 0, 0, 0, 9], 44);
        let expected = Piece { id: 9, offset: 16, more: true };
        assert_eq!(Ip::read(&piece).unwrap().piece, Some(expected));
    }

    #[test]
    fn an_authentication_header_over_ipv4_is_stepped_over_but_not_in_a_piece() {
        let mut bytes = v4();
        bytes[9] = AUTHENTICATION;
        let header = [&[17, 4][..], &[0; 22]].concat();
        bytes.splice(20..20, header);
        bytes[3] += 24;
        let ip = Ip::read(&bytes).unwrap();
        assert_eq!((ip.protocol, ip.payload.len()), (17, 12));
        bytes[6] = 0x20;
        assert_eq!(Ip::read(&bytes).unwrap().protocol, AUTHENTICATION);
        // What is an extension header of IPv6 is none of IPv4.
        bytes[6] = 0;
        bytes[9] = DESTINATION_OPTIONS;
        assert_eq!(Ip::read(&bytes).unwrap().protocol, DESTINATION_OPTIONS);
    }

    #[test]
    fn a_chain_without_end_is_left_at_the_limit() {
        let bytes = v6(&[60, 0, 0, 0, 0, 0, 0, 0].repeat(64), 60);
        assert_eq!(Ip::read(&bytes).unwrap().protocol, DESTINATION_OPTIONS);
    }

    #[test]
    fn prefixes_and_bent_octets_are_survived() {
        for whole in
            [v4(), v6(&[17, 0, 0, 0x11, 0, 0, 0, 9], 44), v6(&[17, 0, 0, 0, 0, 0, 0, 0], 51)]
        {
            for end in 0..whole.len() {
                let _ = Ip::read(&whole[..end]);
            }
            for at in 0..whole.len() {
                for octet in 0..=255 {
                    let mut bent = whole.clone();
                    bent[at] = octet;
                    let _ = Ip::read(&bent);
                }
            }
        }
    }
}
