//! Which name a connection without one is given: only what its own client asked for.

use std::net::Ipv4Addr;

use facts::Name;

use super::*;
use crate::hello::forge;

const RESOLVER: [u8; 4] = [10, 1, 0, 1];
const STRANGER: [u8; 4] = [10, 1, 4, 66];
const SHARED: &[[u8; 4]] = &[SERVER];

/// A datagram between two ends, each an address and a port.
fn told(from: ([u8; 4], u16), to: ([u8; 4], u16), message: &[u8]) -> Frame {
    let mut bytes = Vec::new();
    let builder = PacketBuilder::ethernet2([2; 6], [4; 6]).ipv4(from.0, to.0, 64);
    builder.udp(from.1, to.1).write(&mut bytes, message).expect("a frame");
    Frame { at: Timestamp::EPOCH, bytes }
}

fn question(name: &str) -> Vec<u8> {
    let labels = name.split('.').flat_map(|label| {
        std::iter::once(u8::try_from(label.len()).expect("short")).chain(label.bytes())
    });
    let name = labels.chain([0]);
    b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0".iter().copied().chain(name).chain([0, 1, 0, 1]).collect()
}

/// The answer to `question` with records of this kind, time and data.
fn answer_of(name: &str, kind: u8, seconds: u8, records: &[Vec<u8>]) -> Vec<u8> {
    let mut message = question(name);
    (message[2], message[3]) = (0x81, 0x80);
    message[7] = u8::try_from(records.len()).expect("few");
    for data in records {
        message.extend([0xc0, 12, 0, kind, 0, 1, 0, 0, 0, seconds, 0]);
        message.push(u8::try_from(data.len()).expect("short"));
        message.extend(data);
    }
    message
}

fn answer(name: &str, addresses: &[[u8; 4]]) -> Vec<u8> {
    let records: Vec<_> = addresses.iter().map(|address| address.to_vec()).collect();
    answer_of(name, 1, 200, &records)
}

/// A client's question of the resolver and this answer.
fn look_up(name: &str, answer: &[u8]) -> [Frame; 2] {
    [
        told((CLIENT, 40_000), (RESOLVER, 53), &question(name)),
        told((RESOLVER, 53), (CLIENT, 40_000), answer),
    ]
}

fn looked_up(name: &str, addresses: &[[u8; 4]]) -> [Frame; 2] {
    look_up(name, &answer(name, addresses))
}

/// A hello without a name to the server, so many seconds after all answers.
fn nameless(second: i64) -> Frame {
    client(1_000, &forge::record(&forge::hello(None, &[], 0))).at(second)
}

/// The names that are inferred, those under `help.example` being protected.
fn inferred(frames: &[Frame]) -> Vec<Heard> {
    let mut wire = wire();
    let mut heard = Vec::new();
    for (number, frame) in frames.iter().enumerate() {
        // Each a little later, so that none is taken for another's copy.
        let at = frame.at + facts::Span::micros(i64::try_from(number).expect("few") * 10);
        feed(&mut wire, &Frame { at, bytes: frame.bytes.clone() }, &mut |said| {
            let Said::Observation(observation) = &said else { return Follow::No };
            let zone = Name::from_canonical("help.example").expect("a name");
            if observation.name().is_some_and(|name| name.is_within(zone)) {
                return Follow::Forget;
            }
            heard.extend(words(&said).strip_prefix("inferred ").map(str::to_owned));
            Follow::No
        });
    }
    assert!(wire.bytes_held() <= most_bytes_held());
    heard
}

const SHOP: &str = "shop.example one of 1";

#[test]
fn what_a_client_asked_for_is_inferred() {
    let frames = [&looked_up("shop.example", SHARED)[..], &[nameless(1)]].concat();
    assert_eq!(inferred(&frames), [SHOP]);
}

#[test]
fn an_answer_that_nobody_asked_for_blames_nobody() {
    let bad = answer("bad.example", SHARED);
    for sport in [40_000, 53, 5_353, 5_355] {
        for dport in [40_001, 53, 5_000] {
            let frames = [told((STRANGER, sport), (CLIENT, dport), &bad), nameless(1)];
            assert!(inferred(&frames).is_empty(), "{sport} to {dport}");
        }
    }
    let [asked, _] = looked_up("shop.example", SHARED);
    let other = told((RESOLVER, 53), (CLIENT, 40_000), &bad);
    assert!(inferred(&[asked, other, nameless(1)]).is_empty(), "another name");
}

#[test]
fn an_answer_over_llmnr_or_multicast_blames_nobody_even_where_it_was_asked_for() {
    for port in [5_353, 5_355] {
        for to in [STRANGER, [224, 0, 0, 252]] {
            let asked = told((CLIENT, 40_000), (to, port), &question("bad.example"));
            let bad = answer("bad.example", SHARED);
            let answered = told((STRANGER, port), (CLIENT, 40_000), &bad);
            assert!(inferred(&[asked, answered, nameless(1)]).is_empty());
        }
    }
}

