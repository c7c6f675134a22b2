//! Words that say who somebody is: never a trigger, in no pack, for no reason.

/// Whether the words of a compound say so once they are put together, as in `les+bian`.
pub(crate) fn parts_say_who_somebody_is(words: &[String]) -> bool {
    words.len() > 1 && names_who_somebody_is(&words.concat())
}

/// Whether a word of a keyword rule names a faith, an ethnicity, a sexuality, a gender or
/// a disability; a plural counts as its singular.
pub(crate) fn names_who_somebody_is(word: &str) -> bool {
    let holds = |word: &str| REFUSED.iter().any(|group| group.contains(&word));
    let singular = word.strip_suffix('s').unwrap_or(word);
    holds(word) || holds(singular)
}

/// Faith, ethnicity and nation, sexuality, gender, disability, in this order.
#[rustfmt::skip]
const REFUSED: [&[&str]; 5] = [
    &[
        "allah", "anglican", "atheism", "atheist", "bible", "buddhism", "buddhist", "burqa",
        "catholic", "christian", "christianity", "church", "diwali", "faith", "gurdwara",
        "halal", "hajj", "hijab", "hindu", "hinduism", "imam", "islam", "islamic", "islamist",
        "jehovah", "jew", "jewish", "judaism", "koran", "kosher", "methodist", "mormon",
        "mosque", "muslim", "niqab", "orthodox", "pagan", "quran", "rabbi", "ramadan",
        "rastafari", "sharia", "shia", "sikh", "sikhism", "sunni", "synagogue", "temple",
        "torah", "umrah", "vicar", "wiccan", "zionist", "moslem", "hebrew", "islamique", "meczet", "jude", "juif", "juive",
    ],
    &[
        "african", "afghan", "albanian", "algerian", "arab", "arabic", "asian", "bangladeshi",
        "bengali", "black", "bulgarian", "caribbean", "chinese", "congolese", "egyptian",
        "eritrean", "ethiopian", "ethnic", "ghanaian", "gypsy", "immigrant", "indian",
        "iranian", "iraqi", "irish", "israeli", "jamaican", "kurdish", "migrant", "moroccan",
        "nigerian", "pakistani", "palestinian", "pashto", "polish", "punjabi", "race",
        "refugee", "roma", "romani", "romanian", "russian", "somali", "sudanese", "syrian",
        "tamil", "traveller", "asylum", "paki", "nationality", "turkish", "ukrainian", "urdu", "white",
    ],
    &[
        "aromantic", "asexual", "bisexual", "bisexuality", "gay", "homosexual",
        "homosexuality", "homosexualite", "homo", "bi", "dyke", "lesbian", "lesbisch", "lesbienne", "gejowski", "lgbt", "lgbtq", "lgbtqia", "pansexual", "queer",
    ],
    &[
        "boy", "cisgender", "enby", "femboy", "ladyboy", "tgirl", "traws", "pregnant", "pregnancy", "female", "feminine", "feminism", "feminist", "gender",
        "genderfluid", "girl", "intersex", "male", "masculine", "men", "nonbinary", "trans",
        "transgender", "transsexual", "transition", "woman", "women",
    ],
    &[
        "adhd", "asperger", "autism", "autistic", "blind", "deaf", "disability", "disabled",
        "dyslexia", "dyslexic", "dyspraxia", "epilepsy", "epileptic", "handicap",
        "handicapped", "neurodivergent", "paraplegic", "tourette", "wheelchair",
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_identity_are_refused_also_as_plurals() {
        for word in ["gay", "muslims", "girls", "autistic", "polish", "trans"] {
            assert!(names_who_somebody_is(word), "{word}");
        }
        let parted = |text: &str| -> Vec<String> { text.split('+').map(str::to_owned).collect() };
        for parts in ["les+bian", "mus+lim", "trans+gender", "mus+lims"] {
            assert!(parts_say_who_somebody_is(&parted(parts)), "{parts}");
        }
        assert!(!parts_say_who_somebody_is(&parted("free+slots")));
        for word in ["moslem", "femboy", "homo", "asylum", "paki"] {
            assert!(names_who_somebody_is(word), "{word}");
        }
        for word in ["casino", "slots", "unblocked", "hookup"] {
            assert!(!names_who_somebody_is(word), "{word}");
        }
    }
}
