//! Names made to be slow to judge, and how many steps they take: steps, not seconds, so that
//! the answer is the same on every machine.

use facts::HostName;
use rules::RuleSet;
use wardline_tests::Chance;

/// No name may take more steps. The longest name has 253 letters and is read at most four
/// ways (as written, as shown, with digits as letters twice); each letter begins words of at
/// most some twenty letters, and stands in a few words of rules; and each of its at most 127
/// endings may be asked for a place of help that stands inside it.
pub const MOST_STEPS: usize = 20_000;

/// Beginnings of long words, which a reader of run-together words follows far.
const STEMS: [&str; 8] = [
    "counterrevolution",
    "antidisestab",
    "uncharacterist",
    "institutionaliz",
    "interchangeab",
    "straightforwa",
    "telecommunica",
    "representativ",
];
/// Words of shipped rules, and words that stand beside them.
const WORDS: [&str; 16] = [
    "casino",
    "free",
    "slots",
    "vpn",
    "proxy",
    "unblocked",
    "games",
    "dating",
    "hookup",
    "vape",
    "cheap",
    "online",
    "hentai",
    "poker",
    "bet",
    "hack",
];
/// Labels of other scripts whose letters look like plain ones.
const SHOWN: [&str; 4] = ["xn--80ak6aa92e", "xn--e1awd7f", "xn--pple-43d", "xn--bcher-kva"];
/// Endings: public ones, and one that only a computer's own search list has.
const ENDINGS: [&str; 4] = ["com", "co.uk", "lan", "example"];

/// The longest label and the longest name (RFC 1035 section 2.3.4).
const LABEL: usize = 63;
const NAME: usize = 253;

/// A name that was judged, with its steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Worst {
    /// How many names were judged.
    pub names: u64,
    /// The steps of all of them.
    pub steps: u64,
    /// The most steps of one.
    pub most: usize,
    /// Which name that was.
    pub name: String,
}

/// Judges `count` hostile names and finds the slowest.
#[must_use]
pub fn slowest(rules: &RuleSet, seed: u64, count: u64) -> Worst {
    let mut chance = Chance::new(seed);
    let mut worst = Worst::default();
    while worst.names < count {
        let text = hostile(&mut chance);
        let Some(name) = HostName::from_text(&text) else { continue };
        let steps = rules.steps(name.as_name());
        worst.names += 1;
        worst.steps += steps as u64;
        if steps > worst.most {
            worst.most = steps;
            worst.name = text;
        }
    }
    worst
}

/// One name after one of seven recipes.
#[must_use]
pub fn hostile(chance: &mut Chance) -> String {
    let recipe: fn(&mut Chance) -> String = match chance.below(7) {
        0 => stems,
        1 => run_together,
        2 => with_digits,
        3 => hyphens,
        4 => one_word_again,
        5 => letters,
        _ => shown,
    };
    let ending = *chance.one(&ENDINGS);
    let mut labels = Vec::new();
    let mut length = ending.len();
    let shortest = if chance.below(4) == 0 { 1 } else { LABEL };
    loop {
        let mut label = recipe(chance);
        label.truncate(if shortest == 1 { 1 + chance.below(6) } else { LABEL });
        let label = label.trim_matches('-').to_owned();
        length += label.len() + 1;
        if length > NAME {
            break;
        }
        labels.push(label);
    }
    // Something a rule speaks to, so that every later step is taken too.
    if chance.below(2) == 0 && length - 1 <= NAME {
        labels.pop();
        labels.push("casino".to_owned());
    }
    labels.push(ending.to_owned());
    labels.join(".")
}

fn filled(chance: &mut Chance, mut piece: impl FnMut(&mut Chance) -> String) -> String {
    let mut label = String::new();
    while label.len() < LABEL {
        label.push_str(&piece(chance));
    }
    label
}

fn stems(chance: &mut Chance) -> String {
    filled(chance, |chance| {
        let stem = *chance.one(&STEMS);
        stem[..1 + chance.below(stem.len())].to_owned()
    })
}

fn run_together(chance: &mut Chance) -> String {
    filled(chance, |chance| (*chance.one(&WORDS)).to_owned())
}

fn with_digits(chance: &mut Chance) -> String {
    let label = run_together(chance);
    let digit = |letter: char, chance: &mut Chance| match letter {
        'o' if chance.below(2) == 0 => '0',
        'i' | 'l' if chance.below(2) == 0 => '1',
        'e' if chance.below(2) == 0 => '3',
        'a' if chance.below(2) == 0 => '4',
        's' if chance.below(2) == 0 => '5',
        other => other,
    };
    label.chars().map(|letter| digit(letter, chance)).collect()
}

fn hyphens(chance: &mut Chance) -> String {
    filled(chance, |chance| format!("{}-", chance.one(&WORDS)))
}

fn one_word_again(chance: &mut Chance) -> String {
    let word = *chance.one(&WORDS);
    filled(chance, |_| word.to_owned())
}

fn letters(chance: &mut Chance) -> String {
    filled(chance, |chance| char::from(b'a' + u8::try_from(chance.below(26)).unwrap_or(0)).into())
}

fn shown(chance: &mut Chance) -> String {
    (*chance.one(&SHOWN)).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_twenty_thousand_hostile_names_none_is_slow() {
        let rules = RuleSet::builtin().expect("the shipped packs").set;
        let worst = slowest(&rules, 12, 20_000);
        assert_eq!(worst.names, 20_000);
        assert!(worst.most <= MOST_STEPS, "{} steps: {}", worst.most, worst.name);
        assert!(worst.most > 1_000, "the recipes are no longer hostile: {worst:?}");
    }

    #[test]
    fn the_names_are_such_as_devices_can_ask_for() {
        let mut chance = Chance::new(3);
        let read = (0..2_000).filter(|_| HostName::from_text(&hostile(&mut chance)).is_some());
        assert!(read.count() > 1_900);
    }
}
