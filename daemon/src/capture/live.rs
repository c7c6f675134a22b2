//! Packets from an interface of this machine: received, never sent.

use std::fmt;
use std::io;
use std::os::fd::AsRawFd;
use std::time::Duration;

use facts::Timestamp;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use pcap::{Active, Capture, Device};
use socket2::{SockFilter, SockRef};
use wire::{LinkType, Packet};

use super::Filter;

/// What is needed to open an interface.
#[derive(Clone, Debug)]
pub struct LiveSettings {
    /// Its name: `eth1`.
    pub interface: String,
    /// The kernel's ring in MiB.
    pub ring_mib: i32,
}

/// The largest frame that is kept whole; a jumbo frame fits, a merged one is cut.
pub const SNAPLEN: u16 = 16 * 1024;
/// How long the kernel may hold a half-full block before it hands it over.
const BLOCK_TIMEOUT_MS: i32 = 10;
/// The most packets taken before the caller gets to look at the time.
const BATCH: usize = 1_024;

/// An open interface.
pub struct Live {
    capture: Capture<Active>,
    link: LinkType,
    poll: Poll,
    events: Events,
    counts: KernelCounts,
    /// The counts as libpcap last gave them, in 32 bits that begin again.
    last: [u32; 2],
}

/// What the kernel counted since the interface was opened. What was seen and what was
/// dropped make up what was received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KernelCounts {
    /// Packets that passed the filter.
    pub received: u64,
    /// Those of them that were dropped because the ring was full.
    pub dropped: u64,
}

impl KernelCounts {
    /// Goes on from the counts before, which go round at 2^32: once in an hour at a million
    /// packets a second.
    fn go_on(&mut self, last: &mut [u32; 2], now: [u32; 2]) {
        self.received += u64::from(now[0].wrapping_sub(last[0]));
        self.dropped += u64::from(now[1].wrapping_sub(last[1]));
        *last = now;
    }
}

/// Why an interface can not be opened or read.
#[derive(Debug)]
pub enum LiveError {
    /// There is no such interface.
    NoSuchInterface {
        /// The name asked for.
        name: String,
        /// The names there are.
        there_are: Vec<String>,
    },
    /// This process may not capture.
    NoPermission {
        /// The name asked for.
        name: String,
    },
    /// Anything else that libpcap or the system says.
    Other {
        /// The name asked for.
        name: String,
        /// What it says.
        says: String,
    },
}

impl fmt::Display for LiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchInterface { name, there_are } => write!(
                f,
                "there is no interface \"{name}\" on this machine; there are: {}",
                there_are.join(", ")
            ),
            Self::NoPermission { name } => write!(
                f,
                "no permission to listen on \"{name}\"; start the service by systemd, run as root, or give the program CAP_NET_RAW"
            ),
            Self::Other { name, says } => write!(f, "can not listen on \"{name}\": {says}"),
        }
    }
}

impl std::error::Error for LiveError {}

impl Live {
    /// Opens an interface: promiscuous, receive only.
    ///
    /// libpcap's own time-out does not end a wait on a silent wire, so the handle is set
    /// not to block and the waiting is done here.
    ///
    /// # Errors
    /// Says in one sentence what is missing.
    pub fn open(settings: &LiveSettings) -> Result<Self, LiveError> {
        let name = &settings.interface;
        let other = |error: pcap::Error| explain(name, &error);
        let capture = Capture::from_device(name.as_str())
            .map_err(other)?
            .promisc(true)
            .snaplen(i32::from(SNAPLEN))
            .timeout(BLOCK_TIMEOUT_MS)
            .buffer_size(settings.ring_mib.saturating_mul(1024 * 1024))
            .open()
            .map_err(other)?
            .setnonblock()
            .map_err(other)?;
        let link = LinkType::from_pcap(u32::try_from(capture.get_datalink().0).unwrap_or(u32::MAX));
        let system =
            |error: io::Error| LiveError::Other { name: name.clone(), says: error.to_string() };
        let poll = Poll::new().map_err(system)?;
        let fd = capture.as_raw_fd();
        poll.registry()
            .register(&mut SourceFd(&fd), Token(0), Interest::READABLE)
            .map_err(system)?;
        let events = Events::with_capacity(4);
        let counts = KernelCounts::default();
        Ok(Self { capture, link, poll, events, counts, last: [0; 2] })
    }

