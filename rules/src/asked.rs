//! What people ask of the rules: the highest level a name can reach, and why.

use facts::{Confidence, Name, Profile, Ruling, Rung, Weight};
use serde::Serialize;

use crate::levels::{code, level};
use crate::sentence::{help_with, what_happens, what_it_is, whom};
use crate::set::{RuleSet, TEST_PACK, pack_of};
use crate::speak::Spoken;
use crate::typed::NameOrWord;
use crate::weigh::Circumstances;

/// The answer of `wardline rules test`, one JSON object with these fields in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// The name as it was typed.
    pub name: String,
    /// `P0` (protected) to `P4` (counted only), or none where nothing is watched.
    pub level: Option<&'static str>,
    /// `C14`, `Z01`, or none where no rule speaks.
    pub category: Option<&'static str>,
    /// The rule that decides.
    pub rule: Option<String>,
    /// One plain sentence.
    pub because: String,
}

impl RuleSet {
    /// The highest level a name or word can reach for a profile: a page has loaded, and
    /// the person is certain. With `only_keywords` no lists are asked.
    #[must_use]
    pub fn ceiling(&self, typed: &str, profile: Profile, only_keywords: bool) -> Asked {
        let name = typed.trim().to_owned();
        let Some(read) = NameOrWord::read(typed) else {
            let because = "No device can ask for such a name, so no rule speaks.".to_owned();
            return Asked { name, level: None, category: None, rule: None, because };
        };
        let mut asked = self.ceiling_of(name, &read, profile, only_keywords);
        if matches!(asked.level, Some("P2" | "P3"))
            && let Some(category) = asked.category.and_then(|code| code.parse().ok())
        {
            let name = Some(read.name.as_name());
            let opened = self.exceptions().iter().filter(|found| found.opens(category, name));
            opened.for_each(|found| asked.because.push_str(&found.beside_a_level()));
        }
        if read.is_address {
            asked.because.push_str(" Only the host of the address is judged: pages are not seen.");
        }
        asked
    }

    fn ceiling_of(
        &self,
        name: String,
        read: &NameOrWord,
        profile: Profile,
        only_keywords: bool,
    ) -> Asked {
        let spoken = match only_keywords {
            true => self.speak_by_words(read.name.as_name()),
            false => self.speak(read.name.as_name()),
        };
        match spoken {
            Spoken::Protected(group) => Asked {
                name,
                level: Some("P0"),
                category: Some(group.code()),
                rule: None,
                because: format!(
                    "This is a place of help {}: it is never watched, stored or counted, for \
                     anybody.",
                    help_with(group)
                ),
            },
            Spoken::Nothing => Asked {
                name,
                level: None,
                category: None,
                rule: None,
                because: "No rule speaks to this name: it is forgotten at once.".into(),
            },
            Spoken::Trend(_) => {
                let counted = self.counted(read.name.as_name(), only_keywords);
                self.weighed(name, &counted, profile)
            }
            Spoken::Match(rulings) => self.weighed(name, &rulings.to_vec(), profile),
        }
    }

    /// The rulings behind a trend.
    fn counted(&self, name: Name<'_>, only_keywords: bool) -> Vec<Ruling> {
        self.rules_on(name)
            .into_iter()
            .map(|rule| &rule.ruling)
            .filter(|ruling| !only_keywords || ruling.confidence == Confidence::Keyword)
            .cloned()
            .collect()
    }

    fn weighed(&self, name: String, rulings: &[Ruling], profile: Profile) -> Asked {
        let seen = Circumstances::of_one(profile, Rung::Loaded);
        let Some(verdict) = self.weigh_where(rulings, &seen, |_| true) else {
            let because = "No rule speaks to this name: it is forgotten at once.".to_owned();
            return Asked { name, level: None, category: None, rule: None, because };
        };
        let reached = verdict.weight;
        let title = self.origin(&verdict.ruling).map_or("", |origin| origin.title);
        let ruling = rulings.iter().find(|ruling| ruling.rule == verdict.ruling);
        let confidence = ruling.map_or(Confidence::Keyword, |ruling| ruling.confidence);
        let what = what_it_is(verdict.category);
        let origin = match confidence {
            _ if pack_of(&verdict.ruling) == TEST_PACK => {
                format!("This harmless test name stands for {what}")
            }
            Confidence::Keyword if title.contains('+') => {
                format!(
                    "The name holds the words “{}”, which hint at {what}",
                    title.replace('+', " ")
                )
            }
            Confidence::Keyword => {
                format!("The name holds the word “{title}”, which hints at {what}")
            }
            Confidence::Listed => format!("A list has this name under “{title}” as {what}"),
            Confidence::Curated => format!("This name belongs to {title}, {what}"),
        };
        let limit = match (reached, level(verdict.category, profile), confidence) {
            (Weight::Case(got), Weight::Case(most), Confidence::Keyword) if got < most => {
                " (words alone never weigh more)"
            }
            (Weight::Case(got), Weight::Case(most), Confidence::Listed) if got < most => {
                " (one list alone never weighs more)"
            }
            _ => "",
        };
        // What is counted or not watched is so from the first look-up on.
        let loaded = match reached {
            Weight::Case(_) => ", once a page has loaded,",
            Weight::Trend | Weight::Technical | Weight::Unmonitored => "",
        };
        let tied = self.condition_in_words(&verdict.ruling);
        let tied = tied.map_or_else(String::new, |on| format!(" This rule speaks only {on}."));
        Asked {
            name,
            level: code(reached),
            category: Some(verdict.category.code()),
            rule: Some(verdict.ruling.as_str().to_owned()),
            because: format!(
                "{origin}; for {}{loaded} {}{limit}.{tied}",
                whom(profile),
                what_happens(reached)
            ),
        }
    }
}
