//! ARP (RFC 826) and neighbour discovery (RFC 4861): devices that say which address they
//! use. A pair is told once until it changes, and again after a while.

use std::net::{IpAddr, Ipv6Addr};

use facts::{Assertion, Frame, Mac, Span, Timestamp};

use crate::keyed::Key;
use crate::layers::Ip;
use crate::limits::{ANNOUNCEMENTS_A_SECOND, MOST_NEIGHBOURS};
use crate::reader::Reader;
use crate::table::Table;
use crate::voice::Voice;

const ROUTER_SOLICITATION: u8 = 133;
const NEIGHBOUR_SOLICITATION: u8 = 135;
const NEIGHBOUR_ADVERTISEMENT: u8 = 136;
const SOURCE_LINK_ADDRESS: u8 = 1;
const TARGET_LINK_ADDRESS: u8 = 2;

/// After this an unchanged pair is told again: the device is still there.
const TOLD_AGAIN: Span = Span::minutes(10);
/// Two devices that fight over an address are told no more often than this.
const CHANGES_SETTLE: Span = Span::seconds(1);

/// Who was last heard to use an address.
pub(crate) struct Neighbours {
    holders: Table<IpAddr, Holder>,
    /// The second that is running, and how many announcements were told in it.
    second: i64,
    told: u32,
}

#[derive(Clone, Copy)]
struct Holder {
    mac: Mac,
    told: Timestamp,
}

impl Neighbours {
    /// The number of ICMPv6 in an IPv6 header.
    pub(crate) const ICMPV6: u8 = 58;

    pub(crate) fn new(key: Key) -> Self {
        Self { holders: Table::new(MOST_NEIGHBOURS, key), second: i64::MIN, told: 0 }
    }

    pub(crate) fn bytes_held(&self) -> usize {
        self.holders.bytes_held()
    }

    pub(crate) const fn most_bytes() -> usize {
        Table::<IpAddr, Holder>::most_bytes(MOST_NEIGHBOURS)
    }

    /// Takes an ARP packet: its sender says which address it uses, asking or answering.
    pub(crate) fn arp(
        &mut self,
        bytes: &[u8],
        frame: &Frame,
        at: Timestamp,
        voice: &mut Voice<'_, '_>,
    ) {
        let mut reader = Reader::new(bytes);
        let (Some([0, 1, 8, 0, 6, 4, 0, 1 | 2]), Some(mac), Some(address)) =
            (reader.array(), reader.array(), reader.array::<4>())
        else {
            return;
        };
        self.announced((Mac::from_octets(mac), address.into()), frame.vlan, at, voice);
    }

    /// Takes an ICMPv6 packet, which may be one of neighbour discovery.
    pub(crate) fn icmpv6(
        &mut self,
        ip: &Ip<'_>,
        frame: &Frame,
        at: Timestamp,
        voice: &mut Voice<'_, '_>,
    ) {
        if let Some((mac, address)) = discovered(ip, frame) {
            self.announced((mac, address), frame.vlan, at, voice);
        }
    }

    fn announced(
        &mut self,
        (mac, address): (Mac, IpAddr),
        vlan: Option<u16>,
        at: Timestamp,
        voice: &mut Voice<'_, '_>,
    ) {
        if !mac.is_device() || address.is_unspecified() || address.is_multicast() {
            return;
        }
        if let Some(holder) = self.holders.value(&address) {
            let waits = if holder.mac == mac { TOLD_AGAIN } else { CHANGES_SETTLE };
            let since = at.since(holder.told);
            if since >= Span::ZERO && since < waits {
                return;
            }
        }
        if !self.may_tell(at) {
            return;
        }
        self.holders.set(address, Holder { mac, told: at }, at);
        voice.claim(at, Assertion::Announced { mac, address, vlan });
    }

    fn may_tell(&mut self, at: Timestamp) -> bool {
        let second = at.since(Timestamp::EPOCH).as_seconds();
        if second != self.second {
            (self.second, self.told) = (second, 0);
        }
        self.told = self.told.saturating_add(1);
        self.told <= ANNOUNCEMENTS_A_SECOND
    }
}

/// Which device uses which address, by one message of neighbour discovery.
fn discovered(ip: &Ip<'_>, frame: &Frame) -> Option<(Mac, IpAddr)> {
    let mut reader = Reader::new(ip.payload);
    let kind = reader.u8()?;
    // Code, checksum, flags or reserved.
    reader.skip(7)?;
    match kind {
        NEIGHBOUR_ADVERTISEMENT => {
            let target = Ipv6Addr::from(reader.array::<16>()?);
            // Without the option the sender speaks for itself; where the options break off,
            // it may have named another.
            let mac = match option(reader, TARGET_LINK_ADDRESS) {
                None if reader.is_empty() => frame.src_mac?,
                named => named?,
            };
            Some((mac, target.into()))
        }
        // A device that checks whether an address is free will use it (RFC 4862).
        NEIGHBOUR_SOLICITATION if ip.src.is_unspecified() => {
            let target = Ipv6Addr::from(reader.array::<16>()?);
            Some((frame.src_mac?, target.into()))
        }
        NEIGHBOUR_SOLICITATION => {
            reader.skip(16)?;
            Some((option(reader, SOURCE_LINK_ADDRESS)?, ip.src))
        }
        ROUTER_SOLICITATION => Some((option(reader, SOURCE_LINK_ADDRESS)?, ip.src)),
        _ => None,
    }
}

