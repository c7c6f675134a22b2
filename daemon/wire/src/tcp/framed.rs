//! DNS over TCP: messages behind their lengths (RFC 1035 section 4.2.2), and where one
//! begins in a direction of which octets are missing.

use super::talk::{Front, Step, Talk};
use crate::dns;
use crate::follow::Followed;
use crate::http;
use crate::keyed::Key;
use crate::names::NameText;
use crate::reader::{Reader, Reading};
use crate::tunnels;
use crate::voice::{Heading, Voice};

const HEADER: usize = 12;
/// A header, the longest name, its type and class.
const LONGEST_QUESTION: usize = HEADER + 255 + 4;
/// A message with more questions than this is none that anybody sends.
const MOST_QUESTIONS: u8 = 25;

/// Reads the message at the front.
pub(super) fn message(
    front: &Front<'_>,
    heading: &Heading,
    followed: &mut Followed,
    voice: &mut Voice<'_, '_>,
) -> Step {
    let mut reader = Reader::new(front.bytes);
    let Some(length) = reader.u16() else { return Step::Wait(2) };
    let length = usize::from(length);
    if length < HEADER {
        return Step::Turn(Some(Talk::DnsSomewhere));
    }
    let whole = length.saturating_add(2);
    let Some(message) = reader.take(length) else { return Step::Wait(whole) };
    let print = Key::new(voice.settings.key).print(&[message]);
    if front.known != Some(print) {
        dns::message(message, heading, followed, voice);
    }
    let length = u32::try_from(whole).unwrap_or(u32::MAX);
    Step::Said { length, count: length, talk: Talk::Dns, print }
}

/// Looks for a message where octets before the front were not seen: at the front by its form
/// alone, behind it by a question for a host name as well.
pub(super) fn find(front: &Front<'_>, voice: &mut Voice<'_, '_>) -> Step {
    let bytes = front.bytes;
    let room = &mut voice.room.text;
    let begun = match is_framed(bytes) {
        true => Reading::Done(()),
        false if goes_on(bytes, room) => begins(bytes, room),
        false => Reading::NotThis,
    };
    if begun == Reading::Done(()) {
        return Step::Turn(Some(Talk::Dns));
    }
    let may_begin = matches!(begun, Reading::Incomplete(_))
        || http::surely_may_start(bytes)
        || matches!(tunnels::stream(bytes), Reading::Incomplete(_));
    if may_begin && !front.last {
        return Step::Wait(bytes.len().saturating_add(1));
    }
    match (1..bytes.len()).find(|at| stands_at(bytes, *at, room)) {
        Some(at) => Step::Used(u32::try_from(at).unwrap_or(u32::MAX), Talk::Dns),
        None => front.up_to_hello(Talk::DnsSomewhere),
    }
}

/// Whether octets are whole messages, each behind its length and with one question.
pub(super) fn is_framed(mut bytes: &[u8]) -> bool {
    while let [high, low, rest @ ..] = bytes {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let [_, _, _, _, 0, 1, _, _, _, _, _, _, ..] = rest else { return false };
        match rest.get(length..) {
            Some([]) if length >= HEADER => return true,
            Some(next) if length >= HEADER => bytes = next,
            _ => return false,
        }
    }
    false
}

/// Whether a message begins here, of which there may be more to come: a header as clients and
/// servers send it, and a first question that can be read.
fn begins(bytes: &[u8], room: &mut NameText) -> Reading<()> {
    let (length, message) = match *bytes {
        [high, low, ref message @ ..] => (u16::from_be_bytes([high, low]), message),
        _ => return Reading::Incomplete(2),
    };
    let length = usize::from(length);
    let message = message.get(..length).unwrap_or(message);
    let is = |at: usize, allowed: fn(u8) -> bool| message.get(at).is_none_or(|b| allowed(*b));
    let is_answer = message.get(2).is_some_and(|flags| flags & 0x80 != 0);
    let is_plain = length > HEADER
        && is(2, |flags| flags & 0x78 == 0)
        && is(3, |more| more & 0xf <= 5)
        && is(4, |b| b == 0)
        && is(5, |b| (1..=MOST_QUESTIONS).contains(&b))
        && (is_answer || [6, 7, 8].into_iter().all(|at| is(at, |b| b == 0)))
        && is(10, |b| b == 0);
    if !is_plain {
        return Reading::NotThis;
    }
    let question = room.read_dns(message, HEADER).and_then(|after| {
        let mut reader = Reader::new(message.get(after..)?);
        Some((reader.u16()?, reader.u16()?))
    });
    match question {
        Some((1.., 1 | 3 | 4 | 254 | 255)) => Reading::Done(()),
        None if message.len() < length.min(LONGEST_QUESTION) => {
            Reading::Incomplete(bytes.len().saturating_add(1))
        }
        _ => Reading::NotThis,
    }
}

/// Whether a message surely begins at this octet among those of others: one with a question for
/// a host name, and what follows it begins one as well, or is not there yet.
fn stands_at(bytes: &[u8], at: usize, room: &mut NameText) -> bool {
    let Some([high, low, message @ ..]) = bytes.get(at..) else { return false };
    // Most places are none by these alone.
    let [_, _, _, _, 0, 1, ..] = message else { return false };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    let one = message.get(..length).unwrap_or(message);
    length > HEADER
        && bytes.get(at..).is_some_and(|bytes| goes_on(bytes, room))
        && dns::is_certain(one, room)
}

/// Whether nothing stands behind a first message, or what may begin another.
fn goes_on(bytes: &[u8], room: &mut NameText) -> bool {
    let [high, low, message @ ..] = bytes else { return true };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    let next = message.get(length..).unwrap_or_default();
    next.is_empty() || begins(next, room) != Reading::NotThis
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUERY: &[u8] = b"\0\x1d\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\0\0\x01\0\x01";

    #[test]
    fn a_message_is_known_at_the_front_as_soon_as_its_question_is_there() {
        let mut room = NameText::new();
        for end in 0..QUERY.len() {
            assert!(matches!(begins(&QUERY[..end], &mut room), Reading::Incomplete(_)), "{end}");
        }
        assert_eq!(begins(QUERY, &mut room), Reading::Done(()));
        for at in 1..QUERY.len() {
            assert_ne!(begins(&QUERY[at..], &mut room), Reading::Done(()), "{at}");
        }
    }

    #[test]
    fn among_other_octets_a_message_is_known_by_its_question_and_what_follows_it() {
        let mut room = NameText::new();
        let stands = |bytes: &[u8], room: &mut NameText| {
            (1..bytes.len()).find(|at| stands_at(bytes, *at, room))
        };
        let tail = &QUERY[9..];
        for rest in [&QUERY[..0], QUERY, &QUERY[..1], &QUERY[..20]] {
            let whole = [tail, QUERY, rest].concat();
            assert_eq!(stands(&whole, &mut room), Some(tail.len()));
        }
        let other = [tail, QUERY, b"no message"].concat();
        assert_eq!(stands(&other, &mut room), None);
        for octet in 0..=255 {
            for at in 0..QUERY.len() {
                let mut bent = QUERY.to_vec();
                bent[at] = octet;
                let _ = (begins(&bent, &mut room), stands(&bent, &mut room), is_framed(&bent));
            }
        }
    }
}
