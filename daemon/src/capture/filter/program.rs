//! The program: what of an Ethernet frame is worth its copy, commonest reject first.
//!
//! A tag that the kernel took off stands beside the frame and not in it, so the frame begins
//! with what stood behind the tag; up to two tags in the frame are stepped over.

use super::assembler::{Assembler, AssemblyError, From, If, Instruction, Label, Width};
use super::{Cause, Ports};
use From::{Frame, Index};
use If::{AnyOf, AtLeast, AtLeastIndex, Is};
use Width::{Byte, Half, Word};

/// Link header without tags, and what each tag adds.
const ETHERNET: u32 = 14;
const TAG: u32 = 4;
/// Link header, the shortest IPv4 header, and TCP as far as its flags: a shorter frame is
/// let through.
const SHORTEST_TCP: u32 = 48;
/// Cells: octets behind the IP header, length of a header, where the transport begins.
const BEHIND_IP: u32 = 0;
const HEADER: u32 = 1;
const TRANSPORT: u32 = 2;

/// FIN, SYN or RST.
const CONTROL_FLAGS: u32 = 0x07;
/// Of bare acknowledgements those are let through whose number lies in the first so many
/// octets of each so many: about one a stretch, which tells how much came.
const STRETCH: u32 = 1 << 17;
const STRETCH_HEAD: u32 = 4_096;

/// Ports of DNS on the link (RFC 6762, RFC 4795), DHCP (RFC 2131, RFC 8415), Kerberos
/// (RFC 4120), RADIUS (RFC 2865, RFC 2866, RFC 5176), IKE (RFC 7296).
const DATAGRAM_PORTS: [u32; 13] =
    [5353, 5355, 67, 68, 546, 547, KERBEROS, 1812, 1813, 1645, 1646, 3799, 500];
/// Ports of VXLAN, GENEVE, MPLS, GRE, CAPWAP, Teredo and AYIYA in UDP.
const WRAPPING_PORTS: [u32; 9] = [4789, 8472, 4790, 6081, 6635, 4754, 5247, 3544, 5072];
const KERBEROS: u32 = 88;
const TRAVERSAL: u32 = 4500;
const SMB: [u32; 2] = [445, 139];
const HTTPS: u32 = 443;
/// Of a sealed tunnel's packets one in so many is let through, and each of the first.
const SEALED_SAMPLE: u32 = 32;
const SEALED_FIRST: u32 = 64;

/// The first four letters of each method of HTTP, and of the banner of SSH.
const FIRST_WORDS: [&[u8; 4]; 45] = [
    b"GET ", b"POST", b"HEAD", b"CONN", b"PUT ", b"OPTI", b"ACL ", b"BASE", b"BCOP", b"BDEL",
    b"BIND", b"BMOV", b"BPRO", b"CCM_", b"CHEC", b"COPY", b"DELE", b"LABE", b"LINK", b"LOCK",
    b"M-SE", b"MERG", b"MKAC", b"MKCA", b"MKCO", b"MKRE", b"MKWO", b"MOVE", b"NOTI", b"ORDE",
    b"PATC", b"POLL", b"PROP", b"QUER", b"REBI", b"REPO", b"RPC_", b"SEAR", b"SUBS", b"TRAC",
    b"UNBI", b"UNCH", b"UNLI", b"UNLO", b"SSH-",
];
const FURTHER_WORDS: [&[u8; 4]; 3] = [b"UNSU", b"UPDA", b"VERS"];

/// What is given for a frame that is let through.
#[derive(Clone, Copy, Debug)]
pub(super) enum Gives {
    /// So many octets of it: for the kernel.
    Octets(u32),
    /// The number of its cause: for a look from here.
    Cause,
}

