//! IEEE 802.11 data frames in clear, with or without what a receiver writes before them: as a
//! capture in the air gives them, or a controller whose access points tunnel whole frames.

use facts::{Frame, Mac};

use crate::reader::Reader;

const DATA: u8 = 2;
/// Bits of the first octet: subtypes that carry nothing, and those with a QoS field.
const NO_DATA: u8 = 0x40;
const QOS: u8 = 0x80;
/// Bits of the second octet.
const TO_SYSTEM: u8 = 0x01;
const FROM_SYSTEM: u8 = 0x02;
const PROTECTED: u8 = 0x40;
const ORDER: u8 = 0x80;
/// The bit of the QoS field that says that several packets are in one frame.
const AGGREGATE: u8 = 0x80;

/// LLC and SNAP before an ethertype (RFC 1042).
const SNAP: [u8; 6] = [0xaa, 0xaa, 0x03, 0, 0, 0];

/// Finds the ethertype and what follows it; none where the frame holds no packet in clear.
/// Of several packets in one frame the first is read.
pub(super) fn packet<'a>(bytes: &'a [u8], frame: &mut Frame) -> Option<(u16, Reader<'a>)> {
    let [control, flags, ..] = *bytes else { return None };
    behind([control, flags], bytes, frame)
}

/// The same in a tunnel, where some access points swap the first two octets.
pub(super) fn tunnelled<'a>(bytes: &'a [u8], frame: &mut Frame) -> Option<(u16, Reader<'a>)> {
    let [first, second, ..] = *bytes else { return None };
    behind([first, second], bytes, frame).or_else(|| behind([second, first], bytes, frame))
}

/// Reads a frame with this for its control field.
fn behind<'a>(
    [control, flags]: [u8; 2],
    bytes: &'a [u8],
    frame: &mut Frame,
) -> Option<(u16, Reader<'a>)> {
    let mut reader = Reader::new(bytes);
    reader.skip(4)?;
    let sealed = flags & PROTECTED != 0;
    if control & 0b11 != 0 || (control >> 2) & 0b11 != DATA || control & NO_DATA != 0 || sealed {
        return None;
    }
    let [first, second, third] = [reader.array()?, reader.array()?, reader.array()?];
    reader.skip(2)?;
    let (destination, source) = match (flags & TO_SYSTEM != 0, flags & FROM_SYSTEM != 0) {
        (false, false) => (first, second),
        (true, false) => (third, second),
        (false, true) => (first, third),
        (true, true) => (third, reader.array()?),
    };
    frame.dst_mac = Some(Mac::from_octets(destination));
    frame.src_mac = Some(Mac::from_octets(source));
    let mut aggregate = false;
    if control & QOS != 0 {
        let [low, _] = reader.array()?;
        aggregate = low & AGGREGATE != 0;
        if flags & ORDER != 0 {
            reader.skip(4)?;
        }
    }
    if aggregate {
        // Destination, source, length.
        reader.skip(14)?;
    }
    // Some receivers pad the header to four octets.
    if !reader.rest().starts_with(&SNAP) {
        reader.skip(2)?;
    }
    if reader.array()? != SNAP {
        return None;
    }
    Some((reader.u16()?, reader))
}

/// Radiotap, and PPI, which has its length in the same place: version, then the length of
/// the whole header as a little-endian word.
pub(super) fn after_header(bytes: &[u8]) -> Option<&[u8]> {
    let [_, _, low, high, ..] = *bytes else { return None };
    bytes.get(usize::from(u16::from_le_bytes([low, high]))..)
}

