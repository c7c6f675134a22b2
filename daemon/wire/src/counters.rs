//! What is counted: how much was read, what was odd, and what had to be let go.

/// Counts since the start. A count of something let go says that a name may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Packets fed.
    pub packets: u64,
    /// Octets fed.
    pub bytes: u64,
    /// Packets of which the capture kept only the beginning.
    pub cut_packets: u64,
    /// Packets of a link type that is not read.
    pub unread_links: u64,
    /// Packets whose link, IP, TCP or UDP header is broken or lies about its length.
    pub broken_headers: u64,
    /// Packets nested deeper than the limit.
    pub too_deep: u64,
    /// IP fragments.
    pub fragments: u64,
    /// Datagrams put together again from fragments.
    pub datagrams_joined: u64,
    /// Datagrams let go: overlapping, too many pieces, too old, or no room.
    pub datagrams_dropped: u64,
    /// TCP segments.
    pub tcp_segments: u64,
    /// Datagrams that the mirror had copied, and that were not read a second time.
    pub copies: u64,
    /// UDP datagrams.
    pub udp_datagrams: u64,
    /// DNS messages that break off or loop.
    pub broken_dns: u64,
    /// ClientHellos that break off inside or contradict themselves.
    pub broken_hellos: u64,
    /// DHCP, RADIUS, Kerberos, ARP or neighbour discovery messages that break off.
    pub broken_claims: u64,
    /// Names too long to be host names.
    pub overlong_names: u64,
    /// TCP messages in pieces that were waited for.
    pub gathers: u64,
    /// Of these, let go because the rest did not come in time.
    pub gathers_timed_out: u64,
    /// Of these, let go because there was no room.
    pub gathers_evicted: u64,
    /// TCP flows forgotten because there was no room.
    pub flows_evicted: u64,
    /// Messages whose overlapping bytes could be read two ways.
    pub conflicts: u64,
    /// Connections under watch that were forgotten because there was no room.
    pub watches_evicted: u64,
    /// Hellos that showed no name, or only a front, and were given none, whatever the cause:
    /// no look-up was seen, or nothing may be said. The causes are not told apart, for one
    /// of them would count calls for help.
    pub left_unnamed: u64,
    /// Times that nothing was inferred for any client for a while: too many had lost answers
    /// that must not be taken for another's.
    pub inference_suspended: u64,
    /// Answers that tell browsers to look names up here, and those that leave them free.
    pub browsers: Canary,
    /// The same for relays that hide a device's names and address.
    pub relays: Canary,
    /// QUIC Initial packets that could not be opened.
    pub sealed_initials: u64,
    /// QUIC hellos in pieces let go: too old or no room.
    pub quic_dropped: u64,
}

/// How a network answers the name by which it can ask programs not to go around its DNS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Canary {
    /// Answers without an address: it asks them not to.
    pub withheld: u64,
    /// Answers with one: it leaves them free.
    pub given: u64,
}

impl Counters {
    /// The canary of this name: that of browsers (`use-application-dns.net`, as its maker
    /// describes it), or those of a system's relay.
    pub(crate) fn canary(&mut self, name: &str) -> Option<&mut Canary> {
        match name {
            "use-application-dns.net" => Some(&mut self.browsers),
            "mask.icloud.com" | "mask-h2.icloud.com" => Some(&mut self.relays),
            _ => None,
        }
    }
}

impl Canary {
    pub(crate) const fn count(&mut self, is_given: bool) {
        let one = if is_given { &mut self.given } else { &mut self.withheld };
        *one = one.saturating_add(1);
    }
}
