//! Every cap on what is kept, with the arithmetic of its worst case.
//!
//! All of it together, see [`total`], is what a flood can make one `Wire` hold. It does
//! not depend on the traffic. Times are packet time. Tables hold a little less than 7/16 of
//! a power of two: the hash table below them keeps as much again for what was taken out.

/// Link headers and tags in one another, on one packet (RESILIENCE row CA-14).
pub(crate) const MOST_LINK_HEADERS: u8 = 8;
/// IPv6 extension headers that are stepped over.
pub(crate) const MOST_EXTENSION_HEADERS: usize = 8;
/// Tunnels and reassembled datagrams in one another.
pub(crate) const MOST_LAYERS: u8 = 3;

/// Datagrams put together from fragments at one time.
pub(crate) const MOST_DATAGRAMS: usize = 880;
/// Fragments of one datagram (CA-03): IPv6's smallest MTU cuts the largest datagram into 54
/// (65,535 / 1,232), and whoever cuts into the smallest gives a hello of a kilobyte as many as
/// here. A place in their list costs 32 octets, which count as the pieces do.
pub(crate) const MOST_PIECES: usize = 128;
/// What all waiting fragments may hold, with the lists of them: 8 MiB (CA-03).
pub(crate) const FRAGMENT_BYTES: usize = 8 * 1024 * 1024;
/// How long a datagram waits for its fragments (CA-03).
pub(crate) const FRAGMENT_SECONDS: i64 = 30;

/// TCP flows remembered: 32,768 buckets of 8 slots of 64 octets are 16 MiB.
pub(crate) const FLOW_BUCKETS: usize = 32_768;
/// Buckets that are allocated together when the first of them is needed: 32 KiB.
pub(crate) const FLOW_PAGE: usize = 64;
/// Half-open flows in one bucket: a flood of SYNs leaves half of each bucket to flows
/// that said something (CA-08).
pub(crate) const HALF_OPEN_IN_BUCKET: usize = 4;

/// Messages over TCP that are waited for at one time.
pub(crate) const MOST_GATHERS: usize = 3_500;
/// What all of them may hold: 6 MiB, fifteen hundred hellos of 4 KiB that wait for their
/// rest at once. Two readings of one message count twice.
pub(crate) const GATHER_BYTES: usize = 6 * 1024 * 1024;
/// What one of them may hold (CA-05).
pub(crate) const GATHER_WINDOW: u32 = 64 * 1024;
/// How far from its start the octets of a hello are kept that comes where one was said: a
/// hello that is sent again must not gather what follows it.
pub(crate) const AGAIN_WINDOW: u32 = 8 * 1024;
/// What counts as one when the shares of senders are compared: a hello of the usual length.
/// Who holds a longer one holds as much as who holds several.
pub(crate) const SHARE_PARCEL: usize = 4 * 1024;
/// Pieces with holes between them, in one message (CA-05).
pub(crate) const MOST_RANGES: usize = 64;
/// How long a message waits for its rest (CA-05).
pub(crate) const GATHER_SECONDS: i64 = 10;
/// How long one waits that has begun: servers wait so long for the rest of a hello or of a
/// head. Who holds most makes room before.
pub(crate) const BEGUN_SECONDS: i64 = 60;
/// Segments of an unknown protocol that are looked at for a hello after its start, as
/// after STARTTLS. The longest known way there is SMTP with authentication: about ten.
pub(crate) const MOST_LOOKS: u8 = 64;

/// A ClientHello's length (CA-07): what a TLS server takes at most.
pub(crate) const MOST_HELLO_BYTES: usize = 0xffff;
/// TLS records of one ClientHello. Each new record of a hello costs a look at those
/// before it: at most 2,048 * 5 ns a packet.
pub(crate) const MOST_RECORDS: usize = 2_048;
/// Extensions of one ClientHello (CA-07).
pub(crate) const MOST_EXTENSIONS: usize = 128;

/// Hellos over QUIC that are waited for at one time.
pub(crate) const MOST_QUIC: usize = 3_500;
/// What all of them may hold: 4 MiB.
pub(crate) const QUIC_BYTES: usize = 4 * 1024 * 1024;
/// How long such a hello waits for its rest (CA-06).
pub(crate) const QUIC_SECONDS: i64 = 5;
/// Hellos in the making on one flow, each under an id of its own: one, or two where a
/// connection is begun anew. More are decoys, and the oldest makes room.
pub(crate) const MOST_CANDIDATES: usize = 8;
/// Packets in one datagram that are looked at: of the smallest, which hold an octet or two
/// of a hello, 36 fill an Ethernet frame.
pub(crate) const MOST_COALESCED: usize = 64;
/// Keys derived for one datagram, each a few microseconds: packets in one datagram go to
/// one id (RFC 9000 section 12.2), which may be none of those that gave a flow its keys.
pub(crate) const MOST_KEYS_DERIVED: usize = 16;
/// Keys that are kept for the next packet of their hello: between its datagrams come those of
/// others. About 110 KiB, from the start on.
pub(crate) const MOST_KEYS_KEPT: usize = 128;
/// QUIC connections that said their hello and are remembered, so that one is said once.
pub(crate) const MOST_QUIC_SAID: usize = 7_000;
/// How long: a client that hears nothing tries again for so long.
pub(crate) const QUIC_SAID_SECONDS: i64 = 60;

