//! Connections that show no name, in words: what their client's look-ups may be taken for.

use std::net::Ipv4Addr;
use std::sync::Arc;

use facts::{Assertion, Claim, Heard, Match, Progress, Timestamp};
use rules::{Live, RuleSet};
use wire::{LinkType, Packet};

use super::{Everything, Lane, News, Outlet, Pass, PassSettings};

const PUPIL: Ipv4Addr = Ipv4Addr::new(10, 1, 4, 23);
const RESOLVER: Ipv4Addr = Ipv4Addr::new(10, 1, 0, 1);
const SERVER: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 7);

/// P1 for a pupil, and a theme that never is above P3.
const GRAVE: &str = "c01.test.wardline.example";
const SLIGHT: &str = "c15.test.wardline.example";
const HELPLINE: &str = "www.childline.org.uk";

/// The matches that were inferred after these look-ups, all answered with one address, and
/// a hello to it that shows no name.
fn inferred(names: &[&str]) -> Vec<Match> {
    let looked_up = names.iter().flat_map(|name| [asked(&question(name)), told(&answer(name))]);
    let mut matches = matched(looked_up.chain([tcp(&nameless_hello())]));
    matches.retain(|matched| matched.heard == Heard::Inferred);
    matches
}

/// A pass with the shipped packs.
fn pass() -> Pass {
    let rules = RuleSet::builtin().expect("the shipped packs").set;
    Pass::new(PassSettings::anywhere([7; 32]), [7; 16], Arc::new(Live::new(rules)))
}

/// Feeds one packet that begins with its IP header.
fn fed(pass: &mut Pass, bytes: &[u8], second: i64, outlet: &mut impl Outlet) {
    let original_len = u32::try_from(bytes.len()).unwrap();
    let at = Timestamp::from_seconds(second);
    pass.feed(&Packet { at, link: LinkType::RawIp, bytes, original_len }, outlet);
}

/// What matches in these packets, one a second.
fn matched(packets: impl Iterator<Item = Vec<u8>>) -> Vec<Match> {
    let mut pass = pass();
    let mut heard = Everything::default();
    for (bytes, second) in packets.zip(100..) {
        fed(&mut pass, &bytes, second, &mut heard);
    }
    let matches = heard.news.into_iter().filter_map(|news| match news {
        News::Match(matched) => Some(matched),
        News::Progress(_) | News::Tally(_) => None,
    });
    matches.collect()
}

fn question(name: &str) -> Vec<u8> {
    let mut message = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0".to_vec();
    for label in name.split('.') {
        message.push(u8::try_from(label.len()).unwrap());
        message.extend(label.as_bytes());
    }
    message.extend(b"\0\0\x01\0\x01");
    message
}

fn answer(name: &str) -> Vec<u8> {
    let mut message = question(name);
    message[2..8].copy_from_slice(b"\x81\x80\0\x01\0\x01");
    message.extend(b"\xc0\x0c\0\x01\0\x01\0\0\x01\x2c\0\x04");
    message.extend(SERVER.octets());
    message
}

/// A ClientHello of TLS 1.2 without extensions, in its record.
fn nameless_hello() -> Vec<u8> {
    let body = [&[3, 3][..], &[9; 32], &[0, 0, 2, 0xc0, 0x2f, 1, 0]].concat();
    let length = u8::try_from(body.len()).unwrap();
    [&[22, 3, 1, 0, length + 4, 1, 0, 0, length], &body[..]].concat()
}

/// A ClientHello of TLS 1.2 that asks for this server, in its record.
fn hello(sni: &str) -> Vec<u8> {
    let sized =
        |octets: &[u8]| [&u16::try_from(octets.len()).unwrap().to_be_bytes()[..], octets].concat();
    let entry = [&[0][..], &sized(sni.as_bytes())].concat();
    let extensions = sized(&[&[0, 0][..], &sized(&sized(&entry))].concat());
    let body = [&[3, 3][..], &[9; 32], &[0, 0, 2, 0xc0, 0x2f, 1, 0], &extensions].concat();
    let message = [&[1, 0][..], &sized(&body)].concat();
    [&[22, 3, 1][..], &sized(&message)].concat()
}

