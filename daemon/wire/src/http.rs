//! HTTP/1 requests in clear (RFC 9112): the request line, the Host, and where the next
//! request begins.

use crate::limits::MOST_HEAD_BYTES;
use crate::reader::Reading;

/// A request's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a [u8],
    /// Exactly as in the request line.
    pub(crate) target: &'a [u8],
    /// The Host header's value without the blanks around it.
    pub(crate) host: Option<&'a [u8]>,
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

/// The longest line before a chunk or after the last.
const LONGEST_CHUNK_LINE: usize = 4 * 1024;

/// Methods that begin a request: the IANA registry, and those of UPnP and of RPC over
/// HTTP. What is made up is not taken for a request.
const METHODS: &[&str] = &[
    "ACL",
    "BASELINE-CONTROL",
    "BCOPY",
    "BDELETE",
    "BIND",
    "BMOVE",
    "BPROPFIND",
    "BPROPPATCH",
    "CCM_POST",
    "CHECKIN",
    "CHECKOUT",
    "CONNECT",
    "COPY",
    "DELETE",
    "GET",
    "HEAD",
    "LABEL",
    "LINK",
    "LOCK",
    "M-SEARCH",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MKREDIRECTREF",
    "MKWORKSPACE",
    "MOVE",
    "NOTIFY",
    "OPTIONS",
    "ORDERPATCH",
    "PATCH",
    "POLL",
    "POST",
    "PROPFIND",
    "PROPPATCH",
    "PUT",
    "QUERY",
    "REBIND",
    "REPORT",
    "RPC_CONNECT",
    "RPC_IN_DATA",
    "RPC_OUT_DATA",
    "SEARCH",
    "SUBSCRIBE",
    "TRACE",
    "UNBIND",
    "UNCHECKOUT",
    "UNLINK",
    "UNLOCK",
    "UNSUBSCRIBE",
    "UPDATE",
    "UPDATEREDIRECTREF",
    "VERSION-CONTROL",
];

/// Whether a stream begins with a request, as far as its first octets tell.
pub(crate) fn may_start(bytes: &[u8]) -> bool {
    METHODS.iter().any(|method| {
        let method = method.as_bytes();
        match bytes.get(..method.len()) {
            Some(start) => start == method && bytes.get(method.len()).is_none_or(|b| *b == b' '),
            None => method.starts_with(bytes),
        }
    })
}

const COMMON: [&[u8]; 4] = [b"GET ", b"POST ", b"HEAD ", b"CONNECT "];

/// Whether octets certainly begin with a request: one of the four commonest methods, or
/// another with its whole request line. For places where nothing is known of what came
/// before.
pub(crate) fn surely_starts(bytes: &[u8]) -> bool {
    if !bytes.first().is_some_and(u8::is_ascii_uppercase) {
        return false;
    }
    COMMON.iter().any(|start| bytes.starts_with(start))
        || (may_start(bytes)
            && split_line(bytes).is_some_and(|(line, _)| request_line(line).is_some()))
}

/// Whether octets are too few to tell whether they begin one of the commonest, and may.
pub(crate) fn surely_may_start(bytes: &[u8]) -> bool {
    COMMON.iter().any(|start| bytes.len() < start.len() && start.starts_with(bytes))
}

/// Takes the line before a chunk's octets: how many octets the line has, and how many the
/// chunk; no octets end the body.
pub(crate) fn chunk(stream: &[u8]) -> Reading<(usize, u64)> {
    // The line end after the chunk before is read as a blank line here.
    let blank = stream.iter().take_while(|b| matches!(b, b'\r' | b'\n')).take(2).count();
    let bytes = stream.get(blank..).unwrap_or_default();
    let Some((line, rest)) = split_line(bytes) else {
        return if bytes.len() > LONGEST_CHUNK_LINE {
            Reading::NotThis
        } else {
            Reading::Incomplete(stream.len().saturating_add(1))
        };
    };
    let digits = line.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    let ended = line.get(digits).is_none_or(|b| matches!(b, b';' | b' ' | b'\t'));
    let length = line
        .get(..digits)
        .filter(|_| ended)
        .and_then(|digits| std::str::from_utf8(digits).ok())
        .and_then(|digits| u64::from_str_radix(digits, 16).ok());
    match length {
        Some(length) => Reading::Done((stream.len().saturating_sub(rest.len()), length)),
        None => Reading::NotThis,
    }
}

/// Takes a line of the trailer after the last chunk: its octets, and whether it was the
/// empty one that ends the request.
pub(crate) fn trailer(stream: &[u8]) -> Reading<(usize, bool)> {
    match split_line(stream) {
        Some((line, rest)) => {
            let used = stream.len().saturating_sub(rest.len());
            let name = line.iter().position(|b| matches!(b, b':' | b' '));
            let is_header = name.is_some_and(|at| line.get(at) == Some(&b':'));
            if line.is_empty() || is_header {
                Reading::Done((used, line.is_empty()))
            } else {
                Reading::NotThis
            }
        }
        None if stream.len() > LONGEST_CHUNK_LINE => Reading::NotThis,
        None => Reading::Incomplete(stream.len().saturating_add(1)),
    }
}

