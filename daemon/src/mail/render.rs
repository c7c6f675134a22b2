//! Letters in words: one form for each thing that is told, the same for every subject and
//! every recipient (VOICES.md 6.1 and 6.2).

use askama::Template;
use facts::{CodeWords, Severity, Span, Timestamp};
use rules::{Calendar, LocalTime};

/// What stands in every letter of one school.
#[derive(Clone, Debug)]
pub struct Letterhead {
    /// The school's short name, as in "Wardline at Elm Row".
    pub school: String,
    /// The address that letters come from.
    pub from: lettre::Address,
    /// Where the dashboard is, without a slash at the end.
    pub base_url: String,
    /// One sentence: where that address works.
    pub reach: String,
}

/// Where the page can be opened, unless the school writes its own sentence. What nobody has
/// told us is not promised: a person at the gate would lose minutes over it.
#[must_use]
pub fn usual_reach(base_url: &str) -> &'static str {
    let host = base_url.split_once("://").map_or(base_url, |(_, host)| host);
    if ["127.", "localhost", "[::1]"].iter().any(|loopback| host.starts_with(loopback)) {
        return "It opens on the Wardline machine alone.";
    }
    "It opens where your school has arranged it."
}

/// The forms of letters; each has its own opening of the Subject line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// Somebody is needed now.
    ActNow,
    /// Somebody is needed today.
    LookToday,
    /// New things for the list.
    EndOfDay,
    /// Somebody has it.
    Taken,
    /// The answer has changed.
    Changed,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 5] =
        [Self::ActNow, Self::LookToday, Self::EndOfDay, Self::Taken, Self::Changed];

    /// How its Subject line begins.
    #[must_use]
    pub const fn opening(self) -> &'static str {
        match self {
            Self::ActNow => "Please act now: ",
            Self::LookToday => "Please look today: ",
            Self::EndOfDay => "At the end of today: ",
            Self::Taken => "Taken: ",
            Self::Changed => "Changed: ",
        }
    }

    /// How many words its body may have.
    #[must_use]
    pub const fn most_words(self) -> usize {
        match self {
            Self::ActNow => 140,
            Self::LookToday => 110,
            Self::EndOfDay | Self::Taken | Self::Changed => 60,
        }
    }

    /// The form that tells of a case of this level; a list matter waits for the end of
    /// the day.
    #[must_use]
    pub const fn telling(severity: Severity) -> Self {
        match severity {
            Severity::P1 => Self::ActNow,
            Severity::P2 => Self::LookToday,
            Severity::P3 => Self::EndOfDay,
        }
    }

    /// The level that a letter with this Subject line told, if it told one.
    #[must_use]
    pub fn severity_told(subject: &str) -> Option<Severity> {
        [Severity::P1, Severity::P2]
            .into_iter()
            .find(|severity| subject.starts_with(Self::telling(*severity).opening()))
    }
}

/// Why an urgent letter, or one for today, is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// The first about this case.
    First,
    /// There is more since this moment.
    More(Timestamp),
    /// Nobody has taken it.
    NotTaken,
    /// It was handed over, and nobody has taken it since.
    HandedOver,
}

/// What a letter tells, without any fact of the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Somebody is needed now.
    ActNow {
        /// The case.
        code: CodeWords,
        /// Why this letter.
        occasion: Occasion,
        /// Which letter of the thread it is, from 1.
        number: usize,
        /// When the next person is told; none where everybody was.
        next_at: Option<Timestamp>,
        /// Whether somebody has it already.
        in_hand: bool,
    },
    /// Somebody is needed today.
    LookToday {
        /// The case.
        code: CodeWords,
        /// Why this letter.
        occasion: Occasion,
        /// Which letter of the thread it is, from 1.
        number: usize,
        /// When what it is about arrived, where that was not just now.
        arrived: Option<Timestamp>,
        /// When whoever was told is reminded; none where that is over.
        remind_at: Option<Timestamp>,
        /// When the next person is told; none where everybody was.
        next_at: Option<Timestamp>,
        /// Whether somebody has it already.
        in_hand: bool,
    },
    /// New things for the list.
    EndOfDay {
        /// How many.
        count: usize,
    },
    /// Somebody has it.
    Taken {
        /// The case.
        code: CodeWords,
        /// Since when.
        since: Timestamp,
    },
    /// The answer has changed.
    Changed {
        /// The case.
        code: CodeWords,
    },
}

