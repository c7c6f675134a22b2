//! Packets of a file whose kind of link is not read: counted, so that the file is not passed
//! over in silence.

use wire::LinkType;

use super::Wrong;

/// How many packets of a file were lent, and how many of these are of an unread link.
#[derive(Debug, Default)]
pub(super) struct Unread {
    lent: u64,
    passed_over: u64,
    /// The first such link's number.
    link: Option<u32>,
}

impl Unread {
    /// Takes note of a packet that is lent.
    #[inline]
    pub(super) fn lend(&mut self, link: LinkType) {
        self.lent += 1;
        if let LinkType::Other(number) = link {
            self.passed_over += 1;
            self.link.get_or_insert(number);
        }
    }

    /// What is to be told at the end of the file, once.
    pub(super) fn take(&mut self) -> Option<Wrong> {
        let link = self.link.take()?;
        let others = self.lent - self.passed_over;
        Some(Wrong::UnreadLink { link, packets: self.passed_over, others })
    }
}
