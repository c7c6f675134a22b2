//! A TCP connection as a conversation: who says what next, cut into segments.

use facts::{Mac, Span, Timestamp};

use super::frame::{End, Flags, Link, tcp};

/// The largest payload of a segment on Ethernet.
const SEGMENT: usize = 1_460;

/// How long a segment takes from one end to the other.
const TRAVEL: Span = Span::micros(900);

/// A TCP connection that is being written down, frame by frame.
#[derive(Clone, Debug)]
pub struct Talk {
    client: (Mac, End),
    server: (Mac, End),
    vlan: Option<u16>,
    at: Timestamp,
    client_seq: u32,
    server_seq: u32,
    frames: Vec<(Timestamp, Vec<u8>)>,
}

impl Talk {
    /// A connection about to be opened at `at`; the hardware addresses are as the mirror
    /// sees them.
    #[must_use]
    pub fn new(client: (Mac, End), server: (Mac, End), vlan: Option<u16>, at: Timestamp) -> Self {
        let client_seq = 0x1000_0000 ^ u32::from(client.1.port) << 8;
        let frames = Vec::new();
        Self { client, server, vlan, at, client_seq, server_seq: 0x2000_0000, frames }
    }

    /// The client knocks.
    #[must_use]
    pub fn knock(mut self) -> Self {
        self.client_sends(Flags { syn: true, ..Flags::default() }, &[]);
        self.client_seq = self.client_seq.wrapping_add(1);
        self
    }

    /// The client knocks and both ends open.
    #[must_use]
    pub fn open(mut self) -> Self {
        self = self.knock();
        self.server_sends(Flags { syn: true, ack: true, ..Flags::default() }, &[]);
        self.server_seq = self.server_seq.wrapping_add(1);
        self.client_sends(ACK, &[]);
        self
    }

    /// The client says `bytes`, in as many segments as they need.
    #[must_use]
    pub fn client_says(mut self, bytes: &[u8]) -> Self {
        for segment in bytes.chunks(SEGMENT) {
            self.client_sends(ACK, segment);
        }
        self
    }

    /// The server says `bytes`, in as many segments as they need.
    #[must_use]
    pub fn server_says(mut self, bytes: &[u8]) -> Self {
        for segment in bytes.chunks(SEGMENT) {
            self.server_sends(ACK, segment);
        }
        self
    }

    /// Nothing is said for a while.
    #[must_use]
    pub fn wait(mut self, span: Span) -> Self {
        self.at = self.at + span;
        self
    }

    /// The server, or something in its place, breaks off.
    #[must_use]
    pub fn server_resets(mut self) -> Self {
        self.server_sends(Flags { rst: true, ack: true, ..Flags::default() }, &[]);
        self
    }

    /// Both ends close.
    #[must_use]
    pub fn close(mut self) -> Self {
        let fin = Flags { fin: true, ack: true, ..Flags::default() };
        self.client_sends(fin, &[]);
        self.client_seq = self.client_seq.wrapping_add(1);
        self.server_sends(fin, &[]);
        self.server_seq = self.server_seq.wrapping_add(1);
        self.client_sends(ACK, &[]);
        self
    }

    /// The frames in the order in which they were sent.
    #[must_use]
    pub fn frames(self) -> Vec<(Timestamp, Vec<u8>)> {
        self.frames
    }

    fn client_sends(&mut self, flags: Flags, payload: &[u8]) {
        let numbers = (self.client_seq, if flags.ack { self.server_seq } else { 0 });
        let packet = tcp(self.client.1, self.server.1, numbers, flags, payload);
        self.put(self.client.0, self.server.0, &packet);
        self.client_seq = advance(self.client_seq, payload);
    }

    fn server_sends(&mut self, flags: Flags, payload: &[u8]) {
        let numbers = (self.server_seq, self.client_seq);
        let packet = tcp(self.server.1, self.client.1, numbers, flags, payload);
        self.put(self.server.0, self.client.0, &packet);
        self.server_seq = advance(self.server_seq, payload);
    }

    fn put(&mut self, from: Mac, to: Mac, packet: &[u8]) {
        let vlans = self.vlan.as_slice();
        self.frames.push((self.at, Link { from, to, vlans }.carry(packet)));
        self.at = self.at + TRAVEL;
    }
}

const ACK: Flags = Flags { syn: false, ack: true, fin: false, rst: false };

fn advance(seq: u32, payload: &[u8]) -> u32 {
    seq.wrapping_add(u32::try_from(payload.len()).expect("a segment of at most 65,535 octets"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn talk() -> Talk {
        let mac = |last| Mac::from_octets([2, 0, 0, 0, 0, last]);
        let end = |text: &str, port| End::new(text.parse().unwrap(), port);
        let client = (mac(1), end("10.20.3.7", 50_000));
        Talk::new(client, (mac(2), end("192.0.2.1", 443)), None, Timestamp::EPOCH)
    }

    #[test]
    fn a_long_saying_is_cut_and_its_numbers_go_on() {
        let frames = talk().open().client_says(&[7; 1_500]).frames();
        assert_eq!(frames.len(), 5);
        let seq = |frame: &[u8]| u32::from_be_bytes(frame[38..42].try_into().unwrap());
        let first = seq(&frames[3].1);
        assert_eq!(seq(&frames[4].1), first + 1_460);
        assert_eq!(first, seq(&frames[0].1) + 1, "the knock counts one");
        assert!(frames.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn a_reset_answers_a_knock() {
        let frames = talk().knock().server_resets().frames();
        assert_eq!(frames[1].1[47], 0b1_0100);
        assert_eq!(talk().open().close().frames().len(), 6);
    }
}