    /// Sets the kernel's filter, or another in its place. What already lies in the ring
    /// still comes.
    ///
    /// # Errors
    /// The link is not Ethernet, or the system does not take the program.
    pub fn set_filter(&self, filter: &Filter) -> io::Result<()> {
        if self.link != LinkType::Ethernet {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let program: Vec<_> = filter
            .instructions()
            .iter()
            .map(|line| SockFilter::new(line.code, line.yes, line.no, line.k))
            .collect();
        SockRef::from(&self.capture).attach_filter(&program)
    }

    /// Takes the kernel's filter away.
    ///
    /// # Errors
    /// There is none.
    pub fn clear_filter(&self) -> io::Result<()> {
        SockRef::from(&self.capture).detach_filter()
    }

    /// Hands over what has come, at most one batch, waiting up to `patience` for the first.
    /// Returns how many packets were handed over.
    ///
    /// # Errors
    /// Says what the system said when the interface went away.
    pub fn next_batch(
        &mut self,
        patience: Duration,
        mut take: impl FnMut(&Packet<'_>),
    ) -> Result<usize, pcap::Error> {
        let taken = self.drain(&mut take)?;
        if taken > 0 {
            return Ok(taken);
        }
        match self.poll.poll(&mut self.events, Some(patience)) {
            Ok(()) => self.drain(&mut take),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(0),
            Err(error) => Err(pcap::Error::PcapError(error.to_string())),
        }
    }

    /// What the kernel counted since the interface was opened.
    ///
    /// # Errors
    /// Says what libpcap says.
    pub fn kernel_counts(&mut self) -> Result<KernelCounts, pcap::Error> {
        let stat = self.capture.stats()?;
        self.counts.go_on(&mut self.last, [stat.received, stat.dropped]);
        Ok(self.counts)
    }

    fn drain(&mut self, take: &mut impl FnMut(&Packet<'_>)) -> Result<usize, pcap::Error> {
        for taken in 0..BATCH {
            match self.capture.next_packet() {
                Ok(packet) => {
                    let header = packet.header;
                    #[allow(clippy::useless_conversion, reason = "time_t differs between machines")]
                    let seconds = i64::from(header.ts.tv_sec);
                    #[allow(
                        clippy::useless_conversion,
                        reason = "suseconds_t differs between machines"
                    )]
                    let micros = i64::from(header.ts.tv_usec);
                    let at = Timestamp::from_micros(seconds.saturating_mul(1_000_000) + micros);
                    take(&Packet {
                        at,
                        link: self.link,
                        bytes: packet.data,
                        original_len: header.len,
                    });
                }
                Err(pcap::Error::TimeoutExpired | pcap::Error::NoMorePackets) => return Ok(taken),
                Err(error) => return Err(error),
            }
        }
        Ok(BATCH)
    }
}

fn explain(name: &str, error: &pcap::Error) -> LiveError {
    let says = error.to_string();
    let lower = says.to_ascii_lowercase();
    let name = name.to_owned();
    if lower.contains("permission") || lower.contains("not permitted") {
        return LiveError::NoPermission { name };
    }
    if lower.contains("no such device") || lower.contains("doesn't exist") {
        let devices = Device::list().unwrap_or_default();
        let there_are = devices.into_iter().map(|device| device.name).collect();
        return LiveError::NoSuchInterface { name, there_are };
    }
    LiveError::Other { name, says }
}

#[cfg(test)]
mod tests {
    use pcap::{BpfProgram, Linktype};
    use proptest::prelude::*;

    use super::super::Instruction;
    use super::super::filter::run;
    use super::*;

    #[test]
    fn counts_of_32_bits_go_on_where_they_begin_again() {
        let mut counts = KernelCounts::default();
        let mut last = [0; 2];
        counts.go_on(&mut last, [u32::MAX, 5]);
        counts.go_on(&mut last, [9, 5]);
        assert_eq!(counts, KernelCounts { received: u64::from(u32::MAX) + 10, dropped: 5 });
    }

    /// What libpcap makes of an expression, as numbers.
    fn compiled(expression: &str) -> (BpfProgram, Vec<Instruction>) {
        let capture = Capture::dead(Linktype::ETHERNET).expect("a handle");
        let program = capture.compile(expression, true).expect(expression);
        let instructions = program.get_instructions().iter().map(|instruction| {
            let said = instruction.to_string();
            let mut numbers = said.split(' ').map(|number| number.parse::<u32>().expect(&said));
            let mut next = || numbers.next().expect(&said);
            let code = u16::try_from(next()).expect("a code");
            let (yes, no) = (next(), next());
            let steps = |steps: u32| u8::try_from(steps).expect("eight bits");
            Instruction { code, yes: steps(yes), no: steps(no), k: next() }
        });
        let instructions = instructions.collect();
        (program, instructions)
    }

    const EXPRESSIONS: [&str; 12] = [
        "tcp port 443 and (tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0)",
        "udp port 53 or (vlan and udp port 53)",
        "ip6 and not tcp",
        "tcp[((tcp[12] & 0xf0) >> 2)] = 22",
        "ip[2:2] - ((ip[0] & 15) << 2) > 40",
        "len > 64 and len % 7 != 3",
        "ether[12:2] * 3 / 2 ^ 5 | 8 > 4000",
        "host 10.1.4.23 or net 10.0.0.0/9",
        "ip[6:2] & 0x3fff != 0",
        "arp or icmp or (ip proto 50)",
        "portrange 400-500 and greater 80",
        "vlan 7 and vlan 9 and tcp",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn our_machine_gives_what_that_of_libpcap_gives(
            kind in prop::sample::select(vec![0x0800_u16, 0x86dd, 0x8100, 0x0806]),
            protocol in prop::sample::select(vec![6_u8, 17, 1, 50]),
            mut octets in prop::collection::vec(any::<u8>(), 0..120),
        ) {
            if let Some(place) = octets.get_mut(12..24) {
                place[..2].copy_from_slice(&kind.to_be_bytes());
                place[2] = 0x45;
                place[11] = protocol;
            }
            for expression in EXPRESSIONS {
                let (theirs, ours) = compiled(expression);
                prop_assert_eq!(run(&ours, &octets) > 0, theirs.filter(&octets), "{}", expression);
            }
        }
    }
}