impl<'a> Request<'a> {
    /// Reads a request at the beginning of `stream`. With `last`, no more octets will
    /// come: what is there of the headers is all.
    pub(crate) fn read(stream: &'a [u8], last: bool) -> Reading<Self> {
        // Blank lines before a request are allowed (RFC 9112 section 2.2).
        let blank = stream.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        let bytes = stream.get(blank..).unwrap_or_default();
        if !may_start(bytes) {
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
        let mut request = Self { method, target, host, authorization, body, length: stream.len() };
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
        let scheme = self.target.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        let after = self.target.get(scheme..).and_then(|rest| rest.strip_prefix(b"://"));
        match after.filter(|_| scheme > 0) {
            Some(after) => {
                let end = after.iter().position(|b| matches!(b, b'/' | b'?' | b'#'));
                let authority = after.get(..end.unwrap_or(after.len()))?;
                let user = authority.iter().rposition(|b| *b == b'@');
                let host = authority.get(user.map_or(0, |at| at.saturating_add(1))..)?;
                bare_host(host)
            }
            None => bare_host(self.host?),
        }
    }

    /// Reads header lines and gives back what follows the empty line that ends them.
    fn read_headers(&mut self, mut rest: &'a [u8]) -> Option<&'a [u8]> {
        let mut encoding = false;
        let mut sizes = 0_u8;
        loop {
            let (line, after) = split_line(rest)?;
            rest = after;
            if line.is_empty() {
                return Some(rest);
            }
            // A value may go on in the next line (RFC 9112 section 5.2).
            if line.starts_with(b" ") || line.starts_with(b"\t") {
                if encoding {
                    self.encoded(line);
                }
                continue;
            }
            encoding = false;
            let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
            let (name, value) = line.split_at_checked(colon)?;
            let value = value.get(1..)?.trim_ascii();
            if name.eq_ignore_ascii_case(b"host") {
                self.host = self.host.or(Some(value));
            } else if name.eq_ignore_ascii_case(b"content-length") {
                self.sized(value, sizes > 0);
                sizes = sizes.saturating_add(1);
            } else if name.trim_ascii_end().eq_ignore_ascii_case(b"transfer-encoding") {
                encoding = true;
                self.encoded(value);
            } else if name.eq_ignore_ascii_case(b"authorization")
                || name.eq_ignore_ascii_case(b"proxy-authorization")
            {
                self.authorization = Some(value);
            }
        }
    }

    /// Takes a Content-Length. Two that differ measure nothing; chunks go before it.
    fn sized(&mut self, value: &[u8], again: bool) {
        let length = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
        self.body = match (self.body, length) {
            (Body::Sized(first), Some(length)) if !again || first == length => Body::Sized(length),
            (Body::Sized(_), Some(_)) => Body::Unmeasured,
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

/// Parts a line from what follows it; the line's end is LF with or without CR.
fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|b| *b == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest.get(1..)?))
}

/// `METHOD target HTTP/1.x`: the target is what stands between the first blank and the last.
fn request_line(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.trim_ascii_end();
    let first = line.iter().position(|b| *b == b' ')?;
    let last = line.iter().rposition(|b| *b == b' ')?;
    let version = line.get(last.saturating_add(1)..)?;
    // Blanks around the target belong to no part of the line (RFC 9112 section 3).
    let target = line.get(first.saturating_add(1)..last)?.trim_ascii();
    version.starts_with(b"HTTP/1.").then_some(())?;
    Some((line.get(..first)?, target))
}

fn bare_host(host: &[u8]) -> Option<&[u8]> {
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
    fn other_protocols_in_text_are_not_requests() {
        for other in [
            "OPTIONS sip:a SIP/2.0\r\n\r\n",
            "GETTING on\r\n",
            "MAIL FROM:<a>\r\n",
            "GET /\r\n\r\n",
        ] {
            assert_eq!(Request::read(other.as_bytes(), true), Reading::NotThis, "{other}");
        }
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
            ("Content-Length: -7", Body::Sized(0)),
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

    #[test]
    fn chunks_and_trailers_are_stepped_over() {
        assert_eq!(chunk(b"1f;a=b\r\nxx"), Reading::Done((8, 31)));
        assert_eq!(chunk(b"\r\n0\r\n"), Reading::Done((5, 0)));
        assert_eq!(chunk(b"\r\n1"), Reading::Incomplete(4));
        for other in [&b"\r\n\r\n\r\n"[..], b"-1\r\n", b"GET /\r\n", b"ffffffffffffffffff\r\n"] {
            assert_eq!(chunk(other), Reading::NotThis);
        }
        assert_eq!(chunk(&[b'1'; LONGEST_CHUNK_LINE + 1]), Reading::NotThis);
        assert_eq!(trailer(b"X: y\r\nz"), Reading::Done((6, false)));
        assert_eq!(trailer(b"\r\nGET / HTTP/1.1\r\n"), Reading::Done((2, true)));
        assert_eq!(trailer(b"GET http://a.example/ HTTP/1.1\r\n"), Reading::NotThis);
        assert_eq!(trailer(b"X: y"), Reading::Incomplete(5));
        for end in 0..16 {
            let _ =
                (chunk(&b"\r\n0000000f ; a\r\n"[..end]), trailer(&b"\r\nX: y\r\nGET / H"[..end]));
        }
    }

    #[test]
    fn a_request_of_any_method_is_known_by_its_whole_line() {
        assert!(surely_starts(b"GET /") && surely_starts(b"PROPFIND / HTTP/1.1\r\n"));
        assert!(!surely_starts(b"PROPFIND / ") && !surely_starts(b"OPTIONS * RTSP/1.0\r\n"));
        assert!(!surely_starts(b"get / HTTP/1.1\r\n") && !surely_starts(b""));
    }
}
