//! Ids and code words: derived under the installation's key, so that the same input gives
//! the same case and nobody elsewhere can compute it.

use facts::{Category, CodeWords, IncidentId, LetterId, MatchId, PersonId, Reason, Timestamp};
use ring::hmac;

use super::key::Key;
use crate::mail::CALM_NOUNS;

/// Makes ids and code words.
#[derive(Debug)]
pub struct Namer(hmac::Key);

impl Namer {
    /// Takes the installation's key.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The id of a case: of its subject, its theme, its first match, and of the moment at
    /// which that match came from another case.
    #[must_use]
    pub fn incident(
        &self,
        key: &Key,
        category: Category,
        first: MatchId,
        moved_at: Option<Timestamp>,
    ) -> IncidentId {
        let mut parts = vec!["incident".to_owned(), category.code().into(), first.to_string()];
        parts.extend(moved_at.map(|at| at.to_string()));
        parts.extend(key.parts());
        IncidentId::from_u128(self.number(&parts))
    }

    /// Code words that `refused` does not refuse: the first of a sequence that only the
    /// case itself decides.
    #[must_use]
    pub fn code(&self, id: IncidentId, refused: impl Fn(&str, &CodeWords) -> bool) -> CodeWords {
        let mut attempt = 0_u32;
        loop {
            let parts = ["code".into(), id.to_string(), attempt.to_string()];
            let number = self.number(&parts);
            let nouns = CALM_NOUNS.len() as u128;
            let index = usize::try_from(number % nouns).unwrap_or(0);
            let noun = CALM_NOUNS.get(index).copied().unwrap_or("HEDGE");
            let digits = (number / nouns) % 100;
            let words = CodeWords::parse(&format!("{noun} {digits:02}"));
            attempt += 1;
            match words {
                // After so many attempts the words would have to be taken nearly all: two
                // cases of one name are better than none.
                Ok(words) if attempt > 10_000 || !refused(noun, &words) => return words,
                _ => {}
            }
        }
    }

    /// The id of a letter about a case.
    #[must_use]
    pub fn letter(
        &self,
        id: IncidentId,
        to: &PersonId,
        reason: Reason,
        due: Timestamp,
    ) -> LetterId {
        let parts = [
            "letter".into(),
            id.to_string(),
            to.as_str().into(),
            reason.as_str().into(),
            due.to_string(),
        ];
        LetterId::from_u128(self.number(&parts))
    }

    /// The id of one person's end-of-day letter: one a day, whatever happens between.
    #[must_use]
    pub fn list(&self, to: &PersonId, due: Timestamp) -> LetterId {
        let parts = ["list".into(), to.as_str().into(), due.to_string()];
        LetterId::from_u128(self.number(&parts))
    }

    /// The name of the thread that the letters of a case form in a mailbox.
    #[must_use]
    pub fn thread(&self, id: IncidentId) -> String {
        format!("{:032x}", self.number(&["thread".into(), id.to_string()]))
    }

    /// The first 128 bits of an HMAC-SHA256 over the parts, each with its length before it.
    fn number(&self, parts: &[String]) -> u128 {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let tag = context.sign();
        tag.as_ref().iter().take(16).fold(0, |number, byte| (number << 8) | u128::from(*byte))
    }
}
