//! Passwords: what is accepted, how they are hashed, and how many at once.

use std::sync::{Arc, OnceLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, Params, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

/// The fewest characters of a password.
const SHORTEST: usize = 12;
/// The most bytes that are hashed.
const LONGEST: usize = 1024;
/// How many hashes are worked out at once: two of 64 MiB each leave the daemon its memory.
const AT_ONCE: usize = 2;
/// How many may wait for their turn; one more is told to come back.
const WAITING: usize = 16;
/// The dearest hash that is checked, in KiB and passes. A line that asks for more was not
/// written by this program.
const DEAREST: Cost = Cost { memory_kib: 64 * 1024, passes: 4 };

/// What one hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    memory_kib: u32,
    passes: u32,
}

impl Cost {
    /// 64 MiB and three passes: what new passwords get.
    pub const FULL: Self = Self { memory_kib: 64 * 1024, passes: 3 };
    /// 19 MiB and two passes: the least that OWASP's password storage sheet accepts.
    pub const FLOOR: Self = Self { memory_kib: 19 * 1024, passes: 2 };
}

/// Why a password was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Too short.
    #[error("the password has fewer than 12 characters; three or four words in a row do well")]
    Short,
    /// Too long.
    #[error("the password is longer than 1024 bytes")]
    Long,
    /// Nearly one character, or the person's own word.
    #[error("the password is too easy to guess; three or four words in a row do well")]
    Easy,
    /// Hashing failed.
    #[error("the password could not be hashed on this machine")]
    Hash,
}

/// Says whether a password may be used by the person called `person`.
///
/// # Errors
/// Names what is wrong with it.
pub fn judge_password(password: &str, person: &str) -> Result<(), PasswordFault> {
    if password.chars().count() < SHORTEST {
        return Err(PasswordFault::Short);
    }
    if password.len() > LONGEST {
        return Err(PasswordFault::Long);
    }
    let mut different: Vec<char> = password.to_lowercase().chars().collect();
    different.sort_unstable();
    different.dedup();
    let rest = password.to_lowercase().replace(&person.to_lowercase(), "");
    if different.len() < 5 || rest.chars().count() < SHORTEST / 2 {
        return Err(PasswordFault::Easy);
    }
    Ok(())
}

/// Hashes a password with argon2id and a salt of its own; the text is a PHC string.
///
/// # Errors
/// Says that hashing failed, for want of memory or of random numbers.
pub fn hash_password(password: &str, cost: Cost) -> Result<String, PasswordFault> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, None);
    let hashed = Argon2::from(params.map_err(|_| PasswordFault::Hash)?)
        .hash_password(password.as_bytes())
        .map_err(|_| PasswordFault::Hash)?;
    Ok(hashed.to_string())
}

/// Whether the password is the one behind the hash. A hash that can not be read, or that
/// asks for more than this program writes, fits no password.
fn fits(password: &str, hash: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(hash) else { return false };
    let Ok(params) = Params::try_from(&parsed) else { return false };
    let dear = params.m_cost() > DEAREST.memory_kib || params.t_cost() > DEAREST.passes;
    if dear || params.p_cost() != 1 || password.len() > LONGEST {
        return false;
    }
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok()
}

/// Checks passwords off the request threads, two at once.
#[derive(Clone, Debug)]
pub struct Hashing {
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    decoy: Arc<OnceLock<String>>,
    cost: Cost,
}

/// More sign-ins wait for their turn than this machine takes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooBusy;

impl Hashing {
    /// `cost` is that of the hash checked where the account is unknown.
    #[must_use]
    pub fn new(cost: Cost) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            queue: Arc::new(Semaphore::new(WAITING)),
            decoy: Arc::default(),
            cost,
        }
    }

    /// Whether the password is the one behind `hash`; an account without one costs the
    /// same time and never fits.
    ///
    /// # Errors
    /// Says that too many are waiting already.
    pub async fn check(&self, password: String, hash: Option<String>) -> Result<bool, TooBusy> {
        let _waiting = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| TooBusy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| TooBusy)?;
        let (decoy, cost) = (Arc::clone(&self.decoy), self.cost);
        // The turn goes into the thread: a browser that hangs up frees nothing early.
        let work = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            match hash {
                Some(hash) => fits(&password, &hash),
                None => {
                    let hash = decoy.get_or_init(|| {
                        hash_password("no account has this word", cost).unwrap_or_default()
                    });
                    let _ = fits(&password, hash);
                    false
                }
            }
        });
        Ok(work.await.unwrap_or(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_needs_twelve_characters_that_are_not_all_alike() {
        assert_eq!(judge_password("short words", "lead"), Err(PasswordFault::Short));
        assert_eq!(judge_password("aaaaaaaaaaaaaaaa", "lead"), Err(PasswordFault::Easy));
        assert_eq!(judge_password("m.chair.m.chair", "m.chair"), Err(PasswordFault::Easy));
        assert_eq!(judge_password(&"long word ".repeat(103), "lead"), Err(PasswordFault::Long));
        assert_eq!(judge_password("grey heron over water", "lead"), Ok(()));
        assert_eq!(judge_password("zwölf süße öl", "lead"), Ok(()));
    }

    #[test]
    fn a_hash_fits_its_password_only() {
        let hash = hash_password("grey heron over water", Cost::FLOOR).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(fits("grey heron over water", &hash));
        assert!(!fits("grey heron over Water", &hash));
        assert!(!fits("grey heron over water", ""));
        let dear = hash.replace("m=19456", "m=4194304");
        assert!(!fits("grey heron over water", &dear), "a dear hash would eat the memory");
    }

    #[tokio::test]
    async fn more_sign_ins_than_can_wait_are_told_so() {
        let hashing = Hashing::new(Cost::FLOOR);
        let held: Vec<_> =
            (0..WAITING).map(|_| hashing.queue.clone().try_acquire_owned().unwrap()).collect();
        assert_eq!(hashing.check("x".into(), None).await, Err(TooBusy));
        drop(held);
        assert_eq!(hashing.check("x".into(), None).await, Ok(false));
    }
}
