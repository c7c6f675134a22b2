//! `rules test`: the highest level of a name, its category and its sentence.

use facts::Profile;

use super::builtin;

fn level(name: &str, profile: Profile) -> (Option<&'static str>, Option<&'static str>) {
    let asked = builtin().ceiling(name, profile, false);
    (asked.level, asked.category)
}

#[test]
fn a_ceiling_is_a_loaded_page_and_a_certain_person() {
    use Profile::{Guest, Ks1, Ks2, Ks5, Ks34, Staff};
    for (name, profile, expected, category) in [
        ("bet365.com", Ks34, Some("P3"), Some("C14")),
        ("bet365.com", Staff, None, Some("C14")),
        ("omegle.com", Ks34, Some("P1"), Some("C05a")),
        ("omegle.com", Ks5, Some("P2"), Some("C05a")),
        ("ngl.link", Ks5, Some("P4"), Some("C05b")),
        ("nordvpn.com", Ks1, Some("P4"), Some("C15")),
        ("nordvpn.com", Ks2, Some("P3"), Some("C15")),
        ("dns.google", Ks34, Some("P4"), Some("C16")),
        ("c01.test.wardline.example", Ks34, Some("P1"), Some("C01")),
        ("c01.test.wardline.example", Staff, None, Some("C01")),
        ("c05.test.wardline.example", Ks2, Some("P1"), Some("C05a")),
        ("c24.test.wardline.example", Ks2, Some("P4"), Some("C24")),
        ("c08.test.wardline.example", Guest, Some("P2"), Some("C08")),
        ("casino", Ks34, Some("P3"), Some("C14")),
        ("casino", Guest, None, Some("C14")),
        ("childline.org.uk", Staff, Some("P0"), Some("Z01")),
        ("elmrow.example", Ks1, None, None),
        ("two words", Ks1, None, None),
        ("", Ks1, None, None),
    ] {
        assert_eq!(level(name, profile), (expected, category), "{name} {profile:?}");
    }
}

#[test]
fn by_words_alone_no_list_is_asked_but_help_stays_protected() {
    let asked = |name| builtin().ceiling(name, Profile::Ks34, true);
    assert_eq!(asked("ladbrokes.com").level, None);
    assert_eq!(asked("online-casino.example").level, Some("P3"));
    assert_eq!(asked("essaywriter").level, Some("P4"));
    assert_eq!(asked("www.samaritans.org").level, Some("P0"));
    assert_eq!(asked("c01.test.wardline.example").level, None);
}

#[test]
fn the_answer_is_one_object_with_the_fields_of_the_contract_in_order() {
    let asked = builtin().ceiling(" Bet365.COM. ", Profile::Ks2, false);
    let written = toml::to_string(&asked).unwrap();
    let fields: Vec<_> = written.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(fields, ["name", "level", "category", "rule", "because"]);
    assert_eq!(asked.name, "Bet365.COM.");
    assert_eq!(asked.rule.as_deref(), Some("c14/gambling/bet365"));
    assert_eq!(
        asked.because,
        "This name belongs to bet365, a gambling site; for key stage 2, once a page has loaded, \
         it goes on the end-of-day list."
    );
}

#[test]
fn an_answer_by_words_says_that_words_never_weigh_more() {
    assert_eq!(
        builtin().ceiling("hentai", Profile::Ks1, false).because,
        "The name holds the word “hentai”, which hints at an adult site; for early years and key \
         stage 1, once a page has loaded, it goes on the end-of-day list (words alone never weigh more)."
    );
}

#[test]
fn of_an_address_the_host_is_judged_and_the_answer_says_so() {
    let asked = builtin().ceiling("https://www.bet365.com:443/sports", Profile::Ks34, false);
    assert_eq!(
        (asked.level, asked.name.as_str()),
        (Some("P3"), "https://www.bet365.com:443/sports")
    );
    assert!(asked.because.ends_with("pages are not seen."), "{}", asked.because);
}

#[test]
fn each_rule_says_from_where_it_is_and_under_which_licence() {
    for name in ["bet365.com", "freeonlinecasino.example", "c14.test.wardline.example", "some.xxx"]
    {
        let known = builtin().explain(name).unwrap();
        assert!(!known.speaking.is_empty(), "{name}");
        for rule in &known.speaking {
            assert!(!rule.source.is_empty() && !rule.licence.is_empty(), "{name}: {rule:?}");
        }
    }
}
