//! How a stream shows that it begins with a request.

use super::request::request_line;
use super::split_line;
use crate::reader::Reading;

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

/// Whether a stream begins with a request: with a method and the blank behind it. Fewer
/// octets may begin something else as well, as the banner of SSH does.
pub(crate) fn begins(bytes: &[u8]) -> Reading<()> {
    if !bytes.first().is_none_or(u8::is_ascii_uppercase) {
        return Reading::NotThis;
    }
    let mut begun = Reading::NotThis;
    for method in METHODS {
        match bytes.strip_prefix(method.as_bytes()) {
            Some([b' ', ..]) => return Reading::Done(()),
            None if !method.as_bytes().starts_with(bytes) => {}
            Some([_, ..]) => {}
            Some([]) | None => begun = Reading::Incomplete(bytes.len().saturating_add(1)),
        }
    }
    begun
}

/// Whether a stream begins with a request, as far as its first octets tell.
pub(crate) fn may_start(bytes: &[u8]) -> bool {
    begins(bytes) != Reading::NotThis
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_of_any_method_is_known_by_its_whole_line() {
        assert!(surely_starts(b"GET /") && surely_starts(b"PROPFIND / HTTP/1.1\r\n"));
        assert!(!surely_starts(b"PROPFIND / ") && !surely_starts(b"OPTIONS * RTSP/1.0\r\n"));
        assert!(!surely_starts(b"get / HTTP/1.1\r\n") && !surely_starts(b""));
    }
}
