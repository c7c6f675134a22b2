//! The whole of a `Wire`, fed with forged packets: pieces in any order, rungs, floods.

mod bodies;
mod decoys;
mod doubtful;
mod floods;
mod hiding;
mod inference;
mod midway;
mod orders;
mod passwords;
mod pieces;
mod quic;
mod rungs;
mod second;
mod shorter;
mod sides;
mod talks;
mod together;
mod wrapped;

use etherparse::PacketBuilder;
use facts::Timestamp;

use crate::hello::forge;
use crate::said::{Follow, Said, Watch};
use crate::testing::{Heard, words};
use crate::{DnsPorts, LinkType, Packet, Settings, Wire, most_bytes_held};

const CLIENT: [u8; 4] = [10, 1, 4, 23];
const SERVER: [u8; 4] = [203, 0, 113, 7];
const PORT: u16 = 50_000;

/// A frame and the second it came at.
#[derive(Clone, Debug)]
struct Frame {
    at: Timestamp,
    bytes: Vec<u8>,
}

/// A TCP segment between the client and the server's port 443, in words.
#[derive(Clone, Copy)]
struct Tcp<'a> {
    from_client: bool,
    seq: u32,
    ack: u32,
    flags: &'a str,
    payload: &'a [u8],
}

const fn client(seq: u32, payload: &[u8]) -> Tcp<'_> {
    Tcp { from_client: true, seq, ack: 900, flags: "A", payload }
}

const fn server(seq: u32, payload: &[u8]) -> Tcp<'_> {
    Tcp { from_client: false, seq, ack: 0, flags: "A", payload }
}

const fn syn(seq: u32) -> Tcp<'static> {
    Tcp { from_client: true, seq, ack: 0, flags: "S", payload: &[] }
}

impl Tcp<'_> {
    fn at(self, second: i64) -> Frame {
        self.on_port(443, second)
    }

    fn on_port(self, port: u16, second: i64) -> Frame {
        self.on_ports([PORT, port], second)
    }

    fn on_ports(self, [own, far]: [u16; 2], second: i64) -> Frame {
        let (src, dst) = if self.from_client { (CLIENT, SERVER) } else { (SERVER, CLIENT) };
        let (sport, dport) = if self.from_client { (own, far) } else { (far, own) };
        let mut tcp = PacketBuilder::ethernet2([2; 6], [4; 6])
            .ipv4(src, dst, 64)
            .tcp(sport, dport, self.seq, 64_000);
        for flag in self.flags.chars() {
            tcp = match flag {
                'S' => tcp.syn(),
                'A' => tcp.ack(self.ack),
                'R' => tcp.rst(),
                _ => tcp.fin(),
            };
        }
        let mut bytes = Vec::new();
        tcp.write(&mut bytes, self.payload).expect("a frame");
        Frame { at: Timestamp::from_seconds(second), bytes }
    }
}

impl Frame {
    /// The same with so many hops left.
    fn hops(mut self, hops: u8) -> Self {
        self.bytes[22] = hops;
        self
    }
}

/// A UDP datagram from the client to the server's port 443, or back.
fn datagram(from_client: bool, payload: &[u8], second: i64) -> Frame {
    datagram_on([PORT, 443], from_client, payload, second)
}

/// A UDP datagram between these ports of the client and the server.
fn datagram_on([own, far]: [u16; 2], from_client: bool, payload: &[u8], second: i64) -> Frame {
    let (src, dst) = if from_client { (CLIENT, SERVER) } else { (SERVER, CLIENT) };
    let (sport, dport) = if from_client { (own, far) } else { (far, own) };
    let mut bytes = Vec::new();
    let builder = PacketBuilder::ethernet2([2; 6], [4; 6]).ipv4(src, dst, 64).udp(sport, dport);
    builder.write(&mut bytes, payload).expect("a frame");
    Frame { at: Timestamp::from_seconds(second), bytes }
}

/// The same frame with the tag of a VLAN.
fn in_vlan(vlan: u8, frame: &Frame) -> Frame {
    let (macs, rest) = frame.bytes.split_at(12);
    Frame { at: frame.at, bytes: [macs, &[0x81, 0, 0, vlan], rest].concat() }
}

fn wire() -> Wire {
    Wire::new(Settings::with_key([6; 16]))
}

/// Feeds frames and then ends the capture; gives back all that was said, in words.
fn hear(frames: &[Frame]) -> Vec<Heard> {
    let mut wire = wire();
    let mut heard = Vec::new();
    for frame in frames {
        feed(&mut wire, frame, &mut |said| {
            heard.push(words(&said));
            Follow::No
        });
    }
    wire.expire(Timestamp::MAX, &mut |said: Said<'_>| {
        heard.push(words(&said));
        Follow::No
    });
    assert!(wire.bytes_held() <= most_bytes_held());
    heard
}

/// Feeds frames, follows every observation, and gives back all that was said.
fn follow(frames: &[Frame]) -> Vec<Heard> {
    let mut wire = wire();
    let mut heard = Vec::new();
    for frame in frames {
        feed(&mut wire, frame, &mut |said| {
            heard.push(words(&said));
            Follow::Yes(Watch(7))
        });
    }
    heard
}

fn feed(wire: &mut Wire, frame: &Frame, sink: &mut impl FnMut(Said<'_>) -> Follow) {
    let original_len = u32::try_from(frame.bytes.len()).expect("a frame");
    let packet =
        Packet { at: frame.at, link: LinkType::Ethernet, bytes: &frame.bytes, original_len };
    wire.feed(&packet, sink);
}

/// What is said of these pieces, one segment each, to a port of the server.
fn said(port: u16, pieces: &[&[u8]]) -> Vec<Heard> {
    let mut seq = 100_u32;
    let mut frames = vec![syn(99).on_port(port, 1)];
    for piece in pieces {
        frames.push(client(seq, piece).on_port(port, 1));
        seq = seq.wrapping_add(u32::try_from(piece.len()).unwrap());
    }
    hear(&frames)
}

/// A hello for mail.example, as it stands in a stream.
fn hello_record() -> Vec<u8> {
    forge::record(&forge::hello(Some("mail.example"), &[], 0))
}
