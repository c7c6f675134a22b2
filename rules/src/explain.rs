//! Everything that is known of one name: for whoever asks why it is judged as it is.

use facts::{Category, Confidence, HostName, Profile, ProtectedGroup, RuleId};

use crate::exceptions::Exception;
use crate::levels::{code, level};
use crate::set::{RuleSet, TEST_PACK, pack_of};
use crate::typed::NameOrWord;

/// What is known of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The name that was asked about.
    pub name: HostName,
    /// The group under which it is protected: then no rule speaks, whatever stands below.
    pub protection: Option<ProtectedGroup>,
    /// Whether a pack settles it as ordinary: then lists and words say nothing.
    pub is_ordinary: bool,
    /// Every rule that names it or finds words in it, the best first.
    pub speaking: Vec<Speaking>,
    /// The level it can reach for each profile, with the profile's word; none where it is
    /// not watched.
    pub levels: Vec<(&'static str, Option<&'static str>)>,
    /// Approved exceptions that open it, each as one sentence; whether they are over or not
    /// begun is for the reader to see.
    pub exceptions: Vec<String>,
}

/// One rule that speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speaking {
    /// The rule.
    pub rule: RuleId,
    /// Its theme.
    pub category: Category,
    /// What stands behind it.
    pub confidence: Confidence,
    /// The service, the group of a list, or the words joined by `+`.
    pub title: String,
    /// Who says so: the pack's or list's source.
    pub source: String,
    /// Under which licence.
    pub licence: String,
    /// The level it alone could reach at key stages 3 and 4.
    pub level: Option<&'static str>,
    /// On which networks and at which times alone it speaks: `on BYOD, in lessons`.
    pub condition: Option<String>,
}

impl RuleSet {
    /// Explains a name or word; none where no device can ask for it.
    #[must_use]
    pub fn explain(&self, typed: &str) -> Option<Explained> {
        let name = NameOrWord::read(typed)?.name;
        let asked = name.as_name();
        let mut rules = self.rules_on(asked);
        rules.sort_by(|a, b| {
            b.ruling.confidence.cmp(&a.ruling.confidence).then(a.ruling.rule.cmp(&b.ruling.rule))
        });
        rules.dedup_by(|a, b| a.ruling.rule == b.ruling.rule);
        let speaking = rules.into_iter().map(|rule| {
            let (source, licence) = self.provenance(&rule.ruling.rule);
            Speaking {
                rule: rule.ruling.rule.clone(),
                category: rule.ruling.category,
                confidence: rule.ruling.confidence,
                title: rule.title.clone(),
                source,
                licence,
                level: code(level(rule.ruling.category, Profile::Ks34)),
                condition: self.condition_in_words(&rule.ruling.rule),
            }
        });
        let speaking: Vec<Speaking> = speaking.collect();
        let opens = |exception: &&Exception| {
            speaking.iter().any(|rule| exception.opens(rule.category, Some(asked)))
        };
        let exceptions = self.exceptions().iter().filter(opens).map(Exception::in_words).collect();
        let is_ordinary = self.zones.above(asked).any(|zone| zone.is_ordinary);
        Some(Explained {
            protection: self.protection(asked),
            is_ordinary,
            speaking,
            exceptions,
            levels: Profile::ALL
                .iter()
                .map(|profile| (profile.as_str(), self.ceiling(typed, *profile, false).level))
                .collect(),
            name,
        })
    }

    fn provenance(&self, rule: &RuleId) -> (String, String) {
        let pack = pack_of(rule);
        if let Some(pack) = self.packs.iter().find(|about| about.name == pack) {
            return (pack.source.clone(), pack.licence.clone());
        }
        if pack == TEST_PACK {
            return ("Wardline itself; nobody can have such a site.".into(), "Apache-2.0".into());
        }
        let list = self.lists().find(|about| about.name == pack);
        list.map(|about| (about.source.clone(), about.licence.clone())).unwrap_or_default()
    }
}
