//! A case in words, as far as its reader may know it.

use facts::{
    Act, Decision, Delivery, Duty, Heard, Outcome, PersonId, Phase, Reason, Severity, Timestamp,
    View,
};

use super::Fields;
use super::today_page::Choice;
use crate::config::Letters;
use crate::records::CaseFile;
use crate::standing::{Standing, may_have_it, seated_since, view_of};
use crate::words::{Matter, Names, Times, how_often, listed, outcome, shown, shown_whole};

/// What a form held when it was sent back.
#[derive(Default)]
pub(super) struct Typed {
    pub person: String,
    pub note: String,
    pub outcome: String,
    pub done: String,
    pub told: String,
    pub record: String,
}

impl Typed {
    pub(super) fn from_fields(fields: &Fields) -> Self {
        let text = |name| fields.text(name).to_owned();
        let person = if text("to").is_empty() { text("person") } else { text("to") };
        Self {
            person,
            note: text("note"),
            outcome: text("outcome"),
            done: text("done"),
            told: text("told"),
            record: text("record"),
        }
    }
}

/// A case with its reader.
pub(super) struct Reading<'a> {
    pub file: &'a CaseFile,
    pub standing: &'a Standing,
    /// Whether what the reader was told no longer holds.
    pub is_gone: bool,
    pub names: Names<'a>,
    pub reader_duties: &'a [Duty],
    pub times: &'a Times,
    /// How letters leave.
    pub letters: Letters,
    pub now: Timestamp,
}

