//! The TLS ClientHello (RFC 8446 section 4.1.2), wherever its bytes came from.

use crate::limits::{MOST_EXTENSIONS, MOST_HELLO_BYTES};
use crate::reader::{Reader, Reading};

/// The parts of a ClientHello that say where a client wants to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hello<'a> {
    /// Tells one hello from another; the answer to a HelloRetryRequest repeats it.
    pub(crate) random: [u8; 32],
    /// The server name as it stood, where the extension holds one.
    pub(crate) server_name: Option<&'a [u8]>,
    /// The ALPN protocol name list without its own length.
    pub(crate) alpn: &'a [u8],
    /// Whether extension 0xfe0d is there.
    pub(crate) ech: bool,
}

const CLIENT_HELLO: u8 = 1;
const SERVER_NAME: u16 = 0;
const ALPN: u16 = 16;
const ENCRYPTED_CLIENT_HELLO: u16 = 0xfe0d;
const HOST_NAME: u8 = 0;

impl<'a> Hello<'a> {
    /// Reads a handshake message. What is wrong in an extension costs that extension and
    /// those after it, not the name before it.
    pub(crate) fn read(message: &'a [u8]) -> Reading<Self> {
        let length = match message_length(message) {
            Reading::Done(length) => length,
            Reading::Incomplete(needed) => return Reading::Incomplete(needed),
            Reading::NotThis => return Reading::NotThis,
        };
        let whole = length.saturating_add(4);
        match message.get(4..whole) {
            Some(body) => body_of(body).map_or(Reading::NotThis, Reading::Done),
            None => Reading::Incomplete(whole),
        }
    }
}

impl<'a> Hello<'a> {
    /// Reads a handshake message whose end is not there; none where its name is not whole.
    pub(crate) fn read_cut(message: &'a [u8]) -> Option<Self> {
        let Reading::Done(_) = message_length(message) else { return None };
        body_of(message.get(4..)?).filter(|hello| hello.server_name.is_some())
    }
}

/// The length of a ClientHello's body from the four octets before it.
pub(crate) fn message_length(message: &[u8]) -> Reading<usize> {
    let mut reader = Reader::new(message);
    if message.first().is_some_and(|kind| *kind != CLIENT_HELLO) {
        return Reading::NotThis;
    }
    let length = reader.skip(1).and_then(|()| reader.u24());
    match length.map(usize::try_from) {
        Some(Ok(length)) if length <= MOST_HELLO_BYTES => Reading::Done(length),
        Some(_) => Reading::NotThis,
        None => Reading::Incomplete(4),
    }
}

fn body_of(body: &[u8]) -> Option<Hello<'_>> {
    let mut reader = Reader::new(body);
    // What a client calls its version is looked at by few servers: another place has it.
    reader.skip(2)?;
    let random = reader.array()?;
    let session = reader.part8()?;
    if session.len() > 32 {
        return None;
    }
    // Cipher suites and compression methods may be nonsense: the name counts, whether or
    // not a server would go on.
    reader.part16()?;
    reader.part8()?;
    let mut hello = Hello { random, server_name: None, alpn: &[], ech: false };
    // A hello may end here: extensions came with RFC 3546.
    if !reader.is_empty() {
        extensions(reader, &mut hello);
    }
    Some(hello)
}

fn extensions<'a>(mut reader: Reader<'a>, hello: &mut Hello<'a>) -> Option<()> {
    let listed = usize::from(reader.u16()?);
    let mut list = Reader::new(reader.rest().get(..listed).unwrap_or(reader.rest()));
    for _ in 0..MOST_EXTENSIONS {
        if list.is_empty() {
            break;
        }
        let kind = list.u16()?;
        let content = list.part16()?;
        match kind {
            // The first of two is the one that strict and lax servers agree to look at.
            SERVER_NAME if hello.server_name.is_none() => {
                hello.server_name = host_name(content);
            }
            ALPN => hello.alpn = protocol_names(content).unwrap_or_default(),
            ENCRYPTED_CLIENT_HELLO => hello.ech = true,
            _ => {}
        }
    }
    Some(())
}

/// RFC 6066 section 3: a list of names, of which only host names are defined.
fn host_name(mut content: Reader<'_>) -> Option<&[u8]> {
    let mut list = content.part16()?;
    while !list.is_empty() {
        let kind = list.u8()?;
        let name = list.part16()?;
        if kind == HOST_NAME {
            return (!name.is_empty()).then_some(name.rest());
        }
    }
    None
}

fn protocol_names(mut content: Reader<'_>) -> Option<&[u8]> {
    content.part16().map(|list| list.rest())
}

#[cfg(test)]
pub(crate) mod forge {
    //! ClientHellos in words, for the tests of this crate.

    /// A handshake message with these extensions, of about `padding` octets more.
    pub(crate) fn hello(server_name: Option<&str>, alpn: &[&str], padding: usize) -> Vec<u8> {
        hello_with(server_name, alpn, padding, 0x5a)
    }

