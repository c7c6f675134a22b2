//! Tests of what is missing from a mirror port.

use super::*;

const SYN: u8 = 2;
const FIN: u8 = 17;
const ACK: u8 = 16;

fn meter() -> Meter {
    Meter::new(Ports::new(&[53], &[443], &[]))
}

fn frame(protocol: u8, vlan: Option<u16>, id: u16, inside: &[u8]) -> Vec<u8> {
    let mut frame = vec![2; 12];
    if let Some(vlan) = vlan {
        frame.extend([0x81, 0]);
        frame.extend(vlan.to_be_bytes());
    }
    frame.extend([8, 0]);
    let length = u16::try_from(inside.len() + 20).unwrap();
    frame.extend([0x45, 0]);
    frame.extend(length.to_be_bytes());
    frame.extend(id.to_be_bytes());
    frame.extend([0x40, 0, 64, protocol, 0, 0, 10, 77, 1, 23, 203, 0, 113, 7]);
    frame.extend(inside);
    frame
}

fn segment(from: u16, to: u16, sequence: u32, flags: u8, octets: usize) -> Vec<u8> {
    let mut segment = [from.to_be_bytes(), to.to_be_bytes()].concat();
    segment.extend(sequence.to_be_bytes());
    segment.extend([0, 0, 0, 1, 0x50, flags, 1, 0, 0, 0, 0, 0]);
    segment.extend(vec![7; octets]);
    frame(6, None, 1, &segment)
}

fn feed(meter: &mut Meter, micros: i64, bytes: &[u8]) {
    let original_len = u32::try_from(bytes.len()).unwrap();
    let at = Timestamp::from_micros(micros);
    meter.take(&Packet { at, link: LinkType::Ethernet, bytes, original_len });
}

/// What clients send in a thousand connections, of which each packet is kept or not.
fn estimate(mut is_kept: impl FnMut() -> bool) -> (f64, f64) {
    let mut meter = meter();
    let (mut sent, mut lost) = (0_u64, 0_u64);
    for client in 0..4_000_u16 {
        let port = 20_000 + client;
        let mut sequence = 1_000_000;
        let mut give = |meter: &mut Meter, flags: u8, octets: usize| {
            let bytes = segment(port, 443, sequence, flags, octets);
            sequence += u32::try_from(octets).unwrap() + u32::from(flags == SYN);
            sent += octets as u64;
            if is_kept() {
                feed(meter, i64::from(sequence), &bytes);
            } else {
                lost += octets as u64;
            }
        };
        give(&mut meter, SYN, 0);
        for octets in [517, 80, 300, 900, 44, 1_200] {
            give(&mut meter, ACK, octets);
        }
        give(&mut meter, FIN, 0);
    }
    let Measured { sent: counted, missing, .. } = meter.measured();
    (missing as f64 / counted as f64, lost as f64 / sent as f64)
}

#[test]
fn the_estimate_of_loss_is_within_a_fifth_of_what_was_lost() {
    let mut state = 88_172_645_463_325_252_u64;
    for of_a_hundred in [1, 5, 20] {
        let (estimated, lost) = estimate(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % 100 >= of_a_hundred
        });
        let off = (estimated - lost).abs() / lost;
        assert!(off < 0.2, "{of_a_hundred} of 100: {estimated} for {lost}");
    }
    assert_eq!(estimate(|| true).0, 0.0);
}

#[test]
fn what_comes_late_or_twice_is_not_missing() {
    let mut meter = meter();
    for (sequence, flags, octets) in
        [(99, SYN, 0), (600, ACK, 500), (100, ACK, 500), (100, ACK, 500), (1_100, FIN, 0)]
    {
        feed(&mut meter, 0, &segment(40_000, 443, sequence, flags, octets));
    }
    let Measured { sent, missing, .. } = meter.measured();
    assert_eq!((sent, missing), (1_000, 0));
    feed(&mut meter, 0, &segment(40_001, 443, 99, SYN, 0));
    feed(&mut meter, 0, &segment(40_001, 443, 1_100, FIN, 0));
    assert_eq!(meter.measured().missing, 1_000, "the end counts what never came");
}

#[test]
fn directions_copies_cut_frames_and_tags_are_counted() {
    let mut meter = meter();
    feed(&mut meter, 0, &segment(40_000, 443, 1, SYN, 0));
    feed(&mut meter, 3_000, &segment(40_000, 443, 1, SYN, 0));
    feed(&mut meter, 900_000, &segment(40_000, 443, 1, SYN, 0));
    feed(&mut meter, 900_100, &segment(443, 40_000, 9, SYN | ACK, 0));
    let question = [&[0xc3, 0x50, 0, 53, 0, 12, 0, 0][..], b"www?"].concat();
    feed(&mut meter, 0, &frame(17, Some(20), 7, &question));
    feed(&mut meter, 100, &frame(17, Some(20), 7, &question));
    feed(&mut meter, 200, &frame(17, Some(30), 8, &question));
    let bytes = segment(40_000, 443, 1, ACK, 9);
    let at = Timestamp::EPOCH;
    meter.take(&Packet { at, link: LinkType::Ethernet, bytes: &bytes, original_len: 9_000 });
    let measured = meter.measured();
    assert_eq!((measured.knocks, measured.answers), (3, 1));
    assert_eq!((measured.questions, measured.replies), (3, 0));
    assert_eq!((measured.compared, measured.copies, measured.cut), (7, 2, 1));
    let since = |micros| meter.vlans_since(Timestamp::from_micros(micros)).iter().collect();
    let [once, lately]: [Vec<_>; 2] = [since(1), since(150)];
    assert_eq!((&once[..], &lately[..]), (&[20, 30][..], &[30][..]));
}

#[test]
fn no_prefix_of_a_frame_is_trouble() {
    let whole = segment(40_000, 443, 1, SYN, 9);
    let tagged = frame(17, Some(20), 7, &[0, 53, 0, 53]);
    let mut meter = meter();
    for bytes in [whole, tagged] {
        for end in 0..=bytes.len() {
            feed(&mut meter, 0, &bytes[..end]);
        }
    }
}

#[test]
fn packets_that_the_switch_cut_are_counted_and_those_that_we_cut_are_not() {
    let mut meter = meter();
    let whole = segment(40_000, 443, 1, ACK, 500);
    let padded = [&segment(40_000, 443, 1, ACK, 0)[..], &[0; 6]].concat();
    feed(&mut meter, 0, &whole);
    feed(&mut meter, 0, &padded);
    feed(&mut meter, 0, &whole[..128]);
    let original_len = u32::try_from(whole.len()).unwrap();
    let (at, link) = (Timestamp::EPOCH, LinkType::Ethernet);
    meter.take(&Packet { at, link, bytes: &whole[..128], original_len });
    let Measured { headed, short, cut, .. } = meter.measured();
    assert_eq!((headed, short, cut), (3, 1, 1));
    let v6 = [&[2; 12][..], &[0x86, 0xdd, 0x60, 0, 0, 0, 0, 90, 6, 64], &[1; 32], &[0; 80]];
    feed(&mut meter, 0, &v6.concat());
    assert_eq!(meter.measured().short, 2);
}
