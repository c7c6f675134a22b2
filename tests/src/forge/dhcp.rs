//! DHCPv4 acknowledgements (RFC 2131, RFC 2132).

use std::net::Ipv4Addr;

use facts::Mac;

/// An address that a server gives to a device.
#[derive(Clone, Copy, Debug)]
pub struct Lease<'a> {
    /// The device.
    pub mac: Mac,
    /// The address given.
    pub address: Ipv4Addr,
    /// The server that gives it.
    pub server: Ipv4Addr,
    /// For how long.
    pub seconds: u32,
    /// What the device calls itself.
    pub host: Option<&'a str>,
}

impl Lease<'_> {
    /// The DHCPACK, to be sent from port 67 to port 68.
    #[must_use]
    pub fn acknowledged(&self) -> Vec<u8> {
        let mut message = vec![2, 1, 6, 0];
        message.extend([0x57, 0x61, 0x72, 0x64]);
        message.extend([0; 8]);
        message.extend(self.address.octets());
        message.extend(self.server.octets());
        message.extend([0; 4]);
        message.extend(self.mac.octets());
        message.extend([0; 10 + 64 + 128]);
        message.extend([0x63, 0x82, 0x53, 0x63]);
        message.extend([53, 1, 5]);
        message.extend([54, 4]);
        message.extend(self.server.octets());
        message.extend([51, 4]);
        message.extend(self.seconds.to_be_bytes());
        if let Some(host) = self.host {
            message.extend([12, u8::try_from(host.len()).expect("a short name")]);
            message.extend(host.as_bytes());
        }
        message.push(255);
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_lie_where_the_rfc_puts_them() {
        let lease = Lease {
            mac: Mac::from_octets([2, 0, 0, 0, 0, 7]),
            address: Ipv4Addr::new(10, 20, 3, 7),
            server: Ipv4Addr::new(10, 20, 0, 1),
            seconds: 3_600,
            host: Some("ipad-07"),
        };
        let message = lease.acknowledged();
        assert_eq!(message[16..20], [10, 20, 3, 7]);
        assert_eq!(message[28..34], [2, 0, 0, 0, 0, 7]);
        assert_eq!(message[236..243], [0x63, 0x82, 0x53, 0x63, 53, 1, 5]);
        assert!(message.ends_with(b"\x0c\x07ipad-07\xff"));
    }
}
