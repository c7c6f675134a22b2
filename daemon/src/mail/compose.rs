//! From a notice to a stored letter: words, linter, and the whole message byte for byte.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use facts::{Letter, LetterId, Timestamp};
use lettre::Message;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, SinglePart};
use rules::Calendar;

use super::linter::{CaseFacts, Flaw, inspect, inspect_headers};
use super::render::{Draft, Letterhead, Notice, render, render_plain};

/// The longest line that goes over the wire as it is, without its end.
const LONGEST_LINE: usize = 998;

/// A letter that could not be written at all, with the reason for the health book.
#[derive(Debug, thiserror::Error)]
#[error("a letter could not be written: {reason}")]
pub struct NotWritten {
    reason: String,
}

/// A letter as it will be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    /// The letter. Its subject, body and message agree.
    pub letter: Letter,
    /// What the linter found in the usual form, where the plain one is sent instead.
    pub refused_for: BTreeSet<Flaw>,
}

/// What a letter needs besides its words.
#[derive(Clone, Debug)]
pub struct Addressed {
    /// The letter without its words: id, case, reason, person, duty, address, due time.
    pub letter: Letter,
    /// The thread it belongs to; it names no case to whoever sees it.
    pub thread: Option<String>,
}

/// Writes a letter, inspects it, and falls back to the plain fixed form where the linter
/// refuses the usual one: a refused letter is not lost.
///
/// # Errors
/// The letter can not be made at all, as with an address that is none.
pub fn compose(
    addressed: Addressed,
    notice: &Notice,
    head: &Letterhead,
    calendar: &Calendar,
    facts: &CaseFacts,
) -> Result<Composed, NotWritten> {
    let draft = render(notice, head, calendar, addressed.letter.due);
    let mut refused_for = inspect(&draft, notice.code(), head, facts).err().unwrap_or_default();
    let mut letter = written(&addressed, draft, head)?;
    let sender = sender(head);
    let ours = [letter.mail.as_str(), &sender, head.from.as_ref(), head.from.domain()];
    if let Err(flaw) = inspect_headers(&letter.message, &ours, facts) {
        refused_for.insert(flaw);
    }
    if !refused_for.is_empty() {
        letter = written(&addressed, render_plain(notice, head), head)?;
    }
    Ok(Composed { letter, refused_for })
}

fn written(addressed: &Addressed, draft: Draft, head: &Letterhead) -> Result<Letter, NotWritten> {
    let Draft { subject, body, .. } = draft;
    let message = message(addressed, &subject, &body, head)?;
    Ok(Letter { subject, body, message, ..addressed.letter.clone() })
}

/// The message of RFC 5322. Each of its bytes follows from the letter: no clock, no
/// random boundary, one text part.
fn message(
    addressed: &Addressed,
    subject: &str,
    body: &str,
    head: &Letterhead,
) -> Result<Vec<u8>, NotWritten> {
    let letter = &addressed.letter;
    let domain = head.from.domain();
    let from = Mailbox::new(Some(sender(head)), head.from.clone());
    let to = letter
        .mail
        .parse()
        .map_err(|_| NotWritten { reason: "the address of a person is no mail address".into() })?;
    let mut builder = Message::builder()
        .from(from)
        .to(Mailbox::new(None, to))
        .subject(subject)
        .date(date(letter.due))
        .message_id(Some(message_id(letter.id, domain)));
    if let Some(thread) = &addressed.thread {
        let root = format!("<{thread}@{domain}>");
        builder = builder.in_reply_to(root.clone()).references(root);
    }
    // RFC 3834 section 5: no holiday notice answers it.
    let name = HeaderName::new_from_ascii_str("Auto-Submitted");
    builder = builder.raw_header(HeaderValue::new(name, "auto-generated".into()));
    let part = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(encoded(body.trim_end()));
    let message = builder.singlepart(part).map_err(|e| NotWritten { reason: e.to_string() })?;
    Ok(message.formatted())
}

/// The text as it stands where a server takes it as it stands (RFC 5322 section 2.1.1), so
/// that no link is broken over lines; else in whatever encoding it needs.
fn encoded(body: &str) -> Body {
    let text = body.replace('\n', "\r\n");
    if text.is_ascii() && text.lines().all(|line| line.len() <= LONGEST_LINE) {
        return Body::dangerous_pre_encoded(text.into_bytes(), ContentTransferEncoding::SevenBit);
    }
    Body::new(text)
}

fn sender(head: &Letterhead) -> String {
    format!("Wardline at {}", head.school)
}

fn message_id(id: LetterId, domain: &str) -> String {
    format!("<{id}@{domain}>")
}

/// Whole seconds, as the Date header has them. A moment before 1970 becomes 1970.
fn date(due: Timestamp) -> SystemTime {
    let seconds = u64::try_from(due.since(Timestamp::EPOCH).as_seconds()).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}
