//! Capture files in every form that other programs write them in, whole and damaged.

use std::io::{self, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use wire::{LinkType, Packet};

use super::file::forge::{MICROS, NANOS, pcap};
use super::{CaptureFile, Reading};

/// Packets as (second, link, octets), and the fault that ended them.
type Seen = (Vec<(i64, LinkType, Vec<u8>)>, Option<String>);

fn read(stream: impl Read + Send + 'static) -> Seen {
    read_as(stream, |packet| {
        (packet.at.as_micros() / 1_000_000, packet.link, packet.bytes.to_vec())
    })
}

/// What is kept of each packet of a capture, and the fault that ended it.
pub fn read_as<T>(
    stream: impl Read + Send + 'static,
    keep: impl Fn(Packet<'_>) -> T,
) -> (Vec<T>, Option<String>) {
    let mut packets = Vec::new();
    let mut file =
        match CaptureFile::from_stream(Path::new("lesson.pcap"), stream, Reading::ByTaker) {
            Ok(file) => file,
            Err(fault) => return (packets, Some(fault.to_string())),
        };
    loop {
        match file.advance() {
            Ok(true) => packets.push(keep(file.packet().expect("found"))),
            Ok(false) => return (packets, None),
            Err(fault) => return (packets, Some(fault.to_string())),
        }
    }
}

fn read_bytes(bytes: Vec<u8>) -> Seen {
    read(io::Cursor::new(bytes))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes).expect("packed");
    packed.finish().expect("packed")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// A capture of many packets that do not pack to nothing.
fn long() -> Vec<u8> {
    let mut state = 1_u32;
    let octets: Vec<Vec<u8>> = (0..3_000)
        .map(|_| {
            let octet = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state.to_be_bytes()[0]
            };
            std::iter::repeat_with(octet).take(300).collect()
        })
        .collect();
    let packets: Vec<_> =
        octets.iter().enumerate().map(|(n, o)| (u32::try_from(n).unwrap(), 0, &o[..])).collect();
    pcap(MICROS, false, &packets)
}

#[test]
fn a_packed_capture_is_known_by_its_content_and_read_like_the_bare_one() {
    let bare = long();
    let expected = read_bytes(bare.clone());
    assert_eq!((expected.0.len(), &expected.1), (3_000, &None));
    for packed in [gzip(&bare), zstd(&bare)] {
        assert!(read_bytes(packed) == expected, "another reading");
    }
}

#[test]
fn packed_parts_one_after_another_are_one_capture() {
    let bare = long();
    let expected = read_bytes(bare.clone());
    let (front, back) = bare.split_at(bare.len() / 2);
    assert!(read_bytes([gzip(front), gzip(back)].concat()) == expected);
    // A frame to be skipped may stand between frames of zstd (RFC 8878 section 3.1.2).
    let skipped = [&[0x53, 0x2a, 0x4d, 0x18, 5, 0, 0, 0][..], b"notes"].concat();
    assert!(read_bytes([zstd(front), skipped.clone(), zstd(back), skipped].concat()) == expected);
}

#[test]
fn a_packed_capture_that_is_cut_gives_all_before_the_cut_and_one_sentence() {
    let (all, _) = read_bytes(long());
    for (packed, word) in [(gzip(&long()), "gzip"), (zstd(&long()), "zstd")] {
        for part in 1..8 {
            let cut = packed.len() * part / 8;
            let (packets, fault) = read_bytes(packed[..cut].to_vec());
            let least = (all.len() * part / 8).saturating_sub(all.len() / 5);
            assert!(packets.len() >= least, "{word}, {part}/8: {} packets", packets.len());
            assert!(all.starts_with(&packets));
            let fault = fault.expect("it is cut");
            let says = format!("lesson.pcap: its {word} data ends early, at octet ");
            assert!(fault.starts_with(&says) && !fault.contains('\n'), "{fault}");
        }
        for cut in 5..packed.len().min(40) {
            let (_, fault) = read_bytes(packed[..cut].to_vec());
            assert!(fault.is_some_and(|f| f.contains("ends early")), "{word}, {cut} octets");
        }
    }
}

#[test]
fn damage_inside_packed_data_is_told_and_survived() {
    let (all, _) = read_bytes(long());
    for packed in [gzip(&long()), zstd(&long())] {
        for place in [8, 20, packed.len() / 3, packed.len() - 9] {
            let mut bent = packed.clone();
            bent[place] ^= 0x55;
            let (packets, fault) = read_bytes(bent);
            assert!(packets.len() <= all.len(), "{fault:?}");
        }
        let strangers = [packed, b"what is this".to_vec()].concat();
        let (packets, fault) = read_bytes(strangers);
        assert_eq!(packets.len(), all.len());
        assert!(fault.is_some_and(|f| f.contains("data is damaged")));
    }
    let (_, fault) = read_bytes(gzip(b"name,role\na.pupil,pupil\n"));
    assert!(fault.is_some_and(|f| f.contains("is no capture file")));
    let (_, fault) = read_bytes(gzip(&gzip(&long())));
    assert!(fault.is_some_and(|f| f.contains("is no capture file")), "packed twice");
}

/// Gives one octet at a time, as a slow pipe may.
struct Drip(io::Cursor<Vec<u8>>);

impl Read for Drip {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let end = room.len().min(1);
        self.0.read(&mut room[..end])
    }
}

