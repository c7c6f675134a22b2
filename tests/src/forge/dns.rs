//! DNS messages (RFC 1035): one question, and answers with or without a chain of names.

use std::net::IpAddr;

/// The record types that are forged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordType {
    /// An IPv4 address.
    A,
    /// An IPv6 address.
    Aaaa,
    /// Service parameters for HTTPS (RFC 9460).
    Https,
}

impl RecordType {
    const fn number(self) -> u16 {
        match self {
            Self::A => 1,
            Self::Aaaa => 28,
            Self::Https => 65,
        }
    }
}

const CNAME: u16 = 5;
const TIME_TO_LIVE: u32 = 300;

/// A recursive query for `name`.
#[must_use]
pub fn question(id: u16, name: &str, kind: RecordType) -> Vec<u8> {
    let mut message = header(id, 0x0100, 1, 0);
    ask(&mut message, name, kind);
    message
}

/// What a server answers.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    /// These addresses, at the end of a chain of other names (which may be empty).
    Found {
        /// The names that lead from the one asked for to the addresses.
        by_way_of: &'a [&'a str],
        /// The addresses.
        addresses: &'a [IpAddr],
    },
    /// There is no such name (response code 3).
    NoSuchName,
    /// The server will not answer (response code 5).
    Refused,
}

/// The answer to [`question`] with the same id, name and type.
#[must_use]
pub fn answer(id: u16, name: &str, kind: RecordType, answer: Answer<'_>) -> Vec<u8> {
    let (by_way_of, addresses, code) = match answer {
        Answer::Found { by_way_of, addresses } => (by_way_of, addresses, 0),
        Answer::NoSuchName => (&[][..], &[][..], 3),
        Answer::Refused => (&[][..], &[][..], 5),
    };
    let records = by_way_of.len() + addresses.len();
    let mut message = header(id, 0x8180 | code, 1, records);
    ask(&mut message, name, kind);
    let mut owner = name;
    for next in by_way_of {
        record(&mut message, owner, CNAME, &labels(next));
        owner = next;
    }
    for address in addresses {
        match address {
            IpAddr::V4(v4) => record(&mut message, owner, 1, &v4.octets()),
            IpAddr::V6(v6) => record(&mut message, owner, 28, &v6.octets()),
        }
    }
    message
}

fn header(id: u16, flags: u16, questions: u16, answers: usize) -> Vec<u8> {
    let answers = u16::try_from(answers).expect("few records");
    [id, flags, questions, answers, 0, 0].into_iter().flat_map(u16::to_be_bytes).collect()
}

fn ask(message: &mut Vec<u8>, name: &str, kind: RecordType) {
    message.extend(labels(name));
    message.extend(kind.number().to_be_bytes());
    message.extend([0, 1]);
}

/// A record; the owner is a pointer where it is the name asked for (RFC 1035 4.1.4).
fn record(message: &mut Vec<u8>, owner: &str, kind: u16, data: &[u8]) {
    let owner = labels(owner);
    if message[12..].starts_with(&owner) {
        message.extend([0xc0, 12]);
    } else {
        message.extend(owner);
    }
    message.extend(kind.to_be_bytes());
    message.extend([0, 1]);
    message.extend(TIME_TO_LIVE.to_be_bytes());
    message.extend(u16::try_from(data.len()).expect("short data").to_be_bytes());
    message.extend(data);
}

fn labels(name: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        octets.push(u8::try_from(label.len()).expect("a label of at most 63 octets"));
        octets.extend(label.as_bytes());
    }
    octets.push(0);
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_the_bytes_of_the_rfc() {
        let expected = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\0\0\x01\0\x01";
        assert_eq!(question(0x1234, "www.example", RecordType::A), expected);
    }

    #[test]
    fn an_answer_points_back_to_the_name_and_follows_the_chain() {
        let addresses = ["192.0.2.1".parse().unwrap()];
        let found = Answer::Found { by_way_of: &["edge.example"], addresses: &addresses };
        let message = answer(1, "a.example", RecordType::A, found);
        assert_eq!(message[2..8], [0x81, 0x80, 0, 1, 0, 2]);
        assert!(
            message.ends_with(b"\x04edge\x07example\0\0\x01\0\x01\0\0\x01\x2c\0\x04\xc0\0\x02\x01")
        );
        assert!(message.windows(4).any(|bytes| bytes == [0xc0, 12, 0, 5]));
        assert_eq!(answer(1, "a.example", RecordType::A, Answer::NoSuchName)[3], 0x83);
    }
}
