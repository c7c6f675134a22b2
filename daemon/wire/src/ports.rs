//! The ports on which a network's DNS is spoken.

use std::fmt;

use facts::Path;

use crate::claims::{dhcp, dhcp6, kerberos, radius};
use crate::dns;

/// The ports on which DNS is read, over UDP and over TCP, whatever its octets look like.
/// Those of mDNS and LLMNR are read beside them. Without another word it is 53 alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsPorts(Vec<u16>);

/// Why a list of ports is none on which DNS can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortFault {
    /// Nought is no port.
    Nought,
    /// Another protocol is read on this port, and would not be read any more.
    Taken(u16),
    /// The port of DNS itself is not among them: devices that ask there would not be heard.
    Without53,
    /// More ports than any network needs: each is a look at every packet.
    TooMany,
}

/// How many ports a list may have.
const MOST_PORTS: usize = 16;

impl DnsPorts {
    /// Takes a list of ports; one that stands there twice counts once.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn new(listed: &[u16]) -> Result<Self, PortFault> {
        let mut ports: Vec<u16> = Vec::new();
        for port in listed {
            match *port {
                0 => return Err(PortFault::Nought),
                port if is_taken(port) => return Err(PortFault::Taken(port)),
                port => ports.push(port),
            }
        }
        ports.sort_unstable();
        ports.dedup();
        if !ports.contains(&dns::PORT) {
            return Err(PortFault::Without53);
        }
        if ports.len() > MOST_PORTS {
            return Err(PortFault::TooMany);
        }
        Ok(Self(ports))
    }

    /// The ports, in their order.
    #[must_use]
    pub fn as_slice(&self) -> &[u16] {
        &self.0
    }

    /// Whether one end of a path is such a port.
    pub(crate) fn are_on(&self, path: &Path) -> bool {
        self.0.iter().any(|port| *port == path.sport || *port == path.dport)
    }
}

impl Default for DnsPorts {
    fn default() -> Self {
        Self(vec![dns::PORT])
    }
}

/// Whether a reader of another protocol finds its messages by this port.
fn is_taken(port: u16) -> bool {
    let readers = [&dns::LOCAL_PORTS[..], &dhcp::PORTS, &dhcp6::PORTS, &radius::PORTS];
    port == kerberos::PORT || readers.iter().any(|ports| ports.contains(&port))
}

impl fmt::Display for PortFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nought => f.write_str("0 is no port."),
            Self::Taken(port) => write!(f, "Another protocol is read on port {port}."),
            Self::Without53 => {
                f.write_str("Port 53 is missing: what devices ask for there would not be read.")
            }
            Self::TooMany => write!(f, "These are more than {MOST_PORTS} ports."),
        }
    }
}

impl std::error::Error for PortFault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_ports_blinds_no_reader() {
        assert_eq!(DnsPorts::new(&[53]), Ok(DnsPorts::default()));
        assert_eq!(DnsPorts::new(&[5300, 53, 5300]), Ok(DnsPorts(vec![53, 5300])));
        assert_eq!(DnsPorts::new(&[]), Err(PortFault::Without53));
        assert_eq!(DnsPorts::new(&[5300]), Err(PortFault::Without53));
        assert_eq!(DnsPorts::new(&[53, 0]), Err(PortFault::Nought));
        for port in [67, 88, 547, 1812, 1813, 5353, 5355] {
            assert_eq!(DnsPorts::new(&[53, port]), Err(PortFault::Taken(port)));
        }
        let many: Vec<u16> = (53..70).filter(|port| ![67, 68].contains(port)).collect();
        assert!(DnsPorts::new(&many).is_ok());
        let many: Vec<u16> = (40..80).filter(|port| ![67, 68].contains(port)).collect();
        assert_eq!(DnsPorts::new(&many), Err(PortFault::TooMany));
    }
}
