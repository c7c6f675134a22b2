//! What was seen, in sentences that blame nobody.

use facts::{Category, Incident, Outcome, Rung, Severity, View};

use super::{Matter, one_word};

/// `now`, `today`, `for the list`.
pub(crate) const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::P1 => "act now",
        Severity::P2 => "today",
        Severity::P3 => "for the list",
    }
}

/// What a case turned out to be, as the form offers it.
pub(crate) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Accident => "It happened by accident",
        Outcome::PopUp => "Something popped up",
        Outcome::Curiosity => "Curiosity",
        Outcome::Worry => "A worry about a child",
        Outcome::AdultMatter => "A matter about an adult",
        Outcome::FalseAlarm => "A false alarm",
        Outcome::Test => "A test",
    }
}

/// The kind of site, as a page says it.
pub(crate) fn kind(category: Category) -> String {
    format!("“{}”", category.title())
}

/// The sentence that opens a case page.
pub(crate) fn what_we_saw(incident: &Incident) -> String {
    let kind = kind(incident.category);
    match incident.rung {
        Rung::LookedUp => format!(
            "A device asked where to find a site of the kind {kind}. No connection to it was seen."
        ),
        Rung::Tried => format!(
            "A device asked for a site of the kind {kind}. Whether it answered was not seen."
        ),
        Rung::Refused => {
            format!("A device asked for a site of the kind {kind}. It was refused or blocked.")
        }
        Rung::Answered => format!(
            "A device asked for a site of the kind {kind}, and it answered. Whether a page loaded \
             was not seen."
        ),
        Rung::Loaded => format!("A device asked for and loaded a site of the kind {kind}."),
        Rung::Stayed => format!(
            "A device asked for and loaded a site of the kind {kind}, and stayed connected for \
             minutes."
        ),
    }
}

/// That a proof would have made it a count: for a reader who sees all of a child's matter, as
/// nothing may be said where an adult may have been the user. Neither the topic nor who
/// asked for it is told.
pub(crate) fn unproven_study(incident: &Incident, view: View) -> Option<&'static str> {
    let matter = Matter::of(&incident.attribution, view);
    let may_be_said = incident.exception_unproven
        && incident.severity != Severity::P1
        && view == View::Whole
        && matter == Matter::Child;
    may_be_said.then_some(
        "An approved study topic would have covered this if it had been proven who was logged in.",
    )
}

/// `once`, `twice`, `5 times`.
pub(crate) fn how_often(count: usize) -> String {
    match count {
        0 | 1 => "once".into(),
        2 => "twice".into(),
        more => format!("{more} times"),
    }
}

/// The line of the today page: no name, no place; nothing at all where an adult may be
/// named behind it.
pub(crate) fn today_line(incident: &Incident, view: View) -> String {
    let matter = Matter::of(&incident.attribution, view);
    if matter.may_name_an_adult() {
        return "A matter for you alone.".into();
    }
    format!("{} {}", what_we_saw(incident), one_word(&incident.attribution.answer, matter))
}