/// A pupil's question to the resolver.
fn asked(message: &[u8]) -> Vec<u8> {
    ip(17, PUPIL, RESOLVER, &udp([[0xc3, 0x50], [0, 53]], message))
}

/// The resolver's answer to it.
fn told(message: &[u8]) -> Vec<u8> {
    ip(17, RESOLVER, PUPIL, &udp([[0, 53], [0xc3, 0x50]], message))
}

fn udp([from, to]: [[u8; 2]; 2], message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len() + 8).unwrap().to_be_bytes();
    [&[from, to, length, [0, 0]].concat(), message].concat()
}

fn tcp(stream: &[u8]) -> Vec<u8> {
    let header = [0xc3, 0x51, 1, 0xbb, 0, 0, 0, 100, 0, 0, 0, 9, 0x50, 0x18, 1, 0, 0, 0, 0, 0];
    ip(6, PUPIL, SERVER, &[&header, stream].concat())
}

fn ip(protocol: u8, src: Ipv4Addr, dst: Ipv4Addr, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 20).unwrap().to_be_bytes();
    let header = [0x45, 0, length[0], length[1], 0, 0, 0, 0, 64, protocol, 0, 0];
    [&header[..], &src.octets(), &dst.octets(), payload].concat()
}

fn names(matches: &[Match]) -> Vec<&str> {
    matches.iter().map(|matched| matched.name.as_str()).collect()
}

#[test]
fn one_look_up_that_leads_to_the_server_names_the_connection() {
    let matches = inferred(&[GRAVE]);
    assert_eq!(names(&matches), [GRAVE]);
    assert_eq!(matches[0].server, Some(SERVER.into()));
}

#[test]
fn of_several_look_ups_nothing_urgent_is_inferred() {
    assert_eq!(names(&inferred(&[SLIGHT])), [SLIGHT]);
    assert_eq!(names(&inferred(&[GRAVE, SLIGHT])), [SLIGHT]);
    assert!(inferred(&[GRAVE, "www.elmrow.example"]).is_empty());
}

#[test]
fn a_helpline_at_the_same_address_drops_the_inference_whole() {
    assert!(inferred(&[GRAVE, HELPLINE]).is_empty());
    assert!(inferred(&[HELPLINE, GRAVE]).is_empty());
    assert!(inferred(&[HELPLINE]).is_empty());
}

#[test]
fn a_name_with_an_account_a_port_or_a_path_around_it_is_kept_without_them() {
    let around = [("", ":443"), (" ", "\0"), ("https://", "/pupil?q=secret"), ("someone@", "")];
    for (before, after) in around {
        let matches = matched([tcp(&hello(&format!("{before}{GRAVE}{after}")))].into_iter());
        assert_eq!(names(&matches), [GRAVE], "{before}…{after}");
    }
}

#[test]
fn a_helpline_matches_nothing_however_hostile_its_spelling() {
    for (before, after) in [("", ":443"), (" ", "\0"), ("https://", "/"), ("someone@", "")] {
        let sni = format!("{before}{HELPLINE}{after}");
        assert!(matched([tcp(&hello(&sni))].into_iter()).is_empty(), "{sni:?}");
    }
}

/// An outlet that fails on the first matches, as a reader might on packets.
struct Failing {
    left: usize,
    matches: usize,
}

impl Failing {
    const fn on_the_first(left: usize) -> Self {
        Self { left, matches: 0 }
    }
}

impl Outlet for Failing {
    fn claim(&mut self, _: Claim) {}

    fn matched(&mut self, _: Match, _: Lane) {
        let left = self.left;
        self.left = left.saturating_sub(1);
        assert_eq!(left, 0, "a reader fails");
        self.matches += 1;
    }

    fn progress(&mut self, _: Progress) {}
}

