//! The chunks of a request's body (RFC 9112 section 7.1), and the lines after the last.

use super::split_line;
use crate::reader::Reading;

/// The longest line before a chunk or after the last.
const LONGEST_CHUNK_LINE: usize = 4 * 1024;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