impl Notice {
    /// Its form.
    #[must_use]
    pub const fn form(&self) -> Form {
        match self {
            Self::ActNow { .. } => Form::ActNow,
            Self::LookToday { .. } => Form::LookToday,
            Self::EndOfDay { .. } => Form::EndOfDay,
            Self::Taken { .. } => Form::Taken,
            Self::Changed { .. } => Form::Changed,
        }
    }

    /// The same, where somebody has the case already.
    #[must_use]
    pub fn in_hand(mut self, held: bool) -> Self {
        if let Self::ActNow { in_hand, .. } | Self::LookToday { in_hand, .. } = &mut self {
            *in_hand = held;
        }
        self
    }

    /// The case it is about.
    #[must_use]
    pub const fn code(&self) -> Option<&CodeWords> {
        match self {
            Self::ActNow { code, .. }
            | Self::LookToday { code, .. }
            | Self::Taken { code, .. }
            | Self::Changed { code } => Some(code),
            Self::EndOfDay { .. } => None,
        }
    }
}

/// A letter in words, before it has a recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Which form it has.
    pub form: Form,
    /// The Subject line.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// Puts a notice into words, for a letter that leaves at `due`.
#[must_use]
pub fn render(notice: &Notice, head: &Letterhead, calendar: &Calendar, due: Timestamp) -> Draft {
    let moment = Moment { calendar, due, local: calendar.local(due) };
    let now = moment.local.in_words();
    let link = link(head, notice);
    let body = match notice {
        Notice::ActNow { code, occasion, number, next_at, in_hand } => ActNow {
            code: code.as_str(),
            now: &now,
            home: &moment.home_time(),
            link: &link,
            reach: &head.reach,
            promise: &moment.promise(None, *next_at, *in_hand),
            why: &moment.why(Form::ActNow, code, *occasion, *number),
        }
        .render(),
        Notice::LookToday { code, occasion, number, arrived, remind_at, next_at, in_hand } => {
            LookToday {
                code: code.as_str(),
                read_by: &moment.read_by(remind_at.or(*next_at)),
                now: &now,
                arrived: &arrived.map_or(String::new(), |at| moment.arrived(at)),
                link: &link,
                promise: &moment.promise(*remind_at, *next_at, *in_hand),
                next_school_day: moment.next_school_day(),
                why: &moment.why(Form::LookToday, code, *occasion, *number),
            }
            .render()
        }
        Notice::EndOfDay { count } => EndOfDay {
            things: &new_things(*count),
            now: &now,
            link: &link,
            next_school_day: moment.next_school_day(),
        }
        .render(),
        Notice::Taken { code, since } => Taken {
            code: code.as_str(),
            since: &moment.clock_or_day(*since),
            now: &now,
            link: &link,
        }
        .render(),
        Notice::Changed { code } => {
            Changed { code: code.as_str(), now: &now, link: &link }.render()
        }
    };
    let form = notice.form();
    // A template without conditions that fails to write into a String has met a bug of
    // the template engine; the plain letter is what is left.
    let body = body.unwrap_or_else(|_| plain_body(notice, head));
    Draft { form, subject: subject(notice), body: format!("{}\n", body.trim_end()) }
}

/// The plain fixed letter that is sent where the linter refused the other one: nothing in
/// it but the action, the code words and the link.
#[must_use]
pub fn render_plain(notice: &Notice, head: &Letterhead) -> Draft {
    Draft { form: notice.form(), subject: subject(notice), body: plain_body(notice, head) }
}

fn plain_body(notice: &Notice, head: &Letterhead) -> String {
    let link = link(head, notice);
    match notice.code() {
        Some(code) => format!(
            "Open {code}, or ring the number on your card.\n\nOpen {link}\n\nIt holds no names, \
             on purpose.\n"
        ),
        None => format!("Open your list.\n\nOpen {link}\n\nIt holds no names, on purpose.\n"),
    }
}

fn subject(notice: &Notice) -> String {
    let opening = notice.form().opening();
    match notice {
        Notice::EndOfDay { count } => format!("{opening}{}", new_things(*count)),
        _ => format!("{opening}{}", notice.code().map_or("", CodeWords::as_str)),
    }
}

fn new_things(count: usize) -> String {
    if count == 1 { "1 new thing".into() } else { format!("{count} new things") }
}

fn link(head: &Letterhead, notice: &Notice) -> String {
    let path = notice.code().map(CodeWords::in_link).unwrap_or_default();
    format!("{}/{path}", head.base_url)
}

