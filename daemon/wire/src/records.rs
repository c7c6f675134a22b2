//! The TLS record layer before any key: a ClientHello in one record or in many.

use crate::hello;
use crate::limits::MOST_RECORDS;
use crate::reader::{Reader, Reading};

const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
/// RFC 8446 section 5.1 allows 2^14; a little more is taken from clients that lie.
const LONGEST_RECORD: u16 = 0x4800;
const HEADER: usize = 5;
/// The version of a record is not to be looked at (RFC 8446 section 5.1). Some servers want 3
/// as its first octet, some anything below 16.
const HIGHEST_MAJOR: u8 = 15;
/// Version, random, and the lengths of three lists.
const SHORTEST_BODY: u32 = 38;

/// How many octets tell whether a hello begins.
pub(crate) const START: usize = 6;

/// How long a change of cipher is, with its header.
pub(crate) const CHANGE: u32 = 6;

/// What the first octets of a stream say about a ClientHello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// It begins here.
    Hello,
    /// It may; there are too few octets to tell.
    Unsure,
    /// It does not.
    Other,
}

/// Looks at the first six octets: a handshake record whose first octet opens a ClientHello.
pub(crate) fn start(bytes: &[u8]) -> Start {
    let mut reader = Reader::new(bytes);
    let mut expect = |allowed: fn(u8) -> bool| match reader.u8() {
        Some(octet) if allowed(octet) => None,
        Some(_) => Some(Start::Other),
        None => Some(Start::Unsure),
    };
    let early = expect(|kind| kind == HANDSHAKE)
        .or_else(|| expect(|major| major <= HIGHEST_MAJOR))
        .or_else(|| expect(|_minor| true))
        .or_else(|| expect(|high| high <= 0x48))
        .or_else(|| expect(|_low| true))
        .or_else(|| expect(|message| message == CLIENT_HELLO));
    early.unwrap_or(match bytes {
        [_, _, _, 0, 0, ..] => Start::Other,
        _ => Start::Hello,
    })
}

/// How many octets of a change of cipher stand before a hello: a server that wants another
/// hello gets both in one segment (RFC 8446 appendix D.4).
pub(crate) fn hello_behind_change(bytes: &[u8]) -> Option<u32> {
    let [20, 3, _, 0, 1, 1, rest @ ..] = bytes else { return None };
    may_start(rest).then_some(CHANGE)
}

/// Whether octets begin a hello, as far as they are there.
pub(crate) fn may_start(bytes: &[u8]) -> bool {
    !bytes.is_empty() && start(bytes) != Start::Other
}

/// Whether octets begin with the header of a record of any kind (RFC 8446 section 5.1).
pub(crate) const fn is_record(bytes: &[u8]) -> bool {
    matches!(bytes, [20..=24, 3, ..])
}

/// Finds where a hello begins among other octets, or may begin with the last of them.
pub(crate) fn find(bytes: &[u8]) -> Option<usize> {
    let mut from = 0_usize;
    loop {
        let rest = bytes.get(from..)?;
        let at = from.saturating_add(rest.iter().position(|octet| *octet == HANDSHAKE)?);
        let rest = bytes.get(at..)?;
        match start_among_others(rest) {
            Start::Hello | Start::Unsure => return Some(at),
            Start::Other => from = at.saturating_add(1),
        }
    }
}

/// Finds where a hello surely begins among other octets, from this place on.
pub(crate) fn find_sure(bytes: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let rest = bytes.get(from..)?;
        let at = from.saturating_add(rest.iter().position(|octet| *octet == HANDSHAKE)?);
        if start_among_others(bytes.get(at..)?) == Start::Hello {
            return Some(at);
        }
        from = at.saturating_add(1);
    }
}

