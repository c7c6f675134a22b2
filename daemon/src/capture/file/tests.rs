//! Files of every format, whole, cut and damaged.

use super::super::tests::read_as;
use super::forge::{MICROS, NANOS, pcap};
use super::*;

fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 12).unwrap().to_le_bytes();
    [&kind.to_le_bytes()[..], &length, body, &length].concat()
}

fn pcapng(resolution: u8, stamp: u64, packet: &[u8; 4]) -> Vec<u8> {
    let section = block(0x0a0d_0d0a, b"\x4d\x3c\x2b\x1a\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff");
    let interface =
        block(1, &[1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0, resolution, 0, 0, 0, 0, 0, 0, 0]);
    let [high, low] = [stamp >> 32, stamp & 0xffff_ffff].map(|n| u32::try_from(n).unwrap());
    let mut body = Vec::new();
    for n in [0, high, low, 3, 9] {
        body.extend(n.to_le_bytes());
    }
    body.extend(packet);
    [section, interface, block(6, &body)].concat()
}

/// Time in microseconds, bytes kept, octets on the wire.
#[derive(Debug, PartialEq, Eq)]
struct Seen(i64, Vec<u8>, u32);

fn read(bytes: Vec<u8>) -> (Vec<Seen>, Option<String>) {
    read_as(io::Cursor::new(bytes), |packet| {
        Seen(packet.at.as_micros(), packet.bytes.to_vec(), packet.original_len)
    })
}

#[test]
fn pcap_is_read_in_both_byte_orders_and_both_precisions() {
    for big in [false, true] {
        for (magic, fraction) in [(MICROS, 250_000), (NANOS, 250_000_999)] {
            let bytes = pcap(magic, big, &[(7, fraction, b"one"), (8, 0, b"")]);
            let expected = vec![Seen(7_250_000, b"one".to_vec(), 4), Seen(8_000_000, vec![], 1)];
            assert_eq!(read(bytes), (expected, None));
        }
    }
}

#[test]
fn pcapng_is_read_with_any_resolution() {
    for (resolution, stamp) in
        [(6, 7_250_000), (9, 7_250_000_999), (0x82, 29), (0x80 | 20, 29 << 18)]
    {
        let expected = vec![Seen(7_250_000, b"one".to_vec(), 9)];
        assert_eq!(read(pcapng(resolution, stamp, b"one\0")), (expected, None));
    }
}

#[test]
fn a_packet_longer_than_the_buffer_is_read() {
    let long = vec![7; 3 * BLOCK_BYTES];
    let (packets, fault) = read(pcap(MICROS, false, &[(1, 0, &long), (2, 0, b"two")]));
    assert_eq!((packets.len(), fault), (2, None));
    assert_eq!(packets[0].1, long);
}

#[test]
fn a_file_cut_anywhere_gives_all_before_the_cut_and_says_where() {
    for whole in [pcap(MICROS, false, &[(1, 0, b"one"), (2, 0, b"two")]), pcapng(6, 1, b"one\0")] {
        let (all, none) = read(whole.clone());
        assert_eq!(none, None);
        for end in 0..whole.len() {
            let (packets, fault) = read(whole[..end].to_vec());
            assert!(packets.len() <= all.len() && all.starts_with(&packets), "{end}");
            if let Some(fault) = fault {
                assert!(fault.starts_with("lesson.pcap: ") && !fault.contains('\n'), "{fault}");
            } else {
                assert!(packets.len() < all.len(), "a cut between records, at {end}");
            }
        }
    }
    let mut cut = pcap(MICROS, false, &[(1, 0, b"one"), (2, 0, b"two")]);
    cut.pop();
    let (packets, fault) = read(cut);
    assert_eq!(packets.len(), 1);
    let says = "lesson.pcap: ends inside the packet that begins at octet 43; everything before it was read";
    assert_eq!(fault.as_deref(), Some(says));
}

#[test]
fn damage_and_strangers_get_one_sentence() {
    let starts = |bytes: &[u8], says: &str| {
        let (_, fault) = read(bytes.to_vec());
        assert!(fault.as_ref().is_some_and(|f| f.starts_with(says)), "{fault:?}");
    };
    starts(b"", "lesson.pcap: is empty");
    starts(b"name,role\na.pupil,pupil\n", "lesson.pcap: is no capture file");
    let mut huge = pcap(MICROS, false, &[(1, 0, b"one")]);
    huge[32..36].copy_from_slice(&u32::MAX.to_le_bytes());
    starts(&huge, "lesson.pcap: ");
}

#[test]
fn any_octet_of_a_file_may_be_bent() {
    for whole in [pcap(NANOS, true, &[(1, 0, b"one"), (2, 0, b"two")]), pcapng(6, 1, b"one\0")] {
        for at in 0..whole.len() {
            for octet in [0, 1, 0x7f, 0x80, 0xff, whole[at] ^ 1] {
                let mut bent = whole.clone();
                bent[at] = octet;
                let (packets, _) = read(bent);
                assert!(packets.len() <= 2);
            }
        }
    }
}
