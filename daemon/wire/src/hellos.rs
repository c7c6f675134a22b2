//! Says hellos, over TCP or QUIC, and what their client's own DNS tells of them.

use facts::{Alpn, ClientHello, EchKind, Evidence, Inferred, Name};

use crate::follow::{Answers, Behind, Client};
use crate::hello::Hello;
use crate::said::{Follow, Said};
use crate::tunnels;
use crate::voice::{Heading, Voice};

/// Says a hello. Where it shows no name, or only a front, the names that its client's
/// answers lead to are said after it, and it is the one of these that may be followed.
pub(crate) fn say(
    hello: &Hello<'_>,
    quic_version: Option<u32>,
    heading: &Heading,
    answers: &Answers,
    voice: &mut Voice<'_, '_>,
) -> Follow {
    let (client, server, at) = (Client::sender(heading), heading.path.dst, heading.at);
    let named = hello.server_name.and_then(|name| voice.room.text.read_text(name));
    if hello.server_name.is_some() && named.is_none() {
        voice.counters.overlong_names = voice.counters.overlong_names.saturating_add(1);
    }
    let room = &*voice.room;
    let sni = named.and_then(|()| room.text.name()).filter(|name| !name.as_str().is_empty());
    let ech_kind =
        if hello.ech { answers.ech_kind(client, server, sni, at) } else { EchKind::Unknown };
    let evidence = Evidence::ClientHello(ClientHello {
        quic_version,
        sni,
        alpn: Alpn::from_wire(hello.alpn),
        ech: hello.ech,
        ech_kind,
    });
    let follow = (voice.sink)(Said::Observation(heading.says(evidence)));
    let is_front = hello.ech && ech_kind == EchKind::Outer;
    let is_unnamed = sni.is_none() || is_front;
    let behind = if is_unnamed {
        answers.behind(client, server, sni.map(Name::as_str), at)
    } else {
        Behind::Nobody
    };
    tell_encrypted_dns(hello, quic_version.is_some(), heading, voice);
    match behind {
        Behind::Names { names, others } => infer(&names, others, heading, voice).unwrap_or(follow),
        Behind::Nobody | Behind::Protected => {
            let left = u64::from(is_unnamed);
            voice.counters.left_unnamed = voice.counters.left_unnamed.saturating_add(left);
            follow
        }
    }
}

/// Says each name that may stand behind a hello; the wish to follow counts only where there
/// is no doubt which it is.
fn infer(
    names: &[&str],
    others: usize,
    heading: &Heading,
    voice: &mut Voice<'_, '_>,
) -> Option<Follow> {
    let candidates = names.len().saturating_add(others);
    let mut wish = None;
    for name in names.iter().filter_map(|name| Name::from_canonical(name)) {
        let evidence = Evidence::Inferred(Inferred { name, candidates });
        let follow = (voice.sink)(Said::Observation(heading.says(evidence)));
        if candidates == 1 && matches!(follow, Follow::Yes(_)) {
            wish = Some(follow);
        }
    }
    wish
}

/// Says that two names were read from one place, by the name that comes next.
pub(crate) fn conflict(name: &[u8], heading: &Heading, voice: &mut Voice<'_, '_>) {
    voice.counters.conflicts = voice.counters.conflicts.saturating_add(1);
    if voice.room.text.read_text(name).is_none() {
        return;
    }
    if let Some(name) = voice.room.text.name() {
        (voice.sink)(Said::Observation(heading.says(Evidence::NameConflict(name))));
    }
}

/// Says that names are asked for inside the connection that a hello opens, where it does.
fn tell_encrypted_dns(
    hello: &Hello<'_>,
    is_quic: bool,
    heading: &Heading,
    voice: &mut Voice<'_, '_>,
) {
    let offers = Alpn::from_wire(hello.alpn).protocols();
    if let Some(protocol) = tunnels::encrypted_dns(is_quic, heading.path.dport, offers) {
        (voice.sink)(Said::Observation(heading.says(Evidence::Tunnel(protocol))));
    }
}

#[cfg(test)]
mod tests {
    use facts::{Frame, Path, Timestamp};

    use super::*;
    use crate::dns;
    use crate::hello::forge;
    use crate::reader::Reading;
    use crate::said::Watch;
    use crate::testing::{tell, words};

    const CLIENT: [u8; 4] = [10, 1, 4, 23];
    const SERVER: [u8; 4] = [203, 0, 113, 7];

    /// An answer of the resolver: the server's address under this name.
    fn answer(name: &str) -> Vec<u8> {
        let mut message = b"\x12\x34\x81\x80\0\x01\0\x01\0\0\0\0".to_vec();
        message.extend(wire_name(name));
        message.extend(b"\0\x01\0\x01\xc0\x0c\0\x01\0\x01\0\0\x01\x2c\0\x04");
        message.extend(SERVER);
        message
    }

    /// The question of an answer.
    fn question_of(answer: &[u8]) -> Vec<u8> {
        let mut question = answer.to_vec();
        if let Some(header) = question.first_chunk_mut::<12>() {
            (header[2], header[3], header[7]) = (1, 0, 0);
        }
        question
    }

