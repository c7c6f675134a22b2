//! What stands under `[[people]]` and can only be judged beside the directory.

use facts::PersonId;
use rules::Diagnostic;

use super::reader::Document;
use crate::desk::PersonWritten;

/// A word of one person, and where the configuration has it.
#[derive(Clone, Debug)]
pub struct Spelled {
    /// Whose it is.
    pub person: PersonId,
    /// The name of that person.
    pub name: String,
    /// What kind of word it is.
    pub kind: Kind,
    /// The word itself.
    pub text: String,
    named: Diagnostic,
}

/// What a word of a person is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An account of the person.
    Account,
    /// An account about which the person is never told.
    Conflict,
    /// Where letters go.
    Mail,
}

impl Spelled {
    /// Says what is wrong with it, with its line and key.
    #[must_use]
    pub fn fault(&self, sentence: String, mend: &str) -> Diagnostic {
        Diagnostic { sentence, mend: mend.to_owned(), ..self.named.clone() }
    }
}

/// The words of all people. A conflict with a person is whole by itself and is left out.
pub(super) fn spelled(document: &Document<'_>, written: &[PersonWritten]) -> Vec<Spelled> {
    let is_person = |word: &str| written.iter().any(|person| person.id.as_ref() == word);
    let words = written.iter().flat_map(|person| {
        let conflicts = person.conflicts.iter().filter(|word| !is_person(word.as_ref()));
        let accounts = person.accounts.iter().map(|word| (Kind::Account, "people.accounts", word));
        let conflicts = conflicts.map(|word| (Kind::Conflict, "people.conflicts", word));
        let mail = std::iter::once((Kind::Mail, "people.mail", &person.mail));
        let words = accounts.chain(conflicts).chain(mail);
        words.map(|(kind, key, word)| Spelled {
            person: PersonId::new(person.id.as_ref()),
            name: person.name.clone(),
            kind,
            text: word.as_ref().clone(),
            named: document.stands(key, word.span()),
        })
    });
    words.collect()
}
