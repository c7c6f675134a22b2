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
}