/// Writes the program for these ports.
///
/// # Errors
/// There are too many ports.
pub(super) fn program(ports: &Ports, gives: Gives) -> Result<Vec<Instruction>, AssemblyError> {
    let mut asm = Assembler::default();
    let ends = Ends { passes: Cause::ALL.map(|_| asm.label()), drop: asm.label() };
    let (v4, v6) = (asm.label(), asm.label());
    let (tcp, udp, esp) = (asm.label(), asm.label(), asm.label());
    link(&mut asm, &ends, v4, v6);
    asm.here(v4);
    ipv4(&mut asm, &ends, [tcp, udp, esp]);
    asm.here(v6);
    ipv6(&mut asm, &ends, [tcp, udp, esp]);
    asm.here(tcp);
    stream(&mut asm, &ends, ports);
    asm.here(udp);
    datagram(&mut asm, &ends, ports);
    asm.here(esp);
    sealed(&mut asm, &ends, 4);
    for (label, cause) in ends.passes.into_iter().zip(Cause::ALL) {
        asm.here(label);
        asm.give(match gives {
            Gives::Octets(octets) => octets,
            Gives::Cause => cause.number(),
        });
    }
    asm.here(ends.drop);
    asm.give(0);
    asm.program()
}

/// Where a frame's way ends.
struct Ends {
    passes: [Label; Cause::ALL.len()],
    drop: Label,
}

impl Ends {
    fn pass(&self, cause: Cause) -> Label {
        self.passes[cause as usize]
    }
}

/// Steps over at most two tags; the index register holds what they add.
fn link(asm: &mut Assembler, ends: &Ends, v4: Label, v6: Label) {
    asm.load_length();
    let odd = ends.pass(Cause::Odd);
    asm.unless(AtLeast(SHORTEST_TCP), odd);
    for tags in 0..=2 {
        let tagged = asm.label();
        asm.set_index(tags * TAG);
        asm.load(Half, Frame(ETHERNET - 2 + tags * TAG));
        asm.when(Is(0x0800), v4);
        asm.when(Is(0x86dd), v6);
        asm.when(Is(0x0806), ends.pass(Cause::Neighbours));
        if tags < 2 {
            for tag in [0x8100, 0x88a8, 0x9100, 0x9200] {
                asm.when(Is(tag), tagged);
            }
        }
        asm.jump(ends.pass(Cause::NotUnderstood));
        asm.here(tagged);
    }
}

fn ipv4(asm: &mut Assembler, ends: &Ends, [tcp, udp, esp]: [Label; 3]) {
    let strange = ends.pass(Cause::NotUnderstood);
    // More fragments, or an offset.
    asm.load(Half, Index(ETHERNET + 6));
    asm.when(AnyOf(0x3fff), ends.pass(Cause::Fragment));
    asm.load(Byte, Index(ETHERNET));
    asm.unless(AtLeast(0x45), strange);
    asm.when(AtLeast(0x50), strange);
    asm.and(0x0f);
    asm.shift_left(2);
    asm.keep(HEADER);
    asm.load(Half, Index(ETHERNET + 2));
    // Offloaded segmentation leaves the length to the card.
    asm.when(Is(0), ends.pass(Cause::Odd));
    asm.keep(BEHIND_IP);
    asm.load(Byte, Index(ETHERNET + 9));
    let known = asm.label();
    asm.when(Is(6), known);
    asm.when(Is(17), known);
    asm.when(Is(50), known);
    asm.when(Is(1), ends.pass(Cause::Neighbours));
    asm.jump(strange);
    asm.here(known);
    asm.keep(3);
    asm.sum_is_index();
    asm.add(ETHERNET);
    asm.recall_index(HEADER);
    asm.add_index();
    asm.keep(TRANSPORT);
    asm.recall(BEHIND_IP);
    asm.subtract_index();
    asm.keep(BEHIND_IP);
    asm.recall_index(TRANSPORT);
    asm.recall(3);
    asm.when(Is(6), tcp);
    asm.when(Is(17), udp);
    asm.jump(esp);
}

