//! What rules say of a name, and how much weight it has once the person is known.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The level of a case, with fixed consequences (TAXONOMY.md 5.1). `P1` outranks all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// For the list: the end-of-day letter and the weekly page.
    P3,
    /// Today: a letter now, to be read the same school day.
    P2,
    /// Now: a letter now, and a climb until someone has it.
    P1,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
        })
    }
}

/// What a match comes to once subject, rung, calendar and exceptions are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weight {
    /// It belongs to a case of this level.
    Case(Severity),
    /// An anonymous count.
    Trend,
    /// The technician's business: a count on the health page, no person.
    Technical,
    /// Not watched for this profile.
    Unmonitored,
}

impl Weight {
    /// How grave it is beside others: the larger number counts.
    #[must_use]
    pub const fn gravity(self) -> u8 {
        match self {
            Self::Case(Severity::P1) => 5,
            Self::Case(Severity::P2) => 4,
            Self::Case(Severity::P3) => 3,
            Self::Technical => 2,
            Self::Trend => 1,
            Self::Unmonitored => 0,
        }
    }
}

/// Who rules are weighed for: an age group or a kind of adult.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// Early years and key stage 1, ages 3 to 7.
    Ks1,
    /// Key stage 2, ages 7 to 11.
    Ks2,
    /// Key stages 3 and 4, ages 11 to 16.
    Ks34,
    /// Key stage 5, ages 16 to 18.
    Ks5,
    /// Any adult who works at the school.
    Staff,
    /// A guest or hirer: weighed as staff, routed to the sponsor's line.
    Guest,
}

impl Profile {
    /// Every profile, youngest first.
    pub const ALL: [Self; 6] =
        [Self::Ks1, Self::Ks2, Self::Ks34, Self::Ks5, Self::Staff, Self::Guest];

    /// The word used in configuration and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ks1 => "ks1",
            Self::Ks2 => "ks2",
            Self::Ks34 => "ks3-4",
            Self::Ks5 => "ks5",
            Self::Staff => "staff",
            Self::Guest => "guest",
        }
    }

    /// Whether this is a profile of children.
    #[must_use]
    pub const fn is_pupil(self) -> bool {
        matches!(self, Self::Ks1 | Self::Ks2 | Self::Ks34 | Self::Ks5)
    }
}

impl FromStr for Profile {
    type Err = NotAWord;

    fn from_str(text: &str) -> Result<Self, NotAWord> {
        Self::ALL.into_iter().find(|p| p.as_str() == text).ok_or(NotAWord)
    }
}

/// The text is none of the words that a list allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAWord;

impl fmt::Display for NotAWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not one of the words allowed here")
    }
}

impl std::error::Error for NotAWord {}

/// How far a connection got. Each rung includes those below it, except that `Refused`
/// and what lies above it exclude one another on one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rung {
    /// The name was looked up.
    LookedUp,
    /// A connection was opened or a hello sent.
    Tried,
    /// The far side, or the filter, refused.
    Refused,
    /// The server's handshake came back.
    Answered,
    /// A page's worth of bytes came back.
    Loaded,
    /// The connection went on for minutes.
    Stayed,
}

impl Rung {
    /// Every rung, lowest first.
    pub const ALL: [Self; 6] =
        [Self::LookedUp, Self::Tried, Self::Refused, Self::Answered, Self::Loaded, Self::Stayed];

    /// The word used in output and in stored rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LookedUp => "looked_up",
            Self::Tried => "tried",
            Self::Refused => "refused",
            Self::Answered => "answered",
            Self::Loaded => "loaded",
            Self::Stayed => "stayed",
        }
    }
}

impl FromStr for Rung {
    type Err = NotAWord;

    fn from_str(text: &str) -> Result<Self, NotAWord> {
        Self::ALL.into_iter().find(|r| r.as_str() == text).ok_or(NotAWord)
    }
}

/// A rule's own name, stable from one rule set to the next: `c14/services/bet-shop`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(Arc<str>);

impl RuleId {
    /// Takes the name as the rule file has it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How sure a rule is of the name itself (not of the person).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Words in the name: never above P3.
    Keyword,
    /// One list holds it.
    Listed,
    /// The name is checked by people, or two independent lists agree on it.
    Curated,
}

impl Confidence {
    /// The word used in rule files and stored rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keyword => "keyword",
            Self::Listed => "listed",
            Self::Curated => "curated",
        }
    }
}

impl FromStr for Confidence {
    type Err = NotAWord;

    fn from_str(text: &str) -> Result<Self, NotAWord> {
        [Self::Keyword, Self::Listed, Self::Curated]
            .into_iter()
            .find(|c| c.as_str() == text)
            .ok_or(NotAWord)
    }
}

