//! The page as text for a mail and as HTML for a screen and for print.

use askama::Template;

use super::answers::GovernorPage;

#[derive(Template)]
#[template(path = "governor.html")]
struct Html<'a> {
    page: &'a GovernorPage,
    answers: [(&'a str, &'a [String]); 5],
}

/// The five questions, in the order of the page.
const QUESTIONS: [&str; 5] = [
    "Was monitoring working?",
    "Did anything serious happen, and was it answered in time?",
    "Is it getting better or worse?",
    "Did anyone change what is watched or blocked?",
    "What could it not see?",
];

/// The page as HTML that stands alone: no script, nothing fetched.
#[must_use]
pub fn html(page: &GovernorPage) -> String {
    let page_and_answers = Html { page, answers: answers(page) };
    // Rendering writes into a text and can not fail; an empty page would show at once.
    page_and_answers.render().unwrap_or_default()
}

/// The page as text, 100 columns wide.
#[must_use]
pub fn text(page: &GovernorPage) -> String {
    let mut out = format!(
        "{} · Online safety, week to {}\nfor: Online Safety Governor\n\n",
        page.school, page.week_to
    );
    for (number, (question, sentences)) in answers(page).iter().enumerate() {
        out.push_str(&format!("{}  {question}\n", number + 1));
        for line in wrapped(&sentences.join(" "), 94) {
            out.push_str(&format!("   {line}\n"));
        }
        out.push('\n');
    }
    out.push_str("Not measured yet:\n");
    for line in wrapped(&page.not_measured.join("; "), 94) {
        out.push_str(&format!("   {line}\n"));
    }
    out.push_str("\nDoes the filter do its work?\n");
    for line in wrapped(&page.filter.join(" "), 94) {
        out.push_str(&format!("   {line}\n"));
    }
    out.push_str("\nThree questions you might ask\n");
    for question in &page.questions {
        out.push_str(&format!(" · {question}\n"));
    }
    out.push_str(&format!("\nFor the minutes: {}\n", page.minutes));
    out.push_str(&format!(
        "Seal of this week's record: {}. Keep this page: it proves that the record was\nnot rewritten.\n",
        page.seal
    ));
    out
}

fn answers(page: &GovernorPage) -> [(&'static str, &[String]); 5] {
    let [a, b, c, d, e] = QUESTIONS;
    [
        (a, &page.working[..]),
        (b, &page.serious[..]),
        (c, &page.trend[..]),
        (d, &page.changes[..]),
        (e, &page.unseen[..]),
    ]
}

/// Breaks a text into lines of at most `width` characters, at blanks.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines
}