/// Behind an IPv6 header with any extension header nothing is looked for.
fn ipv6(asm: &mut Assembler, ends: &Ends, [tcp, udp, esp]: [Label; 3]) {
    let strange = ends.pass(Cause::NotUnderstood);
    asm.load(Byte, Index(ETHERNET));
    asm.unless(AtLeast(0x60), strange);
    asm.when(AtLeast(0x70), strange);
    asm.load(Half, Index(ETHERNET + 4));
    asm.when(Is(0), ends.pass(Cause::Odd));
    asm.keep(BEHIND_IP);
    asm.load(Byte, Index(ETHERNET + 6));
    asm.keep(3);
    asm.sum_is_index();
    asm.add(ETHERNET + 40);
    asm.index_is_sum();
    asm.keep(TRANSPORT);
    asm.recall(3);
    asm.when(Is(6), tcp);
    asm.when(Is(17), udp);
    asm.when(Is(50), esp);
    asm.when(Is(58), ends.pass(Cause::Neighbours));
    asm.when(Is(44), ends.pass(Cause::Fragment));
    asm.jump(strange);
}

/// Lets a frame through that has not so many octets from the index register on.
fn need(asm: &mut Assembler, ends: &Ends, octets: u32) {
    asm.load_length();
    asm.subtract(octets);
    asm.unless(AtLeastIndex, ends.pass(Cause::Odd));
}

fn stream(asm: &mut Assembler, ends: &Ends, ports: &Ports) {
    let (starts, bare) = (asm.label(), asm.label());
    need(asm, ends, 14);
    asm.load(Byte, Index(13));
    asm.when(AnyOf(CONTROL_FLAGS), ends.pass(Cause::Control));
    asm.load(Byte, Index(12));
    asm.and(0xf0);
    asm.shift_right(2);
    asm.keep(HEADER);
    asm.recall_index(HEADER);
    asm.recall(BEHIND_IP);
    asm.when(Is(0), ends.pass(Cause::Odd));
    asm.subtract_index();
    asm.recall_index(TRANSPORT);
    asm.when(Is(0), bare);
    asm.when(AtLeast(1 << 16), ends.pass(Cause::Odd));
    asm.keep(BEHIND_IP);

    let both_ways = || ports.dns.iter().map(|port| u32::from(*port)).chain([KERBEROS]);
    let highest = ports.streams.iter().copied().max().map_or(0, u32::from).max(KERBEROS);
    let highest = both_ways().max().unwrap_or(0).max(highest);
    // To a client: what a server sends, nearly all of it bulk.
    let named = asm.label();
    asm.load(Half, Index(2));
    asm.unless(AtLeast(highest + 1), named);
    asm.load(Half, Index(0));
    asm.when(Is(HTTPS), starts);
    both_ways().for_each(|port| asm.when(Is(port), ends.pass(Cause::BothWays)));
    asm.jump(starts);

    asm.here(named);
    let mut streams: Vec<_> = ports.streams.iter().map(|port| u32::from(*port)).collect();
    // The commonest first.
    streams.sort_by_key(|port| (*port != HTTPS, *port != 80, *port));
    streams.iter().for_each(|port| asm.when(Is(*port), ends.pass(Cause::Ports)));
    both_ways().for_each(|port| asm.when(Is(port), ends.pass(Cause::BothWays)));
    let shared = asm.label();
    SMB.iter().for_each(|port| asm.when(Is(*port), shared));
    asm.load(Half, Index(0));
    both_ways().for_each(|port| asm.when(Is(port), ends.pass(Cause::BothWays)));
    asm.jump(starts);

    asm.here(shared);
    session_setup(asm, ends);
    asm.here(bare);
    asm.load(Word, Index(8));
    asm.and(STRETCH - 1);
    asm.when(AtLeast(STRETCH_HEAD), ends.drop);
    asm.jump(ends.pass(Cause::Acknowledged));
    asm.here(starts);
    first_octets(asm, ends);
}

