//! What was decided of the names that came last: a question, its answer and the hello after
//! it have one name, and each would be looked through for what is protected.

use facts::Name;

/// Names that are kept: more than are looked up and opened at once in a busy school, and at
/// most a quarter of a megabyte.
const PLACES: usize = 1_024;

/// Whether names are protected, for as long as the rules stay the same.
pub(super) struct Verdicts<'a> {
    decide: &'a dyn Fn(Name<'_>) -> bool,
    /// Each name has one place, where the newest stands.
    places: Box<[Verdict]>,
}

#[derive(Clone, Default)]
struct Verdict {
    /// Nothing was decided of a name without octets.
    name: String,
    is_protected: bool,
}

impl<'a> Verdicts<'a> {
    pub(super) fn new(decide: &'a dyn Fn(Name<'_>) -> bool) -> Self {
        Self { decide, places: vec![Verdict::default(); PLACES].into() }
    }

    /// Whether a name is protected.
    pub(super) fn of(&mut self, name: Name<'_>) -> bool {
        let text = name.as_str();
        let Some(verdict) = self.places.get_mut(place_of(text)) else {
            return (self.decide)(name);
        };
        if verdict.name != text || text.is_empty() {
            verdict.is_protected = (self.decide)(name);
            verdict.name.clear();
            verdict.name.push_str(text);
        }
        verdict.is_protected
    }
}

/// The place of a name. Whoever aims at one has names decided again.
fn place_of(name: &str) -> usize {
    let (words, rest) = name.as_bytes().as_chunks::<8>();
    let mut word = [0; 8];
    word.iter_mut().zip(rest).for_each(|(place, octet)| *place = *octet);
    let mixed = words.iter().chain([&word]).fold(0_u64, |mixed, word| {
        (mixed.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    });
    let [.., high, low] = (mixed >> 48).to_be_bytes();
    usize::from(u16::from_be_bytes([high, low])) % PLACES
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_verdict_is_the_rules_own_and_is_asked_for_once() {
        let asked = Cell::new(0);
        let decide = |name: Name<'_>| {
            asked.set(asked.get() + 1);
            name.as_str().ends_with("7.example")
        };
        let mut verdicts = Verdicts::new(&decide);
        let names: Vec<_> = (0..20_000).map(|number| format!("name-{number}.example")).collect();
        for name in &names {
            let read = Name::from_canonical(name).unwrap();
            for _ in 0..3 {
                assert_eq!(verdicts.of(read), name.ends_with("7.example"));
            }
        }
        assert_eq!(asked.get(), 20_000);
        // What another took the place of is decided anew.
        assert!(verdicts.of(Name::from_canonical("name-7.example").unwrap()));
    }
}