/// The same as `start`, with a look at what follows: where nothing says that a hello is due,
/// six octets are too few to be sure.
fn start_among_others(bytes: &[u8]) -> Start {
    let begun = start(bytes);
    if begun != Start::Hello {
        return begun;
    }
    let mut reader = Reader::new(bytes.get(3..).unwrap_or_default());
    let length = reader.u16().map_or(0, usize::from);
    if length < START {
        // The rest of the message is in further records.
        return match bytes.get(HEADER.saturating_add(length)) {
            None => Start::Unsure,
            Some(kind) if *kind == HANDSHAKE => Start::Hello,
            Some(_) => Start::Other,
        };
    }
    let message = (reader.u8(), reader.u24(), reader.u8(), reader.u8());
    match message {
        (_, Some(body), Some(3), Some(0..=4)) if (SHORTEST_BODY..=0xffff).contains(&body) => {
            Start::Hello
        }
        (_, Some(_), Some(_), Some(_)) => Start::Other,
        _ => Start::Unsure,
    }
}

/// Finds the ClientHello message at the beginning of a stream and says how many octets of
/// the stream it took. In one record it is lent as it stands; from many it is joined.
pub(crate) fn client_hello<'a>(
    stream: &'a [u8],
    joined: &'a mut Vec<u8>,
) -> Reading<(&'a [u8], usize)> {
    let mut reader = Reader::new(stream);
    let (first, length) = match record(&mut reader, stream.len()) {
        Reading::Done([]) => return Reading::NotThis,
        Reading::Done(first) => match hello::message_length(first) {
            Reading::Done(length) => (first, length.saturating_add(4)),
            Reading::Incomplete(_) => (first, usize::MAX),
            Reading::NotThis => return Reading::NotThis,
        },
        Reading::Incomplete(needed) => return Reading::Incomplete(needed),
        Reading::NotThis => return Reading::NotThis,
    };
    if let Some(message) = first.get(..length) {
        return Reading::Done((message, HEADER.saturating_add(first.len())));
    }
    joined.clear();
    joined.extend_from_slice(first);
    for _ in 0..MOST_RECORDS {
        match record(&mut reader, stream.len()) {
            Reading::Done(part) => joined.extend_from_slice(part),
            Reading::Incomplete(needed) => return Reading::Incomplete(needed),
            Reading::NotThis => return Reading::NotThis,
        }
        match hello::message_length(joined) {
            Reading::Done(length) if joined.len() >= length.saturating_add(4) => {
                let used = stream.len().saturating_sub(reader.len());
                return joined
                    .get(..length.saturating_add(4))
                    .map_or(Reading::NotThis, |message| Reading::Done((message, used)));
            }
            Reading::NotThis => return Reading::NotThis,
            Reading::Done(_) | Reading::Incomplete(_) => {}
        }
    }
    Reading::NotThis
}

/// What is there of a ClientHello whose only record the capture cut.
pub(crate) fn cut_hello(stream: &[u8]) -> Option<&[u8]> {
    let (header, message) = stream.split_first_chunk::<HEADER>()?;
    let [.., high, low] = *header;
    let is_cut = message.len() < usize::from(u16::from_be_bytes([high, low]));
    (is_cut && start(stream) == Start::Hello).then_some(message)
}

