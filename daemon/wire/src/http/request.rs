//! The head of an HTTP/1 request: the request line, its hosts, and what follows it.

use super::{begins, split_line};
use crate::limits::MOST_HEAD_BYTES;
use crate::reader::Reading;

/// A request's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a [u8],
    /// Exactly as in the request line.
    pub(crate) target: &'a [u8],
    /// The value of the first Host header without the blanks around it.
    pub(crate) host: Option<&'a [u8]>,
    /// The values of a second and of the last: which of several counts is up to the server.
    more_hosts: [Option<&'a [u8]>; 2],
    /// The credentials that the request carries, as they stood.
    pub(crate) authorization: Option<&'a [u8]>,
    /// What follows the head.
    pub(crate) body: Body,
    /// The head's length in octets.
    pub(crate) length: usize,
}

/// What follows a request's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// This many octets, then the next request.
    Sized(u64),
    /// Chunks, each behind its own length (RFC 9112 section 7.1), then the next request.
    Chunked,
    /// Something whose length two readers may see differently: where the next request
    /// begins must be found anew.
    Unmeasured,
    /// A tunnel (CONNECT): anything may come, a hello above all.
    Tunnel,
}

/// What the header before a line was, where the line may go on with it.
#[derive(Clone, Copy)]
enum Header {
    EmptyHost,
    Encoding,
    Other,
}

impl<'a> Request<'a> {
    /// Reads a request at the beginning of `stream`. With `last`, no more octets will
    /// come: what is there of the headers is all.
    pub(crate) fn read(stream: &'a [u8], last: bool) -> Reading<Self> {
        // Blank lines before a request are allowed (RFC 9112 section 2.2).
        let blank = stream.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        let bytes = stream.get(blank..).unwrap_or_default();
        if begins(bytes) == Reading::NotThis {
            return Reading::NotThis;
        }
        let more = Reading::Incomplete(stream.len().saturating_add(1));
        let last = last || stream.len() >= MOST_HEAD_BYTES;
        let Some((line, headers)) = split_line(bytes) else {
            return if last { Reading::NotThis } else { more };
        };
        let Some((method, target)) = request_line(line) else {
            return Reading::NotThis;
        };
        let (host, authorization, body) = (None, None, Body::Sized(0));
        let (more_hosts, length) = ([None; 2], stream.len());
        let mut request = Self { method, target, host, more_hosts, authorization, body, length };
        let ended = request.read_headers(headers);
        match ended {
            Some(rest) => request.length = stream.len().saturating_sub(rest.len()),
            None if last => {}
            None => return more,
        }
        if method == b"CONNECT" {
            request.body = Body::Tunnel;
        }
        Reading::Done(request)
    }

