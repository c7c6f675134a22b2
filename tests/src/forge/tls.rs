//! TLS as far as it is in clear: the client's hello, the server's handshake, and bulk after.

/// What a ClientHello says (RFC 8446 section 4.1.2).
#[derive(Clone, Copy, Debug)]
pub struct Hello<'a> {
    /// The server name (RFC 6066 section 3), left out where there is none.
    pub name: Option<&'a str>,
    /// The application protocols offered (RFC 7301).
    pub alpn: &'a [&'a str],
    /// Whether a post-quantum key share makes it longer than one segment.
    pub post_quantum: bool,
    /// Whether an encrypted-hello extension stands in it, as browsers grease it.
    pub ech: bool,
    /// What makes this hello differ from the next: its random begins with it.
    pub seed: u64,
}

impl<'a> Hello<'a> {
    /// What a browser of today sends for `name`.
    #[must_use]
    pub const fn browser(name: &'a str, seed: u64) -> Self {
        Self { name: Some(name), alpn: &["h2", "http/1.1"], post_quantum: true, ech: true, seed }
    }

    /// What a small program sends for `name`: one segment, nothing new.
    #[must_use]
    pub const fn plain(name: &'a str, seed: u64) -> Self {
        Self { name: Some(name), alpn: &["http/1.1"], post_quantum: false, ech: false, seed }
    }

    /// The handshake message: type, length, body.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend(self.seed.to_be_bytes());
        body.extend([0x5a; 24]);
        body.extend(short(&[0x17; 32]));
        body.extend(long(&[0x13, 0x01, 0x13, 0x02, 0x13, 0x03]));
        body.extend(short(&[0]));
        body.extend(long(&self.extensions()));
        handshake(1, &body)
    }

    /// The message in one record, as it stands in the stream.
    #[must_use]
    pub fn record(&self) -> Vec<u8> {
        record(HANDSHAKE, 1, &self.message())
    }

    fn extensions(&self) -> Vec<u8> {
        let mut all = Vec::new();
        all.extend(extension(0x3a3a, &[]));
        if let Some(name) = self.name {
            let entry = [&[0][..], &long(name.as_bytes())].concat();
            all.extend(extension(0, &long(&entry)));
        }
        all.extend(extension(10, &long(&[0x11, 0xec, 0, 29])));
        if !self.alpn.is_empty() {
            let list: Vec<u8> = self.alpn.iter().flat_map(|one| short(one.as_bytes())).collect();
            all.extend(extension(16, &long(&list)));
        }
        all.extend(extension(43, &short(&[3, 4])));
        if self.ech {
            all.extend(extension(0xfe0d, &[0x42; 186]));
        }
        let mut shares = Vec::new();
        if self.post_quantum {
            // X25519MLKEM768: 1,184 octets of ML-KEM and 32 of X25519.
            shares.extend([0x11, 0xec]);
            shares.extend(long(&[0x77; 1_216]));
        }
        shares.extend([0, 29]);
        shares.extend(long(&[0x66; 32]));
        all.extend(extension(51, &long(&shares)));
        all
    }
}

const HANDSHAKE: u8 = 22;
const CHANGE_CIPHER: u8 = 20;
const DATA: u8 = 23;

/// The largest plain text of a record, and what sealing adds (RFC 8446 section 5.2).
const RECORD: usize = 16_384;

/// What a TLS 1.3 server sends first: ServerHello, a change of cipher, sealed handshake.
#[must_use]
pub fn server_handshake(seed: u64) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend(seed.to_be_bytes());
    body.extend([0xa5; 24]);
    body.extend(short(&[0x17; 32]));
    body.extend([0x13, 0x01, 0]);
    let share = [&[0, 29][..], &long(&[0x33; 32])].concat();
    let extensions = [extension(43, &[3, 4]), extension(51, &share)].concat();
    body.extend(long(&extensions));
    [
        record(HANDSHAKE, 3, &handshake(2, &body)),
        record(CHANGE_CIPHER, 3, &[1]),
        record(DATA, 3, &[0xee; 1_900]),
    ]
    .concat()
}

/// At least `octets` of sealed data in records.
#[must_use]
pub fn bulk(octets: usize) -> Vec<u8> {
    let whole = vec![0xdd; octets];
    whole.chunks(RECORD).flat_map(|chunk| record(DATA, 3, chunk)).collect()
}

fn record(kind: u8, minor: u8, fragment: &[u8]) -> Vec<u8> {
    [&[kind, 3, minor][..], &long(fragment)].concat()
}

fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("a short handshake").to_be_bytes();
    [&[kind][..], &length[1..], body].concat()
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &long(body)].concat()
}

/// A vector with a length of one octet.
fn short(body: &[u8]) -> Vec<u8> {
    [&[u8::try_from(body.len()).expect("at most 255 octets")][..], body].concat()
}

/// A vector with a length of two octets.
fn long(body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).expect("at most 65,535 octets");
    [&length.to_be_bytes()[..], body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browsers_hello_does_not_fit_one_segment_and_a_plain_one_does() {
        assert!(Hello::browser("elmrow.example", 1).record().len() > 1_460);
        assert!(Hello::plain("elmrow.example", 1).record().len() < 1_460);
    }

    #[test]
    fn lengths_inside_a_hello_agree() {
        let record = Hello::browser("elmrow.example", 1).record();
        assert_eq!(usize::from(u16::from_be_bytes([record[3], record[4]])), record.len() - 5);
        let length = u32::from_be_bytes([0, record[6], record[7], record[8]]);
        assert_eq!(usize::try_from(length).unwrap(), record.len() - 9);
        assert!(record.windows(14).any(|bytes| bytes == b"elmrow.example"));
    }

    #[test]
    fn bulk_is_at_least_as_long_as_asked() {
        assert_eq!(bulk(20_000).len(), 20_000 + 2 * 5);
        assert_eq!(server_handshake(1)[..3], [22, 3, 3]);
    }
}
