//! HTTP/1 requests in clear (RFC 9112): the request line, the Host, and where the next
//! request begins.

mod chunks;
mod methods;
mod request;

pub(crate) use chunks::{chunk, trailer};
pub(crate) use methods::{may_start, surely_may_start, surely_starts};
pub(crate) use request::{Body, Request, bare_host};

/// Parts a line from what follows it; the line's end is LF with or without CR.
fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|b| *b == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest.get(1..)?))
}
