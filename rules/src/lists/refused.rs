//! Groups of lists that say who somebody is or that help: never a category, by no map.

/// Why a group is refused, where it is: for the whole of its name, or for a part of it that
/// says whom or what it is about, as in `belief-x`.
pub(super) fn why_refused(group: &str) -> Option<&'static str> {
    let plain =
        |text: &str| -> String { text.chars().filter_map(bare).collect::<String>().to_lowercase() };
    let whole = plain(group);
    let parts = group.split(|letter: char| !letter.is_alphanumeric()).map(plain);
    let by_part = |part: &str| {
        let found = REFUSED.iter().find(|(names, _)| names.contains(&part));
        found.map(|(_, why)| *why).filter(|why| [BELIEF, WHO].contains(why))
    };
    let of_whole = REFUSED.iter().find(|(names, _)| names.contains(&whole.as_str()));
    of_whole.map(|(_, why)| *why).or_else(|| parts.into_iter().find_map(|part| by_part(&part)))
}

/// Why a whole list is refused for its name or the place it is from, in a format whose names
/// stand in one group: any folder or file of its path may say it.
pub(super) fn why_place_refused(from: &str) -> Option<&'static str> {
    let parts = from.split(['/', '\\']).map(|part| part.split('.').next().unwrap_or(part));
    let grave = |why: &&'static str| [BELIEF, WHO, HELP].contains(why);
    parts.filter_map(why_refused).find(grave)
}

/// A letter without its accent, where it is one of a group's name; none for what is no letter.
fn bare(letter: char) -> Option<char> {
    match letter {
        'é' | 'è' | 'ê' | 'É' => Some('e'),
        'à' | 'â' => Some('a'),
        letter if letter.is_ascii_alphanumeric() => Some(letter),
        _ => None,
    }
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
            "secte",
            "sectes",
            "beliefs",
            "muslim",
            "muslims",
            "musulman",
            "muslimas",
            "jewish",
            "christian",
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
            "homosexual",
            "homosexualite",
            "gender",
            "genders",
            "minority",
            "minorities",
            "minorites",
            "asexual",
            "asexuality",
            "queer",
            "trans",
            "refugees",
            "migrants",
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
            "selfhelp",
            "depression",
            "anxiety",
            "sante",
            "educationsexuelle",
            "crisis",
            "helpline",
            "pregnancy",
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
        for group in ["homosexualité", "muslimas", "gender", "belief-x", "minorities", "selfhelp"]
        {
            assert!(why_refused(group).is_some(), "{group}");
        }
        for from in ["lists/sect/domains", "sect.txt", "../ut1/sexual_education/domains", "gay"] {
            assert!(why_place_refused(from).is_some(), "{from}");
        }
        for from in ["lists/drogue/domains", "child/names.txt", "names", "/home/press/gambling"] {
            assert_eq!(why_place_refused(from), None, "{from}");
        }
        for group in ["gambling", "vpn", "drogue", "adult", "games"] {
            assert_eq!(why_refused(group), None, "{group}");
        }
    }
}
