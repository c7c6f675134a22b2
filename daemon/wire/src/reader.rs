//! A cursor over hostile bytes that can not run past their end.

/// What a reader makes of the bytes it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading<T> {
    /// The whole message.
    Done(T),
    /// The beginning of one; it can not be whole before this many bytes are there.
    Incomplete(usize),
    /// Something else.
    NotThis,
}

/// What is left to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) const fn len(&self) -> usize {
        self.rest.len()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    pub(crate) fn skip(&mut self, count: usize) -> Option<()> {
        self.take(count).map(|_| ())
    }

    /// The next `count` bytes as a reader of their own.
    pub(crate) fn part(&mut self, count: usize) -> Option<Reader<'a>> {
        self.take(count).map(Reader::new)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*taken)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array().map(|[octet]: [u8; 1]| octet)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u24(&mut self) -> Option<u32> {
        self.array().map(|[a, b, c]: [u8; 3]| u32::from_be_bytes([0, a, b, c]))
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// A number of QUIC (RFC 9000 section 16): the first two bits say how long it is.
    pub(crate) fn varint(&mut self) -> Option<u64> {
        let first = *self.rest.first()?;
        match first >> 6 {
            0 => self.u8().map(u64::from),
            1 => self.u16().map(|number| u64::from(number & 0x3fff)),
            2 => self.u32().map(|number| u64::from(number & 0x3fff_ffff)),
            _ => self.array().map(u64::from_be_bytes).map(|number| number & (u64::MAX >> 2)),
        }
    }

    /// A part that stands behind its own length in one octet.
    pub(crate) fn part8(&mut self) -> Option<Reader<'a>> {
        let length = self.u8()?;
        self.part(usize::from(length))
    }

    /// A part that stands behind its own length in two octets.
    pub(crate) fn part16(&mut self) -> Option<Reader<'a>> {
        let length = self.u16()?;
        self.part(usize::from(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_stops_at_the_end_and_stays_where_it_was() {
        let mut reader = Reader::new(&[0, 2, 7, 8, 9]);
        assert_eq!(reader.part16().map(|p| p.rest()), Some(&[7, 8][..]));
        assert!(reader.u16().is_none());
        assert_eq!(reader.u8(), Some(9));
        assert!(reader.is_empty() && reader.u8().is_none());
        assert!(Reader::new(&[5, 1]).part8().is_none());
    }

    /// The examples of RFC 9000 appendix A.1.
    #[test]
    fn numbers_of_quic_are_read_in_all_four_lengths() {
        for (octets, number) in [
            (&[0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c][..], 151_288_809_941_952_652),
            (&[0x9d, 0x7f, 0x3e, 0x7d], 494_878_333),
            (&[0x7b, 0xbd], 15_293),
            (&[0x25], 37),
            (&[0x40, 0x25], 37),
        ] {
            assert_eq!(Reader::new(octets).varint(), Some(number));
            let cut = &octets[..octets.len() - 1];
            assert_eq!(Reader::new(cut).varint(), None);
        }
    }
}