#[test]
fn a_pipe_that_gives_an_octet_at_a_time_is_read_like_a_file() {
    let packets: Vec<_> = (0..40).map(|n| (n, 0, &b"octets"[..])).collect();
    let bare = pcap(NANOS, true, &packets);
    let sections = [section(false, &[1], &[(0, 5)]), section(true, &[101], &[(0, 6)])].concat();
    for bytes in [bare.clone(), gzip(&bare), zstd(&bare), sections] {
        let expected = read_bytes(bytes.clone());
        assert_eq!(expected.1, None);
        assert!(read(Drip(io::Cursor::new(bytes))) == expected);
    }
}

/// A source that fails after so many octets.
struct Failing(io::Take<io::Cursor<Vec<u8>>>);

impl Read for Failing {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self.0.read(room)? {
            0 => Err(io::Error::from_raw_os_error(5)),
            given => Ok(given),
        }
    }
}

#[test]
fn a_disk_that_fails_is_told_apart_from_a_file_that_ends() {
    let bare = long();
    for bytes in [bare.clone(), gzip(&bare), zstd(&bare)] {
        let half = u64::try_from(bytes.len() / 2).unwrap();
        let (packets, fault) = read(Failing(io::Cursor::new(bytes).take(half)));
        assert!(packets.len() > 1_000, "{}", packets.len());
        let fault = fault.expect("it fails");
        assert!(fault.starts_with("lesson.pcap: can not be read at octet "), "{fault}");
        assert!(fault.contains("os error 5"), "{fault}");
    }
}

#[test]
fn a_file_that_would_unpack_to_a_billion_octets_is_read_as_it_unpacks() {
    // A packet that claims to be as long as no packet is: nothing of it is kept.
    let mut bomb = pcap(MICROS, false, &[(1, 0, b"one")]);
    bomb.extend([0; 8]);
    bomb.extend([0xff, 0xff, 0xff, 0x7f].repeat(2));
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&bomb).expect("packed");
    for _ in 0..1_000 {
        packed.write_all(&vec![0; 1_000_000]).expect("packed");
    }
    let packed = packed.finish().expect("packed");
    let given = Counted::default();
    let source = Counting(io::Cursor::new(packed), given.clone());
    let (packets, fault) = read(source);
    assert_eq!(packets.len(), 1);
    assert!(fault.is_some_and(|fault| fault.starts_with("lesson.pcap: is damaged at octet 43")));
    let taken = given.load(std::sync::atomic::Ordering::Relaxed);
    assert!(taken < 400_000, "{taken} packed octets were unpacked");
}

type Counted = std::sync::Arc<std::sync::atomic::AtomicUsize>;

/// Counts what is taken of it.
struct Counting(io::Cursor<Vec<u8>>, Counted);

impl Read for Counting {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let given = self.0.read(room)?;
        self.1.fetch_add(given, std::sync::atomic::Ordering::Relaxed);
        Ok(given)
    }
}

#[test]
fn each_section_of_pcapng_has_its_own_order_of_octets_and_interfaces() {
    let file = [
        section(false, &[1, 101], &[(0, 5), (1, 6)]),
        section(true, &[113], &[(0, 7)]),
        section(false, &[101], &[(0, 8)]),
    ]
    .concat();
    let seen: Vec<_> = read_bytes(file).0.into_iter().map(|(at, link, _)| (at, link)).collect();
    let (ethernet, raw) = (LinkType::Ethernet, LinkType::RawIp);
    assert_eq!(seen, [(5, ethernet), (6, raw), (7, LinkType::LinuxSll), (8, raw)]);
    let (packets, fault) =
        read_bytes([section(false, &[1, 1], &[]), section(true, &[1], &[(1, 9)])].concat());
    assert!(packets.is_empty(), "interfaces of another section");
    assert!(fault.is_some_and(|f| f.contains("names interface 1")));
}

