//! The filter over frames in words; over traffic and captures it is tried beside the forge.

use super::*;

pub(super) fn usual() -> Filter {
    let tls = wire::Settings::default().tls_ports;
    Filter::new(Ports::new(&[53], &tls, &[]), 16_384).expect("a program")
}

fn ethernet(tags: &[u16], kind: u16, packet: &[u8]) -> Vec<u8> {
    let mut frame = vec![2; 12];
    for tag in tags {
        frame.extend(tag.to_be_bytes());
        frame.extend([0, 7]);
    }
    frame.extend(kind.to_be_bytes());
    frame.extend(packet);
    frame.resize(frame.len().max(60), 0);
    frame
}

fn v4(protocol: u8, piece: u16, options: &[u8], inside: &[u8]) -> Vec<u8> {
    let header = u8::try_from(20 + options.len()).unwrap();
    let length = u16::try_from(usize::from(header) + inside.len()).unwrap().to_be_bytes();
    let [high, low] = piece.to_be_bytes();
    let first = 0x40 | (header / 4);
    let mut packet = vec![first, 0, length[0], length[1], 0, 1, high, low, 64, protocol, 0, 0];
    packet.extend([10, 77, 1, 23, 203, 0, 113, 7]);
    [&packet, options, inside].concat()
}

fn v6(next: u8, inside: &[u8]) -> Vec<u8> {
    let length = u16::try_from(inside.len()).unwrap().to_be_bytes();
    let mut packet = vec![0x60, 0, 0, 0, length[0], length[1], next, 64];
    packet.extend([0x20; 32]);
    [&packet, inside].concat()
}

fn tcp(from: u16, to: u16, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut segment = [from.to_be_bytes(), to.to_be_bytes()].concat();
    segment.extend([0, 0, 0, 9, 0, 1, 0x20, 0, 0x80, flags, 1, 0, 0, 0, 0, 0]);
    segment.extend([1; 12]);
    [&segment, payload].concat()
}

fn udp(from: u16, to: u16, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 8).unwrap();
    [&[from, to, length, 0].map(u16::to_be_bytes).concat(), payload].concat()
}

const ACK: u8 = 0x10;

fn hello(length: u8) -> Vec<u8> {
    [&[22, 3, 1, 0, length, 1][..], &[0; 90]].concat()
}

/// A hello to a port that no filter is made for, and whose end is in another segment.
pub(super) fn cut_hello() -> Vec<u8> {
    ethernet(&[], 0x0800, &v4(6, 0x4000, &[], &tcp(50_000, 9_443, ACK, &hello(200))))
}

/// A server's bulk.
pub(super) fn ordinary() -> Vec<u8> {
    ethernet(&[], 0x0800, &v4(6, 0x4000, &[], &tcp(443, 50_000, ACK, &[7; 60])))
}

/// A packet in GRE.
pub(super) fn wrapped() -> Vec<u8> {
    ethernet(&[], 0x0800, &v4(47, 0, &[], &[0; 60]))
}

#[test]
fn the_usual_program_is_small() {
    let length = usual().instructions().len();
    assert!((100..600).contains(&length), "{length} instructions");
}

