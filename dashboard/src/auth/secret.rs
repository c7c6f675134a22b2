//! Random secrets and their written form.

use ring::rand::{SecureRandom, SystemRandom};

/// 256 random bits, shown to nobody but the browser that holds them.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

/// The system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandomness;

impl Secret {
    /// Draws a new one.
    ///
    /// # Errors
    /// Says that the system gives no random numbers.
    pub fn draw() -> Result<Self, NoRandomness> {
        random_bytes().map(Self)
    }

    /// Reads 64 hexadecimal digits, as a cookie holds them.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let mut digits = text.chars().map(|c| c.to_digit(16));
        for byte in &mut bytes {
            let (high, low) = (digits.next()??, digits.next()??);
            *byte = u8::try_from(high * 16 + low).ok()?;
        }
        digits.next().is_none().then_some(Self(bytes))
    }

    /// 64 hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex(&self.0)
    }

    /// What is kept in its place: whoever reads the memory of hashes has no session.
    pub(crate) fn digest(&self) -> [u8; 32] {
        sha256(&self.0)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// 128 random bits, for ids.
pub(crate) fn random_number() -> Result<u128, NoRandomness> {
    random_bytes().map(u128::from_be_bytes)
}

pub(super) fn random_bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    let mut out = [0; 32];
    out.copy_from_slice(digest.as_ref());
    out
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_reads_back_and_nothing_else_does() {
        let secret = Secret::draw().unwrap();
        assert_eq!(Secret::from_hex(&secret.to_hex()), Some(secret.clone()));
        let good = secret.to_hex();
        for bad in ["", &good[1..], &format!("{good}0"), &good.replacen(&good[..1], "x", 1), "é"] {
            assert_eq!(Secret::from_hex(bad), None, "{bad}");
        }
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }
}
