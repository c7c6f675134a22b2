//! RADIUS Accounting-Requests (RFC 2866).

use std::net::Ipv4Addr;

/// Acct-Status-Type (RFC 2866 section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// A session began.
    Start,
    /// A session ended.
    Stop,
    /// A session goes on.
    Interim,
    /// The reporter started anew.
    On,
    /// The reporter is going down.
    Off,
}

impl Status {
    const fn number(self) -> u32 {
        match self {
            Self::Start => 1,
            Self::Stop => 2,
            Self::Interim => 3,
            Self::On => 7,
            Self::Off => 8,
        }
    }
}

/// What an access point reports.
#[derive(Clone, Copy, Debug)]
pub struct Accounting<'a> {
    /// What happened.
    pub status: Status,
    /// The account.
    pub user: Option<&'a str>,
    /// The session's key.
    pub session: Option<&'a str>,
    /// The device, as access points write it: `52-54-00-00-00-07`.
    pub calling_station: Option<&'a str>,
    /// The device's address.
    pub framed_ip: Option<Ipv4Addr>,
    /// The reporter's own name.
    pub nas: &'a str,
    /// When it happened, in seconds since 1970 (Event-Timestamp, RFC 2869).
    pub happened: u32,
}

impl Accounting<'_> {
    /// The Accounting-Request, to be sent to port 1813. The authenticator is zero: it can
    /// not be checked without the secret, which a listener does not have.
    #[must_use]
    pub fn request(&self, id: u8) -> Vec<u8> {
        let mut attributes = Vec::new();
        attribute(&mut attributes, 40, &self.status.number().to_be_bytes());
        attribute(&mut attributes, 32, self.nas.as_bytes());
        attribute(&mut attributes, 55, &self.happened.to_be_bytes());
        if let Some(user) = self.user {
            attribute(&mut attributes, 1, user.as_bytes());
        }
        if let Some(session) = self.session {
            attribute(&mut attributes, 44, session.as_bytes());
        }
        if let Some(station) = self.calling_station {
            attribute(&mut attributes, 31, station.as_bytes());
        }
        if let Some(address) = self.framed_ip {
            attribute(&mut attributes, 8, &address.octets());
        }
        let length = u16::try_from(attributes.len() + 20).expect("at most 4,096 octets");
        [&[4, id][..], &length.to_be_bytes(), &[0; 16], &attributes].concat()
    }
}

/// The Accounting-Response by which a server says that it took the request of this number.
#[must_use]
pub fn accounting_response(id: u8) -> Vec<u8> {
    [&[5, id, 0, 20][..], &[0; 16]].concat()
}

fn attribute(all: &mut Vec<u8>, kind: u8, value: &[u8]) {
    all.extend([kind, u8::try_from(value.len() + 2).expect("at most 253 octets")]);
    all.extend(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_follow_a_header_that_tells_the_length() {
        let report = Accounting {
            status: Status::Start,
            user: Some("p.seven"),
            session: None,
            calling_station: None,
            framed_ip: None,
            nas: "ap-1",
            happened: 0,
        };
        let request = report.request(9);
        assert_eq!(request[..4], [4, 9, 0, 47]);
        assert_eq!(request.len(), 47);
        assert!(request.ends_with(b"\x01\x09p.seven"));
    }
}