/// A link-layer address among the options; lengths count eight octets.
fn option(mut reader: Reader<'_>, wanted: u8) -> Option<Mac> {
    loop {
        let kind = reader.u8()?;
        let rest = usize::from(reader.u8()?).checked_mul(8)?.checked_sub(2)?;
        let mut value = reader.part(rest)?;
        if kind == wanted {
            return value.array().map(Mac::from_octets);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Heard, listen};

    fn arp(mac: u8, address: [u8; 4]) -> Vec<u8> {
        [&[0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, mac][..], &address, &[0; 10]].concat()
    }

    fn heard(packets: &[(i64, Vec<u8>)]) -> Vec<Heard> {
        let mut neighbours = Neighbours::new(Key::new([4; 16]));
        listen(|_, voice| {
            for (second, bytes) in packets {
                neighbours.arp(bytes, &Frame::default(), Timestamp::from_seconds(*second), voice);
            }
            assert!(neighbours.bytes_held() <= Neighbours::most_bytes());
        })
    }

    fn ndp(src: [u8; 16], payload: &[u8]) -> Option<(Mac, IpAddr)> {
        let (src, dst) = (src.into(), [0xff; 16].into());
        let ip = Ip {
            src,
            dst,
            protocol: Neighbours::ICMPV6,
            payload,
            hops: 255,
            id: 0,
            piece: None,
            is_cut: false,
        };
        let frame =
            Frame { src_mac: Some(Mac::from_octets([2, 0, 0, 0, 0, 9])), ..Frame::default() };
        discovered(&ip, &frame)
    }

    #[test]
    fn a_pair_is_told_once_until_it_changes() {
        let address = [10, 1, 4, 23];
        let packets = [
            (0, arp(1, address)),
            (5, arp(1, address)),
            (6, arp(2, address)),
            (6, arp(1, address)),
            (7, arp(1, address)),
            (700, arp(1, address)),
        ];
        let announced = |mac| format!("announced 02:00:00:00:00:0{mac} 10.1.4.23");
        assert_eq!(heard(&packets), [announced(1), announced(2), announced(1), announced(1)]);
    }

    #[test]
    fn a_flood_tells_so_much_a_second_and_holds_so_much() {
        let flood: Vec<_> =
            (0..40_000_u32).map(|n| (i64::from(n / 10_000), arp(1, n.to_be_bytes()))).collect();
        let most = usize::try_from(ANNOUNCEMENTS_A_SECOND).unwrap() * 4;
        assert_eq!(heard(&flood).len(), most);
    }

    #[test]
    fn probes_and_broken_packets_tell_nothing() {
        assert!(heard(&[(0, arp(1, [0; 4]))]).is_empty());
        let whole = arp(1, [10, 1, 4, 23]);
        for end in 0..18 {
            assert!(heard(&[(0, whole[..end].to_vec())]).is_empty());
        }
    }

    #[test]
    fn an_advertisement_that_breaks_off_does_not_blame_its_sender() {
        let target = [0x20; 16];
        let own = Mac::from_octets([2, 0, 0, 0, 0, 9]);
        let whole = [&[136, 0, 0, 0, 0, 0, 0, 0][..], &target, &[2, 1, 2, 0, 0, 0, 0, 7]].concat();
        for end in 25..32 {
            assert_eq!(ndp([1; 16], &whole[..end]), None, "{end} octets");
        }
        assert_eq!(ndp([1; 16], &whole[..24]), Some((own, target.into())), "no option at all");
    }

    #[test]
    fn neighbour_discovery_names_device_and_address() {
        let target = [0x20; 16];
        let own = Mac::from_octets([2, 0, 0, 0, 0, 9]);
        let other = Mac::from_octets([2, 0, 0, 0, 0, 7]);
        let advertisement = [&[136, 0, 0, 0, 0, 0, 0, 0][..], &target, &[2, 1, 2, 0, 0, 0, 0, 7]];
        assert_eq!(ndp([1; 16], &advertisement.concat()), Some((other, target.into())));
        let check = [&[135, 0, 0, 0, 0, 0, 0, 0][..], &target].concat();
        assert_eq!(ndp([0; 16], &check), Some((own, target.into())));
        assert_eq!(ndp([1; 16], &check), None);
        let endless = [&check[..], &[7, 0, 0, 0]].concat();
        assert_eq!(ndp([1; 16], &endless), None, "an option of no length");
        for end in 0..24 {
            assert_eq!(ndp([1; 16], &advertisement.concat()[..end]), None);
        }
    }
}
