//! Frames of Initial packets (RFC 9000 section 12.4): the pieces of the handshake.

use crate::reader::Reader;

const PADDING: u64 = 0x00;
const PING: u64 = 0x01;
const ACK: u64 = 0x02;
const ACK_ECN: u64 = 0x03;
const CRYPTO: u64 = 0x06;
/// The same frame in Google's version T050. In the others this is a STREAM frame, which
/// has no place in an Initial.
const CRYPTO_T050: u64 = 0x08;

/// The CRYPTO frames of a packet: offset and octets. Ends at a frame that has no place in
/// an Initial.
pub(super) fn crypto(frames: &[u8]) -> impl Iterator<Item = (u64, &[u8])> + Clone {
    let mut reader = Reader::new(frames);
    std::iter::from_fn(move || {
        loop {
            match reader.varint()? {
                PING => {}
                PADDING => {
                    reader.skip(noughts(reader.rest()))?;
                }
                kind @ (ACK | ACK_ECN) => skip_ack(&mut reader, kind == ACK_ECN)?,
                CRYPTO | CRYPTO_T050 => {
                    let offset = reader.varint()?;
                    let length = usize::try_from(reader.varint()?).ok()?;
                    return reader.take(length).map(|octets| (offset, octets));
                }
                _ => return None,
            }
        }
    })
}

/// How many octets of nought stand at the beginning: of padding there are hundreds.
fn noughts(octets: &[u8]) -> usize {
    let (chunks, _) = octets.as_chunks::<16>();
    let whole = chunks.iter().take_while(|chunk| **chunk == [0; 16]).count().saturating_mul(16);
    let rest = octets.get(whole..).unwrap_or_default();
    whole.saturating_add(rest.iter().take_while(|octet| **octet == 0).count())
}

fn skip_ack(reader: &mut Reader<'_>, ecn: bool) -> Option<()> {
    // Largest acknowledged, delay.
    reader.varint()?;
    reader.varint()?;
    let ranges = reader.varint()?;
    reader.varint()?;
    // Each range takes two octets at least, so a count that lies ends with the packet.
    for _ in 0..ranges {
        reader.varint()?;
        reader.varint()?;
    }
    if ecn {
        for _ in 0..3 {
            reader.varint()?;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_found_between_other_frames() {
        let frames =
            b"\0\x01\x06\x05\x02de\0\x02\x07\0\x01\0\x03\x04\x06\x40\x02\x03cde\x1c\x06\0\x01x";
        let found: Vec<_> = crypto(frames).collect();
        assert_eq!(found, [(5, &b"de"[..]), (2, b"cde")]);
    }

    #[test]
    fn padding_of_any_length_is_passed_over() {
        for length in 0..100 {
            let frames = [&vec![0; length][..], b"\x06\x05\x02de", &vec![0; length]].concat();
            assert_eq!(crypto(&frames).collect::<Vec<_>>(), [(5, &b"de"[..])], "{length}");
        }
    }

    #[test]
    fn counts_and_lengths_may_lie() {
        assert_eq!(crypto(b"\x02\0\0\xff\xff\xff\xff\xff\xff\xff\xff\0").count(), 0);
        assert_eq!(crypto(b"\x06\0\xff\xff\xff\xff\xff\xff\xff\xff").count(), 0);
        let whole = b"\x03\x07\0\x01\0\x03\x04\x01\x02\x03\x06\0\x02ab";
        for end in 0..=whole.len() {
            assert_eq!(crypto(&whole[..end]).count(), usize::from(end == whole.len()));
        }
    }
}
