//! DNS messages (RFC 1035), over UDP or TCP, and their relatives mDNS and LLMNR.

use std::net::IpAddr;

use facts::{DnsAnswer, DnsQuestion, Evidence, Name, Span};

use crate::follow::{Answers, Client, Followed, Fresh, Question, Solicited};
use crate::limits::{MOST_ADDRESSES, MOST_QUESTIONS, MOST_RECORDS_READ};
use crate::names::{NameText, skip_dns_name};
use crate::reader::{Reader, Reading};
use crate::said::{Follow, Said};
use crate::voice::{Heading, Room, Voice};

/// The port of DNS itself.
pub(crate) const PORT: u16 = 53;
/// Multicast DNS (RFC 6762) and LLMNR (RFC 4795), whose messages have the same form.
pub(crate) const LOCAL_PORTS: [u16; 2] = [5353, 5355];

const A: u16 = 1;
const AAAA: u16 = 28;
const SVCB: u16 = 64;
const HTTPS: u16 = 65;
/// The SvcParamKeys `ipv4hint` and `ipv6hint` (RFC 9460 section 7.3).
const HINT4_KEY: u16 = 4;
const HINT6_KEY: u16 = 6;
/// The SvcParamKey `ech` (RFC 9848).
const ECH_KEY: u16 = 5;
/// The version of an ECH configuration, which is also the number of the extension.
const ECH_VERSION: u16 = 0xfe0d;

const HEADER: usize = 12;
/// The TC bit: the rest comes over TCP.
const TRUNCATED: u16 = 0x0200;

/// Whether octets on a port of no protocol are certainly DNS: one question for a host name
/// in class IN, flags and counts as clients and servers set them.
pub(crate) fn is_certain(bytes: &[u8], room: &mut NameText) -> bool {
    if bytes.len() < HEADER || !may_be_certain(bytes) {
        return false;
    }
    let Some(after) = room.read_dns(bytes, HEADER) else { return false };
    let plain = room.name().is_some_and(|name| {
        let text = name.as_str();
        text.contains('.') && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    });
    let mut reader = Reader::new(bytes.get(after..).unwrap_or_default());
    plain && matches!((reader.u16(), reader.u16()), (Some(1..=258), Some(1)))
}

/// The same of a stream, whose messages stand behind their length (RFC 1035 section 4.2.2).
pub(crate) fn begins_stream(stream: &[u8], room: &mut NameText) -> Reading<()> {
    let message = match stream {
        [] | [0..=LONGEST_HIGH] => return Reading::Incomplete(2),
        [high @ 0..=LONGEST_HIGH, low, message @ ..] => {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            if length <= HEADER {
                return Reading::NotThis;
            }
            message.get(..length).unwrap_or(message)
        }
        _ => return Reading::NotThis,
    };
    if !may_be_certain(message) {
        Reading::NotThis
    } else if is_certain(message, room) {
        Reading::Done(())
    } else if message.len() < LONGEST_QUESTION && message.len().saturating_add(2) == stream.len() {
        Reading::Incomplete(stream.len().saturating_add(1))
    } else {
        Reading::NotThis
    }
}

/// No message on a port of no protocol that is longer than 1,023 octets is taken for DNS: what
/// begins so may be the words to a proxy.
const LONGEST_HIGH: u8 = 3;
/// A header, the longest name, its type and class.
const LONGEST_QUESTION: usize = HEADER + 255 + 4;

/// Whether a header, as far as it is there, is one as clients and servers send it with one
/// question.
fn may_be_certain(header: &[u8]) -> bool {
    let is = |at: usize, allowed: fn(u8) -> bool| header.get(at).is_none_or(|b| allowed(*b));
    let counts = is(4, |b| b == 0)
        && is(5, |b| b == 1)
        && [6, 8, 10].into_iter().all(|at| is(at, |b| b == 0))
        && is(11, |b| b <= 16);
    counts
        && if header.get(2).is_some_and(|flags| flags & 0x80 != 0) {
            is(2, |flags| flags & 0x7a == 0) && is(3, |more| more & 0x40 == 0 && more & 0xf <= 5)
        } else {
            is(2, |flags| flags & 0xfe == 0)
                && is(3, |more| more & 0x4f == 0)
                && is(7, |answers| answers == 0)
                && is(9, |authorities| authorities == 0)
        }
}