#[test]
fn a_protected_answer_that_nobody_asked_for_silences_nothing() {
    let help = told((STRANGER, 40_000), (CLIENT, 40_001), &answer("help.example", SHARED));
    let frames = [&[help][..], &looked_up("shop.example", SHARED), &[nameless(1)]].concat();
    assert_eq!(inferred(&frames), [SHOP]);
}

#[test]
fn an_address_in_another_vlan_is_another_client() {
    let asked = looked_up("bad.example", SHARED).map(|frame| in_vlan(10, &frame));
    for (vlan, names) in [(10, 1), (20, 0)] {
        let frames = [&asked[..], &[in_vlan(vlan, &nameless(1))]].concat();
        assert_eq!(inferred(&frames).len(), names, "in {vlan}");
    }
    let frames = [&asked[..], &[nameless(1)]].concat();
    assert!(inferred(&frames).is_empty(), "in none");
}

#[test]
fn one_senders_answers_empty_nobodys_memory() {
    let mut frames = looked_up("shop.example", SHARED).to_vec();
    for number in 0..4_000_u32 {
        let [_, _, high, low] = number.to_be_bytes();
        let flood = answer("z.example", &[[9, 9, 9, 9]]);
        frames.push(told((STRANGER, 53), ([10, 9, high, low], 9), &flood));
    }
    for number in 0..60 {
        let flood = answer(&format!("n{number}.example"), &[[9, 9, 9, number]]);
        frames.push(told((STRANGER, 53), (CLIENT, 1), &flood));
    }
    frames.push(nameless(1));
    assert_eq!(inferred(&frames), [SHOP]);
}

/// Whether nothing is inferred after a protected look-up, then these, then another name
/// at the same address.
fn is_dropped(protected: &[Frame], between: &[Frame]) -> bool {
    let shop = looked_up("shop.example", SHARED);
    inferred(&[protected, between, &shop, &[nameless(1)]].concat()).is_empty()
}

#[test]
fn a_call_for_help_with_more_addresses_than_are_kept_is_nowhere() {
    let addresses: Vec<_> = (1..=16).map(|last| [198, 51, 100, last]).collect();
    let many = [&addresses[..], SHARED].concat();
    assert!(is_dropped(&looked_up("help.example", &many), &[]));
    let whole = answer("help.example", &[[198, 51, 100, 1], SERVER]);
    let cut = look_up("help.example", &whole[..whole.len() - 3]);
    assert!(is_dropped(&cut, &[]), "broken off before the address");
    let elsewhere = looked_up("help.example", &[[198, 51, 100, 1]]);
    assert!(!is_dropped(&elsewhere, &[]), "held whole, and not this address");
}

#[test]
fn a_call_for_help_whose_service_record_hints_at_the_address_is_nowhere() {
    let hint = [&b"\0\x01\0\0\x04\0\x04"[..], &SERVER].concat();
    let help =
        look_up("help.example", &answer_of("help.example", 65, 200, std::slice::from_ref(&hint)));
    assert!(is_dropped(&help, &[]));
    let shop = look_up("shop.example", &answer_of("shop.example", 65, 200, &[hint]));
    assert_eq!(inferred(&[&shop[..], &[nameless(1)]].concat()), [SHOP]);
}

#[test]
fn a_call_for_help_that_later_look_ups_push_out_is_nowhere() {
    let mut later = Vec::new();
    for zone in ["example", "help.example"] {
        for last in 0..60 {
            later.extend(looked_up(&format!("n{last}.{zone}"), &[[198, 51, 100, last]]));
        }
        assert!(is_dropped(&looked_up("help.example", SHARED), &later));
    }
}

#[test]
fn a_call_for_help_with_a_short_time_is_nowhere_for_as_long_as_any_other() {
    let help = look_up("help.example", &answer_of("help.example", 1, 5, &[SERVER.to_vec()]));
    let shop = looked_up("shop.example", SHARED);
    let frames = [&help[..], &shop, &[nameless(190)]].concat();
    assert!(inferred(&frames).is_empty());
}

#[test]
fn a_call_for_help_that_a_flood_of_clients_pushes_out_is_nowhere() {
    let mut later = Vec::new();
    for number in 0..4_000_u32 {
        let other = Ipv4Addr::from(0x0a09_0000 + number).octets();
        later.push(told((other, 40_000), (RESOLVER, 53), &question("z.example")));
        let z = answer("z.example", &[[9, 9, 9, 9]]);
        later.push(told((RESOLVER, 53), (other, 40_000), &z));
    }
    let help = looked_up("help.example", SHARED);
    assert!(is_dropped(&help, &later), "its answer");
    let [asked, answered] = help;
    let waiting = [&[asked][..], &later, &[answered]].concat();
    assert!(is_dropped(&waiting, &[]), "its question");
}

