//! Which answers a new record may have changed.

use std::collections::BTreeSet;
use std::net::IpAddr;

use facts::{Mac, Sighting, Timestamp};

/// The sightings and the stretch of time whose answers may now be different. It may name
/// too much, never too little.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dirty {
    /// Devices it is about; none means every sighting.
    pub(super) devices: Option<BTreeSet<Mac>>,
    /// Addresses that such a device may have held.
    pub(super) addresses: BTreeSet<IpAddr>,
    /// From here on.
    pub from: Timestamp,
    /// Until before this.
    pub until: Timestamp,
}

impl Dirty {
    /// Every sighting in a stretch of time.
    pub(super) const fn everything(from: Timestamp, until: Timestamp) -> Self {
        Self { devices: None, addresses: BTreeSet::new(), from, until }
    }

    /// Whether the answer for this sighting at this time may have changed.
    #[must_use]
    pub fn touches(&self, sighting: &Sighting, at: Timestamp) -> bool {
        let Some(devices) = &self.devices else { return self.from <= at && at < self.until };
        self.from <= at
            && at < self.until
            && (sighting.mac.is_some_and(|mac| devices.contains(&mac))
                || self.addresses.contains(&sighting.address.to_canonical()))
    }
}
