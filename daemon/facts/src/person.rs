//! Accounts, devices, and the answer to "who was it?" with its certainty.

use std::fmt;

use crate::{Mac, NotAWord, Span};

/// The name of an account. It has no `Display` and a `Debug` that hides it, so that it
/// reaches a log, a metric or a letter only where `reveal` is written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserName(Box<str>);

impl UserName {
    /// Takes the name as it stood.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text. Each use is reviewed: a test lists the files that may.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether both are one account: directories do not tell capital from small letters.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.to_lowercase() == other.0.to_lowercase()
    }
}

impl fmt::Debug for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserName(…)")
    }
}

/// What the directory says an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// One child's own account.
    Pupil,
    /// An account that a class shares.
    Class,
    /// A member of staff's own account.
    Staff,
    /// A volunteer's own account.
    Volunteer,
    /// A contractor's own account.
    Contractor,
    /// A supply teacher's own account.
    Supply,
    /// A governor's own account.
    Governor,
    /// An account lent to visitors.
    Guest,
    /// An administrator account that several people can use.
    Admin,
    /// A program's account: never a person.
    Service,
    /// A computer's account: never a person.
    Device,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 11] = [
        Self::Pupil,
        Self::Class,
        Self::Staff,
        Self::Volunteer,
        Self::Contractor,
        Self::Supply,
        Self::Governor,
        Self::Guest,
        Self::Admin,
        Self::Service,
        Self::Device,
    ];

    /// The word of the directory file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pupil => "pupil",
            Self::Class => "class",
            Self::Staff => "staff",
            Self::Volunteer => "volunteer",
            Self::Contractor => "contractor",
            Self::Supply => "supply",
            Self::Governor => "governor",
            Self::Guest => "guest",
            Self::Admin => "admin",
            Self::Service => "service",
            Self::Device => "device",
        }
    }

    /// Whether several people share such an account.
    #[must_use]
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::Class | Self::Guest | Self::Admin)
    }

    /// Whether it is certainly a grown-up's account: not a child's, not lent, not a machine's.
    #[must_use]
    pub const fn is_adults(self) -> bool {
        match self {
            Self::Staff
            | Self::Volunteer
            | Self::Contractor
            | Self::Supply
            | Self::Governor
            | Self::Admin => true,
            Self::Pupil | Self::Class | Self::Guest | Self::Service | Self::Device => false,
        }
    }

    /// Whether a person can be behind such an account at all.
    #[must_use]
    pub const fn is_person(self) -> bool {
        !matches!(self, Self::Service | Self::Device)
    }
}

impl std::str::FromStr for Role {
    type Err = NotAWord;

    fn from_str(text: &str) -> Result<Self, NotAWord> {
        Self::ALL.into_iter().find(|r| r.as_str() == text).ok_or(NotAWord)
    }
}

/// A duty that routing knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Duty {
    /// Designated Safeguarding Lead.
    Lead,
    /// Deputy Designated Safeguarding Lead.
    Deputy,
    /// Headteacher.
    Headteacher,
    /// The person named to act for the Headteacher.
    ActingHead,
    /// Chair of Governors.
    Chair,
    /// Vice-Chair of Governors.
    ViceChair,
    /// A named person outside the school: the trust's safeguarding lead or the local
    /// authority's officer. Has no school account, so can never be a subject.
    Outside,
    /// Online Safety Governor.
    Governor,
    /// Online Safety Lead.
    SafetyLead,
    /// Technician.
    Technician,
}

impl Duty {
    /// Every duty.
    pub const ALL: [Self; 10] = [
        Self::Lead,
        Self::Deputy,
        Self::Headteacher,
        Self::ActingHead,
        Self::Chair,
        Self::ViceChair,
        Self::Outside,
        Self::Governor,
        Self::SafetyLead,
        Self::Technician,
    ];

