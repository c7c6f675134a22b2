//! Sessions: opaque, kept hashed in memory, ended by idleness, age or a new password.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use facts::{PersonId, Span, Timestamp};
use ring::hmac;

use super::credentials::Fingerprint;
use super::secret::{NoRandomness, Secret, hex, random_bytes};

/// A session without a request for this long has ended.
pub const IDLE: Span = Span::minutes(15);
/// A session of this age has ended.
pub const ABSOLUTE: Span = Span::hours(8);
/// How many sessions are held; the one idle longest goes first.
const HELD: usize = 1_024;

/// The sessions of this process. A restart ends them all.
#[derive(Debug)]
pub struct Sessions {
    live: Mutex<HashMap<[u8; 32], Session>>,
    form_key: hmac::Key,
}

/// Who signed in, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Who.
    pub person: PersonId,
    /// Marks the password of that time: another one ends the session.
    pub password: Fingerprint,
    begun: Timestamp,
    used: Timestamp,
}

impl Sessions {
    /// None yet.
    ///
    /// # Errors
    /// Says that the system gives no random numbers.
    pub fn new() -> Result<Self, NoRandomness> {
        let key: [u8; 32] = random_bytes()?;
        Ok(Self { live: Mutex::default(), form_key: hmac::Key::new(hmac::HMAC_SHA256, &key) })
    }

    /// Begins one and gives the token for the cookie; only its hash is kept.
    ///
    /// # Errors
    /// Says that the system gives no random numbers.
    pub fn begin(
        &self,
        person: PersonId,
        password: Fingerprint,
        now: Timestamp,
    ) -> Result<Secret, NoRandomness> {
        let token = Secret::draw()?;
        let session = Session { person, password, begun: now, used: now };
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.retain(|_, session| session.lives(now));
        if live.len() >= HELD {
            let idlest = live.iter().min_by_key(|(_, session)| session.used).map(|(id, _)| *id);
            idlest.and_then(|id| live.remove(&id));
        }
        live.insert(token.digest(), session);
        Ok(token)
    }

    /// The session of a token, which counts as used now; none where it has ended.
    pub fn resume(&self, token: &Secret, now: Timestamp) -> Option<Session> {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        let id = token.digest();
        let session = live.get_mut(&id)?;
        if !session.lives(now) {
            live.remove(&id);
            return None;
        }
        session.used = session.used.max(now);
        Some(session.clone())
    }

    /// Ends one.
    pub fn end(&self, token: &Secret) {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).remove(&token.digest());
    }

    /// The token that forms carry for the holder of this cookie.
    #[must_use]
    pub fn form_token(&self, cookie: &Secret) -> String {
        hex(hmac::sign(&self.form_key, cookie.as_bytes()).as_ref())
    }

    /// Whether a form carries the token made for the holder of this cookie.
    #[must_use]
    pub fn form_token_fits(&self, cookie: &Secret, token: &str) -> bool {
        Secret::from_hex(token).is_some_and(|token| {
            hmac::verify(&self.form_key, cookie.as_bytes(), token.as_bytes()).is_ok()
        })
    }
}

impl Session {
    fn lives(&self, now: Timestamp) -> bool {
        now.since(self.used) <= IDLE && now.since(self.begun) <= ABSOLUTE
    }
}

#[cfg(test)]
mod tests {
    use super::super::Credentials;
    use super::*;

    const START: Timestamp = Timestamp::from_seconds(1_795_338_000);

    fn mark() -> Fingerprint {
        let folder = tempfile::tempdir().unwrap();
        let file = Credentials::at(folder.path().join("c"));
        let lead = PersonId::new("lead");
        file.set(&lead, "x").unwrap();
        file.of(&lead).unwrap().unwrap().1
    }

    #[test]
    fn a_session_ends_by_idleness_by_age_and_by_sign_out() {
        let sessions = Sessions::new().unwrap();
        let begin = |at| sessions.begin(PersonId::new("lead"), mark(), at).unwrap();
        let idle = begin(START);
        assert!(sessions.resume(&idle, START + IDLE).is_some());
        assert!(sessions.resume(&idle, START + IDLE + IDLE + Span::micros(1)).is_none());
        let old = begin(START);
        let mut now = START;
        while now.since(START) < ABSOLUTE {
            assert!(sessions.resume(&old, now).is_some());
            now = now + Span::minutes(10);
        }
        assert!(sessions.resume(&old, START + ABSOLUTE + Span::micros(1)).is_none());
        let ended = begin(START);
        sessions.end(&ended);
        assert!(sessions.resume(&ended, START).is_none());
        assert!(sessions.resume(&Secret::draw().unwrap(), START).is_none());
    }

    #[test]
    fn a_form_token_belongs_to_one_cookie_of_one_process() {
        let sessions = Sessions::new().unwrap();
        let (mine, other) = (Secret::draw().unwrap(), Secret::draw().unwrap());
        let token = sessions.form_token(&mine);
        assert!(sessions.form_token_fits(&mine, &token));
        assert!(!sessions.form_token_fits(&other, &token));
        assert!(!sessions.form_token_fits(&mine, ""));
        assert!(!Sessions::new().unwrap().form_token_fits(&mine, &token));
    }

    #[test]
    fn the_memory_of_sessions_holds_no_token_and_has_an_end() {
        let sessions = Sessions::new().unwrap();
        let mark = mark();
        let first = sessions.begin(PersonId::new("p"), mark, START).unwrap();
        for number in 1..=1_100 {
            let at = START + Span::micros(number);
            sessions.begin(PersonId::new("p"), mark, at).unwrap();
        }
        assert_eq!(sessions.live.lock().unwrap().len(), HELD);
        assert!(sessions.resume(&first, START).is_none());
        assert!(!sessions.live.lock().unwrap().contains_key(first.as_bytes()));
    }
}
