//! DHCPv4 (RFC 2131): which device was given which address, and which gave one back.

use std::net::Ipv4Addr;

use facts::{Assertion, Mac, Span, Timestamp};

use super::text;
use crate::keyed::Key;
use crate::limits::{LONGEST_TEXT, MOST_DHCP_REQUESTS};
use crate::reader::Reader;
use crate::table::Table;
use crate::voice::{Heading, Voice};

/// The ports of server and client.
pub(crate) const PORTS: [u16; 2] = [SERVER, 68];
/// Servers and relays send from it (RFC 2131 section 4.1).
const SERVER: u16 = 67;

const COOKIE: u32 = 0x6382_5363;
/// Hardware with addresses like those of Ethernet: itself, and IEEE 802 of all kinds.
const HARDWARE: [u8; 2] = [1, 6];

const REQUEST: u8 = 3;
const ACK: u8 = 5;
const RELEASE: u8 = 7;

const PAD: u8 = 0;
const HOST_NAME: u8 = 12;
const LEASE_TIME: u8 = 51;
const OVERLOAD: u8 = 52;
const MESSAGE_TYPE: u8 = 53;
const END: u8 = 255;

/// A server answers a request within this or not at all.
const ANSWER_COMES: Span = Span::seconds(60);

/// Transaction number and device: what a request and its answer share.
pub(super) type Transaction = (u32, Mac);

/// The host names that clients gave in requests, until the answers come.
pub(crate) struct Requests {
    names: Table<Transaction, String>,
}

/// The parts of a message that matter.
struct Message<'a> {
    transaction: Transaction,
    client: Ipv4Addr,
    yours: Ipv4Addr,
    kind: u8,
    host: Option<&'a [u8]>,
    lease: Option<u32>,
}

impl Requests {
    pub(crate) fn new(key: Key) -> Self {
        Self { names: Table::new(MOST_DHCP_REQUESTS, key) }
    }

    pub(crate) fn bytes_held(&self) -> usize {
        // Replacement characters take three octets for one.
        self.names
            .bytes_held()
            .saturating_add(self.names.len().saturating_mul(LONGEST_TEXT).saturating_mul(3))
    }

    pub(crate) const fn most_bytes() -> usize {
        Table::<Transaction, String>::most_bytes(MOST_DHCP_REQUESTS)
            .saturating_add(MOST_DHCP_REQUESTS.saturating_mul(LONGEST_TEXT).saturating_mul(3))
    }

    /// Keeps the name of a request for its answer. Some devices use one number for ever: an
    /// older name is not that of a request without one.
    pub(super) fn remember(
        &mut self,
        transaction: Transaction,
        host: Option<String>,
        at: Timestamp,
    ) {
        match host {
            Some(host) => _ = self.names.set(transaction, host, at),
            None => _ = self.names.remove(&transaction),
        }
    }

    /// Lets go of names whose request nobody answered in time.
    pub(super) fn forget_unanswered(&mut self, now: Timestamp) {
        while self.names.take_older_than(now - ANSWER_COMES).is_some() {}
    }

    /// The name that a request gave.
    pub(super) fn remembered(&self, transaction: &Transaction) -> Option<String> {
        self.names.value(transaction).cloned()
    }

    /// Takes a datagram between the DHCP ports.
    pub(crate) fn datagram(&mut self, bytes: &[u8], heading: &Heading, voice: &mut Voice<'_, '_>) {
        let (at, vlan) = (heading.at, heading.frame.vlan);
        let Some(message) = Message::read(bytes) else {
            voice.counters.broken_claims = voice.counters.broken_claims.saturating_add(1);
            return;
        };
        let (_, mac) = message.transaction;
        self.forget_unanswered(at);
        match message.kind {
            REQUEST => {
                let host = message.host.and_then(text);
                self.remember(message.transaction, host, at);
            }
            // The answer to INFORM gives no address: nothing is bound by it.
            // And what a client's port sends is no server's.
            ACK if !message.yours.is_unspecified() && heading.path.sport == SERVER => {
                let host =
                    message.host.and_then(text).or_else(|| self.remembered(&message.transaction));
                // A lease without a time proves this moment and no more.
                let lease = message.lease.map_or(Span::ZERO, |s| Span::seconds(i64::from(s)));
                let address = message.yours.into();
                voice.claim(at, Assertion::Leased { mac, address, vlan, lease, host });
            }
            RELEASE if !message.client.is_unspecified() => {
                voice.claim(at, Assertion::Released { mac, address: message.client.into() });
            }
            _ => {}
        }
    }
}

