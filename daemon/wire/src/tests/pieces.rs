//! One hello, in whatever pieces and order it comes.

use proptest::prelude::*;

use super::*;
use crate::hello::forge;

const HEARD: &str = "hello www.example [\"h2\"] ech false";

/// A hello as long as a post-quantum one.
fn long_hello() -> Vec<u8> {
    forge::record(&forge::hello(Some("www.example"), &["h2"], 1_600))
}

/// Cuts a stream at these places.
fn cut(stream: &[u8], at: &[usize]) -> Vec<(u32, Vec<u8>)> {
    let mut places: Vec<usize> = at.iter().map(|p| p % stream.len()).collect();
    places.extend([0, stream.len()]);
    places.sort_unstable();
    places.dedup();
    let piece = |w: &[usize]| (u32::try_from(w[0]).unwrap(), stream[w[0]..w[1]].to_vec());
    places.windows(2).map(piece).collect()
}

fn segments(first: u32, pieces: &[(u32, Vec<u8>)]) -> Vec<Frame> {
    pieces.iter().map(|(at, bytes)| client(first.wrapping_add(*at), bytes).at(1)).collect()
}

/// Every order of `n` things.
pub(super) fn orders(n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![vec![]];
    }
    let shorter = orders(n - 1);
    let insert = |order: &Vec<usize>, at: usize| {
        let mut order = order.clone();
        order.insert(at, n - 1);
        order
    };
    shorter.iter().flat_map(|order| (0..n).map(move |at| insert(order, at))).collect()
}

#[test]
fn up_to_six_pieces_in_every_order_give_the_same_hello() {
    let stream = long_hello();
    for count in 1..=6 {
        let places: Vec<_> = (1..count).map(|n| n * stream.len() / count + n).collect();
        let pieces = cut(&stream, &places);
        assert_eq!(pieces.len(), count);
        for order in orders(count) {
            let shuffled: Vec<_> = order.iter().map(|i| pieces[*i].clone()).collect();
            let frames = [vec![syn(99).at(1)], segments(100, &shuffled)].concat();
            assert_eq!(hear(&frames), [HEARD], "{order:?}");
        }
    }
}

#[test]
fn two_pieces_are_joined_in_either_order_also_where_the_syn_was_missed() {
    let pieces = cut(&long_hello(), &[1_400]);
    let swapped = [pieces[1].clone(), pieces[0].clone()];
    assert_eq!(hear(&segments(100, &pieces)), [HEARD]);
    assert_eq!(hear(&segments(100, &swapped)), [HEARD]);
}

#[test]
fn single_octets_make_a_hello() {
    let stream = forge::record(&forge::hello(Some("www.example"), &["h2"], 0));
    let places: Vec<_> = (1..stream.len()).collect();
    let pieces = cut(&stream, &places);
    assert_eq!(hear(&[vec![syn(99).at(1)], segments(100, &pieces)].concat()), [HEARD]);
    assert_eq!(hear(&segments(100, &pieces)), [HEARD]);
}

#[test]
fn a_hello_sent_again_is_said_once() {
    let stream = long_hello();
    let pieces = cut(&stream, &[700, 1_400]);
    let twice = [segments(100, &pieces), segments(100, &pieces)].concat();
    assert_eq!(hear(&twice), [HEARD]);
    let whole = client(100, &stream).at(2);
    assert_eq!(hear(&[segments(100, &pieces), vec![whole]].concat()), [HEARD]);
}

#[test]
fn a_hello_after_a_retry_request_is_said_once() {
    let stream = long_hello();
    let next = 100 + u32::try_from(stream.len()).unwrap();
    assert_eq!(hear(&[client(100, &stream).at(1), client(next, &stream).at(1)]), [HEARD]);
}

#[test]
fn a_connection_on_the_same_ports_is_another() {
    let first = long_hello();
    let second = forge::record(&forge::hello_with(Some("other.example"), &[], 0, 0x77));
    let frames = [
        syn(99).at(1),
        client(100, &first).at(1),
        syn(70_000).at(9),
        client(70_001, &second).at(9),
    ];
    assert_eq!(hear(&frames), [HEARD, "hello other.example [] ech false"]);
    let no_syn = [client(100, &first).at(1), client(70_001, &second).at(9)];
    assert_eq!(hear(&no_syn), [HEARD, "hello other.example [] ech false"]);
}

#[test]
fn overlapping_pieces_that_read_two_ways_give_both_names() {
    let one = forge::record(&forge::hello(Some("aaa.example"), &[], 0));
    let two = forge::record(&forge::hello(Some("bbb.example"), &[], 0));
    let half = one.len() - 2;
    for (first, second) in [(&one, &two), (&two, &one)] {
        let frames = [
            syn(99).at(1),
            client(101, &first[1..half]).at(1),
            client(101, &second[1..half]).at(1),
            client(100, &one[..1]).at(1),
            client(100 + u32::try_from(half).unwrap(), &one[half..]).at(1),
        ];
        let mut heard = hear(&frames);
        assert!(heard.remove(1).starts_with("conflict "));
        heard.sort();
        assert_eq!(heard, ["hello aaa.example [] ech false", "hello bbb.example [] ech false"]);
    }
}

