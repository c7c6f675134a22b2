//! Connections whose beginning was not seen, or of which something in the middle is missing.

use super::*;

/// A question for this name behind its length.
fn framed(name: &str) -> Vec<u8> {
    let labels = name
        .split('.')
        .flat_map(|label| std::iter::once(u8::try_from(label.len()).unwrap()).chain(label.bytes()));
    let question: Vec<u8> = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0"
        .iter()
        .copied()
        .chain(labels)
        .chain(*b"\0\0\x01\0\x01")
        .collect();
    [&u16::try_from(question.len()).unwrap().to_be_bytes()[..], &question].concat()
}

fn questions() -> Vec<Vec<u8>> {
    (0..6).map(|n| framed(&format!("n{n}.example"))).collect()
}

fn words_of(numbers: std::ops::Range<u32>) -> Vec<Heard> {
    numbers.map(|n| format!("dns_query n{n}.example 1")).collect()
}

/// What is said of pieces on a port, one segment each; none: the mirror lost it.
fn with_losses(port: u16, begin: Option<Frame>, pieces: &[(&[u8], bool)]) -> Vec<Heard> {
    let mut seq = 100_u32;
    let mut frames: Vec<Frame> = begin.into_iter().collect();
    for (piece, is_seen) in pieces {
        frames.extend(is_seen.then(|| client(seq, piece).on_port(port, 1)));
        seq += u32::try_from(piece.len()).unwrap();
    }
    hear(&frames)
}

#[test]
fn dns_over_tcp_that_is_caught_in_the_middle_of_a_message_is_found_again() {
    let all = questions();
    for cut in 1..all[0].len() {
        let mut pieces: Vec<(&[u8], bool)> = all.iter().map(|one| (&one[..], true)).collect();
        pieces[0].0 = &all[0][cut..];
        assert_eq!(with_losses(53, None, &pieces), words_of(1..6), "cut at {cut}");
        let together = [&all[0][cut..], &all[1]].concat();
        pieces.splice(..2, [(&together[..], true)]);
        assert_eq!(with_losses(53, None, &pieces), words_of(1..6), "together, cut at {cut}");
    }
}

#[test]
fn dns_over_tcp_after_a_lost_segment_is_found_again_wherever_that_was_cut() {
    let all = questions();
    let stream = all.concat();
    let length = all[0].len();
    for cut in 1..length {
        // The end of the second message and the beginning of the third are in what is lost.
        let (before, rest) = stream.split_at(length + cut);
        let (lost, after) = rest.split_at(length);
        let (tail, whole) = after.split_at(length - cut);
        let pieces = [(before, true), (lost, false), (tail, true), (whole, true)];
        let expected = [words_of(0..1), words_of(3..6)].concat();
        for begin in [None, Some(syn(99).on_port(53, 1))] {
            assert_eq!(with_losses(53, begin, &pieces), expected, "cut at {cut}");
        }
    }
}

#[test]
fn nothing_is_made_up_out_of_the_middle_of_a_message_of_dns() {
    // A text record that holds a whole question, framed, and goes on behind it.
    let inner = framed("never.example");
    let record = [&b"\xc0\x0c\0\x10\0\x01\0\0\0\x3c\0\x80\x7f"[..], &inner, &[b'x'; 90]].concat();
    for cut in 0..record.len() {
        let heard = with_losses(53, None, &[(&record[cut..], true), (&framed("n0.example"), true)]);
        assert_eq!(heard, words_of(0..1), "cut at {cut}");
    }
}

/// Every order of so many things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let put = |order: &Vec<usize>, at: usize| {
        let mut order = order.clone();
        order.insert(at, count - 1);
        order
    };
    let shorter = orders(count - 1);
    shorter.iter().flat_map(|order| (0..count).map(move |at| put(order, at))).collect()
}

#[test]
fn a_hello_without_a_syn_whose_last_piece_came_first_is_found_in_any_order() {
    let hello = forge::record(&forge::hello(Some("mail.example"), &[], 900));
    for (port, size, count) in [(443, 250, 4), (31_337, 250, 4), (443, 400, 3), (443, 200, 5)] {
        let pieces: Vec<(u32, &[u8])> = (100..).step_by(size).zip(hello.chunks(size)).collect();
        assert_eq!(pieces.len(), count);
        for order in orders(count) {
            let frames: Vec<_> =
                order.iter().map(|n| client(pieces[*n].0, pieces[*n].1).on_port(port, 1)).collect();
            assert_eq!(hear(&frames), ["hello mail.example [] ech false"], "{port} {order:?}");
        }
    }
}

#[test]
fn a_hello_without_a_syn_is_found_where_its_first_piece_has_three_octets_and_comes_last() {
    let hello = forge::record(&forge::hello(Some("mail.example"), &[], 900));
    let (first, rest) = hello.split_at(3);
    let (second, third) = rest.split_at(400);
    let pieces = [(100, first), (103, second), (503, third)];
    for order in orders(3) {
        let frames: Vec<_> =
            order.iter().map(|n| client(pieces[*n].0, pieces[*n].1).at(1)).collect();
        assert_eq!(hear(&frames), ["hello mail.example [] ech false"], "{order:?}");
    }
}
