//! The distinguished encoding of ASN.1, as far as Kerberos needs it (X.690).

/// A value under its tag octet.
fn tagged(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut value = vec![tag];
    let octets = body.len().to_be_bytes();
    let length = &octets[octets.iter().take_while(|octet| **octet == 0).count()..];
    match length {
        [] => value.push(0),
        [one] if *one < 0x80 => value.push(*one),
        many => {
            value.push(0x80 | u8::try_from(many.len()).expect("at most eight octets"));
            value.extend(many);
        }
    }
    value.extend(body);
    value
}

/// `[APPLICATION number]` around one value.
#[must_use]
pub fn application(number: u8, body: &[u8]) -> Vec<u8> {
    tagged(0x60 | number, body)
}

/// `[number]` around one value.
#[must_use]
pub fn context(number: u8, body: &[u8]) -> Vec<u8> {
    tagged(0xa0 | number, body)
}

/// A SEQUENCE of values.
#[must_use]
pub fn sequence(values: &[Vec<u8>]) -> Vec<u8> {
    tagged(0x30, &values.concat())
}

/// An INTEGER that is not negative.
#[must_use]
pub fn integer(number: u32) -> Vec<u8> {
    let octets = [&[0][..], &number.to_be_bytes()].concat();
    let needless = octets.windows(2).take_while(|pair| pair[0] == 0 && pair[1] < 0x80).count();
    tagged(2, &octets[needless..])
}

/// An OCTET STRING.
#[must_use]
pub fn octets(body: &[u8]) -> Vec<u8> {
    tagged(4, body)
}

/// A BIT STRING of whole octets.
#[must_use]
pub fn bit_string(body: &[u8]) -> Vec<u8> {
    tagged(3, &[&[0][..], body].concat())
}

/// A GeneralString (in practice UTF-8).
#[must_use]
pub fn general_string(text: &str) -> Vec<u8> {
    tagged(0x1b, text.as_bytes())
}

/// A GeneralizedTime, as in `20370913024805Z`.
#[must_use]
pub fn time(text: &str) -> Vec<u8> {
    tagged(0x18, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_as_few_octets_as_they_can() {
        assert_eq!(octets(&[]), [4, 0]);
        assert_eq!(octets(&[7; 127])[..2], [4, 127]);
        assert_eq!(octets(&[7; 128])[..3], [4, 0x81, 128]);
        assert_eq!(octets(&[7; 256])[..4], [4, 0x82, 1, 0]);
    }

    #[test]
    fn integers_take_as_few_octets_as_they_can() {
        assert_eq!(integer(0), [2, 1, 0]);
        assert_eq!(integer(127), [2, 1, 127]);
        assert_eq!(integer(128), [2, 2, 0, 128]);
        assert_eq!(integer(u32::MAX), [2, 5, 0, 255, 255, 255, 255]);
    }
}