/// Takes the next handshake record, or says how long the stream must be to hold it.
fn record<'a>(reader: &mut Reader<'a>, stream: usize) -> Reading<&'a [u8]> {
    let before = stream.saturating_sub(reader.len());
    let mut ahead = *reader;
    let (Some(kind), Some(major), Some(_), Some(length)) =
        (ahead.u8(), ahead.u8(), ahead.u8(), ahead.u16())
    else {
        return Reading::Incomplete(before.saturating_add(HEADER));
    };
    if kind != HANDSHAKE || major > HIGHEST_MAJOR || length > LONGEST_RECORD {
        return Reading::NotThis;
    }
    match ahead.take(usize::from(length)) {
        Some(content) => {
            *reader = ahead;
            Reading::Done(content)
        }
        None => {
            let needed = before.saturating_add(HEADER).saturating_add(usize::from(length));
            Reading::Incomplete(needed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hello::forge;

    fn split(message: &[u8], size: usize) -> Vec<u8> {
        message.chunks(size).flat_map(forge::record).collect()
    }

    #[test]
    fn a_hello_is_found_in_records_of_any_size() {
        let message = forge::hello(Some("www.example"), &["h2"], 300);
        for size in 1..=message.len() {
            let stream = split(&message, size);
            let mut joined = Vec::new();
            let used = stream.len();
            assert_eq!(client_hello(&stream, &mut joined), Reading::Done((&message[..], used)));
        }
    }

    #[test]
    fn empty_records_inside_a_hello_hide_nothing() {
        // Forbidden by RFC 8446 section 5.1, and taken by servers.
        let message = forge::hello(Some("www.example"), &["h2"], 300);
        for at in 1..message.len() {
            let (one, other) = message.split_at(at);
            let empty = [HANDSHAKE, 3, 3, 0, 0];
            let stream =
                [&forge::record(one)[..], &empty, &empty, &forge::record(other)[..]].concat();
            let (mut joined, used) = (Vec::new(), stream.len());
            assert_eq!(client_hello(&stream, &mut joined), Reading::Done((&message[..], used)));
        }
    }

    #[test]
    fn every_prefix_is_incomplete_and_never_needs_more_than_the_whole() {
        let message = forge::hello(Some("www.example"), &["h2"], 0);
        for stream in [forge::record(&message), split(&message, 7)] {
            for end in 0..stream.len() {
                let mut joined = Vec::new();
                let Reading::Incomplete(needed) = client_hello(&stream[..end], &mut joined) else {
                    panic!("{end} octets")
                };
                assert!(needed > end && needed <= stream.len());
                assert_ne!(start(&stream[..end]), Start::Other);
            }
            assert_eq!(start(&stream), Start::Hello);
        }
    }

    #[test]
    fn a_hello_is_found_under_any_version_that_some_server_takes_for_its_records() {
        let message = forge::hello(Some("www.example"), &["h2"], 0);
        for version in [[3, 0], [3, 4], [3, 5], [3, 0xff], [2, 0], [0, 0], [15, 255]] {
            let mut stream = forge::record(&message);
            stream[1..3].copy_from_slice(&version);
            assert_eq!(start(&stream), Start::Hello, "{version:?}");
            let whole = Reading::Done((&message[..], stream.len()));
            assert_eq!(client_hello(&stream, &mut Vec::new()), whole, "{version:?}");
        }
        assert_eq!(start(b"\x16\x10\x01\0\x60\x01"), Start::Other);
    }

    #[test]
    fn any_octet_may_be_bent() {
        let stream = split(&forge::hello(Some("www.example"), &["h2"], 0), 11);
        for at in 0..stream.len() {
            for octet in 0..=255 {
                let mut bent = stream.clone();
                bent[at] = octet;
                let _ = (start(&bent), client_hello(&bent, &mut Vec::new()));
            }
        }
    }

    #[test]
    fn a_hello_is_found_among_other_octets_wherever_these_end() {
        let hello = forge::record(&forge::hello(Some("www.example"), &["h2"], 0));
        let other = b"STARTTLS\r\n";
        for end in other.len()..other.len() + hello.len() {
            let whole = [&other[..], &hello].concat();
            let expected = (end > other.len()).then_some(other.len());
            assert_eq!(find(&whole[..end]), expected, "{end}");
            let tail = [&[0x16; 3], &whole[10..end]].concat();
            let expected = if end == other.len() { 2 } else { 3 };
            assert_eq!(find(&tail), Some(expected), "{end}");
        }
        for size in [1, 4, 5, 6, 7] {
            let pieces = [&b"\x05\x01\0"[..], &split(&hello[5..], size)].concat();
            assert_eq!(find(&pieces), Some(3), "{size}");
        }
        for none in [&b"\x16\x03\x01\0\x40\x01\0\0\x3c\x09\0"[..], b"", b"\x16\x10"] {
            assert_eq!(find(none), None);
        }
    }

    #[test]
    fn other_streams_do_not_begin_with_a_hello() {
        for other in
            [&b"GET / HTTP/1.1"[..], b"\x16\x03\x01\x00\x05\x02", b"\x17\x03\x03\x00\x05\x01"]
        {
            assert_eq!(start(other), Start::Other);
        }
        assert_eq!(start(b"\x16\x03\x01\x00\x00\x01"), Start::Other, "an empty record");
    }
}
