//! Bytes in, observations and claims out: no clock, no I/O, no rules.
//!
//! One [`Wire`] belongs to one thread. It is fed packets with their times and says, by a
//! closure, what it read: an [`facts::Observation`] (a name that a device asked for), a
//! [`facts::Claim`] (who holds an address), a [`facts::Attempt`] (a name given where no
//! success was seen), or the progress of a connection that the closure chose to follow.
//! Nothing else leaves it, and a packet that says nothing costs no allocation.
//!
//! ```text
//! Packet → layers: link, 802.11, IP, fragments, GRE VXLAN GENEVE MPLS Teredo AYIYA IP-in-IP
//!   → copies: what the mirror copied is read once
//!   → UDP → tunnels, dns, claims (DHCP, Kerberos, RADIUS), quic
//!   → TCP → flows, gather + assembler → talk: tls records → hello
//!                                            requests (http), dns, kerberos, ldap, tunnels
//!   hello → hellos: said with what the client's own DNS answers tell of it
//!   follow: how far followed connections went; what each client asked and was answered of late
//! ```
//!
//! | protocol, layer | evasion or trouble | test |
//! |---|---|---|
//! | TLS over TCP | cut, any order, single octets | `tests::pieces::up_to_six_pieces_in_every_order_give_the_same_hello` |
//! | | overlapping pieces with two names | `tests::pieces::overlapping_pieces_that_read_two_ways_give_both_names` |
//! | | sent again; after a retry request | `tests::pieces::a_hello_sent_again_is_said_once` |
//! | | hole that stays; never ends | `tests::pieces::a_hello_after_a_hole_that_stays_is_found` |
//! | | many records of one octet | `records::tests` |
//! | | STARTTLS, CONNECT, SOCKS, any port | `tests::talks::a_hello_is_found_behind_a_proxy` |
//! | QUIC | any order, coalesced, Retry, versions | `tests::quic::any_pieces_in_any_frames_and_order_make_the_same_hello` |
//! | | decoys, two readings, many ids | `tests::decoys` |
//! | | garbage Initials | `tests::quic::a_flood_of_garbage_initials_keeps_nothing_and_hides_no_hello` |
//! | no SNI, ECH, GREASE | | `hellos::tests`, `follow::answers::tests` |
//! | | answers that nobody asked for | `tests::inference::an_answer_that_nobody_asked_for_blames_nobody` |
//! | HTTP/1 | pipelined, chunked, smuggled lengths | `tcp::requests::tests`, `http::tests` |
//! | DNS | pointer loops, lying counts | `names::tests`, `dns::tests::counts_that_lie_end_at_the_limit` |
//! | | over TCP in pieces; on another port | `tests::talks::dns_over_tcp_is_read_in_any_pieces` |
//! | tunnels that hide names | DNS port taken, no answer, met midway | `tunnels::flows::tests` |
//! | links, tags, labels, 802.11 | nested to any depth | `layers::link::tests`, `layers::wifi::tests` |
//! | fragments | overlap, tiny, endless, of two kinds | `layers::fragments::tests`, `tests::wrapped` |
//! | claims | prefixes, bent octets, passwords | `claims::*::tests` |
//! | all | floods of SYNs, hellos, answers | `tests::floods`, `limits::tests::a_flood_can_not_fill_a_small_box` |
//!
//! Bad bytes are not errors: a reader says done, incomplete or "not this", oddities are
//! counted, and every accumulation has its cap in `limits.rs`.
//!
#![doc = include_str!("../PROOFS.md")]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod assembler;
mod claims;
mod copies;
mod counters;
mod dns;
mod follow;
mod hello;
mod hellos;
mod http;
mod keyed;
mod layers;
mod limits;
mod names;
mod packet;
mod ports;
mod quic;
mod reader;
mod readings;
mod records;
mod said;
mod shares;
mod table;
mod tcp;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tunnels;
mod udp;
mod voice;
mod wire;

pub use counters::{Canary, Counters};
pub use limits::total as most_bytes_held;
pub use packet::{LinkType, Packet};
pub use ports::{DnsPorts, PortFault};
pub use said::{Follow, Said, Watch};
pub use wire::{Settings, Wire};
