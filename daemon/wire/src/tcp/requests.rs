//! HTTP/1 requests in a stream: each is said, and its body is stepped over, so that body
//! octets are never taken for a request and the next request is never missed.

use facts::{Evidence, HttpRequest};

use super::talk::{Front, Step, Talk};
use super::{Segment, recognise};
use crate::claims::ntlm;
use crate::follow::{Followed, Opening};
use crate::hello::Hello;
use crate::hellos;
use crate::http::{self, Body, Request};
use crate::keyed::Key;
use crate::reader::Reading;
use crate::records;
use crate::said::{Follow, Said};
use crate::voice::Voice;

/// A body longer than this is not measured: sequence numbers would wrap.
const LONGEST_BODY: u64 = 1 << 30;

/// Reads a request's head, says it, and finds where the next one begins.
pub(super) fn request(
    front: &Front<'_>,
    segment: &Segment<'_>,
    followed: &mut Followed,
    voice: &mut Voice<'_, '_>,
) -> Step {
    let request = match Request::read(front.bytes, front.last) {
        Reading::Done(request) => request,
        Reading::Incomplete(needed) => return Step::Wait(needed),
        Reading::NotThis if recognise::may_hold_password(segment.heading.path.dport) => {
            return Step::Turn(Some(recognise::unread(front.bytes, &segment.heading.path)));
        }
        Reading::NotThis => return front.up_to_hello(Talk::HttpSomewhere),
    };
    let key = Key::new(voice.settings.key);
    let named = request.other_hosts().fold(0, |sum, host| sum ^ key.print(&[host]));
    let host = request.host.unwrap_or_default();
    let print = key.print(&[request.target, b" ", host, &named.to_le_bytes()]);
    if front.known != Some(print) {
        tell(&request, segment, followed, voice);
        let head = front.bytes.get(..request.length).unwrap_or_default();
        hellos_in_head(head, segment, followed, voice);
    }
    let length = u32::try_from(request.length).unwrap_or(u32::MAX);
    let (count, talk) = match request.body {
        Body::Sized(body) if body <= LONGEST_BODY => {
            (length.wrapping_add(u32::try_from(body).unwrap_or(0)), Talk::Http)
        }
        Body::Chunked => (length, Talk::Chunk),
        Body::Sized(_) | Body::Unmeasured => (length, Talk::HttpSomewhere),
        Body::Tunnel => (length, Talk::Unknown),
    };
    Step::Said { length, count, talk, print }
}

/// Says a request for each host that a server may take it for, and looks at who sends it.
fn tell(
    request: &Request<'_>,
    segment: &Segment<'_>,
    followed: &mut Followed,
    voice: &mut Voice<'_, '_>,
) {
    let mut wish = say(request, request.host, request.host_name(), segment, voice);
    for host in request.other_hosts() {
        let bare = http::bare_host(host);
        hellos::conflict(bare.unwrap_or_default(), &segment.heading, voice);
        let other = say(request, Some(host), bare, segment, voice);
        wish = if matches!(wish, Follow::Yes(_)) { wish } else { other };
    }
    match wish {
        Follow::Yes(watch) => followed.connection(watch, Opening::Http, segment, voice.counters),
        Follow::No | Follow::Forget => followed.not_followed(&segment.heading.path),
    }
    if let Some(credentials) = request.authorization {
        ntlm::look_in_text(credentials, &segment.heading, voice);
    }
}

/// Says the hellos that stand in a head, where none belongs: what begins like a request may
/// be octets of something else, behind which the hello is meant.
fn hellos_in_head(
    head: &[u8],
    segment: &Segment<'_>,
    followed: &mut Followed,
    voice: &mut Voice<'_, '_>,
) {
    let mut from = 0_usize;
    for _ in 0..MOST_HELLOS_IN_HEAD {
        let Some(at) = records::find_sure(head, from) else { return };
        let mut joined = std::mem::take(&mut voice.room.joined);
        let stream = head.get(at..).unwrap_or_default();
        if let Reading::Done((message, _)) = records::client_hello(stream, &mut joined)
            && let Reading::Done(hello) = Hello::read(message)
            && let Follow::Yes(watch) =
                hellos::say(&hello, None, &segment.heading, &followed.answers, voice)
        {
            followed.connection(watch, Opening::Tls, segment, voice.counters);
        }
        voice.room.joined = joined;
        from = at.saturating_add(1);
    }
}

/// Hellos that are looked for in one head.
const MOST_HELLOS_IN_HEAD: usize = 4;

