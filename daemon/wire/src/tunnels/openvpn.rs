//! OpenVPN: the reset that opens a session, in the forms that its key modes give it.
//!
//! Octets: opcode and key, session number; with a static key its authenticator, packet
//! number and time, before or around the rest; then which packets are acknowledged (none by
//! a client; by a server one, with the client's session number) and a packet number of
//! nought.

use crate::reader::{Reader, Reading};

pub(super) const NAME: &str = "openvpn";

/// A session number of eight octets, made up by each end.
pub(super) type Session = [u8; 8];

/// A reset: the first packet of either end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reset {
    /// A client's, under its own number.
    Client(Session),
    /// A server's, and the client's number that it repeats; none where that is sealed.
    Server(Option<Session>),
}

const CLIENT_V1: u8 = 1 << 3;
const SERVER_V1: u8 = 2 << 3;
const CLIENT_V2: u8 = 7 << 3;
const SERVER_V2: u8 = 8 << 3;
const CLIENT_V3: u8 = 10 << 3;

/// What a client's reset ends with: no acknowledgement, packet nought.
const CLIENT_TAIL: usize = 1 + 4;
/// What a server's ends with: one acknowledgement of packet nought, the client's session
/// number, packet nought.
const SERVER_TAIL: usize = 1 + 4 + 8 + 4;
/// Opcode and session number.
const HEAD: usize = 1 + 8;
/// Packet number and time, where a static key guards against replays.
const REPLAY: usize = 4 + 4;
/// Authenticators of MD5, SHA-1, SHA-224, SHA-256, SHA-384 and SHA-512.
const AUTHENTICATORS: [usize; 6] = [16, 20, 28, 32, 48, 64];
/// The authenticator where the rest is sealed as well.
const SEALED_AUTHENTICATOR: usize = 32;
/// A reset is sent again a few times, each time under the next packet number.
const FEW: u32 = 64;
/// What a server adds for clients that take part in its cookie exchange.
const COOKIE_FLAGS: usize = 6;

/// Reads a packet that may be a reset.
pub(super) fn reset(packet: &[u8]) -> Option<Reset> {
    let mut reader = Reader::new(packet);
    let opcode = reader.u8()?;
    let session = reader.array()?;
    if session == Session::default() {
        return None;
    }
    match opcode {
        CLIENT_V1 | CLIENT_V2 => {
            let known = ends_plain(packet, CLIENT_TAIL, is_client_tail)
                || (packet.len() == sealed_length(CLIENT_TAIL) && is_few(reader));
            known.then_some(Reset::Client(session))
        }
        // The client's own key, sealed for the server, follows under its length.
        CLIENT_V3 => {
            let (before, length) = packet.split_last_chunk::<2>()?;
            let key = usize::from(u16::from_be_bytes(*length));
            let whole =
                before.len().saturating_add(2) == sealed_length(CLIENT_TAIL).saturating_add(key);
            // Such a client's packet numbers carry flags above the low octets.
            let [_, _, high, low] = reader.array()?;
            let few = is_few(Reader::new(&[0, 0, high, low]));
            (whole && few).then_some(Reset::Client(session))
        }
        SERVER_V1 | SERVER_V2 => {
            if ends_plain(packet, SERVER_TAIL, is_server_tail) {
                let end = packet.get(packet.len().checked_sub(4 + 8)?..)?;
                return Some(Reset::Server(end.first_chunk().copied()));
            }
            let lengths =
                [0, COOKIE_FLAGS].map(|more| sealed_length(SERVER_TAIL.saturating_add(more)));
            (lengths.contains(&packet.len()) && is_few(reader)).then_some(Reset::Server(None))
        }
        _ => None,
    }
}

/// Whether a TCP stream begins with a client's reset, behind its length in two octets.
pub(super) fn opens_stream(stream: &[u8]) -> Reading<()> {
    let (length, packet) = match stream {
        [] | [0..=LONGEST_HIGH] => return Reading::Incomplete(3),
        [high @ 0..=LONGEST_HIGH, low, packet @ ..] => (u16::from_be_bytes([*high, *low]), packet),
        _ => return Reading::NotThis,
    };
    let length = usize::from(length);
    let may_be = packet.first().is_none_or(|b| [CLIENT_V1, CLIENT_V2, CLIENT_V3].contains(b));
    if !may_be || length < HEAD.saturating_add(CLIENT_TAIL) || length < packet.len() {
        return Reading::NotThis;
    }
    if packet.len() < length {
        return Reading::Incomplete(length.saturating_add(2));
    }
    match reset(packet) {
        Some(Reset::Client(_)) => Reading::Done(()),
        _ => Reading::NotThis,
    }
}

