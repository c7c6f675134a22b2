//! Host names as the wire spells them, turned into their one canonical text.

use facts::{LONGEST_NAME, Name};

/// The longest name in wire form (RFC 1035 section 3.1).
const LONGEST_WIRE_NAME: usize = 255;
/// How many compression pointers one name may follow.
const MOST_JUMPS: usize = 16;

/// Room for one canonical name, used again and again.
pub(crate) struct NameText {
    text: [u8; LONGEST_NAME],
    length: usize,
}

impl NameText {
    pub(crate) const fn new() -> Self {
        Self { text: [0; LONGEST_NAME], length: 0 }
    }

    /// The name that was read last.
    pub(crate) fn name(&self) -> Option<Name<'_>> {
        let text = self.text.get(..self.length)?;
        Name::from_canonical(std::str::from_utf8(text).ok()?)
    }

    /// Reads a name that stands as text, as in a server name or a Host header: dots part
    /// labels, final dots fall away. None when it is longer than any host name.
    pub(crate) fn read_text(&mut self, text: &[u8]) -> Option<()> {
        self.length = 0;
        let end = text.iter().rposition(|b| *b != b'.').map_or(0, |at| at.saturating_add(1));
        let text = text.get(..end)?;
        if text.len() > LONGEST_WIRE_NAME {
            return None;
        }
        if text.iter().all(|octet| is_plain(*octet) || *octet == b'.') {
            return self.push_plain(text);
        }
        for octet in text {
            match octet {
                b'.' => self.push(b'.')?,
                other => self.escape(*other)?,
            }
        }
        Some(())
    }

    /// Reads a DNS name that begins at `at` in `message` and says where it ends.
    ///
    /// Pointers (RFC 1035 section 4.1.4) may only lead backwards, before the piece they
    /// stand in, so that each name ends.
    pub(crate) fn read_dns(&mut self, message: &[u8], at: usize) -> Option<usize> {
        self.length = 0;
        let mut position = at;
        let mut piece = at;
        let mut end = None;
        let mut wire_length = 1_usize;
        let mut jumps = 0_usize;
        loop {
            let length = *message.get(position)?;
            let after = position.checked_add(1)?;
            match length {
                0 => return Some(end.unwrap_or(after)),
                1..=63 => {
                    let next = after.checked_add(usize::from(length))?;
                    let label = message.get(after..next)?;
                    wire_length = wire_length.checked_add(label.len())?.checked_add(1)?;
                    if wire_length > LONGEST_WIRE_NAME {
                        return None;
                    }
                    if self.length > 0 {
                        self.push(b'.')?;
                    }
                    if label.iter().all(|octet| is_plain(*octet)) {
                        self.push_plain(label)?;
                        position = next;
                        continue;
                    }
                    for octet in label {
                        match octet {
                            b'.' => {
                                self.push(b'\\')?;
                                self.push(b'.')?;
                            }
                            other => self.escape(*other)?,
                        }
                    }
                    position = next;
                }
                192..=255 => {
                    let low = *message.get(after)?;
                    let target = usize::from(u16::from_be_bytes([length & 0x3f, low]));
                    jumps = jumps.checked_add(1)?;
                    if target >= piece || jumps > MOST_JUMPS {
                        return None;
                    }
                    end = end.or(after.checked_add(1));
                    position = target;
                    piece = target;
                }
                _ => return None,
            }
        }
    }

    fn escape(&mut self, octet: u8) -> Option<()> {
        match octet {
            b'\\' => {
                self.push(b'\\')?;
                self.push(b'\\')
            }
            b'!'..=b'~' => self.push(octet.to_ascii_lowercase()),
            _ => {
                self.push(b'\\')?;
                for power in [100_u8, 10, 1] {
                    let digit = octet.checked_div(power)?.checked_rem(10)?;
                    self.push(b'0'.checked_add(digit)?)?;
                }
                Some(())
            }
        }
    }

    /// Takes octets that need no escape.
    fn push_plain(&mut self, octets: &[u8]) -> Option<()> {
        let end = self.length.checked_add(octets.len())?;
        let room = self.text.get_mut(self.length..end)?;
        room.copy_from_slice(octets);
        room.make_ascii_lowercase();
        self.length = end;
        Some(())
    }

    fn push(&mut self, octet: u8) -> Option<()> {
        *self.text.get_mut(self.length)? = octet;
        self.length = self.length.checked_add(1)?;
        Some(())
    }
}

