//! Where run-together words part: the likeliest reading of a run of letters as words.

use super::english::OWN_COST;
use super::trie::Trie;

/// The longest run that is read: a label has no more letters (RFC 1035 section 2.3.4).
pub(super) const LONGEST_RUN: usize = 63;
/// What a stretch costs that is no word at all, once and for each letter: dearer than any
/// two words, cheaper than letters taken for words.
const UNKNOWN: u32 = 12;
const UNKNOWN_LETTER: u32 = 8;

/// One piece of a reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Piece {
    /// Its first letter.
    pub(super) from: usize,
    /// After its last letter.
    pub(super) to: usize,
    /// Whether it is a word.
    pub(super) is_word: bool,
    /// Which word of a rule it is.
    pub(super) pattern: Option<u32>,
}

/// The likeliest reading of a run: its pieces from the last to the first.
#[derive(Debug)]
pub(super) struct Reading {
    pieces: [Piece; LONGEST_RUN],
    count: usize,
    /// Letters that were looked at in either tree: bounded by the length of the run times
    /// that of the longest word.
    pub(super) steps: usize,
}

impl Reading {
    /// The pieces, the last first.
    pub(super) fn pieces(&self) -> &[Piece] {
        self.pieces.get(..self.count).unwrap_or_default()
    }

    /// Whether every piece is a word of more than one letter: any letters can be cut into
    /// an `a`, an `i` and what remains.
    pub(super) fn is_all_words(&self) -> bool {
        self.pieces().iter().all(|piece| piece.is_word && piece.to.saturating_sub(piece.from) > 1)
    }
}

/// The cheapest way to a place in the run.
#[derive(Clone, Copy, Debug)]
struct Way {
    cost: u32,
    /// Where its last piece begins.
    from: usize,
    pattern: Option<u32>,
}

const NO_WAY: Way = Way { cost: u32::MAX, from: 0, pattern: None };

/// The cheapest ways to each place: with a word last, and with a stretch of no word last.
struct Ways {
    words: [Way; LONGEST_RUN + 1],
    unknown: [Way; LONGEST_RUN + 1],
}

/// Reads a run of small letters as the likeliest words, those of rules (`patterns`) among
/// them. A run longer than [`LONGEST_RUN`] has no reading.
pub(super) fn read(run: &[u8], words: &Trie, patterns: &Trie) -> Option<Reading> {
    if run.len() > LONGEST_RUN {
        return None;
    }
    let mut ways = Ways { words: [NO_WAY; LONGEST_RUN + 1], unknown: [NO_WAY; LONGEST_RUN + 1] };
    if let Some(start) = ways.words.first_mut() {
        start.cost = 0;
    }
    let mut steps = 0_usize;
    for from in 0..run.len() {
        ways.go_on_unknown(from);
        let base = ways.cheapest(from);
        let (mut word, mut pattern) = (Some(Trie::root()), Some(Trie::root()));
        for (letter, to) in run.iter().skip(from).zip(from.saturating_add(1)..) {
            word = word.and_then(|at| words.walk(at, *letter));
            pattern = pattern.and_then(|at| patterns.walk(at, *letter));
            steps = steps.saturating_add(1);
            if word.is_none() && pattern.is_none() {
                break;
            }
            let of_rule = pattern.and_then(|at| patterns.word(at));
            let known = word.and_then(|at| words.word(at));
            let Some(cost) = known.or(of_rule.map(|_| OWN_COST)) else { continue };
            ways.offer_word(to, Way { cost: base.saturating_add(cost), from, pattern: of_rule });
        }
    }
    Some(ways.back_from(run.len(), steps))
}

impl Ways {
    fn cheapest(&self, at: usize) -> u32 {
        let cost = |ways: &[Way]| ways.get(at).map_or(u32::MAX, |way| way.cost);
        cost(&self.words).min(cost(&self.unknown))
    }

    /// One more letter that belongs to no word.
    fn go_on_unknown(&mut self, at: usize) {
        let (Some(word), Some(unknown)) = (self.words.get(at), self.unknown.get(at)) else {
            return;
        };
        let begun = word.cost.saturating_add(UNKNOWN).saturating_add(UNKNOWN_LETTER);
        let gone_on = unknown.cost.saturating_add(UNKNOWN_LETTER);
        let way = match begun < gone_on {
            true => Way { cost: begun, from: at, pattern: None },
            false => Way { cost: gone_on, ..*unknown },
        };
        if let Some(slot) = self.unknown.get_mut(at.saturating_add(1)) {
            *slot = way;
        }
    }

    fn offer_word(&mut self, to: usize, way: Way) {
        if let Some(slot) = self.words.get_mut(to).filter(|held| way.cost < held.cost) {
            *slot = way;
        }
    }

