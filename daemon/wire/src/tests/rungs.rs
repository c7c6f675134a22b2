//! How far a followed connection got, from whatever of it was captured.

use super::*;
use crate::hello::forge;

fn hello() -> Vec<u8> {
    forge::record(&forge::hello(Some("www.example"), &[], 0))
}

fn after_hello() -> u32 {
    100 + u32::try_from(hello().len()).unwrap()
}

/// What was said of the connection after its hello.
fn rungs(later: &[Frame]) -> Vec<Heard> {
    let hello = hello();
    let mut heard = follow(&[&[client(100, &hello).at(0)], later].concat());
    assert_eq!(heard.remove(0), "hello www.example [] ech false");
    heard
}

fn acknowledges(ack: u32, payload: &[u8]) -> Tcp<'_> {
    Tcp { ack, ..client(after_hello(), payload) }
}

/// A server's handshake record of this many octets in all.
fn handshake(length: usize) -> Vec<u8> {
    let mut record = vec![0x22; length];
    record[..5].copy_from_slice(&[22, 3, 3, 0x0f, 0xa0]);
    record
}

#[test]
fn a_handshake_answers_and_bulk_after_it_loads() {
    let flight = handshake(4_000);
    let bulk = [0x17; 8 * 1024];
    let later = [
        server(900, &flight).at(1),
        acknowledges(4_900, b"\x14\x03\x03\0\x01\x01").at(1),
        server(4_900, &bulk[..8_191]).at(2),
        server(4_900 + 8_191, &bulk[..1]).at(2),
        server(4_900 + 8_192, &bulk).at(3),
    ];
    assert_eq!(rungs(&later), ["progress 7 answered 4000", "progress 7 loaded 12192"]);
}

#[test]
fn a_reset_or_an_alert_instead_of_an_answer_refuses() {
    let reset = Tcp { flags: "R", ..server(900, &[]) };
    assert_eq!(rungs(&[reset.at(1), reset.at(1)]), ["progress 7 refused 0"]);
    let alert = server(900, b"\x15\x03\x03\0\x02\x02\x28");
    assert_eq!(rungs(&[alert.at(1)]), ["progress 7 refused 0"]);
    let late = [server(900, &handshake(4_000)).at(1), reset.at(2)];
    assert_eq!(rungs(&late), ["progress 7 answered 4000"]);
}

#[test]
fn the_clients_acknowledgements_alone_tell_what_came_back() {
    let later = [
        acknowledges(4_900, b"\x14\x03\x03\0\x01\x01").at(1),
        acknowledges(4_900 + 9_000, &[]).at(2),
    ];
    assert_eq!(rungs(&later), ["progress 7 answered 4000", "progress 7 loaded 13000"]);
}

#[test]
fn the_servers_last_number_alone_tells_what_was_sent() {
    let fin = Tcp { flags: "AF", ..server(900 + 60_000, &[]) };
    let expected = ["progress 7 answered 60000", "progress 7 loaded 60000"];
    assert_eq!(rungs(&[fin.at(3)]), expected);
}

#[test]
fn data_both_ways_after_two_minutes_stays() {
    let later = [
        server(900, &handshake(4_000)).at(1),
        acknowledges(4_900, b"\x17\x03\x03\0\x01\x01").at(1),
        server(4_900, b"\x17\x03\x03\0\x01\x01").at(121),
        Tcp { seq: after_hello() + 6, ..acknowledges(4_906, b"\x17\x03\x03\0\x01\x01") }.at(122),
        server(4_906, b"\x17\x03\x03\0\x01\x01").at(200),
    ];
    assert_eq!(rungs(&later), ["progress 7 answered 4000", "progress 7 stayed 4006"]);
}

#[test]
fn one_side_alone_does_not_stay() {
    let keepalive = Tcp { seq: after_hello() - 1, ..client(0, b"x") };
    let later =
        [server(900, &handshake(4_000)).at(1), server(4_900, b"x").at(130), keepalive.at(131)];
    assert_eq!(rungs(&later), ["progress 7 answered 4000"]);
}

#[test]
fn an_answer_to_a_request_in_clear_is_an_answer_from_its_first_octet() {
    let request = b"GET / HTTP/1.1\r\nHost: www.example\r\n\r\n";
    let later = 100 + u32::try_from(request.len()).unwrap();
    let frames = [
        client(100, request).on_port(80, 0),
        server(900, b"HTTP/1.1 200 OK\r\n\r\n").on_port(80, 1),
        Tcp { ack: 900 + 8_192, ..client(later, &[]) }.on_port(80, 2),
    ];
    let expected = ["http GET / www.example", "progress 7 answered 19", "progress 7 loaded 8192"];
    assert_eq!(follow(&frames), expected);
}

#[test]
fn a_forged_leap_of_the_numbers_is_not_believed() {
    let leap = server(900 + (1 << 31), b"x");
    assert_eq!(rungs(&[leap.at(1)]), Vec::<Heard>::new());
}

