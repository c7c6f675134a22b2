//! HTTP/1 requests in clear (RFC 9112): the request line, the Host, and where the next
//! request begins.

mod chunks;
mod methods;
mod request;

pub(crate) use chunks::{chunk, trailer};
pub(crate) use methods::{begins, begins_known, may_start, surely_may_start, surely_starts};
pub(crate) use request::{Body, Request, bare_host};

/// Parts a line from what follows it; the line's end is LF with or without CR.
fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|b| *b == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest.get(1..)?))
}

/// Whether the empty line that ends a head stands somewhere in these octets.
pub(crate) fn ends_head(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|b| *b == b'\n').skip(1);
    // What stands behind the last line end is no line yet.
    let before_last = bytes.iter().filter(|b| **b == b'\n').count().saturating_sub(1);
    lines.by_ref().take(before_last).any(|line| matches!(line, [] | [b'\r']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_at_its_first_empty_line() {
        for ended in [&b"\r\n\r\n"[..], b"\n\n", b"a\r\n\n", b"a\n\r\nGET"] {
            assert!(ends_head(ended), "{ended:?}");
        }
        for open in [&b""[..], b"\r\n", b"\r\n\r", b"a\r\nb\r\n", b"\n \n", b"\r\n\rx\n"] {
            assert!(!ends_head(open), "{open:?}");
        }
    }
}
