//! Reading study exceptions: every fault at once, and nothing is opened by a file with one.

use std::str::FromStr;

use facts::{Category, HostName, PersonId, Span, Timestamp, UserName};
use toml::Spanned;

use super::exception::{Exception, Exceptions, Whom, group_word, may_be_opened, year_word};
use super::written::{ExceptionWritten, ExceptionsWritten};
use crate::calendar::{Calendar, SchoolTime, Text, Times};
use crate::diagnostic::{Diagnostic, Fault};
use crate::pack::Source;
use crate::set::RuleSet;
use crate::typed::host_name;

/// The longest an exception may last: a term. What is needed for longer is no topic of
/// study but a change of the rules.
const LONGEST: Span = Span::hours(13 * 7 * 24);
/// The most exceptions of one file.
const MOST: usize = 500;

/// A person of the school, as far as exceptions ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signatory {
    /// The short word of the configuration.
    pub id: PersonId,
    /// Whether this person holds a safeguarding duty, and so may approve.
    pub may_approve: bool,
    /// With whom this person can not be one of two: spouse, relative, line of command.
    pub not_with: Vec<PersonId>,
}

/// What a file of exceptions is read against.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// The rules: what an exception may never open, and what needs none.
    pub rules: &'a RuleSet,
    /// The school's calendar and clock.
    pub calendar: &'a Calendar,
    /// The people who can ask and approve.
    pub people: &'a [Signatory],
}

impl Reading<'_> {
    /// Reads a file of exceptions.
    ///
    /// # Errors
    /// Every fault at once; the caller keeps what it has.
    pub fn read(&self, source: &Source) -> Result<Exceptions, Vec<Diagnostic>> {
        let located = |fault: Fault| fault.locate(&source.file, &source.text);
        let written: ExceptionsWritten = toml::from_str(&source.text)
            .map_err(|error| vec![located(Fault::from_toml(&error))])?;
        let mut faults = Faults::default();
        if let Some(beyond) = written.exception.get(MOST) {
            faults.say(
                &beyond.topic,
                "exception",
                format!("There are more than {MOST} exceptions."),
                "Take out those that are over.",
            );
        }
        let all = written.exception.iter().filter_map(|one| self.one(one, &mut faults)).collect();
        match faults.0.is_empty() {
            true => Ok(Exceptions { all }),
            false => Err(faults.0.into_iter().map(located).collect()),
        }
    }

    fn one(&self, written: &ExceptionWritten, faults: &mut Faults) -> Option<Exception> {
        let topic = faults.text(&written.topic, "exception.topic", "Write what is studied.");
        let reason = faults.text(&written.reason, "exception.reason", "Write why, in a sentence.");
        let categories = self.categories(written, faults);
        let names = self.names(written, faults);
        if written.categories.is_empty() && written.names.is_empty() {
            faults.say(
                &written.topic,
                "exception.categories",
                "Nothing says what it opens.".to_owned(),
                "Write categories = [\"C14\"] or names = [\"service.example\"].",
            );
        }
        let whom = whom(written, faults);
        let (from, until) = self.period(written, faults)?;
        let during = faults.times(&written.during);
        let (asked_by, approved_by) = self.two_people(written, faults)?;
        Some(Exception {
            topic,
            reason,
            categories,
            names,
            whom,
            from,
            until,
            from_local: self.calendar.local(from),
            until_local: self.calendar.local(until),
            during,
            asked_by,
            approved_by,
        })
    }

    fn categories(&self, written: &ExceptionWritten, faults: &mut Faults) -> Vec<Category> {
        let key = "exception.categories";
        let mut categories = Vec::new();
        for code in &written.categories {
            let Ok(category) = Category::from_str(code.as_ref().trim()) else {
                faults.say(
                    code,
                    key,
                    format!("\u{201c}{}\u{201d} is no category.", code.as_ref()),
                    "Write one of C01 to C32, as in \"C14\"; places of help need no exception.",
                );
                continue;
            };
            if !may_be_opened(category) {
                faults.say(code, key, never(category), NEVER_MEND);
            }
            categories.push(category);
        }
        categories
    }

    /// Names that are protected need no exception, and one that stands for something grave
    /// can have none.
    fn names(&self, written: &ExceptionWritten, faults: &mut Faults) -> Vec<HostName> {
        let key = "exception.names";
        let mut names = Vec::new();
        for text in &written.names {
            let name = match host_name(text.as_ref()) {
                Ok(name) => name,
                Err(no) => {
                    let sentence = format!("\u{201c}{}\u{201d}: {}", text.as_ref(), no.sentence);
                    faults.say(text, key, sentence, &no.mend);
                    continue;
                }
            };
            if psl::suffix_str(name.as_str()) == Some(name.as_str()) {
                let sentence = format!(
                    "\u{201c}{}\u{201d} is an ending that many sites share.",
                    name.as_str()
                );
                faults.say(text, key, sentence, "Write the site's whole name.");
            }
            if self.rules.protection(name.as_name()).is_some() {
                let sentence = format!(
                    "\u{201c}{}\u{201d} is a place of help: nobody is ever told of it.",
                    name.as_str()
                );
                faults.say(text, key, sentence, "Take it out; it needs no exception.");
            }
            let rules = self.rules.rules_on(name.as_name());
            let grave = rules.iter().map(|rule| rule.ruling.category).find(|c| !may_be_opened(*c));
            if let Some(category) = grave {
                faults.say(text, key, never(category), NEVER_MEND);
            }
            names.push(name);
        }
        names
    }

    fn period(
        &self,
        written: &ExceptionWritten,
        faults: &mut Faults,
    ) -> Option<(Timestamp, Timestamp)> {
        let mut moment = |text: &Spanned<Text>, key: &str| {
            let read = self.calendar.at_written(&text.as_ref().as_written());
            if read.is_none() {
                faults.say(
                    text,
                    key,
                    format!("\u{201c}{}\u{201d} is no minute.", text.as_ref().as_written()),
                    "Write day and time by the school's clock, as in \"2026-11-27 15:15\".",
                );
            }
            read
        };
        let from = moment(&written.from, "exception.from");
        let until = moment(&written.until, "exception.until");
        let (from, until) = (from?, until?);
        let (sentence, mend) = if until <= from {
            ("It ends before it begins.", "Exchange the two, or correct the year.")
        } else if until.since(from) > LONGEST {
            (
                "It lasts longer than a term (13 weeks).",
                "Write an earlier end; it can be asked for again.",
            )
        } else {
            return Some((from, until));
        };
        faults.say(&written.until, "exception.until", sentence.to_owned(), mend);
        None
    }

    /// Who asked and who approved: two different people, the second with a safeguarding
    /// duty, neither bound to the other.
    fn two_people(
        &self,
        written: &ExceptionWritten,
        faults: &mut Faults,
    ) -> Option<(PersonId, PersonId)> {
        let (asker_key, approver_key) = ("exception.asked_by", "exception.approved_by");
        let asker = self.person(&written.asked_by, asker_key, faults);
        let approver = self.person(&written.approved_by, approver_key, faults);
        let (asker, approver) = (asker?, approver?);
        let bound = asker.not_with.contains(&approver.id) || approver.not_with.contains(&asker.id);
        let (sentence, mend) = if asker.id == approver.id {
            ("The person who asks also approves.", "Let a second person approve.")
        } else if !approver.may_approve {
            (
                "This person holds no safeguarding duty, so can not approve.",
                "Name the lead, the deputy, the Headteacher or a chair of governors.",
            )
        } else if bound {
            (
                "The two people have declared a conflict, so they count as one.",
                "Let somebody else approve.",
            )
        } else {
            return Some((asker.id.clone(), approver.id.clone()));
        };
        faults.say(&written.approved_by, approver_key, sentence.to_owned(), mend);
        None
    }

    fn person(&self, word: &Spanned<String>, key: &str, faults: &mut Faults) -> Option<&Signatory> {
        let id = PersonId::new(word.as_ref().trim());
        let found = self.people.iter().find(|person| person.id == id);
        if found.is_none() {
            let sentence = format!("\u{201c}{}\u{201d} is none of the people.", word.as_ref());
            let mend = "Write the id of one of [[people]] in the configuration.";
            faults.say(word, key, sentence, mend);
        }
        found
    }
}

