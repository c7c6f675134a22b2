//! SSH (RFC 4253 section 4.2): the client's stream begins with its version in clear.

use crate::reader::Reading;

/// The port of its servers.
pub(crate) const PORT: u16 = 22;

pub(super) const NAME: &str = "ssh";
/// Version 2, a server or client of both versions, and what is left of version 1.
const BANNERS: [&[u8]; 4] = [b"SSH-2.0-", b"SSH-1.99-", b"SSH-1.5-", b"SSH-1.3-"];

/// Whether a stream begins with the banner of SSH.
pub(super) fn banner(stream: &[u8]) -> Reading<()> {
    let longest = BANNERS.iter().map(|banner| banner.len()).max().unwrap_or(0);
    if BANNERS.iter().any(|banner| stream.starts_with(banner)) {
        Reading::Done(())
    } else if BANNERS.iter().any(|banner| banner.starts_with(stream)) {
        Reading::Incomplete(stream.len().saturating_add(1).min(longest))
    } else {
        Reading::NotThis
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_banner_is_known_once_its_version_is_whole() {
        let line = b"SSH-2.0-OpenSSH_9.9\r\n";
        for end in 1..8 {
            assert_eq!(banner(&line[..end]), Reading::Incomplete(end + 1));
        }
        for end in 8..=line.len() {
            assert_eq!(banner(&line[..end]), Reading::Done(()));
        }
        assert_eq!(banner(b"SSH-1.99-x"), Reading::Done(()));
    }

    #[test]
    fn other_text_is_no_banner() {
        for other in [&b"ssh-2.0-x"[..], b"SSH is how", b"SSH-3.0-x", b"GET SSH-2.0-"] {
            assert_eq!(banner(other), Reading::NotThis);
        }
    }
}