    /// The word of the configuration, of output and of stored rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Deputy => "deputy",
            Self::Headteacher => "headteacher",
            Self::ActingHead => "acting_head",
            Self::Chair => "chair",
            Self::ViceChair => "vice_chair",
            Self::Outside => "outside",
            Self::Governor => "governor",
            Self::SafetyLead => "safety_lead",
            Self::Technician => "technician",
        }
    }
}

impl std::str::FromStr for Duty {
    type Err = NotAWord;

    fn from_str(text: &str) -> Result<Self, NotAWord> {
        Self::ALL.into_iter().find(|d| d.as_str() == text).ok_or(NotAWord)
    }
}

/// An account that may have been in use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// The account's canonical login.
    pub account: UserName,
    /// What the directory says it is; none where the directory does not hold it.
    pub role: Option<Role>,
    /// Duties that the directory or the list of people ties to it.
    pub duties: Vec<Duty>,
    /// School year as the directory has it: `R`, `1` to `13`.
    pub year: Option<String>,
    /// Class or group as the directory has it.
    pub group: Option<String>,
    /// The name to show behind the sign-in.
    pub display: Option<String>,
    /// Whether one side alone of its login was heard, which any device can send: a route must
    /// not turn away from whom it would take without it.
    pub one_sided: bool,
}

/// A device that is known by its hardware address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its hardware address.
    pub mac: Mac,
    /// What it calls itself, or what the device register calls it.
    pub name: Option<String>,
}

/// How sure an attribution is (IDENTITY.md, levels).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// Nobody can be said at all.
    Unknown,
    /// The device is known, nobody is known to have been logged in.
    DeviceOnly,
    /// Several accounts may have been in use.
    OneOf,
    /// One account, its last proof older than the idle lock.
    LastKnown,
    /// One account, its last proof no older than the idle lock.
    Likely,
    /// One shared account, proven.
    ProvenShared,
    /// One individual account, proven.
    Proven,
}

impl Certainty {
    /// Every certainty, weakest first.
    pub const ALL: [Self; 7] = [
        Self::Unknown,
        Self::DeviceOnly,
        Self::OneOf,
        Self::LastKnown,
        Self::Likely,
        Self::ProvenShared,
        Self::Proven,
    ];

    /// The word of output and of stored rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::DeviceOnly => "device_only",
            Self::OneOf => "one_of",
            Self::LastKnown => "last_known",
            Self::Likely => "likely",
            Self::ProvenShared => "proven_shared",
            Self::Proven => "proven",
        }
    }
}

impl std::str::FromStr for Certainty {
    type Err = NotAWord;

    fn from_str(text: &str) -> Result<Self, NotAWord> {
        Self::ALL.into_iter().find(|c| c.as_str() == text).ok_or(NotAWord)
    }
}

/// Who was it: the answer, never more than the evidence carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Exactly this individual account was logged in.
    Proven(Candidate),
    /// Exactly this shared account was logged in; which person is not known.
    ProvenShared(Candidate),
    /// This account, by a proof no older than the idle lock.
    Likely {
        /// The account.
        candidate: Candidate,
        /// Age of its last proof.
        proof_age: Span,
    },
    /// This account, by an older proof.
    LastKnown {
        /// The account.
        candidate: Candidate,
        /// Age of its last proof.
        proof_age: Span,
    },
    /// One of several, in alphabetical order, never ranked.
    OneOf(Several),
    /// Nobody known to be logged in.
    DeviceOnly,
    /// Not known, with the reason.
    Unknown(Why),
}

/// Of whom it was one: two or more accounts, or one and whoever is not known. In
/// alphabetical order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Several {
    candidates: Vec<Candidate>,
    or_unknown: bool,
}

impl Several {
    /// It was one of these; `None` where fewer than two differ.
    #[must_use]
    pub fn new(candidates: Vec<Candidate>) -> Option<Self> {
        let candidates = in_order(candidates);
        (candidates.len() >= 2).then_some(Self { candidates, or_unknown: false })
    }