impl Reading<'_> {
    /// What the button says; none where the reader has it or it is over.
    pub(super) fn take(&self) -> Option<&'static str> {
        match &self.standing.phase {
            Phase::Open => Some("I have this"),
            Phase::Taken { by, .. } if by != self.names.reader => Some("I take it over"),
            _ => None,
        }
    }

    pub(super) fn with(&self) -> String {
        if self.is_gone {
            return "nobody any more".into();
        }
        match (&self.standing.phase, &self.standing.handed) {
            (Phase::Open, Some(handed)) => {
                let to = handed.to.as_ref();
                let to = to.map_or_else(|| "a colleague".to_owned(), |to| self.name(to));
                let (by, at) = (self.name(&handed.by), self.near(handed.at));
                format!("nobody yet; handed by {by} to {to} {at}")
            }
            (Phase::Open, None) => "nobody yet".into(),
            (Phase::Taken { by, at }, _) => format!("{} since {}", self.name(by), self.near(*at)),
            (Phase::Closed { .. } | Phase::Withdrawn { .. }, _) => "nobody any more".into(),
        }
    }

    pub(super) fn closed(&self) -> Option<String> {
        match &self.standing.phase {
            Phase::Closed { by, at, outcome: what } => {
                let mut said = format!(
                    "Closed {} by {}: {}.",
                    self.near(*at),
                    self.name(by),
                    outcome(*what).to_lowercase()
                );
                if *what == Outcome::FalseAlarm {
                    let gone = *at + facts::Span::hours(24 * 30);
                    said.push_str(&format!(" Names go {}.", self.times.day(gone)));
                }
                Some(said)
            }
            Phase::Withdrawn { at } => Some(format!("Taken back {}.", self.near(*at))),
            Phase::Open | Phase::Taken { .. } => None,
        }
    }

    pub(super) fn others(&self) -> Vec<Choice> {
        let reader = self.names.reader;
        let others = may_have_it(&self.file.incident, reader, self.file.view);
        others.map(|id| Choice { id: id.as_str().into(), text: self.names.by_name(id) }).collect()
    }

    pub(super) fn seen_when(&self) -> String {
        let incident = &self.file.incident;
        let often = how_often(incident.matches.len());
        let first = self.times.full(incident.first_seen);
        let last = self.times.near(incident.last_seen, incident.first_seen);
        let mut said = if incident.matches.len() < 2 || first.ends_with(&last) {
            format!("Seen {often}: {first}.")
        } else {
            format!("Seen {often}: first {first}, last {last}.")
        };
        let inferred = !self.file.matches.is_empty()
            && self.file.matches.iter().all(|seen| seen.matched.heard == Heard::Inferred);
        if inferred {
            said.push_str(
                " The name is inferred from what the device looked up before; the connection \
                 itself hid it.",
            );
        }
        said
    }

    pub(super) fn rules(&self) -> Vec<String> {
        let rulings = self.file.matches.iter().flat_map(|seen| &seen.matched.rulings);
        let mut rules: Vec<String> = rulings
            .map(|ruling| {
                let rule = shown(ruling.rule.as_str());
                format!("{rule} ({}, {})", ruling.category.code(), ruling.confidence.as_str())
            })
            .collect();
        rules.sort();
        rules.dedup();
        rules
    }

    /// What people did, oldest first. What was done before the reader had a seat, and what
    /// holders of another part wrote, is left out.
    pub(super) fn steps(&self) -> Vec<String> {
        let since = seated_since(&self.file.revisions, &self.file.incident);
        let mut said: Vec<(Timestamp, String)> = Vec::new();
        for view in self.file.views.iter().filter(|view| view.at >= since) {
            let first = !said.iter().any(|(_, line)| *line == self.seen_by(view));
            if first && self.may_know_who_looked(&view.person) {
                said.push((view.at, self.seen_by(view)));
            }
        }
        for decision in self.file.decisions.iter().filter(|decision| decision.at >= since) {
            if self.may_know_of(&decision.by) {
                said.extend(self.step(decision).map(|line| (decision.at, line)));
            }
        }
        said.sort_by_key(|(at, _)| *at);
        let dated = said.iter().map(|(at, line)| format!("{} {line}", self.near(*at)));
        let mut lines: Vec<String> = dated.collect();
        if self.standing.is_open_or_taken() && !self.is_gone {
            let matter = Matter::of(&self.file.incident.attribution, self.file.view);
            let missing = if matter.may_name_an_adult() {
                "advice, number in the safeguarding record"
            } else {
                "adult asked, parents, agency, number in the safeguarding record"
            };
            lines.push(format!("Not noted yet: {missing}. Closing asks for them."));
        }
        lines
    }

    fn seen_by(&self, view: &store::Viewed) -> String {
        format!("seen by {}", self.name(&view.person))
    }

    /// What to call a person: whoever sees a part is told no other name.
    fn name(&self, person: &PersonId) -> String {
        self.names.by_view(person, self.file.view)
    }

    fn step(&self, decision: &Decision) -> Option<String> {
        let by = self.name(&decision.by);
        Some(match &decision.act {
            Act::Seen => return None,
            Act::Taken { for_person: None } => format!("taken by {by}"),
            Act::Taken { for_person: Some(other) } => {
                format!("taken by {}, as told by phone to {by}", self.name(other))
            }
            Act::HandedOver { to, note } => {
                format!("handed over by {by} to {}: “{}”", self.name(to), shown_whole(note))
            }
            Act::PassedOn { note } => format!("passed on by {by}: “{}”", shown_whole(note)),
            Act::WelfarePassed => format!("the child's part passed on by {by}"),
            Act::Closed { outcome: what, done, told, record } => {
                let mut line = format!("closed by {by}: {}", outcome(*what).to_lowercase());
                for (name, text) in [("done", done), ("told", told), ("record", record)] {
                    if !text.is_empty() {
                        line.push_str(&format!("; {name}: “{}”", shown_whole(text)));
                    }
                }
                line
            }
        })
    }

    /// Views and letters, and who else may see the case.
    pub(super) fn record(&self) -> Vec<String> {
        let since = seated_since(&self.file.revisions, &self.file.incident);
        let mine: Vec<_> =
            self.file.views.iter().filter(|view| view.person == *self.names.reader).collect();
        let mut lines = Vec::new();
        if let Some(last) = mine.last() {
            let count = match mine.len() {
                1 => "1 view".to_owned(),
                more => format!("{more} views"),
            };
            lines.push(format!("Opened by you {} ({count}).", self.near(last.at)));
        }
        for (letter, delivery) in &self.file.letters {
            if letter.due < since || !self.may_know_who_looked(&letter.to) {
                continue;
            }
            lines.push(format!(
                "Letter to {}, {}: {}, {}.",
                self.name(&letter.to),
                self.near(letter.due),
                why(letter.reason),
                how_far(*delivery, self.letters)
            ));
        }
        if !self.is_gone {
            lines.push(self.who_else());
        }
        lines
    }

    fn who_else(&self) -> String {
        let incident = &self.file.incident;
        let others = may_have_it(incident, self.names.reader, self.file.view);
        let others: Vec<String> = others.map(|id| self.names.in_a_sentence(id)).collect();
        match (self.file.view, others.is_empty()) {
            (View::Whole, true) if incident.seats.len() == 1 => "Only you can see this.".into(),
            (View::Whole, true) => "Nobody else can see all of this.".into(),
            (View::Whole, false) => {
                let all: Vec<String> = std::iter::once("You".into()).chain(others).collect();
                format!("{} can see this.", listed(&all))
            }
            (View::ChildPart, _) => {
                "You see the child's part. Others who need to know have been told.".into()
            }
        }
    }

    /// Whether an adult's matter may be a child's whom nobody who looks after children was
    /// told of yet, and whose part the reader can pass on.
    pub(super) fn may_pass_welfare(&self) -> bool {
        let matter = Matter::of(&self.file.incident.attribution, self.file.view);
        let tellings = &self.file.incident.tellings;
        let looks_after = |held: &Duty| *held == Duty::Lead;
        matter == Matter::Either
            && !tellings.iter().any(|telling| telling.view == View::ChildPart)
            && !self.file.decisions.iter().any(|decision| decision.act == Act::WelfarePassed)
            && !self.reader_duties.iter().any(looks_after)
    }

    /// Whoever sees the whole knows who else was told; whoever sees a part knows of those
    /// who see the same part, though not by name.
    fn may_know_of(&self, person: &PersonId) -> bool {
        self.file.view == View::Whole
            || person == self.names.reader
            || view_of(&self.file.incident, person) == Some(View::ChildPart)
    }

    /// As it is with views and letters, of which there is one for each person: their number
    /// alone would say who is missing.
    fn may_know_who_looked(&self, person: &PersonId) -> bool {
        self.file.view == View::Whole || person == self.names.reader
    }

    pub(super) fn since(&self) -> String {
        self.near(self.file.incident.first_seen)
    }

    fn near(&self, at: Timestamp) -> String {
        self.times.near(at, self.now)
    }
}

/// Whether closing asks for a number in the safeguarding record, or for the reason of none.
pub(super) const fn needs_record(severity: Severity) -> bool {
    matches!(severity, Severity::P1 | Severity::P2)
}

const fn why(reason: Reason) -> &'static str {
    match reason {
        Reason::First => "the first",
        Reason::Worse => "there was more",
        Reason::NotTaken => "nobody had taken it",
        Reason::HandedOver => "it was handed over",
        Reason::Taken => "somebody had it",
        Reason::Changed => "the answer had changed",
        Reason::EndOfDay => "the end of the day",
    }
}

const fn how_far(delivery: Delivery, way: Letters) -> &'static str {
    match (delivery, way) {
        (Delivery::Waiting, _) => "waiting",
        (Delivery::Accepted { .. }, Letters::ByServer) => "taken by the mail server",
        (Delivery::Accepted { .. }, Letters::AsFiles) => "written to the folder of letters",
        (Delivery::Deferred { .. }, Letters::ByServer) => {
            "not taken by the mail server yet, tried again"
        }
        (Delivery::Deferred { .. }, Letters::AsFiles) => {
            "not written to the folder of letters yet, tried again"
        }
        (Delivery::Refused { .. }, _) => "refused by the mail server",
    }
}
