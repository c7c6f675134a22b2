//! Which rules speak on a name: against a slow scan, and by single examples.

use facts::{Category, Confidence, HostName};
use proptest::prelude::*;

use super::{builtin, own_pack, with_own};
use crate::load::builtin_sources;
use crate::written::PackWritten;
use crate::{RuleSet, Source, Spoken};

fn codes(set: &RuleSet, name: &str) -> Vec<&'static str> {
    let name = HostName::from_text(name).unwrap();
    match set.speak(name.as_name()) {
        Spoken::Match(rulings) => rulings.iter().map(|ruling| ruling.category.code()).collect(),
        Spoken::Trend(category) => vec![category.code()],
        Spoken::Protected(_) | Spoken::Nothing => Vec::new(),
    }
}

#[test]
fn a_service_is_known_by_its_name_and_all_names_below_it() {
    assert_eq!(codes(builtin(), "ladbrokes.com"), ["C14"]);
    assert_eq!(codes(builtin(), "WWW.M.ladbrokes.com."), ["C14"]);
    assert!(codes(builtin(), "notladbrokes.com").is_empty());
    assert!(codes(builtin(), "ladbrokes.com.elmrow.example").is_empty());
    assert!(codes(builtin(), r"not\.ladbrokes.com").is_empty());
    assert_eq!(codes(builtin(), "chat.discord.com"), ["C17", "C18"]);
    assert_eq!(codes(builtin(), "www.roblox.com"), ["C19"]);
}

/// A hello to one of these hides the names that are asked for inside it: it is counted, and
/// a relay, which hides the sites as well, is more than counted.
#[test]
fn the_servers_of_encrypted_dns_are_counted() {
    for name in ["dns.google", "one.one.one.one", "chrome.cloudflare-dns.com", "doh.opendns.com"] {
        assert_eq!(codes(builtin(), name), ["C16"], "{name}");
    }
    assert!(!codes(builtin(), "mask.icloud.com").is_empty());
    assert!(codes(builtin(), "use-application-dns.net").is_empty(), "a question to the network");
}

#[test]
fn words_count_only_when_they_stand_alone_or_in_a_known_compound() {
    for (name, code) in [
        ("casino.example", "C14"),
        ("www.casino-24.example", "C14"),
        ("casino7.example", "C14"),
        ("free-slots.example", "C14"),
        ("slots.free.example", "C14"),
        ("freeslots.example", "C14"),
        ("slotsfree.example", "C14"),
        ("freeonlinecasino.example", "C14"),
        ("legzocasino.example", "C14"),
        ("bet365.example", "C14"),
        ("c4s1n0.example", "C14"),
        ("www.p0ker-night.example", "C14"),
        ("unblockedgames76.example", "C15"),
        ("hentai.example.co.uk", "C08"),
    ] {
        assert_eq!(codes(builtin(), name).first(), Some(&code), "{name}");
    }
    for name in [
        "casinos-school.gov.uk",
        "occasinos.example",
        "timeslots.example",
        "slots.elmrow.example",
        "scunthorpe.example",
        "essexcricket.example",
        "therapistfinder.example",
        "alphabetbooks.example",
        "elizabethroad.example",
        "updatingvalidating.example",
        "vpn.elmrow.example",
        "t1betanet.example",
        "free.example",
        "slottedspoon.example",
        "ocelotsanctuary.example",
        "example.casino.gov.uk",
        "casino.fr",
        "electric-hookup.example",
        "caravan.hookup.example",
    ] {
        assert!(codes(builtin(), name).is_empty(), "{name}");
    }
}

#[test]
fn a_word_in_the_public_suffix_says_nothing() {
    let own = own_pack(true, "[[words]]\ncategory = \"C31\"\nany = [\"florist\"]\n");
    let set = with_own(&own).unwrap().set;
    assert_eq!(codes(&set, "my-florist.example"), ["C31"]);
    assert!(codes(&set, "elmrow.florist").is_empty(), "a top-level domain");
    assert!(codes(&set, "florist").is_empty());
}

