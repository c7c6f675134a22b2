//! DHCP for IPv6 (RFC 8415): which device was given which address, and which gave one back.

use std::net::Ipv6Addr;

use facts::{Assertion, Mac, Span, Timestamp};

use super::dhcp::Requests;
use crate::names::NameText;
use crate::reader::Reader;
use crate::voice::Voice;

/// The ports of client and server.
pub(crate) const PORTS: [u16; 2] = [546, 547];

const REQUEST: u8 = 3;
const RENEW: u8 = 5;
const REBIND: u8 = 6;
const REPLY: u8 = 7;
const RELEASE: u8 = 8;
const RELAY_FORWARD: u8 = 12;
const RELAY_REPLY: u8 = 13;

const CLIENT_ID: u16 = 1;
const IA_NA: u16 = 3;
const IA_TA: u16 = 4;
const IA_ADDRESS: u16 = 5;
const RELAY_MESSAGE: u16 = 9;
const CLIENT_FQDN: u16 = 39;

const DUID_LINK_LAYER_TIME: u16 = 1;
const DUID_LINK_LAYER: u16 = 3;
const ETHERNET: u16 = 1;

/// Relays in one another that are followed: a school has one.
const MOST_RELAYS: usize = 4;
/// Set above the 24 bits of a transaction, so that it is never one of DHCPv4's by chance
/// more often than any two are.
const VERSION_MARK: u32 = 0x0600_0000;

/// The parts of a message that matter.
struct Message<'a> {
    kind: u8,
    transaction: u32,
    options: Reader<'a>,
}

impl Requests {
    /// Takes a datagram between the ports of DHCP for IPv6.
    pub(crate) fn datagram6(
        &mut self,
        bytes: &[u8],
        at: Timestamp,
        vlan: Option<u16>,
        voice: &mut Voice<'_, '_>,
    ) {
        let Some(message) = unwrapped(bytes) else {
            voice.counters.broken_claims = voice.counters.broken_claims.saturating_add(1);
            return;
        };
        // A device that is named only by a number of its own can not be told from others.
        let Some(mac) = option(message.options, CLIENT_ID).and_then(link_layer) else { return };
        let transaction = (VERSION_MARK | message.transaction, mac);
        let host = option(message.options, CLIENT_FQDN)
            .and_then(|value| host(value, &mut voice.room.text));
        self.forget_unanswered(at);
        match message.kind {
            REQUEST | RENEW | REBIND => self.remember(transaction, host, at),
            REPLY => {
                let host = host.or_else(|| self.remembered(&transaction));
                each_address(message.options, |address, valid| {
                    let (address, host) = (address.into(), host.clone());
                    let lease = Span::seconds(i64::from(valid));
                    voice.claim(
                        at,
                        match valid {
                            0 => Assertion::Released { mac, address },
                            _ => Assertion::Leased { mac, address, vlan, lease, host },
                        },
                    );
                });
            }
            RELEASE => each_address(message.options, |address, _| {
                voice.claim(at, Assertion::Released { mac, address: address.into() });
            }),
            _ => {}
        }
    }
}

/// The message itself, out of the relays around it.
fn unwrapped(mut bytes: &[u8]) -> Option<Message<'_>> {
    for _ in 0..=MOST_RELAYS {
        let mut reader = Reader::new(bytes);
        let kind = reader.u8()?;
        if matches!(kind, RELAY_FORWARD | RELAY_REPLY) {
            // Hops, link address, peer address.
            reader.skip(1 + 16 + 16)?;
            bytes = option(reader, RELAY_MESSAGE)?.rest();
            continue;
        }
        let transaction = reader.u24()?;
        return Some(Message { kind, transaction, options: reader });
    }
    None
}

/// Takes the next option: its number and its value.
fn next<'a>(options: &mut Reader<'a>) -> Option<(u16, Reader<'a>)> {
    Some((options.u16()?, options.part16()?))
}

