//! One visit to a site, written down frame by frame: look-up, opening, loading.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use facts::Mac;
use wardline_tests::Chance;
use wardline_tests::forge::{
    Answer, End, Flags, Link, RecordType, answer, initial, question, server_handshake, tcp, udp,
};

use crate::hellos::Hellos;
use crate::telling::{Kind, Telling};
use crate::traffic::Mix;

/// A frame of a visit, and what can be told once it was seen.
pub(crate) struct Line {
    pub(crate) bytes: Vec<u8>,
    pub(crate) tells: Option<Telling>,
}

const ROUTER: Mac = Mac::from_octets([0, 0, 0x5e, 0, 0x53, 1]);
const RESOLVER: [u8; 4] = [10, 20, 0, 10];
/// The payload of a segment, and of a datagram of bulk.
const SEGMENT: usize = 1_448;
const DATAGRAM: usize = 1_240;

/// What a visit loads: 363 KB on average, most of it in a few.
const LOADS: [usize; 6] = [12_000, 40_000, 90_000, 200_000, 400_000, 1_436_000];

/// Of a thousand hellos over TCP so many come with their segments swapped, sent again, or in
/// segments of one to forty octets.
const SWAPPED: usize = 15;
const SENT_AGAIN: usize = 10;
const TINY: usize = 5;
/// Of a thousand hellos over QUIC so many have their datagrams swapped.
const DATAGRAMS_SWAPPED: usize = 40;
/// Of a hundred visits so many send what others load.
const UPLOADS: usize = 8;

/// Octets that look like sealed ones: any of them may begin a segment.
static SEALED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut chance = Chance::new(0x5ea1);
    (0..1 << 18).map(|_| chance.octet()).collect()
});

const ACK: Flags = Flags { syn: false, ack: true, fin: false, rst: false };
const SYN: Flags = Flags { syn: true, ack: false, fin: false, rst: false };
const SYN_ACK: Flags = Flags { syn: true, ack: true, fin: false, rst: false };
const FIN: Flags = Flags { syn: false, ack: true, fin: true, rst: false };

/// Who visits what, from which port on.
pub(crate) struct Visit<'a> {
    mac: Mac,
    client: IpAddr,
    resolver: IpAddr,
    server: IpAddr,
    port: u16,
    name: &'a str,
    /// The numbers of the next octet of client and server.
    numbers: [u32; 2],
    lines: Vec<Line>,
}

impl<'a> Visit<'a> {
    /// A client by its number, and a name by its number.
    pub(crate) fn new(
        chance: &mut Chance,
        (client, port): (usize, u16),
        (place, name): (usize, &'a str),
    ) -> Self {
        let octet = |number: usize| u8::try_from(number & 0xff).expect("an octet");
        let (row, seat) = (octet(client / 225), octet(client % 225 + 20));
        let server = [198, 18 + octet(place >> 16 & 1), octet(place >> 8), octet(place)];
        // Fifteen in a hundred connections are IPv6.
        let is_v6 = chance.below(100) < 15;
        let address = |[a, b, c, d]: [u8; 4]| -> IpAddr {
            if is_v6 {
                let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
                Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, high, low).into()
            } else {
                Ipv4Addr::new(a, b, c, d).into()
            }
        };
        let [high, low] = [chance.draw(), chance.draw()].map(|drawn| (drawn >> 32) as u32);
        Self {
            mac: Mac::from_octets([0, 0x16, 0x3e, 0, row, seat]),
            client: address([10, 20, 1 + row, seat]),
            resolver: address(RESOLVER),
            server: address(server),
            port,
            name,
            numbers: [high, low],
            lines: Vec::new(),
        }
    }