/// Takes the index register to what TCP carries; less than so many octets of it is let
/// through, for it may begin anything.
fn payload(asm: &mut Assembler, ends: &Ends, octets: u32) {
    asm.recall(BEHIND_IP);
    asm.unless(AtLeast(octets), ends.pass(Cause::Start));
    asm.recall(HEADER);
    asm.add_index();
    asm.index_is_sum();
    need(asm, ends, octets);
}

/// SMB to a server: the messages in which a client says who it is.
fn session_setup(asm: &mut Assembler, ends: &Ends) {
    let (first, second) = (asm.label(), asm.label());
    payload(asm, ends, 18);
    asm.load(Word, Index(4));
    asm.when(Is(u32::from_be_bytes(*b"\xfeSMB")), second);
    asm.when(Is(u32::from_be_bytes(*b"\xffSMB")), first);
    asm.jump(ends.drop);
    asm.here(first);
    asm.load(Byte, Index(8));
    asm.when(Is(0x73), ends.pass(Cause::Ports));
    asm.jump(ends.drop);
    asm.here(second);
    asm.load(Half, Index(16));
    // Negotiate and session set-up, the low octet first.
    asm.when(Is(0x0000), ends.pass(Cause::Ports));
    asm.when(Is(0x0100), ends.pass(Cause::Ports));
    asm.jump(ends.drop);
}

/// Lets through what begins a ClientHello, a request, or a tunnel in its own words.
fn first_octets(asm: &mut Assembler, ends: &Ends) {
    let (hello, word) = (asm.label(), asm.label());
    let start = ends.pass(Cause::Start);
    payload(asm, ends, 6);
    asm.load(Byte, Index(0));
    asm.when(Is(23), ends.drop);
    asm.when(Is(22), hello);
    asm.when(Is(0), hello);
    asm.unless(AtLeast(u32::from(b'A')), ends.drop);
    asm.unless(AtLeast(u32::from(b'Z') + 1), word);
    asm.jump(ends.drop);
    asm.here(word);
    asm.load(Word, Index(0));
    for letters in FIRST_WORDS.iter().chain(&FURTHER_WORDS) {
        asm.when(Is(u32::from_be_bytes(**letters)), start);
    }
    asm.jump(ends.drop);
    asm.here(hello);
    asm.load(Half, Index(0));
    let (opens, tunnel) = (asm.label(), asm.label());
    // A length of fewer than 256 octets, then a reset of OpenVPN.
    asm.unless(AtLeast(0x0100), tunnel);
    asm.unless(Is(0x1603), ends.drop);
    asm.load(Byte, Index(2));
    asm.when(AtLeast(5), ends.drop);
    asm.load(Byte, Index(5));
    asm.unless(Is(1), ends.drop);
    asm.load(Half, Index(3));
    asm.add(5);
    asm.index_is_sum();
    asm.recall(BEHIND_IP);
    asm.when(AtLeastIndex, start);
    asm.jump(ends.pass(Cause::CutHello));
    asm.here(tunnel);
    asm.load(Byte, Index(2));
    openvpn_resets(asm, opens);
    asm.jump(ends.drop);
    asm.here(opens);
    asm.jump(ends.pass(Cause::TunnelHead));
}

/// The opcodes of OpenVPN that open a session.
fn openvpn_resets(asm: &mut Assembler, is_one: Label) {
    for opcode in [7, 8, 10, 1, 2] {
        asm.when(Is(opcode << 3), is_one);
    }
}

