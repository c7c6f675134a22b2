//! Where on the network something was seen: addresses, devices, and the two together.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A link-layer address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac([u8; 6]);

impl Mac {
    /// Takes the six octets in transmission order.
    #[must_use]
    pub const fn from_octets(octets: [u8; 6]) -> Self {
        Self(octets)
    }

    /// The six octets in transmission order.
    #[must_use]
    pub const fn octets(self) -> [u8; 6] {
        self.0
    }

    /// Whether the address was made up by the device (IEEE 802 "locally administered"
    /// bit), as phones do that change it from network to network.
    #[must_use]
    pub const fn is_random(self) -> bool {
        let [first, ..] = self.0;
        first & 0b10 != 0
    }

    /// Whether this names one device, not a group and not nobody.
    #[must_use]
    pub const fn is_device(self) -> bool {
        let [first, ..] = self.0;
        first & 1 == 0 && !matches!(self.0, [0, 0, 0, 0, 0, 0])
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is no link-layer address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAMac;

impl fmt::Display for NotAMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a MAC address: twelve hexadecimal digits, as in 52:54:00:1d:00:05")
    }
}

impl std::error::Error for NotAMac {}

/// Reads the spellings that servers write: `52:54:00:1d:00:05`, `52-54-00-1D-00-05`,
/// `5254.001d.0005`, `5254001D0005`.
impl FromStr for Mac {
    type Err = NotAMac;

    fn from_str(text: &str) -> Result<Self, NotAMac> {
        let mut octets = [0_u8; 6];
        let mut digits = 0_usize;
        for c in text.chars().filter(|c| !matches!(c, ':' | '-' | '.')) {
            let digit = c.to_digit(16).and_then(|d| u8::try_from(d).ok()).ok_or(NotAMac)?;
            let octet = octets.get_mut(digits / 2).ok_or(NotAMac)?;
            *octet = (*octet << 4) | digit;
            digits += 1;
        }
        if digits == 12 { Ok(Self(octets)) } else { Err(NotAMac) }
    }
}

/// A school. One number a site; what it is called stands in the configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SiteId(pub u32);

/// A capture point within a site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SensorId(pub u32);

/// Which device and address something came from, and where it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sighting {
    /// The school.
    pub site: SiteId,
    /// The capture point.
    pub sensor: SensorId,
    /// The outermost VLAN tag, where the frame had one.
    pub vlan: Option<u16>,
    /// The client's link-layer address as it stood on the frame; a router's when the
    /// mirror is not on the client's own network.
    pub mac: Option<Mac>,
    /// The client's address.
    pub address: IpAddr,
}

/// The two ends of a packet, as sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    /// Who sent it.
    pub src: IpAddr,
    /// Who it was sent to.
    pub dst: IpAddr,
    /// The sender's port.
    pub sport: u16,
    /// The receiver's port.
    pub dport: u16,
}

/// What the frame around a packet said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// The outermost VLAN tag.
    pub vlan: Option<u16>,
    /// The sender's link-layer address.
    pub src_mac: Option<Mac>,
    /// The receiver's link-layer address.
    pub dst_mac: Option<Mac>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mac_is_read_in_every_spelling_that_servers_write() {
        let expected = Mac::from_octets([0x52, 0x54, 0, 0x1d, 0, 5]);
        for text in ["52:54:00:1d:00:05", "52-54-00-1D-00-05", "5254.001d.0005", "5254001D0005"] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        for text in ["", "52:54:00:1d:00", "52:54:00:1d:00:05:06", "52:54:00:1d:00:0g"] {
            assert_eq!(text.parse::<Mac>(), Err(NotAMac), "{text}");
        }
        assert_eq!(expected.to_string(), "52:54:00:1d:00:05");
    }

    #[test]
    fn a_made_up_mac_is_told_from_a_built_in_one() {
        assert!(Mac::from_octets([0x06, 0x11, 0x22, 0x33, 0x44, 0x55]).is_random());
        assert!(!Mac::from_octets([0x00, 0x11, 0x22, 0x33, 0x44, 0x55]).is_random());
        assert!(!Mac::from_octets([0xff; 6]).is_device());
        assert!(!Mac::from_octets([0; 6]).is_device());
    }
}
