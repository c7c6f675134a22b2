//! The kernel's filter: bulk is turned away before it is copied, names are not.
//!
//! A program of classic BPF knows no connection, so it lets through every octet that a
//! client sends to the ports it was given, what begins a hello or a request on any port,
//! and all that it does not understand. What it cuts is a message in several segments on
//! any other port.
//!
//! Of the mix in `benches/` 5.9 in a hundred packets pass, and half of these are the segments
//! of uploads to port 443. Three ways to turn more of them away were weighed and left:
//!
//! - What begins as a record of sealed data (`17 03`) is 0.15 in a hundred: a record fills
//!   twelve segments, and one of them shows its head. And a client that cuts its hello so that
//!   the next piece begins so would be hidden by the filter, which is there to cost no name.
//! - Whole segments without a push: the middle of a long hello is one.
//! - Fewer bare acknowledgements, one a MiB instead of one in 128 KiB, would be 0.5 in a hundred.
//!   A browser keeps its connection open for minutes, and that a page came would be told no
//!   sooner than by its end: an alert waits for that rung.

mod assembler;
mod choice;
mod machine;
mod program;
#[cfg(test)]
mod tests;

pub use assembler::{AssemblyError, Instruction};
pub use choice::{Choice, Mode, Order, Standing};
#[cfg(test)]
pub(super) use machine::run;
use program::Gives;

/// The ports that the filter is made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ports {
    /// Ports of DNS, over UDP and TCP.
    pub dns: Vec<u16>,
    /// Ports of TCP servers: all that a client sends them is let through.
    pub streams: Vec<u16>,
}

/// Ports of servers for HTTP and of proxies.
const HTTP_PORTS: [u16; 11] = [80, 591, 1080, 3128, 8000, 8008, 8080, 8081, 8088, 8118, 8888];
/// Ports on which a hello follows a greeting in clear, and of directories: FTP, mail, news,
/// LDAP, XMPP, Sieve, IRC.
const GREETING_PORTS: [u16; 16] =
    [21, 24, 25, 109, 110, 119, 143, 220, 389, 587, 2525, 3268, 3269, 4190, 5222, 6667];

impl Ports {
    /// The usual ports of streams, with those on which the reader expects TLS and further
    /// ones.
    #[must_use]
    pub fn new(dns: &[u16], tls: &[u16], further: &[u16]) -> Self {
        let all = [tls, &HTTP_PORTS, &GREETING_PORTS, further];
        let mut streams: Vec<u16> = all.into_iter().flatten().copied().collect();
        streams.sort_unstable();
        streams.dedup();
        Self { dns: dns.to_vec(), streams }
    }

    /// Whether all that a client sends to this port is let through.
    #[must_use]
    pub fn hold(&self, port: u16) -> bool {
        self.streams.contains(&port) || self.dns.contains(&port)
    }
}

/// Why a frame is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// SYN, FIN or RST.
    Control,
    /// From a client to a port of streams.
    Ports,
    /// DNS or Kerberos over TCP.
    BothWays,
    /// The beginning of a hello, a request or a banner, on any port.
    Start,
    /// The beginning of a hello whose end is in another segment, to a port that the filter
    /// was not made for: the rest of it is cut.
    CutHello,
    /// A bare acknowledgement, about one each 128 KiB.
    Acknowledged,
    /// ARP, ICMP, neighbour discovery.
    Neighbours,
    /// A datagram of DNS, DHCP, Kerberos, RADIUS or IKE, by its port.
    Datagram,
    /// A message of DNS by its form, on any port.
    Message,
    /// The long header of QUIC.
    LongHeader,
    /// What shows that a tunnel is there.
    TunnelHead,
    /// A piece of an IP packet.
    Fragment,
    /// A tunnel in clear over UDP.
    Wrapped,
    /// Another link, another protocol, or headers that are not stepped over.
    NotUnderstood,
    /// Too short to tell, or with a length that is not what it says.
    Odd,
}

impl Cause {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 15] = [
        Self::Control,
        Self::Ports,
        Self::BothWays,
        Self::Start,
        Self::CutHello,
        Self::Acknowledged,
        Self::Neighbours,
        Self::Datagram,
        Self::Message,
        Self::LongHeader,
        Self::TunnelHead,
        Self::Fragment,
        Self::Wrapped,
        Self::NotUnderstood,
        Self::Odd,
    ];

    /// Its number; nought is none.
    const fn number(self) -> u32 {
        self as u32 + 1
    }

    fn of_number(number: u32) -> Option<Self> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        Self::ALL.get(place).copied()
    }
}

/// A program for the kernel, and the same for a look from here.
#[derive(Clone, Debug)]
pub struct Filter {
    ports: Ports,
    for_kernel: Vec<Instruction>,
    for_look: Vec<Instruction>,
}

impl Filter {
    /// Makes the program for these ports; `octets` of each frame are kept.
    ///
    /// # Errors
    /// There are too many ports.
    pub fn new(ports: Ports, octets: u32) -> Result<Self, AssemblyError> {
        let for_kernel = program::program(&ports, Gives::Octets(octets))?;
        let for_look = program::program(&ports, Gives::Cause)?;
        Ok(Self { ports, for_kernel, for_look })
    }

    /// The instructions for the kernel.
    #[must_use]
    pub fn instructions(&self) -> &[Instruction] {
        &self.for_kernel
    }

    /// The ports it was made for.
    #[must_use]
    pub const fn ports(&self) -> &Ports {
        &self.ports
    }

    /// Why this Ethernet frame would be let through; none where it would not.
    #[must_use]
    pub fn passes(&self, frame: &[u8]) -> Option<Cause> {
        Cause::of_number(machine::run(&self.for_look, frame))
    }
}