#[test]
fn a_word_written_with_look_alike_letters_is_read_as_it_looks() {
    for shown in ["c\u{430}sino.example", "\u{441}asin\u{43e}.example", "cas\u{ed}no.example"] {
        let name = idna::domain_to_ascii(shown).unwrap();
        assert!(name.starts_with("xn--"), "{name}");
        assert_eq!(codes(builtin(), &name), ["C14"], "{shown}");
    }
    for name in
        ["xn--bcher-kva.example", "xn--a.example", "xn--.example", "xn--zzzzzzzzzz99999.com"]
    {
        assert!(codes(builtin(), name).is_empty(), "{name}");
    }
}

#[test]
fn the_best_four_rulings_come_first() {
    let rest = "[[service]]\nname = \"a\"\ncategory = \"C14\"\nnames = [\"a.b.c.d.elmrow.example\"]\n\
        [[service]]\nname = \"b\"\ncategory = \"C08\"\nnames = [\"b.c.d.elmrow.example\"]\n\
        [[service]]\nname = \"c\"\ncategory = \"C19\"\nnames = [\"c.d.elmrow.example\"]\n\
        [[service]]\nname = \"d\"\ncategory = \"C10a\"\nnames = [\"d.elmrow.example\"]\n\
        [[service]]\nname = \"e\"\ncategory = \"C22\"\nnames = [\"elmrow.example\"]\n\
        [[words]]\ncategory = \"C08\"\nany = [\"elmrow\"]\n";
    let set = with_own(&own_pack(true, rest)).unwrap().set;
    assert_eq!(codes(&set, "x.a.b.c.d.elmrow.example"), ["C08", "C08", "C10a", "C14"]);
    let name = HostName::from_text("x.a.b.c.d.elmrow.example").unwrap();
    let Spoken::Match(rulings) = set.speak(name.as_name()) else { panic!("silent") };
    let sure: Vec<_> = rulings.iter().map(|ruling| ruling.confidence).collect();
    assert_eq!(sure[..2], [Confidence::Curated, Confidence::Keyword]);
    assert_eq!(codes(&set, "c.d.elmrow.example"), ["C08", "C10a", "C22", "C19"]);
}

#[test]
fn what_can_never_be_a_case_is_a_trend_and_a_mixture_is_a_match() {
    let set = builtin();
    let name = |text| HostName::from_text(text).unwrap();
    let games = name("poki.com");
    assert!(matches!(set.speak(games.as_name()), Spoken::Trend(Category::C19)));
    let mixed =
        own_pack(true, "[[service]]\nname = \"x\"\ncategory = \"C08\"\nnames = [\"poki.com\"]\n");
    let mixed = with_own(&mixed).unwrap().set;
    assert_eq!(codes(&mixed, "poki.com"), ["C08", "C19"]);
}

#[test]
fn a_hostile_name_of_very_many_labels_is_still_judged_by_its_end() {
    let long = format!("{}ladbrokes.com", "a.".repeat(500));
    assert_eq!(codes(builtin(), &long), ["C14"]);
    let words = format!("{}example", "casino.".repeat(140));
    assert_eq!(codes(builtin(), &words), ["C14"]);
}

/// Every name that a shipped service rule holds, with the names it spares.
fn written_names() -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    for source in builtin_sources() {
        let pack: PackWritten = toml::from_str(&source.text).unwrap();
        for service in pack.service {
            let except: Vec<String> =
                service.except.iter().map(|name| name.as_ref().clone()).collect();
            all.extend(service.names.iter().map(|name| (name.as_ref().clone(), except.clone())));
        }
    }
    all
}

/// The slow reference: a suffix holds where the text ends in it after a dot.
fn holds(zone: &str, name: &str) -> bool {
    name == zone || name.ends_with(&format!(".{zone}"))
}

