//! What is printed of forged captures, line by line.

use std::path::PathBuf;

use facts::Name;
use wire::DnsPorts;

use super::{Copies, ObserveError, Printer, Pseudonyms, Show, files};
use crate::capture::forge::{MICROS, pcap};

const SECOND: u32 = 1_795_338_000;

/// An Ethernet frame around a UDP datagram between these hosts of 10.1.0.0/16.
fn udp(from: [u8; 2], to: [u8; 2], ports: (u16, u16), payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
    let length = u16::try_from(payload.len() + 28).unwrap().to_be_bytes();
    frame.extend([0x45, 0, length[0], length[1], 0, 0, 0, 0, 64, 17, 0, 0]);
    frame.extend([10, 1, from[0], from[1], 10, 1, to[0], to[1]]);
    frame.extend([ports.0.to_be_bytes(), ports.1.to_be_bytes()].concat());
    frame.extend(u16::try_from(payload.len() + 8).unwrap().to_be_bytes());
    frame.extend([0, 0]);
    frame.extend(payload);
    frame
}

/// The same around a TCP segment to port 80.
fn tcp(from: [u8; 2], payload: &str) -> Vec<u8> {
    let header =
        [&[0, 0, 0, 100, 0, 0, 0, 9, 0x50, 0x18, 1, 0, 0, 0, 0, 0][..], payload.as_bytes()];
    let mut frame = udp(from, [0, 1], (50_000, 80), &[]);
    frame[23] = 6;
    let length = u16::try_from(payload.len() + 40).unwrap().to_be_bytes();
    frame[16..18].copy_from_slice(&length);
    frame.truncate(38);
    frame.extend(header.concat());
    frame
}

/// A DNS question for an address of `name`.
fn question(from: [u8; 2], name: &str) -> Vec<u8> {
    let mut message = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0".to_vec();
    for label in name.split('.') {
        message.push(u8::try_from(label.len()).unwrap());
        message.extend(label.as_bytes());
    }
    message.extend(b"\0\0\x01\0\x01");
    udp(from, [0, 1], (50_000, 53), &message)
}

fn helpline(name: Name<'_>) -> bool {
    Name::from_canonical("helpline.example").is_some_and(|zone| name.is_within(zone))
}

fn printed(frames: &[Vec<u8>]) -> Vec<String> {
    lines(&show(Show::Plain, frames))
}

fn show(show: Show, frames: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut printer = Printer::new(show, Copies::Kept, DnsPorts::default(), &helpline, &mut out)
        .expect("random numbers");
    for (frame, second) in frames.iter().zip(0..) {
        let packet = wire::Packet {
            at: facts::Timestamp::from_seconds(i64::from(SECOND) + second),
            link: wire::LinkType::Ethernet,
            bytes: frame,
            original_len: u32::try_from(frame.len()).unwrap(),
        };
        printer.packet(&packet);
    }
    printer.finish().expect("printed");
    out
}