    /// It was one of these or somebody of whom nothing is known; `None` where there is
    /// nobody.
    #[must_use]
    pub fn or_unknown(candidates: Vec<Candidate>) -> Option<Self> {
        let candidates = in_order(candidates);
        (!candidates.is_empty()).then_some(Self { candidates, or_unknown: true })
    }

    /// The candidates.
    #[must_use]
    pub fn as_slice(&self) -> &[Candidate] {
        &self.candidates
    }

    /// Whether it may have been none of them.
    #[must_use]
    pub const fn may_be_unknown(&self) -> bool {
        self.or_unknown
    }
}

fn in_order(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort();
    candidates.dedup_by(|a, b| a.account == b.account);
    candidates
}

/// Why nobody can be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// No device is known for the address.
    NoDevice,
    /// Two devices may have held the address and neither has an account.
    AddressConflict,
    /// Many people use the host at once (terminal server, VPN, proxy).
    ManyUsers,
    /// Several devices asked for the same within minutes: no single person is meant.
    SeveralDevices,
    /// A source of logins was lost or had a gap.
    CoverBroken,
}

impl Why {
    /// Every reason.
    pub const ALL: [Self; 5] = [
        Self::NoDevice,
        Self::AddressConflict,
        Self::ManyUsers,
        Self::SeveralDevices,
        Self::CoverBroken,
    ];

    /// The word of stored rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoDevice => "no_device",
            Self::AddressConflict => "address_conflict",
            Self::ManyUsers => "many_users",
            Self::SeveralDevices => "several_devices",
            Self::CoverBroken => "cover_broken",
        }
    }
}

impl std::str::FromStr for Why {
    type Err = NotAWord;

    fn from_str(text: &str) -> Result<Self, NotAWord> {
        Self::ALL.into_iter().find(|w| w.as_str() == text).ok_or(NotAWord)
    }
}

impl Answer {
    /// How sure the answer is.
    #[must_use]
    pub const fn certainty(&self) -> Certainty {
        match self {
            Self::Proven(_) => Certainty::Proven,
            Self::ProvenShared(_) => Certainty::ProvenShared,
            Self::Likely { .. } => Certainty::Likely,
            Self::LastKnown { .. } => Certainty::LastKnown,
            Self::OneOf(_) => Certainty::OneOf,
            Self::DeviceOnly => Certainty::DeviceOnly,
            Self::Unknown(_) => Certainty::Unknown,
        }
    }

    /// The accounts that may have been in use, in alphabetical order.
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        match self {
            Self::Proven(candidate)
            | Self::ProvenShared(candidate)
            | Self::Likely { candidate, .. }
            | Self::LastKnown { candidate, .. } => std::slice::from_ref(candidate),
            Self::OneOf(several) => several.as_slice(),
            Self::DeviceOnly | Self::Unknown(_) => &[],
        }
    }

    /// Whether it may have been somebody who is not among the candidates: nobody may be
    /// taken for cleared, nor for named, by such an answer.
    #[must_use]
    pub const fn leaves_open(&self) -> bool {
        match self {
            Self::OneOf(several) => several.may_be_unknown(),
            Self::DeviceOnly | Self::Unknown(_) => true,
            Self::Proven(_)
            | Self::ProvenShared(_)
            | Self::Likely { .. }
            | Self::LastKnown { .. } => false,
        }
    }
}

/// An answer with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// Who was it.
    pub answer: Answer,
    /// The device, where one is known.
    pub device: Option<Device>,
    /// Plain sentences for and against, without the names of accounts.
    pub grounds: Vec<Ground>,
}

/// One plain sentence of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// Whether it speaks for the answer or against it.
    pub bearing: Bearing,
    /// The sentence: no account, no observed name.
    pub sentence: String,
}

/// Whether a piece of evidence supports an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bearing {
    /// It supports the answer.
    For,
    /// It weakens the answer.
    Against,
    /// An assumption that the answer rests on.
    Assumed,
}
