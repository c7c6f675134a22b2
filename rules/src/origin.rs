//! Where a rule comes from: who answers for its pack, and from where its names are.

use facts::RuleId;

use crate::set::{RuleSet, pack_of};
use crate::written::HeaderWritten;

/// What a pack says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackAbout {
    /// Its short name: the second part of its rules' names.
    pub name: String,
    /// Who answers for it, by role.
    pub owner: String,
    /// Why it is watched.
    pub rationale: String,
    /// Where its names are from.
    pub source: String,
    /// Under which licence they may be used.
    pub licence: String,
    /// When a person last looked through it: `2026-11-22`.
    pub reviewed: Option<String>,
    /// Who that was, by role.
    pub reviewed_by: Option<String>,
}

/// Where one rule comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// What the rule is called: a service's name, or the words joined by `+`.
    pub title: &'a str,
    /// Its pack; none for a test name.
    pub pack: Option<&'a PackAbout>,
}

impl PackAbout {
    pub(crate) fn read(header: &HeaderWritten) -> Self {
        let text = |value: &toml::Spanned<String>| value.as_ref().trim().to_owned();
        Self {
            name: text(&header.name),
            owner: text(&header.owner),
            rationale: text(&header.rationale),
            source: text(&header.source),
            licence: text(&header.licence),
            reviewed: header.reviewed.as_ref().map(ToString::to_string),
            reviewed_by: header.reviewed_by.as_ref().map(text),
        }
    }
}

impl RuleSet {
    /// The packs of the set, in the order of their loading.
    #[must_use]
    pub fn packs(&self) -> &[PackAbout] {
        &self.packs
    }

    /// Where a rule comes from; none where this set has no such rule (any more).
    #[must_use]
    pub fn origin(&self, rule: &RuleId) -> Option<Origin<'_>> {
        let found = self.rules.iter().find(|held| held.ruling.rule == *rule)?;
        let pack = self.packs.iter().find(|pack| pack.name == pack_of(rule));
        Some(Origin { title: &found.title, pack })
    }
}