#[test]
fn a_second_hello_over_the_octets_of_the_first_is_a_conflict() {
    let one = forge::record(&forge::hello(Some("aaa.example"), &[], 0));
    let two = forge::record(&forge::hello_with(Some("bbb.example"), &[], 0, 0x77));
    let frames = [client(100, &one).at(1), client(100, &two).at(1)];
    let expected = [
        "hello aaa.example [] ech false",
        "conflict bbb.example",
        "hello bbb.example [] ech false",
    ];
    assert_eq!(hear(&frames), expected);
}

#[test]
fn a_hello_after_a_hole_that_stays_is_found() {
    let stream = long_hello();
    let frames =
        [syn(99).at(1), client(120, &stream[..900]).at(1), client(1_020, &stream[900..]).at(1)];
    assert_eq!(hear(&frames), [HEARD]);
}

#[test]
fn a_hello_that_never_ends_is_let_go_and_held_within_the_caps() {
    let stream = forge::record(&forge::hello(Some("www.example"), &[], 1_600));
    assert!(hear(&[client(100, &stream[..1_200]).at(1)]).is_empty());
    let huge = forge::hello(Some("www.example"), &["h2"], 60_000);
    let records: Vec<u8> = huge.chunks(16_000).flat_map(forge::record).collect();
    let places: Vec<_> = (1..records.len() / 1_400).map(|n| n * 1_400).collect();
    assert_eq!(hear(&segments(100, &cut(&records, &places))), [HEARD]);
}

#[test]
fn no_prefix_of_a_frame_and_no_bent_octet_is_trouble() {
    let whole = client(100, &forge::record(&forge::hello(Some("www.example"), &["h2"], 0))).at(1);
    let name = whole.bytes.windows(11).position(|octets| octets == b"www.example").unwrap() + 11;
    for end in 0..whole.bytes.len() {
        let cut = Frame { at: whole.at, bytes: whole.bytes[..end].to_vec() };
        let expected = if end < name { &[][..] } else { &["hello www.example [] ech false"] };
        assert_eq!(hear(&[cut]), expected, "{end}");
    }
    for at in 0..whole.bytes.len() {
        for bit in 0..8 {
            let mut bent = whole.clone();
            bent.bytes[at] ^= 1 << bit;
            assert!(hear(&[bent]).len() <= 1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_cuts_overlaps_and_orders_give_the_same_hello(
        places in prop::collection::vec(any::<usize>(), 0..30),
        overlap in 0_usize..200,
        seed in any::<u64>(),
        first in any::<u32>(),
        with_syn in any::<bool>(),
    ) {
        let stream = long_hello();
        let mut pieces = cut(&stream, &places);
        for (at, bytes) in &mut pieces {
            let end = (*at as usize + bytes.len() + overlap).min(stream.len());
            *bytes = stream[*at as usize..end].to_vec();
        }
        // Without a SYN, order is only repaired between neighbours: keep the first first.
        let keep = usize::from(!with_syn);
        let mut state = seed | 1;
        for i in (keep + 1..pieces.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let range = i + 1 - keep;
            pieces.swap(i, keep + (state >> 33) as usize % range);
        }
        let mut frames = segments(first, &pieces);
        if with_syn {
            frames.insert(0, syn(first.wrapping_sub(1)).at(1));
        }
        prop_assert_eq!(hear(&frames), [HEARD]);
    }
}

#[test]
fn a_hello_that_the_capture_cut_behind_its_name_is_said_once() {
    let hello = forge::record(&forge::hello(Some("mail.example"), &["h2"], 900));
    let heard = "hello mail.example [] ech false";
    let name = hello.windows(12).position(|octets| octets == b"mail.example").unwrap() + 12;
    for kept in [name - 1, name, 400] {
        let mut wire = wire();
        let mut heard_words = Vec::new();
        let frames = [syn(99).at(1), client(100, &hello).at(1), client(100, &hello).at(2)];
        for frame in frames {
            let bytes = &frame.bytes[..frame.bytes.len().min(54 + kept)];
            let original_len = u32::try_from(frame.bytes.len()).unwrap();
            let packet = Packet { at: frame.at, link: LinkType::Ethernet, bytes, original_len };
            wire.feed(&packet, &mut |said| {
                heard_words.push(words(&said));
                Follow::No
            });
        }
        wire.expire(Timestamp::MAX, &mut |said: Said<'_>| {
            heard_words.push(words(&said));
            Follow::No
        });
        let expected = if kept < name { &[][..] } else { &[heard] };
        assert_eq!(heard_words, expected, "{kept}");
    }
}

#[test]
fn a_login_by_ntlm_that_is_cut_in_two_is_told_wherever_it_is_cut() {
    let mut message = b"NTLMSSP\0\x03\0\0\0".to_vec();
    let fields = [[0; 8], [0; 8], [3, 0, 3, 0, 72, 0, 0, 0], [5, 0, 5, 0, 75, 0, 0, 0]];
    message.extend(fields.concat());
    message.extend([0; 28]);
    message.extend(b"ELMpupil");
    let before = [&[0, 0, 0, 90][..], &[0xfe; 20]].concat();
    let whole = [&before[..], &message, b"and more"].concat();
    let expected = ["ntlm 10.1.4.23 pupil ELM"];
    assert_eq!(said(445, &[&whole]), expected);
    for cut in before.len() + 12..whole.len() {
        assert_eq!(said(445, &[&whole[..cut], &whole[cut..]]), expected, "cut at {cut}");
    }
    let hello = hello_record();
    let false_start = [&whole[..40], &hello].concat();
    assert_eq!(said(445, &[&false_start]), ["hello mail.example [] ech false"]);
}
