//! Floods of every kind: memory stays flat, and every real message between them is heard.

use wardline_tests::hostile::{Deluge, Flood};

/// What tables may still grow by after ten thousand packets: an allocation that doubles.
/// Ninety thousand packets that were kept would be a hundred times as much.
const MOST_GROWTH: usize = 1024 * 1024;

/// A hundred packets come between two parts of a message: a thousandth of a second.
#[test]
fn a_hundred_thousand_packets_of_any_flood_hide_nothing_and_fill_nothing() {
    for flood in Flood::ALL {
        let deluge = Deluge { flood, packets: 100_000, between: 100 };
        let damage = deluge.pour().unwrap_or_else(|held| panic!("{flood:?}: {held} octets"));
        assert_eq!(damage.real, 200, "{flood:?}: all but the last began");
        assert_eq!(damage.heard, damage.real, "{flood:?}: {damage}");
        let grown = damage.held_late.saturating_sub(damage.held_early);
        assert!(grown < MOST_GROWTH, "{flood:?}: {damage}");
    }
}