fn option(mut options: Reader<'_>, wanted: u16) -> Option<Reader<'_>> {
    loop {
        let (kind, value) = next(&mut options)?;
        if kind == wanted {
            return Some(value);
        }
    }
}

/// Every address in the associations of a message, with the seconds it is valid for.
fn each_address(mut options: Reader<'_>, mut take: impl FnMut(Ipv6Addr, u32)) {
    while let Some((kind, mut association)) = next(&mut options) {
        // Identity and, but for temporary addresses, two times.
        let head = match kind {
            IA_NA => 12,
            IA_TA => 4,
            _ => continue,
        };
        if association.skip(head).is_none() {
            continue;
        }
        while let Some((kind, mut value)) = next(&mut association) {
            if kind != IA_ADDRESS {
                continue;
            }
            if let (Some(address), Some(_), Some(valid)) =
                (value.array::<16>(), value.u32(), value.u32())
            {
                take(Ipv6Addr::from(address), valid);
            }
        }
    }
}

/// The hardware address in a device's identifier (RFC 8415 section 11), where one is in it.
fn link_layer(mut identifier: Reader<'_>) -> Option<Mac> {
    let kind = identifier.u16()?;
    let hardware = identifier.u16()?;
    match kind {
        DUID_LINK_LAYER_TIME => identifier.skip(4)?,
        DUID_LINK_LAYER => {}
        _ => return None,
    }
    let mac = Mac::from_octets(identifier.array()?);
    (hardware == ETHERNET && identifier.is_empty() && mac.is_device()).then_some(mac)
}

/// The name in a Client FQDN option (RFC 4704 section 4.1): flags, then a name in wire form
/// that may be partial, without its end.
fn host(mut value: Reader<'_>, room: &mut NameText) -> Option<String> {
    value.skip(1)?;
    let whole = [value.rest(), &[0]].concat();
    room.read_dns(&whole, 0)?;
    room.name().map(|name| name.as_str().to_owned()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyed::Key;
    use crate::testing::{Heard, listen};

    const DUID: &[u8] = &[0, 1, 0, 14, 0, 1, 0, 1, 0x2c, 0, 0, 0, 0x52, 0x54, 0, 0x1d, 0, 5];
    const NAME: &[u8] = &[0, 39, 0, 7, 0, 5, b'p', b'a', b'd', b'-', b'7'];
    const ADDRESS: [u8; 16] = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x23];

    fn association(valid: u32) -> Vec<u8> {
        let mut bytes = vec![0, 3, 0, 40];
        bytes.extend([0; 12]);
        bytes.extend([0, 5, 0, 24]);
        bytes.extend(ADDRESS);
        bytes.extend([0, 0, 0, 9]);
        bytes.extend(valid.to_be_bytes());
        bytes
    }

    fn message(kind: u8, options: &[&[u8]]) -> Vec<u8> {
        [&[kind, 0, 0, 9], &options.concat()[..]].concat()
    }

    fn heard(datagrams: &[Vec<u8>]) -> Vec<Heard> {
        let mut requests = Requests::new(Key::new([4; 16]));
        listen(|_, voice| {
            for bytes in datagrams {
                requests.datagram6(bytes, Timestamp::EPOCH, None, voice);
            }
        })
    }

    #[test]
    fn a_reply_binds_and_takes_the_name_from_its_request() {
        let request = message(3, &[DUID, NAME]);
        let reply = message(7, &[DUID, &association(3600)]);
        let bound = "leased 52:54:00:1d:00:05 2001:db8::23 3600s host pad-7";
        assert_eq!(heard(&[request, reply]), [bound]);
    }

    #[test]
    fn a_relay_around_a_reply_is_opened() {
        let reply = message(7, &[DUID, &association(60)]);
        let length = u16::try_from(reply.len()).unwrap().to_be_bytes();
        let relayed = [&[13, 0][..], &[0; 32], &[0, 9], &length, &reply].concat();
        assert_eq!(heard(&[relayed]), ["leased 52:54:00:1d:00:05 2001:db8::23 60s host -"]);
    }

    #[test]
    fn a_release_frees_as_does_a_reply_of_no_time() {
        let released = "released 52:54:00:1d:00:05 2001:db8::23";
        assert_eq!(heard(&[message(8, &[DUID, &association(60)])]), [released]);
        assert_eq!(heard(&[message(7, &[DUID, &association(0)])]), [released]);
        assert!(heard(&[message(2, &[DUID, &association(60)])]).is_empty(), "only an offer");
    }

    #[test]
    fn who_is_named_by_a_number_of_its_own_binds_nothing() {
        let vendor = [0, 1, 0, 8, 0, 2, 0, 0, 0, 9, 1, 2];
        assert!(heard(&[message(7, &[&vendor, &association(60)])]).is_empty());
    }

    #[test]
    fn prefixes_and_bent_octets_are_survived() {
        let whole = message(7, &[DUID, NAME, &association(3600)]);
        for end in 0..whole.len() {
            assert!(heard(&[whole[..end].to_vec()]).len() <= 1);
        }
        for at in 0..whole.len() {
            for octet in 0..=255 {
                let mut bent = whole.clone();
                bent[at] = octet;
                assert!(heard(&[bent]).len() <= 1);
            }
        }
        let nested = [&[13, 0][..], &[0; 32], &[0, 9, 0xff, 0xff]].concat().repeat(64);
        assert!(heard(&[nested]).is_empty());
    }
}