const fn is_plain(octet: u8) -> bool {
    matches!(octet, b'!'..=b'~') && octet != b'.' && octet != b'\\'
}

/// Steps over a DNS name without reading it.
pub(crate) fn skip_dns_name(message: &[u8], at: usize) -> Option<usize> {
    let mut position = at;
    loop {
        let length = *message.get(position)?;
        let after = position.checked_add(1)?;
        match length {
            0 => return Some(after),
            1..=63 => position = after.checked_add(usize::from(length))?,
            192..=255 => return after.checked_add(1).filter(|end| *end <= message.len()),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dns(message: &[u8], at: usize) -> Option<(String, usize)> {
        let mut text = NameText::new();
        let end = text.read_dns(message, at)?;
        Some((text.name()?.as_str().to_owned(), end))
    }

    fn host(text: &[u8]) -> Option<String> {
        let mut room = NameText::new();
        room.read_text(text)?;
        room.name().map(|n| n.as_str().to_owned())
    }

    #[test]
    fn labels_become_lower_case_and_odd_octets_are_escaped() {
        assert_eq!(dns(b"\x03WwW\x07example\0", 0), Some(("www.example".into(), 13)));
        assert_eq!(dns(b"\x04a.b\\\x02\xff \0", 0), Some((r"a\.b\\.\255\032".into(), 9)));
        assert_eq!(dns(b"\0", 0), Some((String::new(), 1)));
        assert_eq!(dns(b"\x01a\x01.\0", 0), Some((r"a.\.".into(), 5)));
    }

    #[test]
    fn a_pointer_leads_backwards_or_nowhere() {
        let message = b"\x01a\0\x01b\xc0\x00\xc0\x03";
        assert_eq!(dns(message, 3), Some(("b.a".into(), 7)));
        assert_eq!(dns(message, 7), Some(("b.a".into(), 9)));
        assert_eq!(dns(b"\xc0\x00", 0), None, "a loop");
        assert_eq!(dns(b"\xc0\x02\x01a\0", 0), None, "forwards");
        assert_eq!(dns(b"\x01a\xc0\x00", 0), None, "into its own piece");
    }

    #[test]
    fn a_chain_of_pointers_ends_at_the_limit() {
        let mut message = vec![1, b'a', 0];
        for _ in 0..20 {
            let at = u8::try_from(message.len()).unwrap();
            let target = if at == 3 { 0 } else { at - 2 };
            message.extend([0xc0, target]);
        }
        assert!(dns(&message, 3 + 2 * 15).is_some(), "sixteen jumps");
        assert!(dns(&message, 3 + 2 * 16).is_none(), "seventeen jumps");
    }

    #[test]
    fn a_name_is_never_longer_than_255_octets() {
        let mut longest: Vec<u8> = [&[63][..], &[b'x'; 63]].concat().repeat(3);
        longest.extend([&[61][..], &[0xff; 61], &[0]].concat());
        assert_eq!(longest.len(), 255);
        assert!(dns(&longest, 0).is_some());
        longest[192] = 62;
        longest.insert(200, 1);
        assert!(dns(&longest, 0).is_none());
        assert!(host(&[b'a'; 255]).is_some() && host(&[b'a'; 256]).is_none());
        assert!(host(&[0; 255]).is_some(), "every octet escaped");
    }

    #[test]
    fn every_prefix_and_every_length_is_survived() {
        let message = b"\x03www\x07example\x03org\0\x04mail\xc0\x04";
        for end in 0..message.len() {
            for at in 0..=end {
                let _ = dns(&message[..end], at);
                let _ = skip_dns_name(&message[..end], at);
            }
        }
        for at in 0..message.len() {
            for octet in 0..=255 {
                let mut bent = *message;
                bent[at] = octet;
                let _ = dns(&bent, 0);
                let read = dns(&bent, 17);
                let skipped = skip_dns_name(&bent, 17);
                assert!(read.is_none() || read.map(|r| r.1) == skipped);
            }
        }
    }

    #[test]
    fn a_host_in_text_keeps_its_labels() {
        assert_eq!(host(b"WWW.Example.").as_deref(), Some("www.example"));
        assert_eq!(host(b"a..b").as_deref(), Some("a..b"));
        assert_eq!(host(b"ok.example\0.evil..").as_deref(), Some(r"ok.example\000.evil"));
        assert_eq!(host(b"...").as_deref(), Some(""));
    }
}
