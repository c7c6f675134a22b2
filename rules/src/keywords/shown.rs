//! A name as a person reads it: punycode decoded, look-alike letters and digits folded.

use unicode_security::skeleton;

/// The longest name of which digits are read as letters: what a device can ask for.
const LONGEST_FOLDED: usize = 255;

/// A name as it is shown: punycode decoded, each letter that is not ASCII as the plain one
/// it looks like (UTS 39), accents left off.
pub(super) fn as_shown(name: &str) -> String {
    let (decoded, _) = idna::domain_to_unicode(name);
    let mut plain = String::with_capacity(decoded.len());
    for letter in decoded.chars() {
        let mut buffer = [0_u8; 4];
        match letter.is_ascii() {
            true => plain.push(letter),
            false => plain.extend(
                skeleton(letter.encode_utf8(&mut buffer)).filter(|shape| !is_accent(*shape)),
            ),
        }
    }
    plain
}

const fn is_accent(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}

/// A name whose digits were read as letters.
#[derive(Debug)]
pub(super) struct FoldedName {
    bytes: [u8; LONGEST_FOLDED],
    length: usize,
}

impl FoldedName {
    pub(super) fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

/// The name with digits read as the letters they look like, `1` as `one`, in each token
/// that has such a digit between letters or a `0` at its end: `c4s1n0`, `casin0`. None
/// where no token has.
pub(super) fn digits_as_letters(name: &str, one: u8) -> Option<FoldedName> {
    if !name.is_ascii() || name.len() > LONGEST_FOLDED || !has_inner_digit(name.as_bytes()) {
        return None;
    }
    if one != b'i' && !name.contains('1') {
        return None;
    }
    let mut folded = FoldedName { bytes: [0; LONGEST_FOLDED], length: name.len() };
    let tokens = name.as_bytes().split_inclusive(|byte| !byte.is_ascii_alphanumeric());
    let mut slots = folded.bytes.iter_mut();
    for token in tokens {
        let folds = has_inner_digit(token);
        for (byte, slot) in token.iter().zip(&mut slots) {
            *slot = if folds { letter_like(*byte, one) } else { *byte };
        }
    }
    Some(folded)
}

fn letter_like(byte: u8, one: u8) -> u8 {
    match byte {
        b'0' => b'o',
        b'1' => one,
        b'3' => b'e',
        b'4' => b'a',
        b'5' => b's',
        b'7' => b't',
        other => other,
    }
}

/// Whether a digit that looks like a letter stands between two letters, or a `0` after a
/// letter at the end of a token.
fn has_inner_digit(bytes: &[u8]) -> bool {
    let is_end = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
    bytes.windows(2).enumerate().any(|(at, pair)| {
        let [letter, digit] = pair else { return false };
        let after = bytes.get(at.saturating_add(2));
        letter.is_ascii_lowercase()
            && letter_like(*digit, b'i') != *digit
            && (after.is_some_and(u8::is_ascii_lowercase) || (*digit == b'0' && is_end(after)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(name: &str) -> Option<String> {
        digits_as_letters(name, b'i').map(|folded| folded.as_str().to_owned())
    }

    #[test]
    fn digits_between_letters_are_read_as_letters() {
        assert_eq!(folded("c4s1n0.example").as_deref(), Some("casino.example"));
        assert_eq!(folded("www.casin0.example").as_deref(), Some("www.casino.example"));
        assert_eq!(folded("p0ker-24.4.example").as_deref(), Some("poker-24.4.example"));
        assert_eq!(digits_as_letters("s1ots.example", b'l').unwrap().as_str(), "slots.example");
        for name in ["bet365.com", "1xbet.com", "3.example", "casino24.example", "", "a2b.example"]
        {
            assert_eq!(folded(name), None, "{name}");
        }
        assert_eq!(folded(&"a0a.".repeat(100)), None);
    }
}
