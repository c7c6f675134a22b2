//! Floods of every kind: memory stays flat, and every real message between them is heard.

use wardline_tests::hostile::{Deluge, Flood};

/// A hundred packets come between two parts of a message: a thousandth of a second.
#[test]
fn a_hundred_thousand_packets_of_any_flood_hide_nothing_and_fill_nothing() {
    for flood in Flood::ALL {
        let deluge = Deluge { flood, packets: 100_000, between: 100 };
        let damage = deluge.pour().unwrap_or_else(|held| panic!("{flood:?}: {held} octets"));
        assert_eq!(damage.real, 200, "{flood:?}: all but the last began");
        assert_eq!(damage.heard, damage.real, "{flood:?}: {damage}");
    }
}