/// The moment at which a letter leaves, and what its words need of the calendar.
struct Moment<'a> {
    calendar: &'a Calendar,
    due: Timestamp,
    local: LocalTime,
}

impl Moment<'_> {
    fn home_time(&self) -> String {
        match self.calendar.home_time_today(self.due) {
            Some(home) => format!("Home time today: {}.", self.calendar.local(home).clock()),
            None => "No school today.".into(),
        }
    }

    fn promise(
        &self,
        remind_at: Option<Timestamp>,
        next_at: Option<Timestamp>,
        in_hand: bool,
    ) -> String {
        if in_hand {
            return "Somebody has it already; please read the page again if that is you.".into();
        }
        match (remind_at, next_at) {
            (Some(remind), Some(next)) => format!(
                "If nobody has it by {} we remind you once. At {} the next person is told.",
                self.clock_or_day(remind),
                self.clock_or_day(next),
            ),
            (Some(remind), None) => {
                format!("If nobody has it by {} we remind you once.", self.clock_or_day(remind))
            }
            (None, Some(next)) => format!(
                "If nobody has it by {}, the next person on the list for this matter is told.",
                self.clock_or_day(next),
            ),
            (None, None) => "Everybody on the list for this matter was told.".into(),
        }
    }

    /// Before the next step where that is today; a matter for today is never for tomorrow.
    fn read_by(&self, at: Option<Timestamp>) -> String {
        match at {
            Some(at) if self.is_today(at) => {
                format!("before {} today", self.calendar.local(at).clock())
            }
            Some(_) | None => "today".into(),
        }
    }

    fn arrived(&self, at: Timestamp) -> String {
        let local = self.calendar.local(at);
        if self.due.since(at) <= Span::minutes(1) {
            // The date line says it.
            String::new()
        } else if self.is_today(at) {
            format!(" It arrived late, at {}.", local.clock())
        } else {
            format!(" It arrived on {}.", local.in_words())
        }
    }

    fn why(&self, form: Form, code: &CodeWords, occasion: Occasion, number: usize) -> String {
        let nth = match number {
            0..=2 => "Second",
            3 => "Third",
            4 => "Fourth",
            _ => "Another",
        };
        match occasion {
            Occasion::First if form == Form::ActNow => {
                format!("This is the first letter about {code}.")
            }
            Occasion::First => format!("First letter about {code}."),
            Occasion::NotTaken => format!("{nth} letter: nobody has taken {code} yet."),
            Occasion::HandedOver => {
                format!("{nth} letter: {code} was handed over and is not taken yet.")
            }
            Occasion::More(since) => {
                let local = self.calendar.local(since);
                let day = local.weekday().to_owned();
                let since = if self.is_today(since) { local.clock() } else { day };
                format!("{nth} letter: there is more since {since}. Nothing you noted is lost.")
            }
        }
    }

    fn next_school_day(&self) -> &'static str {
        let day = self.calendar.day(self.due);
        self.calendar.local(self.calendar.next_school_morning(day.ends)).weekday()
    }

    /// The time of day, with the day where it is another one.
    fn clock_or_day(&self, at: Timestamp) -> String {
        let local = self.calendar.local(at);
        if self.is_today(at) {
            local.clock()
        } else {
            format!("{} on {}", local.clock(), local.weekday())
        }
    }

    fn is_today(&self, at: Timestamp) -> bool {
        self.calendar.local(at).is_same_day(self.local)
    }
}

#[derive(Template)]
#[template(path = "act_now.txt")]
struct ActNow<'a> {
    code: &'a str,
    now: &'a str,
    home: &'a str,
    link: &'a str,
    reach: &'a str,
    promise: &'a str,
    why: &'a str,
}

#[derive(Template)]
#[template(path = "look_today.txt")]
struct LookToday<'a> {
    code: &'a str,
    read_by: &'a str,
    now: &'a str,
    arrived: &'a str,
    link: &'a str,
    promise: &'a str,
    next_school_day: &'a str,
    why: &'a str,
}

#[derive(Template)]
#[template(path = "end_of_day.txt")]
struct EndOfDay<'a> {
    things: &'a str,
    now: &'a str,
    link: &'a str,
    next_school_day: &'a str,
}

#[derive(Template)]
#[template(path = "taken.txt")]
struct Taken<'a> {
    code: &'a str,
    since: &'a str,
    now: &'a str,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "changed.txt")]
struct Changed<'a> {
    code: &'a str,
    now: &'a str,
    link: &'a str,
}
