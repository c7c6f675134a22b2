//! The page of examples: what a lead reads about forty names, held equal to the rules.

use std::fmt::Write;
use std::path::Path;

use facts::Profile;

use super::builtin;

/// Set to write the page anew after rules or sentences have changed.
const WRITE: &str = "WARDLINE_WRITE_EXAMPLES";

/// What is asked, for whom.
#[rustfmt::skip]
const ASKED: [(&str, Profile); 40] = [
    ("childline.org.uk", Profile::Ks2),
    ("www.nspcc.org.uk", Profile::Ks34),
    ("beateatingdisorders.org.uk", Profile::Ks5),
    ("www.brook.org.uk", Profile::Ks34),
    ("neu.org.uk", Profile::Staff),
    ("winstonswish.org", Profile::Ks1),
    ("c01.test.wardline.example", Profile::Ks34),
    ("c02.test.wardline.example", Profile::Ks2),
    ("c03.test.wardline.example", Profile::Staff),
    ("c25.test.wardline.example", Profile::Ks5),
    ("omegle.com", Profile::Ks2),
    ("omegle.com", Profile::Ks5),
    ("ngl.link", Profile::Ks34),
    ("character.ai", Profile::Ks34),
    ("replika.com", Profile::Ks2),
    ("chatgpt.com", Profile::Ks2),
    ("chatgpt.com", Profile::Ks5),
    ("tinder.com", Profile::Ks34),
    ("tinder.com", Profile::Staff),
    ("speeddating-online.example", Profile::Ks5),
    ("carbondating.example", Profile::Ks34),
    ("bet365.com", Profile::Ks34),
    ("freeonlinecasino.example", Profile::Ks34),
    ("c4s1n0.example", Profile::Ks34),
    ("alphabetbooks.example", Profile::Ks1),
    ("scunthorpe.example", Profile::Ks34),
    ("nordvpn.com", Profile::Ks1),
    ("nordvpn.com", Profile::Ks34),
    ("freevpnforschool.example", Profile::Ks34),
    ("vpn.elmrow.example", Profile::Staff),
    ("unblockedgames76.example", Profile::Ks2),
    ("roblox.com", Profile::Ks2),
    ("education.minecraft.net", Profile::Ks2),
    ("tiktok.com", Profile::Ks2),
    ("tiktok.com", Profile::Ks34),
    ("hentai.example", Profile::Ks1),
    ("vapeshop.example", Profile::Ks34),
    ("stopvaping.example", Profile::Ks34),
    ("wetransfer.com", Profile::Staff),
    ("dns.google", Profile::Guest),
];

fn page() -> String {
    let mut page = String::from(
        "# Forty names, and what the rules say of each\n\n\
         Each line is the answer of `wardline rules test --profile PROFILE NAME`: the highest level \
         that the\nname can reach, and the sentence that gives the reason. This page is written by a \
         test.\n\n\
         | Name | Profile | Level | Because |\n|---|---|---|---|\n",
    );
    for (name, profile) in ASKED {
        let asked = builtin().ceiling(name, profile, false);
        let level = asked.level.unwrap_or("–");
        writeln!(page, "| `{name}` | {} | {level} | {} |", profile.as_str(), asked.because)
            .unwrap();
    }
    page
}

#[test]
fn the_page_of_examples_is_what_the_rules_say() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("EXAMPLES.md");
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&file, page()).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(kept, page(), "renew with {WRITE}=1 cargo test -p rules examples");
}

#[test]
fn every_sentence_is_one_that_a_person_could_have_said() {
    for (name, profile) in ASKED {
        let because = builtin().ceiling(name, profile, false).because;
        assert!(because.starts_with(|first: char| first.is_uppercase()), "{because}");
        assert!(because.ends_with('.') && !because.contains("  "), "{because}");
        let words = because.split_whitespace().count();
        assert!((5..=45).contains(&words), "{words}: {because}");
        for odd in ["c14/", "_", "C0", "regex", "token", "rung", "None"] {
            assert!(!because.contains(odd), "{odd}: {because}");
        }
    }
}