/// Reads one message and says its questions, or its answer. A message that breaks off is
/// said as far as it goes.
pub(crate) fn message(
    bytes: &[u8],
    heading: &Heading,
    followed: &mut Followed,
    voice: &mut Voice<'_, '_>,
) {
    let mut reader = Reader::new(bytes);
    let (Some(id), Some(flags), Some(questions), Some(answers), Some(_)) =
        (reader.u16(), reader.u16(), reader.u16(), reader.u16(), reader.u32())
    else {
        return broken(voice);
    };
    let opcode = (flags >> 11) & 0xf;
    if opcode != 0 {
        return;
    }
    let whole = if flags & 0x8000 == 0 {
        asked(bytes, id, questions, heading, followed, voice)
    } else {
        let counts = Counts { questions, answers };
        answered(bytes, id, flags, counts, heading, followed, voice)
    };
    if whole.is_none() {
        broken(voice);
    }
}

struct Counts {
    questions: u16,
    answers: u16,
}

fn broken(voice: &mut Voice<'_, '_>) {
    voice.counters.broken_dns = voice.counters.broken_dns.saturating_add(1);
}

fn asked(
    message: &[u8],
    id: u16,
    questions: u16,
    heading: &Heading,
    followed: &mut Followed,
    voice: &mut Voice<'_, '_>,
) -> Option<()> {
    let mut at = HEADER;
    let question = Question {
        client: heading.path.src,
        server: heading.path.dst,
        server_port: heading.path.dport,
        port: heading.path.sport,
        id,
    };
    for number in 0..questions.min(MOST_QUESTIONS) {
        let after = voice.room.text.read_dns(message, at)?;
        let mut reader = Reader::new(message.get(after..)?);
        let qtype = reader.u16()?;
        reader.skip(2)?;
        at = after.saturating_add(4);
        let name = voice.room.text.name()?;
        let said = heading.says(Evidence::DnsQuestion(DnsQuestion { name, qtype }));
        if number == 0 && is_unicast(&question) {
            followed.asked.ask(Client::sender(heading), &question, name, heading.at);
        }
        if let Follow::Yes(watch) = (voice.sink)(Said::Observation(said)) {
            followed.question(question, watch, heading);
        }
    }
    Some(())
}

fn answered(
    message: &[u8],
    id: u16,
    flags: u16,
    counts: Counts,
    heading: &Heading,
    followed: &mut Followed,
    voice: &mut Voice<'_, '_>,
) -> Option<()> {
    let [_, low] = flags.to_be_bytes();
    let rcode = low & 0xf;
    let is_truncated = flags & TRUNCATED != 0 && counts.answers > 0;
    let question = Question {
        client: heading.path.dst,
        server: heading.path.src,
        server_port: heading.path.sport,
        port: heading.path.dport,
        id,
    };
    voice.room.addresses.clear();
    voice.room.hints.clear();
    let mut at = HEADER;
    let mut qtype = 0;
    let mut named = false;
    for number in 0..counts.questions.min(MOST_QUESTIONS) {
        let after = if number == 0 {
            named = true;
            voice.room.text.read_dns(message, at)?
        } else {
            skip_dns_name(message, at)?
        };
        let mut reader = Reader::new(message.get(after..)?);
        let kind = reader.u16()?;
        reader.skip(2)?;
        if number == 0 {
            qtype = kind;
        }
        at = after.saturating_add(4);
    }
    let mut has_ech = false;
    let mut public = None;
    let mut lives = u32::MAX;
    let mut whole = Some(());
    for _ in 0..counts.answers.min(MOST_RECORDS_READ) {
        let Some((record, end)) = Record::read(message, at) else {
            whole = None;
            break;
        };
        // Multicast answers repeat no question: the name is then that of the address.
        if let Some(address) = record.address() {
            if !named {
                voice.room.text.read_dns(message, at)?;
                (named, qtype) = (true, record.kind);
            }
            voice.room.addresses.push(address);
            lives = lives.min(record.lives);
        }
        for (key, value) in record.parameters() {
            match key {
                HINT4_KEY => hint::<4>(value, &mut voice.room.hints),
                HINT6_KEY => hint::<16>(value, &mut voice.room.hints),
                ECH_KEY => {
                    has_ech = true;
                    let room = &mut voice.room.front;
                    public = public.or(print_of_public(value, &followed.answers, room));
                }
                _ => continue,
            }
            lives = lives.min(record.lives);
        }
        at = end;
    }
    if qtype == A && is_unicast(&question) {
        let room = &*voice.room;
        let name = room.text.name().filter(|_| named && whole.is_some());
        if let Some(canary) = name.and_then(|name| voice.counters.canary(name.as_str())) {
            canary.count(rcode == 0 && !room.addresses.is_empty());
        }
    }
    let step = followed.answered(&question, rcode, &voice.room.addresses, heading.at);
    if let Some(step) = step {
        voice.progress(step);
    }
    if named {
        let Room { text, addresses, hints, .. } = &mut *voice.room;
        let name = text.name()?;
        let answer = DnsAnswer { name, qtype, rcode, addresses, has_ech };
        let follow = (voice.sink)(Said::Observation(heading.says(Evidence::DnsAnswer(answer))));
        addresses.append(hints);
        let fresh = Fresh {
            name: (follow != Follow::Forget).then_some(name),
            addresses,
            is_cut: is_truncated || whole.is_none() || counts.answers > MOST_RECORDS_READ,
            public,
            lives: Span::seconds(i64::from(lives)),
        };
        if counts.questions > 0 && is_unicast(&question) {
            remember(&question, name, &fresh, heading, followed);
        }
    }
    whole
}

