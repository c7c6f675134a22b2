//! A file of study exceptions as people write it, before anything in it is believed.

use serde::Deserialize;
use toml::Spanned;

use crate::calendar::Text;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExceptionsWritten {
    #[serde(default)]
    pub(super) exception: Vec<ExceptionWritten>,
}

/// One study exception.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExceptionWritten {
    /// What is studied.
    pub(super) topic: Spanned<String>,
    /// Why it needs an exception.
    pub(super) reason: Spanned<String>,
    /// The categories it opens.
    #[serde(default)]
    pub(super) categories: Vec<Spanned<String>>,
    /// The names that it opens, each with all names below it.
    #[serde(default)]
    pub(super) names: Vec<Spanned<String>>,
    /// Classes or groups, as the directory writes them.
    #[serde(default)]
    pub(super) groups: Vec<Spanned<String>>,
    /// School years, as the directory writes them.
    #[serde(default)]
    pub(super) years: Vec<Spanned<String>>,
    /// Accounts of pupils or classes.
    #[serde(default)]
    pub(super) accounts: Vec<Spanned<String>>,
    /// Its first minute.
    pub(super) from: Spanned<Text>,
    /// The first minute after it.
    pub(super) until: Spanned<Text>,
    /// Times of the calendar in which alone it holds.
    #[serde(default)]
    pub(super) during: Vec<Spanned<String>>,
    /// Who asked for it: the short word of one of the people.
    pub(super) asked_by: Spanned<String>,
    /// Who approved it: the short word of another.
    pub(super) approved_by: Spanned<String>,
}