/// The slow reference for words: splits the name's own part at everything that is no
/// letter, and compares whole words; a compound also run together, in either order.
fn words_speak(name: &str) -> bool {
    let own = name.strip_suffix("example").unwrap_or("");
    let words: Vec<&str> = own.split(|c: char| !c.is_ascii_alphabetic()).collect();
    let has = |word: &str| words.contains(&word);
    let label = |word: &str| own.split('.').any(|label| label == word);
    let silenced = has("quiet") || holds("still.example", name);
    (has("river") || has("bankholt") || has("holtbank") || (has("bank") && has("holt")))
        && !silenced
        || label("oak")
}

proptest! {
    #[test]
    fn words_speak_as_a_slow_split_of_the_name_says(
        parts in prop::collection::vec(
            (
                prop::sample::select(vec![
                    "river", "bank", "holt", "bankholt", "holtbank", "oak", "quiet", "still", "a",
                ]),
                prop::sample::select(vec![".", "-", "7", "-8"]),
            ),
            1..6,
        ),
    ) {
        static SET: std::sync::OnceLock<RuleSet> = std::sync::OnceLock::new();
        let set = SET.get_or_init(|| {
            let rest = "[[words]]\ncategory = \"C14\"\nany = [\"river\", \"bank+holt\"]\n\
                not_with = [\"quiet\"]\nnot_on = [\"still.example\"]\n\
                [[words]]\ncategory = \"C14\"\nany = [\"oak\"]\nwhole_label = true\n";
            let text = own_pack(true, rest);
            RuleSet::compile(&[Source { file: "own.toml".into(), text }]).unwrap().set
        });
        let own: String = parts.iter().map(|(word, parted)| format!("{word}{parted}")).collect();
        let text = format!("{}.example", own.trim_end_matches('.'));
        let Some(name) = HostName::from_text(&text) else { return Ok(()) };
        let spoke = matches!(set.speak(name.as_name()), Spoken::Match(_));
        prop_assert_eq!(spoke, words_speak(name.as_str()), "{:?}", name);
    }

    #[test]
    fn suffixes_speak_as_a_slow_scan_of_the_packs_says(
        prefix in "[a-z0-9-]{0,6}(\\.[a-z0-9-]{1,6}){0,3}",
        glue in prop::sample::select(vec!["", ".", "-"]),
        pick in 0_usize..10_000,
        below in any::<bool>(),
    ) {
        // Service rules only: the words of the packs would speak on some prefixes.
        let sources: Vec<Source> = builtin_sources()
            .into_iter()
            .map(|source| Source {
                text: source.text.split("[[words]]").next().unwrap().to_owned(),
                ..source
            })
            .collect();
        static SET: std::sync::OnceLock<RuleSet> = std::sync::OnceLock::new();
        let set = SET.get_or_init(|| RuleSet::compile(&sources).unwrap().set);
        let written = written_names();
        let (zone, _) = &written[pick % written.len()];
        let text = match below {
            true => format!("{prefix}{glue}{zone}"),
            false => format!("{prefix}{glue}{}", &zone[1.min(zone.len() - 1)..]),
        };
        let Some(name) = HostName::from_text(text.trim_start_matches('.')) else { return Ok(()) };
        let expected = written.iter().any(|(zone, except)| {
            holds(zone, name.as_str()) && !except.iter().any(|spared| holds(spared, name.as_str()))
        });
        let spoke = matches!(set.speak(name.as_name()), Spoken::Match(_) | Spoken::Trend(_));
        let protected = matches!(set.speak(name.as_name()), Spoken::Protected(_));
        prop_assert!(protected || spoke == expected, "{name:?}: {spoke} {expected}");
    }

    #[test]
    fn no_name_makes_the_rules_stumble(text in "[!-~]{0,80}") {
        if let Some(name) = HostName::from_text(&text) {
            let _ = builtin().speak(name.as_name());
        }
        let _ = builtin().ceiling(&text, facts::Profile::Ks2, false);
    }
}
