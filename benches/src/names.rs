//! Names as people ask for them, and lists as long as public block lists are.

use rules::RuleSet;
use wardline_tests::Chance;

const SYLLABLES: [&str; 16] = [
    "ba", "cor", "del", "fin", "gra", "hol", "ist", "jun", "kel", "lum", "mor", "nes", "pol",
    "rad", "sun", "tav",
];

const HOSTS: [&str; 6] = ["www", "cdn", "static", "api", "img", "mail"];

/// `count` names that a list holds, all below `.example`.
#[must_use]
pub fn list_of(seed: u64, count: usize) -> Vec<String> {
    let mut chance = Chance::new(seed);
    (0..count).map(|number| format!("{}{number}.example", word(&mut chance))).collect()
}

/// `count` names of ordinary life that no list holds.
#[must_use]
pub fn unlisted(seed: u64, count: usize) -> Vec<String> {
    let mut chance = Chance::new(seed);
    let name = |chance: &mut Chance| {
        let host = chance.one(&HOSTS);
        format!("{host}.{}-{}.test", word(chance), word(chance))
    };
    (0..count).map(|_| name(&mut chance)).collect()
}

/// Names in one pack: a file of rules may not be longer than 4 MiB.
const IN_A_PACK: usize = 50_000;

/// The shipped rules and more packs that list `names` as gambling.
///
/// # Panics
/// Panics where a pack does not compile: then this crate is wrong.
#[must_use]
pub fn rules_with(names: &[String]) -> RuleSet {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, some) in names.chunks(IN_A_PACK).enumerate() {
        let quoted: Vec<_> = some.iter().map(|name| format!("\"{name}\"")).collect();
        let text = format!(
            "[pack]\nname = \"bench-{number}\"\ncategory = \"C14\"\nowner = \"benches\"\n\
             rationale = \"Measures a long list.\"\nsource = \"A seed.\"\n\
             licence = \"Apache-2.0\"\nreviewed = 2026-11-22\nreviewed_by = \"benches\"\n\n\
             [[service]]\nname = \"List {number}\"\nnames = [{}]\n",
            quoted.join(",\n")
        );
        let file = folder.path().join(format!("bench-{number}.toml"));
        std::fs::write(file, text).expect("a file");
    }
    RuleSet::load(Some(folder.path())).unwrap_or_else(|faults| panic!("{faults:?}")).set
}

pub(crate) fn word(chance: &mut Chance) -> String {
    let length = 2 + chance.below(3);
    (0..length).map(|_| *chance.one(&SYLLABLES)).collect()
}

#[cfg(test)]
mod tests {
    use facts::HostName;
    use rules::Spoken;

    use super::*;

    #[test]
    fn a_listed_name_is_a_match_and_an_unlisted_one_is_nothing() {
        let listed = list_of(1, IN_A_PACK + 1);
        let rules = rules_with(&listed);
        let speak = |name: &str| {
            let name = HostName::from_text(name).unwrap();
            matches!(rules.speak(name.as_name()), Spoken::Match(_))
        };
        assert!(listed.iter().step_by(100).all(|name| speak(name)));
        assert!(speak(&format!("www.{}", listed[IN_A_PACK])));
        assert!(!unlisted(1, 1_000).iter().any(|name| speak(name)));
    }
}