/// Whether a question is one that a resolver alone answers, and not whoever hears it.
fn is_unicast(question: &Question) -> bool {
    !LOCAL_PORTS.contains(&question.server_port)
        && !question.client.is_multicast()
        && !question.server.is_multicast()
}

/// Keeps an answer if its client asked for it: anybody may send one.
fn remember(
    question: &Question,
    name: Name<'_>,
    fresh: &Fresh<'_>,
    heading: &Heading,
    followed: &mut Followed,
) {
    let client = Client::receiver(heading);
    match followed.asked.answer(client, question, name, heading.at) {
        Solicited::Yes => followed.answers.keep(client, fresh, heading.at),
        Solicited::Perhaps if fresh.name.is_none() => followed.answers.blind(client, heading.at),
        Solicited::Perhaps | Solicited::No => {}
    }
}

/// Takes the addresses of a hint, up to more than are kept.
fn hint<const OCTETS: usize>(mut value: Reader<'_>, hints: &mut Vec<IpAddr>)
where
    IpAddr: From<[u8; OCTETS]>,
{
    while hints.len() <= MOST_ADDRESSES
        && let Some(address) = value.array::<OCTETS>()
    {
        hints.push(IpAddr::from(address));
    }
}

/// A print of the public name in a list of ECH configurations (RFC 9849 section 4): the
/// first of a version that is known.
fn print_of_public(list: Reader<'_>, answers: &Answers, room: &mut NameText) -> Option<u64> {
    let public = public_name(list)?;
    room.read_text(public)?;
    room.name().map(|name| answers.print(name))
}

fn public_name(mut list: Reader<'_>) -> Option<&[u8]> {
    let mut configs = list.part16()?;
    loop {
        let version = configs.u16()?;
        let mut config = configs.part16()?;
        if version != ECH_VERSION {
            continue;
        }
        // Number and kind of the key, the key, its ciphers, the longest name.
        config.skip(3)?;
        config.part16()?;
        config.part16()?;
        config.skip(1)?;
        return config.part8().map(|name| name.rest());
    }
}

/// One resource record, without its owner.
struct Record<'a> {
    kind: u16,
    /// How many seconds it may be kept.
    lives: u32,
    data: Reader<'a>,
}

impl<'a> Record<'a> {
    fn read(message: &'a [u8], at: usize) -> Option<(Self, usize)> {
        let after = skip_dns_name(message, at)?;
        let mut reader = Reader::new(message.get(after..)?);
        let kind = reader.u16()?;
        // Class.
        reader.skip(2)?;
        let lives = reader.u32()?;
        let data = reader.part16()?;
        Some((Self { kind, lives, data }, message.len().saturating_sub(reader.len())))
    }

    fn address(&self) -> Option<IpAddr> {
        let mut data = self.data;
        match (self.kind, data.len()) {
            (A, 4) => data.array::<4>().map(IpAddr::from),
            (AAAA, 16) => data.array::<16>().map(IpAddr::from),
            _ => None,
        }
    }

    /// Its service parameters (RFC 9460 section 2.2), if it has any: key and value.
    fn parameters(&self) -> impl Iterator<Item = (u16, Reader<'a>)> + use<'a> {
        let mut data = self.service().unwrap_or(Reader::new(&[]));
        std::iter::from_fn(move || Some((data.u16()?, data.part16()?)))
    }

    /// What stands behind the priority and the target of a service binding.
    fn service(&self) -> Option<Reader<'a>> {
        if !matches!(self.kind, SVCB | HTTPS) {
            return None;
        }
        let mut data = self.data;
        data.skip(2)?;
        let target = skip_dns_name(data.rest(), 0)?;
        data.skip(target)?;
        Some(data)
    }
}

