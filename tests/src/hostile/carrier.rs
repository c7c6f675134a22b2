//! How the bytes of one message come to the wire: the frames around them.

use wire::LinkType;

use super::Sealer;

/// What stands around a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// Nothing: the message is a whole frame of this kind of link.
    Frame(LinkType),
    /// One UDP datagram between a client and this port of a server.
    Udp {
        /// The server's port.
        port: u16,
        /// Whether it goes to the client.
        from_server: bool,
    },
    /// A TCP segment in a stream that began with a SYN.
    Tcp {
        /// The server's port.
        port: u16,
        /// Whether it goes to the client.
        from_server: bool,
    },
    /// The frames of a QUIC Initial, sealed with the right keys.
    QuicInitial,
}

const ETHERNET: [u8; 14] = [2, 0, 0, 0, 0, 4, 2, 0, 0, 0, 0, 2, 8, 0];
const SERVER: [u8; 4] = [203, 0, 113, 7];
const HTTPS: u16 = 443;
const UDP: u8 = 17;
const TCP: u8 = 6;
const SYN: u8 = 2;
const ACK: u8 = 16;

/// The largest message that fits a frame with all its headers.
pub(super) const LARGEST: usize = 65_535 - 20 - 20 - 100;

/// Puts frames around messages, in the same room again and again.
#[derive(Debug)]
pub(super) struct Wrapper {
    frame: Vec<u8>,
    sealer: Sealer,
}

impl Wrapper {
    pub(super) fn new() -> Self {
        Self { frame: Vec::new(), sealer: Sealer::new(1, b"8 octets") }
    }

    /// Lends each frame that carries the parts, from or to the client of this number.
    pub(super) fn each(
        &mut self,
        carrier: Carrier,
        client: u64,
        parts: &[&[u8]],
        mut take: impl FnMut(LinkType, &[u8]),
    ) {
        let mut seq = 0x7fff_ff00_u32.wrapping_mul(u32::try_from(client & 0xff).unwrap_or(1));
        if let Carrier::Tcp { port, from_server } = carrier {
            self.tcp(client, port, from_server, (seq.wrapping_sub(1), SYN), &[]);
            take(LinkType::Ethernet, &self.frame);
        }
        for (number, part) in parts.iter().enumerate() {
            let part = &part[..part.len().min(LARGEST)];
            match carrier {
                Carrier::Frame(link) => {
                    take(link, part);
                    continue;
                }
                Carrier::Udp { port, from_server } => self.udp(client, port, from_server, part),
                Carrier::Tcp { port, from_server } => {
                    self.tcp(client, port, from_server, (seq, ACK), part);
                    seq = seq.wrapping_add(u32::try_from(part.len()).unwrap_or(0));
                }
                Carrier::QuicInitial => {
                    let number = u8::try_from(number).unwrap_or(u8::MAX);
                    let packet = self.sealer.initial(number, part);
                    self.udp(client, HTTPS, false, &packet);
                }
            }
            take(LinkType::Ethernet, &self.frame);
        }
    }

    fn udp(&mut self, client: u64, port: u16, from_server: bool, payload: &[u8]) {
        self.ip(client, from_server, UDP, 8 + payload.len());
        self.ports(client, port, from_server);
        let length = u16::try_from(8 + payload.len()).unwrap_or(0);
        self.frame.extend(length.to_be_bytes());
        self.frame.extend([0, 0]);
        self.frame.extend(payload);
    }

    fn tcp(
        &mut self,
        client: u64,
        port: u16,
        from_server: bool,
        (seq, flags): (u32, u8),
        payload: &[u8],
    ) {
        self.ip(client, from_server, TCP, 20 + payload.len());
        self.ports(client, port, from_server);
        self.frame.extend(seq.to_be_bytes());
        self.frame.extend([0, 0, 3, 0x84, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        self.frame.extend(payload);
    }

    fn ip(&mut self, client: u64, from_server: bool, protocol: u8, length: usize) {
        self.frame.clear();
        self.frame.extend(ETHERNET);
        let total = u16::try_from(20 + length).unwrap_or(0).to_be_bytes();
        self.frame.extend([0x45, 0, total[0], total[1], 0, 0, 0x40, 0, 64, protocol, 0, 0]);
        let [.., a, b, c] = client.to_be_bytes();
        let client = [10, a, b, c];
        let ends = if from_server { [SERVER, client] } else { [client, SERVER] };
        self.frame.extend(ends.concat());
    }

    fn ports(&mut self, client: u64, port: u16, from_server: bool) {
        let own = 50_000 + u16::try_from((client >> 24) & 0x1fff).unwrap_or(0);
        let ports = if from_server { [port, own] } else { [own, port] };
        self.frame.extend(ports.into_iter().flat_map(u16::to_be_bytes));
    }
}