    pub(crate) fn say(mut self, mix: Mix, hellos: &Hellos, chance: &mut Chance) -> Vec<Line> {
        let is_quic = chance.below(100) < 40;
        if matches!(mix, Mix::Questions | Mix::Storm | Mix::Whole) {
            self.look_up(chance);
        }
        let octets = if mix == Mix::Whole { *chance.one(&LOADS) } else { 0 };
        match mix {
            Mix::Questions => {}
            Mix::Quic => self.by_quic(octets, hellos, chance),
            Mix::Storm | Mix::Whole if is_quic => self.by_quic(octets, hellos, chance),
            _ => self.by_tls(octets, mix == Mix::Tiny, hellos, chance),
        }
        self.lines
    }

    /// Asks for the address; every fifth also for the parameters of HTTPS.
    fn look_up(&mut self, chance: &mut Chance) {
        let kind = if self.server.is_ipv4() { RecordType::A } else { RecordType::Aaaa };
        let addresses = [self.server];
        let found = Answer::Found { by_way_of: &[], addresses: &addresses };
        self.ask(self.port + 1, kind, found);
        if chance.below(5) == 0 {
            let nothing = Answer::Found { by_way_of: &[], addresses: &[] };
            self.ask(self.port + 2, RecordType::Https, nothing);
        }
    }

    fn ask(&mut self, port: u16, kind: RecordType, found: Answer<'_>) {
        let (own, server) = (End::new(self.client, port), End::new(self.resolver, 53));
        let asked = question(port, self.name, kind);
        let answered = answer(port, self.name, kind, found);
        self.out(&udp(own, server, &asked));
        self.tells(Kind::Dns, port);
        self.back(&udp(server, own, &answered));
    }

    fn by_tls(&mut self, octets: usize, is_tiny: bool, hellos: &Hellos, chance: &mut Chance) {
        self.client_sends(SYN, &[]);
        self.server_sends(SYN_ACK, &[]);
        self.client_sends(ACK, &[]);
        let hello = hellos.over_tcp(self.name, chance);
        self.say_hello(&hello, is_tiny, chance);
        self.server_sends(ACK, &[]);
        for segment in server_handshake(chance.draw()).chunks(SEGMENT) {
            self.server_sends(ACK, segment);
        }
        self.client_sends(ACK, &[]);
        // The rest of the handshake and a request.
        self.client_sends(ACK, &[&CHANGE_OF_CIPHER[..], &record(chance, 53)].concat());
        self.client_sends(ACK, &record(chance, 400));
        let is_upload = chance.below(100) < UPLOADS;
        let mut stream = Vec::with_capacity(octets + octets / 1_000);
        while stream.len() < octets {
            stream.extend(record(chance, (octets - stream.len()).min(16_384)));
        }
        for pair in stream.chunks(2 * SEGMENT) {
            for segment in pair.chunks(SEGMENT) {
                self.sends(is_upload, ACK, segment);
            }
            self.sends(!is_upload, ACK, &[]);
        }
        self.client_sends(FIN, &[]);
        self.server_sends(FIN, &[]);
        self.client_sends(ACK, &[]);
    }

    /// Says the hello in segments: mostly in order, sometimes as networks mangle it.
    fn say_hello(&mut self, hello: &[u8], is_tiny: bool, chance: &mut Chance) {
        let drawn = chance.below(1_000);
        let is_tiny = is_tiny || drawn < TINY;
        let first = self.lines.len();
        let mut rest = hello;
        while !rest.is_empty() {
            let most = if is_tiny { 1 + chance.below(40) } else { SEGMENT };
            let (segment, after) = rest.split_at(most.min(rest.len()));
            self.client_sends(ACK, segment);
            rest = after;
        }
        if (TINY..TINY + SWAPPED).contains(&drawn) {
            self.lines[first..].reverse();
        }
        self.tells(Kind::Tls, self.port);
        if (TINY + SWAPPED..TINY + SWAPPED + SENT_AGAIN).contains(&drawn) {
            let bytes = self.lines[first].bytes.clone();
            self.lines.push(Line { bytes, tells: None });
        }
    }

