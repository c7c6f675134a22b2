//! Refuses a letter that says more than it may: a closed list of words, and the facts of
//! the case searched for one by one.

use std::collections::BTreeSet;
use std::fmt;

use facts::{Attribution, Category, CodeWords, HostName, Sighting};

use super::render::{Draft, Form, Letterhead};
use super::words::{CALENDAR_WORDS, LETTER_WORDS};

/// The longest Subject line, in characters.
pub const LONGEST_SUBJECT: usize = 40;
/// Within so many characters of the body the one action must stand.
const ACTION_WITHIN: usize = 90;
/// Shorter facts are found by the closed list of words alone.
const SHORTEST_FACT: usize = 3;

/// What is wrong with a letter. It never repeats the fact it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flaw {
    /// The Subject line has none of the fixed forms.
    SubjectForm,
    /// The Subject line is longer than forty characters.
    SubjectLength,
    /// The body has more words than its form allows.
    TooManyWords,
    /// The first ninety characters do not say what to do.
    ActionNotFirst,
    /// There is not exactly one link, or it leads elsewhere.
    Links,
    /// A control character stands in it.
    ControlCharacter,
    /// A word stands in it that no letter has: a name, a role, a theme, an address.
    ForeignWord,
    /// A fact of the case stands in it.
    CaseFact,
    /// A header stands in it that no letter has, or one holds a fact of the case.
    Header,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SubjectForm => "its subject line has none of the fixed forms",
            Self::SubjectLength => "its subject line is longer than 40 characters",
            Self::TooManyWords => "it has too many words",
            Self::ActionNotFirst => "its first 90 characters do not say what to do",
            Self::Links => "it has not exactly one link to the dashboard",
            Self::ControlCharacter => "it holds a control character",
            Self::ForeignWord => "it holds a word that no letter has",
            Self::CaseFact => "it holds a fact of the case",
            Self::Header => "it has a header that no letter has",
        })
    }
}

/// What the letters of a case must not hold, in lower case.
#[derive(Clone, Debug, Default)]
pub struct CaseFacts(BTreeSet<String>);

impl CaseFacts {
    /// Collects the facts of a case: accounts, people, devices, addresses, observed names,
    /// theme.
    #[must_use]
    pub fn of<'a>(
        category: Category,
        attribution: &Attribution,
        sightings: impl Iterator<Item = &'a Sighting>,
        names: impl Iterator<Item = &'a HostName>,
    ) -> Self {
        let mut facts = Self::default();
        facts.add(category.code());
        facts.add(category.title());
        for candidate in attribution.answer.candidates() {
            facts.add_parts(candidate.account.reveal());
            candidate.display.iter().for_each(|name| facts.add_parts(name));
            candidate.group.iter().for_each(|group| facts.add(group));
        }
        if let Some(device) = &attribution.device {
            facts.add(&device.mac.to_string());
            device.name.iter().for_each(|name| facts.add(name));
        }
        for sighting in sightings {
            facts.add(&sighting.address.to_string());
            sighting.mac.iter().for_each(|mac| facts.add(&mac.to_string()));
        }
        for name in names {
            facts.add(name.as_str());
            name.as_name().labels().for_each(|label| facts.add(label));
        }
        facts
    }

    /// Whether a word is, or is part of, one of these facts; so that no case is called by
    /// what it is about.
    #[must_use]
    pub fn mention(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        self.0.iter().any(|fact| words(fact).any(|part| part == word))
    }

    /// Takes in the facts of another case, for a letter about several.
    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    fn add(&mut self, fact: &str) {
        if fact.chars().count() >= SHORTEST_FACT {
            self.0.insert(fact.to_lowercase());
        }
    }

    fn add_parts(&mut self, fact: &str) {
        self.add(fact);
        words(fact).for_each(|part| self.add(part));
    }

    /// Whether one of these facts stands in a text as words of its own. What consists of
    /// nothing but words that every letter has tells nothing.
    fn stand_in(&self, text: &str, letter_has: impl Fn(&str) -> bool) -> bool {
        let text = text.to_lowercase();
        self.0
            .iter()
            .filter(|fact| !words(fact).all(&letter_has))
            .any(|fact| stands_alone(fact, &text))
    }
}

/// Inspects a letter before it is stored.
///
/// # Errors
/// All flaws at once, each once.
pub fn inspect(
    draft: &Draft,
    code: Option<&CodeWords>,
    head: &Letterhead,
    facts: &CaseFacts,
) -> Result<(), BTreeSet<Flaw>> {
    let inspection = Inspection { draft, code, head, facts };
    let flaws: BTreeSet<_> = inspection
        .subject()
        .into_iter()
        .chain(inspection.length())
        .chain(inspection.words())
        .collect();
    if flaws.is_empty() { Ok(()) } else { Err(flaws) }
}

/// The headers that a letter has, and no other.
const HEADERS: [&str; 11] = [
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "auto-submitted",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
];