const NEVER_MEND: &str =
    "Take it out: what needs someone at once for any age, or is illegal, is never opened.";

fn never(category: Category) -> String {
    format!("No exception can cover {} ({}).", category.title(), category.code())
}

fn whom(written: &ExceptionWritten, faults: &mut Faults) -> Whom {
    let mut words = |list: &[Spanned<String>], key: &str| -> Vec<String> {
        let mend = "Write it as the directory does.";
        list.iter().map(|text| faults.text(text, key, mend)).collect()
    };
    let groups = words(&written.groups, "exception.groups");
    let years = words(&written.years, "exception.years");
    let accounts = words(&written.accounts, "exception.accounts");
    if groups.is_empty() && years.is_empty() && accounts.is_empty() {
        faults.say(
            &written.topic,
            "exception.groups",
            "Nothing says for whom it is: an exception is never for the whole school.".to_owned(),
            "Write groups = [\"3B\"], years = [\"3\"] or accounts.",
        );
    }
    Whom {
        groups: groups.iter().map(|group| group_word(group)).collect(),
        years: years.iter().map(|year| year_word(year)).collect(),
        accounts: accounts.iter().map(|account| UserName::new(account)).collect(),
    }
}

/// Faults found so far.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn say<T>(&mut self, at: &Spanned<T>, key: &str, sentence: String, mend: &str) {
        let span = Some(at.span());
        self.0.push(Fault { span, key: key.into(), sentence, mend: mend.into() });
    }

    /// A text that is not empty and stays on one line of a record.
    fn text(&mut self, text: &Spanned<String>, key: &str, mend: &str) -> String {
        let words = text.as_ref().trim();
        if words.is_empty() {
            self.say(text, key, "It is empty.".to_owned(), mend);
        }
        if words.chars().any(char::is_control) {
            let sentence = "A control character stands in it.".to_owned();
            self.say(text, key, sentence, "Write it on one line.");
        }
        words.to_owned()
    }

    fn times(&mut self, written: &[Spanned<String>]) -> Times {
        let mut times = Times::default();
        for word in written {
            match word.as_ref().trim().parse::<SchoolTime>() {
                Ok(time) => times = times.with(time),
                Err(_) => {
                    let (sentence, mend) = no_time(word.as_ref());
                    self.say(word, "exception.during", sentence, &mend);
                }
            }
        }
        times
    }
}

/// What is wrong with a word that is no time of the calendar, and the mend.
pub(crate) fn no_time(word: &str) -> (String, String) {
    let known: Vec<&str> = SchoolTime::ALL.iter().map(|time| time.as_str()).collect();
    (
        format!("\u{201c}{word}\u{201d} is no time of the calendar."),
        format!("Write one or more of {}.", known.join(", ")),
    )
}