/// No reset of a client, with its sealed key, is longer than 2,047 octets.
const LONGEST_HIGH: u8 = 7;

const fn sealed_length(tail: usize) -> usize {
    HEAD.saturating_add(REPLAY).saturating_add(SEALED_AUTHENTICATOR).saturating_add(tail)
}

/// Whether a packet ends in clear with such a tail, right behind its head or behind the
/// octets of a static key: authenticator, a low packet number, time.
fn ends_plain(packet: &[u8], tail: usize, is_tail: fn(&[u8]) -> bool) -> bool {
    let Some(at) = packet.len().checked_sub(tail) else { return false };
    if !packet.get(at..).is_some_and(is_tail) {
        return false;
    }
    let between = at.checked_sub(HEAD).unwrap_or(usize::MAX);
    let Some(authenticator) = between.checked_sub(REPLAY) else { return between == 0 };
    let replay = packet.get(HEAD.saturating_add(authenticator)..at).unwrap_or_default();
    AUTHENTICATORS.contains(&authenticator) && is_few(Reader::new(replay))
}

fn is_client_tail(tail: &[u8]) -> bool {
    tail == [0; CLIENT_TAIL]
}

fn is_server_tail(tail: &[u8]) -> bool {
    tail.starts_with(&[1, 0, 0, 0, 0]) && tail.ends_with(&[0; 4])
}

fn is_few(mut replay: Reader<'_>) -> bool {
    matches!(replay.u32(), Some(1..=FEW))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINE: &[u8] = b"12345678";
    const ITS: &[u8] = b"abcdefgh";
    const REPLAY_1: &[u8] = &[0, 0, 0, 1, 0x6a, 0, 0, 0];

    fn client(opcode: u8, between: &[u8]) -> Vec<u8> {
        [&[opcode << 3], MINE, between, &[0; 5]].concat()
    }

    fn server(between: &[u8]) -> Vec<u8> {
        [&[0x40], ITS, between, &[1, 0, 0, 0, 0], MINE, &[0; 4]].concat()
    }

    #[test]
    fn every_form_of_both_resets_is_known() {
        let mine: Session = MINE.try_into().unwrap();
        assert_eq!(reset(&client(7, b"")), Some(Reset::Client(mine)));
        assert_eq!(reset(&client(1, b"")), Some(Reset::Client(mine)));
        assert_eq!(reset(&server(b"")), Some(Reset::Server(Some(mine))));
        for length in AUTHENTICATORS {
            let static_key = [&vec![0xaa; length][..], REPLAY_1].concat();
            assert_eq!(reset(&client(7, &static_key)), Some(Reset::Client(mine)));
            assert_eq!(reset(&server(&static_key)), Some(Reset::Server(Some(mine))));
        }
        let sealed = |opcode, tail: &[u8]| {
            [&[opcode], MINE, REPLAY_1, &[0xaa; SEALED_AUTHENTICATOR], tail].concat()
        };
        assert_eq!(reset(&sealed(0x38, &[0xbb; 5])), Some(Reset::Client(mine)));
        assert_eq!(reset(&sealed(0x40, &[0xbb; 17])), Some(Reset::Server(None)));
        let with_key = [&[0xbb; 5][..], &[0xcc; 288], &[1, 34]].concat();
        assert_eq!(reset(&sealed(0x50, &with_key)), Some(Reset::Client(mine)));
    }

    #[test]
    fn over_tcp_the_length_before_it_must_be_its_own() {
        let packet = client(7, b"");
        let stream = [&[0, 14][..], &packet].concat();
        assert_eq!(opens_stream(&stream), Reading::Done(()));
        assert_eq!(opens_stream(&packet), Reading::NotThis);
        for end in 0..stream.len() {
            let needed = if end < 2 { 3 } else { stream.len() };
            assert_eq!(opens_stream(&stream[..end]), Reading::Incomplete(needed), "{end}");
        }
        let longer = [&stream[..], b"x"].concat();
        assert_eq!(opens_stream(&longer), Reading::NotThis);
    }

    #[test]
    fn prefixes_and_bent_octets_of_the_form_are_none() {
        for whole in [client(7, b""), server(b"")] {
            for end in 0..whole.len() {
                assert_eq!(reset(&whole[..end]), None);
            }
            for at in std::iter::once(0).chain(whole.len() - 4..whole.len()) {
                let mut bent = whole.clone();
                bent[at] ^= 1;
                assert_eq!(reset(&bent), None, "octet {at}");
            }
        }
        assert_eq!(reset(&[0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), None);
    }
}