impl<'a> Message<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        reader.skip(1)?;
        let [hardware, length] = reader.array()?;
        reader.skip(1)?;
        let number = reader.u32()?;
        reader.skip(4)?;
        let client = Ipv4Addr::from(reader.array::<4>()?);
        let yours = Ipv4Addr::from(reader.array::<4>()?);
        // Next server, relay.
        reader.skip(8)?;
        let [a, b, c, d, e, f] = reader.array()?;
        reader.skip(10)?;
        let server_name = reader.part(64)?;
        let file = reader.part(128)?;
        if reader.u32()? != COOKIE || !HARDWARE.contains(&hardware) || length != 6 {
            return None;
        }
        let mac = Mac::from_octets([a, b, c, d, e, f]);
        let transaction = (number, mac);
        let mut message = Self { transaction, client, yours, kind: 0, host: None, lease: None };
        let overload = message.options(reader);
        // Options may go on in the two fields that came before (RFC 2132 section 9.3).
        if overload & 1 != 0 {
            message.options(file);
        }
        if overload & 2 != 0 {
            message.options(server_name);
        }
        (message.kind != 0).then_some(message)
    }

    /// Reads options as far as they go and gives back the overload flags.
    fn options(&mut self, mut reader: Reader<'a>) -> u8 {
        let mut overload = 0;
        while let Some(code) = reader.u8() {
            if code == PAD {
                continue;
            }
            if code == END {
                break;
            }
            let Some(mut value) = reader.part8() else { break };
            match code {
                HOST_NAME => self.host = self.host.or(Some(value.rest())),
                LEASE_TIME => self.lease = value.u32(),
                OVERLOAD => overload = value.u8().unwrap_or(0),
                MESSAGE_TYPE => self.kind = value.u8().unwrap_or(0),
                _ => {}
            }
        }
        overload
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Heard, heading, listen};

    fn message(ciaddr: [u8; 4], yiaddr: [u8; 4], options: &[u8]) -> Vec<u8> {
        let mut bytes = vec![2, 1, 6, 0, 0, 0, 0, 9, 0, 0, 0, 0];
        bytes.extend(ciaddr);
        bytes.extend(yiaddr);
        bytes.extend([0; 8]);
        bytes.extend([0x52, 0x54, 0, 0x1d, 0, 5]);
        bytes.extend([0; 10 + 64 + 128]);
        bytes.extend(COOKIE.to_be_bytes());
        bytes.extend(options);
        bytes
    }

    fn heard(datagrams: &[Vec<u8>]) -> Vec<Heard> {
        let mut requests = Requests::new(Key::new([4; 16]));
        listen(|_, voice| {
            for bytes in datagrams {
                requests.datagram(bytes, &from_server(Timestamp::EPOCH), voice);
            }
        })
    }

    /// What is heard of a request and an acknowledgement so many seconds after it.
    fn answered(requests: &[Vec<u8>], seconds: i64) -> Vec<Heard> {
        let ack = message(NONE, GIVEN, b"\x35\x01\x05\xff");
        let mut waiting = Requests::new(Key::new([4; 16]));
        listen(|_, voice| {
            for bytes in requests {
                waiting.datagram(bytes, &from_server(Timestamp::EPOCH), voice);
            }
            waiting.datagram(&ack, &from_server(Timestamp::from_seconds(seconds)), voice);
        })
    }

    fn from_server(at: Timestamp) -> Heading {
        let mut heading = Heading { at, ..heading() };
        (heading.path.sport, heading.path.dport) = (67, 68);
        heading
    }

    #[test]
    fn an_acknowledgement_that_a_client_sends_binds_nothing() {
        let ack = message(NONE, GIVEN, b"\x35\x01\x05\xff");
        let mut heading = from_server(Timestamp::EPOCH);
        (heading.path.sport, heading.path.dport) = (68, 67);
        let mut requests = Requests::new(Key::new([4; 16]));
        assert!(listen(|_, voice| requests.datagram(&ack, &heading, voice)).is_empty());
    }

    const NONE: [u8; 4] = [0; 4];
    const GIVEN: [u8; 4] = [10, 1, 4, 23];

    #[test]
    fn an_acknowledgement_binds_and_takes_the_name_from_its_request() {
        let request = message(NONE, NONE, b"\x35\x01\x03\x0c\x05pad-7\xff");
        let ack = message(NONE, GIVEN, b"\x35\x01\x05\x33\x04\0\0\x0e\x10\xff");
        let bound = "leased 52:54:00:1d:00:05 10.1.4.23 3600s host pad-7";
        assert_eq!(heard(&[request, ack]), [bound]);
        let named = message(NONE, GIVEN, b"\x33\x04\0\0\x0e\x10\x35\x01\x05\x0c\x06pad-8\0\xff");
        assert_eq!(heard(&[named]), ["leased 52:54:00:1d:00:05 10.1.4.23 3600s host pad-8"]);
    }

    #[test]
    fn a_name_of_another_request_is_not_taken_for_this_ones() {
        let named = message(NONE, NONE, b"\x35\x01\x03\x0c\x05pad-7\xff");
        let bare = message(NONE, NONE, b"\x35\x01\x03\xff");
        let leased = |host| [format!("leased 52:54:00:1d:00:05 10.1.4.23 0s host {host}")];
        assert_eq!(answered(std::slice::from_ref(&named), 60), leased("pad-7"));
        assert_eq!(answered(std::slice::from_ref(&named), 61), leased("-"), "long ago");
        assert_eq!(answered(&[named, bare], 1), leased("-"), "the same number again");
    }

    #[test]
    fn the_answer_to_inform_binds_nothing_and_a_release_frees() {
        assert!(heard(&[message(GIVEN, NONE, b"\x35\x01\x05\xff")]).is_empty());
        let release = message(GIVEN, NONE, b"\x35\x01\x07\xff");
        assert_eq!(heard(&[release]), ["released 52:54:00:1d:00:05 10.1.4.23"]);
    }

    #[test]
    fn options_go_on_in_the_file_field() {
        let mut ack = message(NONE, GIVEN, b"\x35\x01\x05\x34\x01\x01\xff");
        ack[108..116].copy_from_slice(b"\x0c\x05pad-9\xff");
        assert_eq!(heard(&[ack]), ["leased 52:54:00:1d:00:05 10.1.4.23 0s host pad-9"]);
    }

    #[test]
    fn prefixes_and_bent_octets_are_survived() {
        let whole = message(NONE, GIVEN, b"\x35\x01\x05\x33\x04\0\0\x0e\x10\x0c\x05pad-7\xff");
        for end in 0..whole.len() {
            assert!(heard(&[whole[..end].to_vec()]).len() <= 1);
        }
        for at in (0..44).chain(230..whole.len()) {
            for octet in 0..=255 {
                let mut bent = whole.clone();
                bent[at] = octet;
                assert!(heard(&[bent]).len() <= 1);
            }
        }
    }
}