#[test]
fn each_packet_passes_for_its_cause_or_not_behind_any_tags_and_in_both_families() {
    let filter = usual();
    let bulk = [&[23, 3, 3, 5, 0xa0][..], &[7; 1_400]].concat();
    let middle = [7; 1_448];
    let question = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\0\0\x01\0\x01";
    let quic = [&[0xc3, 0, 0, 0, 1, 8][..], &[0; 1_244]].concat();
    let sealed = [&[0x43][..], &[0x77; 1_200]].concat();
    let rtp = [&[0x80, 0x60][..], &[0x77; 160]].concat();
    let guard = |number: u8| [&[4, 0, 0, 0, 9, 9, 9, 9, number][..], &[0; 60]].concat();
    let cases: [(u8, Vec<u8>, Option<Cause>); 30] = [
        (6, tcp(443, 50_000, ACK, &bulk), None),
        (6, tcp(443, 50_000, ACK, &middle), None),
        (6, tcp(80, 50_000, ACK, &middle), None),
        (6, tcp(50_000, 443, ACK, &[]), None),
        (6, tcp(50_000, 443, ACK, &bulk), Some(Cause::Ports)),
        (6, tcp(50_000, 443, ACK, &middle), Some(Cause::Ports)),
        (6, tcp(50_000, 3_128, ACK, b"x"), Some(Cause::Ports)),
        (6, tcp(443, 50_000, ACK | 1, &middle), Some(Cause::Control)),
        (6, tcp(443, 50_000, ACK | 2, &[]), Some(Cause::Control)),
        (6, tcp(443, 50_000, ACK | 4, &[]), Some(Cause::Control)),
        (6, tcp(50_000, 9_443, ACK, &hello(90)), Some(Cause::Start)),
        (6, tcp(50_000, 9_443, ACK, &hello(200)), Some(Cause::CutHello)),
        (6, tcp(50_000, 9_443, ACK, &middle), None),
        (6, tcp(50_000, 9_443, ACK, &[22]), Some(Cause::Start)),
        (6, tcp(50_000, 9_000, ACK, b"GET / HTTP/1.1\r\n"), Some(Cause::Start)),
        (6, tcp(50_000, 9_000, ACK, b"GEX / HTTP/1.1\r\n"), None),
        (6, tcp(22, 50_000, ACK, b"SSH-2.0-OpenSSH_9.9\r\n"), Some(Cause::Start)),
        (6, tcp(53, 50_000, ACK, &middle), Some(Cause::BothWays)),
        (6, tcp(50_000, 88, ACK, &middle), Some(Cause::BothWays)),
        (17, udp(50_000, 53, question), Some(Cause::Datagram)),
        (17, udp(50_000, 5_300, question), Some(Cause::Message)),
        (17, udp(50_000, 443, &quic), Some(Cause::LongHeader)),
        (17, udp(443, 50_000, &sealed), None),
        (17, udp(50_000, 443, &sealed), None),
        (17, udp(50_000, 3_478, &rtp), None),
        (17, udp(50_000, 4_789, &middle), Some(Cause::Wrapped)),
        (17, udp(50_000, 51_820, &guard(32)), Some(Cause::TunnelHead)),
        (17, udp(50_000, 51_820, &guard(33)), None),
        (17, udp(50_000, 1_813, &middle), Some(Cause::Datagram)),
        (50, [&[0, 0, 1, 1, 0, 0, 9, 1][..], &[0; 60]].concat(), None),
    ];
    for tags in [&[][..], &[0x8100], &[0x88a8, 0x8100], &[0x9100, 0x8100]] {
        for (number, (protocol, inside, cause)) in cases.iter().enumerate() {
            let told = |packet: &[u8], kind| filter.passes(&ethernet(tags, kind, packet));
            for options in [&[][..], &[1; 4], &[1; 40]] {
                let packet = v4(*protocol, 0x4000, options, inside);
                assert_eq!(told(&packet, 0x0800), *cause, "case {number}, {tags:x?}");
            }
            assert_eq!(told(&v6(*protocol, inside), 0x86dd), *cause, "case {number}, {tags:x?}");
            let piece = v4(*protocol, 0x2000, &[], inside);
            assert_eq!(told(&piece, 0x0800), Some(Cause::Fragment), "case {number}");
            let extended = v6(0, &[&[*protocol, 0, 0, 0, 0, 0, 0, 0][..], inside].concat());
            assert_eq!(told(&extended, 0x86dd), Some(Cause::NotUnderstood), "case {number}");
        }
    }
}

#[test]
fn a_bare_acknowledgement_passes_about_once_each_stretch() {
    let filter = usual();
    let mut passed = 0;
    for number in (0..10_000_000_u32).step_by(2_896) {
        let mut segment = tcp(50_000, 443, ACK, &[]);
        segment[8..12].copy_from_slice(&number.to_be_bytes());
        let frame = ethernet(&[], 0x0800, &v4(6, 0x4000, &[], &segment));
        passed += u32::from(filter.passes(&frame) == Some(Cause::Acknowledged));
    }
    // Ten million octets are 76 stretches of 128 KiB.
    assert!((76..=154).contains(&passed), "{passed}");
}

#[test]
fn what_is_not_understood_passes_and_so_does_a_third_tag() {
    let filter = usual();
    let inside = v4(6, 0x4000, &[], &tcp(443, 50_000, ACK, &[7; 100]));
    for kind in [0x8847, 0x8864, 0x8863, 0x88cc, 0x0500] {
        assert_eq!(filter.passes(&ethernet(&[], kind, &inside)), Some(Cause::NotUnderstood));
    }
    let third = ethernet(&[0x88a8, 0x8100, 0x8100], 0x0800, &inside);
    assert_eq!(filter.passes(&third), Some(Cause::NotUnderstood));
    assert_eq!(filter.passes(&ethernet(&[0x8100], 0x0806, &[0; 28])), Some(Cause::Neighbours));
    assert_eq!(filter.passes(&wrapped()), Some(Cause::NotUnderstood));
}

#[test]
fn no_prefix_of_a_frame_that_is_read_is_lost_for_want_of_octets() {
    let filter = usual();
    for (protocol, inside) in [(6, tcp(50_000, 443, ACK, &[7; 40])), (17, udp(9, 53, &[0; 40]))] {
        let frame = ethernet(&[0x8100], 0x0800, &v4(protocol, 0x4000, &[], &inside));
        for end in 0..=frame.len() {
            assert!(filter.passes(&frame[..end]).is_some(), "{protocol} {end}");
        }
    }
}

#[test]
fn as_many_ports_as_may_be_written_make_a_program_that_the_kernel_takes() {
    let further: Vec<u16> = (10_000..10_064).collect();
    let tls = wire::Settings::default().tls_ports;
    let filter = Filter::new(Ports::new(&[53; 16], &tls, &further), 16_384).expect("a program");
    assert!(filter.instructions().len() < 1_000);
    for port in [10_000, 10_063] {
        let segment = tcp(50_000, port, ACK, &[7; 100]);
        let frame = ethernet(&[], 0x0800, &v4(6, 0x4000, &[], &segment));
        assert_eq!(filter.passes(&frame), Some(Cause::Ports));
    }
    let many: Vec<u16> = (1..6_000).collect();
    assert!(Filter::new(Ports::new(&[53], &[], &many), 16_384).is_err());
}
