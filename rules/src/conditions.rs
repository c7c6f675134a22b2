//! Conditions of a rule: the networks and the times of the school in which alone it speaks.

use facts::{Category, RuleId, Severity};
use toml::Spanned;

use crate::calendar::{SchoolTime, Times};
use crate::diagnostic::{Diagnostic, Fault};
use crate::exceptions::no_time;
use crate::levels::gravest;
use crate::pack::Source;
use crate::set::RuleSet;
use crate::weigh::Circumstances;

/// Where and when a rule speaks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Condition {
    /// Networks, by the names of the configuration; on any where it is empty.
    networks: Vec<NamedOn>,
    /// Times of the calendar; at any where it is empty.
    during: Times,
}

/// A network that a rule names, and what is said where the configuration has none such.
#[derive(Clone, Debug)]
struct NamedOn {
    name: String,
    unknown: Diagnostic,
}

impl Condition {
    /// Reads the condition of a rule; none where the rule speaks everywhere, and where a
    /// fault was found.
    pub(crate) fn read(
        networks: &[Spanned<String>],
        during: &[Spanned<String>],
        category: Category,
        source: &Source,
        found: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let first = networks.first().or(during.first())?;
        let locate = |at: &Spanned<String>, key: &str, sentence: String, mend: &str| {
            let fault =
                Fault { span: Some(at.span()), key: key.into(), sentence, mend: mend.into() };
            fault.locate(&source.file, &source.text)
        };
        let Some(Severity::P3) = gravest(category) else {
            let sentence = format!(
                "{} ({}) can not be tied to a network or a time.",
                category.title(),
                category.code()
            );
            let mend = "Take networks and during out: only what goes on the list, for everybody, \
                        can be tied to them.";
            found.push(locate(first, "networks", sentence, mend));
            return None;
        };
        let networks = networks.iter().map(|name| NamedOn {
            name: name.as_ref().trim().to_owned(),
            unknown: locate(
                name,
                "networks",
                format!("\u{201c}{}\u{201d} is no network of the configuration.", name.as_ref()),
                "Write the name of one of [[network]] there.",
            ),
        });
        let networks = networks.collect();
        let mut times = Times::default();
        for word in during {
            match word.as_ref().trim().parse::<SchoolTime>() {
                Ok(time) => times = times.with(time),
                Err(_) => {
                    let (sentence, mend) = no_time(word.as_ref());
                    found.push(locate(word, "during", sentence, &mend));
                }
            }
        }
        Some(Self { networks, during: times })
    }

    fn holds(&self, seen: &Circumstances<'_>) -> bool {
        let is_named = |on: &NamedOn| seen.network.is_some_and(|name| is_same(name, &on.name));
        (self.networks.is_empty() || self.networks.iter().any(is_named))
            && (self.during.is_empty() || self.during.meets(seen.times))
    }

    /// Whether this holds on every network and at every time where the other does.
    pub(crate) fn holds_wherever(&self, other: &Self) -> bool {
        let is_named = |on: &NamedOn| self.networks.iter().any(|own| is_same(&own.name, &on.name));
        let networks = self.networks.is_empty()
            || (!other.networks.is_empty() && other.networks.iter().all(is_named));
        let during = self.during.is_empty()
            || (!other.during.is_empty() && other.during.iter().all(|time| self.during.has(time)));
        networks && during
    }

    /// As a sentence says it: `on BYOD, in lessons`.
    pub(crate) fn in_words(&self) -> String {
        let names: Vec<&str> = self.networks.iter().map(|on| on.name.as_str()).collect();
        let on = (!names.is_empty()).then(|| format!("on {}", names.join(" or ")));
        let during = (!self.during.is_empty()).then(|| self.during.in_words());
        on.into_iter().chain(during).collect::<Vec<_>>().join(", ")
    }
}

/// Whether two names of networks are one, however they are written.
fn is_same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

impl RuleSet {
    /// Faults of rules that name a network which is none of `known`: a misspelt name would
    /// keep such a rule silent for good.
    #[must_use]
    pub fn unknown_networks(&self, known: &[&str]) -> Vec<Diagnostic> {
        let named = self.conditions.values().flatten().flat_map(|on| &on.networks);
        let unknown = named.filter(|on| !known.iter().any(|name| is_same(name, &on.name)));
        let mut found: Vec<Diagnostic> = Vec::new();
        for on in unknown {
            // The condition of a category stands with each of its rules.
            if !found.contains(&on.unknown) {
                found.push(on.unknown.clone());
            }
        }
        found
    }

    /// Whether a rule speaks in these circumstances. A rule that this set does not know was
    /// asked of another set: it spoke, so it counts.
    pub(crate) fn speaks_here(&self, rule: &RuleId, seen: &Circumstances<'_>) -> bool {
        self.conditions.get(rule).is_none_or(|on| on.iter().all(|condition| condition.holds(seen)))
    }

