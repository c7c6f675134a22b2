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
    /// Chunks, or another protocol that both sides change to: where the next request
    /// begins must be found anew.
    Unmeasured,
    /// A tunnel (CONNECT): anything may come, a hello above all.
    Tunnel,
}

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

/// Whether octets certainly begin with one of the four commonest methods: a cheap look for
/// places where nothing is known of what came before.
pub(crate) fn surely_starts(bytes: &[u8]) -> bool {
    [&b"GET "[..], b"POST ", b"HEAD ", b"CONNECT "].iter().any(|start| bytes.starts_with(start))
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
        let mut request =
            Self { method, target, host: None, body: Body::Sized(0), length: stream.len() };
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
        loop {
            let (line, after) = split_line(rest)?;
            rest = after;
            if line.is_empty() {
                return Some(rest);
            }
            let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
            let (name, value) = line.split_at_checked(colon)?;
            let value = value.get(1..)?.trim_ascii();
            if name.eq_ignore_ascii_case(b"host") {
                self.host = self.host.or(Some(value));
            } else if name.eq_ignore_ascii_case(b"content-length") {
                self.sized(value);
            } else if name.eq_ignore_ascii_case(b"transfer-encoding")
                || name.eq_ignore_ascii_case(b"upgrade")
            {
                self.body = Body::Unmeasured;
            }
        }
    }

    fn sized(&mut self, value: &[u8]) {
        let length = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
        if let (Body::Sized(_), Some(length)) = (self.body, length) {
            self.body = Body::Sized(length);
        }
    }
}

/// Parts a line from what follows it; the line's end is LF with or without CR.
fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|b| *b == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest.get(1..)?))
}

/// `METHOD target HTTP/1.x`: the target is all between the first blank and the last.
fn request_line(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.trim_ascii_end();
    let first = line.iter().position(|b| *b == b' ')?;
    let last = line.iter().rposition(|b| *b == b' ')?;
    let version = line.get(last.saturating_add(1)..)?;
    let target = line.get(first.saturating_add(1)..last)?;
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
}