/// What one rule says of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// The rule that spoke.
    pub rule: RuleId,
    /// What kind of name it says this is.
    pub category: Category,
    /// How sure it is.
    pub confidence: Confidence,
}

macro_rules! categories {
    ($($variant:ident $code:literal $title:literal,)*) => {
        /// What kind of harm a name stands for (TAXONOMY.md 5.2 as VOICES.md 5.2 splits it).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Category {
            $(#[doc = $title] $variant,)*
        }

        impl Category {
            /// Every category, in the order of the taxonomy.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The code, as in `C05a`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// What a page calls it.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }
        }
    };
}

categories! {
    C01 "C01" "Suicide and self-harm",
    C02 "C02" "Eating disorders",
    C03 "C03" "Terrorism and violent extremism",
    C04 "C04" "Suspected illegal sexual material",
    C05a "C05a" "Random video and stranger chat",
    C05b "C05b" "Anonymous questions",
    C06a "C06a" "Sexual or self-harm role-play bots",
    C06b "C06b" "AI companions",
    C07 "C07" "AI image abuse",
    C08 "C08" "Adult sites",
    C09a "C09a" "Explosives and home-made weapons",
    C09b "C09b" "Knives and replica weapons for sale",
    C10a "C10a" "Drug supply",
    C10b "C10b" "Vapes",
    C11a "C11a" "Hate and harassment",
    C11b "C11b" "Gore and real death",
    C12 "C12" "Misogyny",
    C13 "C13" "Adult dating services",
    C14 "C14" "Gambling",
    C15 "C15" "Ways round the filter",
    C16 "C16" "Encrypted DNS",
    C17 "C17" "Social networks",
    C18 "C18" "Messaging and disposable mail",
    C19 "C19" "Games",
    C20 "C20" "AI assistants",
    C21 "C21" "User stories and forums",
    C22 "C22" "File sharing and remote control",
    C23 "C23" "Piracy and essay mills",
    C24 "C24" "Phishing, malware and scams",
    C25 "C25" "Stalkerware",
    C26 "C26" "Crypto and trading promotion",
    C27 "C27" "Misinformation",
    C28 "C28" "Time online",
    C29 "C29" "Live-cam and paid-image sites",
    C30 "C30" "Body image",
    C31 "C31" "Attack-for-hire and stolen accounts",
    C32 "C32" "Quick money and money mules",
}

impl FromStr for Category {
    type Err = NotAWord;

    /// Reads a code in any case.
    fn from_str(text: &str) -> Result<Self, NotAWord> {
        Self::ALL.iter().copied().find(|c| c.code().eq_ignore_ascii_case(text)).ok_or(NotAWord)
    }
}

/// A group of names that are never watched for anybody (TAXONOMY.md 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProtectedGroup {
    /// Crisis and mental health.
    Z01,
    /// Abuse, exploitation and reporting.
    Z02,
    /// Abuse at home and in the name of honour.
    Z03,
    /// Identity.
    Z04,
    /// Sexual health and pregnancy.
    Z05,
    /// Recovery.
    Z06,
    /// Life help and health.
    Z07,
    /// Staff rights and well-being, teaching of online safety.
    Z08,
}

impl ProtectedGroup {
    /// Every group.
    pub const ALL: [Self; 8] =
        [Self::Z01, Self::Z02, Self::Z03, Self::Z04, Self::Z05, Self::Z06, Self::Z07, Self::Z08];

    /// The code, as in `Z01`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Z01 => "Z01",
            Self::Z02 => "Z02",
            Self::Z03 => "Z03",
            Self::Z04 => "Z04",
            Self::Z05 => "Z05",
            Self::Z06 => "Z06",
            Self::Z07 => "Z07",
            Self::Z08 => "Z08",
        }
    }
}

impl FromStr for ProtectedGroup {
    type Err = NotAWord;

    fn from_str(text: &str) -> Result<Self, NotAWord> {
        Self::ALL.into_iter().find(|g| g.code().eq_ignore_ascii_case(text)).ok_or(NotAWord)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for category in Category::ALL {
            assert_eq!(category.code().parse(), Ok(*category));
        }
        for rung in Rung::ALL {
            assert_eq!(rung.as_str().parse(), Ok(rung));
        }
        for profile in Profile::ALL {
            assert_eq!(profile.as_str().parse(), Ok(profile));
        }
        assert!(Severity::P1 > Severity::P2 && Severity::P2 > Severity::P3);
        assert_eq!("c33".parse::<Category>(), Err(NotAWord));
    }
}