#[test]
fn a_packet_that_makes_a_reader_fail_costs_what_was_half_read_and_nothing_more() {
    let mut pass = pass();
    let mut outlet = Failing::on_the_first(1);
    for second in 100..103 {
        fed(&mut pass, &tcp(&hello(GRAVE)), second, &mut outlet);
    }
    // The second is read anew, and the third is the second sent again.
    assert_eq!((pass.coverage().panics, pass.coverage().packets, outlet.matches), (1, 3, 1));
}

#[test]
fn of_a_packet_that_makes_a_reader_fail_a_print_is_kept_and_none_of_its_octets() {
    let failed = |name: &str, key: u8| {
        let settings = PassSettings { key: [key; 32], ..PassSettings::anywhere([7; 32]) };
        let rules = RuleSet::builtin().expect("the shipped packs").set;
        let mut pass = Pass::new(settings, [7; 16], Arc::new(Live::new(rules)));
        let bytes = tcp(&hello(name));
        fed(&mut pass, &bytes, 100, &mut Failing::on_the_first(1));
        let failed = pass.coverage().failed.expect("a reader failed").to_string();
        let length = bytes.len();
        let words = format!("{length} octets on a link of kind RawIp, IP protocol 6, print ");
        failed.strip_prefix(&words).expect(&failed).to_owned()
    };
    let other = "c02.test.wardline.example";
    assert_eq!(failed(GRAVE, 7), failed(GRAVE, 7), "the same frame is known again");
    assert_ne!(failed(GRAVE, 7), failed(other, 7), "another is another");
    assert_ne!(failed(GRAVE, 7), failed(GRAVE, 8), "another school's prints tell nothing");
    assert_eq!(failed(GRAVE, 7).len(), 16);
}

#[test]
fn a_frame_that_bears_a_name_says_which_device_has_the_address_before_it_is_judged() {
    let mut pass = pass();
    let mut order = Order::default();
    let frame = |bytes: Vec<u8>| [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 7, 8, 0], &bytes[..]].concat();
    for (bytes, second) in [frame(tcp(&hello(GRAVE))), frame(told(&answer(SLIGHT)))].iter().zip(0..)
    {
        let original_len = u32::try_from(bytes.len()).unwrap();
        let at = Timestamp::from_seconds(100 + second);
        pass.feed(&Packet { at, link: LinkType::Ethernet, bytes, original_len }, &mut order);
    }
    let mac = facts::Mac::from_octets([2, 0, 0, 0, 0, 7]);
    let sighted = Assertion::Sighted { mac, address: PUPIL.into(), vlan: None };
    // What an answer's frame bears is the server's address, or a router's.
    assert_eq!(order.0, [format!("{sighted:?}"), GRAVE.to_owned()]);
}

/// Writes down what comes, in order.
#[derive(Default)]
struct Order(Vec<String>);

impl Outlet for Order {
    fn claim(&mut self, claim: Claim) {
        self.0.push(format!("{:?}", claim.assertion));
    }

    fn matched(&mut self, matched: Match, _: Lane) {
        self.0.push(matched.name.as_str().to_owned());
    }

    fn progress(&mut self, _: Progress) {}
}

#[test]
fn packets_of_one_shape_that_make_a_reader_fail_again_and_again_switch_it_off_for_nobody() {
    let mut pass = pass();
    let mut outlet = Failing::on_the_first(40);
    for second in 100..141 {
        fed(&mut pass, &tcp(&hello(GRAVE)), second, &mut outlet);
    }
    assert_eq!((pass.coverage().panics, outlet.matches), (40, 1), "each is told, none is blinded");
}

#[test]
fn a_reader_that_fails_when_time_goes_on_costs_what_was_half_read_and_nothing_more() {
    let mut pass = pass();
    let mut outlet = Failing::on_the_first(1);
    let head = format!("GET / HTTP/1.1\r\nHost: {GRAVE}\r\n");
    for second in [100, 200] {
        fed(&mut pass, &tcp(head.as_bytes()), second, &mut outlet);
        assert_eq!(outlet.matches, 0, "it waits for its end");
        pass.expire(Timestamp::from_seconds(second + 90), &mut outlet);
    }
    assert_eq!((pass.coverage().panics, outlet.matches), (1, 1));
    assert_eq!(pass.coverage().failed, None, "no packet was read then");
}
