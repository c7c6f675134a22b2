//! A set of VLANs, a bit for each.

use std::fmt;

/// VLANs by their numbers; nought stands for frames without a tag.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Vlans([u64; Self::COUNT / 64]);

impl Vlans {
    /// Numbers that a tag can hold.
    pub const COUNT: usize = 4_096;

    /// Each of them, the lowest first.
    pub fn iter(&self) -> impl Iterator<Item = u16> {
        let words = (0..).step_by(64).zip(self.0);
        words.flat_map(|(first, word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| first + bit)
        })
    }
}

impl Default for Vlans {
    /// None.
    fn default() -> Self {
        Self([0; Self::COUNT / 64])
    }
}

impl FromIterator<u16> for Vlans {
    /// Numbers that no tag can hold are left out.
    fn from_iter<I: IntoIterator<Item = u16>>(numbers: I) -> Self {
        let mut vlans = Self::default();
        for number in numbers {
            if let Some(word) = vlans.0.get_mut(usize::from(number) / 64) {
                *word |= 1 << (number % 64);
            }
        }
        vlans
    }
}

impl fmt::Debug for Vlans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_comes_out_in_order_and_what_no_tag_can_hold_does_not() {
        let vlans: Vlans = [4_095, 64, 0, 63, 64, 4_096, u16::MAX].into_iter().collect();
        assert_eq!(vlans.iter().collect::<Vec<_>>(), [0, 63, 64, 4_095]);
        assert_eq!(Vlans::default().iter().count(), 0);
    }
}