    /// The host that the request is for: that of an absolute target, which goes before the
    /// Host header (RFC 9112 section 3.2.2), else of the Host header. The port is left off.
    pub(crate) fn host_name(&self) -> Option<&'a [u8]> {
        if self.method == b"CONNECT" {
            return bare_host(self.host.unwrap_or(self.target));
        }
        match self.authority() {
            Some(authority) => bare_host(authority),
            None => bare_host(self.host?),
        }
    }

    /// Hosts that another server would take for the same request: of several Host headers or
    /// of a target that names another one, RFC 9112 section 3.2 wants a refusal, and many
    /// servers take the first, the last or the target's. Each as it stood.
    pub(crate) fn other_hosts(&self) -> impl Iterator<Item = &'a [u8]> {
        let named = if self.method == b"CONNECT" { Some(self.target) } else { self.authority() };
        let [second, last] = self.more_hosts;
        let mut taken = [self.host_name(), None, None, None];
        let mut count = 1_usize;
        [named, self.host, second, last].into_iter().flatten().filter(move |host| {
            let Some(bare) = bare_host(host).filter(|host| is_host(host)) else { return false };
            let bare = bare.strip_suffix(b".").unwrap_or(bare);
            let is = |one: &[u8]| one.strip_suffix(b".").unwrap_or(one).eq_ignore_ascii_case(bare);
            let known = taken.iter().flatten().any(|one| is(one));
            if let Some(place) = taken.get_mut(count).filter(|_| !known) {
                *place = Some(bare);
                count = count.saturating_add(1);
            }
            !known
        })
    }

    /// The host and port of an absolute target.
    fn authority(&self) -> Option<&'a [u8]> {
        let scheme = self.target.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        let after = self.target.get(scheme..).and_then(|rest| rest.strip_prefix(b"://"));
        let after = after.filter(|_| scheme > 0)?;
        let end = after.iter().position(|b| matches!(b, b'/' | b'?' | b'#'));
        let authority = after.get(..end.unwrap_or(after.len()))?;
        let user = authority.iter().rposition(|b| *b == b'@');
        authority.get(user.map_or(0, |at| at.saturating_add(1))..)
    }

    /// Reads header lines and gives back what follows the empty line that ends them.
    fn read_headers(&mut self, mut rest: &'a [u8]) -> Option<&'a [u8]> {
        let mut before = Header::Other;
        let mut sizes = 0_u8;
        loop {
            let (line, after) = split_line(rest)?;
            rest = after;
            if line.is_empty() {
                return Some(rest);
            }
            // A value may go on in the next line (RFC 9112 section 5.2).
            if line.starts_with(b" ") || line.starts_with(b"\t") {
                match before {
                    Header::Encoding => self.encoded(line),
                    Header::EmptyHost => self.hosted(line.trim_ascii()),
                    Header::Other => {}
                }
                continue;
            }
            before = Header::Other;
            let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
            let (name, value) = line.split_at_checked(colon)?;
            let (name, value) = (name.trim_ascii_end(), value.get(1..)?.trim_ascii());
            if name.eq_ignore_ascii_case(b"host") {
                before = if value.is_empty() { Header::EmptyHost } else { Header::Other };
                self.hosted(value);
            } else if name.eq_ignore_ascii_case(b"content-length") {
                self.sized(value, sizes > 0);
                sizes = sizes.saturating_add(1);
            } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
                before = Header::Encoding;
                self.encoded(value);
            } else if name.eq_ignore_ascii_case(b"authorization")
                || name.eq_ignore_ascii_case(b"proxy-authorization")
            {
                self.authorization = Some(value);
            }
        }
    }

    /// Takes a Host. An empty one makes room for what stands in its next line.
    fn hosted(&mut self, value: &'a [u8]) {
        match (self.host, &mut self.more_hosts) {
            (None | Some([]), _) => self.host = Some(value),
            (Some(_), [second @ None, _]) => *second = Some(value),
            (Some(_), [_, last]) => *last = Some(value),
        }
    }

    /// Takes a Content-Length, which may be a list of one number (RFC 9112 section 6.3). A
    /// sign before the number is wrong, and read over by many. Numbers that differ, and what
    /// is none, measure nothing; chunks go before it.
    fn sized(&mut self, value: &[u8], again: bool) {
        let number = |text: &[u8]| {
            let text = text.trim_ascii();
            let text = text.strip_prefix(b"+").unwrap_or(text);
            let plain = text.first().is_some_and(u8::is_ascii_digit);
            std::str::from_utf8(text).ok().filter(|_| plain).and_then(|text| text.parse().ok())
        };
        let mut numbers = value.split(|b| *b == b',').map(number);
        let first: Option<u64> = numbers.next().flatten();
        let length = first.filter(|_| numbers.all(|number| number == first));
        self.body = match (self.body, length) {
            (Body::Sized(first), Some(length)) if !again || first == length => Body::Sized(length),
            (Body::Sized(_), _) => Body::Unmeasured,
            (body, _) => body,
        };
    }

    /// Takes a Transfer-Encoding, or a further line of one.
    fn encoded(&mut self, value: &[u8]) {
        let is = |coding: &[u8], name: &[u8]| coding.trim_ascii().eq_ignore_ascii_case(name);
        let mut codings = value.split(|b| *b == b',');
        if codings.any(|coding| is(coding, b"chunked")) {
            self.body = Body::Chunked;
        } else if self.body != Body::Chunked && !is(value, b"identity") && !is(value, b"") {
            self.body = Body::Unmeasured;
        }
    }
}