    /// An HTTPS record whose `ech` parameter has this public name.
    fn key_for(name: &str, public: &str) -> Vec<u8> {
        let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap().to_be_bytes();
        let public = [&[u8::try_from(public.len()).unwrap()], public.as_bytes()].concat();
        let config = [b"\x01\0\x20\0\x02kk\0\x04\0\x01\0\x01\0", &public[..], b"\0\0"].concat();
        let config = [&[0xfe, 0x0d], &length(&config)[..], &config].concat();
        let list = [&length(&config)[..], &config].concat();
        let data = [b"\0\x01\0\0\x05", &length(&list)[..], &list].concat();
        let mut message = b"\x12\x34\x81\x80\0\x01\0\x01\0\0\0\0".to_vec();
        message.extend(wire_name(name));
        message.extend(b"\0\x41\0\x01\xc0\x0c\0\x41\0\x01\0\0\x01\x2c");
        message.extend([&length(&data)[..], &data].concat());
        message
    }

    fn wire_name(name: &str) -> Vec<u8> {
        let labels = name.split('.').flat_map(|label| {
            std::iter::once(u8::try_from(label.len()).unwrap()).chain(label.bytes())
        });
        labels.chain([0]).collect()
    }

    /// What is said of a hello after these answers, names under `help.example` protected and
    /// all others followed; and what the hello's own follow is.
    fn heard(answers: &[Vec<u8>], sni: Option<&str>, ech: bool) -> (Vec<String>, Follow) {
        let mut said_words = Vec::new();
        let mut sink = |said: Said<'_>| {
            let Said::Observation(observation) = &said else { return Follow::No };
            let zone = Name::from_canonical("help.example").unwrap();
            if observation.name().is_some_and(|name| name.is_within(zone)) {
                return Follow::Forget;
            }
            if !matches!(observation.evidence, Evidence::DnsQuestion(_) | Evidence::DnsAnswer(_)) {
                said_words.push(words(&said));
            }
            match observation.evidence {
                Evidence::Inferred(_) => Follow::Yes(Watch(7)),
                _ => Follow::No,
            }
        };
        let mut follow = Follow::No;
        tell(&mut sink, |followed, voice| {
            let at = Timestamp::from_seconds(100);
            let path = Path { src: [10, 1, 0, 1].into(), dst: CLIENT.into(), sport: 53, dport: 9 };
            let resolver = Heading { at, frame: Frame::default(), path };
            for message in answers {
                dns::message(&question_of(message), &resolver.reversed(), followed, voice);
                dns::message(message, &resolver, followed, voice);
            }
            let path = Path { src: CLIENT.into(), dst: SERVER.into(), sport: 9, dport: 443 };
            let heading = Heading { at, frame: Frame::default(), path };
            let message = forge::hello(sni, &[], 0);
            let Reading::Done(hello) = Hello::read(&message) else { panic!("no hello") };
            let hello = Hello { ech, ..hello };
            follow = say(&hello, None, &heading, &followed.answers, voice);
        });
        (said_words, follow)
    }

    #[test]
    fn a_hello_without_a_name_is_given_the_one_its_client_asked_for() {
        let (said, follow) = heard(&[answer("a.example")], None, false);
        assert_eq!(said, ["hello - [] ech false", "inferred a.example one of 1"]);
        assert_eq!(follow, Follow::Yes(Watch(7)));
    }

    #[test]
    fn several_names_are_said_and_none_is_followed() {
        let both = [answer("a.example"), answer("b.example")];
        let (said, follow) = heard(&both, None, false);
        let inferred = ["inferred a.example one of 2", "inferred b.example one of 2"];
        assert_eq!((&said[1..], follow), (&inferred.map(str::to_owned)[..], Follow::No));
    }

    #[test]
    fn a_call_for_help_at_a_shared_address_is_nowhere() {
        for order in [["a.example", "chat.help.example"], ["chat.help.example", "a.example"]] {
            let (said, follow) = heard(&order.map(answer), None, false);
            assert_eq!((said, follow), (vec!["hello - [] ech false".to_owned()], Follow::No));
        }
    }

    #[test]
    fn a_name_in_clear_is_believed_and_nothing_is_inferred() {
        for ech in [false, true] {
            let (said, _) = heard(&[answer("a.example")], Some("b.example"), ech);
            assert_eq!(said, [format!("hello b.example [] ech {ech}")]);
        }
    }

    #[test]
    fn behind_the_public_name_that_the_client_was_given_stands_what_it_asked_for() {
        let answers = [answer("a.example"), key_for("a.example", "front.example")];
        let (said, _) = heard(&answers, Some("front.example"), true);
        assert_eq!(said[1..], ["inferred a.example one of 1"]);
        let (said, _) = heard(&answers, Some("other.example"), true);
        assert_eq!(said.len(), 1, "not the name that the key is for");
    }

    #[test]
    fn any_octet_of_a_key_record_may_be_bent() {
        let whole = key_for("a.example", "front.example");
        for end in 0..whole.len() {
            assert!(heard(&[whole[..end].to_vec()], None, true).0.len() == 1);
        }
        for at in 12..whole.len() {
            for octet in [0, 1, 0x7f, 0x80, 0xff] {
                let mut bent = whole.clone();
                bent[at] = octet;
                assert!(heard(&[bent], Some("front.example"), true).0.len() <= 2);
            }
        }
    }
}