    fn back_from(&self, end: usize, steps: usize) -> Reading {
        let mut reading = Reading { pieces: [Piece::default(); LONGEST_RUN], count: 0, steps };
        let mut to = end;
        while to > 0 {
            let (Some(word), Some(unknown)) = (self.words.get(to), self.unknown.get(to)) else {
                break;
            };
            let is_word = word.cost <= unknown.cost;
            let way = if is_word { word } else { unknown };
            let Some(slot) = reading.pieces.get_mut(reading.count) else { break };
            *slot = Piece { from: way.from, to, is_word, pattern: way.pattern };
            reading.count = reading.count.saturating_add(1);
            to = way.from;
        }
        reading
    }
}

#[cfg(test)]
mod tests {
    use super::super::english::english;
    use super::*;

    fn patterns(words: &[&str]) -> Trie {
        Trie::build(words.iter().zip(0_u32..).map(|(word, at)| ((*word).to_owned(), at)))
    }

    /// The reading as text, its words parted by blanks, what is no word in brackets.
    fn told(run: &str, of_rules: &[&str]) -> String {
        let reading = read(run.as_bytes(), english(), &patterns(of_rules)).unwrap();
        let mut pieces: Vec<String> = reading
            .pieces()
            .iter()
            .map(|piece| {
                let text = &run[piece.from..piece.to];
                if piece.is_word { text.to_owned() } else { format!("[{text}]") }
            })
            .collect();
        pieces.reverse();
        pieces.join(" ")
    }

    #[test]
    fn run_together_words_are_read_as_a_person_would() {
        for (run, expected) in [
            ("freeonlinecasino", "free online casino"),
            ("scunthorpe", "scunthorpe"),
            ("essexcricket", "essex cricket"),
            ("therapistfinder", "therapist finder"),
            ("expertsexchange", "experts exchange"),
            ("izzicasino", "[izzi] casino"),
            ("alphabetsoup", "alphabet soup"),
            ("updating", "updating"),
            ("blinddating", "blind dating"),
            ("", ""),
            ("zzzz", "[zzzz]"),
        ] {
            assert_eq!(told(run, &["casino", "bet", "dating", "sex"]), expected, "{run}");
        }
    }

    #[test]
    fn a_word_of_a_rule_that_no_list_knows_is_a_word_all_the_same() {
        assert_eq!(told("freefrobnizoo", &["frobni"]), "free frobni zoo");
        assert_eq!(told("freefrobnizoo", &[]), "free [frobni] zoo");
    }

    /// The cheapest cost by trying every way, for short runs.
    fn slow(run: &[u8], words: &Trie, unknown: bool) -> u32 {
        if run.is_empty() {
            return 0;
        }
        let mut least =
            UNKNOWN_LETTER + if unknown { 0 } else { UNKNOWN } + slow(&run[1..], words, true);
        for to in 1..=run.len() {
            if let Some(cost) = words.find(&run[..to]) {
                least = least.min(cost + slow(&run[to..], words, false));
            }
        }
        least
    }

    /// Labels of beginnings of long words, which are read far before they are given up.
    #[test]
    fn no_hostile_label_is_slow_to_read() {
        let stems = ["counterrevolution", "uncharacteristic", "institutionalis", "overenthusias"];
        let rules = patterns(&["casino", "counterr", "institut"]);
        let mut most = 0;
        for seed in 0..5_000_usize {
            let mut label = String::new();
            while label.len() < LONGEST_RUN {
                let stem = stems[(seed + label.len()) % stems.len()];
                label.push_str(&stem[..1 + (seed * 7 + label.len()) % stem.len()]);
            }
            label.truncate(LONGEST_RUN);
            most = most.max(read(label.as_bytes(), english(), &rules).unwrap().steps);
        }
        assert!(most < LONGEST_RUN * 21, "{most}");
    }

    proptest::proptest! {
        #[test]
        fn the_reading_is_the_cheapest_of_all(
            run in "(a|at|bet|cat|the|zq|x|on|line|in|net){0,6}",
        ) {
            let run = &run[..run.len().min(16)];
            let none = patterns(&[]);
            let reading = read(run.as_bytes(), english(), &none).unwrap();
            let mut end = run.len();
            let mut cost = 0;
            for piece in reading.pieces() {
                assert_eq!(piece.to, end);
                end = piece.from;
                let length = u32::try_from(piece.to - piece.from).unwrap();
                cost += match piece.is_word {
                    true => english().find(&run.as_bytes()[piece.from..piece.to]).unwrap(),
                    false => UNKNOWN + UNKNOWN_LETTER * length,
                };
            }
            assert_eq!(end, 0);
            assert_eq!(cost, slow(run.as_bytes(), english(), false), "{run}");
        }

        #[test]
        fn no_run_costs_more_steps_than_its_length_times_the_longest_word(run in "[a-z]{0,70}") {
            let none = patterns(&[]);
            match read(run.as_bytes(), english(), &none) {
                Some(reading) => assert!(reading.steps <= run.len() * 21, "{run}"),
                None => assert!(run.len() > LONGEST_RUN),
            }
        }
    }
}
