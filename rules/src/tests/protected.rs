//! Places of help stay silent, however they are spelt and whatever any rule says.

use facts::{HostName, Name, Profile, ProtectedGroup};

use super::{builtin, own_pack, with_own};
use crate::load::builtin_sources;
use crate::written::PackWritten;
use crate::{RuleSet, Spoken};

/// Every protected name of the shipped packs, with its group.
fn protected() -> Vec<(String, ProtectedGroup)> {
    let mut all = Vec::new();
    for source in builtin_sources() {
        let pack: PackWritten = toml::from_str(&source.text).unwrap();
        for group in pack.protected {
            let code = group.group.as_ref().parse().unwrap();
            all.extend(group.names.iter().map(|name| (name.as_ref().clone(), code)));
        }
    }
    all
}

fn is_protected(set: &RuleSet, name: &str) -> bool {
    let name = HostName::from_text(name).unwrap();
    matches!(set.speak(name.as_name()), Spoken::Protected(_))
        && matches!(set.speak_by_words(name.as_name()), Spoken::Protected(_))
}

/// The name as clients spell it: below it, in capitals, in mixed case, with a final dot.
fn spellings(name: &str) -> [String; 6] {
    let mixed: String = name
        .chars()
        .enumerate()
        .map(|(at, letter)| if at % 2 == 0 { letter.to_ascii_uppercase() } else { letter })
        .collect();
    [
        name.to_owned(),
        format!("www.{name}"),
        format!("a.b-c.d.{name}."),
        name.to_uppercase(),
        mixed,
        format!("free-casino.{name}"),
    ]
}

#[test]
fn every_place_of_help_is_protected_in_every_spelling() {
    let all = protected();
    assert!(all.len() >= 200, "{}", all.len());
    for group in ProtectedGroup::ALL {
        assert!(all.iter().any(|(_, held)| *held == group), "{group:?}");
    }
    for (name, _) in &all {
        for spelling in spellings(name) {
            assert!(is_protected(builtin(), &spelling), "{spelling}");
            let asked = builtin().ceiling(&spelling, Profile::Ks34, false);
            assert_eq!(asked.level, Some("P0"), "{spelling}");
        }
    }
}

/// Odd spellings in canonical text: a name on the wire with a port, as an address, with
/// blanks and NUL, its dots inside a label, in full-width letters.
fn odd_spellings(name: &str) -> [String; 12] {
    let wide = |letter: char| match letter {
        'a'..='z' => {
            let [_, a, b] = [0, 0xbd, 0x81_u8.wrapping_add(letter as u8 - b'a')];
            // U+FF41 and on; from U+FF60 the second octet is another, so only to `n`.
            if letter <= 'n' { format!(r"\239\{a:03}\{b:03}") } else { letter.to_string() }
        }
        other => other.to_string(),
    };
    [
        format!("{name}:443"),
        format!(r"{name}\032"),
        format!(r"\032www.{name}"),
        format!(r"{name}\000"),
        format!(r"{name}\000.casino.example"),
        format!("https://{name}/"),
        format!("{name}/page"),
        format!("someone@{name}"),
        name.replace('.', r"\."),
        format!(r"www.{}._http._tcp.local", name.replace('.', r"\.")),
        name.replace('.', "%2e"),
        name.chars().map(wide).collect(),
    ]
}

#[test]
fn every_place_of_help_is_protected_however_hostile_its_spelling() {
    let everything = "[[service]]\nname = \"everything\"\ncategory = \"C04\"\n\
                      public_suffix = true\nnames = [\"uk\", \"org\", \"com\", \"local\", \"example\"]";
    let set = with_own(&own_pack(true, everything)).unwrap().set;
    for (name, _) in protected() {
        for spelling in odd_spellings(&name) {
            let odd = Name::from_canonical(&spelling).unwrap();
            assert!(set.protection(odd).is_some(), "{spelling}");
            assert!(is_protected(&set, &spelling), "{spelling}");
        }
    }
}

#[test]
fn a_rule_speaks_to_its_name_however_hostile_its_spelling() {
    let service = "[[service]]\nname = \"bad\"\ncategory = \"C04\"\nnames = [\"bad.example\"]";
    let set = with_own(&own_pack(true, service)).unwrap().set;
    for spelling in odd_spellings("bad.example").iter().chain(&["bad.example".to_owned()]) {
        let spoken = set.speak(Name::from_canonical(spelling).unwrap());
        let parts_nothing = spelling.contains(r"\.");
        assert_eq!(!parts_nothing, matches!(spoken, Spoken::Match(_)), "{spelling}");
    }
    let beside = ["bad.example.org:443", "notbad.example:443", "bad.example@other.example"];
    for other in beside {
        let spoken = set.speak(Name::from_canonical(other).unwrap());
        assert!(matches!(spoken, Spoken::Nothing), "{other}");
    }
}

