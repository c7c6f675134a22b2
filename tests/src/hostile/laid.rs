//! Messages that are laid out part by part, so that each length field in them is known.

/// A number in a message that says how long or how many something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// What it measures.
    pub name: &'static str,
    /// Where its first octet stands.
    pub at: usize,
    /// How many octets it stands in.
    pub octets: usize,
    /// How many bits of these, and how many bits stand below them.
    pub bits: u32,
    /// See `bits`.
    pub shift: u32,
}

impl Field {
    /// The number as it stands in a message.
    ///
    /// # Panics
    /// Panics where the message ends before the field.
    #[must_use]
    pub fn value(&self, message: &[u8]) -> u64 {
        (self.word(message) >> self.shift) & self.most()
    }

    /// Writes another number.
    ///
    /// # Panics
    /// Panics where the message ends before the field.
    pub fn set(&self, message: &mut [u8], value: u64) {
        let others = self.word(message) & !(self.most() << self.shift);
        let word = (others | ((value & self.most()) << self.shift)).to_be_bytes();
        message[self.at..self.at + self.octets].copy_from_slice(&word[8 - self.octets..]);
    }

    /// Nought, one, the two largest, and the two beside the true number.
    #[must_use]
    pub fn lies(&self, message: &[u8]) -> Vec<u64> {
        let (now, most) = (self.value(message), self.most());
        let beside = [now.wrapping_sub(1) & most, now.wrapping_add(1) & most];
        let mut lies = vec![0, 1, most - 1, most, beside[0], beside[1]];
        lies.sort_unstable();
        lies.dedup();
        lies.retain(|lie| *lie != now);
        lies
    }

    const fn most(&self) -> u64 {
        u64::MAX >> (64 - self.bits)
    }

    fn word(&self, message: &[u8]) -> u64 {
        let octets = &message[self.at..self.at + self.octets];
        octets.iter().fold(0, |word, octet| (word << 8) | u64::from(*octet))
    }
}

/// A message and its length fields.
#[derive(Clone, Debug, Default)]
pub struct Laid {
    /// The message.
    pub bytes: Vec<u8>,
    /// Its length fields, from the front to the end.
    pub fields: Vec<Field>,
}

impl Laid {
    /// Octets without a length field.
    #[must_use]
    pub fn bare(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), fields: Vec::new() }
    }

    /// Adds octets without a length field.
    #[must_use]
    pub fn put(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Adds another message.
    #[must_use]
    pub fn part(mut self, other: Self) -> Self {
        let at = self.bytes.len();
        self.bytes.extend(other.bytes);
        self.fields.extend(other.fields.iter().map(|field| Field { at: field.at + at, ..*field }));
        self
    }

    /// Adds a number that counts or measures, in so many octets.
    #[must_use]
    pub fn number(mut self, name: &'static str, octets: usize, value: usize) -> Self {
        let bits = u32::try_from(octets * 8).expect("a short number");
        self.fields.push(Field { name, at: self.bytes.len(), octets, bits, shift: 0 });
        let value = u64::try_from(value).expect("a number").to_be_bytes();
        self.bytes.extend_from_slice(&value[8 - octets..]);
        self
    }

    /// Adds `other` behind its own length.
    #[must_use]
    pub fn sized(self, name: &'static str, octets: usize, other: Self) -> Self {
        self.sized_with(name, octets, 0, other)
    }

    /// Adds `other` behind its length and that of `more` octets which are counted with it.
    #[must_use]
    pub fn sized_with(self, name: &'static str, octets: usize, more: usize, other: Self) -> Self {
        let length = other.bytes.len() + more;
        self.number(name, octets, length).part(other)
    }

    /// Adds octets behind their own length.
    #[must_use]
    pub fn text(self, name: &'static str, octets: usize, text: &[u8]) -> Self {
        self.sized(name, octets, Self::bare(text))
    }

    /// Says that some bits of octets already laid are a length: how many bits, and how many
    /// stand below them.
    #[must_use]
    pub fn bits(
        mut self,
        name: &'static str,
        at: usize,
        octets: usize,
        (bits, shift): (u32, u32),
    ) -> Self {
        self.fields.push(Field { name, at, octets, bits, shift });
        self.fields.sort_by_key(|field| field.at);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_and_written_within_its_bits() {
        let laid = Laid::bare(&[0x45, 0xff]).bits("header", 0, 1, (4, 0)).number("rest", 2, 0x0203);
        let [header, rest] = laid.fields[..] else { panic!("{:?}", laid.fields) };
        assert_eq!((header.value(&laid.bytes), rest.value(&laid.bytes)), (5, 0x0203));
        let mut bytes = laid.bytes;
        header.set(&mut bytes, 0xf);
        rest.set(&mut bytes, 7);
        assert_eq!(bytes, [0x4f, 0xff, 0, 7]);
    }

    #[test]
    fn the_lies_are_the_ends_and_the_neighbours() {
        let laid = Laid::default().text("name", 1, b"seven..");
        assert_eq!(laid.fields[0].lies(&laid.bytes), [0, 1, 6, 8, 254, 255]);
        assert_eq!(laid.fields[0].lies(&[0]), [1, 254, 255]);
    }
}