/// Says a request as one for this host.
fn say(
    request: &Request<'_>,
    host: Option<&[u8]>,
    bare: Option<&[u8]>,
    segment: &Segment<'_>,
    voice: &mut Voice<'_, '_>,
) -> Follow {
    let room = &mut *voice.room;
    let name = bare
        .and_then(|host| room.text.read_text(host))
        .and_then(|()| room.text.name())
        .filter(|name| !name.as_str().is_empty());
    let (method, target) = (request.method, request.target);
    let evidence = Evidence::HttpRequest(HttpRequest { host, name, method, target });
    (voice.sink)(Said::Observation(segment.heading.says(evidence)))
}

/// Steps over the chunk whose length stands at the front.
pub(super) fn chunk(front: &Front<'_>) -> Step {
    match http::chunk(front.bytes) {
        Reading::Done((line, 0)) => Step::Used(u32::try_from(line).unwrap_or(0), Talk::Trailer),
        Reading::Done((line, length)) if length <= LONGEST_BODY => {
            let line = u32::try_from(line).unwrap_or(0);
            Step::Used(line.wrapping_add(u32::try_from(length).unwrap_or(0)), Talk::Chunk)
        }
        Reading::Incomplete(needed) => Step::Wait(needed),
        Reading::Done(_) | Reading::NotThis => Step::Turn(Some(Talk::Http)),
    }
}

/// Steps over a line after the last chunk.
pub(super) fn trailer(front: &Front<'_>) -> Step {
    match http::trailer(front.bytes) {
        Reading::Done((line, ended)) => {
            let next = if ended { Talk::Http } else { Talk::Trailer };
            Step::Used(u32::try_from(line).unwrap_or(0), next)
        }
        Reading::Incomplete(needed) => Step::Wait(needed),
        Reading::NotThis => Step::Turn(Some(Talk::Http)),
    }
}

#[cfg(test)]
mod tests {
    use facts::{Frame, Path, Timestamp};

    use super::*;
    use crate::tcp::Flags;
    use crate::tcp::talk::{Stop, read};
    use crate::testing::{Heard, listen};
    use crate::voice::Heading;

    const STREAM: &[u8] =
        b"POST /first HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n\
        18;x=y\r\nGET /never HTTP/1.1\r\n\r\n\r\n1\r\nz\r\n0\r\nChecked: no\r\n\r\n\
        POST /second HTTP/1.1\r\nHost: b.example\r\nContent-Length: 25\r\n\r\n\
        GET /neither HTTP/1.1\r\n\r\n\
        GET http://c.example/third HTTP/1.1\r\nHost: d.example\r\n\r\n";

    /// What is said of a stream that comes in two pieces.
    fn heard(stream: &[u8], cut: usize) -> Vec<Heard> {
        listen(|followed, voice| {
            let (mut seq, mut talk, mut end) = (0_u32, Talk::Unknown, cut);
            loop {
                let from = usize::try_from(seq).unwrap().min(end);
                let front =
                    Front { bytes: &stream[from..end], seq, talk, last: false, known: None };
                match read(front, &segment(), followed, voice) {
                    Stop::Between { next, talk: after, .. }
                    | Stop::Inside { next, talk: after, .. } => {
                        (seq, talk) = (next, after);
                    }
                    Stop::Tunnel(_) | Stop::End(_) => panic!("given up"),
                }
                if std::mem::replace(&mut end, stream.len()) == stream.len() {
                    return;
                }
            }
        })
    }

    fn segment() -> Segment<'static> {
        let (src, dst) = ([10, 1, 4, 23].into(), [203, 0, 113, 7].into());
        let path = Path { src, dst, sport: 50_000, dport: 80 };
        let heading = Heading { at: Timestamp::EPOCH, frame: Frame::default(), path };
        Segment { heading, seq: 0, ack: 0, flags: Flags::default(), hops: 64, payload: &[] }
    }

    #[test]
    fn each_request_is_said_and_no_body_is_read_wherever_the_stream_is_cut() {
        let expected = [
            "http POST /first a.example",
            "http POST /second b.example",
            "http GET http://c.example/third d.example",
            "conflict d.example",
            "http GET http://c.example/third d.example",
        ];
        for cut in 0..=STREAM.len() {
            assert_eq!(heard(STREAM, cut), expected, "cut at {cut}");
        }
    }

    #[test]
    fn any_octet_may_be_bent() {
        for at in 0..STREAM.len() {
            for octet in [0, b'\n', b' ', b'0', b'f', 0xff] {
                let mut bent = STREAM.to_vec();
                bent[at] = octet;
                assert!(heard(&bent, bent.len()).len() <= 7);
            }
        }
    }
}