#[test]
fn a_helpline_stays_protected_when_a_school_writes_a_rule_on_it() {
    let names: Vec<String> = protected().into_iter().map(|(name, _)| name).collect();
    let below: Vec<String> = names.iter().map(|name| format!("www.{name}")).collect();
    let list = |names: &[String]| {
        names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(",")
    };
    let services = format!(
        "[[service]]\nname = \"all\"\ncategory = \"C01\"\npublic_suffix = true\nnames = [{}]\n\
         [[service]]\nname = \"below\"\ncategory = \"C08\"\nnames = [{}]\n\
         [[service]]\nname = \"everything\"\ncategory = \"C04\"\npublic_suffix = true\n\
         names = [\"uk\", \"org\", \"com\", \"net\", \"scot\", \"info\", \"lgbt\", \"foundation\", \
         \"wales\", \"cymru\", \"ie\", \"edu\"]\n\
         [[words]]\ncategory = \"C01\"\nany = [\"elsewhere\"]\n",
        list(&names),
        list(&below)
    );
    let loaded = with_own(&own_pack(true, &services)).unwrap();
    for name in &names {
        for spelling in spellings(name) {
            assert!(is_protected(&loaded.set, &spelling), "{spelling}");
        }
    }
    let shadows = loaded.notes.iter().filter(|note| note.sentence.contains("is protected"));
    assert_eq!(shadows.count(), 2 * names.len(), "each shadowed name is reported");
    let other = HostName::from_text("elsewhere.org.uk").unwrap();
    assert!(matches!(loaded.set.speak(other.as_name()), Spoken::Match(_)));
}

#[test]
fn a_school_can_add_a_place_of_help_but_not_take_one_away() {
    let added = own_pack(
        true,
        "[[protected]]\ngroup = \"Z07\"\nnames = [\"help.elmrow.example\", \"bet365.com\"]\n",
    );
    let loaded = with_own(&added).unwrap();
    assert!(is_protected(&loaded.set, "www.help.elmrow.example"));
    assert!(is_protected(&loaded.set, "www.bet365.com"), "protection outranks a shipped rule");
    assert!(!is_protected(builtin(), "www.bet365.com"));
    let moved = own_pack(true, "[[protected]]\ngroup = \"Z08\"\nnames = [\"childline.org.uk\"]\n");
    let name = HostName::from_text("childline.org.uk").unwrap();
    let loaded = with_own(&moved).unwrap();
    assert!(matches!(loaded.set.speak(name.as_name()), Spoken::Protected(ProtectedGroup::Z01)));
}

#[test]
fn a_call_for_help_by_way_of_a_translator_or_with_a_search_suffix_is_protected() {
    let services = "[[service]]\nname = \"Ways round\"\ncategory = \"C18\"\nnames = [\"translate.goog\", \
                    \"edgekey.net\", \"elmrow.local\"]\n";
    let set = with_own(&own_pack(true, services)).unwrap().set;
    for name in [
        "www-childline-org-uk.translate.goog",
        "www.childline.org.uk.edgekey.net",
        "www.childline.org.uk.elmrow.local",
    ] {
        assert!(is_protected(&set, name), "{name}");
    }
    for name in ["www-casino-example.translate.goog", "printer.elmrow.local"] {
        let name = HostName::from_text(name).unwrap();
        assert!(matches!(set.speak(name.as_name()), Spoken::Match(_) | Spoken::Trend(_)));
    }
}

/// A call for help by way of a proxy, or of anything below a listed name, stood in a case.
#[test]
fn a_call_for_help_by_way_of_a_listed_name_is_protected() {
    for name in [
        "childline.org.uk.webproxy.to",
        "childline-org-uk.croxyproxy.com",
        "beateatingdisorders-org-uk.proxysite.com",
        "www-papyrus-uk-org.proxysite.com",
        "nspcc.org.uk.casino.com",
        "www.childline.org.uk.omegle.com",
        "childline.org.uk.bet365.com",
    ] {
        assert!(is_protected(builtin(), name), "{name}");
        let name = HostName::from_text(name).unwrap();
        assert!(builtin().protection(name.as_name()).is_some(), "{name:?}");
    }
    // A library's door, which lists of proxies hold.
    let door = HostName::from_text("childline.org.uk.ezproxy.barry.edu").unwrap();
    assert!(builtin().protection(door.as_name()).is_some());
    for name in ["www.omegle.com", "free-org-uk.omegle.com", "org.uk.omegle.com"] {
        let name = HostName::from_text(name).unwrap();
        assert!(matches!(builtin().speak(name.as_name()), Spoken::Match(_)), "{name:?}");
    }
}

#[test]
fn what_only_looks_like_a_helpline_is_not_protected() {
    for name in ["notchildline.org.uk", "childline-org.uk", "childline-org-uk.example"] {
        assert!(!is_protected(builtin(), name), "{name}");
    }
}

/// A school's words were a helpline's own name, and every page that spoke of it was a match.
#[test]
fn words_that_are_a_helplines_name_are_refused_and_so_are_titles_that_say_who_somebody_is() {
    for (rest, said) in [
        ("[[words]]\ncategory = \"C01\"\nany = [\"childline\"]\n", "a place of help"),
        ("[[words]]\ncategory = \"C01\"\nany = [\"stone+wall\"]\n", "a place of help"),
        ("[[words]]\ncategory = \"C08\"\nany = [\"les+bian\"]\n", "says who somebody is"),
        (
            "[[service]]\nname = \"A gay bar\"\ncategory = \"C17\"\nnames = [\"bar.example\"]\n",
            "says who somebody is",
        ),
        (
            "[[service]]\nname = \"A game. It is bad\"\ncategory = \"C17\"\nnames = [\"b.example\"]\n",
            "no short name",
        ),
    ] {
        let faults = with_own(&own_pack(true, rest)).unwrap_err();
        assert!(faults.iter().any(|fault| fault.sentence.contains(said)), "{rest}: {faults:?}");
    }
}
