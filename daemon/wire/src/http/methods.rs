//! How a stream shows that it begins with a request.

use super::request::request_line;
use super::split_line;
use crate::reader::Reading;

/// Methods that begin a request: the IANA registry, and those of UPnP and of RPC over
/// HTTP. One that is made up needs its whole line.
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

/// No known method is shorter.
const SHORTEST: usize = 3;
/// A method that is made up is no longer than this.
const LONGEST_METHOD: usize = 32;
/// Nor is its line waited for any longer: each piece is read from the beginning.
const LONGEST_LINE: usize = 2_048;

/// Whether a stream begins with a request: with a known method and the blank behind it, or
/// with a whole request line, for many servers answer to any method. Fewer octets may begin
/// something else as well, as the banner of SSH does.
pub(crate) fn begins(bytes: &[u8]) -> Reading<()> {
    match begins_known(bytes) {
        Reading::NotThis => begins_any(bytes),
        known => known,
    }
}

/// The same for a known method alone.
pub(crate) fn begins_known(bytes: &[u8]) -> Reading<()> {
    // Sealed octets look like a capital letter often, like three of a method's seldom.
    let is_of_method = |octet: &u8| octet.is_ascii_uppercase() || matches!(octet, b'-' | b'_');
    if !bytes.iter().take(SHORTEST).all(is_of_method) {
        return Reading::NotThis;
    }
    let mut begun = Reading::NotThis;
    for method in METHODS {
        match bytes.strip_prefix(method.as_bytes()) {
            Some([b' ', ..]) => return Reading::Done(()),
            Some([_, ..]) => {}
            None if !method.as_bytes().starts_with(bytes) => {}
            Some([]) | None => begun = Reading::Incomplete(bytes.len().saturating_add(1)),
        }
    }
    begun
}

/// Whether a stream begins with a request line, whatever its method (a token of RFC 9110
/// section 5.6.2).
fn begins_any(bytes: &[u8]) -> Reading<()> {
    if !bytes.first().is_none_or(u8::is_ascii_alphabetic) {
        return Reading::NotThis;
    }
    let is_token = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
    let method = bytes.iter().take_while(|b| is_token(b)).count();
    let ends = bytes.get(method).is_none_or(|b| *b == b' ');
    let (line, is_whole) = match split_line(bytes) {
        Some((line, _)) => (line, true),
        None => (bytes.strip_suffix(b"\r").unwrap_or(bytes), false),
    };
    if method > LONGEST_METHOD || !ends || line.iter().any(u8::is_ascii_control) {
        return Reading::NotThis;
    }
    match is_whole {
        true if request_line(line).is_some() => Reading::Done(()),
        false if bytes.len() < LONGEST_LINE => Reading::Incomplete(bytes.len().saturating_add(1)),
        _ => Reading::NotThis,
    }
}

/// Whether a stream begins with a known method, as far as its first octets tell.
pub(crate) fn may_start(bytes: &[u8]) -> bool {
    begins_known(bytes) != Reading::NotThis
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

/// Whether octets are too few to tell whether they certainly begin a request, and may.
pub(crate) fn surely_may_start(bytes: &[u8]) -> bool {
    let is_short = || bytes.len() < LONGEST_LINE && !bytes.contains(&b'\n');
    match bytes.first() {
        Some(octet) if octet.is_ascii_uppercase() => {
            !surely_starts(bytes) && may_start(bytes) && is_short()
        }
        first => first.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_begins_a_request_and_none_is_as_short_as_two_letters() {
        for method in METHODS {
            assert!(method.len() >= SHORTEST, "{method}");
            assert_eq!(begins(format!("{method} /").as_bytes()), Reading::Done(()), "{method}");
            for end in 0..=method.len() {
                let start = method.as_bytes().get(..end).unwrap();
                assert_ne!(begins(start), Reading::NotThis, "{method}, {end} octets");
            }
        }
    }

    #[test]
    fn a_request_of_any_method_is_known_by_its_whole_line() {
        assert!(surely_starts(b"GET /") && surely_starts(b"PROPFIND / HTTP/1.1\r\n"));
        assert!(!surely_starts(b"PROPFIND / ") && !surely_starts(b"OPTIONS * RTSP/1.0\r\n"));
        assert!(!surely_starts(b"get / HTTP/1.1\r\n") && !surely_starts(b""));
    }

    #[test]
    fn a_made_up_method_begins_a_request_with_its_whole_line_and_no_other_line_does() {
        for line in [&b"JEFF /a HTTP/1.1\r\n"[..], b"get / HTTP/1.0\n", b"x-1 http://a/ HTTP/1.1\n"]
        {
            assert_eq!(begins(line), Reading::Done(()));
            for end in 0..line.len() {
                assert_eq!(begins(&line[..end]), Reading::Incomplete(end + 1), "{end}");
            }
        }
        for other in [
            &b"JEFF /a\r\n"[..],
            b"EHLO pc.example\r\n",
            b"DESCRIBE rtsp://a/b RTSP/1.0\r\n",
            b"JE\x16\x03\x01",
            b"JEFF /\x16 HTTP/1.1\r\n",
            b" / HTTP/1.1\r\n",
            b"[JEFF] / HTTP/1.1\r\n",
            b"PRI * HTTP/2.0\r\n",
            &[b'a'; 40],
        ] {
            assert_eq!(begins(other), Reading::NotThis, "{other:?}");
        }
    }
}
