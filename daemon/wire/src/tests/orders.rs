//! Every order of up to six pieces, over TCP and over QUIC, with overlaps and repeats, and
//! every shape of an overlap that reads two ways.

use super::pieces::orders;
use super::*;
use crate::hello::forge;
use crate::quic::initial;

const TCP_HEARD: &str = "hello www.example [\"h2\"] ech false";
const QUIC_HEARD: &str = "hello www.example [\"h3\"] ech false";
const MOST_PIECES: usize = 6;
/// How far a piece reaches into its neighbours where pieces overlap.
const OVERLAP: usize = 9;

/// The pieces of a message as (from, to), each reaching so far into its neighbours.
fn pieces(length: usize, count: usize, overlap: usize) -> Vec<(usize, usize)> {
    let place = |number: usize| number * length / count;
    (0..count)
        .map(|n| (place(n).saturating_sub(overlap), (place(n + 1) + overlap).min(length)))
        .collect()
}

/// Lends every order of the pieces of a message of this length, for each count of pieces.
fn each_order(length: usize, overlap: usize, mut take: impl FnMut(&[(usize, usize)])) {
    let mut taken = 0;
    for count in 1..=MOST_PIECES {
        let pieces = pieces(length, count, overlap);
        for order in orders(count) {
            let ordered: Vec<_> = order.iter().map(|number| pieces[*number]).collect();
            take(&ordered);
            taken += 1;
        }
    }
    assert_eq!(taken, 1 + 2 + 6 + 24 + 120 + 720);
}

fn segment(stream: &[u8], (from, to): (usize, usize)) -> Frame {
    client(100 + u32::try_from(from).unwrap(), &stream[from..to]).at(1)
}

fn stream() -> Vec<u8> {
    forge::record(&forge::hello(Some("www.example"), &["h2"], 1_600))
}

#[test]
fn overlapping_segments_in_every_order_give_the_same_hello() {
    let stream = stream();
    each_order(stream.len(), OVERLAP, |pieces| {
        let sent = pieces.iter().map(|piece| segment(&stream, *piece));
        let frames: Vec<_> = [syn(99).at(1)].into_iter().chain(sent).collect();
        assert_eq!(hear(&frames), [TCP_HEARD], "{pieces:?}");
    });
}

#[test]
fn segments_sent_again_in_every_order_give_the_same_hello() {
    let stream = stream();
    each_order(stream.len(), 0, |pieces| {
        let twice =
            pieces.iter().flat_map(|piece| [segment(&stream, *piece), segment(&stream, *piece)]);
        let again = pieces.iter().map(|piece| segment(&stream, *piece));
        let frames: Vec<_> = [syn(99).at(1)].into_iter().chain(twice).chain(again).collect();
        assert_eq!(hear(&frames), [TCP_HEARD], "{pieces:?}");
    });
}

/// A CRYPTO frame; the offset and length take two octets each.
fn crypto(message: &[u8], (from, to): (usize, usize)) -> Vec<u8> {
    let number = |n: usize| (u16::try_from(n).unwrap() | 0x4000).to_be_bytes();
    [&[6][..], &number(from), &number(to - from), &message[from..to]].concat()
}

fn message() -> Vec<u8> {
    forge::hello(Some("www.example"), &["h3"], 800)
}

#[test]
fn crypto_frames_in_every_order_in_one_packet_give_the_same_hello() {
    let message = message();
    each_order(message.len(), 0, |pieces| {
        let frames: Vec<u8> = pieces.iter().flat_map(|piece| crypto(&message, *piece)).collect();
        let packet = initial(1, b"8 octets", 0, &frames);
        assert_eq!(hear(&[datagram(true, &packet, 1)]), [QUIC_HEARD], "{pieces:?}");
    });
}

#[test]
fn packets_in_every_order_apart_and_coalesced_give_the_same_hello() {
    let message = message();
    for overlap in [0, OVERLAP] {
        each_order(message.len(), overlap, |pieces| {
            let packets: Vec<Vec<u8>> = (0..)
                .zip(pieces)
                .map(|(number, piece)| initial(1, b"8 octets", number, &crypto(&message, *piece)))
                .collect();
            let apart: Vec<_> = packets.iter().map(|packet| datagram(true, packet, 1)).collect();
            assert_eq!(hear(&apart), [QUIC_HEARD], "{pieces:?}");
            let twice: Vec<_> =
                apart.iter().flat_map(|frame| [frame.clone(), frame.clone()]).collect();
            assert_eq!(hear(&twice), [QUIC_HEARD], "{pieces:?}, each twice");
            let together = datagram(true, &packets.concat(), 1);
            assert_eq!(hear(&[together]), [QUIC_HEARD], "{pieces:?}, in one datagram");
        });
    }
}

