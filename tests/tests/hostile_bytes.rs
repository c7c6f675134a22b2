//! Every prefix, every single bit and every length field of every sample: nothing panics,
//! grows or invents a name.

use facts::Mac;
use wardline_tests::hostile::{Atom, Bend, Carrier, Field, Heard, Pace, Parser, Sample, Witness};
use wire::LinkType;

/// What is heard of a sample that is bent in this way, by a wire that heard nothing before.
fn heard(sample: &Sample, bend: Option<&Bend>) -> Vec<Heard> {
    let mut parts = sample.bytes();
    if let Some(bend) = bend {
        bend.bend(&mut parts);
    }
    let parts: Vec<_> = parts.iter().map(Vec::as_slice).collect();
    let keep = bend.map_or(usize::MAX, Bend::kept);
    match Witness::new(Pace::Apart).bring_cut(sample.carrier, &parts, keep) {
        Ok(heard) => heard.to_vec(),
        Err(breach) => panic!("{}, {bend:?}: {breach}", sample.name),
    }
}

/// Tries every bend of every sample; gives back how many there were.
fn try_all(parser: Parser) -> usize {
    let mut tried = 0;
    for sample in parser.samples() {
        let whole = heard(&sample, None);
        let words: Vec<_> = whole.iter().map(Heard::words).collect();
        assert_eq!(words, sample.says, "{parser}: {}", sample.name);
        for bend in Bend::every(&sample) {
            let heard = heard(&sample, Some(&bend));
            tried += 1;
            if bend.is_cut() {
                assert!(
                    adds_nothing(&heard, &whole, &sample),
                    "{}, {bend:?}: {heard:?}",
                    sample.name
                );
            }
            if parser == Parser::QuicDatagram && bend.place().is_some_and(|at| at < sealed()) {
                assert_eq!(heard, [], "{}, {bend:?}", sample.name);
            }
        }
    }
    tried
}

/// Whether a message that was cut says no more than the whole, and names nothing and nobody
/// whom the whole does not name. An advertisement without its option speaks for the device
/// that sent the frame, so that device may be named.
fn adds_nothing(heard: &[Heard], whole: &[Heard], sample: &Sample) -> bool {
    let known: Vec<&Atom> = whole.iter().flat_map(|heard| &heard.atoms).collect();
    let sender = Atom::Device(Mac::from_octets(SENDER));
    let names_sender = sample.carrier == Carrier::Frame(LinkType::Ethernet);
    let mut atoms = heard.iter().flat_map(|heard| &heard.atoms);
    heard.len() <= whole.len()
        && atoms.all(|atom| known.contains(&atom) || (names_sender && *atom == sender))
}

/// Who sends the frames of the samples.
const SENDER: [u8; 6] = [2, 0, 0, 0, 0, 2];

/// How many octets the one Initial of the samples seals: all of the datagram that it is
/// alone in.
fn sealed() -> usize {
    Parser::QuicDatagram.samples()[0].parts[0].bytes.len()
}

macro_rules! every_bend {
    ($($test:ident: $parser:ident, $least:literal;)*) => {
        $(#[test]
        fn $test() {
            let tried = try_all(Parser::$parser);
            assert!(tried >= $least, "only {tried} bends were tried");
        })*

        #[test]
        fn no_parser_is_left_out() {
            assert_eq!([$(Parser::$parser),*], Parser::ALL);
        }
    };
}

every_bend! {
    every_bent_link_header_is_survived: Links, 21_000;
    every_bent_ip_header_is_survived: Ip, 12_000;
    every_bent_fragment_is_survived: Fragments, 10_000;
    every_bent_tunnel_is_survived: Tunnels, 31_000;
    every_bent_neighbour_is_survived: Neighbours, 5_000;
    every_bent_dns_message_is_survived: Dns, 7_500;
    every_bent_dns_message_over_tcp_is_survived: DnsTcp, 6_800;
    every_bent_tls_hello_is_survived: Tls, 42_000;
    every_bent_quic_frame_is_survived: QuicFrames, 11_800;
    every_bent_quic_datagram_is_survived_and_says_nothing: QuicDatagram, 9_200;
    every_bent_http_request_is_survived: Http, 10_400;
    every_bent_dhcp_message_is_survived: Dhcp, 20_800;
    every_bent_dhcp6_message_is_survived: Dhcp6, 1;
    every_bent_radius_request_is_survived: Radius, 3_300;
    every_bent_kerberos_message_is_survived: Kerberos, 21_000;
    every_bent_ldap_bind_is_survived: Ldap, 1;
    every_bent_ntlm_message_is_survived: Ntlm, 1;
    every_bent_beginning_of_a_tunnel_is_survived: Hidden, 1;
}

/// The one length that stands in digits.
#[test]
fn a_content_length_may_be_any_number_and_none() {
    let get = "GET /a HTTP/1.1\r\nHost: www.elmrow.example\r\n\r\n";
    for length in [
        "0",
        "1",
        "3",
        "5",
        "4294967295",
        "18446744073709551614",
        "18446744073709551615",
        "99999999999999999999999",
        "-1",
        "",
        "4, 4",
    ] {
        let post = format!(
            "POST /b HTTP/1.1\r\nHost: www.elmrow.example\r\nContent-Length: {length}\r\n\r\nbody"
        );
        let carrier = Carrier::Tcp { port: 80, from_server: false };
        let parts = [post.as_bytes(), get.as_bytes(), get.as_bytes()];
        let mut witness = Witness::new(Pace::Apart);
        let heard = witness.bring(carrier, &parts).expect("nothing is breached");
        assert!((1..=3).contains(&heard.len()), "{length}: {heard:?}");
    }
}

/// The table of all length fields: where each stands in each sample, so that one which is
/// lost is missed, and one which is new is looked at.
#[test]
fn every_length_field_stands_in_the_table() {
    let mut table = String::from("parser\tsample\tpart\tat\toctets\tbits\tshift\tnow\tfield\n");
    for parser in Parser::ALL {
        for sample in parser.samples() {
            for (number, part) in sample.parts.iter().enumerate() {
                for field in &part.fields {
                    let Field { name, at, octets, bits, shift } = field;
                    let now = field.value(&part.bytes);
                    let sample = sample.name;
                    let line = format!(
                        "{parser}\t{sample}\t{number}\t{at}\t{octets}\t{bits}\t{shift}\t{now}\t{name}\n"
                    );
                    table.push_str(&line);
                }
            }
        }
    }
    let written = include_str!("hostile_bytes/fields.tsv");
    if table != written {
        let found = std::env::temp_dir().join("fields.tsv");
        std::fs::write(&found, &table).expect("written");
        panic!("tests/tests/hostile_bytes/fields.tsv differs from {}", found.display());
    }
}