#[cfg(test)]
mod tests {
    use facts::{Observation, Rung, Timestamp};

    use super::*;
    use crate::said::Watch;
    use crate::testing::{Heard, heading, listen};

    const QUERY: &[u8] =
        b"\x12\x34\x01\0\0\x02\0\0\0\0\0\0\x03www\x07example\0\0\x01\0\x01\xc0\x10\0\x1c\0\x01";
    const ANSWER: &[u8] = b"\x12\x34\x81\x80\0\x01\0\x04\0\0\0\0\x03WWW\x07example\0\0\x01\0\x01\
        \xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x06\x03cdn\xc0\x10\
        \xc0\x29\0\x01\0\x01\0\0\0\x3c\0\x04\xcb\0\x71\x07\
        \xc0\x29\0\x1c\0\x01\0\0\0\x3c\0\x10\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07\
        \xc0\x0c\0\x41\0\x01\0\0\0\x3c\0\x0d\0\x01\0\0\x01\0\0\0\x05\0\x02ab";

    fn read(bytes: &[u8]) -> Vec<Heard> {
        listen(|followed, voice| message(bytes, &heading(), followed, voice))
    }

    #[test]
    fn dns_on_another_port_is_known_by_its_form_and_nothing_else_is() {
        let mut room = NameText::new();
        let one = [&QUERY[..4], &[0, 1], &QUERY[6..29]].concat();
        assert!(is_certain(&one, &mut room) && is_certain(ANSWER, &mut room));
        for at in 0..one.len() {
            assert!(!is_certain(&one[..at], &mut room));
        }
        let quic = b"\xc3\0\0\0\x01\x08\0\x01\x02\x03\x04\x05\x06\x07\0\0";
        assert!(!is_certain(quic, &mut room) && !is_certain(&[0; 64], &mut room));
    }

    #[test]
    fn every_question_is_said() {
        let heard = read(QUERY);
        assert_eq!(heard, ["dns_query www.example 1", "dns_query example 28"]);
    }

    #[test]
    fn an_answer_gives_the_name_asked_for_and_every_address() {
        let heard = read(ANSWER);
        assert_eq!(heard, ["dns_answer www.example 1 rcode 0 [203.0.113.7, 2001:db8::7] ech"]);
    }

    #[test]
    fn every_prefix_and_every_bent_octet_is_survived() {
        for whole in [QUERY, ANSWER] {
            for end in 0..whole.len() {
                assert!(read(&whole[..end]).len() <= 2);
            }
            for at in 0..whole.len() {
                for octet in 0..=255 {
                    let mut bent = whole.to_vec();
                    bent[at] = octet;
                    let _ = read(&bent);
                }
            }
        }
    }

    #[test]
    fn counts_that_lie_end_at_the_limit() {
        for count in [0, 1, 26, u16::MAX] {
            for at in [4, 6] {
                let mut bent = ANSWER.to_vec();
                bent[at..at + 2].copy_from_slice(&count.to_be_bytes());
                assert!(read(&bent).len() <= 1);
            }
            let mut many = QUERY.to_vec();
            many[4..6].copy_from_slice(&count.to_be_bytes());
            for _ in 0..100 {
                many.extend(b"\xc0\x10\0\x01\0\x01");
            }
            assert_eq!(read(&many).len(), usize::from(count.min(MOST_QUESTIONS)));
        }
    }

    #[test]
    fn a_refusal_is_told_once_to_who_follows_the_question() {
        let mut asked = true;
        let mut rungs = Vec::new();
        let mut sink = |said: Said<'_>| {
            if let Said::Progress { watch, rung, .. } = said {
                rungs.push((watch, rung));
            }
            let is_query = matches!(
                said,
                Said::Observation(Observation { evidence: Evidence::DnsQuestion(_), .. })
            );
            if std::mem::take(&mut asked) && is_query { Follow::Yes(Watch(7)) } else { Follow::No }
        };
        let mut back = heading();
        std::mem::swap(&mut back.path.src, &mut back.path.dst);
        std::mem::swap(&mut back.path.sport, &mut back.path.dport);
        back.at = Timestamp::from_seconds(1);
        let refused = b"\x12\x34\x81\x83\0\0\0\0\0\0\0\0";
        crate::testing::tell(&mut sink, |followed, voice| {
            message(QUERY, &heading(), followed, voice);
            message(refused, &back, followed, voice);
            message(refused, &back, followed, voice);
        });
        assert_eq!(rungs, [(Watch(7), Rung::Refused)]);
    }
}