#[test]
fn a_link_that_is_not_read_is_told_and_every_other_interface_is_read() {
    let (packets, fault) = read_bytes(section(false, &[189, 101], &[(0, 5), (1, 6), (0, 7)]));
    assert_eq!(packets.len(), 3);
    let told = fault.expect("a sentence");
    assert!(told.ends_with("2 packets of link type 189 were passed over, which is none that is read; the 1 others were read"), "{told}");
    let mut bare = pcap(MICROS, false, &[(1, 0, b"data"), (2, 0, b"data")]);
    bare[20] = 189;
    for big in [false, true] {
        let (packets, fault) = read_bytes(match big {
            true => section(big, &[189], &[(0, 5), (0, 6)]),
            false => bare.clone(),
        });
        assert_eq!(packets.len(), 2);
        let told = fault.expect("a sentence");
        assert!(
            told.contains(": nothing in it was read: its 2 packets are of link type 189"),
            "{told}"
        );
    }
    bare.truncate(24);
    assert_eq!(read_bytes(bare).1, None, "nothing was passed over");
}

#[test]
fn the_length_of_a_checksum_in_the_header_hides_no_link() {
    for big in [false, true] {
        let mut file = pcap(MICROS, big, &[(1, 0, b"data")]);
        file[if big { 20 } else { 23 }] = 0x24;
        let (packets, fault) = read_bytes(file);
        assert_eq!((packets, fault), (vec![(1, LinkType::Ethernet, b"data".to_vec())], None));
    }
}

#[test]
fn the_block_that_pcapng_had_for_packets_at_first_is_read_in_both_orders() {
    for big in [false, true] {
        let mut file = section(big, &[1, 101], &[(1, 5)]);
        let whole = read_bytes(file.clone());
        let block = file.len() - 36;
        let half = |n: u16| if big { n.to_be_bytes() } else { n.to_le_bytes() };
        file[if big { block + 3 } else { block }] = 2;
        // The interface in two octets, and lost packets in two more.
        file[block + 8..block + 12].copy_from_slice(&[half(1), half(0xffff)].concat());
        assert!(whole.0.len() == 1 && read_bytes(file.clone()) == whole, "{big}");
        file[block + 8..block + 10].copy_from_slice(&half(7));
        assert!(read_bytes(file).1.is_some_and(|fault| fault.contains("names interface 7")));
    }
}

#[test]
fn noughts_behind_packed_data_and_frames_of_none_before_it_are_passed_over() {
    let bare = pcap(MICROS, false, &[(1, 0, b"data"), (2, 0, b"more")]);
    let expected = read_bytes(bare.clone());
    let noughts = vec![0; 70_000];
    let (one, other) = bare.split_at(50);
    for packed in [
        [&gzip(&bare)[..], &noughts].concat(),
        [&gzip(one)[..], &noughts[..3], &gzip(other), &noughts].concat(),
        [&b"\x50\x2a\x4d\x18\x03\0\0\0abc"[..], &zstd(&bare)].concat(),
        [&b"\x5f\x2a\x4d\x18\0\0\0\0"[..], &zstd(&bare)].concat(),
    ] {
        assert!(read_bytes(packed) == expected, "another reading");
    }
    let (packets, fault) = read_bytes([&gzip(&bare)[..], &[0, 0, 7]].concat());
    assert!(packets == expected.0 && fault.is_some(), "what follows is no gzip");
}

#[test]
fn what_can_not_be_opened_is_told_without_a_place_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let fault =
        |path: &Path| CaptureFile::open(path, Reading::ByTaker).err().expect("a fault").to_string();
    let missing = fault(&folder.path().join("none.pcap"));
    assert!(missing.contains("none.pcap: can not be read: No such file"), "{missing}");
    assert!(fault(folder.path()).ends_with(": is a folder; name the capture files in it"));
    let short = folder.path().join("short.pcap");
    std::fs::write(&short, &pcap(MICROS, false, &[])[..10]).expect("written");
    assert!(fault(&short).ends_with("ends inside its own header, before the first packet"));
    std::fs::write(&short, &section(true, &[], &[])[..20]).expect("written");
    assert!(fault(&short).ends_with("ends inside its own header, before the first packet"));
}

/// A section with these links and packets, each (interface, second).
fn section(big: bool, links: &[u16], packets: &[(u32, u32)]) -> Vec<u8> {
    let half = |n: u16| if big { n.to_be_bytes() } else { n.to_le_bytes() };
    let word = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
    let block = |kind: u32, body: Vec<u8>| {
        let length = word(u32::try_from(body.len() + 12).unwrap());
        [&word(kind)[..], &length, &body, &length].concat()
    };
    let head = [&word(0x1a2b_3c4d)[..], &half(1), &half(0), &[0xff; 8]].concat();
    let mut bytes = block(0x0a0d_0d0a, head);
    for link in links {
        bytes.extend(block(1, [half(*link), half(0)].concat().into_iter().chain([0; 4]).collect()));
    }
    for (interface, second) in packets {
        let micros = u64::from(*second) * 1_000_000;
        let words = [*interface, (micros >> 32) as u32, micros as u32, 4, 4];
        let body = words.into_iter().flat_map(word).chain(*b"data").collect();
        bytes.extend(block(6, body));
    }
    bytes
}