    /// The condition of a rule, as a sentence says it.
    pub(crate) fn condition_in_words(&self, rule: &RuleId) -> Option<String> {
        let on: Vec<String> = self.conditions.get(rule)?.iter().map(Condition::in_words).collect();
        Some(on.join(", and there only "))
    }
}

#[cfg(test)]
mod tests {
    use facts::{Confidence, HostName, Profile, Ruling, Rung, Timestamp, Weight};

    use super::*;
    use crate::Calendar;
    use crate::Spoken;
    use crate::tests::{own_pack, with_own};

    const P3: Weight = Weight::Case(Severity::P3);

    fn service(category: &str, condition: &str) -> String {
        let service = format!(
            "[[service]]\nname = \"A tunnel\"\ncategory = \"{category}\"\n\
             names = [\"tunnel.elmrow.example\"]\n{condition}\n"
        );
        own_pack(true, &service)
    }

    fn calendar() -> Calendar {
        Calendar::parse(
            "bank_holidays = [2026-05-04]\n\
             half_days = [{ on = 2026-11-20, home_time = \"12:30\" }]",
        )
        .unwrap()
    }

    fn seen(moment: &str, network: Option<&'static str>) -> Circumstances<'static> {
        let at = calendar().at_written(moment).unwrap();
        let times = calendar().times(at);
        Circumstances { at, times, network, ..Circumstances::of_one(Profile::Ks2, Rung::Loaded) }
    }

    const TUNNELS: &str = "[[only]]\ncategory = \"C15\"\nnetworks = [\"BYOD\"]\n\
        because = \"Only there may pupils bring programs of their own.\"\n";

    #[test]
    fn a_category_for_a_network_silences_every_rule_of_it_on_every_other() {
        let other = service("C14", "").replace("tunnel", "shop");
        let set = with_own(&format!("{other}{TUNNELS}")).unwrap().set;
        for (name, office, byod) in [
            ("nordvpn.com", Weight::Unmonitored, P3),
            ("free-vpn-proxy.example", Weight::Unmonitored, P3),
            ("shop.elmrow.example", P3, P3),
            ("c15.test.wardline.example", P3, P3),
        ] {
            let rulings = rulings(&set, name);
            let on = |network| {
                set.weigh(&rulings, &seen("2026-11-18 10:00", Some(network))).unwrap().weight
            };
            assert_eq!((on("Office"), on("byod")), (office, byod), "{name}");
        }
        let told = set.ceiling("nordvpn.com", Profile::Ks34, false).because;
        assert!(told.ends_with("This rule speaks only on BYOD."), "{told}");
        let unknown = set.unknown_networks(&["Guest"]);
        assert_eq!(unknown.len(), 1, "one line, told once: {unknown:?}");
    }

    #[test]
    fn a_rule_for_a_time_in_a_category_for_a_network_needs_both() {
        let text = format!("{}{TUNNELS}", service("C15", "during = [\"lessons\"]"));
        let set = with_own(&text).unwrap().set;
        let rulings = rulings(&set, "tunnel.elmrow.example");
        for (moment, network, expected) in [
            ("2026-11-18 10:00", "BYOD", P3),
            ("2026-11-18 20:00", "BYOD", Weight::Unmonitored),
            ("2026-11-18 10:00", "Office", Weight::Unmonitored),
        ] {
            let verdict = set.weigh(&rulings, &seen(moment, Some(network))).unwrap();
            assert_eq!(verdict.weight, expected, "{moment} {network}");
        }
    }

    #[test]
    fn a_category_is_tied_with_a_reason_and_a_place_and_never_where_someone_is_needed() {
        for (from, to, part) in [
            ("C15", "C08", "Adult sites (C08) can not be tied to"),
            ("C15", "C01", "(C01) can not be tied to"),
            ("C15", "Z01", "\u{201c}Z01\u{201d} is no category"),
            ("networks = [\"BYOD\"]\n", "", "names no network and no time"),
            ("Only there may pupils bring programs of their own.", " ", "only.because"),
        ] {
            let found = with_own(&own_pack(true, &TUNNELS.replace(from, to))).unwrap_err();
            assert!(found.len() == 1 && found[0].to_string().contains(part), "{found:#?}");
        }
    }

    fn rulings(set: &RuleSet, name: &str) -> Vec<Ruling> {
        let name = HostName::from_text(name).unwrap();
        match set.speak(name.as_name()) {
            Spoken::Match(rulings) => rulings.to_vec(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_rule_for_a_network_is_silent_on_every_other() {
        let set = with_own(&service("C15", "networks = [\"BYOD\", \"Guest Wi-Fi\"]")).unwrap().set;
        let rulings = rulings(&set, "tunnel.elmrow.example");
        for (network, expected) in [
            (Some("BYOD"), P3),
            (Some(" byod "), P3),
            (Some("Guest Wi-Fi"), P3),
            (Some("Office"), Weight::Unmonitored),
            (None, Weight::Unmonitored),
        ] {
            let verdict = set.weigh(&rulings, &seen("2026-11-18 10:00", network)).unwrap();
            assert_eq!(verdict.weight, expected, "{network:?}");
        }
    }

    #[test]
    fn a_rule_for_lessons_follows_half_days_holidays_and_the_clock_on_the_wall() {
        let set = with_own(&service("C14", "during = [\"lessons\"]")).unwrap().set;
        let rulings = rulings(&set, "tunnel.elmrow.example");
        for (moment, expected) in [
            ("2026-11-19 12:30", P3),
            ("2026-11-20 12:29", P3),
            ("2026-11-20 12:30", Weight::Unmonitored),
            ("2026-05-04 10:00", Weight::Unmonitored),
            ("2026-11-21 10:00", Weight::Unmonitored),
            ("2026-10-23 08:00", P3),
            ("2026-10-26 08:00", P3),
            ("2026-10-26 07:59", Weight::Unmonitored),
            ("2027-03-29 08:00", P3),
            ("2027-03-29 07:59", Weight::Unmonitored),
        ] {
            assert_eq!(
                set.weigh(&rulings, &seen(moment, None)).unwrap().weight,
                expected,
                "{moment}"
            );
        }
    }

    #[test]
    fn nothing_that_is_for_today_or_now_can_be_tied_to_a_place_or_a_time() {
        let tied: Vec<&str> = Category::ALL
            .iter()
            .map(|category| category.code())
            .filter(|code| with_own(&service(code, "during = [\"lessons\"]")).is_ok())
            .collect();
        assert_eq!(
            tied,
            ["C10b", "C14", "C15", "C17", "C18", "C20", "C21", "C22", "C26", "C30", "C31", "C32"]
        );
        let found = with_own(&service("C08", "networks = [\"BYOD\"]")).unwrap_err();
        let said = found[0].to_string();
        assert!(said.contains(": networks: Adult sites (C08) can not be tied to"), "{said}");
    }

    #[test]
    fn where_a_tied_rule_is_silent_others_speak_as_if_it_were_not_there() {
        let both = format!(
            "{}[[service]]\nname = \"A dating service\"\ncategory = \"C13\"\n\
             names = [\"tunnel.elmrow.example\"]\n",
            service("C15", "networks = [\"BYOD\"]")
        );
        let set = with_own(&both).unwrap().set;
        let rulings = rulings(&set, "tunnel.elmrow.example");
        assert_eq!(rulings.len(), 2);
        let verdict = set.weigh(&rulings, &seen("2026-11-18 10:00", Some("Office"))).unwrap();
        assert_eq!(verdict.weight, Weight::Case(Severity::P2));
        assert_eq!(verdict.category, Category::C13);
    }

    #[test]
    fn protection_comes_before_a_rule_on_any_network() {
        let text = service("C15", "networks = [\"BYOD\"]")
            .replace("tunnel.elmrow.example", "childline.org.uk");
        let set = with_own(&text).unwrap().set;
        let name = HostName::from_text("www.childline.org.uk").unwrap();
        assert!(matches!(set.speak(name.as_name()), Spoken::Protected(_)));
    }

    #[test]
    fn a_misspelt_network_or_time_is_named_with_its_line() {
        let set = with_own(&service("C15", "networks = [\"BYOD\", \"Gest\"]")).unwrap().set;
        let found = set.unknown_networks(&["byod", "Guest"]);
        assert_eq!(found.len(), 1);
        assert!(found[0].to_string().contains("networks: \u{201c}Gest\u{201d} is no network"));
        assert!(found[0].line > 8, "{}", found[0]);
        let found = with_own(&service("C15", "during = [\"lunch\"]")).unwrap_err();
        assert!(found[0].to_string().contains("during: \u{201c}lunch\u{201d} is no time"));
    }

    #[test]
    fn who_asks_about_a_name_is_told_the_most_it_can_come_to_and_where() {
        let condition = "networks = [\"BYOD\"]\nduring = [\"lessons\", \"breaks\"]";
        let set = with_own(&service("C15", condition)).unwrap().set;
        let asked = set.ceiling("tunnel.elmrow.example", Profile::Ks2, false);
        assert_eq!(asked.level, Some("P3"));
        let told = "This rule speaks only on BYOD, in lessons or in breaks.";
        assert!(asked.because.ends_with(told), "{}", asked.because);
        let known = set.explain("tunnel.elmrow.example").unwrap();
        let condition = known.speaking[0].condition.as_deref();
        assert_eq!(condition, Some("on BYOD, in lessons or in breaks"));
    }

    #[test]
    fn a_rule_of_another_generation_counts_wherever_it_spoke() {
        let tied = with_own(&service("C15", "networks = [\"BYOD\"]")).unwrap().set;
        let rulings = rulings(&tied, "tunnel.elmrow.example");
        assert_eq!(rulings[0].confidence, Confidence::Curated);
        let other = RuleSet::builtin().unwrap().set;
        let here = Circumstances { at: Timestamp::EPOCH, ..seen("2026-11-18 10:00", None) };
        assert_eq!(other.weigh(&rulings, &here).unwrap().weight, P3);
    }
}