/// Two streams that differ in the name alone, and where the name stands.
fn two_streams() -> (Vec<u8>, Vec<u8>, usize) {
    let stream = |name| forge::record(&forge::hello(Some(name), &["a-protocol-after-it"], 0));
    let (one, two) = (stream("aaa.example"), stream("bbb.example"));
    let name = one.windows(3).position(|octets| octets == b"aaa").expect("a name");
    (one, two, name)
}

/// Both begin and end before, at or after one another: nine shapes, each in both orders, and
/// whichever of the two a receiver's system takes is said.
#[test]
fn an_overlap_of_any_shape_gives_both_names() {
    let (one, two, name) = two_streams();
    let expected = ["aaa", "bbb"]
        .map(|name| format!("hello {name}.example [\"a-protocol-after-it\"] ech false"));
    for (from, to) in [15, 10, 5].into_iter().flat_map(|from| [15, 20, 25].map(|to| (from, to))) {
        let kept = (name - 10, name + 20);
        let over = (name - from, name + to);
        for (first, second) in [((&one, kept), (&two, over)), ((&two, over), (&one, kept))] {
            let frames = [
                syn(99).at(1),
                segment(first.0, first.1),
                segment(second.0, second.1),
                segment(&one, (1, name - 5)),
                segment(&one, (name + 15, one.len())),
                segment(&one, (0, 1)),
            ];
            let mut heard = hear(&frames);
            assert!(heard.remove(1).starts_with("conflict "), "{first:?}, {second:?}");
            heard.sort();
            assert_eq!(heard, expected, "{from} before, {to} after");
        }
    }
}

/// What a wrong checksum or a short life does is up to the receiver and the way there: the
/// chaff and the true hello have the same place, the same length and the same random.
#[test]
fn a_hello_that_never_arrives_hides_no_other_in_its_place_however_that_is_cut() {
    let (one, two, _) = two_streams();
    let spoil: [fn(&mut Vec<u8>); 2] = [|frame| frame[50] ^= 0x55, |frame| frame[22] = 1];
    for (spoil, cut) in spoil.into_iter().flat_map(|s| (0..one.len()).map(move |cut| (s, cut))) {
        let mut chaff = client(100, &two).at(1);
        spoil(&mut chaff.bytes);
        let cut = [(0, cut), (cut, one.len())].map(|piece| segment(&one, piece));
        for pieces in [[0, 1], [1, 0]] {
            let sent = pieces.into_iter().map(|number| cut[number].clone());
            let frames: Vec<_> = [syn(99).at(1), chaff.clone()].into_iter().chain(sent).collect();
            let heard = hear(&frames);
            let names = ["hello bbb.example", "conflict aaa.example", "hello aaa.example"];
            assert_eq!(heard.len(), names.len(), "{heard:?}");
            assert!(heard.iter().zip(names).all(|(one, name)| one.starts_with(name)), "{heard:?}");
        }
    }
}

#[test]
fn a_hello_that_is_sent_again_in_part_keeps_nothing_of_what_follows() {
    let (one, _, _) = two_streams();
    let mut wire = wire();
    let mut heard = Vec::new();
    let mut listen = |said: Said<'_>| {
        heard.push(words(&said));
        Follow::No
    };
    let mut frames = vec![syn(99).at(1), client(100, &one).at(1), segment(&one, (20, 40))];
    let bulk = [0x17; 1_400];
    for number in 0..40 {
        let seq = 100 + u32::try_from(one.len() + number * bulk.len()).unwrap();
        frames.push(client(seq, &bulk).at(1));
    }
    frames.push(segment(&one, (0, one.len())));
    let before = most_bytes_held();
    for frame in &frames {
        feed(&mut wire, frame, &mut listen);
        assert!(wire.bytes_held() <= before);
    }
    assert_eq!(wire.counters().gathers, 1);
    wire.expire(Timestamp::MAX, &mut listen);
    assert_eq!(wire.counters().broken_hellos, 0);
    assert_eq!(heard.len(), 1, "{heard:?}");
}