    /// The same with another random.
    pub(crate) fn hello_with(
        server_name: Option<&str>,
        alpn: &[&str],
        padding: usize,
        random: u8,
    ) -> Vec<u8> {
        let mut list = Vec::new();
        if let Some(name) = server_name {
            let entry = [&[0][..], &sized(name.as_bytes())].concat();
            list.extend(extension(0, &sized(&entry)));
        }
        if padding > 0 {
            list.extend(extension(21, &vec![0; padding]));
        }
        if !alpn.is_empty() {
            let names: Vec<u8> =
                alpn.iter().flat_map(|p| [&[p.len() as u8], p.as_bytes()].concat()).collect();
            list.extend(extension(16, &sized(&names)));
        }
        let mut body = vec![3, 3];
        body.extend([random; 32]);
        body.extend([0, 0, 2, 0x13, 0x01, 1, 0]);
        body.extend(sized(&list));
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [&[1], &length[1..], &body].concat()
    }

    /// The message in one TLS record.
    pub(crate) fn record(message: &[u8]) -> Vec<u8> {
        [&[22, 3, 1][..], &sized(message)].concat()
    }

    fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
        [&kind.to_be_bytes()[..], &sized(content)].concat()
    }

    fn sized(content: &[u8]) -> Vec<u8> {
        [&u16::try_from(content.len()).unwrap().to_be_bytes()[..], content].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_gives_its_name_and_protocols() {
        let message = forge::hello(Some("www.example"), &["h2", "http/1.1"], 0);
        let Reading::Done(hello) = Hello::read(&message) else { panic!("not read") };
        assert_eq!(hello.server_name, Some(&b"www.example"[..]));
        assert_eq!(hello.alpn, b"\x02h2\x08http/1.1");
        assert!(!hello.ech);
    }

    #[test]
    fn every_prefix_is_incomplete_and_says_how_much_is_needed() {
        let message = forge::hello(Some("www.example"), &["h2"], 1_200);
        for end in 0..message.len() {
            let needed = if end < 4 { 4 } else { message.len() };
            assert_eq!(Hello::read(&message[..end]), Reading::Incomplete(needed), "{end}");
        }
        let longer = [&message[..], b"and more"].concat();
        assert_eq!(Hello::read(&longer), Hello::read(&message));
    }

    #[test]
    fn of_a_hello_that_was_cut_the_name_is_read_once_it_is_whole() {
        let message = forge::hello(Some("www.example"), &["h2"], 1_200);
        let end = message.windows(11).position(|octets| octets == b"www.example").unwrap() + 11;
        for cut in 0..message.len() {
            let name = Hello::read_cut(&message[..cut]).and_then(|hello| hello.server_name);
            assert_eq!(name, (cut >= end).then_some(&b"www.example"[..]), "{cut}");
        }
    }

    #[test]
    fn every_octet_may_have_any_value() {
        let message = forge::hello(Some("www.example"), &["h2"], 0);
        for at in 0..message.len() {
            for octet in 0..=255 {
                let mut bent = message.clone();
                bent[at] = octet;
                let _ = Hello::read(&bent);
            }
        }
    }

    #[test]
    fn every_length_field_may_lie() {
        let message = forge::hello(Some("www.example"), &["h2"], 0);
        for at in 0..message.len() - 1 {
            let now = u16::from_be_bytes([message[at], message[at + 1]]);
            for lie in [0, 1, now.wrapping_sub(1), now.wrapping_add(1), u16::MAX - 1, u16::MAX] {
                let mut bent = message.clone();
                bent[at..at + 2].copy_from_slice(&lie.to_be_bytes());
                let _ = Hello::read(&bent);
            }
        }
    }

    #[test]
    fn damage_after_the_name_leaves_the_name() {
        let mut message = forge::hello(Some("www.example"), &["h2"], 0);
        let last = message.len() - 7;
        message[last] = 0xff;
        let Reading::Done(hello) = Hello::read(&message) else { panic!("not read") };
        assert_eq!(hello.server_name, Some(&b"www.example"[..]));
    }

    #[test]
    fn a_hello_of_any_version_gives_its_name() {
        for version in [[3, 0], [3, 3], [3, 0xff], [2, 0], [0x7f, 0x1c]] {
            let mut message = forge::hello(Some("www.example"), &[], 0);
            message[4..6].copy_from_slice(&version);
            let Reading::Done(hello) = Hello::read(&message) else { panic!("{version:?}") };
            assert_eq!(hello.server_name, Some(&b"www.example"[..]));
        }
    }

    #[test]
    fn an_empty_server_name_is_none_and_a_hello_may_have_no_extension() {
        let empty = forge::hello(Some(""), &[], 0);
        assert!(matches!(Hello::read(&empty), Reading::Done(h) if h.server_name.is_none()));
        let bare = [&[1, 0, 0, 41, 3, 1][..], &[9; 32], &[0, 0, 2, 0, 47, 1, 0]].concat();
        assert!(matches!(Hello::read(&bare), Reading::Done(h) if h.server_name.is_none()));
    }
}