fn datagram(asm: &mut Assembler, ends: &Ends, ports: &Ports) {
    let content = asm.label();
    need(asm, ends, 8);
    let by_port: Vec<_> =
        ports.dns.iter().map(|port| u32::from(*port)).chain(DATAGRAM_PORTS).collect();
    for end in [0, 2] {
        asm.load(Half, Index(end));
        asm.when(Is(HTTPS), content);
    }
    for end in [0, 2] {
        asm.load(Half, Index(end));
        by_port.iter().for_each(|port| asm.when(Is(*port), ends.pass(Cause::Datagram)));
        WRAPPING_PORTS.iter().for_each(|port| asm.when(Is(*port), ends.pass(Cause::Wrapped)));
        let traversal = asm.label();
        let other = asm.label();
        asm.when(Is(TRAVERSAL), traversal);
        asm.jump(other);
        asm.here(traversal);
        need(asm, ends, 24);
        asm.load(Word, Index(8));
        asm.when(Is(0), ends.pass(Cause::TunnelHead));
        sealed(asm, ends, 12);
        asm.here(other);
    }
    asm.here(content);
    message(asm, ends);
}

/// What is told by its own octets, on any port.
fn message(asm: &mut Assembler, ends: &Ends) {
    let (long, question, tunnel) = (asm.label(), asm.label(), asm.label());
    // Frames so short are few, and let through.
    need(asm, ends, 8 + 18);
    asm.load(Byte, Index(8));
    asm.when(AnyOf(0x80), long);
    asm.jump(question);
    asm.here(long);
    asm.load(Word, Index(9));
    let known = ends.pass(Cause::LongHeader);
    asm.when(Is(1), known);
    for version in [0x6b33_43cf, 0xface_b001, 0xface_b002, 0xface_b00e] {
        asm.when(Is(version), known);
    }
    let reserved = asm.label();
    asm.unless(AtLeast(0xff00_0000), reserved);
    asm.unless(AtLeast(0xff00_0100), known);
    asm.here(reserved);
    // Google's own versions, in letters.
    let neither = asm.label();
    asm.unless(AtLeast(u32::from_be_bytes(*b"Q000")), neither);
    asm.unless(AtLeast(u32::from_be_bytes(*b"U999")), known);
    asm.here(neither);
    asm.and(0x0f0f_0f0f);
    asm.when(Is(0x0a0a_0a0a), known);
    asm.here(question);
    // One question, and a plain query or its answer.
    asm.load(Half, Index(8 + 4));
    asm.unless(Is(1), tunnel);
    asm.load(Byte, Index(8 + 2));
    asm.unless(AnyOf(0x78), ends.pass(Cause::Message));
    asm.here(tunnel);
    tunnel_heads(asm, ends);
}

/// WireGuard and OpenVPN: what opens a session, and of the rest one in so many.
fn tunnel_heads(asm: &mut Assembler, ends: &Ends) {
    let (running, opens, few) = (asm.label(), asm.label(), asm.label());
    let head = ends.pass(Cause::TunnelHead);
    asm.load(Word, Index(8));
    for kind in 1..=3_u32 {
        asm.when(Is(kind << 24), head);
    }
    asm.when(Is(4 << 24), running);
    asm.load(Byte, Index(8));
    openvpn_resets(asm, opens);
    asm.jump(ends.drop);
    asm.here(running);
    asm.load(Byte, Index(8 + 8));
    asm.and(SEALED_SAMPLE - 1);
    asm.when(Is(0), head);
    asm.jump(ends.drop);
    // Behind the session's number a low packet number, or nought at the end.
    asm.here(opens);
    asm.load(Half, Index(8 + 11));
    asm.unless(AtLeast(SEALED_FIRST + 1), few);
    asm.load_length();
    asm.subtract(4);
    asm.index_is_sum();
    asm.load(Word, Index(0));
    asm.when(Is(0), head);
    asm.jump(ends.drop);
    asm.here(few);
    asm.jump(head);
}

/// ESP whose sequence number stands four octets behind this place.
fn sealed(asm: &mut Assembler, ends: &Ends, number_at: u32) {
    let head = ends.pass(Cause::TunnelHead);
    need(asm, ends, number_at + 4);
    asm.load(Word, Index(number_at));
    asm.unless(AtLeast(SEALED_FIRST), head);
    asm.and(SEALED_SAMPLE - 1);
    asm.when(Is(0), head);
    asm.jump(ends.drop);
}