/// The head of one HTTP request.
pub(crate) const MOST_HEAD_BYTES: usize = 32 * 1024;

/// Questions read of one DNS message (CA-01).
pub(crate) const MOST_QUESTIONS: u16 = 25;
/// Records read of one DNS message (CA-01).
pub(crate) const MOST_RECORDS_READ: u16 = 256;

/// Clients whose DNS answers are remembered, to name connections that show no name.
pub(crate) const MOST_CLIENTS: usize = 3_500;
/// Answers of one client (CA-10: its share, which no other's flood makes smaller).
pub(crate) const MOST_ANSWERS: usize = 48;
/// Addresses of one answer. One that has more may lead anywhere: where it is protected its
/// client is blind, else nothing that is inferred meanwhile is certain.
pub(crate) const MOST_ADDRESSES: usize = 16;
/// What all of them may hold: 8 MiB.
pub(crate) const ANSWER_BYTES: usize = 8 * 1024 * 1024;
/// Clients for which nothing is inferred for a while, since a protected answer was lost.
pub(crate) const MOST_BLIND: usize = 880;
/// Clients with open DNS questions.
pub(crate) const MOST_ASKING: usize = 3_500;
/// Open questions of one client (its share): a place costs 24 octets, so that all of them
/// cost 3,500 * 20 * 24 octets, 1.6 MiB.
pub(crate) const MOST_OPEN_QUESTIONS: usize = 20;

/// Flows that were told as tunnels, so that each is told once.
pub(crate) const MOST_TUNNELS: usize = 7_000;
/// Flows that may be tunnels once an answer or a second packet comes.
pub(crate) const MOST_SUSPECTS: usize = 3_500;

/// Host names that DHCP clients gave, kept until the server's answer.
pub(crate) const MOST_DHCP_REQUESTS: usize = 3_500;
/// Kerberos requests whose replies are waited for: a centre answers within milliseconds.
pub(crate) const MOST_KERBEROS_REQUESTS: usize = 880;
/// RADIUS records that no server took yet: at most 4 KiB of text each, 0.9 MiB.
pub(crate) const MOST_RADIUS_RECORDS: usize = 220;
/// How often such a record is waited for that is sent again.
pub(crate) const MOST_RECORD_COPIES: usize = 8;
/// The longest host name, account name, realm or session id that is kept, in octets.
pub(crate) const LONGEST_TEXT: usize = 256;
/// Addresses whose holder is remembered, so that it is told only when it changes.
pub(crate) const MOST_NEIGHBOURS: usize = 7_000;
/// Announcements told in one second; what is over is told when it is heard again.
pub(crate) const ANNOUNCEMENTS_A_SECOND: u32 = 500;

/// Connections under watch: each spoke to a rule.
pub(crate) const MOST_WATCHED: usize = 14_000;
/// QUIC connections under watch that were not answered yet.
pub(crate) const MOST_WATCHED_QUIC: usize = 3_500;
/// DNS questions under watch.
pub(crate) const MOST_WATCHED_QUESTIONS: usize = 3_500;
/// Addresses that the answers to these gave.
pub(crate) const MOST_EXPECTED: usize = 7_000;

/// The most octets that one `Wire` holds, for all of its tables at their caps.
#[must_use]
pub const fn total() -> usize {
    crate::layers::Fragments::most_bytes()
        .saturating_add(crate::tcp::Streams::most_bytes())
        .saturating_add(crate::follow::Followed::most_bytes())
        .saturating_add(crate::claims::Claims::most_bytes())
        .saturating_add(crate::claims::Exchanges::most_bytes())
        .saturating_add(crate::quic::Connections::most_bytes())
        .saturating_add(crate::tunnels::Tunnels::most_bytes())
        .saturating_add(crate::copies::Copies::bytes_held())
        // Room used again and again: one joined hello, one list of addresses.
        .saturating_add(256 * 1024)
        // For a moment, three lists of who holds what in one table of gathers: at most
        // 3,500 * 96 octets each.
        .saturating_add(1024 * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_can_not_fill_a_small_box() {
        let parts = [
            ("fragments", crate::layers::Fragments::most_bytes()),
            ("streams", crate::tcp::Streams::most_bytes()),
            ("followed", crate::follow::Followed::most_bytes()),
            ("claims", crate::claims::Claims::most_bytes()),
            ("exchanges", crate::claims::Exchanges::most_bytes()),
            ("quic", crate::quic::Connections::most_bytes()),
            ("tunnels", crate::tunnels::Tunnels::most_bytes()),
        ];
        assert!(total() < 64 * 1024 * 1024, "{total} octets: {parts:?}", total = total());
    }

    /// What a capture is packed with is another room's; a packet is read as it stands.
    #[test]
    fn nothing_that_unpacks_is_linked() {
        let manifest = include_str!("../Cargo.toml");
        let after = manifest.split("[dependencies]\n").nth(1).expect("dependencies");
        let ours = after.lines().take_while(|line| !line.is_empty());
        let names: Vec<_> = ours.filter_map(|line| line.split('.').next()).collect();
        assert_eq!(names, ["etherparse", "facts", "ring"], "none of these inflates anything");
    }
}
