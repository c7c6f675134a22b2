//! A walk through DER (X.690), as far as Kerberos and LDAP messages need it.

use crate::reader::Reader;

/// One element: its tag octet and its content.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) content: Reader<'a>,
}

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const GENERAL_STRING: u8 = 0x1b;
pub(super) const UTF8_STRING: u8 = 0x0c;

/// The tag of a constructed element that an ASN.1 module numbers: `[2]`.
pub(super) const fn numbered(number: u8) -> u8 {
    0xa0 | (number & 0x1f)
}

/// Takes a length, in any form that DER and the definite forms of BER allow.
pub(super) fn length(reader: &mut Reader<'_>) -> Option<usize> {
    let length = match reader.u8()? {
        short @ 0..=0x7f => u32::from(short),
        0x81 => u32::from(reader.u8()?),
        0x82 => u32::from(reader.u16()?),
        0x83 => reader.u24()?,
        0x84 => reader.u32()?,
        _ => return None,
    };
    usize::try_from(length).ok()
}

/// Takes the next element. Tags above 30 and lengths without end do not occur here.
pub(super) fn next<'a>(reader: &mut Reader<'a>) -> Option<Element<'a>> {
    let tag = reader.u8()?;
    if tag & 0x1f == 0x1f {
        return None;
    }
    let length = length(reader)?;
    let content = reader.part(length)?;
    Some(Element { tag, content })
}

/// Takes the next element if it has this tag.
pub(super) fn expect<'a>(reader: &mut Reader<'a>, tag: u8) -> Option<Reader<'a>> {
    next(reader).filter(|element| element.tag == tag).map(|element| element.content)
}

/// Steps over elements until one has this tag.
pub(super) fn find<'a>(reader: &mut Reader<'a>, tag: u8) -> Option<Reader<'a>> {
    loop {
        let element = next(reader)?;
        if element.tag == tag {
            return Some(element.content);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_in_every_form_that_der_allows() {
        for length in [&[3][..], &[0x81, 3], &[0x82, 0, 3], &[0x83, 0, 0, 3], &[0x84, 0, 0, 0, 3]] {
            let bytes = [&[SEQUENCE], length, b"abcd"].concat();
            let mut reader = Reader::new(&bytes);
            let content = expect(&mut reader, SEQUENCE).expect("read");
            assert_eq!((content.rest(), reader.rest()), (&b"abc"[..], &b"d"[..]));
        }
    }

    #[test]
    fn what_lies_or_has_no_end_is_nothing() {
        for bytes in [
            &[0x30, 4, 1][..],
            &[0x30, 0x80, 1],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x1f, 1, 0],
        ] {
            assert!(next(&mut Reader::new(bytes)).is_none(), "{bytes:?}");
        }
    }
}