fn lines(out: &[u8]) -> Vec<String> {
    String::from_utf8(out.to_vec()).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn a_question_is_one_line_with_the_fields_of_the_contract() {
    let expected = r#"{"kind":"dns_query","time":"2026-11-22T09:00:00.000000Z","src":"10.1.4.23","dst":"10.1.0.1","name":"www.example","qtype":"A"}"#;
    assert_eq!(printed(&[question([4, 23], "WWW.Example")]), [expected]);
}

#[test]
fn what_a_mirror_copied_twice_is_printed_once_where_that_is_asked() {
    let frame = question([4, 23], "www.example");
    for (copies, expected) in [(Copies::Kept, 2), (Copies::Dropped, 1)] {
        let mut out = Vec::new();
        let mut printer =
            Printer::new(Show::Plain, copies, DnsPorts::default(), &helpline, &mut out).unwrap();
        for _ in 0..2 {
            printer.packet(&wire::Packet {
                at: facts::Timestamp::from_seconds(i64::from(SECOND)),
                link: wire::LinkType::Ethernet,
                bytes: &frame,
                original_len: u32::try_from(frame.len()).unwrap(),
            });
        }
        printer.finish().expect("printed");
        assert_eq!(lines(&out).len(), expected, "{copies:?}");
    }
}

#[test]
fn a_protected_name_is_printed_nowhere() {
    let request = |client: u8, target: &str, host: &str| {
        tcp([4, client], &format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"))
    };
    let frames = [
        question([4, 23], "chat.helpline.example"),
        request(31, "/", "helpline.example:80"),
        tcp([4, 25], "GET http://www.example/ HTTP/1.1\r\nHost: helpline.example\r\n\r\n"),
        tcp(
            [4, 26],
            "GET /go?to=http://chat.helpline.example/x HTTP/1.1\r\nHost: www.example\r\n\r\n",
        ),
        tcp([4, 27], "CONNECT helpline.example:443 HTTP/1.1\r\nHost: www.example\r\n\r\n"),
        request(32, "/url?q=https%3A%2F%2Fchat.helpline.example%2F", "www.example"),
        request(33, "/url?q=chat%2Ehelpline%2eexample", "www.example"),
        request(34, "/url?q=%2568elpline%252Eexample", "www.example"),
        question([4, 23], "nothelpline.example"),
    ];
    let printed = printed(&frames);
    assert_eq!(printed.len(), 1, "{printed:?}");
    assert!(printed[0].contains("nothelpline.example"));
}

#[test]
fn hostile_text_stays_inside_its_line() {
    let frames = [
        question([4, 23], "a\n{\"kind\":\"x\"}.example"),
        tcp([4, 24], "GET /\u{1b}[2J\u{202e}\" HTTP/1.1\r\nHost: <b>\u{9b}\r\n\r\n"),
    ];
    let printed = printed(&frames);
    assert_eq!(printed.len(), 2);
    for line in printed {
        assert!(line.bytes().all(|b| (b' '..=b'~').contains(&b)), "{line}");
        let value: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert!(value.is_object());
    }
}

#[test]
fn live_traffic_shows_no_address_and_no_name_that_few_asked_for() {
    let mut frames = vec![question([4, 1], "rare.example")];
    frames.extend((1..=6).map(|host| question([4, host], "common.example")));
    frames.push(tcp([4, 9], "GET /pupils/a.pupil HTTP/1.1\r\nHost: rare.example\r\n\r\n"));
    let veiled = Show::Veiled(Pseudonyms::new().expect("random numbers"));
    let out = show(veiled, &frames);
    let text = String::from_utf8(out.clone()).unwrap();
    for secret in ["10.1.4.", "rare.example", "a.pupil"] {
        assert!(!text.contains(secret), "{text}");
    }
    let lines = lines(&out);
    assert_eq!(lines.iter().filter(|l| l.contains("common.example")).count(), 2);
    assert_eq!(lines[2], r#"{"kind":"withheld","what":"dns_query","lines":5}"#);
    assert_eq!(lines[3], r#"{"kind":"withheld","what":"http_request","lines":1}"#);
}

/// An answer of a device itself, for its own name and address.
fn answer_of_a_device(from: [u8; 2], to: [u8; 2], port: u16, name: &str) -> Vec<u8> {
    let mut message = question(from, name).split_off(42);
    message[2..8].copy_from_slice(b"\x81\x80\0\x01\0\x01");
    message.extend(b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x0a\x01");
    message.extend(from);
    udp(from, to, (port, 50_000), &message)
}

#[test]
fn a_device_that_answers_for_itself_is_veiled_with_its_name_and_address() {
    for port in [5_353, 5_355, 53] {
        let mut frames = Vec::new();
        for host in 1..=6 {
            frames.push(answer_of_a_device([9, 9], [4, host], port, "marys-ipad"));
            frames.push(answer_of_a_device([9, 9], [4, host], port, "marys-ipad.local"));
            frames.push(question([4, host], "9.9.1.10.in-addr.arpa"));
        }
        let veiled = Show::Veiled(Pseudonyms::new().expect("random numbers"));
        let text = String::from_utf8(show(veiled, &frames)).unwrap();
        assert!(text.contains("\"addresses\":[\"client-"), "{text}");
        for secret in ["marys", "10.1.4.", "9.9.1.10"] {
            assert!(!text.contains(secret), "{port}: {text}");
        }
        // The resolver itself is no client, even where a device answers from its port.
        assert_eq!(text.contains("10.1.9.9"), port == 53, "{text}");
    }
}

#[test]
fn a_pupils_device_that_serves_others_is_veiled_like_a_client() {
    let request = "GET / HTTP/1.1\r\nHost: share.example\r\n\r\n";
    let frames: Vec<_> = (1..=6).map(|host| tcp([4, host], request)).collect();
    let veiled = Show::Veiled(Pseudonyms::new().expect("random numbers"));
    let text = String::from_utf8(show(veiled, &frames)).unwrap();
    assert!(text.contains("share.example") && !text.contains("10.1."), "{text}");
}

#[test]
fn a_cut_file_is_printed_up_to_the_cut_and_then_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let (one, two) = (question([4, 23], "one.example"), question([4, 23], "two.example"));
    let mut cut = pcap(MICROS, false, &[(SECOND, 0, &one), (SECOND + 2, 0, &two)]);
    cut.truncate(cut.len() - 4);
    let whole = pcap(MICROS, false, &[(SECOND + 1, 0, &two)]);
    let mut out = Vec::new();
    let paths = [write("cut.pcap", &cut), write("whole.pcap", &whole)];
    let result = files(&paths, Copies::Kept, DnsPorts::default(), &|_| false, &mut out);
    assert!(matches!(result, Err(ObserveError::Input(_))));
    let lines = lines(&out);
    assert_eq!(lines.len(), 2);
    assert!(lines[0].contains("one.example") && lines[1].contains("two.example"));
}
