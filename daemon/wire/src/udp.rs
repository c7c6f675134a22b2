//! UDP datagrams: which reader each goes to.

use facts::{Frame, Path, Timestamp};

use crate::claims::{Claims, dhcp, dhcp6, kerberos, radius};
use crate::dns;
use crate::follow::Followed;
use crate::layers::Ip;
use crate::ports::DnsPorts;
use crate::quic::Connections;
use crate::reader::Reader;
use crate::tunnels::{Form, Tunnels};
use crate::voice::{Heading, Voice};

/// A datagram: its ends and what it carries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Datagram<'a> {
    pub(crate) heading: Heading,
    /// How many hops its packet could still go.
    pub(crate) hops: u8,
    pub(crate) payload: &'a [u8],
}

impl<'a> Datagram<'a> {
    /// Reads the header (RFC 768). A length that lies is cut to what is there, a length of
    /// nought (a jumbogram) takes all.
    pub(crate) fn read(at: Timestamp, frame: Frame, ip: &Ip<'a>) -> Option<Self> {
        let mut reader = Reader::new(ip.payload);
        let (sport, dport) = (reader.u16()?, reader.u16()?);
        let length = usize::from(reader.u16()?);
        reader.skip(2)?;
        let payload = match length {
            0 => reader.rest(),
            length => {
                let claimed = length.checked_sub(8)?;
                reader.rest().get(..claimed).unwrap_or(reader.rest())
            }
        };
        let path = Path { src: ip.src, dst: ip.dst, sport, dport };
        Some(Self { heading: Heading { at, frame, path }, hops: ip.hops, payload })
    }

    /// Whether a reader takes it by its port: one message, and heard twice it counts twice.
    pub(crate) fn is_read_by_port(&self, dns_ports: &DnsPorts) -> bool {
        dns_ports.are_on(&self.heading.path)
            || self.uses(&dns::LOCAL_PORTS)
            || self.uses(&dhcp::PORTS)
            || self.uses(&dhcp6::PORTS)
            || self.uses(&[kerberos::PORT])
            || self.uses(&radius::PORTS)
    }

    fn uses(&self, ports: &[u16]) -> bool {
        let path = &self.heading.path;
        ports.iter().any(|port| *port == path.sport || *port == path.dport)
    }
}

/// What readers of UDP remember between two datagrams.
pub(crate) struct Memory<'w> {
    pub(crate) claims: &'w mut Claims,
    pub(crate) quic: &'w mut Connections,
    pub(crate) tunnels: &'w mut Tunnels,
    pub(crate) followed: &'w mut Followed,
}

impl Memory<'_> {
    /// Takes one datagram.
    pub(crate) fn datagram(&mut self, datagram: &Datagram<'_>, voice: &mut Voice<'_, '_>) {
        let Datagram { heading, payload, .. } = datagram;
        let Self { claims, quic, tunnels, followed } = self;
        if let Some(step) = followed.datagram(datagram) {
            voice.progress(step);
        }
        // A client chooses its ports. No other message begins like a long header of a known
        // version, so that is looked for on all of them.
        if quic.datagram(datagram, followed, voice) {
            return;
        }
        // A tunnel may take any port, that of DNS above all; a question may be as long as a
        // tunnel's handshake and carry its number.
        if let Some(form) = Form::of(datagram)
            && !dns::is_certain(payload, &mut voice.room.text)
            && tunnels.datagram(form, heading, voice)
        {
            return;
        }
        if voice.settings.dns_ports.are_on(&heading.path) || datagram.uses(&dns::LOCAL_PORTS) {
            dns::message(payload, heading, followed, voice);
        } else if datagram.uses(&dhcp::PORTS) {
            claims.requests.datagram(payload, heading, voice);
        } else if datagram.uses(&dhcp6::PORTS) {
            claims.requests.datagram6(payload, heading.at, heading.frame.vlan, voice);
        } else if datagram.uses(&[kerberos::PORT]) {
            kerberos::message(payload, heading, voice);
        } else if radius::is_one(payload, &heading.path) {
            radius::datagram(payload, heading, voice);
        } else if dns::is_certain(payload, &mut voice.room.text) {
            dns::message(payload, heading, followed, voice);
        }
    }
}
