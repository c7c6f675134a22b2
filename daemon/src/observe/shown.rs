//! How values that name a person or a device are shown: as they are, or veiled.

use std::fmt::Display;
use std::net::IpAddr;

use facts::Mac;
use ring::hmac;
use ring::rand::SystemRandom;
use serde::{Serialize, Serializer};

/// A value as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Veiled<T> {
    /// As it is.
    Plain(T),
    /// A pseudonym of this run.
    Pseudonym(String),
}

impl<T: Display> Serialize for Veiled<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(value) => serializer.collect_str(value),
            Self::Pseudonym(text) => serializer.serialize_str(text),
        }
    }
}

/// How values are shown.
pub enum Show {
    /// As they are: for files.
    Plain,
    /// Under pseudonyms: for anything that is happening now.
    Veiled(Pseudonyms),
}

/// Pseudonyms that hold for one run: the same value has the same one, and nobody can go
/// back from it, nor compare two runs.
pub struct Pseudonyms(hmac::Key);

impl Pseudonyms {
    /// Makes a key for one run.
    ///
    /// # Errors
    /// The system has no random numbers to give.
    pub fn new() -> Result<Self, ring::error::Unspecified> {
        hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).map(Self)
    }

    /// The pseudonym of a value: what kind of thing it is, and 64 bits.
    pub(super) fn of(&self, kind: &str, value: &str) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(kind.as_bytes());
        context.update(&[0]);
        context.update(value.as_bytes());
        let tag = context.sign();
        let digits: String = tag.as_ref().iter().take(8).map(|b| format!("{b:02x}")).collect();
        format!("{kind}-{digits}")
    }
}

impl Show {
    /// The address of a client.
    #[must_use]
    #[inline]
    pub fn client(&self, address: IpAddr) -> Veiled<IpAddr> {
        self.veil("client", address)
    }

    /// The other end of a client's message: a device of the network's own is veiled like a
    /// client, for it may be one.
    #[must_use]
    pub fn server(&self, address: IpAddr) -> Veiled<IpAddr> {
        if self.is_veiled() && is_of_the_network(address) {
            self.client(address)
        } else {
            Veiled::Plain(address)
        }
    }

    /// Whether values are veiled.
    #[must_use]
    pub const fn is_veiled(&self) -> bool {
        matches!(self, Self::Veiled(_))
    }

    /// A link-layer address.
    #[must_use]
    pub fn device(&self, mac: Mac) -> Veiled<Mac> {
        self.veil("device", mac)
    }

    /// A text that names a person or a device.
    #[must_use]
    pub fn text<'a>(&self, kind: &str, text: &'a str) -> Veiled<&'a str> {
        self.veil(kind, text)
    }

    /// The target of a request: veiled, it ends after its first path segment.
    #[must_use]
    pub fn target<'a>(&self, target: &'a str) -> &'a str {
        match self {
            Self::Plain => target,
            Self::Veiled(_) => first_segment(target),
        }
    }

    #[inline]
    fn veil<T: Display>(&self, kind: &str, value: T) -> Veiled<T> {
        match self {
            Self::Plain => Veiled::Plain(value),
            Self::Veiled(pseudonyms) => Veiled::Pseudonym(pseudonyms.of(kind, &value.to_string())),
        }
    }
}

/// Whether an address is of a range that networks use among themselves (RFC 1918, RFC 6598,
/// RFC 3927, RFC 4193, RFC 4291).
fn is_of_the_network(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            let is_shared = first == 100 && (64..128).contains(&second);
            v4.is_private() || v4.is_link_local() || is_shared
        }
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// A target up to its first path segment; where an account stands before the host, which is
/// said of itself, up to that.
fn first_segment(target: &str) -> &str {
    let authority = target.find("://").map_or(0, |at| at + 3);
    let rest = target.get(authority..).unwrap_or_default();
    let (host, path) = rest.split_at(rest.find(['/', '\\', '?', '#', ';']).unwrap_or(rest.len()));
    if host.contains('@') {
        return target.get(..authority).unwrap_or_default();
    }
    let is_path = path.starts_with(['/', '\\']);
    let inside = path.get(usize::from(is_path)..).unwrap_or_default();
    let end = inside.find(['/', '\\', '?', '#', ';']).filter(|_| is_path);
    let end = end.map_or(if is_path { path.len() } else { 0 }, |end| end + 1);
    target.get(..authority + host.len() + end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_the_same_within_a_run_and_in_no_other() {
        let runs = [(); 2].map(|()| Show::Veiled(Pseudonyms::new().expect("random numbers")));
        let address = IpAddr::from([10, 1, 4, 23]);
        assert_eq!(runs[0].client(address), runs[0].client(address));
        assert_ne!(runs[0].client(address), runs[1].client(address));
        assert_ne!(runs[0].text("client", "a"), runs[0].text("user", "a"));
        let shown = serde_json::to_string(&runs[0].client(address)).unwrap();
        assert!(shown.starts_with("\"client-") && !shown.contains("10.1"), "{shown}");
    }

    #[test]
    fn a_veiled_target_ends_after_its_first_segment() {
        for (target, expected) in [
            ("/", "/"),
            ("/search?q=help", "/search"),
            ("/pupils/a.pupil/photo", "/pupils"),
            ("http://www.example/a/b", "http://www.example/a"),
            ("www.example:443", "www.example:443"),
            ("?q=help", ""),
            ("/@kids", "/@kids"),
            ("http://a.pupil:secret@www.example/a/b", "http://"),
            ("a.pupil:secret@www.example:443", ""),
            ("mailto:a.pupil@www.example", ""),
            ("\\pupils\\a.pupil", "\\pupils"),
        ] {
            assert_eq!(first_segment(target), expected);
        }
    }
}