#[test]
fn an_answer_with_more_addresses_than_are_kept_makes_an_inference_uncertain() {
    let many: Vec<_> = (1..=16).map(|last| [198, 51, 100, last]).chain([SERVER]).collect();
    let (shop, wide) = (looked_up("shop.example", SHARED), looked_up("wide.example", &many));
    for frames in [[&shop[..], &wide], [&wide[..], &shop]] {
        let heard = inferred(&[&frames.concat()[..], &[nameless(1)]].concat());
        assert_eq!(heard, ["shop.example one of 2"]);
    }
    let mut cut = answer("cut.example", &[[198, 51, 100, 1]]);
    cut[2] |= 0x02;
    let frames = [&shop[..], &look_up("cut.example", &cut), &[nameless(1)]].concat();
    assert_eq!(inferred(&frames), ["shop.example one of 2"], "the rest comes over TCP");
    let frames = [&wide[..], &[nameless(1)]].concat();
    assert!(inferred(&frames).is_empty(), "nobody is named for what was not seen");
}

#[test]
fn an_answer_before_its_question_and_one_sent_twice_name_nobody_twice() {
    let [asked, answered] = looked_up("shop.example", SHARED);
    assert!(inferred(&[answered.clone(), asked.clone(), nameless(1)]).is_empty());
    let frames = [asked, answered.clone(), answered, nameless(1)];
    assert_eq!(inferred(&frames), [SHOP]);
}

#[test]
fn an_answer_that_may_not_be_kept_at_all_holds_for_a_minute() {
    let at_once = answer_of("shop.example", 1, 0, &[SERVER.to_vec()]);
    for (second, names) in [(1, 1), (59, 1), (62, 0)] {
        let shop = look_up("shop.example", &at_once);
        let frames = [&shop[..], &[nameless(second)]].concat();
        assert_eq!(inferred(&frames).len(), names, "{second} s");
    }
}

#[test]
fn a_name_behind_a_chain_of_aliases_is_the_one_asked_for() {
    let mut chain = question("shop.example");
    (chain[2], chain[3], chain[7]) = (0x81, 0x80, 3);
    chain.extend(b"\xc0\x0c\0\x05\0\x01\0\0\0\xc8\0\x04\x01a\xc0\x11");
    let alias = u8::try_from(chain.len() - 4).expect("short");
    chain.extend([0xc0, alias, 0, 5, 0, 1, 0, 0, 0, 200, 0, 4, 1, b'b', 0xc0, 0x11]);
    let alias = u8::try_from(chain.len() - 4).expect("short");
    chain.extend([0xc0, alias, 0, 1, 0, 1, 0, 0, 0, 200, 0, 4]);
    chain.extend(SERVER);
    let frames = [&look_up("shop.example", &chain)[..], &[nameless(1)]].concat();
    assert_eq!(inferred(&frames), [SHOP]);
    let help = [chain.clone()].map(|mut message| {
        let at = message.windows(4).position(|octets| octets == b"shop").expect("there");
        message[at..at + 4].copy_from_slice(b"help");
        message
    });
    assert!(is_dropped(&look_up("help.example", &help[0]), &[]), "a call for help behind one");
}

#[test]
fn hellos_that_are_left_without_a_name_are_counted_whatever_the_cause() {
    for protected in [false, true] {
        let mut wire = wire();
        let frames = [&looked_up("help.example", SHARED)[..], &[nameless(1)]].concat();
        let seen = if protected { &frames[..] } else { &frames[2..] };
        for frame in seen {
            feed(&mut wire, frame, &mut |said| match said {
                Said::Observation(observation) if observation.name().is_some() => Follow::Forget,
                _ => Follow::No,
            });
        }
        assert_eq!(wire.counters().left_unnamed, 1, "{protected}");
    }
}

#[test]
fn the_answers_to_the_canaries_are_counted_and_no_other_is() {
    let counted = |name: &str, qtype: u8, rcode: u8, addresses: u8, port: u16| {
        let mut message = vec![0x12, 0x34, 0x81, 0x80 | rcode, 0, 1, 0, addresses, 0, 0, 0, 0];
        for label in name.split('.') {
            message.push(u8::try_from(label.len()).unwrap());
            message.extend(label.bytes());
        }
        message.extend([0, 0, qtype, 0, 1]);
        for last in 0..addresses {
            message.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, last]);
        }
        let mut wire = wire();
        feed(&mut wire, &datagram_on([PORT, port], false, &message, 1), &mut |_| Follow::No);
        let (browsers, relays) = (wire.counters().browsers, wire.counters().relays);
        [browsers.withheld, browsers.given, relays.withheld, relays.given]
    };
    let (canary, relay) = ("use-application-dns.net", "mask.icloud.com");
    assert_eq!(counted(canary, 1, 3, 0, 53), [1, 0, 0, 0], "no such name");
    assert_eq!(counted(canary, 1, 0, 0, 53), [1, 0, 0, 0], "no address");
    assert_eq!(counted(canary, 1, 0, 1, 53), [0, 1, 0, 0]);
    assert_eq!(counted("Mask-H2.iCloud.com", 1, 0, 2, 53), [0, 0, 0, 1]);
    assert_eq!(counted(relay, 1, 3, 0, 53), [0, 0, 1, 0]);
    for (name, qtype, port) in [("www.example", 1, 53), (canary, 28, 53), (canary, 1, 5355)] {
        assert_eq!(counted(name, qtype, 3, 0, port), [0; 4], "{name} {qtype} {port}");
    }
}