/// `METHOD target HTTP/1.x`: the target is what stands between the first blank and the last.
pub(super) fn request_line(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.trim_ascii_end();
    let first = line.iter().position(|b| *b == b' ')?;
    let last = line.iter().rposition(|b| *b == b' ')?;
    let version = line.get(last.saturating_add(1)..)?;
    // Blanks around the target belong to no part of the line (RFC 9112 section 3).
    let target = line.get(first.saturating_add(1)..last)?.trim_ascii();
    version.starts_with(b"HTTP/1.").then_some(())?;
    Some((line.get(..first)?, target))
}

/// Whether this may be a host: no path, and something that can be seen.
fn is_host(bare: &[u8]) -> bool {
    bare.iter().any(u8::is_ascii_alphanumeric) && !bare.contains(&b'/')
}

/// A host without its port; none for an address in brackets.
pub(crate) fn bare_host(host: &[u8]) -> Option<&[u8]> {
    if host.starts_with(b"[") {
        return None;
    }
    let end = host.iter().position(|b| *b == b':').unwrap_or(host.len());
    host.get(..end).filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] =
        b"POST /a?b=c HTTP/1.1\r\nHost: www.example:80 \r\nContent-Length: 4\r\n\r\nbody";

    fn host(text: &str) -> Option<String> {
        let Reading::Done(request) = Request::read(text.as_bytes(), true) else { return None };
        request.host_name().map(|h| String::from_utf8_lossy(h).into_owned())
    }

    #[test]
    fn a_request_gives_its_parts() {
        let Reading::Done(request) = Request::read(WHOLE, false) else { panic!("not read") };
        assert_eq!(request.method, b"POST");
        assert_eq!(request.target, b"/a?b=c");
        assert_eq!(request.host, Some(&b"www.example:80"[..]));
        assert_eq!(request.host_name(), Some(&b"www.example"[..]));
        assert_eq!((request.body, request.length), (Body::Sized(4), WHOLE.len() - 4));
    }

    #[test]
    fn every_prefix_waits_and_the_last_gives_what_it_has() {
        let head = WHOLE.len() - 4;
        for end in 0..head {
            assert_eq!(Request::read(&WHOLE[..end], false), Reading::Incomplete(end + 1));
            let line = end > b"POST /a?b=c HTTP/1.1\r".len();
            assert_eq!(matches!(Request::read(&WHOLE[..end], true), Reading::Done(_)), line);
        }
    }

    #[test]
    fn any_octet_may_be_bent() {
        for at in 0..WHOLE.len() {
            for octet in 0..=255 {
                let mut bent = WHOLE.to_vec();
                bent[at] = octet;
                if let Reading::Done(request) = Request::read(&bent, true) {
                    assert!(request.length <= bent.len());
                    let _ = request.host_name();
                }
            }
        }
    }

    #[test]
    fn the_host_is_the_one_that_the_server_would_take() {
        assert_eq!(host("GET / HTTP/1.1\nhost:a.example\n\n").as_deref(), Some("a.example"));
        let absolute = "GET http://u:p@b.example:8080/x HTTP/1.1\r\nHost: a.example\r\n\r\n";
        assert_eq!(host(absolute).as_deref(), Some("b.example"));
        assert_eq!(host("CONNECT c.example:443 HTTP/1.1\r\n\r\n").as_deref(), Some("c.example"));
        assert_eq!(host("GET / HTTP/1.1\r\nHost: [2001:db8::1]\r\n\r\n"), None);
        assert_eq!(host("GET /?u=http://d.example HTTP/1.0\r\n\r\n"), None, "only a parameter");
    }

    #[test]
    fn every_host_that_some_server_would_take_is_known() {
        let hosts = |text: &str| -> Vec<String> {
            let Reading::Done(request) = Request::read(text.as_bytes(), true) else {
                return vec![];
            };
            let first = request.host_name().into_iter();
            let all = first.chain(request.other_hosts());
            all.map(|host| String::from_utf8_lossy(host).into_owned()).collect()
        };
        for (head, expected) in [
            ("GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n", &["a", "b"][..]),
            ("GET / HTTP/1.1\r\nHost: a.example\r\nHost: A.example.\r\n\r\n", &["a"]),
            ("GET / HTTP/1.1\r\nHost:\r\n a.example\r\n\r\n", &["a"]),
            ("GET / HTTP/1.1\r\nHost : a.example\r\n\r\n", &["a"]),
            ("GET http://a.example/ HTTP/1.1\r\nHost: b.example\r\n\r\n", &["a", "b"]),
            ("GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n", &["a"]),
            ("CONNECT a.example:443 HTTP/1.1\r\nHost: b.example\r\n\r\n", &["b", "a"]),
            ("CONNECT / HTTP/1.1\r\nHost: b.example\r\n\r\n", &["b"]),
        ] {
            let bare = |host: &String| host.split('.').next().map(str::to_owned);
            let heard: Vec<_> = hosts(head).iter().filter_map(bare).collect();
            assert_eq!(heard, expected, "{head}");
        }
        let many: String = (0..40).map(|n| format!("Host: h{n}.example\r\n")).collect();
        let heard = hosts(&format!("GET http://t.example/ HTTP/1.1\r\n{many}\r\n"));
        assert_eq!(heard, ["t.example", "h0.example", "h1.example", "h39.example"]);
    }

    #[test]
    fn other_protocols_in_text_are_not_requests() {
        for other in [
            "OPTIONS sip:a SIP/2.0\r\n\r\n",
            "GETTING on\r\n",
            "MAIL FROM:<a>\r\n",
            "GET /\r\n\r\n",
        ] {
            assert_eq!(Request::read(other.as_bytes(), true), Reading::NotThis, "{other}");
        }
        use super::super::may_start;
        assert!(may_start(b"G") && may_start(b"GET") && may_start(b"GET ") && !may_start(b"GETX"));
    }

    #[test]
    fn a_head_without_end_is_read_at_the_limit() {
        let endless =
            [b"GET / HTTP/1.1\r\nHost: a.example\r\nX: ".to_vec(), vec![b'x'; MOST_HEAD_BYTES]];
        assert!(matches!(Request::read(&endless.concat(), false), Reading::Done(_)));
    }

    #[test]
    fn a_body_is_measured_as_its_receiver_would() {
        let body = |headers: &str| {
            let text = format!("POST / HTTP/1.1\r\n{headers}\r\n\r\n");
            match Request::read(text.as_bytes(), false) {
                Reading::Done(request) => request.body,
                other => panic!("{other:?}"),
            }
        };
        for (headers, expected) in [
            ("Host: a", Body::Sized(0)),
            ("Content-Length: 7\r\nContent-Length: 7", Body::Sized(7)),
            ("Content-Length: 7\r\nContent-Length: 8", Body::Unmeasured),
            ("Content-Length: -7", Body::Unmeasured),
            ("Content-Length: +7", Body::Sized(7)),
            ("Content-Length: 7, 7", Body::Sized(7)),
            ("Content-Length: 7, 8", Body::Unmeasured),
            ("Content-Length: ++7", Body::Unmeasured),
            ("Content-Length: 7\r\nTransfer-Encoding: chunked", Body::Chunked),
            ("Transfer-Encoding: chunked\r\nContent-Length: 7", Body::Chunked),
            ("Transfer-Encoding: Chunked, identity", Body::Chunked),
            ("Transfer-Encoding:\r\n chunked", Body::Chunked),
            ("Transfer-Encoding : gzip", Body::Unmeasured),
            ("Transfer-Encoding: identity\r\nContent-Length: 7", Body::Sized(7)),
            ("Upgrade: h2c\r\nContent-Length: 7", Body::Sized(7)),
        ] {
            assert_eq!(body(headers), expected, "{headers}");
        }
    }
}