/// Prism and AVS: Prism has a fixed length; AVS begins with a number of its own, then its
/// length.
pub(super) fn after_prism(bytes: &[u8]) -> Option<&[u8]> {
    const PRISM: usize = 144;
    const AVS: u32 = 0x8021_1000;
    let mut reader = Reader::new(bytes);
    let (number, length) = (reader.u32()?, reader.u32()?);
    let header = if number & 0xffff_f000 == AVS { usize::try_from(length).ok()? } else { PRISM };
    bytes.get(header..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(control: u8, flags: u8, more: &[u8]) -> Vec<u8> {
        let addresses = [[2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2], [2, 0, 0, 0, 0, 3]].concat();
        [&[control, flags, 0, 0], &addresses[..], &[0, 0], more].concat()
    }

    fn read(bytes: &[u8]) -> Option<(u16, Vec<u8>, Frame)> {
        let mut frame = Frame::default();
        let (ethertype, reader) = packet(bytes, &mut frame)?;
        Some((ethertype, reader.rest().to_vec(), frame))
    }

    const IP: &[u8] = b"\xaa\xaa\x03\0\0\0\x08\0\x45ip";

    #[test]
    fn a_packet_is_found_behind_every_form_of_the_header() {
        let mac = |last| Some(Mac::from_octets([2, 0, 0, 0, 0, last]));
        for (frame, dst, src) in [
            (data(0x08, 0, IP), 1, 2),
            (data(0x08, 0x01, IP), 3, 2),
            (data(0x08, 0x02, IP), 1, 3),
            (data(0x08, 0x03, &[&[2, 0, 0, 0, 0, 4], IP].concat()), 3, 4),
            (data(0x88, 0x01, &[&[0, 0], IP].concat()), 3, 2),
            (data(0x88, 0x01, &[&[0, 0, 0, 0], IP].concat()), 3, 2),
            (data(0x88, 0x81, &[&[0, 0, 1, 1, 1, 1], IP].concat()), 3, 2),
            (data(0x88, 0x01, &[&[0x80, 0][..], &[7; 14], IP].concat()), 3, 2),
        ] {
            let (ethertype, rest, read) = read(&frame).expect("read");
            assert_eq!((ethertype, &rest[..]), (0x0800, &b"\x45ip"[..]));
            assert_eq!((read.dst_mac, read.src_mac), (mac(dst), mac(src)));
        }
    }

    #[test]
    fn sealed_empty_and_other_frames_hold_nothing() {
        for other in [data(0x08, 0x40, IP), data(0x48, 0, IP), data(0x80, 0, IP), data(9, 0, IP)] {
            assert!(read(&other).is_none());
        }
        let whole = data(0x88, 0x83, &[&[2, 0, 0, 0, 0, 4, 0x80, 0][..], &[7; 18], IP].concat());
        for end in 0..whole.len() - 3 {
            assert!(read(&whole[..end]).is_none());
        }
        for at in 0..whole.len() {
            for octet in 0..=255 {
                let mut bent = whole.clone();
                bent[at] = octet;
                let _ = read(&bent);
            }
        }
    }

    #[test]
    fn the_first_two_octets_may_be_swapped_in_a_tunnel() {
        let mut swapped = data(0x88, 0x01, &[&[0, 0], IP].concat());
        swapped.swap(0, 1);
        let mut frame = Frame::default();
        assert!(packet(&swapped, &mut frame).is_none());
        let (ethertype, rest) = tunnelled(&swapped, &mut frame).expect("read");
        assert_eq!((ethertype, rest.rest()), (0x0800, &b"\x45ip"[..]));
        assert_eq!(frame.src_mac, Some(Mac::from_octets([2, 0, 0, 0, 0, 2])));
    }

    #[test]
    fn what_a_receiver_wrote_is_stepped_over() {
        assert_eq!(after_header(&[0, 0, 6, 0, 1, 1, 9]), Some(&[9][..]));
        assert_eq!(after_header(&[0, 0, 9, 0, 1, 1, 9]), None);
        assert_eq!(after_prism(&[&[0, 0, 0, 0x44][..], &[0; 140], &[9]].concat()), Some(&[9][..]));
        let avs = [0x80, 0x21, 0x10, 1, 0, 0, 0, 10, 0, 0, 9];
        assert_eq!(after_prism(&avs), Some(&[9][..]));
        assert_eq!((after_header(&[0, 0]), after_prism(&[0; 7])), (None, None));
    }
}
