//! The shipped packs: they load, they prove their own cases, they say what they lack.

use facts::Category;

use super::builtin;
use crate::{RuleSet, Spoken};

#[test]
fn the_shipped_packs_load_without_a_single_diagnostic() {
    match RuleSet::builtin() {
        Ok(loaded) => {
            let notes: Vec<_> = loaded.notes.iter().map(ToString::to_string).collect();
            assert_eq!(notes, Vec::<String>::new());
        }
        Err(diagnostics) => {
            let said: Vec<_> = diagnostics.iter().map(ToString::to_string).collect();
            panic!("{}", said.join("\n"));
        }
    }
}

#[test]
fn categories_without_public_names_ship_empty_and_say_so() {
    let set = builtin();
    let empty: Vec<_> = set.empty_categories().iter().map(|category| category.code()).collect();
    assert_eq!(
        empty,
        [
            "C01", "C03", "C04", "C09a", "C11b", "C12", "C24", "C25", "C26", "C27", "C28", "C29",
            "C30", "C31", "C32",
        ]
    );
    let gaps = set.gaps();
    assert_eq!(
        gaps[0].sentence,
        "Nothing in Suicide and self-harm can be found: no list is loaded."
    );
    let by_words = &gaps[empty.len()..];
    assert_eq!(by_words.len(), 5, "{by_words:?}");
    assert!(by_words[0].sentence.contains("found by words in names only"), "{by_words:?}");
}

#[test]
fn every_category_has_its_harmless_test_name() {
    let set = builtin();
    for category in Category::ALL {
        let code = category.code().to_lowercase();
        let counted = ["C16", "C19", "C23", "C24", "C27", "C28"].contains(&category.code());
        for name in
            [format!("{code}.test.wardline.example"), format!("WWW.{code}.Test.wardline.example.")]
        {
            let name = facts::HostName::from_text(&name).unwrap();
            match set.speak(name.as_name()) {
                Spoken::Trend(spoken) => assert!(counted && spoken == *category, "{code}"),
                Spoken::Match(rulings) => {
                    let rulings = rulings.to_vec();
                    assert!(!counted, "{code}");
                    assert_eq!((rulings.len(), rulings[0].category), (1, *category), "{code}");
                    assert_eq!(rulings[0].confidence, facts::Confidence::Curated);
                }
                other => panic!("{code}: {other:?}"),
            }
        }
    }
    let unsplit = facts::HostName::from_text("c05.test.wardline.example").unwrap();
    let Spoken::Match(rulings) = set.speak(unsplit.as_name()) else { panic!("unsplit") };
    assert_eq!(rulings.to_vec()[0].category, Category::C05a);
    let bare = facts::HostName::from_text("test.wardline.example").unwrap();
    assert!(matches!(set.speak(bare.as_name()), Spoken::Nothing));
}

#[test]
fn every_rule_tells_where_it_comes_from() {
    let set = builtin();
    let asked = set.ceiling("www.omegle.com", facts::Profile::Ks2, false);
    let origin = set.origin(&facts::RuleId::new(&asked.rule.unwrap())).unwrap();
    let pack = origin.pack.unwrap();
    assert_eq!((origin.title, pack.name.as_str()), ("Omegle", "strangers"));
    assert_eq!(pack.reviewed.as_deref(), Some("2026-11-22"));
    for pack in set.packs() {
        assert!(!pack.rationale.is_empty() && !pack.source.is_empty(), "{}", pack.name);
    }
    assert!(set.origin(&facts::RuleId::new("c14/gone/x")).is_none());
}
