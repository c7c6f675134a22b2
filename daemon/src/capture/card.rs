//! What the system counts at an interface itself, before any filter: so that what was sent
//! can be held against what was seen.

use std::fs;
use std::path::{Path, PathBuf};

/// The figures of one interface, as files in a folder of the system.
#[derive(Clone, Debug)]
pub struct Card {
    folder: PathBuf,
}

/// What an interface counted since some time of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CardCounts {
    /// Packets that it received.
    pub received: u64,
    /// Packets that it could not take, for want of room or because they were damaged.
    pub missed: u64,
}

const NETWORK: &str = "/sys/class/net";
/// The files that count what the card itself did not take.
const MISSED: [&str; 4] =
    ["rx_missed_errors", "rx_fifo_errors", "rx_crc_errors", "rx_frame_errors"];

impl Card {
    /// The interface of this name.
    #[must_use]
    pub fn of(interface: &str) -> Self {
        Self::in_folder(&Path::new(NETWORK).join(interface))
    }

    fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// What it counted; none where the system does not tell.
    #[must_use]
    pub fn counts(&self) -> Option<CardCounts> {
        let statistics = self.folder.join("statistics");
        let count = |file: &str| {
            let text = fs::read_to_string(statistics.join(file)).ok()?;
            text.trim().parse::<u64>().ok()
        };
        let missed = MISSED.iter().filter_map(|file| count(file)).fold(0, u64::saturating_add);
        Some(CardCounts { received: count("rx_packets")?, missed })
    }

    /// Whether a cable with something at its other end is there; none where the system does
    /// not tell.
    #[must_use]
    pub fn has_carrier(&self) -> Option<bool> {
        let text = fs::read_to_string(self.folder.join("carrier")).ok()?;
        Some(text.trim() == "1")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_as_the_system_writes_them_and_missing_ones_are_not_nought() {
        let folder = tempfile::tempdir().unwrap();
        let card = Card::in_folder(folder.path());
        assert_eq!((card.counts(), card.has_carrier()), (None, None));
        fs::create_dir(folder.path().join("statistics")).unwrap();
        fs::write(folder.path().join("statistics/rx_packets"), "1449522\n").unwrap();
        fs::write(folder.path().join("statistics/rx_missed_errors"), "7\n").unwrap();
        fs::write(folder.path().join("statistics/rx_crc_errors"), "2\n").unwrap();
        fs::write(folder.path().join("carrier"), "0\n").unwrap();
        assert_eq!(card.counts(), Some(CardCounts { received: 1_449_522, missed: 9 }));
        assert_eq!(card.has_carrier(), Some(false));
    }
}
