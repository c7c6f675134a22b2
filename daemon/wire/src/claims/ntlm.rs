//! NTLM AUTHENTICATE (MS-NLMP section 2.2.1.3): the account that a client names, wherever
//! the message stands in clear. The responses in it are never read.

use facts::Means;

use crate::limits::LONGEST_TEXT;
use crate::reader::Reader;
use crate::voice::{Heading, Voice};

const SIGNATURE: &[u8] = b"NTLMSSP\0";
const AUTHENTICATE: u32 = 3;
const UNICODE: u32 = 1;
/// Signature and type in base64, as far as no octet after them has a part in it.
const IN_TEXT: &[u8] = b"TlRMTVNTUAAD";
/// What a message in text may have in octets of text.
const LONGEST_IN_TEXT: usize = 8 * 1024;

/// Looks for a message in the octets of another protocol and says who is named in it, unless
/// it is cut before the names and more may come: then how many octets are needed from the first.
pub(crate) fn look(
    bytes: &[u8],
    last: bool,
    heading: &Heading,
    voice: &mut Voice<'_, '_>,
) -> Option<usize> {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|b| *b == b'N') {
        rest = rest.get(at..).unwrap_or_default();
        if rest.starts_with(SIGNATURE) {
            if let Some(needed) = needed(rest).filter(|_| !last) {
                return Some(bytes.len().saturating_sub(rest.len()).saturating_add(needed));
            }
            // A negotiation may stand before the message that names somebody.
            if say(rest, heading, voice).is_some() {
                return None;
            }
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    None
}

/// How many octets a message that names somebody has up to the end of its names, where there
/// are fewer.
fn needed(message: &[u8]) -> Option<usize> {
    let mut reader = Reader::new(message);
    reader.skip(SIGNATURE.len())?;
    let is_one = reader.array().is_none_or(|kind| u32::from_le_bytes(kind) == AUTHENTICATE);
    let fields = reader.skip(16).and_then(|()| Some([field(&mut reader)?, field(&mut reader)?]));
    let needed = match fields {
        Some(fields) => fields.iter().map(|(at, length)| at.saturating_add(*length)).max()?,
        None => HEAD,
    };
    let needed = needed.max(HEAD);
    (is_one && message.len() < needed && needed <= LONGEST_TO_NAMES).then_some(needed)
}

/// Signature, kind, six fields of eight octets, flags; the names stand behind these, in nearly
/// all messages before everything else.
const HEAD: usize = 64;
const LONGEST_TO_NAMES: usize = 2 * 1024;

/// Looks for a message in the credentials of a text protocol: a line that ends in base64,
/// of the message itself or of what is wrapped around it.
pub(crate) fn look_in_text(text: &[u8], heading: &Heading, voice: &mut Voice<'_, '_>) {
    let word = text.trim_ascii().rsplit(|b| *b == b' ').next().unwrap_or_default();
    let word = word.get(..LONGEST_IN_TEXT).unwrap_or(word);
    look(&decoded(word), true, heading, voice);
}

/// Whether a line of a text protocol is surely such a message.
pub(crate) fn is_text(line: &[u8]) -> bool {
    line.starts_with(IN_TEXT)
}

/// Says who is named in a message, where it is one that names somebody.
fn say(message: &[u8], heading: &Heading, voice: &mut Voice<'_, '_>) -> Option<()> {
    let (domain, user) = named(message)?;
    if let Some(user) = user.filter(|user| !user.is_empty()) {
        voice.attempt(heading, &user, Means::Ntlm { domain: domain.filter(|d| !d.is_empty()) });
    }
    Some(())
}

/// Domain and user of a message.
fn named(message: &[u8]) -> Option<(Option<String>, Option<String>)> {
    let mut reader = Reader::new(message);
    reader.skip(SIGNATURE.len())?;
    let kind = u32::from_le_bytes(reader.array()?);
    if kind != AUTHENTICATE {
        return None;
    }
    // Where the two responses are: not to be looked at.
    reader.skip(16)?;
    let (domain, user) = (field(&mut reader)?, field(&mut reader)?);
    // Workstation and session key.
    reader.skip(16)?;
    // The oldest clients send no flags; what they send is no Unicode.
    let first = domain.0.min(user.0);
    let flags = reader.array().map_or(0, u32::from_le_bytes);
    let unicode = first >= 64 && flags & UNICODE != 0;
    let text = |(at, length): (usize, usize)| {
        let octets = message.get(at..at.checked_add(length)?)?;
        Some(if unicode { wide(octets) } else { String::from_utf8_lossy(octets).into_owned() })
    };
    Some((text(domain), text(user)))
}

/// A field of the head: where its octets begin, and how many they are.
fn field(reader: &mut Reader<'_>) -> Option<(usize, usize)> {
    let length = usize::from(u16::from_le_bytes(reader.array()?));
    reader.skip(2)?;
    let at = usize::try_from(u32::from_le_bytes(reader.array()?)).ok()?;
    (length <= LONGEST_TEXT.saturating_mul(2)).then_some((at, length))
}

fn wide(octets: &[u8]) -> String {
    let (units, _) = octets.as_chunks::<2>();
    let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// The octets of base64 (RFC 4648 section 4), as far as it is that.
fn decoded(text: &[u8]) -> Vec<u8> {
    let sextets = text.iter().map_while(|b| match b {
        b'A'..=b'Z' => Some(b.wrapping_sub(b'A')),
        b'a'..=b'z' => Some(b.wrapping_sub(b'a').wrapping_add(26)),
        b'0'..=b'9' => Some(b.wrapping_sub(b'0').wrapping_add(52)),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    });
    let mut octets = Vec::with_capacity(text.len());
    let (mut held, mut bits) = (0_u32, 0_u32);
    for sextet in sextets {
        held = (held << 6) | u32::from(sextet);
        bits = bits.wrapping_add(6);
        if bits >= 8 {
            bits = bits.wrapping_sub(8);
            octets.push(held.wrapping_shr(bits).to_le_bytes()[0]);
        }
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Heard, heading, listen};

    fn message(unicode: bool, domain: &str, user: &str) -> Vec<u8> {
        let octets = |text: &str| -> Vec<u8> {
            if unicode {
                text.encode_utf16().flat_map(u16::to_le_bytes).collect()
            } else {
                text.as_bytes().to_vec()
            }
        };
        let (domain, user) = (octets(domain), octets(user));
        let mut bytes = [SIGNATURE, &[3, 0, 0, 0]].concat();
        bytes.extend([0; 16]);
        let mut at = 64;
        for value in [&domain, &user] {
            let length = u8::try_from(value.len()).unwrap();
            bytes.extend([length, 0, length, 0, at, 0, 0, 0]);
            at += length;
        }
        bytes.extend([0; 16]);
        bytes.extend([u8::from(unicode), 0, 0, 0]);
        bytes.extend([domain, user].concat());
        bytes
    }

    fn heard(bytes: &[u8]) -> Vec<Heard> {
        listen(|_, voice| {
            look(bytes, true, &heading(), voice);
        })
    }

    #[test]
    fn domain_and_user_are_read_in_both_spellings() {
        for unicode in [true, false] {
            let smb =
                [b"\0\0\0\x40\xfeSMB and Nothing", &message(unicode, "ELMROW", "a.pupil")[..]];
            assert_eq!(heard(&smb.concat()), ["ntlm 10.1.4.23 a.pupil ELMROW"]);
        }
        assert_eq!(heard(&message(true, "", "J\u{fc}rgen")), ["ntlm 10.1.4.23 J\u{fc}rgen -"]);
    }

    #[test]
    fn nobody_and_other_messages_say_nothing() {
        assert!(heard(&message(true, "ELMROW", "")).is_empty());
        let mut challenge = message(true, "ELMROW", "a.pupil");
        challenge[8] = 2;
        assert!(heard(&challenge).is_empty());
    }

    #[test]
    fn a_negotiation_in_the_same_octets_hides_no_message_after_it() {
        let both = [&b"NTLMSSP\0\x01\0\0\0 and then "[..], &message(true, "ELMROW", "a.pupil")];
        assert_eq!(heard(&both.concat()), ["ntlm 10.1.4.23 a.pupil ELMROW"]);
    }

    #[test]
    fn a_message_in_text_is_read_too() {
        let text = b"NTLM TlRMTVNTUAADAAAAAAAAAAAAAAAAAAAAAAAAAAMAAwBAAAAAAgACAEMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEVMTWFi";
        let heard = listen(|_, voice| look_in_text(text, &heading(), voice));
        assert_eq!(heard, ["ntlm 10.1.4.23 ab ELM"]);
        assert!(is_text(&text[5..]) && !is_text(text));
        for end in 0..text.len() {
            assert!(listen(|_, voice| look_in_text(&text[..end], &heading(), voice)).len() <= 1);
        }
    }

    #[test]
    fn prefixes_and_bent_octets_are_survived() {
        let whole = message(true, "ELMROW", "a.pupil");
        for end in 0..whole.len() {
            assert!(heard(&whole[..end]).is_empty());
        }
        for at in 0..whole.len() {
            for octet in 0..=255 {
                let mut bent = whole.clone();
                bent[at] = octet;
                assert!(heard(&bent).len() <= 1);
            }
        }
    }
}
