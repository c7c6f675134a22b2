//! Groups of lists that say who somebody is or that help: never a category, by no map.

/// Why a group is refused, where it is.
pub(super) fn why_refused(group: &str) -> Option<&'static str> {
    let plain: String =
        group.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    REFUSED.iter().find(|(names, _)| names.contains(&plain.as_str())).map(|(_, why)| *why)
}

const BELIEF: &str = "it says what people believe, which is nobody's to watch";
const WHO: &str = "it says who somebody is, which is nobody's to watch";
const HELP: &str = "it holds places of help and learning, which must stay open unseen";
const GOOD: &str = "it is a list of good sites, or of everyday reading";

/// Groups by their letters and digits alone, with the reason.
const REFUSED: [(&[&str], &str); 4] = [
    (
        &[
            "sect",
            "sects",
            "cult",
            "cults",
            "religion",
            "religions",
            "religious",
            "faith",
            "belief",
            "church",
            "islam",
            "christianity",
            "judaism",
            "buddhism",
            "hinduism",
            "atheism",
            "occult",
            "astrology",
        ],
        BELIEF,
    ),
    (
        &[
            "lgbt",
            "lgbtq",
            "gay",
            "lesbian",
            "homosexuality",
            "transgender",
            "ethnic",
            "race",
            "nationality",
            "disability",
            "politics",
            "political",
            "union",
            "unions",
            "abortion",
            "dating4gay",
        ],
        WHO,
    ),
    (
        &[
            "sexualeducation",
            "sexeducation",
            "health",
            "medical",
            "medicine",
            "mentalhealth",
            "help",
            "helplines",
            "support",
            "counselling",
            "counseling",
            "recovery",
            "charity",
            "charities",
            "childprotection",
        ],
        HELP,
    ),
    (
        &[
            "child",
            "children",
            "kids",
            "listebu",
            "library",
            "press",
            "news",
            "translation",
            "translator",
            "translators",
            "educationalgames",
            "education",
            "examenpix",
            "bank",
            "whitelist",
            "allow",
        ],
        GOOD,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_belief_and_help_are_refused_however_they_are_written() {
        for group in ["sect", "sexual_education", "child", "liste_bu", "press", "Religion", "LGBT"]
        {
            assert!(why_refused(group).is_some(), "{group}");
        }
        for group in ["gambling", "vpn", "drogue", "adult", "games"] {
            assert_eq!(why_refused(group), None, "{group}");
        }
    }
}
