//! What the stories of the demonstration must come to: who is told of what, and nobody else.

use std::collections::BTreeSet;
use std::time::Duration;

use facts::{Delivery, Severity};

use super::{Book, Case, until};
use crate::lab::{Lab, message_id};

/// Category, certainty, accounts that may have been the user, and the mailboxes told.
type Told<'a> = (&'a str, &'a str, &'a [&'a str], &'a [&'a str]);

const TOLD: [Told<'static>; 6] = [
    ("C03", "likely", &["a.pupil"], &["d.lead", "j.head"]),
    ("C08", "likely", &["t.staff"], &["j.head"]),
    ("C05a", "proven_shared", &["class3b"], &["d.lead", "j.head"]),
    ("C08", "one_of", &["b.pupil", "t.staff"], &["j.head"]),
    ("C08", "likely", &["j.head"], &["f.chair"]),
    ("C10a", "proven", &["c.pupil"], &["d.lead"]),
];

/// What would go to somebody else by mistake has time to arrive.
const TIME_FOR_MISTAKES: Duration = Duration::from_secs(3);

/// Waits until every letter of the stories was taken by the mail server, and demands that
/// each case has the right subject and reached the right mailboxes, once. Returns the
/// cases that somebody was told of, and says how long each letter took.
///
/// # Panics
/// Panics with what was told instead.
pub fn stories_are_told(lab: &Lab, book: &Book) -> Vec<Case> {
    let cases = until("letters about six cases", || {
        let cases = book.cases();
        let told: Vec<_> = cases.into_iter().filter(|case| case.severity > Severity::P3).collect();
        (told.len() >= TOLD.len() && told.iter().all(has_left)).then_some(told)
    });
    std::thread::sleep(TIME_FOR_MISTAKES);
    let letters = lab.letters().expect("mailboxes");
    let mut found: Vec<_> = cases.iter().map(|case| as_told(case, &letters)).collect();
    let words = |list: &[&str]| list.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    let mut wanted = TOLD.map(|(category, certainty, accounts, boxes)| {
        (category.to_owned(), certainty.to_owned(), words(accounts), words(boxes))
    });
    found.sort();
    wanted.sort();
    assert_eq!(found, wanted);
    let ids: BTreeSet<_> = letters.iter().map(|(_, letter)| message_id(letter)).collect();
    assert_eq!(ids.len(), letters.len(), "no letter arrived twice");
    let known: BTreeSet<&str> = TOLD.iter().flat_map(|(_, _, _, boxes)| *boxes).copied().collect();
    for (mailbox, _) in &letters {
        assert!(known.contains(mailbox.as_str()), "{mailbox} got a letter");
    }
    cases.iter().for_each(say_how_long);
    cases
}

fn has_left(case: &Case) -> bool {
    let is_accepted = |delivery: &Delivery| matches!(delivery, Delivery::Accepted { .. });
    !case.letters.is_empty() && case.letters.iter().all(|sent| is_accepted(&sent.delivery))
}

/// A case as [`TOLD`] has it, with the mailboxes in which its code words arrived.
fn as_told(
    case: &Case,
    letters: &[(String, String)],
) -> (String, String, Vec<String>, Vec<String>) {
    let about = letters.iter().filter(|(_, letter)| letter.contains(&case.code));
    let boxes: BTreeSet<String> = about.map(|(mailbox, _)| mailbox.clone()).collect();
    let (certainty, accounts) = &case.subject;
    (
        case.category.code().to_owned(),
        certainty.clone(),
        accounts.clone(),
        boxes.into_iter().collect(),
    )
}

fn say_how_long(case: &Case) {
    for sent in &case.letters {
        if let Delivery::Accepted { at } = sent.delivery {
            let seconds = at.since(case.first_seen).as_micros() as f64 / 1e6;
            let (severity, category) = (case.severity, case.category.code());
            println!("{severity} {category} to {}: {seconds:.1} s", sent.person.as_str());
        }
    }
}