/// Inspects the headers of a finished message. `ours` are the texts that the letterhead
/// and the recipient's address put there.
///
/// # Errors
/// [`Flaw::Header`] for a header that is not on the list, or that holds a fact of the case.
pub fn inspect_headers(message: &[u8], ours: &[&str], facts: &CaseFacts) -> Result<(), Flaw> {
    let text = String::from_utf8_lossy(message);
    let (headers, _) = text.split_once("\r\n\r\n").ok_or(Flaw::Header)?;
    for line in headers.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])) {
        let (name, _) = line.split_once(':').ok_or(Flaw::Header)?;
        if !HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(Flaw::Header);
        }
    }
    let rest = ours.iter().fold(headers.to_owned(), |text, known| text.replace(known, " "));
    let names: Vec<_> = HEADERS.iter().flat_map(|name| words(name)).collect();
    let fixed = ["auto", "generated", "text", "plain", "charset", "utf", "7bit"];
    let known = |word: &str| is_letter_word(word) || names.contains(&word) || fixed.contains(&word);
    if facts.stand_in(&rest, known) { Err(Flaw::Header) } else { Ok(()) }
}

struct Inspection<'a> {
    draft: &'a Draft,
    code: Option<&'a CodeWords>,
    head: &'a Letterhead,
    facts: &'a CaseFacts,
}

impl Inspection<'_> {
    fn subject(&self) -> Vec<Flaw> {
        let subject = &self.draft.subject;
        let mut flaws = Vec::new();
        if subject.chars().count() > LONGEST_SUBJECT {
            flaws.push(Flaw::SubjectLength);
        }
        let rest = subject.strip_prefix(self.draft.form.opening());
        let fits = match (rest, self.code) {
            (Some(rest), Some(code)) => rest == code.as_str(),
            (Some(rest), None) => is_count_of_things(rest) && self.draft.form == Form::EndOfDay,
            (None, _) => false,
        };
        if !fits {
            flaws.push(Flaw::SubjectForm);
        }
        flaws
    }

    fn length(&self) -> Vec<Flaw> {
        let body = &self.draft.body;
        let mut flaws = Vec::new();
        if body.split_whitespace().count() > self.draft.form.most_words() {
            flaws.push(Flaw::TooManyWords);
        }
        let opening: String = body.chars().take(ACTION_WITHIN).collect();
        let action = self.code.map_or("your list", CodeWords::as_str);
        if !opening.contains(action) {
            flaws.push(Flaw::ActionNotFirst);
        }
        let link = self.link();
        let all = body.matches("://").count();
        let ours = body.split_whitespace().filter(|word| *word == link).count();
        if all != 1 || ours != 1 {
            flaws.push(Flaw::Links);
        }
        flaws
    }

    fn words(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let whole = format!("{}\n{}", self.draft.subject, self.draft.body);
        if whole.chars().any(|c| c.is_control() && c != '\n') {
            flaws.push(Flaw::ControlCharacter);
        }
        let text = whole.replacen(&self.link(), "", 1).replace(&self.head.reach, "");
        let known = |word: &str| is_letter_word(word) || self.is_code_word(word);
        let shaped = |piece: &str| piece.contains(['.', '@', ':', '_', '\\']) && !is_clock(piece);
        let has_shape = text.split_whitespace().map(trimmed).any(shaped);
        if has_shape || words(&text).any(|word| !known(&word.to_lowercase()) && !is_number(word)) {
            flaws.push(Flaw::ForeignWord);
        }
        if self.facts.stand_in(&text, known) {
            flaws.push(Flaw::CaseFact);
        }
        flaws
    }

    fn link(&self) -> String {
        let path = self.code.map(CodeWords::in_link).unwrap_or_default();
        format!("{}/{path}", self.head.base_url)
    }

    fn is_code_word(&self, word: &str) -> bool {
        self.code.is_some_and(|code| words(code.as_str()).any(|w| w.to_lowercase() == word))
    }
}

fn is_letter_word(word: &str) -> bool {
    LETTER_WORDS.contains(&word) || CALENDAR_WORDS.contains(&word)
}

fn is_count_of_things(text: &str) -> bool {
    let count = text.strip_suffix(" new things").or_else(|| text.strip_suffix(" new thing"));
    count.is_some_and(|count| !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit()))
}

/// Days, times and counts have at most two digits each, counts perhaps a few more.
fn is_number(word: &str) -> bool {
    word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit())
}

/// A time of day: `15:08`.
fn is_clock(piece: &str) -> bool {
    piece.split_once(':').is_some_and(|(hour, minute)| {
        [hour, minute].iter().all(|p| p.len() == 2 && p.bytes().all(|b| b.is_ascii_digit()))
    })
}

/// A piece without the marks that close a sentence or quote.
fn trimmed(piece: &str) -> &str {
    piece.trim_matches(|c: char| matches!(c, '.' | ',' | ':' | '"' | '?' | '!' | ';'))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Whether a fact stands in a text with nothing alphanumeric joined to it.
fn stands_alone(fact: &str, text: &str) -> bool {
    text.match_indices(fact).any(|(at, found)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|after| after.chars().next());
        [before, after].into_iter().flatten().all(|c| !c.is_alphanumeric())
    })
}
