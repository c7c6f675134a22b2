//! A rule pack as people write it, before anything in it is believed.

use serde::Deserialize;
use toml::Spanned;

/// One pack: a TOML file with its origin, its rules and its own test cases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PackWritten {
    pub(crate) pack: HeaderWritten,
    #[serde(default)]
    pub(crate) service: Vec<ServiceWritten>,
    #[serde(default)]
    pub(crate) words: Vec<WordsWritten>,
    #[serde(default)]
    pub(crate) protected: Vec<ProtectedWritten>,
    #[serde(default)]
    pub(crate) ordinary: Vec<OrdinaryWritten>,
    #[serde(default)]
    pub(crate) only: Vec<OnlyWritten>,
    #[serde(default)]
    pub(crate) cases: CasesWritten,
}

/// Where a pack comes from and who answers for it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeaderWritten {
    /// Its short name, unique among all packs: the second part of its rules' names.
    pub(crate) name: Spanned<String>,
    /// The category of every rule in it that names none itself.
    pub(crate) category: Option<Spanned<String>>,
    /// Who answers for it, by role.
    pub(crate) owner: Spanned<String>,
    /// Why it is watched.
    pub(crate) rationale: Spanned<String>,
    /// Where the names are from.
    pub(crate) source: Spanned<String>,
    /// Under which licence they may be used.
    pub(crate) licence: Spanned<String>,
    /// The language of its words; English where none is written. Words of another language
    /// count only where `reviewed_by` says who read them.
    pub(crate) language: Option<Spanned<String>>,
    /// Words beside which no word of the pack says anything.
    #[serde(default)]
    pub(crate) not_with: Vec<Spanned<String>>,
    /// When a person last looked through it.
    pub(crate) reviewed: Option<toml::value::Datetime>,
    /// Who that was, by role. With a date it makes the names checked ones.
    pub(crate) reviewed_by: Option<Spanned<String>>,
}

/// One service, which may have many names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceWritten {
    pub(crate) name: Spanned<String>,
    pub(crate) names: Vec<Spanned<String>>,
    pub(crate) category: Option<Spanned<String>>,
    /// Names below `names` on which the rule does not speak.
    #[serde(default)]
    pub(crate) except: Vec<Spanned<String>>,
    /// `listed` for names that nobody checked one by one.
    pub(crate) confidence: Option<Spanned<String>>,
    /// Whether `names` may be public suffixes, as a whole top-level domain is.
    #[serde(default)]
    pub(crate) public_suffix: bool,
    /// Networks on which alone it speaks, by the names of the configuration.
    #[serde(default)]
    pub(crate) networks: Vec<Spanned<String>>,
    /// Times of the school's calendar in which alone it speaks.
    #[serde(default)]
    pub(crate) during: Vec<Spanned<String>>,
}

/// Words in a name that hint at a category.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WordsWritten {
    /// Each a whole word, or words joined by `+` that must all be there.
    pub(crate) any: Vec<Spanned<String>>,
    pub(crate) category: Option<Spanned<String>>,
    /// Whether a word must be a whole label, not only a part between hyphens.
    #[serde(default)]
    pub(crate) whole_label: bool,
    /// Whether the letters run together with a single word may be no words themselves.
    #[serde(default)]
    pub(crate) among_unknown: bool,
    /// Whether words must stand in the label that the site registered, not below it.
    #[serde(default)]
    pub(crate) own_name: bool,
    /// Words beside which these say nothing.
    #[serde(default)]
    pub(crate) not_with: Vec<Spanned<String>>,
    /// Names at and below which these say nothing.
    #[serde(default)]
    pub(crate) not_on: Vec<Spanned<String>>,
    /// Networks on which alone it speaks, by the names of the configuration.
    #[serde(default)]
    pub(crate) networks: Vec<Spanned<String>>,
    /// Times of the school's calendar in which alone it speaks.
    #[serde(default)]
    pub(crate) during: Vec<Spanned<String>>,
}

/// Names that are never watched for anybody.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProtectedWritten {
    pub(crate) group: Spanned<String>,
    pub(crate) names: Vec<Spanned<String>>,
}

/// Names of which a person settled that they are ordinary: lists and words err there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrdinaryWritten {
    pub(crate) names: Vec<Spanned<String>>,
    /// Why, in a sentence.
    pub(crate) because: Spanned<String>,
}

/// A category of which every rule, whoever wrote it, speaks in some places or at some times
/// only.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OnlyWritten {
    pub(crate) category: Spanned<String>,
    /// Networks on which alone its rules speak, by the names of the configuration.
    #[serde(default)]
    pub(crate) networks: Vec<Spanned<String>>,
    /// Times of the school's calendar in which alone they speak.
    #[serde(default)]
    pub(crate) during: Vec<Spanned<String>>,
    /// Why, in a sentence.
    pub(crate) because: Spanned<String>,
}

/// The pack's own proof: run each time it is loaded.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CasesWritten {
    /// Names on which some rule of the pack must speak (or which it must protect).
    pub(crate) must_match: Vec<Spanned<String>>,
    /// Names on which no rule of the pack may speak.
    pub(crate) must_not_match: Vec<Spanned<String>>,
}