    /// Two datagrams of the client, two of the server, then packets that tell nothing.
    fn by_quic(&mut self, octets: usize, hellos: &Hellos, chance: &mut Chance) {
        let own = End::new(self.client, self.port);
        let server = End::new(self.server, 443);
        let id = chance.draw().to_be_bytes();
        let [first, second] = hellos.over_quic(self.name, chance);
        self.out(&udp(own, server, &initial(id, 1, first)));
        self.out(&udp(own, server, &initial(id, 2, second)));
        if chance.below(1_000) < DATAGRAMS_SWAPPED {
            let last = self.lines.len() - 1;
            self.lines.swap(last - 1, last);
        }
        self.tells(Kind::Quic, self.port);
        // The server's Initial and Handshake packets, sealed under keys of no interest.
        let long = |kind: u8, chance: &mut Chance| {
            let head = [&[kind, 0, 0, 0, 1, 0, 8][..], &id].concat();
            [&head[..], &[0, 0x44, 0xb0], sealed(chance, 1_200)].concat()
        };
        for kind in [0xc0, 0xe0] {
            let said = long(kind, chance);
            self.back(&udp(server, own, &said));
        }
        let mut short = |visit: &mut Self, is_client: bool, octets: usize| {
            let said = [&[0x40 | chance.octet() & 0x3f][..], sealed(chance, octets)].concat();
            if is_client {
                visit.out(&udp(own, server, &said));
            } else {
                visit.back(&udp(server, own, &said));
            }
        };
        short(self, true, 60);
        short(self, true, 300);
        for nth in 0..octets.div_ceil(DATAGRAM) {
            short(self, false, DATAGRAM);
            if nth % 4 == 0 {
                short(self, true, 32);
            }
        }
        short(self, false, 40);
    }

    fn client_sends(&mut self, flags: Flags, payload: &[u8]) {
        self.sends(true, flags, payload);
    }

    fn server_sends(&mut self, flags: Flags, payload: &[u8]) {
        self.sends(false, flags, payload);
    }

    fn sends(&mut self, is_client: bool, flags: Flags, payload: &[u8]) {
        let (own, server) = (End::new(self.client, self.port), End::new(self.server, 443));
        let [client, other] = self.numbers;
        let octets = u32::try_from(payload.len()).expect("a short segment");
        let taken = octets + u32::from(flags.syn) + u32::from(flags.fin);
        if is_client {
            let numbers = (client, if flags.ack { other } else { 0 });
            self.out(&tcp(own, server, numbers, flags, payload));
            self.numbers[0] = client.wrapping_add(taken);
        } else {
            self.back(&tcp(server, own, (other, client), flags, payload));
            self.numbers[1] = other.wrapping_add(taken);
        }
    }

    fn out(&mut self, packet: &[u8]) {
        let bytes = Link { from: self.mac, to: ROUTER, vlans: &[] }.carry(packet);
        self.lines.push(Line { bytes, tells: None });
    }

    fn back(&mut self, packet: &[u8]) {
        let bytes = Link { from: ROUTER, to: self.mac, vlans: &[] }.carry(packet);
        self.lines.push(Line { bytes, tells: None });
    }

    /// The name can be told from the line that was written last.
    fn tells(&mut self, kind: Kind, port: u16) {
        let (client, name) = (self.client, self.name.to_owned());
        if let Some(line) = self.lines.last_mut() {
            line.tells = Some(Telling { client, port, kind, name });
        }
    }
}

const CHANGE_OF_CIPHER: [u8; 6] = [20, 3, 3, 0, 1, 1];

/// A record of TLS with so many octets that look sealed.
fn record(chance: &mut Chance, octets: usize) -> Vec<u8> {
    let length = u16::try_from(octets).expect("at most 16,384").to_be_bytes();
    [&[23, 3, 3][..], &length, sealed(chance, octets)].concat()
}

fn sealed(chance: &mut Chance, octets: usize) -> &'static [u8] {
    let from = chance.below(SEALED.len() - octets);
    &SEALED[from..from + octets]
}
