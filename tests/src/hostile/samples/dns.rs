//! DNS messages: questions, answers with every kind of record, and their local relatives.

use super::super::{Carrier, Laid, Sample};

const A: u16 = 1;
const CNAME: u16 = 5;
const AAAA: u16 = 28;
const OPT: u16 = 41;
const HTTPS: u16 = 65;

const ASKED: u16 = 0x0100;
const ANSWERED: u16 = 0x8180;

const TO_SERVER: Carrier = Carrier::Udp { port: 53, from_server: false };
const TO_CLIENT: Carrier = Carrier::Udp { port: 53, from_server: true };

/// Messages over UDP.
pub(in super::super) fn over_udp() -> Vec<Sample> {
    let local = |port| Carrier::Udp { port, from_server: true };
    vec![
        Sample::new("a question", TO_SERVER, question(), &["dns_query www.elmrow.example"]),
        Sample::new(
            "two questions, one by pointer",
            TO_SERVER,
            two_questions(),
            &["dns_query www.elmrow.example", "dns_query elmrow.example"],
        ),
        Sample::new(
            "an answer with every kind of record",
            TO_CLIENT,
            answer(),
            &["dns_answer www.elmrow.example"],
        ),
        Sample::new(
            "a multicast answer that repeats no question",
            local(5353),
            multicast(),
            &["dns_answer printer.local"],
        ),
        Sample::new(
            "a local question",
            Carrier::Udp { port: 5355, from_server: false },
            question(),
            &["dns_query www.elmrow.example"],
        ),
        Sample::new(
            "a question on another port",
            Carrier::Udp { port: 5300, from_server: false },
            question(),
            &["dns_query www.elmrow.example"],
        ),
    ]
}

/// Messages over TCP, each behind its length.
pub(in super::super) fn over_tcp() -> Vec<Sample> {
    let to_server = Carrier::Tcp { port: 53, from_server: false };
    let framed = |message| Laid::default().sized("message", 2, message);
    let both = framed(question()).part(framed(two_questions()));
    let (first, second) = both.bytes.split_at(21);
    let halves = vec![Laid::bare(first), Laid::bare(second)];
    let says = &[
        "dns_query www.elmrow.example",
        "dns_query www.elmrow.example",
        "dns_query elmrow.example",
    ];
    vec![
        Sample::new("two messages in one segment", to_server, both.clone(), says),
        Sample { name: "cut inside a name", carrier: to_server, parts: halves, says },
        Sample::new(
            "an answer",
            Carrier::Tcp { port: 53, from_server: true },
            framed(answer()),
            &["dns_answer www.elmrow.example"],
        ),
    ]
}

/// A question for www.elmrow.example.
pub(super) fn question() -> Laid {
    header(ASKED, [1, 0, 0, 0]).part(ask(&["www", "elmrow", "example"]))
}

fn two_questions() -> Laid {
    let second = pointer(16).put(&A.to_be_bytes()).put(&[0, 1]);
    header(ASKED, [2, 0, 0, 0]).part(ask(&["www", "elmrow", "example"])).part(second)
}

/// A chain of names to two addresses, service parameters with an `ech` key, and EDNS.
pub(super) fn answer() -> Laid {
    let parameters = Laid::default()
        .put(&[0, 1, 0])
        .put(&[0, 1])
        .sized("service parameter", 2, Laid::default().text("protocol", 1, b"h2"))
        .put(&[0, 5])
        .text("service parameter", 2, b"ech config");
    let option = Laid::default().put(&[0, 10]).text("option", 2, b"cookie 8");
    header(ANSWERED, [1, 4, 0, 1])
        .part(ask(&["www", "elmrow", "example"]))
        .part(record(
            pointer(12),
            CNAME,
            Laid::default().text("label", 1, b"cdn").part(pointer(16)),
        ))
        .part(record(pointer(48), A, Laid::bare(&[203, 0, 113, 7])))
        .part(record(pointer(48), AAAA, Laid::bare(b"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07")))
        .part(record(pointer(12), HTTPS, parameters))
        .part(record(Laid::bare(&[0]), OPT, option))
}

fn multicast() -> Laid {
    let owner = name(&["printer", "local"]);
    header(0x8400, [0, 1, 0, 0]).part(record(owner, A, Laid::bare(&[10, 1, 4, 9])))
}

fn header(flags: u16, counts: [usize; 4]) -> Laid {
    let [questions, answers, authorities, additional] = counts;
    Laid::bare(&[0x12, 0x34])
        .put(&flags.to_be_bytes())
        .number("questions", 2, questions)
        .number("answers", 2, answers)
        .number("authorities", 2, authorities)
        .number("additional", 2, additional)
}

fn ask(labels: &[&str]) -> Laid {
    name(labels).put(&A.to_be_bytes()).put(&[0, 1])
}

fn name(labels: &[&str]) -> Laid {
    let whole =
        labels.iter().fold(Laid::default(), |name, label| name.text("label", 1, label.as_bytes()));
    whole.put(&[0])
}

/// A pointer's fourteen bits are a place, and lie like a length.
fn pointer(to: u16) -> Laid {
    Laid::bare(&(0xc000 | to).to_be_bytes()).bits("pointer", 0, 2, (14, 0))
}

fn record(owner: Laid, kind: u16, data: Laid) -> Laid {
    owner.put(&kind.to_be_bytes()).put(&[0, 1, 0, 0, 0, 60]).sized("data", 2, data)
}