#[test]
fn what_is_not_followed_costs_a_connection_of_no_state_and_says_nothing_more() {
    let hello = hello();
    let frames = [client(100, &hello).at(0), server(900, &handshake(4_000)).at(1)];
    assert_eq!(hear(&frames).len(), 1);
}

/// A look-up of www.example by the client, and its answer: 203.0.113.7.
fn looked_up() -> [Frame; 2] {
    let header = |answers: u8| {
        [0x12, 0x34, if answers == 0 { 1 } else { 0x81 }, 0, 0, 1, 0, answers, 0, 0, 0, 0]
    };
    let question = b"\x03www\x07example\0\0\x01\0\x01";
    let record = b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xcb\0\x71\x07";
    let resolver = [10, 1, 0, 1];
    let frame = |src, dst, sport, dport, payload: &[u8]| {
        let mut bytes = Vec::new();
        let builder = PacketBuilder::ethernet2([2; 6], [4; 6]).ipv4(src, dst, 64).udp(sport, dport);
        builder.write(&mut bytes, payload).expect("a frame");
        Frame { at: Timestamp::EPOCH, bytes }
    };
    [
        frame(CLIENT, resolver, 40_000, 53, &[&header(0)[..], question].concat()),
        frame(resolver, CLIENT, 53, 40_000, &[&header(1)[..], question, record].concat()),
    ]
}

/// What was said of a followed look-up after its answer.
fn after_lookup(later: &[Frame], wanted: &str) -> Vec<Heard> {
    heard_after(&looked_up(), later, wanted)
}

fn heard_after(looked_up: &[Frame], later: &[Frame], wanted: &str) -> Vec<Heard> {
    let mut wire = wire();
    let mut heard = Vec::new();
    for frame in [looked_up, later].concat() {
        feed(&mut wire, &frame, &mut |said| {
            let words = words(&said);
            let wants = words.starts_with("dns_query") || words.contains(wanted);
            heard.push(words);
            if wants {
                Follow::Yes(Watch(if heard.len() == 1 { 7 } else { 8 }))
            } else {
                Follow::No
            }
        });
    }
    heard.split_off(2)
}

#[test]
fn a_look_up_then_a_syn_then_a_reset_ends_refused() {
    let reset = Tcp { flags: "RA", ack: 100, ..server(0, &[]) };
    let frames = [syn(99).at(1), syn(99).at(2), reset.at(2), reset.at(2)];
    assert_eq!(after_lookup(&frames, "-"), ["progress 7 tried 0", "progress 7 refused 0"]);
}

#[test]
fn a_hello_takes_the_connection_over_from_its_look_up() {
    let hello = hello();
    let accepted = Tcp { flags: "SA", ack: 100, ..server(899, &[]) };
    let later = [
        syn(99).at(1),
        accepted.at(1),
        client(100, &hello).at(1),
        server(900, &handshake(4_000)).at(2),
    ];
    let expected =
        ["progress 7 tried 0", "hello www.example [] ech false", "progress 8 answered 4000"];
    assert_eq!(after_lookup(&later, "hello"), expected);
    let reset = Tcp { flags: "R", ..server(900, &[]) };
    let other_name = [syn(99).at(1), client(100, &hello).at(1), reset.at(2)];
    let expected = ["progress 7 tried 0", "hello www.example [] ech false"];
    assert_eq!(after_lookup(&other_name, "-"), expected, "the name is another: no refusal");
}

#[test]
fn a_look_up_in_one_vlan_is_not_tried_from_another_with_the_same_address() {
    let looked_up = looked_up().map(|frame| in_vlan(10, &frame));
    for (vlan, expected) in [(10, &["progress 7 tried 0"][..]), (20, &[])] {
        assert_eq!(heard_after(&looked_up, &[in_vlan(vlan, &syn(99).at(1))], "-"), expected);
    }
    let [asked, answered] = looked_up;
    let other_way = [asked, in_vlan(30, &answered)];
    let tried = heard_after(&other_way, &[in_vlan(10, &syn(99).at(1))], "-");
    assert_eq!(tried, ["progress 7 tried 0"], "the answer came by way of another");
}

#[test]
fn a_late_connection_is_not_taken_for_the_look_ups_own() {
    assert!(after_lookup(&[syn(99).at(62)], "-").is_empty());
}

#[test]
fn an_unreachable_server_refuses() {
    let attempt = syn(99).at(1);
    let quoted = &attempt.bytes[14..14 + 28];
    let mut bytes = Vec::new();
    let icmp = [&[3, 1, 0, 0, 0, 0, 0, 0][..], quoted].concat();
    PacketBuilder::ethernet2([2; 6], [4; 6])
        .ipv4([10, 1, 0, 1], CLIENT, 64)
        .write(&mut bytes, etherparse::IpNumber::ICMP, &icmp)
        .expect("a frame");
    let unreachable = Frame { at: Timestamp::from_seconds(1), bytes };
    let heard = after_lookup(&[attempt, unreachable], "-");
    assert_eq!(heard, ["progress 7 tried 0", "progress 7 refused 0"]);
}
